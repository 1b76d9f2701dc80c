//! Conversions between scalar types.

use enshrine_runtime::isa::Word;

use super::{Failed, Machine, Step, float::Float};

pub(super) fn step(m: &mut Machine, word: &Word) -> Step {
    match word.opcode {
        0xa7 => m.unary(|a: u64| a as u32),
        0xa8..=0xab | 0xae..=0xb1 => truncate(m, word.opcode),
        0xac => m.unary(|a: i32| i64::from(a)),
        0xad => m.unary(|a: u32| u64::from(a)),
        0xb2..=0xbb => to_float(m, word.opcode),
        // Reinterpretations: a value's bits are what the machine holds anyway.
        0xbc | 0xbe => m.unary(|a: u32| a),
        0xbd | 0xbf => m.unary(|a: u64| a),
        _ => saturate(m, word.opcode),
    }
}

/// The whole part, if it lies in `low..high`; nothing for NaN.
fn whole(a: f64, low: f64, high: f64) -> Option<f64> {
    let whole = a.trunc();
    (low <= whole && whole < high).then_some(whole)
}

const TWO_31: f64 = 2_147_483_648.0;
const TWO_32: f64 = 4_294_967_296.0;
const TWO_63: f64 = 9_223_372_036_854_775_808.0;
const TWO_64: f64 = 18_446_744_073_709_551_616.0;

fn truncate(m: &mut Machine, opcode: u16) -> Step {
    // Each f32 is an f64, so one function per integer type does for both.
    let i32_s = |a: f64| whole(a, -TWO_31, TWO_31).map(|whole| whole as i32);
    let i32_u = |a: f64| whole(a, 0.0, TWO_32).map(|whole| whole as u32);
    let i64_s = |a: f64| whole(a, -TWO_63, TWO_63).map(|whole| whole as i64);
    let i64_u = |a: f64| whole(a, 0.0, TWO_64).map(|whole| whole as u64);
    match opcode {
        0xa8 => m.partial_unary(|a: f32| i32_s(a.into())),
        0xa9 => m.partial_unary(|a: f32| i32_u(a.into())),
        0xaa => m.partial_unary(i32_s),
        0xab => m.partial_unary(i32_u),
        0xae => m.partial_unary(|a: f32| i64_s(a.into())),
        0xaf => m.partial_unary(|a: f32| i64_u(a.into())),
        0xb0 => m.partial_unary(i64_s),
        0xb1 => m.partial_unary(i64_u),
        _ => Err(Failed::Trap),
    }
}

fn to_float(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xb2 => m.unary(|a: i32| a as f32),
        0xb3 => m.unary(|a: u32| a as f32),
        0xb4 => m.unary(|a: i64| a as f32),
        0xb5 => m.unary(|a: u64| a as f32),
        0xb6 => m.unary(|a: f64| (a as f32).canonical()),
        0xb7 => m.unary(|a: i32| f64::from(a)),
        0xb8 => m.unary(|a: u32| f64::from(a)),
        0xb9 => m.unary(|a: i64| a as f64),
        0xba => m.unary(|a: u64| a as f64),
        0xbb => m.unary(|a: f32| f64::from(a).canonical()),
        _ => Err(Failed::Trap),
    }
}

// Rust's float-to-integer `as` saturates and takes NaN to 0, as WASM's saturating truncation does.
fn saturate(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfc00 => m.unary(|a: f32| a as i32),
        0xfc01 => m.unary(|a: f32| a as u32),
        0xfc02 => m.unary(|a: f64| a as i32),
        0xfc03 => m.unary(|a: f64| a as u32),
        0xfc04 => m.unary(|a: f32| a as i64),
        0xfc05 => m.unary(|a: f32| a as u64),
        0xfc06 => m.unary(|a: f64| a as i64),
        0xfc07 => m.unary(|a: f64| a as u64),
        _ => Err(Failed::Trap),
    }
}
