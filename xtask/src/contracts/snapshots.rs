//! What is committed of contracts beside their artifacts.

use std::{fmt::Write, path::PathBuf};

use anyhow::{Context, Result, ensure};

use super::project::Project;

/// Most bytes of a deployed contract, by EIP-170.
const MAX_DEPLOYED: usize = 24_576;

/// Most bytes of what a deployment sends, by EIP-3860.
const MAX_INIT: usize = 2 * MAX_DEPLOYED;

/// Bytes of each contract.
///
/// # Errors
/// When one is larger than Ethereum takes.
pub(super) fn sizes(project: &Project) -> Result<(PathBuf, String)> {
    let mut text = format!(
        "# Bytes of each contract: deployed (at most {MAX_DEPLOYED}), and sent to deploy it, without the constructor's\n\
         # arguments (at most {MAX_INIT}).\n{:<16} {:>8} {:>8}\n",
        "contract", "deployed", "init"
    );
    for name in project.contracts() {
        let built = project.built(name)?;
        let size = |field: &str| {
            let code = built[field]["object"].as_str().context("no bytecode")?;
            Ok::<_, anyhow::Error>(code.trim_start_matches("0x").len() / 2)
        };
        let (deployed, init) = (size("deployedBytecode")?, size("bytecode")?);
        ensure!(
            deployed <= MAX_DEPLOYED && init <= MAX_INIT,
            "{name}: expected at most {MAX_DEPLOYED} and {MAX_INIT} bytes, got {deployed} and {init}"
        );
        writeln!(text, "{name:<16} {deployed:>8} {init:>8}")?;
    }
    Ok((PathBuf::from("snapshots/sizes.txt"), text))
}

/// Variables in storage of each contract: there are none.
///
/// # Errors
/// When there is one: what a step leads to would not depend on the proof alone.
pub(super) fn storage(project: &Project) -> Result<(PathBuf, String)> {
    let mut text = String::from("# Variables in storage of each contract.\n");
    for name in project.contracts() {
        let built = project.built(name)?;
        let variables = built["storageLayout"]["storage"]
            .as_array()
            .with_context(|| format!("{name}: forge gave no storage layout"))?;
        ensure!(
            variables.is_empty(),
            "{name}: expected no variable in storage, got {variables:?}"
        );
        writeln!(text, "{name:<16} none")?;
    }
    Ok((PathBuf::from("snapshots/storage.txt"), text))
}
