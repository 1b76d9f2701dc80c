//! Forms of operators for which runtimes give different answers, and what is answered beside them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{
    bytes_of, floats, graph, int, integers, load_error, model, nested, node, reals, run, string,
    value, whole, with, words,
};
use tract_onnx::pb::{AttributeProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto};

const SCORES: [&str; 5] = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"];

/// That a model is answered or refused, for which of these words.
fn refused(proto: &ModelProto, input: &[u8], words: Option<&str>) {
    match (run(proto, input), words) {
        (Ok(_), None) => {}
        (Ok(_), Some(words)) => panic!("answered, expected '{words}'"),
        (Err(refusal), None) => panic!("{refusal}"),
        (Err(refusal), Some(words)) => assert!(refusal.message.contains(words), "{refusal}"),
    }
}

#[test]
fn windows_in_places_of_dispute_are_refused() {
    let pool = |operator: &str, attributes: &[AttributeProto], words: Option<&str>| {
        let node = with(node(operator, &["x"], &["y"]), attributes);
        let mut proto = model(graph(vec![node], &[("x", &["1", "1", "7", "7"])], &["y"]));
        proto.opset_import[0].version = 22;
        refused(&proto, &bytes_of(&[1.0; 49]), words);
    };
    let two = whole("kernel_shape", &[2, 2]);
    for operator in ["MaxPool", "AveragePool", "LpPool"] {
        let of = |padding: &str, attribute: AttributeProto, words| {
            let padding = string("auto_pad", padding);
            pool(operator, &[two.clone(), padding, attribute], words);
        };
        for padding in ["SAME_UPPER", "SAME_LOWER"] {
            of(padding, whole("strides", &[2, 1]), None);
            of(padding, whole("strides", &[1, 3]), Some("strides larger"));
        }
        for padding in ["SAME_UPPER", "SAME_LOWER", "VALID"] {
            of(padding, int("ceil_mode", 0), None);
            of(padding, int("ceil_mode", 1), Some("beside 'ceil_mode'"));
            if operator != "AveragePool" {
                let dilated = whole("dilations", &[1, 2]);
                of(padding, dilated, Some("or 'dilations'"));
            }
        }
        of("VALID", whole("strides", &[1, 3]), None);
        of("NOTSET", whole("strides", &[1, 3]), None);
        of("NOTSET", int("ceil_mode", 1), None);
    }
}

/// A classifier of rows of one feature.
fn classifier(operator: &str, attributes: &[AttributeProto]) -> ModelProto {
    of_ml(operator, &["label", "y"], attributes)
}

fn of_ml(operator: &str, outputs: &[&str], attributes: &[AttributeProto]) -> ModelProto {
    let mut node = with(node(operator, &["x"], outputs), attributes);
    node.domain = "ai.onnx.ml".into();
    let mut proto = model(graph(vec![node], &[("x", &["2", "1"])], outputs));
    proto.opset_import.push(OperatorSetIdProto {
        domain: "ai.onnx.ml".into(),
        version: 3,
    });
    proto
}

#[test]
fn one_sum_for_two_labels_must_be_logistic() {
    for scores in SCORES {
        for rows in [&[1.0][..], &[1.0, -1.0]] {
            let attributes = [
                reals("coefficients", rows),
                reals("intercepts", &vec![0.0; rows.len()]),
                whole("classlabels_ints", &[3, 4]),
                string("post_transform", scores),
            ];
            let good = rows.len() == 2 || scores == "LOGISTIC";
            let proto = classifier("LinearClassifier", &attributes);
            let input = bytes_of(&[0.2, 0.7]);
            refused(&proto, &input, (!good).then_some("one sum for two labels"));
        }
    }
}

#[test]
fn classifiers_of_one_class_are_refused() {
    let linear = [
        reals("coefficients", &[1.0]),
        reals("intercepts", &[0.0]),
        whole("classlabels_ints", &[3]),
    ];
    let vectors = [
        reals("coefficients", &[]),
        reals("support_vectors", &[0.5]),
        whole("vectors_per_class", &[1]),
        reals("rho", &[]),
        whole("classlabels_ints", &[3]),
    ];
    let trees = stump(&[0.25, -0.75], &[0, 0], &[3]);
    for (operator, attributes) in [
        ("LinearClassifier", &linear[..]),
        ("SVMClassifier", &vectors),
        ("TreeEnsembleClassifier", &trees),
    ] {
        let proto = classifier(operator, attributes);
        let input = bytes_of(&[0.2, 0.7]);
        refused(&proto, &input, Some("has 1 classes"));
    }
}

#[test]
fn vectors_of_two_classes_keep_their_scores() {
    for scores in SCORES {
        for probable in [true, false] {
            let mut attributes = vec![
                reals("coefficients", &[1.0, -1.0]),
                reals("support_vectors", &[0.5, -0.5]),
                whole("vectors_per_class", &[1, 1]),
                reals("rho", &[0.1]),
                whole("classlabels_ints", &[3, 4]),
                string("post_transform", scores),
            ];
            if probable {
                attributes.extend([reals("prob_a", &[-1.0]), reals("prob_b", &[0.2])]);
            }
            let good = probable || matches!(scores, "NONE" | "LOGISTIC");
            let proto = classifier("SVMClassifier", &attributes);
            let input = bytes_of(&[0.2, 0.7]);
            refused(&proto, &input, (!good).then_some("without probabilities"));
        }
    }
}

#[test]
fn regressors_without_vectors_are_linear() {
    for kernel in ["LINEAR", "RBF", "POLY", "SIGMOID"] {
        let attributes = [
            reals("coefficients", &[2.0]),
            reals("rho", &[0.5]),
            string("kernel_type", kernel),
            reals("kernel_params", &[0.3, 0.0, 3.0]),
            int("n_supports", 0),
        ];
        let proto = of_ml("SVMRegressor", &["y"], &attributes);
        let got = run(&proto, bytes_of(&[1.0, -3.0])).unwrap();
        assert_eq!(got, bytes_of(&[2.5, -5.5]), "{kernel}");
    }
}

/// A tree that asks whether the first feature is at most a half.
fn stump(weights: &[f32], classes: &[i64], labels: &[i64]) -> Vec<AttributeProto> {
    vec![
        whole("nodes_treeids", &[0, 0, 0]),
        whole("nodes_nodeids", &[0, 1, 2]),
        whole("nodes_featureids", &[0, 0, 0]),
        reals("nodes_values", &[0.5, 0.0, 0.0]),
        words("nodes_modes", &["BRANCH_LEQ", "LEAF", "LEAF"]),
        whole("nodes_truenodeids", &[1, 0, 0]),
        whole("nodes_falsenodeids", &[2, 0, 0]),
        whole("class_treeids", &[0, 0]),
        whole("class_nodeids", &[1, 2]),
        whole("class_ids", classes),
        reals("class_weights", weights),
        whole("classlabels_int64s", labels),
    ]
}

#[test]
fn trees_of_two_classes_say_nothing_of_the_second_alone() {
    let tree = |weights, classes: &[i64], more: &[AttributeProto], words: Option<&str>| {
        let attributes = [&stump(weights, classes, &[3, 4])[..], more].concat();
        let proto = classifier("TreeEnsembleClassifier", &attributes);
        refused(&proto, &bytes_of(&[0.2, 0.7]), words);
    };
    for weights in [&[0.25, 0.75], &[-0.25, 0.75]] {
        tree(weights, &[0, 0], &[], None);
        tree(weights, &[1, 1], &[], Some("class id 1 of two"));
        tree(weights, &[0, 1], &[], Some("class id 1 of two"));
        tree(weights, &[0, 0], &[reals("base_values", &[0.1])], None);
        let base = [reals("base_values", &[0.1, 0.3])];
        tree(weights, &[0, 0], &base, Some("two 'base_values'"));
        for scores in &SCORES[1..] {
            let words = match (weights[0] > 0.0, *scores) {
                (true, _) => Some("all positive"),
                (false, "LOGISTIC") => None,
                (false, _) => Some("be NONE or LOGISTIC"),
            };
            let scores = [string("post_transform", scores)];
            tree(weights, &[0, 0], &scores, words);
        }
    }
}

/// A scan of rows that are multiplied by a matrix, with or without a state.
fn scan(states: usize) -> ModelProto {
    let product = node("MatMul", &["e", "w"], &["o"]);
    let mut body = graph(vec![product], &[("e", &["2", "3"])], &[]);
    body.output = vec![value("o", 1, &["2", "4"])];
    body.initializer = vec![floats("w", &[3, 4], &[1.0; 12])];
    let mut names = (vec!["x"], vec!["y"]);
    if states > 0 {
        body.node.push(node("Add", &["s", "e"], &["t"]));
        body.input.insert(0, value("s", 1, &["2", "3"]));
        body.output.insert(0, value("t", 1, &["2", "3"]));
        names = (vec!["z", "x"], vec!["last", "y"]);
    }
    let attributes = [int("num_scan_inputs", 1), nested("body", body)];
    let scan = with(node("Scan", &names.0, &names.1), &attributes);
    let mut graph = graph(vec![scan], &[("x", &["5", "2", "3"])], &[]);
    graph.initializer = vec![floats("z", &[2, 3], &[0.0; 6])];
    graph.output = vec![value("y", 1, &["5", "2", "4"])];
    model(graph)
}

#[test]
fn scans_need_no_state() {
    for states in [0, 1] {
        let got = run(&scan(states), bytes_of(&[1.0; 30])).unwrap();
        assert_eq!(got, bytes_of(&[3.0; 40]));
    }
}

/// These numbers as bytes of half, single or double floats.
fn encoded(datum: i32, numbers: &[f64]) -> Vec<u8> {
    let half = |number: f64| match number {
        f64::INFINITY => 0x7c00_u16,
        f64::NEG_INFINITY => 0xfc00,
        f64::MIN => 0xfbff,
        f64::MAX => 0x7bff,
        _ => 0x3c00,
    };
    #[allow(clippy::cast_possible_truncation, reason = "some of them are infinite")]
    let single = |number: f64| match number {
        f64::MIN => f32::MIN,
        f64::MAX => f32::MAX,
        _ => number as f32,
    };
    let bytes = |number: &f64| match datum {
        10 => half(*number).to_le_bytes().to_vec(),
        1 => single(*number).to_le_bytes().to_vec(),
        _ => number.to_le_bytes().to_vec(),
    };
    numbers.iter().flat_map(bytes).collect()
}

#[test]
fn places_of_infinite_extremes_are_found() {
    const ONE: f64 = 1.0;
    let place = |operator: &str, datum, last: i64, numbers: &[f64]| {
        let attributes = [
            int("axis", 1),
            int("keepdims", 0),
            int("select_last_index", last),
        ];
        let node = with(node(operator, &["x"], &["y"]), &attributes);
        let mut graph = graph(vec![node], &[], &["y"]);
        graph.input = vec![value("x", datum, &["1", "3"])];
        let got = run(&model(graph), encoded(datum, numbers)).unwrap();
        i64::from_le_bytes(got.try_into().unwrap())
    };
    for datum in [10, 1, 11] {
        for (operator, worst, bound) in [
            ("ArgMax", f64::NEG_INFINITY, f64::MIN),
            ("ArgMin", f64::INFINITY, f64::MAX),
        ] {
            for (last, numbers, expected) in [
                (1, [worst, worst, worst], 2),
                (0, [worst, worst, worst], 0),
                (1, [worst, bound, worst], 1),
                (0, [worst, bound, bound], 1),
                (1, [ONE, worst, ONE], 2),
                (0, [worst, ONE, ONE], 1),
            ] {
                let got = place(operator, datum, last, &numbers);
                assert_eq!(got, expected, "{operator} {datum} {last} {numbers:?}");
            }
        }
    }
}

#[test]
fn places_keep_their_axis_unless_told_otherwise() {
    for (axis, keeps, expected) in [
        (0, 1, &[0_i64, 1, 0][..]),
        (0, 0, &[0, 1, 0]),
        (-1, 1, &[2, 1]),
        (-1, 0, &[2, 1]),
    ] {
        let attributes = [int("axis", axis), int("keepdims", keeps)];
        let place = with(node("ArgMax", &["x"], &["y"]), &attributes);
        let proto = model(graph(vec![place], &[("x", &["2", "3"])], &["y"]));
        let got = run(&proto, bytes_of(&[1.0, 2.0, 3.0, 0.0, 5.0, 3.0])).unwrap();
        let expected: Vec<u8> = expected.iter().flat_map(|n| n.to_le_bytes()).collect();
        assert_eq!(got, expected, "{axis} {keeps}");
    }
}

/// A power of whole numbers, or of floats, with an exponent that is stored or given.
fn power(base: NodeProto, stored: Option<TensorProto>) -> ModelProto {
    let raised = node("Pow", &["b", "e"], &["y"]);
    let mut graph = graph(vec![base, raised], &[], &["y"]);
    graph.input = vec![value("x", 7, &["2"])];
    match stored {
        Some(stored) => graph.initializer = vec![stored],
        None => graph.input.push(value("e", 7, &["2"])),
    }
    let mut proto = model(graph);
    proto.opset_import[0].version = 15;
    proto
}

#[test]
fn whole_numbers_are_not_raised_to_negative_ones() {
    let base = |to| with(node("Cast", &["x"], &["b"]), &[int("to", to)]);
    let bytes = |numbers: &[i64]| -> Vec<u8> {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
        bytes.collect()
    };
    let given = power(base(7), None);
    refused(&given, &bytes(&[2, 3, 3, 0]), None);
    refused(&given, &bytes(&[2, 3, 1, -1]), Some("cannot run"));
    let stored = power(base(7), Some(integers("e", &[2], &[1, -1])));
    let refusal = load_error(&stored, bytes(&[2, 3]));
    assert!(refusal.message.contains("negative powers"), "{refusal}");
    let real = power(base(7), Some(floats("e", &[2], &[1.0, -1.0])));
    refused(&real, &bytes(&[2, 3]), None);
    for stored in [None, Some(integers("e", &[2], &[1, -1]))] {
        let given: &[i64] = if stored.is_none() {
            &[2, 4, 1, -1]
        } else {
            &[2, 4]
        };
        let got = run(&power(base(1), stored), bytes(given)).unwrap();
        assert_eq!(got, bytes_of(&[2.0, 0.25]));
    }
}

/// A node of one input without axes of unknown size.
fn of_shape(node: NodeProto, datum: i32, dims: &[&str]) -> ModelProto {
    let mut graph = graph(vec![node], &[], &["y"]);
    graph.input = vec![value("x", datum, dims)];
    model(graph)
}

#[test]
fn sums_without_a_sign_keep_the_highest_bit() {
    const UINT64: i32 = 13;
    let all = [int("keepdims", 0), whole("axes", &[0])];
    for (operator, numbers, expected) in [
        ("ReduceL1", [u64::MAX, 0], u64::MAX),
        ("ReduceMean", [1 << 63, 0], 1 << 62),
    ] {
        let sum = with(node(operator, &["x"], &["y"]), &all);
        let mut proto = of_shape(sum, UINT64, &["2"]);
        proto.opset_import[0].version = 17;
        let input: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        assert_eq!(
            run(&proto, input).unwrap(),
            expected.to_le_bytes(),
            "{operator}"
        );
    }
}

#[test]
fn a_mean_along_no_rows_is_no_mean_of_nothing() {
    const INT64: i32 = 7;
    let mean = with(node("ReduceMean", &["x"], &["y"]), &[whole("axes", &[1])]);
    let mut proto = of_shape(mean, INT64, &["n", "3"]);
    proto.opset_import[0].version = 17;
    // No rows, of one mean each.
    let none = [0_u32.to_le_bytes(), 1_u32.to_le_bytes()].concat();
    assert_eq!(run(&proto, 0_u32.to_le_bytes()).unwrap(), none);
}

#[test]
fn what_an_ellipsis_stands_for_is_not_lost() {
    let einsum = |equation: &str, shapes: &[&[&str]], words: Option<&str>| {
        let names: Vec<String> = (0..shapes.len()).map(|input| format!("x{input}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let node = with(
            node("Einsum", &names, &["y"]),
            &[string("equation", equation)],
        );
        let inputs: Vec<_> = names.iter().copied().zip(shapes.iter().copied()).collect();
        let size = |shape: &&[&str]| -> usize {
            shape.iter().map(|n| n.parse::<usize>().unwrap()).product()
        };
        let count = shapes.iter().map(size).sum();
        let proto = model(graph(vec![node], &inputs, &["y"]));
        refused(&proto, &bytes_of(&vec![1.0; count]), words);
    };
    let summed = Some("sums over what an ellipsis stands for");
    einsum("...i->i", &[&["2", "3"]], summed);
    einsum("...i->", &[&["2", "3"]], summed);
    einsum("...i->i", &[&["3"]], None);
    einsum("...ij,jk->ik", &[&["2", "2", "3"], &["3", "2"]], summed);
    einsum("...i,...i", &[&["3"], &["3"]], None);
    einsum("...i,...i->", &[&["3"], &["3"]], None);
    einsum("...i,...j->", &[&["3"], &["3"]], Some("use ReduceSum"));
    einsum(
        "...ij,...jk->...ik",
        &[&["1", "2", "3"], &["5", "3", "4"]],
        Some("Expand"),
    );
    let more = Some("more than letters");
    einsum("...i...->...i", &[&["2", "3"]], more);
    einsum("...i->...i...", &[&["2", "3"]], more);
    einsum("....i->...i", &[&["2", "2", "3"]], more);
}

#[test]
fn all_axes_are_summed_without_an_ellipsis() {
    let sum = with(
        node("Einsum", &["x"], &["y"]),
        &[string("equation", "ij->")],
    );
    let proto = model(graph(vec![sum], &[("x", &["2", "3"])], &["y"]));
    assert_eq!(run(&proto, bytes_of(&[1.0; 6])).unwrap(), bytes_of(&[6.0]));
}

#[test]
fn a_whole_quotient_is_no_less() {
    let mut divided = graph(
        vec![
            node("Div", &["x", "d"], &["q"]),
            node("Floor", &["q"], &["y"]),
        ],
        &[("x", &["20"])],
        &["y"],
    );
    divided.initializer = vec![floats("d", &[], &[41.0])];
    let got = run(&model(divided), bytes_of(&[41.0; 20])).unwrap();
    assert_eq!(got, bytes_of(&[1.0; 20]));
}

#[test]
fn single_numbers_are_neither_searched_nor_matrices() {
    const FLOAT: i32 = 1;
    let place = of_shape(node("ArgMax", &["x"], &["y"]), FLOAT, &[]);
    refused(&place, &bytes_of(&[1.0]), Some("axis 0 is out of range"));
    let product = of_shape(node("MatMul", &["x", "x"], &["y"]), FLOAT, &[]);
    refused(&product, &bytes_of(&[1.0]), Some("use Mul"));
}

#[test]
fn error_functions_of_double_floats_are_refused_at_once() {
    const DOUBLE: i32 = 11;
    for (attributes, words) in [
        (vec![], Some("computes elements of F64")),
        (vec![string("approximate", "tanh")], None),
    ] {
        let gelu = with(node("Gelu", &["x"], &["y"]), &attributes);
        let mut proto = of_shape(gelu, DOUBLE, &["1"]);
        proto.opset_import[0].version = 20;
        refused(&proto, &1_f64.to_le_bytes(), words);
    }
    let erf = of_shape(node("Erf", &["x"], &["y"]), DOUBLE, &["1"]);
    assert!(
        load_error(&erf, 1_f64.to_le_bytes())
            .message
            .contains("F64")
    );
}
