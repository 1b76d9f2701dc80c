//! `verify --rpc` and `verifier deploy`, on anvil.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::Value;

use crate::{
    l1::{broken, right_and_wrong},
    support::Place,
};

/// A chain of its own for a test; it ends with the test.
pub(crate) struct Anvil {
    process: Child,
    /// Held open: without a reader anvil could not write to it.
    _output: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Anvil {
    pub(crate) fn start() -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../l1-contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
        assert!(
            program.exists(),
            "no anvil: run `cargo xtask test`, or `npm ci --ignore-scripts` in l1-contracts"
        );
        let mut process = Command::new(program)
            .args(["--port", "0", "--hardfork", "prague"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "anvil has ended");
            if let Some(address) = line.trim().strip_prefix("Listening on ") {
                break address.to_owned();
            }
        };
        Self {
            process,
            _output: output,
            url: format!("http://{address}"),
        }
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

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
