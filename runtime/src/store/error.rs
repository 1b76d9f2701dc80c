//! Errors of a store.

use std::{error::Error, io};

use enshrine_primitives::{BlobRoot, BlobTooLarge};

/// What a store cannot do. None of it says anything about what a model answers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No location of a store.
    #[error(
        "cannot open the model store '{location}': {reason}. Give a folder, memory:, s3://bucket/prefix, http:// or https://"
    )]
    Location {
        /// As it was given.
        location: String,
        /// What is wrong.
        reason: String,
    },
    /// Writing to a store that is only read.
    #[error(
        "the model store {location} is read only: add models where its files come from, or to a folder"
    )]
    ReadOnly {
        /// The store.
        location: String,
    },
    /// A server that cannot list its files.
    #[error(
        "the model store {location} cannot be listed, which takes a WebDAV server: ask for a model by its address"
    )]
    NotListable {
        /// The store.
        location: String,
        /// The server's answer.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The bytes to be stored cannot be read.
    #[error("cannot read the model that is to be stored; the store is unchanged")]
    Source(#[source] io::Error),
    /// A model above the limit.
    #[error("expected a model of at most {expected} bytes, got at least {got}")]
    ModelTooLarge {
        /// [`MAX_MODEL_BYTES`](super::MAX_MODEL_BYTES).
        expected: u64,
        /// Bytes up to where reading stopped.
        got: u64,
    },
    /// A manifest above the limit.
    #[error("expected a manifest of at most {expected} bytes, got {got}: shorten its texts")]
    ManifestTooLarge {
        /// [`MAX_MANIFEST_BYTES`](super::MAX_MANIFEST_BYTES).
        expected: u64,
        /// Its bytes.
        got: u64,
    },
    /// A file that is no manifest.
    #[error("{location} is no manifest ({reason}): add the model again to replace it")]
    Manifest {
        /// The file.
        location: String,
        /// What is wrong.
        reason: String,
    },
    /// A model that is not in the store.
    #[error("the model store {location} has no model {root}: add it with `enshrine models add`")]
    Missing {
        /// The model.
        root: BlobRoot,
        /// The store.
        location: String,
    },
    /// Stored bytes that are not the model they are named after.
    #[error(
        "{location} is corrupted: expected bytes with root {expected}, got {got}. Add the model again to mend it"
    )]
    Corrupted {
        /// The model.
        expected: BlobRoot,
        /// Root of what is there.
        got: BlobRoot,
        /// The file.
        location: String,
    },
    /// The store has no room left, or refuses a file of this size.
    #[error(
        "no room to write {location}; all that was stored before is intact. Free some space and try again"
    )]
    Full {
        /// What was to be written.
        location: String,
        /// The system's error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Any other failure of the folder, the bucket or the server.
    #[error("cannot {operation} {location}: {}", root_cause(source.as_ref()))]
    Unavailable {
        /// What was tried.
        operation: &'static str,
        /// On what.
        location: String,
        /// The system's or the server's error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The host gives no memory for a model.
    #[error("this host has no memory for a model of {size_bytes} bytes")]
    Memory {
        /// Length of the model.
        size_bytes: u64,
    },
    /// The store's thread could not start, or died.
    #[error("the model store's thread does not answer: {reason}")]
    Thread {
        /// Why.
        reason: String,
    },
}

impl StoreError {
    /// Sorts an error of the backend into its class.
    pub(super) fn from_backend(
        operation: &'static str,
        location: String,
        error: object_store::Error,
    ) -> Self {
        let source = Box::new(error);
        if is_full(source.as_ref()) {
            return Self::Full { location, source };
        }
        Self::Unavailable {
            operation,
            location,
            source,
        }
    }
}

impl From<BlobTooLarge> for StoreError {
    fn from(BlobTooLarge { expected, got }: BlobTooLarge) -> Self {
        Self::ModelTooLarge { expected, got }
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn root_cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}

fn is_full(error: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let mut errors = causes(error).filter_map(|error| error.downcast_ref::<io::Error>());
    errors.any(|error| matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge))
}
