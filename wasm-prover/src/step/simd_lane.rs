//! Lanes of vectors: shuffle, swizzle, splat, extract and replace
//! ([vector instructions](https://webassembly.github.io/spec/core/exec/instructions.html#vector-instructions)).
//!
//! No valid program has a lane that the vector does not have; one that does traps there.

use enshrine_runtime::isa::{Word, op};

use super::value::{Value, binary, partial_unary, unary};

/// Result of an instruction of this family, or `None` if it traps.
#[inline]
pub(crate) fn evaluate(word: &Word, operands: [u128; 3]) -> Option<u128> {
    Some(match word.opcode {
        op::I8X16_SHUFFLE => shuffle(word.imm, operands)?,
        op::I8X16_SWIZZLE => binary(operands, swizzle),
        op::I8X16_SPLAT => unary(operands, |a: u8| [a; 16]),
        op::I16X8_SPLAT => unary(operands, |a: u16| [a; 8]),
        op::I32X4_SPLAT => unary(operands, |a: u32| [a; 4]),
        op::I64X2_SPLAT => unary(operands, |a: u64| [a; 2]),
        op::F32X4_SPLAT => unary(operands, |a: u32| [a; 4]),
        op::F64X2_SPLAT => unary(operands, |a: u64| [a; 2]),
        op::I8X16_EXTRACT_LANE_S => extract_signed::<i8, 16>(word.a, operands)?,
        op::I8X16_EXTRACT_LANE_U => extract::<u8, 16>(word.a, operands)?,
        op::I8X16_REPLACE_LANE => replace::<u8, 16>(word.a, operands)?,
        op::I16X8_EXTRACT_LANE_S => extract_signed::<i16, 8>(word.a, operands)?,
        op::I16X8_EXTRACT_LANE_U => extract::<u16, 8>(word.a, operands)?,
        op::I16X8_REPLACE_LANE => replace::<u16, 8>(word.a, operands)?,
        op::I32X4_EXTRACT_LANE => extract::<u32, 4>(word.a, operands)?,
        op::I32X4_REPLACE_LANE => replace::<u32, 4>(word.a, operands)?,
        op::I64X2_EXTRACT_LANE => extract::<u64, 2>(word.a, operands)?,
        op::I64X2_REPLACE_LANE => replace::<u64, 2>(word.a, operands)?,
        op::F32X4_EXTRACT_LANE => extract::<u32, 4>(word.a, operands)?,
        op::F32X4_REPLACE_LANE => replace::<u32, 4>(word.a, operands)?,
        op::F64X2_EXTRACT_LANE => extract::<u64, 2>(word.a, operands)?,
        op::F64X2_REPLACE_LANE => replace::<u64, 2>(word.a, operands)?,
        _ => return None,
    })
}

/// The bytes of both vectors that the mask tells, 16 and above being of the second one.
#[inline]
fn shuffle(mask: u128, operands: [u128; 3]) -> Option<u128> {
    let [first, second, _] = operands.map(u128::to_le_bytes);
    let mut result = mask.to_le_bytes();
    for byte in &mut result {
        let index = usize::from(*byte);
        *byte = *first
            .get(index)
            .or_else(|| second.get(index.wrapping_sub(16)))?;
    }
    Some(u128::from_le_bytes(result))
}

/// The lanes that the indices tell, 0 for those beyond the vector.
#[inline]
fn swizzle(lanes: [u8; 16], indices: [u8; 16]) -> [u8; 16] {
    indices.map(|index| lanes.get(usize::from(index)).copied().unwrap_or(0))
}

/// A lane, with zeros above.
#[inline]
fn extract<T: Value, const COUNT: usize>(lane: u16, operands: [u128; 3]) -> Option<u128>
where
    [T; COUNT]: Value,
{
    partial_unary(operands, |lanes: [T; COUNT]| {
        lanes.get(usize::from(lane)).copied()
    })
}

/// A lane as an i32.
#[inline]
fn extract_signed<T: Value, const COUNT: usize>(lane: u16, operands: [u128; 3]) -> Option<u128>
where
    [T; COUNT]: Value,
    i32: From<T>,
{
    partial_unary(operands, |lanes: [T; COUNT]| {
        lanes.get(usize::from(lane)).copied().map(i32::from)
    })
}

/// The vector with another scalar in a lane.
#[inline]
fn replace<T: Value, const COUNT: usize>(lane: u16, operands: [u128; 3]) -> Option<u128>
where
    [T; COUNT]: Value,
{
    let [vector, scalar, _] = operands;
    let mut lanes = <[T; COUNT]>::read(vector);
    *lanes.get_mut(usize::from(lane))? = T::read(scalar);
    Some(lanes.write())
}

#[cfg(test)]
mod tests {
    use enshrine_runtime::isa::op::*;

    use super::{super::value::cases, *};

    const BYTES: u128 = 0x8f8e_8d8c_8b8a_8988_0706_0504_0302_0100;
    const OTHERS: u128 = 0x1f1e_1d1c_1b1a_1918_1716_1514_1312_1110;

    fn lane(opcode: u16, lane: u16, operands: [u128; 3]) -> Option<u128> {
        let word = Word {
            a: lane,
            ..Word::new(opcode)
        };
        evaluate(&word, operands)
    }

    #[test]
    fn shuffle_takes_bytes_of_both() {
        let run = |mask| evaluate(&Word::with_imm(I8X16_SHUFFLE, mask), [BYTES, OTHERS, 0]);
        assert_eq!(run(0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100), Some(BYTES));
        assert_eq!(run(OTHERS), Some(OTHERS));
        assert_eq!(
            run(0x0010_0111_0f1f_0e1e_0000_0000_0000_000f),
            Some(0x0010_0111_8f1f_8e1e_0000_0000_0000_008f)
        );
        assert_eq!(run(0x20), None);
        assert_eq!(run(0xff << 120), None);
    }

    #[test]
    fn swizzle_gives_zero_beyond_the_vector() {
        let indices = 0xff80_2010_0f0e_0d0c_0b0a_0908_0001_0203;
        let expected = 0x0000_0000_8f8e_8d8c_8b8a_8988_0001_0203;
        cases::check(evaluate, &[(I8X16_SWIZZLE, &[BYTES, indices], expected)]);
    }

    #[test]
    fn splat_repeats_the_low_bits() {
        let scalar = 0xaaaa_0123_4567_89ab_cdef;
        cases::check(
            evaluate,
            &[
                (
                    I8X16_SPLAT,
                    &[scalar],
                    0xefef_efef_efef_efef_efef_efef_efef_efef,
                ),
                (
                    I16X8_SPLAT,
                    &[scalar],
                    0xcdef_cdef_cdef_cdef_cdef_cdef_cdef_cdef,
                ),
                (
                    I32X4_SPLAT,
                    &[scalar],
                    0x89ab_cdef_89ab_cdef_89ab_cdef_89ab_cdef,
                ),
                (
                    F32X4_SPLAT,
                    &[0xff80_0001],
                    0xff80_0001_ff80_0001_ff80_0001_ff80_0001,
                ),
                (
                    I64X2_SPLAT,
                    &[scalar],
                    0x0123_4567_89ab_cdef_0123_4567_89ab_cdef,
                ),
                (
                    F64X2_SPLAT,
                    &[scalar],
                    0x0123_4567_89ab_cdef_0123_4567_89ab_cdef,
                ),
            ],
        );
    }

    #[test]
    fn extract_extends_a_lane() {
        let run = |opcode, index| lane(opcode, index, [BYTES, 0, 0]);
        assert_eq!(run(I8X16_EXTRACT_LANE_S, 15), Some(0xffff_ff8f));
        assert_eq!(run(I8X16_EXTRACT_LANE_S, 7), Some(7));
        assert_eq!(run(I8X16_EXTRACT_LANE_U, 15), Some(0x8f));
        assert_eq!(run(I16X8_EXTRACT_LANE_S, 7), Some(0xffff_8f8e));
        assert_eq!(run(I16X8_EXTRACT_LANE_S, 1), Some(0x0302));
        assert_eq!(run(I16X8_EXTRACT_LANE_U, 7), Some(0x8f8e));
        assert_eq!(run(I32X4_EXTRACT_LANE, 2), Some(0x8b8a_8988));
        assert_eq!(run(F32X4_EXTRACT_LANE, 3), Some(0x8f8e_8d8c));
        assert_eq!(run(I64X2_EXTRACT_LANE, 1), Some(0x8f8e_8d8c_8b8a_8988));
        assert_eq!(run(F64X2_EXTRACT_LANE, 0), Some(0x0706_0504_0302_0100));
    }

    #[test]
    fn replace_touches_one_lane() {
        let run = |opcode, index| lane(opcode, index, [0, u128::MAX, 0]);
        assert_eq!(run(I8X16_REPLACE_LANE, 15), Some(0xff << 120));
        assert_eq!(run(I16X8_REPLACE_LANE, 1), Some(0xffff << 16));
        assert_eq!(run(I32X4_REPLACE_LANE, 3), Some(0xffff_ffff << 96));
        assert_eq!(run(F32X4_REPLACE_LANE, 0), Some(0xffff_ffff));
        assert_eq!(run(I64X2_REPLACE_LANE, 1), Some(u128::MAX << 64));
        assert_eq!(run(F64X2_REPLACE_LANE, 0), Some(u128::MAX >> 64));
        assert_eq!(
            lane(I32X4_REPLACE_LANE, 1, [BYTES, 5, 0]),
            Some(0x8f8e_8d8c_8b8a_8988_0000_0005_0302_0100)
        );
    }

    #[test]
    fn lanes_that_the_vector_lacks_trap() {
        for (opcodes, count) in [
            (
                [
                    I8X16_EXTRACT_LANE_S,
                    I8X16_EXTRACT_LANE_U,
                    I8X16_REPLACE_LANE,
                ],
                16,
            ),
            (
                [
                    I16X8_EXTRACT_LANE_S,
                    I16X8_EXTRACT_LANE_U,
                    I16X8_REPLACE_LANE,
                ],
                8,
            ),
            (
                [I32X4_EXTRACT_LANE, F32X4_EXTRACT_LANE, I32X4_REPLACE_LANE],
                4,
            ),
            (
                [I64X2_EXTRACT_LANE, F64X2_EXTRACT_LANE, I64X2_REPLACE_LANE],
                2,
            ),
            (
                [F64X2_EXTRACT_LANE, F64X2_REPLACE_LANE, F64X2_REPLACE_LANE],
                2,
            ),
            (
                [F32X4_EXTRACT_LANE, F32X4_REPLACE_LANE, F32X4_REPLACE_LANE],
                4,
            ),
        ] {
            for opcode in opcodes {
                assert!(lane(opcode, count - 1, [0; 3]).is_some());
                assert_eq!(lane(opcode, count, [0; 3]), None);
                assert_eq!(lane(opcode, 0x100, [0; 3]), None);
                assert_eq!(lane(opcode, u16::MAX, [0; 3]), None);
            }
        }
        assert_eq!(cases::run(evaluate, I32_ADD, &[0, 0]), None);
    }
}
