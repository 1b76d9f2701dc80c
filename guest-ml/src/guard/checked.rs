//! Checks before and after the importer infers types.

use super::branches;
use super::parameters::Parameters;
use crate::tensors::{dtype_of_datum, size_bytes};
use crate::vet::Types;
use enshrine_primitives::tensor::DType;
use tract_onnx::tract_hir::internal::*;

/// Facts of the inputs, the outputs and what else an operator observes.
type Facts = (
    TVec<InferenceFact>,
    TVec<InferenceFact>,
    TVec<InferenceFact>,
);

/// Any operator, with checks of its parameters and of the sizes of its results.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub(super) inner: Box<dyn InferenceOp>,
    pub(super) types: Types,
    pub(super) parameters: Parameters,
}

impl PartialEq for Checked {
    fn eq(&self, _other: &Self) -> bool {
        false
    }
}

impl Eq for Checked {}

impl Op for Checked {
    fn name(&self) -> StaticName {
        self.inner.as_op().name()
    }

    fn info(&self) -> TractResult<Vec<String>> {
        self.inner.as_op().info()
    }

    not_a_typed_op!();
}

impl EvalOp for Checked {
    fn eval_out_of_plan(&self, inputs: TVec<TValue>) -> TractResult<Option<TVec<TValue>>> {
        self.inner.as_op().eval_out_of_plan(inputs)
    }
}

impl InferenceOp for Checked {
    fn infer_facts(
        &mut self,
        inputs: TVec<&InferenceFact>,
        outputs: TVec<&InferenceFact>,
        observed: TVec<&InferenceFact>,
    ) -> TractResult<Facts> {
        let types = inputs.iter().map(|input| input.datum_type.concretize());
        self.types.check(&types.collect::<Vec<_>>())?;
        self.parameters.check(&inputs)?;
        let facts = self.inner.infer_facts(inputs, outputs, observed)?;
        facts.1.iter().try_for_each(check_size)?;
        Ok(facts)
    }

    fn observe_outlets(
        &self,
        model: &InferenceModel,
        node: &InferenceNode,
    ) -> TractResult<Vec<OutletId>> {
        self.inner.observe_outlets(model, node)
    }

    fn incorporate(
        &self,
        model: &InferenceModel,
        node: &InferenceNode,
    ) -> TractResult<Option<InferenceModelPatch>> {
        self.inner.incorporate(model, node)
    }

    fn nboutputs(&self) -> TractResult<usize> {
        self.inner.nboutputs()
    }

    /// The importer looks some operators up by their type.
    fn as_op(&self) -> &dyn Op {
        self.inner.as_op()
    }

    fn as_op_mut(&mut self) -> &mut dyn Op {
        self.inner.as_op_mut()
    }

    fn to_typed(
        &self,
        source: &InferenceModel,
        node: &InferenceNode,
        target: &mut TypedModel,
        mapping: &HashMap<OutletId, OutletId>,
    ) -> TractResult<TVec<OutletId>> {
        let outlets = self.inner.to_typed(source, node, target, mapping)?;
        branches::settle(&node.name, target, outlets)
    }
}

/// Refuses what could never be stored: sizes are multiplied in kernels, and products must not wrap.
fn check_size(fact: &InferenceFact) -> TractResult<()> {
    let sizes = fact.shape.dims().filter_map(|dim| dim.concretize());
    let sizes = sizes.filter_map(|dim| dim.to_i64().ok());
    let sizes: TVec<i64> = sizes.collect();
    let shape: Option<TVec<u32>> = sizes.iter().map(|size| u32::try_from(*size).ok()).collect();
    let dtype = fact.datum_type.concretize().and_then(dtype_of_datum);
    let fits = shape.and_then(|shape| size_bytes(dtype.unwrap_or(DType::U8), &shape));
    ensure!(
        fits.is_some(),
        "the result would have axes of {sizes:?}, which is impossible or too large"
    );
    Ok(())
}
