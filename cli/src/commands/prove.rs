//! `enshrine prove`

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    app::App,
    output,
    proof::{ProofFile, instruction},
    tracing::TraceArgs,
};

/// Proves one step of a run.
#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    #[command(flatten)]
    trace: TraceArgs,
    /// The step, counted from 0 through loading and inference
    #[arg(long)]
    step: u64,
    /// Write the proof to a file, for `enshrine verify`
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) fn prove(app: &App, args: &ProveArgs) -> Result<ExitCode> {
    let (mut trace, about) = args.trace.open(app)?;
    let start = Instant::now();
    let working = app.working(format!("going to step {}", output::grouped(args.step)));
    let proof = trace.prove(args.step)?;
    drop(working);
    let seconds = start.elapsed().as_secs_f64();
    let file = ProofFile::new(about, &proof);
    if let Some(path) = &args.output {
        let text = serde_json::to_string_pretty(&file).context("cannot write JSON")?;
        fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    }
    if app.json() {
        output::json(&file)?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(format_args!("program      {}", file.program_hash))?;
    output::line(format_args!("step         {}", output::grouped(file.step)))?;
    output::line(format_args!("instruction  {}", instruction(&proof)))?;
    output::line(format_args!("before       {}", file.before))?;
    output::line(format_args!("after        {}", file.after))?;
    let size = proof.proof.as_bytes().len() as u64;
    output::line(format_args!("proof        {} bytes", output::grouped(size)))?;
    output::line(format_args!("time         {}", output::seconds(seconds)))?;
    Ok(ExitCode::SUCCESS)
}
