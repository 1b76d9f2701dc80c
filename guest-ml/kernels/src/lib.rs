//! Kernels of the guest that the compiler must make fast: this crate is built for speed, the guest for size.
//!
//! No unsafe code: arrays of the size of a vector become loads of vectors.

#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations, unreachable_pub)]

mod curves;
mod integer;
mod lanes;
mod matrix;
mod quantise;

pub use curves::Curve;
pub use integer::Weights;
pub use matrix::{Element, add_product};
pub use quantise::{Narrow, Scales};
