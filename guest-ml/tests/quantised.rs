//! What stands between a dequantisation and a quantisation. Expected values are ONNX Runtime's.

mod common;

use common::{floats, graph, model, node, run, value};
use tract_onnx::pb::{ModelProto, TensorProto};

const UINT8: i32 = 2;
const INT8: i32 = 3;

fn zero_point(name: &str, data_type: i32, zero: u8) -> TensorProto {
    TensorProto {
        name: name.into(),
        data_type,
        raw_data: vec![zero],
        ..TensorProto::default()
    }
}

/// Dequantises rows, applies operators of one input, and quantises. Scales and zero points of both sides.
fn between(operators: &[&str], [from, to]: [(i32, f32, i8); 2], shape: &[&str]) -> ModelProto {
    let mut nodes = vec![node("DequantizeLinear", &["x", "s", "z"], &["0"])];
    for (index, operator) in operators.iter().enumerate() {
        let (input, output) = (index.to_string(), (index + 1).to_string());
        nodes.push(node(operator, &[&input], &[&output]));
    }
    let last = operators.len().to_string();
    nodes.push(node("QuantizeLinear", &[&last, "t", "u"], &["y"]));
    let mut graph = graph(nodes, &[], &["y"]);
    graph.input = vec![value("x", from.0, shape)];
    graph.initializer = vec![
        floats("s", &[], &[from.1]),
        zero_point("z", from.0, from.2.cast_unsigned()),
        floats("t", &[], &[to.1]),
        zero_point("u", to.0, to.2.cast_unsigned()),
    ];
    model(graph)
}

#[test]
fn rows_are_no_tables() {
    let from = (UINT8, 0.02, 100);
    let to = (UINT8, 1.0 / 256.0, 0);
    let rows = [10, 100, 200, 250, 0, 1, 2, 3];
    let softmax = between(&["Softmax"], [from, to], &["2", "4"]);
    assert_eq!(
        run(&softmax, rows).unwrap(),
        [1, 9, 66, 180, 62, 63, 65, 66]
    );
    let chain = between(&["Neg", "LogSoftmax", "Exp"], [from, to], &["2", "4"]);
    assert_eq!(run(&chain, rows).unwrap(), [214, 35, 5, 2, 66, 65, 63, 62]);
}

#[test]
fn tables_have_the_type_of_their_input() {
    let relu = between(&["Relu"], [(INT8, 0.1, -10), (UINT8, 0.1, 5)], &["1", "4"]);
    let row = [-128_i8, -10, 100, 127].map(i8::cast_unsigned);
    assert_eq!(run(&relu, row).unwrap(), [5, 5, 115, 142]);
}
