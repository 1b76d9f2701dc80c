//! The example contracts with their real models.

use alloy_primitives::{I256, U256};
use alloy_sol_types::{SolCall, SolConstructor, SolEvent};
use enshrine_precompile::contracts::{DigitClassifier, InferenceErrors as Errors, TumourTriage};
use enshrine_primitives::blob_root;
use revm::context::result::ExecutionResult;

use crate::support::*;

/// The pixels of a picture in the tensor encoding, from 0 to 16.
fn pixels(image: &[u8]) -> [u8; 64] {
    let (words, _) = image.as_chunks::<4>();
    std::array::from_fn(|index| (f32::from_le_bytes(words[index]) * 16.0) as u8)
}

fn wad(value: f32) -> I256 {
    let text = format!("{:.18}", f64::from(value)).replace('.', "");
    I256::from_dec_str(&text).unwrap()
}

#[test]
fn digit_classifier_reads_a_seven() {
    let (model, image) = (model_bytes("digits-cnn"), sample("digit-7.bin"));
    let logits = run(&model, &image).output;
    let model_address = word(blob_root(&model).unwrap());
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model);
        let arguments = DigitClassifier::constructorCall {
            _model: model_address,
        }
        .abi_encode();
        let code = [&DigitClassifier::BYTECODE[..], &arguments].concat();
        let contract = chain.deploy(code);

        let call = DigitClassifier::classifyCall {
            _pixels: pixels(&image),
        };
        let result = chain.call(contract, call.abi_encode(), PLENTY);
        let ExecutionResult::Success { logs, output, .. } = result else {
            panic!("{result:?}")
        };
        assert_eq!(
            DigitClassifier::classifyCall::abi_decode_returns(output.data()).unwrap(),
            7
        );
        let event = DigitClassifier::Classified::decode_log(&logs[0]).unwrap();
        assert_eq!((event.caller, event.digit), (SENDER, 7));

        let record = chain.ask(contract, &DigitClassifier::recordsCall { caller: SENDER });
        assert_eq!((record.count, record.digit), (1, 7));

        let scores = chain.ask(
            contract,
            &DigitClassifier::scoresCall {
                _pixels: pixels(&image),
            },
        );
        let (words, _) = logits.as_chunks::<4>();
        let expected: Vec<_> = words
            .iter()
            .map(|bytes| wad(f32::from_le_bytes(*bytes)))
            .collect();
        assert_eq!(scores, expected);
        assert_eq!(event.score, expected[7]);
    }
}

#[test]
fn tumour_triage_refers_a_malignant_case() {
    let (model, features) = (model_bytes("tumour-mlp"), sample("tumour.bin"));
    let model_address = word(blob_root(&model).unwrap());
    let (words, _) = features.as_chunks::<4>();
    let measurements = std::array::from_fn(|index| wad(f32::from_le_bytes(words[index])));
    let output = run(&model, &features).output;
    let probability = wad(f32::from_le_bytes(output[8..12].try_into().unwrap()));
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model);
        let arguments = TumourTriage::constructorCall {
            _model: model_address,
            _threshold: I256::unchecked_from(500_000_000_000_000_000u64),
        };
        let code = [&TumourTriage::BYTECODE[..], &arguments.abi_encode()].concat();
        let contract = chain.deploy(code);
        let got = chain.ask(
            contract,
            &TumourTriage::triageCall {
                _measurements: measurements,
            },
        );
        assert_eq!((got.id_, got.referred_), (U256::ZERO, true));
        let case = chain.ask(contract, &TumourTriage::caseOfCall { _id: U256::ZERO });
        assert_eq!(
            (case.malignant, case.label, case.referred),
            (probability, 0, true)
        );
    }
}

#[test]
fn typed_errors_pass_through_a_contract() {
    let image = sample("digit-7.bin");
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model_bytes("digits-cnn"));
        let arguments = DigitClassifier::constructorCall {
            _model: [3; 32].into(),
        }
        .abi_encode();
        let contract = chain.deploy([&DigitClassifier::BYTECODE[..], &arguments].concat());
        let call = DigitClassifier::classifyCall {
            _pixels: pixels(&image),
        };
        let (_, got) = reverted(&chain.call(contract, call.abi_encode(), PLENTY));
        assert_eq!(typed::<Errors::UnknownModel>(&got).model, [3; 32]);
    }
}
