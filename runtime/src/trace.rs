//! The machine's state as a traced run shows it.

use enshrine_primitives::BlobRoot;

/// A frame of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Where it returns to.
    pub return_pc: u32,
    /// Its locals, those of the lowering last.
    pub locals: Vec<u128>,
}

/// A state of the machine, between two steps.
#[derive(Clone, Debug)]
pub struct Checkpoint<'a> {
    /// Index of the next word.
    pub pc: u32,
    /// Fuel left of the running phase.
    pub fuel_left: u64,
    /// Stack slots that calls may still take.
    pub slots_left: u32,
    /// Frames, outermost first; the last is the running one.
    pub frames: Vec<Frame>,
    /// The value stack, bottom first.
    pub stack: Vec<u128>,
    /// Globals, hidden ones last.
    pub globals: Vec<u128>,
    /// The memory.
    pub memory: &'a [u8],
    /// What `output` last set, zero before.
    pub output_root: BlobRoot,
}
