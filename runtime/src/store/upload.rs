//! Writing models.

use std::{
    hash::{BuildHasher, RandomState},
    io::{self, Read},
};

use enshrine_primitives::{BlobHasher, BlobRoot};
use object_store::{MultipartUpload, ObjectStoreExt, path::Path};

use super::{MODEL_EXTENSION, ModelStore, StoreError, backend::STAGING};

/// Bytes of a part of a long upload. Buckets want at least 5 MiB and at most 10,000 parts.
pub(super) const PART_BYTES: usize = 8 << 20;

/// Reads a model in parts and hashes them.
struct Parts<R> {
    source: R,
    hasher: BlobHasher,
}

impl<R: Read> Parts<R> {
    /// The next part; a shorter one is the last.
    fn next(&mut self) -> Result<Vec<u8>, StoreError> {
        let mut part = Vec::new();
        let mut limited = self.source.by_ref().take(PART_BYTES as u64);
        limited.read_to_end(&mut part).map_err(source_error)?;
        self.hasher.update(&part)?;
        Ok(part)
    }
}

fn source_error(error: io::Error) -> StoreError {
    StoreError::Source(error)
}

impl ModelStore {
    /// Stores a model's bytes; returns its root and length.
    pub(super) fn put_model(&self, source: impl Read) -> Result<(BlobRoot, u64), StoreError> {
        let mut parts = Parts {
            source,
            hasher: BlobHasher::new(),
        };
        let first = parts.next()?;
        if first.len() == PART_BYTES {
            return self.put_long(first, parts);
        }
        let length = parts.hasher.size_bytes();
        let root = parts.hasher.finish();
        let key = self.0.backend.key(root, MODEL_EXTENSION);
        let (objects, target) = (self.objects(), key.clone());
        let put = self
            .0
            .worker
            .run(async move { objects.put(&target, first.into()).await })?;
        put.map_err(|error| self.error("write", &key, error))?;
        Ok((root, length))
    }

    /// Uploads under a name of its own, as the root is known only after the last part.
    fn put_long(
        &self,
        first: Vec<u8>,
        mut parts: Parts<impl Read>,
    ) -> Result<(BlobRoot, u64), StoreError> {
        let staged = self.staging_key();
        self.upload(&staged, first, &mut parts)?;
        let length = parts.hasher.size_bytes();
        let root = parts.hasher.finish();
        let key = self.0.backend.key(root, MODEL_EXTENSION);
        let (objects, from, to) = (self.objects(), staged.clone(), key.clone());
        let moved = self
            .0
            .worker
            .run(async move { objects.rename(&from, &to).await })?;
        moved.map_err(|error| {
            self.discard(&staged);
            self.error("write", &key, error)
        })?;
        Ok((root, length))
    }

    fn upload(
        &self,
        key: &Path,
        first: Vec<u8>,
        parts: &mut Parts<impl Read>,
    ) -> Result<(), StoreError> {
        let (objects, target) = (self.objects(), key.clone());
        let started = self
            .0
            .worker
            .run(async move { objects.put_multipart(&target).await })?;
        let mut upload = started.map_err(|error| self.error("write", key, error))?;
        let mut part = first;
        let sent = loop {
            let sent;
            (sent, upload) = self.0.worker.run(send(upload, part))?;
            match sent
                .map_err(|error| self.error("write", key, error))
                .and_then(|()| parts.next())
            {
                Ok(next) if next.is_empty() => break Ok(()),
                Ok(next) => part = next,
                Err(error) => break Err(error),
            }
        };
        match sent {
            Ok(()) => self
                .0
                .worker
                .run(complete(upload))?
                .map_err(|error| self.error("write", key, error)),
            Err(error) => {
                // The first error is the one to report.
                let _ = self.0.worker.run(async move { upload.abort().await });
                Err(error)
            }
        }
    }

    fn staging_key(&self) -> Path {
        let process = std::process::id();
        // Hosts that share a bucket may share process numbers too.
        let random = RandomState::new().hash_one(process);
        self.0
            .backend
            .base
            .clone()
            .join(STAGING)
            .join(format!("{random:016x}-{process}"))
    }

    fn discard(&self, key: &Path) {
        let (objects, key) = (self.objects(), key.clone());
        // Only what could not be moved to its place is discarded: that error is the one to report.
        let _ = self.0.worker.run(async move { objects.delete(&key).await });
    }
}

/// Sends one part, and hands the upload back.
async fn send(
    mut upload: Box<dyn MultipartUpload>,
    part: Vec<u8>,
) -> (Result<(), object_store::Error>, Box<dyn MultipartUpload>) {
    let sent = upload.put_part(part.into()).await;
    (sent, upload)
}

async fn complete(mut upload: Box<dyn MultipartUpload>) -> Result<(), object_store::Error> {
    let completed = upload.complete().await;
    if completed.is_err() {
        // The first error is the one to report.
        let _ = upload.abort().await;
    }
    completed.map(drop)
}
