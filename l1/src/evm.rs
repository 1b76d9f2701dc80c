//! Ethereum in this process.

use alloy_primitives::{Address, Bytes, TxKind, address};
use revm::{
    Context, DatabaseCommit, ExecuteEvm, MainBuilder, MainContext,
    context::{CfgEnv, TxEnv, result::ExecutionResult},
    database::{CacheDB, EmptyDB, WrapDatabaseRef},
    primitives::hardfork::SpecId,
};

use crate::{error::L1Error, gas::Gas};

/// The fork whose opcodes the contracts are compiled for.
const SPEC: SpecId = SpecId::PRAGUE;

/// Who deploys and calls.
const CALLER: Address = address!("0x00000000000000000000000000000000000005ed");

/// Gas of a transaction: what a block of Ethereum held when the contracts were written.
const GAS_LIMIT: u64 = 30_000_000;

/// Gas of any transaction.
const TRANSACTION_GAS: u64 = 21_000;

/// Contracts that are deployed, and no more state than that.
#[derive(Debug)]
pub(crate) struct Evm {
    db: CacheDB<EmptyDB>,
}

impl Evm {
    pub(crate) fn new() -> Self {
        Self {
            db: CacheDB::new(EmptyDB::default()),
        }
    }

    /// Deploys a contract; its address.
    ///
    /// # Errors
    /// If its constructor does not end.
    pub(crate) fn deploy(&mut self, init_code: Vec<u8>) -> Result<Address, L1Error> {
        let nonce = self.db.cache.accounts.get(&CALLER);
        let nonce = nonce.map_or(0, |caller| caller.info.nonce);
        let (result, state) = self.transact(TxKind::Create, init_code.into(), nonce)?;
        self.db.commit(state);
        answer(result).map(|_| CALLER.create(nonce))
    }

    /// Calls a contract that writes nothing; its answer and what it costs.
    ///
    /// # Errors
    /// If the call reverts or halts.
    pub(crate) fn call(&self, to: Address, data: Vec<u8>) -> Result<(Bytes, Gas), L1Error> {
        let data = Bytes::from(data);
        let intrinsic = intrinsic_gas(&data);
        let calldata_bytes = data.len() as u64;
        let calldata_zeros = data.iter().filter(|byte| **byte == 0).count() as u64;
        let (result, _) = self.transact(TxKind::Call(to), data, 0)?;
        let gas = Gas {
            execution: result.gas().total_gas_spent() - intrinsic,
            calldata_bytes,
            calldata_zeros,
        };
        Ok((answer(result)?, gas))
    }

    fn transact(
        &self,
        kind: TxKind,
        data: Bytes,
        nonce: u64,
    ) -> Result<(ExecutionResult, revm::state::EvmState), L1Error> {
        let mut cfg = CfgEnv::new_with_spec(SPEC);
        cfg.disable_nonce_check = true;
        let tx = TxEnv {
            caller: CALLER,
            kind,
            data,
            nonce,
            gas_limit: GAS_LIMIT,
            ..Default::default()
        };
        let mut evm = Context::mainnet()
            .with_db(WrapDatabaseRef(&self.db))
            .with_cfg(cfg)
            .build_mainnet();
        let executed = evm.transact(tx).map_err(|error| L1Error::Transaction {
            reason: error.to_string(),
        })?;
        Ok((executed.result, executed.state))
    }
}

/// What a transaction with this data pays before anything is executed. The floor of EIP-7623 is not part of what it spends.
fn intrinsic_gas(data: &[u8]) -> u64 {
    let of_byte = |byte: &u8| if *byte == 0 { 4 } else { 16 };
    TRANSACTION_GAS + data.iter().map(of_byte).sum::<u64>()
}

fn answer(result: ExecutionResult) -> Result<Bytes, L1Error> {
    match result {
        ExecutionResult::Success { output, .. } => Ok(output.into_data()),
        ExecutionResult::Revert { output, .. } => Err(L1Error::of_revert(output)),
        ExecutionResult::Halt { reason, .. } => Err(L1Error::Halt {
            reason: format!("{reason:?}"),
        }),
    }
}
