#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod access;
pub mod game;
mod machine;
mod proof;
mod record;
mod replay;
mod state;
mod step;
mod trace;

pub use access::Registers;
pub use machine::{EXIT, MAX_HEIGHT, Machine, Subject};
pub use proof::{Proof, ProofError, verify_step};
pub use replay::WitnessError;
pub use state::{
    ChainHash, PagedMemory, PathError, RECORD_BYTES, Record, RunInputs, StateHash, Terminal,
};
pub use step::evaluate;
pub use trace::{JournalError, StepProof, Trace, TraceConfig, TraceError};
