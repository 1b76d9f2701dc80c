//! Files that are whole or not there.

use std::{fs, io::Write, path::Path};

use serde::{Serialize, de::DeserializeOwned};

use crate::error::DisputeError;

/// Reads what was written, if anything was.
///
/// # Errors
/// [`DisputeError`] if the file cannot be read, or somebody else wrote it.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, DisputeError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(DisputeError::disk(path, error)),
    };
    let value = serde_json::from_slice(&bytes);
    value
        .map(Some)
        .map_err(|error| DisputeError::damaged(path, &error))
}

/// Writes under another name and renames.
///
/// # Errors
/// [`DisputeError::Disk`]; then the file is as before.
pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), DisputeError> {
    let bytes = serde_json::to_vec(value).expect("what is kept is JSON");
    let temporary = path.with_extension("new");
    let write = || {
        let mut file = fs::File::create(&temporary)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|error| DisputeError::disk(path, error))
}
