//! A chain of one process, run by either way into a node.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use alloy_evm::{EthEvmFactory, Evm, EvmEnv, EvmFactory};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address};
use alloy_sol_types::{SolCall, SolError, sol};
use enshrine_precompile::{
    Inference, InferenceConfig, Registration, RegistryEntry, RegistryPolicy, genesis_accounts,
};
use enshrine_runtime::engine::EngineKind;
use enshrine_runtime::store::{Manifest, ModelStore};
use enshrine_runtime::{BlobRoot, Guest, Model, Outcome, Run, Runtime, RuntimeConfig};
use revm::bytecode::Bytecode;
use revm::context::result::ExecutionResult;
use revm::context::{BlockEnv, CfgEnv, TxEnv};
use revm::database::{CacheDB, EmptyDB};
use revm::handler::EthPrecompiles;
use revm::primitives::hardfork::SpecId;
use revm::state::AccountInfo;
use revm::{Context, DatabaseCommit, ExecuteEvm, MainBuilder, MainContext};

sol!(
    #[allow(missing_docs, reason = "generated from an artifact")]
    #[derive(Debug)]
    Probe,
    "contracts/artifacts/test/Probe.json"
);

pub(crate) const SENDER: Address = address!("0x00000000000000000000000000000000000005ed");
pub(crate) const GOVERNOR: Address = address!("0x0000000000000000000000000000000000000907");
pub(crate) const FIRST_BLOCK: u64 = 100;
/// More gas than any call here needs.
pub(crate) const PLENTY: u64 = 1_000_000_000_000;
const SPEC: SpecId = SpecId::OSAKA;

/// Ways into a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Revm,
    AlloyEvm,
}

impl Way {
    pub(crate) const ALL: [Self; 2] = [Self::Revm, Self::AlloyEvm];
}

pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let cache_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("enshrine-cache");
        let mut config = RuntimeConfig::bundled(Some(cache_dir)).unwrap();
        config.guest = Guest::bundled().unwrap();
        Runtime::new(config).unwrap()
    })
}

pub(crate) fn models_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models")
}

pub(crate) fn model_bytes(name: &str) -> Vec<u8> {
    std::fs::read(models_folder().join(name).join("model.onnx")).unwrap()
}

pub(crate) fn sample(name: &str) -> Vec<u8> {
    std::fs::read(models_folder().join("samples").join(name)).unwrap()
}

/// A store in a folder of its own.
pub(crate) fn new_store() -> (ModelStore, PathBuf) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("store-{}-{number}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    (ModelStore::open(folder.to_str().unwrap()).unwrap(), folder)
}

pub(crate) fn inference(store: ModelStore) -> Inference {
    Inference::new(runtime().clone(), store, InferenceConfig::default())
}

/// What a run gives outside any EVM.
pub(crate) fn run(model: &[u8], input: &[u8]) -> Run {
    let model = Model::new(model).unwrap();
    runtime()
        .infer(&model, input, 1 << 40, EngineKind::Wasmtime)
        .unwrap()
}

/// Steps of `load` and `infer` of a run that finished.
pub(crate) fn steps(run: &Run) -> (u64, u64) {
    match run.outcome {
        Outcome::Finished {
            load_steps,
            infer_steps,
            ..
        } => (load_steps, infer_steps),
        Outcome::Failed => panic!("the run failed"),
    }
}

pub(crate) fn word(root: BlobRoot) -> B256 {
    B256::new(root.into_bytes())
}

/// Call data of 0xa1.
pub(crate) fn registered_call(model: BlobRoot, output_size: U256, input: &[u8]) -> Vec<u8> {
    [
        &model.as_bytes()[..],
        &output_size.to_be_bytes::<32>(),
        input,
    ]
    .concat()
}

/// Call data of 0xa0.
pub(crate) fn call_with_model(model: &[u8], input: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| U256::from(bytes.len()).to_be_bytes::<32>();
    [&length(model)[..], &length(input), model, input].concat()
}

/// `length || output`.
pub(crate) fn answer(output: &[u8]) -> Vec<u8> {
    [&U256::from(output.len()).to_be_bytes::<32>()[..], output].concat()
}

/// The typed error that some bytes are.
pub(crate) fn typed<E: SolError>(bytes: &[u8]) -> E {
    E::abi_decode(bytes)
        .unwrap_or_else(|_| panic!("another error: {}", Bytes::copy_from_slice(bytes)))
}

/// Gas of a transaction before its call begins.
pub(crate) fn intrinsic_gas(data: &[u8]) -> u64 {
    21_000
        + data
            .iter()
            .map(|byte| if *byte == 0 { 4 } else { 16 })
            .sum::<u64>()
}

/// State, block number and precompiles.
pub(crate) struct Chain {
    pub(crate) db: CacheDB<EmptyDB>,
    pub(crate) block_number: u64,
    pub(crate) inference: Inference,
    pub(crate) way: Way,
}

impl Chain {
    /// A chain whose genesis has the models registered and active. Their bytes are in the store.
    pub(crate) fn new(way: Way, inference: Inference, models: &[&[u8]]) -> Self {
        let entries = models.iter().map(|bytes| {
            let registration = Registration::of(bytes).unwrap();
            let length_bytes = registration.length_bytes;
            (
                registration.model,
                RegistryEntry {
                    length_bytes,
                    activation_block: FIRST_BLOCK,
                },
            )
        });
        Self::with_genesis(way, inference, RegistryPolicy::Open, entries)
    }

    pub(crate) fn with_genesis(
        way: Way,
        inference: Inference,
        policy: RegistryPolicy,
        entries: impl IntoIterator<Item = (BlobRoot, RegistryEntry)>,
    ) -> Self {
        let mut db = CacheDB::new(EmptyDB::default());
        for account in genesis_accounts(policy, entries) {
            let info = AccountInfo::from_bytecode(Bytecode::new_raw(account.code)).with_nonce(1);
            db.insert_account_info(account.address, info);
            for (slot, value) in account.storage {
                db.insert_account_storage(account.address, slot, value)
                    .unwrap();
            }
        }
        let rich = AccountInfo::from_balance(U256::from(1_000_000));
        db.insert_account_info(SENDER, rich);
        Self {
            db,
            block_number: FIRST_BLOCK,
            inference,
            way,
        }
    }

    /// A chain with one registered model in a store of its own.
    pub(crate) fn with_model(way: Way, model: &[u8]) -> Self {
        let (store, _) = new_store();
        put(&store, model);
        Self::new(way, inference(store), &[model])
    }

    /// Executes and commits a transaction; `Err` when the host cannot answer.
    pub(crate) fn try_transact(&mut self, tx: TxEnv) -> Result<ExecutionResult, String> {
        let executed = match self.way {
            Way::Revm => self.transact_revm(tx),
            Way::AlloyEvm => self.transact_alloy(tx),
        }?;
        self.db.commit(executed.state);
        Ok(executed.result)
    }

    fn block(&self) -> BlockEnv {
        BlockEnv {
            number: U256::from(self.block_number),
            gas_limit: u64::MAX,
            ..Default::default()
        }
    }

    fn cfg() -> CfgEnv {
        let mut cfg = CfgEnv::new_with_spec(SPEC);
        cfg.disable_nonce_check = true;
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        cfg
    }

    fn transact_revm(
        &mut self,
        tx: TxEnv,
    ) -> Result<revm::context::result::ExecResultAndState<ExecutionResult>, String> {
        let mut evm = Context::mainnet()
            .with_db(&mut self.db)
            .with_block(BlockEnv {
                number: U256::from(self.block_number),
                gas_limit: u64::MAX,
                ..Default::default()
            })
            .with_cfg(Self::cfg())
            .build_mainnet()
            .with_precompiles(self.inference.provider(EthPrecompiles::new(SPEC)));
        evm.transact(tx).map_err(|error| error.to_string())
    }

    fn transact_alloy(
        &mut self,
        tx: TxEnv,
    ) -> Result<revm::context::result::ExecResultAndState<ExecutionResult>, String> {
        let env = EvmEnv::new(Self::cfg(), self.block());
        let mut evm = EthEvmFactory::default().create_evm(&mut self.db, env);
        self.inference.install(evm.components_mut().2);
        evm.transact_raw(tx).map_err(|error| error.to_string())
    }

    pub(crate) fn transact(&mut self, tx: TxEnv) -> ExecutionResult {
        self.try_transact(tx).unwrap()
    }

    /// A transaction of the sender.
    pub(crate) fn tx(to: TxKind, data: impl Into<Bytes>, gas_limit: u64) -> TxEnv {
        TxEnv {
            caller: SENDER,
            kind: to,
            data: data.into(),
            gas_limit,
            ..Default::default()
        }
    }

    pub(crate) fn call(
        &mut self,
        to: Address,
        data: impl Into<Bytes>,
        gas: u64,
    ) -> ExecutionResult {
        self.transact(Self::tx(TxKind::Call(to), data, gas))
    }

    /// Deploys a contract.
    pub(crate) fn deploy(&mut self, code: impl Into<Bytes>) -> Address {
        let result = self.transact(Self::tx(TxKind::Create, code, PLENTY));
        let ExecutionResult::Success { output, .. } = result else {
            panic!("{result:?}")
        };
        *output.address().unwrap()
    }

    pub(crate) fn deploy_probe(&mut self) -> Address {
        self.deploy(Probe::BYTECODE.clone())
    }

    /// Calls a contract's function, which must succeed.
    pub(crate) fn ask<C: SolCall>(&mut self, to: Address, call: &C) -> C::Return {
        let result = self.call(to, call.abi_encode(), PLENTY);
        let ExecutionResult::Success { output, .. } = result else {
            panic!("{result:?}")
        };
        C::abi_decode_returns(output.data()).unwrap()
    }
}

/// Puts a model into a store.
pub(crate) fn put(store: &ModelStore, model: &[u8]) -> BlobRoot {
    store.put(model, Manifest::named("test")).unwrap()
}

pub(crate) fn succeeded(result: &ExecutionResult) -> (u64, Bytes) {
    match result {
        ExecutionResult::Success { output, .. } => (result.tx_gas_used(), output.data().clone()),
        other => panic!("expected success, got {other:?}"),
    }
}

pub(crate) fn reverted(result: &ExecutionResult) -> (u64, Bytes) {
    match result {
        ExecutionResult::Revert { output, .. } => (result.tx_gas_used(), output.clone()),
        other => panic!("expected a revert, got {other:?}"),
    }
}
