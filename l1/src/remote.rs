//! The verifier on a live chain.

use std::{thread::sleep, time::Duration};

use alloy_primitives::{Address, hex};
use enshrine_prover::{Proof, StateHash};
use serde_json::{Value, json};

use crate::{
    artifacts::{entry_init_code, families, init_code},
    error::L1Error,
    rpc::{Rpc, RpcError, unexpected},
    verifier::{after, prove_step_call},
};

/// Time between two looks for a receipt.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Looks for a receipt: about ten minutes.
const MAX_POLLS: u32 = 1_200;

/// A verifier that is deployed on a chain.
#[derive(Debug)]
pub struct RemoteVerifier {
    rpc: Rpc,
    entry: Address,
}

impl RemoteVerifier {
    /// The verifier whose entry is at an address.
    pub fn new(rpc: Rpc, entry: Address) -> Self {
        Self { rpc, entry }
    }

    /// Deploys all contracts from an account that the node signs for, its first if none is given, in fifteen transactions.
    ///
    /// # Errors
    /// [`RpcError`] if the node cannot be reached, signs for no account, or mines a transaction that fails.
    pub fn deploy(rpc: Rpc, from: Option<Address>) -> Result<Self, RpcError> {
        let from = from.map_or_else(|| first_account(&rpc), Ok)?;
        let codes = families().map(|(_, artifact)| init_code(artifact));
        let contracts: Vec<_> = codes
            .map(|code| deploy(&rpc, from, &code))
            .collect::<Result<_, _>>()?;
        let entry = deploy(&rpc, from, &entry_init_code(&contracts))?;
        Ok(Self { rpc, entry })
    }

    /// Address of the entry.
    pub fn entry(&self) -> Address {
        self.entry
    }

    /// Holds `proof` against the state before the step, by `eth_call`.
    ///
    /// # Errors
    /// [`L1Error::Rejected`] if the contracts say that the proof is none, [`L1Error::Answer`] if there is no verifier at
    /// the address, [`L1Error::Rpc`] if the chain cannot be asked.
    pub fn prove_step(&self, before: StateHash, proof: &Proof) -> Result<StateHash, L1Error> {
        match self
            .rpc
            .eth_call(self.entry, &prove_step_call(before, proof))
        {
            Ok(data) => after(self.entry, &data),
            Err(RpcError::Node {
                data: Some(data), ..
            }) if !data.is_empty() => Err(L1Error::of_revert(data)),
            Err(error) => Err(error.into()),
        }
    }
}

/// The first account that the node signs for.
fn first_account(rpc: &Rpc) -> Result<Address, RpcError> {
    const METHOD: &str = "eth_accounts";
    let accounts = rpc.call(METHOD, &json!([]))?;
    address(&accounts[0]).ok_or_else(|| unexpected(METHOD, "an account", &accounts))
}

/// Deploys a contract; its address, once the transaction is mined.
fn deploy(rpc: &Rpc, from: Address, init_code: &[u8]) -> Result<Address, RpcError> {
    const METHOD: &str = "eth_sendTransaction";
    let transaction = json!({"from": from.to_string(), "data": hex::encode_prefixed(init_code)});
    let hash = rpc.call(METHOD, &json!([transaction]))?;
    let Some(hash) = hash.as_str() else {
        return Err(unexpected(METHOD, "the transaction's hash", &hash));
    };
    let failed = |reason| RpcError::Deployment {
        transaction: hash.to_owned(),
        reason,
    };
    for _ in 0..MAX_POLLS {
        let receipt = rpc.call("eth_getTransactionReceipt", &json!([hash]))?;
        if receipt.is_null() {
            sleep(POLL_INTERVAL);
        } else if receipt["status"] == "0x1" {
            return address(&receipt["contractAddress"])
                .ok_or_else(|| failed("its receipt names none"));
        } else {
            return Err(failed("it reverted"));
        }
    }
    Err(failed("it is not mined"))
}

fn address(value: &Value) -> Option<Address> {
    value.as_str()?.parse().ok()
}
