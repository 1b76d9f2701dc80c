//! The importer's optimiser, without four of its rewrites that compute something else.
//!
//! It moves `Downsample`, which takes every so many elements of an axis, before the operators that it follows, also before a
//! softmax along that axis, whose sums then lack the elements left out. It takes `MultiBroadcastTo`, which copies along
//! axes, away before a product of matrices, also where the product adds up the copies. It makes single floats of the double
//! ones whose squares a sum adds up. And it multiplies by reciprocals instead of dividing, so that `Floor` of a quotient that
//! is whole may be one less. All come into being between its passes (from strided convolutions, `Slice`, `Tile`, `Where`), so
//! every patch is looked through.

use tract_onnx::tract_core::ops::Downsample;
use tract_onnx::tract_core::ops::array::MultiBroadcastTo;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::math::Div;
use tract_onnx::tract_core::ops::nn::{Reduce, Reducer};
use tract_onnx::tract_core::optim::{Optimizer, OptimizerSession, TypedPass};
use tract_onnx::tract_hir::internal::*;

/// The same model, faster.
///
/// # Errors
/// If the importer cannot prepare it.
pub(crate) fn optimised(mut model: TypedModel) -> TractResult<TypedModel> {
    hide(&mut model);
    sound(Optimizer::declutter()).optimize(&mut model)?;
    model.optimize_with_session(&mut sound(Optimizer::codegen()).session())?;
    Ok(model)
}

fn divides_floats(node: &TypedNode) -> bool {
    let operator = node.op_as::<TypedBinOp>();
    let mut outputs = node.outputs.iter();
    operator.is_some_and(|operator| operator.0.is::<Div>())
        && outputs.any(|output| output.fact.datum_type.is_float())
}

fn sums_doubles(node: &TypedNode) -> bool {
    let sum = node
        .op_as::<Reduce>()
        .is_some_and(|reduce| reduce.reducer == Reducer::Sum);
    let mut outputs = node.outputs.iter();
    sum && outputs.any(|output| output.fact.datum_type == DatumType::F64)
}

/// An operator that the optimiser leaves as it is.
pub(crate) fn opaque(operator: Box<dyn TypedOp>) -> Box<dyn TypedOp> {
    Box::new(Opaque(operator))
}

fn sound(optimizer: Optimizer) -> Optimizer {
    let passes = optimizer.passes.into_iter();
    let passes = passes.map(|pass| Box::new(Sound(pass)) as Box<dyn TypedPass>);
    Optimizer {
        passes: passes.collect(),
        ..optimizer
    }
}

/// Makes operators opaque that the optimiser would move wrongly.
fn hide(model: &mut TypedModel) {
    for node in &mut model.nodes {
        let hidden = node.op_is::<Downsample>() || node.op_is::<MultiBroadcastTo>();
        if hidden || sums_doubles(node) || divides_floats(node) {
            node.op = opaque(node.op.clone());
        }
    }
}

/// A pass whose patches are looked through.
#[derive(Clone, Debug)]
struct Sound(Box<dyn TypedPass>);

impl TypedPass for Sound {
    fn reset(&mut self) -> TractResult<()> {
        self.0.reset()
    }

    fn next(
        &mut self,
        session: &mut OptimizerSession<'_>,
        model: &TypedModel,
    ) -> TractResult<Option<TypedModelPatch>> {
        let mut patch = self.0.next(session, model)?;
        if let Some(patch) = &mut patch {
            hide(&mut patch.model);
        }
        Ok(patch)
    }

    fn run_direct(&mut self, model: &mut TypedModel) -> TractResult<bool> {
        let changed = self.0.run_direct(model)?;
        hide(model);
        Ok(changed)
    }
}

/// An operator of which the optimiser sees nothing but the types of its results.
#[derive(Clone, Debug)]
struct Opaque(Box<dyn TypedOp>);

impl PartialEq for Opaque {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

impl Eq for Opaque {}

impl Op for Opaque {
    fn name(&self) -> StaticName {
        self.0.name()
    }

    fn info(&self) -> TractResult<Vec<String>> {
        self.0.info()
    }

    op_as_typed_op!();
}

impl EvalOp for Opaque {
    op_out_of_plan!();

    fn eval(&self, context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        self.0.eval(context, inputs)
    }
}

impl TypedOp for Opaque {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let facts = self.0.output_facts(inputs)?;
        Ok(facts.iter().map(TypedFact::without_value).collect())
    }

    as_op!();
}
