//! One file for each command.

mod call;
mod check;
mod claims;
mod demo;
mod demo_dispute;
mod models;
mod program;
mod prove;
mod replay;
mod run;
mod services;
mod trace;
mod verifier;
mod verify;
mod wast;

pub(crate) use run::Engine;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::app::App;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a model on an input
    Run(run::RunArgs),
    /// Say whether a model runs, what it costs and which nodes are in the way
    Check(check::CheckArgs),
    /// Add, list, show and verify the models of the store
    #[command(subcommand)]
    Models(models::ModelsCommand),
    /// Name the guest program: its hash, which is consensus data, and its module
    Program,
    /// Prove one step of a run
    Prove(prove::ProveArgs),
    /// Check proofs of single steps
    Verify(verify::VerifyArgs),
    /// Put the contracts that judge steps on a chain
    #[command(subcommand)]
    Verifier(verifier::VerifierCommand),
    /// Ask for answers that nobody has to trust, and put the contracts for that on a chain
    #[command(subcommand)]
    Claims(claims::ClaimsCommand),
    /// Answer requests on a chain, and defend the answers
    Proposer(services::ProposerArgs),
    /// Check all answers on a chain, and challenge those that are wrong
    Challenger(services::ChallengerArgs),
    /// Show the steps of a run: instructions, values and functions
    Trace(trace::TraceStepsArgs),
    /// Run WebAssembly test scripts in every executor and compare
    Wast(wast::WastArgs),
    /// Run a contract that uses a model, in a chain in this process
    Call(call::CallArgs),
    /// Run recorded inference calls again, bit for bit, on both engines
    Replay(replay::ReplayArgs),
    /// Classify real handwritten digits in transactions; needs nothing
    Demo(demo::DemoArgs),
}

impl Command {
    pub(crate) fn run(self, app: &App) -> Result<ExitCode> {
        match self {
            Self::Run(args) => run::run(app, &args),
            Self::Check(args) => check::check(app, &args),
            Self::Models(command) => models::models(app, &command),
            Self::Program => program::program(app),
            Self::Prove(args) => prove::prove(app, &args),
            Self::Verify(args) => verify::verify(app, &args),
            Self::Verifier(command) => verifier::verifier(app, &command),
            Self::Claims(command) => claims::claims(app, &command),
            Self::Proposer(args) => services::proposer(app, &args),
            Self::Challenger(args) => services::challenger(app, &args),
            Self::Trace(args) => trace::trace(app, &args),
            Self::Wast(args) => wast::wast(app, &args),
            Self::Call(args) => call::call(app, &args),
            Self::Replay(args) => replay::replay(app, &args),
            Self::Demo(args) => demo::demo(app, &args),
        }
    }
}
