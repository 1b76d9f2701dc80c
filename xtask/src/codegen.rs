//! `cargo xtask codegen`: writes, or compares, what is made from the table of instructions.
//!
//! `runtime/isa.txt` is the only place where an instruction is described. Rust, Solidity and the documentation get it
//! from there, so that they cannot disagree; the generated files are committed, so that nobody needs this to build.

mod markdown;
mod rust;
mod solidity;
mod table;

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::repository::root;
use table::Table;

/// The table of instructions.
const SOURCE: &str = "runtime/isa.txt";

/// Options of `cargo xtask codegen`.
#[derive(Debug, clap::Args)]
pub(crate) struct CodegenArgs {
    /// Write nothing; fail if a committed file differs from what the table gives.
    #[arg(long)]
    pub(crate) check: bool,
}

/// A generated file: its path below the root, and its text.
type Generated = (&'static str, String);

/// Writes the generated files, or compares them.
///
/// # Errors
/// When the table is malformed, a file cannot be written, and with `--check` when one differs; the message names it.
pub(crate) fn run(args: &CodegenArgs) -> Result<()> {
    let root = root()?;
    let files = generate(&root)?;
    if args.check {
        compare(&root, &files)
    } else {
        write(&root, &files)
    }
}

fn generate(root: &Path) -> Result<Vec<Generated>> {
    let text =
        fs::read_to_string(root.join(SOURCE)).with_context(|| format!("cannot read {SOURCE}"))?;
    let table = Table::parse(&text).context(SOURCE)?;
    Ok(vec![
        ("runtime/src/isa/op.rs", rust::opcodes(&table)),
        ("runtime/src/isa/table.rs", rust::table(&table)),
        ("docs/isa.md", markdown::page(&table)?),
        (
            "l1-contracts/src/generated/Opcodes.sol",
            solidity::library(&table),
        ),
    ])
}

fn write(root: &Path, files: &[Generated]) -> Result<()> {
    for (path, text) in files {
        let target = root.join(path);
        fs::create_dir_all(target.parent().context("a generated file has no folder")?)?;
        fs::write(&target, text).with_context(|| format!("cannot write {path}"))?;
        println!("wrote {path}");
    }
    Ok(())
}

fn compare(root: &Path, files: &[Generated]) -> Result<()> {
    let stale: Vec<_> = files
        .iter()
        .filter(|(path, text)| fs::read_to_string(root.join(path)).ok().as_ref() != Some(text))
        .map(|(path, _)| *path)
        .collect();
    ensure!(
        stale.is_empty(),
        "not as {SOURCE} gives it: {}; run `cargo xtask codegen` and commit the result",
        stale.join(", ")
    );
    println!("{} generated files are as {SOURCE} gives them", files.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_files_are_as_generated() {
        let root = root().unwrap();
        compare(&root, &generate(&root).unwrap()).unwrap();
    }

    #[test]
    fn comparison_names_the_files_that_differ_or_are_missing() {
        let folder = std::env::temp_dir().join(format!("enshrine-codegen-{}", std::process::id()));
        let text = |text: &str| text.to_owned();
        let files = [("a/same", text("1")), ("b/changed", text("2"))];
        write(&folder, &files).unwrap();
        assert!(compare(&folder, &files).is_ok());

        let wanted = [
            ("a/same", text("1")),
            ("b/changed", text("3")),
            ("c/missing", text("4")),
        ];
        let message = compare(&folder, &wanted).unwrap_err().to_string();
        fs::remove_dir_all(&folder).unwrap();
        assert!(message.contains("b/changed, c/missing;"), "{message}");
        assert!(!message.contains("a/same"), "{message}");
    }
}
