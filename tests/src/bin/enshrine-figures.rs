//! Figures of one machine in one run: speed, ratios, memory, gas. `cargo xtask bench` builds and starts it.
//!
//! Times are medians of interleaved rounds, so that a machine that slows down slows all columns alike.

#![allow(clippy::print_stdout, reason = "a report is printed")]

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use enshrine_runtime::{
    Execution, Guest, Model, Outcome, Runtime, RuntimeConfig,
    compile::{Compiled, compile},
    engine::{Blobs, Build, EngineKind, Invoked, Session},
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
        [models, output] => figures(Path::new(models), Path::new(output)),
        _ => Err("usage: enshrine-figures <models folder> <output.json>".into()),
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
    let mut rows = Vec::new();
    for case in cases(models) {
        let row = measure(&builds, &runtime, &cache, &case)?;
        println!("{}", serde_json::to_string_pretty(&row)?);
        rows.push(row);
    }
    let start = start_figures(models)?;
    println!("{}", serde_json::to_string_pretty(&start)?);
    fs::remove_dir_all(&cache)?;
    let report = json!({ "guest": guest_figures, "models": rows, "start": start });
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

struct Case {
    name: &'static str,
    model: PathBuf,
    input: PathBuf,
}

/// The models whose files are there.
fn cases(models: &Path) -> Vec<Case> {
    let case = |name, model: &str, input: &str| Case {
        name,
        model: models.join(model),
        input: models.join(input),
    };
    let all = [
        case("digits-cnn", "digits-cnn/model.onnx", "samples/digit-7.bin"),
        case(
            "digits-cnn-int8",
            "digits-cnn-int8/model.onnx",
            "samples/digit-7.bin",
        ),
        case("tumour-mlp", "tumour-mlp/model.onnx", "samples/tumour.bin"),
        case(
            "minilm-128",
            ".cache/minilm/model.onnx",
            ".cache/minilm/sample-128.bin",
        ),
        case(
            "minilm-int8-128",
            ".cache/minilm/model-int8.onnx",
            ".cache/minilm/sample-128.bin",
        ),
    ];
    let (present, missing): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|case| case.model.is_file());
    for case in missing {
        println!(
            "{}: not measured, {} is missing",
            case.name,
            case.model.display()
        );
    }
    present
}

fn measure(builds: &Builds, runtime: &Runtime, cache: &Path, case: &Case) -> Result<Value> {
    let bytes: Arc<[u8]> = fs::read(&case.model)?.into();
    let input = fs::read(&case.input)?;
    let blobs = Blobs::new(Arc::clone(&bytes), input.clone());
    let mut plain = builds.plain.session(blobs.clone())?;
    plain.call("load")?;
    let mut exact = loaded(&builds.exact, &blobs)?;
    let model = Model::new(Arc::clone(&bytes))?;
    let run = |engine| runtime.infer(&model, &input, u64::MAX, engine);
    let first = run(Execution::from(EngineKind::Wasmtime))?;
    // Where the speculative build gives up, both columns are the exact one; the row says so.
    let gave_up = first.nan == NanMode::Exact;
    let first_build = if gave_up {
        &builds.exact
    } else {
        &builds.speculative
    };
    let mut speculative = loaded(first_build, &blobs)?;
    let mut columns = [const { Vec::new() }; 4];
    for round in 0..=ROUNDS {
        let times = [
            timed(|| plain.call("infer"))?.1,
            invoked(&mut speculative)?,
            invoked(&mut exact)?,
            timed(|| run(Execution::from(EngineKind::Wasmtime)))?.1,
        ];
        if round > 0 {
            columns
                .iter_mut()
                .zip(times)
                .for_each(|(column, time)| column.push(time));
        }
    }
    let [plain, speculative, exact, warm] = columns.map(median);
    let seconds = child(cache, case)?;
    let Outcome::Finished {
        status: 0,
        load_steps,
        infer_steps,
        ..
    } = first.outcome
    else {
        return Err(format!("{}: {first:?}", case.name).into());
    };
    Ok(json!({
        "model": case.name,
        "model_bytes": bytes.len(),
        "steps_load": load_steps,
        "steps_infer": infer_steps,
        "memory_bytes": first.memory_bytes,
        "memory_ratio": first.memory_bytes as f64 / bytes.len() as f64,
        "plain_ms": ms(plain),
        "speculative_ms": ms(speculative),
        "exact_ms": ms(exact),
        "speculative_ratio": ratio(speculative, plain),
        "exact_ratio": ratio(exact, plain),
        "warm_run_ms": ms(warm),
        "warm_overhead_ms": ms(warm) - ms(speculative),
        "first_call_warm_cache_seconds": seconds,
        "speculative_gave_up": gave_up,
        "ns_per_step": warm.as_nanos() as f64 / infer_steps as f64,
        "ns_per_step_worst": (speculative + exact).as_nanos() as f64 / infer_steps as f64,
    }))
}

fn loaded(build: &Build, blobs: &Blobs) -> Result<Session> {
    let mut session = build.session(blobs.clone())?;
    match session.invoke("load", &[], u64::MAX)? {
        Invoked::Returned { results, .. } if results == [0] => Ok(session),
        other => Err(format!("load: {other:?}").into()),
    }
}

fn invoked(session: &mut Session) -> Result<Duration> {
    let (invoked, time) = timed(|| session.invoke("infer", &[], u64::MAX))?;
    match invoked {
        Invoked::Returned { results, .. } if results == [0] => Ok(time),
        other => Err(format!("infer: {other:?}").into()),
    }
}

/// A cold start and a warm one, each in a process of its own.
fn start_figures(models: &Path) -> Result<Value> {
    let Some(case) = cases(models)
        .into_iter()
        .find(|case| case.name == "digits-cnn")
    else {
        return Ok(Value::Null);
    };
    let cache = std::env::temp_dir().join(format!("enshrine-start-{}", std::process::id()));
    let cold = child(&cache, &case)?;
    let warm = child(&cache, &case)?;
    fs::remove_dir_all(&cache)?;
    Ok(json!({ "first_start_seconds": cold, "warm_start_seconds": warm }))
}

fn child(cache: &Path, case: &Case) -> Result<f64> {
    let program = std::env::current_exe()?;
    let mut command = std::process::Command::new(program);
    command
        .arg("first-call")
        .arg(cache)
        .arg(&case.model)
        .arg(&case.input);
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
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
