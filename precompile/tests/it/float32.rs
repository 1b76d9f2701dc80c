//! `Float32.sol` against Rust's own floats, in an EVM.

use std::cell::RefCell;

use alloy_primitives::{Address, Bytes, I256};
use alloy_sol_types::{SolCall, sol};
use proptest::prelude::*;
use revm::context::result::ExecutionResult;
use revm::context::{BlockEnv, CfgEnv, TxEnv};
use revm::database::{CacheDB, EmptyDB};
use revm::primitives::TxKind;
use revm::primitives::hardfork::SpecId;
use revm::{Context, ExecuteCommitEvm, MainBuilder, MainContext};

use crate::support::SENDER;

sol!(
    #[allow(missing_docs, reason = "generated from an artifact")]
    Float32Caller,
    "contracts/artifacts/test/Float32Caller.json"
);

/// A chain with nothing but the library.
struct Library {
    db: CacheDB<EmptyDB>,
    contract: Address,
}

impl Library {
    fn new() -> Self {
        let mut library = Self {
            db: CacheDB::new(EmptyDB::default()),
            contract: Address::ZERO,
        };
        let code = Float32Caller::BYTECODE.clone();
        let result = library.transact(TxKind::Create, code);
        let ExecutionResult::Success { output, .. } = result else {
            panic!("{result:?}")
        };
        library.contract = *output.address().unwrap();
        library
    }

    fn transact(&mut self, kind: TxKind, data: Bytes) -> ExecutionResult {
        let mut cfg = CfgEnv::new_with_spec(SpecId::OSAKA);
        cfg.disable_nonce_check = true;
        let block = BlockEnv {
            gas_limit: u64::MAX,
            ..Default::default()
        };
        let context = Context::mainnet()
            .with_db(&mut self.db)
            .with_cfg(cfg)
            .with_block(block);
        let tx = TxEnv {
            caller: SENDER,
            kind,
            data,
            gas_limit: 10_000_000,
            ..Default::default()
        };
        context.build_mainnet().transact_commit(tx).unwrap()
    }

    /// `None` when the call reverts.
    fn ask<C: SolCall>(&mut self, call: &C) -> Option<C::Return> {
        match self.transact(TxKind::Call(self.contract), call.abi_encode().into()) {
            ExecutionResult::Success { output, .. } => {
                Some(C::abi_decode_returns(output.data()).unwrap())
            }
            ExecutionResult::Revert { .. } => None,
            halt => panic!("{halt:?}"),
        }
    }
}

thread_local! {
    static LIBRARY: RefCell<Library> = RefCell::new(Library::new());
}

fn from_wad(wad: I256) -> Option<u32> {
    LIBRARY.with_borrow_mut(|library| library.ask(&Float32Caller::fromWadCall { _wad: wad }))
}

fn to_wad(bits: u32) -> Option<I256> {
    LIBRARY.with_borrow_mut(|library| library.ask(&Float32Caller::toWadCall { _bits: bits }))
}

/// Rust prints a float exactly and rounds the last digit half to even, as the library shall.
fn expected_wad(bits: u32) -> Option<I256> {
    let value = f64::from(f32::from_bits(bits));
    let text = format!("{value:.18}").replace('.', "");
    value
        .is_finite()
        .then(|| I256::from_dec_str(&text).unwrap())
}

/// Rust reads a decimal number as the nearest float, ties to even.
fn expected_float(wad: I256) -> Option<u32> {
    let sign = if wad.is_negative() { "-" } else { "" };
    let digits = format!("{:0>19}", wad.unsigned_abs().to_string());
    let (whole, fraction) = digits.split_at(digits.len() - 18);
    let value: f32 = format!("{sign}{whole}.{fraction}").parse().unwrap();
    // A wad has no negative zero.
    let bits = if value == 0.0 { 0 } else { value.to_bits() };
    value.is_finite().then_some(bits)
}

#[test]
fn special_floats_agree() {
    let edges = [
        0,
        1,
        0x007f_ffff,
        0x0080_0000,
        0x2193_92ee,
        0x2193_92ef,
        0x3f80_0000,
        0x7f7f_ffff,
        0x7f80_0000,
        0x7f80_0001,
        0x7fc0_0000,
        0x7fff_ffff,
    ];
    for bits in edges {
        for bits in [bits, bits | 0x8000_0000] {
            assert_eq!(to_wad(bits), expected_wad(bits), "{bits:#010x}");
        }
    }
}

#[test]
fn special_wads_agree() {
    let one = I256::unchecked_from(1_000_000_000_000_000_000u64);
    let largest = expected_wad(0x7f7f_ffff).unwrap();
    let half_step = I256::from_raw(alloy_primitives::U256::from(1) << 103) * one;
    for wad in [
        I256::ZERO,
        I256::ONE,
        one,
        one - I256::ONE,
        largest,
        largest + half_step,
        largest + half_step - I256::ONE,
        I256::MAX,
        I256::MIN,
    ] {
        for wad in [wad, wad.wrapping_neg()] {
            assert_eq!(from_wad(wad), expected_float(wad), "{wad}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn any_float_agrees(bits: u32) {
        prop_assert_eq!(to_wad(bits), expected_wad(bits));
    }

    #[test]
    fn any_small_float_agrees(value in -2.0f32..2.0) {
        prop_assert_eq!(to_wad(value.to_bits()), expected_wad(value.to_bits()));
    }

    #[test]
    fn any_wad_agrees(bytes: [u8; 32], shift in 0usize..256) {
        // An arithmetic shift spreads the magnitudes.
        let wad = I256::from_be_bytes(bytes).asr(shift);
        prop_assert_eq!(from_wad(wad), expected_float(wad));
    }

    #[test]
    fn wads_near_ties_agree(bits in 0x3000_0000u32..0x7f00_0000, offset in -2i64..=2) {
        // Halfway between two neighbours, give or take.
        let (low, high) = (expected_wad(bits).unwrap(), expected_wad(bits + 1).unwrap());
        let wad = low + (high - low).asr(1) + I256::unchecked_from(offset);
        prop_assert_eq!(from_wad(wad), expected_float(wad));
    }
}
