// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Float32} from "../src/Float32.sol";
import {vm} from "./Vm.sol";

/// @notice Calls the library from outside, so that reverts can be expected.
contract Float32Caller {
    function fromWad(int256 _wad) external pure returns (uint32 bits_) {
        bits_ = Float32.fromWad(_wad);
    }

    function toWad(uint32 _bits) external pure returns (int256 wad_) {
        wad_ = Float32.toWad(_bits);
    }

    function sortKey(uint32 _bits) external pure returns (int256 key_) {
        key_ = Float32.sortKey(_bits);
    }
}

/// @notice Distances in exact integer arithmetic, by another road than the library's.
contract Exact {
    /// @dev `|wad / 1e18 - value of bits|` in units of `2^-scale * 1e-18`, for finite non-negative bits and wads.
    function distance(uint256 _wad, uint32 _bits, uint256 _scale) internal pure returns (uint256) {
        uint256 exponent = _bits >> 23;
        uint256 mantissa = _bits & 0x7fffff;
        if (exponent == 0) exponent = 1;
        else mantissa += 0x800000;
        uint256 left = _wad << _scale;
        uint256 right = (mantissa * 1e18) << (exponent + _scale - 150);
        return left > right ? left - right : right - left;
    }
}

contract Float32_FromWad_Test is Exact {
    Float32Caller internal caller = new Float32Caller();

    function test_fromWad_knownValues_succeeds() external view {
        vm.assertEq(caller.fromWad(0), 0);
        vm.assertEq(caller.fromWad(1e18), 0x3f800000);
        vm.assertEq(caller.fromWad(-1e18), 0xbf800000);
        vm.assertEq(caller.fromWad(0.5e18), 0x3f000000);
        vm.assertEq(caller.fromWad(0.1e18), 0x3dcccccd);
        vm.assertEq(caller.fromWad(3.141592653589793238e18), 0x40490fdb);
        vm.assertEq(caller.fromWad(1), 0x219392ef);
        vm.assertEq(caller.fromWad(-1), 0xa19392ef);
        vm.assertEq(caller.fromWad(16777216e18), 0x4b800000);
    }

    function test_fromWad_tiesGoToEven_succeeds() external view {
        // 2^24 + 1 lies halfway between 2^24 and 2^24 + 2; 2^24 + 3 between + 2 and + 4.
        vm.assertEq(caller.fromWad(16777217e18), 0x4b800000);
        vm.assertEq(caller.fromWad(16777217e18 + 1), 0x4b800001);
        vm.assertEq(caller.fromWad(16777219e18), 0x4b800002);
        vm.assertEq(caller.fromWad(16777219e18 - 1), 0x4b800001);
    }

    function test_fromWad_largestFloat_succeeds() external view {
        int256 largest = int256((2 ** 24 - 1) * 2 ** 104) * 1e18;
        int256 halfStep = int256(2 ** 103) * 1e18;
        vm.assertEq(caller.fromWad(largest), 0x7f7fffff);
        vm.assertEq(caller.fromWad(largest + halfStep - 1), 0x7f7fffff);
        vm.assertEq(caller.fromWad(-largest), 0xff7fffff);
    }

    function test_fromWad_beyondLargest_reverts() external {
        int256 tie = int256((2 ** 25 - 1) * 2 ** 103) * 1e18;
        vm.expectRevert(abi.encodeWithSelector(Float32.Float32_OutOfRange.selector, tie));
        caller.fromWad(tie);
        vm.expectRevert(
            abi.encodeWithSelector(Float32.Float32_OutOfRange.selector, type(int256).min)
        );
        caller.fromWad(type(int256).min);
        vm.expectRevert(
            abi.encodeWithSelector(Float32.Float32_OutOfRange.selector, type(int256).max)
        );
        caller.fromWad(type(int256).max);
    }

    /// @dev No neighbour is nearer, and of two equally near the even one is taken. `_size` spreads the magnitudes.
    function testDiff_fromWad_isNearest_succeeds(uint256 _seed, uint8 _size) external view {
        uint256 wad = _seed >> (68 + uint256(_size) % 188);
        vm.assume(wad > 0 && wad < (uint256(2 ** 24 - 1) << 104) * 1e18);
        uint32 bits = caller.fromWad(int256(wad));
        // Enough scale for the least wad's neighbours, and not too much for the largest wad.
        uint256 scale = (bits >> 23) >= 150 ? 0 : 151 - (bits >> 23);
        uint256 here = distance(wad, bits, scale);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 there = distance(wad, i == 0 ? bits - 1 : bits + 1, scale);
            vm.assertTrue(here < there || (here == there && bits % 2 == 0));
        }
        vm.assertEq(caller.fromWad(-int256(wad)), uint256(bits) | 0x80000000);
    }

    function testFuzz_fromWad_largeFloatsComeBack_succeeds(uint32 _bits) external view {
        // From 2^-35 up a wad is finer than half the distance to the next float.
        uint256 exponent = (_bits >> 23) & 0xff;
        vm.assume(exponent >= 92 && exponent < 255);
        vm.assertEq(caller.fromWad(caller.toWad(_bits)), _bits);
    }
}

contract Float32_ToWad_Test is Exact {
    Float32Caller internal caller = new Float32Caller();

    function test_toWad_knownValues_succeeds() external view {
        vm.assertEq(caller.toWad(0), 0);
        vm.assertEq(caller.toWad(0x80000000), 0);
        vm.assertEq(caller.toWad(0x3f800000), 1e18);
        vm.assertEq(caller.toWad(0xc0200000), -2.5e18);
        vm.assertEq(caller.toWad(0x3dcccccd), 0.100000001490116119e18);
        vm.assertEq(caller.toWad(0x7f7fffff), int256((2 ** 24 - 1) * 2 ** 104) * 1e18);
        vm.assertEq(caller.toWad(1), 0);
        vm.assertEq(caller.toWad(0x007fffff), 0);
    }

    function test_toWad_notFinite_reverts() external {
        uint32[4] memory bad = [uint32(0x7f800000), 0xff800000, 0x7fc00000, 0xffffffff];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(Float32.Float32_NotFinite.selector, bad[i]));
            caller.toWad(bad[i]);
        }
    }

    function testDiff_toWad_isNearest_succeeds(uint32 _bits) external view {
        uint32 bits = _bits & 0x7fffffff;
        vm.assume(bits < 0x7f800000);
        int256 wad = caller.toWad(bits);
        vm.assertTrue(wad >= 0);
        uint256 exponent = bits >> 23;
        uint256 scale = exponent >= 150 ? 0 : (exponent == 0 ? 149 : 150 - exponent);
        // Half a unit, or less; exactly half only for an even wad.
        uint256 twice = 2 * distance(uint256(wad), bits, scale);
        uint256 unit = 2 ** scale;
        vm.assertTrue(twice < unit || (twice == unit && wad % 2 == 0));
        vm.assertEq(caller.toWad(bits | 0x80000000), -wad);
    }
}

contract Float32_SortKey_Test {
    Float32Caller internal caller = new Float32Caller();

    function test_sortKey_zerosAreEqual_succeeds() external view {
        vm.assertEq(caller.sortKey(0), caller.sortKey(0x80000000));
    }

    function test_sortKey_infinitiesAreTheEnds_succeeds() external view {
        vm.assertTrue(caller.sortKey(0x7f800000) > caller.sortKey(0x7f7fffff));
        vm.assertTrue(caller.sortKey(0xff800000) < caller.sortKey(0xff7fffff));
    }

    function test_sortKey_notANumber_reverts() external {
        vm.expectRevert(
            abi.encodeWithSelector(Float32.Float32_NotFinite.selector, uint32(0xffc00000))
        );
        caller.sortKey(0xffc00000);
    }

    function testFuzz_sortKey_ordersAsTheValues_succeeds(uint32 _left, uint32 _right)
        external
        view
    {
        vm.assume(_left & 0x7fffffff < 0x7f800000 && _right & 0x7fffffff < 0x7f800000);
        int256 left = caller.toWad(_left);
        int256 right = caller.toWad(_right);
        // Wads are coarser, so they order strictly only where the keys do.
        if (left < right) vm.assertTrue(caller.sortKey(_left) < caller.sortKey(_right));
        if (left > right) vm.assertTrue(caller.sortKey(_left) > caller.sortKey(_right));
    }
}
