//! Reports of executed calls.

use std::sync::{Arc, Mutex};

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use enshrine_precompile::{CallError, CallResult, ExecutedCall, INFERENCE, Precompile};
use enshrine_primitives::blob_root;
use enshrine_runtime::{BlobRoot, Outcome};

use crate::support::*;

/// What the tests look at.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    block_number: U256,
    precompile: Precompile,
    caller: Address,
    model: BlobRoot,
    input_root: BlobRoot,
    fuel: u64,
    outcome: Outcome,
    output: Vec<u8>,
    gas_used: u64,
    result: CallResult,
}

type Log = Arc<Mutex<Vec<Seen>>>;

fn observed(way: Way, model: &[u8]) -> (Chain, Log) {
    let log = Log::default();
    let sink = Arc::clone(&log);
    let observer = move |call: &ExecutedCall<'_>| {
        sink.lock().unwrap().push(Seen {
            block_number: call.block_number,
            precompile: call.precompile,
            caller: call.caller,
            model: call.model,
            input_root: call.input_root,
            fuel: call.fuel,
            outcome: call.outcome,
            output: call.output.to_vec(),
            gas_used: call.gas_used,
            result: call.result.clone(),
        });
    };
    let mut chain = Chain::with_model(way, model);
    chain.inference = chain.inference.with_observer(Arc::new(observer));
    (chain, log)
}

#[test]
fn a_call_is_reported_with_its_run() {
    let (model, input) = (model_bytes("digits-cnn"), sample("digit-7.bin"));
    let root = blob_root(&model).unwrap();
    let expected = run(&model, &input);
    for way in Way::ALL {
        let (mut chain, log) = observed(way, &model);
        chain.call(
            INFERENCE,
            registered_call(root, U256::from(40), &input),
            PLENTY,
        );
        let log = log.lock().unwrap();
        let [seen] = &log[..] else { panic!("{log:?}") };
        assert_eq!(seen.block_number, U256::from(FIRST_BLOCK));
        assert_eq!(
            (seen.precompile, seen.caller),
            (Precompile::Registered, SENDER)
        );
        assert_eq!(
            (seen.model, seen.input_root),
            (root, blob_root(&input).unwrap())
        );
        assert_eq!(seen.output, expected.output);
        assert_eq!(seen.result, CallResult::Answered);
        let Outcome::Finished {
            output_root,
            infer_steps,
            fuel_left,
            ..
        } = seen.outcome
        else {
            panic!("{seen:?}")
        };
        assert_eq!(output_root, blob_root(&expected.output).unwrap());
        assert_eq!(infer_steps + fuel_left, seen.fuel);
        assert_eq!((steps(&expected).1, seen.gas_used > 0), (infer_steps, true));
    }
}

#[test]
fn a_call_in_a_reverted_frame_is_reported() {
    let (model, input) = (model_bytes("digits-cnn"), sample("digit-7.bin"));
    let root = blob_root(&model).unwrap();
    let data = registered_call(root, U256::from(40), &input);
    for way in Way::ALL {
        let (mut chain, log) = observed(way, &model);
        let contract = chain.deploy_probe();
        let (_to, _gas, _data) = (INFERENCE, U256::from(50_000_000), data.clone().into());
        let reason = chain.ask(
            contract,
            &Probe::callInRevertedFrameCall { _to, _gas, _data },
        );
        assert!(typed::<Probe::Probe_Reverted>(&reason).success);
        assert_eq!(log.lock().unwrap().len(), 1, "{way:?}");

        // A whole transaction that reverts.
        let _data = data.clone().into();
        let call = Probe::callThenRevertCall { _to, _gas, _data }.abi_encode();
        reverted(&chain.call(contract, call, PLENTY));
        let log = log.lock().unwrap();
        assert_eq!(log.len(), 2, "{way:?}");
        assert_eq!(log[0], log[1]);
        assert_eq!(log[0].caller, contract);
    }
}

#[test]
fn failed_runs_are_reported_and_refused_calls_are_not() {
    let (model, input) = (model_bytes("digits-cnn"), sample("digit-7.bin"));
    let root = blob_root(&model).unwrap();
    let data = registered_call(root, U256::from(40), &input);
    for way in Way::ALL {
        let (mut chain, log) = observed(way, &model);
        chain.call(INFERENCE, data.clone(), 100_000);
        assert_eq!(log.lock().unwrap().len(), 1, "{way:?}");
        let failed = CallResult::Reverted(CallError::InferenceFailed { model: root });
        assert_eq!(log.lock().unwrap()[0].result, failed);

        chain.call(INFERENCE, vec![1; 10], PLENTY);
        chain.call(
            INFERENCE,
            registered_call(BlobRoot::new([1; 32]), U256::ZERO, b""),
            PLENTY,
        );
        chain.call(INFERENCE, data.clone(), intrinsic_gas(&data) + 15_000);
        assert_eq!(log.lock().unwrap().len(), 1, "{way:?}");
    }
}
