//! A chain behind JSON-RPC, on anvil.

use alloy_primitives::{Address, B256, Bytes, U256, address, bytes, keccak256};
use enshrine_l1::{Call, Chain, ChainError, Refusal, RpcChain, RpcError, Severity};
use serde_json::json;

use crate::anvil::Anvil;

/// The first account of anvil.
const SENDER: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");

/// Nobody's.
const NOBODY: Address = address!("00000000000000000000000000000000deadbeef");

/// Says one log with the call data as its data and their number as its topic, then returns it.
/// CALLDATASIZE, PUSH0, PUSH0, CALLDATACOPY, CALLDATASIZE, CALLDATASIZE, PUSH0, LOG1, CALLDATASIZE, PUSH0, RETURN.
const ECHO: [u8; 11] = [
    0x36, 0x5f, 0x5f, 0x37, 0x36, 0x36, 0x5f, 0xa1, 0x36, 0x5f, 0xf3,
];

/// Reverts with the call data.
const REFUSER: [u8; 7] = [0x36, 0x5f, 0x5f, 0x37, 0x36, 0x5f, 0xfd];

fn place(anvil: &Anvil, contract: Address, code: &[u8]) {
    anvil.call(
        "anvil_setCode",
        json!([contract, Bytes::copy_from_slice(code)]),
    );
}

fn send(anvil: &Anvil, to: Address, data: &str) -> B256 {
    let transaction = json!({"from": SENDER, "to": to, "data": data, "gas": "0x186a0"});
    let hash = anvil.call("eth_sendTransaction", json!([transaction]));
    hash.as_str().unwrap().parse().unwrap()
}

#[test]
fn blocks_and_accounts_are_those_of_the_node() {
    let anvil = Anvil::start(&["--no-mining", "--chain-id", "4242"]);
    let chain = RpcChain::connect(anvil.url()).unwrap();
    assert_eq!(chain.id().unwrap(), 4_242);
    anvil.mine(2);
    let head = chain.head().unwrap();
    assert_eq!(head.number, 2);
    assert!(head.base_fee > 0);
    assert_eq!(chain.block(2).unwrap(), Some(head));
    let parent = chain.block(1).unwrap().unwrap();
    assert_eq!((parent.number, parent.hash), (1, head.parent));
    assert_eq!(chain.block(3).unwrap(), None);
    assert_eq!(chain.balance(NOBODY).unwrap(), U256::ZERO);
    let rich = chain.balance(SENDER).unwrap();
    assert_eq!(rich, U256::from(10).pow(U256::from(22)));
    assert_eq!(chain.nonce(SENDER).unwrap(), 0);
    send(&anvil, NOBODY, "0x");
    anvil.mine(1);
    assert_eq!(chain.nonce(SENDER).unwrap(), 1);
    assert!(chain.tip().unwrap() < 1 << 40);
}

#[test]
fn logs_are_those_of_the_contracts_in_order() {
    let anvil = Anvil::start(&["--no-mining"]);
    let chain = RpcChain::connect(anvil.url()).unwrap();
    let [one, two, three] = [0xa1, 0xa2, 0xa3]
        .map(Address::with_last_byte)
        .map(|address| {
            place(&anvil, address, &ECHO);
            address
        });
    let sent = [
        (one, "0x01"),
        (two, "0x0202"),
        (three, "0x03"),
        (one, "0x040404"),
    ];
    let hashes = sent.map(|(contract, data)| {
        let hash = send(&anvil, contract, data);
        anvil.mine(1);
        hash
    });
    let logs = chain.logs(&[one, two], 0, 4).unwrap();
    assert_eq!(logs.len(), 3);
    let [first, second, last] = &logs[..] else {
        unreachable!()
    };
    assert_eq!(
        (first.address, second.address, last.address),
        (one, two, one)
    );
    assert_eq!(last.data, bytes!("040404"));
    assert_eq!(last.topics, [B256::from(U256::from(3))]);
    assert_eq!((last.block_number, last.transaction), (4, hashes[3]));
    assert_eq!(last.block_hash, chain.head().unwrap().hash);
    assert_eq!(chain.logs(&[one, two], 2, 3).unwrap(), logs[1..2]);
    assert!(chain.logs(&[], 0, 4).unwrap().is_empty());
}

#[test]
fn calls_return_or_revert() {
    let anvil = Anvil::start(&["--no-mining"]);
    let chain = RpcChain::connect(anvil.url()).unwrap();
    let [echo, refuser] = [0xa1, 0xa2].map(Address::with_last_byte);
    place(&anvil, echo, &ECHO);
    place(&anvil, refuser, &REFUSER);
    let data = bytes!("c0ffee01");
    assert_eq!(chain.call(echo, data.clone()).unwrap(), data);
    let gas = chain
        .estimate_gas(SENDER, &Call::new(echo, data.clone()))
        .unwrap();
    assert!((21_000..30_000).contains(&gas), "{gas}");
    for data in [data, Bytes::new()] {
        let call = Call::new(refuser, data.clone());
        let errors = [
            chain.call(refuser, data.clone()).unwrap_err(),
            chain.estimate_gas(SENDER, &call).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.severity(), Severity::Reset);
            assert!(
                matches!(&error, ChainError::Reverted { data: got } if *got == data),
                "{error:?}"
            );
        }
    }
    let call = Call::new(echo, Bytes::new()).with_value(U256::from(1));
    let poor = chain.estimate_gas(NOBODY, &call).unwrap_err();
    let reason = Refusal::Funds;
    assert!(
        matches!(&poor, ChainError::Refused { reason: got } if *got == reason),
        "{poor:?}"
    );
    // A deployment of the echo: PUSH11 code, PUSH0, MSTORE, PUSH1 11, PUSH1 21, RETURN.
    let init_code = [&[0x6a][..], &ECHO, &[0x5f, 0x52, 0x60, 11, 0x60, 21, 0xf3]].concat();
    assert!(
        chain
            .estimate_gas(SENDER, &Call::deploy(init_code))
            .unwrap()
            > 53_000
    );
}

#[test]
fn receipts_are_those_of_mined_transactions() {
    let anvil = Anvil::start(&["--no-mining"]);
    let chain = RpcChain::connect(anvil.url()).unwrap();
    place(&anvil, NOBODY, &REFUSER);
    let hash = send(&anvil, NOBODY, "0x");
    assert_eq!(chain.receipt(hash).unwrap(), None);
    anvil.mine(1);
    let receipt = chain.receipt(hash).unwrap().unwrap();
    let head = chain.head().unwrap();
    assert_eq!((receipt.block_number, receipt.block_hash), (1, head.hash));
    assert_eq!((receipt.transaction, receipt.success), (hash, false));
    assert!(receipt.gas_used > 21_000 && receipt.gas_price >= head.base_fee);
    assert_eq!(receipt.contract, None);
    assert_eq!(chain.receipt(keccak256("nothing")).unwrap(), None);
}

#[test]
fn what_is_no_transaction_is_refused() {
    let anvil = Anvil::start(&["--no-mining"]);
    let chain = RpcChain::connect(anvil.url()).unwrap();
    let got = chain.send_raw(&[2, 0xc0]).unwrap_err();
    let refused = matches!(
        &got,
        ChainError::Refused {
            reason: Refusal::Other(_)
        }
    );
    assert!(refused, "{got:?}");
}

#[test]
fn nobody_is_asked_a_few_times() {
    let chain = RpcChain::connect("http://127.0.0.1:1").unwrap();
    let got = chain.head().unwrap_err();
    assert!(
        matches!(&got, ChainError::Rpc(RpcError::Transport { .. })),
        "{got:?}"
    );
    assert_eq!(got.severity(), Severity::Retry);
}
