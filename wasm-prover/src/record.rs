//! Steps on live state that write down what a verifier needs to repeat them.

use enshrine_primitives::{CHUNK_SIZE, NodeHash, PAGE_SIZE};
use enshrine_runtime::{
    isa::Word,
    program::TableEntry,
    tree::{Leaf, PAGE_LEVELS, TABLE_DEPTH, VALUE_DEPTH, value_leaf},
};

use crate::{
    Machine,
    access::{Registers, StateAccess, Step},
    state::{Path, leaves_of, page_of, path_above},
};

/// Pages of a blob's tree; those from there on are zero.
pub(crate) const BLOB_PAGES: u32 = 1 << 20;

/// Leaves of a page of memory or of a blob, and words of a page of code.
const LEAVES_PER_PAGE: u32 = 1 << PAGE_LEVELS;

/// A machine that is watched. `witness` is what the step looked at, in the order in which it did:
///
/// | access | bytes |
/// |---|---|
/// | word | the word (32), path of 24 |
/// | pop | the value (16), head of the stack below (32) |
/// | return | of the frame below: return pc (4), root of its locals (32), head of the frames below that (32) |
/// | local, global | the value before (16), path of 16 |
/// | table entry | the leaf (32), path of 24 |
/// | memory, each leaf of 32 bytes that is touched | the leaf before (32), path of 27 |
/// | passive data, each leaf | the leaf (32), path of 27 |
/// | length of a blob | root of the tree below the length (32), length (8) |
/// | page of a blob | length (8), root of the page (32), path of 20; nothing from page 2^20 on |
/// | page of memory | its root before (32), path of 20 |
///
/// A push or a call takes nothing. Paths are encoded as in [`Path`], numbers big endian. Two touched leaves stand in
/// ascending order, and the second's path leads to the root after the first was written.
pub(crate) struct Recorder<'m> {
    pub(crate) machine: &'m mut Machine,
    pub(crate) witness: Vec<u8>,
}

impl Recorder<'_> {
    fn leaf(&mut self, leaf: &Leaf, path: &Path) {
        self.witness.extend(leaf);
        path.write(&mut self.witness);
    }

    fn memory_leaf(&mut self, index: u32) {
        let (leaf, path) = self.machine.memory_mut().leaf(index);
        self.leaf(&leaf, &path);
    }

    fn value(&mut self, values: Values, index: u32) {
        let leaves = match values {
            Values::Locals => nodes(self.machine.running_locals()),
            Values::Globals => nodes(self.machine.globals()),
        };
        let value = leaves.get(index as usize).copied();
        let value = value.unwrap_or(NodeHash::new([0; 32])).into_bytes();
        self.witness.extend(&value[16..]);
        path_above(leaves, 0, VALUE_DEPTH, index).write(&mut self.witness);
    }
}

#[derive(Clone, Copy)]
enum Values {
    Locals,
    Globals,
}

fn nodes(values: &[u128]) -> Vec<NodeHash> {
    let leaves = values.iter().copied().map(value_leaf);
    leaves.map(NodeHash::new).collect()
}

/// Leaves that `size` bytes at `address` touch, with the part of the bytes in each: leaf, address, size.
pub(crate) fn touched(address: u64, size: u32) -> impl Iterator<Item = (u32, u64, u32)> {
    let chunk = CHUNK_SIZE as u64;
    let end = address + u64::from(size);
    (address / chunk..=(end - 1) / chunk).map(move |leaf| {
        let from = address.max(leaf * chunk);
        let to = end.min((leaf + 1) * chunk);
        (low(leaf), from, low(to - from))
    })
}

/// Leaves and sizes lie far below 2^32, since addresses do.
fn low(number: u64) -> u32 {
    u32::try_from(number).expect("addresses are below 2^33")
}

/// The path from a leaf of a page through the tree above pages.
fn page_path(page: &[u8; PAGE_SIZE], leaf: u32, above: Path) -> (Leaf, Path) {
    let leaves = leaves_of(page);
    let bytes = leaves[leaf as usize].into_bytes();
    let mut path = path_above(leaves, 0, PAGE_LEVELS, leaf);
    path.siblings.extend(above.siblings);
    (bytes, path)
}

impl StateAccess for Recorder<'_> {
    type Error = std::convert::Infallible;

    fn registers(&mut self) -> &mut Registers {
        self.machine.registers()
    }

    fn word(&mut self, pc: u32) -> Result<Word, Self::Error> {
        let (page, leaf) = (pc / LEAVES_PER_PAGE, pc % LEAVES_PER_PAGE);
        let subject = self.machine.subject();
        let above = subject.code_tree().path(page);
        let (word, path) = page_path(&subject.code_page(page as usize), leaf, above);
        self.leaf(&word, &path);
        self.machine.word(pc)
    }

    fn pop(&mut self) -> Step<u128, Self::Error> {
        if let Some((value, below)) = self.machine.top_value() {
            self.witness.extend(value.to_be_bytes());
            self.witness.extend(below.as_bytes());
        }
        self.machine.pop()
    }

    fn push(&mut self, value: u128) -> Step<(), Self::Error> {
        self.machine.push(value)
    }

    fn push_frame(&mut self, return_pc: u32) -> Step<(), Self::Error> {
        self.machine.push_frame(return_pc)
    }

    fn pop_frame(&mut self) -> Step<u32, Self::Error> {
        if let Some((return_pc, locals, below)) = self.machine.frame_below() {
            self.witness.extend(return_pc.to_be_bytes());
            self.witness.extend(locals.as_bytes());
            self.witness.extend(below.as_bytes());
        }
        self.machine.pop_frame()
    }

    fn local(&mut self, index: u32) -> Result<u128, Self::Error> {
        self.value(Values::Locals, index);
        self.machine.local(index)
    }

    fn replace_local(&mut self, index: u32, value: u128) -> Result<u128, Self::Error> {
        self.value(Values::Locals, index);
        self.machine.replace_local(index, value)
    }

    fn global(&mut self, index: u32) -> Result<u128, Self::Error> {
        self.value(Values::Globals, index);
        self.machine.global(index)
    }

    fn set_global(&mut self, index: u32, value: u128) -> Result<(), Self::Error> {
        self.value(Values::Globals, index);
        self.machine.set_global(index, value)
    }

    fn table_leaf(&mut self, index: u32) -> Result<Leaf, Self::Error> {
        let entries = self.machine.subject().program().tables.iter().copied();
        let leaves = entries.map(|entry| NodeHash::new(TableEntry::leaf(entry)));
        let path = path_above(leaves.collect(), 0, TABLE_DEPTH, index);
        let leaf = self.machine.table_leaf(index)?;
        self.leaf(&leaf, &path);
        Ok(leaf)
    }

    fn load(&mut self, address: u64, size: u32) -> Result<u128, Self::Error> {
        touched(address, size).for_each(|(leaf, ..)| self.memory_leaf(leaf));
        self.machine.load(address, size)
    }

    fn store(&mut self, address: u64, size: u32, bits: u128) -> Result<(), Self::Error> {
        for (leaf, from, part) in touched(address, size) {
            self.memory_leaf(leaf);
            let done = 8 * low(from - address);
            self.machine.store(from, part, bits >> done)?;
        }
        Ok(())
    }

    fn load_root(&mut self, address: u64) -> Result<[u8; 32], Self::Error> {
        touched(address, 32).for_each(|(leaf, ..)| self.memory_leaf(leaf));
        self.machine.load_root(address)
    }

    fn grow(&mut self, pages: u32) {
        self.machine.grow(pages);
    }

    fn data(&mut self, offset: u64, size: u32) -> Result<u128, Self::Error> {
        for (leaf, ..) in touched(offset, size) {
            let (page, leaf) = (leaf / LEAVES_PER_PAGE, leaf % LEAVES_PER_PAGE);
            let subject = self.machine.subject();
            let bytes = page_of(&subject.program().data, page as usize);
            let (leaf, path) = page_path(&bytes, leaf, subject.data_tree().path(page));
            self.leaf(&leaf, &path);
        }
        self.machine.data(offset, size)
    }

    fn blob_len(&mut self, blob: u32) -> Result<u64, Self::Error> {
        let root = self.machine.subject().blob(blob).tree().root();
        let length = self.machine.blob_len(blob)?;
        self.witness.extend(root.as_bytes());
        self.witness.extend(length.to_be_bytes());
        Ok(length)
    }

    fn copy_blob_page(&mut self, blob: u32, page: u32, target: u32) -> Result<(), Self::Error> {
        if page < BLOB_PAGES {
            let length = self.machine.blob_len(blob)?;
            let tree = self.machine.subject().blob(blob).tree();
            let (node, path) = (tree.page(page), tree.path(page));
            self.witness.extend(length.to_be_bytes());
            self.leaf(node.as_bytes(), &path);
        }
        let (node, path) = self.machine.memory_mut().page_node(target);
        self.leaf(node.as_bytes(), &path);
        self.machine.copy_blob_page(blob, page, target)
    }
}
