//! Ethereum in this process, with accounts, blocks and a clock of its own.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use alloy_consensus::{Transaction as _, TxEnvelope, transaction::SignerRecoverable};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use revm::{
    Context, DatabaseCommit, ExecuteEvm, MainBuilder, MainContext,
    context::{
        BlockEnv, CfgEnv, TxEnv,
        result::{EVMError, ExecutionResult, InvalidTransaction},
    },
    database::{CacheDB, EmptyDB, WrapDatabaseRef},
    primitives::hardfork::SpecId,
    state::{AccountInfo, EvmState},
};

use crate::chain::{Block, Call, Chain, ChainError, Log, Receipt, Refusal};

/// The fork whose opcodes the contracts are compiled for.
const SPEC: SpecId = SpecId::PRAGUE;

/// Number that transactions are signed for: as anvil has it.
const CHAIN_ID: u64 = 31_337;

/// Gas of a block.
const GAS_LIMIT: u64 = 60_000_000;

/// Seconds between two blocks, unless the clock is set forward.
const BLOCK_SECONDS: u64 = 12;

/// Time of the first block.
const GENESIS_TIME: u64 = 1_700_000_000;

/// Wei for a unit of gas that are burnt, in every block.
const BASE_FEE: u64 = 1_000_000_000;

/// Wei for a unit of gas above that which the chain asks for.
const TIP: u128 = 100_000_000;

/// An estimate of gas is too large by one of so many parts at most.
const ESTIMATE_PARTS: u64 = 64;

/// How far the chain can be taken back.
const KEPT_STATES: usize = 64;

/// A chain in this process: each transaction is a block at once. Clones are the same chain.
///
/// It has the rules of Ethereum, of Prague, and no consensus: time passes when it is told to, and blocks can be taken back.
#[derive(Clone, Debug)]
pub struct DevChain(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    blocks: Vec<Block>,
    db: CacheDB<EmptyDB>,
    /// States before the newest blocks, the last one's last.
    before: Vec<CacheDB<EmptyDB>>,
    logs: Vec<Log>,
    receipts: BTreeMap<B256, Receipt>,
    /// Transactions by block, as they came.
    raw: BTreeMap<u64, Bytes>,
    /// Seconds by which the next block is later than usual.
    ahead: u64,
    /// Blocks that were taken back, so that a new one has another hash.
    forks: u64,
}

impl DevChain {
    /// A chain with nothing but some accounts, each with so many wei.
    pub fn new(accounts: impl IntoIterator<Item = (Address, U256)>) -> Self {
        let mut db = CacheDB::new(EmptyDB::default());
        for (address, wei) in accounts {
            db.insert_account_info(address, AccountInfo::from_balance(wei));
        }
        let genesis = Block {
            number: 0,
            hash: keccak256(b"enshrine/dev-chain/1"),
            parent: B256::ZERO,
            timestamp: GENESIS_TIME,
            base_fee: u128::from(BASE_FEE),
        };
        Self(Arc::new(Mutex::new(Inner {
            blocks: vec![genesis],
            db,
            before: Vec::new(),
            logs: Vec::new(),
            receipts: BTreeMap::new(),
            raw: BTreeMap::new(),
            ahead: 0,
            forks: 0,
        })))
    }

    /// Lets time pass, and an empty block come.
    pub fn pass(&self, seconds: u64) {
        let mut inner = self.lock();
        inner.ahead += seconds;
        let block = inner.next_block();
        let state = inner.db.clone();
        inner.add(block, state);
    }

    /// Takes the newest blocks back, at most as many as are remembered: a re-org. Their transactions, oldest first; none of
    /// them is part of the chain any more.
    pub fn take_back(&self, blocks: usize) -> Vec<Bytes> {
        let mut inner = self.lock();
        let mut taken = Vec::new();
        for _ in 0..blocks {
            let Some(db) = inner.before.pop() else { break };
            let Some(block) = inner.blocks.pop() else {
                break;
            };
            inner.db = db;
            inner.logs.retain(|log| log.block_number < block.number);
            inner
                .receipts
                .retain(|_, receipt| receipt.block_number < block.number);
            taken.extend(inner.raw.remove(&block.number));
            inner.forks += 1;
        }
        taken.reverse();
        taken
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn head(&self) -> Block {
        *self.blocks.last().expect("a chain begins with a block")
    }

    fn next_block(&self) -> Block {
        let head = self.head();
        let number = head.number + 1;
        let salted = [head.hash.0, B256::from(U256::from(self.forks)).0].concat();
        Block {
            number,
            hash: keccak256(salted),
            parent: head.hash,
            timestamp: head.timestamp + BLOCK_SECONDS + self.ahead,
            base_fee: head.base_fee,
        }
    }

    fn add(&mut self, block: Block, state: CacheDB<EmptyDB>) {
        self.before.push(std::mem::replace(&mut self.db, state));
        if self.before.len() > KEPT_STATES {
            self.before.remove(0);
        }
        self.blocks.push(block);
        self.ahead = 0;
    }

    /// What a transaction would do in the next block.
    fn execute(
        &self,
        tx: TxEnv,
        checked: Checked,
    ) -> Result<(ExecutionResult, EvmState), ChainError> {
        let next = self.next_block();
        let mut cfg = CfgEnv::new_with_spec(SPEC).with_chain_id(CHAIN_ID);
        cfg.disable_nonce_check = checked == Checked::No;
        cfg.disable_balance_check = checked == Checked::No;
        cfg.disable_base_fee = checked == Checked::No;
        let block = BlockEnv {
            number: U256::from(next.number),
            timestamp: U256::from(next.timestamp),
            gas_limit: GAS_LIMIT,
            basefee: BASE_FEE,
            ..Default::default()
        };
        let mut evm = Context::mainnet()
            .with_db(WrapDatabaseRef(&self.db))
            .with_block(block)
            .with_cfg(cfg)
            .build_mainnet();
        let executed = evm.transact(tx).map_err(|error| ChainError::Refused {
            reason: refusal(&error),
        })?;
        Ok((executed.result, executed.state))
    }

    fn include(&mut self, raw: &[u8], transaction: B256, tx: TxEnv) -> Result<(), ChainError> {
        let block = self.next_block();
        let (sender, tx_nonce) = (tx.caller, tx.nonce);
        let gas_price = tx.gas_priority_fee.unwrap_or_default() + block.base_fee;
        let gas_price = gas_price.min(tx.gas_price);
        let created = tx.kind.is_create();
        let (result, state) = self.execute(tx, Checked::Yes)?;
        let mut db = self.db.clone();
        db.commit(state);
        let logs = result.logs().iter().enumerate().map(|(index, log)| Log {
            address: log.address,
            topics: log.topics().to_vec(),
            data: log.data.data.clone(),
            block_number: block.number,
            block_hash: block.hash,
            transaction,
            index: index as u64,
        });
        self.logs.extend(logs);
        let success = result.is_success();
        let receipt = Receipt {
            transaction,
            block_number: block.number,
            block_hash: block.hash,
            success,
            gas_used: result.tx_gas_used(),
            gas_price,
            contract: (created && success).then(|| sender.create(tx_nonce)),
        };
        self.receipts.insert(transaction, receipt);
        self.raw.insert(block.number, raw.to_vec().into());
        self.add(block, db);
        Ok(())
    }

    fn account(&self, account: Address) -> Option<&AccountInfo> {
        Some(&self.db.cache.accounts.get(&account)?.info)
    }
}

/// Whether a transaction is one, or only a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checked {
    Yes,
    No,
}

impl Chain for DevChain {
    fn id(&self) -> Result<u64, ChainError> {
        Ok(CHAIN_ID)
    }

    fn head(&self) -> Result<Block, ChainError> {
        Ok(self.lock().head())
    }

    fn block(&self, number: u64) -> Result<Option<Block>, ChainError> {
        let inner = self.lock();
        let at = usize::try_from(number).ok();
        Ok(at.and_then(|at| inner.blocks.get(at)).copied())
    }

    fn call(&self, to: Address, data: Bytes) -> Result<Bytes, ChainError> {
        let tx = question(Address::ZERO, &Call::new(to, data));
        let (result, _) = self.lock().execute(tx, Checked::No)?;
        output(result)
    }

    fn logs(&self, contracts: &[Address], from: u64, to: u64) -> Result<Vec<Log>, ChainError> {
        let wanted = |log: &&Log| {
            (from..=to).contains(&log.block_number) && contracts.contains(&log.address)
        };
        Ok(self.lock().logs.iter().filter(wanted).cloned().collect())
    }

    fn nonce(&self, account: Address) -> Result<u64, ChainError> {
        let inner = self.lock();
        Ok(inner.account(account).map_or(0, |info| info.nonce))
    }

    fn balance(&self, account: Address) -> Result<U256, ChainError> {
        let inner = self.lock();
        let balance = inner.account(account).map(|info| info.balance);
        Ok(balance.unwrap_or_default())
    }

    fn estimate_gas(&self, from: Address, call: &Call) -> Result<u64, ChainError> {
        let inner = self.lock();
        let attempt = |gas_limit| {
            let tx = TxEnv {
                gas_limit,
                ..question(from, call)
            };
            inner.execute(tx, Checked::No).map(|(result, _)| result)
        };
        let result = attempt(GAS_LIMIT)?;
        // What is used is not always enough: calls get at most 63 of 64 parts, and contracts look at what is left.
        let (mut less, mut enough) = (result.tx_gas_used() - 1, GAS_LIMIT);
        output(result)?;
        while enough - less > enough / ESTIMATE_PARTS {
            let between = less + (enough - less) / 2;
            // A transaction with too little gas to begin with is refused.
            if attempt(between).is_ok_and(|result| result.is_success()) {
                enough = between;
            } else {
                less = between;
            }
        }
        Ok(enough)
    }

    fn tip(&self) -> Result<u128, ChainError> {
        Ok(TIP)
    }

    fn send_raw(&self, raw: &[u8]) -> Result<B256, ChainError> {
        let refused = |reason: String| ChainError::Refused {
            reason: Refusal::Other(reason),
        };
        let transaction =
            TxEnvelope::decode_2718_exact(raw).map_err(|error| refused(error.to_string()))?;
        let caller = transaction
            .recover_signer()
            .map_err(|error| refused(error.to_string()))?;
        let hash = *transaction.tx_hash();
        let mut inner = self.lock();
        if inner.receipts.contains_key(&hash) {
            return Err(ChainError::Refused {
                reason: Refusal::Known,
            });
        }
        inner.include(raw, hash, env(&transaction, caller))?;
        Ok(hash)
    }

    fn receipt(&self, transaction: B256) -> Result<Option<Receipt>, ChainError> {
        Ok(self.lock().receipts.get(&transaction).copied())
    }
}

/// A signed transaction for revm.
fn env(transaction: &TxEnvelope, caller: Address) -> TxEnv {
    TxEnv {
        tx_type: transaction.tx_type().into(),
        caller,
        kind: transaction.kind(),
        data: transaction.input().clone(),
        value: transaction.value(),
        nonce: transaction.nonce(),
        chain_id: transaction.chain_id(),
        gas_limit: transaction.gas_limit(),
        gas_price: transaction.max_fee_per_gas(),
        gas_priority_fee: transaction.max_priority_fee_per_gas(),
        access_list: transaction.access_list().cloned().unwrap_or_default(),
        ..Default::default()
    }
}

/// A transaction that nobody signed.
fn question(caller: Address, call: &Call) -> TxEnv {
    TxEnv {
        caller,
        kind: call.to.map_or(TxKind::Create, TxKind::Call),
        data: call.data.clone(),
        value: call.value,
        gas_limit: GAS_LIMIT,
        chain_id: Some(CHAIN_ID),
        ..Default::default()
    }
}

fn output(result: ExecutionResult) -> Result<Bytes, ChainError> {
    match result {
        ExecutionResult::Success { output, .. } => Ok(output.into_data()),
        ExecutionResult::Revert { output, .. } => Err(ChainError::Reverted { data: output }),
        ExecutionResult::Halt { .. } => Err(ChainError::Reverted { data: Bytes::new() }),
    }
}

fn refusal<E: std::fmt::Display>(error: &EVMError<E>) -> Refusal {
    match error {
        EVMError::Transaction(InvalidTransaction::NonceTooLow { .. }) => Refusal::NonceUsed,
        EVMError::Transaction(InvalidTransaction::LackOfFundForMaxFee { .. }) => Refusal::Funds,
        error => Refusal::Other(error.to_string()),
    }
}
