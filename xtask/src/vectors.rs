//! `cargo xtask vectors`: writes `tests/vectors/calls.json` anew.

use anyhow::Result;

use crate::repository::{cargo, root, run};

/// Has the test that compares calls with the committed file write it instead.
///
/// # Errors
/// When the tests do not build or the calls cannot be made.
pub(crate) fn write() -> Result<()> {
    let test = [
        "test",
        "--release",
        "--locked",
        "--workspace",
        "--test",
        "it",
        "identity::calls_end_as_committed",
    ];
    let file = root()?.join("tests/vectors/calls.json");
    run(cargo(".", &test)?.env("ENSHRINE_WRITE_CALLS", file))
}
