#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod challenger;
mod contracts;
mod error;
#[cfg(feature = "faults")]
pub mod faults;
mod files;
mod follower;
mod ids;
mod ledger;
mod oracle;
mod player;
mod proposer;
mod reserve;
mod service;
mod wallet;

pub use challenger::Challenger;
pub use contracts::{
    Answer, Claim, ClaimState, ClaimStatus, Contracts, Event, Game, GameStatus, Question, Request,
    Role,
};
pub use error::DisputeError;
pub use ids::{ClaimId, GameId, RequestId};
pub use oracle::{Ending, Job, Oracle, Runs};
pub use player::Tick;
pub use proposer::{Proposer, Terms};
pub use service::{Service, serve};
pub use wallet::{
    Counts, Held, Key, Prices, Promised, Settled, Status, Wallet, WalletConfig, WalletError,
};
