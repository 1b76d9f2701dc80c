//! The verifier as others use it: what it proves, why it refuses, and what a node may answer.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod anvil;
mod rejections;
mod rpc;
mod rpc_chain_on_anvil;
mod steps;
