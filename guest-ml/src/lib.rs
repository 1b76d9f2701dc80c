//! The program that runs ONNX models inside the Enshrine machine.
//!
//! [tract](https://github.com/sonos/tract) behind the guest ABI: `load` reads the model blob, vets it, and prepares it
//! for the sizes of the input's dynamic axes; `infer` decodes the input blob, runs the model, and outputs the encoded
//! outputs with their root. Tooling also calls `interface`, `describe`, `profile_start`, `profile_node` and
//! `profile_nodes`. What a run can name as wrong ends it with a [status](enshrine_primitives::Status) and a message.
//!
//! ```text
//! blob 0 ─ host::BlobReader ─ model::read ─ vet ─ normalise ─ tract ─┐
//! blob 1 ─ tensors::read_shapes (sizes of dynamic axes only) ────────┴─ Session
//! blob 1 ─ tensors::decode_inputs ─ Session::infer ─ tensors::encode_outputs ─ output
//! ```
//!
//! The module is built to WASM by `cargo xtask guest`. Everything but the `abi` module also builds natively, over the
//! [`host::Host`] trait, for tests. Native results differ from WASM's in the last float bits: native tract picks
//! kernels by CPU.

#![deny(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations, unreachable_pub)]

#[cfg(target_family = "wasm")]
mod abi;
mod describe;
mod eager;
mod guard;
pub mod host;
mod json;
mod model;
mod normalise;
mod ops;
mod optimise;
mod refusal;
mod session;
mod tensors;
mod vet;

pub use describe::describe;
pub use refusal::Refusal;
pub use session::Session;
