// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Family, Opcodes} from "../src/generated/Opcodes.sol";
import {Float} from "../src/step/Float.sol";
import {FloatFamilyCases} from "./FloatFamilyCases.sol";
import {vm} from "./Vm.sol";

contract Float_Evaluate_Test is FloatFamilyCases(new Float()) {
    uint128 internal constant ONE = 0x3f800000;
    uint128 internal constant TWO = 0x40000000;
    uint128 internal constant HALF = 0x3f000000;
    uint128 internal constant MINUS = 0x80000000;
    uint128 internal constant NAN = 0x7fc00000;
    uint128 internal constant ONE_64 = 0x3ff0000000000000;
    uint128 internal constant TWO_64 = 0x4000000000000000;
    uint128 internal constant HALF_64 = 0x3fe0000000000000;
    uint128 internal constant MINUS_64 = 0x8000000000000000;
    uint128 internal constant NAN_64 = 0x7ff8000000000000;

    /// @dev Results of eq, ne, lt, gt, le, ge.
    function _relations(
        uint16[6] memory _opcodes,
        uint128 _a,
        uint128 _b,
        uint8[6] memory _expected
    ) internal view {
        for (uint256 i = 0; i < 6; ++i) {
            check(_opcodes[i], _a, _b, _expected[i]);
        }
    }

    function test_evaluate_opcodes_succeeds() external view {
        checkOpcodes(Family.Float);
    }

    function test_evaluate_f32Relations_succeeds() external view {
        uint16[6] memory opcodes = [
            Opcodes.F32_EQ,
            Opcodes.F32_NE,
            Opcodes.F32_LT,
            Opcodes.F32_GT,
            Opcodes.F32_LE,
            Opcodes.F32_GE
        ];
        _relations(opcodes, ONE, TWO, [0, 1, 1, 0, 1, 0]);
        _relations(opcodes, ONE, ONE | MINUS, [0, 1, 0, 1, 0, 1]);
        _relations(opcodes, 0, MINUS, [1, 0, 0, 0, 1, 1]);
        _relations(opcodes, NAN, NAN, [0, 1, 0, 0, 0, 0]);
        _relations(opcodes, ONE, NAN + 1, [0, 1, 0, 0, 0, 0]);
    }

    function test_evaluate_f64Relations_succeeds() external view {
        uint16[6] memory opcodes = [
            Opcodes.F64_EQ,
            Opcodes.F64_NE,
            Opcodes.F64_LT,
            Opcodes.F64_GT,
            Opcodes.F64_LE,
            Opcodes.F64_GE
        ];
        _relations(opcodes, ONE_64, TWO_64, [0, 1, 1, 0, 1, 0]);
        _relations(opcodes, ONE_64, ONE_64 | MINUS_64, [0, 1, 0, 1, 0, 1]);
        _relations(opcodes, 0, MINUS_64, [1, 0, 0, 0, 1, 1]);
        _relations(opcodes, NAN_64, NAN_64, [0, 1, 0, 0, 0, 0]);
        _relations(opcodes, ONE_64, NAN_64 + 1, [0, 1, 0, 0, 0, 0]);
    }

    function test_evaluate_f32KnownValues_succeeds() external view {
        check(Opcodes.F32_ABS, MINUS | (NAN + 1), NAN + 1);
        check(Opcodes.F32_NEG, NAN + 1, MINUS | (NAN + 1));
        check(Opcodes.F32_CEIL, HALF, ONE);
        check(Opcodes.F32_FLOOR, MINUS | HALF, MINUS | ONE);
        check(Opcodes.F32_TRUNC, MINUS | HALF, MINUS);
        check(Opcodes.F32_NEAREST, 0x3fc00000, TWO);
        check(Opcodes.F32_SQRT, 0x40800000, TWO);
        check(Opcodes.F32_ADD, ONE, ONE, TWO);
        check(Opcodes.F32_SUB, ONE, TWO, MINUS | ONE);
        check(Opcodes.F32_MUL, TWO, HALF, ONE);
        check(Opcodes.F32_DIV, ONE, TWO, HALF);
        check(Opcodes.F32_DIV, 0, 0, NAN);
        check(Opcodes.F32_MIN, ONE, MINUS, MINUS);
        check(Opcodes.F32_MIN, ONE, 0xffffffff, NAN);
        check(Opcodes.F32_MAX, ONE, TWO, TWO);
        check(Opcodes.F32_COPYSIGN, NAN + 5, MINUS, MINUS | (NAN + 5));
        check(Opcodes.F32_ADD, (1 << 32) | ONE, type(uint128).max << 32, ONE);
    }

    function test_evaluate_f64KnownValues_succeeds() external view {
        check(Opcodes.F64_ABS, MINUS_64 | (NAN_64 + 1), NAN_64 + 1);
        check(Opcodes.F64_NEG, NAN_64 + 1, MINUS_64 | (NAN_64 + 1));
        check(Opcodes.F64_CEIL, HALF_64, ONE_64);
        check(Opcodes.F64_FLOOR, MINUS_64 | HALF_64, MINUS_64 | ONE_64);
        check(Opcodes.F64_TRUNC, MINUS_64 | HALF_64, MINUS_64);
        check(Opcodes.F64_NEAREST, 0x3ff8000000000000, TWO_64);
        check(Opcodes.F64_SQRT, 0x4010000000000000, TWO_64);
        check(Opcodes.F64_ADD, ONE_64, ONE_64, TWO_64);
        check(Opcodes.F64_SUB, ONE_64, TWO_64, MINUS_64 | ONE_64);
        check(Opcodes.F64_MUL, TWO_64, HALF_64, ONE_64);
        check(Opcodes.F64_DIV, ONE_64, TWO_64, HALF_64);
        check(Opcodes.F64_DIV, 0, 0, NAN_64);
        check(Opcodes.F64_MIN, ONE_64, MINUS_64, MINUS_64);
        check(Opcodes.F64_MIN, ONE_64, NAN_64 + 1, NAN_64);
        check(Opcodes.F64_MAX, ONE_64, TWO_64, TWO_64);
        check(Opcodes.F64_COPYSIGN, NAN_64 + 5, MINUS_64, MINUS_64 | (NAN_64 + 5));
        check(Opcodes.F64_ADD, (1 << 64) | ONE_64, type(uint128).max << 64, ONE_64);
    }

    /// @dev Only the low bits of an operand are read, and only those of a result are written.
    function testFuzz_evaluate_bitsAbove_succeeds(uint16 _opcode, uint128 _a, uint128 _b)
        external
        view
    {
        uint16 count = Opcodes.F64_COPYSIGN - Opcodes.F32_EQ + 1;
        uint16 opcode = Opcodes.F32_EQ + _opcode % count;
        vm.assume(Opcodes.family(opcode) == Family.Float);
        bool single = opcode <= Opcodes.F32_GE
            || (opcode >= Opcodes.F32_ABS && opcode <= Opcodes.F32_COPYSIGN);
        uint128 ones = single ? type(uint32).max : type(uint64).max;
        uint128 result = evaluate(opcode, _a, _b);
        vm.assertEq(result, evaluate(opcode, _a & ones, _b & ones));
        vm.assertTrue(result <= ones);
    }
}
