//! `enshrine replay`

use std::{collections::HashMap, path::PathBuf, process::ExitCode, time::Instant};

use anyhow::{Context, Result};
use clap::Args;
use enshrine_primitives::BlobRoot;
use enshrine_runtime::{Model, engine::EngineKind};
use serde::Serialize;

use crate::{
    app::App,
    find, output,
    record::{RecordedCall, RecordedModel, RecordedResult, Recording},
};

/// Replays a recording.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// A file that `enshrine call --record` wrote
    file: PathBuf,
    /// A model that is neither in the store nor where it was
    #[arg(long = "model", value_name = "MODEL")]
    models: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Report {
    program_hash: String,
    same: bool,
    calls: Vec<Replayed>,
}

/// A call on one engine.
#[derive(Debug, Serialize)]
struct Replayed {
    call: usize,
    model_address: String,
    engine: &'static str,
    same: bool,
    differences: Vec<String>,
    seconds: f64,
}

pub(crate) fn replay(app: &App, args: &ReplayArgs) -> Result<ExitCode> {
    let recording = Recording::read(&args.file)?;
    let program_hash = app.runtime()?.program_hash()?.to_string();
    let same_program = program_hash == recording.program_hash;
    let models = models(app, args, &recording)?;
    let mut calls = Vec::new();
    for engine in EngineKind::ALL {
        for (index, call) in recording.calls.iter().enumerate() {
            calls.push(replay_one(app, engine, index, call, &models)?);
        }
    }
    let same = same_program && calls.iter().all(|call| call.same);
    if app.json() {
        output::json(&Report {
            program_hash,
            same,
            calls,
        })?;
    } else {
        if !same_program {
            let expected = &recording.program_hash;
            output::line(format_args!(
                "program  DIFFERS  expected {expected}, got {program_hash}"
            ))?;
        }
        calls.iter().try_for_each(print)?;
        output::line(if same {
            "all results are the same, bit for bit"
        } else {
            "results differ"
        })?;
    }
    Ok(if same {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn replay_one(
    app: &App,
    engine: EngineKind,
    index: usize,
    call: &RecordedCall,
    models: &HashMap<BlobRoot, Model>,
) -> Result<Replayed> {
    let model = models
        .get(&call.address()?)
        .context("a model went missing")?;
    let input = call.input_bytes()?;
    let runtime = app.warm(engine)?;
    let working = app.working(format!("call {index} on {engine}"));
    let start = Instant::now();
    let run = runtime.infer(model, &input, call.fuel(), engine)?;
    let seconds = start.elapsed().as_secs_f64();
    drop(working);
    let mut differences = call.result.differences(&RecordedResult::from(&run));
    let input_root = enshrine_primitives::blob_root(&input).map(|root| root.to_string());
    if input_root.as_ref() != Ok(&call.input_root) {
        differences.push(format!(
            "input_root: expected {}, got {input_root:?}",
            call.input_root
        ));
    }
    Ok(Replayed {
        call: index,
        model_address: call.model_address.clone(),
        engine: engine.name(),
        same: differences.is_empty(),
        differences,
        seconds,
    })
}

/// Every model of the recording: in a call itself, given, stored, or still where it was.
fn models(app: &App, args: &ReplayArgs, recording: &Recording) -> Result<HashMap<BlobRoot, Model>> {
    let mut models = HashMap::new();
    for text in &args.models {
        let model = find::model(app, text)?;
        models.insert(model.root(), model);
    }
    for call in &recording.calls {
        if let Some(model) = call.own_model()? {
            models.insert(model.root(), model);
        }
    }
    for call in &recording.calls {
        let root = call.address()?;
        if let std::collections::hash_map::Entry::Vacant(entry) = models.entry(root) {
            entry.insert(find_again(app, root, &recording.models)?);
        }
    }
    Ok(models)
}

fn find_again(app: &App, root: BlobRoot, recorded: &[RecordedModel]) -> Result<Model> {
    let stored = find::model(app, &root.to_string());
    if stored.is_ok() {
        return stored;
    }
    let address = root.to_string();
    let sources = recorded.iter().filter(|model| model.address == address);
    let mut found = sources.filter_map(|model| find::model(app, &model.source).ok());
    let found = found.find(|model| model.root() == root);
    found.map_or_else(
        || stored.context("cannot replay without the model: give it with --model FILE"),
        Ok,
    )
}

fn print(call: &Replayed) -> Result<()> {
    let Replayed {
        call,
        engine,
        same,
        differences,
        seconds,
        ..
    } = call;
    let verdict = if *same { "same" } else { "DIFFERS" };
    output::line(format_args!(
        "call {call}  {engine:<8}  {verdict}  {}",
        output::seconds(*seconds)
    ))?;
    differences
        .iter()
        .try_for_each(|difference| output::line(format_args!("    {difference}")))
}
