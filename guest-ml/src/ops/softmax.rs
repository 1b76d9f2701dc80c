//! Softmax of half floats, step by step, and its logarithm, in which nothing underflows.
//!
//! <https://onnx.ai/onnx/operators/onnx__Softmax.html>, <https://onnx.ai/onnx/operators/onnx__LogSoftmax.html>: the functions
//! that ONNX defines them by round after each step. The importer takes the logarithm of a softmax, of which nothing is left
//! where elements lie more than 87 apart.

use super::floats::{Real, Steps, ensure_float, from_reals, most, reals, softmax};
use super::{Fact, Kernel, Node, axis_of, required};
use tract_onnx::tract_hir::internal::*;

/// The operator set that made softmax one of a single axis; before, all axes from its own on are one.
const ONE_AXIS: i64 = 13;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(of_form(node, Form::Shares))
}

pub(super) fn log(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(of_form(node, Form::Logarithms))
}

fn of_form(node: &Node<'_>, form: Form) -> Box<dyn Kernel> {
    let one_axis = node.version() >= ONE_AXIS;
    Box::new(Softmax {
        form,
        axis: node.int("axis").unwrap_or(if one_axis { -1 } else { 1 }),
        one_axis,
    })
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Shares,
    Logarithms,
}

/// `Softmax`, `LogSoftmax`.
#[derive(Debug)]
struct Softmax {
    form: Form,
    axis: i64,
    one_axis: bool,
}

impl Softmax {
    fn compute<T: Real>(&self, input: &Tensor) -> TractResult<Tensor> {
        let (datum, shape) = (input.datum_type(), input.shape());
        let axis = axis_of(self.axis, shape.len())?;
        let rest: usize = shape[axis + 1..].iter().product();
        let (length, stride) = if self.one_axis {
            (shape[axis], rest)
        } else {
            (shape[axis] * rest, 1)
        };
        let mut all: Vec<T> = reals(input)?;
        let steps = Steps::of(datum);
        if length * stride > 0 {
            for block in all.chunks_exact_mut(length * stride) {
                for column in 0..stride {
                    let places = || (column..length * stride).step_by(stride);
                    let mut row: Vec<T> = places().map(|place| block[place]).collect();
                    self.row(&mut row, steps);
                    places()
                        .zip(row)
                        .for_each(|(place, value)| block[place] = value);
                }
            }
        }
        from_reals(datum, shape, all)
    }

    fn row<T: Real>(&self, row: &mut [T], steps: Steps) {
        if row.iter().all(|value| *value == T::NEG_INFINITY) {
            // Nothing is more likely than anything else: as ONNX Runtime.
            row.fill(T::of_f64(f64::NAN));
            return;
        }
        match self.form {
            Form::Shares => softmax(row, steps),
            Form::Logarithms => log_softmax(row, steps),
        }
    }
}

/// The logarithm of a row's softmax, each step rounded.
fn log_softmax<T: Real>(row: &mut [T], steps: Steps) {
    let most = most(row);
    row.iter_mut()
        .for_each(|value| *value = steps.one(*value - most));
    let sum: T = row.iter().map(|value| steps.one(value.exp())).sum();
    let log = steps.one(steps.one(sum).ln());
    row.iter_mut()
        .for_each(|value| *value = steps.one(*value - log));
}

impl Kernel for Softmax {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        ensure_float(input.datum)?;
        axis_of(self.axis, input.shape.len())?;
        Ok(Some(tvec![input.clone()]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let result = match input.datum_type() {
            DatumType::F64 => self.compute::<f64>(input)?,
            _ => self.compute::<f32>(input)?,
        };
        Ok(tvec![result])
    }
}
