//! Reports of executed calls, outside the EVM's journal.

use alloy_primitives::{Address, U256};
use enshrine_primitives::BlobRoot;
use enshrine_runtime::Outcome;

use crate::{CallResult, Precompile};

/// Is told of every call that ran a model, in the order of the runs.
///
/// A run in a frame that reverts later has steered the control flow all the same, so it is reported too: nothing is taken
/// back. Calls that ended before a run (out of gas, malformed, unknown model) are not reported. The observer belongs
/// to whoever builds the EVM: give block execution one and `eth_call` none.
pub trait Observer: Send + Sync {
    /// A call was executed. Runs on the EVM's thread before the EVM goes on.
    fn executed(&self, call: &ExecutedCall<'_>);
}

impl<F: Fn(&ExecutedCall<'_>) + Send + Sync> Observer for F {
    fn executed(&self, call: &ExecutedCall<'_>) {
        self(call);
    }
}

/// A call that ran a model.
#[derive(Clone, Debug)]
pub struct ExecutedCall<'a> {
    /// Block in which it ran.
    pub block_number: U256,
    /// Which precompile was called.
    pub precompile: Precompile,
    /// Who called it.
    pub caller: Address,
    /// Address of the model.
    pub model: BlobRoot,
    /// The model: at [`Precompile::WithModel`] it may be nowhere else.
    pub model_bytes: &'a [u8],
    /// Root of the input.
    pub input_root: BlobRoot,
    /// The input.
    pub input: &'a [u8],
    /// Fuel that `load` was given.
    pub load_fuel: u64,
    /// Fuel that `infer` was given.
    pub fuel: u64,
    /// How the run ended. It carries the output's root.
    pub outcome: Outcome,
    /// The run's output: tensors, or the guest's message.
    pub output: &'a [u8],
    /// Gas that the call was given.
    pub gas_limit: u64,
    /// Gas that the call cost.
    pub gas_used: u64,
    /// What the EVM got. A run that finished can still be a failed call: when its price was above the gas given.
    pub result: &'a CallResult,
}
