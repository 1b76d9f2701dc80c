//! The bundled guest on the digits model: random steps of `load` and `infer`, proved to the contracts' bytecode.
//! `ENSHRINE_L1_STEPS` steps are proved.

use std::{path::Path, sync::Arc};

use enshrine_l1::OneStepVerifier;
use enshrine_prover::{Machine, Proof, StateHash, Subject};
use enshrine_runtime::{Fuel, Guest, program::Program};
use enshrine_tests::{for_each, number, random::seeded};

/// Steps, if nothing else is asked for.
const STEPS: usize = 10_000;

/// Far more than the model needs.
const FUEL: u64 = 1 << 32;

/// A step that is proved.
struct Step {
    name: String,
    before: StateHash,
    proof: Proof,
    after: StateHash,
}

fn file(path: &str) -> Arc<[u8]> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    Arc::from(std::fs::read(models.join(path)).expect("the model is there"))
}

fn first_state() -> Machine {
    let (model, input) = (file("digits-cnn/model.onnx"), file("samples/digit-7.bin"));
    let guest = Guest::bundled().expect("a guest is bundled");
    let program = Program::lower(guest.wasm()).expect("the guest is in the profile");
    let subject = Subject::new(Arc::new(program), model, input).expect("the blobs are small");
    Machine::new(Arc::new(subject), Fuel::from(FUEL))
}

/// Random steps of a run, its first and its last, and what follows.
fn places(length: u64) -> Vec<u64> {
    let bytes = seeded(1, 8 * number("ENSHRINE_L1_STEPS", STEPS));
    let (numbers, _) = bytes.as_chunks::<8>();
    let random = numbers.iter().map(|number| u64::from_le_bytes(*number));
    let mut places: Vec<_> = random.map(|number| number % length).collect();
    places.extend([0, length - 1, length]);
    places.sort_unstable();
    places.dedup();
    places
}

fn prove(machine: &mut Machine, place: u64) -> Step {
    let word = machine.next_word().copied();
    let before = machine.hash();
    let proof = Proof::of_step(machine);
    Step {
        name: format!("step {place}: {word:?}"),
        before,
        proof,
        after: machine.hash(),
    }
}

#[test]
fn random_steps_of_a_run_are_proved_on_l1() {
    let mut machine = first_state();
    let length = machine.clone().run(u64::MAX);
    let mut at = 0;
    let mut steps = Vec::new();
    for place in places(length) {
        machine.run(place - at);
        steps.push(prove(&mut machine, place));
        at = (place + 1).min(length);
    }
    assert!(machine.terminal().is_some(), "the last step ends the run");
    let verifier = OneStepVerifier::deploy().expect("the committed contracts deploy");
    for_each(&steps, |step| {
        match verifier.prove_step(step.before, &step.proof) {
            Ok(proved) => assert_eq!(proved.after, step.after, "{}", step.name),
            Err(error) => panic!("{}: {error}", step.name),
        }
    });
}
