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
mod model;
pub mod module;
mod names;
mod nan;
mod native;
pub mod program;
mod run;
mod runtime;
pub mod store;
pub mod trace;
pub mod tree;
mod walk;

pub use enshrine_primitives::{BlobRoot, Status};
pub use error::RuntimeError;
pub use guest::Guest;
pub use model::Model;
pub use names::function_names;
pub use run::{Execution, Fuel, NodeSteps, Outcome, Profile, Run};
pub use runtime::{Runtime, RuntimeConfig, Stop, TracedEnd};
