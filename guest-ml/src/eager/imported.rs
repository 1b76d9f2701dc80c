//! A node by the importer's kernels.

use super::Importer;
use crate::ops::{self, Own};
use crate::optimise::optimised;
use crate::vet::Types;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::infer::Factoid;
use tract_onnx::tract_hir::internal::*;

/// Elements from which on a first input of floats is not taken for a parameter. Preparing a node for its parameters makes it
/// faster, and computing it while it is prepared slower.
const LEAST_DATA: usize = 16;

impl Importer {
    /// Runs a node of tensors; its outputs that have a name.
    pub(super) fn imported(
        &self,
        node: &NodeProto,
        inputs: &[&Arc<Tensor>],
    ) -> TractResult<TVec<Arc<Tensor>>> {
        let stated = ops::Node::new(node, &self.model.opset_import);
        if let Some(own) = Own::of(&stated) {
            let inputs: Vec<&Tensor> = inputs.iter().map(|input| &***input).collect();
            let types = inputs.iter().map(|input| Some(input.datum_type()));
            Types::of(&stated).check(&types.collect::<Vec<_>>())?;
            let outputs = own?.run(&inputs)?;
            return Ok(outputs.into_iter().map(Tensor::into_arc_tensor).collect());
        }
        let (operator, closures) = self.operator(node)?;
        ensure!(
            closures.is_empty(),
            "reads values of outer graphs, which is not supported here"
        );
        let mut model = InferenceModel::default();
        let mut given = tvec![];
        let mut outlets = tvec![];
        for (index, input) in inputs.iter().enumerate() {
            let name = format!("input-{index}");
            let is_data = index == 0 && input.datum_type().is_float() && input.len() >= LEAST_DATA;
            outlets.push(if is_data {
                given.push((*input).clone().into_tvalue());
                let fact = InferenceFact::dt_shape(input.datum_type(), input.shape());
                model.add_source(name, fact)?
            } else {
                model.add_const(name, (*input).clone())?
            });
        }
        let outlets = model.wire_node("node", operator, &outlets)?;
        model.select_output_outlets(&outlets)?;
        model.analyse(false)?;
        let known = outlets.iter().map(|outlet| {
            let value = &model.outlet_fact(*outlet)?.value;
            Ok(value.concretize())
        });
        let known: TractResult<Option<TVec<Arc<Tensor>>>> = known.collect();
        if let Some(known) = known? {
            return known.into_iter().map(plain).collect();
        }
        let plan = optimised(model.into_typed()?)?.into_runnable()?;
        let outputs = plan.run(given)?;
        outputs
            .into_iter()
            .map(|output| plain(output.into_arc_tensor()))
            .collect()
    }

    fn operator(&self, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
        let builder = self.onnx.op_register.0.get(&node.op_type);
        let builder = builder.context("is an operator that is not supported")?;
        let version = self.model.opset_import.iter();
        let version = version
            .filter(|set| matches!(set.domain.as_str(), "" | "ai.onnx"))
            .map(|set| set.version);
        let context = ParsingContext {
            onnx_operator_set_version: version.max().unwrap_or(0),
            framework: &self.onnx,
            model: &self.model,
            parent_graphs: vec![],
            model_dir: None,
            template: InferenceModel::default(),
        };
        builder(&context, node)
    }
}

/// The importer's own integers for shapes are int64 to ONNX.
fn plain(tensor: Arc<Tensor>) -> TractResult<Arc<Tensor>> {
    match tensor.datum_type() {
        DatumType::TDim => Ok(tensor.cast_to::<i64>()?.into_owned().into_arc_tensor()),
        _ => Ok(tensor),
    }
}
