//! Scalar integers ([integer operations](https://webassembly.github.io/spec/core/exec/numerics.html#integer-operations)).
//!
//! Shifts and rotations take their count modulo the width, which the low 32 bits of an i64 tell too. Division traps by
//! zero, and where the quotient has no place: that of the least integer by -1. Its remainder is 0.

use enshrine_runtime::isa::{Word, op};

use super::value::{binary, compare, partial_binary, test, unary};

/// Result of an instruction of this family, or `None` if it traps.
#[inline]
pub(crate) fn evaluate(word: &Word, operands: [u128; 3]) -> Option<u128> {
    Some(match word.opcode {
        op::I32_EQZ => test(operands, |a: u32| a == 0),
        op::I32_EQ => compare(operands, |a: u32, b| a == b),
        op::I32_NE => compare(operands, |a: u32, b| a != b),
        op::I32_LT_S => compare(operands, |a: i32, b| a < b),
        op::I32_LT_U => compare(operands, |a: u32, b| a < b),
        op::I32_GT_S => compare(operands, |a: i32, b| a > b),
        op::I32_GT_U => compare(operands, |a: u32, b| a > b),
        op::I32_LE_S => compare(operands, |a: i32, b| a <= b),
        op::I32_LE_U => compare(operands, |a: u32, b| a <= b),
        op::I32_GE_S => compare(operands, |a: i32, b| a >= b),
        op::I32_GE_U => compare(operands, |a: u32, b| a >= b),
        op::I64_EQZ => test(operands, |a: u64| a == 0),
        op::I64_EQ => compare(operands, |a: u64, b| a == b),
        op::I64_NE => compare(operands, |a: u64, b| a != b),
        op::I64_LT_S => compare(operands, |a: i64, b| a < b),
        op::I64_LT_U => compare(operands, |a: u64, b| a < b),
        op::I64_GT_S => compare(operands, |a: i64, b| a > b),
        op::I64_GT_U => compare(operands, |a: u64, b| a > b),
        op::I64_LE_S => compare(operands, |a: i64, b| a <= b),
        op::I64_LE_U => compare(operands, |a: u64, b| a <= b),
        op::I64_GE_S => compare(operands, |a: i64, b| a >= b),
        op::I64_GE_U => compare(operands, |a: u64, b| a >= b),
        op::I32_CLZ => unary(operands, u32::leading_zeros),
        op::I32_CTZ => unary(operands, u32::trailing_zeros),
        op::I32_POPCNT => unary(operands, u32::count_ones),
        op::I32_ADD => binary(operands, u32::wrapping_add),
        op::I32_SUB => binary(operands, u32::wrapping_sub),
        op::I32_MUL => binary(operands, u32::wrapping_mul),
        op::I32_DIV_S => partial_binary(operands, i32::checked_div)?,
        op::I32_DIV_U => partial_binary(operands, u32::checked_div)?,
        op::I32_REM_S => partial_binary(operands, remainder_i32)?,
        op::I32_REM_U => partial_binary(operands, u32::checked_rem)?,
        op::I32_AND => binary(operands, |a: u32, b: u32| a & b),
        op::I32_OR => binary(operands, |a: u32, b: u32| a | b),
        op::I32_XOR => binary(operands, |a: u32, b: u32| a ^ b),
        op::I32_SHL => binary(operands, u32::wrapping_shl),
        op::I32_SHR_S => binary(operands, i32::wrapping_shr),
        op::I32_SHR_U => binary(operands, u32::wrapping_shr),
        op::I32_ROTL => binary(operands, u32::rotate_left),
        op::I32_ROTR => binary(operands, u32::rotate_right),
        op::I64_CLZ => unary(operands, u64::leading_zeros),
        op::I64_CTZ => unary(operands, u64::trailing_zeros),
        op::I64_POPCNT => unary(operands, u64::count_ones),
        op::I64_ADD => binary(operands, u64::wrapping_add),
        op::I64_SUB => binary(operands, u64::wrapping_sub),
        op::I64_MUL => binary(operands, u64::wrapping_mul),
        op::I64_DIV_S => partial_binary(operands, i64::checked_div)?,
        op::I64_DIV_U => partial_binary(operands, u64::checked_div)?,
        op::I64_REM_S => partial_binary(operands, remainder_i64)?,
        op::I64_REM_U => partial_binary(operands, u64::checked_rem)?,
        op::I64_AND => binary(operands, |a: u64, b: u64| a & b),
        op::I64_OR => binary(operands, |a: u64, b: u64| a | b),
        op::I64_XOR => binary(operands, |a: u64, b: u64| a ^ b),
        op::I64_SHL => binary(operands, u64::wrapping_shl),
        op::I64_SHR_S => binary(operands, i64::wrapping_shr),
        op::I64_SHR_U => binary(operands, u64::wrapping_shr),
        op::I64_ROTL => binary(operands, u64::rotate_left),
        op::I64_ROTR => binary(operands, u64::rotate_right),
        op::I32_EXTEND8_S => unary(operands, |a: i8| i32::from(a)),
        op::I32_EXTEND16_S => unary(operands, |a: i16| i32::from(a)),
        op::I64_EXTEND8_S => unary(operands, |a: i8| i64::from(a)),
        op::I64_EXTEND16_S => unary(operands, |a: i16| i64::from(a)),
        op::I64_EXTEND32_S => unary(operands, |a: i32| i64::from(a)),
        _ => return None,
    })
}

fn remainder_i32(a: i32, b: i32) -> Option<i32> {
    (b != 0).then(|| a.wrapping_rem(b))
}

fn remainder_i64(a: i64, b: i64) -> Option<i64> {
    (b != 0).then(|| a.wrapping_rem(b))
}

#[cfg(test)]
mod tests {
    use enshrine_runtime::isa::op::*;

    use super::{super::value::cases, evaluate};

    const ONES32: u128 = 0xffff_ffff;
    const LEAST32: u128 = 0x8000_0000;
    const ONES64: u128 = 0xffff_ffff_ffff_ffff;
    const LEAST64: u128 = 0x8000_0000_0000_0000;

    /// Results of eq, ne, lt_s, lt_u, gt_s, gt_u, le_s, le_u, ge_s, ge_u.
    type Relations = [u128; 10];
    const EQUAL: Relations = [1, 0, 0, 0, 0, 0, 1, 1, 1, 1];
    const LESS: Relations = [0, 1, 1, 1, 0, 0, 1, 1, 0, 0];
    const LESS_SIGNED: Relations = [0, 1, 1, 0, 0, 1, 1, 0, 0, 1];
    const LESS_UNSIGNED: Relations = [0, 1, 0, 1, 1, 0, 0, 1, 1, 0];

    fn relations(first: u16, a: u128, b: u128) -> Relations {
        std::array::from_fn(|at| {
            let opcode = first + u16::try_from(at).unwrap();
            cases::run(evaluate, opcode, &[a, b]).unwrap()
        })
    }

    #[test]
    fn comparisons_know_signs() {
        assert_eq!(relations(I32_EQ, 5, 5), EQUAL);
        assert_eq!(relations(I32_EQ, 1 << 32 | 5, 5), EQUAL);
        assert_eq!(relations(I32_EQ, 0, 1), LESS);
        assert_eq!(relations(I32_EQ, LEAST32, LEAST32 - 1), LESS_SIGNED);
        assert_eq!(relations(I32_EQ, 1, ONES32), LESS_UNSIGNED);
        assert_eq!(relations(I64_EQ, LEAST64, LEAST64), EQUAL);
        assert_eq!(relations(I64_EQ, ONES32, 1 << 32), LESS);
        assert_eq!(relations(I64_EQ, LEAST64, LEAST64 - 1), LESS_SIGNED);
        assert_eq!(relations(I64_EQ, 0, ONES64), LESS_UNSIGNED);
    }

    #[test]
    fn bits_are_counted() {
        cases::check(
            evaluate,
            &[
                (I32_EQZ, &[0], 1),
                (I32_EQZ, &[1 << 32], 1),
                (I32_EQZ, &[LEAST32], 0),
                (I64_EQZ, &[0], 1),
                (I64_EQZ, &[1 << 32], 0),
                (I32_CLZ, &[0], 32),
                (I32_CLZ, &[1], 31),
                (I32_CTZ, &[0], 32),
                (I32_CTZ, &[LEAST32], 31),
                (I32_POPCNT, &[u128::MAX], 32),
                (I64_CLZ, &[0], 64),
                (I64_CLZ, &[ONES32], 32),
                (I64_CTZ, &[0], 64),
                (I64_CTZ, &[LEAST64], 63),
                (I64_POPCNT, &[ONES64 - 1], 63),
            ],
        );
    }

    #[test]
    fn arithmetic_wraps() {
        cases::check(
            evaluate,
            &[
                (I32_ADD, &[ONES32, 1], 0),
                (I32_ADD, &[ONES64, 2], 1),
                (I32_SUB, &[0, 1], ONES32),
                (I32_MUL, &[LEAST32 + 3, 2], 6),
                (I32_MUL, &[ONES32, ONES32], 1),
                (I32_AND, &[0b1100, 0b1010], 0b1000),
                (I32_OR, &[0b1100, 0b1010], 0b1110),
                (I32_XOR, &[0b1100, 0b1010], 0b0110),
                (I64_ADD, &[ONES64, 1], 0),
                (I64_SUB, &[0, 1], ONES64),
                (I64_MUL, &[LEAST64 + 3, 2], 6),
                (I64_MUL, &[ONES64, ONES64], 1),
                (I64_AND, &[0b1100, 0b1010], 0b1000),
                (I64_OR, &[0b1100, 0b1010], 0b1110),
                (I64_XOR, &[0b1100, 0b1010], 0b0110),
            ],
        );
    }

    #[test]
    fn division_truncates() {
        cases::check(
            evaluate,
            &[
                (I32_DIV_S, &[ONES32 - 6, 2], ONES32 - 2),
                (I32_DIV_U, &[ONES32 - 6, 2], 0x7fff_fffc),
                (I32_DIV_U, &[LEAST32, ONES32], 0),
                (I32_REM_S, &[ONES32 - 6, 2], ONES32),
                (I32_REM_S, &[7, ONES32 - 1], 1),
                (I32_REM_S, &[LEAST32, ONES32], 0),
                (I32_REM_U, &[LEAST32, ONES32], LEAST32),
                (I64_DIV_S, &[ONES64 - 6, 2], ONES64 - 2),
                (I64_DIV_U, &[ONES64 - 6, 2], 0x7fff_ffff_ffff_fffc),
                (I64_REM_S, &[ONES64 - 6, 2], ONES64),
                (I64_REM_S, &[LEAST64, ONES64], 0),
                (I64_REM_U, &[LEAST64, ONES64], LEAST64),
            ],
        );
    }

    #[test]
    fn division_without_a_result_traps() {
        for opcode in [I32_DIV_S, I32_DIV_U, I32_REM_S, I32_REM_U] {
            assert_eq!(cases::run(evaluate, opcode, &[1, 1 << 32]), None);
        }
        for opcode in [I64_DIV_S, I64_DIV_U, I64_REM_S, I64_REM_U] {
            assert_eq!(cases::run(evaluate, opcode, &[0, 1 << 64]), None);
        }
        assert_eq!(cases::run(evaluate, I32_DIV_S, &[LEAST32, ONES32]), None);
        assert_eq!(cases::run(evaluate, I64_DIV_S, &[LEAST64, ONES64]), None);
        assert_eq!(cases::run(evaluate, F32_ADD, &[0, 0]), None);
    }

    #[test]
    fn shifts_take_the_count_modulo_the_width() {
        cases::check(
            evaluate,
            &[
                (I32_SHL, &[3, 0], 3),
                (I32_SHL, &[3, 32], 3),
                (I32_SHL, &[3, 63], LEAST32),
                (I32_SHR_S, &[LEAST32, 31], ONES32),
                (I32_SHR_S, &[LEAST32, 32], LEAST32),
                (I32_SHR_U, &[LEAST32, 31], 1),
                (I32_ROTL, &[LEAST32 + 1, 1], 3),
                (I32_ROTL, &[LEAST32 + 1, 32], LEAST32 + 1),
                (I32_ROTR, &[3, ONES32], 6),
                (I32_ROTR, &[3, 0], 3),
                (I64_SHL, &[3, 64], 3),
                (I64_SHL, &[3, 63], LEAST64),
                (I64_SHR_S, &[LEAST64, ONES64], ONES64),
                (I64_SHR_U, &[LEAST64, 1 << 32 | 63], 1),
                (I64_ROTL, &[LEAST64 + 1, 1], 3),
                (I64_ROTL, &[LEAST64 + 1, 64], LEAST64 + 1),
                (I64_ROTR, &[3, 1], LEAST64 + 1),
            ],
        );
    }

    #[test]
    fn sign_extension_reads_low_bits_only() {
        cases::check(
            evaluate,
            &[
                (I32_EXTEND8_S, &[0x17f], 0x7f),
                (I32_EXTEND8_S, &[0x80], 0xffff_ff80),
                (I32_EXTEND16_S, &[0x1_8000], 0xffff_8000),
                (I64_EXTEND8_S, &[0x80], 0xffff_ffff_ffff_ff80),
                (I64_EXTEND16_S, &[0x1_7fff], 0x7fff),
                (I64_EXTEND32_S, &[LEAST32], 0xffff_ffff_8000_0000),
            ],
        );
    }
}
