//! Hostile models, inputs, guests and disks. Each ends in a typed result, the same in every engine and build, and leaves
//! the process and the store as they were.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on has failed, and its own numbers are small"
)]

mod bench;
mod disks;
mod files;
mod guests;
mod inputs;
mod models;
mod nans;
mod onnx;
mod operators;
