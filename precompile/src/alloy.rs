//! The way into an alloy-evm based node.

use alloy_evm::precompiles::{DynPrecompile, PrecompileInput};
use alloy_primitives::Address;
use revm::precompile::{PrecompileError, PrecompileId, PrecompileResult};

use crate::call::Request;
use crate::provider::{precompile_output, value_of};
use crate::{HostError, Inference, MODEL_REGISTRY, Precompile};

/// Both precompiles with their addresses.
pub(crate) fn precompiles(inference: &Inference) -> [(Address, DynPrecompile); 2] {
    Precompile::ALL.map(|precompile| {
        (
            precompile.address(),
            dyn_precompile(inference.clone(), precompile),
        )
    })
}

fn dyn_precompile(inference: Inference, precompile: Precompile) -> DynPrecompile {
    let id = match precompile {
        Precompile::Registered => PrecompileId::custom("inference"),
        Precompile::WithModel => PrecompileId::custom("inference with model"),
    };
    // Stateful: an answer depends on the registry, and each call must reach the observer, so none may be cached.
    DynPrecompile::new_stateful(id, move |input| call(&inference, precompile, input))
}

fn call(
    inference: &Inference,
    precompile: Precompile,
    mut input: PrecompileInput<'_>,
) -> PrecompileResult {
    let request = Request {
        precompile,
        data: input.data,
        gas_limit: input.gas,
        value: value_of(input.value, input.target_address, input.bytecode_address),
        caller: input.caller,
        block_number: input.internals.block_number(),
    };
    let mut registry = |slot| {
        let word = input.internals.sload(MODEL_REGISTRY, slot);
        word.map(|word| word.data)
            .map_err(|error| HostError::State(error.to_string()))
    };
    let reply = inference
        .call(&request, &mut registry)
        .map_err(|error| PrecompileError::Fatal(error.to_string()))?;
    Ok(precompile_output(reply, input.gas, input.reservoir))
}
