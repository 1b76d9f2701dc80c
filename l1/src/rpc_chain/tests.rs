//! Ranges of logs, and what nodes say.

use super::*;

fn node(code: i64, message: &str) -> RpcError {
    RpcError::Node {
        method: "eth_getLogs",
        code,
        message: message.to_owned(),
        data: None,
    }
}

/// A node that answers for so many blocks at once, with their numbers.
fn numbers(limit: u64, asked: &mut u32) -> impl FnMut(u64, u64) -> Result<Vec<u64>, RpcError> {
    move |from, to| {
        *asked += 1;
        match to - from {
            more if more >= limit => Err(node(-32_005, "block range too large")),
            _ => Ok((from..=to).collect()),
        }
    }
}

#[test]
fn every_block_of_a_range_is_asked_for_once() {
    for (from, to) in [(0, 0), (5, 5), (0, 1), (3, 100), (7, 1_030), (9, 8)] {
        for limit in [1, 2, 3, 7, 100, 5_000] {
            let mut asked = 0;
            let found = in_ranges(from, to, numbers(limit, &mut asked)).unwrap();
            assert_eq!(
                found,
                (from..=to).collect::<Vec<_>>(),
                "{from} {to} {limit}"
            );
            let blocks = found.len() as u64;
            assert!(
                u64::from(asked) <= 4 * blocks / limit + 12,
                "{asked} for {blocks}, {limit}"
            );
        }
    }
    let last = in_ranges(u64::MAX - 3, u64::MAX, numbers(2, &mut 0)).unwrap();
    assert_eq!(last.len(), 4);
}

#[test]
fn a_block_that_is_refused_alone_is_an_error_soon() {
    let mut asked = 0;
    let got = in_ranges(0, 1 << 40, numbers(0, &mut asked));
    assert!(matches!(got, Err(RpcError::Node { .. })), "{got:?}");
    assert!(asked < 50, "{asked}");
}

#[test]
fn only_refusals_split_a_range() {
    let errors = [
        || node(429, "slow down"),
        || node(-32_005, "daily rate limit"),
        || unexpected("eth_getLogs", "logs", &Value::Null),
        || RpcError::Transport {
            method: "eth_getLogs",
            reason: "nobody there".to_owned(),
        },
    ];
    for error in errors {
        let mut asked = 0;
        let got = in_ranges::<u64>(0, 100, |_, _| {
            asked += 1;
            Err(error())
        });
        assert!(got.is_err());
        assert_eq!(asked, 1, "{:?}", error());
    }
}

#[test]
fn nodes_say_the_same_in_many_words() {
    let said = [
        (
            Refusal::NonceUsed,
            "nonce too low: next nonce 7, tx nonce 5",
        ),
        (Refusal::NonceUsed, "nonce too low"),
        (Refusal::NonceUsed, "OldNonce"),
        (Refusal::NonceUsed, "NONCE_TOO_LOW"),
        (Refusal::Known, "already known"),
        (Refusal::Known, "AlreadyKnown"),
        (Refusal::Known, "ALREADY_EXISTS: already known"),
        (Refusal::Known, "transaction already imported"),
        (Refusal::Known, "known transaction: 0x12"),
        (Refusal::Underpriced, "replacement transaction underpriced"),
        (
            Refusal::Underpriced,
            "transaction underpriced: tip needed 1, tip permitted 0",
        ),
        (Refusal::Underpriced, "ReplacementNotAllowed"),
        (Refusal::Underpriced, "FeeTooLow, MaxFeePerGas too low"),
        (
            Refusal::Underpriced,
            "INTERNAL_ERROR: could not replace existing tx",
        ),
        (
            Refusal::Underpriced,
            "max fee per gas less than block base fee",
        ),
        (
            Refusal::Funds,
            "insufficient funds for gas * price + value: balance 0, tx cost 1, overshot 1",
        ),
        (Refusal::Funds, "Insufficient funds for gas * price + value"),
        (
            Refusal::Funds,
            "InsufficientFunds, Account balance: 0, cumulative cost: 1",
        ),
        (
            Refusal::Funds,
            "UPFRONT_COST_EXCEEDS_BALANCE: Upfront cost exceeds account balance",
        ),
    ];
    for (reason, message) in said {
        assert_eq!(refusal(message), reason, "{message}");
    }
    for other in [
        "exceeds block gas limit",
        "intrinsic gas too low",
        "nonce too high",
        "",
    ] {
        assert_eq!(refusal(other), Refusal::Other(other.to_owned()));
    }
}

#[test]
fn a_node_that_is_busy_refuses_nothing() {
    let got = refused(node(-32_005, "Too Many Requests"));
    assert!(matches!(got, ChainError::Rpc(_)), "{got:?}");
}

#[test]
fn reverts_are_told_from_errors_of_the_node() {
    for (code, message) in [
        (3, "execution reverted"),
        (-32_000, "execution reverted"),
        (-32_015, "VM execution error."),
        (-32_000, "gas required exceeds allowance (30000000)"),
        (-32_003, "Out of gas: gas required exceeds allowance: 1"),
        (-32_000, "invalid opcode: INVALID"),
        (-32_603, "EVM error InvalidJump"),
    ] {
        let got = execution_error(node(code, message));
        assert!(
            matches!(got, ChainError::Reverted { .. }),
            "{message}: {got:?}"
        );
    }
    for message in ["header not found", "missing trie node"] {
        let got = execution_error(node(-32_000, message));
        assert!(matches!(got, ChainError::Rpc(_)), "{message}: {got:?}");
    }
    let got = execution_error(node(-32_000, "insufficient funds for transfer"));
    let reason = Refusal::Funds;
    assert!(matches!(got, ChainError::Refused { reason: got } if got == reason));
}

#[test]
fn numbers_are_hexadecimal_digits() {
    assert_eq!(quantity(&json!("0x0")), Some(U256::ZERO));
    assert_eq!(quantity(&json!("0x1fF")), Some(U256::from(511)));
    for wrong in [
        json!("0x"),
        json!("12"),
        json!("0x_1"),
        json!("0x-1"),
        json!("0xg"),
        json!(5),
    ] {
        assert_eq!(quantity(&wrong), None, "{wrong}");
    }
    assert_eq!(quantity(&json!(format!("0x1{}", "0".repeat(64)))), None);
    assert_eq!(parse_u64(&json!("0x10000000000000000")), None);
}
