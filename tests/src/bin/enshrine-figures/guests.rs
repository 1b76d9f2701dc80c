//! One guest program beside another: what a change of it costs or saves.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use enshrine_runtime::{
    compile::compile,
    engine::{Blobs, Build, EngineKind, Session},
    meter::NanMode,
};
use serde_json::json;

use crate::{
    ROUNDS, Result, median,
    models::{Case, cases, invoked, loaded},
    ms, ratio, timed,
};

/// A guest in both metered builds, and what making them took.
struct Program {
    builds: [Build; 2],
    wasm_bytes: usize,
    compile: Duration,
}

impl Program {
    fn new(file: &Path) -> Result<Self> {
        let wasm = fs::read(file)?;
        let (compiled, walk) = timed(|| compile(&wasm))?;
        let build = |mode| timed(|| Build::new(EngineKind::Wasmtime, &compiled, mode));
        let (speculative, first) = build(NanMode::Speculative)?;
        let (exact, _) = build(NanMode::Exact)?;
        Ok(Self {
            builds: [speculative, exact],
            wasm_bytes: wasm.len(),
            compile: walk + first,
        })
    }

    /// A loaded model that has run once, and the time that loading took, in the build that a node ends up with.
    fn start(&self, case: &Case) -> Result<(Session, Duration)> {
        let blobs = Blobs::new(fs::read(&case.model)?.into(), fs::read(&case.input)?);
        let start = |build: &Build| {
            let started =
                timed(|| loaded(build, &blobs).map_err(|e| std::io::Error::other(e.to_string())));
            let (mut session, load) = started?;
            invoked(&mut session)?;
            Ok((session, load))
        };
        let [speculative, exact] = &self.builds;
        start(speculative).or_else(|_: Box<dyn std::error::Error>| start(exact))
    }
}

/// Prints times of every model in both, and the second's by the first's.
pub(crate) fn measure(models: &str, before: &str, after: &str) -> Result<()> {
    let files = [before, after].map(PathBuf::from);
    let [before, after] = [Program::new(&files[0])?, Program::new(&files[1])?];
    let guests = json!({
        "wasm_bytes": [before.wasm_bytes, after.wasm_bytes],
        "compile_seconds": [before.compile.as_secs_f64(), after.compile.as_secs_f64()],
    });
    println!("{guests}");
    for case in cases(Path::new(models)) {
        let (mut old, old_load) = before.start(&case)?;
        let (mut new, new_load) = after.start(&case)?;
        let mut columns = [const { Vec::new() }; 2];
        for _ in 0..ROUNDS {
            let times = [invoked(&mut old)?, invoked(&mut new)?];
            columns
                .iter_mut()
                .zip(times)
                .for_each(|(column, time)| column.push(time));
        }
        let [old, new] = columns.map(median);
        let row = json!({
            "model": case.name,
            "load_ms": [ms(old_load), ms(new_load)],
            "load_ratio": ratio(new_load, old_load),
            "infer_ms": [ms(old), ms(new)],
            "infer_ratio": ratio(new, old),
        });
        println!("{row}");
    }
    Ok(())
}
