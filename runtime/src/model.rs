//! Models: bytes and their root.

use std::sync::Arc;

use enshrine_primitives::{BlobRoot, MAX_BLOB_BYTES, blob_root};

use crate::error::RuntimeError;

/// A model: bytes and their root.
#[derive(Clone)]
pub struct Model {
    bytes: Arc<[u8]>,
    root: BlobRoot,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Model({}, {} bytes)", self.root, self.bytes.len())
    }
}

impl Model {
    /// A model from its bytes; computes the root.
    ///
    /// # Errors
    /// [`RuntimeError::TooLarge`] above 4 GiB.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Result<Self, RuntimeError> {
        let bytes = bytes.into();
        let root = root_of("model", &bytes)?;
        Ok(Self { bytes, root })
    }

    /// A model whose root somebody has just computed.
    pub(crate) const fn with_checked_root(bytes: Arc<[u8]>, root: BlobRoot) -> Self {
        Self { bytes, root }
    }

    /// The model's address.
    pub const fn root(&self) -> BlobRoot {
        self.root
    }

    /// The model's bytes.
    pub const fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }
}

pub(crate) fn root_of(what: &'static str, bytes: &[u8]) -> Result<BlobRoot, RuntimeError> {
    blob_root(bytes).map_err(|_| RuntimeError::TooLarge {
        what,
        expected: MAX_BLOB_BYTES,
        got: bytes.len() as u64,
    })
}
