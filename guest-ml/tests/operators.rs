//! Operators of the guest's own, where the importer's are wrong or missing. The rest is in ONNX's node tests, which
//! `models/scripts/onnx_backend.py` runs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{
    bytes_of, floats, graph, int, integers, load_error, model, node, reals, run, string, value,
    whole, with, words,
};
use tract_onnx::pb::{
    AttributeProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TypeProto,
};

/// A node whose first input is `x` of this shape.
fn single(node: NodeProto, shape: &[&str], stored: Vec<TensorProto>) -> ModelProto {
    let output = node.output[0].clone();
    let mut graph = graph(vec![node], &[("x", shape)], &[&output]);
    graph.initializer = stored;
    model(graph)
}

fn answer(proto: &ModelProto, input: &[f32]) -> Vec<f32> {
    let output = run(proto, bytes_of(input)).unwrap();
    let numbers = output.chunks_exact(4);
    numbers
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect()
}

/// A model of one node of `ai.onnx.ml`.
fn of_ml(mut node: NodeProto, shape: &[&str]) -> ModelProto {
    node.domain = "ai.onnx.ml".into();
    let mut proto = single(node, shape, vec![]);
    proto.opset_import.push(OperatorSetIdProto {
        domain: "ai.onnx.ml".into(),
        version: 3,
    });
    proto
}

#[test]
fn a_rest_is_of_the_first_by_the_second() {
    let rest = with(node("Mod", &["a", "x"], &["y"]), &[int("fmod", 1)]);
    let proto = single(rest, &["3"], vec![floats("a", &[], &[7.0])]);
    assert_eq!(answer(&proto, &[2.0, -4.0, 10.0]), [1.0, 3.0, 7.0]);
}

#[test]
fn sums_of_powers_do_not_overflow() {
    let proto = single(node("ReduceLogSumExp", &["x"], &["y"]), &["1", "2"], vec![]);
    let sum = answer(&proto, &[1000.0, 1000.0])[0];
    assert!((sum - 1_000.693_1).abs() < 1e-3, "{sum}");
}

/// What a function of single elements says of one.
fn of_one(operator: &str, attributes: &[AttributeProto], x: f32) -> f32 {
    let function = with(node(operator, &["x"], &["y"]), attributes);
    let mut proto = single(function, &["1"], vec![]);
    proto.opset_import[0].version = 22;
    answer(&proto, &[x])[0]
}

#[test]
fn functions_hold_far_from_zero() {
    let near = |got: f32, expected: f32| {
        let allowed = expected.abs() * 1e-5 + 1e-37;
        assert!((got - expected).abs() <= allowed, "{got}, {expected}");
    };
    near(of_one("Softplus", &[], 1000.0), 1000.0);
    near(of_one("Softplus", &[], -20.0), 2.061_153_6e-9);
    near(of_one("Mish", &[], 1000.0), 1000.0);
    near(of_one("Mish", &[], -20.0), -4.122_307e-8);
    near(of_one("Sigmoid", &[], -20.0), 2.061_153_6e-9);
    near(of_one("Tanh", &[], -20.0), -1.0);
    near(of_one("Gelu", &[string("approximate", "tanh")], -1e10), 0.0);
    near(
        of_one("Gelu", &[string("approximate", "tanh")], 1.0),
        0.841_191_9,
    );
    near(of_one("Gelu", &[], 1.0), 0.841_344_7);
    assert!(of_one("Tanh", &[], f32::NAN).is_nan());
}

#[test]
fn logarithms_of_shares_hold_where_the_shares_are_nothing() {
    for version in [1, 11, 13] {
        let logarithm = with(node("LogSoftmax", &["x"], &["y"]), &[int("axis", 1)]);
        let mut proto = single(logarithm, &["1", "2"], vec![]);
        proto.opset_import[0].version = version;
        assert_eq!(answer(&proto, &[1000.0, -1000.0]), [0.0, -2000.0]);
    }
}

#[test]
fn odd_double_floats_are_told_from_others() {
    let ask = |operator, attributes: &[AttributeProto]| {
        let question = with(node(operator, &["x"], &["y"]), attributes);
        let mut graph = graph(vec![question], &[], &["y"]);
        graph.input = vec![value("x", 11, &["4"])];
        let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0];
        let input: Vec<u8> = odd.iter().flat_map(|x| x.to_le_bytes()).collect();
        run(&model(graph), input).unwrap()
    };
    assert_eq!(ask("IsNaN", &[]), [1, 0, 0, 0]);
    assert_eq!(ask("IsInf", &[]), [0, 1, 1, 0]);
    assert_eq!(ask("IsInf", &[int("detect_negative", 0)]), [0, 1, 0, 0]);
}

#[test]
fn a_mean_is_of_tensors_of_any_rank() {
    let mean = node("Mean", &["x", "a", "b"], &["y"]);
    let stored = vec![floats("a", &[2], &[3.0, 6.0]), floats("b", &[], &[9.0])];
    let proto = single(mean, &["2", "1"], stored);
    assert_eq!(answer(&proto, &[0.0, 3.0]), [4.0, 5.0, 5.0, 6.0]);
}

/// A layer that adds what comes in to what it has.
fn adding(direction: &str, lengths: bool) -> ModelProto {
    let inputs = ["x", "w", "r", "", if lengths { "lengths" } else { "" }];
    let layer = with(
        node("RNN", &inputs, &["y"]),
        &[
            int("hidden_size", 1),
            string("direction", direction),
            words("activations", &["Relu"]),
        ],
    );
    let mut stored = vec![
        floats("w", &[1, 1, 1], &[1.0]),
        floats("r", &[1, 1, 1], &[1.0]),
    ];
    if lengths {
        stored.push(TensorProto {
            name: "lengths".into(),
            dims: vec![2],
            data_type: 6,
            int32_data: vec![3, 2],
            ..TensorProto::default()
        });
    }
    single(layer, &["3", "2", "1"], stored)
}

#[test]
fn layers_run_backwards_within_each_length() {
    let steps = [1.0, 10.0, 2.0, 20.0, 3.0, 30.0];
    assert_eq!(
        answer(&adding("forward", false), &steps),
        [1.0, 10.0, 3.0, 30.0, 6.0, 60.0]
    );
    assert_eq!(
        answer(&adding("reverse", false), &steps),
        [6.0, 60.0, 5.0, 50.0, 3.0, 30.0]
    );
    assert_eq!(
        answer(&adding("reverse", true), &steps),
        [6.0, 30.0, 5.0, 20.0, 3.0, 0.0]
    );
}

/// A tree that asks whether the first feature is at most a half; its weights speak for the second class.
fn stump(weights: &[f32]) -> ModelProto {
    let tree = with(
        node("TreeEnsembleClassifier", &["x"], &["label", "y"]),
        &[
            whole("nodes_treeids", &[0, 0, 0]),
            whole("nodes_nodeids", &[0, 1, 2]),
            whole("nodes_featureids", &[0, 0, 0]),
            reals("nodes_values", &[0.5, 0.0, 0.0]),
            words("nodes_modes", &["BRANCH_LEQ", "LEAF", "LEAF"]),
            whole("nodes_truenodeids", &[1, 0, 0]),
            whole("nodes_falsenodeids", &[2, 0, 0]),
            whole("class_treeids", &[0, 0]),
            whole("class_nodeids", &[1, 2]),
            whole("class_ids", &[0, 0]),
            reals("class_weights", weights),
            whole("classlabels_int64s", &[4, 9]),
        ],
    );
    let mut proto = of_ml(tree, &["2", "1"]);
    proto.graph.as_mut().unwrap().output =
        vec![value("label", 7, &["2"]), value("y", 1, &["2", "2"])];
    proto
}

#[test]
fn trees_of_two_classes_know_both() {
    let output = run(&stump(&[0.25, 0.75]), bytes_of(&[0.0, 1.0])).unwrap();
    let labels = [4_i64, 9].map(i64::to_le_bytes).concat();
    assert_eq!(output[..16], labels);
    assert_eq!(output[16..], bytes_of(&[0.75, 0.25, 0.25, 0.75]));
}

#[test]
fn trees_that_never_end_are_refused() {
    let mut proto = stump(&[0.25, 0.75]);
    let tree = &mut proto.graph.as_mut().unwrap().node[0];
    let back = |name: &str| name == "nodes_truenodeids";
    let attribute = tree.attribute.iter_mut().find(|given| back(&given.name));
    attribute.unwrap().ints = vec![0, 0, 0];
    let refusal = load_error(&proto, bytes_of(&[0.0, 1.0]));
    assert!(refusal.message.contains("leads back"), "{refusal}");
}

#[test]
fn maps_are_the_matrices_that_they_are_made_of() {
    let map = with(
        node("ZipMap", &["x"], &["y"]),
        &[whole("classlabels_int64s", &[0, 1, 2])],
    );
    let mut proto = of_ml(map, &["2", "3"]);
    // As skl2onnx declares them: no tensor.
    proto.graph.as_mut().unwrap().output[0].r#type = Some(TypeProto::default());
    let rows = [0.1, 0.2, 0.7, 0.3, 0.3, 0.4];
    assert_eq!(answer(&proto, &rows), rows);
}

#[test]
fn maps_of_words_are_refused() {
    let map = with(
        node("ZipMap", &["x"], &["y"]),
        &[words("classlabels_strings", &["cat", "dog"])],
    );
    let refusal = load_error(&of_ml(map, &["2", "2"]), bytes_of(&[0.0; 4]));
    assert!(refusal.message.contains("words for labels"), "{refusal}");
}

#[test]
fn element_types_are_those_of_the_operators_version() {
    let product = node("MatMul", &["x", "w"], &["y"]);
    let proto = single(product, &["1", "2"], vec![integers("w", &[2, 1], &[1, 2])]);
    let refusal = load_error(&proto, bytes_of(&[0.0; 2]));
    let expected = "input 0 is of float32 and input 1 of int64, expected the same";
    assert!(refusal.message.contains(expected), "{refusal}");
}

#[test]
fn attributes_that_nothing_follows_are_refused() {
    for (attribute, expected) in [
        (int("keepdims", 2), "only 0 or 1 is supported"),
        (int("loudness", 3), "does not have"),
        (string("keepdims", "yes"), "is of kind string, expected int"),
    ] {
        let sum = with(node("ReduceMax", &["x"], &["y"]), &[attribute]);
        let refusal = load_error(&single(sum, &["4"], vec![]), bytes_of(&[0.0; 4]));
        assert!(refusal.message.contains(expected), "{refusal}");
    }
}

#[test]
fn attention_looks_no_further_than_its_window() {
    let attention = with(
        node("Attention", &["x", "x", "v"], &["y"]),
        &[int("left_window_size", 0), int("right_window_size", 0)],
    );
    let values = floats("v", &[1, 1, 3, 1], &[5.0, 6.0, 7.0]);
    let mut proto = single(attention, &["1", "1", "3", "1"], vec![values]);
    proto.opset_import[0].version = 25;
    assert_eq!(answer(&proto, &[1.0, 2.0, 3.0]), [5.0, 6.0, 7.0]);
}

#[test]
fn lengths_that_runtimes_do_not_agree_on_are_refused() {
    let resize = |scale: f32| {
        let resize = with(
            node("Resize", &["x", "", "s"], &["y"]),
            &[
                string("mode", "linear"),
                string("coordinate_transformation_mode", "align_corners"),
            ],
        );
        single(resize, &["4"], vec![floats("s", &[1], &[scale])])
    };
    assert_eq!(answer(&resize(0.5), &[1.0, 2.0, 3.0, 4.0]), [1.0, 4.0]);
    let refusal = load_error(&resize(0.6), bytes_of(&[0.0; 4]));
    assert!(
        refusal.message.contains("runtimes do not agree"),
        "{refusal}"
    );
}
