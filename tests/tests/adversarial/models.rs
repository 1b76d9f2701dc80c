//! Models made to break something.

use enshrine_runtime::Fuel;

use crate::{
    bench::{EVERYWHERE, Ended, FUEL, agree, encode, end},
    onnx::{
        Axis, BOOL, FLOAT, INT64, Message, Parts, floats, graph_attribute, int, integers, node,
        node_with, ones, tensor, untyped, value,
    },
};

/// The model is refused with a message that has all these words.
fn refused(model: &[u8], words: &[&str]) {
    let ended = end(model, &encode(&[1.0; 4]));
    let Ended::Refused(message) = &ended else {
        panic!("{words:?}: {ended:?}")
    };
    for word in words {
        assert!(message.contains(word), "'{word}' is not in: {message}");
    }
}

/// `y = x + w`, four elements, with this `w`.
fn with_weight(weight: Message) -> Vec<u8> {
    graph_with(vec![node("Add", &["x", "w"], &["y"])], vec![weight]).model()
}

/// A graph from `x`, four elements, to `y`.
fn graph_with(nodes: Vec<Message>, initializers: Vec<Message>) -> Parts {
    Parts {
        nodes,
        initializers,
        inputs: vec![value("x", FLOAT, &[Axis::Size(4)])],
        outputs: vec![untyped("y")],
    }
}

/// `x` through a chain of `length` equal nodes.
fn chain(operator: &str, length: usize) -> Vec<u8> {
    let name = |number| match number {
        0 => "x".to_owned(),
        _ if number == length => "y".to_owned(),
        _ => format!("v{number}"),
    };
    let nodes = (0..length).map(|number| node(operator, &[&name(number)], &[&name(number + 1)]));
    graph_with(nodes.collect(), Vec::new()).model()
}

/// `If` in `If`, this deep; the innermost branches negate `x`.
fn nested_ifs(depth: usize) -> Vec<u8> {
    let branch = |node: Message| Parts {
        nodes: vec![node],
        outputs: vec![untyped("y")],
        ..Parts::default()
    };
    let other = branch(node("Neg", &["x"], &["y"])).message();
    let mut inner = node("Neg", &["x"], &["y"]);
    for _ in 0..depth {
        let graph = branch(inner).message();
        let attributes = [
            graph_attribute("then_branch", &graph),
            graph_attribute("else_branch", &other),
        ];
        inner = node_with("If", &["which"], &["y"], &attributes);
    }
    let mut graph = graph_with(vec![inner], Vec::new());
    graph.inputs.push(value("which", BOOL, &[]));
    graph.model()
}

#[test]
fn stored_shapes_without_measure_are_refused() {
    let huge = 1 << 31;
    for dims in [
        vec![huge],
        vec![huge, huge],
        vec![1 << 32],
        vec![1 << 16, 1 << 16],
        vec![0, huge],
        vec![i64::MAX],
        vec![i64::MIN],
        vec![-1],
        vec![-1, -4],
        vec![1 << 61, 8],
        vec![1; 17],
        vec![1; 10_000],
    ] {
        refused(&with_weight(floats("w", &dims, &[])), &["'w'"]);
        refused(&with_weight(floats("w", &dims, &ones(4))), &["'w'"]);
    }
    refused(
        &with_weight(floats("w", &[5], &ones(4))),
        &["'w'", "20", "16"],
    );
    refused(
        &with_weight(floats("w", &[3], &ones(4))),
        &["'w'", "12", "16"],
    );
}

#[test]
fn declared_shapes_without_measure_are_refused() {
    for axes in [
        vec![Axis::Size(1 << 31)],
        vec![Axis::Size(1 << 32)],
        vec![Axis::Size(i64::MAX)],
        vec![Axis::Size(1 << 16), Axis::Size(1 << 16)],
        vec![Axis::Size(u32::MAX.into()), Axis::Named("n")],
        vec![Axis::Size(1); 17],
        vec![Axis::Named("n"); 10_000],
    ] {
        let mut graph = graph_with(vec![node("Neg", &["x"], &["y"])], Vec::new());
        graph.inputs = vec![value("x", FLOAT, &axes)];
        refused(&graph.model(), &["'x'", "shape"]);
    }
}

#[test]
fn declared_sizes_below_one_are_dynamic() {
    for size in [0, -1, i64::MIN] {
        let mut graph = graph_with(vec![node("Neg", &["x"], &["y"])], Vec::new());
        graph.inputs = vec![value("x", FLOAT, &[Axis::Size(size)])];
        let one = |value: f32| [&1_u32.to_le_bytes()[..], &encode(&[value])].concat();
        assert_eq!(
            end(&graph.model(), &one(2.0)),
            Ended::Answered(one(-2.0)),
            "{size}"
        );
        assert_eq!(
            end(&graph.model(), &[0; 4]),
            Ended::Answered(vec![0; 4]),
            "{size}"
        );
    }
}

#[test]
fn axes_of_zero_are_axes() {
    let product = Parts {
        nodes: vec![node("MatMul", &["x", "w"], &["y"])],
        initializers: vec![floats("w", &[0, 3], &[])],
        inputs: vec![value("x", FLOAT, &[Axis::Size(2), Axis::Named("k")])],
        outputs: vec![untyped("y")],
    };
    let ended = end(&product.model(), &[0; 4]);
    // Sums of nothing.
    let sizes_or_not = |bytes: &[u8]| bytes.len() >= 24 && bytes[bytes.len() - 24..] == [0; 24];
    assert!(
        matches!(&ended, Ended::Answered(bytes) if sizes_or_not(bytes)),
        "{ended:?}"
    );
    let joined = graph_with(
        vec![node_with("Concat", &["x", "w"], &["y"], &[int("axis", 0)])],
        vec![floats("w", &[0], &[])],
    );
    let input = encode(&[1.0, 2.0, 3.0, 4.0]);
    assert_eq!(end(&joined.model(), &input), Ended::Answered(input));
    let ended = end(&with_weight(floats("w", &[0], &[])), &encode(&[1.0; 4]));
    assert!(
        matches!(ended, Ended::Refused(_) | Ended::Malformed(_)),
        "{ended:?}"
    );
}

#[test]
fn missing_initialisers_are_named() {
    let sum = vec![node("Add", &["x", "bias_of_layer_7"], &["y"])];
    refused(
        &graph_with(sum, Vec::new()).model(),
        &["bias_of_layer_7", "the Add"],
    );
    let late = vec![node("Neg", &["h"], &["y"]), node("Neg", &["x"], &["h"])];
    refused(&graph_with(late, Vec::new()).model(), &["'h'"]);
    let round = vec![
        node("Add", &["x", "b"], &["a"]),
        node("Neg", &["a"], &["b"]),
        node("Neg", &["b"], &["y"]),
    ];
    refused(&graph_with(round, Vec::new()).model(), &["'b'"]);
    let own = vec![node("Neg", &["y"], &["y"])];
    refused(&graph_with(own, Vec::new()).model(), &["'y'"]);
    refused(&graph_with(Vec::new(), Vec::new()).model(), &["'y'"]);
    let none = Parts {
        outputs: Vec::new(),
        ..graph_with(vec![node("Neg", &["x"], &["y"])], Vec::new())
    };
    refused(&none.model(), &["no outputs"]);
}

#[test]
fn external_data_is_refused() {
    let entry = |key, value| Message::default().bytes(1, key).bytes(2, value);
    for location in [
        "weights.bin",
        "../../../../etc/passwd",
        "/dev/zero",
        "http://localhost/",
        "",
    ] {
        let bare = Message::default().int(1, 4).int(2, FLOAT).bytes(8, "w");
        let entries = bare.clone().message(13, &entry("location", location));
        let told = bare.clone().int(14, 1);
        let both = entries
            .clone()
            .message(13, &entry("length", "99999999999"))
            .int(14, 1);
        let beside = entries.clone().bytes(9, [0; 16]);
        for weight in [entries, told, both, beside] {
            refused(&with_weight(weight), &["'w'", "another file"]);
        }
    }
}

#[test]
fn values_of_odd_types_are_refused() {
    for dtype in [0, 8, 14, 15, 16, 17, 23, 99, -1, i64::MAX] {
        refused(&with_weight(tensor("w", dtype, &[4], &[0; 16])), &["'w'"]);
        let mut graph = graph_with(vec![node("Identity", &["x"], &["y"])], Vec::new());
        graph.inputs = vec![value("x", dtype, &[Axis::Size(4)])];
        refused(&graph.model(), &["'x'"]);
    }
    refused(
        &with_weight(tensor("w", INT64, &[4], &[0; 32])),
        &["the Add"],
    );
}

#[test]
fn operator_sets_without_measure_are_refused() {
    let graph = graph_with(vec![node("Neg", &["x"], &["y"])], Vec::new()).message();
    for version in [0, -1, 29, 1000, i64::MAX, i64::MIN] {
        let opset = Message::default().int(2, version);
        let model = Message::default()
            .int(1, 8)
            .message(8, &opset)
            .message(7, &graph);
        refused(&model.into_bytes(), &["operator set", &version.to_string()]);
    }
    refused(
        &Message::default().message(7, &graph).into_bytes(),
        &["does not import ai.onnx"],
    );
    refused(&Message::default().into_bytes(), &["no graph"]);
    refused(b"", &["no graph"]);
}

#[test]
fn operators_that_there_are_not_are_named() {
    for operator in ["RandomNormal", "StringConcat", "Frobnicate", "neg"] {
        let nodes = vec![node(operator, &["x"], &["y"])];
        refused(
            &graph_with(nodes, Vec::new()).model(),
            &["'the ", &format!("({operator})")],
        );
    }
    let nameless = graph_with(vec![node("", &["x"], &["y"])], Vec::new());
    refused(&nameless.model(), &["'the '"]);
    for domain in ["ai.onnx.training", "evil", "\u{0}"] {
        let nodes = vec![node("Neg", &["x"], &["y"]).bytes(7, domain)];
        refused(&graph_with(nodes, Vec::new()).model(), &["the Neg", domain]);
    }
}

#[test]
fn long_chains_answer_or_fail_for_their_fuel() {
    let input = encode(&[1.0, -2.0, 3.0, -4.0]);
    let fuel = Fuel {
        load: 1 << 34,
        infer: 1 << 32,
    };
    let (_, ended) = agree(&chain("Neg", 1000), &input, fuel, &EVERYWHERE);
    assert_eq!(ended, Ended::Answered(input.clone()));
    let (_, ended) = agree(&chain("Neg", 10_000), &input, fuel, &EVERYWHERE[..1]);
    assert_eq!(ended, Ended::Answered(input.clone()));
    let (_, ended) = agree(&chain("Neg", 10_000), &input, FUEL, &EVERYWHERE);
    assert_eq!(ended, Ended::Failed);
}

#[test]
fn deeply_nested_graphs_are_refused() {
    let input = [encode(&[1.0, 2.0, 3.0, 4.0]), vec![1]].concat();
    let ended = end(&nested_ifs(3), &input);
    assert_eq!(ended, Ended::Answered(encode(&[-1.0, -2.0, -3.0, -4.0])));
    for depth in [8, 20, 33, 50, 200, 1000] {
        let ended = end(&nested_ifs(depth), &input);
        assert!(matches!(ended, Ended::Refused(_)), "{depth}: {ended:?}");
    }
}

#[test]
fn fields_without_number_are_refused_or_read() {
    let many = |count: usize, field: u64, item: &Message| {
        let neg = node("Neg", &["x"], &["y"]);
        let neg = (0..count).fold(neg, |node, _| node.message(field, item));
        graph_with(vec![neg], Vec::new()).model()
    };
    for (name, model) in [
        ("attributes", many(20_000, 5, &int("a", 1))),
        ("empty attributes", many(20_000, 5, &Message::default())),
        ("inputs", many(20_000, 1, &Message::default())),
        ("outputs", many(20_000, 2, &Message::default())),
        ("documentation", many(20_000, 6, &Message::default())),
        ("unknown fields", many(20_000, 1000, &int("a", 1))),
    ] {
        let ended = end(&model, &encode(&[1.0; 4]));
        assert_ne!(ended, Ended::Failed, "{name}");
    }
}

#[test]
fn names_without_measure_are_read_or_refused() {
    let long = "n".repeat(1 << 20);
    let model = graph_with(
        vec![node("Neg", &["x"], &[&long]), node("Neg", &[&long], &["y"])],
        Vec::new(),
    )
    .model();
    let input = encode(&[1.0, 2.0, 3.0, 4.0]);
    assert_eq!(end(&model, &input), Ended::Answered(input));
    let missing = graph_with(vec![node("Neg", &[&long], &["y"])], Vec::new()).model();
    refused(&missing, &["nnnn"]);
    let broken = Message::default()
        .bytes(1, "x")
        .bytes(2, "y")
        .bytes(4, [0xff, 0xfe, b'N']);
    refused(
        &graph_with(vec![broken], Vec::new()).model(),
        &["no ONNX file"],
    );
    let twice = vec![node("Neg", &["x"], &["y"]), node("Abs", &["x"], &["y"])];
    refused(&graph_with(twice, Vec::new()).model(), &["'y'", "twice"]);
    let over = vec![node("Neg", &["x"], &["x"])];
    let mut graph = graph_with(over, Vec::new());
    graph.outputs = vec![untyped("x")];
    refused(&graph.model(), &["'x'", "twice"]);
}

/// A value of `2^doublings` times the elements of `x`.
fn doubled(doublings: usize) -> Vec<u8> {
    let name = |number| {
        if number == 0 {
            "x".to_owned()
        } else {
            format!("v{number}")
        }
    };
    let mut nodes: Vec<_> = (0..doublings)
        .map(|number| {
            let from = name(number);
            node_with(
                "Concat",
                &[&from, &from],
                &[&name(number + 1)],
                &[int("axis", 0)],
            )
        })
        .collect();
    nodes.push(node_with(
        "ReduceSum",
        &[&name(doublings)],
        &["y"],
        &[int("keepdims", 1)],
    ));
    graph_with(nodes, Vec::new()).model()
}

#[test]
fn values_that_grow_without_measure_are_refused_or_fail() {
    for doublings in [27, 28, 29, 30, 40, 62, 64, 100] {
        let (_, ended) = agree(&doubled(doublings), &encode(&[1.0; 4]), FUEL, &EVERYWHERE);
        assert!(
            matches!(ended, Ended::Refused(_) | Ended::Failed),
            "{doublings}: {ended:?}"
        );
    }
}

/// A `Scan` of `steps` rounds over a row each.
fn scan(steps: i64) -> Vec<u8> {
    let row = |name| value(name, FLOAT, &[Axis::Size(4)]);
    let body = Parts {
        nodes: vec![
            node("Add", &["state", "row"], &["next"]),
            node("Identity", &["next"], &["out"]),
        ],
        inputs: vec![row("state"), row("row")],
        outputs: vec![row("next"), row("out")],
        ..Parts::default()
    };
    let attributes = [
        graph_attribute("body", &body.message()),
        int("num_scan_inputs", 1),
    ];
    let mut graph = graph_with(
        vec![
            node("Expand", &["x", "rows"], &["many"]),
            node_with("Scan", &["x", "many"], &["y", "all"], &attributes),
        ],
        vec![integers("rows", &[steps, 4])],
    );
    graph.outputs = vec![row("y")];
    graph.model()
}

#[test]
fn models_that_never_seem_to_end_fail() {
    let input = encode(&[1.0; 4]);
    assert_eq!(end(&scan(3), &input), Ended::Answered(encode(&[4.0; 4])));
    let (_, ended) = agree(&scan(1 << 20), &input, FUEL, &EVERYWHERE);
    assert_eq!(ended, Ended::Failed);
    // A product of large matrices, over and over.
    let square = [Axis::Size(1), Axis::Size(256)];
    let nodes = (0..100).map(|number| {
        let name = |number| {
            if number == 0 {
                "x".to_owned()
            } else {
                format!("v{number}")
            }
        };
        node("MatMul", &[&name(number), "w"], &[&name(number + 1)])
    });
    let mut graph = Parts {
        nodes: nodes.collect(),
        initializers: vec![floats("w", &[256, 256], &vec![0x3b80_0000; 256 * 256])],
        inputs: vec![value("x", FLOAT, &square)],
        outputs: vec![untyped("v100")],
    };
    graph.nodes.push(node("Identity", &["v100"], &["y"]));
    let input = encode(&[1.0; 256]);
    let enough = Fuel {
        load: 1 << 32,
        infer: 1 << 32,
    };
    let (_, ended) = agree(&graph.model(), &input, enough, &EVERYWHERE[..1]);
    assert_eq!(ended, Ended::Answered(encode(&[1.0; 256])));
    let little = Fuel {
        infer: 1 << 18,
        ..enough
    };
    let (_, ended) = agree(&graph.model(), &input, little, &EVERYWHERE);
    assert_eq!(ended, Ended::Failed);
}
