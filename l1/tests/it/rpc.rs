//! What a node may answer. The real one is in the tests of the command.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use alloy_primitives::Address;
use enshrine_l1::{L1Error, Rejection, RemoteVerifier, Rpc, RpcError};
use enshrine_prover::{Proof, StateHash, Terminal};

/// A server that answers one request.
fn serve(status: &'static str, body: impl Into<String>) -> String {
    let body = body.into();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // One read: the request is small, and the answer does not depend on it.
        let _ = stream.read(&mut [0; 65_536]).unwrap();
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
    });
    url
}

/// The failed state's step, asked of a node with this answer.
fn asked(status: &'static str, body: impl Into<String>) -> Result<StateHash, L1Error> {
    let rpc = Rpc::new(serve(status, body)).unwrap();
    let verifier = RemoteVerifier::new(rpc, Address::ZERO);
    verifier.prove_step(Terminal::Failed.hash(), &Proof::new(vec![0]))
}

fn result(value: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"result":{value}}}"#)
}

#[test]
fn a_state_is_a_state() {
    let failed = Terminal::Failed.hash();
    let answer = asked("200 OK", result(&format!("\"{failed}\"")));
    assert_eq!(answer.unwrap(), failed);
}

#[test]
fn a_revert_is_a_rejection_whatever_the_http_status() {
    // OneStepEntry_Kind(256)
    let data = format!("0x{}{:064x}", selector("OneStepEntry_Kind(uint256)"), 256);
    let error = format!(r#"{{"code":3,"message":"execution reverted","data":"{data}"}}"#);
    for status in ["200 OK", "400 Bad Request", "500 Internal Server Error"] {
        let answer = asked(
            status,
            format!(r#"{{"jsonrpc":"2.0","id":1,"error":{error}}}"#),
        );
        let error = answer.unwrap_err();
        assert_eq!(
            error.rejection(),
            Some(&Rejection::Kind { got: None }),
            "{error}"
        );
    }
}

fn selector(signature: &str) -> String {
    let hash = alloy_primitives::keccak256(signature);
    alloy_primitives::hex::encode(&hash[..4])
}

#[test]
fn other_reverts_are_shown() {
    let error = r#"{"code":3,"message":"execution reverted","data":"0x12345678"}"#;
    let answer = asked("200 OK", format!(r#"{{"id":1,"error":{error}}}"#));
    assert!(matches!(answer, Err(L1Error::Revert { .. })), "{answer:?}");
}

#[test]
fn a_node_that_cannot_is_told_from_a_verifier_that_refuses() {
    let error = r#"{"code":-32005,"message":"rate limit"}"#;
    let answer = asked("429 Too Many", format!(r#"{{"id":1,"error":{error}}}"#));
    let got = answer.unwrap_err();
    assert!(
        matches!(&got, L1Error::Rpc(RpcError::Node { code: -32005, .. })),
        "{got}"
    );
    assert!(got.to_string().contains("rate limit"), "{got}");
}

#[test]
fn no_contract_is_told_from_a_verifier_that_refuses() {
    for answer in ["\"0x\"", "\"0x00\""] {
        let got = asked("200 OK", result(answer)).unwrap_err();
        assert!(matches!(&got, L1Error::Answer { .. }), "{answer}: {got}");
    }
}

#[test]
fn what_speaks_no_json_rpc_is_refused() {
    for answer in ["null", "7", "{}", "\"0x123\"", "\"words\""] {
        let got = asked("200 OK", result(answer)).unwrap_err();
        assert!(
            matches!(&got, L1Error::Rpc(RpcError::Answer { .. })),
            "{answer}: {got}"
        );
    }
    for body in ["", "<html>", "[", "7"] {
        let got = asked("200 OK", body).unwrap_err();
        assert!(matches!(&got, L1Error::Rpc(_)), "{body}: {got}");
    }
}

#[test]
fn nobody_is_not_a_node() {
    for url in ["http://127.0.0.1:1", "no URL", "ftp://127.0.0.1", ""] {
        let verifier = RemoteVerifier::new(Rpc::new(url).unwrap(), Address::ZERO);
        let got = verifier.prove_step(Terminal::Failed.hash(), &Proof::new(vec![0]));
        let got = got.unwrap_err();
        assert!(
            matches!(&got, L1Error::Rpc(RpcError::Transport { .. })),
            "{url}: {got}"
        );
    }
}
