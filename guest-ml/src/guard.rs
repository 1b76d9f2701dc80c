//! Checks and repairs around operators of which the importer takes parameters and values as they come.
//!
//! Axes beyond a tensor's rank make it panic, indices beyond an axis make it panic or pick another element, largest
//! numbers are never below the lowest finite one, and sums of half floats lose their digits. So the importer's register
//! of operators is replaced by one whose operators are guarded, in graphs at any depth.

mod extreme;
mod indices;

use extreme::RestoreInfinity;
use indices::{Bounds, ResolveIndices};
use tract_onnx::Onnx;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::array::{GatherNd, Slice};
use tract_onnx::tract_core::ops::cast::cast;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::tract_num_traits::Zero;

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
    let Some(rules) = Rules::of(node) else {
        return Ok((operator, closures));
    };
    let expansion = operator.as_op().downcast_ref::<Box<dyn Expansion>>();
    let gather = operator.as_op().downcast_ref::<GatherNd>();
    let inner = match (expansion, gather) {
        (Some(expansion), _) => expansion.clone(),
        (None, Some(gather)) => Box::new(Typed(gather.clone())),
        (None, None) => return Ok((operator, closures)),
    };
    Ok((expand(Guarded { inner, rules }), closures))
}

/// What to check and repair about a node.
#[derive(Clone, Debug, Default)]
struct Rules {
    /// Axes of the first input that attributes name.
    axes: Vec<i64>,
    /// The input that holds such axes, if one does.
    axes_input: Option<usize>,
    /// What axes are counted in.
    span: Span,
    /// Where indices point to.
    indices: Option<Target>,
    /// What becomes of the elements along an axis, if they are reduced to one.
    reduction: Option<Reduction>,
    /// Whether it adds up elements, which for half floats needs wider ones.
    sums: bool,
}

/// What axes are counted in.
#[derive(Clone, Copy, Debug, Default)]
enum Span {
    /// The axes of the input.
    #[default]
    Input,
    /// The places between and around the axes of the input.
    Between,
    /// The axes of the result, which has one more for each.
    Result,
}

impl Span {
    fn range(self, rank: i64, count: usize) -> std::ops::Range<i64> {
        match self {
            Self::Input => -rank..rank,
            Self::Between => -rank..rank + 1,
            Self::Result => {
                let grown = rank.saturating_add_unsigned(count as u64);
                -grown..grown
            }
        }
    }
}

/// Where indices point to.
#[derive(Clone, Copy, Debug)]
enum Target {
    /// The second input's into this axis of the first.
    Axis(i64),
    /// Tuples of the second input into the axes of the first from this one on.
    AxesFrom(usize),
    /// The first input's into a new axis, at this place, whose size is the second input.
    NewAxis(i64),
}

/// What is taken of the elements along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reduction {
    Max,
    Min,
    /// The place of an extreme.
    Place,
    /// A sum, or what is computed by one.
    Sum,
}

impl Rules {
    fn of(node: &NodeProto) -> Option<Self> {
        let attribute = |name| node.attribute.iter().find(|given| given.name == name);
        let axis = attribute("axis").map(|attribute| attribute.i);
        let mut rules = Self::default();
        rules.axes.extend(axis);
        let axes = attribute("axes").into_iter();
        rules
            .axes
            .extend(axes.flat_map(|attribute| &attribute.ints));
        match node.op_type.as_str() {
            // Without a scale for each channel, the axis means nothing and may be any number.
            "QuantizeLinear" | "DequantizeLinear" => return None,
            "Flatten" => rules.span = Span::Between,
            "Unsqueeze" => (rules.span, rules.axes_input) = (Span::Result, Some(1)),
            "OneHot" => {
                rules.span = Span::Result;
                rules.indices = Some(Target::NewAxis(axis.unwrap_or(-1)));
            }
            "Gather" | "GatherElements" | "Scatter" | "ScatterElements" => {
                rules.indices = Some(Target::Axis(axis.unwrap_or(0)));
            }
            "ArrayFeatureExtractor" => rules.indices = Some(Target::Axis(-1)),
            "GatherND" => {
                let batch = attribute("batch_dims").map_or(0, |attribute| attribute.i);
                rules.indices = Some(Target::AxesFrom(usize::try_from(batch).ok()?));
            }
            "ScatterND" => rules.indices = Some(Target::AxesFrom(0)),
            "MatMul" | "Gemm" | "Conv" | "ConvTranspose" | "Einsum" | "Softmax" | "LogSoftmax"
            | "AveragePool" | "GlobalAveragePool" => rules.sums = true,
            "Squeeze" => rules.axes_input = Some(1),
            "DFT" => rules.axes_input = Some(2),
            "MaxPool" | "GlobalMaxPool" => rules.reduction = Some(Reduction::Max),
            "ArgMax" | "ArgMin" => rules.reduction = Some(Reduction::Place),
            name if name.starts_with("Reduce") => {
                rules.axes_input = Some(1);
                rules.reduction = match name {
                    "ReduceMax" => Some(Reduction::Max),
                    "ReduceMin" => Some(Reduction::Min),
                    "ReduceProd" => None,
                    _ => Some(Reduction::Sum),
                };
                rules.sums = rules.reduction == Some(Reduction::Sum);
            }
            _ => {}
        }
        rules.axes_input = rules.axes_input.filter(|input| node.input.len() > *input);
        rules.has_any().then_some(rules)
    }

    fn has_any(&self) -> bool {
        let axes = !self.axes.is_empty() || self.axes_input.is_some();
        axes || self.indices.is_some() || self.reduction.is_some() || self.sums
    }

    fn check_axes(&self, axes: &[i64], rank: i64) -> TractResult<()> {
        let range = self.span.range(rank, axes.len());
        match axes.iter().find(|axis| !range.contains(*axis)) {
            Some(axis) => bail!("axis {axis} is out of range for a tensor of rank {rank}"),
            None => Ok(()),
        }
    }
}

/// An operator with its rules.
#[derive(Clone, Debug)]
struct Guarded {
    inner: Box<dyn Expansion>,
    rules: Rules,
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
        let guarded = match self.rules.indices {
            _ if self.is_narrow(model, inputs)? => widen(prefix, model, inputs)?,
            Some(Target::NewAxis(axis)) => return one_hot(prefix, model, inputs, axis, wire),
            Some(target) => resolve_indices(prefix, model, inputs, target)?,
            None => inputs.into(),
        };
        if self.rules.reduction == Some(Reduction::Sum) {
            refuse_sum_of_nothing(model, inputs[0])?;
        }
        let mut outputs = wire(model, &guarded)?;
        match self.rules.reduction {
            None | Some(Reduction::Sum) => {}
            Some(Reduction::Place) => refuse_place_of_nothing(model, inputs[0], outputs[0])?,
            Some(Reduction::Max) => {
                outputs[0] = restore_infinity(prefix, model, -1, [outputs[0], inputs[0]])?;
            }
            Some(Reduction::Min) => {
                outputs[0] = restore_infinity(prefix, model, 1, [outputs[0], inputs[0]])?;
            }
        }
        if self.is_narrow(model, inputs)? {
            let (name, half) = (format!("{prefix}.narrowed"), f16::datum_type());
            outputs[0] = model.wire_node(name, cast(half), &[outputs[0]])?[0];
        }
        Ok(outputs)
    }

    fn is_narrow(&self, model: &TypedModel, inputs: &[OutletId]) -> TractResult<bool> {
        Ok(self.rules.sums && model.outlet_fact(inputs[0])?.datum_type == f16::datum_type())
    }
}

/// Makes single floats of half floats.
fn widen(prefix: &str, model: &mut TypedModel, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
    let mut inputs: TVec<OutletId> = inputs.into();
    for (index, input) in inputs.iter_mut().enumerate() {
        if model.outlet_fact(*input)?.datum_type == f16::datum_type() {
            let (name, single) = (format!("{prefix}.widened.{index}"), f32::datum_type());
            *input = model.wire_node(name, cast(single), &[*input])?[0];
        }
    }
    Ok(inputs)
}

/// Puts a check between the indices and the operator.
fn resolve_indices(
    prefix: &str,
    model: &mut TypedModel,
    inputs: &[OutletId],
    target: Target,
) -> TractResult<TVec<OutletId>> {
    let rank = i64::try_from(model.outlet_fact(inputs[0])?.rank())?;
    let bounds = match target {
        Target::AxesFrom(first) => Bounds::AxesFrom(first),
        Target::Axis(axis) | Target::NewAxis(axis) => {
            Bounds::Axis(usize::try_from(axis.rem_euclid(rank.max(1)))?)
        }
    };
    let mut inputs: TVec<OutletId> = inputs.into();
    let name = format!("{prefix}.indices");
    inputs[1] = ResolveIndices { bounds }.wire(name, model, &[inputs[1], inputs[0]])?;
    Ok(inputs)
}

/// Indices out of range stand for no element: they get an axis that is one longer, and lose it again.
fn one_hot(
    prefix: &str,
    model: &mut TypedModel,
    inputs: &[OutletId],
    axis: i64,
    wire: impl FnOnce(&mut TypedModel, &[OutletId]) -> TractResult<TVec<OutletId>>,
) -> TractResult<TVec<OutletId>> {
    let depth = model.outlet_fact(inputs[1])?.konst.clone();
    let depth = depth.context("the depth must be a known constant")?;
    ensure!(depth.len() == 1, "the depth must be one number");
    let depth = depth
        .cast_to::<i64>()?
        .try_as_plain_ram()?
        .as_slice::<i64>()?[0];
    ensure!(
        (0..i64::from(i32::MAX)).contains(&depth),
        "{depth} is no depth"
    );
    let mut inputs: TVec<OutletId> = inputs.into();
    let bounds = Bounds::Depth(depth);
    inputs[0] = ResolveIndices { bounds }.wire(format!("{prefix}.indices"), model, &[inputs[0]])?;
    inputs[1] = model.add_const(format!("{prefix}.depth"), tensor0(depth + 1))?;
    let outputs = wire(model, &inputs)?;
    let rank = i64::try_from(model.outlet_fact(outputs[0])?.rank())?;
    let axis = usize::try_from(axis.rem_euclid(rank))?;
    model.wire_node(
        format!("{prefix}.within"),
        Slice::new(axis, 0, depth),
        &outputs,
    )
}

/// Refuses the place of an extreme among no elements: there is none.
fn refuse_place_of_nothing(
    model: &TypedModel,
    input: OutletId,
    output: OutletId,
) -> TractResult<()> {
    let empty =
        |outlet| -> TractResult<bool> { Ok(model.outlet_fact(outlet)?.shape.volume().is_zero()) };
    ensure!(
        !empty(input)? || empty(output)?,
        "takes the place of the extreme of no elements"
    );
    Ok(())
}

/// Refuses to add up a last axis without elements, on which the importer divides by zero.
fn refuse_sum_of_nothing(model: &TypedModel, input: OutletId) -> TractResult<()> {
    let shape = &model.outlet_fact(input)?.shape;
    let empty = shape.last().is_some_and(Zero::is_zero);
    ensure!(
        !empty,
        "adds up a last axis without elements, which is not supported"
    );
    Ok(())
}

/// Puts a repair behind the extremes of some elements.
fn restore_infinity(
    prefix: &str,
    model: &mut TypedModel,
    sign: i8,
    inputs: [OutletId; 2],
) -> TractResult<OutletId> {
    if !model.outlet_fact(inputs[0])?.datum_type.is_float() {
        return Ok(inputs[0]);
    }
    let name = format!("{prefix}.infinity");
    Ok(model.wire_node(name, RestoreInfinity { sign }, &inputs)?[0])
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
