//! Vector loads, stores, lane access, shuffles and bitwise instructions.

use enshrine_runtime::isa::{Word, op};

use super::{
    Failed, Machine, Step,
    value::{Value, lane, lanes, vector},
};

pub(super) fn step(m: &mut Machine, word: &Word) -> Step {
    match word.opcode {
        0xfd00..=0xfd0b | 0xfd54..=0xfd5d => memory(m, word),
        op::V128_CONST => {
            m.push(word.imm);
            Ok(())
        }
        op::I8X16_SHUFFLE => shuffle(m, word.imm),
        0xfd0e => m.binary(swizzle),
        0xfd0f..=0xfd14 => splat(m, word.opcode),
        0xfd15..=0xfd22 => access(m, word),
        _ => bitwise(m, word.opcode),
    }
}

fn memory(m: &mut Machine, word: &Word) -> Step {
    match word.opcode {
        0xfd00 => load(m, word, 16, |bits| bits),
        0xfd01 => load(m, word, 8, |bits| widen(bits, |a: i8| i16::from(a))),
        0xfd02 => load(m, word, 8, |bits| widen(bits, |a: u8| u16::from(a))),
        0xfd03 => load(m, word, 8, |bits| widen(bits, |a: i16| i32::from(a))),
        0xfd04 => load(m, word, 8, |bits| widen(bits, |a: u16| u32::from(a))),
        0xfd05 => load(m, word, 8, |bits| widen(bits, |a: i32| i64::from(a))),
        0xfd06 => load(m, word, 8, |bits| widen(bits, |a: u32| u64::from(a))),
        0xfd07 => load(m, word, 1, |bits| fill(u8::of(bits))),
        0xfd08 => load(m, word, 2, |bits| fill(u16::of(bits))),
        0xfd09 => load(m, word, 4, |bits| fill(u32::of(bits))),
        0xfd0a => load(m, word, 8, |bits| fill(u64::of(bits))),
        0xfd0b => store(m, word, 16, |bits| bits),
        0xfd54 => load_lane::<u8>(m, word),
        0xfd55 => load_lane::<u16>(m, word),
        0xfd56 => load_lane::<u32>(m, word),
        0xfd57 => load_lane::<u64>(m, word),
        0xfd58 => store_lane::<u8>(m, word),
        0xfd59 => store_lane::<u16>(m, word),
        0xfd5a => store_lane::<u32>(m, word),
        0xfd5b => store_lane::<u64>(m, word),
        0xfd5c => load(m, word, 4, |bits| bits),
        0xfd5d => load(m, word, 8, |bits| bits),
        _ => Err(Failed::Trap),
    }
}

fn load(m: &mut Machine, word: &Word, size: usize, f: impl Fn(u128) -> u128) -> Step {
    let bits = m.load_bits(word, size)?;
    m.push(f(bits));
    Ok(())
}

fn store(m: &mut Machine, word: &Word, size: usize, f: impl Fn(u128) -> u128) -> Step {
    let bits = m.pop()?;
    m.store_bits(word, size, f(bits))
}

/// The lower half of a vector's lanes, each made twice as wide.
fn widen<A: Value, R: Value>(bits: u128, f: impl Fn(A) -> R) -> u128 {
    vector(lanes(bits).take(128 / R::BITS).map(f))
}

fn fill<T: Value>(value: T) -> u128 {
    vector((0..128 / T::BITS).map(|_| value))
}

fn lane_index<T: Value>(word: &Word) -> Result<usize, Failed> {
    let index = usize::from(word.a);
    if index < 128 / T::BITS {
        Ok(index)
    } else {
        Err(Failed::Trap)
    }
}

fn replaced<T: Value>(bits: u128, index: usize, value: T) -> u128 {
    vector(
        lanes::<T>(bits)
            .enumerate()
            .map(|(at, old)| if at == index { value } else { old }),
    )
}

fn load_lane<T: Value>(m: &mut Machine, word: &Word) -> Step {
    let index = lane_index::<T>(word)?;
    let bits = m.pop()?;
    load(m, word, T::BITS / 8, |loaded| {
        replaced(bits, index, T::of(loaded))
    })
}

fn store_lane<T: Value>(m: &mut Machine, word: &Word) -> Step {
    let index = lane_index::<T>(word)?;
    store(m, word, T::BITS / 8, |bits| lane::<T>(bits, index).bits())
}

fn shuffle(m: &mut Machine, mask: u128) -> Step {
    m.binary(|a: u128, b: u128| {
        vector(lanes::<u8>(mask).map(|index| match usize::from(index) {
            index @ 0..16 => lane::<u8>(a, index),
            index @ 16..32 => lane::<u8>(b, index - 16),
            _ => 0,
        }))
    })
}

fn swizzle(a: u128, indices: u128) -> u128 {
    vector(lanes::<u8>(indices).map(|index| match usize::from(index) {
        index @ 0..16 => lane::<u8>(a, index),
        _ => 0,
    }))
}

fn splat(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfd0f => m.unary(fill::<u8>),
        0xfd10 => m.unary(fill::<u16>),
        0xfd11 | 0xfd13 => m.unary(fill::<u32>),
        0xfd12 | 0xfd14 => m.unary(fill::<u64>),
        _ => Err(Failed::Trap),
    }
}

fn access(m: &mut Machine, word: &Word) -> Step {
    match word.opcode {
        0xfd15 => extract(m, word, |a: i8| i32::from(a)),
        0xfd16 => extract(m, word, |a: u8| u32::from(a)),
        0xfd17 => replace::<u8>(m, word),
        0xfd18 => extract(m, word, |a: i16| i32::from(a)),
        0xfd19 => extract(m, word, |a: u16| u32::from(a)),
        0xfd1a => replace::<u16>(m, word),
        0xfd1b | 0xfd1f => extract(m, word, |a: u32| a),
        0xfd1c | 0xfd20 => replace::<u32>(m, word),
        0xfd1d | 0xfd21 => extract(m, word, |a: u64| a),
        0xfd1e | 0xfd22 => replace::<u64>(m, word),
        _ => Err(Failed::Trap),
    }
}

fn extract<A: Value, R: Value>(m: &mut Machine, word: &Word, f: impl Fn(A) -> R) -> Step {
    let index = lane_index::<A>(word)?;
    m.unary(|bits: u128| f(lane(bits, index)))
}

fn replace<T: Value>(m: &mut Machine, word: &Word) -> Step {
    let index = lane_index::<T>(word)?;
    m.binary(|bits: u128, value: T| replaced(bits, index, value))
}

fn bitwise(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfd4d => m.unary(|a: u128| !a),
        0xfd4e => m.binary(|a: u128, b: u128| a & b),
        0xfd4f => m.binary(|a: u128, b: u128| a & !b),
        0xfd50 => m.binary(|a: u128, b: u128| a | b),
        0xfd51 => m.binary(|a: u128, b: u128| a ^ b),
        0xfd52 => {
            let mask = m.pop()?;
            m.binary(|a: u128, b: u128| a & mask | b & !mask)
        }
        0xfd53 => m.unary(|a: u128| a != 0),
        _ => Err(Failed::Trap),
    }
}
