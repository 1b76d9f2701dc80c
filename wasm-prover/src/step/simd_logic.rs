//! Comparisons, tests and bits of vectors
//! ([vector operations](https://webassembly.github.io/spec/core/exec/numerics.html#vector-operations)).
//!
//! A comparison sets all bits of the lanes where it holds.

use enshrine_runtime::isa::{Word, op};

use super::value::{mask, test, unary};

/// Result of an instruction of this family, or `None` if it traps.
#[inline]
pub(crate) fn evaluate(word: &Word, operands: [u128; 3]) -> Option<u128> {
    let [first, second, third] = operands;
    Some(match word.opcode {
        op::I8X16_EQ => mask::<u8, 16>(operands, |a, b| a == b),
        op::I8X16_NE => mask::<u8, 16>(operands, |a, b| a != b),
        op::I8X16_LT_S => mask::<i8, 16>(operands, |a, b| a < b),
        op::I8X16_LT_U => mask::<u8, 16>(operands, |a, b| a < b),
        op::I8X16_GT_S => mask::<i8, 16>(operands, |a, b| a > b),
        op::I8X16_GT_U => mask::<u8, 16>(operands, |a, b| a > b),
        op::I8X16_LE_S => mask::<i8, 16>(operands, |a, b| a <= b),
        op::I8X16_LE_U => mask::<u8, 16>(operands, |a, b| a <= b),
        op::I8X16_GE_S => mask::<i8, 16>(operands, |a, b| a >= b),
        op::I8X16_GE_U => mask::<u8, 16>(operands, |a, b| a >= b),
        op::I16X8_EQ => mask::<u16, 8>(operands, |a, b| a == b),
        op::I16X8_NE => mask::<u16, 8>(operands, |a, b| a != b),
        op::I16X8_LT_S => mask::<i16, 8>(operands, |a, b| a < b),
        op::I16X8_LT_U => mask::<u16, 8>(operands, |a, b| a < b),
        op::I16X8_GT_S => mask::<i16, 8>(operands, |a, b| a > b),
        op::I16X8_GT_U => mask::<u16, 8>(operands, |a, b| a > b),
        op::I16X8_LE_S => mask::<i16, 8>(operands, |a, b| a <= b),
        op::I16X8_LE_U => mask::<u16, 8>(operands, |a, b| a <= b),
        op::I16X8_GE_S => mask::<i16, 8>(operands, |a, b| a >= b),
        op::I16X8_GE_U => mask::<u16, 8>(operands, |a, b| a >= b),
        op::I32X4_EQ => mask::<u32, 4>(operands, |a, b| a == b),
        op::I32X4_NE => mask::<u32, 4>(operands, |a, b| a != b),
        op::I32X4_LT_S => mask::<i32, 4>(operands, |a, b| a < b),
        op::I32X4_LT_U => mask::<u32, 4>(operands, |a, b| a < b),
        op::I32X4_GT_S => mask::<i32, 4>(operands, |a, b| a > b),
        op::I32X4_GT_U => mask::<u32, 4>(operands, |a, b| a > b),
        op::I32X4_LE_S => mask::<i32, 4>(operands, |a, b| a <= b),
        op::I32X4_LE_U => mask::<u32, 4>(operands, |a, b| a <= b),
        op::I32X4_GE_S => mask::<i32, 4>(operands, |a, b| a >= b),
        op::I32X4_GE_U => mask::<u32, 4>(operands, |a, b| a >= b),
        op::V128_NOT => !first,
        op::V128_AND => first & second,
        op::V128_ANDNOT => first & !second,
        op::V128_OR => first | second,
        op::V128_XOR => first ^ second,
        op::V128_BITSELECT => first & third | second & !third,
        op::V128_ANY_TRUE => u128::from(first != 0),
        op::I8X16_ALL_TRUE => test(operands, |lanes: [u8; 16]| {
            lanes.iter().all(|&lane| lane != 0)
        }),
        op::I8X16_BITMASK => unary(operands, |lanes: [i8; 16]| {
            bitmask(lanes.map(|lane| lane < 0))
        }),
        op::I16X8_ALL_TRUE => test(operands, |lanes: [u16; 8]| {
            lanes.iter().all(|&lane| lane != 0)
        }),
        op::I16X8_BITMASK => unary(operands, |lanes: [i16; 8]| {
            bitmask(lanes.map(|lane| lane < 0))
        }),
        op::I32X4_ALL_TRUE => test(operands, |lanes: [u32; 4]| {
            lanes.iter().all(|&lane| lane != 0)
        }),
        op::I32X4_BITMASK => unary(operands, |lanes: [i32; 4]| {
            bitmask(lanes.map(|lane| lane < 0))
        }),
        op::I64X2_ALL_TRUE => test(operands, |lanes: [u64; 2]| {
            lanes.iter().all(|&lane| lane != 0)
        }),
        op::I64X2_BITMASK => unary(operands, |lanes: [i64; 2]| {
            bitmask(lanes.map(|lane| lane < 0))
        }),
        op::I64X2_EQ => mask::<u64, 2>(operands, |a, b| a == b),
        op::I64X2_NE => mask::<u64, 2>(operands, |a, b| a != b),
        op::I64X2_LT_S => mask::<i64, 2>(operands, |a, b| a < b),
        op::I64X2_GT_S => mask::<i64, 2>(operands, |a, b| a > b),
        op::I64X2_LE_S => mask::<i64, 2>(operands, |a, b| a <= b),
        op::I64X2_GE_S => mask::<i64, 2>(operands, |a, b| a >= b),
        _ => return None,
    })
}

/// One bit for each lane, lane 0 lowest.
#[inline]
fn bitmask<const COUNT: usize>(lanes: [bool; COUNT]) -> u32 {
    lanes
        .iter()
        .rev()
        .fold(0, |bits, &lane| bits << 1 | u32::from(lane))
}

#[cfg(test)]
mod tests {
    use enshrine_runtime::isa::op::*;

    use super::{
        super::value::{Value, cases},
        evaluate,
    };

    const ALL: u128 = u128::MAX;

    /// Lowest bytes of the results of eq, ne, lt_s, lt_u, gt_s, gt_u, le_s, le_u, ge_s, ge_u.
    type Relations = [u8; 10];
    const EQUAL: Relations = [255, 0, 0, 0, 0, 0, 255, 255, 255, 255];
    const LESS: Relations = [0, 255, 255, 255, 0, 0, 255, 255, 0, 0];
    const LESS_SIGNED: Relations = [0, 255, 255, 0, 0, 255, 255, 0, 0, 255];
    const LESS_UNSIGNED: Relations = [0, 255, 0, 255, 255, 0, 0, 255, 255, 0];

    fn relations(first: u16, a: u128, b: u128) -> [u128; 10] {
        std::array::from_fn(|at| {
            let opcode = first + u16::try_from(at).unwrap();
            cases::run(evaluate, opcode, &[a, b]).unwrap()
        })
    }

    /// A vector that has a byte's bits in all bytes of one lane of `width` bits, and of its neighbour below.
    fn lanes(width: u32, high: Relations, low: Relations) -> [u128; 10] {
        let ones = (1 << width) - 1;
        let fill = |byte: u8| if byte == 0 { 0 } else { ones };
        std::array::from_fn(|at| fill(high[at]) << width | fill(low[at]))
    }

    #[test]
    fn comparisons_fill_their_lane_only() {
        for (first, width) in [(I8X16_EQ, 8), (I16X8_EQ, 16), (I32X4_EQ, 32)] {
            let (one, least, all) = (1, 1 << (width - 1), (1 << width) - 1);
            // The lanes above are equal.
            let above = (ALL << width) << width;
            let expect = |high, low| {
                let equal = EQUAL.map(|byte| if byte == 0 { 0 } else { above });
                let low = lanes(width, high, low);
                std::array::from_fn::<_, 10, _>(|at| equal[at] | low[at])
            };
            let both = |high: u128, low: u128| high << width | low;
            assert_eq!(
                relations(first, both(0, least), both(one, least - 1)),
                expect(LESS, LESS_SIGNED)
            );
            assert_eq!(
                relations(first, both(one, all), both(all, all)),
                expect(LESS_UNSIGNED, EQUAL)
            );
        }
    }

    #[test]
    fn comparisons_of_64_bits_are_signed() {
        let a = [0_i64, i64::MIN].write();
        let b = [0_i64, i64::MAX].write();
        let (low, high) = (ALL >> 64, ALL << 64);
        let results = [
            I64X2_EQ, I64X2_NE, I64X2_LT_S, I64X2_GT_S, I64X2_LE_S, I64X2_GE_S,
        ]
        .map(|opcode| cases::run(evaluate, opcode, &[a, b]).unwrap());
        assert_eq!(results, [low, high, high, 0, ALL, low]);
    }

    #[test]
    fn bits_are_combined() {
        let (a, b) = (0b1100 << 120, 0b1010 << 120);
        let halves = ALL << 64;
        cases::check(
            evaluate,
            &[
                (V128_NOT, &[0], ALL),
                (V128_NOT, &[halves], ALL >> 64),
                (V128_AND, &[a, b], 0b1000 << 120),
                (V128_ANDNOT, &[a, b], 0b0100 << 120),
                (V128_OR, &[a, b], 0b1110 << 120),
                (V128_XOR, &[a, b], 0b0110 << 120),
                (V128_BITSELECT, &[ALL, 0, halves], halves),
                (V128_BITSELECT, &[0, ALL, halves], ALL >> 64),
                (V128_BITSELECT, &[a, b, 0b0110 << 120], 0b1100 << 120),
                (V128_ANY_TRUE, &[0], 0),
                (V128_ANY_TRUE, &[1 << 127], 1),
            ],
        );
        assert_eq!(cases::run(evaluate, I32_ADD, &[0, 0]), None);
    }

    #[test]
    fn all_true_wants_each_lane() {
        // A one in each lane of 8, 16, 32 and 64 bits.
        let ones = [
            0x0101_0101_0101_0101_0101_0101_0101_0101,
            0x0001_0001_0001_0001_0001_0001_0001_0001,
            0x0000_0001_0000_0001_0000_0001_0000_0001,
            0x0000_0000_0000_0001_0000_0000_0000_0001,
        ];
        let opcodes = [
            I8X16_ALL_TRUE,
            I16X8_ALL_TRUE,
            I32X4_ALL_TRUE,
            I64X2_ALL_TRUE,
        ];
        for (width, opcode) in opcodes.into_iter().enumerate() {
            for (narrowest, vector) in ones.into_iter().enumerate() {
                let expected = u128::from(narrowest <= width);
                assert_eq!(cases::run(evaluate, opcode, &[vector]), Some(expected));
            }
            assert_eq!(cases::run(evaluate, opcode, &[ALL >> 64]), Some(0));
        }
    }

    #[test]
    fn bitmask_takes_the_sign_of_each_lane() {
        let vector = 0x8000_0000_7fff_ffff_8080_0000_0000_8000;
        cases::check(
            evaluate,
            &[
                (I8X16_BITMASK, &[vector], 0b1000_0111_1100_0010),
                (I16X8_BITMASK, &[vector], 0b1001_1001),
                (I32X4_BITMASK, &[vector], 0b1010),
                (I64X2_BITMASK, &[vector], 0b11),
                (I8X16_BITMASK, &[ALL], 0xffff),
                (I64X2_BITMASK, &[ALL >> 1], 0b01),
            ],
        );
    }
}
