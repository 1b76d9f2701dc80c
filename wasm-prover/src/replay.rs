//! Steps on nothing but a record and a witness, each byte of which is held against the record's hashes.

use enshrine_primitives::{BlobRoot, NodeHash, PAGE_SIZE, hash_pair};
use enshrine_runtime::{
    isa::Word,
    tree::{
        CODE_DEPTH, Leaf, MEMORY_DEPTH, PAGE_LEVELS, TABLE_DEPTH, VALUE_DEPTH, value_leaf, zero,
    },
};

use crate::{
    access::{Registers, StateAccess, Step, Stop},
    machine::MAX_HEIGHT,
    record::{BLOB_PAGES, touched},
    state::{ChainHash, Path, PathError, Record, frame_link, value_link},
};

/// What is wrong with a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// The proof ends too early.
    #[error("the proof ends where {what} should follow")]
    Short {
        /// What is missing.
        what: &'static str,
    },
    /// Bytes are left over.
    #[error("expected the proof to end, got {got} more bytes")]
    Long {
        /// Bytes left.
        got: usize,
    },
    /// A value or a frame is not the one on top.
    #[error("expected {what} under the head {expected}, got one under {got}")]
    Chain {
        /// Which stack.
        what: &'static str,
        /// Head in the state.
        expected: ChainHash,
        /// Head of what the proof gives.
        got: ChainHash,
    },
    /// A node is not in its tree.
    #[error("{what}: {error}")]
    Path {
        /// Which tree.
        what: &'static str,
        /// What is wrong with it.
        error: PathError,
    },
    /// A length or a page is not the blob's.
    #[error("expected a part of blob {expected}, got one of {got}")]
    Blob {
        /// Root in the state.
        expected: BlobRoot,
        /// Root of what the proof gives.
        got: BlobRoot,
    },
}

/// A state of which only the record is known.
pub(crate) struct Replay<'p> {
    pub(crate) record: Record,
    witness: &'p [u8],
}

impl<'p> Replay<'p> {
    pub(crate) fn new(record: Record, witness: &'p [u8]) -> Self {
        Self { record, witness }
    }

    /// Every byte must have been used.
    pub(crate) fn finish(self) -> Result<Record, WitnessError> {
        match self.witness.len() {
            0 => Ok(self.record),
            got => Err(WitnessError::Long { got }),
        }
    }

    fn take<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], WitnessError> {
        let split = self.witness.split_first_chunk();
        let (first, rest) = split.ok_or(WitnessError::Short { what })?;
        self.witness = rest;
        Ok(*first)
    }

    fn path(&mut self, what: &'static str, level: u32, depth: u32) -> Result<Path, WitnessError> {
        Path::read(&mut self.witness, level, depth)
            .map_err(|error| WitnessError::Path { what, error })
    }

    /// A leaf of a tree that the step only reads.
    fn leaf(
        &mut self,
        what: &'static str,
        root: NodeHash,
        depth: u32,
        index: u32,
    ) -> Result<Leaf, WitnessError> {
        let leaf = self.take(what)?;
        let path = self.path(what, 0, depth)?;
        check(what, &path, index, NodeHash::new(leaf), root)?;
        Ok(leaf)
    }

    /// A value of a tree, and its path, to set it.
    fn value(
        &mut self,
        what: &'static str,
        root: NodeHash,
        index: u32,
    ) -> Result<(u128, Path), WitnessError> {
        let value = u128::from_be_bytes(self.take(what)?);
        let path = self.path(what, 0, VALUE_DEPTH)?;
        check(what, &path, index, value_node(value), root)?;
        Ok((value, path))
    }

    /// A leaf of memory, and its path, to set it.
    fn memory_leaf(&mut self, index: u32) -> Result<(Leaf, Path), WitnessError> {
        const WHAT: &str = "a leaf of memory";
        let leaf = self.take(WHAT)?;
        let path = self.path(WHAT, 0, MEMORY_DEPTH)?;
        check(
            WHAT,
            &path,
            index,
            NodeHash::new(leaf),
            self.record.memory_root,
        )?;
        Ok((leaf, path))
    }

    /// Holds a blob's tree and length against its root in the record.
    fn check_blob(&self, blob: u32, tree: NodeHash, length: u64) -> Result<(), WitnessError> {
        let expected = match blob {
            0 => self.record.model_root,
            _ => self.record.input_root,
        };
        let mut mixed = [0; 32];
        mixed[..8].copy_from_slice(&length.to_le_bytes());
        let got = BlobRoot::new(hash_pair(&tree, &NodeHash::new(mixed)).into_bytes());
        if got == expected {
            return Ok(());
        }
        Err(WitnessError::Blob { expected, got })
    }

    fn blob_page(&mut self, blob: u32, page: u32) -> Result<NodeHash, WitnessError> {
        const WHAT: &str = "a page of a blob";
        if page >= BLOB_PAGES {
            return Ok(zero(PAGE_LEVELS));
        }
        let length = u64::from_be_bytes(self.take(WHAT)?);
        let node = NodeHash::new(self.take(WHAT)?);
        let path = self.path(WHAT, PAGE_LEVELS, MEMORY_DEPTH)?;
        self.check_blob(blob, path.root(page, node), length)?;
        Ok(node)
    }
}

fn value_node(value: u128) -> NodeHash {
    NodeHash::new(value_leaf(value))
}

fn check(
    what: &'static str,
    path: &Path,
    index: u32,
    node: NodeHash,
    root: NodeHash,
) -> Result<(), WitnessError> {
    path.check(index, node, root)
        .map_err(|error| WitnessError::Path { what, error })
}

fn check_head(what: &'static str, expected: ChainHash, got: ChainHash) -> Result<(), WitnessError> {
    if got == expected {
        return Ok(());
    }
    Err(WitnessError::Chain {
        what,
        expected,
        got,
    })
}

/// Bytes `from..from + size` of a leaf as a little-endian number.
fn part(leaf: &Leaf, from: u64, size: u32) -> u128 {
    let mut bytes = [0; 16];
    for (place, byte) in bytes
        .iter_mut()
        .zip(leaf.iter().skip(offset(from)))
        .take(size as usize)
    {
        *place = *byte;
    }
    u128::from_le_bytes(bytes)
}

/// Sets bytes `from..from + size` of a leaf.
fn set_part(leaf: &mut Leaf, from: u64, size: u32, bits: u128) {
    for (place, byte) in leaf
        .iter_mut()
        .skip(offset(from))
        .zip(bits.to_le_bytes())
        .take(size as usize)
    {
        *place = byte;
    }
}

/// Offset of an address in its leaf.
fn offset(address: u64) -> usize {
    (address % 32) as usize
}

/// Puts the parts of a number that lie in several leaves together.
fn gather(
    address: u64,
    size: u32,
    mut leaf: impl FnMut(u32) -> Result<Leaf, WitnessError>,
) -> Result<u128, WitnessError> {
    let mut bits = 0;
    for (index, from, part_size) in touched(address, size) {
        bits |= part(&leaf(index)?, from, part_size) << (8 * (from - address));
    }
    Ok(bits)
}

impl StateAccess for Replay<'_> {
    type Error = WitnessError;

    fn registers(&mut self) -> &mut Registers {
        &mut self.record.registers
    }

    fn word(&mut self, pc: u32) -> Result<Word, Self::Error> {
        let leaf = self.leaf("a word", self.record.code_root, CODE_DEPTH, pc)?;
        Ok(Word::decode(&leaf))
    }

    fn pop(&mut self) -> Step<u128, Self::Error> {
        const WHAT: &str = "a value";
        let height = self.record.stack_height.checked_sub(1);
        self.record.stack_height = height.ok_or(Stop::Failed)?;
        let value = u128::from_be_bytes(self.take(WHAT)?);
        let below = ChainHash::new(self.take(WHAT)?);
        check_head(WHAT, self.record.stack, value_link(value, &below))?;
        self.record.stack = below;
        Ok(value)
    }

    fn push(&mut self, value: u128) -> Step<(), Self::Error> {
        if self.record.stack_height >= MAX_HEIGHT {
            return Err(Stop::Failed);
        }
        self.record.stack_height += 1;
        self.record.stack = value_link(value, &self.record.stack);
        Ok(())
    }

    fn push_frame(&mut self, return_pc: u32) -> Step<(), Self::Error> {
        let record = &mut self.record;
        if record.frames_height >= MAX_HEIGHT {
            return Err(Stop::Failed);
        }
        record.frames_height += 1;
        record.frames = frame_link(record.return_pc, &record.locals_root, &record.frames);
        record.return_pc = return_pc;
        record.locals_root = zero(VALUE_DEPTH);
        Ok(())
    }

    fn pop_frame(&mut self) -> Step<u32, Self::Error> {
        const WHAT: &str = "a frame";
        let height = self.record.frames_height.checked_sub(1);
        self.record.frames_height = height.ok_or(Stop::Failed)?;
        let return_pc = u32::from_be_bytes(self.take(WHAT)?);
        let locals = NodeHash::new(self.take(WHAT)?);
        let below = ChainHash::new(self.take(WHAT)?);
        check_head(
            WHAT,
            self.record.frames,
            frame_link(return_pc, &locals, &below),
        )?;
        self.record.frames = below;
        self.record.locals_root = locals;
        Ok(std::mem::replace(&mut self.record.return_pc, return_pc))
    }

    fn local(&mut self, index: u32) -> Result<u128, Self::Error> {
        Ok(self.value("a local", self.record.locals_root, index)?.0)
    }

    fn replace_local(&mut self, index: u32, value: u128) -> Result<u128, Self::Error> {
        let (before, path) = self.value("a local", self.record.locals_root, index)?;
        self.record.locals_root = path.root(index, value_node(value));
        Ok(before)
    }

    fn global(&mut self, index: u32) -> Result<u128, Self::Error> {
        Ok(self.value("a global", self.record.globals_root, index)?.0)
    }

    fn set_global(&mut self, index: u32, value: u128) -> Result<(), Self::Error> {
        let (_, path) = self.value("a global", self.record.globals_root, index)?;
        self.record.globals_root = path.root(index, value_node(value));
        Ok(())
    }

    fn table_leaf(&mut self, index: u32) -> Result<Leaf, Self::Error> {
        self.leaf("a table entry", self.record.tables_root, TABLE_DEPTH, index)
    }

    fn load(&mut self, address: u64, size: u32) -> Result<u128, Self::Error> {
        gather(address, size, |index| Ok(self.memory_leaf(index)?.0))
    }

    fn store(&mut self, address: u64, size: u32, bits: u128) -> Result<(), Self::Error> {
        for (index, from, part_size) in touched(address, size) {
            let (mut leaf, path) = self.memory_leaf(index)?;
            set_part(&mut leaf, from, part_size, bits >> (8 * (from - address)));
            self.record.memory_root = path.root(index, NodeHash::new(leaf));
        }
        Ok(())
    }

    fn load_root(&mut self, address: u64) -> Result<[u8; 32], Self::Error> {
        let mut bytes = Vec::with_capacity(64);
        for (index, ..) in touched(address, 32) {
            bytes.extend(self.memory_leaf(index)?.0);
        }
        let mut root = [0; 32];
        for (place, byte) in root.iter_mut().zip(bytes.iter().skip(offset(address))) {
            *place = *byte;
        }
        Ok(root)
    }

    /// The new pages are zero, as they were before they were there, so the root stays.
    fn grow(&mut self, pages: u32) {
        self.record.registers.memory_pages = pages;
    }

    fn data(&mut self, offset: u64, size: u32) -> Result<u128, Self::Error> {
        let root = self.record.data_root;
        gather(offset, size, |index| {
            self.leaf("a leaf of the passive data", root, MEMORY_DEPTH, index)
        })
    }

    fn blob_len(&mut self, blob: u32) -> Result<u64, Self::Error> {
        const WHAT: &str = "the length of a blob";
        let tree = NodeHash::new(self.take(WHAT)?);
        let length = u64::from_be_bytes(self.take(WHAT)?);
        self.check_blob(blob, tree, length)?;
        Ok(length)
    }

    fn copy_blob_page(&mut self, blob: u32, page: u32, target: u32) -> Result<(), Self::Error> {
        const WHAT: &str = "a page of memory";
        let source = self.blob_page(blob, page)?;
        let before = NodeHash::new(self.take(WHAT)?);
        let path = self.path(WHAT, PAGE_LEVELS, MEMORY_DEPTH)?;
        check(WHAT, &path, target, before, self.record.memory_root)?;
        self.record.memory_root = path.root(target, source);
        Ok(())
    }
}

const _: () = assert!(PAGE_SIZE == 32 << PAGE_LEVELS);
