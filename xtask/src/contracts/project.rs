//! A forge project of the repository.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::repository;

/// Texts that shall be committed, by path under the project.
pub(super) type Files = BTreeMap<PathBuf, String>;

/// What to do without forge.
const NO_FORGE: &str = "forge did not start; install Foundry's forge 1.7.1";

/// A forge project and those of its contracts whose artifacts are committed.
pub(super) struct Project {
    folder: &'static str,
    root: PathBuf,
    contracts: &'static [(&'static str, &'static str)],
}

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.folder)
    }
}

impl Project {
    pub(super) fn new(
        folder: &'static str,
        contracts: &'static [(&'static str, &'static str)],
    ) -> Result<Self> {
        let root = repository::root()?.join(folder);
        Ok(Self {
            folder,
            root,
            contracts,
        })
    }

    /// Names of the contracts.
    pub(super) fn contracts(&self) -> impl Iterator<Item = &'static str> {
        self.contracts.iter().map(|(_, name)| *name)
    }

    /// Installs what `package-lock.json` names, unless all that `package.json` names is there.
    pub(super) fn install(&self) -> Result<()> {
        if self.is_installed()? {
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

    fn is_installed(&self) -> Result<bool> {
        let package = fs::read_to_string(self.root.join("package.json"))?;
        let package: Value = serde_json::from_str(&package)?;
        let kinds = ["dependencies", "optionalDependencies"];
        let mut names = kinds
            .iter()
            .filter_map(|kind| package[kind].as_object())
            .flat_map(|packages| packages.keys());
        Ok(names.all(|name| self.root.join("node_modules").join(name).exists()))
    }

    /// Runs forge.
    ///
    /// # Errors
    /// When it does not start, or fails.
    pub(super) fn forge(&self, args: &[&str]) -> Result<()> {
        let status = self.command(args).status().context(NO_FORGE)?;
        ensure!(status.success(), "forge {} failed", args.join(" "));
        Ok(())
    }

    /// Runs forge; what it prints.
    ///
    /// # Errors
    /// When it does not start, or fails.
    pub(super) fn forge_output(&self, args: &[&str]) -> Result<String> {
        let output = self.command(args).output().context(NO_FORGE)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            output.status.success(),
            "forge {} failed:\n{text}{}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(text)
    }

    fn command(&self, args: &[&str]) -> Command {
        let installed = self
            .root
            .join("node_modules/@foundry-rs/forge-linux-amd64/bin/forge");
        let program = if installed.exists() {
            installed
        } else {
            PathBuf::from("forge")
        };
        let mut command = Command::new(program);
        command.args(args).current_dir(&self.root);
        command
    }

    /// Fails at any finding. What forge calls gas and style is left to the authors.
    pub(super) fn lint(&self) -> Result<()> {
        self.forge(&[
            "lint",
            "--deny",
            "warnings",
            "--severity",
            "high",
            "med",
            "low",
        ])
    }

    /// What forge built of a contract.
    ///
    /// # Errors
    /// When it built none of that name.
    pub(super) fn built(&self, name: &str) -> Result<Value> {
        let path = self.build_output(name)?;
        serde_json::from_str(&fs::read_to_string(&path)?)
            .with_context(|| format!("{} is no JSON", path.display()))
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

    /// The artifacts as they shall be committed.
    pub(super) fn artifacts(&self) -> Result<Files> {
        self.contracts
            .iter()
            .map(|(folder, name)| self.artifact(folder, name))
            .collect()
    }

    fn artifact(&self, folder: &str, name: &str) -> Result<(PathBuf, String)> {
        let built = self.built(name)?;
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

    /// Writes the files.
    pub(super) fn write(&self, files: &Files) -> Result<()> {
        for (path, text) in files {
            let path = self.root.join(path);
            fs::create_dir_all(path.parent().context("a file has no folder")?)?;
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        println!("{self}: wrote {} files", files.len());
        Ok(())
    }

    /// Names of the files that are committed otherwise, or that should not be there.
    pub(super) fn stale(&self, files: &Files) -> Result<Vec<String>> {
        let differs = |(path, text): &(&PathBuf, &String)| {
            fs::read_to_string(self.root.join(path)).ok().as_ref() != Some(*text)
        };
        let differing = files.iter().filter(differs);
        let mut stale: BTreeSet<_> = differing.map(|(path, _)| path.clone()).collect();
        for folder in files.keys().filter_map(|path| path.parent()) {
            stale.extend(self.strangers(folder, files)?);
        }
        Ok(stale
            .iter()
            .map(|path| path.display().to_string())
            .collect())
    }

    /// Artifacts in a folder that no contract has any more.
    fn strangers(&self, folder: &Path, files: &Files) -> Result<Vec<PathBuf>> {
        let mut strangers = Vec::new();
        if !folder.starts_with("artifacts") || !self.root.join(folder).exists() {
            return Ok(strangers);
        }
        for entry in fs::read_dir(self.root.join(folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_file() && !files.contains_key(&path) {
                strangers.push(path);
            }
        }
        Ok(strangers)
    }
}
