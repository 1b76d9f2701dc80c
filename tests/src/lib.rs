//! Shared parts of the cross-crate suites.

pub mod onnx;
pub mod plain;
pub mod random;
