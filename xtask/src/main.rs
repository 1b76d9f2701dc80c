//! Repository chores, run as `cargo xtask <command>`.

mod contracts;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compile the precompile's contracts and write the committed artifacts (needs Node.js).
    Contracts(contracts::ContractsArgs),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Contracts(args) => contracts::run(&args),
    }
}
