//! Checkpoints: the machine's whole state, seen from a run of a traced build.
//!
//! A traced build is a metered one that keeps in a second memory, frame by frame, what WASM hides: the locals and
//! operands of callers. The host reads them through a [`TraceMap`], which the walk that made the build has filled.

mod map;

use enshrine_primitives::BlobRoot;

use crate::{Run, engine::EngineKind, meter::NanMode};

pub use map::TraceMap;
pub(crate) use map::{FunctionShape, Look, Raw, Site, SiteKind, frame_layout};

/// Return pc of the outermost frame of an exported function that is called by itself: no program is that long.
pub const EXIT_PC: u32 = u32::MAX;

/// The state of the machine before the word at `pc`, all of it. Values are machine values.
#[derive(Debug)]
pub struct Checkpoint<'a> {
    /// Index of the next word: the first one of a function or of a loop.
    pub pc: u32,
    /// Fuel left of the running phase.
    pub fuel_left: u64,
    /// Stack slots left.
    pub slots_left: u32,
    /// Outermost first; the last is the running one.
    pub frames: Vec<Frame>,
    /// The value stack, bottom first.
    pub stack: Vec<u128>,
    /// The module's globals, then the hidden ones.
    pub globals: Vec<u128>,
    /// The memory.
    pub memory: &'a [u8],
    /// What the guest has said last to be the root of its output; zero before.
    pub output_root: BlobRoot,
}

/// A frame of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Where it returns to; [`EXIT_PC`] for a function that was called by itself, 0 for the bootstrap's frame.
    pub return_pc: u32,
    /// All locals of the function, scratch ones included; zero before its `enter`. The bootstrap has none.
    pub locals: Vec<u128>,
}

/// A phase of a program's run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// `load`, under the program's own limit.
    Load,
    /// `infer`, under the fuel that the caller bought.
    Infer,
}

/// How to trace the run of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceRequest {
    /// Engine.
    pub engine: EngineKind,
    /// Build. [`NanMode::Speculative`] may end in [`TracedRun::NanSeen`].
    pub nan: NanMode,
    /// Fuel left of `load` below which the first checkpoint is wanted.
    pub load_stop: Option<u64>,
    /// Fuel left of `infer` below which the first checkpoint is wanted.
    pub infer_stop: Option<u64>,
}

/// How a traced run of a program ended.
#[derive(Clone, Debug)]
pub enum TracedRun {
    /// Every checkpoint was the machine's, and this is the result.
    Ended(Run),
    /// The speculative build saw a NaN whose bits it leaves open, in the run or at a checkpoint. What the watcher saw
    /// before is right; the exact build shows the rest.
    NanSeen,
}

/// Who called the function at the bottom of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A test: the function is called by itself.
    Export,
    /// The bootstrap.
    Phase(Phase),
}

impl Origin {
    /// Frames below the function's own.
    fn frames(self) -> Vec<Frame> {
        match self {
            Self::Export => Vec::new(),
            Self::Phase(_) => vec![Frame::default()],
        }
    }

    /// Where the function returns to: behind its call among the words of the bootstrap.
    const fn return_pc(self) -> u32 {
        match self {
            Self::Export => EXIT_PC,
            Self::Phase(Phase::Load) => 1,
            Self::Phase(Phase::Infer) => 3,
        }
    }

    /// Fuel that the machine has and the counter has not: the step that ends the phase is paid in advance.
    pub(crate) const fn fuel_beside(self) -> u64 {
        match self {
            Self::Export => 0,
            Self::Phase(_) => 1,
        }
    }
}
