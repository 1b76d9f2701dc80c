//! The players as others use them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../../../l1/tests/it/anvil.rs"]
mod anvil;
mod wallet;
