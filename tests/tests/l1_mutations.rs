//! Proofs that were changed, in the contracts' bytecode against `verify_step`: both refuse them, or both say the same of
//! them. `ENSHRINE_L1_CHANGES` changes are tried in all.

use enshrine_l1::{L1Error, OneStepVerifier};
use enshrine_prover::{Proof, StateHash, Terminal, verify_step};
use enshrine_tests::{
    for_each,
    mutations::{changes, samples},
    number,
};

/// Changes, if nothing else is asked for.
const CHANGES: usize = 300_000;

/// What the bytecode says; nothing if it refuses the proof.
///
/// Running out of gas, or a revert that is none of the verifier's errors, is neither.
fn bytecode(verifier: &OneStepVerifier, before: StateHash, proof: &Proof) -> Option<StateHash> {
    match verifier.prove_step(before, proof) {
        Ok(proved) => Some(proved.after),
        Err(L1Error::Rejected(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

fn check(verifier: &OneStepVerifier, before: StateHash, proof: &Proof, what: &str) {
    let expected = verify_step(before, proof).ok();
    let got = bytecode(verifier, before, proof);
    assert_eq!(got, expected, "{what}: the bytecode, then the step machine");
}

#[test]
fn a_changed_proof_is_refused_where_the_step_machine_refuses_it() {
    let verifier = OneStepVerifier::deploy().expect("the committed contracts deploy");
    let samples: Vec<_> = samples().into_iter().enumerate().collect();
    let each = number("ENSHRINE_L1_CHANGES", CHANGES).div_ceil(samples.len());
    for_each(&samples, |(index, sample)| {
        let name = format!("sample {index}, opcode {:#06x}", sample.opcode);
        let got = bytecode(&verifier, sample.before, &sample.proof);
        assert_eq!(got, Some(sample.after), "{name}");
        // Each sample has other changes tried, so that together they have all kinds at all places.
        let every = changes(&sample.proof).count().div_ceil(each).max(1);
        for change in changes(&sample.proof).skip(index % every).step_by(every) {
            if let Some(changed) = change.apply(&sample.proof) {
                let what = format!("{name} after {change}");
                check(&verifier, sample.before, &changed, &what);
            }
        }
    });
}

#[test]
fn a_proof_proves_nothing_about_another_state() {
    let verifier = OneStepVerifier::deploy().expect("the committed contracts deploy");
    for pair in samples().windows(2) {
        check(&verifier, pair[0].before, &pair[1].proof, "another state");
    }
}

#[test]
fn proofs_of_terminal_states_have_one_form() {
    let verifier = OneStepVerifier::deploy().expect("the committed contracts deploy");
    let failed = Terminal::Failed.hash();
    assert_eq!(
        bytecode(&verifier, failed, &Proof::new(vec![0])),
        Some(failed)
    );
    for wrong in [
        &[][..],
        &[0, 0],
        &[1],
        &[2],
        &[3],
        &[255],
        &[1; 53],
        &[2; 397],
    ] {
        let proof = Proof::new(wrong.to_vec());
        assert_eq!(bytecode(&verifier, failed, &proof), None, "{wrong:?}");
        check(&verifier, failed, &proof, "a terminal state");
    }
}
