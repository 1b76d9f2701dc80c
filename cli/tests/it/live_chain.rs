//! `verify --rpc` and `verifier deploy`, on anvil.

use serde_json::Value;

pub(crate) use crate::anvil::Anvil;
use crate::{
    l1::{broken, right_and_wrong},
    support::Place,
};

#[test]
fn contracts_are_deployed_and_judge_proofs() {
    let (place, anvil) = (Place::new(), Anvil::start());
    let [right, wrong] = right_and_wrong(&place);
    let broken = broken(&place, &right);
    let deployed = place.json(0, &["verifier", "deploy", "--rpc", &anvil.url]);
    let verifier = deployed["verifier"].as_str().unwrap();
    let chain = ["verify", "--rpc", &anvil.url, "--verifier", verifier];
    let on_chain = |code, file: &str| place.json(code, &[&chain[..], &[file]].concat());
    assert_eq!(on_chain(0, &right)[0]["valid"], true);
    let reason = |report: &Value| report[0]["reason"].as_str().unwrap().to_owned();
    assert!(reason(&on_chain(1, &wrong)).contains("the step leads to"));
    // The chain's reasons are those of the bytecode here.
    let here = place.json(1, &["verify", "--l1", &broken]);
    assert_eq!(reason(&on_chain(1, &broken)), reason(&here));
}

#[test]
fn an_address_without_a_verifier_is_told_from_a_wrong_proof() {
    let (place, anvil) = (Place::new(), Anvil::start());
    let [right, _] = right_and_wrong(&place);
    let nobody = format!("0x{:040x}", 0xdead);
    let said = place.run(&["verify", "--rpc", &anvil.url, "--verifier", &nobody, &right]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(
        said.err.contains("expected the answer of a verifier"),
        "{}",
        said.err
    );
    let nowhere = "http://127.0.0.1:1";
    let said = place.run(&["verify", "--rpc", nowhere, "--verifier", &nobody, &right]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("eth_call"), "{}", said.err);
    let said = place.run(&["verifier", "deploy", "--rpc", &anvil.url, "--from", &nobody]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("eth_sendTransaction"), "{}", said.err);
}
