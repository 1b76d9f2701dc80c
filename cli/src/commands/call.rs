//! `enshrine call`

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use alloy_primitives::{Address, Log};
use anyhow::{Context, Result};
use clap::Args;
use enshrine_runtime::{
    Model,
    engine::EngineKind,
    store::{Manifest, ModelStore},
};
use revm::context::result::ExecutionResult;
use serde::Serialize;
use serde_json::Value;

use crate::{
    app::App,
    artifact::{Artifact, Decoded, call_data, returned},
    chain::Chain,
    find, output,
    record::{RecordedCall, RecordedModel, Recording},
};

/// Runs a contract.
#[derive(Debug, Args)]
pub(crate) struct CallArgs {
    /// The contract as its compiler wrote it: a JSON file with `abi` and `bytecode`
    #[arg(long, value_name = "FILE")]
    artifact: PathBuf,
    /// Function to call: a signature, or a name that occurs once
    #[arg(long)]
    function: String,
    /// Its arguments, as in `[1,2,3]` or `0x00`; @FILE takes the text of a file
    #[arg(long, num_args = 0.., value_name = "VALUE", allow_negative_numbers = true)]
    args: Vec<String>,
    /// Arguments of the constructor [default: the models' addresses, if it takes bytes32 only]
    #[arg(long, num_args = 0.., value_name = "VALUE", allow_negative_numbers = true)]
    constructor_args: Vec<String>,
    /// A model to register: a path, an address, or a name in the store
    #[arg(long = "model", value_name = "MODEL")]
    models: Vec<String>,
    /// Gas of the transaction
    #[arg(long, default_value_t = 30_000_000)]
    gas: u64,
    /// Write each inference to a file for `enshrine replay`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Report {
    contract: String,
    models: Vec<String>,
    function: String,
    success: bool,
    returned: Vec<Value>,
    error: Option<Decoded>,
    gas_used: u64,
    logs: Vec<Decoded>,
    inferences: Vec<RecordedCall>,
    program_hash: String,
    seconds: f64,
}

pub(crate) fn call(app: &App, args: &CallArgs) -> Result<ExitCode> {
    let text = fs::read_to_string(&args.artifact);
    let artifact = text
        .with_context(|| format!("cannot read {}", args.artifact.display()))
        .and_then(|text| {
            Artifact::parse(&text).with_context(|| args.artifact.display().to_string())
        })?;
    let function = artifact.function(&args.function)?;
    let data = call_data(function, &args.args)?;
    let models = models(app, &args.models)?;
    let (mut chain, contract) = prepare(app, &artifact, args, &models)?;
    let working = app.working("executing the transaction");
    let start = Instant::now();
    let result = chain.call(contract, data, args.gas)?;
    let seconds = start.elapsed().as_secs_f64();
    drop(working);
    let (value, error) = match &result {
        ExecutionResult::Success { output, .. } => (returned(function, output.data())?, None),
        ExecutionResult::Revert { output, .. } => (Vec::new(), Some(artifact.revert(output))),
        ExecutionResult::Halt { reason, .. } => {
            (Vec::new(), Some(Decoded::bare(format!("{reason:?}"))))
        }
    };
    let report = Report {
        contract: contract.to_string(),
        models: models
            .iter()
            .map(|model| model.root().to_string())
            .collect(),
        function: function.signature(),
        success: result.is_success(),
        returned: value,
        error,
        gas_used: result.tx_gas_used(),
        logs: logs(&result)
            .iter()
            .map(|log| artifact.event(log))
            .collect(),
        inferences: chain.take_recorded(),
        program_hash: app.runtime()?.program_hash()?.to_string(),
        seconds,
    };
    record(args, &models, &report)?;
    if app.json() {
        output::json(&report)?;
    } else {
        print(&report)?;
    }
    Ok(if report.success {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn models(app: &App, texts: &[String]) -> Result<Vec<Model>> {
    texts.iter().map(|text| find::model(app, text)).collect()
}

fn prepare(
    app: &App,
    artifact: &Artifact,
    args: &CallArgs,
    models: &[Model],
) -> Result<(Chain, Address)> {
    // A store of this call's own: a file that is tried out is not to stay behind in the user's.
    let store = ModelStore::open("memory:")?;
    let mut addresses = Vec::new();
    for model in models {
        store.put(&model.bytes()[..], Manifest::named("call"))?;
        addresses.push(model.root().to_string());
    }
    let code = artifact.creation_code(&args.constructor_args, &addresses)?;
    let mut chain = Chain::new(app.warm(EngineKind::Wasmtime)?, &store);
    models.iter().try_for_each(|model| chain.register(model))?;
    let contract = chain.deploy(code)?;
    // Whatever the constructor ran is not the call.
    chain.take_recorded();
    Ok((chain, contract))
}

pub(super) fn logs(result: &ExecutionResult) -> &[Log] {
    match result {
        ExecutionResult::Success { logs, .. } => logs,
        _ => &[],
    }
}

fn record(args: &CallArgs, models: &[Model], report: &Report) -> Result<()> {
    let Some(path) = &args.record else {
        return Ok(());
    };
    let sources = models
        .iter()
        .zip(&args.models)
        .map(|(model, source)| RecordedModel {
            address: model.root().to_string(),
            source: source.clone(),
        });
    let recording = Recording::new(
        report.program_hash.clone(),
        sources.collect(),
        report.inferences.clone(),
    );
    recording.write(path)
}

fn print(report: &Report) -> Result<()> {
    for value in &report.returned {
        let part = |key: &str| value.get(key).cloned().unwrap_or_default();
        let name = part("name");
        let name = name
            .as_str()
            .filter(|name| !name.is_empty())
            .unwrap_or("returned");
        output::line(format_args!("{name}: {}", part("value")))?;
    }
    if let Some(error) = &report.error {
        output::line(format_args!("reverted: {error}"))?;
    }
    for log in &report.logs {
        output::line(format_args!("event: {log}"))?;
    }
    output::line("")?;
    output::line(format_args!("contract  {}", report.contract))?;
    output::line(format_args!(
        "gas       {}",
        output::grouped(report.gas_used)
    ))?;
    output::line(format_args!(
        "time      {}",
        output::seconds(report.seconds)
    ))?;
    for call in &report.inferences {
        let result = &call.result;
        let (load, infer) = (
            result.steps_load.unwrap_or(0),
            result.steps_infer.unwrap_or(0),
        );
        let steps = crate::report::steps_text((load, infer));
        let gas = output::grouped(call.gas_used);
        output::line(format_args!(
            "inference of {}: {}, gas {gas}, steps {steps}",
            call.model_address, result.outcome
        ))?;
    }
    Ok(())
}
