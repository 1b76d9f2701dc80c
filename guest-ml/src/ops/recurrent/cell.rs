//! One direction of a recurrent layer.

use super::activation::{Activation, clamp};
use crate::ops::floats::Real;
use enshrine_guest_kernels::add_product;

/// What a step computes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    Plain,
    Gated {
        /// Whether the state is multiplied by the weights before it is reset.
        resets_after: bool,
    },
    LongShort {
        /// Whether what is not taken in is what is kept.
        coupled: bool,
    },
}

impl Cell {
    pub(super) fn gates(self) -> usize {
        match self {
            Self::Plain => 1,
            Self::Gated { .. } => 3,
            Self::LongShort { .. } => 4,
        }
    }

    /// How many states it hands from step to step.
    pub(super) fn states(self) -> usize {
        match self {
            Self::LongShort { .. } => 2,
            _ => 1,
        }
    }

    /// Names of its activations, if a node does not say.
    pub(super) fn activations(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &["Tanh"],
            Self::Gated { .. } => &["Sigmoid", "Tanh"],
            Self::LongShort { .. } => &["Sigmoid", "Tanh", "Tanh"],
        }
    }
}

/// Weights of a direction, transposed: a row for each element of the input or the state.
pub(super) struct Layer<'a, T> {
    cell: Cell,
    width: usize,
    hidden: usize,
    weights: Vec<T>,
    recurrence: Vec<T>,
    /// Added to the gates, from the input's side.
    bias: Vec<T>,
    /// Added to the last gate's product with the state, where that is reset afterwards.
    reset_bias: Vec<T>,
    peepholes: Option<Vec<T>>,
    clip: Option<T>,
    activations: &'a [Activation],
}

impl<'a, T: Real + std::ops::AddAssign> Layer<'a, T> {
    pub(super) fn new(
        cell: Cell,
        [width, hidden]: [usize; 2],
        [weights, recurrence]: [&[T]; 2],
        bias: Option<Vec<T>>,
        peepholes: Option<Vec<T>>,
        clip: Option<T>,
        activations: &'a [Activation],
    ) -> Self {
        let gates = cell.gates() * hidden;
        let given = bias.unwrap_or_else(|| vec![T::ZERO; 2 * gates]);
        let (input_side, state_side) = given.split_at(gates);
        let mut bias = input_side.to_vec();
        let mut reset_bias = Vec::new();
        let mut both = gates;
        if cell == (Cell::Gated { resets_after: true }) {
            both = 2 * hidden;
            reset_bias = state_side[both..].to_vec();
        }
        for (bias, other) in bias.iter_mut().zip(&state_side[..both]) {
            *bias += *other;
        }
        Self {
            cell,
            width,
            hidden,
            weights: transposed(weights, width),
            recurrence: transposed(recurrence, hidden),
            bias,
            reset_bias,
            peepholes,
            clip,
            activations,
        }
    }

    /// The input's part of all gates, for all steps and rows.
    pub(super) fn project(&self, input: &[T]) -> Vec<T> {
        let rows = input.len() / self.width.max(1);
        let mut projected = self.bias.repeat(rows);
        add_product(
            input,
            &self.weights,
            &mut projected,
            [self.width, self.bias.len()],
        );
        projected
    }

    /// Brings each row that has a time to its next state.
    pub(super) fn step(
        &self,
        projected: &[T],
        times: &[Option<usize>],
        states: &mut [T],
        cells: &mut [T],
    ) {
        let (hidden, gates) = (self.hidden, self.bias.len());
        if hidden == 0 {
            return;
        }
        let mut products = vec![T::ZERO; times.len() * gates];
        add_product(states, &self.recurrence, &mut products, [hidden, gates]);
        let rows = states
            .chunks_exact_mut(hidden)
            .zip(cells.chunks_exact_mut(hidden))
            .zip(products.chunks_exact(gates))
            .zip(times)
            .enumerate();
        for (row, (((state, cell), product), time)) in rows {
            let Some(time) = time else { continue };
            let start = (time * times.len() + row) * gates;
            let input = &projected[start..start + gates];
            match self.cell {
                Cell::Plain => self.plain(input, product, state),
                Cell::Gated { resets_after } => self.gated(input, product, state, resets_after),
                Cell::LongShort { coupled } => {
                    self.long_short(input, product, state, cell, coupled)
                }
            }
        }
    }

    fn activate(&self, index: usize, value: T) -> T {
        let value = match self.clip {
            Some(clip) => clamp(value, -clip, clip),
            None => value,
        };
        self.activations[index].apply(value)
    }

    fn plain(&self, input: &[T], product: &[T], state: &mut [T]) {
        for (state, (input, product)) in state.iter_mut().zip(input.iter().zip(product)) {
            *state = self.activate(0, *input + *product);
        }
    }

    /// Gates in the order update, reset, new.
    fn gated(&self, input: &[T], product: &[T], state: &mut [T], resets_after: bool) {
        let hidden = self.hidden;
        let gate = |index: usize| {
            let places = index * hidden..(index + 1) * hidden;
            let sums = input[places.clone()].iter().zip(&product[places]);
            let gate = sums.map(|(input, product)| self.activate(0, *input + *product));
            gate.collect::<Vec<T>>()
        };
        let (update, reset) = (gate(0), gate(1));
        let mut new = input[2 * hidden..].to_vec();
        if resets_after {
            for index in 0..hidden {
                let product = product[2 * hidden + index] + self.reset_bias[index];
                new[index] += reset[index] * product;
            }
        } else {
            let kept = reset
                .iter()
                .zip(&*state)
                .map(|(reset, state)| *reset * *state);
            let kept: Vec<T> = kept.collect();
            for (kept, row) in kept.iter().zip(self.recurrence.chunks_exact(3 * hidden)) {
                for (new, weight) in new.iter_mut().zip(&row[2 * hidden..]) {
                    *new += *kept * *weight;
                }
            }
        }
        for (index, state) in state.iter_mut().enumerate() {
            let new = self.activate(1, new[index]);
            *state = (T::ONE - update[index]) * new + update[index] * *state;
        }
    }

    /// Gates in the order input, output, forget, cell.
    fn long_short(
        &self,
        input: &[T],
        product: &[T],
        state: &mut [T],
        cell: &mut [T],
        coupled: bool,
    ) {
        let hidden = self.hidden;
        let peephole = |gate: usize, index: usize| {
            let peepholes = self.peepholes.as_ref();
            peepholes.map_or(T::ZERO, |peepholes| peepholes[gate * hidden + index])
        };
        for index in 0..hidden {
            let sum = |gate: usize| input[gate * hidden + index] + product[gate * hidden + index];
            let old = cell[index];
            let taken = self.activate(0, sum(0) + peephole(0, index) * old);
            let kept = if coupled {
                T::ONE - taken
            } else {
                self.activate(0, sum(2) + peephole(2, index) * old)
            };
            let new = kept * old + taken * self.activate(1, sum(3));
            let shown = self.activate(0, sum(1) + peephole(1, index) * new);
            cell[index] = new;
            state[index] = shown * self.activations[2].apply(new);
        }
    }
}

/// Rows of `columns` elements as columns.
fn transposed<T: Real>(matrix: &[T], columns: usize) -> Vec<T> {
    let rows = matrix.len() / columns.max(1);
    let mut result = vec![T::ZERO; matrix.len()];
    for (row, elements) in matrix.chunks_exact(columns.max(1)).enumerate() {
        for (column, element) in elements.iter().enumerate() {
            result[column * rows + row] = *element;
        }
    }
    result
}
