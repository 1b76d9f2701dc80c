//! `enshrine program`

use serde_json::Value;

use crate::support::*;

#[test]
fn the_bundled_program_is_the_recorded_one() {
    let record = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../runtime/guest/guest-ml.json"
    );
    let record: Value = serde_json::from_slice(&std::fs::read(record).unwrap()).unwrap();
    let got = Place::new().json(0, &["program"]);
    for key in ["program_hash", "words", "wasm_bytes", "wasm_sha256"] {
        assert_eq!(got[key], record[key], "{key}");
    }
}

#[test]
fn a_file_that_is_no_program_is_named() {
    let place = Place::new();
    let file = place.write("guest.wasm", "no WASM");
    let error = place.json(2, &["program", "--guest", &file]);
    assert!(
        error["error"].as_str().unwrap().contains("guest"),
        "{error}"
    );
}
