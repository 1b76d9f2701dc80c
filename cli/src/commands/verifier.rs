//! `enshrine verifier`

use std::process::ExitCode;

use alloy_primitives::Address;
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use enshrine_l1::{RemoteVerifier, Rpc};
use serde::Serialize;

use crate::{app::App, output};

/// The contracts that judge steps on L1.
#[derive(Debug, Subcommand)]
pub(crate) enum VerifierCommand {
    /// Put the contracts on a chain, from an account that the node signs for
    Deploy(DeployArgs),
}

/// Puts the contracts on a chain.
#[derive(Debug, Args)]
pub(crate) struct DeployArgs {
    /// JSON-RPC of a node
    #[arg(long, value_name = "URL")]
    rpc: String,
    /// The account that deploys; the node's first if none is given
    #[arg(long, value_name = "ADDRESS")]
    from: Option<Address>,
}

#[derive(Debug, Serialize)]
struct Report {
    verifier: String,
}

pub(crate) fn verifier(app: &App, command: &VerifierCommand) -> Result<ExitCode> {
    let VerifierCommand::Deploy(DeployArgs { rpc, from }) = command;
    let deployed = RemoteVerifier::deploy(Rpc::new(rpc)?, *from);
    let verifier = deployed.context("cannot deploy the contracts")?.entry();
    let verifier = verifier.to_string();
    if app.json() {
        output::json(&Report { verifier })?;
    } else {
        output::line(format_args!("the verifier is at {verifier}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
