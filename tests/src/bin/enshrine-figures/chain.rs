//! Calls through the precompile in a real EVM.

use std::{path::Path, time::Duration};

use alloy_primitives::{Address, U256};
use enshrine_precompile::{
    GasPrice, INFERENCE, Inference, InferenceConfig, Precompile, Registration, RegistryEntry,
    RegistryPolicy, genesis_accounts,
};
use enshrine_runtime::{
    Model, Runtime,
    store::{Manifest, ModelStore},
};
use revm::{
    Context, ExecuteEvm, MainBuilder, MainContext,
    bytecode::Bytecode,
    context::{BlockEnv, CfgEnv, TxEnv, result::ExecutionResult},
    database::{CacheDB, EmptyDB},
    handler::EthPrecompiles,
    primitives::{TxKind, hardfork::SpecId},
    state::AccountInfo,
};
use serde_json::{Value, json};

use crate::{ROUNDS, Result, median, timed};

const SPEC: SpecId = SpecId::OSAKA;
/// More gas than any call here needs.
const PLENTY: u64 = 1 << 50;
/// Block in which the models are active.
const BLOCK: u64 = 1;

/// A chain whose genesis has one model registered.
pub(crate) struct Chain {
    db: CacheDB<EmptyDB>,
    inference: Inference,
    registration: Registration,
}

impl Chain {
    /// A chain over a store in a new folder.
    pub(crate) fn new(runtime: &Runtime, folder: &Path, model: &[u8]) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let store = ModelStore::open(&folder.to_string_lossy())?;
        store.put(model, Manifest::named("figures"))?;
        let registration = Registration::of(model).ok_or("the model is too large")?;
        let entry = RegistryEntry {
            length_bytes: registration.length_bytes,
            activation_block: BLOCK,
        };
        let mut db = CacheDB::new(EmptyDB::default());
        let entries = [(registration.model, entry)];
        for account in genesis_accounts(RegistryPolicy::Open, entries) {
            let info = AccountInfo::from_bytecode(Bytecode::new_raw(account.code)).with_nonce(1);
            db.insert_account_info(account.address, info);
            for (slot, value) in account.storage {
                db.insert_account_storage(account.address, slot, value)?;
            }
        }
        Ok(Self {
            db,
            inference: Inference::new(runtime.clone(), store, InferenceConfig::default()),
            registration,
        })
    }

    /// Time of a call of the registered model, once it is prepared.
    pub(crate) fn call(&mut self, input: &[u8]) -> Result<Duration> {
        let data = self.call_data(input);
        self.time(INFERENCE, &data, true)
    }

    /// Gas of the precompile for such a call.
    pub(crate) fn gas(&self, input: &[u8], load_steps: u64, infer_steps: u64) -> u64 {
        let data_bytes = self.call_data(input).len();
        GasPrice::of_call(Precompile::Registered, data_bytes, 0).total(load_steps, infer_steps)
    }

    fn call_data(&self, input: &[u8]) -> Vec<u8> {
        let output_size = U256::MAX.to_be_bytes::<32>();
        [self.registration.model.as_bytes(), &output_size[..], input].concat()
    }

    /// Median time of a transaction.
    fn time(&mut self, to: Address, data: &[u8], succeeds: bool) -> Result<Duration> {
        let mut times = Vec::new();
        for round in 0..=ROUNDS {
            let tx = TxEnv {
                kind: TxKind::Call(to),
                data: data.to_vec().into(),
                gas_limit: PLENTY,
                ..Default::default()
            };
            let (result, time) = timed(|| self.transact(tx))?;
            if result.is_success() != succeeds {
                return Err(format!("a call of the bench ended otherwise: {result:?}").into());
            }
            if round > 0 {
                times.push(time);
            }
        }
        Ok(median(times))
    }

    fn transact(&mut self, tx: TxEnv) -> std::result::Result<ExecutionResult, TransactError> {
        let mut cfg = CfgEnv::new_with_spec(SPEC);
        cfg.disable_nonce_check = true;
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        let block = BlockEnv {
            number: U256::from(BLOCK),
            gas_limit: u64::MAX,
            ..Default::default()
        };
        let mut evm = Context::mainnet()
            .with_db(&mut self.db)
            .with_block(block)
            .with_cfg(cfg)
            .build_mainnet()
            .with_precompiles(self.inference.provider(EthPrecompiles::new(SPEC)));
        let executed = evm.transact(tx);
        executed
            .map(|executed| executed.result)
            .map_err(|error| TransactError(error.to_string()))
    }
}

/// A transaction that could not be executed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct TransactError(String);

/// What the fixed parts of the price stand for: nanoseconds for each word of call data, and for each word of a model in it,
/// whose root the host computes. `chain`'s model must refuse an input that is far too long.
pub(crate) fn word_figures(chain: &mut Chain) -> Result<Value> {
    const WORDS: usize = 1 << 17;
    let bytes = vec![0x5a; WORDS * 32];
    let (short, long) = (chain.call_data(&[0x5a; 32]), chain.call_data(&bytes));
    let short = chain.time(INFERENCE, &short, false)?;
    let long = chain.time(INFERENCE, &long, false)?;
    let mut roots = Vec::new();
    for _ in 0..ROUNDS {
        roots.push(timed(|| Model::new(&*bytes))?.1);
    }
    let per_word = |time: Duration| time.as_nanos() as f64 / WORDS as f64;
    Ok(json!({
        "data_word_ns": per_word(long.saturating_sub(short)),
        "model_word_ns": per_word(median(roots)),
    }))
}
