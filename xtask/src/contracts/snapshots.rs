//! What is committed of contracts beside their artifacts.

use std::{fmt::Write, path::PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

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

/// Contracts that keep something. Of all others it is demanded that they do not: what a step leads to would not depend on the
/// proof alone.
const KEEPERS: [&str; 4] = [
    "MachineGame",
    "ModelRegistry",
    "InferenceClaims",
    "DigitBounty",
];

/// Variables in storage of each contract, and the fields of what they hold.
///
/// # Errors
/// When a contract has one that shall have none.
pub(super) fn storage(project: &Project) -> Result<(PathBuf, String)> {
    let mut text = String::from(
        "# Variables in storage of each contract: slot, offset in bytes, name and type, then the fields of structures.\n",
    );
    for name in project.contracts() {
        let layout = &project.built(name)?["storageLayout"];
        let variables = layout["storage"]
            .as_array()
            .with_context(|| format!("{name}: forge gave no storage layout"))?;
        if variables.is_empty() {
            writeln!(text, "{name:<16} none")?;
            continue;
        }
        ensure!(
            KEEPERS.contains(&name),
            "{name}: expected no variable in storage, got {variables:?}"
        );
        writeln!(text, "{name}")?;
        for variable in variables {
            write_variable(&mut text, layout, variable, 1)?;
        }
    }
    Ok((PathBuf::from("snapshots/storage.txt"), text))
}

/// A variable or a field with its own fields below.
fn write_variable(text: &mut String, layout: &Value, variable: &Value, depth: usize) -> Result<()> {
    let mut ty = &layout["types"][variable["type"]
        .as_str()
        .context("a variable has no type")?];
    let (slot, offset) = (&variable["slot"], &variable["offset"]);
    let (slot, label) = (slot.as_str(), variable["label"].as_str());
    let (slot, label) = (slot.context("no slot")?, label.context("no name")?);
    let name = ty["label"].as_str().context("a type has no name")?;
    let indent = "  ".repeat(depth);
    writeln!(text, "{indent}{slot:>2} {offset:>2} {label}: {name}")?;
    while let Some(value) = ty["value"].as_str() {
        ty = &layout["types"][value];
    }
    for member in ty["members"].as_array().into_iter().flatten() {
        write_variable(text, layout, member, depth + 1)?;
    }
    Ok(())
}
