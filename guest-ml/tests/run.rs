//! Loading and running: encodings, statuses, and what `load` may read.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on has failed, and its own numbers are small"
)]

mod common;

use common::{Memory, bytes_of, floats, graph, int, load_error, model, node, run, value, with};
use enshrine_guest_ml::host::Blob;
use enshrine_guest_ml::{Refusal, Session, describe};
use enshrine_primitives::Status;
use enshrine_primitives::tensor::{DType, Dim, TensorType};
use tract_onnx::pb::ModelProto;

fn doubling(dims: &[&str]) -> ModelProto {
    model(graph(
        vec![node("Add", &["x", "x"], &["y"])],
        &[("x", dims)],
        &["y"],
    ))
}

fn refused(status: Status, words: &str, result: Result<Vec<u8>, Refusal>) {
    let refusal = result.expect_err("a refusal");
    assert_eq!(refusal.status, status, "{refusal}");
    assert!(refusal.message.contains(words), "{refusal}");
}

#[test]
fn static_shapes_are_plain_data() {
    let output = run(&doubling(&["1", "3"]), bytes_of(&[1.0, 2.0, -3.5])).unwrap();
    assert_eq!(output, bytes_of(&[2.0, 4.0, -7.0]));
}

#[test]
fn dynamic_axes_are_preceded_by_their_sizes() {
    let doubling = doubling(&["rows", "2"]);
    let input = [&2_u32.to_le_bytes()[..], &bytes_of(&[1.0, 2.0, 3.0, 4.0])].concat();
    let output = run(&doubling, input).unwrap();
    // The output declares no shape, so all its axes count as dynamic.
    let sizes = [2_u32, 2].map(u32::to_le_bytes).concat();
    assert_eq!(output, [sizes, bytes_of(&[2.0, 4.0, 6.0, 8.0])].concat());
}

#[test]
fn the_interface_tells_static_from_dynamic_axes() {
    let mut proto = doubling(&["rows", "2"]);
    let outputs = &mut proto.graph.as_mut().unwrap().output;
    outputs[0] = value("y", 1, &["rows", "2"]);
    let host = Memory::new(&proto, 3_u32.to_le_bytes());
    let session = Session::load(&host).unwrap();
    let dims = [Dim::Dynamic, Dim::Static(2)];
    assert_eq!(
        session.interface().inputs,
        [TensorType::new("x", DType::F32, dims)]
    );
    assert_eq!(
        session.interface().outputs,
        [TensorType::new("y", DType::F32, dims)]
    );
}

#[test]
fn a_static_model_has_static_outputs_whatever_it_declares() {
    let mut proto = doubling(&["2"]);
    proto.graph.as_mut().unwrap().output[0] = value("y", 1, &["batch"]);
    assert_eq!(
        run(&proto, bytes_of(&[1.0, 2.0])).unwrap(),
        bytes_of(&[2.0, 4.0])
    );
}

#[test]
fn every_element_type_passes_unchanged() {
    for dtype in DType::ALL.into_iter().filter(|dtype| *dtype != DType::BF16) {
        let mut graph = graph(vec![node("Identity", &["x"], &["y"])], &[], &["y"]);
        graph.input = vec![value("x", i32::from(dtype.to_wire()), &["2", "2"])];
        let byte = if dtype == DType::Bool { 1 } else { 0x41 };
        let input = vec![byte; 4 * dtype.size_bytes() as usize];
        assert_eq!(run(&model(graph), input.clone()).unwrap(), input, "{dtype}");
    }
}

#[test]
fn several_inputs_follow_each_other() {
    let nodes = vec![node("Sub", &["a", "b"], &["y"])];
    let proto = model(graph(nodes, &[("a", &["?"]), ("b", &["2"])], &["y"]));
    let input = [&2_u32.to_le_bytes()[..], &bytes_of(&[5.0, 6.0, 1.0, 2.0])].concat();
    let expected = [&2_u32.to_le_bytes()[..], &bytes_of(&[4.0, 4.0])].concat();
    assert_eq!(run(&proto, input).unwrap(), expected);
}

#[test]
fn an_initialiser_may_also_be_listed_as_an_input() {
    let mut graph = graph(
        vec![node("Add", &["x", "w"], &["y"])],
        &[("x", &["1"]), ("w", &["1"])],
        &["y"],
    );
    graph.initializer = vec![floats("w", &[1], &[0.5])];
    assert_eq!(
        run(&model(graph), bytes_of(&[1.0])).unwrap(),
        bytes_of(&[1.5])
    );
}

#[test]
fn inputs_of_wrong_length_are_refused() {
    let fixed = doubling(&["2"]);
    refused(
        Status::InputMalformed,
        "expected 8 bytes of data",
        run(&fixed, bytes_of(&[1.0])),
    );
    refused(
        Status::InputMalformed,
        "of the inputs x: float32[2]: expected the blob to end after 8",
        run(&fixed, bytes_of(&[1.0; 3])),
    );
    let open = doubling(&["n"]);
    let short = [&3_u32.to_le_bytes()[..], &bytes_of(&[1.0])].concat();
    refused(
        Status::InputMalformed,
        "expected 12 bytes of data",
        run(&open, short),
    );
    refused(
        Status::InputMalformed,
        "expected 4 bytes of sizes",
        run(&open, vec![]),
    );
}

#[test]
fn images_of_wrong_length_are_refused() {
    let digits = include_bytes!("../../models/digits-cnn/model.onnx");
    let run = |length: usize| {
        let host = Memory {
            model: digits.to_vec(),
            input: vec![0; length],
            ..Memory::default()
        };
        Session::load(&host)?.infer(&host)
    };
    assert!(run(256).is_ok());
    refused(
        Status::InputMalformed,
        "expected 256 bytes of data",
        run(255),
    );
    refused(
        Status::InputMalformed,
        "expected the blob to end after 256",
        run(257),
    );
}

#[test]
fn sizes_other_than_prepared_are_refused() {
    let open = doubling(&["n"]);
    let mut session = Session::load(&Memory::new(&open, 1_u32.to_le_bytes())).unwrap();
    let other = [&2_u32.to_le_bytes()[..], &bytes_of(&[1.0, 1.0])].concat();
    let result = session.infer(&Memory::new(&open, other));
    refused(
        Status::InputMalformed,
        "expected shape [1], got [2]",
        result,
    );
}

#[test]
fn one_axis_name_has_one_size() {
    let nodes = vec![node("Add", &["a", "b"], &["y"])];
    let proto = model(graph(nodes, &[("a", &["n"]), ("b", &["n"])], &["y"]));
    let sizes = |a: u32, b: u32| {
        let zeros = |count: u32| vec![0; 4 * count as usize];
        [&a.to_le_bytes()[..], &zeros(a), &b.to_le_bytes(), &zeros(b)].concat()
    };
    assert!(run(&proto, sizes(2, 2)).is_ok());
    refused(
        Status::InputMalformed,
        "expected 1 for axis 'n'",
        run(&proto, sizes(1, 2)),
    );
}

#[test]
fn bools_other_than_0_and_1_are_refused() {
    let mut graph = graph(vec![node("Not", &["x"], &["y"])], &[], &["y"]);
    graph.input = vec![value("x", 9, &["2"])];
    let proto = model(graph);
    assert_eq!(run(&proto, [0, 1]).unwrap(), [1, 0]);
    refused(
        Status::InputMalformed,
        "got 2 at element 1",
        run(&proto, [0, 2]),
    );
}

#[test]
fn shapes_that_do_not_fit_the_model_are_the_inputs_fault() {
    let mut graph = graph(
        vec![node("MatMul", &["x", "w"], &["y"])],
        &[("x", &["m", "n"])],
        &["y"],
    );
    graph.initializer = vec![floats("w", &[2, 1], &[1.0, 1.0])];
    // Neither of these is known before there is an input.
    graph.node.push(node("Shape", &["x"], &["sizes"]));
    graph
        .node
        .push(with(node("Cast", &["x"], &["whole"]), &[int("to", 7)]));
    let proto = model(graph);
    let input = [
        &1_u32.to_le_bytes()[..],
        &3_u32.to_le_bytes(),
        &bytes_of(&[0.0; 3]),
    ]
    .concat();
    refused(
        Status::InputMalformed,
        "inputs of shapes [[1, 3]]",
        run(&proto, input),
    );
}

#[test]
fn enormous_shapes_are_refused() {
    let huge = [&0x8000_0000_u32.to_le_bytes()[..], &[0; 64]].concat();
    refused(
        Status::InputMalformed,
        "use smaller axes",
        run(&doubling(&["n"]), huge),
    );
    let blown_up = |sizes: &[u32]| {
        let nodes = vec![node("Mul", &["a", "b"], &["y"])];
        let proto = model(graph(
            nodes,
            &[("a", &["m", "1"]), ("b", &["1", "n"])],
            &["y"],
        ));
        let data = |count: u32| vec![0; 4 * count as usize];
        let [a, b] = [sizes[0], sizes[1]];
        load_error(
            &proto,
            [&a.to_le_bytes()[..], &data(a), &b.to_le_bytes(), &data(b)].concat(),
        )
    };
    let refusal = blown_up(&[100_000, 100_000]);
    assert_eq!(refusal.status, Status::InputMalformed);
    assert!(refusal.message.contains("too large"), "{refusal}");
}

#[test]
fn empty_axes_are_no_error() {
    let input = [0_u32, 2].map(u32::to_le_bytes).concat();
    assert_eq!(run(&doubling(&["m", "n"]), input.clone()).unwrap(), input);
}

#[test]
fn a_value_that_stops_the_model_is_named() {
    let mut graph = graph(vec![node("Gather", &["table", "i"], &["y"])], &[], &["y"]);
    graph.input = vec![value("i", 7, &["1"])];
    graph.initializer = vec![floats("table", &[2, 1], &[1.0, 2.0])];
    let proto = model(graph);
    assert_eq!(run(&proto, 1_i64.to_le_bytes()).unwrap(), bytes_of(&[2.0]));
    refused(
        Status::InputMalformed,
        "cannot run on this input",
        run(&proto, 7_i64.to_le_bytes()),
    );
}

#[test]
fn load_does_not_touch_the_input_of_a_static_model() {
    let host = Memory::new(&doubling(&["2"]), bytes_of(&[1.0, 2.0]));
    Session::load(&host).unwrap();
    assert_eq!(host.reads_of(Blob::Input), []);
}

#[test]
fn load_reads_only_the_pages_with_sizes() {
    let concat = node("Concat", &["a", "b"], &["y"]);
    let nodes = vec![with(concat, &[common::int("axis", 0)])];
    let proto = model(graph(nodes, &[("a", &["m"]), ("b", &["n"])], &["y"]));
    let host = Memory::new(&proto, 4096_u32.to_le_bytes());
    // The second input's size is 4 + 4 * 4096 bytes in, where the blob has ended: it reads as zero.
    Session::load(&host).unwrap();
    assert_eq!(host.reads_of(Blob::Input), [Some(0), Some(4)]);
}

#[test]
fn files_that_are_no_onnx_are_refused() {
    for bytes in [&b"no protobuf"[..], &[], &[0xff; 100]] {
        let host = Memory {
            model: bytes.to_vec(),
            ..Memory::default()
        };
        let refusal = Session::load(&host).expect_err("a refusal");
        assert_eq!(refusal.status, Status::ModelRefused);
        assert!(describe(&host).contains("\"problems\":[{"));
    }
}

#[test]
fn profiling_gives_the_same_answer_node_by_node() {
    let proto = model(graph(
        vec![node("Exp", &["x"], &["e"]), node("Softmax", &["e"], &["y"])],
        &[("x", &["1", "4"])],
        &["y"],
    ));
    let host = Memory::new(&proto, bytes_of(&[0.1, 0.2, 0.3, 0.4]));
    let mut session = Session::load(&host).unwrap();
    let count = session.profile_start(&host).unwrap();
    assert!(count >= 2);
    (0..count).for_each(|index| session.profile_node(index).unwrap());
    assert!(session.profile_node(count).is_err());
    let plan = session.profile_nodes();
    assert!(plan.contains("\"operator\":\"Softmax\""), "{plan}");
    assert!(plan.contains("\"eager\":null"), "{plan}");
    assert!(session.infer(&host).is_ok());
}

#[test]
fn describe_reports_without_refusing() {
    let mut proto = doubling(&["rows", "2"]);
    proto.producer_name = "tests".into();
    let graph = proto.graph.as_mut().unwrap();
    graph.node.push(node("StringNormalizer", &["x"], &["z"]));
    graph.initializer = vec![floats("w", &[2], &[1.0, 2.0])];
    let report = describe(&Memory::new(&proto, []));
    for part in [
        r#""opsets":{"ai.onnx":17}"#,
        r#""producer":"tests""#,
        r#""shape":["rows",2]"#,
        r#""initializer_bytes":8"#,
        r#""operators":{"Add":1,"StringNormalizer":1}"#,
        r#""node":"the StringNormalizer","operator":"StringNormalizer","reason":"is an operator that is not supported""#,
    ] {
        assert!(report.contains(part), "{report}");
    }
}
