//! What a run is asked for and what it comes to.

use enshrine_primitives::BlobRoot;

use crate::{engine::EngineKind, limits, meter::NanMode};

/// How to run: the result is the same in every way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Execution {
    /// Engine.
    pub engine: EngineKind,
    /// [`NanMode::Speculative`] turns to the exact build by itself where it must.
    pub nan: NanMode,
    /// Whether to keep the loaded model for further runs, and to look for one. Without, a run leaves nothing behind,
    /// in memory or on disk.
    pub keep: bool,
}

impl From<EngineKind> for Execution {
    fn from(engine: EngineKind) -> Self {
        Self {
            engine,
            nan: NanMode::Speculative,
            keep: true,
        }
    }
}

/// Fuel of a run, in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fuel {
    /// For `load`; more than [`limits::LOAD_FUEL`] is that. A run whose `load` takes more has failed, whether this
    /// host had to run it or not.
    pub load: u64,
    /// For `infer`; more than [`limits::MAX_FUEL`] is that.
    pub infer: u64,
}

impl From<u64> for Fuel {
    /// Fuel for `infer`, and for `load` all that the program allows.
    fn from(infer: u64) -> Self {
        Self {
            load: limits::LOAD_FUEL,
            infer,
        }
    }
}

impl Fuel {
    pub(crate) fn limited(self) -> Self {
        let Self { load, infer } = self;
        Self {
            load: load.min(limits::LOAD_FUEL),
            infer: infer.min(limits::MAX_FUEL),
        }
    }
}

/// Result of a run, the same on every host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `load` returned a status, or `infer` returned.
    Finished {
        /// 0, or the guest's reason to decline; see [`enshrine_primitives::Status`].
        status: i32,
        /// Root of the output, or of the message if the status is not 0.
        output_root: BlobRoot,
        /// Steps of `load`.
        load_steps: u64,
        /// Steps of `infer`; 0 if `load` declined.
        infer_steps: u64,
        /// Fuel that `infer` left of the caller's.
        fuel_left: u64,
    },
    /// Trap, exhausted fuel or stack, misuse of the ABI: all the fuel is gone.
    Failed,
}

/// A run with what this host knows about it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The result.
    pub outcome: Outcome,
    /// Output bytes, or the message of a status other than 0; empty after a failure.
    pub output: Vec<u8>,
    /// The build that gave the result of `infer`.
    pub nan: NanMode,
    /// `load` did not run: its image was at hand.
    pub prepared: bool,
    /// Size of the guest's memory when the run ended, in bytes. 0 if not known.
    pub memory_bytes: u64,
}

/// Steps of one node of a model's plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeSteps {
    /// Index in the plan.
    pub node: u32,
    /// Steps that it took.
    pub steps: u64,
}

/// Steps of a model by node.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The plan as the guest describes it, in JSON.
    pub nodes_json: String,
    /// Steps in the order of the plan.
    pub steps: Vec<NodeSteps>,
}
