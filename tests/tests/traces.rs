//! Traces of the bundled guest: hashes, parts and proofs fit together, and outlive the process.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{path::Path, sync::Arc};

use enshrine_prover::{Terminal, Trace, TraceConfig, TraceError, verify_step};
use enshrine_runtime::{Fuel, Guest, Model, Runtime, RuntimeConfig, engine::EngineKind};

fn file(path: &str) -> Vec<u8> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    std::fs::read(models.join(path)).unwrap()
}

fn config(engine: EngineKind, fuel: Fuel, input: Vec<u8>) -> TraceConfig {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest-steps");
    TraceConfig {
        runtime: Runtime::new(RuntimeConfig::bundled(Some(cache)).unwrap()).unwrap(),
        model: Model::new(file("digits-cnn/model.onnx")).unwrap(),
        input: Arc::from(input),
        fuel,
        engine,
    }
}

const FUEL: Fuel = Fuel {
    load: 1 << 30,
    infer: 1 << 30,
};

fn digits(engine: EngineKind) -> TraceConfig {
    config(engine, FUEL, file("samples/digit-7.bin"))
}

/// Steps of a finished run.
fn end(terminal: Terminal) -> u64 {
    let Terminal::Finished {
        load_fuel_left,
        fuel_left,
        ..
    } = terminal
    else {
        panic!("the digits model runs");
    };
    (FUEL.load - load_fuel_left) + (FUEL.infer - fuel_left)
}

#[test]
fn every_part_of_a_dissection_can_be_parted_down_to_a_proof() {
    for engine in EngineKind::ALL {
        let mut trace = Trace::new(digits(engine)).unwrap();
        let (mut from, mut to) = (0, trace.length());
        let mut hash = trace.first().hash();
        // The seed of the choice of parts.
        let mut choice = 0x9e37_79b9_7f4a_7c15_u64;
        while to - from > 1 {
            let parts = (to - from).min(16);
            let hashes = trace.dissect(from, to, parts).unwrap();
            assert_eq!(hashes.len() as u64, parts);
            assert_eq!(hashes.last(), Some(&trace.state_hash(to).unwrap()));
            choice = choice.rotate_left(7).wrapping_mul(5);
            // Most parts of the fuel lie behind the end of the run.
            let part = if to > 1 << 28 { 0 } else { choice % parts };
            let end_of = |part: u64| from + (to - from) * part / parts;
            let bounds = (end_of(part), end_of(part + 1));
            if part > 0 {
                hash = hashes[usize::try_from(part).unwrap() - 1];
            }
            (from, to) = bounds;
            assert_eq!(trace.state_hash(from).unwrap(), hash);
        }
        let proof = trace.prove(from).unwrap();
        assert_eq!(
            (proof.before, proof.after),
            (hash, trace.state_hash(to).unwrap())
        );
        assert_eq!(verify_step(proof.before, &proof.proof), Ok(proof.after));
    }
}

#[test]
fn engines_lead_to_the_same_states() {
    let mut traces = EngineKind::ALL.map(|engine| Trace::new(digits(engine)).unwrap());
    let end = end(traces[0].final_state().unwrap());
    for step in [0, 1, end / 3, end / 2, end - 1, end, end + 1] {
        let hashes = traces
            .each_mut()
            .map(|trace| trace.state_hash(step).unwrap());
        assert_eq!(hashes[0], hashes[1], "step {step}");
    }
    let last = traces[0].state_hash(end).unwrap();
    assert_eq!(traces[0].final_state().unwrap().hash(), last);
    assert_ne!(traces[0].state_hash(end - 1).unwrap(), last);
}

#[test]
fn a_run_without_enough_fuel_ends_in_failure() {
    let mut whole = Trace::new(digits(EngineKind::Wasmi)).unwrap();
    let Terminal::Finished { load_fuel_left, .. } = whole.final_state().unwrap() else {
        panic!("the digits model runs");
    };
    let load = FUEL.load - load_fuel_left;
    let short = [
        Fuel {
            load: 1000,
            infer: 50,
        },
        Fuel {
            load: load - 1,
            infer: 50,
        },
        Fuel { load, infer: 0 },
        Fuel { load, infer: 1 },
        Fuel { load, infer: 1234 },
    ];
    for fuel in short {
        let input = file("samples/digit-7.bin");
        let mut trace = Trace::new(config(EngineKind::Wasmi, fuel, input)).unwrap();
        assert_eq!(trace.final_state().unwrap(), Terminal::Failed, "{fuel:?}");
        let failed = Terminal::Failed.hash();
        assert_eq!(
            trace.state_hash(trace.length()).unwrap(),
            failed,
            "{fuel:?}"
        );
        let machine = trace.state(trace.length()).unwrap();
        assert_eq!(machine.terminal(), Some(Terminal::Failed), "{fuel:?}");
    }
}

/// A guest that runs for some 80 M steps, with calls, floats and stores, and ends as its input says.
const LONG: &str = r#"(module
  (import "enshrine" "blob_page" (func $blob_page (param i32 i32 i32)))
  (memory 3)
  (global $sum (mut f64) (f64.const 0))
  (func (export "load") (result i32) (i32.const 0))
  (func $mix (param $n i32) (param $x f32) (result f32) (local $y f32)
    (local.set $y (f32.mul (local.get $x) (f32.const 1.0001)))
    (f32.store (i32.and (i32.mul (local.get $n) (i32.const 52)) (i32.const 0x1fffc)) (local.get $y))
    (f32.min (local.get $y) (f32.const 1e30)))
  (func (export "infer") (result i32) (local $n i32) (local $x f32)
    (local.set $x (f32.const 1))
    (loop $again
      (local.set $x (call $mix (local.get $n) (local.get $x)))
      (global.set $sum (f64.add (global.get $sum) (f64.promote_f32 (local.get $x))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 2300000))))
    (call $blob_page (i32.const 1) (i32.const 0) (i32.const 0x20000))
    (if (i32.load8_u (i32.const 0x20000)) (then (unreachable)))
    (i32.const 0)))"#;

fn long(engine: EngineKind, input: &[u8], fuel: Fuel) -> TraceConfig {
    let buffer = wast::parser::ParseBuffer::new(LONG).unwrap();
    let wasm = wast::parser::parse::<wast::Wat<'_>>(&buffer)
        .unwrap()
        .encode()
        .unwrap();
    let runtime = RuntimeConfig {
        guest: Guest::new(wasm),
        cache_dir: None,
        image_cache_bytes: 0,
        disk_image_bytes: 0,
    };
    TraceConfig {
        runtime: Runtime::new(runtime).unwrap(),
        model: Model::new(vec![7]).unwrap(),
        input: Arc::from(input),
        fuel,
        engine,
    }
}

#[test]
fn far_steps_are_reached_by_engines() {
    let mut walked = Trace::new(long(EngineKind::Wasmi, &[0], FUEL))
        .unwrap()
        .state(0)
        .unwrap();
    let mut traces = EngineKind::ALL.map(|engine| Trace::new(long(engine, &[0], FUEL)).unwrap());
    let end = end(traces[0].final_state().unwrap());
    assert!(end > 1 << 26, "{end} steps");
    // From the last on, so that nothing near is known yet.
    let steps = [end - 2, end - 12_345_678, 40_000_001];
    let hashes = steps.map(|step| {
        traces
            .each_mut()
            .map(|trace| trace.state_hash(step).unwrap())
    });
    let mut at = 0;
    for (step, hashes) in steps.into_iter().zip(hashes).rev() {
        walked.run(step - at);
        at = step;
        assert_eq!(hashes, [walked.hash(); 2], "step {step}");
    }
}

#[test]
fn failures_far_away_are_found() {
    for (input, fuel) in [
        (1, FUEL),
        (
            0,
            Fuel {
                infer: 71_234_567,
                ..FUEL
            },
        ),
    ] {
        for engine in EngineKind::ALL {
            let mut trace = Trace::new(long(engine, &[input], fuel)).unwrap();
            let failed = Terminal::Failed.hash();
            let (mut from, mut to) = (0, trace.length());
            while to - from > 1 {
                let parts = (to - from).min(16);
                let hashes = trace.dissect(from, to, parts).unwrap();
                let part = hashes.iter().position(|hash| *hash == failed).unwrap() as u64;
                let end_of = |part: u64| {
                    from + u64::try_from(
                        u128::from(to - from) * u128::from(part) / u128::from(parts),
                    )
                    .unwrap()
                };
                (from, to) = (end_of(part), end_of(part + 1));
            }
            let proof = trace.prove(from).unwrap();
            assert_eq!(verify_step(proof.before, &proof.proof), Ok(failed));
            let expected = if input == 1 { "unreachable" } else { "" };
            assert!(proof.word.unwrap().to_string().contains(expected));
        }
    }
}

#[test]
fn a_declined_input_finishes_with_its_status() {
    let input = file("samples/digit-7.bin");
    let config = config(EngineKind::Wasmi, FUEL, input[1..].to_vec());
    let mut trace = Trace::new(config).unwrap();
    let terminal = trace.final_state().unwrap();
    assert!(
        matches!(terminal, Terminal::Finished { status: 1.., .. }),
        "{terminal:?}"
    );
    let machine = trace.state(trace.length()).unwrap();
    assert_eq!(machine.terminal(), Some(terminal));
}

#[test]
fn answers_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut trace = Trace::in_folder(digits(EngineKind::Wasmi), folder.path()).unwrap();
    let hashes = trace.dissect(0, 1 << 20, 8).unwrap();
    drop(trace);
    let lines = || {
        std::fs::read_to_string(folder.path().join("hashes"))
            .unwrap()
            .lines()
            .count()
    };
    let before = lines();
    let mut trace = Trace::in_folder(digits(EngineKind::Wasmi), folder.path()).unwrap();
    assert_eq!(trace.dissect(0, 1 << 20, 8).unwrap(), hashes);
    assert_eq!(lines(), before);
    let other = config(EngineKind::Wasmi, Fuel { load: 7, infer: 7 }, vec![]);
    let error = Trace::in_folder(other, folder.path()).map(drop);
    assert!(matches!(error, Err(TraceError::Journal(_))), "{error:?}");
}

#[test]
fn what_no_run_has_is_an_error() {
    let mut trace = Trace::new(digits(EngineKind::Wasmi)).unwrap();
    let length = trace.length();
    let beyond = trace.state_hash(length + 1).map(drop);
    assert!(matches!(beyond, Err(TraceError::Step { .. })), "{beyond:?}");
    for (from, to, parts) in [(5, 5, 1), (6, 5, 1), (5, 9, 5), (5, 9, 0)] {
        let got = trace.dissect(from, to, parts).map(drop);
        assert!(matches!(got, Err(TraceError::Parts { .. })), "{got:?}");
    }
}
