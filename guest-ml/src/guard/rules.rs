//! What each operator needs.

use super::parameters::{Window, place};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// What to check and repair about a node.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    /// Axes of the first input that attributes name.
    pub(super) axes: Vec<i64>,
    /// The input that holds such axes, if one does.
    pub(super) axes_input: Option<usize>,
    /// What axes are counted in.
    pub(super) span: Span,
    /// Where indices point to.
    pub(super) indices: Option<Target>,
    /// What becomes of the elements along an axis, if they are reduced to one.
    pub(super) reduction: Option<Reduction>,
    /// The least sizes of the first input's axes, where windows slide over them.
    pub(super) least_sizes: Option<Vec<(usize, i64)>>,
    /// The input that is divided by, if one is.
    pub(super) divides: Option<usize>,
    /// Whether it multiplies matrices.
    pub(super) multiplies: bool,
    /// Whether it raises numbers to powers.
    pub(super) raises: bool,
    /// Whether the second input says how much to pad with.
    pub(super) pads: bool,
    /// Whether what it pads with are the elements in reverse, which must be enough.
    pub(super) mirrors: bool,
    /// Whether half floats are computed as single ones.
    pub(super) widens: bool,
}

/// What axes are counted in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Span {
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
pub(super) enum Target {
    /// The second input's into this axis of the first.
    Axis(i64),
    /// The second input's, in its place, into this axis of the first.
    Elements(i64),
    /// Not an index but a number of elements, of this axis of the first input.
    Count(i64),
    /// Tuples of the second input into the axes of the first from this one on.
    AxesFrom(usize),
    /// The first input's into a new axis, at this place, whose size is the second input.
    NewAxis(i64),
}

/// What is taken of the elements along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reduction {
    Max,
    Min,
    /// The place of an extreme.
    Place,
    /// A sum, or what is computed by one.
    Sum,
}

impl Rules {
    pub(super) fn of(node: &NodeProto) -> Option<Self> {
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
            "Flatten" => (rules.span, rules.axes) = (Span::Between, vec![axis.unwrap_or(1)]),
            "Unsqueeze" => (rules.span, rules.axes_input) = (Span::Result, Some(1)),
            "OneHot" => {
                rules.span = Span::Result;
                rules.indices = Some(Target::NewAxis(axis.unwrap_or(-1)));
            }
            "Gather" => rules.indices = Some(Target::Axis(axis.unwrap_or(0))),
            "GatherElements" | "Scatter" | "ScatterElements" => {
                rules.indices = Some(Target::Elements(axis.unwrap_or(0)));
            }
            "TopK" if node.input.len() > 1 => {
                rules.indices = Some(Target::Count(axis.unwrap_or(-1)));
            }
            // The importer multiplies by reciprocals, which half floats may not have.
            "Div" => (rules.divides, rules.widens) = (Some(1), true),
            "Mod" => rules.divides = Some(1),
            "Pow" => rules.raises = true,
            "Pad" => {
                let mode = attribute("mode").map_or(&b"constant"[..], |mode| &mode.s);
                rules.pads = node.input.len() > 1;
                rules.mirrors = rules.pads && mode == b"reflect";
                rules.least_sizes = (mode != b"constant").then(Vec::new);
            }
            "Resize" => rules.least_sizes = Some(Vec::new()),
            "ArrayFeatureExtractor" => rules.indices = Some(Target::Axis(-1)),
            "GatherND" => {
                let batch = attribute("batch_dims").map_or(0, |attribute| attribute.i);
                rules.indices = Some(Target::AxesFrom(usize::try_from(batch).ok()?));
            }
            "ScatterND" => rules.indices = Some(Target::AxesFrom(0)),
            "MatMul" => (rules.widens, rules.multiplies) = (true, true),
            "Gemm" | "Conv" | "ConvTranspose" | "Einsum" | "Softmax" | "GlobalAveragePool" => {
                rules.widens = true;
            }
            "AveragePool" => {
                rules.widens = true;
                rules.least_sizes = Some(window(node));
            }
            "Squeeze" => rules.axes_input = Some(1),
            "DFT" => rules.axes_input = Some(2),
            "MaxPool" => {
                rules.reduction = Some(Reduction::Max);
                rules.least_sizes = Some(window(node));
            }
            "GlobalMaxPool" => rules.reduction = Some(Reduction::Max),
            "ArgMax" | "ArgMin" => rules.reduction = Some(Reduction::Place),
            name if name.starts_with("Reduce") => {
                rules.axes_input = Some(1);
                rules.reduction = match name {
                    "ReduceMax" => Some(Reduction::Max),
                    "ReduceMin" => Some(Reduction::Min),
                    "ReduceProd" => None,
                    _ => Some(Reduction::Sum),
                };
                rules.widens = rules.reduction == Some(Reduction::Sum);
            }
            _ => {}
        }
        rules.axes_input = rules.axes_input.and_then(|input| place(node, input));
        rules.has_any().then_some(rules)
    }

    fn has_any(&self) -> bool {
        let axes = !self.axes.is_empty() || self.axes_input.is_some();
        let values = self.indices.is_some() || self.reduction.is_some();
        let sizes = self.least_sizes.is_some() || self.pads || self.mirrors;
        axes || values || sizes || self.divides.is_some() || self.widens || self.raises
    }

    pub(super) fn check_axes(&self, axes: &[i64], rank: i64) -> TractResult<()> {
        let range = self.span.range(rank, axes.len());
        if let Some(axis) = axes.iter().find(|axis| !range.contains(*axis)) {
            bail!("axis {axis} is out of range for a tensor of rank {rank}");
        }
        let place = |axis: &i64| if *axis < 0 { axis + range.end } else { *axis };
        let twice = (1..axes.len()).find(|index| {
            let before = axes[..*index].iter().map(place);
            before
                .into_iter()
                .any(|before| before == place(&axes[*index]))
        });
        ensure!(twice.is_none(), "names an axis twice in {axes:?}");
        Ok(())
    }
}

/// The least sizes of axes for a pool's window.
fn window(node: &NodeProto) -> Vec<(usize, i64)> {
    let sizes = node
        .attribute
        .iter()
        .find(|given| given.name == "kernel_shape");
    let least = Window::of(node).least(sizes.map_or(&[], |sizes| &sizes.ints));
    (2..).zip(least).collect()
}
