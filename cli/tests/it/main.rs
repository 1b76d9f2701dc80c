//! The built command, as a user drives it.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on has failed, and its own numbers are small"
)]

mod anvil;
mod check;
mod contracts;
mod disputes;
mod l1;
mod live_chain;
mod models;
mod program;
mod proofs;
mod run;
mod support;
