#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]

mod cache;
pub mod compile;
pub mod engine;
mod error;
mod guest;
mod image;
pub mod isa;
pub mod limits;
pub mod meter;
pub mod module;
mod nan;
mod native;
pub mod program;
mod runtime;
pub mod store;
mod walk;

pub use enshrine_primitives::{BlobRoot, Status};
pub use error::RuntimeError;
pub use guest::Guest;
pub use runtime::{
    Execution, Fuel, Model, NodeSteps, Outcome, Profile, Run, Runtime, RuntimeConfig,
};
