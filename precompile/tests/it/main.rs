//! The precompiles in real EVMs: plain revm and alloy-evm, the bundled guest, the committed models.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calls;
mod examples;
mod failures;
mod float32;
mod gas;
mod observer;
mod registry;
mod support;
