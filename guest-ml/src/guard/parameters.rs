//! Parameters of operators that are impossible, whatever the elements are.

use std::ops::RangeInclusive;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// Largest size of an axis: the machine counts bytes with 32 bits.
const MOST: i64 = i32::MAX as i64;

/// The operator set from which on floats have a rest with the divisor's sign, too.
const FLOORED_FLOATS: i64 = 28;

/// What to check about a node's parameters, once they and the shapes of its inputs are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters {
    /// Whole numbers: of which input, and in which range.
    ranges: Vec<(usize, RangeInclusive<i64>)>,
    /// The input that holds steps, of which none may be zero.
    steps: Option<usize>,
    /// The input that holds factors, which must be positive and finite.
    factors: Option<usize>,
    /// Lists of numbers for each axis on which a window slides: their names and lengths, and how many there are to be
    /// for an axis.
    windows: Vec<(String, usize, usize)>,
    /// The input that holds the weights of a window, and how that slides.
    weights: Option<(usize, Window)>,
    /// The input that holds weights, and the sizes that a node says they have.
    kernel: Option<(usize, Vec<i64>)>,
    /// How many elements at the start and the end of each axis are mirrored.
    mirrored: Vec<i64>,
    /// Size of a recurrent layer's state.
    hidden: Option<i64>,
    /// Whether the shapes of all inputs are stretched to one.
    broadcasts: bool,
    /// Whether it divides whole numbers only.
    whole: bool,
    /// How many parts the first input is split into, and which input has their sizes.
    parts: Option<(usize, Option<usize>)>,
    /// Whether it multiplies matrices.
    multiplies: bool,
    /// Element types that the importer's kernels compute right, if not all that ONNX allows.
    computed: Option<&'static [DatumType]>,
    /// Whether it takes matrices only.
    planes: bool,
}

impl Parameters {
    pub(super) fn of(node: &NodeProto, version: i64) -> Self {
        let ranges = ranges(&node.op_type).iter();
        let ranges =
            ranges.filter_map(|(input, range)| Some((place(node, *input)?, range.clone())));
        let steps = match node.op_type.as_str() {
            "Slice" => Some(4),
            _ => None,
        };
        let factors =
            (node.op_type == "Resize").then_some(if node.input.len() == 2 { 1 } else { 2 });
        let attribute = |name| node.attribute.iter().find(|given| given.name == name);
        let weights = match node.op_type.as_str() {
            "Conv" | "ConvInteger" => Some(1),
            "QLinearConv" => Some(3),
            _ => None,
        };
        let transposed = (node.op_type == "ConvTranspose").then_some(1);
        let kernel = attribute("kernel_shape").filter(|kernel| !kernel.ints.is_empty());
        let kernel = weights.or(transposed).zip(kernel);
        let reflects = attribute("mode").is_some_and(|mode| mode.s == b"reflect");
        let mirrored = attribute("pads").filter(|_| node.op_type == "Pad" && reflects);
        let recurrent = matches!(&*node.op_type, "RNN" | "LSTM" | "GRU");
        let hidden = attribute("hidden_size").filter(|_| recurrent);
        Self {
            ranges: ranges.collect(),
            steps: steps.and_then(|input| place(node, input)),
            factors: factors.and_then(|input| place(node, input)),
            windows: windows(node),
            weights: weights.map(|input| (input, Window::of(node))),
            kernel: kernel.map(|(input, kernel)| (input, kernel.ints.clone())),
            mirrored: mirrored.map_or_else(Vec::new, |pads| pads.ints.clone()),
            hidden: hidden.map(|attribute| attribute.i),
            broadcasts: BROADCAST.contains(&node.op_type.as_str()),
            whole: node.op_type == "Mod"
                && version < FLOORED_FLOATS
                && attribute("fmod").is_none_or(|fmod| fmod.i == 0),
            parts: (node.op_type == "Split").then(|| (node.output.len(), place(node, 1))),
            multiplies: node.op_type == "MatMul",
            computed: computed(node),
            planes: node.op_type == "Trilu",
        }
    }

    pub(super) fn check(&self, inputs: &[&InferenceFact]) -> TractResult<()> {
        for (input, range) in &self.ranges {
            let numbers = whole(inputs, *input).unwrap_or_default();
            if let Some(number) = numbers.iter().find(|number| !range.contains(*number)) {
                bail!("the parameter {number} is impossible: expected {range:?}");
            }
        }
        let steps = self.steps.and_then(|input| known::<f64>(inputs, input));
        ensure!(
            !steps.is_some_and(|steps| steps.contains(&0.0)),
            "takes steps of zero"
        );
        let factors = self.factors.and_then(|input| known::<f64>(inputs, input));
        for factor in factors.unwrap_or_default() {
            let possible = factor > 0.0 && factor <= MOST as f64;
            ensure!(possible, "{factor} is no factor to resize by");
        }
        self.check_windows(inputs)?;
        self.check_weights(inputs)?;
        self.check_kernel(inputs)?;
        self.check_mirrored(inputs)?;
        self.check_hidden(inputs)?;
        self.check_parts(inputs)?;
        if self.multiplies {
            check_depth(inputs)?;
        }
        if let Some(computed) = self.computed {
            check_computed(inputs, computed)?;
        }
        ensure!(
            !self.planes
                || inputs
                    .first()
                    .and_then(|input| shape(input))
                    .is_none_or(|shape| shape.len() > 1),
            "is given a list, expected matrices"
        );
        let floats = |input: &&&InferenceFact| {
            let datum = input.datum_type.concretize();
            datum.is_some_and(|datum| datum.is_float())
        };
        ensure!(
            !self.whole || inputs.iter().find(floats).is_none(),
            "divides floats, but attribute 'fmod' is not 1"
        );
        if self.broadcasts {
            check_broadcast(inputs)?;
        }
        Ok(())
    }

    fn check_windows(&self, inputs: &[&InferenceFact]) -> TractResult<()> {
        let rank = inputs
            .first()
            .and_then(|input| input.shape.rank().concretize());
        let Some(rank) = rank.and_then(|rank| usize::try_from(rank).ok()) else {
            return Ok(());
        };
        for (name, got, each) in &self.windows {
            let expected = rank.saturating_sub(2) * each;
            ensure!(
                *got == expected,
                "attribute '{name}' has {got} numbers, expected {expected} for a tensor of rank {rank}"
            );
        }
        Ok(())
    }

    fn check_weights(&self, inputs: &[&InferenceFact]) -> TractResult<()> {
        let Some((input, window)) = &self.weights else {
            return Ok(());
        };
        let weights = inputs.get(*input).and_then(|weights| shape(weights));
        let least = window.least(
            weights
                .as_deref()
                .and_then(|s| s.get(2..))
                .unwrap_or_default(),
        );
        for (axis, least) in least.iter().enumerate() {
            let size = inputs.first().and_then(|input| size(input, axis + 2));
            let small = size
                .and_then(|size| size.to_i64().ok())
                .is_some_and(|size| size < *least);
            ensure!(!small, "expected an axis {} of at least {least}", axis + 2);
        }
        Ok(())
    }

    fn check_kernel(&self, inputs: &[&InferenceFact]) -> TractResult<()> {
        let Some((input, kernel)) = &self.kernel else {
            return Ok(());
        };
        let weights = inputs.get(*input).and_then(|weights| shape(weights));
        let sizes = weights.as_deref().and_then(|shape| shape.get(2..));
        ensure!(
            sizes.is_none_or(|sizes| sizes == kernel),
            "attribute 'kernel_shape' is {kernel:?}, but its weights have {sizes:?}"
        );
        Ok(())
    }

    fn check_mirrored(&self, inputs: &[&InferenceFact]) -> TractResult<()> {
        let axes = self.mirrored.len() / 2;
        for (index, pad) in self
            .mirrored
            .iter()
            .enumerate()
            .filter(|(_, pad)| **pad > 0)
        {
            let size = inputs.first().and_then(|input| size(input, index % axes));
            let Some(size) = size else { continue };
            let size = size
                .to_i64()
                .context("an axis is mirrored, so its size must be a known constant")?;
            ensure!(
                *pad < size,
                "mirrors {pad} elements of an axis that has no more than that"
            );
        }
        Ok(())
    }

    fn check_parts(&self, inputs: &[&InferenceFact]) -> TractResult<()> {
        let Some((parts, sizes)) = self.parts else {
            return Ok(());
        };
        let rank = inputs
            .first()
            .and_then(|input| input.shape.rank().concretize());
        ensure!(rank != Some(0), "splits a scalar");
        let sizes = sizes.and_then(|input| whole(inputs, input));
        let got = sizes.as_ref().map_or(parts, Vec::len);
        ensure!(
            got == parts,
            "has sizes of {got} parts, but {parts} outputs"
        );
        Ok(())
    }

    fn check_hidden(&self, inputs: &[&InferenceFact]) -> TractResult<()> {
        let state = inputs.get(2).and_then(|weights| shape(weights));
        if let (Some(hidden), Some(state)) = (self.hidden, state.as_ref().and_then(|s| s.last())) {
            ensure!(
                *state == hidden,
                "hidden_size is {hidden}, but the recurrent weights have a state of {state}"
            );
        }
        Ok(())
    }
}

/// How a window slides over each axis.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    dilations: Vec<i64>,
    pads: Vec<i64>,
    /// Whether it may reach over the end.
    beyond: bool,
}

impl Window {
    pub(super) fn of(node: &NodeProto) -> Self {
        let given = |name: &str| node.attribute.iter().find(|given| given.name == name);
        let ints = |name| given(name).map_or_else(Vec::new, |attribute| attribute.ints.clone());
        let padded = given("auto_pad").is_some_and(|padding| padding.s.starts_with(b"SAME"));
        Self {
            dilations: ints("dilations"),
            pads: ints("pads"),
            beyond: padded,
        }
    }

    /// The least sizes of axes for windows of these sizes.
    pub(super) fn least(&self, sizes: &[i64]) -> Vec<i64> {
        if self.beyond {
            return Vec::new();
        }
        let reach = |(axis, size): (usize, &i64)| {
            let dilation = self.dilations.get(axis).copied().unwrap_or(1);
            let pads = [axis, axis + sizes.len()];
            let pads = pads.map(|place| self.pads.get(place).copied().unwrap_or(0));
            let reach = size
                .saturating_sub(1)
                .saturating_mul(dilation)
                .saturating_add(1);
            reach.saturating_sub(pads[0].saturating_add(pads[1]))
        };
        sizes.iter().enumerate().map(reach).collect()
    }
}

/// Operators of inputs that are stretched to one shape.
const BROADCAST: [&str; 23] = [
    "Add",
    "And",
    "BitShift",
    "BitwiseAnd",
    "BitwiseOr",
    "BitwiseXor",
    "Div",
    "Equal",
    "Greater",
    "GreaterOrEqual",
    "Less",
    "LessOrEqual",
    "Max",
    "Mean",
    "Min",
    "Mod",
    "Mul",
    "Or",
    "Pow",
    "Sub",
    "Sum",
    "Where",
    "Xor",
];

/// Ranges of whole numbers in inputs.
fn ranges(operator: &str) -> &'static [(usize, RangeInclusive<i64>)] {
    match operator {
        "ConstantOfShape" => &[(0, 0..=MOST)],
        "Expand" | "Split" | "Tile" | "TopK" => &[(1, 0..=MOST)],
        "Reshape" => &[(1, -1..=MOST)],
        "Pad" | "Trilu" => &[(1, -MOST..=MOST)],
        "Slice" => &[(3, -MOST..=MOST), (4, -MOST..=MOST)],
        "Resize" => &[(3, 0..=MOST)],
        _ => &[],
    }
}

/// Lists of numbers for each axis on which a window slides.
fn windows(node: &NodeProto) -> Vec<(String, usize, usize)> {
    let each = |name: &str| match name {
        "kernel_shape" | "strides" | "dilations" | "output_padding" | "output_shape" => Some(1),
        "pads" if node.op_type != "Pad" => Some(2),
        _ => None,
    };
    let list = |attribute: &tract_onnx::pb::AttributeProto| {
        let each = each(&attribute.name)?;
        // Without numbers an attribute has its default.
        let given = !attribute.ints.is_empty();
        given.then(|| (attribute.name.clone(), attribute.ints.len(), each))
    };
    node.attribute.iter().filter_map(list).collect()
}

/// Where the importer puts an input: it leaves out those that are not given.
pub(super) fn place(node: &NodeProto, input: usize) -> Option<usize> {
    let given = node.input.get(input).is_some_and(|name| !name.is_empty());
    let before = node.input.iter().take(input);
    given.then(|| before.filter(|name| !name.is_empty()).count())
}

fn whole(inputs: &[&InferenceFact], input: usize) -> Option<Vec<i64>> {
    known::<i64>(inputs, input)
}

/// Numbers that are known before a run.
fn known<T: Datum + Copy>(inputs: &[&InferenceFact], input: usize) -> Option<Vec<T>> {
    let value = inputs.get(input)?.value.concretize()?;
    let numbers = value.cast_to::<T>().ok()?;
    Some(
        numbers
            .try_as_plain_ram()
            .ok()?
            .as_slice::<T>()
            .ok()?
            .to_vec(),
    )
}

/// A shape of which all sizes are known.
fn shape(fact: &InferenceFact) -> Option<TVec<i64>> {
    let shape = fact.shape.concretize()?;
    shape.iter().map(|size| size.to_i64().ok()).collect()
}

/// The size of one axis, as far as it is known.
fn size(fact: &InferenceFact, axis: usize) -> Option<TDim> {
    fact.shape.dims().nth(axis)?.concretize()
}

/// Element types that the importer computes right, of operators where it does not compute all.
fn computed(node: &NodeProto) -> Option<&'static [DatumType]> {
    use DatumType::{F16, F32, F64, I32};
    let mut attributes = node.attribute.iter();
    match node.op_type.as_str() {
        // There is no error function of double floats.
        "Erf" => Some(&[F16, F32]),
        "Gelu" if !attributes.any(|given| given.name == "approximate" && given.s == b"tanh") => {
            Some(&[F16, F32])
        }
        // It has no products of other types.
        "Einsum" | "Gemm" | "MatMul" => Some(&[F16, F32, F64, I32]),
        // It rounds the bias to an integer before it subtracts.
        "Shrink" => Some(&[F16, F32, F64]),
        _ => None,
    }
}

fn check_computed(inputs: &[&InferenceFact], computed: &[DatumType]) -> TractResult<()> {
    let datums = inputs
        .iter()
        .filter_map(|input| input.datum_type.concretize());
    for datum in datums {
        ensure!(
            computed.contains(&datum),
            "computes elements of {datum:?}, expected one of {computed:?}: cast them"
        );
    }
    Ok(())
}

/// Rows of the first matrix must be as long as the columns of the second.
fn check_depth(inputs: &[&InferenceFact]) -> TractResult<()> {
    let shapes: Option<TVec<TVec<i64>>> = inputs.iter().map(|input| shape(input)).collect();
    let Some([left, right]) = shapes.as_deref() else {
        return Ok(());
    };
    ensure!(
        !left.is_empty() && !right.is_empty(),
        "multiplies matrices, got a single number: use Mul"
    );
    let columns = right.iter().rev().nth(1).or(right.last());
    ensure!(
        left.last() == columns,
        "cannot multiply matrices of shapes {left:?} and {right:?}"
    );
    Ok(())
}

fn check_broadcast(inputs: &[&InferenceFact]) -> TractResult<()> {
    let shapes: Option<TVec<TVec<i64>>> = inputs.iter().map(|input| shape(input)).collect();
    let shapes = shapes.unwrap_or_default();
    let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    for axis in 0..rank {
        let sizes = shapes
            .iter()
            .filter_map(|shape| shape.iter().rev().nth(axis));
        let mut stretched = sizes.filter(|size| **size != 1);
        let first = stretched.next();
        ensure!(
            stretched.all(|size| Some(size) == first),
            "shapes {shapes:?} do not fit"
        );
    }
    Ok(())
}
