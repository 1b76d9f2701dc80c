//! Parameters that make no sense are refused by the node's name, and unusual ones that do are not.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on has failed, and its own numbers are small"
)]

mod common;

use common::{
    Memory, bytes_of, floats, graph, int, integers, model, node, run, string, value, with,
};
use enshrine_guest_ml::{Refusal, Session};
use enshrine_primitives::Status;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tract_onnx::pb::{AttributeProto, ModelProto, NodeProto, TensorProto};

const HUGE: i64 = 1 << 31;
/// Read as 4 where 32 bits are kept.
const WRAPS: i64 = (1 << 32) + 4;

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto {
        ints: values.to_vec(),
        r#type: 7,
        ..int(name, 0)
    }
}

/// A model of one node of a picture `x` of `[1, 2, 4, 4]` and of what is stored.
fn picture(node: NodeProto, stored: Vec<TensorProto>) -> ModelProto {
    several(vec![node], stored)
}

fn several(nodes: Vec<NodeProto>, stored: Vec<TensorProto>) -> ModelProto {
    let output = nodes.last().unwrap().output[0].clone();
    let mut graph = graph(nodes, &[("x", &["1", "2", "4", "4"])], &[&output]);
    graph.initializer = stored;
    model(graph)
}

/// A node of `x` alone.
fn alone(operator: &str, attributes: &[AttributeProto]) -> ModelProto {
    picture(with(node(operator, &["x"], &["y"]), attributes), vec![])
}

/// A node of `x` and a list of integers.
fn listed(operator: &str, numbers: &[i64], attributes: &[AttributeProto]) -> ModelProto {
    let outputs: &[&str] = if operator == "TopK" {
        &["y", "places"]
    } else {
        &["y"]
    };
    let node = with(node(operator, &["x", "w"], outputs), attributes);
    picture(node, vec![integers("w", &[numbers.len() as i64], numbers)])
}

/// A node of `x` and a kernel of `[2, 2, 3, 3]`.
fn kernel(operator: &str, attributes: &[AttributeProto]) -> ModelProto {
    let node = with(node(operator, &["x", "w"], &["y"]), attributes);
    picture(node, vec![floats("w", &[2, 2, 3, 3], &[1.0; 36])])
}

fn pool(operator: &str, size: &[i64], attributes: &[AttributeProto]) -> ModelProto {
    alone(
        operator,
        &[&[ints("kernel_shape", size)], attributes].concat(),
    )
}

fn of_shape(dims: &[i64]) -> ModelProto {
    let node = node("ConstantOfShape", &["w"], &["y"]);
    picture(node, vec![integers("w", &[dims.len() as i64], dims)])
}

fn range(numbers: [i64; 3]) -> ModelProto {
    let names = ["start", "end", "step"];
    let stored = names
        .iter()
        .zip(numbers)
        .map(|(name, number)| integers(name, &[], &[number]));
    picture(node("Range", &names, &["y"]), stored.collect())
}

fn slice(start: i64, end: i64, axis: i64, step: i64) -> ModelProto {
    let names = ["starts", "ends", "axes", "steps"];
    let stored = names
        .iter()
        .zip([start, end, axis, step])
        .map(|(name, number)| integers(name, &[1], &[number]));
    let stored = stored.collect();
    picture(
        node("Slice", &["x", "starts", "ends", "axes", "steps"], &["y"]),
        stored,
    )
}

fn resize(scale: f32) -> ModelProto {
    let node = node("Resize", &["x", "", "scales"], &["y"]);
    picture(node, vec![floats("scales", &[4], &[1.0, 1.0, scale, 1.0])])
}

fn recurrent(hidden: i64) -> ModelProto {
    let lstm = with(
        node("LSTM", &["s", "w", "r"], &["y"]),
        &[int("hidden_size", hidden)],
    );
    let stored = vec![
        integers("shape", &[3], &[4, 1, 8]),
        floats("w", &[1, 8, 8], &[1.0; 64]),
        floats("r", &[1, 8, 2], &[1.0; 16]),
    ];
    several(vec![node("Reshape", &["x", "shape"], &["s"]), lstm], stored)
}

fn added(operator: &str, shape: &[i64]) -> ModelProto {
    let count = shape.iter().product::<i64>() as usize;
    picture(
        node(operator, &["x", "w"], &["y"]),
        vec![floats("w", shape, &vec![1.0; count])],
    )
}

/// The model as one of another operator set.
fn of_set(version: i64, mut proto: ModelProto) -> ModelProto {
    proto.opset_import[0].version = version;
    proto
}

fn doubled(times: usize) -> ModelProto {
    let name = |index: usize| {
        if index == 0 {
            "x".into()
        } else {
            format!("v{index}")
        }
    };
    let double = |index| {
        let (before, after) = (name(index), name(index + 1));
        let double = with(
            node("Concat", &[&before, &before], &[&after]),
            &[int("axis", 3)],
        );
        NodeProto {
            name: "the Concat".into(),
            ..double
        }
    };
    several((0..times).map(double).collect(), vec![])
}

fn senseless() -> Vec<(&'static str, ModelProto)> {
    let reflect = [string("mode", "reflect")];
    vec![
        ("Expand to 2^31", listed("Expand", &[HUGE, 1, 2, 4, 4], &[])),
        ("Expand to -1", listed("Expand", &[-1, 1, 2, 4, 4], &[])),
        (
            "Expand to i64::MAX",
            listed("Expand", &[i64::MAX, 1, 2, 4, 4], &[]),
        ),
        (
            "Expand to what wraps",
            listed("Expand", &[WRAPS, 1, 2, 4, 4], &[]),
        ),
        ("Tile 2^31 times", listed("Tile", &[HUGE, 1, 1, 1], &[])),
        ("Tile 2^40 times", listed("Tile", &[1 << 40, 1, 1, 1], &[])),
        ("Tile what wraps", listed("Tile", &[WRAPS, 1, 1, 1], &[])),
        ("Tile -1 times", listed("Tile", &[-1, 1, 1, 1], &[])),
        (
            "GatherND beyond the end",
            listed("GatherND", &[9, 9, 9, 9], &[]),
        ),
        (
            "Unsqueeze of i64::MAX",
            listed("Unsqueeze", &[i64::MAX], &[]),
        ),
        (
            "Unsqueeze of what wraps",
            listed("Unsqueeze", &[WRAPS], &[]),
        ),
        (
            "Unsqueeze twice in one place",
            listed("Unsqueeze", &[0, 0], &[]),
        ),
        ("Squeeze of -99", listed("Squeeze", &[-99], &[])),
        ("Squeeze of 99", listed("Squeeze", &[99], &[])),
        ("ReduceSum over -99", listed("ReduceSum", &[-99], &[])),
        (
            "ReduceSum over i64::MAX",
            listed("ReduceSum", &[i64::MAX], &[]),
        ),
        (
            "ReduceMean over 99",
            alone("ReduceMean", &[ints("axes", &[99])]),
        ),
        ("ArgMax on axis 99", alone("ArgMax", &[int("axis", 99)])),
        ("Flatten at -9", alone("Flatten", &[int("axis", -9)])),
        ("Flatten at 2^40", alone("Flatten", &[int("axis", 1 << 40)])),
        ("Softmax on axis 99", alone("Softmax", &[int("axis", 99)])),
        (
            "LogSoftmax on axis -99",
            alone("LogSoftmax", &[int("axis", -99)]),
        ),
        (
            "Softmax 12 on axis 99",
            of_set(12, alone("Softmax", &[int("axis", 99)])),
        ),
        ("Concat on axis 9", alone("Concat", &[int("axis", 9)])),
        ("Hardmax on axis 9", alone("Hardmax", &[int("axis", 9)])),
        (
            "LpNormalization on axis 9",
            alone("LpNormalization", &[int("axis", 9)]),
        ),
        ("CumSum on axis 9", listed("CumSum", &[9], &[])),
        ("TopK of 2^31", listed("TopK", &[HUGE], &[])),
        ("TopK of -1", listed("TopK", &[-1], &[])),
        ("TopK of 5 of 4", listed("TopK", &[5], &[])),
        ("TopK 9 of 2^31", top_9(HUGE)),
        ("TopK 9 of -1", top_9(-1)),
        (
            "Transpose by no permutation",
            alone("Transpose", &[ints("perm", &[0, 0, 1, 2])]),
        ),
        (
            "Transpose by 2^31",
            alone("Transpose", &[ints("perm", &[HUGE, 0, 1, 2])]),
        ),
        (
            "Transpose by too few",
            alone("Transpose", &[ints("perm", &[1, 0])]),
        ),
        (
            "DepthToSpace by 0",
            alone("DepthToSpace", &[int("blocksize", 0)]),
        ),
        (
            "DepthToSpace by 2^31",
            alone("DepthToSpace", &[int("blocksize", HUGE)]),
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
        ("MaxPool of 0", pool("MaxPool", &[0, 0], &[])),
        ("MaxPool of another rank", pool("MaxPool", &[2], &[])),
        ("MaxPool of 9", pool("MaxPool", &[9, 9], &[])),
        (
            "MaxPool by 0",
            pool("MaxPool", &[2, 2], &[ints("strides", &[0, 0])]),
        ),
        (
            "MaxPool with one pad",
            pool("MaxPool", &[2, 2], &[ints("pads", &[1])]),
        ),
        (
            "MaxPool with pads of 2^40",
            pool("MaxPool", &[2, 2], &[ints("pads", &[1 << 40; 4])]),
        ),
        (
            "MaxPool with pads of -9",
            pool("MaxPool", &[2, 2], &[ints("pads", &[-9; 4])]),
        ),
        ("AveragePool of 0", pool("AveragePool", &[0, 0], &[])),
        ("AveragePool of 9", pool("AveragePool", &[9, 9], &[])),
        ("Conv by 0", kernel("Conv", &[ints("strides", &[0, 0])])),
        ("Conv by too few", kernel("Conv", &[ints("strides", &[1])])),
        (
            "Conv dilated by 0",
            kernel("Conv", &[ints("dilations", &[0, 0])]),
        ),
        (
            "Conv dilated by 9",
            kernel("Conv", &[ints("dilations", &[9, 9])]),
        ),
        (
            "Conv dilated by 2^31",
            kernel("Conv", &[ints("dilations", &[HUGE, HUGE])]),
        ),
        (
            "Conv dilated by 2^62",
            kernel("Conv", &[ints("dilations", &[1 << 62; 2])]),
        ),
        (
            "Conv dilated by the most",
            kernel("Conv", &[ints("dilations", &[HUGE - 1; 2])]),
        ),
        (
            "Conv with pads of 2^31",
            kernel("Conv", &[ints("pads", &[HUGE; 4])]),
        ),
        (
            "Conv with pads of 2^62",
            kernel("Conv", &[ints("pads", &[1 << 62; 4])]),
        ),
        (
            "Conv with the most pads",
            kernel("Conv", &[ints("pads", &[HUGE - 1; 4])]),
        ),
        (
            "Conv with three pads",
            kernel("Conv", &[ints("pads", &[1, 1, 1])]),
        ),
        ("Conv in 3 groups", kernel("Conv", &[int("group", 3)])),
        (
            "Conv of another kernel",
            kernel("Conv", &[ints("kernel_shape", &[9, 9])]),
        ),
        (
            "ConvTranspose in 0 groups",
            kernel("ConvTranspose", &[int("group", 0)]),
        ),
        (
            "ConvTranspose by 0",
            kernel("ConvTranspose", &[ints("strides", &[0, 0])]),
        ),
        (
            "ConvTranspose by the most",
            kernel("ConvTranspose", &[ints("strides", &[HUGE - 1; 2])]),
        ),
        (
            "ConvTranspose with one pad",
            kernel("ConvTranspose", &[ints("pads", &[1])]),
        ),
        (
            "ConvTranspose cut by more",
            kernel("ConvTranspose", &[ints("pads", &[9; 4])]),
        ),
        ("ConstantOfShape of 2^31", of_shape(&[HUGE])),
        ("ConstantOfShape of 2^62", of_shape(&[HUGE, HUGE])),
        ("ConstantOfShape of -1", of_shape(&[-1])),
        ("ConstantOfShape of what wraps", of_shape(&[WRAPS])),
        ("Range by 0", range([0, 10, 0])),
        ("Range of 2^40", range([0, 1 << 40, 1])),
        ("Range of everything", range([i64::MIN, i64::MAX, 1])),
        ("Slice by 0", slice(0, 1, 2, 0)),
        ("Slice by i64::MIN", slice(i64::MAX, i64::MIN, 2, i64::MIN)),
        ("Slice by what wraps", slice(0, 4, 2, (1 << 32) + 1)),
        ("Slice of an axis that wraps", slice(0, 4, (1 << 32) + 2, 1)),
        ("Slice of axis 9", slice(0, 4, 9, 1)),
        ("Reshape to 2^31", listed("Reshape", &[HUGE], &[])),
        (
            "Reshape to what wraps",
            listed("Reshape", &[(1 << 32) + 32], &[]),
        ),
        (
            "Reshape to a product that wraps",
            listed("Reshape", &[1 << 32, 1 << 32, 32], &[]),
        ),
        ("Reshape to -2", listed("Reshape", &[-2], &[])),
        (
            "Split into what wraps",
            listed("Split", &[(1 << 32) + 1, 1], &[int("axis", 1)]),
        ),
        (
            "Split into parts too large",
            listed("Split", &[1, 9], &[int("axis", 1)]),
        ),
        (
            "Pad by 2^31",
            listed("Pad", &[HUGE, 0, 0, 0, HUGE, 0, 0, 0], &[]),
        ),
        (
            "Pad by what wraps",
            listed("Pad", &[1 << 32, 0, 0, 0, 1 << 32, 0, 0, 0], &[]),
        ),
        (
            "Pad by reflection of more",
            listed("Pad", &[0, 0, 9, 9, 0, 0, 9, 9], &reflect),
        ),
        (
            "Pad 9 by reflection of more",
            pad_9(&[0, 0, 9, 9, 0, 0, 9, 9]),
        ),
        ("Pad 9 of another rank", pad_9(&[1, 1])),
        ("Pad 9 by -1", pad_9(&[0, 0, -1, 0, 0, 0, 0, 0])),
        (
            "Gather of what wraps",
            listed("Gather", &[1 << 32], &[int("axis", 2)]),
        ),
        ("OneHot of 2^31", one_hot(HUGE)),
        ("LSTM of 2^31", recurrent(HUGE)),
        ("LSTM of -1", recurrent(-1)),
        ("LSTM of 3", recurrent(3)),
        ("Resize by NaN", resize(f32::NAN)),
        ("Resize by infinity", resize(f32::INFINITY)),
        ("Resize by -1", resize(-1.0)),
        ("Resize by 0", resize(0.0)),
        ("Resize 10 by -1", resize_10(-1.0)),
        (
            "attribute twice",
            alone("Softmax", &[int("axis", 1), int("axis", 99)]),
        ),
        ("Add of sizes that do not fit", added("Add", &[2, 2, 3, 3])),
        ("Mul of sizes that do not fit", added("Mul", &[3])),
        ("Max of sizes that do not fit", added("Max", &[3])),
        ("Add of 4 and 0", added("Add", &[0])),
        ("PRelu of sizes that do not fit", added("PRelu", &[3])),
        ("doubling 62 times", doubled(62)),
    ]
}

fn top_9(count: i64) -> ModelProto {
    let top = with(node("TopK", &["x"], &["y", "places"]), &[int("k", count)]);
    of_set(9, picture(top, vec![]))
}

fn pad_9(pads: &[i64]) -> ModelProto {
    of_set(
        9,
        alone("Pad", &[ints("pads", pads), string("mode", "reflect")]),
    )
}

fn eye(diagonal: i64) -> ModelProto {
    let eye = with(
        node("EyeLike", &["w"], &["y"]),
        &[int("k", diagonal), int("dtype", 1)],
    );
    picture(eye, vec![floats("w", &[4, 4], &[1.0; 16])])
}

fn one_hot(depth: i64) -> ModelProto {
    let stored = vec![
        integers("depth", &[], &[depth]),
        floats("values", &[2], &[0.0, 1.0]),
    ];
    picture(node("OneHot", &["x", "depth", "values"], &["y"]), stored)
}

fn resize_10(scale: f32) -> ModelProto {
    let stored = vec![floats("scales", &[4], &[1.0, 1.0, scale, 1.0])];
    of_set(
        10,
        picture(node("Resize", &["x", "scales"], &["y"]), stored),
    )
}

/// What became of a model, in words; `None` is a refusal as there should be.
fn surprise(proto: &ModelProto) -> Option<String> {
    let host = Memory::new(proto, [0; 128]);
    let ended = catch_unwind(AssertUnwindSafe(|| Session::load(&host)?.infer(&host)));
    match ended {
        Err(_) => Some("panics".into()),
        Ok(Ok(output)) => Some(format!("answers {} bytes", output.len())),
        Ok(Err(refusal)) => {
            let named = refusal.message.contains("the ") || refusal.message.contains("'y'");
            let right = refusal.status == Status::ModelRefused && named;
            (!right).then(|| format!("{:?}: {refusal}", refusal.status))
        }
    }
}

#[test]
fn senseless_parameters_are_refused_by_the_nodes_name() {
    let surprises = senseless()
        .into_iter()
        .filter_map(|(name, proto)| Some((name, surprise(&proto)?)));
    let surprises: Vec<_> = surprises.collect();
    assert!(surprises.is_empty(), "{surprises:#?}");
}

/// The picture counts up.
fn counted(proto: &ModelProto) -> Vec<f32> {
    let input: Vec<f32> = (0_u8..32).map(f32::from).collect();
    let output = run(proto, bytes_of(&input)).unwrap();
    output
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect()
}

#[test]
fn slices_end_where_axes_do() {
    let columns = |start, end, step| {
        let sliced = counted(&slice(start, end, 3, step));
        sliced[..sliced.len() / 8].to_vec()
    };
    const NONE: [f32; 0] = [];
    assert_eq!(columns(1, i64::MAX, 1), [1.0, 2.0, 3.0]);
    assert_eq!(columns(1, HUGE, 1), [1.0, 2.0, 3.0]);
    assert_eq!(columns(1, WRAPS, 1), [1.0, 2.0, 3.0]);
    assert_eq!(columns(i64::MIN, 2, 1), [0.0, 1.0]);
    assert_eq!(columns(-99, 2, 1), [0.0, 1.0]);
    assert_eq!(columns(99, i64::MAX, 1), NONE);
    assert_eq!(columns(i64::MAX, i64::MIN, -1), [3.0, 2.0, 1.0, 0.0]);
    assert_eq!(columns(99, -99, -2), [3.0, 1.0]);
    assert_eq!(columns(-1, i64::MIN, -1), [3.0, 2.0, 1.0, 0.0]);
    assert_eq!(columns(0, i64::MAX, i64::from(i32::MAX)), [0.0]);
    assert_eq!(columns(0, -99, 1), NONE);
}

#[test]
fn old_slices_end_where_axes_do() {
    let columns = |start, end| {
        let attributes = [
            ints("starts", &[start]),
            ints("ends", &[end]),
            ints("axes", &[3]),
        ];
        let sliced = counted(&of_set(9, alone("Slice", &attributes)));
        sliced[..sliced.len() / 8].to_vec()
    };
    assert_eq!(columns(1, i64::MAX), [1.0, 2.0, 3.0]);
    assert_eq!(columns(-2, -1), [2.0]);
    assert_eq!(columns(1, HUGE), [1.0, 2.0, 3.0]);
}

#[test]
fn rows_of_numbers() {
    let row = |dtype: i32, numbers: [f64; 3]| {
        let names = ["start", "end", "step"];
        let stored = names.iter().zip(numbers).map(|(name, number)| match dtype {
            1 => floats(name, &[], &[number as f32]),
            _ => integers(name, &[], &[number as i64]),
        });
        let cast = with(node("Cast", &["r"], &["y"]), &[int("to", 1)]);
        counted(&several(
            vec![node("Range", &names, &["r"]), cast],
            stored.collect(),
        ))
    };
    assert_eq!(row(7, [0.0, 5.0, 2.0]), [0.0, 2.0, 4.0]);
    assert_eq!(row(7, [3.0, 0.0, -1.0]), [3.0, 2.0, 1.0]);
    assert_eq!(row(7, [10.0, 0.0, -3.0]), [10.0, 7.0, 4.0, 1.0]);
    assert_eq!(row(1, [0.0, 5.0, 2.0]), [0.0, 2.0, 4.0]);
    assert_eq!(row(1, [0.0, 1.0, 0.5]), [0.0, 0.5]);
    assert_eq!(row(1, [1.0, 0.0, -0.5]), [1.0, 0.5]);
}

#[test]
fn unusual_parameters_that_make_sense() {
    let sizes = [
        ("Expand by 1", listed("Expand", &[1, 1, 1, 1], &[]), 32),
        (
            "Expand by more axes",
            listed("Expand", &[3, 1, 1, 4, 1], &[]),
            96,
        ),
        ("Tile once", listed("Tile", &[1, 1, 1, 1], &[]), 32),
        (
            "Reshape by 0 and -1",
            listed("Reshape", &[0, 0, -1], &[]),
            32,
        ),
        (
            "Unsqueeze at the ends",
            listed("Unsqueeze", &[-1, 0], &[]),
            32,
        ),
        ("Squeeze from the end", listed("Squeeze", &[-4], &[]), 32),
        ("ReduceSum from the end", listed("ReduceSum", &[-1], &[]), 8),
        (
            "ReduceSum over nothing named",
            listed("ReduceSum", &[], &[]),
            1,
        ),
        (
            "Flatten at the end",
            alone("Flatten", &[int("axis", 4)]),
            32,
        ),
        (
            "Softmax from the end",
            alone("Softmax", &[int("axis", -4)]),
            32,
        ),
        ("TopK of all", listed("TopK", &[4], &[]), 32),
        (
            "Transpose without a permutation",
            alone("Transpose", &[]),
            32,
        ),
        ("LRN of 1", alone("LRN", &[int("size", 1)]), 32),
        (
            "MaxPool dilated",
            pool("MaxPool", &[2, 2], &[ints("dilations", &[3, 3])]),
            2,
        ),
        (
            "MaxPool with pads",
            pool("MaxPool", &[3, 3], &[ints("pads", &[1; 4])]),
            32,
        ),
        (
            "Conv dilated",
            kernel("Conv", &[ints("dilations", &[2, 2]), ints("pads", &[1; 4])]),
            8,
        ),
        (
            "Conv with pads on one side",
            kernel("Conv", &[ints("pads", &[0, 0, 1, 2])]),
            24,
        ),
        (
            "ConvTranspose",
            kernel(
                "ConvTranspose",
                &[ints("output_padding", &[1, 1]), ints("strides", &[2, 2])],
            ),
            200,
        ),
        ("ConstantOfShape of one axis", of_shape(&[3]), 3),
        ("Resize to half", resize(0.5), 16),
        ("LSTM", recurrent(2), 8),
        ("Add of one number", added("Add", &[]), 32),
        ("Add of a column", added("Add", &[4, 1]), 32),
        ("doubling twice", doubled(2), 128),
        ("EyeLike below the diagonal", eye(-1), 16),
        ("Pad 9 by reflection", pad_9(&[0, 0, 3, 0, 0, 0, 0, 3]), 98),
    ];
    for (name, proto, size) in sizes {
        let output = run(&proto, bytes_of(&[0.5; 32]));
        assert_eq!(output.map(|bytes| bytes.len()), Ok(size * 4), "{name}");
    }
}

/// A model of a node on `[1, 4, n]` numbers, where `n` elements of the picture are not zero.
fn counting(last: NodeProto, mut stored: Vec<TensorProto>) -> ModelProto {
    let nodes = vec![
        node("NonZero", &["x"], &["places"]),
        with(node("Cast", &["places"], &["cast"]), &[int("to", 1)]),
        node("Unsqueeze", &["cast", "first"], &["s"]),
        last,
    ];
    stored.push(integers("first", &[1], &[0]));
    several(nodes, stored)
}

fn refused(words: &str, result: Result<Vec<u8>, Refusal>) {
    let refusal = result.expect_err("a refusal");
    assert_eq!(refusal.status, Status::InputMalformed, "{refusal}");
    assert!(refusal.message.contains(words), "{refusal}");
}

#[test]
fn sizes_that_only_a_run_tells_are_checked_then() {
    let pads = integers("p", &[6], &[0, 0, 2, 0, 0, 2]);
    let pad = with(
        node("Pad", &["s", "p"], &["y"]),
        &[string("mode", "reflect")],
    );
    let pool = with(
        node("MaxPool", &["s"], &["y"]),
        &[ints("kernel_shape", &[3])],
    );
    for proto in [counting(pad, vec![pads]), counting(pool, vec![])] {
        let elements = |count: usize| {
            let picture = [vec![1.0; count], vec![0.0; 32 - count]].concat();
            run(&proto, bytes_of(&picture))
        };
        assert!(elements(3).is_ok(), "{:?}", elements(3));
        refused("no 3 elements", elements(2));
    }
    let mut range = several(
        vec![node("Range", &["start", "end", "step"], &["y"])],
        vec![],
    );
    let names = ["start", "end", "step"].map(|name| value(name, 7, &[]));
    range.graph.as_mut().unwrap().output = vec![value("y", 7, &["count"])];
    range.graph.as_mut().unwrap().input.extend(names);
    let row = |numbers: [i64; 3]| {
        let numbers = numbers.map(i64::to_le_bytes).concat();
        run(&range, [vec![0; 128], numbers].concat())
    };
    assert!(row([0, 4, 2]).is_ok());
    refused("steps of zero", row([0, 4, 0]));
}
