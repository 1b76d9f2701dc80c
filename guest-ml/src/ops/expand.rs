//! Copies along axes.
//!
//! <https://onnx.ai/onnx/operators/onnx__Expand.html>. The importer moves them into products of matrices, of which some then
//! read beyond their operands.

use super::{Fact, Kernel, Node, required, volume, whole_numbers};
use tract_onnx::tract_core::broadcast::multi_broadcast;
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(_: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(Expand))
}

/// `Expand`.
#[derive(Debug)]
struct Expand;

fn shape(input: &[usize], stated: &Tensor) -> TractResult<TVec<usize>> {
    let stated = whole_numbers(stated)?;
    let sizes = stated.iter().map(|size| usize::try_from(*size).ok());
    let sizes: Option<TVec<usize>> = sizes.collect();
    let sizes = sizes.with_context(|| format!("expands to {stated:?}"))?;
    multi_broadcast(&[input, &sizes[..]])
        .with_context(|| format!("cannot expand {input:?} to {stated:?}"))
}

impl Kernel for Expand {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let (input, stated) = (required(inputs, 0)?, required(inputs, 1)?);
        let Some(stated) = &stated.value else {
            return Ok(None);
        };
        let shape = shape(&input.shape, stated)?;
        volume(input.datum, &shape)?;
        Ok(Some(tvec![Fact::new(input.datum, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let (input, stated) = (required(inputs, 0)?, required(inputs, 1)?);
        let shape = shape(input.shape(), stated)?;
        volume(input.datum_type(), &shape)?;
        Ok(tvec![input.broadcast_to_shape(&shape)?])
    }
}
