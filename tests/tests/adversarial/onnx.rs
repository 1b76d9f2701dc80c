//! Valid models that other suites damage, and the words to write more.

pub(crate) use enshrine_tests::onnx::proto::*;

/// Bits of one in every place.
pub(crate) fn ones(count: usize) -> Vec<u32> {
    vec![1_f32.to_bits(); count]
}

/// A multilayer perceptron of 4 inputs and 3 outputs.
pub(crate) fn perceptron() -> Vec<u8> {
    Parts {
        nodes: vec![
            node("MatMul", &["x", "w"], &["a"]),
            node("Add", &["a", "b"], &["c"]),
            node("Relu", &["c"], &["y"]),
        ],
        initializers: vec![floats("w", &[4, 3], &ones(12)), floats("b", &[3], &ones(3))],
        inputs: vec![value("x", FLOAT, &[Axis::Size(1), Axis::Size(4)])],
        outputs: vec![untyped("y")],
    }
    .model()
}

/// A convolution over a named batch, with shape arithmetic, branches and every kind of attribute.
pub(crate) fn branches() -> Vec<u8> {
    let branch = |operator: &str| {
        Parts {
            nodes: vec![node(operator, &["f"], &["r"])],
            outputs: vec![untyped("r")],
            ..Parts::default()
        }
        .message()
    };
    let scale = tensor_attribute("value", &floats("", &[1], &[0x3f00_0000]));
    Parts {
        nodes: vec![
            node_with(
                "Conv",
                &["x", "k"],
                &["h"],
                &[
                    ints("pads", &[1, 1, 1, 1]),
                    int("group", 1),
                    text("auto_pad", "NOTSET"),
                ],
            ),
            node_with("Constant", &[], &["s"], &[scale]),
            node("Mul", &["h", "s"], &["m"]),
            node("Reshape", &["m", "flat"], &["f"]),
            node_with(
                "If",
                &["which"],
                &["y"],
                &[
                    graph_attribute("then_branch", &branch("Relu")),
                    graph_attribute("else_branch", &branch("Neg")),
                ],
            ),
        ],
        initializers: vec![
            floats("k", &[2, 1, 3, 3], &ones(18)),
            integers("flat", &[0, -1]),
        ],
        inputs: vec![
            value(
                "x",
                FLOAT,
                &[
                    Axis::Named("n"),
                    Axis::Size(1),
                    Axis::Size(4),
                    Axis::Size(4),
                ],
            ),
            value("which", BOOL, &[]),
        ],
        outputs: vec![untyped("y")],
    }
    .model()
}

/// An input of [`branches`]: one picture, and the first branch.
pub(crate) fn branches_input() -> Vec<u8> {
    [&1_u32.to_le_bytes()[..], &[0; 64], &[1]].concat()
}
