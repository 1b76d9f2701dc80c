//! Integer comparisons and arithmetic.

use enshrine_runtime::isa::Word;

use super::{Failed, Machine, Step};

pub(super) fn step(m: &mut Machine, word: &Word) -> Step {
    match word.opcode {
        0x45..=0x5a => compare(m, word.opcode),
        0x67..=0x78 => arithmetic32(m, word.opcode),
        0x79..=0x8a => arithmetic64(m, word.opcode),
        _ => extend(m, word.opcode),
    }
}

fn compare(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0x45 => m.unary(|a: i32| a == 0),
        0x46 => m.binary(|a: i32, b: i32| a == b),
        0x47 => m.binary(|a: i32, b: i32| a != b),
        0x48 => m.binary(|a: i32, b: i32| a < b),
        0x49 => m.binary(|a: u32, b: u32| a < b),
        0x4a => m.binary(|a: i32, b: i32| a > b),
        0x4b => m.binary(|a: u32, b: u32| a > b),
        0x4c => m.binary(|a: i32, b: i32| a <= b),
        0x4d => m.binary(|a: u32, b: u32| a <= b),
        0x4e => m.binary(|a: i32, b: i32| a >= b),
        0x4f => m.binary(|a: u32, b: u32| a >= b),
        0x50 => m.unary(|a: i64| a == 0),
        0x51 => m.binary(|a: i64, b: i64| a == b),
        0x52 => m.binary(|a: i64, b: i64| a != b),
        0x53 => m.binary(|a: i64, b: i64| a < b),
        0x54 => m.binary(|a: u64, b: u64| a < b),
        0x55 => m.binary(|a: i64, b: i64| a > b),
        0x56 => m.binary(|a: u64, b: u64| a > b),
        0x57 => m.binary(|a: i64, b: i64| a <= b),
        0x58 => m.binary(|a: u64, b: u64| a <= b),
        0x59 => m.binary(|a: i64, b: i64| a >= b),
        0x5a => m.binary(|a: u64, b: u64| a >= b),
        _ => Err(Failed::Trap),
    }
}

fn arithmetic32(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0x67 => m.unary(|a: u32| a.leading_zeros()),
        0x68 => m.unary(|a: u32| a.trailing_zeros()),
        0x69 => m.unary(|a: u32| a.count_ones()),
        0x6a => m.binary(u32::wrapping_add),
        0x6b => m.binary(u32::wrapping_sub),
        0x6c => m.binary(u32::wrapping_mul),
        // Nothing for a zero divisor and, division only, for MIN by -1.
        0x6d => m.partial_binary(i32::checked_div),
        0x6e => m.partial_binary(u32::checked_div),
        0x6f => m.partial_binary(|a: i32, b: i32| (b != 0).then(|| a.wrapping_rem(b))),
        0x70 => m.partial_binary(u32::checked_rem),
        0x71 => m.binary(|a: u32, b: u32| a & b),
        0x72 => m.binary(|a: u32, b: u32| a | b),
        0x73 => m.binary(|a: u32, b: u32| a ^ b),
        // Shift counts are taken modulo the width.
        0x74 => m.binary(|a: u32, b: u32| a << (b % 32)),
        0x75 => m.binary(|a: i32, b: u32| a >> (b % 32)),
        0x76 => m.binary(|a: u32, b: u32| a >> (b % 32)),
        0x77 => m.binary(|a: u32, b: u32| a.rotate_left(b % 32)),
        0x78 => m.binary(|a: u32, b: u32| a.rotate_right(b % 32)),
        _ => Err(Failed::Trap),
    }
}

fn arithmetic64(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0x79 => m.unary(|a: u64| u64::from(a.leading_zeros())),
        0x7a => m.unary(|a: u64| u64::from(a.trailing_zeros())),
        0x7b => m.unary(|a: u64| u64::from(a.count_ones())),
        0x7c => m.binary(u64::wrapping_add),
        0x7d => m.binary(u64::wrapping_sub),
        0x7e => m.binary(u64::wrapping_mul),
        0x7f => m.partial_binary(i64::checked_div),
        0x80 => m.partial_binary(u64::checked_div),
        0x81 => m.partial_binary(|a: i64, b: i64| (b != 0).then(|| a.wrapping_rem(b))),
        0x82 => m.partial_binary(u64::checked_rem),
        0x83 => m.binary(|a: u64, b: u64| a & b),
        0x84 => m.binary(|a: u64, b: u64| a | b),
        0x85 => m.binary(|a: u64, b: u64| a ^ b),
        0x86 => m.binary(|a: u64, b: u64| a << (b % 64)),
        0x87 => m.binary(|a: i64, b: u64| a >> (b % 64)),
        0x88 => m.binary(|a: u64, b: u64| a >> (b % 64)),
        0x89 => m.binary(|a: u64, b: u64| a.rotate_left((b % 64) as u32)),
        0x8a => m.binary(|a: u64, b: u64| a.rotate_right((b % 64) as u32)),
        _ => Err(Failed::Trap),
    }
}

fn extend(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xc0 => m.unary(|a: i8| i32::from(a)),
        0xc1 => m.unary(|a: i16| i32::from(a)),
        0xc2 => m.unary(|a: i8| i64::from(a)),
        0xc3 => m.unary(|a: i16| i64::from(a)),
        0xc4 => m.unary(|a: i32| i64::from(a)),
        _ => Err(Failed::Trap),
    }
}
