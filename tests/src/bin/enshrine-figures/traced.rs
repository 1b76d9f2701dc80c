//! Traced builds beside metered ones: speed, size, compile time.

use std::{fs, path::Path};

use enshrine_runtime::{
    Guest,
    compile::{Compiled, compile, trace},
    engine::{Blobs, Build, EngineKind, Session},
    meter::NanMode,
};
use serde_json::{Value, json};

use crate::{
    Result, median,
    models::{Case, invoked, loaded},
    ms, ratio, timed,
};

/// Rounds that are measured; the interpreter takes its time.
const fn rounds(engine: EngineKind) -> usize {
    match engine {
        EngineKind::Wasmtime => 7,
        EngineKind::Wasmi => 3,
    }
}

/// The figures of every engine and build on `case`, without checkpoints: what a node pays for being able to prove.
pub(crate) fn measure(case: &Case) -> Result<Value> {
    let guest = Guest::bundled()?;
    let compiled = compile(guest.wasm())?;
    let mut rows = Vec::new();
    for engine in EngineKind::ALL {
        for mode in [NanMode::Speculative, NanMode::Exact] {
            let row = row(&guest, &compiled, case, (engine, mode))?;
            println!("{}", serde_json::to_string_pretty(&row)?);
            rows.push(row);
        }
    }
    Ok(Value::Array(rows))
}

fn row(
    guest: &Guest,
    compiled: &Compiled,
    case: &Case,
    (engine, mode): (EngineKind, NanMode),
) -> Result<Value> {
    let (traced, walk) = timed(|| trace(guest.wasm(), mode))?;
    let (metered_build, metered_compile) = timed(|| Build::new(engine, compiled, mode))?;
    let (traced_build, traced_compile) = timed(|| Build::traced(engine, &traced))?;
    let blobs = Blobs::new(fs::read(&case.model)?.into(), fs::read(&case.input)?);
    let start = |build: &Build| {
        timed(|| loaded(build, &blobs).map_err(|e| std::io::Error::other(e.to_string())))
    };
    let (mut metered, metered_load) = start(&metered_build)?;
    let (mut traced_session, traced_load) = start(&traced_build)?;
    let mut columns = [const { Vec::new() }; 2];
    let sessions: [&mut Session; 2] = [&mut metered, &mut traced_session];
    for round in 0..=rounds(engine) {
        let times = [invoked(sessions[0])?, invoked(sessions[1])?];
        if round > 0 {
            columns
                .iter_mut()
                .zip(times)
                .for_each(|(column, time)| column.push(time));
        }
    }
    let [metered_infer, traced_infer] = columns.map(median);
    Ok(json!({
        "model": case.name,
        "engine": engine.name(),
        "nan": mode.name(),
        "metered_bytes": compiled.build(mode).len(),
        "traced_bytes": traced.wasm.len(),
        "traced_walk_seconds": walk.as_secs_f64(),
        "metered_compile_seconds": metered_compile.as_secs_f64(),
        "traced_compile_seconds": traced_compile.as_secs_f64(),
        "metered_load_ms": ms(metered_load),
        "traced_load_ms": ms(traced_load),
        "load_ratio": ratio(traced_load, metered_load),
        "metered_infer_ms": ms(metered_infer),
        "traced_infer_ms": ms(traced_infer),
        "infer_ratio": ratio(traced_infer, metered_infer),
        "run_ratio": ratio(traced_load + traced_infer, metered_load + metered_infer),
    }))
}

/// The figures of a model and an input at any place.
pub(crate) fn measure_files(model: &str, input: &str) -> Result<()> {
    let (model, input) = (Path::new(model).into(), Path::new(input).into());
    let name = "from the command line";
    measure(&Case { name, model, input }).map(drop)
}
