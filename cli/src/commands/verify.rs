//! `enshrine verify`

use std::{path::PathBuf, process::ExitCode};

use alloy_primitives::Address;
use anyhow::{Context, Result};
use clap::Args;
use enshrine_l1::{Gas, L1Error, OneStepVerifier, RemoteVerifier, Rpc};
use enshrine_prover::{Proof, StateHash, verify_step};
use serde::Serialize;

use crate::{app::App, output, proof::ProofFile};

/// Checks proofs of single steps.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Files that `enshrine prove -o` wrote
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Have the contracts of L1 judge, in an EVM in this process, and say what they cost
    #[arg(long)]
    l1: bool,
    /// Have the contracts on a live chain judge: JSON-RPC of a node
    #[arg(long, value_name = "URL", requires = "verifier", conflicts_with = "l1")]
    rpc: Option<String>,
    /// Where `enshrine verifier deploy` put them
    #[arg(long, value_name = "ADDRESS", requires = "rpc")]
    verifier: Option<Address>,
}

#[derive(Debug, Serialize)]
struct Report {
    file: String,
    step: u64,
    instruction: String,
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gas: Option<GasReport>,
}

#[derive(Debug, Serialize)]
struct GasReport {
    execution: u64,
    calldata_bytes: u64,
    calldata_zeros: u64,
    total: u64,
}

impl From<Gas> for GasReport {
    fn from(gas: Gas) -> Self {
        Self {
            execution: gas.execution,
            calldata_bytes: gas.calldata_bytes,
            calldata_zeros: gas.calldata_zeros,
            total: gas.total(),
        }
    }
}

/// Who says to which state a proof leads.
enum Judge {
    /// The prover's own verifier.
    Prover,
    /// The contracts, in this process.
    Bytecode(Box<OneStepVerifier>),
    /// The contracts, on a chain.
    Chain(RemoteVerifier),
}

/// What a judge says: a state, or why there is none.
type Judgement = (Result<StateHash, String>, Option<Gas>);

impl Judge {
    fn of(args: &VerifyArgs) -> Result<Self> {
        if let (Some(url), Some(entry)) = (&args.rpc, args.verifier) {
            return Ok(Self::Chain(RemoteVerifier::new(Rpc::new(url)?, entry)));
        }
        if args.l1 {
            let verifier = OneStepVerifier::deploy().context("cannot deploy the contracts")?;
            return Ok(Self::Bytecode(Box::new(verifier)));
        }
        Ok(Self::Prover)
    }

    /// # Errors
    /// If the judge cannot be asked. That a proof is none is a judgement.
    fn judge(&self, before: StateHash, proof: &Proof) -> Result<Judgement> {
        Ok(match self {
            Self::Prover => {
                let after = verify_step(before, proof);
                (after.map_err(|error| error.to_string()), None)
            }
            Self::Bytecode(verifier) => match verifier.prove_step(before, proof) {
                Ok(proved) => (Ok(proved.after), Some(proved.gas)),
                Err(error) => (Err(rejection(error)?), None),
            },
            Self::Chain(verifier) => match verifier.prove_step(before, proof) {
                Ok(after) => (Ok(after), None),
                Err(error) => (Err(rejection(error)?), None),
            },
        })
    }
}

/// Why the contracts refuse a proof.
///
/// # Errors
/// If they said nothing of it.
fn rejection(error: L1Error) -> Result<String> {
    match error {
        L1Error::Rejected(rejection) => Ok(rejection.to_string()),
        other => Err(other.into()),
    }
}

pub(crate) fn verify(app: &App, args: &VerifyArgs) -> Result<ExitCode> {
    let judge = Judge::of(args)?;
    let mut reports = Vec::new();
    for path in &args.files {
        let file = ProofFile::read(path)?;
        let (before, after) = file.hashes()?;
        let (got, gas) = judge.judge(before, &file.proof()?)?;
        let reason = wrong(got, after);
        reports.push(Report {
            file: path.display().to_string(),
            step: file.step,
            instruction: file.instruction,
            valid: reason.is_none(),
            reason,
            gas: gas.map(GasReport::from),
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
fn wrong(got: Result<StateHash, String>, after: StateHash) -> Option<String> {
    match got {
        Ok(got) if got == after => None,
        Ok(got) => Some(format!("the step leads to {got}, not to {after}")),
        Err(reason) => Some(reason),
    }
}

fn print(report: &Report) -> Result<()> {
    let Report {
        file,
        step,
        instruction,
        reason,
        gas,
        ..
    } = report;
    let step = output::grouped(*step);
    if let Some(reason) = reason {
        return output::line(format_args!("{file}: step {step} is not proved: {reason}"));
    }
    let gas = gas.as_ref().map_or_else(String::new, said_gas);
    output::line(format_args!(
        "{file}: step {step} ({instruction}) is proved{gas}"
    ))
}

fn said_gas(gas: &GasReport) -> String {
    format!(
        " for {} gas on L1: {} of execution, {} bytes of calldata",
        output::grouped(gas.total),
        output::grouped(gas.execution),
        output::grouped(gas.calldata_bytes),
    )
}
