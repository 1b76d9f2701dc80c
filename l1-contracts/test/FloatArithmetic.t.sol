// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {FloatArithmetic} from "../src/float/FloatArithmetic.sol";
import {BINARY32, BINARY64, Format} from "../src/float/Format.sol";
import {ExactFloat} from "./ExactFloat.sol";
import {vm} from "./Vm.sol";

using FloatArithmetic for Format;

uint256 constant ONE = 0x3f800000;
uint256 constant INFINITY = 0x7f800000;
uint256 constant SIGN = 0x80000000;
uint256 constant NAN = 0x7fc00000;
uint256 constant MAX = 0x7f7fffff;

contract FloatArithmetic_Add_Test is ExactFloat {
    function test_add_zeros_succeeds() external pure {
        vm.assertEq(BINARY32.add(SIGN, SIGN), SIGN);
        vm.assertEq(BINARY32.add(SIGN, 0), 0);
        vm.assertEq(BINARY32.add(0, SIGN), 0);
        vm.assertEq(BINARY32.add(0, 0), 0);
        vm.assertEq(BINARY32.add(SIGN, SIGN | 1), SIGN | 1);
    }

    function test_add_infinities_succeeds() external pure {
        vm.assertEq(BINARY32.add(INFINITY, INFINITY), INFINITY);
        vm.assertEq(BINARY32.add(INFINITY, INFINITY | SIGN), NAN);
        vm.assertEq(BINARY32.add(INFINITY | SIGN, MAX), INFINITY | SIGN);
        vm.assertEq(BINARY32.add(ONE, INFINITY | SIGN), INFINITY | SIGN);
        vm.assertEq(BINARY32.add(MAX, MAX), INFINITY);
    }

    function test_add_subnormals_succeeds() external pure {
        vm.assertEq(BINARY32.add(1, 1), 2);
        vm.assertEq(BINARY32.add(0x007fffff, 1), 0x00800000);
        vm.assertEq(BINARY64.add(1, 1), 2);
    }

    function test_add_tiesGoToEven_succeeds() external pure {
        // 2^24 + 1 and 2^24 + 3 lie between two f32.
        vm.assertEq(BINARY32.add(0x4b800000, ONE), 0x4b800000);
        vm.assertEq(BINARY32.add(0x4b800000, 0x40400000), 0x4b800002);
        // A little more than a tie, far below.
        vm.assertEq(BINARY32.add(0x4b800001, ONE), 0x4b800002);
        vm.assertEq(BINARY64.add(0x4340000000000000, 0x3ff0000000000001), 0x4340000000000001);
    }

    function test_add_farApart_succeeds() external pure {
        vm.assertEq(BINARY32.add(MAX, 1), MAX);
        vm.assertEq(BINARY32.add(ONE, SIGN | 1), ONE);
        vm.assertEq(BINARY64.add(0x7fefffffffffffff, 0x8000000000000001), 0x7fefffffffffffff);
        vm.assertEq(BINARY64.add(0, 0x7fefffffffffffff), 0x7fefffffffffffff);
    }

    function testFuzz_add_order_succeeds(uint256 _a, uint256 _b) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            uint256 b = operand(format, _b);
            vm.assertEq(format.add(a, b), format.add(b, a));
        }
    }

    function testDiff_add_isNearest_succeeds(uint256 _a, uint256 _b) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            if (!isFiniteOf(format, a)) continue;
            _checkSum(format, a, neighbour(format, a, _b));
            uint256 b = operand(format, _b);
            if (isFiniteOf(format, b)) _checkSum(format, a, b);
        }
    }

    function _checkSum(Format _format, uint256 _a, uint256 _b) internal pure {
        if (_a % signOf(_format) < _b % signOf(_format)) (_a, _b) = (_b, _a);
        (uint256 a, int256 m) = parts(_format, _a);
        (uint256 b, int256 n) = parts(_format, _b);
        uint256 sum = _format.add(_a, _b);
        // Less than a quarter of the distance to the next float.
        if (m - n > 56) {
            vm.assertEq(sum, _a);
            return;
        }
        a <<= uint256(m - n);
        bool negative = isNegativeOf(_format, _a);
        bool same = negative == isNegativeOf(_format, _b);
        uint256 exact = same ? a + b : a - b;
        assertNearest(_format, sum, exact, n, 1, 1);
        if (exact == 0) negative = same && negative;
        vm.assertTrue(isNegativeOf(_format, sum) == negative);
    }
}

contract FloatArithmetic_Sub_Test is ExactFloat {
    function test_sub_knownValues_succeeds() external pure {
        vm.assertEq(BINARY32.sub(SIGN, 0), SIGN);
        vm.assertEq(BINARY32.sub(ONE, ONE), 0);
        vm.assertEq(BINARY32.sub(INFINITY, INFINITY), NAN);
        vm.assertEq(BINARY32.sub(0x00800000, 1), 0x007fffff);
    }

    function testFuzz_sub_itself_succeeds(uint256 _a) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            vm.assertEq(format.sub(a, a), isFiniteOf(format, a) ? 0 : nanOf(format));
        }
    }

    function testFuzz_sub_isSumWithNegative_succeeds(uint256 _a, uint256 _b) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            uint256 b = neighbour(format, a, _b);
            vm.assertEq(format.sub(a, b), format.add(a, b ^ signOf(format)));
        }
    }
}

contract FloatArithmetic_Mul_Test is ExactFloat {
    function test_mul_knownValues_succeeds() external pure {
        vm.assertEq(BINARY32.mul(SIGN, ONE), SIGN);
        vm.assertEq(BINARY32.mul(0, INFINITY), NAN);
        vm.assertEq(BINARY32.mul(INFINITY | SIGN, SIGN), NAN);
        vm.assertEq(BINARY32.mul(INFINITY, SIGN | 1), INFINITY | SIGN);
        vm.assertEq(BINARY32.mul(1, INFINITY | SIGN), INFINITY | SIGN);
        vm.assertEq(BINARY32.mul(MAX, MAX | SIGN), INFINITY | SIGN);
    }

    function test_mul_belowTheLeast_succeeds() external pure {
        // Half the least is a tie, and goes to the even zero; one and a half times it goes to the even two.
        vm.assertEq(BINARY32.mul(1, 0x3f000000), 0);
        vm.assertEq(BINARY32.mul(3, 0x3f000000), 2);
        vm.assertEq(BINARY32.mul(1, 0x3f000001), 1);
        vm.assertEq(BINARY32.mul(1, SIGN | 1), SIGN);
        vm.assertEq(BINARY64.mul(1, 1), 0);
    }

    function testFuzz_mul_order_succeeds(uint256 _a, uint256 _b) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            uint256 b = operand(format, _b);
            vm.assertEq(format.mul(a, b), format.mul(b, a));
        }
    }

    function testFuzz_mul_byOne_succeeds(uint256 _a) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            uint256 expected = isNanOf(format, a) ? nanOf(format) : a;
            vm.assertEq(format.mul(a, oneOf(format)), expected);
        }
    }

    function testDiff_mul_isNearest_succeeds(uint256 _a, uint256 _b) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            uint256 b = operand(format, _b);
            if (!isFiniteOf(format, a) || !isFiniteOf(format, b)) continue;
            (uint256 p, int256 m) = parts(format, a);
            (uint256 q, int256 n) = parts(format, b);
            uint256 product = format.mul(a, b);
            assertNearest(format, product, p * q, m + n, 1, 1);
            vm.assertEq(product & signOf(format), (a ^ b) & signOf(format));
        }
    }
}

contract FloatArithmetic_Div_Test is ExactFloat {
    function test_div_knownValues_succeeds() external pure {
        vm.assertEq(BINARY32.div(ONE, 0x40400000), 0x3eaaaaab);
        vm.assertEq(BINARY32.div(ONE, 0), INFINITY);
        vm.assertEq(BINARY32.div(ONE, SIGN), INFINITY | SIGN);
        vm.assertEq(BINARY32.div(0, SIGN), NAN);
        vm.assertEq(BINARY32.div(0, SIGN | ONE), SIGN);
        vm.assertEq(BINARY32.div(INFINITY, INFINITY), NAN);
        vm.assertEq(BINARY32.div(INFINITY, SIGN), INFINITY | SIGN);
        vm.assertEq(BINARY32.div(ONE | SIGN, INFINITY), SIGN);
        vm.assertEq(BINARY32.div(MAX, 1), INFINITY);
        vm.assertEq(BINARY32.div(1, MAX), 0);
        vm.assertEq(BINARY64.div(0, 0), 0x7ff8000000000000);
    }

    function testFuzz_div_byItself_succeeds(uint256 _a) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            bool defined = isFiniteOf(format, a) && a % signOf(format) != 0;
            vm.assertEq(format.div(a, a), defined ? oneOf(format) : nanOf(format));
        }
    }

    function testDiff_div_isNearest_succeeds(uint256 _a, uint256 _b) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            uint256 b = operand(format, _b);
            if (!isFiniteOf(format, a) || !isFiniteOf(format, b)) continue;
            if (b % signOf(format) == 0) continue;
            (uint256 p, int256 m) = parts(format, a);
            (uint256 q, int256 n) = parts(format, b);
            uint256 quotient = format.div(a, b);
            assertNearest(format, quotient, p, m - n, q, 1);
            vm.assertEq(quotient & signOf(format), (a ^ b) & signOf(format));
        }
    }

    /// @dev Quotients are exact, or lie on a midpoint, where a product is.
    function testDiff_div_ofProduct_isNearest_succeeds(uint256 _a, uint256 _b) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 b = operand(format, _b);
            uint256 a = format.mul(operand(format, _a), b);
            if (!isFiniteOf(format, a) || !isFiniteOf(format, b)) continue;
            if (b % signOf(format) == 0) continue;
            (uint256 p, int256 m) = parts(format, a);
            (uint256 q, int256 n) = parts(format, b);
            assertNearest(format, format.div(a, b), p, m - n, q, 1);
        }
    }
}

contract FloatArithmetic_Sqrt_Test is ExactFloat {
    function test_sqrt_knownValues_succeeds() external pure {
        vm.assertEq(BINARY32.sqrt(0x40000000), 0x3fb504f3);
        vm.assertEq(BINARY64.sqrt(0x4000000000000000), 0x3ff6a09e667f3bcd);
        vm.assertEq(BINARY32.sqrt(0), 0);
        vm.assertEq(BINARY32.sqrt(SIGN), SIGN);
        vm.assertEq(BINARY32.sqrt(ONE | SIGN), NAN);
        vm.assertEq(BINARY32.sqrt(INFINITY), INFINITY);
        vm.assertEq(BINARY32.sqrt(INFINITY | SIGN), NAN);
        vm.assertEq(BINARY32.sqrt(SIGN | 1), NAN);
        vm.assertEq(BINARY64.sqrt(0xbff0000000000000), 0x7ff8000000000000);
    }

    function testFuzz_sqrt_ofSquare_succeeds(uint64 _root) external pure {
        // A root of so few bits has an exact square.
        uint256 single = 0x3f800000 | (uint256(_root) % 0x800) << 12;
        vm.assertEq(BINARY32.sqrt(BINARY32.mul(single, single)), single);
        uint256 double = 0x3ff0000000000000 | (uint256(_root) % 0x2000000) << 27;
        vm.assertEq(BINARY64.sqrt(BINARY64.mul(double, double)), double);
    }

    function testDiff_sqrt_isNearest_succeeds(uint256 _a) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a) % signOf(format);
            if (!isFiniteOf(format, a)) continue;
            (uint256 p, int256 m) = parts(format, a);
            assertNearest(format, format.sqrt(a), p, m, 1, 2);
        }
    }
}

contract FloatArithmetic_Nan_Test is ExactFloat {
    function testFuzz_all_nanBecomesCanonical_succeeds(uint64 _nan, uint256 _other) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 canonical = nanOf(format);
            uint256 nan = cut(format, _nan) | infinityOf(format);
            if (nan % signOf(format) == infinityOf(format)) ++nan;
            uint256 other = operand(format, _other);
            vm.assertEq(format.add(nan, other), canonical);
            vm.assertEq(format.add(other, nan), canonical);
            vm.assertEq(format.sub(nan, other), canonical);
            vm.assertEq(format.sub(other, nan), canonical);
            vm.assertEq(format.mul(nan, other), canonical);
            vm.assertEq(format.mul(other, nan), canonical);
            vm.assertEq(format.div(nan, other), canonical);
            vm.assertEq(format.div(other, nan), canonical);
            vm.assertEq(format.sqrt(nan), canonical);
        }
    }
}
