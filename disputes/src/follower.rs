//! Reads what the contracts say, across restarts and re-orgs.

use std::{
    collections::VecDeque,
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256, Bytes};
use enshrine_l1::{Block, Log};
use serde::{Deserialize, Serialize};

use crate::{contracts::Contracts, error::DisputeError, files, ledger::Ledger};

/// Blocks of one request for logs.
const RANGE: u64 = 5_000;

/// Heads that are remembered, to find where a re-org began.
const KEPT_HEADS: usize = 256;

/// A log in the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    address: Address,
    topics: Vec<B256>,
    data: Bytes,
}

/// How far the chain was read.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Heads(VecDeque<(u64, B256)>);

/// Reads what the contracts say.
#[derive(Debug)]
pub(crate) struct Follower {
    contracts: Contracts,
    /// First block that can have logs.
    first: u64,
    ledger: Ledger,
    heads: Heads,
    log_file: File,
    heads_path: PathBuf,
}

impl Follower {
    /// Goes on with what is in a folder.
    ///
    /// # Errors
    /// [`DisputeError::Disk`] if the folder cannot be used.
    pub(crate) fn open(
        contracts: Contracts,
        first: u64,
        folder: &Path,
    ) -> Result<Self, DisputeError> {
        let (log_path, heads_path) = (folder.join("logs.jsonl"), folder.join("heads.json"));
        let mut ledger = Ledger::default();
        let whole = read_lines(&log_path, |log| {
            if let Some(event) = contracts.event(&log) {
                ledger.apply(event);
            }
        })?;
        let log_file = append_from(&log_path, whole)?;
        let heads = files::read_json(&heads_path)?.unwrap_or_default();
        Ok(Self {
            contracts,
            first,
            ledger,
            heads,
            log_file,
            heads_path,
        })
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Reads up to the newest block, which it returns.
    ///
    /// # Errors
    /// [`DisputeError`] if the chain cannot be asked, or the disk not be written.
    pub(crate) fn sync(&mut self) -> Result<Block, DisputeError> {
        let head = self.contracts.chain().head()?;
        self.forget_lost_heads()?;
        let mut from = match self.heads.0.back() {
            Some((number, _)) => number + 1,
            None => self.first,
        };
        while from <= head.number {
            let to = head.number.min(from + RANGE - 1);
            let logs = self.contracts.logs(from, to)?;
            self.add(&logs)?;
            from = to + 1;
        }
        if self.heads.0.back() != Some(&(head.number, head.hash)) {
            self.heads.0.push_back((head.number, head.hash));
            if self.heads.0.len() > KEPT_HEADS {
                self.heads.0.pop_front();
            }
            files::write_json(&self.heads_path, &self.heads)?;
        }
        Ok(head)
    }

    /// Drops heads that are not part of the chain any more. Logs of lost blocks do no harm.
    fn forget_lost_heads(&mut self) -> Result<(), DisputeError> {
        while let Some((number, hash)) = self.heads.0.back().copied() {
            let block = self.contracts.chain().block(number)?;
            if block.is_some_and(|block| block.hash == hash) {
                break;
            }
            tracing::warn!(number, %hash, "a block was taken back");
            self.heads.0.pop_back();
        }
        Ok(())
    }

    fn add(&mut self, logs: &[Log]) -> Result<(), DisputeError> {
        let mut lines = Vec::new();
        for log in logs {
            let Some(event) = self.contracts.event(log) else {
                continue;
            };
            self.ledger.apply(event);
            let line = Line {
                address: log.address,
                topics: log.topics.clone(),
                data: log.data.clone(),
            };
            let line = serde_json::to_string(&line).expect("a line has no map");
            lines.extend(line.into_bytes());
            lines.push(b'\n');
        }
        let written = self.log_file.write_all(&lines);
        let synced = written.and_then(|()| self.log_file.sync_data());
        synced.map_err(|error| DisputeError::disk("logs.jsonl", error))
    }
}

/// Reads all whole lines; how many bytes they have. A process that was killed may have left half a line behind them.
fn read_lines(path: &Path, mut each: impl FnMut(Log)) -> Result<u64, DisputeError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(DisputeError::disk(path, error)),
    };
    let (mut reader, mut whole, mut text) = (BufReader::new(file), 0, String::new());
    loop {
        text.clear();
        let read = reader.read_line(&mut text);
        let bytes = read.map_err(|error| DisputeError::disk(path, error))?;
        let Some(line) = text.strip_suffix('\n') else {
            return Ok(whole);
        };
        let line: Line =
            serde_json::from_str(line).map_err(|error| DisputeError::damaged(path, &error))?;
        whole += bytes as u64;
        each(Log {
            address: line.address,
            topics: line.topics,
            data: line.data,
            block_number: 0,
            block_hash: B256::ZERO,
            transaction: B256::ZERO,
            index: 0,
        });
    }
}

/// Opens a file to append behind its first bytes.
fn append_from(path: &Path, whole: u64) -> Result<File, DisputeError> {
    let open = || {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        file.set_len(whole)?;
        Ok(file)
    };
    open().map_err(|error| DisputeError::disk(path, error))
}
