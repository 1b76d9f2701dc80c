//! What a chain's genesis must hold for the precompiles to work.

use alloy_primitives::{Address, Bytes, U256};
use enshrine_primitives::BlobRoot;

use crate::contracts::{GovernedModelRegistry, OpenModelRegistry};
use crate::registry::entry_slot;
use crate::{MODEL_REGISTRY, Precompile, RegistryEntry};

/// Code of the precompiles' accounts: `INVALID`. It never runs; it is there because Solidity looks at the size of a
/// callee's code, and so that the accounts are not empty.
const PRECOMPILE_CODE: [u8; 1] = [0xfe];

/// Storage slot of the governed registry's governor.
///
/// MIRROR: precompile/contracts/src/GovernedModelRegistry.sol
const GOVERNOR_SLOT: U256 = U256::ONE;

/// Who may register models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistryPolicy {
    /// Anybody: for development chains.
    Open,
    /// One account or contract, which may hand the office over.
    Governed {
        /// The first governor.
        governor: Address,
    },
}

/// An account of the genesis state. Its nonce is 1 and its balance 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenesisAccount {
    /// Where it is.
    pub address: Address,
    /// Its code.
    pub code: Bytes,
    /// Its storage, by slot.
    pub storage: Vec<(U256, U256)>,
}

/// The accounts of both precompiles and of the registry, with some models registered from the start.
///
/// ```
/// use enshrine_precompile::{MODEL_REGISTRY, RegistryPolicy, genesis_accounts};
///
/// let accounts = genesis_accounts(RegistryPolicy::Open, []);
/// assert_eq!(accounts.len(), 3);
/// assert_eq!(accounts[2].address, MODEL_REGISTRY);
/// ```
pub fn genesis_accounts(
    policy: RegistryPolicy,
    models: impl IntoIterator<Item = (BlobRoot, RegistryEntry)>,
) -> Vec<GenesisAccount> {
    let (code, governor) = match policy {
        RegistryPolicy::Open => (&OpenModelRegistry::DEPLOYED_BYTECODE, None),
        RegistryPolicy::Governed { governor } => (
            &GovernedModelRegistry::DEPLOYED_BYTECODE,
            Some((GOVERNOR_SLOT, governor.into_word().into())),
        ),
    };
    let entries = models
        .into_iter()
        .map(|(model, entry)| (entry_slot(model), entry.to_word()));
    let registry = GenesisAccount {
        address: MODEL_REGISTRY,
        code: code.clone(),
        storage: governor.into_iter().chain(entries).collect(),
    };
    Precompile::ALL
        .map(precompile_account)
        .into_iter()
        .chain([registry])
        .collect()
}

fn precompile_account(precompile: Precompile) -> GenesisAccount {
    GenesisAccount {
        address: precompile.address(),
        code: Bytes::from_static(&PRECOMPILE_CODE),
        storage: Vec::new(),
    }
}
