//! Checks and repairs around operators of which the importer takes parameters and values as they come.
//!
//! Axes beyond a tensor's rank make it panic, indices beyond an axis make it panic or pick another element, largest
//! numbers are never below the lowest finite one, and sums of half floats lose their digits. So the importer's register
//! of operators is replaced by one whose operators are guarded, in graphs at any depth.

mod branches;
mod checked;
mod checks;
mod einsum;
mod extreme;
mod indices;
mod parameters;
mod place;
mod rules;
mod squeeze;
mod whole;
mod wiring;

use crate::ops::{self, Node, Own};
use crate::vet::Types;
use checked::Checked;
use einsum::Einsum;
use parameters::Parameters;
use place::Place;
use rules::{Reduction, Rules, Target};
use squeeze::Squeeze;
use tract_onnx::Onnx;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::array::GatherNd;
use tract_onnx::tract_core::ops::cast::cast;
use tract_onnx::tract_hir::internal::*;
use whole::Whole;

/// What the importer's builders of operators return: the operator, and values of outer graphs that it reads.
type Built = TractResult<(Box<dyn InferenceOp>, Vec<String>)>;

/// Guards all operators that need it.
pub(crate) fn guard(importer: &mut Onnx) {
    let builders = &mut importer.op_register.0;
    for (operator, builder) in std::mem::take(builders) {
        builders.insert(unguarded(&operator), builder);
        builders.insert(operator, build);
    }
}

/// The name that an operator's own builder is kept under; no operator of ONNX is named so.
fn unguarded(operator: &str) -> String {
    format!("unguarded {operator}")
}

fn build(context: &ParsingContext, node: &NodeProto) -> Built {
    let builders = &context.framework.op_register.0;
    let builder = builders
        .get(&unguarded(&node.op_type))
        .context("a guarded operator lost its builder")?;
    let (operator, closures) = builder(context, node)?;
    let stated = Node::new(node, &context.model.opset_import);
    let checked = Checked {
        inner: repaired(operator, &stated, node)?,
        types: Types::of(&stated),
        parameters: Parameters::of(node, stated.version()),
    };
    Ok((Box::new(checked), closures))
}

/// The operator with what is wired around it, if it has rules.
fn repaired(
    operator: Box<dyn InferenceOp>,
    stated: &Node<'_>,
    node: &NodeProto,
) -> TractResult<Box<dyn InferenceOp>> {
    if let Some(whole) = Whole::of(node) {
        return Ok(expand(whole));
    }
    let Some(rules) = Rules::of(node) else {
        return Ok(operator);
    };
    let expansion = operator.as_op().downcast_ref::<Box<dyn Expansion>>();
    let gather = operator.as_op().downcast_ref::<GatherNd>();
    let inner: Box<dyn Expansion> = match (expansion, gather) {
        _ if node.op_type == "Squeeze" => Box::new(Squeeze::of(node)),
        (Some(expansion), _) if matches!(&*node.op_type, "ArgMax" | "ArgMin") => {
            Box::new(Place::of(node, expansion.clone()))
        }
        (Some(expansion), _) => expansion.clone(),
        (None, Some(gather)) => Box::new(Typed(gather.clone())),
        (None, None) => return Ok(operator),
    };
    let inner = match Einsum::of(node) {
        Some(einsum) => Box::new(einsum),
        None => inner,
    };
    let own = own(stated)?;
    Ok(expand(Guarded { inner, rules, own }))
}

/// The guest's own operator for element types that the importer's computes wrongly.
fn own(stated: &Node<'_>) -> TractResult<Option<(Own, &'static [DatumType])>> {
    const HALVES: &[DatumType] = &[DatumType::F16];
    const WIDE: &[DatumType] = &[DatumType::U32, DatumType::I64, DatumType::U64];
    Ok(match stated.operator() {
        "Softmax" => Some((ops::softmax_of_halves(stated)?, HALVES)),
        "ReduceL1" | "ReduceMean" | "ReduceSum" | "ReduceSumSquare" => {
            Some((ops::sum_of_integers(stated)?, WIDE))
        }
        _ => None,
    })
}

/// An operator with its rules.
#[derive(Clone, Debug)]
struct Guarded {
    inner: Box<dyn Expansion>,
    rules: Rules,
    /// What computes in its place, and which element types.
    own: Option<(Own, &'static [DatumType])>,
}

impl Guarded {
    /// Wires what comes before the operator, the operator, and what comes after it.
    fn wire_around(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
        wire: impl FnOnce(&mut TypedModel, &[OutletId]) -> TractResult<TVec<OutletId>>,
    ) -> TractResult<TVec<OutletId>> {
        let datum = model.outlet_fact(inputs[0])?.datum_type;
        if let Some((own, types)) = &self.own
            && types.contains(&datum)
        {
            return model.wire_node(prefix, own.clone(), inputs);
        }
        let checked = match self.rules.raises {
            true => wiring::refuse_negatives(prefix, model, inputs)?,
            false => inputs.into(),
        };
        let inputs = &checked[..];
        if self.rules.raises
            && let Some(base) = wiring::odd_base(model, inputs)?
        {
            let inputs = wiring::cast_all(prefix, model, inputs, i64::datum_type())?;
            let power = wire(model, &inputs)?;
            return model.wire_node(format!("{prefix}.narrowed"), cast(base), &power);
        }
        if self.rules.multiplies {
            wiring::refuse_other_depths(model, inputs)?;
        }
        let mut inputs: TVec<OutletId> = inputs.into();
        if let Some(least) = &self.rules.least_sizes {
            wiring::refuse_nothing(model, inputs[0])?;
            inputs[0] = wiring::require_sizes(prefix, model, inputs[0], least)?;
        }
        if self.rules.mirrors {
            let least = wiring::mirrored_sizes(model, &inputs)?;
            inputs[0] = wiring::require_sizes(prefix, model, inputs[0], &least)?;
        }
        let vectors = match self.rules.multiplies {
            true => wiring::make_matrices(prefix, model, &mut inputs)?,
            false => tvec![],
        };
        let inputs = &inputs[..];
        let guarded = match self.rules.indices {
            _ if self.is_narrow(model, inputs)? => wiring::widen(prefix, model, inputs)?,
            Some(Target::NewAxis(axis)) => {
                return wiring::one_hot(prefix, model, inputs, axis, wire);
            }
            Some(Target::Count(axis)) => wiring::require_count(prefix, model, inputs, axis)?,
            Some(target) => wiring::resolve_indices(prefix, model, inputs, target)?,
            None => match self.rules.divides {
                Some(divisor) => wiring::refuse_zeros(prefix, model, inputs, divisor)?,
                None => inputs.into(),
            },
        };
        if self.rules.reduction == Some(Reduction::Sum) {
            wiring::refuse_sum_of_nothing(model, inputs[0])?;
        }
        let mut outputs = wire(model, &guarded)?;
        for (index, from_end) in vectors.into_iter().enumerate() {
            let axis = AxisOp::Rm(model.outlet_fact(outputs[0])?.rank() - from_end);
            outputs = model.wire_node(format!("{prefix}.vector-{index}"), axis, &outputs)?;
        }
        match self.rules.reduction {
            None | Some(Reduction::Sum) => {}
            Some(Reduction::Place) => {
                wiring::refuse_place_of_nothing(model, inputs[0], outputs[0])?
            }
            Some(Reduction::Max) => {
                outputs[0] = wiring::restore_infinity(prefix, model, -1, [outputs[0], inputs[0]])?;
            }
            Some(Reduction::Min) => {
                outputs[0] = wiring::restore_infinity(prefix, model, 1, [outputs[0], inputs[0]])?;
            }
        }
        if self.is_narrow(model, inputs)? {
            let (name, half) = (format!("{prefix}.narrowed"), f16::datum_type());
            outputs[0] = model.wire_node(name, cast(half), &[outputs[0]])?[0];
        }
        Ok(outputs)
    }

    fn is_narrow(&self, model: &TypedModel, inputs: &[OutletId]) -> TractResult<bool> {
        Ok(self.rules.widens && model.outlet_fact(inputs[0])?.datum_type == f16::datum_type())
    }
}

impl Expansion for Guarded {
    fn name(&self) -> StaticName {
        self.inner.name()
    }

    fn validation(&self) -> Validation {
        self.inner.validation()
    }

    fn info(&self) -> TractResult<Vec<String>> {
        self.inner.info()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        self.inner.as_ref().nboutputs()
    }

    fn runs_out_of_plan(&self) -> bool {
        self.inner.runs_out_of_plan()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        // The solver applies rules in order: the check comes before whatever needs it.
        if let Some(first) = inputs.first().filter(|_| !self.rules.axes.is_empty()) {
            s.given(&first.rank, move |_, rank| {
                self.rules.check_axes(&self.rules.axes, rank)
            })?;
        }
        if let Some(axes) = self.rules.axes_input.and_then(|input| inputs.get(input)) {
            s.given_2(&inputs[0].rank, &axes.value, move |_, rank, axes| {
                let axes = axes.cast_to::<i64>()?;
                let axes = axes.try_as_plain_ram()?.as_slice::<i64>()?;
                self.rules.check_axes(axes, rank)
            })?;
        }
        if let Some(pads) = inputs.get(1).filter(|_| self.rules.pads) {
            s.given(&pads.value, |_, pads| {
                let pads = pads.cast_to::<i64>()?;
                let negative = pads
                    .try_as_plain_ram()?
                    .as_slice::<i64>()?
                    .iter()
                    .any(|pad| *pad < 0);
                ensure!(!negative, "negative padding is not supported: use Slice");
                Ok(())
            })?;
        }
        if let (Some(Target::AxesFrom(_)), Some(indices)) = (self.rules.indices, inputs.get(1)) {
            s.given(&indices.rank, |_, rank| {
                ensure!(rank > 0, "indices must have an axis");
                Ok(())
            })?;
        }
        self.inner.rules(s, inputs, outputs)
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        self.wire_around(prefix, model, inputs, |model, inputs| {
            self.inner.wire(prefix, model, inputs)
        })
    }

    fn wire_with_inference_model_and_node(
        &self,
        prefix: &str,
        source: &InferenceModel,
        node: &InferenceNode,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        self.wire_around(prefix, model, inputs, |model, inputs| {
            self.inner
                .wire_with_inference_model_and_node(prefix, source, node, model, inputs)
        })
    }
}

/// An operator that needs no expansion, as one that has an expansion.
#[derive(Clone, Debug)]
struct Typed(GatherNd);

impl Expansion for Typed {
    fn name(&self) -> StaticName {
        self.0.name()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        self.0.rules(s, inputs, outputs)
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, self.0.clone(), inputs)
    }
}
