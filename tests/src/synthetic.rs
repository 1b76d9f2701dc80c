//! States and proofs made by hand, from the documentation and without the prover's recorder: as large as proofs get, for no
//! sibling in any tree is a tree of zeros.

use std::collections::BTreeMap;

use alloy_primitives::keccak256;
use enshrine_primitives::{BlobRoot, NodeHash, hash_pair};
use enshrine_prover::{ChainHash, Proof, Record, Registers, StateHash};
use enshrine_runtime::{
    isa::{Family, Word, family, low_u32, mnemonic, op, operand_count},
    tree::{CODE_DEPTH, Leaf, MEMORY_DEPTH, PAGE_LEVELS, TABLE_DEPTH, VALUE_DEPTH, value_leaf},
};

/// First byte of a proof of a running state.
const RUNNING: u8 = 2;

/// A tree of which a few nodes are known, and the others are anything but zeros.
#[derive(Clone, Debug)]
struct Tree {
    /// Levels from the known nodes to the root.
    height: u32,
    salt: u8,
    known: BTreeMap<u64, NodeHash>,
}

impl Tree {
    fn new(height: u32, salt: u8) -> Self {
        Self {
            height,
            salt,
            known: BTreeMap::new(),
        }
    }

    fn set(&mut self, index: u32, node: NodeHash) {
        self.known.insert(index.into(), node);
    }

    fn root(&self) -> NodeHash {
        self.node(self.height, 0)
    }

    fn node(&self, height: u32, index: u64) -> NodeHash {
        let below = index << height..(index + 1) << height;
        if self.known.range(below).next().is_none() {
            return self.filler(height, index);
        }
        if height == 0 {
            return self.known[&index];
        }
        hash_pair(
            &self.node(height - 1, 2 * index),
            &self.node(height - 1, 2 * index + 1),
        )
    }

    fn filler(&self, height: u32, index: u64) -> NodeHash {
        let place = [
            &[self.salt][..],
            &height.to_be_bytes(),
            &index.to_be_bytes(),
        ]
        .concat();
        NodeHash::new(keccak256(place).0)
    }

    /// A bitmap without a bit, and all siblings.
    fn path(&self, index: u32) -> Vec<u8> {
        let sibling = |height| self.node(height, (u64::from(index) >> height) ^ 1);
        let siblings = (0..self.height).map(|height| sibling(height).into_bytes());
        [0; 4].into_iter().chain(siblings.flatten()).collect()
    }
}

/// Where a step finds things: some places are cheaper to prove than others.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// Bits of every index, from the lowest on, as many as the tree has levels.
    pub bits: u32,
    /// Whether everything in memory and data lies in two leaves.
    pub straddling: bool,
}

impl Places {
    fn index(self, levels: u32) -> u32 {
        let index = self.bits & ((1 << levels) - 1);
        if self.straddling {
            // There is a next one.
            return index.min((1 << levels) - 2);
        }
        index
    }

    /// Address of the things in memory.
    pub fn address(self) -> u32 {
        32 * self.index(MEMORY_DEPTH) + if self.straddling { 31 } else { 0 }
    }

    /// Index of the local or global.
    pub fn local(self) -> u32 {
        self.index(VALUE_DEPTH)
    }

    /// Pages of 64 KiB: all that there can be where the last is touched, one less elsewhere, which has more bytes that cost.
    fn memory_pages(self) -> u32 {
        (1 << 16) - u32::from(self.bits != u32::MAX)
    }

    /// Index of the page, in the blob and in memory.
    pub fn page(self) -> u32 {
        self.index(MEMORY_DEPTH - PAGE_LEVELS)
    }

    /// Index of the table's entry.
    pub fn entry(self) -> u32 {
        self.index(TABLE_DEPTH)
    }
}

/// A running state before a step.
#[derive(Clone, Debug)]
struct State {
    places: Places,
    word: Word,
    stack: Vec<u128>,
    code: Tree,
    tables: Tree,
    data: Tree,
    locals: Tree,
    globals: Tree,
    memory: Tree,
    pages: Tree,
    blob: Tree,
    witness: Vec<u8>,
}

/// Value of every local and global.
const VALUE: u128 = u128::MAX / 7;

/// Bytes of every leaf that a step touches.
const LEAF: Leaf = [0xa5; 32];

/// Where the frame below returns to, and the function in the table begins.
const TARGET: u32 = 0x00ab_cdef;

/// Frames, and values on the stack: below the most that there may be, with as few bytes of zero as that allows, for those
/// cost less.
const HEIGHT: u32 = 0x0003_0303;

/// Slots that calls may still take: as many as no word uses up and none brings to an overflow.
const SLOTS: u32 = 0x7fff_ffff;

/// Bytes of the blob.
const BLOB_LENGTH: u64 = u32::MAX as u64;

/// A proof of a step from a state in which `word` is next and `operands` are on top of the stack, lowest first.
///
/// What the step finds elsewhere depends on `places` alone; all pages that a memory can have are there.
pub fn proof(word: Word, operands: &[u128], places: Places) -> (StateHash, Proof) {
    let mut state = State::new(word, operands, places);
    let record = state.record();
    let leaf = word.encode();
    state.witness.push(RUNNING);
    state.witness.extend(record.encode());
    state.witness.extend(leaf);
    let path = state.code.path(places.index(CODE_DEPTH));
    state.witness.extend(path);
    state.instruction();
    (record.hash(), Proof::new(state.witness))
}

impl State {
    fn new(word: Word, operands: &[u128], places: Places) -> Self {
        let mut state = Self {
            places,
            word,
            stack: operands.to_vec(),
            code: Tree::new(CODE_DEPTH, 0),
            tables: Tree::new(TABLE_DEPTH, 1),
            data: Tree::new(MEMORY_DEPTH, 2),
            locals: Tree::new(VALUE_DEPTH, 3),
            globals: Tree::new(VALUE_DEPTH, 4),
            memory: Tree::new(MEMORY_DEPTH, 5),
            pages: Tree::new(MEMORY_DEPTH - PAGE_LEVELS, 6),
            blob: Tree::new(MEMORY_DEPTH - PAGE_LEVELS, 7),
            witness: Vec::new(),
        };
        state
            .code
            .set(places.index(CODE_DEPTH), NodeHash::new(word.encode()));
        let value = NodeHash::new(value_leaf(VALUE));
        state.locals.set(places.local(), value);
        state.globals.set(places.local(), value);
        state
            .tables
            .set(places.entry(), NodeHash::new(entry(word.b)));
        let leaf = places.index(MEMORY_DEPTH);
        for index in leaf..=leaf + u32::from(places.straddling) {
            state.memory.set(index, NodeHash::new(LEAF));
            state.data.set(index, NodeHash::new(LEAF));
        }
        let page = places.page();
        state.pages.set(page, NodeHash::new(LEAF));
        state.blob.set(page, NodeHash::new(LEAF));
        state
    }

    /// `blob_page` sees pages where the others see leaves.
    fn memory_root(&self) -> NodeHash {
        if self.word.opcode == op::BLOB_PAGE {
            return self.pages.root();
        }
        self.memory.root()
    }

    fn record(&self) -> Record {
        let blob = hash_pair(&self.blob.root(), &NodeHash::new(length_leaf()));
        let blob = BlobRoot::new(blob.into_bytes());
        Record {
            code_root: self.code.root(),
            tables_root: self.tables.root(),
            data_root: self.data.root(),
            model_root: blob,
            input_root: blob,
            locals_root: self.locals.root(),
            frames: frame_link(TARGET, &self.globals.root(), &bottom()),
            stack: self.stack_head(self.stack.len()),
            globals_root: self.globals.root(),
            memory_root: self.memory_root(),
            return_pc: TARGET,
            frames_height: HEIGHT,
            stack_height: HEIGHT,
            registers: Registers {
                pc: self.places.index(CODE_DEPTH),
                slots_left: SLOTS,
                memory_pages: self.places.memory_pages(),
                max_memory_pages: 1 << 16,
                fuel_left: u64::MAX,
                fuel_aside: u64::MAX,
                output_root: blob,
            },
        }
    }

    /// Head of the stack with so many of its values.
    fn stack_head(&self, count: usize) -> ChainHash {
        let values = self.stack.iter().take(count);
        values.fold(bottom(), |below, value| value_link(*value, &below))
    }

    /// The witness of the instruction, by docs/proof-format.md.
    fn instruction(&mut self) {
        match (self.word.opcode, family(self.word.opcode)) {
            (op::LOCAL_GET | op::LOCAL_TAKE, _) => self.value(|state| &state.locals),
            (op::LOCAL_SET | op::LOCAL_TEE, _) => {
                self.pops();
                self.value(|state| &state.locals);
            }
            (op::GLOBAL_GET, _) => self.value(|state| &state.globals),
            (op::GLOBAL_SET, _) => {
                self.pops();
                self.value(|state| &state.globals);
            }
            (op::RETURN, _) => self.frame(),
            (op::CALL_INDIRECT, _) => self.call_indirect(),
            (op::MEMORY_SIZE | op::MEMORY_GROW, _) => self.pops(),
            (_, Some(Family::Memory | Family::SimdMemory)) => self.memory(),
            (_, Some(Family::Bulk)) => self.bulk(),
            (_, Some(Family::Host)) => self.host(),
            _ => self.pops(),
        }
    }

    /// Pops all operands. What is popped is returned, top first.
    fn pops(&mut self) {
        let count = operand_count(self.word.opcode).into();
        for left in (0..self.stack.len()).rev().take(count) {
            self.witness.extend(self.stack[left].to_be_bytes());
            let below = self.stack_head(left);
            self.witness.extend(below.as_bytes());
        }
    }

    /// An operand, from the top.
    fn operand(&self, from_top: usize) -> u32 {
        low_u32(self.stack[self.stack.len() - 1 - from_top])
    }

    fn value(&mut self, tree: impl Fn(&Self) -> &Tree) {
        let path = tree(self).path(self.places.local());
        self.witness.extend(VALUE.to_be_bytes());
        self.witness.extend(path);
    }

    fn frame(&mut self) {
        self.witness.extend(TARGET.to_be_bytes());
        let locals = self.globals.root();
        self.witness.extend(locals.as_bytes());
        self.witness.extend(bottom().as_bytes());
    }

    fn call_indirect(&mut self) {
        self.pops();
        if self.operand(0) != self.places.entry() {
            return;
        }
        self.witness.extend(entry(self.word.b));
        let path = self.tables.path(self.places.entry());
        self.witness.extend(path);
    }

    /// Whether the instruction touches one byte, which lies in one leaf wherever it is.
    fn is_byte(&self) -> bool {
        let name = mnemonic(self.word.opcode).unwrap_or_default();
        ["load8_", "store8"].iter().any(|part| name.contains(part))
    }

    /// Leaves that what lies at `places` touches.
    fn leaves(&self) -> Vec<u32> {
        let first = self.places.index(MEMORY_DEPTH);
        if self.places.straddling && !self.is_byte() {
            return vec![first, first + 1];
        }
        vec![first]
    }

    /// Opens leaves of memory or data, without a change.
    fn load(&mut self, tree: impl Fn(&Self) -> &Tree) {
        for index in self.leaves() {
            let path = tree(self).path(index);
            self.witness.extend(LEAF);
            self.witness.extend(path);
        }
    }

    /// Opens leaves of memory and sets the last byte of the first, the only one that the second's path depends on.
    fn store(&mut self, first_byte: u8) {
        for index in self.leaves() {
            self.load_leaf(index);
            let mut leaf = LEAF;
            leaf[31] = first_byte;
            self.memory.set(index, NodeHash::new(leaf));
        }
    }

    fn load_leaf(&mut self, index: u32) {
        let path = self.memory.path(index);
        self.witness.extend(LEAF);
        self.witness.extend(path);
    }

    /// Loads and stores, by lane or whole.
    fn memory(&mut self) {
        self.pops();
        let name = mnemonic(self.word.opcode).unwrap_or_default();
        if name.contains("store") {
            let [byte, ..] = self.operand(0).to_le_bytes();
            self.store(byte);
        } else {
            self.load(|state| &state.memory);
        }
    }

    fn bulk(&mut self) {
        self.pops();
        match self.word.opcode {
            op::MEMORY_FILL => {
                let [byte, ..] = self.operand(1).to_le_bytes();
                self.store(byte);
            }
            op::MEMORY_COPY => {
                self.load(|state| &state.memory);
                self.store(LEAF[0]);
            }
            _ => {
                self.load(|state| &state.data);
                self.store(LEAF[0]);
            }
        }
    }

    fn host(&mut self) {
        self.pops();
        let page = self.places.page();
        match self.word.opcode {
            op::BLOB_LEN => {
                let root = self.blob.root();
                self.witness.extend(root.as_bytes());
                self.witness.extend(BLOB_LENGTH.to_be_bytes());
            }
            op::BLOB_PAGE => {
                self.witness.extend(BLOB_LENGTH.to_be_bytes());
                for tree in [&self.blob, &self.pages] {
                    self.witness.extend(LEAF);
                    self.witness.extend(tree.path(page));
                }
            }
            _ => self.load(|state| &state.memory),
        }
    }
}

/// What lies below everything that a step pops.
fn bottom() -> ChainHash {
    ChainHash::new([0x77; 32])
}

fn value_link(value: u128, below: &ChainHash) -> ChainHash {
    let value = value.to_be_bytes();
    let link = [&b"enshrine/value/1"[..], &value, below.as_bytes()].concat();
    ChainHash::new(keccak256(link).0)
}

fn frame_link(return_pc: u32, locals: &NodeHash, below: &ChainHash) -> ChainHash {
    let parts = [
        &b"enshrine/frame/1"[..],
        &return_pc.to_be_bytes(),
        locals.as_bytes(),
        below.as_bytes(),
    ];
    ChainHash::new(keccak256(parts.concat()).0)
}

/// A table's entry: a function of type `ty`.
fn entry(ty: u32) -> Leaf {
    let mut leaf = [0; 32];
    let fields = [1_u32, ty, TARGET];
    for (place, field) in leaf.chunks_mut(4).zip(fields) {
        place.copy_from_slice(&field.to_be_bytes());
    }
    leaf
}

/// What a blob's root is mixed with.
fn length_leaf() -> Leaf {
    let mut leaf = [0; 32];
    leaf[..8].copy_from_slice(&BLOB_LENGTH.to_le_bytes());
    leaf
}
