//! The `enshrine` command.
fn main() {}
