//! `enshrine check`

use crate::support::*;

#[test]
fn a_good_model_is_measured() {
    let place = Place::new();
    let report = place.json(
        0,
        &[
            "check",
            &model("digits-cnn"),
            "--input",
            &sample("digit-7.npy"),
        ],
    );
    assert_eq!(report["ok"], true);
    let run = &report["run"];
    assert_eq!(run["engines_agree"], true);
    assert_eq!(run["engines"].as_array().unwrap().len(), 2);
    for key in ["steps_load", "steps_infer", "gas", "memory_bytes"] {
        assert!(run[key].as_u64().unwrap() > 0, "{key}");
    }
    let top = run["top_operators"].as_array().unwrap();
    assert!(
        top.windows(2)
            .all(|pair| pair[0]["steps"].as_u64() >= pair[1]["steps"].as_u64())
    );
    assert!(report["operators"]["Conv"].as_u64().unwrap() > 0);
}

#[test]
fn input_is_made_up() {
    let place = Place::new();
    let report = place.json(
        0,
        &[
            "check",
            &model("digits-cnn-batch"),
            "--shape",
            "image=2,1,8,8",
        ],
    );
    assert_eq!(report["ok"], true);
    let said = place.run(&["check", &model("digits-cnn-batch")]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--shape image=N,1,8,8"), "{}", said.err);
}

#[test]
fn all_problems_are_told_at_once() {
    let place = Place::new();
    let nodes = [
        ("first", "Frobnicate"),
        ("second", "Relu"),
        ("third", "Defrobnicate"),
    ];
    let bad = place.write("bad.onnx", chain_of(&nodes));
    let report = place.json(1, &["check", &bad]);
    let problems = report["problems"].as_array().unwrap();
    let named: Vec<_> = problems
        .iter()
        .map(|p| (p["node"].as_str().unwrap(), p["operator"].as_str().unwrap()))
        .collect();
    assert!(
        named.contains(&("first", "Frobnicate")) && named.contains(&("third", "Defrobnicate")),
        "{named:?}"
    );
    assert!(!named.iter().any(|(node, _)| *node == "second"));
    for problem in problems {
        assert!(
            !problem["reason"].as_str().unwrap().is_empty()
                && !problem["fix"].as_str().unwrap().is_empty()
        );
    }
    let said = place.run(&["check", &bad]);
    assert!(said.out.contains("Frobnicate x1 MISSING"), "{}", said.out);
    assert!(said.out.contains("fix:"), "{}", said.out);
    let run = place.run(&["run", &bad]);
    assert!(
        run.code == 2 && run.err.contains("Defrobnicate"),
        "{}",
        run.err
    );
}

#[test]
fn the_same_chain_of_known_operators_runs() {
    let place = Place::new();
    let good = place.write(
        "good.onnx",
        chain_of(&[("first", "Relu"), ("second", "Neg")]),
    );
    assert_eq!(place.json(0, &["check", &good])["ok"], true);
    let input = place.write("x.json", "[1, -1, 0.5, \"Infinity\"]");
    let report = place.json(0, &["run", &good, "--input", &input]);
    assert_eq!(
        report["outputs"][0]["data"],
        serde_json::json!([-1.0, -0.0, -0.5, "-Infinity"])
    );
}

#[test]
fn no_model_at_all_is_a_problem() {
    let place = Place::new();
    for bytes in [&b"not a model"[..], &[], &[0xff; 100]] {
        let file = place.write("bad.onnx", bytes);
        let report = place.json(1, &["check", &file]);
        assert!(!report["problems"].as_array().unwrap().is_empty());
    }
}

#[test]
fn onnx_runtime_is_required_if_asked_for() {
    let place = Place::new();
    let said = place.run(&[
        "check",
        &model("digits-cnn"),
        "--onnxruntime",
        "--python",
        "no-such-python",
    ]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("pip install onnxruntime"), "{}", said.err);
}
