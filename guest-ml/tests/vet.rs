//! Each rule by which a model is refused.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on has failed, and its own numbers are small"
)]

mod common;

use common::{floats, graph, int, integers, load_error, model, nested, node, run, value, with};
use enshrine_primitives::Status;
use tract_onnx::pb::{
    FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, SparseTensorProto,
    StringStringEntryProto, TensorProto,
};

fn refused(proto: &ModelProto, words: &str) {
    let refusal = load_error(proto, []);
    assert_eq!(refusal.status, Status::ModelRefused);
    assert!(
        refusal.message.contains(words),
        "expected '{words}' in: {refusal}"
    );
    assert!(refusal.message.contains("; "), "no fix in: {refusal}");
}

fn of_nodes(nodes: Vec<NodeProto>) -> ModelProto {
    let output = nodes.last().unwrap().output.last().unwrap().clone();
    model(graph(nodes, &[("x", &["1", "4"])], &[&output]))
}

fn with_tensor(tensor: TensorProto) -> ModelProto {
    let mut proto = of_nodes(vec![node("Add", &["x", "w"], &["y"])]);
    proto.graph.as_mut().unwrap().initializer.push(tensor);
    proto
}

#[test]
fn opsets_outside_the_range() {
    let mut proto = of_nodes(vec![node("Relu", &["x"], &["y"])]);
    for (version, good) in [
        (0, false),
        (6, true),
        (28, true),
        (29, false),
        (i64::MAX, false),
    ] {
        proto.opset_import[0].version = version;
        if good {
            assert!(run(&proto, [0; 16]).is_ok());
        } else {
            refused(
                &proto,
                &format!("operator set {version} of ai.onnx, expected 1 to 28"),
            );
        }
    }
    proto.opset_import.clear();
    refused(&proto, "does not import ai.onnx");
}

#[test]
fn domains_nobody_knows() {
    let mut own = node("Relu", &["x"], &["y"]);
    own.domain = "my.company".into();
    refused(&of_nodes(vec![own]), "unknown domain 'my.company'");
}

#[test]
fn unused_domains_are_no_problem() {
    let mut proto = of_nodes(vec![node("Relu", &["x"], &["y"])]);
    proto.opset_import.push(OperatorSetIdProto {
        domain: "my.company".into(),
        version: 99,
    });
    assert!(run(&proto, [0; 16]).is_ok());
}

#[test]
fn operators_that_do_not_exist_or_are_not_supported() {
    refused(
        &of_nodes(vec![node("Frobnicate", &["x"], &["y"])]),
        "'the Frobnicate' (Frobnicate): is not an operator",
    );
    refused(
        &of_nodes(vec![node("Gelu", &["x"], &["y"])]),
        "is not an operator of ai.onnx in operator set 17",
    );
    refused(
        &of_nodes(vec![node("Multinomial", &["x"], &["y"])]),
        "draws random numbers",
    );
    refused(
        &of_nodes(vec![node("Upsample", &["x", "x"], &["y"])]),
        "was removed from ai.onnx in operator set 10",
    );
}

#[test]
fn all_problems_are_counted() {
    let nodes = (0..5).map(|index| {
        let (input, output) = (
            if index == 0 {
                "x".into()
            } else {
                format!("v{index}")
            },
            format!("v{}", index + 1),
        );
        node("Frobnicate", &[&input], &[&output])
    });
    refused(&of_nodes(nodes.collect()), "refused for 5 problems");
}

#[test]
fn counts_of_inputs_outputs_and_attributes() {
    refused(
        &of_nodes(vec![node("Add", &["x"], &["y"])]),
        "has 1 inputs, expected 2",
    );
    refused(
        &of_nodes(vec![node("Relu", &["x"], &["y", "z"])]),
        "has 2 outputs, expected 1",
    );
    refused(
        &of_nodes(vec![node("Clip", &["x", "x", "x", "x"], &["y"])]),
        "has 4 inputs, expected 1 to 3",
    );
    refused(
        &of_nodes(vec![node("Concat", &["x"], &["y"])]),
        "lacks the attribute 'axis'",
    );
    refused(
        &of_nodes(vec![node("Add", &["", "x"], &["y"])]),
        "lacks its first input",
    );
}

#[test]
fn nodes_without_an_operator() {
    refused(
        &of_nodes(vec![node("", &["x"], &["y"])]),
        "'the ': names no operator",
    );
}

#[test]
fn attributes_that_are_given_twice() {
    let softmax = with(
        node("Softmax", &["x"], &["y"]),
        &[int("axis", 1), int("axis", 0)],
    );
    refused(
        &of_nodes(vec![softmax]),
        "(Softmax): gives the attribute 'axis' twice",
    );
}

#[test]
fn graphs_nested_too_deeply_to_be_decoded() {
    let mut deep = graph(vec![node("Relu", &["x"], &["inner"])], &[], &["inner"]);
    for _ in 0..40 {
        let choose = with(
            node("If", &["c"], &["inner"]),
            &[nested("then_branch", deep)],
        );
        deep = graph(vec![choose], &[], &["inner"]);
    }
    let refusal = load_error(&model(deep), []);
    assert!(refusal.message.len() < 300, "{refusal}");
    assert!(
        refusal.message.contains("recursion limit reached"),
        "{refusal}"
    );
}

#[test]
fn windows_of_impossible_sizes() {
    for (name, sizes) in [
        ("kernel_shape", [0, 1]),
        ("strides", [1, -1]),
        ("dilations", [1, i64::MAX]),
    ] {
        let mut attribute = int(name, 0);
        attribute.ints = sizes.to_vec();
        let convolution = with(node("Conv", &["x", "x"], &["y"]), &[attribute]);
        let words = format!("attribute '{name}' has an impossible size");
        refused(&of_nodes(vec![convolution]), &words);
    }
    let group = with(node("Conv", &["x", "x"], &["y"]), &[int("group", 0)]);
    refused(
        &of_nodes(vec![group]),
        "attribute 'group' has an impossible size",
    );
}

#[test]
fn randomness() {
    refused(
        &of_nodes(vec![node("RandomNormalLike", &["x"], &["y"])]),
        "draws random numbers",
    );
}

#[test]
fn external_data() {
    let entry = StringStringEntryProto {
        key: "location".into(),
        value: "weights.bin".into(),
    };
    let tensor = TensorProto {
        data_location: Some(1),
        external_data: vec![entry],
        raw_data: vec![],
        ..floats("w", &[1], &[])
    };
    refused(&with_tensor(tensor), "'w': keeps its data in another file");
}

#[test]
fn initialisers_of_wrong_length_shape_or_type() {
    refused(
        &with_tensor(floats("w", &[4], &[1.0; 3])),
        "expected 16 bytes of float32, got 12 bytes",
    );
    refused(
        &with_tensor(floats("w", &[-1], &[1.0])),
        "impossible shape [-1]",
    );
    refused(
        &with_tensor(floats("w", &[1; 17], &[1.0])),
        "impossible shape",
    );
    refused(
        &with_tensor(floats("w", &[1 << 31, 1 << 31], &[1.0])),
        "is too large",
    );
    refused(
        &with_tensor(floats("w", &[0, 1 << 31, 1 << 31], &[])),
        "is too large",
    );
    refused(
        &with_tensor(TensorProto {
            data_type: 1,
            ..integers("w", &[1], &[1])
        }),
        "got another type of data",
    );
    refused(
        &with_tensor(TensorProto {
            data_type: 8,
            ..floats("w", &[1], &[1.0])
        }),
        "elements of type string",
    );
    refused(
        &with_tensor(TensorProto {
            data_type: 16,
            ..floats("w", &[1], &[1.0])
        }),
        "elements of type bfloat16",
    );
    refused(
        &with_tensor(TensorProto {
            data_type: 99,
            ..floats("w", &[1], &[1.0])
        }),
        "elements of type number 99",
    );
}

#[test]
fn sparse_initialisers() {
    let mut proto = of_nodes(vec![node("Relu", &["x"], &["y"])]);
    proto.graph.as_mut().unwrap().sparse_initializer = vec![SparseTensorProto::default()];
    refused(&proto, "sparse initialiser");
}

#[test]
fn values_that_nothing_computes() {
    refused(
        &of_nodes(vec![node("Add", &["x", "w"], &["y"])]),
        "reads 'w', which nothing computes before it",
    );
    let cycle = vec![
        node("Add", &["x", "b"], &["a"]),
        node("Neg", &["a"], &["b"]),
    ];
    refused(
        &of_nodes(cycle),
        "reads 'b', which nothing computes before it",
    );
    let mut proto = of_nodes(vec![node("Relu", &["x"], &["y"])]);
    proto.graph.as_mut().unwrap().output[0].name = "elsewhere".into();
    refused(
        &proto,
        "'elsewhere': is an output that no node of its graph computes",
    );
    proto.graph.as_mut().unwrap().output.clear();
    refused(&proto, "has no outputs");
    proto.graph = None;
    refused(&proto, "has no graph");
}

#[test]
fn names_that_are_defined_twice() {
    refused(
        &of_nodes(vec![
            node("Relu", &["x"], &["y"]),
            node("Neg", &["x"], &["y"]),
        ]),
        "'y': is defined twice",
    );
    refused(
        &of_nodes(vec![node("Relu", &["x"], &["x"])]),
        "'x': is defined twice",
    );
    let mut proto = with_tensor(floats("w", &[1], &[1.0]));
    proto
        .graph
        .as_mut()
        .unwrap()
        .initializer
        .push(floats("w", &[1], &[2.0]));
    refused(&proto, "'w': is defined twice");
}

#[test]
fn node_names_may_repeat_and_be_empty() {
    let mut nodes = vec![
        node("Relu", &["x"], &["a"]),
        node("Neg", &["a"], &["b"]),
        node("Neg", &["b"], &["y"]),
    ];
    nodes.iter_mut().for_each(|node| node.name = "same".into());
    assert!(run(&of_nodes(nodes.clone()), [0; 16]).is_ok());
    nodes.iter_mut().for_each(|node| node.name.clear());
    nodes[0].name = "b".into();
    assert!(run(&of_nodes(nodes), [0; 16]).is_ok());
}

#[test]
fn inputs_without_a_tensor_type_or_shape() {
    let typed = |edit: fn(&mut GraphProto)| {
        let mut proto = of_nodes(vec![node("Relu", &["x"], &["y"])]);
        edit(proto.graph.as_mut().unwrap());
        proto
    };
    refused(
        &typed(|graph| graph.input[0].r#type = None),
        "'x': is an input that is no plain tensor",
    );
    refused(
        &typed(|graph| graph.input[0] = value("x", 8, &["1"])),
        "elements of type string",
    );
    refused(
        &typed(|graph| graph.input[0] = value("x", 1, &["4294967296"])),
        "impossible or too large",
    );
    refused(
        &typed(|graph| graph.input[0] = value("x", 1, &["2147483648", "2"])),
        "impossible or too large",
    );
    let no_shape = typed(|graph| {
        let ty = graph.input[0]
            .r#type
            .as_mut()
            .unwrap()
            .value
            .as_mut()
            .unwrap();
        let tract_onnx::pb::type_proto::Value::TensorType(tensor) = ty;
        tensor.shape = None;
    });
    refused(&no_shape, "without a declared shape");
}

#[test]
fn functions_of_the_models_own() {
    let mut proto = of_nodes(vec![node("Relu", &["x"], &["y"])]);
    proto.functions = vec![FunctionProto {
        name: Some("mine".into()),
        ..Default::default()
    }];
    refused(&proto, "defines its own function 'mine'");
}

#[test]
fn nested_graphs_are_vetted_too() {
    let branch = |operator: &str| graph(vec![node(operator, &["x"], &["inner"])], &[], &["inner"]);
    let condition = |then: GraphProto| {
        let choose = with(
            node("If", &["c"], &["y"]),
            &[
                nested("then_branch", then),
                nested("else_branch", branch("Neg")),
            ],
        );
        let mut proto = of_nodes(vec![choose]);
        proto.graph.as_mut().unwrap().input.push(value("c", 9, &[]));
        proto
    };
    assert!(run(&condition(branch("Relu")), [0; 17]).is_ok());
    refused(
        &condition(branch("Frobnicate")),
        "(Frobnicate): is not an operator",
    );
    let mut deep = branch("Relu");
    for _ in 0..9 {
        let choose = with(
            node("If", &["c"], &["inner"]),
            &[
                nested("then_branch", deep),
                nested("else_branch", branch("Neg")),
            ],
        );
        deep = graph(vec![choose], &[], &["inner"]);
    }
    refused(&condition(deep), "nests graphs deeper than 8 levels");
}

#[test]
fn unsigned_numbers_in_their_own_field() {
    for (dtype, size) in [(12, 4), (13, 8)] {
        let tensor = TensorProto {
            name: "w".into(),
            dims: vec![2],
            data_type: dtype,
            uint64_data: vec![7, 9],
            ..Default::default()
        };
        let mut graph = graph(vec![node("Identity", &["w"], &["y"])], &[], &["y"]);
        graph.initializer = vec![tensor];
        let expected: Vec<u8> = [7_u64, 9]
            .iter()
            .flat_map(|n| n.to_le_bytes().into_iter().take(size))
            .collect();
        assert_eq!(run(&model(graph), []).unwrap(), expected);
    }
}
