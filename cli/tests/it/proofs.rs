//! `prove`, `verify`, `trace` and `wast`.

use serde_json::Value;

use crate::support::{Place, model, sample};

/// Proves a step of the digits model into a file.
pub(crate) fn prove(place: &Place, step: &str, file: &str) -> Value {
    let path = place.path(file);
    let path = path.to_str().unwrap();
    let (model, input) = (model("digits-cnn"), sample("digit-7.bin"));
    let fuel = ["--fuel", "4000000000", "--load-fuel", "1000000000"];
    let arguments = [
        "prove", &model, "--input", &input, "--step", step, "-o", path,
    ];
    place.json(0, &[&arguments[..], &fuel[..]].concat())
}

#[test]
fn a_proof_is_written_and_verified() {
    let place = Place::new();
    let proof = prove(&place, "123456", "proof.json");
    assert_eq!(proof["step"], 123_456);
    assert_eq!(proof["load_fuel"], 1_000_000_000);
    let path = place.path("proof.json");
    let path = path.to_str().unwrap();
    let report = place.json(0, &["verify", path]);
    assert_eq!(report[0]["valid"], true);
    assert_eq!(report[0]["instruction"], proof["instruction"]);
    assert!(place.ok(&["verify", path]).contains("is proved"));
}

#[test]
fn steps_follow_each_other() {
    let place = Place::new();
    let [first, second] =
        [("77", "a.json"), ("78", "b.json")].map(|(step, file)| prove(&place, step, file));
    assert_eq!(first["after"], second["before"]);
}

#[test]
fn a_wrong_claim_is_told_from_a_file_that_is_none() {
    let place = Place::new();
    let mut proof = prove(&place, "9", "proof.json");
    let after = proof["after"].clone();
    proof["after"] = proof["before"].clone();
    let wrong = place.write("wrong.json", proof.to_string());
    let report = place.json(1, &["verify", &wrong]);
    assert_eq!(report[0]["valid"], false);
    assert!(
        report[0]["reason"]
            .as_str()
            .unwrap()
            .contains(after.as_str().unwrap())
    );
    for text in ["", "{}", "[1]", "no JSON"] {
        let file = place.write("none.json", text);
        let said = place.run(&["verify", &file]);
        assert_eq!(said.code, 2, "{text}");
        assert!(said.err.contains("none.json"), "{}", said.err);
    }
    proof["format"] = 7.into();
    let newer = place.write("newer.json", proof.to_string());
    assert!(
        place
            .run(&["verify", &newer])
            .err
            .contains("format 1, got 7")
    );
}

#[test]
fn a_trace_shows_instructions_and_values() {
    let place = Place::new();
    let (model, input) = (model("digits-cnn"), sample("digit-7.bin"));
    let arguments = ["trace", &model, "--input", &input, "--steps", "0..40"];
    let steps = place.json(0, &arguments);
    let steps = steps.as_array().unwrap();
    assert_eq!(steps.len(), 40);
    assert!(
        steps[0]["instruction"]
            .as_str()
            .unwrap()
            .starts_with("call ")
    );
    assert_eq!(steps[1]["function"], "load");
    assert!(
        steps[1]["instruction"]
            .as_str()
            .unwrap()
            .starts_with("enter ")
    );
    let text = place.ok(&arguments);
    assert!(
        text.starts_with("bootstrap:\n") && text.contains("\nload:\n"),
        "{text}"
    );
}

#[test]
fn a_trace_ends_with_the_run() {
    let place = Place::new();
    let (model, input) = (model("digits-cnn"), sample("digit-7.bin"));
    let fuel = ["--fuel", "10", "--load-fuel", "5"];
    let arguments = ["trace", &model, "--input", &input, "--steps", "0..15"];
    let text = place.ok(&[&arguments[..], &fuel[..]].concat());
    assert!(text.ends_with("failed\n"), "{text}");
    let late = ["trace", &model, "--input", &input, "--steps", "17..18"];
    let said = place.run(&[&late[..], &fuel[..]].concat());
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("expected a step up to 16"),
        "{}",
        said.err
    );
}

#[test]
fn a_folder_belongs_to_one_run() {
    let place = Place::new();
    let folder = place.path("run");
    let folder = folder.to_str().unwrap();
    let (model, input) = (model("digits-cnn"), sample("digit-7.bin"));
    let arguments = [
        "prove", &model, "--input", &input, "--step", "5", "--folder", folder,
    ];
    place.ok(&arguments);
    place.ok(&arguments);
    let said = place.run(&[&arguments[..], &["--fuel", "7"]].concat());
    assert_eq!(said.code, 2);
    assert!(said.err.contains("another run"), "{}", said.err);
}

#[test]
fn scripts_run_in_every_executor() {
    let place = Place::new();
    let script = |result: u32| {
        let module = "(module (func (export \"f\") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))";
        format!("{module}\n(assert_return (invoke \"f\" (i32.const 5)) (i32.const {result}))\n")
    };
    let (right, wrong) = (
        place.write("right.wast", script(15)),
        place.write("wrong.wast", script(16)),
    );
    let report = place.json(0, &["wast", &right]);
    assert_eq!(
        (&report[0]["calls"], &report[0]["proofs"]),
        (&1.into(), &6.into())
    );
    let report = place.json(1, &["wast", &right, &wrong]);
    assert_eq!(
        (&report[0]["agree"], &report[1]["agree"]),
        (&true.into(), &false.into())
    );
    assert!(
        report[1]["difference"]
            .as_str()
            .unwrap()
            .contains("wrong.wast:2")
    );
    assert!(place.ok(&["wast", &right]).contains("right.wast"));
}
