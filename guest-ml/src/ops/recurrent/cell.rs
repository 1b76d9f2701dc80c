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
#[derive(Debug)]
pub(super) struct Weights<T> {
    input: Vec<T>,
    state: Vec<T>,
    /// Of the last gate, apart from the others where the state is reset before it.
    reset_state: Vec<T>,
    /// Added to the gates, from the input's side.
    bias: Vec<T>,
    /// Added to the last gate's product with the state, where that is reset afterwards.
    reset_bias: Vec<T>,
}

impl<T: Real> Weights<T> {
    /// Of a direction's weights as ONNX has them: a row for each element of each gate.
    pub(super) fn new(
        cell: Cell,
        [width, hidden]: [usize; 2],
        [input, state]: [&[T]; 2],
        bias: Option<&[T]>,
    ) -> Self {
        let gates = cell.gates() * hidden;
        let mut given = bias.map_or_else(|| vec![T::ZERO; 2 * gates], <[T]>::to_vec);
        let (bias, other) = given.split_at_mut(gates);
        let mut reset_bias = Vec::new();
        let (mut all, mut summed) = (gates, gates);
        match cell {
            Cell::Gated { resets_after: true } => {
                summed = 2 * hidden;
                reset_bias = other[summed..].to_vec();
            }
            Cell::Gated { .. } => all = 2 * hidden,
            Cell::Plain | Cell::LongShort { .. } => {}
        }
        for (bias, other) in bias.iter_mut().zip(&other[..summed]) {
            *bias += *other;
        }
        let (state, reset_state) = state.split_at(all * hidden);
        Self {
            input: transposed(input, width),
            state: transposed(state, hidden),
            reset_state: transposed(reset_state, hidden),
            bias: bias.to_vec(),
            reset_bias,
        }
    }

    /// The input's part of all gates, for all steps and rows of `width` elements.
    pub(super) fn project(&self, input: &[T], width: usize) -> Vec<T> {
        let (rows, gates) = (input.len() / width.max(1), self.bias.len());
        let mut projected = self.bias.repeat(rows);
        add_product(input, &self.input, &mut projected, [width, gates]);
        projected
    }
}

/// One direction of a layer.
#[derive(Debug)]
pub(super) struct Layer<'a, T> {
    pub(super) cell: Cell,
    pub(super) hidden: usize,
    pub(super) weights: &'a Weights<T>,
    /// Of a cell's gates by its own state, or none.
    pub(super) peepholes: Option<&'a [T]>,
    pub(super) clip: Option<T>,
    pub(super) activations: &'a [Activation],
}

impl<T: Real> Layer<'_, T> {
    /// Brings each row that has a time to its next state.
    pub(super) fn step(
        &self,
        projected: &[T],
        times: &[Option<usize>],
        states: &mut [T],
        cells: &mut [T],
    ) {
        let (hidden, gates) = (self.hidden, self.weights.bias.len());
        if hidden == 0 {
            return;
        }
        let columns = self.weights.state.len() / hidden;
        let mut products = vec![T::ZERO; times.len() * columns];
        add_product(
            states,
            &self.weights.state,
            &mut products,
            [hidden, columns],
        );
        let rows = states
            .chunks_exact_mut(hidden)
            .zip(cells.chunks_exact_mut(hidden))
            .zip(products.chunks_exact(columns))
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
            };
        }
    }

    /// Applies an activation to sums, which are clipped before.
    fn activate(&self, index: usize, sums: &mut [T]) {
        if let Some(clip) = self.clip {
            sums.iter_mut()
                .for_each(|sum| *sum = clamp(*sum, -clip, clip));
        }
        self.activations[index].apply(sums);
    }

    fn plain(&self, input: &[T], product: &[T], state: &mut [T]) {
        for (state, (input, product)) in state.iter_mut().zip(input.iter().zip(product)) {
            *state = *input + *product;
        }
        self.activate(0, state);
    }

    /// Gates in the order update, reset, new.
    fn gated(&self, input: &[T], product: &[T], state: &mut [T], resets_after: bool) {
        let hidden = self.hidden;
        let mut gates = sums(&input[..2 * hidden], product);
        self.activate(0, &mut gates);
        let (update, reset) = gates.split_at(hidden);
        let mut new = input[2 * hidden..].to_vec();
        if resets_after {
            let sides = product[2 * hidden..].iter().zip(&self.weights.reset_bias);
            for ((new, reset), (product, bias)) in new.iter_mut().zip(reset).zip(sides) {
                *new += *reset * (*product + *bias);
            }
        } else {
            let kept = reset.iter().zip(&*state);
            let kept: Vec<T> = kept.map(|(reset, state)| *reset * *state).collect();
            add_product(&kept, &self.weights.reset_state, &mut new, [hidden; 2]);
        }
        self.activate(1, &mut new);
        for ((state, update), new) in state.iter_mut().zip(update).zip(new) {
            *state = (T::ONE - *update) * new + *update * *state;
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
        let mut gates = sums(input, product);
        let (taken, rest) = gates.split_at_mut(hidden);
        let (shown, rest) = rest.split_at_mut(hidden);
        let (kept, new) = rest.split_at_mut(hidden);
        let peek = |gate: usize, sums: &mut [T], cell: &[T]| {
            let peepholes = self.peepholes.map(|all| &all[gate * hidden..]);
            let pairs = peepholes.unwrap_or_default().iter().zip(cell);
            for (sum, (peephole, cell)) in sums.iter_mut().zip(pairs) {
                *sum += *peephole * *cell;
            }
        };
        peek(0, taken, cell);
        self.activate(0, taken);
        if coupled {
            for (kept, taken) in kept.iter_mut().zip(&*taken) {
                *kept = T::ONE - *taken;
            }
        } else {
            peek(2, kept, cell);
            self.activate(0, kept);
        }
        self.activate(1, new);
        let parts = kept.iter().zip(&*taken).zip(&*new);
        for (cell, ((kept, taken), new)) in cell.iter_mut().zip(parts) {
            *cell = *kept * *cell + *taken * *new;
        }
        peek(1, shown, cell);
        self.activate(0, shown);
        state.copy_from_slice(cell);
        // Only sums are clipped.
        self.activations[2].apply(state);
        for (state, shown) in state.iter_mut().zip(shown) {
            *state = *shown * *state;
        }
    }
}

/// The input's part and the state's, as far as both go.
fn sums<T: Real>(input: &[T], product: &[T]) -> Vec<T> {
    let pairs = input.iter().zip(product);
    pairs.map(|(input, product)| *input + *product).collect()
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
