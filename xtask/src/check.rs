//! `cargo xtask check`: format, lints and documentation.

use anyhow::Result;

use crate::repository::{cargo, run};

/// Checks what needs no run of the code.
///
/// # Errors
/// The first check that fails.
pub(crate) fn run_checks() -> Result<()> {
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
    run(cargo(".", &["clippy", "--release"])?.args(lints))?;
    let docs = ["doc", "--release", "--locked", "--workspace", "--no-deps"];
    run(cargo(".", &docs)?.env("RUSTDOCFLAGS", "-D warnings"))
}
