//! Logs that were read, on disk: a line for each.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256, Bytes};
use enshrine_l1::Log;
use serde::{Deserialize, Serialize};

use crate::error::DisputeError;

/// A log in the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    address: Address,
    topics: Vec<B256>,
    data: Bytes,
}

/// A file of whole lines.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    file: File,
    /// Bytes of the lines that are whole.
    bytes: u64,
}

impl Lines {
    /// Reads all whole lines, and cuts off what a process that was killed may have left behind them.
    ///
    /// # Errors
    /// [`DisputeError`] if the file cannot be used, or somebody else wrote it.
    pub(super) fn open(path: &Path, each: impl FnMut(Log)) -> Result<Self, DisputeError> {
        let bytes = read(path, each)?;
        let open = || {
            let file = OpenOptions::new().create(true).append(true).open(path)?;
            file.set_len(bytes)?;
            Ok(file)
        };
        let file = open().map_err(|error| DisputeError::disk(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            bytes,
        })
    }

    /// Bytes of all lines.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds logs. When this returns they are on the disk.
    ///
    /// # Errors
    /// [`DisputeError::Disk`]; then none of them counts as written, and they can be added again.
    pub(super) fn add<'a>(
        &mut self,
        logs: impl Iterator<Item = &'a Log>,
    ) -> Result<(), DisputeError> {
        let lines: Vec<u8> = logs.flat_map(line).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let Self { path, file, bytes } = self;
        // What an earlier attempt that failed has left is no line, and would spoil the next.
        let written = file
            .set_len(*bytes)
            .and_then(|()| file.write_all(&lines))
            .and_then(|()| file.sync_data());
        written.map_err(|error| DisputeError::disk(path, error))?;
        *bytes += lines.len() as u64;
        Ok(())
    }
}

fn line(log: &Log) -> Vec<u8> {
    let line = Line {
        address: log.address,
        topics: log.topics.clone(),
        data: log.data.clone(),
    };
    let mut line = serde_json::to_vec(&line).expect("a line has no map");
    line.push(b'\n');
    line
}

/// Reads all whole lines; how many bytes they have.
fn read(path: &Path, mut each: impl FnMut(Log)) -> Result<u64, DisputeError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(DisputeError::disk(path, error)),
    };
    let (mut reader, mut whole, mut text) = (BufReader::new(file), 0, Vec::new());
    loop {
        text.clear();
        let bytes = reader
            .read_until(b'\n', &mut text)
            .map_err(|error| DisputeError::disk(path, error))?;
        let Some(line) = text.strip_suffix(b"\n") else {
            return Ok(whole);
        };
        let line: Line =
            serde_json::from_slice(line).map_err(|error| DisputeError::damaged(path, &error))?;
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use std::fs;

    use super::*;

    fn log(number: u8) -> Log {
        Log {
            address: Address::repeat_byte(number),
            topics: vec![B256::repeat_byte(number)],
            data: vec![number; 40].into(),
            block_number: 0,
            block_hash: B256::ZERO,
            transaction: B256::ZERO,
            index: 0,
        }
    }

    fn open(path: &Path) -> (Lines, Vec<Log>) {
        let mut logs = Vec::new();
        let lines = Lines::open(path, |log| logs.push(log)).unwrap();
        (lines, logs)
    }

    #[test]
    fn what_a_write_that_failed_has_left_spoils_no_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs.jsonl");
        let (mut lines, _) = open(&path);
        lines.add([log(1)].iter()).unwrap();
        let half = &line(&log(2))[..50];
        let mut other = OpenOptions::new().append(true).open(&path).unwrap();
        other.write_all(half).unwrap();
        lines.add([log(2), log(3)].iter()).unwrap();
        drop(lines);
        let (lines, logs) = open(&path);
        assert_eq!(logs, [log(1), log(2), log(3)]);
        assert_eq!(lines.bytes(), fs::metadata(&path).unwrap().len());
    }

    #[test]
    fn a_last_line_that_is_cut_short_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs.jsonl");
        let (mut lines, _) = open(&path);
        lines.add([log(1), log(2)].iter()).unwrap();
        drop(lines);
        let length = fs::metadata(&path).unwrap().len();
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(length - 1).unwrap();
        let (mut lines, logs) = open(&path);
        assert_eq!(logs, [log(1)]);
        lines.add([log(4)].iter()).unwrap();
        drop(lines);
        assert_eq!(open(&path).1, [log(1), log(4)]);
    }
}
