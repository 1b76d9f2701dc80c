//! The precompiles in real EVMs: plain revm and alloy-evm, the bundled guest, the committed models.

mod calls;
mod examples;
mod failures;
mod float32;
mod gas;
mod observer;
mod registry;
mod support;
