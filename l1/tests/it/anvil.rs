//! A chain of its own for a test.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use enshrine_l1::Rpc;
use serde_json::{Value, json};

/// It ends with the test.
#[derive(Debug)]
pub(crate) struct Anvil {
    process: Child,
    /// Held open: without a reader anvil could not write to it.
    _output: BufReader<ChildStdout>,
    rpc: Rpc,
    pub(crate) address: String,
}

impl Anvil {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../l1-contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
        assert!(
            program.exists(),
            "no anvil: run `cargo xtask test`, or `npm ci --ignore-scripts` in l1-contracts"
        );
        let mut process = Command::new(program)
            .args(["--port", "0", "--hardfork", "prague"])
            .args(arguments)
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
            rpc: Rpc::new(format!("http://{address}")).unwrap(),
            address,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn call(&self, method: &'static str, params: Value) -> Value {
        self.rpc.call(method, &params).unwrap()
    }

    pub(crate) fn mine(&self, blocks: u64) {
        for _ in 0..blocks {
            self.call("evm_mine", json!([]));
        }
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
