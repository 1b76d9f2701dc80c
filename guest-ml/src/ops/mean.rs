//! Means of tensors.
//!
//! <https://onnx.ai/onnx/operators/onnx__Mean.html>. The importer's needs tensors of one rank.

use super::floats::{Real, ensure_float, from_reals};
use super::{Fact, Kernel, Node, elements, volume};
use tract_onnx::tract_core::broadcast::multi_broadcast;
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(_: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(Mean))
}

/// `Mean`.
#[derive(Debug)]
struct Mean;

fn shape(shapes: &[&[usize]]) -> TractResult<TVec<usize>> {
    multi_broadcast(shapes).with_context(|| format!("is given shapes {shapes:?}"))
}

fn compute<T: Real>(inputs: &[&Tensor], datum: DatumType) -> TractResult<Tensor> {
    let shapes: TVec<&[usize]> = inputs.iter().map(|input| input.shape()).collect();
    let shape = shape(&shapes)?;
    let mut sums = vec![T::ZERO; volume(datum, &shape)?];
    for input in inputs {
        let wide = input.cast_to::<T>()?.broadcast_to_shape(&shape)?;
        for (sum, value) in sums.iter_mut().zip(elements::<T>(&wide)?) {
            *sum += *value;
        }
    }
    let count = T::of_f64(inputs.len() as f64);
    let means = sums.into_iter().map(|sum| sum / count);
    from_reals(datum, &shape, means.collect())
}

impl Kernel for Mean {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let inputs: TVec<&Fact> = inputs.iter().copied().flatten().collect();
        let first = inputs.first().context("is given nothing")?;
        ensure_float(first.datum)?;
        let shapes: TVec<&[usize]> = inputs.iter().map(|input| &*input.shape).collect();
        let shape = shape(&shapes)?;
        volume(first.datum, &shape)?;
        Ok(Some(tvec![Fact::new(first.datum, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let inputs: TVec<&Tensor> = inputs.iter().copied().flatten().collect();
        let first = inputs.first().context("is given nothing")?;
        let mean = match first.datum_type() {
            DatumType::F64 => compute::<f64>(&inputs, DatumType::F64)?,
            datum => compute::<f32>(&inputs, datum)?,
        };
        Ok(tvec![mean])
    }
}
