//! `cargo xtask check`: generated files, format, lints and documentation.

use anyhow::Result;

use crate::{
    codegen::{self, CodegenArgs},
    repository::{cargo, run},
};

/// Checks what needs no run of the code.
///
/// # Errors
/// The first check that fails.
pub(crate) fn run_checks() -> Result<()> {
    codegen::run(&CodegenArgs { check: true })?;
    for folder in [".", "guest-ml"] {
        run(&mut cargo(folder, &["fmt", "--all", "--check"])?)?;
    }
    let lints = [
        "--locked",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    for folder in [".", "guest-ml"] {
        run(cargo(folder, &["clippy", "--release"])?.args(lints))?;
    }
    let docs = ["doc", "--release", "--locked", "--workspace", "--no-deps"];
    run(cargo(".", &docs)?.env("RUSTDOCFLAGS", "-D warnings"))
}
