//! Activations that the importer computes for their default attributes only.
//!
//! <https://onnx.ai/onnx/operators/onnx__Celu.html>, <https://onnx.ai/onnx/operators/onnx__Swish.html>,
//! <https://onnx.ai/onnx/operators/onnx__SwiGLU.html>

use super::floats::{Real, Steps, ensure_float, from_reals, reals};
use super::{Fact, Kernel, Node, optional, required};
use tract_onnx::tract_hir::internal::*;

pub(super) fn celu(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    build(node, Form::Celu)
}

pub(super) fn swish(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    build(node, Form::Swish)
}

fn build(node: &Node<'_>, form: Form) -> TractResult<Box<dyn Kernel>> {
    let alpha = node.float("alpha").unwrap_or(1.0);
    Ok(Box::new(Activation { form, alpha }))
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Celu,
    Swish,
}

/// `Celu`, `Swish`, and `SwiGLU`, which multiplies the second input by the first one's swish.
#[derive(Debug)]
struct Activation {
    form: Form,
    alpha: f32,
}

impl Activation {
    fn one<T: Real>(&self, value: T, steps: Steps) -> T {
        let alpha = T::of_f64(f64::from(self.alpha));
        match self.form {
            Form::Swish => value * steps.one(T::ONE / (T::ONE + (-(alpha * value)).exp())),
            Form::Celu => {
                let bent = alpha * (value / alpha).exp_m1();
                let positive = if value < T::ZERO { T::ZERO } else { value };
                // What is no number stays so.
                positive + if bent > T::ZERO { T::ZERO } else { bent }
            }
        }
    }

    fn compute<T: Real>(&self, inputs: &[Option<&Tensor>]) -> TractResult<Tensor> {
        let input = required(inputs, 0)?;
        let steps = Steps::of(input.datum_type());
        let mut values: Vec<T> = reals(input)?;
        for value in &mut values {
            *value = self.one(*value, steps);
        }
        if let Some(factors) = optional(inputs, 1) {
            let factors: Vec<T> = reals(factors)?;
            for (value, factor) in values.iter_mut().zip(factors) {
                *value = steps.one(*value) * factor;
            }
        }
        from_reals(input.datum_type(), input.shape(), values)
    }
}

impl Kernel for Activation {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        ensure_float(input.datum)?;
        if let Some(factors) = optional(inputs, 1) {
            ensure!(
                factors.shape == input.shape,
                "is given shapes {:?} and {:?}",
                input.shape,
                factors.shape
            );
        }
        Ok(Some(tvec![input.clone()]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let output = match required(inputs, 0)?.datum_type() {
            DatumType::F64 => self.compute::<f64>(inputs)?,
            _ => self.compute::<f32>(inputs)?,
        };
        Ok(tvec![output])
    }
}
