//! Calls that succeed, of every kind.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use alloy_primitives::{Bytes, U256};
use alloy_sol_types::{SolCall, sol};
use enshrine_precompile::{INFERENCE, INFERENCE_WITH_MODEL, Inference, InferenceConfig};
use enshrine_runtime::engine::EngineKind;
use enshrine_runtime::{BlobRoot, Model, Runtime, RuntimeConfig};
use revm::primitives::TxKind;

use crate::support::*;

sol!(
    #[allow(missing_docs, reason = "generated from an artifact")]
    PackedCaller,
    "contracts/artifacts/test/PackedCaller.json"
);

const CALL: u8 = 0;
const STATIC_CALL: u8 = 1;
const DELEGATE_CALL: u8 = 2;
const CALL_CODE: u8 = 3;

fn probe(kind: u8, to: alloy_primitives::Address, value: u64, data: Vec<u8>) -> Probe::probeCall {
    Probe::probeCall {
        _kind: kind,
        _to: to,
        _gas: U256::from(100_000_000),
        _value: U256::from(value),
        _data: data.into(),
    }
}

/// The digits model, a picture of a seven, and the logits.
fn digits() -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let (model, input) = (model_bytes("digits-cnn"), sample("digit-7.bin"));
    let output = run(&model, &input).output;
    assert_eq!(output.len(), 40);
    (model, input, output)
}

#[test]
fn transaction_gets_the_model_s_output() {
    let (model, input, output) = digits();
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model);
        let root = enshrine_primitives::blob_root(&model).unwrap();
        let data = registered_call(root, U256::from(40), &input);
        let (_, got) = succeeded(&chain.call(INFERENCE, data, PLENTY));
        assert_eq!(got[..], answer(&output), "{way:?}");
    }
}

#[test]
fn model_in_call_data_gives_the_same_output() {
    let (model, input, output) = digits();
    for way in Way::ALL {
        let (store, _) = new_store();
        let mut chain = Chain::new(way, inference(store), &[]);
        let data = call_with_model(&model, &input);
        let (_, got) = succeeded(&chain.call(INFERENCE_WITH_MODEL, data, PLENTY));
        assert_eq!(got[..], answer(&output), "{way:?}");
    }
}

/// Else whoever pays for one call fills the caches of every node.
#[test]
fn model_in_call_data_leaves_nothing_behind() {
    let (model, input, _) = digits();
    let shared = Path::new(env!("CARGO_TARGET_TMPDIR")).join("enshrine-cache");
    let own = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("own-{}", std::process::id()));
    std::fs::create_dir_all(&own).unwrap();
    let names = |folder: &Path| -> BTreeSet<OsString> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    };
    // Compiled code is the node's own and takes seconds to make.
    let code = |name: &OsString| Path::new(name).extension() == Some(OsStr::new("code"));
    for name in names(&shared).iter().filter(|name| code(name)) {
        std::fs::copy(shared.join(name), own.join(name)).unwrap();
    }
    let before = names(&own);
    assert!(!before.is_empty());
    let runtime = Runtime::new(RuntimeConfig::bundled(Some(own.clone())).unwrap()).unwrap();
    let (store, _) = new_store();
    let inference = Inference::new(runtime.clone(), store, InferenceConfig::default());
    let mut chain = Chain::new(Way::Revm, inference, &[]);
    for _ in 0..2 {
        let data = call_with_model(&model, &input);
        succeeded(&chain.call(INFERENCE_WITH_MODEL, data, PLENTY));
        assert_eq!(names(&own), before);
    }
    let model = Model::new(model).unwrap();
    let run = |runtime: &Runtime| {
        let run = runtime.infer(&model, &input, 1 << 40, EngineKind::Wasmtime);
        run.unwrap().prepared
    };
    assert!(!run(&runtime), "a call left its prepared model in memory");
    assert!(run(&runtime));
    std::fs::remove_dir_all(own).unwrap();
}

#[test]
fn every_kind_of_call_works() {
    let (model, input, output) = digits();
    let root = enshrine_primitives::blob_root(&model).unwrap();
    let registered = registered_call(root, U256::from(40), &input);
    let with_model = call_with_model(&model, &input);
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model);
        let contract = chain.deploy_probe();
        for kind in [CALL, STATIC_CALL, DELEGATE_CALL, CALL_CODE] {
            for (to, data) in [
                (INFERENCE, &registered),
                (INFERENCE_WITH_MODEL, &with_model),
            ] {
                let got = chain.ask(contract, &probe(kind, to, 0, data.clone()));
                assert!(got.success_, "{way:?} {kind} {to}");
                assert_eq!(got.answer_[..], answer(&output), "{way:?} {kind} {to}");
            }
        }
    }
}

#[test]
fn value_that_is_only_shown_is_not_refused() {
    let (model, input, output) = digits();
    let root = enshrine_primitives::blob_root(&model).unwrap();
    let data = registered_call(root, U256::from(40), &input);
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model);
        let contract = chain.deploy_probe();
        // The probe receives value, and its DELEGATECALL shows it to the precompile without moving any.
        let call = probe(DELEGATE_CALL, INFERENCE, 0, data.clone()).abi_encode();
        let mut tx = Chain::tx(TxKind::Call(contract), call, PLENTY);
        tx.value = U256::from(5);
        let (_, got) = succeeded(&chain.transact(tx));
        let got = Probe::probeCall::abi_decode_returns(&got).unwrap();
        assert!(got.success_, "{way:?}");
        assert_eq!(got.answer_[..], answer(&output), "{way:?}");
    }
}

#[test]
fn packed_callers_run_unmodified() {
    let (model, input, output) = digits();
    let root = enshrine_primitives::blob_root(&model).unwrap();
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model);
        let caller = chain.deploy(PackedCaller::BYTECODE.clone());
        // A size above the output's: the length word in the answer shortens the caller's buffer.
        for size in [40, 41, 64, 1000] {
            let got = chain.ask(
                caller,
                &PackedCaller::inferenceCall {
                    _model: word(root),
                    _input: input.clone().into(),
                    _outputSize: U256::from(size),
                },
            );
            assert_eq!(got, Bytes::from(output.clone()), "{way:?} {size}");
        }
        let got = chain.ask(
            caller,
            &PackedCaller::onnxInferenceCall {
                _model: model.clone().into(),
                _input: input.clone().into(),
                _outputSize: U256::from(40),
            },
        );
        assert_eq!(got, Bytes::from(output.clone()), "{way:?}");
    }
}

#[test]
fn precompiles_have_code() {
    for way in Way::ALL {
        let (store, _) = new_store();
        let mut chain = Chain::new(way, inference(store), &[]);
        let contract = chain.deploy_probe();
        for precompile in [INFERENCE, INFERENCE_WITH_MODEL] {
            let size = chain.ask(
                contract,
                &Probe::codeSizeOfCall {
                    _account: precompile,
                },
            );
            assert_eq!(size, U256::ONE, "{way:?}");
        }
    }
}

#[test]
fn precompiles_of_the_base_still_work() {
    let sha256 = alloy_primitives::address!("0x0000000000000000000000000000000000000002");
    for way in Way::ALL {
        let (store, _) = new_store();
        let mut chain = Chain::new(way, inference(store), &[]);
        let (_, got) = succeeded(&chain.call(sha256, Bytes::from_static(b"abc"), PLENTY));
        assert_eq!(got[..4], [0xba, 0x78, 0x16, 0xbf]);
    }
}

#[test]
fn call_from_the_deepest_frames_works() {
    let (model, input, output) = digits();
    let root = enshrine_primitives::blob_root(&model).unwrap();
    let call = |depth: u64| Probe::callFromDepthCall {
        _depth: U256::from(depth),
        _to: INFERENCE,
        _gas: U256::from(100_000_000),
        _data: registered_call(root, U256::from(40), &input).into(),
    };
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model);
        let contract = chain.deploy_probe();
        // The last frame of the 1,024 is the precompile's own.
        let mut tx = Chain::tx(TxKind::Call(contract), call(1000).abi_encode(), 1 << 50);
        tx.gas_limit = 1 << 50;
        let (_, got) = succeeded(&chain.transact(tx));
        let got = Probe::callFromDepthCall::abi_decode_returns(&got).unwrap();
        assert!(got.success_, "{way:?}");
        assert_eq!(got.answer_[..], answer(&output), "{way:?}");

        let mut tx = Chain::tx(TxKind::Call(contract), call(1100).abi_encode(), 1 << 50);
        tx.gas_limit = 1 << 50;
        reverted(&chain.transact(tx));
    }
}

#[test]
fn both_ways_and_both_engines_agree_on_everything() {
    let (model, input, _) = digits();
    let root = enshrine_primitives::blob_root(&model).unwrap();
    let (store, _) = new_store();
    put(&store, &model);
    let results: Vec<_> = Way::ALL
        .into_iter()
        .flat_map(|way| EngineKind::ALL.map(|engine| (way, engine)))
        .map(|(way, engine)| {
            let config = InferenceConfig {
                engine,
                ..Default::default()
            };
            let inference = Inference::new(runtime().clone(), store.clone(), config);
            let mut chain = Chain::new(way, inference, &[&model]);
            calls(root, &model, &input).map(|(to, data, gas)| chain.call(to, data, gas))
        })
        .collect();
    for other in &results[1..] {
        assert_eq!(other, &results[0]);
    }
}

/// Calls that end in every way: answers, typed errors, failed runs, out of gas.
fn calls(
    root: BlobRoot,
    model: &[u8],
    input: &[u8],
) -> [(alloy_primitives::Address, Vec<u8>, u64); 9] {
    let registered = |size: u64, input: &[u8]| registered_call(root, U256::from(size), input);
    [
        (INFERENCE, registered(40, input), PLENTY),
        (INFERENCE, registered(39, input), PLENTY),
        (INFERENCE, registered(40, &input[1..]), PLENTY),
        (INFERENCE, registered(40, input), 200_000),
        (INFERENCE, registered(40, input), 45_000),
        (INFERENCE, vec![1; 63], PLENTY),
        (
            INFERENCE,
            registered_call(BlobRoot::new([9; 32]), U256::from(40), input),
            PLENTY,
        ),
        (INFERENCE_WITH_MODEL, call_with_model(model, input), PLENTY),
        (
            INFERENCE_WITH_MODEL,
            call_with_model(b"no model", input),
            PLENTY,
        ),
    ]
}

#[test]
fn threads_agree() {
    let (model, input, output) = digits();
    let root = enshrine_primitives::blob_root(&model).unwrap();
    let (store, _) = new_store();
    put(&store, &model);
    let inference = inference(store);
    let results = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|index| {
                let (inference, model, input) = (inference.clone(), &model, &input);
                scope.spawn(move || {
                    let mut chain = Chain::new(Way::ALL[index % 2], inference, &[model]);
                    let data = registered_call(root, U256::from(40), input);
                    (0..5)
                        .map(|_| chain.call(INFERENCE, data.clone(), PLENTY))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert_eq!(results.len(), 40);
    for result in &results {
        assert_eq!(result, &results[0]);
        assert_eq!(succeeded(result).1[..], answer(&output));
    }
}

#[test]
fn many_calls_in_one_transaction_agree() {
    let (model, input, output) = digits();
    let root = enshrine_primitives::blob_root(&model).unwrap();
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model);
        let contract = chain.deploy_probe();
        let call = Probe::callManyCall {
            _count: U256::from(20),
            _to: INFERENCE,
            _data: registered_call(root, U256::from(40), &input).into(),
        };
        let got = chain.ask(contract, &call);
        assert!(got.same_, "{way:?}");
        assert_eq!(got.answer_[..], answer(&output), "{way:?}");
    }
}
