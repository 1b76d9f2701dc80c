//! JSON-RPC of an Ethereum node over HTTP.

use std::time::Duration;

use alloy_primitives::{Address, Bytes, hex};
use serde_json::{Value, json};

/// Time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Time for a whole request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A node that does not answer as it should.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// No client could be made.
    #[error("no HTTP client: {reason}")]
    Client {
        /// Why.
        reason: String,
    },
    /// The node cannot be reached, or what answers speaks no JSON-RPC.
    #[error("{method}: {reason}")]
    Transport {
        /// The method called.
        method: &'static str,
        /// Why.
        reason: String,
    },
    /// The node answers with an error.
    #[error("{method}: the node answers: {message} ({code})")]
    Node {
        /// The method called.
        method: &'static str,
        /// JSON-RPC's number.
        code: i64,
        /// What the node says.
        message: String,
        /// What a reverted call reverts with.
        data: Option<Bytes>,
    },
    /// The answer is not what the method answers.
    #[error("{method}: expected {expected}, got {got}")]
    Answer {
        /// The method called.
        method: &'static str,
        /// What it answers.
        expected: &'static str,
        /// What came, as JSON.
        got: String,
    },
    /// A transaction that deploys a contract failed, or was not mined in time.
    #[error("the transaction {transaction} deploys no contract: {reason}")]
    Deployment {
        /// Hash of the transaction.
        transaction: String,
        /// Why.
        reason: &'static str,
    },
}

/// A node.
#[derive(Debug)]
pub struct Rpc {
    url: String,
    client: reqwest::Client,
    /// Calls wait for their answer, so one thread does.
    runtime: tokio::runtime::Runtime,
}

impl Rpc {
    /// The node at a URL, which is not asked for anything yet.
    ///
    /// # Errors
    /// [`RpcError::Client`] if this process can make no HTTP client.
    pub fn new(url: impl Into<String>) -> Result<Self, RpcError> {
        // The error is another choice that the process has made already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .build()
            .map_err(|error| client_error(&error))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| client_error(&error))?;
        Ok(Self {
            url: url.into(),
            client,
            runtime,
        })
    }

    /// Calls a method and waits for its result.
    ///
    /// # Errors
    /// [`RpcError`] if the node cannot be reached, or answers with an error.
    pub fn call(&self, method: &'static str, params: &Value) -> Result<Value, RpcError> {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let transport = |reason: String| RpcError::Transport { method, reason };
        let bytes = self
            .runtime
            .block_on(self.post(request.to_string()))
            .map_err(|error| transport(with_causes(&error)))?;
        let mut answer: Value = serde_json::from_slice(&bytes)
            .map_err(|error| transport(format!("the answer is no JSON: {error}")))?;
        match answer.get("error") {
            Some(error) if !error.is_null() => Err(node_error(method, error)),
            // A missing result is not taken for `null`, which means something to some methods.
            _ => match answer.get_mut("result") {
                Some(result) => Ok(result.take()),
                None => Err(transport("the answer has no result".to_owned())),
            },
        }
    }

    /// Errors of JSON-RPC may come with any HTTP status, so that is not looked at.
    async fn post(&self, body: String) -> Result<Vec<u8>, reqwest::Error> {
        let request = self.client.post(&self.url);
        let request = request.header("content-type", "application/json");
        let response = request.body(body).send().await?;
        Ok(response.bytes().await?.to_vec())
    }

    /// Calls a contract on the newest state.
    ///
    /// # Errors
    /// [`RpcError::Node`] with the revert's data if it reverts.
    pub(crate) fn eth_call(&self, to: Address, data: &[u8]) -> Result<Bytes, RpcError> {
        const METHOD: &str = "eth_call";
        let call = json!({"to": to.to_string(), "data": hex::encode_prefixed(data)});
        let answer = self.call(METHOD, &json!([call, "latest"]))?;
        bytes(&answer).ok_or_else(|| unexpected(METHOD, "hexadecimal bytes", &answer))
    }
}

/// An error for an answer that the method does not give.
pub(crate) fn unexpected(method: &'static str, expected: &'static str, got: &Value) -> RpcError {
    let got = got.to_string();
    RpcError::Answer {
        method,
        expected,
        got,
    }
}

fn node_error(method: &'static str, error: &Value) -> RpcError {
    RpcError::Node {
        method,
        code: error["code"].as_i64().unwrap_or_default(),
        message: error["message"].as_str().unwrap_or_default().to_owned(),
        data: revert_data(&error["data"]),
    }
}

/// Parity, and Nethermind after it, write a word before the bytes.
fn revert_data(value: &Value) -> Option<Bytes> {
    let text = value.as_str()?;
    let digits = text.strip_prefix("Reverted ").unwrap_or(text);
    hex::decode(digits).ok().map(Bytes::from)
}

fn bytes(value: &Value) -> Option<Bytes> {
    hex::decode(value.as_str()?).ok().map(Bytes::from)
}

fn client_error(error: &dyn std::error::Error) -> RpcError {
    RpcError::Client {
        reason: with_causes(error),
    }
}

/// An error's text with those of its causes, which reqwest leaves out.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
