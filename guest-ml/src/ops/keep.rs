//! An operator that changes nothing, and that the importer cannot see through.

use super::{Fact, Kernel, Node, required};
use tract_onnx::tract_hir::internal::*;

/// Its name; no operator of ONNX is named so.
pub(crate) const KEEP: &str = "enshrine keep";

pub(super) fn build(_: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(Keep))
}

#[derive(Debug)]
struct Keep;

impl Kernel for Keep {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        Ok(Some(tvec![required(inputs, 0)?.clone()]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        Ok(tvec![required(inputs, 0)?.clone()])
    }
}
