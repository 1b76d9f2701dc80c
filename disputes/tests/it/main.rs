//! Players as others use them: against each other on a chain in this process, and on a real one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../../../l1/tests/it/anvil.rs"]
mod anvil;
mod clocks;
mod court;
mod games;
mod keys;
mod money;
mod players;
mod reading;
mod wallet_on_anvil;
