//! Conversions of vectors, lane by lane
//! ([conversions](https://webassembly.github.io/spec/core/exec/numerics.html#conversions)).
//!
//! Two lanes of 32 bits are the low half of a vector: `low` reads no more, and `zero` leaves the rest clear.

use enshrine_runtime::isa::{Word, op};

use super::{
    ieee::{demote, double, promote, single},
    value::unary,
};

/// Result of an instruction of this family, or `None` if it traps.
#[inline]
pub(crate) fn evaluate(word: &Word, operands: [u128; 3]) -> Option<u128> {
    Some(match word.opcode {
        op::F32X4_DEMOTE_F64X2_ZERO => unary(operands, |lanes: [u64; 2]| lanes.map(demote)),
        op::F64X2_PROMOTE_LOW_F32X4 => unary(operands, |lanes: [u32; 2]| lanes.map(promote)),
        op::I32X4_TRUNC_SAT_F32X4_S => {
            unary(operands, |lanes: [u32; 4]| lanes.map(single::saturate_i32))
        }
        op::I32X4_TRUNC_SAT_F32X4_U => {
            unary(operands, |lanes: [u32; 4]| lanes.map(single::saturate_u32))
        }
        op::F32X4_CONVERT_I32X4_S => unary(operands, |lanes: [i32; 4]| lanes.map(single::from_i32)),
        op::F32X4_CONVERT_I32X4_U => unary(operands, |lanes: [u32; 4]| lanes.map(single::from_u32)),
        op::I32X4_TRUNC_SAT_F64X2_S_ZERO => {
            unary(operands, |lanes: [u64; 2]| lanes.map(double::saturate_i32))
        }
        op::I32X4_TRUNC_SAT_F64X2_U_ZERO => {
            unary(operands, |lanes: [u64; 2]| lanes.map(double::saturate_u32))
        }
        op::F64X2_CONVERT_LOW_I32X4_S => {
            unary(operands, |lanes: [i32; 2]| lanes.map(double::from_i32))
        }
        op::F64X2_CONVERT_LOW_I32X4_U => {
            unary(operands, |lanes: [u32; 2]| lanes.map(double::from_u32))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use enshrine_runtime::isa::op::*;

    use super::{
        super::value::{Value, cases},
        evaluate,
    };

    /// A conversion whose operand's high half, if it is not read, is all ones.
    fn check<A: Value, R: Value>(opcode: u16, lanes: A, expected: R) {
        let unread = if size_of::<A>() == 8 {
            u128::MAX << 64
        } else {
            0
        };
        let operand = lanes.write() | unread;
        cases::check(evaluate, &[(opcode, &[operand], expected.write())]);
    }

    #[test]
    fn f32_lanes_saturate() {
        let lanes = [0x4f00_0000_u32, 0x4eff_ffff, 0xcf00_0000, 0xff80_0001];
        let expected = [i32::MAX, 0x7fff_ff80, i32::MIN, 0];
        check(I32X4_TRUNC_SAT_F32X4_S, lanes, expected);
        let lanes = [0x4f80_0000_u32, 0x4f7f_ffff, 0xbf80_0000, 0x7fc0_0000];
        check(
            I32X4_TRUNC_SAT_F32X4_U,
            lanes,
            [u32::MAX, 0xffff_ff00, 0, 0],
        );
        let lanes = [0xcf00_0001_u32, 0xbf7f_ffff, 0x3fff_ffff, 0xc020_0000];
        check(I32X4_TRUNC_SAT_F32X4_S, lanes, [i32::MIN, 0, 1, -2]);
    }

    #[test]
    fn f64_lanes_saturate_into_the_low_half() {
        let lanes = [0x41df_ffff_ffff_ffff_u64, 0x41e0_0000_0000_0000];
        check(
            I32X4_TRUNC_SAT_F64X2_S_ZERO,
            lanes,
            [i32::MAX, i32::MAX, 0, 0],
        );
        let lanes = [0xc1e0_0000_001f_ffff_u64, 0xc1e0_0000_0020_0000];
        check(
            I32X4_TRUNC_SAT_F64X2_S_ZERO,
            lanes,
            [i32::MIN, i32::MIN, 0, 0],
        );
        let lanes = [0x41ef_ffff_ffff_ffff_u64, 0x41f0_0000_0000_0000];
        check(
            I32X4_TRUNC_SAT_F64X2_U_ZERO,
            lanes,
            [u32::MAX, u32::MAX, 0, 0],
        );
        let lanes = [0xfff0_0000_0000_0001_u64, 0xbff0_0000_0000_0000];
        check(I32X4_TRUNC_SAT_F64X2_S_ZERO, lanes, [0, -1, 0, 0]);
        check(I32X4_TRUNC_SAT_F64X2_U_ZERO, lanes, [0_u32; 4]);
    }

    #[test]
    fn integer_lanes_become_the_nearest_float() {
        let lanes = [-1, i32::MIN, 0x0100_0001, 0x0100_0003];
        let expected = [0xbf80_0000_u32, 0xcf00_0000, 0x4b80_0000, 0x4b80_0002];
        check(F32X4_CONVERT_I32X4_S, lanes, expected);
        let expected = [0x4f80_0000_u32, 0x4f00_0000, 0x4b80_0000, 0x4b80_0002];
        check(F32X4_CONVERT_I32X4_U, lanes, expected);
        let expected = [0xbff0_0000_0000_0000_u64, 0xc1e0_0000_0000_0000];
        check(F64X2_CONVERT_LOW_I32X4_S, [-1, i32::MIN], expected);
        let expected = [0x41ef_ffff_ffe0_0000_u64, 0x41e0_0000_0000_0000];
        check(F64X2_CONVERT_LOW_I32X4_U, [-1, i32::MIN], expected);
    }

    #[test]
    fn float_lanes_change_width() {
        let lanes = [0x3f80_0001_u32, 0xff80_0001];
        let expected = [0x3ff0_0000_2000_0000_u64, 0x7ff8_0000_0000_0000];
        check(F64X2_PROMOTE_LOW_F32X4, lanes, expected);
        let lanes = [0xc7ef_ffff_f000_0000_u64, 0xfff0_0000_0000_0001];
        check(
            F32X4_DEMOTE_F64X2_ZERO,
            lanes,
            [0xff80_0000_u32, 0x7fc0_0000, 0, 0],
        );
        assert_eq!(cases::run(evaluate, F32_ADD, &[0, 0]), None);
    }
}
