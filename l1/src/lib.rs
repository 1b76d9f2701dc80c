#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod abi;
mod artifacts;
mod chain;
mod deployment;
mod dev_chain;
mod error;
mod evm;
mod gas;
mod remote;
mod rpc;
mod rpc_chain;
mod verifier;

pub use chain::{Block, Call, Chain, ChainError, Log, Receipt, Refusal, Severity};
pub use deployment::{Deployment, GameParameters};
pub use dev_chain::DevChain;
pub use error::{L1Error, Rejection};
pub use gas::Gas;
pub use remote::RemoteVerifier;
pub use rpc::{Rpc, RpcError};
pub use rpc_chain::RpcChain;
pub use verifier::{Evaluated, OneStepVerifier, Proved};
