//! Float comparisons and arithmetic.

use enshrine_runtime::isa::Word;

use super::{Failed, Machine, Step};

const SIGN32: u32 = 1 << 31;
const SIGN64: u64 = 1 << 63;

/// A float type with the machine's arithmetic: a NaN result is the canonical positive quiet NaN.
///
/// NaNs are told by their bits: to the optimiser all NaN results are alike, and it drops a choice between them.
pub(super) trait Float: Copy + PartialOrd {
    fn canonical(self) -> Self;
    fn is_nan(self) -> bool;
    fn is_negative(self) -> bool;
}

macro_rules! floats {
    ($($ty:ty: $nan:literal, $infinity:literal),*) => {$(
        impl Float for $ty {
            fn canonical(self) -> Self {
                if Float::is_nan(self) { Self::from_bits($nan) } else { self }
            }
            fn is_nan(self) -> bool {
                std::hint::black_box(self.to_bits()) << 1 > $infinity
            }
            fn is_negative(self) -> bool {
                self.is_sign_negative()
            }
        }
    )*};
}

floats!(
    f32: 0x7fc0_0000, 0xff00_0000,
    f64: 0x7ff8_0000_0000_0000, 0xffe0_0000_0000_0000
);

/// WASM's `min`: NaN if one operand is, and -0 is less than +0.
pub(super) fn min<F: Float>(a: F, b: F) -> F {
    if a.is_nan() || b.is_nan() {
        return if a.is_nan() {
            a.canonical()
        } else {
            b.canonical()
        };
    }
    if a < b || (a == b && a.is_negative()) {
        a
    } else {
        b
    }
}

/// WASM's `max`: NaN if one operand is, and +0 is greater than -0.
pub(super) fn max<F: Float>(a: F, b: F) -> F {
    if a.is_nan() || b.is_nan() {
        return if a.is_nan() {
            a.canonical()
        } else {
            b.canonical()
        };
    }
    if a > b || (a == b && b.is_negative()) {
        a
    } else {
        b
    }
}

pub(super) fn step(m: &mut Machine, word: &Word) -> Step {
    match word.opcode {
        0x5b..=0x66 => compare(m, word.opcode),
        0x8b..=0x98 => arithmetic32(m, word.opcode),
        _ => arithmetic64(m, word.opcode),
    }
}

fn compare(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0x5b => m.binary(|a: f32, b: f32| a == b),
        0x5c => m.binary(|a: f32, b: f32| a != b),
        0x5d => m.binary(|a: f32, b: f32| a < b),
        0x5e => m.binary(|a: f32, b: f32| a > b),
        0x5f => m.binary(|a: f32, b: f32| a <= b),
        0x60 => m.binary(|a: f32, b: f32| a >= b),
        0x61 => m.binary(|a: f64, b: f64| a == b),
        0x62 => m.binary(|a: f64, b: f64| a != b),
        0x63 => m.binary(|a: f64, b: f64| a < b),
        0x64 => m.binary(|a: f64, b: f64| a > b),
        0x65 => m.binary(|a: f64, b: f64| a <= b),
        0x66 => m.binary(|a: f64, b: f64| a >= b),
        _ => Err(Failed::Trap),
    }
}

fn arithmetic32(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        // The sign operations work on bits and keep payloads.
        0x8b => m.unary(|a: u32| a & !SIGN32),
        0x8c => m.unary(|a: u32| a ^ SIGN32),
        0x8d => m.unary(|a: f32| a.ceil().canonical()),
        0x8e => m.unary(|a: f32| a.floor().canonical()),
        0x8f => m.unary(|a: f32| a.trunc().canonical()),
        0x90 => m.unary(|a: f32| a.round_ties_even().canonical()),
        0x91 => m.unary(|a: f32| a.sqrt().canonical()),
        0x92 => m.binary(|a: f32, b: f32| (a + b).canonical()),
        0x93 => m.binary(|a: f32, b: f32| (a - b).canonical()),
        0x94 => m.binary(|a: f32, b: f32| (a * b).canonical()),
        0x95 => m.binary(|a: f32, b: f32| (a / b).canonical()),
        0x96 => m.binary(min::<f32>),
        0x97 => m.binary(max::<f32>),
        0x98 => m.binary(|a: u32, b: u32| a & !SIGN32 | b & SIGN32),
        _ => Err(Failed::Trap),
    }
}

fn arithmetic64(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0x99 => m.unary(|a: u64| a & !SIGN64),
        0x9a => m.unary(|a: u64| a ^ SIGN64),
        0x9b => m.unary(|a: f64| a.ceil().canonical()),
        0x9c => m.unary(|a: f64| a.floor().canonical()),
        0x9d => m.unary(|a: f64| a.trunc().canonical()),
        0x9e => m.unary(|a: f64| a.round_ties_even().canonical()),
        0x9f => m.unary(|a: f64| a.sqrt().canonical()),
        0xa0 => m.binary(|a: f64, b: f64| (a + b).canonical()),
        0xa1 => m.binary(|a: f64, b: f64| (a - b).canonical()),
        0xa2 => m.binary(|a: f64, b: f64| (a * b).canonical()),
        0xa3 => m.binary(|a: f64, b: f64| (a / b).canonical()),
        0xa4 => m.binary(min::<f64>),
        0xa5 => m.binary(max::<f64>),
        0xa6 => m.binary(|a: u64, b: u64| a & !SIGN64 | b & SIGN64),
        _ => Err(Failed::Trap),
    }
}
