//! Scalar conversions ([conversions](https://webassembly.github.io/spec/core/exec/numerics.html#conversions)).
//!
//! `wrap`, `extend_i32_u` and `reinterpret` keep the low bits of a value and clear the others.

use enshrine_runtime::isa::{Word, op};

use super::{
    ieee::{demote, double, promote, single},
    value::{partial_unary, unary},
};

/// Result of an instruction of this family, or `None` if it traps.
#[inline]
pub(crate) fn evaluate(word: &Word, operands: [u128; 3]) -> Option<u128> {
    Some(match word.opcode {
        op::I32_WRAP_I64 => unary(operands, |a: u32| a),
        op::I32_TRUNC_F32_S => partial_unary(operands, single::to_i32)?,
        op::I32_TRUNC_F32_U => partial_unary(operands, single::to_u32)?,
        op::I32_TRUNC_F64_S => partial_unary(operands, double::to_i32)?,
        op::I32_TRUNC_F64_U => partial_unary(operands, double::to_u32)?,
        op::I64_EXTEND_I32_S => unary(operands, |a: i32| i64::from(a)),
        op::I64_EXTEND_I32_U => unary(operands, |a: u32| a),
        op::I64_TRUNC_F32_S => partial_unary(operands, single::to_i64)?,
        op::I64_TRUNC_F32_U => partial_unary(operands, single::to_u64)?,
        op::I64_TRUNC_F64_S => partial_unary(operands, double::to_i64)?,
        op::I64_TRUNC_F64_U => partial_unary(operands, double::to_u64)?,
        op::F32_CONVERT_I32_S => unary(operands, single::from_i32),
        op::F32_CONVERT_I32_U => unary(operands, single::from_u32),
        op::F32_CONVERT_I64_S => unary(operands, single::from_i64),
        op::F32_CONVERT_I64_U => unary(operands, single::from_u64),
        op::F32_DEMOTE_F64 => unary(operands, demote),
        op::F64_CONVERT_I32_S => unary(operands, double::from_i32),
        op::F64_CONVERT_I32_U => unary(operands, double::from_u32),
        op::F64_CONVERT_I64_S => unary(operands, double::from_i64),
        op::F64_CONVERT_I64_U => unary(operands, double::from_u64),
        op::F64_PROMOTE_F32 => unary(operands, promote),
        op::I32_REINTERPRET_F32 => unary(operands, |a: u32| a),
        op::I64_REINTERPRET_F64 => unary(operands, |a: u64| a),
        op::F32_REINTERPRET_I32 => unary(operands, |a: u32| a),
        op::F64_REINTERPRET_I64 => unary(operands, |a: u64| a),
        op::I32_TRUNC_SAT_F32_S => unary(operands, single::saturate_i32),
        op::I32_TRUNC_SAT_F32_U => unary(operands, single::saturate_u32),
        op::I32_TRUNC_SAT_F64_S => unary(operands, double::saturate_i32),
        op::I32_TRUNC_SAT_F64_U => unary(operands, double::saturate_u32),
        op::I64_TRUNC_SAT_F32_S => unary(operands, single::saturate_i64),
        op::I64_TRUNC_SAT_F32_U => unary(operands, single::saturate_u64),
        op::I64_TRUNC_SAT_F64_S => unary(operands, double::saturate_i64),
        op::I64_TRUNC_SAT_F64_U => unary(operands, double::saturate_u64),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use enshrine_runtime::isa::op::*;

    use super::{super::value::cases, evaluate};

    const ONES32: u128 = 0xffff_ffff;
    const ONES64: u128 = 0xffff_ffff_ffff_ffff;

    /// Trapping conversion, saturating conversion, last operand below the range and least one in it (in order of
    /// value), last one in it and first above it, results of those in the range, and of saturation.
    type Range = (u16, u16, [u128; 4], [u128; 2], [u128; 2]);

    const I32_RANGE: [u128; 2] = [0x8000_0000, 0x7fff_ffff];
    const I64_RANGE: [u128; 2] = [0x8000_0000_0000_0000, 0x7fff_ffff_ffff_ffff];

    #[rustfmt::skip]
    const RANGES: [Range; 8] = [
        (I32_TRUNC_F32_S, I32_TRUNC_SAT_F32_S, [0xcf00_0001, 0xcf00_0000, 0x4eff_ffff, 0x4f00_0000], [0x8000_0000, 0x7fff_ff80], I32_RANGE),
        (I32_TRUNC_F32_U, I32_TRUNC_SAT_F32_U, [0xbf80_0000, 0xbf7f_ffff, 0x4f7f_ffff, 0x4f80_0000], [0, 0xffff_ff00], [0, ONES32]),
        (I64_TRUNC_F32_S, I64_TRUNC_SAT_F32_S, [0xdf00_0001, 0xdf00_0000, 0x5eff_ffff, 0x5f00_0000], [I64_RANGE[0], 0x7fff_ff80_0000_0000], I64_RANGE),
        (I64_TRUNC_F32_U, I64_TRUNC_SAT_F32_U, [0xbf80_0000, 0xbf7f_ffff, 0x5f7f_ffff, 0x5f80_0000], [0, 0xffff_ff00_0000_0000], [0, ONES64]),
        (I32_TRUNC_F64_S, I32_TRUNC_SAT_F64_S, [0xc1e0_0000_0020_0000, 0xc1e0_0000_001f_ffff, 0x41df_ffff_ffff_ffff, 0x41e0_0000_0000_0000], I32_RANGE, I32_RANGE),
        (I32_TRUNC_F64_U, I32_TRUNC_SAT_F64_U, [0xbff0_0000_0000_0000, 0xbfef_ffff_ffff_ffff, 0x41ef_ffff_ffff_ffff, 0x41f0_0000_0000_0000], [0, ONES32], [0, ONES32]),
        (I64_TRUNC_F64_S, I64_TRUNC_SAT_F64_S, [0xc3e0_0000_0000_0001, 0xc3e0_0000_0000_0000, 0x43df_ffff_ffff_ffff, 0x43e0_0000_0000_0000], [I64_RANGE[0], 0x7fff_ffff_ffff_fc00], I64_RANGE),
        (I64_TRUNC_F64_U, I64_TRUNC_SAT_F64_U, [0xbff0_0000_0000_0000, 0xbfef_ffff_ffff_ffff, 0x43ef_ffff_ffff_ffff, 0x43f0_0000_0000_0000], [0, 0xffff_ffff_ffff_f800], [0, ONES64]),
    ];

    #[test]
    fn truncation_traps_or_saturates_exactly_at_the_limits() {
        for (trapping, saturating, operands, held, [least, most]) in RANGES {
            let run = |opcode| operands.map(|operand| cases::run(evaluate, opcode, &[operand]));
            let [low, high] = held.map(Some);
            assert_eq!(run(trapping), [None, low, high, None], "{trapping:04x}");
            let expected = [Some(least), low, high, Some(most)];
            assert_eq!(run(saturating), expected, "{saturating:04x}");
        }
    }

    #[test]
    fn truncation_of_nan_traps_or_is_zero() {
        for (trapping, saturating, ..) in RANGES {
            // NaNs of both widths, quiet and signalling.
            for nan in [0x7ff8_0000_7fc0_0000, 0xfff0_0000_ff80_0001] {
                assert_eq!(cases::run(evaluate, trapping, &[nan]), None);
                assert_eq!(cases::run(evaluate, saturating, &[nan]), Some(0));
            }
        }
    }

    #[test]
    fn integers_become_the_nearest_float() {
        cases::check(
            evaluate,
            &[
                (F32_CONVERT_I32_S, &[ONES32], 0xbf80_0000),
                (F32_CONVERT_I32_S, &[0x0100_0001], 0x4b80_0000),
                (F32_CONVERT_I32_S, &[0x0100_0003], 0x4b80_0002),
                (F32_CONVERT_I32_U, &[ONES32], 0x4f80_0000),
                (F32_CONVERT_I64_S, &[ONES64], 0xbf80_0000),
                // Twice rounded, by way of f64, this would be a tie that goes down.
                (F32_CONVERT_I64_S, &[0x7fff_ff40_0000_0001], 0x5eff_ffff),
                (F32_CONVERT_I64_S, &[0x0020_0000_2000_0001], 0x5a00_0001),
                (F32_CONVERT_I64_U, &[0x8000_0080_0000_0000], 0x5f00_0000),
                (F32_CONVERT_I64_U, &[0x8000_0080_0000_0001], 0x5f00_0001),
                (F32_CONVERT_I64_U, &[ONES64], 0x5f80_0000),
                (F64_CONVERT_I32_S, &[0x8000_0000], 0xc1e0_0000_0000_0000),
                (F64_CONVERT_I32_U, &[ONES32], 0x41ef_ffff_ffe0_0000),
                (F64_CONVERT_I64_S, &[ONES64], 0xbff0_0000_0000_0000),
                (
                    F64_CONVERT_I64_S,
                    &[0x0020_0000_0000_0001],
                    0x4340_0000_0000_0000,
                ),
                (F64_CONVERT_I64_U, &[ONES64], 0x43f0_0000_0000_0000),
                (
                    F64_CONVERT_I64_U,
                    &[0x8000_0000_0000_0401],
                    0x43e0_0000_0000_0001,
                ),
            ],
        );
    }

    #[test]
    fn other_conversions_cut_extend_and_keep_bits() {
        cases::check(
            evaluate,
            &[
                (I32_WRAP_I64, &[0x1_8000_0001], 0x8000_0001),
                (I64_EXTEND_I32_S, &[0x8000_0000], 0xffff_ffff_8000_0000),
                (I64_EXTEND_I32_U, &[0x1_8000_0000], 0x8000_0000),
                (F32_DEMOTE_F64, &[0x3ff0_0000_1000_0001], 0x3f80_0001),
                (F32_DEMOTE_F64, &[0xfff0_0000_0000_0001], 0x7fc0_0000),
                (F64_PROMOTE_F32, &[0x3f80_0001], 0x3ff0_0000_2000_0000),
                (F64_PROMOTE_F32, &[0xff80_0001], 0x7ff8_0000_0000_0000),
                (I32_REINTERPRET_F32, &[0xff80_0001], 0xff80_0001),
                (
                    I64_REINTERPRET_F64,
                    &[0xfff0_0000_0000_0001],
                    0xfff0_0000_0000_0001,
                ),
                (F32_REINTERPRET_I32, &[0x7f80_0001], 0x7f80_0001),
                (
                    F64_REINTERPRET_I64,
                    &[0x7ff0_0000_0000_0001],
                    0x7ff0_0000_0000_0001,
                ),
            ],
        );
        assert_eq!(cases::run(evaluate, I32_ADD, &[0, 0]), None);
    }
}
