//! A running state as it is hashed.

use enshrine_primitives::{BlobRoot, NodeHash};
use enshrine_runtime::{Fuel, limits, program::ProgramHeader, tree};

use super::{ChainHash, EMPTY_CHAIN, StateHash, keccak, terminal::split};
use crate::access::Registers;

const RUNNING_TAG: &[u8] = b"enshrine/running/1";

/// What a run works on, beside its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunInputs {
    /// Root of blob 0, the model.
    pub model: BlobRoot,
    /// Root of blob 1, the input.
    pub input: BlobRoot,
    /// Fuel of both phases.
    pub fuel: Fuel,
}

/// Everything that the hash of a running state is the hash of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Root of the code words.
    pub code_root: NodeHash,
    /// Root of all tables' entries.
    pub tables_root: NodeHash,
    /// Root of the passive data.
    pub data_root: NodeHash,
    /// Root of the model.
    pub model_root: BlobRoot,
    /// Root of the input.
    pub input_root: BlobRoot,
    /// Root of the running frame's locals.
    pub locals_root: NodeHash,
    /// Head of the frames below the running one.
    pub frames: ChainHash,
    /// Head of the value stack.
    pub stack: ChainHash,
    /// Root of the globals, hidden ones included.
    pub globals_root: NodeHash,
    /// Root of the memory.
    pub memory_root: NodeHash,
    /// Where the running frame returns to.
    pub return_pc: u32,
    /// Frames below the running one.
    pub frames_height: u32,
    /// Values on the stack.
    pub stack_height: u32,
    /// The rest.
    pub registers: Registers,
}

/// Encoded size of a record.
pub const RECORD_BYTES: usize = 396;

impl Record {
    /// The first state of a run, from what L1 knows of it.
    ///
    /// Fuel above the limits counts as the limit, as in every run.
    ///
    /// ```
    /// use enshrine_prover::{Record, RunInputs};
    /// use enshrine_runtime::{BlobRoot, Fuel, program::Program};
    ///
    /// let header = Program::default().header();
    /// let zero = BlobRoot::new([0; 32]);
    /// let record = Record::initial(&header, &RunInputs { model: zero, input: zero, fuel: Fuel::from(1) });
    /// assert_eq!(record.registers.pc, 0);
    /// assert_eq!(record.registers.fuel_aside, 1);
    /// ```
    pub fn initial(header: &ProgramHeader, inputs: &RunInputs) -> Self {
        let ProgramHeader {
            code_root,
            tables_root,
            data_root,
            globals_root,
            memory_root,
            memory_pages,
            max_memory_pages,
        } = *header;
        let RunInputs { model, input, fuel } = *inputs;
        Self {
            code_root,
            tables_root,
            data_root,
            model_root: model,
            input_root: input,
            locals_root: tree::zero(tree::VALUE_DEPTH),
            frames: EMPTY_CHAIN,
            stack: EMPTY_CHAIN,
            globals_root,
            memory_root,
            return_pc: 0,
            frames_height: 0,
            stack_height: 0,
            registers: Registers {
                pc: 0,
                slots_left: limits::MAX_STACK_SLOTS,
                memory_pages,
                max_memory_pages,
                fuel_left: fuel.load.min(limits::LOAD_FUEL),
                fuel_aside: fuel.infer.min(limits::MAX_FUEL),
                output_root: BlobRoot::new([0; 32]),
            },
        }
    }

    /// Keccak-256 of `enshrine/running/1` and the encoded record.
    pub fn hash(&self) -> StateHash {
        StateHash::new(keccak(&[RUNNING_TAG, &self.encode()]))
    }

    /// The encoded record, numbers big endian.
    ///
    /// | offset | size | field |
    /// |---|---|---|
    /// | 0 | 32 | `code_root` |
    /// | 32 | 32 | `tables_root` |
    /// | 64 | 32 | `data_root` |
    /// | 96 | 32 | `model_root` |
    /// | 128 | 32 | `input_root` |
    /// | 160 | 32 | `locals_root` |
    /// | 192 | 32 | `frames` |
    /// | 224 | 32 | `stack` |
    /// | 256 | 32 | `globals_root` |
    /// | 288 | 32 | `memory_root` |
    /// | 320 | 32 | `output_root` |
    /// | 352 | 4 | `max_memory_pages` |
    /// | 356 | 4 | `memory_pages` |
    /// | 360 | 4 | `pc` |
    /// | 364 | 4 | `return_pc` |
    /// | 368 | 4 | `frames_height` |
    /// | 372 | 4 | `stack_height` |
    /// | 376 | 4 | `slots_left` |
    /// | 380 | 8 | `fuel_left` |
    /// | 388 | 8 | `fuel_aside` |
    pub fn encode(&self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        let mut rest = &mut bytes[..];
        for root in self.roots() {
            rest = put(rest, &root);
        }
        for number in self.numbers() {
            rest = put(rest, &number.to_be_bytes());
        }
        let Registers {
            fuel_left,
            fuel_aside,
            ..
        } = self.registers;
        rest = put(rest, &fuel_left.to_be_bytes());
        put(rest, &fuel_aside.to_be_bytes());
        bytes
    }

    fn roots(&self) -> [[u8; 32]; 11] {
        let Self {
            code_root,
            tables_root,
            data_root,
            model_root,
            input_root,
            locals_root,
            frames,
            stack,
            globals_root,
            memory_root,
            return_pc: _,
            frames_height: _,
            stack_height: _,
            registers,
        } = self;
        [
            *code_root.as_bytes(),
            *tables_root.as_bytes(),
            *data_root.as_bytes(),
            *model_root.as_bytes(),
            *input_root.as_bytes(),
            *locals_root.as_bytes(),
            *frames.as_bytes(),
            *stack.as_bytes(),
            *globals_root.as_bytes(),
            *memory_root.as_bytes(),
            *registers.output_root.as_bytes(),
        ]
    }

    fn numbers(&self) -> [u32; 7] {
        let Registers {
            pc,
            slots_left,
            memory_pages,
            max_memory_pages,
            fuel_left: _,
            fuel_aside: _,
            output_root: _,
        } = self.registers;
        [
            max_memory_pages,
            memory_pages,
            pc,
            self.return_pc,
            self.frames_height,
            self.stack_height,
            slots_left,
        ]
    }

    /// The record that [`Self::encode`] gives for it. Every byte string of the size is one.
    pub fn decode(bytes: &[u8; RECORD_BYTES]) -> Self {
        let mut rest = &bytes[..];
        let mut roots = [[0; 32]; 11];
        for root in &mut roots {
            (*root, rest) = split(rest);
        }
        let mut numbers = [0; 7];
        for number in &mut numbers {
            let (field, after) = split(rest);
            (*number, rest) = (u32::from_be_bytes(field), after);
        }
        let (fuel_left, rest) = split(rest);
        let (fuel_aside, _) = split(rest);
        let [
            code,
            tables,
            data,
            model,
            input,
            locals,
            frames,
            stack,
            globals,
            memory,
            output,
        ] = roots;
        let [
            max_memory_pages,
            memory_pages,
            pc,
            return_pc,
            frames_height,
            stack_height,
            slots_left,
        ] = numbers;
        Self {
            code_root: NodeHash::new(code),
            tables_root: NodeHash::new(tables),
            data_root: NodeHash::new(data),
            model_root: BlobRoot::new(model),
            input_root: BlobRoot::new(input),
            locals_root: NodeHash::new(locals),
            frames: ChainHash::new(frames),
            stack: ChainHash::new(stack),
            globals_root: NodeHash::new(globals),
            memory_root: NodeHash::new(memory),
            return_pc,
            frames_height,
            stack_height,
            registers: Registers {
                pc,
                slots_left,
                memory_pages,
                max_memory_pages,
                fuel_left: u64::from_be_bytes(fuel_left),
                fuel_aside: u64::from_be_bytes(fuel_aside),
                output_root: BlobRoot::new(output),
            },
        }
    }
}

/// Writes a field of a fixed layout; the place behind it.
fn put<'a>(target: &'a mut [u8], field: &[u8]) -> &'a mut [u8] {
    let (place, rest) = target.split_at_mut(field.len());
    place.copy_from_slice(field);
    rest
}
