//! The host side of the guest ABI, the same for every engine.

use std::sync::Arc;

use enshrine_primitives::{BlobRoot, PAGE_SIZE};

use crate::error::RuntimeError;

/// Misuse of the ABI by the guest. The run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the guest misused the host call `{0}`")]
pub(crate) struct GuestFault(pub(crate) &'static str);

impl wasmi::errors::HostError for GuestFault {}

/// The blobs that a run can read.
#[derive(Clone, Debug, Default)]
pub struct Blobs {
    blobs: [Arc<[u8]>; 2],
}

impl Blobs {
    /// Model and input.
    pub fn new(model: Arc<[u8]>, input: impl Into<Arc<[u8]>>) -> Self {
        Self {
            blobs: [model, input.into()],
        }
    }

    /// Bytes of blob number `blob`.
    pub fn bytes(&self, blob: u32) -> Option<&[u8]> {
        self.blobs.get(blob as usize).map(|bytes| &**bytes)
    }
}

/// What a run leaves outside the guest's memory.
#[derive(Debug, Default)]
pub(crate) struct Host {
    pub(crate) blobs: Blobs,
    pub(crate) output: Option<(BlobRoot, Vec<u8>)>,
    /// Set when the host could not do what the guest may ask for; the run then has no result.
    pub(crate) fatal: Option<RuntimeError>,
}

impl Host {
    pub(crate) fn new(blobs: Blobs) -> Self {
        Self {
            blobs,
            output: None,
            fatal: None,
        }
    }

    pub(crate) fn blob_len(&self, blob: u32) -> Result<i64, GuestFault> {
        let bytes = self.blobs.bytes(blob).ok_or(GuestFault("blob_len"))?;
        i64::try_from(bytes.len()).map_err(|_| GuestFault("blob_len"))
    }

    pub(crate) fn blob_page(
        &self,
        memory: &mut [u8],
        blob: u32,
        page: u32,
        dst: u32,
    ) -> Result<(), GuestFault> {
        const FAULT: GuestFault = GuestFault("blob_page");
        let bytes = self.blobs.bytes(blob).ok_or(FAULT)?;
        let dst = dst as usize;
        if !dst.is_multiple_of(PAGE_SIZE) {
            return Err(FAULT);
        }
        let target = memory
            .get_mut(dst..)
            .and_then(|m| m.get_mut(..PAGE_SIZE))
            .ok_or(FAULT)?;
        let start = (page as usize).saturating_mul(PAGE_SIZE).min(bytes.len());
        let source = &bytes[start..bytes.len().min(start.saturating_add(PAGE_SIZE))];
        target[..source.len()].copy_from_slice(source);
        target[source.len()..].fill(0);
        Ok(())
    }

    pub(crate) fn output(
        &mut self,
        memory: &[u8],
        ptr: u32,
        len: u32,
        root_ptr: u32,
    ) -> Result<(), GuestFault> {
        const FAULT: GuestFault = GuestFault("output");
        let part = |ptr: u32, len: usize| memory.get(ptr as usize..).and_then(|m| m.get(..len));
        let bytes = part(ptr, len as usize).ok_or(FAULT)?;
        let root = part(root_ptr, 32).ok_or(FAULT)?;
        let root = BlobRoot::new(root.try_into().expect("32 bytes"));
        self.output = Some((root, bytes.to_vec()));
        Ok(())
    }
}
