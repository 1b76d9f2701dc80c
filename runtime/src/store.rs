//! The model store: where a node finds the bytes behind a `model_address`.
//!
//! A store is a folder, the memory of this process, an S3-compatible bucket or a plain HTTP server. It holds two
//! objects for each model, named by its blob root:
//!
//! | object | content |
//! |---|---|
//! | `<root>.onnx` | the model, byte for byte |
//! | `<root>.json` | its [`Manifest`] |
//!
//! # Invariants
//! * Nothing is trusted: the root of what was read is computed again each time, and other bytes are an error.
//! * `<root>.onnx` appears whole or not at all. Long models are uploaded under `staging/` first, as their root is only
//!   known at the end.
//! * A manifest is a note for people, written after the bytes. No result depends on it.
//!
//! Whether a model exists is no question for a store: the chain's registry decides it. A store that lacks a registered
//! model is an error of this host.
//!
//! # Data flow
//! The caller's thread reads, hashes and copies. Requests to the backend run on one private thread with an
//! asynchronous runtime of its own, so a store works on any thread, those of another runtime included.
//!
//! ```
//! use enshrine_primitives::blob_root;
//! use enshrine_runtime::store::{Manifest, ModelStore};
//!
//! let store = ModelStore::open("memory:")?;
//! let root = store.put(&b"not really a model"[..], Manifest::named("example"))?;
//! assert_eq!(Ok(root), blob_root(b"not really a model"));
//! assert_eq!(store.get(root)?.as_deref(), Some(&b"not really a model"[..]));
//! assert_eq!(store.manifest(root)?.unwrap().length, 18);
//! # Ok::<(), enshrine_runtime::store::StoreError>(())
//! ```

use std::{fmt, io::Read, sync::Arc};

use enshrine_primitives::{BlobHasher, BlobRoot, MAX_BLOB_BYTES};
use object_store::{ObjectStore, ObjectStoreExt, path::Path};

use crate::Model;

mod backend;
mod download;
mod error;
mod manifest;
mod upload;
mod worker;

#[cfg(test)]
mod tests;

pub use error::StoreError;
pub use manifest::{Manifest, ManifestTensor};

use backend::Backend;
use worker::Worker;

/// Most bytes of a model: those of a blob.
pub const MAX_MODEL_BYTES: u64 = MAX_BLOB_BYTES;

/// Most bytes of a manifest.
pub const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// Extension of a model.
const MODEL_EXTENSION: &str = "onnx";

/// Extension of a manifest.
const MANIFEST_EXTENSION: &str = "json";

/// A content-addressed store of models. Cloning gives another handle to the same store.
///
/// The thread behind it stops when the last handle is dropped.
#[derive(Clone)]
pub struct ModelStore(Arc<Inner>);

struct Inner {
    backend: Backend,
    worker: Worker,
}

/// A model in a store's listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoredModel {
    /// Its address.
    pub root: BlobRoot,
    /// Length of the stored bytes, which were not looked at.
    pub size_bytes: u64,
}

/// What [`ModelStore::verify_all`] found out about a model.
#[derive(Debug)]
pub struct Verification {
    /// Its address.
    pub root: BlobRoot,
    /// Length of its bytes if they are right.
    pub size_bytes: Result<u64, StoreError>,
}

impl ModelStore {
    /// Opens a store.
    ///
    /// | location | store |
    /// |---|---|
    /// | a path, or `file:///path` | a folder, made if there is none |
    /// | `memory:` | empty, gone with its last handle |
    /// | `s3://bucket/prefix` | S3-compatible; the `AWS_...` variables of the environment give credentials, region and endpoint |
    /// | `http://host/prefix`, `https://...` | read only; listing needs a WebDAV server |
    ///
    /// Nothing is requested from a remote store yet.
    ///
    /// # Errors
    /// [`StoreError::Location`] for anything else, [`StoreError::Unavailable`] if the folder cannot be made,
    /// [`StoreError::Thread`] if the host gives no thread.
    pub fn open(location: &str) -> Result<Self, StoreError> {
        let variables = std::env::vars_os().filter_map(|(key, value)| {
            let (key, value) = (key.into_string().ok()?, value.into_string().ok()?);
            key.starts_with("AWS_").then_some((key, value))
        });
        Self::open_with_options(location, variables)
    }

    /// Opens a store with options of an S3-compatible backend instead of the environment's.
    ///
    /// The keys are those of `object_store`: `aws_endpoint`, `aws_access_key_id`, `aws_secret_access_key`,
    /// `aws_region`, `aws_allow_http` and so on. Unknown ones are skipped.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with_options(
        location: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, StoreError> {
        let backend = Backend::open(location, options)?;
        let worker = Worker::start()?;
        Ok(Self(Arc::new(Inner { backend, worker })))
    }

    /// Where the store is, for messages.
    pub fn location(&self) -> &str {
        &self.0.backend.name
    }

    /// Stores a model and its manifest, and returns its address. Sets the manifest's `length`, and `added` unless the
    /// model was there before.
    ///
    /// A model that is there already is written again, which mends corrupted bytes. If its bytes cannot be stored, the
    /// store is as before; if only the manifest cannot, the model is there without a new one.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`], [`StoreError::Source`] if `source` fails, [`StoreError::ModelTooLarge`],
    /// [`StoreError::ManifestTooLarge`], [`StoreError::Full`], [`StoreError::Unavailable`].
    pub fn put(&self, source: impl Read, manifest: Manifest) -> Result<BlobRoot, StoreError> {
        if self.0.backend.read_only {
            return Err(StoreError::ReadOnly {
                location: self.location().to_owned(),
            });
        }
        manifest.check_size()?;
        let (root, length) = self.put_model(source)?;
        self.put_manifest(root, Manifest { length, ..manifest })?;
        Ok(root)
    }

    /// The bytes of a model; `None` if the store lacks it.
    ///
    /// # Errors
    /// [`StoreError::Corrupted`] if the stored bytes are not that model, [`StoreError::Memory`] if the host cannot hold
    /// them, [`StoreError::Unavailable`], [`StoreError::ModelTooLarge`].
    pub fn get(&self, root: BlobRoot) -> Result<Option<Arc<[u8]>>, StoreError> {
        let key = self.0.backend.key(root, MODEL_EXTENSION);
        let Some(object) = self.fetch(&key)? else {
            return Ok(None);
        };
        object.check_size(MAX_MODEL_BYTES, model_too_large)?;
        let mut hasher = BlobHasher::new();
        let bytes = self.read(object, |part| Ok(hasher.update(part)?))?;
        self.check_root(&key, root, hasher.finish())?;
        Ok(Some(bytes))
    }

    /// As [`Self::get`], ready to run: the root that reading has checked is not computed again.
    ///
    /// # Errors
    /// Those of [`Self::get`].
    pub fn model(&self, root: BlobRoot) -> Result<Option<Model>, StoreError> {
        let bytes = self.get(root)?;
        Ok(bytes.map(|bytes| Model::with_checked_root(bytes, root)))
    }

    /// Whether the store has an object for a model. Its bytes are not looked at.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub fn contains(&self, root: BlobRoot) -> Result<bool, StoreError> {
        let key = self.0.backend.key(root, MODEL_EXTENSION);
        Ok(self.fetch(&key)?.is_some())
    }

    /// The manifest of a model; `None` if it has none.
    ///
    /// # Errors
    /// [`StoreError::Manifest`] if it is no manifest, [`StoreError::Unavailable`].
    pub fn manifest(&self, root: BlobRoot) -> Result<Option<Manifest>, StoreError> {
        let key = self.0.backend.key(root, MANIFEST_EXTENSION);
        let Some(object) = self.fetch(&key)? else {
            return Ok(None);
        };
        object.check_size(MAX_MANIFEST_BYTES, manifest_too_large)?;
        let bytes = self.read(object, |_| Ok(()))?;
        let unreadable = |error: serde_json::Error| StoreError::Manifest {
            location: self.0.backend.describe(&key),
            reason: error.to_string(),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(unreadable)
    }

    /// All models, sorted by root. Other objects are left out.
    ///
    /// # Errors
    /// [`StoreError::NotListable`] for an HTTP server without WebDAV, [`StoreError::Unavailable`].
    pub fn list(&self) -> Result<Vec<StoredModel>, StoreError> {
        let (objects, base) = (self.objects(), self.0.backend.base.clone());
        let listing = self
            .0
            .worker
            .run(async move { objects.list_with_delimiter(Some(&base)).await })?;
        let listing = listing.map_err(|error| self.listing_error(error))?;
        let mut models: Vec<_> = listing
            .objects
            .iter()
            .filter_map(|meta| {
                let root = model_root(&meta.location)?;
                Some(StoredModel {
                    root,
                    size_bytes: meta.size,
                })
            })
            .collect();
        models.sort_unstable();
        Ok(models)
    }

    /// Reads a stored model and returns its length, if its bytes are right.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Corrupted`], [`StoreError::Unavailable`], [`StoreError::ModelTooLarge`].
    pub fn verify(&self, root: BlobRoot) -> Result<u64, StoreError> {
        let key = self.0.backend.key(root, MODEL_EXTENSION);
        let missing = || StoreError::Missing {
            root,
            location: self.location().to_owned(),
        };
        let object = self.fetch(&key)?.ok_or_else(missing)?;
        object.check_size(MAX_MODEL_BYTES, model_too_large)?;
        let mut hasher = BlobHasher::new();
        self.stream(object, |part| Ok(hasher.update(part)?))?;
        let length = hasher.size_bytes();
        self.check_root(&key, root, hasher.finish())?;
        Ok(length)
    }

    /// Verifies each model of the store, in the order of [`list`](Self::list).
    ///
    /// # Errors
    /// Those of the listing; those of a model are in its place.
    pub fn verify_all(&self) -> Result<Vec<Verification>, StoreError> {
        let verify = |model: &StoredModel| Verification {
            root: model.root,
            size_bytes: self.verify(model.root),
        };
        Ok(self.list()?.iter().map(verify).collect())
    }

    fn objects(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.0.backend.objects)
    }

    fn check_root(&self, key: &Path, expected: BlobRoot, got: BlobRoot) -> Result<(), StoreError> {
        if expected != got {
            let location = self.0.backend.describe(key);
            return Err(StoreError::Corrupted {
                expected,
                got,
                location,
            });
        }
        Ok(())
    }

    fn put_manifest(&self, root: BlobRoot, manifest: Manifest) -> Result<(), StoreError> {
        // One that cannot be read is as good as none: it is about to be replaced.
        let stored = self.manifest(root).ok().flatten();
        let added = stored.as_ref().and_then(|stored| stored.added.clone());
        let manifest = Manifest {
            added: added.or_else(|| Some(manifest::now())),
            ..manifest
        };
        if stored.as_ref() == Some(&manifest) {
            return Ok(());
        }
        let key = self.0.backend.key(root, MANIFEST_EXTENSION);
        let (objects, target) = (self.objects(), key.clone());
        let json = manifest.to_json();
        let put = self
            .0
            .worker
            .run(async move { objects.put(&target, json.into()).await })?;
        put.map(drop)
            .map_err(|error| self.error("write", &key, error))
    }

    fn error(&self, operation: &'static str, key: &Path, error: object_store::Error) -> StoreError {
        StoreError::from_backend(operation, self.0.backend.describe(key), error)
    }

    fn listing_error(&self, error: object_store::Error) -> StoreError {
        let location = self.location().to_owned();
        if self.0.backend.read_only {
            return StoreError::NotListable {
                location,
                source: Box::new(error),
            };
        }
        StoreError::from_backend("list", location, error)
    }
}

impl fmt::Debug for ModelStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ModelStore").field(&self.location()).finish()
    }
}

fn model_too_large(expected: u64, got: u64) -> StoreError {
    StoreError::ModelTooLarge { expected, got }
}

fn manifest_too_large(expected: u64, got: u64) -> StoreError {
    StoreError::ManifestTooLarge { expected, got }
}

/// The root in the name of a model's object. Other spellings of a root are other objects.
fn model_root(key: &Path) -> Option<BlobRoot> {
    let stem = key
        .filename()?
        .strip_suffix(MODEL_EXTENSION)?
        .strip_suffix('.')?;
    let root: BlobRoot = stem.parse().ok()?;
    (root.to_string() == stem).then_some(root)
}
