//! A naive reference of the machine: one word after the other, written to be read.
//!
//! It shares nothing with the engines but the lowered [`Program`], so it is the judge of results, memory and step
//! counts. One file per family of instructions; each handler pops, computes, pushes.
//!
//! Values are 128 bits: i32 and f32 in the low 32 bits, i64 and f64 in the low 64, lane 0 of a vector lowest, all
//! other bits zero.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "wrapping and truncating casts are what WASM's instructions are defined by"
)]

mod control;
mod convert;
mod float;
mod host;
mod integer;
mod memory;
mod simd_convert;
mod simd_float;
mod simd_integer;
mod simd_lanes;
mod value;

use std::sync::Arc;

use enshrine_runtime::{isa::Word, limits, program::Program};

pub use host::{Blobs, Output};

/// Why a run failed. To the machine both are one outcome; the difference only tells comparisons whether what a run has
/// left in memory is comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// There was no fuel for the next step.
    OutOfFuel,
    /// Anything else.
    Trap,
}

/// What an invoked function gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// Results, first one first.
    pub results: Vec<u128>,
    /// Words stepped.
    pub steps: u64,
}

/// How a whole program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// What `load` or `infer` returned.
    pub status: u32,
    /// Steps up to the end of `load`.
    pub load_steps: u64,
    /// Steps after it.
    pub infer_steps: u64,
    /// What is left of the caller's fuel.
    pub fuel_left: u64,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    return_pc: u32,
    /// First of its locals.
    base: usize,
}

/// Where an invoked function returns to: no program is that long.
pub const EXIT: u32 = u32::MAX;

/// A machine with its state.
#[derive(Clone, Debug)]
pub struct Machine {
    program: Arc<Program>,
    pc: u32,
    stack: Vec<u128>,
    frames: Vec<Frame>,
    locals: Vec<u128>,
    slots_left: u32,
    globals: Vec<u128>,
    /// Shared with clones until either writes.
    memory: Arc<Vec<u8>>,
    blobs: Blobs,
    output: Option<Output>,
    fuel_left: u64,
    /// Fuel of `infer`, until `load` has ended.
    infer_fuel: u64,
    load_steps: u64,
    status: Option<u32>,
    writes: u64,
}

impl Machine {
    /// A machine in the program's initial state.
    pub fn new(program: Arc<Program>, blobs: Blobs) -> Self {
        Self {
            memory: Arc::new(initial_memory(&program)),
            globals: program.globals.clone(),
            program,
            pc: 0,
            stack: Vec::new(),
            frames: Vec::new(),
            locals: Vec::new(),
            slots_left: limits::MAX_STACK_SLOTS,
            blobs,
            output: None,
            fuel_left: 0,
            infer_fuel: 0,
            load_steps: 0,
            status: None,
            writes: 0,
        }
    }

    /// Calls the function at word `entry`. Memory and globals stay for later calls, also after a failure.
    ///
    /// # Errors
    /// [`Failed`] if the machine fails.
    pub fn invoke(&mut self, entry: u32, args: &[u128], fuel: u64) -> Result<Returned, Failed> {
        self.begin(entry, args, fuel);
        while self.pc != EXIT {
            self.step()?;
        }
        Ok(Returned {
            results: std::mem::take(&mut self.stack),
            steps: fuel - self.fuel_left,
        })
    }

    /// Prepares for stepping through a call of the function at word `entry`.
    pub fn begin(&mut self, entry: u32, args: &[u128], fuel: u64) {
        self.stack = args.to_vec();
        self.frames = vec![Frame {
            return_pc: EXIT,
            base: 0,
        }];
        self.locals.clear();
        self.slots_left = limits::MAX_STACK_SLOTS;
        self.fuel_left = fuel;
        self.pc = entry;
    }

    /// Prepares for stepping through the whole program.
    pub fn begin_program(&mut self, fuel: u64) {
        self.fuel_left = limits::LOAD_FUEL;
        self.infer_fuel = fuel;
    }

    /// Runs the whole program from its first word: `load` under the program's own limit, `infer` under `fuel`.
    ///
    /// # Errors
    /// [`Failed`] if the machine fails.
    pub fn run(&mut self, fuel: u64) -> Result<Finished, Failed> {
        self.begin_program(fuel);
        loop {
            self.step()?;
            if let Some(status) = self.status {
                return Ok(Finished {
                    status,
                    load_steps: self.load_steps,
                    infer_steps: fuel - self.fuel_left,
                    fuel_left: self.fuel_left,
                });
            }
        }
    }

    /// The memory.
    pub fn memory(&self) -> &[u8] {
        &self.memory
    }

    /// Global `index`, if there is one.
    pub fn global(&self, index: u32) -> Option<u128> {
        self.globals.get(index as usize).copied()
    }

    /// Globals, hidden ones last.
    pub fn globals(&self) -> &[u128] {
        &self.globals
    }

    /// Index of the next word.
    pub fn pc(&self) -> u32 {
        self.pc
    }

    /// Stack slots left.
    pub fn slots_left(&self) -> u32 {
        self.slots_left
    }

    /// The value stack, bottom first.
    pub fn stack(&self) -> &[u128] {
        &self.stack
    }

    /// Return pc and locals of each frame, outermost first. A function has no locals before its `enter`.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = (u32, &[u128])> {
        self.frames.iter().enumerate().map(|(index, frame)| {
            let above = self.frames.get(index + 1);
            let end = above.map_or(self.locals.len(), |above| above.base);
            (frame.return_pc, &self.locals[frame.base..end])
        })
    }

    /// The status, once the program has finished.
    pub fn status(&self) -> Option<u32> {
        self.status
    }

    /// What the last call of `output` handed over.
    pub fn output(&self) -> Option<&Output> {
        self.output.as_ref()
    }

    /// Fuel left.
    pub fn fuel_left(&self) -> u64 {
        self.fuel_left
    }

    /// Count of steps so far that wrote to the memory or to a global: if it stands still, so does the state.
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// Steps once.
    ///
    /// # Errors
    /// [`Failed`] if the machine fails.
    pub fn step(&mut self) -> Result<(), Failed> {
        let word = *self
            .program
            .words
            .get(self.pc as usize)
            .ok_or(Failed::Trap)?;
        self.charge(1)?;
        self.pc += 1;
        self.dispatch(&word)
    }

    fn charge(&mut self, steps: u64) -> Result<(), Failed> {
        self.fuel_left = self.fuel_left.checked_sub(steps).ok_or(Failed::OutOfFuel)?;
        Ok(())
    }

    fn dispatch(&mut self, word: &Word) -> Result<(), Failed> {
        match word.opcode {
            0x00..=0x24 | 0x41..=0x44 | 0xe000..=0xe02f => control::step(self, word),
            0x28..=0x40 | 0xfc08..=0xfc0b => memory::step(self, word),
            0x45..=0x5a | 0x67..=0x8a | 0xc0..=0xc4 => integer::step(self, word),
            0x5b..=0x66 | 0x8b..=0xa6 => float::step(self, word),
            0xa7..=0xbf | 0xfc00..=0xfc07 => convert::step(self, word),
            0xe030..=0xe0ff => host::step(self, word),
            0xfd00..=0xfd22 | 0xfd4d..=0xfd5d => simd_lanes::step(self, word),
            0xfd23..=0xfd4c | 0xfd5e..=0xfdff => simd_integer::step(self, word),
            _ => Err(Failed::Trap),
        }
    }

    fn push(&mut self, bits: u128) {
        self.stack.push(bits);
    }

    fn pop(&mut self) -> Result<u128, Failed> {
        self.stack.pop().ok_or(Failed::Trap)
    }
}

fn initial_memory(program: &Program) -> Vec<u8> {
    let mut memory = vec![0; (program.memory_pages as usize) << 16];
    for (offset, bytes) in &program.memory {
        let offset = *offset as usize;
        memory[offset..offset + bytes.len()].copy_from_slice(bytes);
    }
    memory
}

/// The outcome of a handler.
type Step = Result<(), Failed>;
