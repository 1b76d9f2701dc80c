//! From a location to a backend.

use std::{
    fs, io,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use enshrine_primitives::BlobRoot;
use object_store::{
    ClientConfigKey, ClientOptions, ObjectStore, ObjectStoreScheme, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    http::HttpBuilder,
    local::LocalFileSystem,
    memory::InMemory,
    path::Path,
};
use url::Url;

use super::StoreError;

/// Folder of uploads under way.
pub(super) const STAGING: &str = "staging";

/// What a process that died left behind goes after this time: no upload takes as long.
const STALE_AFTER: Duration = Duration::from_secs(7 * 24 * 3600);

/// Retries of a request that a remote store does not answer.
const MAX_RETRIES: usize = 3;

/// Time from a request's start after which it is not retried.
const RETRY_TIMEOUT: Duration = Duration::from_secs(30);

/// Time to connect.
const CONNECT_TIMEOUT: &str = "10 seconds";

/// Time without a byte after which a download has failed.
const READ_TIMEOUT: &str = "30 seconds";

/// Time for a whole request. Gigabytes over a slow line take long, and a stalled one is caught above.
const REQUEST_TIMEOUT: &str = "12 hours";

/// Where objects are.
pub(super) struct Backend {
    pub(super) objects: Arc<dyn ObjectStore>,
    /// Prefix of all keys.
    pub(super) base: Path,
    pub(super) read_only: bool,
    /// For messages.
    pub(super) name: String,
}

impl Backend {
    pub(super) fn open(
        location: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, StoreError> {
        let invalid = |reason: String| StoreError::Location {
            location: location.to_owned(),
            reason,
        };
        if location == "memory:" {
            return Ok(Self::memory());
        }
        if !location.contains("://") {
            return Self::folder(FilePath::new(location));
        }
        let url = Url::parse(location).map_err(|error| invalid(error.to_string()))?;
        let (scheme, base) =
            ObjectStoreScheme::parse(&url).map_err(|error| invalid(error.to_string()))?;
        match scheme {
            ObjectStoreScheme::Memory => Ok(Self::memory()),
            ObjectStoreScheme::Local => {
                let folder = url.to_file_path();
                Self::folder(&folder.map_err(|()| invalid("it names no local path".to_owned()))?)
            }
            ObjectStoreScheme::AmazonS3 => {
                Self::s3(&url, base, options).map_err(|error| invalid(error.to_string()))
            }
            ObjectStoreScheme::Http => {
                Self::http(&url, base).map_err(|error| invalid(error.to_string()))
            }
            other => Err(invalid(format!("{other:?} is not supported"))),
        }
    }

    /// Key of a model's object.
    pub(super) fn key(&self, root: BlobRoot, extension: &str) -> Path {
        self.base.clone().join(format!("{root}.{extension}"))
    }

    /// A key as a user knows it.
    pub(super) fn describe(&self, key: &Path) -> String {
        let relative = key.prefix_match(&self.base).map(|parts| {
            parts
                .map(|part| part.as_ref().to_owned())
                .collect::<Vec<_>>()
                .join("/")
        });
        let name = self.name.trim_end_matches('/');
        format!("{name}/{}", relative.unwrap_or_else(|| key.to_string()))
    }

    fn memory() -> Self {
        Self {
            objects: Arc::new(InMemory::new()),
            base: Path::default(),
            read_only: false,
            name: "memory:".to_owned(),
        }
    }

    fn folder(folder: &FilePath) -> Result<Self, StoreError> {
        let name = folder.display().to_string();
        let unavailable = |source| StoreError::Unavailable {
            operation: "open the folder",
            location: name.clone(),
            source,
        };
        fs::create_dir_all(folder).map_err(|error| unavailable(error.into()))?;
        sweep(folder).map_err(|error| unavailable(error.into()))?;
        let objects = LocalFileSystem::new_with_prefix(folder)
            .map_err(|error| unavailable(error.into()))?
            .with_fsync(true);
        Ok(Self {
            objects: Arc::new(objects),
            base: Path::default(),
            read_only: false,
            name,
        })
    }

    fn s3(
        url: &Url,
        base: Path,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, object_store::Error> {
        let client = |key| AmazonS3ConfigKey::Client(key);
        let mut builder = AmazonS3Builder::new()
            .with_url(url.as_str())
            .with_retry(retry())
            .with_config(client(ClientConfigKey::ConnectTimeout), CONNECT_TIMEOUT)
            .with_config(client(ClientConfigKey::ReadTimeout), READ_TIMEOUT)
            .with_config(client(ClientConfigKey::Timeout), REQUEST_TIMEOUT);
        for (key, value) in options {
            if let Ok(key) = key.to_ascii_lowercase().parse() {
                builder = builder.with_config(key, value);
            }
        }
        use_ring();
        let objects = Arc::new(builder.build()?);
        Ok(Self {
            objects,
            base,
            read_only: false,
            name: url.to_string(),
        })
    }

    fn http(url: &Url, base: Path) -> Result<Self, object_store::Error> {
        let options = ClientOptions::new()
            .with_allow_http(true)
            .with_config(ClientConfigKey::ConnectTimeout, CONNECT_TIMEOUT)
            .with_config(ClientConfigKey::ReadTimeout, READ_TIMEOUT)
            .with_config(ClientConfigKey::Timeout, REQUEST_TIMEOUT);
        use_ring();
        let builder = HttpBuilder::new()
            .with_url(&url[..url::Position::BeforePath])
            .with_client_options(options)
            .with_retry(retry());
        Ok(Self {
            objects: Arc::new(builder.build()?),
            base,
            read_only: true,
            name: url.to_string(),
        })
    }
}

fn retry() -> RetryConfig {
    RetryConfig {
        max_retries: MAX_RETRIES,
        retry_timeout: RETRY_TIMEOUT,
        ..RetryConfig::default()
    }
}

/// Makes ring the cryptography of TLS, unless the process chose another already.
fn use_ring() {
    // The error is that choice.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Deletes what uploads of dead processes left in a folder. Another process may sweep at the same time.
fn sweep(folder: &FilePath) -> io::Result<()> {
    for stale in
        stale_files(folder, is_partial)?.chain(stale_files(&folder.join(STAGING), |_| true)?)
    {
        match fs::remove_file(&stale) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => {}
            result => result?,
        }
    }
    Ok(())
}

/// Whether the backend writes a file of this name before it moves it to its place: `<key>#<number>`.
fn is_partial(name: &str) -> bool {
    let number = name.rsplit_once('#').map(|(_, number)| number);
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn stale_files(
    folder: &FilePath,
    wanted: fn(&str) -> bool,
) -> io::Result<impl Iterator<Item = PathBuf> + use<>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        entries => Some(entries?),
    };
    let now = SystemTime::now();
    Ok(entries.into_iter().flatten().filter_map(move |entry| {
        let entry = entry.ok()?;
        let metadata = entry.metadata().ok()?;
        // A time in the future is that of a file in use, or of a wrong clock: leave it.
        let age = now.duration_since(metadata.modified().ok()?).ok()?;
        let stale = metadata.is_file() && age > STALE_AFTER && wanted(entry.file_name().to_str()?);
        stale.then(|| entry.path())
    }))
}
