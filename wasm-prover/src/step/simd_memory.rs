//! Vector loads and stores.

use enshrine_runtime::isa::{Word, op};

use super::pop_address;
use crate::access::{StateAccess, Step, Stop};

pub(super) fn step<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    match word.opcode {
        op::V128_LOAD => load(state, word, 16, |bits| bits),
        op::V128_LOAD32_ZERO => load(state, word, 4, |bits| bits),
        op::V128_LOAD64_ZERO => load(state, word, 8, |bits| bits),
        op::V128_LOAD8_SPLAT => load(state, word, 1, |bits| bits * splat(8)),
        op::V128_LOAD16_SPLAT => load(state, word, 2, |bits| bits * splat(16)),
        op::V128_LOAD32_SPLAT => load(state, word, 4, |bits| bits * splat(32)),
        op::V128_LOAD64_SPLAT => load(state, word, 8, |bits| bits * splat(64)),
        op::V128_LOAD8X8_S => load(state, word, 8, |bits| widen_signed(bits, 8)),
        op::V128_LOAD8X8_U => load(state, word, 8, |bits| widen(bits, 8)),
        op::V128_LOAD16X4_S => load(state, word, 8, |bits| widen_signed(bits, 16)),
        op::V128_LOAD16X4_U => load(state, word, 8, |bits| widen(bits, 16)),
        op::V128_LOAD32X2_S => load(state, word, 8, |bits| widen_signed(bits, 32)),
        op::V128_LOAD32X2_U => load(state, word, 8, |bits| widen(bits, 32)),
        op::V128_STORE => store(state, word),
        op::V128_LOAD8_LANE => load_lane(state, word, 1),
        op::V128_LOAD16_LANE => load_lane(state, word, 2),
        op::V128_LOAD32_LANE => load_lane(state, word, 4),
        op::V128_LOAD64_LANE => load_lane(state, word, 8),
        op::V128_STORE8_LANE => store_lane(state, word, 1),
        op::V128_STORE16_LANE => store_lane(state, word, 2),
        op::V128_STORE32_LANE => store_lane(state, word, 4),
        op::V128_STORE64_LANE => store_lane(state, word, 8),
        _ => Err(Stop::Failed),
    }
}

/// A one in each lane of `width` bits: a product with it repeats a lane.
const fn splat(width: u32) -> u128 {
    u128::MAX / ((1 << width) - 1)
}

const fn ones(width: u32) -> u128 {
    (1 << width) - 1
}

/// Lanes of `width` bits in 64 bits, each zero-extended to twice its width.
fn widen(bits: u128, width: u32) -> u128 {
    (0..64 / width).fold(0, |wide, lane| {
        let value = bits >> (lane * width) & ones(width);
        wide | value << (2 * lane * width)
    })
}

/// Likewise with the sign extended.
fn widen_signed(bits: u128, width: u32) -> u128 {
    (0..64 / width).fold(0, |wide, lane| {
        let value = bits >> (lane * width) & ones(width);
        let sign = value >> (width - 1);
        let extended = value | (sign * ones(width)) << width;
        wide | extended << (2 * lane * width)
    })
}

#[inline]
fn load<A: StateAccess>(
    state: &mut A,
    word: &Word,
    size: u32,
    vector: impl Fn(u128) -> u128,
) -> Step<(), A::Error> {
    let address = pop_address(state, word, size)?;
    let bits = state.load(address, size)?;
    state.push(vector(bits))
}

#[inline]
fn store<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let bits = state.pop()?;
    let address = pop_address(state, word, 16)?;
    Ok(state.store(address, 16, bits)?)
}

/// Bits below the word's lane of `size` bytes; a program with a lane that a vector does not have fails.
fn lane_shift<E>(word: &Word, size: u32) -> Step<u32, E> {
    let lane = u32::from(word.a);
    if lane >= 16 / size {
        return Err(Stop::Failed);
    }
    Ok(8 * size * lane)
}

fn load_lane<A: StateAccess>(state: &mut A, word: &Word, size: u32) -> Step<(), A::Error> {
    let shift = lane_shift(word, size)?;
    let vector = state.pop()?;
    let address = pop_address(state, word, size)?;
    let bits = state.load(address, size)?;
    let others = vector & !(ones(8 * size) << shift);
    state.push(others | bits << shift)
}

fn store_lane<A: StateAccess>(state: &mut A, word: &Word, size: u32) -> Step<(), A::Error> {
    let shift = lane_shift(word, size)?;
    let vector = state.pop()?;
    let address = pop_address(state, word, size)?;
    Ok(state.store(address, size, vector >> shift)?)
}
