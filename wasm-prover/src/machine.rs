//! The live machine.

use std::sync::{Arc, OnceLock};

use enshrine_primitives::{BlobRoot, BlobTooLarge, NodeHash, PAGE_SIZE, blob_root, page_root};
use enshrine_runtime::{
    Fuel,
    isa::{WORD_SIZE, Word},
    limits,
    program::{Program, ProgramHeader, TableEntry},
    trace::Checkpoint,
    tree::{self, CODE_DEPTH, Leaf, MEMORY_DEPTH},
};

use crate::{
    access::{Registers, StateAccess, Step, Stop},
    state::{
        ChainHash, EMPTY_CHAIN, PageTree, PagedMemory, Record, RunInputs, StateHash, Terminal,
        frame_link, page_of, value_link,
    },
    step::step,
};

/// What all states of a run share: the program and the blobs, with the trees above them.
#[derive(Debug)]
pub struct Subject {
    program: Arc<Program>,
    header: ProgramHeader,
    code: PageTree,
    data: OnceLock<PageTree>,
    blobs: [Blob; 2],
}

/// A blob with the tree above it.
#[derive(Debug)]
pub(crate) struct Blob {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) root: BlobRoot,
    tree: OnceLock<PageTree>,
}

impl Blob {
    fn new(bytes: Arc<[u8]>) -> Result<Self, BlobTooLarge> {
        let root = blob_root(&bytes)?;
        Ok(Self {
            bytes,
            root,
            tree: OnceLock::new(),
        })
    }

    pub(crate) fn tree(&self) -> &PageTree {
        self.tree
            .get_or_init(|| PageTree::of_bytes(&self.bytes, MEMORY_DEPTH))
    }
}

impl Subject {
    /// A program about to run on a model and an input.
    ///
    /// # Errors
    /// If a blob has more than 4 GiB.
    pub fn new(
        program: Arc<Program>,
        model: Arc<[u8]>,
        input: Arc<[u8]>,
    ) -> Result<Self, BlobTooLarge> {
        let code = code_tree(&program.words);
        Ok(Self {
            header: program.header_over(code.root()),
            program,
            code,
            data: OnceLock::new(),
            blobs: [Blob::new(model)?, Blob::new(input)?],
        })
    }

    /// The program's header.
    pub fn header(&self) -> &ProgramHeader {
        &self.header
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Roots and fuel: what L1 knows of a run with this fuel.
    pub fn inputs(&self, fuel: Fuel) -> RunInputs {
        let [model, input] = &self.blobs;
        RunInputs {
            model: model.root,
            input: input.root,
            fuel,
        }
    }

    pub(crate) fn blob(&self, blob: u32) -> &Blob {
        &self.blobs[blob as usize]
    }

    /// A page of 128 words.
    pub(crate) fn code_page(&self, page: usize) -> [u8; PAGE_SIZE] {
        let words = self.program.words.get(page * PAGE_WORDS..);
        code_page(words.unwrap_or_default())
    }

    pub(crate) fn code_tree(&self) -> &PageTree {
        &self.code
    }

    pub(crate) fn data_tree(&self) -> &PageTree {
        self.data
            .get_or_init(|| PageTree::of_bytes(&self.program.data, MEMORY_DEPTH))
    }

    pub(crate) fn table_entry(&self, index: u32) -> Option<TableEntry> {
        let entry = self.program.tables.get(index as usize);
        entry.copied().flatten()
    }
}

/// Words of a page.
const PAGE_WORDS: usize = PAGE_SIZE / WORD_SIZE;

/// Every core hashes a part: a proof waits for this.
fn code_tree(words: &[Word]) -> PageTree {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let pages = words.len().div_ceil(PAGE_WORDS);
    let part = pages.div_ceil(threads).max(1) * PAGE_WORDS;
    let roots = std::thread::scope(|scope| {
        let hashers: Vec<_> = words
            .chunks(part)
            .map(|words| scope.spawn(|| page_roots(words)))
            .collect();
        let parts = hashers.into_iter();
        parts
            .flat_map(|hasher| hasher.join().expect("hashing does not panic"))
            .collect()
    });
    PageTree::new(roots, CODE_DEPTH)
}

fn page_roots(words: &[Word]) -> Vec<NodeHash> {
    let pages = words.chunks(PAGE_WORDS);
    pages.map(|words| page_root(&code_page(words))).collect()
}

/// The first words as the bytes of a page, zeros behind them.
fn code_page(words: &[Word]) -> [u8; PAGE_SIZE] {
    let mut bytes = [0; PAGE_SIZE];
    for (place, word) in bytes.chunks_exact_mut(WORD_SIZE).zip(words) {
        place.copy_from_slice(&word.encode());
    }
    bytes
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    return_pc: u32,
    /// First of its locals.
    base: usize,
}

/// A state that runs at full speed and is hashed when asked. Copies are cheap: they share memory pages.
#[derive(Clone, Debug)]
pub struct Machine {
    subject: Arc<Subject>,
    registers: Registers,
    terminal: Option<Terminal>,
    stack: Vec<u128>,
    /// The running frame is the last; there is always one.
    frames: Vec<Frame>,
    locals: Vec<u128>,
    globals: Vec<u128>,
    memory: PagedMemory,
    hashes: Hashes,
}

/// Hashes of what has not changed since they were taken.
#[derive(Clone, Debug, Default)]
struct Hashes {
    /// Heads of the value stack from height 1 on.
    stack: Vec<ChainHash>,
    /// Heads of the frame stack from height 1 on.
    frames: Vec<ChainHash>,
    globals: Option<NodeHash>,
}

/// Most values on the stack, and most frames. Lowered code cannot reach it, since both take stack slots.
pub const MAX_HEIGHT: u32 = limits::MAX_STACK_SLOTS;

/// Where a function that was entered by itself returns to: no program is that long.
pub const EXIT: u32 = u32::MAX;

impl Machine {
    /// The first state of a run.
    pub fn new(subject: Arc<Subject>, fuel: Fuel) -> Self {
        let record = Record::initial(&subject.header, &subject.inputs(fuel));
        let program = &subject.program;
        let mut bytes = vec![0; (program.memory_pages as usize) << 16];
        for (offset, part) in &program.memory {
            bytes[*offset as usize..][..part.len()].copy_from_slice(part);
        }
        Self {
            registers: record.registers,
            terminal: None,
            stack: Vec::new(),
            frames: vec![Frame {
                return_pc: 0,
                base: 0,
            }],
            locals: Vec::new(),
            globals: program.globals.clone(),
            memory: PagedMemory::new(&bytes, None),
            hashes: Hashes::default(),
            subject,
        }
    }

    /// The state at a checkpoint of a traced run. `like` is a state of the same run whose unchanged memory pages are
    /// shared; `fuel_aside` is the fuel of the other phase.
    pub fn at_checkpoint(
        subject: Arc<Subject>,
        checkpoint: &Checkpoint<'_>,
        fuel_aside: u64,
        like: Option<&Self>,
    ) -> Self {
        let mut frames = Vec::new();
        let mut locals = Vec::new();
        for frame in &checkpoint.frames {
            frames.push(Frame {
                return_pc: frame.return_pc,
                base: locals.len(),
            });
            locals.extend(&frame.locals);
        }
        let memory = PagedMemory::new(checkpoint.memory, like.map(|like| &like.memory));
        Self {
            registers: Registers {
                pc: checkpoint.pc,
                slots_left: checkpoint.slots_left,
                memory_pages: u32::try_from(checkpoint.memory.len() >> 16).expect("at most 2^16"),
                max_memory_pages: subject.program.max_memory_pages,
                fuel_left: checkpoint.fuel_left,
                fuel_aside,
                output_root: checkpoint.output_root,
            },
            terminal: None,
            stack: checkpoint.stack.clone(),
            frames,
            locals,
            globals: checkpoint.globals.clone(),
            memory,
            hashes: Hashes::default(),
            subject,
        }
    }

    /// Begins a call of the function at word `entry` on an empty stack, for tests of single functions. Memory and globals
    /// stay. The call has returned when `pc` is [`EXIT`]; its results are the stack.
    pub fn enter(&mut self, entry: u32, args: &[u128], fuel: u64) {
        self.stack = args.to_vec();
        self.locals.clear();
        self.frames = [0, EXIT]
            .map(|return_pc| Frame { return_pc, base: 0 })
            .to_vec();
        self.hashes.stack.clear();
        self.hashes.frames.clear();
        self.terminal = None;
        self.registers.pc = entry;
        self.registers.slots_left = limits::MAX_STACK_SLOTS;
        self.registers.fuel_left = fuel;
    }

    /// Takes at most `steps` steps; how many it took. Fewer only if the run ends: further steps of an ended run change
    /// nothing and are not counted.
    pub fn run(&mut self, steps: u64) -> u64 {
        for taken in 0..steps {
            if self.terminal.is_some() {
                return taken;
            }
            self.step();
        }
        steps
    }

    /// Takes one step; an ended run stays as it is.
    #[inline]
    pub fn step(&mut self) {
        if self.terminal.is_none() {
            let Ok(terminal) = step(self);
            self.terminal = terminal;
        }
    }

    /// How the run ended, if it did.
    pub fn terminal(&self) -> Option<Terminal> {
        self.terminal
    }

    /// Ends the run, for a recorder that took the last step itself.
    pub(crate) fn end(&mut self, terminal: Terminal) {
        self.terminal = Some(terminal);
    }

    /// Fuel, pc and other small fields.
    pub fn registers(&self) -> &Registers {
        &self.registers
    }

    /// The value stack, bottom first.
    pub fn stack(&self) -> &[u128] {
        &self.stack
    }

    /// Frames, outermost first: return pc and locals up to the last that was ever set.
    pub fn frames(&self) -> impl Iterator<Item = (u32, &[u128])> {
        let ends = self.frames.iter().skip(1).map(|frame| frame.base);
        let ends = ends.chain([self.locals.len()]);
        self.frames
            .iter()
            .zip(ends)
            .map(|(frame, end)| (frame.return_pc, &self.locals[frame.base..end]))
    }

    /// Globals, hidden ones last.
    pub fn globals(&self) -> &[u128] {
        &self.globals
    }

    /// The memory.
    pub fn memory(&self) -> &PagedMemory {
        &self.memory
    }

    pub(crate) fn memory_mut(&mut self) -> &mut PagedMemory {
        &mut self.memory
    }

    /// The program and blobs of the run.
    pub fn subject(&self) -> &Arc<Subject> {
        &self.subject
    }

    /// The word that the next step executes, if there is one.
    pub fn next_word(&self) -> Option<&Word> {
        self.subject.program.words.get(self.registers.pc as usize)
    }

    /// The state's hash. What changed since the last time is hashed again.
    pub fn hash(&mut self) -> StateHash {
        match self.terminal {
            Some(terminal) => terminal.hash(),
            None => self.record().hash(),
        }
    }

    /// The record of a running state.
    pub fn record(&mut self) -> Record {
        let header = self.subject.header;
        let [model, input] = &self.subject.blobs;
        Record {
            code_root: header.code_root,
            tables_root: header.tables_root,
            data_root: header.data_root,
            model_root: model.root,
            input_root: input.root,
            locals_root: self.locals_root(self.frames.len() - 1),
            frames: self.frames_head(),
            stack: self.stack_head(),
            globals_root: self.globals_root(),
            memory_root: self.memory.root(),
            return_pc: self.frame().return_pc,
            frames_height: self.frames_height(),
            stack_height: count(self.stack.len()),
            registers: self.registers,
        }
    }

    fn frame(&self) -> Frame {
        *self.frames.last().expect("there is always a frame")
    }

    fn frames_height(&self) -> u32 {
        count(self.frames.len() - 1)
    }

    fn stack_head(&mut self) -> ChainHash {
        let mut head = self.hashes.stack.last().copied().unwrap_or(EMPTY_CHAIN);
        for value in &self.stack[self.hashes.stack.len()..] {
            head = value_link(*value, &head);
            self.hashes.stack.push(head);
        }
        head
    }

    fn frames_head(&mut self) -> ChainHash {
        let mut head = self.hashes.frames.last().copied().unwrap_or(EMPTY_CHAIN);
        for index in self.hashes.frames.len()..self.frames.len() - 1 {
            let locals = self.locals_root(index);
            head = frame_link(self.frames[index].return_pc, &locals, &head);
            self.hashes.frames.push(head);
        }
        head
    }

    /// The top value and the head of the stack below it.
    pub(crate) fn top_value(&mut self) -> Option<(u128, ChainHash)> {
        let value = *self.stack.last()?;
        self.stack_head();
        Some((value, below(&self.hashes.stack)))
    }

    /// Return pc and root of the locals of the frame below the running one, and the head of the frames below that.
    pub(crate) fn frame_below(&mut self) -> Option<(u32, NodeHash, ChainHash)> {
        let index = self.frames.len().checked_sub(2)?;
        self.frames_head();
        let head = below(&self.hashes.frames);
        Some((self.frames[index].return_pc, self.locals_root(index), head))
    }

    fn frame_locals(&self, index: usize) -> &[u128] {
        let end = self
            .frames
            .get(index + 1)
            .map_or(self.locals.len(), |next| next.base);
        &self.locals[self.frames[index].base..end]
    }

    fn locals_root(&self, index: usize) -> NodeHash {
        tree::values_root(self.frame_locals(index).iter().copied())
    }

    /// Locals of the running frame.
    pub(crate) fn running_locals(&self) -> &[u128] {
        &self.locals[self.frame().base..]
    }

    fn globals_root(&mut self) -> NodeHash {
        let globals = &self.globals;
        *self
            .hashes
            .globals
            .get_or_insert_with(|| tree::values_root(globals.iter().copied()))
    }
}

/// The head below the last link.
fn below(heads: &[ChainHash]) -> ChainHash {
    match heads {
        [.., head, _] => *head,
        _ => EMPTY_CHAIN,
    }
}

/// A height, which a limit keeps far below 2^32.
fn count(height: usize) -> u32 {
    u32::try_from(height).expect("heights are limited")
}

/// Sets an entry of a list whose missing entries are zero.
fn set(values: &mut Vec<u128>, index: usize, value: u128) -> u128 {
    if index >= values.len() {
        values.resize(index + 1, 0);
    }
    std::mem::replace(&mut values[index], value)
}

/// Live state is never other than it should be.
impl StateAccess for Machine {
    type Error = std::convert::Infallible;

    #[inline]
    fn registers(&mut self) -> &mut Registers {
        &mut self.registers
    }

    #[inline]
    fn word(&mut self, pc: u32) -> Result<Word, Self::Error> {
        let word = self.subject.program.words.get(pc as usize).copied();
        Ok(word.unwrap_or_default())
    }

    #[inline]
    fn pop(&mut self) -> Step<u128, Self::Error> {
        let value = self.stack.pop().ok_or(Stop::Failed)?;
        self.hashes.stack.truncate(self.stack.len());
        Ok(value)
    }

    #[inline]
    fn push(&mut self, value: u128) -> Step<(), Self::Error> {
        if self.stack.len() >= MAX_HEIGHT as usize {
            return Err(Stop::Failed);
        }
        self.stack.push(value);
        Ok(())
    }

    fn push_frame(&mut self, return_pc: u32) -> Step<(), Self::Error> {
        if self.frames_height() >= MAX_HEIGHT {
            return Err(Stop::Failed);
        }
        self.frames.push(Frame {
            return_pc,
            base: self.locals.len(),
        });
        Ok(())
    }

    fn pop_frame(&mut self) -> Step<u32, Self::Error> {
        if self.frames.len() < 2 {
            return Err(Stop::Failed);
        }
        let frame = self.frame();
        self.frames.pop();
        self.locals.truncate(frame.base);
        self.hashes.frames.truncate(self.frames.len() - 1);
        Ok(frame.return_pc)
    }

    #[inline]
    fn local(&mut self, index: u32) -> Result<u128, Self::Error> {
        let value = self.locals.get(self.frame().base + index as usize);
        Ok(value.copied().unwrap_or_default())
    }

    #[inline]
    fn replace_local(&mut self, index: u32, value: u128) -> Result<u128, Self::Error> {
        let index = self.frame().base + index as usize;
        Ok(set(&mut self.locals, index, value))
    }

    #[inline]
    fn global(&mut self, index: u32) -> Result<u128, Self::Error> {
        let value = self.globals.get(index as usize);
        Ok(value.copied().unwrap_or_default())
    }

    #[inline]
    fn set_global(&mut self, index: u32, value: u128) -> Result<(), Self::Error> {
        self.hashes.globals = None;
        set(&mut self.globals, index as usize, value);
        Ok(())
    }

    fn table_leaf(&mut self, index: u32) -> Result<Leaf, Self::Error> {
        Ok(TableEntry::leaf(self.subject.table_entry(index)))
    }

    #[inline]
    fn load(&mut self, address: u64, size: u32) -> Result<u128, Self::Error> {
        Ok(self.memory.load(address, size))
    }

    #[inline]
    fn store(&mut self, address: u64, size: u32, bits: u128) -> Result<(), Self::Error> {
        self.memory.store(address, size, bits);
        Ok(())
    }

    fn load_root(&mut self, address: u64) -> Result<[u8; 32], Self::Error> {
        Ok(self.memory.load_root(address))
    }

    fn grow(&mut self, pages: u32) {
        self.registers.memory_pages = pages;
        self.memory.grow(pages);
    }

    fn data(&mut self, offset: u64, size: u32) -> Result<u128, Self::Error> {
        let data = &self.subject.program.data;
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|offset| data.get(offset..));
        let mut bytes = [0; 16];
        for (place, byte) in bytes
            .iter_mut()
            .zip(rest.unwrap_or_default())
            .take(size as usize)
        {
            *place = *byte;
        }
        Ok(u128::from_le_bytes(bytes))
    }

    fn blob_len(&mut self, blob: u32) -> Result<u64, Self::Error> {
        Ok(self.subject.blob(blob).bytes.len() as u64)
    }

    fn copy_blob_page(&mut self, blob: u32, page: u32, target: u32) -> Result<(), Self::Error> {
        let bytes = page_of(&self.subject.blob(blob).bytes, page as usize);
        self.memory.set_page(target, &bytes);
        Ok(())
    }
}
