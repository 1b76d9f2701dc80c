//! Integer vectors. Instructions that are about floats go on to [`simd_float`] and [`simd_convert`].

use enshrine_runtime::isa::Word;

use super::{
    Failed, Machine, Step, simd_convert, simd_float,
    value::{Value, lanes},
};

pub(super) fn step(m: &mut Machine, word: &Word) -> Step {
    let opcode = word.opcode;
    match opcode {
        0xfd23..=0xfd40 | 0xfd63..=0xfd64 => i8_to_i32_tests(m, opcode),
        0xfd60..=0xfd62 | 0xfd6b..=0xfd73 | 0xfd76..=0xfd79 | 0xfd7b => i8x16(m, opcode),
        0xfd80..=0xfd84 | 0xfd8b..=0xfd93 | 0xfd95..=0xfd99 | 0xfd9b => i16x8(m, opcode),
        0xfda0..=0xfda4 | 0xfdab..=0xfdb9 => i32x4(m, opcode),
        0xfdc0..=0xfdc4 | 0xfdcb..=0xfddb => i64x2(m, opcode),
        0xfd65..=0xfd66 | 0xfd7c..=0xfd7f | 0xfd85..=0xfd8a | 0xfd9c..=0xfd9f => {
            simd_convert::widths(m, opcode)
        }
        0xfda7..=0xfdaa | 0xfdba..=0xfdbf | 0xfdc7..=0xfdca | 0xfddc..=0xfddf => {
            simd_convert::widths(m, opcode)
        }
        0xfd5e..=0xfd5f | 0xfdf8..=0xfdff => simd_convert::floats(m, opcode),
        _ => simd_float::step(m, opcode),
    }
}

fn i8_to_i32_tests(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfd63 => m.unary(all_true::<u8>),
        0xfd64 => m.unary(bitmask::<u8>),
        0xfd23..=0xfd2c => compare::<i8, u8>(m, opcode - 0xfd23),
        0xfd2d..=0xfd36 => compare::<i16, u16>(m, opcode - 0xfd2d),
        _ => compare::<i32, u32>(m, opcode - 0xfd37),
    }
}

/// The ten comparisons, in the order that the three narrower shapes share.
fn compare<S: Value + Ord, U: Value + Ord>(m: &mut Machine, number: u16) -> Step {
    match number {
        0 => m.lane_compare(|a: S, b: S| a == b),
        1 => m.lane_compare(|a: S, b: S| a != b),
        2 => m.lane_compare(|a: S, b: S| a < b),
        3 => m.lane_compare(|a: U, b: U| a < b),
        4 => m.lane_compare(|a: S, b: S| a > b),
        5 => m.lane_compare(|a: U, b: U| a > b),
        6 => m.lane_compare(|a: S, b: S| a <= b),
        7 => m.lane_compare(|a: U, b: U| a <= b),
        8 => m.lane_compare(|a: S, b: S| a >= b),
        9 => m.lane_compare(|a: U, b: U| a >= b),
        _ => Err(Failed::Trap),
    }
}

fn all_true<T: Value>(bits: u128) -> bool {
    lanes::<T>(bits).all(|lane| lane.bits() != 0)
}

/// The sign bits of all lanes, lane 0 lowest.
fn bitmask<T: Value>(bits: u128) -> u32 {
    lanes::<T>(bits).rev().fold(0, |mask, lane| {
        mask << 1 | (lane.bits() >> (T::BITS - 1)) as u32
    })
}

/// Shifts each lane by the popped count, modulo the lane's width.
fn shift<T: Value>(m: &mut Machine, f: impl Fn(T, u32) -> T) -> Step {
    let count: u32 = m.pop_as()?;
    m.lanewise(|a: T| f(a, count % T::BITS as u32))
}

fn i8x16(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfd60 => m.lanewise(i8::wrapping_abs),
        0xfd61 => m.lanewise(i8::wrapping_neg),
        0xfd62 => m.lanewise(|a: u8| a.count_ones() as u8),
        0xfd6b => shift(m, |a: u8, count| a << count),
        0xfd6c => shift(m, |a: i8, count| a >> count),
        0xfd6d => shift(m, |a: u8, count| a >> count),
        0xfd6e => m.lanewise2(u8::wrapping_add),
        0xfd6f => m.lanewise2(i8::saturating_add),
        0xfd70 => m.lanewise2(u8::saturating_add),
        0xfd71 => m.lanewise2(u8::wrapping_sub),
        0xfd72 => m.lanewise2(i8::saturating_sub),
        0xfd73 => m.lanewise2(u8::saturating_sub),
        0xfd76 => m.lanewise2(i8::min),
        0xfd77 => m.lanewise2(u8::min),
        0xfd78 => m.lanewise2(i8::max),
        0xfd79 => m.lanewise2(u8::max),
        0xfd7b => m.lanewise2(|a: u8, b: u8| (u16::from(a) + u16::from(b)).div_ceil(2) as u8),
        _ => Err(Failed::Trap),
    }
}

fn i16x8(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfd80 => m.lanewise(i16::wrapping_abs),
        0xfd81 => m.lanewise(i16::wrapping_neg),
        0xfd82 => m.lanewise2(q15mulr_sat),
        0xfd83 => m.unary(all_true::<u16>),
        0xfd84 => m.unary(bitmask::<u16>),
        0xfd8b => shift(m, |a: u16, count| a << count),
        0xfd8c => shift(m, |a: i16, count| a >> count),
        0xfd8d => shift(m, |a: u16, count| a >> count),
        0xfd8e => m.lanewise2(u16::wrapping_add),
        0xfd8f => m.lanewise2(i16::saturating_add),
        0xfd90 => m.lanewise2(u16::saturating_add),
        0xfd91 => m.lanewise2(u16::wrapping_sub),
        0xfd92 => m.lanewise2(i16::saturating_sub),
        0xfd93 => m.lanewise2(u16::saturating_sub),
        0xfd95 => m.lanewise2(u16::wrapping_mul),
        0xfd96 => m.lanewise2(i16::min),
        0xfd97 => m.lanewise2(u16::min),
        0xfd98 => m.lanewise2(i16::max),
        0xfd99 => m.lanewise2(u16::max),
        0xfd9b => m.lanewise2(|a: u16, b: u16| (u32::from(a) + u32::from(b)).div_ceil(2) as u16),
        _ => Err(Failed::Trap),
    }
}

fn q15mulr_sat(a: i16, b: i16) -> i16 {
    let rounded = (i32::from(a) * i32::from(b) + (1 << 14)) >> 15;
    rounded.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

fn i32x4(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfda0 => m.lanewise(i32::wrapping_abs),
        0xfda1 => m.lanewise(i32::wrapping_neg),
        0xfda3 => m.unary(all_true::<u32>),
        0xfda4 => m.unary(bitmask::<u32>),
        0xfdab => shift(m, |a: u32, count| a << count),
        0xfdac => shift(m, |a: i32, count| a >> count),
        0xfdad => shift(m, |a: u32, count| a >> count),
        0xfdae => m.lanewise2(u32::wrapping_add),
        0xfdb1 => m.lanewise2(u32::wrapping_sub),
        0xfdb5 => m.lanewise2(u32::wrapping_mul),
        0xfdb6 => m.lanewise2(i32::min),
        0xfdb7 => m.lanewise2(u32::min),
        0xfdb8 => m.lanewise2(i32::max),
        0xfdb9 => m.lanewise2(u32::max),
        _ => Err(Failed::Trap),
    }
}

fn i64x2(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfdc0 => m.lanewise(i64::wrapping_abs),
        0xfdc1 => m.lanewise(i64::wrapping_neg),
        0xfdc3 => m.unary(all_true::<u64>),
        0xfdc4 => m.unary(bitmask::<u64>),
        0xfdcb => shift(m, |a: u64, count| a << count),
        0xfdcc => shift(m, |a: i64, count| a >> count),
        0xfdcd => shift(m, |a: u64, count| a >> count),
        0xfdce => m.lanewise2(u64::wrapping_add),
        0xfdd1 => m.lanewise2(u64::wrapping_sub),
        0xfdd5 => m.lanewise2(u64::wrapping_mul),
        0xfdd6 => m.lane_compare(|a: i64, b: i64| a == b),
        0xfdd7 => m.lane_compare(|a: i64, b: i64| a != b),
        0xfdd8 => m.lane_compare(|a: i64, b: i64| a < b),
        0xfdd9 => m.lane_compare(|a: i64, b: i64| a > b),
        0xfdda => m.lane_compare(|a: i64, b: i64| a <= b),
        0xfddb => m.lane_compare(|a: i64, b: i64| a >= b),
        _ => Err(Failed::Trap),
    }
}
