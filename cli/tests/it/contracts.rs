//! `enshrine call`, `replay` and `demo`

use serde_json::{Value, json};

use crate::support::*;

/// Pixels from 0 to 16 of the sample of a seven.
fn seven() -> String {
    let bytes = std::fs::read(sample("digit-7.bin")).unwrap();
    let (words, _) = bytes.as_chunks::<4>();
    let pixels = words
        .iter()
        .map(|word| (f32::from_le_bytes(*word) * 16.0).to_string());
    format!("[{}]", pixels.collect::<Vec<_>>().join(","))
}

fn call(place: &Place, code: i32, more: &[&str]) -> Value {
    let (artifact, model) = (artifact("DigitClassifier.json"), model("digits-cnn"));
    let arguments = [
        "call",
        "--artifact",
        &artifact,
        "--function",
        "classify",
        "--model",
        &model,
    ];
    place.json(code, &[&arguments, more].concat())
}

#[test]
fn a_call_is_recorded_and_replayed() {
    let place = Place::new();
    let file = place.path("calls.json");
    let file = file.to_str().unwrap();
    let report = call(&place, 0, &["--args", &seven(), "--record", file]);
    assert_eq!(report["returned"][0]["value"], 7);
    assert_eq!(report["logs"][0]["name"], "Classified");
    assert_eq!(report["logs"][0]["arguments"]["digit"], 7);
    assert_eq!(report["inferences"][0]["output_size"], 40);
    let replayed = place.json(0, &["replay", file]);
    assert_eq!(replayed["same"], true);
    assert_eq!(replayed["calls"].as_array().unwrap().len(), 2);
}

#[test]
fn a_changed_recording_differs() {
    let place = Place::new();
    let file = place.path("calls.json");
    call(
        &place,
        0,
        &["--args", &seven(), "--record", file.to_str().unwrap()],
    );
    let recording: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    for (key, value) in [
        ("steps_infer", json!(1)),
        ("fuel_left", json!(1)),
        ("output", json!("0x00")),
        ("status", json!(1)),
        ("fuel", json!(1)),
        ("load_fuel", json!(1)),
        ("input_root", json!("0x00")),
    ] {
        let mut changed = recording.clone();
        changed["calls"][0][key] = value;
        let changed = place.write("changed.json", changed.to_string());
        let replayed = place.json(1, &["replay", &changed]);
        assert_eq!(replayed["same"], false, "{key}");
    }
    let mut other = recording;
    other["program_hash"] = json!("0x00");
    let other = place.write("other.json", other.to_string());
    assert!(place.run(&["replay", &other]).out.contains("program"));
    let garbage = place.write("garbage.json", "{}");
    assert_eq!(place.run(&["replay", &garbage]).code, 2);
}

#[test]
fn reverts_are_decoded() {
    let place = Place::new();
    let unknown = format!("0x{}", "33".repeat(32));
    let report = call(
        &place,
        1,
        &["--args", &seven(), "--constructor-args", &unknown],
    );
    assert_eq!(report["success"], false);
    assert_eq!(
        report["error"],
        json!({ "name": "UnknownModel", "arguments": { "model": unknown } })
    );
    let bright = seven().replacen("[0", "[17", 1);
    let report = call(&place, 1, &["--args", &bright]);
    assert_eq!(report["error"]["name"], "Classifier_PixelTooBright");
    assert!(report["gas_used"].as_u64().unwrap() < 1_000_000);
}

#[test]
fn wrong_arguments_are_explained() {
    let place = Place::new();
    for (arguments, words) in [
        (vec!["--args", "[1,2]"], "uint8[64]"),
        (vec![], "expected 1 arguments"),
        (vec!["--args", "x", "y"], "expected 1 arguments"),
        (
            vec!["--args", &seven(), "--constructor-args", "7"],
            "bytes32",
        ),
    ] {
        let report = call(&place, 2, &arguments);
        assert!(
            report["error"].as_str().unwrap().contains(words),
            "{report}"
        );
    }
    let said = place.run(&[
        "call",
        "--artifact",
        &artifact("DigitClassifier.json"),
        "--function",
        "paint",
    ]);
    assert!(
        said.code == 2 && said.err.contains("classify(uint8[64])"),
        "{}",
        said.err
    );
}

#[test]
fn demo_reads_its_digits() {
    let place = Place::new();
    let report = place.json(0, &["demo"]);
    assert_eq!(report["digits"].as_array().unwrap().len(), 8);
    for digit in report["digits"].as_array().unwrap() {
        assert_eq!(digit["answer"], digit["label"]);
        assert!(
            digit["gas"].as_u64().unwrap() > 21_000 && digit["steps_infer"].as_u64().unwrap() > 0
        );
    }
    assert!(
        report["failures"][0]["error"]
            .as_str()
            .unwrap()
            .starts_with("UnknownModel")
    );
    assert!(
        report["failures"][1]["error"]
            .as_str()
            .unwrap()
            .starts_with("InputMalformed")
    );
    let shown = place.ok(&["demo", "--count", "2"]);
    assert!(
        shown.contains("██") && shown.contains("right     2 of 2"),
        "{shown}"
    );
    place.ok(&["run", "digits-cnn", "--input", &sample("digit-7.png")]);
}

#[test]
fn demo_shows_a_liar_who_loses() {
    let shown = Place::new().ok(&["demo", "--dispute"]);
    let mut rest = shown.as_str();
    for line in [
        "DigitBounty is told: 8",
        "the liar answers",
        "the challenger challenges it",
        "challenger   prove                1     20,000,000",
        "verdict: the claim has fallen",
        // Of a bond of one ether, all but the challenger's gas; and his own bond of a half comes back.
        "burnt                 0.99",
        "to the challenger     0.50",
        "the proposer answers",
        "the answer is final",
        "DigitBounty is told: 7",
        "the entrant has won the bounty",
    ] {
        let found = rest.find(line);
        let at = found.unwrap_or_else(|| panic!("expected {line:?} in its place in\n{shown}"));
        rest = &rest[at + line.len()..];
    }
}
