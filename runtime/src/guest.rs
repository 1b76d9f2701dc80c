//! Guest programs.

use std::{io::Read, sync::Arc};

use sha2::{Digest, Sha256};

use crate::error::RuntimeError;

/// The machine-learning guest, built by `cargo xtask guest`.
static BUNDLED: &[u8] = include_bytes!("../guest/guest-ml.wasm.zst");

/// The WASM module of a guest program.
#[derive(Clone)]
pub struct Guest {
    wasm: Arc<[u8]>,
    digest: [u8; 32],
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Guest({} bytes)", self.wasm.len())
    }
}

impl Guest {
    /// A guest from its WASM bytes. They are checked when a [`crate::Runtime`] is made.
    pub fn new(wasm: impl Into<Arc<[u8]>>) -> Self {
        let wasm = wasm.into();
        let digest = Sha256::digest(&wasm).into();
        Self { wasm, digest }
    }

    /// The machine-learning guest that comes with this crate.
    ///
    /// # Errors
    /// [`RuntimeError::Guest`] if the packed guest is damaged.
    pub fn bundled() -> Result<Self, RuntimeError> {
        let unpack = || -> Result<Vec<u8>, String> {
            let mut decoder =
                ruzstd::decoding::StreamingDecoder::new(BUNDLED).map_err(|e| e.to_string())?;
            let mut wasm = Vec::new();
            decoder.read_to_end(&mut wasm).map_err(|e| e.to_string())?;
            Ok(wasm)
        };
        let wasm = unpack().map_err(|message| RuntimeError::Guest { message })?;
        Ok(Self::new(wasm))
    }

    /// The module.
    pub fn wasm(&self) -> &[u8] {
        &self.wasm
    }

    /// SHA-256 of the module.
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}
