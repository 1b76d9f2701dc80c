//! Why a player cannot go on.

use std::path::{Path, PathBuf};

use enshrine_l1::{ChainError, Severity};
use enshrine_primitives::BlobRoot;
use enshrine_prover::TraceError;
use enshrine_runtime::{RuntimeError, store::StoreError};

use crate::wallet::WalletError;

/// Why a player cannot go on, or not now.
#[derive(Debug, thiserror::Error)]
pub enum DisputeError {
    /// The chain cannot be asked, or says something unexpected.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A transaction cannot be sent.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// A run's states cannot be told.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// This host cannot run a model.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The model store cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store lacks a model.
    #[error("the store has no model {model}: add it with `enshrine models add`")]
    NoModel {
        /// Its address.
        model: BlobRoot,
    },
    /// The contracts are about another program.
    #[error("the contracts are about program {expected}, and this one runs {got}")]
    Program {
        /// Hash of the contracts' program.
        expected: String,
        /// Hash of ours.
        got: String,
    },
    /// A file cannot be read or written.
    #[error("cannot use {}: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not as it was written.
    #[error(
        "{} is damaged ({reason}): move it away; it is read from the chain again", path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where.
        reason: String,
    },
}

impl DisputeError {
    pub(crate) fn disk(path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Self::Disk {
            path: path.as_ref().to_owned(),
            source,
        }
    }

    pub(crate) fn damaged(path: &Path, reason: &dyn std::error::Error) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Chain(error) => error.severity(),
            Self::Wallet(error) => error.severity(),
            // Another model or another claim may work, and a disk or a store may come back.
            Self::Trace(_)
            | Self::Runtime(_)
            | Self::Store(_)
            | Self::NoModel { .. }
            | Self::Disk { .. } => Severity::Retry,
            Self::Program { .. } | Self::Damaged { .. } => Severity::Fatal,
        }
    }
}
