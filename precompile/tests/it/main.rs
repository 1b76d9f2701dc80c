//! The precompiles in real EVMs: plain revm and alloy-evm, the bundled guest, the committed models.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on has failed, and its own numbers are small"
)]

mod adversarial;
mod calls;
mod examples;
mod failures;
mod float32;
mod gas;
mod heldout;
mod identity;
mod observer;
mod registry;
mod support;
