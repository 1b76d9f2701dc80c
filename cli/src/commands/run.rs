//! `enshrine run`

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use enshrine_runtime::{Model, Outcome, Run, engine::EngineKind, limits};
use serde::Serialize;
use serde_json::json;

use crate::{
    app::App,
    find,
    input::InputArgs,
    output,
    report::{self, Output},
};

/// Runs a model.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// A path, an address, or a name in the store
    model: String,
    #[command(flatten)]
    input: InputArgs,
    /// What runs it; the result is the same
    #[arg(long, value_enum, default_value_t = Engine::Wasmtime)]
    engine: Engine,
    /// Most steps that the inference may take
    #[arg(long, value_name = "STEPS", default_value_t = limits::MAX_FUEL)]
    fuel: u64,
    /// Write the outputs to a file, in the tensor encoding
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// An engine by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Engine {
    /// Compiles to native code
    Wasmtime,
    /// Interprets
    Wasmi,
}

impl From<Engine> for EngineKind {
    fn from(engine: Engine) -> Self {
        match engine {
            Engine::Wasmtime => Self::Wasmtime,
            Engine::Wasmi => Self::Wasmi,
        }
    }
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    model_address: String,
    outputs: Vec<Output<'a>>,
    output_root: String,
    steps_load: u64,
    steps_infer: u64,
    gas: u64,
    engine: &'static str,
    seconds: f64,
}

pub(crate) fn run(app: &App, args: &RunArgs) -> Result<ExitCode> {
    let model = find::model(app, &args.model)?;
    let input = args.input.read(app, &model)?;
    let engine = EngineKind::from(args.engine);
    let runtime = app.warm(engine)?;
    let working = app.working("running the model");
    let start = Instant::now();
    let run = runtime.infer(&model, &input, args.fuel, engine)?;
    let seconds = start.elapsed().as_secs_f64();
    drop(working);
    if let Some(reason) = find::declined(&run) {
        return declined(app, &model, engine, &reason);
    }
    if let Some(file) = &args.output {
        fs::write(file, &run.output).with_context(|| format!("cannot write {}", file.display()))?;
    }
    finished(app, &model, &input, &run, engine, seconds)
}

fn declined(app: &App, model: &Model, engine: EngineKind, reason: &str) -> Result<ExitCode> {
    if app.json() {
        let address = model.root().to_string();
        output::json(
            &json!({ "model_address": address, "engine": engine.name(), "error": reason }),
        )?;
    } else {
        eprintln!("error: {reason}");
    }
    Ok(ExitCode::FAILURE)
}

fn finished(
    app: &App,
    model: &Model,
    input: &[u8],
    run: &Run,
    engine: EngineKind,
    seconds: f64,
) -> Result<ExitCode> {
    let Outcome::Finished {
        output_root,
        load_steps,
        infer_steps,
        ..
    } = run.outcome
    else {
        return declined(app, model, engine, "the run failed");
    };
    let interface = app.runtime()?.interface(model, input)?;
    let report = Report {
        model_address: model.root().to_string(),
        outputs: report::outputs(&interface, &run.output)?,
        output_root: output_root.to_string(),
        steps_load: load_steps,
        steps_infer: infer_steps,
        gas: report::gas(input.len(), (load_steps, infer_steps)),
        engine: engine.name(),
        seconds,
    };
    if app.json() {
        output::json(&report)?;
    } else {
        print(&report)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(report: &Report<'_>) -> Result<()> {
    for tensor in &report.outputs {
        output::line(tensor)?;
    }
    output::line("")?;
    output::line(format_args!("model        {}", report.model_address))?;
    output::line(format_args!("output root  {}", report.output_root))?;
    let steps = report::steps_text((report.steps_load, report.steps_infer));
    output::line(format_args!("steps        {steps}"))?;
    output::line(format_args!("gas          {}", output::grouped(report.gas)))?;
    let time = output::seconds(report.seconds);
    output::line(format_args!("time         {time} ({})", report.engine))
}
