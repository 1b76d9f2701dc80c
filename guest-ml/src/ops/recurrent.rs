//! Recurrent layers: RNN, GRU and LSTM, in all directions, over sequences of different lengths.
//!
//! <https://onnx.ai/onnx/operators/onnx__RNN.html>, <https://onnx.ai/onnx/operators/onnx__GRU.html>,
//! <https://onnx.ai/onnx/operators/onnx__LSTM.html>. The importer runs backward layers forward, and knows one length for all.

mod activation;
mod cell;

use super::floats::{Real, ensure_float, from_reals, reals};
use super::{Bound, Fact, Kernel, Node, optional, required, volume, whole_numbers};
use activation::Activation;
use cell::{Cell, Layer, Weights};
use tract_onnx::tract_hir::internal::*;

/// Places of the inputs.
const INPUT: usize = 0;
const WEIGHTS: usize = 1;
const RECURRENCE: usize = 2;
const BIAS: usize = 3;
const LENGTHS: usize = 4;
const HIDDEN: usize = 5;
const CELL: usize = 6;
const PEEPHOLES: usize = 7;

pub(super) fn rnn(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    build(node, Cell::Plain)
}

pub(super) fn gru(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let resets_after = node.flag("linear_before_reset", false);
    build(node, Cell::Gated { resets_after })
}

pub(super) fn lstm(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let coupled = node.flag("input_forget", false);
    build(node, Cell::LongShort { coupled })
}

fn build(node: &Node<'_>, cell: Cell) -> TractResult<Box<dyn Kernel>> {
    let backwards = match node.string("direction")?.unwrap_or("forward") {
        "forward" => vec![false],
        "reverse" => vec![true],
        "bidirectional" => vec![false, true],
        other => bail!("attribute 'direction' is '{other}', which is unknown"),
    };
    let activations = activation::of(node, cell, backwards.len())?;
    let hidden = node.int("hidden_size").map(usize::try_from).transpose()?;
    Ok(Box::new(Recurrent {
        cell,
        directions: backwards.into_iter().zip(activations).collect(),
        hidden,
        clip: node.float("clip"),
        batch_first: node.flag("layout", false),
        known: None,
    }))
}

/// `RNN`, `GRU` or `LSTM`.
#[derive(Clone, Debug)]
struct Recurrent {
    cell: Cell,
    /// Whether a direction runs from the end, and its activations.
    directions: Vec<(bool, Vec<Activation>)>,
    hidden: Option<usize>,
    clip: Option<f32>,
    /// Whether the batch is the first axis, and not the time.
    batch_first: bool,
    /// Weights of all directions, if they are known before a run.
    known: Option<Arc<Known>>,
}

/// Weights that are single floats in all runs.
#[derive(Debug)]
struct Known {
    /// Of weights, recurrent weights and bias.
    facts: [Option<Fact>; 3],
    directions: Vec<Weights<f32>>,
}

/// Sizes of a call.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    steps: usize,
    batch: usize,
    width: usize,
    hidden: usize,
}

impl Recurrent {
    /// The fact of an input, whether a node gives it or it is known.
    fn fact<'a>(&'a self, inputs: &[Option<&'a Fact>], place: usize) -> Option<&'a Fact> {
        let known = self.known.as_ref().and_then(|known| {
            let fact = known.facts.get(place.checked_sub(WEIGHTS)?)?;
            fact.as_ref()
        });
        known.or_else(|| optional(inputs, place))
    }

    /// That an input has this shape, if there is one.
    fn expect(
        &self,
        inputs: &[Option<&Fact>],
        place: usize,
        what: &str,
        shape: &[usize],
    ) -> TractResult<()> {
        let Some(fact) = self.fact(inputs, place) else {
            return Ok(());
        };
        let got = &fact.shape;
        ensure!(
            got[..] == *shape,
            "has {what} of shape {got:?}, expected {shape:?}"
        );
        Ok(())
    }

    /// Elements of a state by the weights, which must fit each other and inputs of `width` elements.
    fn check_weights(&self, inputs: &[Option<&Fact>], width: usize) -> TractResult<usize> {
        let recurrence = self.fact(inputs, RECURRENCE);
        let recurrence = recurrence.context("has no recurrent weights")?;
        let hidden = recurrence.shape.last().copied().unwrap_or_default();
        let stated = self.hidden.unwrap_or(hidden);
        ensure!(
            stated == hidden,
            "hidden_size is {stated}, but the recurrent weights have a state of {hidden}"
        );
        let (both, gates) = (self.directions.len(), self.cell.gates() * hidden);
        self.expect(inputs, WEIGHTS, "weights", &[both, gates, width])?;
        let shape = [both, gates, hidden];
        self.expect(inputs, RECURRENCE, "recurrent weights", &shape)?;
        self.expect(inputs, BIAS, "a bias", &[both, 2 * gates])?;
        Ok(hidden)
    }

    /// The weights of all directions, as steps read them.
    fn pack<T: Real>(&self, inputs: &[Option<&Tensor>]) -> TractResult<Vec<Weights<T>>> {
        let [input, state] = [WEIGHTS, RECURRENCE].map(|place| required(inputs, place));
        let (input, state) = (input?, state?);
        let width = input.shape().last().copied().unwrap_or_default();
        let facts = facts(inputs);
        let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
        let hidden = self.check_weights(&facts, width)?;
        let gates = self.cell.gates() * hidden;
        let [input, state] = [input, state].map(reals::<T>);
        let (input, state) = (input?, state?);
        let bias = optional(inputs, BIAS).map(reals::<T>).transpose()?;
        let direction = |index: usize| {
            let sides = [
                part(&input, index, gates * width),
                part(&state, index, gates * hidden),
            ];
            let bias = bias.as_ref().map(|bias| part(bias, index, 2 * gates));
            Weights::new(self.cell, [width, hidden], sides, bias)
        };
        Ok((0..self.directions.len()).map(direction).collect())
    }

    fn sizes(&self, inputs: &[Option<&Fact>]) -> TractResult<Sizes> {
        let input = required(inputs, INPUT)?;
        ensure_float(input.datum)?;
        let [first, second, width] = input.shape[..] else {
            bail!("has an input of shape {:?}, expected 3 axes", input.shape);
        };
        let (steps, batch) = if self.batch_first {
            (second, first)
        } else {
            (first, second)
        };
        let hidden = self.check_weights(inputs, width)?;
        let (both, gates) = (self.directions.len(), self.cell.gates() * hidden);
        let state: [usize; 3] = if self.batch_first {
            [batch, both, hidden]
        } else {
            [both, batch, hidden]
        };
        self.expect(inputs, LENGTHS, "lengths", &[batch])?;
        self.expect(inputs, HIDDEN, "an initial state", &state)?;
        self.expect(inputs, CELL, "an initial cell", &state)?;
        self.expect(inputs, PEEPHOLES, "peepholes", &[both, 3 * hidden])?;
        volume(input.datum, &[steps, both, batch, hidden])?;
        volume(input.datum, &[steps, batch, gates])?;
        Ok(Sizes {
            steps,
            batch,
            width,
            hidden,
        })
    }

    /// How many steps each sequence has.
    fn lengths(&self, inputs: &[Option<&Tensor>], sizes: Sizes) -> TractResult<Vec<usize>> {
        let Some(lengths) = optional(inputs, LENGTHS) else {
            return Ok(vec![sizes.steps; sizes.batch]);
        };
        let length = |length: i64| {
            let known = usize::try_from(length).ok();
            let known = known.filter(|length| (1..=sizes.steps).contains(length));
            let most = sizes.steps;
            known.with_context(|| format!("has a sequence of {length} steps, expected 1 to {most}"))
        };
        whole_numbers(lengths)?.into_iter().map(length).collect()
    }

    fn compute<T: Real>(
        &self,
        inputs: &[Option<&Tensor>],
        weights: &[Weights<T>],
    ) -> TractResult<TVec<Tensor>> {
        let facts = facts(inputs);
        let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
        let sizes = self.sizes(&facts)?;
        let Sizes {
            steps,
            batch,
            width,
            hidden,
        } = sizes;
        let lengths = self.lengths(inputs, sizes)?;
        let given = |place: usize| optional(inputs, place).map(reals::<T>).transpose();
        let tensor = required(inputs, INPUT)?;
        let input = self.time_first(reals(tensor)?, [batch, steps, width]);
        let peepholes = given(PEEPHOLES)?;
        let both = self.directions.len();
        let state = |place: usize| -> TractResult<Vec<T>> {
            let state = given(place)?.map(|state| self.time_first(state, [batch, both, hidden]));
            Ok(state.unwrap_or_else(|| vec![T::ZERO; both * batch * hidden]))
        };
        let (mut last, mut cells) = (state(HIDDEN)?, state(CELL)?);
        let mut all = vec![T::ZERO; steps * both * batch * hidden];
        let directions = self.directions.iter().zip(weights).enumerate();
        for (index, ((backward, activations), weights)) in directions {
            let peepholes = peepholes.as_ref();
            let layer = Layer {
                cell: self.cell,
                hidden,
                weights,
                peepholes: peepholes.map(|peepholes| part(peepholes, index, 3 * hidden)),
                clip: self.clip.map(|clip| T::of_f64(f64::from(clip))),
                activations,
            };
            let projected = weights.project(&input, width);
            let size = batch * hidden;
            let state = &mut last[index * size..(index + 1) * size];
            let cell = &mut cells[index * size..(index + 1) * size];
            for step in 0..lengths.iter().copied().max().unwrap_or(0) {
                let time = |row: usize| {
                    let length = lengths[row];
                    let time = if *backward {
                        length.checked_sub(step + 1)
                    } else {
                        Some(step)
                    };
                    time.filter(|_| step < length)
                };
                let times: Vec<Option<usize>> = (0..batch).map(time).collect();
                layer.step(&projected, &times, state, cell);
                for (row, time) in times.iter().enumerate() {
                    if let Some(time) = time {
                        let start = ((time * both + index) * batch + row) * hidden;
                        all[start..start + hidden]
                            .copy_from_slice(&state[row * hidden..(row + 1) * hidden]);
                    }
                }
            }
        }
        let datum = tensor.datum_type();
        let all = self.shaped(all, [steps, both, batch, hidden]);
        let result = from_reals(datum, &self.result(sizes), all)?;
        let mut outputs = tvec![result];
        for state in [last, cells].into_iter().take(self.cell.states()) {
            let state = self.time_first(state, [both, batch, hidden]);
            outputs.push(from_reals(datum, &self.state(sizes), state)?);
        }
        Ok(outputs)
    }

    /// Swaps the first two axes if the batch comes first.
    fn time_first<T: Copy>(&self, elements: Vec<T>, [first, second, rest]: [usize; 3]) -> Vec<T> {
        if !self.batch_first {
            return elements;
        }
        let rows = (0..second).flat_map(|row| (0..first).map(move |column| column * second + row));
        rows.flat_map(|place| elements[place * rest..(place + 1) * rest].iter().copied())
            .collect()
    }

    /// All states from time, direction, batch and state in the order that the layout says.
    fn shaped<T: Copy>(&self, all: Vec<T>, [steps, both, batch, hidden]: [usize; 4]) -> Vec<T> {
        if !self.batch_first {
            return all;
        }
        let mut shaped = Vec::with_capacity(all.len());
        for row in 0..batch {
            for place in 0..steps * both {
                let start = (place * batch + row) * hidden;
                shaped.extend_from_slice(&all[start..start + hidden]);
            }
        }
        shaped
    }

    /// Shape of the first output.
    fn result(&self, sizes: Sizes) -> [usize; 4] {
        let both = self.directions.len();
        if self.batch_first {
            [sizes.batch, sizes.steps, both, sizes.hidden]
        } else {
            [sizes.steps, both, sizes.batch, sizes.hidden]
        }
    }

    /// Shape of the others.
    fn state(&self, sizes: Sizes) -> [usize; 3] {
        let both = self.directions.len();
        if self.batch_first {
            [sizes.batch, both, sizes.hidden]
        } else {
            [both, sizes.batch, sizes.hidden]
        }
    }
}

impl Kernel for Recurrent {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let sizes = self.sizes(inputs)?;
        let datum = required(inputs, INPUT)?.datum;
        let mut facts = tvec![Fact::new(datum, &self.result(sizes)[..])];
        for _ in 0..self.cell.states() {
            facts.push(Fact::new(datum, &self.state(sizes)[..]));
        }
        Ok(Some(facts))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        if let Some(known) = &self.known {
            return self.compute(inputs, &known.directions);
        }
        match required(inputs, INPUT)?.datum_type() {
            DatumType::F64 => self.compute::<f64>(inputs, &self.pack(inputs)?),
            _ => self.compute::<f32>(inputs, &self.pack(inputs)?),
        }
    }

    fn binds(&self) -> &'static [usize] {
        &[WEIGHTS, RECURRENCE, BIAS]
    }

    fn bind(&self, known: &[Option<&Tensor>]) -> TractResult<Bound> {
        let double = required(known, WEIGHTS)?.datum_type() == DatumType::F64;
        if double || self.known.is_some() {
            return Ok(None);
        }
        let facts = [WEIGHTS, RECURRENCE, BIAS].map(|place| optional(known, place).map(Fact::of));
        let directions = self.pack(known)?;
        let bound = Self {
            known: Some(Arc::new(Known { facts, directions })),
            ..self.clone()
        };
        Ok(Some((Box::new(bound), self.binds().into())))
    }
}

fn facts(inputs: &[Option<&Tensor>]) -> Vec<Option<Fact>> {
    inputs.iter().map(|input| input.map(Fact::of)).collect()
}

/// That of a direction.
fn part<T>(all: &[T], direction: usize, size: usize) -> &[T] {
    &all[direction * size..(direction + 1) * size]
}
