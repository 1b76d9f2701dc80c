//! Shared parts of the cross-crate suites.

pub mod differential;
pub mod naive;
pub mod onnx;
pub mod plain;
pub mod random;
pub mod traced;
