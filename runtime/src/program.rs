//! The lowered program: what L1 proves, and what the program hash commits to.

use enshrine_primitives::NodeHash;
use sha3::{Digest, Keccak256};

use crate::{
    isa::{Word, op},
    limits,
    module::{GuestModule, ModuleError},
    tree::{self, CODE_DEPTH, Leaf, TABLE_DEPTH},
    walk::{Detail, Function, walk_functions},
};

/// Domain tag of the program hash.
const PROGRAM_TAG: &[u8] = b"enshrine/program/2";

/// Commitment to a program: lowered code, initial state and limits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProgramHash([u8; 32]);

impl ProgramHash {
    /// The hash with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Display for ProgramHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for ProgramHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ProgramHash({self})")
    }
}

/// An entry of a function table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableEntry {
    /// Canonical index of the function's type.
    pub ty: u32,
    /// First word of the function.
    pub entry: u32,
}

/// A lowered program.
///
/// Words 0 to 3 are the bootstrap: call `load`, end it, call `infer`, end it. A module without these exports has no
/// bootstrap, and its functions are only reachable by their entries.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Code; jumps and calls are absolute.
    pub words: Vec<Word>,
    /// First word of each function by function index; imports have none.
    pub entries: Vec<Option<u32>>,
    /// Initial globals, then for each data segment the hidden one that holds its remaining length.
    pub globals: Vec<u128>,
    /// Entries of all tables, end to end.
    pub tables: Vec<Option<TableEntry>>,
    /// Initial size of the memory in 64 KiB pages.
    pub memory_pages: u32,
    /// Size that `memory.grow` cannot pass.
    pub max_memory_pages: u32,
    /// Non-zero parts of the initial memory: offset and bytes, later ones on top.
    pub memory: Vec<(u32, Vec<u8>)>,
    /// Passive data segments, end to end.
    pub data: Vec<u8>,
}

impl Program {
    /// Lowers a guest module. `load` and `infer` need not be there.
    ///
    /// # Errors
    /// [`ModuleError`] if the module is outside the profile.
    ///
    /// ```
    /// use enshrine_runtime::{isa::op, program::Program};
    ///
    /// // (module (func (result i32) i32.const 7))
    /// let wasm = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x0a\x06\x01\x04\0\x41\x07\x0b";
    /// let program = Program::lower(wasm)?;
    /// let opcodes: Vec<_> = program.words.iter().map(|word| word.opcode).collect();
    /// assert_eq!(opcodes, [op::ENTER, op::I32_CONST, op::RETURN]);
    /// # Ok::<(), enshrine_runtime::module::ModuleError>(())
    /// ```
    pub fn lower(wasm: &[u8]) -> Result<Self, ModuleError> {
        let mut module = GuestModule::parse(wasm)?;
        let mut lowering = Lowering::new(&module);
        walk_functions(&mut module, Detail::Metered, |_, function| {
            lowering.add(&function)
        })?;
        lowering.finish(&module)
    }

    /// What the program hash is the hash of.
    pub fn header(&self) -> ProgramHeader {
        let words = self.words.iter().map(Word::encode);
        self.header_over(tree::leaves_root(words, CODE_DEPTH))
    }

    /// The same for one who has hashed the code already, which takes most of the time.
    pub fn header_over(&self, code_root: NodeHash) -> ProgramHeader {
        let Self {
            words: _,
            entries: _, // reachable through code and tables only
            globals,
            tables,
            memory_pages,
            max_memory_pages,
            memory,
            data,
        } = self;
        ProgramHeader {
            code_root,
            tables_root: tree::leaves_root(
                tables.iter().copied().map(TableEntry::leaf),
                TABLE_DEPTH,
            ),
            data_root: tree::bytes_root(data),
            globals_root: tree::values_root(globals.iter().copied()),
            memory_root: initial_memory_root(*memory_pages, memory),
            memory_pages: *memory_pages,
            max_memory_pages: *max_memory_pages,
        }
    }

    /// The program hash.
    pub fn hash(&self) -> ProgramHash {
        self.header().hash()
    }

    /// Index of the function that the word at `pc` belongs to; the bootstrap belongs to none.
    pub fn function_at(&self, pc: u32) -> Option<u32> {
        if pc as usize >= self.words.len() {
            return None;
        }
        // Functions lie one behind the other in the order of their indices, imports have no words.
        let behind = self
            .entries
            .partition_point(|entry| entry.is_none_or(|entry| entry <= pc));
        let index = behind.checked_sub(1)?;
        self.entries[index].and(u32::try_from(index).ok())
    }
}

/// The roots that make up a program: what a verifier needs of it to compute a run's first state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramHeader {
    /// Root of the code words.
    pub code_root: NodeHash,
    /// Root of all tables' entries.
    pub tables_root: NodeHash,
    /// Root of the passive data.
    pub data_root: NodeHash,
    /// Root of the initial globals.
    pub globals_root: NodeHash,
    /// Root of the initial memory.
    pub memory_root: NodeHash,
    /// Initial size of the memory in 64 KiB pages.
    pub memory_pages: u32,
    /// Size that `memory.grow` cannot pass.
    pub max_memory_pages: u32,
}

impl ProgramHeader {
    /// The program hash: Keccak-256 of the following, numbers big endian.
    ///
    /// | offset | size | field |
    /// |---|---|---|
    /// | 0 | 18 | `enshrine/program/2` |
    /// | 18 | 32 | `code_root` |
    /// | 50 | 32 | `tables_root` |
    /// | 82 | 32 | `data_root` |
    /// | 114 | 32 | `globals_root` |
    /// | 146 | 32 | `memory_root` |
    /// | 178 | 4 | `memory_pages` |
    /// | 182 | 4 | `max_memory_pages` |
    /// | 186 | 4 | [`limits::MAX_STACK_SLOTS`] |
    /// | 190 | 8 | [`limits::LOAD_FUEL`] |
    pub fn hash(&self) -> ProgramHash {
        let Self {
            code_root,
            tables_root,
            data_root,
            globals_root,
            memory_root,
            memory_pages,
            max_memory_pages,
        } = self;
        let mut hasher = Keccak256::new();
        hasher.update(PROGRAM_TAG);
        for root in [code_root, tables_root, data_root, globals_root, memory_root] {
            hasher.update(root.as_bytes());
        }
        hasher.update(memory_pages.to_be_bytes());
        hasher.update(max_memory_pages.to_be_bytes());
        hasher.update(limits::MAX_STACK_SLOTS.to_be_bytes());
        hasher.update(limits::LOAD_FUEL.to_be_bytes());
        ProgramHash(hasher.finalize().into())
    }
}

impl TableEntry {
    /// The entry as a leaf of the tables' tree; `None` is an empty slot.
    ///
    /// | offset | size | field |
    /// |---|---|---|
    /// | 0 | 4 | 1 if there is a function, else 0 |
    /// | 4 | 4 | type |
    /// | 8 | 4 | first word |
    /// | 12 | 20 | zero |
    pub fn leaf(entry: Option<Self>) -> Leaf {
        let mut leaf = [0; 32];
        if let Some(Self { ty, entry }) = entry {
            leaf[..4].copy_from_slice(&1_u32.to_be_bytes());
            leaf[4..8].copy_from_slice(&ty.to_be_bytes());
            leaf[8..12].copy_from_slice(&entry.to_be_bytes());
        }
        leaf
    }
}

fn initial_memory_root(pages: u32, parts: &[(u32, Vec<u8>)]) -> NodeHash {
    tree::bytes_root(&flat_memory((pages as usize) << 16, parts))
}

pub(crate) fn flat_memory(size: usize, parts: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![0; size];
    for (offset, part) in parts {
        let offset = *offset as usize;
        bytes[offset..offset + part.len()].copy_from_slice(part);
    }
    bytes
}

/// Collects walked functions into a [`Program`].
#[derive(Debug)]
pub(crate) struct Lowering {
    words: Vec<Word>,
    entries: Vec<Option<u32>>,
    calls: Vec<(usize, u32)>,
}

impl Lowering {
    pub(crate) fn new(module: &GuestModule<'_>) -> Self {
        let bootstrap = module.entry("load").ok().zip(module.entry("infer").ok());
        let mut this = Self {
            words: Vec::new(),
            entries: vec![None; module.imports.len()],
            calls: Vec::new(),
        };
        if let Some((load, infer)) = bootstrap {
            this.calls.extend([(0, load), (2, infer)]);
            let opcodes = [op::CALL, op::END_LOAD, op::CALL, op::END_INFER];
            this.words.extend(opcodes.map(Word::new));
        }
        this
    }

    /// Where the next function begins.
    pub(crate) fn next_word(&self) -> u32 {
        u32::try_from(self.words.len()).expect("code words are limited")
    }

    pub(crate) fn add(&mut self, function: &Function<'_>) -> Result<(), ModuleError> {
        let base = self.words.len();
        let got = (base + function.words.len()) as u64;
        if got > limits::MAX_CODE_WORDS.into() {
            let expected = limits::MAX_CODE_WORDS.into();
            return Err(ModuleError::Limit {
                what: "words of lowered code",
                expected,
                got,
            });
        }
        let entry = u32::try_from(base).expect("checked above");
        self.entries.push(Some(entry));
        self.calls.extend(
            function
                .calls
                .iter()
                .map(|(word, callee)| (base + word, *callee)),
        );
        self.words
            .extend(function.words.iter().map(|word| relocate(*word, entry)));
        Ok(())
    }

    pub(crate) fn finish(mut self, module: &GuestModule<'_>) -> Result<Program, ModuleError> {
        for (word, callee) in &self.calls {
            self.words[*word].b =
                self.entries[*callee as usize].expect("imports are lowered to host words");
        }
        let (memory_pages, maximum) = module.memory.unwrap_or((0, Some(0)));
        let hidden = module
            .data
            .iter()
            .map(|segment| segment.passive_len() as u128);
        let passive = module
            .data
            .iter()
            .filter(|segment| segment.offset.is_none());
        Ok(Program {
            globals: module
                .globals
                .iter()
                .map(|global| global.bits)
                .chain(hidden)
                .collect(),
            tables: self.tables(module),
            memory_pages,
            max_memory_pages: maximum.unwrap_or(limits::MAX_MEMORY_PAGES),
            memory: initial_memory(module),
            data: passive.flat_map(|segment| segment.bytes).copied().collect(),
            words: self.words,
            entries: self.entries,
        })
    }

    fn tables(&self, module: &GuestModule<'_>) -> Vec<Option<TableEntry>> {
        let size = module
            .tables
            .last()
            .map_or(0, |last| last.first + last.size);
        let mut tables = vec![None; size as usize];
        for segment in &module.elements {
            let first = module.tables[segment.table as usize].first + segment.offset;
            let slots = &mut tables[first as usize..];
            for (slot, item) in slots.iter_mut().zip(&segment.items) {
                *slot = item.and_then(|function| {
                    let ty = module.canonical_type(module.functions[function as usize]);
                    self.entries[function as usize].map(|entry| TableEntry { ty, entry })
                });
            }
        }
        tables
    }
}

/// Active data segments: offset and bytes.
pub(crate) fn initial_memory(module: &GuestModule<'_>) -> Vec<(u32, Vec<u8>)> {
    let active = module
        .data
        .iter()
        .filter_map(|segment| Some((segment.offset?, segment.bytes)));
    active
        .map(|(offset, bytes)| (offset, bytes.to_vec()))
        .collect()
}

fn relocate(word: Word, base: u32) -> Word {
    match word.opcode {
        op::JUMP | op::JUMP_IF_ZERO | op::JUMP_IF_NONZERO => Word {
            b: word.b + base,
            ..word
        },
        _ => word,
    }
}
