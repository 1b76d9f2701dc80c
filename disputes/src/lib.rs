//! Proposers and challengers of inference claims on L1.
#![forbid(unsafe_code)]

mod wallet;

pub use wallet::{Counts, Held, Key, Settled, Status, Wallet, WalletConfig, WalletError};
