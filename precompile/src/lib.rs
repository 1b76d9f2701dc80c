#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod alloy;
mod call;
mod contracts_abi;
mod errors;
mod gas;
mod genesis;
mod inference;
mod models;
mod observer;
mod provider;
mod registry;
mod wire;

pub use call::{CallResult, HostError};
pub use errors::CallError;
pub use gas::{
    BASE_GAS, DATA_WORD_GAS, GasPrice, MODEL_WORD_GAS, REGISTRY_READ_GAS, STEPS_PER_GAS,
};
pub use genesis::{GenesisAccount, RegistryPolicy, genesis_accounts};
pub use inference::{Inference, InferenceConfig};
pub use observer::{ExecutedCall, Observer};
pub use provider::InferenceProvider;
pub use registry::{MODEL_REGISTRY, Registration, RegistryEntry, entry_slot};
pub use wire::{INFERENCE, INFERENCE_WITH_MODEL, Precompile};

/// Bindings of the committed contract artifacts: the errors, the registry and the example contracts.
pub mod contracts {
    pub use crate::contracts_abi::{
        DigitClassifier, GovernedModelRegistry, InferenceErrors, OpenModelRegistry, TumourTriage,
    };
}
