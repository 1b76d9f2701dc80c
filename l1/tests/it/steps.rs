//! A small run, step by step.

use std::sync::Arc;

use enshrine_l1::{L1Error, OneStepVerifier};
use enshrine_prover::{Machine, Proof, StateHash, Subject, Terminal};
use enshrine_runtime::{
    Fuel,
    isa::{Family, Word, op},
    program::Program,
};

/// `(module (func (export "load") (result i32) i32.const 0) (func (export "infer") (result i32) i32.const 7))`
const WASM: &[u8] =
    b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x03\x02\0\0\x07\x10\x02\x04load\0\0\x05infer\0\x01\
    \x0a\x0b\x02\x04\0\x41\0\x0b\x04\0\x41\x07\x0b";

/// Every step of a run of the module with this fuel, and some behind its end: states and proofs.
pub(crate) fn run(fuel: u64) -> Vec<(StateHash, Proof, StateHash)> {
    let program = Arc::new(Program::lower(WASM).unwrap());
    let blobs = [&b"model"[..], b"input"].map(Arc::from);
    let [model, input] = blobs;
    let subject = Subject::new(program, model, input).unwrap();
    let mut machine = Machine::new(Arc::new(subject), Fuel::from(fuel));
    let mut steps = Vec::new();
    let mut after_end = 0;
    while after_end < 2 {
        after_end += u32::from(machine.terminal().is_some());
        let before = machine.hash();
        let proof = Proof::of_step(&mut machine);
        steps.push((before, proof, machine.hash()));
    }
    steps
}

#[test]
fn runs_that_finish_and_fail_are_proved_to_their_end() {
    let verifier = OneStepVerifier::deploy().unwrap();
    for fuel in [0, 1, 3, 100] {
        for (before, proof, after) in run(fuel) {
            let proved = verifier.prove_step(before, &proof).unwrap();
            assert_eq!(proved.after, after, "fuel {fuel}");
            let calldata = 4 + 3 * 32 + proof.as_bytes().len().next_multiple_of(32);
            assert_eq!(proved.gas.calldata_bytes, calldata as u64);
        }
    }
    assert_eq!(run(3).last().unwrap().2, Terminal::Failed.hash());
}

#[test]
fn a_call_costs_the_same_each_time() {
    let verifier = OneStepVerifier::deploy().unwrap();
    let (before, proof, _) = run(100).remove(0);
    let first = verifier.prove_step(before, &proof).unwrap();
    assert_eq!(verifier.prove_step(before, &proof).unwrap(), first);
    let other = OneStepVerifier::deploy().unwrap();
    assert_eq!(other.prove_step(before, &proof).unwrap(), first);
}

#[test]
fn what_does_not_compute_is_not_evaluated() {
    let verifier = OneStepVerifier::deploy().unwrap();
    for opcode in [op::CALL, op::I32_LOAD, op::V128_STORE, op::PREIMAGE, 0xffff] {
        let error = verifier.evaluate(&Word::new(opcode), [0; 3]).unwrap_err();
        assert!(matches!(error, L1Error::Opcode { opcode: got } if got == opcode));
    }
    let word = Word::new(op::I32_ADD);
    let in_float = verifier.evaluate_in(Family::Float, &word, [1; 3]).unwrap();
    assert_eq!(in_float.result, None);
    assert!(verifier.evaluate_in(Family::Stack, &word, [1; 3]).is_err());
}

#[test]
fn a_proof_that_no_transaction_can_carry_is_told_from_a_wrong_one() {
    let verifier = OneStepVerifier::deploy().unwrap();
    let proof = Proof::new(vec![0xff; 4 << 20]);
    let error = verifier.prove_step(Terminal::Failed.hash(), &proof);
    assert!(
        matches!(error, Err(L1Error::Transaction { .. })),
        "{error:?}"
    );
}
