//! Arrays of an uncompressed .npz file, which is a ZIP file of .npy files.

use anyhow::{Context, Result, bail};

use super::npy;
use crate::tensor::Tensor;

/// Signature of a file's local header.
const LOCAL: &[u8] = b"PK\x03\x04";

/// Size of a local header after its signature.
const HEADER: usize = 26;

/// Marks a size that is in the ZIP64 extra field.
const IN_EXTRA: u32 = u32::MAX;

/// Reads the array `name`.
///
/// # Errors
/// If there is none, or the file is compressed or damaged.
pub(crate) fn member(file: &[u8], name: &str) -> Result<Tensor> {
    let mut rest = file;
    while let Some(after) = rest.strip_prefix(LOCAL) {
        let (entry, data, next) = entry(after).context("the .npz file is damaged or compressed")?;
        if entry.strip_suffix(b".npy") == Some(name.as_bytes()) {
            return npy::read(data);
        }
        rest = next;
    }
    bail!("the .npz file has no array '{name}'")
}

/// Name and data of a stored file, and what follows it.
fn entry(after: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (header, rest) = after.split_first_chunk::<HEADER>()?;
    let u16_at = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let stored = u16_at(4) == 0;
    let size = u32::from_le_bytes([header[14], header[15], header[16], header[17]]);
    let (name, rest) = rest.split_at_checked(u16_at(22).into())?;
    let (extra, rest) = rest.split_at_checked(u16_at(24).into())?;
    let size = if size == IN_EXTRA {
        wide_size(extra)?
    } else {
        u64::from(size)
    };
    let (data, next) = rest.split_at_checked(usize::try_from(size).ok()?)?;
    stored.then_some((name, data, next))
}

/// Uncompressed size in the ZIP64 extra field, which NumPy always writes.
fn wide_size(extra: &[u8]) -> Option<u64> {
    let field = extra.strip_prefix(&[1, 0])?;
    Some(u64::from_le_bytes(*field.get(2..)?.first_chunk()?))
}
