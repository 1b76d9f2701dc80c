//! The disk cache: compiled code and prepared images, keyed and checked by hash.
//!
//! An entry is one file, written under a temporary name and renamed, so that it is whole or absent whatever happens to
//! the processes that share the folder. Its hash is checked at each read; a damaged entry is deleted and made again.
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 16 | `enshrine cache 1` |
//! | 16 | 32 | SHA-256 of the payload |
//! | 48 | - | payload |

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};

const MAGIC: &[u8; 16] = b"enshrine cache 1";
const BUFFER: usize = 1 << 20;

/// Extension of an entry that is being written.
const TEMPORARY: &str = "tmp";

/// What a process that died while it wrote left behind goes after this time: no entry takes as long.
const STALE_AFTER: Duration = Duration::from_secs(24 * 3600);

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    Code,
    Image,
    Interface,
    Program,
}

impl EntryKind {
    const fn extension(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Image => "image",
            Self::Interface => "interface",
            Self::Program => "program",
        }
    }
}

/// Name of an entry: a hash of all that decides its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CacheKey([u8; 32]);

impl CacheKey {
    /// A key of length-prefixed `parts`.
    pub(crate) fn new(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
}

/// A folder of entries, or none.
#[derive(Debug)]
pub(crate) struct DiskCache {
    folder: Option<PathBuf>,
    limit: u64,
    problem: Mutex<Option<String>>,
}

impl DiskCache {
    /// A cache in `folder` that holds `limit` bytes of images at most.
    pub(crate) fn new(folder: Option<PathBuf>, limit: u64) -> Self {
        Self {
            folder,
            limit,
            problem: Mutex::new(None),
        }
    }

    /// The last problem with the folder. The cache goes on without the entry that met it.
    pub(crate) fn take_problem(&self) -> Option<String> {
        self.problem
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    fn report(&self, path: &Path, error: &io::Error) {
        let message = format!("{}: {error}", path.display());
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(message);
    }

    fn path(&self, kind: EntryKind, key: CacheKey) -> Option<PathBuf> {
        let name: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        Some(
            self.folder
                .as_ref()?
                .join(format!("{name}.{}", kind.extension())),
        )
    }

    /// Streams the entry's payload to `sink`. False if there is none, or none that is whole; then `sink` is void.
    pub(crate) fn read(&self, kind: EntryKind, key: CacheKey, sink: &mut dyn Write) -> bool {
        let Some(path) = self.path(kind, key) else {
            return false;
        };
        match read_entry(&path, sink) {
            Ok(true) => true,
            Ok(false) => {
                let _ = fs::remove_file(&path);
                false
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    self.report(&path, &error);
                }
                false
            }
        }
    }

    /// Writes an entry. A failure is reported, not returned: the cache only saves time.
    pub(crate) fn write(
        &self,
        kind: EntryKind,
        key: CacheKey,
        payload: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) {
        let Some(path) = self.path(kind, key) else {
            return;
        };
        if let Err(error) = write_entry(&path, payload) {
            self.report(&path, &error);
        }
        if kind == EntryKind::Image {
            self.evict(&path);
        }
    }

    /// Deletes the oldest images until the rest fits, but never `kept`, and what dead processes left.
    fn evict(&self, kept: &Path) {
        let Some(folder) = &self.folder else { return };
        for (modified, _, path) in files(folder, TEMPORARY) {
            // A time in the future is that of a file in use, or of a wrong clock: leave it.
            let age = SystemTime::now().duration_since(modified);
            if age.is_ok_and(|age| age > STALE_AFTER) {
                let _ = fs::remove_file(path);
            }
        }
        let mut images = files(folder, EntryKind::Image.extension());
        images.sort();
        let mut total: u64 = images.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in images {
            if total <= self.limit {
                break;
            }
            if path != kept && fs::remove_file(&path).is_ok() {
                total -= size;
            }
        }
    }
}

/// Time, size and path of each file with this extension.
fn files(folder: &Path, extension: &str) -> Vec<(SystemTime, u64, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.path().extension().and_then(|e| e.to_str()) == Some(extension))
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            Some((metadata.modified().ok()?, metadata.len(), entry.path()))
        })
        .collect()
}

fn read_entry(path: &Path, sink: &mut dyn Write) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut header = [0; 48];
    if file.read_exact(&mut header).is_err() || header[..16] != *MAGIC {
        return Ok(false);
    }
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        sink.write_all(&buffer[..read])?;
    }
    Ok(hasher.finalize()[..] == header[16..])
}

struct HashingWriter {
    file: io::BufWriter<File>,
    hasher: Sha256,
}

impl Write for HashingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn write_entry(
    path: &Path,
    payload: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    create_private(folder)?;
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let temporary = path.with_extension(format!("{}-{number}.{TEMPORARY}", std::process::id()));
    let written = write_temporary(&temporary, payload).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_temporary(
    temporary: &Path,
    payload: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = File::create_new(temporary)?;
    file.write_all(MAGIC)?;
    file.write_all(&[0; 32])?;
    let file = io::BufWriter::with_capacity(BUFFER, file);
    let mut writer = HashingWriter {
        file,
        hasher: Sha256::new(),
    };
    payload(&mut writer)?;
    let hash = writer.hasher.finalize();
    let mut file = writer
        .file
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(16))?;
    file.write_all(&hash)?;
    file.sync_data()
}

/// Only the owner may write entries: compiled code in them is executed.
fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
