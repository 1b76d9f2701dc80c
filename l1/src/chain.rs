//! A chain as one who sends transactions sees it: in this process, or behind JSON-RPC.

use std::fmt::Debug;

use alloy_primitives::{Address, B256, Bytes, U256};

use crate::rpc::RpcError;

/// What is known of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Blocks before it.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Hash of the block before it.
    pub parent: B256,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Wei for a unit of gas, which are burnt.
    pub base_fee: u128,
}

/// What a contract said, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The contract.
    pub address: Address,
    /// Hash of the event's signature, then its indexed fields.
    pub topics: Vec<B256>,
    /// The other fields.
    pub data: Bytes,
    /// Number of the block.
    pub block_number: u64,
    /// Hash of the block.
    pub block_hash: B256,
    /// Hash of the transaction.
    pub transaction: B256,
    /// Its place among the logs of the block.
    pub index: u64,
}

/// What a transaction is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The contract; none to deploy one.
    pub to: Option<Address>,
    /// Call data, or what deploys a contract.
    pub data: Bytes,
    /// Wei that it brings.
    pub value: U256,
}

impl Call {
    /// A call of a contract that brings nothing.
    pub fn new(to: Address, data: impl Into<Bytes>) -> Self {
        Self {
            to: Some(to),
            data: data.into(),
            value: U256::ZERO,
        }
    }

    /// The same, bringing some wei.
    #[must_use]
    pub fn with_value(self, value: U256) -> Self {
        Self { value, ..self }
    }

    /// A deployment.
    pub fn deploy(init_code: impl Into<Bytes>) -> Self {
        Self {
            to: None,
            data: init_code.into(),
            value: U256::ZERO,
        }
    }
}

/// A transaction that is part of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction.
    pub transaction: B256,
    /// Number of the block.
    pub block_number: u64,
    /// Hash of the block.
    pub block_hash: B256,
    /// Whether it did something; otherwise it reverted.
    pub success: bool,
    /// Gas used.
    pub gas_used: u64,
    /// Wei paid for a unit of gas.
    pub gas_price: u128,
    /// The contract that it deployed.
    pub contract: Option<Address>,
}

/// Why a chain does not do what it is asked for.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The call reverts.
    #[error("the call reverts with {data}")]
    Reverted {
        /// What it reverts with; empty if a contract says nothing, or runs out of gas.
        data: Bytes,
    },
    /// The chain does not take the transaction.
    #[error("the chain does not take the transaction: {reason}")]
    Refused {
        /// What is wrong with it.
        reason: Refusal,
    },
    /// The chain cannot be asked.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// What comes back is not what was asked for.
    #[error("expected {expected}, got {got}")]
    Answer {
        /// What was asked for.
        expected: &'static str,
        /// What came.
        got: String,
    },
}

/// What is wrong with a transaction that a chain does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A transaction with its nonce is part of the chain already.
    #[error("its nonce is used")]
    NonceUsed,
    /// The node has it already.
    #[error("it is known")]
    Known,
    /// The node has one with its nonce, and would replace it by one that pays more.
    #[error("it pays too little to replace another")]
    Underpriced,
    /// The account cannot pay for it.
    #[error("the account has too little money")]
    Funds,
    /// Something else.
    #[error("{0}")]
    Other(String),
}

/// How bad an error is for one who goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The same may work later.
    Retry,
    /// What was assumed of the chain is wrong: look again.
    Reset,
    /// Nothing will help but a person.
    Fatal,
}

impl ChainError {
    /// How bad it is.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Rpc(_) | Self::Answer { .. } => Severity::Retry,
            Self::Reverted { .. } => Severity::Reset,
            Self::Refused { reason } => match reason {
                Refusal::NonceUsed | Refusal::Known => Severity::Reset,
                Refusal::Underpriced | Refusal::Other(_) => Severity::Retry,
                Refusal::Funds => Severity::Fatal,
            },
        }
    }
}

/// A chain. All is about the newest block, unless another is named.
pub trait Chain: Debug + Send + Sync {
    /// The number that transactions are signed for.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    fn id(&self) -> Result<u64, ChainError>;

    /// The newest block.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    fn head(&self) -> Result<Block, ChainError>;

    /// A block by its number, if there is one.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    fn block(&self, number: u64) -> Result<Option<Block>, ChainError>;

    /// What a call returns that changes nothing.
    ///
    /// # Errors
    /// [`ChainError::Reverted`] if it reverts.
    fn call(&self, to: Address, data: Bytes) -> Result<Bytes, ChainError>;

    /// Logs of some contracts in blocks `from` to `to`, both included, oldest first.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    fn logs(&self, contracts: &[Address], from: u64, to: u64) -> Result<Vec<Log>, ChainError>;

    /// Transactions of an account that are part of the chain.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    fn nonce(&self, account: Address) -> Result<u64, ChainError>;

    /// Wei of an account.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    fn balance(&self, account: Address) -> Result<U256, ChainError>;

    /// Gas that a transaction will need.
    ///
    /// # Errors
    /// [`ChainError::Reverted`] if it would revert.
    fn estimate_gas(&self, from: Address, call: &Call) -> Result<u64, ChainError>;

    /// Wei for a unit of gas above the base fee that get a transaction mined soon.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    fn tip(&self) -> Result<u128, ChainError>;

    /// Hands over a signed transaction ([EIP-2718](https://eips.ethereum.org/EIPS/eip-2718)); its hash.
    ///
    /// # Errors
    /// [`ChainError::Refused`] if the chain does not take it.
    fn send_raw(&self, raw: &[u8]) -> Result<B256, ChainError>;

    /// The receipt of a transaction that is part of the chain.
    ///
    /// # Errors
    /// [`ChainError`] if the chain cannot be asked.
    fn receipt(&self, transaction: B256) -> Result<Option<Receipt>, ChainError>;
}
