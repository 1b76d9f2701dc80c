//! Wild numbers in call data, at the precompiles and at contracts that call them, and damaged stores.

use std::fs;

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{SolCall, SolConstructor, sol};
use enshrine_precompile::contracts::{DigitClassifier, InferenceErrors as Errors};
use enshrine_precompile::{INFERENCE, INFERENCE_WITH_MODEL};
use enshrine_primitives::blob_root;
use revm::context::result::ExecutionResult;
use revm::primitives::TxKind;

use crate::support::*;

sol!(
    #[allow(missing_docs, reason = "generated from an artifact")]
    PackedCaller,
    "contracts/artifacts/test/PackedCaller.json"
);

/// Gas that pays for the model here, and for no memory of gigabytes.
const GAS: u64 = 100_000_000;

/// Numbers at which offsets and lengths go wrong, around `length`.
fn wild(length: usize) -> Vec<U256> {
    let powers = [8, 16, 31, 32, 63, 64, 128, 160, 255].map(|power| U256::ONE << power);
    let mut numbers = vec![U256::ZERO, U256::ONE, U256::from(31), U256::from(33)];
    for center in powers.into_iter().chain([U256::ZERO, U256::from(length)]) {
        for distance in [1, 4, 32, 64, length] {
            numbers.push(center.wrapping_add(U256::from(distance)));
            numbers.push(center.wrapping_sub(U256::from(distance)));
        }
        numbers.push(center);
    }
    numbers
}

#[test]
fn lengths_that_wrap_are_malformed() {
    let rest = model_bytes("tumour-mlp");
    let total = U256::from(rest.len());
    let modulus = |bits: usize| {
        if bits == 256 {
            U256::ZERO
        } else {
            U256::ONE << bits
        }
    };
    let mut lengths = Vec::new();
    for bits in [16, 32, 63, 64, 128, 255, 256] {
        for model in [
            U256::ONE,
            total,
            total + U256::ONE,
            U256::ONE << 255,
            U256::MAX,
        ] {
            // The sum of both, and that with the header, is right but for a multiple of a power of two.
            for sum in [total, total + U256::from(64), U256::ZERO] {
                lengths.push((model, modulus(bits).wrapping_add(sum).wrapping_sub(model)));
            }
        }
    }
    lengths.retain(|(model, input)| model.checked_add(*input) != Some(total));
    for way in Way::ALL {
        let (store, _) = new_store();
        let mut chain = Chain::new(way, inference(store), &[]);
        for (model, input) in &lengths {
            let header = [model.to_be_bytes::<32>(), input.to_be_bytes::<32>()].concat();
            let data = [&header, &rest[..]].concat();
            let (_, got) = reverted(&chain.call(INFERENCE_WITH_MODEL, data.clone(), GAS));
            let error = typed::<Errors::MalformedCall>(&got);
            assert_eq!(error.got, U256::from(data.len()), "{way:?} {model} {input}");
            assert_ne!(error.expected, error.got);
        }
    }
}

#[test]
fn output_sizes_are_compared_in_all_their_bits() {
    let (model, input) = (model_bytes("digits-cnn"), sample("digit-7.bin"));
    let output = run(&model, &input).output;
    let root = blob_root(&model).unwrap();
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model);
        for size in wild(output.len()) {
            let data = registered_call(root, size, &input);
            let result = chain.call(INFERENCE, data, GAS);
            if size >= U256::from(output.len()) {
                assert_eq!(succeeded(&result).1[..], answer(&output), "{way:?} {size}");
            } else {
                let error = typed::<Errors::OutputTooLarge>(&reverted(&result).1);
                assert_eq!(error.expected, size, "{way:?}");
            }
        }
    }
}

/// Call data with another number in a word behind the selector.
fn with_word(data: &[u8], index: usize, number: U256) -> Vec<u8> {
    let mut data = data.to_vec();
    data[4 + 32 * index..][..32].copy_from_slice(&number.to_be_bytes::<32>());
    data
}

/// Calls a contract with spoilt call data; whatever comes of it comes in both ways, and a sound call still works after.
fn contract_survives(deploy: impl Fn(&mut Chain) -> Address, sound: &[u8], spoilt: &[Vec<u8>]) {
    let model = model_bytes("digits-cnn");
    let results = Way::ALL.map(|way| {
        let mut chain = Chain::with_model(way, &model);
        let contract = deploy(&mut chain);
        let expected = chain.call(contract, sound.to_vec(), GAS);
        succeeded(&expected);
        let calls = spoilt
            .iter()
            .map(|data| chain.call(contract, data.clone(), GAS));
        let results: Vec<_> = calls.collect();
        assert_eq!(
            chain.call(contract, sound.to_vec(), GAS).output(),
            expected.output()
        );
        results
    });
    assert_eq!(results[0], results[1]);
    let declined = results[0]
        .iter()
        .filter(|result| !matches!(result, ExecutionResult::Success { .. }));
    assert!(
        declined.count() > spoilt.len() / 2,
        "most spoilt calls are declined"
    );
}

#[test]
fn contracts_with_wild_offsets_and_lengths_survive() {
    let (model, input) = (model_bytes("digits-cnn"), sample("digit-7.bin"));
    let registered = PackedCaller::inferenceCall {
        _model: word(blob_root(&model).unwrap()),
        _input: input.clone().into(),
        _outputSize: U256::from(40),
    };
    let brought = PackedCaller::onnxInferenceCall {
        _model: model.into(),
        _input: input.into(),
        _outputSize: U256::from(40),
    };
    let deploy = |chain: &mut Chain| chain.deploy(PackedCaller::BYTECODE.clone());
    for (sound, words) in [
        (registered.abi_encode(), 0..4),
        (brought.abi_encode(), 0..4),
    ] {
        let mut spoilt: Vec<_> = (0..sound.len().min(200))
            .map(|length| sound[..length].to_vec())
            .collect();
        for index in words {
            spoilt.extend(
                wild(sound.len() - 4)
                    .into_iter()
                    .map(|number| with_word(&sound, index, number)),
            );
        }
        contract_survives(deploy, &sound, &spoilt);
    }
}

#[test]
fn examples_with_wild_pixels_survive() {
    let model = word(blob_root(&model_bytes("digits-cnn")).unwrap());
    let deploy = |chain: &mut Chain| {
        let arguments = DigitClassifier::constructorCall { _model: model }.abi_encode();
        chain.deploy([&DigitClassifier::BYTECODE[..], &arguments].concat())
    };
    let sound = DigitClassifier::classifyCall { _pixels: [3; 64] }.abi_encode();
    let mut spoilt: Vec<_> = (0..sound.len())
        .step_by(7)
        .map(|length| sound[..length].to_vec())
        .collect();
    for index in [0, 1, 63] {
        spoilt.extend(
            wild(64)
                .into_iter()
                .map(|number| with_word(&sound, index, number)),
        );
    }
    contract_survives(deploy, &sound, &spoilt);
}

#[test]
fn damaged_store_is_fatal_changes_no_state_and_can_be_mended() {
    let (model, input) = (model_bytes("digits-cnn"), sample("digit-7.bin"));
    let root = blob_root(&model).unwrap();
    let data = registered_call(root, U256::from(40), &input);
    let flipped = |place: usize| {
        let mut bytes = model.clone();
        bytes[place] ^= 1;
        bytes
    };
    let damages = [
        flipped(0),
        flipped(model.len() / 2),
        flipped(model.len() - 1),
        model[..model.len() - 1].to_vec(),
        [&model[..], &[0]].concat(),
        Vec::new(),
        model_bytes("tumour-mlp"),
    ];
    for way in Way::ALL {
        let (store, folder) = new_store();
        put(&store, &model);
        let path = folder.join(format!("{root}.onnx"));
        for damage in &damages {
            fs::write(&path, damage).unwrap();
            // A node that was just started: it holds no model yet.
            let mut chain = Chain::new(way, inference(store.clone()), &[&model]);
            let before = format!("{:?}", chain.db.cache);
            let tx = Chain::tx(TxKind::Call(INFERENCE), data.clone(), PLENTY);
            let error = chain.try_transact(tx).unwrap_err();
            assert!(error.contains("corrupted"), "{way:?}: {error}");
            assert_eq!(format!("{:?}", chain.db.cache), before, "{way:?}");
            put(&store, &model);
            let (_, got) = succeeded(&chain.call(INFERENCE, data.clone(), PLENTY));
            assert_eq!(
                got,
                Bytes::from(answer(&run(&model, &input).output)),
                "{way:?}"
            );
        }
        fs::write(folder.join(format!("{root}.json")), "{").unwrap();
        let mut chain = Chain::new(way, inference(store), &[&model]);
        succeeded(&chain.call(INFERENCE, data.clone(), PLENTY));
    }
}
