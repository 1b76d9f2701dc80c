//! Floats of vectors, lane by lane
//! ([float operations](https://webassembly.github.io/spec/core/exec/numerics.html#floating-point-operations)), as bits.

use enshrine_runtime::isa::{Word, op};

use super::{
    ieee::{double, single},
    value::{each, mask, pairs},
};

/// Result of an instruction of this family, or `None` if it traps.
#[inline]
pub(crate) fn evaluate(word: &Word, operands: [u128; 3]) -> Option<u128> {
    Some(match word.opcode {
        op::F32X4_EQ => mask::<u32, 4>(operands, single::eq),
        op::F32X4_NE => mask::<u32, 4>(operands, single::ne),
        op::F32X4_LT => mask::<u32, 4>(operands, single::lt),
        op::F32X4_GT => mask::<u32, 4>(operands, single::gt),
        op::F32X4_LE => mask::<u32, 4>(operands, single::le),
        op::F32X4_GE => mask::<u32, 4>(operands, single::ge),
        op::F64X2_EQ => mask::<u64, 2>(operands, double::eq),
        op::F64X2_NE => mask::<u64, 2>(operands, double::ne),
        op::F64X2_LT => mask::<u64, 2>(operands, double::lt),
        op::F64X2_GT => mask::<u64, 2>(operands, double::gt),
        op::F64X2_LE => mask::<u64, 2>(operands, double::le),
        op::F64X2_GE => mask::<u64, 2>(operands, double::ge),
        op::F32X4_CEIL => each::<u32, 4>(operands, single::ceil),
        op::F32X4_FLOOR => each::<u32, 4>(operands, single::floor),
        op::F32X4_TRUNC => each::<u32, 4>(operands, single::trunc),
        op::F32X4_NEAREST => each::<u32, 4>(operands, single::nearest),
        op::F64X2_CEIL => each::<u64, 2>(operands, double::ceil),
        op::F64X2_FLOOR => each::<u64, 2>(operands, double::floor),
        op::F64X2_TRUNC => each::<u64, 2>(operands, double::trunc),
        op::F64X2_NEAREST => each::<u64, 2>(operands, double::nearest),
        op::F32X4_ABS => each::<u32, 4>(operands, single::abs),
        op::F32X4_NEG => each::<u32, 4>(operands, single::neg),
        op::F32X4_SQRT => each::<u32, 4>(operands, single::sqrt),
        op::F32X4_ADD => pairs::<u32, 4>(operands, single::add),
        op::F32X4_SUB => pairs::<u32, 4>(operands, single::sub),
        op::F32X4_MUL => pairs::<u32, 4>(operands, single::mul),
        op::F32X4_DIV => pairs::<u32, 4>(operands, single::div),
        op::F32X4_MIN => pairs::<u32, 4>(operands, single::min),
        op::F32X4_MAX => pairs::<u32, 4>(operands, single::max),
        op::F32X4_PMIN => pairs::<u32, 4>(operands, single::pmin),
        op::F32X4_PMAX => pairs::<u32, 4>(operands, single::pmax),
        op::F64X2_ABS => each::<u64, 2>(operands, double::abs),
        op::F64X2_NEG => each::<u64, 2>(operands, double::neg),
        op::F64X2_SQRT => each::<u64, 2>(operands, double::sqrt),
        op::F64X2_ADD => pairs::<u64, 2>(operands, double::add),
        op::F64X2_SUB => pairs::<u64, 2>(operands, double::sub),
        op::F64X2_MUL => pairs::<u64, 2>(operands, double::mul),
        op::F64X2_DIV => pairs::<u64, 2>(operands, double::div),
        op::F64X2_MIN => pairs::<u64, 2>(operands, double::min),
        op::F64X2_MAX => pairs::<u64, 2>(operands, double::max),
        op::F64X2_PMIN => pairs::<u64, 2>(operands, double::pmin),
        op::F64X2_PMAX => pairs::<u64, 2>(operands, double::pmax),
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

    const ONE: u32 = 0x3f80_0000;
    const TWO: u32 = 0x4000_0000;
    const HALF: u32 = 0x3f00_0000;
    const MINUS: u32 = 0x8000_0000;
    const NAN: u32 = 0x7fc0_0000;
    /// A signalling NaN with sign and payload.
    const ODD: u32 = 0xff80_0001;
    const ONE64: u64 = 0x3ff0_0000_0000_0000;
    const TWO64: u64 = 0x4000_0000_0000_0000;
    const HALF64: u64 = 0x3fe0_0000_0000_0000;
    const MINUS64: u64 = 0x8000_0000_0000_0000;
    const NAN64: u64 = 0x7ff8_0000_0000_0000;
    const ODD64: u64 = 0xfff0_0000_0000_0001;

    fn check(opcode: u16, operands: &[[u32; 4]], expected: [u32; 4]) {
        let operands: Vec<u128> = operands.iter().map(|lanes| lanes.write()).collect();
        cases::check(evaluate, &[(opcode, &operands, expected.write())]);
    }

    fn check64(opcode: u16, operands: &[[u64; 2]], expected: [u64; 2]) {
        let operands: Vec<u128> = operands.iter().map(|lanes| lanes.write()).collect();
        cases::check(evaluate, &[(opcode, &operands, expected.write())]);
    }

    #[test]
    fn comparisons_fill_lanes() {
        let operands = [[ONE, TWO, 0, ODD], [TWO, ONE, MINUS, ODD]];
        check(F32X4_EQ, &operands, [0, 0, !0, 0]);
        check(F32X4_NE, &operands, [!0, !0, 0, !0]);
        check(F32X4_LT, &operands, [!0, 0, 0, 0]);
        check(F32X4_GT, &operands, [0, !0, 0, 0]);
        check(F32X4_LE, &operands, [!0, 0, !0, 0]);
        check(F32X4_GE, &operands, [0, !0, !0, 0]);
        let operands = [[ONE64, 0], [TWO64, MINUS64]];
        check64(F64X2_EQ, &operands, [0, !0]);
        check64(F64X2_NE, &operands, [!0, 0]);
        check64(F64X2_LT, &operands, [!0, 0]);
        check64(F64X2_GT, &operands, [0, 0]);
        check64(F64X2_LE, &operands, [!0, !0]);
        check64(F64X2_GE, &operands, [0, !0]);
        check64(F64X2_NE, &[[ODD64, NAN64], [ODD64, 0]], [!0, !0]);
    }

    #[test]
    fn f32_lanes_round() {
        let lanes = [[HALF, MINUS | HALF, 0x3fc0_0000, ODD]];
        check(F32X4_CEIL, &lanes, [ONE, MINUS, TWO, NAN]);
        check(F32X4_FLOOR, &lanes, [0, MINUS | ONE, ONE, NAN]);
        check(F32X4_TRUNC, &lanes, [0, MINUS, ONE, NAN]);
        check(F32X4_NEAREST, &lanes, [0, MINUS, TWO, NAN]);
        check(
            F32X4_SQRT,
            &[[0x4080_0000, MINUS, MINUS | ONE, ODD]],
            [TWO, MINUS, NAN, NAN],
        );
    }

    #[test]
    fn f32_lanes_compute() {
        let operands = [[ONE, TWO, ODD, 0], [ONE, MINUS | ONE, ONE, 0]];
        check(F32X4_ADD, &operands, [TWO, ONE, NAN, 0]);
        check(F32X4_SUB, &operands, [0, 0x4040_0000, NAN, 0]);
        check(F32X4_MUL, &operands, [ONE, MINUS | TWO, NAN, 0]);
        check(F32X4_DIV, &operands, [ONE, MINUS | TWO, NAN, NAN]);
        let operands = [[ONE, 0, ODD, ONE], [TWO, MINUS, ONE, ODD]];
        check(F32X4_MIN, &operands, [ONE, MINUS, NAN, NAN]);
        check(F32X4_MAX, &operands, [TWO, 0, NAN, NAN]);
        check(F32X4_PMIN, &operands, [ONE, 0, ODD, ONE]);
        check(F32X4_PMAX, &operands, [TWO, 0, ODD, ONE]);
        check(
            F32X4_PMIN,
            &[operands[1], operands[0]],
            [ONE, MINUS, ONE, ODD],
        );
        check(
            F32X4_ABS,
            &[[ODD, MINUS, ONE, NAN]],
            [0x7f80_0001, 0, ONE, NAN],
        );
        check(
            F32X4_NEG,
            &[[ODD, MINUS, ONE, NAN]],
            [0x7f80_0001, 0, MINUS | ONE, MINUS | NAN],
        );
    }

    #[test]
    fn f64_lanes_round() {
        let lanes = [[MINUS64 | HALF64, 0x3ff8_0000_0000_0000]];
        check64(F64X2_CEIL, &lanes, [MINUS64, TWO64]);
        check64(F64X2_FLOOR, &lanes, [MINUS64 | ONE64, ONE64]);
        check64(F64X2_TRUNC, &lanes, [MINUS64, ONE64]);
        check64(F64X2_NEAREST, &lanes, [MINUS64, TWO64]);
        check64(
            F64X2_SQRT,
            &[[0x4010_0000_0000_0000, MINUS64 | ONE64]],
            [TWO64, NAN64],
        );
        for opcode in [
            F64X2_CEIL,
            F64X2_FLOOR,
            F64X2_TRUNC,
            F64X2_NEAREST,
            F64X2_SQRT,
        ] {
            check64(opcode, &[[ONE64, ODD64]], [ONE64, NAN64]);
        }
    }

    #[test]
    fn f64_lanes_compute() {
        let operands = [[TWO64, ODD64], [MINUS64 | ONE64, ONE64]];
        check64(F64X2_ADD, &operands, [ONE64, NAN64]);
        check64(F64X2_SUB, &operands, [0x4008_0000_0000_0000, NAN64]);
        check64(F64X2_MUL, &operands, [MINUS64 | TWO64, NAN64]);
        check64(F64X2_DIV, &operands, [MINUS64 | TWO64, NAN64]);
        let operands = [[0, ODD64], [MINUS64, ONE64]];
        check64(F64X2_MIN, &operands, [MINUS64, NAN64]);
        check64(F64X2_MAX, &operands, [0, NAN64]);
        check64(F64X2_PMIN, &operands, [0, ODD64]);
        check64(F64X2_PMAX, &operands, [0, ODD64]);
        check64(
            F64X2_PMIN,
            &[[TWO64, ONE64], [ONE64, ODD64]],
            [ONE64, ONE64],
        );
        check64(
            F64X2_PMAX,
            &[[ONE64, ONE64], [TWO64, ODD64]],
            [TWO64, ONE64],
        );
        check64(F64X2_ABS, &[[ODD64, MINUS64]], [0x7ff0_0000_0000_0001, 0]);
        check64(
            F64X2_NEG,
            &[[ODD64, ONE64]],
            [0x7ff0_0000_0000_0001, MINUS64 | ONE64],
        );
        assert_eq!(cases::run(evaluate, F32_ADD, &[0, 0]), None);
    }
}
