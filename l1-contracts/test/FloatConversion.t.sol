// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {FloatConversion} from "../src/float/FloatConversion.sol";
import {BINARY32, BINARY64, Format} from "../src/float/Format.sol";
import {ExactFloat} from "./ExactFloat.sol";
import {vm} from "./Vm.sol";

using FloatConversion for Format;

uint256 constant SIGN = 0x80000000;

contract FloatConversion_Integral_Test is ExactFloat {
    /// @dev 0.5, 1.5, 2.5, -0.5, -1.5.
    uint256[5] internal halves = [0x3f000000, 0x3fc00000, 0x40200000, 0xbf000000, 0xbfc00000];

    function test_ceil_halves_succeeds() external view {
        uint256[5] memory expected = [0x3f800000, 0x40000000, 0x40400000, SIGN, 0xbf800000];
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertEq(BINARY32.ceil(halves[i]), expected[i]);
        }
    }

    function test_floor_halves_succeeds() external view {
        uint256[5] memory expected = [uint256(0), 0x3f800000, 0x40000000, 0xbf800000, 0xc0000000];
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertEq(BINARY32.floor(halves[i]), expected[i]);
        }
    }

    function test_trunc_halves_succeeds() external view {
        uint256[5] memory expected = [0, 0x3f800000, 0x40000000, SIGN, 0xbf800000];
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertEq(BINARY32.trunc(halves[i]), expected[i]);
        }
    }

    function test_nearest_halves_succeeds() external view {
        uint256[5] memory expected = [0, 0x40000000, 0x40000000, SIGN, 0xc0000000];
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertEq(BINARY32.nearest(halves[i]), expected[i]);
        }
        vm.assertEq(BINARY64.nearest(0x4004000000000000), 0x4000000000000000);
        vm.assertEq(BINARY32.nearest(0x4affffff), 0x4b000000);
        // Just above and below a half.
        vm.assertEq(BINARY32.nearest(0x3f000001), 0x3f800000);
        vm.assertEq(BINARY32.nearest(0x3effffff), 0);
    }

    function test_all_infinities_succeeds() external pure {
        vm.assertEq(BINARY32.floor(0xff800000), 0xff800000);
        vm.assertEq(BINARY32.ceil(0x7f800000), 0x7f800000);
        vm.assertEq(BINARY64.trunc(0x7ff0000000000000), 0x7ff0000000000000);
        vm.assertEq(BINARY64.nearest(0xfff0000000000000), 0xfff0000000000000);
    }

    function test_all_subnormals_succeeds() external pure {
        vm.assertEq(BINARY64.ceil(1), 0x3ff0000000000000);
        vm.assertEq(BINARY64.ceil((1 << 63) | 1), 1 << 63);
        vm.assertEq(BINARY64.floor((1 << 63) | 1), 0xbff0000000000000);
        vm.assertEq(BINARY64.floor(1), 0);
        vm.assertEq(BINARY64.nearest((1 << 63) | 1), 1 << 63);
        vm.assertEq(BINARY32.ceil(0x007fffff), 0x3f800000);
    }

    function testDiff_all_exactInteger_succeeds(uint256 _a) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            if (isNanOf(format, a)) _checkNan(format, a);
            else _check(format, a);
        }
    }

    function _checkNan(Format _format, uint256 _a) internal pure {
        vm.assertEq(_format.ceil(_a), nanOf(_format));
        vm.assertEq(_format.floor(_a), nanOf(_format));
        vm.assertEq(_format.trunc(_a), nanOf(_format));
        vm.assertEq(_format.nearest(_a), nanOf(_format));
    }

    function _check(Format _format, uint256 _a) internal pure {
        (uint256 integer, int256 exponent) = parts(_format, _a);
        // In units of 2^-64 what is below counts only as something.
        uint256 fixedPoint;
        if (exponent >= 0) {
            vm.assertEq(_format.trunc(_a), _a);
            vm.assertEq(_format.nearest(_a), _a);
            vm.assertEq(_format.floor(_a), _a);
            vm.assertEq(_format.ceil(_a), _a);
            return;
        } else if (exponent >= -64) {
            fixedPoint = integer * 2 ** uint256(exponent + 64);
        } else {
            fixedPoint = integer / 2 ** (exponent < -192 ? 128 : uint256(-64 - exponent));
            if (integer != 0) fixedPoint |= 1;
        }
        bool negative = isNegativeOf(_format, _a);
        uint256 down = fixedPoint / 2 ** 64;
        uint256 up = (fixedPoint + 2 ** 64 - 1) / 2 ** 64;
        uint256 rest = fixedPoint % 2 ** 64;
        bool rises = rest > 2 ** 63 || (rest == 2 ** 63 && down % 2 == 1);
        _checkIs(_format, _format.trunc(_a), negative, down);
        _checkIs(_format, _format.nearest(_a), negative, rises ? up : down);
        _checkIs(_format, _format.ceil(_a), negative, negative ? down : up);
        _checkIs(_format, _format.floor(_a), negative, negative ? up : down);
    }

    function _checkIs(Format _format, uint256 _bits, bool _negative, uint256 _integer)
        internal
        pure
    {
        (uint256 integer, int256 exponent) = parts(_format, _bits);
        vm.assertEq(compare(integer, exponent, _integer, 0), int256(0));
        vm.assertTrue(isNegativeOf(_format, _bits) == _negative);
    }
}

contract FloatConversion_ToInteger_Test is ExactFloat {
    function testDiff_all_exactIntegralPart_succeeds(uint256 _a) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            _checkI32(format, a);
            _checkU32(format, a);
            _checkI64(format, a);
            _checkU64(format, a);
        }
    }

    function _checkI32(Format _format, uint256 _a) internal pure {
        (bool ok, uint256 value) = _format.toI32(_a);
        _check(_format, _a, type(int32).min, type(int32).max, type(uint32).max, ok, value);
        vm.assertTrue(!ok || _format.saturateI32(_a) == value);
        vm.assertTrue(ok || _format.saturateI32(_a) == _limit(_format, _a, 1 << 31, 0x7fffffff));
    }

    function _checkU32(Format _format, uint256 _a) internal pure {
        (bool ok, uint256 value) = _format.toU32(_a);
        _check(_format, _a, 0, int256(2 ** 32 - 1), type(uint32).max, ok, value);
        vm.assertTrue(!ok || _format.saturateU32(_a) == value);
        vm.assertTrue(ok || _format.saturateU32(_a) == _limit(_format, _a, 0, type(uint32).max));
    }

    function _checkI64(Format _format, uint256 _a) internal pure {
        (bool ok, uint256 value) = _format.toI64(_a);
        _check(_format, _a, type(int64).min, type(int64).max, type(uint64).max, ok, value);
        vm.assertTrue(!ok || _format.saturateI64(_a) == value);
        uint256 limit = _limit(_format, _a, 1 << 63, (1 << 63) - 1);
        vm.assertTrue(ok || _format.saturateI64(_a) == limit);
    }

    function _checkU64(Format _format, uint256 _a) internal pure {
        (bool ok, uint256 value) = _format.toU64(_a);
        _check(_format, _a, 0, int256(2 ** 64 - 1), type(uint64).max, ok, value);
        vm.assertTrue(!ok || _format.saturateU64(_a) == value);
        vm.assertTrue(ok || _format.saturateU64(_a) == _limit(_format, _a, 0, type(uint64).max));
    }

    /// @dev What a float that does not fit saturates to.
    function _limit(Format _format, uint256 _a, uint256 _least, uint256 _greatest)
        internal
        pure
        returns (uint256)
    {
        if (isNanOf(_format, _a)) return 0;
        return isNegativeOf(_format, _a) ? _least : _greatest;
    }

    function _check(
        Format _format,
        uint256 _a,
        int256 _least,
        int256 _greatest,
        uint256 _ones,
        bool _ok,
        uint256 _value
    ) internal pure {
        int256 expected = _integralPart(_format, _a);
        bool fits = !isNanOf(_format, _a) && _least <= expected && expected <= _greatest;
        vm.assertTrue(_ok == fits);
        vm.assertEq(_value, fits ? uint256(expected) & _ones : 0);
    }

    /// @dev Of what is beyond 2^100, 2^100.
    function _integralPart(Format _format, uint256 _a) internal pure returns (int256) {
        (uint256 integer, int256 exponent) = parts(_format, _a);
        if (compare(integer, exponent, 1, 100) > 0) integer = 2 ** 100;
        else if (exponent >= 0) integer *= 2 ** uint256(exponent);
        else integer = exponent < -64 ? 0 : integer / 2 ** uint256(-exponent);
        return isNegativeOf(_format, _a) ? -int256(integer) : int256(integer);
    }
}

contract FloatConversion_FromInteger_Test is ExactFloat {
    function testDiff_fromI64_isNearest_succeeds(int64 _value, uint8 _shift) external pure {
        int64 value = _value >> (_shift % 64);
        uint256 magnitude = value < 0 ? uint256(-int256(value)) : uint64(value);
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 bits = format.fromI64(uint64(value));
            assertNearest(format, bits, magnitude, 0, 1, 1);
            vm.assertTrue(isNegativeOf(format, bits) == (value < 0));
        }
    }

    function testDiff_fromU64_isNearest_succeeds(uint64 _value, uint8 _shift) external pure {
        uint64 value = _value >> (_shift % 64);
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 bits = format.fromU64(value);
            assertNearest(format, bits, value, 0, 1, 1);
            vm.assertFalse(isNegativeOf(format, bits));
        }
    }

    /// @dev Few bits set in the lower half, so that ties are met.
    function testDiff_fromU64_ties_succeeds(uint8 _high, uint8 _low, uint64 _odd) external pure {
        uint64 value = uint64(3) << (_high % 63) | uint64(1) << (_low % 64) | (_odd & 1);
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            assertNearest(format, format.fromU64(value), value, 0, 1, 1);
        }
    }

    function testFuzz_fromI32_comesBack_succeeds(int32 _value) external pure {
        uint256 bits = BINARY64.fromI32(uint32(_value));
        vm.assertEq(bits, BINARY64.fromI64(uint64(int64(_value))));
        vm.assertEq(BINARY32.fromI32(uint32(_value)), BINARY64.demote(bits));
        (bool ok, uint256 value) = BINARY64.toI32(bits);
        vm.assertTrue(ok);
        vm.assertEq(value, uint32(_value));
    }

    function testFuzz_fromU32_comesBack_succeeds(uint32 _value) external pure {
        uint256 bits = BINARY64.fromU32(_value);
        vm.assertEq(bits, BINARY64.fromU64(_value));
        vm.assertEq(BINARY32.fromU32(_value), BINARY64.demote(bits));
        vm.assertEq(BINARY64.saturateU32(bits), _value);
    }

    function test_all_zero_succeeds() external pure {
        vm.assertEq(BINARY32.fromI32(0), 0);
        vm.assertEq(BINARY32.fromU32(0), 0);
        vm.assertEq(BINARY64.fromI64(0), 0);
        vm.assertEq(BINARY64.fromU64(0), 0);
    }
}

contract FloatConversion_Width_Test is ExactFloat {
    function test_demote_roundsAndOverflows_succeeds() external pure {
        vm.assertEq(BINARY64.demote(0x36a0000000000000), 1);
        vm.assertEq(BINARY64.demote(0x3690000000000000), 0);
        vm.assertEq(BINARY64.demote(0x3690000000000001), 1);
        // Just below and at half an ulp beyond the greatest f32.
        vm.assertEq(BINARY64.demote(0x47efffffefffffff), 0x7f7fffff);
        vm.assertEq(BINARY64.demote(0x47effffff0000000), 0x7f800000);
        vm.assertEq(BINARY64.demote(0xbff0000010000000), 0xbf800000);
        vm.assertEq(BINARY64.demote(0xbff0000030000000), 0xbf800002);
        vm.assertEq(BINARY64.demote((1 << 63) | 1), SIGN);
        vm.assertEq(BINARY64.demote(0xfff0000000000000), 0xff800000);
    }

    function test_promote_limits_succeeds() external pure {
        vm.assertEq(BINARY32.promote(1), 0x36a0000000000000);
        vm.assertEq(BINARY32.promote(0xff800000), 0xfff0000000000000);
        vm.assertEq(BINARY32.promote(SIGN), 1 << 63);
        vm.assertEq(BINARY32.promote(0xff800001), 0x7ff8000000000000);
    }

    function testDiff_demote_isNearest_succeeds(uint256 _a) external pure {
        uint256 a = operand(BINARY64, _a);
        _checkDemote(a);
        // The same within the exponents of an f32, and close to a tie.
        uint256 single = operand(BINARY32, _a);
        if (isFiniteOf(BINARY32, single)) {
            _checkDemote(BINARY32.promote(single) + (_a % 3) * 0x10000000);
            _checkDemote(BINARY32.promote(single) + 0x10000000 - _a % 2);
        }
    }

    function testFuzz_promote_comesBack_succeeds(uint32 _a) external pure {
        uint256 expected = isNanOf(BINARY32, _a) ? 0x7fc00000 : _a;
        vm.assertEq(BINARY64.demote(BINARY32.promote(_a)), expected);
    }

    function testFuzz_promote_sameNumber_succeeds(uint32 _a) external pure {
        uint256 bits = BINARY32.promote(_a);
        if (!isFiniteOf(BINARY32, _a)) return;
        (uint256 p, int256 m) = parts(BINARY32, _a);
        (uint256 q, int256 n) = parts(BINARY64, bits);
        vm.assertEq(compare(p, m, q, n), int256(0));
        vm.assertEq(bits >> 63, _a >> 31);
    }

    function _checkDemote(uint256 _a) internal pure {
        uint256 bits = BINARY64.demote(_a);
        if (isNanOf(BINARY64, _a)) {
            vm.assertEq(bits, 0x7fc00000);
            return;
        }
        (uint256 p, int256 m) = parts(BINARY64, _a);
        assertNearest(BINARY32, bits, p, m, 1, 1);
        vm.assertEq(bits >> 31, _a >> 63);
    }
}
