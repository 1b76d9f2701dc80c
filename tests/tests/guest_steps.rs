//! The bundled guest in the naive machine and in every engine and build: status, output, root and steps.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on has failed"
)]

use std::{
    path::Path,
    sync::{Arc, LazyLock, Mutex},
};

use enshrine_conformance::{
    naive::{Blobs, Failed, Finished, Machine, Output},
    seeded,
    traced::{Beside, Checks, Plan},
};
use enshrine_runtime::{
    BlobRoot, Execution, Fuel, Guest, Model, Outcome, Run, Runtime, RuntimeConfig, Stop, TracedEnd,
    engine::EngineKind, meter::NanMode, program::Program, trace::Phase,
};

/// Far more than the small models need.
const FUEL: u64 = 1 << 32;

static BENCH: LazyLock<Bench> = LazyLock::new(Bench::new);

struct Bench {
    runtime: Runtime,
    program: Arc<Program>,
}

impl Bench {
    fn new() -> Self {
        let guest = Guest::bundled().unwrap();
        let program = Arc::new(Program::lower(guest.wasm()).unwrap());
        let config = RuntimeConfig {
            guest,
            cache_dir: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest-steps")),
            image_cache_bytes: 1 << 30,
            disk_image_bytes: 1 << 30,
        };
        Self {
            runtime: Runtime::new(config).unwrap(),
            program,
        }
    }

    /// The naive machine's end and output. Every engine and build must give the same.
    fn run(&self, model: &[u8], input: &[u8], fuel: u64) -> Result<(Finished, Output), Failed> {
        let blobs = Blobs {
            model: Arc::from(model),
            input: Arc::from(input),
        };
        let mut machine = Machine::new(Arc::clone(&self.program), blobs);
        let finished = machine.run(fuel);
        let expected = finished.map(|end| (end, machine.output().cloned().unwrap_or_default()));
        let model = Model::new(model).unwrap();
        for engine in EngineKind::ALL {
            for nan in [NanMode::Speculative, NanMode::Exact] {
                let run = self.runtime.infer(
                    &model,
                    input,
                    fuel,
                    Execution {
                        engine,
                        nan,
                        keep: true,
                    },
                );
                assert_same(
                    &expected,
                    &run.unwrap(),
                    &format!("{engine} {}", nan.name()),
                );
            }
        }
        expected
    }
}

/// Checkpoints looked at in each phase.
const STOPS: usize = 15;

impl Bench {
    /// Runs in a traced build beside the naive machine; the run must end as `expected`.
    fn trace(
        &self,
        (model, input): (&[u8], &[u8]),
        (engine, nan): (EngineKind, NanMode),
        expected: &(Finished, Output),
    ) {
        let who = format!("{engine} {} traced", nan.name());
        let blobs = Blobs {
            model: Arc::from(model),
            input: Arc::from(input),
        };
        let mut machine = Machine::new(Arc::clone(&self.program), blobs);
        machine.begin_program(FUEL);
        let (load, infer) = (expected.0.load_steps, expected.0.infer_steps);
        let stops = seeded(load, 16 * STOPS);
        let (stops, _) = stops.as_chunks::<8>();
        let mut stops: Vec<_> = stops.iter().map(|stop| u64::from_le_bytes(*stop)).collect();
        let (first, second) = stops.split_at_mut(STOPS);
        first.iter_mut().for_each(|stop| *stop %= load);
        second
            .iter_mut()
            .for_each(|stop| *stop = load + *stop % infer);
        stops.sort_unstable();
        let none = Plan::Stops(Vec::new());
        let checks = Arc::new(Checks::new());
        let beside = Beside::new(Arc::clone(&self.program), machine, none.clone(), checks);
        let shared = Arc::new(Mutex::new(beside));
        let (own, mut last) = (Arc::clone(&shared), Phase::Load);
        let visitor = move |stop: Stop<'_>| {
            let mut beside = own.lock().unwrap();
            if std::mem::replace(&mut last, stop.phase) != stop.phase {
                beside.end_load(none.clone());
            }
            assert_eq!(stop.checkpoint.frames[0].return_pc, 0);
            beside.look(&stop.checkpoint, 1);
        };
        let model = Model::new(model).unwrap();
        let end = self.runtime.trace(
            &model,
            input,
            Fuel::from(FUEL),
            (engine, nan),
            stops,
            visitor,
        );
        let beside = shared.lock().unwrap();
        assert_eq!(beside.mismatch, None, "{who}");
        assert!(beside.compared > STOPS as u64, "{who}: {}", beside.compared);
        let status = expected.0.status.cast_signed();
        let steps = load + infer;
        assert_eq!(end.unwrap(), TracedEnd::Finished { status, steps }, "{who}");
    }
}

fn assert_same(expected: &Result<(Finished, Output), Failed>, run: &Run, who: &str) {
    let Ok((end, output)) = expected else {
        return assert_eq!(run.outcome, Outcome::Failed, "{who}");
    };
    let expected = Outcome::Finished {
        status: end.status.cast_signed(),
        output_root: BlobRoot::new(output.root),
        load_steps: end.load_steps,
        infer_steps: end.infer_steps,
        fuel_left: end.fuel_left,
    };
    assert_eq!(run.outcome, expected, "{who}");
    assert_eq!(run.output, output.bytes, "{who}");
}

fn file(path: &str) -> Vec<u8> {
    std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../models")
            .join(path),
    )
    .unwrap()
}

#[test]
fn digits_models_take_the_machine_s_steps() {
    let input = file("samples/digit-7.bin");
    for name in ["digits-cnn", "digits-cnn-int8"] {
        let model = file(&format!("{name}/model.onnx"));
        let (end, output) = BENCH.run(&model, &input, FUEL).unwrap();
        assert_eq!((end.status, output.bytes.len()), (0, 40), "{name}");
        let enough = BENCH.run(&model, &input, end.infer_steps);
        assert_eq!(enough.map(|(end, _)| end.fuel_left), Ok(0), "{name}");
        let short = BENCH.run(&model, &input, end.infer_steps - 1);
        assert_eq!(short.map(drop), Err(Failed::OutOfFuel), "{name}");
    }
}

#[test]
fn traced_runs_show_the_machine_s_states() {
    let input = file("samples/digit-7.bin");
    let model = file("digits-cnn/model.onnx");
    let expected = BENCH.run(&model, &input, FUEL).unwrap();
    for engine in EngineKind::ALL {
        for nan in [NanMode::Speculative, NanMode::Exact] {
            BENCH.trace((&model, &input), (engine, nan), &expected);
        }
    }
}

#[test]
fn nans_and_refusals_take_the_machine_s_steps() {
    let model = file("digits-cnn/model.onnx");
    let input = file("samples/digit-7.bin");
    let payloads = [0x45, 0x23, 0xa1, 0x7f].repeat(input.len() / 4);
    let (end, _) = BENCH.run(&model, &payloads, FUEL).unwrap();
    assert_eq!(end.status, 0);
    let (end, _) = BENCH.run(&model, &input[1..], FUEL).unwrap();
    assert_ne!(end.status, 0);
    let (end, _) = BENCH.run(&model[..model.len() / 2], &input, FUEL).unwrap();
    assert_ne!(end.status, 0);
}
