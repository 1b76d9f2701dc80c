//! `cargo xtask test`: every test of the repository, and what they need.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};

use crate::{
    contracts::{self, ContractsArgs},
    repository::{cargo, root, run, tee},
};

/// Modules of tests whose chain is anvil, which npm installs.
/// What is part of a name skips a test, so these are parts of no other.
const ON_ANVIL: [&str; 3] = ["_on_anvil::", "live_chain::", "disputes::"];

/// Options of `cargo xtask test`.
#[derive(Debug, clap::Args)]
pub(crate) struct TestArgs {
    /// Only the tests of the Rust workspace: no Python, no Node.js, no guest sources.
    #[arg(long)]
    rust_only: bool,
}

/// Runs all tests and prints their number last.
///
/// # Errors
/// When a test fails, or a tool that the tests need is missing.
pub(crate) fn run_tests(args: &TestArgs) -> Result<()> {
    let mut total = Total::default();
    if !args.rust_only {
        contracts::run(&ContractsArgs {
            check: true,
            coverage: false,
        })?;
        total.cargo(
            "guest-ml",
            &["test", "--release", "--locked", "--workspace"],
        )?;
        python_tests(&mut total)?;
    }
    let mut workspace = vec![
        "test",
        "--release",
        "--locked",
        "--workspace",
        "--no-fail-fast",
    ];
    if args.rust_only {
        workspace.push("--");
        workspace.extend(ON_ANVIL.iter().flat_map(|module| ["--skip", module]));
    }
    total.cargo(".", &workspace)?;
    if !args.rust_only {
        operators(&mut total)?;
    }
    println!(
        "{} passed, {} failed, {} skipped",
        total.passed, total.failed, total.ignored
    );
    ensure!(total.failed == 0 && total.succeeded, "tests failed");
    Ok(())
}

/// Sum of the test runners' own summaries.
struct Total {
    passed: u64,
    failed: u64,
    ignored: u64,
    succeeded: bool,
}

impl Default for Total {
    fn default() -> Self {
        Self {
            passed: 0,
            failed: 0,
            ignored: 0,
            succeeded: true,
        }
    }
}

impl Total {
    fn cargo(&mut self, folder: &str, args: &[&str]) -> Result<()> {
        self.succeeded &= tee(&mut cargo(folder, args)?, |line| self.add(line))?;
        Ok(())
    }

    /// Counts a line such as `test result: ok. 12 passed; 0 failed; 0 ignored; ...`.
    fn add(&mut self, line: &str) {
        let Some(summary) = line.strip_prefix("test result: ") else {
            return;
        };
        let count = |word: &str| {
            let part = summary
                .split(';')
                .find(|part| part.trim_end().ends_with(word))?;
            part.split_whitespace().rev().nth(1)?.parse::<u64>().ok()
        };
        self.passed += count("passed").unwrap_or(0);
        self.failed += count("failed").unwrap_or(0);
        self.ignored += count("ignored").unwrap_or(0);
    }
}

/// A Python environment with the pinned packages of the model scripts, made once.
pub(crate) fn python() -> Result<PathBuf> {
    let root = root()?;
    let folder = root.join("target/python");
    let interpreter = folder.join("bin/python");
    let requirements = root.join("models/scripts/requirements.txt");
    let stamp = folder.join("requirements.txt");
    let wanted = std::fs::read(&requirements).context("reading models/scripts/requirements.txt")?;
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(interpreter);
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))
        .context("the comparisons with ONNX Runtime need Python 3.11 with venv")?;
    let mut install = Command::new(&interpreter);
    install
        .args(["-m", "pip", "install", "--quiet", "-r"])
        .arg(&requirements);
    run(&mut install)?;
    std::fs::write(&stamp, wanted)?;
    Ok(interpreter)
}

fn python_tests(total: &mut Total) -> Result<()> {
    let mut tests = Command::new(python()?);
    tests.current_dir(root()?.join("models/scripts")).args([
        "-m",
        "unittest",
        "-q",
        "test_scripts",
    ]);
    total.succeeded &= tests.status().context("starting Python")?.success();
    Ok(())
}

/// ONNX's node tests, forms of exporters, quantised models and scikit-learn's, through the guest on both engines: none may do
/// worse than `tests/vectors/onnx-backend.json` says, and `docs/onnx-coverage.md` must be what this run says.
fn operators(total: &mut Total) -> Result<()> {
    let root = root()?;
    // As the tests are built: without what only they depend on, features differ, and most dependencies are compiled again.
    let build = ["test", "--release", "--locked", "--workspace", "--no-run"];
    run(&mut cargo(".", &build)?)?;
    let mut tests = Command::new(python()?);
    tests
        .current_dir(root.join("models/scripts"))
        .args(["onnx_backend.py", "--check", "--runner"])
        .arg(root.join("target/release/enshrine-onnx-backend"));
    total.succeeded &= tests.status().context("starting Python")?.success();
    Ok(())
}
