//! Scalar floats ([float operations](https://webassembly.github.io/spec/core/exec/numerics.html#floating-point-operations)),
//! as bits.

use enshrine_runtime::isa::{Word, op};

use super::{
    ieee::{double, single},
    value::{binary, compare, unary},
};

/// Result of an instruction of this family, or `None` if it traps.
#[inline]
pub(crate) fn evaluate(word: &Word, operands: [u128; 3]) -> Option<u128> {
    Some(match word.opcode {
        op::F32_EQ => compare(operands, single::eq),
        op::F32_NE => compare(operands, single::ne),
        op::F32_LT => compare(operands, single::lt),
        op::F32_GT => compare(operands, single::gt),
        op::F32_LE => compare(operands, single::le),
        op::F32_GE => compare(operands, single::ge),
        op::F64_EQ => compare(operands, double::eq),
        op::F64_NE => compare(operands, double::ne),
        op::F64_LT => compare(operands, double::lt),
        op::F64_GT => compare(operands, double::gt),
        op::F64_LE => compare(operands, double::le),
        op::F64_GE => compare(operands, double::ge),
        op::F32_ABS => unary(operands, single::abs),
        op::F32_NEG => unary(operands, single::neg),
        op::F32_CEIL => unary(operands, single::ceil),
        op::F32_FLOOR => unary(operands, single::floor),
        op::F32_TRUNC => unary(operands, single::trunc),
        op::F32_NEAREST => unary(operands, single::nearest),
        op::F32_SQRT => unary(operands, single::sqrt),
        op::F32_ADD => binary(operands, single::add),
        op::F32_SUB => binary(operands, single::sub),
        op::F32_MUL => binary(operands, single::mul),
        op::F32_DIV => binary(operands, single::div),
        op::F32_MIN => binary(operands, single::min),
        op::F32_MAX => binary(operands, single::max),
        op::F32_COPYSIGN => binary(operands, single::copysign),
        op::F64_ABS => unary(operands, double::abs),
        op::F64_NEG => unary(operands, double::neg),
        op::F64_CEIL => unary(operands, double::ceil),
        op::F64_FLOOR => unary(operands, double::floor),
        op::F64_TRUNC => unary(operands, double::trunc),
        op::F64_NEAREST => unary(operands, double::nearest),
        op::F64_SQRT => unary(operands, double::sqrt),
        op::F64_ADD => binary(operands, double::add),
        op::F64_SUB => binary(operands, double::sub),
        op::F64_MUL => binary(operands, double::mul),
        op::F64_DIV => binary(operands, double::div),
        op::F64_MIN => binary(operands, double::min),
        op::F64_MAX => binary(operands, double::max),
        op::F64_COPYSIGN => binary(operands, double::copysign),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use enshrine_runtime::isa::op::*;

    use super::{super::value::cases, evaluate};

    const ONE: u128 = 0x3f80_0000;
    const TWO: u128 = 0x4000_0000;
    const MINUS: u128 = 0x8000_0000;
    const NAN: u128 = 0x7fc0_0000;
    const ONE64: u128 = 0x3ff0_0000_0000_0000;
    const TWO64: u128 = 0x4000_0000_0000_0000;
    const MINUS64: u128 = 0x8000_0000_0000_0000;
    const NAN64: u128 = 0x7ff8_0000_0000_0000;

    /// Results of eq, ne, lt, gt, le, ge.
    fn relations(first: u16, a: u128, b: u128) -> [u128; 6] {
        std::array::from_fn(|at| {
            let opcode = first + u16::try_from(at).unwrap();
            cases::run(evaluate, opcode, &[a, b]).unwrap()
        })
    }

    #[test]
    fn comparisons_know_nan_and_zeros() {
        for (first, one, two, minus, nan) in [
            (F32_EQ, ONE, TWO, MINUS, NAN),
            (F64_EQ, ONE64, TWO64, MINUS64, NAN64),
        ] {
            assert_eq!(relations(first, one, two), [0, 1, 1, 0, 1, 0]);
            assert_eq!(relations(first, one, one | minus), [0, 1, 0, 1, 0, 1]);
            assert_eq!(relations(first, 0, minus), [1, 0, 0, 0, 1, 1]);
            assert_eq!(relations(first, nan, nan), [0, 1, 0, 0, 0, 0]);
            assert_eq!(relations(first, one, nan + 1), [0, 1, 0, 0, 0, 0]);
        }
    }

    #[test]
    fn f32_instructions_do_what_they_are_called() {
        let half = 0x3f00_0000;
        cases::check(
            evaluate,
            &[
                (F32_ABS, &[MINUS | (NAN + 1)], NAN + 1),
                (F32_NEG, &[NAN + 1], MINUS | (NAN + 1)),
                (F32_CEIL, &[half], ONE),
                (F32_FLOOR, &[MINUS | half], MINUS | ONE),
                (F32_TRUNC, &[MINUS | half], MINUS),
                (F32_NEAREST, &[0x3fc0_0000], TWO),
                (F32_SQRT, &[0x4080_0000], TWO),
                (F32_ADD, &[ONE, ONE], TWO),
                (F32_SUB, &[ONE, TWO], MINUS | ONE),
                (F32_MUL, &[TWO, half], ONE),
                (F32_DIV, &[ONE, TWO], half),
                (F32_DIV, &[0, 0], NAN),
                (F32_MIN, &[ONE, MINUS], MINUS),
                (F32_MIN, &[ONE, 0xffff_ffff], NAN),
                (F32_MAX, &[ONE, TWO], TWO),
                (F32_COPYSIGN, &[NAN + 5, MINUS], MINUS | (NAN + 5)),
                (F32_ADD, &[1 << 32 | ONE, u128::MAX << 32], ONE),
            ],
        );
    }

    #[test]
    fn f64_instructions_do_what_they_are_called() {
        let half = 0x3fe0_0000_0000_0000;
        cases::check(
            evaluate,
            &[
                (F64_ABS, &[MINUS64 | (NAN64 + 1)], NAN64 + 1),
                (F64_NEG, &[NAN64 + 1], MINUS64 | (NAN64 + 1)),
                (F64_CEIL, &[half], ONE64),
                (F64_FLOOR, &[MINUS64 | half], MINUS64 | ONE64),
                (F64_TRUNC, &[MINUS64 | half], MINUS64),
                (F64_NEAREST, &[0x3ff8_0000_0000_0000], TWO64),
                (F64_SQRT, &[0x4010_0000_0000_0000], TWO64),
                (F64_ADD, &[ONE64, ONE64], TWO64),
                (F64_SUB, &[ONE64, TWO64], MINUS64 | ONE64),
                (F64_MUL, &[TWO64, half], ONE64),
                (F64_DIV, &[ONE64, TWO64], half),
                (F64_DIV, &[0, 0], NAN64),
                (F64_MIN, &[ONE64, MINUS64], MINUS64),
                (F64_MIN, &[ONE64, NAN64 + 1], NAN64),
                (F64_MAX, &[ONE64, TWO64], TWO64),
                (F64_COPYSIGN, &[NAN64 + 5, MINUS64], MINUS64 | (NAN64 + 5)),
                (F64_ADD, &[1 << 64 | ONE64, u128::MAX << 64], ONE64),
            ],
        );
        assert_eq!(cases::run(evaluate, I32_ADD, &[0, 0]), None);
    }
}
