//! The bundled guest on the digits model: random steps of `load` and `infer`, each proved and verified, and the end.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{path::Path, sync::Arc};

use enshrine_prover::{Machine, Proof, Record, Subject, Terminal, verify_step};
use enshrine_runtime::{
    Fuel, Guest, Model, Outcome, Runtime, RuntimeConfig, engine::EngineKind, program::Program,
};
use enshrine_tests::random::seeded;

/// Far more than the small models need.
const FUEL: Fuel = Fuel {
    load: 1 << 32,
    infer: 1 << 32,
};

const PROVED_STEPS: usize = 1_000;

fn file(path: &str) -> Arc<[u8]> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    Arc::from(std::fs::read(models.join(path)).unwrap())
}

/// Ends of the run as an engine sees it, in steps of `load` and of `infer`.
fn engine_run(model: &Arc<[u8]>, input: &[u8]) -> (Terminal, u64) {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest-steps");
    let config = RuntimeConfig::bundled(Some(cache)).unwrap();
    let model = Model::new(Arc::clone(model)).unwrap();
    let runtime = Runtime::new(config).unwrap();
    let run = runtime
        .infer(&model, input, FUEL, EngineKind::Wasmtime)
        .unwrap();
    let Outcome::Finished {
        status,
        output_root,
        load_steps,
        infer_steps,
        fuel_left,
    } = run.outcome
    else {
        panic!("the digits model runs");
    };
    let terminal = Terminal::Finished {
        status: status.cast_unsigned(),
        output_root,
        load_fuel_left: FUEL.load - load_steps,
        fuel_left,
    };
    (terminal, load_steps + infer_steps)
}

fn random_steps(length: u64) -> Vec<u64> {
    let bytes = seeded(1, 8 * PROVED_STEPS);
    let (numbers, _) = bytes.as_chunks::<8>();
    let mut steps: Vec<_> = numbers
        .iter()
        .map(|number| u64::from_le_bytes(*number) % length)
        .collect();
    // The first step, the last, and what follows it.
    steps.extend([0, length - 1, length]);
    steps.sort_unstable();
    steps.dedup();
    steps
}

#[test]
fn random_steps_of_a_run_are_proved() {
    let (model, input) = (file("digits-cnn/model.onnx"), file("samples/digit-7.bin"));
    let (terminal, length) = engine_run(&model, &input);
    let program = Arc::new(Program::lower(Guest::bundled().unwrap().wasm()).unwrap());
    let subject = Arc::new(Subject::new(program, model, input).unwrap());
    let mut machine = Machine::new(Arc::clone(&subject), FUEL);
    let first = Record::initial(subject.header(), &subject.inputs(FUEL));
    assert_eq!(machine.hash(), first.hash());
    let mut at = 0;
    for step in random_steps(length) {
        machine.run(step - at);
        let before = machine.hash();
        let word = machine.next_word().copied();
        let proof = Proof::of_step(&mut machine);
        let after = verify_step(before, &proof);
        assert_eq!(after, Ok(machine.hash()), "step {step}: {word:?}");
        at = (step + 1).min(length);
    }
    assert_eq!(machine.terminal(), Some(terminal));
}
