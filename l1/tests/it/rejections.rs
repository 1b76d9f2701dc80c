//! Reverts as typed errors.

use std::{collections::BTreeSet, path::Path};

use enshrine_l1::{OneStepVerifier, Rejection};
use enshrine_prover::{Proof, RECORD_BYTES, StateHash, Terminal};
use serde_json::Value;

use crate::steps::run;

fn rejected(before: StateHash, bytes: &[u8]) -> Rejection {
    let verifier = OneStepVerifier::deploy().unwrap();
    let error = verifier.prove_step(before, &Proof::new(bytes.to_vec()));
    let error = error.unwrap_err();
    *error.rejection().unwrap_or_else(|| panic!("{error}"))
}

#[test]
fn what_is_wrong_with_a_state_is_named() {
    let failed = Terminal::Failed.hash();
    assert_eq!(rejected(failed, &[]), Rejection::Kind { got: None });
    assert_eq!(rejected(failed, &[7]), Rejection::Kind { got: Some(7) });
    let short = |expected, got| Rejection::Short { expected, got };
    assert_eq!(rejected(failed, &[1, 2]), short(53, 2));
    assert_eq!(rejected(failed, &[2, 2, 2]), short(397, 3));
    let other = StateHash::new([1; 32]);
    let before = Rejection::Before {
        expected: other,
        got: failed,
    };
    assert_eq!(rejected(other, &[0]), before);
}

#[test]
fn what_is_wrong_with_a_witness_is_named() {
    // The return to the bootstrap pops a frame.
    let steps = run(100);
    let (before, proof, _) = steps
        .iter()
        .max_by_key(|step| step.1.as_bytes().len())
        .unwrap();
    let bytes = proof.as_bytes();
    let word = 1 + RECORD_BYTES;
    let changed = |at: usize, value: u8| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= value;
        rejected(*before, &bytes)
    };
    assert!(matches!(changed(word, 1), Rejection::Root { .. }));
    assert!(matches!(
        changed(word + 32, 0xff),
        Rejection::Bitmap { expected: 24, .. }
    ));
    assert!(matches!(
        changed(bytes.len() - 1, 1),
        Rejection::Chain { .. }
    ));
    let length = bytes.len() as u64;
    let cut = rejected(*before, &bytes[..bytes.len() - 1]);
    assert_eq!(
        cut,
        Rejection::Short {
            expected: length,
            got: length - 1
        }
    );
    let long = rejected(*before, &[bytes, &[0]].concat());
    assert_eq!(
        long,
        Rejection::Long {
            expected: length,
            got: length + 1
        }
    );
}

fn errors(artifact: &str) -> BTreeSet<String> {
    let abi: Value = serde_json::from_str(artifact).unwrap();
    let items = abi["abi"].as_array().unwrap().iter();
    items
        .filter(|item| item["type"] == "error")
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

/// Contracts that judge no steps; who calls them decodes their errors by their own types in `abi`.
const OTHERS: [&str; 4] = [
    "DigitBounty.json",
    "InferenceClaims.json",
    "MachineGame.json",
    "ModelRegistry.json",
];

/// Errors are decoded by the artifacts of the entry and of `Host`.
#[test]
fn no_contract_that_judges_steps_has_an_error_that_is_not_decoded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../l1-contracts/artifacts");
    let artifact = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let mut known = errors(&artifact("Host.json"));
    known.extend(errors(&artifact("OneStepEntry.json")));
    for file in std::fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if OTHERS.contains(&name.as_str()) {
            continue;
        }
        let strange: Vec<_> = errors(&artifact(&name))
            .difference(&known)
            .cloned()
            .collect();
        assert!(strange.is_empty(), "{name}: {strange:?}");
    }
}
