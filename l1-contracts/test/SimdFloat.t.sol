// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Family, Opcodes} from "../src/generated/Opcodes.sol";
import {ComputeFamily} from "../src/step/ComputeFamily.sol";
import {Float} from "../src/step/Float.sol";
import {SimdFloat} from "../src/step/SimdFloat.sol";
import {FloatFamilyCases} from "./FloatFamilyCases.sol";
import {vm} from "./Vm.sol";

contract SimdFloat_Evaluate_Test is FloatFamilyCases(new SimdFloat()) {
    uint32 internal constant ONE = 0x3f800000;
    uint32 internal constant TWO = 0x40000000;
    uint32 internal constant MINUS = 0x80000000;
    uint32 internal constant NAN = 0x7fc00000;
    /// @dev A signalling NaN with sign and payload.
    uint32 internal constant ODD = 0xff800001;
    uint32 internal constant ALL = 0xffffffff;
    uint64 internal constant ONE_64 = 0x3ff0000000000000;
    uint64 internal constant TWO_64 = 0x4000000000000000;
    uint64 internal constant ODD_64 = 0xfff0000000000001;

    ComputeFamily internal scalars = new Float();

    function test_evaluate_opcodes_succeeds() external view {
        checkOpcodes(Family.SimdFloat);
    }

    function test_evaluate_f32Relations_succeeds() external view {
        uint128 a = _f32x4(ONE, TWO, 0, ODD);
        uint128 b = _f32x4(TWO, ONE, MINUS, ODD);
        check(Opcodes.F32X4_EQ, a, b, _f32x4(0, 0, ALL, 0));
        check(Opcodes.F32X4_NE, a, b, _f32x4(ALL, ALL, 0, ALL));
        check(Opcodes.F32X4_LT, a, b, _f32x4(ALL, 0, 0, 0));
        check(Opcodes.F32X4_GT, a, b, _f32x4(0, ALL, 0, 0));
        check(Opcodes.F32X4_LE, a, b, _f32x4(ALL, 0, ALL, 0));
        check(Opcodes.F32X4_GE, a, b, _f32x4(0, ALL, ALL, 0));
    }

    function test_evaluate_chosenBitForBit_succeeds() external view {
        uint128 a = _f32x4(ONE, 0, ODD, ONE);
        uint128 b = _f32x4(TWO, MINUS, ONE, ODD);
        check(Opcodes.F32X4_MIN, a, b, _f32x4(ONE, MINUS, NAN, NAN));
        check(Opcodes.F32X4_MAX, a, b, _f32x4(TWO, 0, NAN, NAN));
        check(Opcodes.F32X4_PMIN, a, b, _f32x4(ONE, 0, ODD, ONE));
        check(Opcodes.F32X4_PMAX, a, b, _f32x4(TWO, 0, ODD, ONE));
        check(Opcodes.F32X4_PMIN, b, a, _f32x4(ONE, MINUS, ONE, ODD));
        check(Opcodes.F64X2_PMIN, _f64x2(TWO_64, ODD_64), _f64x2(ONE_64, 0), _f64x2(ONE_64, ODD_64));
        check(
            Opcodes.F64X2_PMAX,
            _f64x2(ONE_64, ONE_64),
            _f64x2(TWO_64, ODD_64),
            _f64x2(TWO_64, ONE_64)
        );
    }

    function test_evaluate_f32KnownValues_succeeds() external view {
        uint128 a = _f32x4(ONE, TWO, ODD, 0);
        uint128 b = _f32x4(ONE, MINUS | ONE, ONE, 0);
        check(Opcodes.F32X4_ADD, a, b, _f32x4(TWO, ONE, NAN, 0));
        check(Opcodes.F32X4_SUB, a, b, _f32x4(0, 0x40400000, NAN, 0));
        check(Opcodes.F32X4_MUL, a, b, _f32x4(ONE, MINUS | TWO, NAN, 0));
        check(Opcodes.F32X4_DIV, a, b, _f32x4(ONE, MINUS | TWO, NAN, NAN));
        uint128 roots = _f32x4(TWO, MINUS, NAN, NAN);
        check(Opcodes.F32X4_SQRT, _f32x4(0x40800000, MINUS, MINUS | ONE, ODD), roots);
        check(Opcodes.F32X4_ABS, _f32x4(ODD, MINUS, ONE, NAN), _f32x4(0x7f800001, 0, ONE, NAN));
    }

    /// @dev Each lane is what the scalar instruction gives; a mask is all ones where that is 1. By the seed, one relation and
    /// one other instruction a run.
    function testDiff_evaluate_f32LanesAreScalars_succeeds(uint128 _a, uint128 _b, uint256 _seed)
        external
        view
    {
        uint128 a = _shape(_a, _seed);
        uint128 b = _shape(_b, _seed >> 4);
        uint16[6] memory relations = [
            Opcodes.F32_EQ,
            Opcodes.F32_NE,
            Opcodes.F32_LT,
            Opcodes.F32_GT,
            Opcodes.F32_LE,
            Opcodes.F32_GE
        ];
        uint16[6] memory masks = [
            Opcodes.F32X4_EQ,
            Opcodes.F32X4_NE,
            Opcodes.F32X4_LT,
            Opcodes.F32X4_GT,
            Opcodes.F32X4_LE,
            Opcodes.F32X4_GE
        ];
        uint256 i = (_seed >> 8) % 6;
        _check(masks[i], relations[i], a, b, 32, type(uint32).max);
        uint16[13] memory scalar = [
            Opcodes.F32_CEIL,
            Opcodes.F32_FLOOR,
            Opcodes.F32_TRUNC,
            Opcodes.F32_NEAREST,
            Opcodes.F32_ABS,
            Opcodes.F32_NEG,
            Opcodes.F32_SQRT,
            Opcodes.F32_ADD,
            Opcodes.F32_SUB,
            Opcodes.F32_MUL,
            Opcodes.F32_DIV,
            Opcodes.F32_MIN,
            Opcodes.F32_MAX
        ];
        uint16[13] memory vector = [
            Opcodes.F32X4_CEIL,
            Opcodes.F32X4_FLOOR,
            Opcodes.F32X4_TRUNC,
            Opcodes.F32X4_NEAREST,
            Opcodes.F32X4_ABS,
            Opcodes.F32X4_NEG,
            Opcodes.F32X4_SQRT,
            Opcodes.F32X4_ADD,
            Opcodes.F32X4_SUB,
            Opcodes.F32X4_MUL,
            Opcodes.F32X4_DIV,
            Opcodes.F32X4_MIN,
            Opcodes.F32X4_MAX
        ];
        i = (_seed >> 16) % 13;
        _check(vector[i], scalar[i], a, b, 32, 1);
    }

    /// @dev The lanes of one operand, as the scalar relation says.
    function testDiff_evaluate_f32LanesAreChosen_succeeds(uint128 _a, uint128 _b, uint256 _seed)
        external
        view
    {
        uint128 a = _shape(_a, _seed);
        uint128 b = _shape(_b, _seed >> 4);
        uint128 less = evaluate(Opcodes.F32X4_LT, b, a);
        vm.assertEq(evaluate(Opcodes.F32X4_PMIN, a, b), (b & less) | (a & ~less));
        uint128 greater = evaluate(Opcodes.F32X4_GT, b, a);
        vm.assertEq(evaluate(Opcodes.F32X4_PMAX, a, b), (b & greater) | (a & ~greater));
    }

    /// @dev Each lane is what the scalar instruction gives; a mask is all ones where that is 1. By the seed, one relation and
    /// one other instruction a run.
    function testDiff_evaluate_f64LanesAreScalars_succeeds(uint128 _a, uint128 _b, uint256 _seed)
        external
        view
    {
        uint128 a = _shape(_a, _seed);
        uint128 b = _shape(_b, _seed >> 4);
        uint16[6] memory relations = [
            Opcodes.F64_EQ,
            Opcodes.F64_NE,
            Opcodes.F64_LT,
            Opcodes.F64_GT,
            Opcodes.F64_LE,
            Opcodes.F64_GE
        ];
        uint16[6] memory masks = [
            Opcodes.F64X2_EQ,
            Opcodes.F64X2_NE,
            Opcodes.F64X2_LT,
            Opcodes.F64X2_GT,
            Opcodes.F64X2_LE,
            Opcodes.F64X2_GE
        ];
        uint256 i = (_seed >> 8) % 6;
        _check(masks[i], relations[i], a, b, 64, type(uint64).max);
        uint16[13] memory scalar = [
            Opcodes.F64_CEIL,
            Opcodes.F64_FLOOR,
            Opcodes.F64_TRUNC,
            Opcodes.F64_NEAREST,
            Opcodes.F64_ABS,
            Opcodes.F64_NEG,
            Opcodes.F64_SQRT,
            Opcodes.F64_ADD,
            Opcodes.F64_SUB,
            Opcodes.F64_MUL,
            Opcodes.F64_DIV,
            Opcodes.F64_MIN,
            Opcodes.F64_MAX
        ];
        uint16[13] memory vector = [
            Opcodes.F64X2_CEIL,
            Opcodes.F64X2_FLOOR,
            Opcodes.F64X2_TRUNC,
            Opcodes.F64X2_NEAREST,
            Opcodes.F64X2_ABS,
            Opcodes.F64X2_NEG,
            Opcodes.F64X2_SQRT,
            Opcodes.F64X2_ADD,
            Opcodes.F64X2_SUB,
            Opcodes.F64X2_MUL,
            Opcodes.F64X2_DIV,
            Opcodes.F64X2_MIN,
            Opcodes.F64X2_MAX
        ];
        i = (_seed >> 16) % 13;
        _check(vector[i], scalar[i], a, b, 64, 1);
    }

    /// @dev The lanes of one operand, as the scalar relation says.
    function testDiff_evaluate_f64LanesAreChosen_succeeds(uint128 _a, uint128 _b, uint256 _seed)
        external
        view
    {
        uint128 a = _shape(_a, _seed);
        uint128 b = _shape(_b, _seed >> 4);
        uint128 less = evaluate(Opcodes.F64X2_LT, b, a);
        vm.assertEq(evaluate(Opcodes.F64X2_PMIN, a, b), (b & less) | (a & ~less));
        uint128 greater = evaluate(Opcodes.F64X2_GT, b, a);
        vm.assertEq(evaluate(Opcodes.F64X2_PMAX, a, b), (b & greater) | (a & ~greater));
    }

    function _f32x4(uint32 _0, uint32 _1, uint32 _2, uint32 _3) internal pure returns (uint128) {
        return _0 | uint128(_1) << 32 | uint128(_2) << 64 | uint128(_3) << 96;
    }

    function _f64x2(uint64 _0, uint64 _1) internal pure returns (uint128) {
        return _0 | uint128(_1) << 64;
    }

    /// @dev By the seed, the exponents of all lanes are brought close to that of one, or fractions cut off.
    function _shape(uint128 _a, uint256 _seed) internal pure returns (uint128) {
        if (_seed % 2 == 1) {
            _a = (_a & 0x83ffffff83ffffff83ffffff83ffffff) | 0x3c0000003c0000003c0000003c000000;
        }
        if (_seed & 2 != 0) _a &= 0xfff00000fff00000fff00000fff00000;
        return _a;
    }

    function _check(
        uint16 _vector,
        uint16 _scalar,
        uint128 _a,
        uint128 _b,
        uint256 _width,
        uint256 _factor
    ) internal view {
        uint256 expected;
        for (uint256 shift = 0; shift < 128; shift += _width) {
            (bool ok, uint128 lane) = run(scalars, _scalar, _a >> shift, _b >> shift);
            vm.assertTrue(ok);
            expected |= (lane * _factor) << shift;
        }
        vm.assertEq(evaluate(_vector, _a, _b), expected);
    }
}
