//! Calls that fail, each in its own way.

use alloy_primitives::{Address, U256};
use enshrine_precompile::contracts::InferenceErrors as Errors;
use enshrine_precompile::{BASE_GAS, DATA_WORD_GAS, INFERENCE, INFERENCE_WITH_MODEL};
use enshrine_primitives::blob_root;
use enshrine_runtime::BlobRoot;
use revm::context::result::{ExecutionResult, HaltReason, OutOfGasError};
use revm::primitives::TxKind;

use crate::support::*;

const GARBAGE: &[u8] = b"this is no ONNX file";

fn digits_call(size: u64, input: &[u8]) -> (Vec<u8>, BlobRoot, Vec<u8>) {
    let model = model_bytes("digits-cnn");
    let root = blob_root(&model).unwrap();
    let data = registered_call(root, U256::from(size), input);
    (model, root, data)
}

#[test]
fn unknown_model_reverts() {
    let data = registered_call(BlobRoot::new([9; 32]), U256::from(40), b"input");
    for way in Way::ALL {
        let (store, _) = new_store();
        let mut chain = Chain::new(way, inference(store), &[]);
        let (_, got) = reverted(&chain.call(INFERENCE, data.clone(), PLENTY));
        assert_eq!(typed::<Errors::UnknownModel>(&got).model, [9; 32]);
    }
}

#[test]
fn a_model_that_only_the_store_has_is_unknown() {
    let (model, root, data) = digits_call(40, &sample("digit-7.bin"));
    for way in Way::ALL {
        let (store, _) = new_store();
        put(&store, &model);
        let mut chain = Chain::new(way, inference(store), &[]);
        let (_, got) = reverted(&chain.call(INFERENCE, data.clone(), PLENTY));
        assert_eq!(typed::<Errors::UnknownModel>(&got).model, word(root));
    }
}

#[test]
fn a_model_with_a_wrong_registered_length_is_unknown() {
    let (model, root, data) = digits_call(40, &sample("digit-7.bin"));
    for way in Way::ALL {
        let (store, _) = new_store();
        put(&store, &model);
        let entry = enshrine_precompile::RegistryEntry {
            length_bytes: 1,
            activation_block: 1,
        };
        let policy = enshrine_precompile::RegistryPolicy::Open;
        let mut chain = Chain::with_genesis(way, inference(store), policy, [(root, entry)]);
        let (_, got) = reverted(&chain.call(INFERENCE, data.clone(), PLENTY));
        assert_eq!(typed::<Errors::UnknownModel>(&got).model, word(root));
    }
}

#[test]
fn registered_model_that_the_node_lacks_is_fatal() {
    let (model, _, data) = digits_call(40, &sample("digit-7.bin"));
    for way in Way::ALL {
        let (store, _) = new_store();
        let mut chain = Chain::new(way, inference(store), &[&model]);
        let tx = Chain::tx(TxKind::Call(INFERENCE), data.clone(), PLENTY);
        let error = chain.try_transact(tx).unwrap_err();
        assert!(
            error.contains("not in this node's store"),
            "{way:?}: {error}"
        );
    }
}

#[test]
fn refused_model_reverts_with_the_reason() {
    let root = blob_root(GARBAGE).unwrap();
    let data = registered_call(root, U256::from(40), b"input");
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, GARBAGE);
        let (gas, got) = reverted(&chain.call(INFERENCE, data.clone(), PLENTY));
        let error = typed::<Errors::ModelRefused>(&got);
        assert_eq!(error.model, word(root));
        assert!(!error.reason.is_empty());
        assert!(gas < PLENTY / 2, "{way:?}: the unspent gas is kept");

        let data = call_with_model(GARBAGE, b"input");
        let (gas, got) = reverted(&chain.call(INFERENCE_WITH_MODEL, data, PLENTY));
        assert_eq!(typed::<Errors::ModelRefused>(&got).model, word(root));
        assert!(gas < PLENTY / 2, "{way:?}: the unspent gas is kept");
    }
}

#[test]
fn malformed_input_reverts_with_the_reason() {
    let input = sample("digit-7.bin");
    let inputs = [
        vec![],
        vec![0; 1],
        input[1..].to_vec(),
        [&input[..], &[0]].concat(),
    ];
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model_bytes("digits-cnn"));
        for input in &inputs {
            let (_, root, data) = digits_call(40, input);
            let (gas, got) = reverted(&chain.call(INFERENCE, data, PLENTY));
            let error = typed::<Errors::InputMalformed>(&got);
            assert_eq!(error.model, word(root));
            assert!(!error.reason.is_empty());
            assert!(gas < PLENTY / 2, "{way:?}: the unspent gas is kept");
        }
    }
}

#[test]
fn output_larger_than_allowed_reverts() {
    let input = sample("digit-7.bin");
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model_bytes("digits-cnn"));
        for size in [0, 1, 39] {
            let (_, _, data) = digits_call(size, &input);
            let (gas, got) = reverted(&chain.call(INFERENCE, data, PLENTY));
            let error = typed::<Errors::OutputTooLarge>(&got);
            assert_eq!(
                (error.expected, error.got),
                (U256::from(size), U256::from(40))
            );
            assert!(gas < PLENTY / 2, "{way:?}: the unspent gas is kept");
        }
    }
}

#[test]
fn huge_output_size_sets_nothing_aside() {
    let (model, root, _) = digits_call(0, &[]);
    let data = registered_call(root, U256::MAX, &sample("digit-7.bin"));
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model);
        let (_, got) = succeeded(&chain.call(INFERENCE, data.clone(), PLENTY));
        assert_eq!(got.len(), 72);
    }
}

#[test]
fn malformed_call_data_reverts() {
    let word = |value: U256| value.to_be_bytes::<32>();
    let huge = [&word(U256::MAX)[..], &word(U256::MAX), b"rest"].concat();
    let wrapping = [&word(U256::MAX)[..], &word(U256::from(5)), b"rest"].concat();
    let short = [&word(U256::from(5))[..], &word(U256::from(0)), b"rest"].concat();
    let long = [&word(U256::from(1))[..], &word(U256::from(1)), b"rest"].concat();
    let truncated = |precompile: Address| (0..64).map(move |length| (precompile, vec![1; length]));
    let cases: Vec<_> = [huge, wrapping, short, long]
        .into_iter()
        .map(|data| (INFERENCE_WITH_MODEL, data))
        .chain(truncated(INFERENCE))
        .chain(truncated(INFERENCE_WITH_MODEL))
        .collect();
    for way in Way::ALL {
        let (store, _) = new_store();
        let mut chain = Chain::new(way, inference(store), &[]);
        for (precompile, data) in &cases {
            let (gas, got) = reverted(&chain.call(*precompile, data.clone(), PLENTY));
            assert_eq!(
                typed::<Errors::MalformedCall>(&got).got,
                U256::from(data.len())
            );
            let price = BASE_GAS + DATA_WORD_GAS * data.len().div_ceil(32) as u64;
            assert_eq!(gas, intrinsic_gas(data) + price, "{way:?}");
        }
    }
}

#[test]
fn value_is_refused_and_stays() {
    let (model, _, data) = digits_call(40, &sample("digit-7.bin"));
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model);
        let mut tx = Chain::tx(TxKind::Call(INFERENCE), data.clone(), PLENTY);
        tx.value = U256::from(7);
        let (_, got) = reverted(&chain.transact(tx));
        assert_eq!(typed::<Errors::ValueNotAccepted>(&got).value, U256::from(7));
        let balance = |chain: &Chain, address| {
            chain
                .db
                .cache
                .accounts
                .get(&address)
                .map_or(U256::ZERO, |account| account.info.balance)
        };
        assert_eq!(balance(&chain, INFERENCE), U256::ZERO);
        assert_eq!(balance(&chain, SENDER), U256::from(1_000_000));
    }
}

#[test]
fn a_call_that_cannot_pay_its_fixed_part_is_out_of_gas() {
    let (model, _, data) = digits_call(40, &sample("digit-7.bin"));
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model);
        let gas = intrinsic_gas(&data) + BASE_GAS + 10 * DATA_WORD_GAS + 4_700 - 1;
        let result = chain.call(INFERENCE, data.clone(), gas);
        let ExecutionResult::Halt { reason, .. } = &result else {
            panic!("{result:?}")
        };
        assert_eq!(*reason, HaltReason::OutOfGas(OutOfGasError::Precompile));
        assert_eq!(result.tx_gas_used(), gas);
    }
}

#[test]
fn a_warm_call_reads_no_store() {
    let (model, _, data) = digits_call(40, &sample("digit-7.bin"));
    let (store, folder) = new_store();
    put(&store, &model);
    let warm = inference(store.clone());
    let mut chain = Chain::new(Way::Revm, warm, &[&model]);
    let first = chain.call(INFERENCE, data.clone(), PLENTY);
    std::fs::remove_dir_all(folder).unwrap();
    assert_eq!(chain.call(INFERENCE, data.clone(), PLENTY), first);

    let mut chain = Chain::new(Way::Revm, inference(store), &[&model]);
    let tx = Chain::tx(TxKind::Call(INFERENCE), data, PLENTY);
    assert!(chain.try_transact(tx).is_err());
}
