//! What the importer would panic on or compute wrongly: indices and axes out of range, infinite extremes, half floats.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on has failed, and its own numbers are small"
)]

mod common;

use common::{bytes_of, floats, graph, int, integers, load_error, model, node, run, value, with};
use enshrine_guest_ml::Refusal;
use enshrine_primitives::Status;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, ModelProto, NodeProto, TensorProto};

fn refused(words: &str, result: Result<Vec<u8>, Refusal>) {
    let refusal = result.expect_err("a refusal");
    assert_eq!(refusal.status, Status::InputMalformed, "{refusal}");
    assert!(refusal.message.contains(words), "{refusal}");
}

/// A model of one node that takes indices and stored tensors.
fn pointing(node: NodeProto, indices: &[&str], stored: Vec<TensorProto>) -> ModelProto {
    let output = node.output[0].clone();
    let mut graph = graph(vec![node], &[], &[&output]);
    graph.input = vec![value("i", 7, indices)];
    graph.initializer = stored;
    model(graph)
}

fn indices(values: &[i64]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn axis(axis: i64) -> [AttributeProto; 1] {
    [int("axis", axis)]
}

fn table() -> TensorProto {
    floats("table", &[2, 2], &[1.0, 2.0, 3.0, 4.0])
}

#[test]
fn gathered_indices_count_from_either_end_and_stay_within() {
    let rows = pointing(
        node("Gather", &["table", "i"], &["y"]),
        &["1"],
        vec![table()],
    );
    assert_eq!(run(&rows, indices(&[-1])).unwrap(), bytes_of(&[3.0, 4.0]));
    refused("cannot run on this input", run(&rows, indices(&[2])));
    refused("index -3 is out of range", run(&rows, indices(&[-3])));
    let elements = with(node("GatherElements", &["table", "i"], &["y"]), &axis(1));
    let elements = pointing(elements, &["1", "2"], vec![table()]);
    assert_eq!(
        run(&elements, indices(&[1, -2])).unwrap(),
        bytes_of(&[2.0, 1.0])
    );
    refused("index 2 is out of range", run(&elements, indices(&[0, 2])));
    let tuples = node("GatherND", &["table", "i"], &["y"]);
    let tuples = pointing(tuples, &["1", "2"], vec![table()]);
    assert_eq!(run(&tuples, indices(&[-1, 0])).unwrap(), bytes_of(&[3.0]));
    refused("index 2 is out of range", run(&tuples, indices(&[0, 2])));
}

#[test]
fn scattered_indices_count_from_either_end_and_stay_within() {
    let update = floats("u", &[1, 1], &[9.0]);
    let elements = node("ScatterElements", &["table", "i", "u"], &["y"]);
    let elements = pointing(elements, &["1", "1"], vec![table(), update]);
    assert_eq!(
        run(&elements, indices(&[-1])).unwrap(),
        bytes_of(&[1.0, 2.0, 9.0, 4.0])
    );
    refused("index 2 is out of range", run(&elements, indices(&[2])));
    for reduction in ["none", "add"] {
        let tuples = node("ScatterND", &["table", "i", "u"], &["y"]);
        let tuples = with(tuples, &[common::string("reduction", reduction)]);
        let update = floats("u", &[1], &[9.0]);
        let tuples = pointing(tuples, &["1", "2"], vec![table(), update]);
        let third = if reduction == "add" { 12.0 } else { 9.0 };
        assert_eq!(
            run(&tuples, indices(&[-1, 0])).unwrap(),
            bytes_of(&[1.0, 2.0, third, 4.0])
        );
        refused("index 2 is out of range", run(&tuples, indices(&[2, 0])));
    }
}

#[test]
fn stored_indices_out_of_range_are_the_models_fault() {
    let gather = node("Gather", &["x", "i"], &["y"]);
    let mut graph = graph(vec![gather], &[("x", &["2"])], &["y"]);
    graph.initializer = vec![integers("i", &[1], &[2])];
    let refusal = load_error(&model(graph), []);
    assert_eq!(refusal.status, Status::ModelRefused);
    assert!(
        refusal.message.contains("index 2 is out of range"),
        "{refusal}"
    );
}

#[test]
fn one_hot_rows_of_indices_out_of_range_are_off() {
    let one_hot = with(node("OneHot", &["i", "depth", "values"], &["y"]), &axis(-1));
    let stored = vec![
        integers("depth", &[], &[2]),
        floats("values", &[2], &[-1.0, 1.0]),
    ];
    let proto = pointing(one_hot, &["4"], stored);
    let rows = [[-1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [-1.0, -1.0]];
    assert_eq!(
        run(&proto, indices(&[1, -1, 2, 1 << 32])).unwrap(),
        bytes_of(&rows.concat())
    );
}

#[test]
fn guards_hold_in_nested_graphs() {
    let branch = |index| {
        let gather = with(node("Gather", &["x", index], &["inner"]), &axis(0));
        graph(vec![gather], &[], &["inner"])
    };
    let branches = [
        common::nested("then_branch", branch("i")),
        common::nested("else_branch", branch("zero")),
    ];
    let choose = with(node("If", &["c"], &["y"]), &branches);
    let mut graph = graph(vec![choose], &[("x", &["2"])], &["y"]);
    graph
        .input
        .extend([value("i", 7, &["1"]), value("c", 9, &[])]);
    graph.initializer = vec![integers("zero", &[1], &[0])];
    let input = |index: i64, condition: u8| {
        let data = bytes_of(&[5.0, 6.0]);
        [data, index.to_le_bytes().to_vec(), vec![condition]].concat()
    };
    let proto = model(graph);
    assert!(run(&proto, input(1, 1)).is_ok());
    assert!(run(&proto, input(7, 0)).is_ok());
    refused("index 7 is out of range", run(&proto, input(7, 1)));
}

fn reduced(operator: &str, dims: &[&str], data: &[u8]) -> Result<Vec<u8>, Refusal> {
    let node = with(
        node(operator, &["x"], &["y"]),
        &[int("keepdims", 0), ints("axes", &[0])],
    );
    run(&model(graph(vec![node], &[("x", dims)], &["y"])), data)
}

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto {
        ints: values.to_vec(),
        r#type: 7,
        ..int(name, 0)
    }
}

#[test]
fn infinite_extremes() {
    const LOW: f32 = f32::MIN;
    const MINUS: f32 = f32::NEG_INFINITY;
    let largest = |values: &[f32]| reduced("ReduceMax", &["2"], &bytes_of(values));
    assert_eq!(largest(&[MINUS, MINUS]).unwrap(), bytes_of(&[MINUS]));
    assert_eq!(largest(&[LOW, LOW]).unwrap(), bytes_of(&[LOW]));
    assert_eq!(largest(&[MINUS, 1.0]).unwrap(), bytes_of(&[1.0]));
    refused("not supported", largest(&[MINUS, LOW]));
    let smallest = reduced("ReduceMin", &["1"], &bytes_of(&[f32::INFINITY]));
    assert_eq!(smallest.unwrap(), bytes_of(&[f32::INFINITY]));
}

#[test]
fn reductions_of_nothing() {
    let nothing = 0_u32.to_le_bytes();
    for (operator, expected) in [
        ("ReduceMax", f32::NEG_INFINITY),
        ("ReduceMin", f32::INFINITY),
    ] {
        let extreme = reduced(operator, &["n"], &nothing);
        assert_eq!(extreme.unwrap(), bytes_of(&[expected]), "{operator}");
    }
    let product = reduced("ReduceProd", &["n"], &nothing);
    assert_eq!(product.unwrap(), bytes_of(&[1.0]));
    refused(
        "without elements",
        reduced("ReduceSumSquare", &["n"], &nothing),
    );
}

#[test]
fn places_of_extremes_of_nothing_are_refused() {
    for operator in ["ArgMax", "ArgMin"] {
        let place = with(node(operator, &["x"], &["y"]), &[int("axis", 0)]);
        let proto = model(graph(vec![place], &[("x", &["n", "2"])], &["y"]));
        let one = [&1_u32.to_le_bytes()[..], &bytes_of(&[1.0, 2.0])].concat();
        assert!(run(&proto, one).is_ok());
        refused("extreme of no elements", run(&proto, 0_u32.to_le_bytes()));
    }
}

#[test]
fn axes_out_of_range_are_refused() {
    for (operator, name) in [
        ("Softmax", "axis"),
        ("Flatten", "axis"),
        ("ReduceL1", "axes"),
    ] {
        let attribute = if name == "axes" {
            ints(name, &[-4])
        } else {
            int(name, -4)
        };
        let node = with(node(operator, &["x"], &["y"]), &[attribute]);
        let refusal = load_error(&model(graph(vec![node], &[("x", &["1", "4"])], &["y"])), []);
        assert!(
            refusal.message.contains("axis -4 is out of range"),
            "{refusal}"
        );
    }
}

#[test]
fn half_floats_are_added_up_as_single_floats() {
    let mut graph = graph(vec![node("MatMul", &["x", "w"], &["y"])], &[], &["y"]);
    graph.input = vec![value("x", 10, &["1", "4096"])];
    graph.initializer = vec![TensorProto {
        data_type: 10,
        raw_data: half_ones(4096),
        ..floats("w", &[4096, 1], &[])
    }];
    // Half floats count to 2048 only: one more makes no difference to them.
    let expected = 0x6c00_u16.to_le_bytes();
    assert_eq!(run(&model(graph), half_ones(4096)).unwrap(), expected);
}

fn half_ones(count: usize) -> Vec<u8> {
    0x3c00_u16.to_le_bytes().repeat(count)
}

/// A model of one node that takes whole numbers.
fn whole(operator: &str, inputs: &[&str]) -> ModelProto {
    let mut graph = graph(vec![node(operator, inputs, &["y"])], &[], &["y"]);
    graph.input = inputs.iter().map(|name| value(name, 7, &["1"])).collect();
    model(graph)
}

#[test]
fn whole_numbers_are_not_divided_by_zero() {
    for operator in ["Div", "Mod"] {
        let proto = whole(operator, &["a", "b"]);
        assert!(run(&proto, indices(&[7, 2])).is_ok());
        refused("divides by zero", run(&proto, indices(&[7, 0])));
    }
}

#[test]
fn updates_and_indices_of_wrong_shapes_are_refused() {
    let elements = with(node("GatherElements", &["table", "i"], &["y"]), &axis(1));
    let refusal = load_error(&pointing(elements, &["3", "1"], vec![table()]), []);
    assert!(refusal.message.contains("point into shape"), "{refusal}");
    let tuples = node("ScatterND", &["table", "i", "u"], &["y"]);
    let update = floats("u", &[1, 3], &[0.0; 3]);
    let refusal = load_error(&pointing(tuples, &["1", "1"], vec![table(), update]), []);
    assert!(refusal.message.contains("expected updates"), "{refusal}");
}

/// Runs a node on an image of ones.
fn on_image(node: NodeProto, stored: Vec<TensorProto>, size: u32) -> Result<Vec<u8>, Refusal> {
    let mut graph = graph(vec![node], &[("x", &["1", "1", "h", "w"])], &["y"]);
    graph.initializer = stored;
    let ones = bytes_of(&vec![1.0; (size * size) as usize]);
    let sizes = [size, size].map(u32::to_le_bytes).concat();
    run(&model(graph), [sizes, ones].concat())
}

#[test]
fn images_smaller_than_windows_are_refused() {
    for operator in ["MaxPool", "AveragePool"] {
        let pool = with(
            node(operator, &["x"], &["y"]),
            &[ints("kernel_shape", &[3, 3])],
        );
        assert!(on_image(pool.clone(), vec![], 3).is_ok());
        refused("at least 3", on_image(pool, vec![], 2));
    }
}

#[test]
fn images_smaller_than_their_mirrored_margin_are_refused() {
    let pad = |mode, pads: &[i64], size| {
        let node = with(
            node("Pad", &["x", "p"], &["y"]),
            &[common::string("mode", mode)],
        );
        on_image(node, vec![integers("p", &[8], pads)], size)
    };
    let pads = [0, 0, 2, 2, 0, 0, 2, 2];
    assert!(pad("reflect", &pads, 3).is_ok());
    assert!(pad("edge", &pads, 1).is_ok());
    refused("an axis 2 of at least 3", pad("reflect", &pads, 2));
    let refusal = pad("constant", &pads.map(i64::wrapping_neg), 9).expect_err("a refusal");
    assert!(refusal.message.contains("negative padding"), "{refusal}");
}

#[test]
fn no_more_elements_are_ranked_than_there_are() {
    let top = |count| {
        let mut node = with(node("TopK", &["x", "k"], &["y", "places"]), &axis(2));
        node.output.truncate(2);
        on_image(node, vec![integers("k", &[1], &[count])], 2)
    };
    assert!(top(2).is_ok());
    refused("there are no 3 elements", top(3));
}

#[test]
fn a_number_to_pad_with_is_for_constant_padding_only() {
    let mut graph = graph(
        vec![with(
            node("Pad", &["x", "p", "c"], &["y"]),
            &[common::string("mode", "edge")],
        )],
        &[("x", &["2"])],
        &["y"],
    );
    graph.initializer = vec![integers("p", &[2], &[1, 2]), floats("c", &[], &[9.0])];
    let padded = run(&model(graph.clone()), bytes_of(&[3.0, 4.0])).unwrap();
    assert_eq!(padded, bytes_of(&[3.0, 3.0, 4.0, 4.0, 4.0]));
    graph.node[0].attribute.clear();
    let padded = run(&model(graph), bytes_of(&[3.0, 4.0])).unwrap();
    assert_eq!(padded, bytes_of(&[9.0, 3.0, 4.0, 9.0, 9.0]));
}

#[test]
fn axes_are_squeezed_in_any_order() {
    for (axes, good) in [
        (&[2, 0][..], true),
        (&[0, -1], true),
        (&[0, 0], false),
        (&[1], false),
        (&[3], false),
    ] {
        let nodes = vec![
            node("Squeeze", &["x", "axes"], &["flat"]),
            node("Add", &["flat", "table"], &["y"]),
        ];
        let mut graph = graph(nodes, &[("x", &["1", "2", "1"])], &["y"]);
        let count = axes.len() as i64;
        graph.initializer = vec![
            integers("axes", &[count], axes),
            floats("table", &[2], &[1.0, 1.0]),
        ];
        let got = run(&model(graph), bytes_of(&[3.0, 4.0]));
        assert_eq!(got.is_ok(), good, "{axes:?}: {got:?}");
        if let Ok(sums) = got {
            assert_eq!(sums, bytes_of(&[4.0, 5.0]));
        }
    }
}

#[test]
fn windows_see_more_than_padding() {
    for operator in ["MaxPool", "AveragePool", "LpPool"] {
        let pool = |pads: &[i64]| {
            let attributes = [ints("kernel_shape", &[2, 2]), ints("pads", pads)];
            on_image(with(node(operator, &["x"], &["y"]), &attributes), vec![], 4)
        };
        assert!(pool(&[1, 1, 1, 1]).is_ok());
        let refusal = pool(&[1, 1, 2, 1]).expect_err("a refusal");
        assert!(refusal.message.contains("sees nothing else"), "{refusal}");
    }
}

#[test]
fn whole_numbers_are_raised_to_whole_numbers_of_any_type() {
    // int64 and uint8, which have no type in common; uint64 holds what int64 does not.
    for (exponents, size) in [(2, 1), (13, 8)] {
        let mut graph = graph(vec![node("Pow", &["x", "e"], &["y"])], &[], &["y"]);
        graph.input = vec![value("x", 7, &["2"])];
        graph.initializer = vec![TensorProto {
            name: "e".into(),
            dims: vec![1],
            data_type: exponents,
            raw_data: [vec![3], vec![0; size - 1]].concat(),
            ..Default::default()
        }];
        let mut raised = model(graph);
        raised.opset_import[0].version = 15;
        let got = run(&raised, indices(&[2, -3]));
        match size {
            1 => assert_eq!(got.unwrap(), indices(&[8, -27])),
            _ => {
                let refusal = got.expect_err("a refusal");
                assert!(refusal.message.contains("cast them to int64"), "{refusal}");
            }
        }
    }
}

#[test]
fn types_that_would_be_computed_otherwise_are_refused() {
    // int64 products have no kernel; whole numbers lose their bias.
    for (operator, inputs) in [("MatMul", &["x", "x"][..]), ("Shrink", &["x"])] {
        let mut graph = graph(vec![node(operator, inputs, &["y"])], &[], &["y"]);
        graph.input = vec![value("x", 7, &["2", "2"])];
        let refusal = load_error(&model(graph), indices(&[1, 2, 3, 4]));
        assert!(refusal.message.contains("cast them"), "{refusal}");
    }
}

#[test]
fn numbers_that_mean_nothing_are_refused() {
    let refused = |node: NodeProto, words: &str| {
        let refusal = on_image(node, vec![], 3).expect_err("a refusal");
        assert!(refusal.message.contains(words), "{refusal}");
    };
    let clip = AttributeProto {
        name: "clip".into(),
        r#type: AttributeType::Float as i32,
        ..Default::default()
    };
    let clipped = with(node("RNN", &["x", "x", "x"], &["y"]), &[clip]);
    refused(clipped, "expected more than 0");
    let normalised = node("MeanVarianceNormalization", &["x"], &["y"]);
    refused(with(normalised, &[ints("axes", &[])]), "names no axes");
    let grown = node("ConvTranspose", &["x", "x"], &["y"]);
    let grown = with(grown, &[ints("output_padding", &[0, 1])]);
    refused(grown, "expected less than 1");
    let other = with(
        node("Conv", &["x", "x"], &["y"]),
        &[ints("kernel_shape", &[2, 2])],
    );
    refused(other, "its weights have");
}
