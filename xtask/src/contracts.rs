//! `cargo xtask contracts`: compiles the precompile's contracts and writes, or compares, the committed artifacts.
//!
//! Node and npm are needed here and nowhere else: the Rust crates read the artifacts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// Contracts whose artifacts are committed, by source file: those of the chain, the examples, and the test contracts
/// that Rust tests deploy.
const CONTRACTS: [(&str, &str); 8] = [
    ("src", "InferenceErrors"),
    ("src", "OpenModelRegistry"),
    ("src", "GovernedModelRegistry"),
    ("examples", "DigitClassifier"),
    ("examples", "TumourTriage"),
    ("test", "Float32Caller"),
    ("test", "PackedCaller"),
    ("test", "Probe"),
];

/// Options of `cargo xtask contracts`.
#[derive(Debug, clap::Args)]
pub(crate) struct ContractsArgs {
    /// Write nothing: check the format, run the Solidity tests, and fail if the committed artifacts differ.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Compiles the contracts; writes the artifacts, or compares them.
///
/// # Errors
/// When a tool is missing or fails, and with `--check` when anything differs.
pub(crate) fn run(args: &ContractsArgs) -> Result<()> {
    let project = Project::find()?;
    project.install()?;
    if args.check {
        project.forge(&["fmt", "--check"])?;
        project.forge(&["test"])?;
    }
    project.forge(&["build"])?;
    let artifacts = project.artifacts()?;
    if args.check {
        project.compare(&artifacts)
    } else {
        project.write(&artifacts)
    }
}

/// The forge project.
struct Project {
    root: PathBuf,
}

impl Project {
    fn find() -> Result<Self> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask has no parent folder")?;
        Ok(Self {
            root: workspace.join("precompile/contracts"),
        })
    }

    /// Installs what `package-lock.json` names, unless it is there.
    fn install(&self) -> Result<()> {
        if self.root.join("node_modules/solc").exists() {
            return Ok(());
        }
        let status = Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&self.root)
            .status()
            .context("npm did not start; install Node.js 20 or newer, which brings it")?;
        ensure!(status.success(), "npm ci failed in {}", self.root.display());
        Ok(())
    }

    fn forge(&self, args: &[&str]) -> Result<()> {
        let installed = self
            .root
            .join("node_modules/@foundry-rs/forge-linux-amd64/bin/forge");
        let program = if installed.exists() {
            installed
        } else {
            PathBuf::from("forge")
        };
        let status = Command::new(&program)
            .args(args)
            .current_dir(&self.root)
            .status()
            .with_context(|| {
                format!(
                    "{} did not start; install Foundry's forge 1.7.1",
                    program.display()
                )
            })?;
        ensure!(status.success(), "forge {} failed", args.join(" "));
        Ok(())
    }

    /// The artifacts as they shall be committed, by path under the project.
    fn artifacts(&self) -> Result<BTreeMap<PathBuf, String>> {
        CONTRACTS
            .iter()
            .map(|(folder, name)| self.artifact(folder, name))
            .collect()
    }

    fn artifact(&self, folder: &str, name: &str) -> Result<(PathBuf, String)> {
        let path = self.build_output(name)?;
        let built: Value = serde_json::from_str(&fs::read_to_string(&path)?)
            .with_context(|| format!("{} is no JSON", path.display()))?;
        let artifact = json!({
            "contractName": name,
            "abi": built["abi"],
            "bytecode": built["bytecode"]["object"],
            "deployedBytecode": built["deployedBytecode"]["object"],
        });
        let subfolder = if folder == "test" { "test" } else { "" };
        let target = Path::new("artifacts")
            .join(subfolder)
            .join(format!("{name}.json"));
        Ok((target, serde_json::to_string_pretty(&artifact)? + "\n"))
    }

    /// Forge names the folder after the source file, which for test contracts is not the contract's name.
    fn build_output(&self, name: &str) -> Result<PathBuf> {
        let file = format!("{name}.json");
        for entry in fs::read_dir(self.root.join("out"))? {
            let path = entry?.path().join(&file);
            if path.exists() {
                return Ok(path);
            }
        }
        bail!("forge built no contract {name}")
    }

    fn write(&self, artifacts: &BTreeMap<PathBuf, String>) -> Result<()> {
        for (path, text) in artifacts {
            let path = self.root.join(path);
            fs::create_dir_all(path.parent().context("an artifact has no folder")?)?;
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        println!("wrote {} artifacts", artifacts.len());
        Ok(())
    }

    fn compare(&self, artifacts: &BTreeMap<PathBuf, String>) -> Result<()> {
        let differs = |(path, text): &(&PathBuf, &String)| {
            fs::read_to_string(self.root.join(path)).ok().as_ref() != Some(*text)
        };
        let stale: Vec<_> = artifacts
            .iter()
            .filter(differs)
            .map(|(path, _)| path.display().to_string())
            .collect();
        ensure!(
            stale.is_empty(),
            "stale: {}; run `cargo xtask contracts` and commit the result",
            stale.join(", ")
        );
        println!("{} artifacts are as built", artifacts.len());
        Ok(())
    }
}
