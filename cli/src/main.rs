#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod account;
mod app;
mod artifact;
mod chain;
mod commands;
mod find;
mod input;
mod onnxruntime;
mod output;
mod progress;
mod proof;
mod record;
mod report;
mod tensor;
mod tracing;

use std::process::ExitCode;

use clap::Parser;

use app::{App, Globals};
use commands::Command;

/// Exit code when something could not be done at all. 1 means that it was done, and that the answer is no.
const CANNOT: u8 = 2;

/// Runs ONNX models deterministically, in contracts and by themselves.
///
/// Exit codes: 0 done, 1 done with a negative answer (problems, differences, a declined run, a reverted call), 2 not done.
#[derive(Debug, Parser)]
#[command(name = "enshrine", version)]
struct Arguments {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let Arguments { globals, command } = Arguments::parse();
    let app = App::new(globals);
    match command.run(&app) {
        Ok(code) => code,
        Err(error) if output::is_closed(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told when this fails too.
            let _ = output::failure(&app, &error);
            ExitCode::from(CANNOT)
        }
    }
}
