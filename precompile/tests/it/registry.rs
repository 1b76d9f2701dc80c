//! The registry: from registration to the first call.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use enshrine_precompile::contracts::{InferenceErrors as Errors, OpenModelRegistry as Abi};
use enshrine_precompile::{INFERENCE, MODEL_REGISTRY, Registration, RegistryEntry, RegistryPolicy};
use revm::context::TxEnv;
use revm::context::result::ExecutionResult;
use revm::primitives::TxKind;

use crate::support::*;

fn register(chain: &mut Chain, caller: Address, model: &[u8], block: u64) -> ExecutionResult {
    let data = Registration::of(model).unwrap().call(block).abi_encode();
    let tx = Chain::tx(TxKind::Call(MODEL_REGISTRY), data, PLENTY);
    chain.transact(TxEnv { caller, ..tx })
}

#[test]
fn a_registered_model_is_active_from_its_block_on() {
    let (model, input) = (model_bytes("digits-cnn"), sample("digit-7.bin"));
    let registration = Registration::of(&model).unwrap();
    let data = registered_call(registration.model, U256::from(40), &input);
    for way in Way::ALL {
        let (store, _) = new_store();
        put(&store, &model);
        let mut chain = Chain::new(way, inference(store), &[]);
        succeeded(&register(&mut chain, SENDER, &model, FIRST_BLOCK + 2));
        let entry = chain.ask(
            MODEL_REGISTRY,
            &Abi::entryOfCall {
                _model: word(registration.model),
            },
        );
        assert_eq!(
            (entry.length, entry.activationBlock),
            (model.len() as u64, FIRST_BLOCK + 2)
        );

        for block in [FIRST_BLOCK, FIRST_BLOCK + 1] {
            chain.block_number = block;
            let (_, got) = reverted(&chain.call(INFERENCE, data.clone(), PLENTY));
            typed::<Errors::UnknownModel>(&got);
        }
        for block in [FIRST_BLOCK + 2, FIRST_BLOCK + 1_000_000] {
            chain.block_number = block;
            succeeded(&chain.call(INFERENCE, data.clone(), PLENTY));
        }
    }
}

#[test]
fn a_large_model_s_length_is_proved() {
    for size in [1, 4096, 4097, 1_000_000] {
        let model = vec![7; size];
        let (store, _) = new_store();
        let mut chain = Chain::new(Way::Revm, inference(store), &[]);
        succeeded(&register(&mut chain, SENDER, &model, FIRST_BLOCK + 1));
        let mut wrong = Registration::of(&model).unwrap().call(FIRST_BLOCK + 1);
        wrong._length += 1;
        let (_, got) = reverted(&chain.call(MODEL_REGISTRY, wrong.abi_encode(), PLENTY));
        typed::<Abi::Registry_AlreadyRegistered>(&got);
        wrong._model = Default::default();
        let (_, got) = reverted(&chain.call(MODEL_REGISTRY, wrong.abi_encode(), PLENTY));
        typed::<Abi::Registry_WrongAddress>(&got);
    }
}

#[test]
fn genesis_and_contract_write_the_same_word() {
    let model = model_bytes("digits-cnn");
    let registration = Registration::of(&model).unwrap();
    let (store, _) = new_store();
    let inference = inference(store);
    let entry = RegistryEntry {
        length_bytes: registration.length_bytes,
        activation_block: FIRST_BLOCK + 1,
    };
    let policy = RegistryPolicy::Open;
    let entries = [(registration.model, entry)];
    let mut preset = Chain::with_genesis(Way::Revm, inference.clone(), policy, entries);
    let mut registered = Chain::new(Way::Revm, inference, &[]);
    succeeded(&register(&mut registered, SENDER, &model, FIRST_BLOCK + 1));
    let slot = enshrine_precompile::entry_slot(registration.model);
    let word =
        |chain: &mut Chain| revm::Database::storage(&mut chain.db, MODEL_REGISTRY, slot).unwrap();
    assert_eq!(word(&mut preset), word(&mut registered));
    assert_eq!(RegistryEntry::from_word(word(&mut preset)), Some(entry));
}

#[test]
fn governed_registry_takes_models_from_the_governor_alone() {
    let model = model_bytes("digits-cnn");
    for way in Way::ALL {
        let (store, _) = new_store();
        let policy = RegistryPolicy::Governed { governor: GOVERNOR };
        let mut chain = Chain::with_genesis(way, inference(store), policy, []);
        let (_, got) = reverted(&register(&mut chain, SENDER, &model, FIRST_BLOCK + 1));
        assert_eq!(typed::<Abi::Registry_NotAuthorized>(&got).account, SENDER);
        succeeded(&register(&mut chain, GOVERNOR, &model, FIRST_BLOCK + 1));
    }
}
