//! A chain in this process: revm with the inference precompiles, blocks of one transaction.

use std::sync::{Arc, Mutex, PoisonError};

use alloy_primitives::{Address, Bytes, TxKind, U256, address};
use alloy_sol_types::SolCall;
use anyhow::{Context as _, Result, anyhow, bail};
use enshrine_precompile::{
    ExecutedCall, Inference, InferenceConfig, MODEL_REGISTRY, Registration, RegistryPolicy,
    genesis_accounts,
};
use enshrine_runtime::{Model, Runtime, store::ModelStore};
use revm::{
    Context, DatabaseCommit, ExecuteEvm, MainBuilder, MainContext,
    bytecode::Bytecode,
    context::{BlockEnv, CfgEnv, TxEnv, result::ExecutionResult},
    database::{CacheDB, EmptyDB},
    handler::EthPrecompiles,
    primitives::hardfork::SpecId,
    state::AccountInfo,
};

use crate::record::RecordedCall;

/// Who sends all transactions.
pub(crate) const SENDER: Address = address!("0x00000000000000000000000000000000000005ed");

/// Gas of a deployment or registration.
const SETUP_GAS: u64 = 30_000_000;

const SPEC: SpecId = SpecId::OSAKA;

/// State and block number.
pub(crate) struct Chain {
    db: CacheDB<EmptyDB>,
    block_number: u64,
    inference: Inference,
    recorded: Arc<Mutex<Vec<RecordedCall>>>,
}

impl Chain {
    /// A chain at its genesis: both precompiles and a registry that takes models from anybody.
    pub(crate) fn new(runtime: &Runtime, store: &ModelStore) -> Self {
        let mut db = CacheDB::new(EmptyDB::default());
        for account in genesis_accounts(RegistryPolicy::Open, []) {
            let info = AccountInfo::from_bytecode(Bytecode::new_raw(account.code)).with_nonce(1);
            db.insert_account_info(account.address, info);
        }
        let recorded = Arc::new(Mutex::new(Vec::new()));
        let observer = Arc::clone(&recorded);
        let inference = Inference::new(runtime.clone(), store.clone(), InferenceConfig::default());
        let inference = inference.with_observer(Arc::new(move |call: &ExecutedCall<'_>| {
            let mut calls = observer.lock().unwrap_or_else(PoisonError::into_inner);
            calls.push(RecordedCall::new(call));
        }));
        Self {
            db,
            block_number: 1,
            inference,
            recorded,
        }
    }

    /// Registers a model; it is active from the next block on.
    ///
    /// # Errors
    /// If the registry refuses it.
    pub(crate) fn register(&mut self, model: &Model) -> Result<()> {
        let registration = Registration::of(model.bytes()).context("the model is too large")?;
        let call = registration.call(self.block_number + 1);
        match self.transact(TxKind::Call(MODEL_REGISTRY), call.abi_encode(), SETUP_GAS)? {
            ExecutionResult::Success { .. } => Ok(()),
            other => bail!("the registry refuses model {}: {other:?}", model.root()),
        }
    }

    /// Deploys a contract and returns its address.
    ///
    /// # Errors
    /// If its constructor reverts.
    pub(crate) fn deploy(&mut self, code: Vec<u8>) -> Result<Address> {
        match self.transact(TxKind::Create, code, SETUP_GAS)? {
            ExecutionResult::Success { output, .. } => output
                .address()
                .copied()
                .context("the deployment gave no address"),
            ExecutionResult::Revert { output, .. } => {
                bail!("the constructor reverts with {output}")
            }
            ExecutionResult::Halt { reason, .. } => bail!("the deployment fails: {reason:?}"),
        }
    }

    /// Calls an address in a transaction.
    ///
    /// # Errors
    /// If this host cannot execute it. A revert is a result.
    pub(crate) fn call(&mut self, to: Address, data: Vec<u8>, gas: u64) -> Result<ExecutionResult> {
        self.transact(TxKind::Call(to), data, gas)
    }

    fn transact(&mut self, kind: TxKind, data: Vec<u8>, gas_limit: u64) -> Result<ExecutionResult> {
        let block = BlockEnv {
            number: U256::from(self.block_number),
            gas_limit: u64::MAX,
            ..Default::default()
        };
        let mut cfg = CfgEnv::new_with_spec(SPEC);
        cfg.disable_nonce_check = true;
        // A model may need more gas than a mainnet transaction may have.
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        let tx = TxEnv {
            caller: SENDER,
            kind,
            data: Bytes::from(data),
            gas_limit,
            ..Default::default()
        };
        let mut evm = Context::mainnet()
            .with_db(&mut self.db)
            .with_block(block)
            .with_cfg(cfg)
            .build_mainnet()
            .with_precompiles(self.inference.provider(EthPrecompiles::new(SPEC)));
        let executed = evm.transact(tx).map_err(|error| anyhow!("{error}"))?;
        drop(evm);
        self.db.commit(executed.state);
        self.block_number += 1;
        Ok(executed.result)
    }

    /// Takes the inferences that ran since the last time.
    pub(crate) fn take_recorded(&self) -> Vec<RecordedCall> {
        std::mem::take(&mut *self.recorded.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
