//! What a trace has answered, on disk.
//!
//! A folder holds one file, `hashes`: a line with the first state's hash, which names the run, and a line for each hash
//! that was given out. A line is written whole before an answer is given; a last line that a crash cut short is dropped.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::StateHash;

const FILE: &str = "hashes";
const VERSION: &str = "enshrine trace 1";

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system does not let us.
    #[error("cannot {action} {}: {error}", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// File or folder.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// The folder belongs to another run.
    #[error(
        "{} is the trace of another run: expected first state {expected}, got {got}; use another folder",
        path.display()
    )]
    OtherRun {
        /// The file.
        path: PathBuf,
        /// First state of this run.
        expected: StateHash,
        /// What the file names.
        got: String,
    },
    /// A line is not what was written.
    #[error("{}, line {line}: expected a step and a hash; remove the file to start again", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Line, from 1 on.
        line: usize,
    },
}

/// An open journal.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes of the lines that are whole.
    bytes: u64,
}

fn io_error<'p>(
    action: &'static str,
    path: &'p Path,
) -> impl FnOnce(io::Error) -> JournalError + 'p {
    move |error| JournalError::Io {
        action,
        path: path.to_owned(),
        error,
    }
}

impl Journal {
    /// Opens the journal of the run with this first state, and reads what was answered.
    pub(super) fn open(
        folder: &Path,
        first: StateHash,
    ) -> Result<(Self, BTreeMap<u64, StateHash>), JournalError> {
        fs::create_dir_all(folder).map_err(io_error("create", folder))?;
        let path = folder.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(io_error("read", &path)(error)),
        };
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let hashes = read(&path, whole, first)?;
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.map_err(io_error("open", &path))?;
        let bytes = whole.len() as u64;
        let mut journal = Self { path, file, bytes };
        journal.cut().map_err(io_error("shorten", &journal.path))?;
        if whole.is_empty() {
            journal.line(&format!("{VERSION} {first}\n"))?;
        }
        Ok((journal, hashes))
    }

    /// Notes an answer.
    pub(super) fn add(&mut self, step: u64, hash: StateHash) -> Result<(), JournalError> {
        self.line(&format!("{step} {hash}\n"))
    }

    fn line(&mut self, line: &str) -> Result<(), JournalError> {
        let written = self
            .cut()
            .and_then(|()| self.file.write_all(line.as_bytes()))
            .and_then(|()| self.file.sync_data());
        written.map_err(io_error("write", &self.path))?;
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// Cuts off what a crash, or an attempt that failed, has left of a line: it would spoil the next.
    fn cut(&self) -> io::Result<()> {
        self.file.set_len(self.bytes)
    }
}

fn read(
    path: &Path,
    text: &str,
    expected: StateHash,
) -> Result<BTreeMap<u64, StateHash>, JournalError> {
    let mut lines = text.lines().enumerate();
    if let Some((_, header)) = lines.next()
        && header != format!("{VERSION} {expected}")
    {
        return Err(JournalError::OtherRun {
            path: path.to_owned(),
            expected,
            got: header.to_owned(),
        });
    }
    let entry = |(index, line)| {
        entry(line).ok_or_else(|| JournalError::Line {
            path: path.to_owned(),
            line: index + 1,
        })
    };
    lines.map(entry).collect()
}

fn entry(line: &str) -> Option<(u64, StateHash)> {
    let (step, hash) = line.split_once(' ')?;
    Some((step.parse().ok()?, hash.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(byte: u8) -> StateHash {
        StateHash::new([byte; 32])
    }

    #[test]
    fn answers_outlive_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, known) = Journal::open(folder.path(), hash(0)).unwrap();
        assert!(known.is_empty());
        journal.add(7, hash(7)).unwrap();
        journal.add(1 << 40, hash(8)).unwrap();
        drop(journal);
        let (_, known) = Journal::open(folder.path(), hash(0)).unwrap();
        assert_eq!(known, BTreeMap::from([(7, hash(7)), (1 << 40, hash(8))]));
    }

    #[test]
    fn a_line_cut_short_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(folder.path(), hash(0)).unwrap();
        journal.add(7, hash(7)).unwrap();
        drop(journal);
        let path = folder.path().join(FILE);
        let text = fs::read_to_string(&path).unwrap();
        for cut in 1..text.len() {
            fs::write(&path, &text[..text.len() - cut]).unwrap();
            let (mut journal, known) = Journal::open(folder.path(), hash(0)).unwrap();
            assert!(known.is_empty(), "{cut} bytes cut");
            journal.add(9, hash(9)).unwrap();
            drop(journal);
            let (_, known) = Journal::open(folder.path(), hash(0)).unwrap();
            assert_eq!(known, BTreeMap::from([(9, hash(9))]), "{cut} bytes cut");
        }
    }

    #[test]
    fn what_a_write_that_failed_has_left_spoils_no_line() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(folder.path(), hash(0)).unwrap();
        let path = folder.path().join(FILE);
        let mut other = OpenOptions::new().append(true).open(&path).unwrap();
        other.write_all(b"7 0x07").unwrap();
        journal.add(9, hash(9)).unwrap();
        drop(journal);
        let (_, known) = Journal::open(folder.path(), hash(0)).unwrap();
        assert_eq!(known, BTreeMap::from([(9, hash(9))]));
    }

    #[test]
    fn another_run_and_damage_are_told() {
        let folder = tempfile::tempdir().unwrap();
        drop(Journal::open(folder.path(), hash(0)).unwrap());
        let other = Journal::open(folder.path(), hash(1));
        assert!(matches!(other, Err(JournalError::OtherRun { .. })));
        let path = folder.path().join(FILE);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}seven 0x07\n")).unwrap();
        let damaged = Journal::open(folder.path(), hash(0));
        assert!(matches!(damaged, Err(JournalError::Line { line: 2, .. })));
    }
}
