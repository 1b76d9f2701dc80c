//! Values of `.wast` scripts as bits, and patterns as predicates over bits.

use wast::{
    WastArg, WastRet,
    core::{NanPattern, V128Pattern, WastArgCore, WastRetCore},
    token::{F32, F64},
};

/// Bits of an argument; nothing for references, which the profile does not have.
pub(crate) fn argument(arg: &WastArg<'_>) -> Option<u128> {
    let WastArg::Core(arg) = arg else { return None };
    match arg {
        WastArgCore::I32(value) => Some(value.cast_unsigned().into()),
        WastArgCore::I64(value) => Some(value.cast_unsigned().into()),
        WastArgCore::F32(value) => Some(value.bits.into()),
        WastArgCore::F64(value) => Some(value.bits.into()),
        WastArgCore::V128(value) => Some(u128::from_le_bytes(value.to_le_bytes())),
        _ => None,
    }
}

/// Whether a result is what the script expects.
pub(crate) fn matches(expected: &WastRet<'_>, got: u128) -> bool {
    let WastRet::Core(expected) = expected else {
        return false;
    };
    match expected {
        WastRetCore::I32(value) => got == value.cast_unsigned().into(),
        WastRetCore::I64(value) => got == value.cast_unsigned().into(),
        WastRetCore::F32(pattern) => f32_matches(pattern, got),
        WastRetCore::F64(pattern) => f64_matches(pattern, got),
        WastRetCore::V128(pattern) => v128_matches(pattern, got),
        _ => false,
    }
}

// The suite leaves the sign of a NaN open.
fn f32_matches(pattern: &NanPattern<F32>, got: u128) -> bool {
    match pattern {
        NanPattern::CanonicalNan => got & !(1 << 31) == 0x7fc0_0000,
        NanPattern::ArithmeticNan => got & 0x7fc0_0000 == 0x7fc0_0000,
        NanPattern::Value(value) => got == value.bits.into(),
    }
}

fn f64_matches(pattern: &NanPattern<F64>, got: u128) -> bool {
    match pattern {
        NanPattern::CanonicalNan => got & !(1 << 63) == 0x7ff8_0000_0000_0000,
        NanPattern::ArithmeticNan => got & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        NanPattern::Value(value) => got == value.bits.into(),
    }
}

fn v128_matches(pattern: &V128Pattern, got: u128) -> bool {
    let bytes = got.to_le_bytes();
    let lane = |index: usize, width: usize| {
        let mut lane = [0; 16];
        lane[..width].copy_from_slice(&bytes[index * width..][..width]);
        u128::from_le_bytes(lane)
    };
    let all = |width: usize, matches: &dyn Fn(usize, u128) -> bool| {
        (0..16 / width).all(|index| matches(index, lane(index, width)))
    };
    match pattern {
        V128Pattern::I8x16(v) => all(1, &|i, lane| lane == v[i].cast_unsigned().into()),
        V128Pattern::I16x8(v) => all(2, &|i, lane| lane == v[i].cast_unsigned().into()),
        V128Pattern::I32x4(v) => all(4, &|i, lane| lane == v[i].cast_unsigned().into()),
        V128Pattern::I64x2(v) => all(8, &|i, lane| lane == v[i].cast_unsigned().into()),
        V128Pattern::F32x4(v) => all(4, &|i, lane| f32_matches(&v[i], lane)),
        V128Pattern::F64x2(v) => all(8, &|i, lane| f64_matches(&v[i], lane)),
    }
}
