//! Operators with parameters that make no sense.

use crate::{
    bench::{EVERYWHERE, Ended, FUEL, agree},
    onnx::{
        Axis, FLOAT, Message, Parts, floats, int, integers, ints, node, node_with, ones,
        tensor_attribute, text, untyped, value,
    },
};

const HUGE: i64 = 1 << 31;

/// A graph of one node on a picture `x` of `[1, 2, 4, 4]`, with `w` stored.
fn picture(node: Message, weight: Message) -> Vec<u8> {
    Parts {
        nodes: vec![node],
        initializers: vec![weight],
        inputs: vec![value("x", FLOAT, &[1, 2, 4, 4].map(Axis::Size))],
        outputs: vec![untyped("y")],
    }
    .model()
}

/// A node of `x` alone.
fn alone(operator: &str, attributes: &[Message]) -> Vec<u8> {
    picture(
        node_with(operator, &["x"], &["y"], attributes),
        floats("w", &[1], &ones(1)),
    )
}

/// A node of `x` and a list of integers.
fn listed(operator: &str, numbers: &[i64], attributes: &[Message]) -> Vec<u8> {
    picture(
        node_with(operator, &["x", "w"], &["y"], attributes),
        integers("w", numbers),
    )
}

/// A node of `x` and a kernel of `[2, 2, 3, 3]`.
fn kernel(operator: &str, attributes: &[Message]) -> Vec<u8> {
    picture(
        node_with(operator, &["x", "w"], &["y"], attributes),
        floats("w", &[2, 2, 3, 3], &ones(36)),
    )
}

fn cases() -> Vec<(&'static str, Vec<u8>)> {
    let kernel_of = |size: &[i64]| ints("kernel_shape", size);
    let mut cases = vec![
        ("Reshape to 2^31", listed("Reshape", &[HUGE], &[])),
        (
            "Reshape to a product that wraps",
            listed("Reshape", &[1 << 32, 1 << 32, 32], &[]),
        ),
        ("Reshape to -2", listed("Reshape", &[-2], &[])),
        ("Reshape with two -1", listed("Reshape", &[-1, -1], &[])),
        ("Reshape to i64::MIN", listed("Reshape", &[i64::MIN], &[])),
        (
            "Reshape by an axis that is not there",
            listed("Reshape", &[0, 0, 0, 0, 0], &[]),
        ),
        ("Expand to 2^31", listed("Expand", &[HUGE, 1, 2, 4, 4], &[])),
        ("Expand to -1", listed("Expand", &[-1, 1, 2, 4, 4], &[])),
        (
            "Expand to i64::MAX",
            listed("Expand", &[i64::MAX, 1, 2, 4, 4], &[]),
        ),
        ("Tile 2^31 times", listed("Tile", &[HUGE, 1, 1, 1], &[])),
        ("Tile 2^40 times", listed("Tile", &[1 << 40, 1, 1, 1], &[])),
        ("Tile -1 times", listed("Tile", &[-1, 1, 1, 1], &[])),
        ("Tile of another rank", listed("Tile", &[2], &[])),
        (
            "Pad by 2^31",
            listed("Pad", &[HUGE, 0, 0, 0, HUGE, 0, 0, 0], &[]),
        ),
        (
            "Pad by i64::MAX",
            listed("Pad", &[i64::MAX, 0, 0, 0, i64::MAX, 0, 0, 0], &[]),
        ),
        (
            "Pad by less than there is",
            listed("Pad", &[-9, 0, 0, 0, -9, 0, 0, 0], &[]),
        ),
        ("Pad of another rank", listed("Pad", &[1], &[])),
        (
            "Pad by reflection of more than there is",
            listed("Pad", &[0, 0, 9, 9, 0, 0, 9, 9], &[text("mode", "reflect")]),
        ),
        (
            "Gather beyond the end",
            listed("Gather", &[99], &[int("axis", 2)]),
        ),
        (
            "Gather of i64::MIN",
            listed("Gather", &[i64::MIN], &[int("axis", 2)]),
        ),
        (
            "Gather on an axis that is not there",
            listed("Gather", &[0], &[int("axis", 9)]),
        ),
        (
            "Gather on axis i64::MIN",
            listed("Gather", &[0], &[int("axis", i64::MIN)]),
        ),
        (
            "GatherElements of another rank",
            listed("GatherElements", &[0], &[]),
        ),
        (
            "GatherND beyond the end",
            listed("GatherND", &[9, 9, 9, 9], &[]),
        ),
        (
            "Unsqueeze of i64::MAX",
            listed("Unsqueeze", &[i64::MAX], &[]),
        ),
        (
            "Unsqueeze twice in one place",
            listed("Unsqueeze", &[0, 0], &[]),
        ),
        ("Squeeze of an axis of 2", listed("Squeeze", &[1], &[])),
        ("Squeeze of -99", listed("Squeeze", &[-99], &[])),
        ("ReduceSum over -99", listed("ReduceSum", &[-99], &[])),
        (
            "ReduceSum over i64::MAX",
            listed("ReduceSum", &[i64::MAX], &[]),
        ),
        (
            "ReduceMean over 99",
            alone("ReduceMean", &[ints("axes", &[99])]),
        ),
        (
            "Split into parts too large",
            listed("Split", &[1, 9], &[int("axis", 1)]),
        ),
        (
            "Split into negative parts",
            listed("Split", &[3, -1], &[int("axis", 1)]),
        ),
        ("TopK of 2^31", top(HUGE)),
        ("TopK of -1", top(-1)),
        ("TopK of 5 of 4", top(5)),
        (
            "Transpose by no permutation",
            alone("Transpose", &[ints("perm", &[0, 0, 1, 2])]),
        ),
        (
            "Transpose by too few",
            alone("Transpose", &[ints("perm", &[1, 0])]),
        ),
        (
            "Transpose by 2^31",
            alone("Transpose", &[ints("perm", &[HUGE, 0, 1, 2])]),
        ),
        (
            "Transpose by -1",
            alone("Transpose", &[ints("perm", &[-1, 0, 1, 2])]),
        ),
        ("Concat on axis 2^31", alone("Concat", &[int("axis", HUGE)])),
        ("Concat on axis -9", alone("Concat", &[int("axis", -9)])),
        ("Flatten at 2^40", alone("Flatten", &[int("axis", 1 << 40)])),
        ("Flatten at -9", alone("Flatten", &[int("axis", -9)])),
        ("Softmax on axis 99", alone("Softmax", &[int("axis", 99)])),
        (
            "Softmax on axis i64::MIN",
            alone("Softmax", &[int("axis", i64::MIN)]),
        ),
        (
            "LogSoftmax on axis -99",
            alone("LogSoftmax", &[int("axis", -99)]),
        ),
        ("ArgMax on axis 99", alone("ArgMax", &[int("axis", 99)])),
        ("CumSum on axis 99", listed("CumSum", &[99], &[])),
        ("Cast to 99", alone("Cast", &[int("to", 99)])),
        ("Cast to string", alone("Cast", &[int("to", 8)])),
        ("Cast to -1", alone("Cast", &[int("to", -1)])),
        (
            "DepthToSpace by 0",
            alone("DepthToSpace", &[int("blocksize", 0)]),
        ),
        (
            "DepthToSpace by 2^31",
            alone("DepthToSpace", &[int("blocksize", HUGE)]),
        ),
        (
            "DepthToSpace by -1",
            alone("DepthToSpace", &[int("blocksize", -1)]),
        ),
        (
            "SpaceToDepth by 0",
            alone("SpaceToDepth", &[int("blocksize", 0)]),
        ),
        (
            "SpaceToDepth by 3",
            alone("SpaceToDepth", &[int("blocksize", 3)]),
        ),
        ("LRN of 0", alone("LRN", &[int("size", 0)])),
        ("LRN of -1", alone("LRN", &[int("size", -1)])),
        ("MaxPool of 0", alone("MaxPool", &[kernel_of(&[0, 0])])),
        (
            "MaxPool of 2^31",
            alone("MaxPool", &[kernel_of(&[HUGE, HUGE])]),
        ),
        ("MaxPool of -1", alone("MaxPool", &[kernel_of(&[-1, -1])])),
        (
            "MaxPool of another rank",
            alone("MaxPool", &[kernel_of(&[2])]),
        ),
        (
            "MaxPool by 0",
            alone("MaxPool", &[kernel_of(&[2, 2]), ints("strides", &[0, 0])]),
        ),
        (
            "MaxPool by -1",
            alone("MaxPool", &[kernel_of(&[2, 2]), ints("strides", &[-1, -1])]),
        ),
        (
            "MaxPool with pads of -9",
            alone(
                "MaxPool",
                &[kernel_of(&[2, 2]), ints("pads", &[-9, -9, -9, -9])],
            ),
        ),
        (
            "MaxPool with pads of 2^40",
            alone(
                "MaxPool",
                &[kernel_of(&[2, 2]), ints("pads", &[1 << 40; 4])],
            ),
        ),
        (
            "MaxPool with too few pads",
            alone("MaxPool", &[kernel_of(&[2, 2]), ints("pads", &[1])]),
        ),
        (
            "AveragePool of 9",
            alone("AveragePool", &[kernel_of(&[9, 9])]),
        ),
        (
            "AveragePool of 0",
            alone("AveragePool", &[kernel_of(&[0, 0])]),
        ),
        ("Conv by 0", kernel("Conv", &[ints("strides", &[0, 0])])),
        ("Conv by -1", kernel("Conv", &[ints("strides", &[-1, -1])])),
        ("Conv by too few", kernel("Conv", &[ints("strides", &[1])])),
        (
            "Conv dilated by 0",
            kernel("Conv", &[ints("dilations", &[0, 0])]),
        ),
        (
            "Conv dilated by 2^31",
            kernel("Conv", &[ints("dilations", &[HUGE, HUGE])]),
        ),
        (
            "Conv dilated by 2^62",
            kernel("Conv", &[ints("dilations", &[1 << 62, 1 << 62])]),
        ),
        (
            "Conv dilated by -1",
            kernel("Conv", &[ints("dilations", &[-1, -1])]),
        ),
        ("Conv in 0 groups", kernel("Conv", &[int("group", 0)])),
        ("Conv in 3 groups", kernel("Conv", &[int("group", 3)])),
        ("Conv in -1 groups", kernel("Conv", &[int("group", -1)])),
        ("Conv in 2^31 groups", kernel("Conv", &[int("group", HUGE)])),
        (
            "Conv with pads of 2^31",
            kernel("Conv", &[ints("pads", &[HUGE; 4])]),
        ),
        (
            "Conv with pads of 2^62",
            kernel("Conv", &[ints("pads", &[1 << 62; 4])]),
        ),
        (
            "Conv with pads of -9",
            kernel("Conv", &[ints("pads", &[-9; 4])]),
        ),
        (
            "Conv with too few pads",
            kernel("Conv", &[ints("pads", &[1])]),
        ),
        (
            "Conv of another kernel than stored",
            kernel("Conv", &[kernel_of(&[9, 9])]),
        ),
        (
            "Conv that pads in an unknown way",
            kernel("Conv", &[text("auto_pad", "EVIL")]),
        ),
        (
            "ConvTranspose by 0",
            kernel("ConvTranspose", &[ints("strides", &[0, 0])]),
        ),
        (
            "ConvTranspose by 2^31",
            kernel("ConvTranspose", &[ints("strides", &[HUGE, HUGE])]),
        ),
        (
            "ConvTranspose to -1",
            kernel("ConvTranspose", &[ints("output_padding", &[-9, -9])]),
        ),
        (
            "ConvTranspose in 0 groups",
            kernel("ConvTranspose", &[int("group", 0)]),
        ),
        ("OneHot of 2^31", one_hot(HUGE)),
        ("OneHot of -1", one_hot(-1)),
        ("OneHot without depth", listed("OneHot", &[HUGE], &[])),
        ("ConstantOfShape of 2^31", of_shape(&[HUGE])),
        ("ConstantOfShape of 2^62", of_shape(&[1 << 31, 1 << 31])),
        ("ConstantOfShape of -1", of_shape(&[-1])),
        ("ConstantOfShape of two values", two_values()),
        ("Range of 2^40", range(0, 1 << 40, 1)),
        ("Range by 0", range(0, 10, 0)),
        ("Range of everything", range(i64::MIN, i64::MAX, 1)),
        ("Slice by 0", slice(&[0], &[1], &[2], &[0])),
        (
            "Slice of an axis that is not there",
            slice(&[0], &[1], &[99], &[1]),
        ),
        (
            "Slice with too few ends",
            slice(&[0, 0], &[1], &[2, 3], &[1, 1]),
        ),
        (
            "Slice by i64::MIN",
            slice(&[i64::MAX], &[i64::MIN], &[2], &[i64::MIN]),
        ),
        (
            "Einsum of nonsense",
            alone("Einsum", &[text("equation", "((->")]),
        ),
        (
            "Einsum of another rank",
            alone("Einsum", &[text("equation", "ab->ba")]),
        ),
        (
            "Einsum of no letters",
            alone("Einsum", &[text("equation", "")]),
        ),
        ("MatMul of sizes that do not fit", kernel("MatMul", &[])),
        ("Gemm of four axes", kernel("Gemm", &[])),
        ("Add of sizes that do not fit", kernel("Add", &[])),
        (
            "BatchNormalization of other channels",
            batch_normalisation(),
        ),
        ("LSTM of 2^31", recurrent("LSTM", HUGE)),
        ("LSTM of -1", recurrent("LSTM", -1)),
        ("GRU of 2^31", recurrent("GRU", HUGE)),
        ("RNN of 0", recurrent("RNN", 0)),
        ("Resize by 2^31", resize(&[1.0, 1.0, 2e9, 2e9])),
        (
            "Resize by infinity",
            resize(&[1.0, 1.0, f32::INFINITY, 1.0]),
        ),
        ("Resize by NaN", resize(&[1.0, 1.0, f32::NAN, 1.0])),
        ("Resize by -1", resize(&[1.0, 1.0, -1.0, 1.0])),
        ("Resize by 0", resize(&[1.0, 1.0, 0.0, 1.0])),
        ("Resize of another rank", resize(&[2.0])),
        (
            "attribute of another kind",
            alone("Softmax", &[text("axis", "x")]),
        ),
        (
            "attribute of no kind",
            alone("Softmax", &[Message::default().bytes(1, "axis").int(3, 1)]),
        ),
        (
            "attribute of an unknown kind",
            alone(
                "Softmax",
                &[Message::default().bytes(1, "axis").int(20, 99)],
            ),
        ),
        (
            "attribute twice",
            alone("Softmax", &[int("axis", 1), int("axis", 99)]),
        ),
    ];
    cases.push(("attribute without a tensor", alone("Constant", &[])));
    cases
}

fn of_shape(dims: &[i64]) -> Vec<u8> {
    picture(node("ConstantOfShape", &["w"], &["y"]), integers("w", dims))
}

fn two_values() -> Vec<u8> {
    let two = tensor_attribute("value", &floats("", &[2], &ones(2)));
    picture(
        node_with("ConstantOfShape", &["w"], &["y"], &[two]),
        integers("w", &[3]),
    )
}

fn several(nodes: Vec<Message>, initializers: Vec<Message>) -> Vec<u8> {
    Parts {
        nodes,
        initializers,
        inputs: vec![value("x", FLOAT, &[1, 2, 4, 4].map(Axis::Size))],
        outputs: vec![untyped("y")],
    }
    .model()
}

fn scalar(name: &str, value: i64) -> Message {
    crate::onnx::tensor(name, crate::onnx::INT64, &[], &value.to_le_bytes())
}

fn range(start: i64, end: i64, step: i64) -> Vec<u8> {
    several(
        vec![node("Range", &["start", "end", "step"], &["y"])],
        vec![
            scalar("start", start),
            scalar("end", end),
            scalar("step", step),
        ],
    )
}

fn slice(starts: &[i64], ends: &[i64], axes: &[i64], steps: &[i64]) -> Vec<u8> {
    let names = ["x", "starts", "ends", "axes", "steps"];
    let lists = [starts, ends, axes, steps].into_iter().zip(&names[1..]);
    several(
        vec![node("Slice", &names, &["y"])],
        lists.map(|(list, name)| integers(name, list)).collect(),
    )
}

fn top(count: i64) -> Vec<u8> {
    several(
        vec![node("TopK", &["x", "k"], &["y", "places"])],
        vec![integers("k", &[count])],
    )
}

fn one_hot(depth: i64) -> Vec<u8> {
    several(
        vec![node("OneHot", &["x", "depth", "values"], &["y"])],
        vec![scalar("depth", depth), floats("values", &[2], &ones(2))],
    )
}

fn batch_normalisation() -> Vec<u8> {
    let names = ["x", "scale", "bias", "mean", "variance"];
    let vectors = names[1..].iter().map(|name| floats(name, &[5], &ones(5)));
    several(
        vec![node("BatchNormalization", &names, &["y"])],
        vectors.collect(),
    )
}

fn recurrent(operator: &str, hidden: i64) -> Vec<u8> {
    several(
        vec![
            node("Reshape", &["x", "shape"], &["s"]),
            node_with(
                operator,
                &["s", "w", "r"],
                &["y"],
                &[int("hidden_size", hidden)],
            ),
        ],
        vec![
            integers("shape", &[4, 1, 8]),
            floats("w", &[1, 8, 8], &ones(64)),
            floats("r", &[1, 8, 2], &ones(16)),
        ],
    )
}

fn resize(scales: &[f32]) -> Vec<u8> {
    let bits: Vec<u32> = scales.iter().map(|scale| scale.to_bits()).collect();
    several(
        vec![node("Resize", &["x", "", "scales"], &["y"])],
        vec![floats("scales", &[scales.len() as i64], &bits)],
    )
}

#[test]
fn senseless_parameters_are_refused_with_a_name() {
    let mut surprises = Vec::new();
    for (name, model) in cases() {
        let (_, ended) = agree(&model, &[0; 128], FUEL, &EVERYWHERE);
        // The name of the node, or of the output that it computes.
        let expected = matches!(&ended, Ended::Refused(message)
            if message.contains("the ") || message.contains("'y'"));
        if !expected {
            surprises.push((name, ended));
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
}
