// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {FloatOrder} from "../src/float/FloatOrder.sol";
import {BINARY32, BINARY64, Format} from "../src/float/Format.sol";
import {ExactFloat} from "./ExactFloat.sol";
import {vm} from "./Vm.sol";

using FloatOrder for Format;

uint256 constant SIGN = 0x80000000;

/// @dev Quiet and signalling ones, with payload and sign.
uint256 constant QUIET = 0xffc12345;
uint256 constant SIGNALLING = 0x7f800001;

contract FloatOrder_Relation_Test is ExactFloat {
    function test_eq_zerosOfBothSigns_succeeds() external pure {
        vm.assertTrue(BINARY32.eq(0, SIGN));
        vm.assertFalse(BINARY32.lt(SIGN, 0));
        vm.assertTrue(BINARY32.le(0, SIGN));
    }

    function test_all_nan_succeeds() external pure {
        uint256[2] memory nans = [QUIET, SIGNALLING];
        for (uint256 i = 0; i < 2; ++i) {
            _checkUnordered(nans[i], nans[i]);
            _checkUnordered(nans[i], 0);
            _checkUnordered(0, nans[i]);
        }
    }

    function testDiff_all_exactOrder_succeeds(uint256 _a, uint256 _b) external pure {
        for (uint256 i = 0; i < 2; ++i) {
            Format format = formats()[i];
            uint256 a = operand(format, _a);
            _check(format, a, operand(format, _b));
            if (isFiniteOf(format, a)) _check(format, a, neighbour(format, a, _b));
            _check(format, a, a);
            _check(format, a, a ^ 1);
            _check(format, a, a ^ signOf(format));
        }
    }

    function _checkUnordered(uint256 _a, uint256 _b) internal pure {
        vm.assertFalse(BINARY32.eq(_a, _b));
        vm.assertTrue(BINARY32.ne(_a, _b));
        vm.assertFalse(BINARY32.lt(_a, _b));
        vm.assertFalse(BINARY32.gt(_a, _b));
        vm.assertFalse(BINARY32.le(_a, _b));
        vm.assertFalse(BINARY32.ge(_a, _b));
    }

    /// @dev Every relation, and what is chosen by them, against the order of the numbers.
    function _check(Format _format, uint256 _a, uint256 _b) internal pure {
        if (isNanOf(_format, _a) || isNanOf(_format, _b)) {
            vm.assertFalse(_format.eq(_a, _b) || _format.le(_a, _b) || _format.ge(_a, _b));
            vm.assertTrue(_format.ne(_a, _b) && !_format.lt(_a, _b) && !_format.gt(_a, _b));
            vm.assertEq(_format.min(_a, _b), nanOf(_format));
            vm.assertEq(_format.max(_a, _b), nanOf(_format));
            vm.assertEq(_format.pmin(_a, _b), _a);
            vm.assertEq(_format.pmax(_a, _b), _a);
            return;
        }
        int256 order = _order(_format, _a, _b);
        vm.assertTrue(_format.eq(_a, _b) == (order == 0));
        vm.assertTrue(_format.ne(_a, _b) == (order != 0));
        vm.assertTrue(_format.lt(_a, _b) == (order < 0));
        vm.assertTrue(_format.gt(_a, _b) == (order > 0));
        vm.assertTrue(_format.le(_a, _b) == (order <= 0));
        vm.assertTrue(_format.ge(_a, _b) == (order >= 0));
        vm.assertEq(_format.pmin(_a, _b), order > 0 ? _b : _a);
        vm.assertEq(_format.pmax(_a, _b), order < 0 ? _b : _a);
        // Zeros are told apart.
        if (order == 0) order = int256(_b) - int256(_a);
        vm.assertEq(_format.min(_a, _b), order > 0 ? _b : _a);
        vm.assertEq(_format.max(_a, _b), order < 0 ? _b : _a);
    }

    function _order(Format _format, uint256 _a, uint256 _b) internal pure returns (int256) {
        (uint256 p, int256 m) = parts(_format, _a);
        (uint256 q, int256 n) = parts(_format, _b);
        bool negative = isNegativeOf(_format, _a);
        if (p == 0 && q == 0) return 0;
        if (negative != isNegativeOf(_format, _b)) return negative ? int256(-1) : int256(1);
        return negative ? compare(q, n, p, m) : compare(p, m, q, n);
    }
}

contract FloatOrder_Select_Test {
    function test_min_zerosOfBothSigns_succeeds() external pure {
        vm.assertEq(BINARY32.min(0, SIGN), SIGN);
        vm.assertEq(BINARY32.min(SIGN, 0), SIGN);
        vm.assertEq(BINARY32.pmin(0, SIGN), 0);
    }

    function test_max_zerosOfBothSigns_succeeds() external pure {
        vm.assertEq(BINARY32.max(0, SIGN), 0);
        vm.assertEq(BINARY32.max(SIGN, 0), 0);
        vm.assertEq(BINARY32.pmax(SIGN, 0), SIGN);
        vm.assertEq(BINARY32.max(1, 0), 1);
    }

    function test_pmin_nan_succeeds() external pure {
        vm.assertEq(BINARY32.pmin(SIGNALLING, 0x3f800000), SIGNALLING);
        vm.assertEq(BINARY32.pmin(0x3f800000, SIGNALLING), 0x3f800000);
        vm.assertEq(BINARY32.pmax(QUIET, SIGNALLING), QUIET);
        vm.assertEq(BINARY64.pmax(0x7ff0000000000001, 0), 0x7ff0000000000001);
    }
}
