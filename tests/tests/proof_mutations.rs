//! Proofs that were changed: every single bit, every length, every order. None may be accepted, none may panic.

use enshrine_prover::{Proof, verify_step};
use enshrine_tests::{
    for_each,
    mutations::{Sample, changes, samples},
};

fn change(sample: &Sample) {
    assert_eq!(verify_step(sample.before, &sample.proof), Ok(sample.after));
    for change in changes(&sample.proof) {
        let Some(changed) = change.apply(&sample.proof) else {
            continue;
        };
        let got = verify_step(sample.before, &changed);
        assert!(
            got.is_err(),
            "a proof of {:#06x} is accepted after {change}: {got:?}",
            sample.opcode
        );
    }
}

#[test]
fn no_changed_proof_is_accepted() {
    let samples = samples();
    for_each(&samples, change);
}

#[test]
fn a_proof_proves_nothing_about_another_state() {
    let samples = samples();
    for pair in samples.windows(2) {
        if pair[0].before != pair[1].before {
            let got = verify_step(pair[0].before, &pair[1].proof);
            assert!(got.is_err(), "{got:?}");
        }
    }
}

#[test]
fn proofs_of_terminal_states_have_one_form() {
    let failed = enshrine_prover::Terminal::Failed.hash();
    assert_eq!(verify_step(failed, &Proof::new(vec![0])), Ok(failed));
    for wrong in [&[][..], &[0, 0], &[1], &[2], &[3], &[255]] {
        assert!(verify_step(failed, &Proof::new(wrong.to_vec())).is_err());
    }
}
