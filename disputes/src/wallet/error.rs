//! What a wallet cannot do.

use std::{
    io,
    path::{Path, PathBuf},
};

use alloy_primitives::Address;
use enshrine_l1::{ChainError, Severity};

/// Why a wallet cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// There is no key where one should be.
    #[error("no key in {place}: {reason}")]
    Key {
        /// Where it should be.
        place: String,
        /// What is wrong. The key itself is never shown.
        reason: &'static str,
    },
    /// Another wallet uses the folder.
    #[error("another process uses the outbox {}", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// A file of the outbox cannot be understood.
    #[error(
        "{} is damaged: {reason}; look up the account's transactions, and once none is pending with the nonce in the file's \
         name, move the file away",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file of the outbox is of another chain or account.
    #[error(
        "{} is of account {} on chain {}, this wallet is account {} on chain {}: give each its own outbox",
        path.display(), got.1, got.0, expected.1, expected.0
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// Chain and account of the wallet.
        expected: (u64, Address),
        /// Chain and account of the file.
        got: (u64, Address),
    },
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An intent is too long to be kept.
    #[error("expected at most {limit} bytes of {what}, got {got}")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// Bytes that it may have.
        limit: usize,
        /// Bytes that it has.
        got: usize,
    },
    /// The chain cannot be asked, or does not do what it is asked for.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl WalletError {
    /// How bad it is.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Chain(error) => error.severity(),
            // The disk may be full for a while only; nothing has been sent that is not on it.
            Self::Io { .. } => Severity::Retry,
            Self::Key { .. } | Self::Locked { .. } | Self::Damaged { .. } | Self::Other { .. } => {
                Severity::Fatal
            }
            // Others may be shorter.
            Self::TooLong { .. } => Severity::Retry,
        }
    }

    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
