//! `cargo xtask bench`: measures and writes the figures.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    repository::{cargo, root, run},
    test::python,
};

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
    // The whole workspace, so that its dependencies are those that every other build has compiled.
    let build = ["build", "--release", "--locked", "--workspace", "--bins"];
    run(&mut cargo(".", &build)?)?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut figures = Command::new(target.join("release/enshrine-figures"));
    match python() {
        Ok(python) => drop(figures.env("ENSHRINE_PYTHON", python)),
        Err(reason) => println!("ONNX Runtime will not be measured: {reason:#}"),
    }
    run(figures.arg(root.join("models")).arg(output))
}
