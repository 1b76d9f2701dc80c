// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {BINARY32, BINARY64, Format, FormatLib} from "../src/float/Format.sol";
import {ExactFloat} from "./ExactFloat.sol";
import {vm} from "./Vm.sol";

contract Format_Constants_Test is ExactFloat {
    function test_all_bothFormats_succeeds() external pure {
        vm.assertEq(BINARY32.width(), 32);
        vm.assertEq(BINARY64.width(), 64);
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            vm.assertEq(format.signBit(), signOf(format));
            vm.assertEq(format.infinity(), infinityOf(format));
            vm.assertEq(format.nan(), nanOf(format));
            vm.assertTrue(format.isInfinite(infinityOf(format) | signOf(format)));
            vm.assertFalse(format.isInfinite(nanOf(format)));
            (uint256 significand, uint256 exponent) = format.unpack(oneOf(format));
            vm.assertEq(significand, 1 << format.fractionBits());
            vm.assertEq(exponent + format.fractionBits(), format.exponentOfOne());
        }
    }
}

contract Format_Sign_Test is ExactFloat {
    function test_abs_payloadOfNan_succeeds() external pure {
        vm.assertEq(BINARY32.abs(0xffc12345), 0x7fc12345);
        vm.assertEq(BINARY64.abs(0xfff7ffffffffffff), 0x7ff7ffffffffffff);
    }

    function test_neg_payloadOfNan_succeeds() external pure {
        vm.assertEq(BINARY32.neg(0x7f800001), 0xff800001);
        vm.assertEq(BINARY64.neg(0xfff0000000000001), 0x7ff0000000000001);
    }

    function test_copysign_payloadOfNan_succeeds() external pure {
        vm.assertEq(BINARY32.copysign(0x7f800001, 0x80000000), 0xff800001);
        vm.assertEq(BINARY32.copysign(0xffc12345, 0), 0x7fc12345);
        vm.assertEq(BINARY64.copysign(0x7ff0000000000001, 1 << 63), 0xfff0000000000001);
    }

    function testFuzz_neg_twice_succeeds(uint64 _a, uint64 _b) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = cut(format, _a);
            uint256 b = cut(format, _b);
            vm.assertEq(format.neg(format.neg(a)), a);
            vm.assertEq(format.copysign(format.abs(a), a), a);
            vm.assertEq(format.copysign(a, b) / signOf(format), b / signOf(format));
            vm.assertEq(format.abs(format.copysign(a, b)), a % signOf(format));
        }
    }
}

contract Format_Round_Test is ExactFloat {
    /// @dev Any number of 192 bits, far below the least number to far above the greatest.
    function testDiff_round_isNearest_succeeds(uint192 _value, uint8 _shift, int16 _exponent)
        external
        pure
    {
        uint256 value = _value >> (_shift % 192);
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            int256 exponent = int256(_exponent) / (i == 0 ? int256(64) : int256(16));
            uint256 bits = format.round(signOf(format), value, exponent);
            vm.assertTrue(isNegativeOf(format, bits));
            int256 least = i == 0 ? int256(-149) : int256(-1074);
            assertNearest(format, bits, value, exponent + least, 1, 1);
        }
    }

    function testFuzz_round_ofUnpacked_succeeds(uint256 _a) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            if (isNanOf(format, a)) continue;
            (uint256 significand, uint256 exponent) = format.unpack(a);
            vm.assertEq(format.round(format.sign(a), significand, int256(exponent)), a);
        }
    }

    function test_roundToEven_ties_succeeds() external pure {
        uint8[8] memory expected = [0, 0, 0, 1, 1, 1, 2, 2];
        for (uint256 i = 0; i < 8; ++i) {
            vm.assertEq(FormatLib.roundToEven(i, 2), expected[i]);
        }
        vm.assertEq(FormatLib.roundToEven((1 << 192) - 1, 192), 1);
        vm.assertEq(FormatLib.roundToEven((1 << 192) - 1, 193), 0);
        vm.assertEq(FormatLib.roundToEven(type(uint192).max, type(uint256).max), 0);
    }

    function testFuzz_log2_boundsTheValue_succeeds(uint256 _value, uint8 _shift) external pure {
        uint256 value = _value >> _shift;
        uint256 log = FormatLib.log2(value);
        vm.assertEq(value >> log, value == 0 ? 0 : 1);
        if (value == 0) vm.assertEq(log, 0);
    }
}
