//! Repository chores, run as `cargo xtask <command>`.

mod bench;
mod check;
mod codegen;
mod contracts;
mod guest;
mod repository;
mod test;
mod vectors;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure speed, memory and start-up, and write the figures as JSON.
    Bench(bench::BenchArgs),
    /// Check generated files, format, lints and documentation.
    Check,
    /// Write what is made from the table of instructions: constants, lookups and their documentation.
    Codegen(codegen::CodegenArgs),
    /// Compile the precompile's contracts and write the committed artifacts (needs Node.js).
    Contracts(contracts::ContractsArgs),
    /// Build the guest program, or check the committed one (needs a compiler for WASM).
    Guest(guest::GuestArgs),
    /// Run every test, setting up what the tests need.
    Test(test::TestArgs),
    /// Write the committed results of calls anew, after steps or gas were meant to change.
    Vectors,
}

fn main() -> anyhow::Result<ExitCode> {
    if guest::is_wrapped_rustc() {
        return guest::wrapped_rustc();
    }
    match Cli::parse().command {
        Command::Bench(args) => bench::run_benches(&args),
        Command::Check => check::run_checks(),
        Command::Codegen(args) => codegen::run(&args),
        Command::Contracts(args) => contracts::run(&args),
        Command::Guest(args) => guest::run(&args),
        Command::Test(args) => test::run_tests(&args),
        Command::Vectors => vectors::write(),
    }?;
    Ok(ExitCode::SUCCESS)
}
