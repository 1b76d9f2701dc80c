//! What has been signed and is not settled, on disk.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use alloy_consensus::{Signed, TxEip1559};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, B256, Bytes};
use enshrine_l1::Call;
use serde::{Deserialize, Serialize};

use super::WalletError;

/// The file that is locked while a wallet uses the folder.
const LOCK: &str = "lock";

/// Ends the names of entries.
const ENTRY: &str = "json";

/// Ends the names of files that are being written.
const UNFINISHED: &str = "tmp";

/// Layout of the files.
const VERSION: u32 = 1;

/// A transaction as it has been signed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Version {
    pub(crate) hash: B256,
    /// Wei for a unit of gas at most.
    pub(crate) max_fee: u128,
    /// Wei for a unit of gas above the base fee at most.
    pub(crate) tip: u128,
    /// Number of the newest block when it was signed.
    pub(crate) block: u64,
    /// Timestamp of that block.
    pub(crate) timestamp: u64,
}

/// A transaction that is to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The intent; none for a transaction that only fills a gap between nonces.
    pub(crate) key: Option<String>,
    pub(crate) nonce: u64,
    pub(crate) call: Call,
    pub(crate) gas_limit: u64,
    /// How it has been signed, oldest first; never empty. Each may be mined.
    pub(crate) versions: Vec<Version>,
    /// The newest version, as it is handed to nodes.
    pub(crate) raw: Bytes,
}

/// An [`Entry`] as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryFile {
    version: u32,
    key: Option<String>,
    versions: Vec<Version>,
    /// Nonce, call and gas limit are read from here.
    raw: Bytes,
}

/// A folder with a file for each entry, by nonce.
///
/// A file is written beside its place and then moved there, so it is there as a whole or not at all.
#[derive(Debug)]
pub(crate) struct Outbox {
    folder: PathBuf,
    chain: u64,
    account: Address,
    /// Locked as long as this lives.
    lock: File,
}

impl Entry {
    /// The newest version.
    pub(crate) fn newest(&self) -> &Version {
        self.versions.last().expect("an entry has been signed")
    }

    /// How logs name it.
    pub(crate) fn name(&self) -> &str {
        self.key.as_deref().unwrap_or("(fills a gap)")
    }
}

impl Outbox {
    /// Makes the folder if there is none, locks it and reads what is in it.
    pub(crate) fn open(
        folder: &Path,
        chain: u64,
        account: Address,
    ) -> Result<(Self, BTreeMap<u64, Entry>), WalletError> {
        let io = |source| WalletError::io(folder, source);
        fs::create_dir_all(folder).map_err(io)?;
        let lock = lock(folder)?;
        let outbox = Self {
            folder: folder.to_owned(),
            chain,
            account,
            lock,
        };
        let mut entries = BTreeMap::new();
        for item in fs::read_dir(folder).map_err(io)? {
            let path = item.map_err(io)?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                // A process has ended while it wrote: nothing of this has been sent.
                Some(UNFINISHED) => {
                    fs::remove_file(&path).map_err(|source| WalletError::io(&path, source))?;
                }
                Some(ENTRY) => {
                    let entry = outbox.read(&path)?;
                    entries.insert(entry.nonce, entry);
                }
                _ => {}
            }
        }
        Ok((outbox, entries))
    }

    /// Writes an entry in the place of any other with its nonce. When this returns it is on the disk.
    pub(crate) fn write(&self, entry: &Entry) -> Result<(), WalletError> {
        let path = self.path(entry.nonce);
        let unfinished = path.with_extension(UNFINISHED);
        let file = EntryFile {
            version: VERSION,
            key: entry.key.clone(),
            versions: entry.versions.clone(),
            raw: entry.raw.clone(),
        };
        let json = serde_json::to_vec(&file).expect("an entry has no maps and no floats");
        write_synced(&unfinished, &json)
            .and_then(|()| fs::rename(&unfinished, &path))
            .and_then(|()| self.sync())
            .map_err(|source| WalletError::io(&path, source))
    }

    /// Forgets the entry with a nonce.
    pub(crate) fn remove(&self, nonce: u64) -> Result<(), WalletError> {
        let path = self.path(nonce);
        let removed = match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        };
        removed
            .and_then(|()| self.sync())
            .map_err(|source| WalletError::io(&path, source))
    }

    fn path(&self, nonce: u64) -> PathBuf {
        self.folder.join(format!("{nonce:020}.{ENTRY}"))
    }

    /// A file's name is on the disk when its folder is.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }

    fn read(&self, path: &Path) -> Result<Entry, WalletError> {
        let damaged = |reason: String| WalletError::Damaged {
            path: path.to_owned(),
            reason,
        };
        let json = fs::read(path).map_err(|source| WalletError::io(path, source))?;
        let file: EntryFile =
            serde_json::from_slice(&json).map_err(|error| damaged(error.to_string()))?;
        let signed = Signed::<TxEip1559>::decode_2718_exact(&file.raw)
            .map_err(|error| damaged(format!("it holds no transaction: {error}")))?;
        let signer = signed
            .recover_signer()
            .map_err(|_| damaged("its transaction has no signature".to_owned()))?;
        let transaction = signed.tx();
        if (transaction.chain_id, signer) != (self.chain, self.account) {
            return Err(WalletError::Other {
                path: path.to_owned(),
                expected: (self.chain, self.account),
                got: (transaction.chain_id, signer),
            });
        }
        let newest = file.versions.last().map(|version| version.hash);
        let right = file.version == VERSION
            && path == self.path(transaction.nonce)
            && newest == Some(*signed.hash());
        if !right {
            return Err(damaged("its parts do not fit together".to_owned()));
        }
        Ok(Entry {
            key: file.key,
            nonce: transaction.nonce,
            call: Call {
                to: transaction.to.to().copied(),
                data: transaction.input.clone(),
                value: transaction.value,
            },
            gas_limit: transaction.gas_limit,
            versions: file.versions,
            raw: file.raw,
        })
    }
}

impl Drop for Outbox {
    /// To close the file is not enough: a process that is being started elsewhere has it open for a moment.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}

fn lock(folder: &Path) -> Result<File, WalletError> {
    let path = folder.join(LOCK);
    let io = |source| WalletError::io(&path, source);
    let mut options = File::options();
    let file = options.create(true).truncate(false).write(true);
    let file = file.open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(WalletError::Locked {
            folder: folder.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
