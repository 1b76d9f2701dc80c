//! A chain of its own for a test.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

use enshrine_l1::Rpc;
use serde_json::{Value, json};

/// A node; it ends with the test. It mines each transaction at once until it is told to do otherwise.
pub(crate) struct Anvil {
    process: Child,
    rpc: Rpc,
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
        // Without a reader anvil would wait for one as soon as the pipe is full.
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while output.read(&mut piece).is_ok_and(|length| length > 0) {}
        });
        let url = format!("http://{address}");
        Self {
            process,
            rpc: Rpc::new(&url).unwrap(),
            url,
        }
    }

    pub(crate) fn ask(&self, method: &'static str, params: &Value) -> Value {
        self.rpc.call(method, params).unwrap()
    }

    /// Mines a block each second from now on.
    pub(crate) fn mine_each_second(&self) {
        self.ask("evm_setIntervalMining", &json!([1]));
    }

    /// Mines nothing more by itself.
    pub(crate) fn mine_no_more(&self) {
        self.ask("evm_setIntervalMining", &json!([0]));
    }

    /// Mines blocks.
    pub(crate) fn mine(&self, blocks: u64) {
        self.ask("anvil_mine", &json!([blocks]));
    }

    /// Lets the next block be this much later.
    pub(crate) fn pass(&self, seconds: u64) {
        self.ask("evm_increaseTime", &json!([seconds]));
    }

    /// Replaces the last `depth` blocks by others. What was in them is lost, and nothing waits for the next block either;
    /// instead there are these transactions, each with the number of its block among the new ones.
    pub(crate) fn reorganise(&self, depth: u64, transactions: &[(String, u64)]) {
        self.ask("anvil_reorg", &json!([depth, transactions]));
    }

    /// Forgets all transactions that wait.
    pub(crate) fn forget_waiting(&self) {
        self.ask("anvil_dropAllTransactions", &json!([]));
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
