//! Models whose shapes depend on values run node by node.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{floats, graph, int, integers, load_error, model, nested, node, run, value};
use enshrine_guest_ml::Session;
use enshrine_primitives::Status;
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto, ValueInfoProto};

const FLOAT: i32 = 1;
const INT64: i32 = 7;
const BOOL: i32 = 9;

/// A model of float inputs, with an input of whole numbers behind them, and declared outputs.
fn steered(nodes: Vec<NodeProto>, steering: &[&str], outputs: &[ValueInfoProto]) -> ModelProto {
    let mut graph = graph(nodes, &[("x", &["2", "3"])], &[]);
    graph.input.push(value("p", INT64, steering));
    graph.output = outputs.to_vec();
    model(graph)
}

/// 1 to 6, and what comes behind.
fn input(steering: &[i64]) -> Vec<u8> {
    let floats = (1..=6_u8).flat_map(|value| f32::from(value).to_le_bytes());
    let whole = steering.iter().flat_map(|value| value.to_le_bytes());
    floats.chain(whole).collect()
}

/// An output with the sizes of its two dynamic axes before its floats.
fn matrix(bytes: &[u8]) -> (u32, u32, Vec<f32>) {
    let size = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    (size(0), size(4), row(&bytes[8..]))
}

fn row(bytes: &[u8]) -> Vec<f32> {
    let floats = bytes.chunks(4);
    let floats = floats.map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
    floats.collect()
}

#[test]
fn an_input_chooses_the_axis() {
    let cumulated = node("CumSum", &["x", "p"], &["y"]);
    let outputs = [value("y", FLOAT, &["2", "3"])];
    let proto = steered(vec![cumulated], &[], &outputs);
    let down = run(&proto, input(&[0])).unwrap();
    assert_eq!(row(&down), [1.0, 2.0, 3.0, 5.0, 7.0, 9.0]);
    let across = run(&proto, input(&[-1])).unwrap();
    assert_eq!(row(&across), [1.0, 3.0, 6.0, 4.0, 9.0, 15.0]);
}

#[test]
fn an_input_chooses_the_shape() {
    let shaped = node("Reshape", &["x", "p"], &["y"]);
    let outputs = [value("y", FLOAT, &["rows", "columns"])];
    let proto = steered(vec![shaped], &["2"], &outputs);
    let (rows, columns, elements) = matrix(&run(&proto, input(&[3, 2])).unwrap());
    assert_eq!((rows, columns), (3, 2));
    assert_eq!(elements, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let refusal = run(&proto, input(&[4, 2])).unwrap_err();
    assert_eq!(refusal.status, Status::InputMalformed);
    assert!(
        refusal.message.contains("'the Reshape' (Reshape)"),
        "{refusal}"
    );
}

#[test]
fn what_depends_on_the_model_alone_is_the_models_fault() {
    // The stored axis is out of range; the shape comes from the input.
    let shaped = node("Reshape", &["x", "p"], &["z"]);
    let reduced = node("ReduceSum", &["w", "axes"], &["y"]);
    let outputs = [value("y", FLOAT, &["n"]), value("z", FLOAT, &["m"])];
    let mut proto = steered(vec![shaped, reduced], &["1"], &outputs);
    let graph = proto.graph.as_mut().unwrap();
    graph.initializer = vec![floats("w", &[2], &[1.0, 2.0]), integers("axes", &[1], &[5])];
    let refusal = load_error(&proto, input(&[6]));
    assert_eq!(refusal.status, Status::ModelRefused);
    assert!(refusal.message.contains("axis 5"), "{refusal}");
}

/// Doubles `v`, adds the turn's number from outside, and goes on while the sum of `v` is below 100.
fn body() -> GraphProto {
    let nodes = vec![
        node("Add", &["v", "v"], &["v_out"]),
        node("ReduceSum", &["v_out"], &["sum"]),
        node("Reshape", &["sum", "none"], &["flat"]),
        node("Less", &["flat", "limit"], &["goes_on"]),
        node("Identity", &["v_out"], &["row"]),
    ];
    let mut body = graph(nodes, &[], &["goes_on", "v_out", "row"]);
    body.input = vec![
        value("turn", INT64, &[]),
        value("condition", BOOL, &[]),
        value("v", FLOAT, &["2", "3"]),
    ];
    body.initializer = vec![floats("limit", &[], &[100.0]), integers("none", &[0], &[])];
    body
}

#[test]
fn loops_turn_until_they_are_told() {
    let mut turning = node("Loop", &["p", "", "x"], &["y", "rows"]);
    turning.attribute = vec![nested("body", body())];
    let outputs = [
        value("y", FLOAT, &["2", "3"]),
        value("rows", FLOAT, &["turns", "2", "3"]),
    ];
    let proto = steered(vec![turning], &[], &outputs);
    // 21 becomes 42, 84 and 168.
    let bytes = run(&proto, input(&[10])).unwrap();
    assert_eq!(row(&bytes[..24]), [8.0, 16.0, 24.0, 32.0, 40.0, 48.0]);
    assert_eq!(bytes[24..28], 3_u32.to_le_bytes());
    assert_eq!(row(&bytes[28..40]), [2.0, 4.0, 6.0]);
    let once = run(&proto, input(&[1])).unwrap();
    assert_eq!(row(&once[..24]), [2.0, 4.0, 6.0, 8.0, 10.0, 12.0]);
}

#[test]
fn sequences_hold_what_is_put_in() {
    let mut split = node("SplitToSequence", &["x", "p"], &["parts"]);
    split.attribute = vec![int("axis", 1)];
    let mut joined = node("ConcatFromSequence", &["more"], &["y"]);
    joined.attribute = vec![int("axis", 1)];
    let nodes = vec![
        split,
        node("SequenceAt", &["parts", "last"], &["part"]),
        node("SequenceInsert", &["parts", "part", "first"], &["more"]),
        joined,
    ];
    let outputs = [value("y", FLOAT, &["2", "columns"])];
    let mut proto = steered(nodes, &["2"], &outputs);
    let graph = proto.graph.as_mut().unwrap();
    graph.initializer = vec![integers("last", &[], &[-1]), integers("first", &[], &[0])];
    let bytes = run(&proto, input(&[1, 2])).unwrap();
    assert_eq!(bytes[..4], 5_u32.to_le_bytes());
    let expected = [2.0, 3.0, 1.0, 2.0, 3.0, 5.0, 6.0, 4.0, 5.0, 6.0];
    assert_eq!(row(&bytes[4..]), expected);
    let refusal = run(&proto, input(&[1, 3])).unwrap_err();
    assert_eq!(refusal.status, Status::InputMalformed);
}

#[test]
fn profiling_gives_the_same_answer() {
    let nodes = vec![
        node("Reshape", &["x", "p"], &["flat"]),
        node("NonZero", &["flat"], &["places"]),
        node("Neg", &["flat"], &["y"]),
    ];
    let outputs = [
        value("y", FLOAT, &["n"]),
        value("places", INT64, &["1", "n"]),
    ];
    let proto = steered(nodes, &["1"], &outputs);
    let host = common::Memory::new(&proto, input(&[6]));
    let mut session = Session::load(&host).unwrap();
    assert_eq!(session.profile_start(&host).unwrap(), 3);
    (0..3).for_each(|index| session.profile_node(index).unwrap());
    assert!(session.profile_node(3).is_err());
    assert!(
        session
            .profile_nodes()
            .contains(r#"{"name":"the NonZero","operator":"NonZero"}"#)
    );
    let reason = r#"{"eager":"node 'the Reshape' (Reshape) is steered by 'p'"#;
    assert!(session.profile_nodes().starts_with(reason));
    let bytes = session.infer(&host).unwrap();
    assert_eq!(row(&bytes[4..28]), [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0]);
}

#[test]
fn outputs_must_say_what_they_are() {
    let shaped = node("Reshape", &["x", "p"], &["y"]);
    let output = ValueInfoProto {
        name: "y".into(),
        ..ValueInfoProto::default()
    };
    let refusal = load_error(&steered(vec![shaped], &["2"], &[output]), input(&[3, 2]));
    assert_eq!(refusal.status, Status::ModelRefused);
    assert!(
        refusal
            .message
            .contains("'y' has no element type and shape"),
        "{refusal}"
    );
}
