//! Figures of one machine in one run: speed, ratios, memory, gas. `cargo xtask bench` builds and starts it.
//!
//! `enshrine-figures gas <cache folder> <text>` measures the mixes whose names contain the text, and prints them;
//! `enshrine-figures traced <model> <input>` measures traced builds against metered ones, and prints that; `enshrine-figures
//! prover <cache folder> <model> <input>` measures the step machine, and `enshrine-figures disputes <cache folder> <model> <input>`
//! whole disputes; `enshrine-figures guests <models folder> <guest> <other guest>` measures a guest against another.
//!
//! Times are medians of interleaved rounds, so that a machine that slows down slows all columns alike.

#![allow(clippy::print_stdout, reason = "a report is printed")]

mod chain;
mod disputes;
mod gas;
mod guests;
mod mixes;
mod models;
mod onnxruntime;
mod prover;
mod traced;

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use enshrine_runtime::{
    Guest, Model, Outcome, Runtime, RuntimeConfig,
    compile::{Compiled, compile},
    engine::{Build, EngineKind},
    meter::NanMode,
};
use enshrine_tests::plain::PlainBuild;
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Rounds that are measured, after one that is not.
const ROUNDS: usize = 9;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [mode, cache, model, input] if mode == "first-call" => first_call(cache, model, input),
        [mode, cache, filter] if mode == "gas" => gas::measure(Path::new(cache), filter).map(drop),
        [mode, model, input] if mode == "traced" => traced::measure_files(model, input),
        [mode, cache, model, input] if mode == "prover" => prover::measure_files(cache, model, input),
        [mode, cache, model, input] if mode == "disputes" => disputes::measure_files(cache, model, input),
        [mode, models, before, after] if mode == "guests" => guests::measure(models, before, after),
        [models, output] => figures(Path::new(models), Path::new(output)),
        _ => Err("usage: enshrine-figures <models folder> <output.json>, gas <cache folder> <part of a mix's name>, traced <model> <input>, prover or disputes <cache folder> <model> <input>, guests <models folder> <guest> <other guest>".into()),
    }
}

/// What a new process needs until its first answer. Prints seconds.
fn first_call(cache: &str, model: &str, input: &str) -> Result<()> {
    let start = Instant::now();
    let runtime = Runtime::new(RuntimeConfig::bundled(Some(PathBuf::from(cache)))?)?;
    let run = runtime.infer(
        &Model::new(fs::read(model)?)?,
        &fs::read(input)?,
        u64::MAX,
        EngineKind::Wasmtime,
    )?;
    assert!(
        matches!(run.outcome, Outcome::Finished { status: 0, .. }),
        "{run:?}"
    );
    println!("{}", start.elapsed().as_secs_f64());
    Ok(())
}

struct Builds {
    plain: PlainBuild,
    speculative: Build,
    exact: Build,
}

fn figures(models: &Path, output: &Path) -> Result<()> {
    let guest = Guest::bundled()?;
    let (compiled, walk) = timed(|| compile(guest.wasm()))?;
    let (plain, plain_compile) = timed(|| PlainBuild::new(guest.wasm()))?;
    let (speculative, metered_compile) =
        timed(|| Build::new(EngineKind::Wasmtime, &compiled, NanMode::Speculative))?;
    let exact = Build::new(EngineKind::Wasmtime, &compiled, NanMode::Exact)?;
    let guest_figures = guest_figures(&guest, &compiled, walk, plain_compile, metered_compile);
    println!("{}", serde_json::to_string_pretty(&guest_figures)?);
    drop(compiled);
    let builds = Builds {
        plain,
        speculative,
        exact,
    };
    let cache = std::env::temp_dir().join(format!("enshrine-figures-{}", std::process::id()));
    let runtime = Runtime::new(RuntimeConfig::bundled(Some(cache.clone()))?)?;
    let cases = models::cases(models);
    let bench = models::Bench {
        builds: &builds,
        runtime: &runtime,
        cache: &cache,
        onnxruntime: onnxruntime::measure(models, &cases),
    };
    let mut rows = Vec::new();
    for case in &cases {
        let row = bench.measure(case)?;
        println!("{}", serde_json::to_string_pretty(&row)?);
        rows.push(row);
    }
    let start = models::start_figures(&cases)?;
    println!("{}", serde_json::to_string_pretty(&start)?);
    drop(builds);
    let traced = cases.iter().find(|case| case.name == models::LARGE_CASE);
    let traced = traced.map(traced::measure).transpose()?;
    let proved = cases
        .iter()
        .filter(|case| [models::FIRST_CASE, models::LARGE_CASE].contains(&case.name));
    let proved: Vec<_> = proved
        .map(|case| prover::measure(&runtime, case))
        .collect::<Result<_>>()?;
    println!("{}", serde_json::to_string_pretty(&proved)?);
    let disputed = cases
        .iter()
        .filter(|case| [models::FIRST_CASE, models::LARGE_CASE].contains(&case.name));
    let disputed: Vec<_> = disputed
        .map(|case| disputes::measure(&runtime, case))
        .collect::<Result<_>>()?;
    println!("{}", serde_json::to_string_pretty(&disputed)?);
    let gas = gas::measure(&cache, "")?;
    fs::remove_dir_all(&cache)?;
    let report = json!({ "guest": guest_figures, "models": rows, "start": start, "traced": traced, "prover": proved, "disputes": disputed, "gas": gas });
    fs::write(output, serde_json::to_string_pretty(&report)? + "\n")?;
    Ok(())
}

fn timed<T, E: Error + 'static>(
    work: impl FnOnce() -> std::result::Result<T, E>,
) -> Result<(T, Duration)> {
    let start = Instant::now();
    let value = work()?;
    Ok((value, start.elapsed()))
}

fn guest_figures(
    guest: &Guest,
    compiled: &Compiled,
    walk: Duration,
    plain: Duration,
    metered: Duration,
) -> Value {
    json!({
        "wasm_bytes": guest.wasm().len(),
        "words": compiled.program.words.len(),
        "program_hash": compiled.program.hash().to_string(),
        "speculative_bytes": compiled.speculative.len(),
        "exact_bytes": compiled.exact.len(),
        "walk_seconds": walk.as_secs_f64(),
        "compile_plain_seconds": plain.as_secs_f64(),
        "compile_metered_seconds": metered.as_secs_f64(),
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn ratio(time: Duration, base: Duration) -> f64 {
    time.as_secs_f64() / base.as_secs_f64()
}
