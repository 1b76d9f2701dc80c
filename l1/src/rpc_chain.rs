//! A chain behind JSON-RPC.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, B256, Bytes, U256, hex, keccak256};
use serde_json::{Value, json};

use crate::{
    chain::{Block, Call, Chain, ChainError, Log, Receipt, Refusal},
    rpc::{Rpc, RpcError, unexpected},
};

/// How often a question is asked that a node does not answer.
const MAX_ATTEMPTS: u32 = 4;

/// Time before it is asked again, which doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// A question older than this is not asked again: the one who asks has waited long enough.
const RETRY_WINDOW: Duration = Duration::from_secs(10);

/// JSON-RPC's number for a method that a node does not have.
const NO_SUCH_METHOD: i64 = -32_601;

/// geth's number for a call that reverts; others have followed.
const REVERTED: i64 = 3;

/// The same, of Parity and Nethermind.
const VM_ERROR: i64 = -32_015;

/// A chain behind a node.
///
/// A question is asked again, a few times, if the node cannot be reached. A transaction is handed over once: whoever sends
/// it knows better what to do.
#[derive(Debug)]
pub struct RpcChain {
    rpc: Rpc,
}

impl RpcChain {
    /// The chain of a node, which is not asked for anything yet.
    pub fn new(rpc: Rpc) -> Self {
        Self { rpc }
    }

    /// The chain of the node at a URL, which is not asked for anything yet.
    ///
    /// # Errors
    /// [`RpcError::Client`] if this process can make no HTTP client.
    pub fn connect(url: impl Into<String>) -> Result<Self, RpcError> {
        Rpc::new(url).map(Self::new)
    }

    /// Asks what may be asked twice.
    fn ask(&self, method: &'static str, params: &Value) -> Result<Value, RpcError> {
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        for _ in 1..MAX_ATTEMPTS {
            match self.rpc.call(method, params) {
                Err(error) if is_passing(&error) && start.elapsed() < RETRY_WINDOW => sleep(pause),
                answer => return answer,
            }
            pause *= 2;
        }
        self.rpc.call(method, params)
    }

    fn ask_word(&self, method: &'static str, params: &Value) -> Result<U256, RpcError> {
        let answer = self.ask(method, params)?;
        quantity(&answer).ok_or_else(|| unexpected(method, "a number", &answer))
    }

    fn ask_u64(&self, method: &'static str, params: &Value) -> Result<u64, RpcError> {
        let word = self.ask_word(method, params)?;
        u64::try_from(word).map_err(|_| too_large(method, word))
    }

    fn ask_u128(&self, method: &'static str, params: &Value) -> Result<u128, RpcError> {
        let word = self.ask_word(method, params)?;
        u128::try_from(word).map_err(|_| too_large(method, word))
    }

    fn block_at(&self, tag: &str) -> Result<Option<Block>, RpcError> {
        const METHOD: &str = "eth_getBlockByNumber";
        let answer = self.ask(METHOD, &json!([tag, false]))?;
        if answer.is_null() {
            return Ok(None);
        }
        let block = parse_block(&answer).ok_or_else(|| unexpected(METHOD, "a block", &answer))?;
        Ok(Some(block))
    }

    fn logs_of(&self, contracts: &[Address], from: u64, to: u64) -> Result<Vec<Log>, RpcError> {
        const METHOD: &str = "eth_getLogs";
        let filter = json!({
            "address": contracts,
            "fromBlock": format!("{from:#x}"),
            "toBlock": format!("{to:#x}"),
        });
        let answer = self.ask(METHOD, &json!([filter]))?;
        let logs = answer
            .as_array()
            .ok_or_else(|| unexpected(METHOD, "logs", &answer))?;
        let parse = |value| {
            parse_log(value)
                .filter(|log| contracts.contains(&log.address))
                .filter(|log| (from..=to).contains(&log.block_number))
                .ok_or_else(|| unexpected(METHOD, "a log of these contracts and blocks", value))
        };
        logs.iter().map(parse).collect()
    }
}

impl Chain for RpcChain {
    fn id(&self) -> Result<u64, ChainError> {
        Ok(self.ask_u64("eth_chainId", &json!([]))?)
    }

    fn head(&self) -> Result<Block, ChainError> {
        self.block_at("latest")?.ok_or_else(|| ChainError::Answer {
            expected: "the newest block",
            got: "none".to_owned(),
        })
    }

    fn block(&self, number: u64) -> Result<Option<Block>, ChainError> {
        let block = self.block_at(&format!("{number:#x}"))?;
        match block {
            Some(block) if block.number != number => Err(ChainError::Answer {
                expected: "the block asked for",
                got: format!("block {} for {number}", block.number),
            }),
            _ => Ok(block),
        }
    }

    fn call(&self, to: Address, data: Bytes) -> Result<Bytes, ChainError> {
        const METHOD: &str = "eth_call";
        let call = json!({"to": to, "data": data});
        let answer = self
            .ask(METHOD, &json!([call, "latest"]))
            .map_err(execution_error)?;
        Ok(parse_bytes(&answer).ok_or_else(|| unexpected(METHOD, "hexadecimal bytes", &answer))?)
    }

    /// Nodes bound the blocks, or the logs, of one question, each in its own words. So a range that a node refuses is halved,
    /// whatever it says, until it is one block.
    fn logs(&self, contracts: &[Address], from: u64, to: u64) -> Result<Vec<Log>, ChainError> {
        // To a node, no contract means all of them.
        if contracts.is_empty() {
            return Ok(Vec::new());
        }
        let mut logs = in_ranges(from, to, |from, to| self.logs_of(contracts, from, to))?;
        logs.sort_by_key(|log| (log.block_number, log.index));
        Ok(logs)
    }

    fn nonce(&self, account: Address) -> Result<u64, ChainError> {
        Ok(self.ask_u64("eth_getTransactionCount", &json!([account, "latest"]))?)
    }

    fn balance(&self, account: Address) -> Result<U256, ChainError> {
        Ok(self.ask_word("eth_getBalance", &json!([account, "latest"]))?)
    }

    fn estimate_gas(&self, from: Address, call: &Call) -> Result<u64, ChainError> {
        let Call { to, data, value } = call;
        let mut transaction = json!({"from": from, "data": data, "value": value});
        if let Some(to) = to {
            transaction["to"] = json!(to);
        }
        self.ask_u64("eth_estimateGas", &json!([transaction, "latest"]))
            .map_err(execution_error)
    }

    fn tip(&self) -> Result<u128, ChainError> {
        match self.ask_u128("eth_maxPriorityFeePerGas", &json!([])) {
            Err(RpcError::Node {
                code: NO_SUCH_METHOD,
                ..
            }) => {
                let price = self.ask_u128("eth_gasPrice", &json!([]))?;
                Ok(price.saturating_sub(self.head()?.base_fee))
            }
            tip => Ok(tip?),
        }
    }

    fn send_raw(&self, raw: &[u8]) -> Result<B256, ChainError> {
        const METHOD: &str = "eth_sendRawTransaction";
        let answer = self
            .rpc
            .call(METHOD, &json!([hex::encode_prefixed(raw)]))
            .map_err(refused)?;
        let hash = keccak256(raw);
        match parse::<B256>(&answer) {
            Some(got) if got == hash => Ok(hash),
            _ => Err(unexpected(METHOD, "the transaction's hash", &answer).into()),
        }
    }

    fn receipt(&self, transaction: B256) -> Result<Option<Receipt>, ChainError> {
        const METHOD: &str = "eth_getTransactionReceipt";
        let answer = self.ask(METHOD, &json!([transaction]))?;
        // Some nodes have receipts of transactions that wait.
        if answer.is_null() || answer["blockHash"].is_null() {
            return Ok(None);
        }
        let receipt = parse_receipt(&answer).filter(|receipt| receipt.transaction == transaction);
        Ok(Some(receipt.ok_or_else(|| {
            unexpected(METHOD, "the transaction's receipt", &answer)
        })?))
    }
}

/// Collects what there is in blocks `from` to `to`. A range that a node refuses is halved; one that it takes is doubled.
fn in_ranges<T>(
    from: u64,
    to: u64,
    mut ask: impl FnMut(u64, u64) -> Result<Vec<T>, RpcError>,
) -> Result<Vec<T>, RpcError> {
    let mut found = Vec::new();
    let (mut start, mut more) = (from, to.saturating_sub(from));
    while start <= to {
        let end = to.min(start.saturating_add(more));
        match ask(start, end) {
            Ok(part) => {
                found.extend(part);
                let Some(next) = end.checked_add(1) else {
                    break;
                };
                start = next;
                more = more.saturating_mul(2).saturating_add(1);
            }
            Err(error) if is_refusal(&error) && start < end => more = (end - start) / 2,
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Whether a node has understood the question and does not answer it.
fn is_refusal(error: &RpcError) -> bool {
    matches!(error, RpcError::Node { .. }) && !is_passing(error)
}

/// Whether the same may be answered in a moment.
fn is_passing(error: &RpcError) -> bool {
    const BUSY: [&str; 4] = ["rate limit", "too many requests", "429", "capacity"];
    match error {
        RpcError::Transport { .. } => true,
        RpcError::Node { code, message, .. } => {
            *code == 429 || contains_any(&message.to_lowercase(), &BUSY)
        }
        _ => false,
    }
}

/// What the error of a call that is not sent, or of its gas, means.
fn execution_error(error: RpcError) -> ChainError {
    // geth and others say `gas required exceeds allowance` where a contract runs out of gas, anvil `EVM error` and why.
    const REVERTS: [&str; 8] = [
        "revert",
        "vmexecutionerror",
        "evmerror",
        "outofgas",
        "gasrequiredexceeds",
        "invalidopcode",
        "invalidjump",
        "stackunderflow",
    ];
    let RpcError::Node {
        code,
        message,
        data,
        ..
    } = &error
    else {
        return error.into();
    };
    let said = letters(message);
    if says_funds(&said) {
        let reason = Refusal::Funds;
        return ChainError::Refused { reason };
    }
    let reverts = matches!(*code, REVERTED | VM_ERROR) || contains_any(&said, &REVERTS);
    match data {
        _ if reverts => ChainError::Reverted {
            data: data.clone().unwrap_or_default(),
        },
        Some(data) if !data.is_empty() => ChainError::Reverted { data: data.clone() },
        _ => error.into(),
    }
}

/// What the error of a transaction that is handed over means.
fn refused(error: RpcError) -> ChainError {
    match error {
        RpcError::Node { ref message, .. } if !is_passing(&error) => ChainError::Refused {
            reason: refusal(message),
        },
        error => error.into(),
    }
}

/// What geth, reth, Nethermind, Erigon, Besu and anvil say of a transaction that they do not take.
fn refusal(message: &str) -> Refusal {
    const USED: [&str; 3] = ["noncetoolow", "oldnonce", "nonceistoolow"];
    const KNOWN: [&str; 5] = [
        "alreadyknown",
        "alreadyimported",
        "alreadyexists",
        "knowntransaction",
        "transactionknown",
    ];
    const UNDERPRICED: [&str; 7] = [
        "underpriced",
        "replacementnotallowed",
        "couldnotreplaceexisting",
        "feetoolow",
        "gaspricetoolow",
        "belowconfiguredminimumgasprice",
        "lessthanblockbasefee",
    ];
    let said = letters(message);
    if contains_any(&said, &KNOWN) {
        Refusal::Known
    } else if contains_any(&said, &USED) {
        Refusal::NonceUsed
    } else if says_funds(&said) {
        Refusal::Funds
    } else if contains_any(&said, &UNDERPRICED) {
        Refusal::Underpriced
    } else {
        Refusal::Other(message.to_owned())
    }
}

/// Whether a message, by its [`letters`], is about an account that is too poor.
fn says_funds(said: &str) -> bool {
    const FUNDS: [&str; 4] = [
        "insufficientfunds",
        "insufficientbalance",
        "exceedsaccountbalance",
        "exceedstransactionsenderaccountbalance",
    ];
    contains_any(said, &FUNDS)
}

/// Small letters only: nodes write the same words as a sentence, in capitals with underscores, or in camel case.
fn letters(message: &str) -> String {
    let letters = message.chars().filter(char::is_ascii_alphabetic);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

fn contains_any(text: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| text.contains(part))
}

fn parse_block(value: &Value) -> Option<Block> {
    Some(Block {
        number: parse_u64(&value["number"])?,
        hash: parse(&value["hash"])?,
        parent: parse(&value["parentHash"])?,
        timestamp: parse_u64(&value["timestamp"])?,
        base_fee: parse_u128(&value["baseFeePerGas"])?,
    })
}

fn parse_log(value: &Value) -> Option<Log> {
    // A log that a re-org has taken back is none.
    if value["removed"] == true {
        return None;
    }
    let topics = value["topics"].as_array()?;
    Some(Log {
        address: parse(&value["address"])?,
        topics: topics.iter().map(parse).collect::<Option<_>>()?,
        data: parse_bytes(&value["data"])?,
        block_number: parse_u64(&value["blockNumber"])?,
        block_hash: parse(&value["blockHash"])?,
        transaction: parse(&value["transactionHash"])?,
        index: parse_u64(&value["logIndex"])?,
    })
}

fn parse_receipt(value: &Value) -> Option<Receipt> {
    let contract = &value["contractAddress"];
    Some(Receipt {
        transaction: parse(&value["transactionHash"])?,
        block_number: parse_u64(&value["blockNumber"])?,
        block_hash: parse(&value["blockHash"])?,
        success: match parse_u64(&value["status"])? {
            0 => false,
            1 => true,
            _ => return None,
        },
        gas_used: parse_u64(&value["gasUsed"])?,
        gas_price: parse_u128(&value["effectiveGasPrice"])?,
        contract: match contract {
            Value::Null => None,
            address => Some(parse(address)?),
        },
    })
}

/// A number as JSON-RPC writes it: hexadecimal digits after `0x`, at least one.
fn quantity(value: &Value) -> Option<U256> {
    let digits = value.as_str()?.strip_prefix("0x")?;
    let all_hex = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    U256::from_str_radix(all_hex.then_some(digits)?, 16).ok()
}

fn parse_u64(value: &Value) -> Option<u64> {
    quantity(value)?.try_into().ok()
}

fn parse_u128(value: &Value) -> Option<u128> {
    quantity(value)?.try_into().ok()
}

/// An address or a hash.
fn parse<T: std::str::FromStr>(value: &Value) -> Option<T> {
    value
        .as_str()
        .filter(|text| text.starts_with("0x"))?
        .parse()
        .ok()
}

fn parse_bytes(value: &Value) -> Option<Bytes> {
    let text = value.as_str().filter(|text| text.starts_with("0x"))?;
    hex::decode(text).ok().map(Bytes::from)
}

fn too_large(method: &'static str, word: U256) -> RpcError {
    unexpected(method, "a smaller number", &json!(format!("{word:#x}")))
}

#[cfg(test)]
mod tests;
