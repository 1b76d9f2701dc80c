//! Softmax of half floats, step by step.
//!
//! <https://onnx.ai/onnx/operators/onnx__Softmax.html>: the function that ONNX defines it by rounds after each step.

use super::floats::{Steps, from_reals, reals, softmax};
use super::{Fact, Kernel, Node, axis_of, required};
use tract_onnx::tract_hir::internal::*;

/// The operator set that made softmax one of a single axis; before, all axes from its own on are one.
const ONE_AXIS: i64 = 13;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let one_axis = node.version() >= ONE_AXIS;
    Ok(Box::new(Softmax {
        axis: node.int("axis").unwrap_or(if one_axis { -1 } else { 1 }),
        one_axis,
    }))
}

/// `Softmax`.
#[derive(Debug)]
struct Softmax {
    axis: i64,
    one_axis: bool,
}

impl Kernel for Softmax {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        Ok(Some(tvec![required(inputs, 0)?.clone()]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let (datum, shape) = (input.datum_type(), input.shape());
        let axis = axis_of(self.axis, shape.len())?;
        let rest: usize = shape[axis + 1..].iter().product();
        let (length, stride) = if self.one_axis {
            (shape[axis], rest)
        } else {
            (shape[axis] * rest, 1)
        };
        let mut all: Vec<f32> = reals(input)?;
        let steps = Steps::of(datum);
        if length * stride > 0 {
            for block in all.chunks_exact_mut(length * stride) {
                for column in 0..stride {
                    let places = || (column..length * stride).step_by(stride);
                    let mut row: Vec<f32> = places().map(|place| block[place]).collect();
                    if row.iter().all(|value| *value == f32::NEG_INFINITY) {
                        // Nothing is more likely than anything else: as ONNX Runtime.
                        row.fill(f32::NAN);
                    } else {
                        softmax(&mut row, steps);
                    }
                    places()
                        .zip(row)
                        .for_each(|(place, value)| block[place] = value);
                }
            }
        }
        Ok(tvec![from_reals(datum, shape, all)?])
    }
}
