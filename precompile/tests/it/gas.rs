//! Gas, to the last unit.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use enshrine_precompile::contracts::InferenceErrors as Errors;
use enshrine_precompile::{GasPrice, INFERENCE, INFERENCE_WITH_MODEL, Precompile};
use enshrine_primitives::blob_root;

use crate::support::*;

/// Gas that a transaction must bring for its call data alone (EIP-7623).
fn floor_gas(data: &[u8]) -> u64 {
    21_000
        + data
            .iter()
            .map(|byte| if *byte == 0 { 10 } else { 40 })
            .sum::<u64>()
}

/// A call with its price, worked out from a run outside any EVM.
struct Priced {
    to: Address,
    data: Vec<u8>,
    price: GasPrice,
    total: u64,
}

fn priced() -> [Priced; 2] {
    let (model, input) = (model_bytes("digits-cnn"), sample("digit-7.bin"));
    let (load, infer) = steps(&run(&model, &input));
    let registered = registered_call(blob_root(&model).unwrap(), U256::from(40), &input);
    let with_model = call_with_model(&model, &input);
    [
        (INFERENCE, registered, Precompile::Registered, 0),
        (
            INFERENCE_WITH_MODEL,
            with_model,
            Precompile::WithModel,
            model.len(),
        ),
    ]
    .map(|(to, data, precompile, model_bytes)| {
        let price = GasPrice::of_call(precompile, data.len(), model_bytes);
        Priced {
            to,
            data,
            price,
            total: price.total(load, infer),
        }
    })
}

#[test]
fn a_call_costs_its_price() {
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model_bytes("digits-cnn"));
        for call in priced() {
            let (gas, _) = succeeded(&chain.call(call.to, call.data.clone(), PLENTY));
            assert_eq!(
                gas,
                intrinsic_gas(&call.data) + call.total,
                "{way:?} {}",
                call.to
            );
        }
    }
}

#[test]
fn a_call_succeeds_exactly_when_its_price_is_there() {
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model_bytes("digits-cnn"));
        for call in priced() {
            let enough = intrinsic_gas(&call.data) + call.total;
            let (gas, _) = succeeded(&chain.call(call.to, call.data.clone(), enough));
            assert_eq!(gas, enough);

            // A transaction must bring EIP-7623's floor for its call data, so a model in it leaves less room to be short.
            let most = enough - floor_gas(&call.data);
            for short in [1, 2, 1_000, (call.total - call.price.fixed).min(most)] {
                let limit = enough - short;
                let (gas, got) = reverted(&chain.call(call.to, call.data.clone(), limit));
                typed::<Errors::InferenceFailed>(&got);
                assert_eq!(gas, limit, "{way:?}: all gas is gone");
            }
        }
    }
}

#[test]
fn a_failed_run_takes_only_what_the_call_was_given() {
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model_bytes("digits-cnn"));
        let contract = chain.deploy_probe();
        for call in priced() {
            let given = call.total - 1;
            let probe = Probe::probeCall {
                _kind: 1,
                _to: call.to,
                _gas: U256::from(given),
                _value: U256::ZERO,
                _data: call.data.clone().into(),
            };
            let got = chain.ask(contract, &probe);
            assert!(!got.success_);
            typed::<Errors::InferenceFailed>(&got.answer_);
            let used = got.gasUsed_.to::<u64>();
            // The call itself, to a warm address, and what pushes its arguments.
            assert!(
                (given..given + 200).contains(&used),
                "{way:?}: {used} of {given}"
            );
        }
    }
}

#[test]
fn price_is_the_same_warm_and_cold_and_with_more_gas() {
    let [call, _] = priced();
    for way in Way::ALL {
        let mut chain = Chain::with_model(way, &model_bytes("digits-cnn"));
        let contract = chain.deploy_probe();
        let gas = |count: u64, chain: &mut Chain| {
            let many = Probe::callManyCall {
                _count: U256::from(count),
                _to: call.to,
                _data: call.data.clone().into(),
            };
            succeeded(&chain.call(contract, many.abi_encode(), PLENTY)).0
        };
        // The same difference for each further call in a transaction, so the first one's cold registry costs no more. The
        // loop's own gas differs a little as memory grows.
        let costs: Vec<_> = (1..=4).map(|count| gas(count, &mut chain)).collect();
        for pair in costs.windows(2) {
            let step = pair[1] - pair[0];
            assert!(
                (call.total..call.total + 3_000).contains(&step),
                "{way:?}: {step}"
            );
        }
        for limit in [PLENTY, PLENTY / 2, PLENTY / 1000] {
            let (gas, _) = succeeded(&chain.call(call.to, call.data.clone(), limit));
            assert_eq!(gas, intrinsic_gas(&call.data) + call.total);
        }
    }
}
