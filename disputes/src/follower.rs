//! Reads what the contracts say, across restarts and re-orgs.

mod lines;

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
};

use alloy_primitives::B256;
use enshrine_l1::{Block, Log};
use serde::{Deserialize, Serialize};

use crate::{contracts::Contracts, error::DisputeError, files, ledger::Ledger};
use lines::Lines;

/// Blocks of one request for logs.
const RANGE: u64 = 5_000;

/// Heads that are remembered, to find where a re-org began.
const KEPT_HEADS: usize = 256;

/// Blocks that are read once more each time. Behind one address there may be several nodes: one knows the newest block, and
/// another, which is asked for its logs, does not yet and says that there are none. What that one keeps back for longer is read
/// only if a player misses it ([`Follower::doubt`]): his own answers, his games and their moves. Nobody misses what others ask
/// and answer.
const OVERLAP: u64 = 16;

/// How much further one looks back each time that something is still missing.
const FURTHER: u64 = 8;

/// How far the chain was read.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Heads {
    /// Bytes of the log file by then. If it has fewer, it has lost something.
    log_bytes: u64,
    /// Number and hash, the newest last.
    blocks: VecDeque<(u64, B256)>,
}

/// Reads what the contracts say.
#[derive(Debug)]
pub(crate) struct Follower {
    contracts: Contracts,
    /// First block that can have logs.
    first: u64,
    ledger: Ledger,
    heads: Heads,
    /// Blocks before the newest known head that are read again.
    look_back: u64,
    /// Whether a contract has named something since the last reading that is not in the ledger.
    has_doubt: bool,
    lines: Lines,
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
        let heads_path = folder.join("heads.json");
        let mut ledger = Ledger::default();
        let lines = Lines::open(&folder.join("logs.jsonl"), |log| {
            if let Some(event) = contracts.event(&log) {
                ledger.apply(event);
            }
        })?;
        let heads = read_heads(&heads_path, lines.bytes());
        Ok(Self {
            contracts,
            first,
            ledger,
            heads,
            look_back: OVERLAP,
            has_doubt: false,
            lines,
            heads_path,
        })
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Says that a contract names something that is not in the ledger. The next reading goes further back, and the one after
    /// it further still, down to the first block, as long as something is missing.
    pub(crate) fn doubt(&mut self) {
        self.has_doubt = true;
    }

    /// Reads up to the newest block, which it returns.
    ///
    /// # Errors
    /// [`DisputeError`] if the chain cannot be asked, or the disk not be written.
    pub(crate) fn sync(&mut self) -> Result<Block, DisputeError> {
        let head = self.contracts.chain().head()?;
        self.forget_lost_heads()?;
        let mut from = self.first_to_read();
        while from <= head.number {
            let to = head.number.min(from + RANGE - 1);
            let logs = self.contracts.logs(from, to)?;
            self.add(&logs)?;
            from = to + 1;
        }
        self.has_doubt = false;
        self.remember(&head)?;
        Ok(head)
    }

    /// The first block that is read now. Once one has looked back to the very beginning, it begins anew with the nearest blocks.
    fn first_to_read(&mut self) -> u64 {
        let next = self.heads.blocks.back().map_or(0, |(number, _)| number + 1);
        let seen_all = next.saturating_sub(self.look_back) <= self.first;
        self.look_back = match self.has_doubt && !seen_all {
            true => self.look_back.saturating_mul(FURTHER),
            false => OVERLAP,
        };
        if self.has_doubt {
            let blocks = self.look_back;
            tracing::warn!(
                blocks,
                "something is missing: earlier blocks are read again"
            );
        }
        next.saturating_sub(self.look_back).max(self.first)
    }

    /// Drops heads that are not part of the chain any more. Logs of lost blocks do no harm.
    fn forget_lost_heads(&mut self) -> Result<(), DisputeError> {
        while let Some((number, hash)) = self.heads.blocks.back().copied() {
            let block = self.contracts.chain().block(number)?;
            if block.is_some_and(|block| block.hash == hash) {
                break;
            }
            tracing::warn!(number, %hash, "a block was taken back");
            self.heads.blocks.pop_back();
        }
        Ok(())
    }

    /// Adds what is new. It is on the disk before it is in the ledger, so that what cannot be written is read again.
    fn add(&mut self, logs: &[Log]) -> Result<(), DisputeError> {
        let events = logs
            .iter()
            .filter_map(|log| Some((log, self.contracts.event(log)?)));
        let new: Vec<_> = events
            .filter(|(_, event)| self.ledger.lacks(event))
            .collect();
        self.lines.add(new.iter().map(|(log, _)| *log))?;
        for (_, event) in new {
            self.ledger.apply(event);
        }
        Ok(())
    }

    fn remember(&mut self, head: &Block) -> Result<(), DisputeError> {
        let newest = (head.number, head.hash);
        let Heads { log_bytes, blocks } = &mut self.heads;
        if blocks.back() == Some(&newest) && *log_bytes == self.lines.bytes() {
            return Ok(());
        }
        *log_bytes = self.lines.bytes();
        if blocks.back() != Some(&newest) {
            blocks.push_back(newest);
        }
        if blocks.len() > KEPT_HEADS {
            blocks.pop_front();
        }
        files::write_json(&self.heads_path, &self.heads)
    }
}

/// How far the chain was read; not at all, if the log file has fewer bytes than it had by then, or nobody knows.
fn read_heads(path: &Path, log_bytes: u64) -> Heads {
    let heads = match files::read_json::<Heads>(path) {
        Ok(heads) => heads.unwrap_or_default(),
        Err(error) => {
            tracing::warn!(%error, "the chain is read from the first block again");
            Heads::default()
        }
    };
    if heads.log_bytes <= log_bytes {
        return heads;
    }
    let expected = heads.log_bytes;
    tracing::warn!(
        expected,
        got = log_bytes,
        "the log file has lost something: the chain is read from the first block again"
    );
    Heads::default()
}
