//! Graphs that the importer's optimiser changes into others.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{bytes_of, floats, graph, int, integers, model, node, run, with};
use tract_onnx::pb::{NodeProto, TensorProto};

/// What a chain of nodes from `x` to `y` answers.
fn answer(nodes: Vec<NodeProto>, shape: &[&str], stored: Vec<TensorProto>, x: &[f32]) -> Vec<f32> {
    let mut graph = graph(nodes, &[("x", shape)], &["y"]);
    graph.initializer = stored;
    let output = run(&model(graph), bytes_of(x)).unwrap();
    let numbers = output.chunks_exact(4);
    numbers
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect()
}

/// Every second element, taken after a softmax or after nothing.
fn every_second(operator: Option<&str>) -> Vec<f32> {
    let mut nodes = vec![];
    if let Some(operator) = operator {
        nodes.push(with(node(operator, &["x"], &["all"]), &[int("axis", -1)]));
    }
    let source = if operator.is_some() { "all" } else { "x" };
    nodes.push(node(
        "Slice",
        &[source, "start", "end", "axis", "step"],
        &["y"],
    ));
    let bounds = [("start", 0), ("end", 4), ("axis", 1), ("step", 2)];
    let stored = bounds.map(|(name, value)| integers(name, &[1], &[value]));
    answer(nodes, &["1", "4"], stored.to_vec(), &[0.0; 4])
}

#[test]
fn elements_left_out_after_a_softmax_count_in_its_sum() {
    assert_eq!(every_second(None), [0.0, 0.0]);
    assert_eq!(every_second(Some("Softmax")), [0.25, 0.25]);
}

#[test]
fn a_product_adds_up_all_copies_of_what_is_repeated() {
    for operator in ["Expand", "Tile"] {
        let nodes = vec![
            node(operator, &["x", "shape"], &["wide"]),
            node("MatMul", &["wide", "ones"], &["y"]),
        ];
        let stored = vec![
            integers("shape", &[2], &[1, 3]),
            floats("ones", &[3, 1], &[1.0; 3]),
        ];
        assert_eq!(
            answer(nodes, &["2", "1"], stored, &[2.0, 5.0]),
            [6.0, 15.0],
            "{operator}"
        );
    }
}

#[test]
fn vectors_are_rows_on_the_left_of_a_product_and_columns_on_its_right() {
    let matrix = floats("m", &[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let left = vec![node("MatMul", &["x", "m"], &["y"])];
    assert_eq!(
        answer(left, &["2"], vec![matrix.clone()], &[1.0, 10.0]),
        [31.0, 42.0]
    );
    let right = vec![node("MatMul", &["m", "x"], &["y"])];
    assert_eq!(
        answer(right, &["2"], vec![matrix], &[1.0, 10.0]),
        [21.0, 43.0]
    );
    let both = vec![node("MatMul", &["x", "x"], &["y"])];
    assert_eq!(answer(both, &["2"], vec![], &[1.0, 10.0]), [101.0]);
}
