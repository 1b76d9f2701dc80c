//! `verify --l1`.

use serde_json::Value;

use crate::{proofs::prove, support::Place};

/// The proof's file, and one that claims another state after the step.
pub(crate) fn right_and_wrong(place: &Place) -> [String; 2] {
    let mut proof = prove(place, "123456", "right.json");
    let right = place.path("right.json").to_str().unwrap().to_owned();
    proof["after"] = proof["before"].clone();
    [right, place.write("wrong.json", proof.to_string())]
}

/// The proof's file with its last byte changed.
pub(crate) fn broken(place: &Place, right: &str) -> String {
    let mut proof: Value = serde_json::from_slice(&std::fs::read(right).unwrap()).unwrap();
    let bytes = proof["proof"].as_str().unwrap().to_owned();
    let last = if bytes.ends_with("00") { "01" } else { "00" };
    proof["proof"] = format!("{}{last}", &bytes[..bytes.len() - 2]).into();
    place.write("broken.json", proof.to_string())
}

#[test]
fn the_bytecode_judges_proofs_and_names_its_price() {
    let place = Place::new();
    let [right, wrong] = right_and_wrong(&place);
    let report = &place.json(0, &["verify", "--l1", &right])[0];
    assert_eq!(report["valid"], true);
    let gas = |part: &str| report["gas"][part].as_u64().unwrap();
    let zeros = gas("calldata_zeros");
    let others = gas("calldata_bytes") - zeros;
    assert_eq!(gas("total"), gas("execution") + 40 * others + 10 * zeros);
    assert!((20_000..250_000).contains(&gas("total")), "{report}");
    assert!(place.ok(&["verify", "--l1", &right]).contains("gas on L1"));
    let report = &place.json(1, &["verify", "--l1", &wrong])[0];
    assert!(
        report["reason"]
            .as_str()
            .unwrap()
            .contains("the step leads to")
    );
    let broken = broken(&place, &right);
    let report = &place.json(1, &["verify", "--l1", &broken])[0];
    assert_eq!(
        (&report["valid"], &report["gas"]),
        (&false.into(), &Value::Null)
    );
}
