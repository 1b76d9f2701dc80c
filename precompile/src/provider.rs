//! The way into a plain revm.

use alloy_primitives::map::AddressSet;
use alloy_primitives::{Address, U256};
use revm::context_interface::{Block, Cfg, ContextTr, JournalTr};
use revm::handler::{PrecompileProvider, precompile_output_to_interpreter_result};
use revm::interpreter::{CallInputs, InterpreterResult};
use revm::precompile::{PrecompileHalt, PrecompileOutput};

use crate::call::{Reply, Request};
use crate::{HostError, Inference, MODEL_REGISTRY, Precompile};

/// A revm's precompiles with the inference precompiles added.
#[derive(Clone, Debug)]
pub struct InferenceProvider<P> {
    base: P,
    inference: Inference,
    /// The base's addresses and ours. Filled once the base knows its hardfork.
    warm: AddressSet,
}

impl<P> InferenceProvider<P> {
    pub(crate) fn new(base: P, inference: Inference) -> Self {
        let warm = Precompile::ALL
            .map(Precompile::address)
            .into_iter()
            .collect();
        Self {
            base,
            inference,
            warm,
        }
    }
}

impl<P, CTX> PrecompileProvider<CTX> for InferenceProvider<P>
where
    P: PrecompileProvider<CTX, Output = InterpreterResult>,
    CTX: ContextTr,
{
    type Output = InterpreterResult;

    fn set_spec(&mut self, spec: <CTX::Cfg as Cfg>::Spec) -> bool {
        let changed = self.base.set_spec(spec);
        let before = self.warm.len();
        self.warm.clone_from(self.base.warm_addresses());
        self.warm.extend(Precompile::ALL.map(Precompile::address));
        // A base that was built for its hardfork says that nothing changed; the addresses are new all the same.
        changed || before != self.warm.len()
    }

    fn run(
        &mut self,
        context: &mut CTX,
        inputs: &CallInputs,
    ) -> Result<Option<InterpreterResult>, String> {
        let Some(precompile) = Precompile::at(&inputs.bytecode_address) else {
            return self.base.run(context, inputs);
        };
        // A copy, because reading the registry needs the context that the call data may lie in.
        let data = inputs.input.bytes(context);
        let request = Request {
            precompile,
            data: &data,
            gas_limit: inputs.gas_limit,
            value: received_value(inputs),
            caller: inputs.caller,
            block_number: context.block().number(),
        };
        let mut registry = |slot| read_registry(context, slot);
        let reply = self
            .inference
            .call(&request, &mut registry)
            .map_err(|error| error.to_string())?;
        let output = precompile_output(reply, inputs.gas_limit, inputs.reservoir);
        Ok(Some(precompile_output_to_interpreter_result(
            output,
            inputs.gas_limit,
        )))
    }

    fn warm_addresses(&self) -> &AddressSet {
        &self.warm
    }

    fn contains(&self, address: &Address) -> bool {
        Precompile::at(address).is_some() || self.base.contains(address)
    }
}

fn received_value(inputs: &CallInputs) -> U256 {
    value_of(
        inputs.call_value(),
        inputs.target_address,
        inputs.bytecode_address,
    )
}

/// The value that a precompile receives. One that a DELEGATECALL or CALLCODE runs for another account receives none.
pub(crate) fn value_of(value: U256, target: Address, bytecode: Address) -> U256 {
    if target == bytecode {
        value
    } else {
        U256::ZERO
    }
}

fn read_registry<CTX: ContextTr>(context: &mut CTX, slot: U256) -> Result<U256, HostError> {
    let state = |error: <CTX::Db as revm::Database>::Error| HostError::State(error.to_string());
    let journal = context.journal_mut();
    journal.load_account(MODEL_REGISTRY).map_err(state)?;
    Ok(journal.sload(MODEL_REGISTRY, slot).map_err(state)?.data)
}

/// The reply as revm takes it.
pub(crate) fn precompile_output(reply: Reply, gas_limit: u64, reservoir: u64) -> PrecompileOutput {
    match reply {
        // INVARIANT: no call costs more than it was given; if one did, it would be out of gas on every node.
        Reply::Success { gas_used, .. } | Reply::Revert { gas_used, .. }
            if gas_used > gas_limit =>
        {
            PrecompileOutput::halt(PrecompileHalt::OutOfGas, reservoir)
        }
        Reply::Success { gas_used, answer } => PrecompileOutput::new(gas_used, answer, reservoir),
        Reply::Revert { gas_used, error } => {
            PrecompileOutput::revert(gas_used, error.abi_encode(), reservoir)
        }
        Reply::OutOfGas => PrecompileOutput::halt(PrecompileHalt::OutOfGas, reservoir),
    }
}
