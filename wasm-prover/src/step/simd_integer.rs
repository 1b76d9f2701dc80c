//! Integer arithmetic of vectors
//! ([integer operations](https://webassembly.github.io/spec/core/exec/numerics.html#integer-operations), lane by lane).
//!
//! Half a vector is 64 bits: instructions on a high half shift it down and are those on the low half then. Where two
//! lanes make one, they are the low and the high half of a lane of twice the width.

#![allow(
    clippy::cast_possible_truncation,
    reason = "what is cut was saturated, or is the other half of a lane"
)]

use enshrine_runtime::isa::{Word, op};

use super::value::{Value, binary, each, pairs, unary};

/// Result of an instruction of this family, or `None` if it traps.
#[inline]
pub(crate) fn evaluate(word: &Word, operands: [u128; 3]) -> Option<u128> {
    Some(match word.opcode {
        op::I8X16_ABS => each::<i8, 16>(operands, i8::wrapping_abs),
        op::I8X16_NEG => each::<i8, 16>(operands, i8::wrapping_neg),
        op::I8X16_POPCNT => each::<u8, 16>(operands, popcnt),
        op::I8X16_NARROW_I16X8_S => narrow(operands, narrow_i8),
        op::I8X16_NARROW_I16X8_U => narrow(operands, narrow_u8),
        op::I8X16_SHL => shift::<u8, 16>(operands, u8::wrapping_shl),
        op::I8X16_SHR_S => shift::<i8, 16>(operands, i8::wrapping_shr),
        op::I8X16_SHR_U => shift::<u8, 16>(operands, u8::wrapping_shr),
        op::I8X16_ADD => pairs::<u8, 16>(operands, u8::wrapping_add),
        op::I8X16_ADD_SAT_S => pairs::<i8, 16>(operands, i8::saturating_add),
        op::I8X16_ADD_SAT_U => pairs::<u8, 16>(operands, u8::saturating_add),
        op::I8X16_SUB => pairs::<u8, 16>(operands, u8::wrapping_sub),
        op::I8X16_SUB_SAT_S => pairs::<i8, 16>(operands, i8::saturating_sub),
        op::I8X16_SUB_SAT_U => pairs::<u8, 16>(operands, u8::saturating_sub),
        op::I8X16_MIN_S => pairs::<i8, 16>(operands, i8::min),
        op::I8X16_MIN_U => pairs::<u8, 16>(operands, u8::min),
        op::I8X16_MAX_S => pairs::<i8, 16>(operands, i8::max),
        op::I8X16_MAX_U => pairs::<u8, 16>(operands, u8::max),
        op::I8X16_AVGR_U => pairs::<u8, 16>(operands, average_u8),
        op::I16X8_EXTADD_PAIRWISE_I8X16_S => each::<i16, 8>(operands, add_halves_i16),
        op::I16X8_EXTADD_PAIRWISE_I8X16_U => each::<u16, 8>(operands, add_halves_u16),
        op::I32X4_EXTADD_PAIRWISE_I16X8_S => each::<i32, 4>(operands, add_halves_i32),
        op::I32X4_EXTADD_PAIRWISE_I16X8_U => each::<u32, 4>(operands, add_halves_u32),
        op::I16X8_ABS => each::<i16, 8>(operands, i16::wrapping_abs),
        op::I16X8_NEG => each::<i16, 8>(operands, i16::wrapping_neg),
        op::I16X8_Q15MULR_SAT_S => pairs::<i16, 8>(operands, q15_product),
        op::I16X8_NARROW_I32X4_S => narrow(operands, narrow_i16),
        op::I16X8_NARROW_I32X4_U => narrow(operands, narrow_u16),
        op::I16X8_EXTEND_LOW_I8X16_S => unary(operands, extend_i8),
        op::I16X8_EXTEND_HIGH_I8X16_S => unary(high(operands), extend_i8),
        op::I16X8_EXTEND_LOW_I8X16_U => unary(operands, extend_u8),
        op::I16X8_EXTEND_HIGH_I8X16_U => unary(high(operands), extend_u8),
        op::I16X8_SHL => shift::<u16, 8>(operands, u16::wrapping_shl),
        op::I16X8_SHR_S => shift::<i16, 8>(operands, i16::wrapping_shr),
        op::I16X8_SHR_U => shift::<u16, 8>(operands, u16::wrapping_shr),
        op::I16X8_ADD => pairs::<u16, 8>(operands, u16::wrapping_add),
        op::I16X8_ADD_SAT_S => pairs::<i16, 8>(operands, i16::saturating_add),
        op::I16X8_ADD_SAT_U => pairs::<u16, 8>(operands, u16::saturating_add),
        op::I16X8_SUB => pairs::<u16, 8>(operands, u16::wrapping_sub),
        op::I16X8_SUB_SAT_S => pairs::<i16, 8>(operands, i16::saturating_sub),
        op::I16X8_SUB_SAT_U => pairs::<u16, 8>(operands, u16::saturating_sub),
        op::I16X8_MUL => mul16(operands),
        op::I16X8_MIN_S => pairs::<i16, 8>(operands, i16::min),
        op::I16X8_MIN_U => pairs::<u16, 8>(operands, u16::min),
        op::I16X8_MAX_S => pairs::<i16, 8>(operands, i16::max),
        op::I16X8_MAX_U => pairs::<u16, 8>(operands, u16::max),
        op::I16X8_AVGR_U => pairs::<u16, 8>(operands, average_u16),
        op::I16X8_EXTMUL_LOW_I8X16_S => mul16(widened(operands, extend_i8)),
        op::I16X8_EXTMUL_HIGH_I8X16_S => mul16(widened(high(operands), extend_i8)),
        op::I16X8_EXTMUL_LOW_I8X16_U => mul16(widened(operands, extend_u8)),
        op::I16X8_EXTMUL_HIGH_I8X16_U => mul16(widened(high(operands), extend_u8)),
        op::I32X4_ABS => each::<i32, 4>(operands, i32::wrapping_abs),
        op::I32X4_NEG => each::<i32, 4>(operands, i32::wrapping_neg),
        op::I32X4_EXTEND_LOW_I16X8_S => unary(operands, extend_i16),
        op::I32X4_EXTEND_HIGH_I16X8_S => unary(high(operands), extend_i16),
        op::I32X4_EXTEND_LOW_I16X8_U => unary(operands, extend_u16),
        op::I32X4_EXTEND_HIGH_I16X8_U => unary(high(operands), extend_u16),
        op::I32X4_SHL => shift::<u32, 4>(operands, u32::wrapping_shl),
        op::I32X4_SHR_S => shift::<i32, 4>(operands, i32::wrapping_shr),
        op::I32X4_SHR_U => shift::<u32, 4>(operands, u32::wrapping_shr),
        op::I32X4_ADD => pairs::<u32, 4>(operands, u32::wrapping_add),
        op::I32X4_SUB => pairs::<u32, 4>(operands, u32::wrapping_sub),
        op::I32X4_MUL => mul32(operands),
        op::I32X4_MIN_S => pairs::<i32, 4>(operands, i32::min),
        op::I32X4_MIN_U => pairs::<u32, 4>(operands, u32::min),
        op::I32X4_MAX_S => pairs::<i32, 4>(operands, i32::max),
        op::I32X4_MAX_U => pairs::<u32, 4>(operands, u32::max),
        op::I32X4_DOT_I16X8_S => pairs::<i32, 4>(operands, dot),
        op::I32X4_EXTMUL_LOW_I16X8_S => mul32(widened(operands, extend_i16)),
        op::I32X4_EXTMUL_HIGH_I16X8_S => mul32(widened(high(operands), extend_i16)),
        op::I32X4_EXTMUL_LOW_I16X8_U => mul32(widened(operands, extend_u16)),
        op::I32X4_EXTMUL_HIGH_I16X8_U => mul32(widened(high(operands), extend_u16)),
        op::I64X2_ABS => each::<i64, 2>(operands, i64::wrapping_abs),
        op::I64X2_NEG => each::<i64, 2>(operands, i64::wrapping_neg),
        op::I64X2_EXTEND_LOW_I32X4_S => unary(operands, extend_i32),
        op::I64X2_EXTEND_HIGH_I32X4_S => unary(high(operands), extend_i32),
        op::I64X2_EXTEND_LOW_I32X4_U => unary(operands, extend_u32),
        op::I64X2_EXTEND_HIGH_I32X4_U => unary(high(operands), extend_u32),
        op::I64X2_SHL => shift::<u64, 2>(operands, u64::wrapping_shl),
        op::I64X2_SHR_S => shift::<i64, 2>(operands, i64::wrapping_shr),
        op::I64X2_SHR_U => shift::<u64, 2>(operands, u64::wrapping_shr),
        op::I64X2_ADD => pairs::<u64, 2>(operands, u64::wrapping_add),
        op::I64X2_SUB => pairs::<u64, 2>(operands, u64::wrapping_sub),
        op::I64X2_MUL => mul64(operands),
        op::I64X2_EXTMUL_LOW_I32X4_S => mul64(widened(operands, extend_i32)),
        op::I64X2_EXTMUL_HIGH_I32X4_S => mul64(widened(high(operands), extend_i32)),
        op::I64X2_EXTMUL_LOW_I32X4_U => mul64(widened(operands, extend_u32)),
        op::I64X2_EXTMUL_HIGH_I32X4_U => mul64(widened(high(operands), extend_u32)),
        _ => return None,
    })
}

/// Lanes shifted by an i32, modulo their width.
#[inline]
fn shift<T: Copy, const COUNT: usize>(operands: [u128; 3], shifted: impl Fn(T, u32) -> T) -> u128
where
    [T; COUNT]: Value,
{
    binary(operands, |lanes: [T; COUNT], count: u32| {
        lanes.map(|lane| shifted(lane, count))
    })
}

#[inline]
fn mul16(operands: [u128; 3]) -> u128 {
    pairs::<u16, 8>(operands, u16::wrapping_mul)
}

#[inline]
fn mul32(operands: [u128; 3]) -> u128 {
    pairs::<u32, 4>(operands, u32::wrapping_mul)
}

#[inline]
fn mul64(operands: [u128; 3]) -> u128 {
    pairs::<u64, 2>(operands, u64::wrapping_mul)
}

/// The high halves, as the low ones.
#[inline]
fn high(operands: [u128; 3]) -> [u128; 3] {
    operands.map(|vector| vector >> 64)
}

/// The low halves, their lanes extended to twice the width.
#[inline]
fn widened<H: Value, W: Value>(operands: [u128; 3], extend: impl Fn(H) -> W) -> [u128; 3] {
    operands.map(|half| extend(H::read(half)).write())
}

#[inline]
fn extend_i8(half: [i8; 8]) -> [i16; 8] {
    half.map(i16::from)
}

#[inline]
fn extend_u8(half: [u8; 8]) -> [u16; 8] {
    half.map(u16::from)
}

#[inline]
fn extend_i16(half: [i16; 4]) -> [i32; 4] {
    half.map(i32::from)
}

#[inline]
fn extend_u16(half: [u16; 4]) -> [u32; 4] {
    half.map(u32::from)
}

#[inline]
fn extend_i32(half: [i32; 2]) -> [i64; 2] {
    half.map(i64::from)
}

#[inline]
fn extend_u32(half: [u32; 2]) -> [u64; 2] {
    half.map(u64::from)
}

/// The narrowed lanes of both vectors, the first one's low.
#[inline]
fn narrow<W: Value, H: Value>(operands: [u128; 3], narrowed: impl Fn(W) -> H) -> u128 {
    let [low, high, _] = operands.map(|vector| narrowed(W::read(vector)).write());
    low | high << 64
}

#[inline]
fn narrow_i8(lanes: [i16; 8]) -> [i8; 8] {
    lanes.map(|lane| lane.clamp(-0x80, 0x7f) as i8)
}

#[inline]
#[allow(clippy::cast_sign_loss, reason = "saturated to be positive")]
fn narrow_u8(lanes: [i16; 8]) -> [u8; 8] {
    lanes.map(|lane| lane.clamp(0, 0xff) as u8)
}

#[inline]
fn narrow_i16(lanes: [i32; 4]) -> [i16; 4] {
    lanes.map(|lane| lane.clamp(-0x8000, 0x7fff) as i16)
}

#[inline]
#[allow(clippy::cast_sign_loss, reason = "saturated to be positive")]
fn narrow_u16(lanes: [i32; 4]) -> [u16; 4] {
    lanes.map(|lane| lane.clamp(0, 0xffff) as u16)
}

#[inline]
fn popcnt(lane: u8) -> u8 {
    lane.count_ones() as u8
}

/// Half the sum, a half rounded up.
#[inline]
fn average_u8(a: u8, b: u8) -> u8 {
    (u16::from(a) + u16::from(b)).div_ceil(2) as u8
}

/// Half the sum, a half rounded up.
#[inline]
fn average_u16(a: u16, b: u16) -> u16 {
    (u32::from(a) + u32::from(b)).div_ceil(2) as u16
}

/// Product of fractions with 15 bits behind the point, rounded; only -1 times -1 has no place and saturates.
#[inline]
fn q15_product(a: i16, b: i16) -> i16 {
    let rounded = (i32::from(a) * i32::from(b) + (1 << 14)) >> 15;
    rounded.min(0x7fff) as i16
}

#[inline]
fn add_halves_i16(lane: i16) -> i16 {
    i16::from(lane as i8) + (lane >> 8)
}

#[inline]
fn add_halves_u16(lane: u16) -> u16 {
    (lane & 0xff) + (lane >> 8)
}

#[inline]
fn add_halves_i32(lane: i32) -> i32 {
    i32::from(lane as i16) + (lane >> 16)
}

#[inline]
fn add_halves_u32(lane: u32) -> u32 {
    (lane & 0xffff) + (lane >> 16)
}

/// Sum of the products of the low and of the high halves. It wraps if all four are the least i16.
#[inline]
fn dot(a: i32, b: i32) -> i32 {
    let low = i32::from(a as i16) * i32::from(b as i16);
    let high = (a >> 16) * (b >> 16);
    low.wrapping_add(high)
}

#[cfg(test)]
mod tests;
