//! Reading objects.

use std::{
    fs::File,
    io::{self, Read},
    sync::Arc,
};

use futures_util::{StreamExt, stream::BoxStream};
use object_store::{GetResultPayload, ObjectStoreExt, path::Path};

use super::{ModelStore, StoreError};

/// Bytes that are read before they are hashed, and that one request to the store's thread gathers.
const PART_BYTES: usize = 1 << 20;

type Parts<B> = BoxStream<'static, Result<B, object_store::Error>>;

/// An object that is there, not yet read.
pub(super) struct Object {
    key: Path,
    size_bytes: u64,
    payload: GetResultPayload,
}

impl Object {
    pub(super) fn check_size(
        &self,
        expected: u64,
        error: fn(u64, u64) -> StoreError,
    ) -> Result<(), StoreError> {
        if self.size_bytes > expected {
            return Err(error(expected, self.size_bytes));
        }
        Ok(())
    }
}

impl ModelStore {
    pub(super) fn fetch(&self, key: &Path) -> Result<Option<Object>, StoreError> {
        let (objects, wanted) = (self.objects(), key.clone());
        match self
            .0
            .worker
            .run(async move { objects.get(&wanted).await })?
        {
            Ok(found) => Ok(Some(Object {
                key: key.clone(),
                size_bytes: found.meta.size,
                payload: found.payload,
            })),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.error("read", key, error)),
        }
    }

    /// Reads an object into memory; `each` sees its parts as they come.
    pub(super) fn read(
        &self,
        object: Object,
        mut each: impl FnMut(&[u8]) -> Result<(), StoreError>,
    ) -> Result<Arc<[u8]>, StoreError> {
        let mut bytes = allocate(object.size_bytes)?;
        let buffer = Arc::get_mut(&mut bytes).expect("no one else has it yet");
        let mut rest = &mut *buffer;
        self.stream(object, |part| {
            each(part)?;
            // What comes beyond the announced size has been seen by `each`, which is enough to refuse it.
            let count = part.len().min(rest.len());
            let (target, after) = std::mem::take(&mut rest).split_at_mut(count);
            target.copy_from_slice(&part[..count]);
            rest = after;
            Ok(())
        })?;
        Ok(bytes)
    }

    /// Passes the parts of an object to `each`.
    pub(super) fn stream(
        &self,
        object: Object,
        mut each: impl FnMut(&[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match object.payload {
            GetResultPayload::File(file, _) => self.stream_file(&object.key, file, each),
            GetResultPayload::Stream(mut stream) => loop {
                let gathered;
                (gathered, stream) = self.0.worker.run(gather(stream))?;
                let parts = gathered.map_err(|error| self.error("read", &object.key, error))?;
                if parts.is_empty() {
                    return Ok(());
                }
                parts.iter().try_for_each(|part| each(part))?;
            },
        }
    }

    /// A folder's file is read here and now: thousands of small requests would cost more than the disk.
    fn stream_file(
        &self,
        key: &Path,
        mut file: File,
        mut each: impl FnMut(&[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut part = vec![0; PART_BYTES];
        loop {
            match file.read(&mut part) {
                Ok(0) => return Ok(()),
                Ok(count) => each(&part[..count])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let (location, source) = (self.0.backend.describe(key), Box::new(error));
                    return Err(StoreError::Unavailable {
                        operation: "read",
                        location,
                        source,
                    });
                }
            }
        }
    }
}

/// The next parts of a stream, about [`PART_BYTES`] of them; none at its end.
async fn gather<B: AsRef<[u8]>>(
    mut stream: Parts<B>,
) -> (Result<Vec<B>, object_store::Error>, Parts<B>) {
    let (mut parts, mut count) = (Vec::new(), 0);
    while count < PART_BYTES {
        match stream.next().await {
            Some(Ok(part)) if part.as_ref().is_empty() => {}
            Some(Ok(part)) => {
                count += part.as_ref().len();
                parts.push(part);
            }
            Some(Err(error)) => return (Err(error), stream),
            None => break,
        }
    }
    (Ok(parts), stream)
}

/// Zeros to read into, where they stay: the handle that callers share.
fn allocate(size_bytes: u64) -> Result<Arc<[u8]>, StoreError> {
    let refused = || StoreError::Memory { size_bytes };
    let size = usize::try_from(size_bytes).map_err(|_| refused())?;
    // A failed allocation of the handle would end the process, so ask first.
    Vec::<u8>::new()
        .try_reserve_exact(size)
        .map_err(|_| refused())?;
    Ok(std::iter::repeat_n(0, size).collect())
}
