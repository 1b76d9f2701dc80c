//! `cargo xtask contracts`: compiles the contracts and writes, or compares, what is committed of them.
//!
//! Node and npm are needed here and nowhere else: the Rust crates read the artifacts.

mod coverage;
mod project;
mod snapshots;

use anyhow::{Result, ensure};

use project::Project;

/// The precompile's contracts, by source folder: those of the chain, the examples, and the test contracts that Rust
/// tests deploy.
const PRECOMPILE: &[(&str, &str)] = &[
    ("src", "InferenceErrors"),
    ("src", "OpenModelRegistry"),
    ("src", "GovernedModelRegistry"),
    ("examples", "DigitClassifier"),
    ("examples", "TumourTriage"),
    ("test", "Float32Caller"),
    ("test", "PackedCaller"),
    ("test", "Probe"),
];

/// The contracts on L1, by source folder: those that judge steps, then disputes and claims.
const L1: &[(&str, &str)] = &[
    ("src", "OneStepEntry"),
    ("src", "Control"),
    ("src", "Stack"),
    ("src", "Integer"),
    ("src", "Float"),
    ("src", "Conversion"),
    ("src", "Memory"),
    ("src", "Bulk"),
    ("src", "SimdMemory"),
    ("src", "SimdLane"),
    ("src", "SimdLogic"),
    ("src", "SimdInteger"),
    ("src", "SimdFloat"),
    ("src", "SimdConversion"),
    ("src", "Host"),
    ("src", "MachineGame"),
    ("src", "ModelRegistry"),
    ("src", "InferenceClaims"),
    ("examples", "DigitBounty"),
];

/// Options of `cargo xtask contracts`.
#[derive(Debug, clap::Args)]
pub(crate) struct ContractsArgs {
    /// Write nothing: check format and lints, run the Solidity tests, and fail if what is committed differs.
    #[arg(long)]
    pub(crate) check: bool,
    /// Instead, run the tests of the contracts on L1 and fail if they leave out too much of them.
    #[arg(long, conflicts_with = "check")]
    pub(crate) coverage: bool,
}

/// Compiles the contracts; writes artifacts and snapshots, or compares them.
///
/// # Errors
/// When a tool is missing or fails, and with `--check` when anything differs.
pub(crate) fn run(args: &ContractsArgs) -> Result<()> {
    let l1 = Project::new("l1-contracts", L1)?;
    if args.coverage {
        return coverage::check(&l1);
    }
    let precompile = Project::new("precompile/contracts", PRECOMPILE)?;
    build(args, &precompile, Vec::new)?;
    build(args, &l1, || vec![snapshots::sizes, snapshots::storage])
}

/// Whether forge has left the bytecode of each contract.
fn has_bytecode(project: &Project) -> bool {
    project.contracts().all(|name| {
        let built = project.built(name);
        built.is_ok_and(|built| built["bytecode"]["object"].is_string())
    })
}

/// Makes the text of a snapshot, and its path under the project.
type Snapshot = fn(&Project) -> Result<(std::path::PathBuf, String)>;

fn build(
    args: &ContractsArgs,
    project: &Project,
    snapshots: impl Fn() -> Vec<Snapshot>,
) -> Result<()> {
    project.install()?;
    if args.check {
        project.forge(&["fmt", "--check"])?;
        project.lint()?;
        project.forge(&["test"])?;
    }
    project.forge(&["build"])?;
    if !has_bytecode(project) {
        // Of what has changed in comments only, forge keeps what it compiled for tests, without bytecode.
        project.forge(&["build", "--force"])?;
    }
    let mut files = project.artifacts()?;
    for snapshot in snapshots() {
        files.extend([snapshot(project)?]);
    }
    if !args.check {
        return project.write(&files);
    }
    let stale = project.stale(&files)?;
    ensure!(
        stale.is_empty(),
        "stale: {}; run `cargo xtask contracts` and commit the result",
        stale.join(", ")
    );
    println!("{project}: {} files are as built", files.len());
    Ok(())
}
