//! `cargo xtask bench`: measures and writes the figures.

use std::path::PathBuf;

use anyhow::Result;

use crate::repository::{cargo, root, run};

/// Options of `cargo xtask bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct BenchArgs {
    /// Where the JSON goes; `target/figures.json` by default.
    #[arg(long)]
    output: Option<PathBuf>,
}

/// Runs every bench.
///
/// # Errors
/// When one cannot be built or fails.
pub(crate) fn run_benches(args: &BenchArgs) -> Result<()> {
    let root = root()?;
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| root.join("target/figures.json"));
    let figures = [
        "run",
        "--release",
        "--locked",
        "-p",
        "enshrine-tests",
        "--bin",
        "enshrine-figures",
        "--",
    ];
    run(cargo(".", &figures)?.arg(root.join("models")).arg(output))
}
