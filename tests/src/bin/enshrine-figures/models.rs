//! Models that people use: speed in every build, memory, gas.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use enshrine_runtime::{
    Execution, Model, Outcome, Runtime,
    engine::{Blobs, Build, EngineKind, Invoked, Session},
    meter::NanMode,
};
use serde_json::{Value, json};

use crate::{
    Builds, ROUNDS, Result,
    chain::{self, Chain},
    median, ms, ratio, timed,
};

/// The model that stands for small ones.
pub(crate) const FIRST_CASE: &str = "digits-cnn";

/// The model that stands for large ones.
pub(crate) const LARGE_CASE: &str = "minilm-128";

/// A model to measure.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) model: PathBuf,
    pub(crate) input: PathBuf,
}

/// The models whose files are there.
pub(crate) fn cases(models: &Path) -> Vec<Case> {
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
            LARGE_CASE,
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

/// What every model is measured with.
pub(crate) struct Bench<'a> {
    pub(crate) builds: &'a Builds,
    pub(crate) runtime: &'a Runtime,
    pub(crate) cache: &'a Path,
    /// Milliseconds in ONNX Runtime by model, where they are known.
    pub(crate) onnxruntime: BTreeMap<String, f64>,
}

impl Bench<'_> {
    /// The figures of one model.
    pub(crate) fn measure(&self, case: &Case) -> Result<Value> {
        let Self {
            builds,
            runtime,
            cache,
            onnxruntime,
        } = self;
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
        let folder = cache.join(format!("{}-store", case.name));
        let mut chain = Chain::new(runtime, &folder, &bytes)?;
        let precompile = chain.call(&input)?;
        let words = if case.name == FIRST_CASE {
            chain::word_figures(&mut chain)?
        } else {
            Value::Null
        };
        let gas = chain.gas(&input, load_steps, infer_steps);
        let reference = onnxruntime.get(case.name).copied();
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
            "precompile_warm_ms": ms(precompile),
            "precompile_warm_overhead_ms": ms(precompile) - ms(speculative),
            "onnxruntime_ms": reference,
            "onnxruntime_ratio": reference.map(|reference| ms(speculative) / reference),
            "gas": gas,
            "words": words,
            "gas_mega_per_second": gas as f64 / 1e6 / precompile.as_secs_f64(),
            "ns_per_step": warm.as_nanos() as f64 / infer_steps as f64,
            "ns_per_step_worst": (speculative + exact).as_nanos() as f64 / infer_steps as f64,
        }))
    }
}

pub(crate) fn loaded(build: &Build, blobs: &Blobs) -> Result<Session> {
    let mut session = build.session(blobs.clone())?;
    match session.invoke("load", &[], u64::MAX)? {
        Invoked::Returned { results, .. } if results == [0] => Ok(session),
        other => Err(format!("load: {other:?}").into()),
    }
}

pub(crate) fn invoked(session: &mut Session) -> Result<Duration> {
    let (invoked, time) = timed(|| session.invoke("infer", &[], u64::MAX))?;
    match invoked {
        Invoked::Returned { results, .. } if results == [0] => Ok(time),
        other => Err(format!("infer: {other:?}").into()),
    }
}

/// A cold start and a warm one, each in a process of its own.
pub(crate) fn start_figures(cases: &[Case]) -> Result<Value> {
    let Some(case) = cases.iter().find(|case| case.name == FIRST_CASE) else {
        return Ok(Value::Null);
    };
    let cache = std::env::temp_dir().join(format!("enshrine-start-{}", std::process::id()));
    let cold = child(&cache, case)?;
    let warm = child(&cache, case)?;
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
