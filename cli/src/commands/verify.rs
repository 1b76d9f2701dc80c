//! `enshrine verify`

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Args;
use enshrine_prover::verify_step;
use serde::Serialize;

use crate::{app::App, output, proof::ProofFile};

/// Checks proofs of single steps.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Files that `enshrine prove -o` wrote
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Report {
    file: String,
    step: u64,
    instruction: String,
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(crate) fn verify(app: &App, args: &VerifyArgs) -> Result<ExitCode> {
    let mut reports = Vec::new();
    for path in &args.files {
        let file = ProofFile::read(path)?;
        let reason = wrong(&file)?;
        reports.push(Report {
            file: path.display().to_string(),
            step: file.step,
            instruction: file.instruction,
            valid: reason.is_none(),
            reason,
        });
    }
    if app.json() {
        output::json(&reports)?;
    } else {
        reports.iter().try_for_each(print)?;
    }
    let valid = reports.iter().all(|report| report.valid);
    Ok(if valid {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Why a proof does not prove what its file says.
fn wrong(file: &ProofFile) -> Result<Option<String>> {
    let (before, after) = file.hashes()?;
    Ok(match verify_step(before, &file.proof()?) {
        Ok(got) if got == after => None,
        Ok(got) => Some(format!("the step leads to {got}, not to {after}")),
        Err(error) => Some(error.to_string()),
    })
}

fn print(report: &Report) -> Result<()> {
    let Report {
        file,
        step,
        instruction,
        reason,
        ..
    } = report;
    let step = output::grouped(*step);
    match reason {
        None => output::line(format_args!(
            "{file}: step {step} ({instruction}) is proved"
        )),
        Some(reason) => output::line(format_args!("{file}: step {step} is not proved: {reason}")),
    }
}
