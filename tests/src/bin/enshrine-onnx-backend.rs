//! Runs a folder of ONNX cases through the guest on both engines.
//!
//! `models/scripts/onnx_backend.py` writes the folder, starts this and judges the results; its header says what the
//! files hold.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use enshrine_primitives::tensor::Interface;
use enshrine_runtime::{
    Execution, Guest, Model, Outcome, Run, Runtime, RuntimeConfig, engine::EngineKind,
    meter::NanMode,
};
use serde_json::{Value, json};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Enough for MiniLM on 128 tokens (3.5 G steps), far above what any node test needs; about a minute of the slower engine.
const FUEL: u64 = 10_000_000_000;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let done = match arguments.as_slice() {
        [folder] => run_folder(Path::new(folder), Guest::bundled().map_err(Error::from)),
        [option, guest, folder] if option == "--guest" => run_folder(
            Path::new(folder),
            fs::read(guest).map(Guest::new).map_err(Error::from),
        ),
        _ => Err("usage: enshrine-onnx-backend [--guest FILE.wasm] FOLDER".into()),
    };
    match done {
        Ok(count) => {
            eprintln!("{count} cases run");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs every case and returns their number; a result is on disk before its thread takes the next case.
fn run_folder(folder: &Path, guest: Result<Guest, Error>) -> Result<usize, Error> {
    let runtime = Runtime::new(RuntimeConfig {
        guest: guest?,
        image_cache_bytes: 0,
        ..RuntimeConfig::bundled(None)?
    })?;
    let cases = list_cases(folder)?;
    let results = Mutex::new(File::create(folder.join("results.jsonl"))?);
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), Error> {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let line = format!("{}\n", run_case(&runtime, case)?);
            results
                .lock()
                .map_err(|_| "another thread failed")?
                .write_all(line.as_bytes())?;
        }
        Ok(())
    };
    let threads = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a thread panicked")?)
    })?;
    Ok(cases.len())
}

fn list_cases(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder.join("cases"))?;
    let mut cases = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, Error>>()?;
    cases.sort();
    Ok(cases)
}

/// Runs one case on both engines, each with another of the two builds, so that a difference between those shows too.
fn run_case(runtime: &Runtime, case: &Path) -> Result<Value, Error> {
    let name = case.file_name().unwrap_or_default().to_string_lossy();
    let model = Model::new(fs::read(case.join("model.onnx"))?)?;
    let input = fs::read(case.join("input.bin"))?;
    let run = |engine, nan| {
        let answer = runtime.infer(
            &model,
            &input,
            FUEL,
            Execution {
                engine,
                nan,
                keep: false,
            },
        );
        answer.map_err(|error| format!("{name}: {error}"))
    };
    let wasmtime = run(EngineKind::Wasmtime, NanMode::Speculative)?;
    let wasmi = run(EngineKind::Wasmi, NanMode::Exact)?;
    let mut line = json!({
        "name": name,
        "wasmtime": engine_record(&wasmtime),
        "wasmi": engine_record(&wasmi),
    });
    match wasmtime.outcome {
        Outcome::Finished { status: 0, .. } => {
            let interface = runtime.interface(&model, &input)?;
            line["outputs"] = outputs(&interface, &wasmtime.output)?;
        }
        Outcome::Finished { .. } => {
            line["message"] = String::from_utf8_lossy(&wasmtime.output).into()
        }
        Outcome::Failed => {}
    }
    Ok(line)
}

/// What both engines must agree on.
fn engine_record(run: &Run) -> Value {
    match &run.outcome {
        Outcome::Finished {
            status,
            output_root,
            load_steps,
            infer_steps,
            fuel_left,
        } => json!({
            "outcome": "finished",
            "status": status,
            "output_root": output_root.to_string(),
            "load_steps": load_steps,
            "infer_steps": infer_steps,
            "fuel_left": fuel_left,
        }),
        Outcome::Failed => json!({ "outcome": "failed" }),
    }
}

/// The tensors of an output blob.
fn outputs(interface: &Interface, blob: &[u8]) -> Result<Value, Error> {
    let slices = interface.split_outputs(blob)?;
    let tensors = interface.outputs.iter().zip(slices).map(|(tensor, slice)| {
        json!({
            "name": tensor.name,
            "dtype": tensor.dtype.name(),
            "shape": slice.shape,
            "data": hex(&blob[slice.data]),
        })
    });
    Ok(tensors.collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
