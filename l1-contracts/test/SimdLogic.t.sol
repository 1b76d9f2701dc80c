// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Family, Opcodes} from "../src/generated/Opcodes.sol";
import {SimdLogic} from "../src/step/SimdLogic.sol";
import {EvaluateTest} from "./EvaluateTest.sol";

contract SimdLogicTest is EvaluateTest {
    uint128 internal constant ALL = type(uint128).max;
    uint128 internal constant LOW = type(uint64).max;

    constructor() EvaluateTest(new SimdLogic()) {}

    function test_evaluate_otherOpcodesTrap_succeeds() public view {
        _checkOpcodes(Family.SimdLogic);
    }

    function test_evaluate_comparisonsOf64BitsAreSigned_succeeds() public view {
        uint128 a = 1 << 127;
        uint128 b = (ALL >> 65) << 64;
        _check(Opcodes.I64X2_EQ, a, b, LOW);
        _check(Opcodes.I64X2_NE, a, b, ~LOW);
        _check(Opcodes.I64X2_LT_S, a, b, ~LOW);
        _check(Opcodes.I64X2_GT_S, a, b, 0);
        _check(Opcodes.I64X2_LE_S, a, b, ALL);
        _check(Opcodes.I64X2_GE_S, a, b, LOW);
    }

    function test_evaluate_bitsAreCombined_succeeds() public view {
        uint128 a = 12 << 120;
        uint128 b = 10 << 120;
        _check(Opcodes.V128_NOT, 0, 0, ALL);
        _check(Opcodes.V128_NOT, ~LOW, 0, LOW);
        _check(Opcodes.V128_AND, a, b, 8 << 120);
        _check(Opcodes.V128_ANDNOT, a, b, 4 << 120);
        _check(Opcodes.V128_OR, a, b, 14 << 120);
        _check(Opcodes.V128_XOR, a, b, 6 << 120);
        _check(Opcodes.V128_BITSELECT, ALL, 0, ~LOW, ~LOW);
        _check(Opcodes.V128_BITSELECT, 0, ALL, ~LOW, LOW);
        _check(Opcodes.V128_BITSELECT, a, b, 6 << 120, 12 << 120);
        _check(Opcodes.V128_ANY_TRUE, 0, 0, 0);
        _check(Opcodes.V128_ANY_TRUE, 1 << 127, 0, 1);
    }

    function test_evaluate_allTrueWantsEachLane_succeeds() public view {
        uint16[4] memory opcodes = [
            Opcodes.I8X16_ALL_TRUE,
            Opcodes.I16X8_ALL_TRUE,
            Opcodes.I32X4_ALL_TRUE,
            Opcodes.I64X2_ALL_TRUE
        ];
        for (uint256 index = 0; index < 4; ++index) {
            // A one in each lane, and one lane without.
            uint256 width = 8 << index;
            uint128 ones = ALL / uint128((1 << width) - 1);
            for (uint256 shift = 0; shift < 128; shift += width) {
                _check(opcodes[index], ones << uint128(width - 1), 0, 1);
                _check(opcodes[index], ones & ~uint128(1 << shift), 0, 0);
                _check(opcodes[index], ALL & ~uint128(((1 << width) - 1) << shift), 0, 0);
            }
            _check(opcodes[index], ones, 0, 1);
        }
    }

    function test_evaluate_bitmaskTakesSignOfEachLane_succeeds() public view {
        uint128 vector = 0x800000007fffffff8080000000008000;
        _check(Opcodes.I8X16_BITMASK, vector, 0, 0x87c2);
        _check(Opcodes.I16X8_BITMASK, vector, 0, 0x99);
        _check(Opcodes.I32X4_BITMASK, vector, 0, 10);
        _check(Opcodes.I64X2_BITMASK, vector, 0, 3);
        _check(Opcodes.I8X16_BITMASK, ALL, 0, 0xffff);
        _check(Opcodes.I64X2_BITMASK, ALL >> 1, 0, 1);
    }

    function testFuzz_evaluate_bits_succeeds(uint128 _a, uint128 _b, uint128 _c) public view {
        uint128[6] memory expected;
        for (uint256 bit = 0; bit < 128; ++bit) {
            bool a = (_a >> bit) & 1 == 1;
            bool b = (_b >> bit) & 1 == 1;
            bool c = (_c >> bit) & 1 == 1;
            uint128 one = uint128(1 << bit);
            if (!a) expected[0] |= one;
            if (a && b) expected[1] |= one;
            if (a && !b) expected[2] |= one;
            if (a || b) expected[3] |= one;
            if (a != b) expected[4] |= one;
            if (c ? a : b) expected[5] |= one;
        }
        _check(Opcodes.V128_NOT, _a, _b, expected[0]);
        _check(Opcodes.V128_AND, _a, _b, expected[1]);
        _check(Opcodes.V128_ANDNOT, _a, _b, expected[2]);
        _check(Opcodes.V128_OR, _a, _b, expected[3]);
        _check(Opcodes.V128_XOR, _a, _b, expected[4]);
        _check(Opcodes.V128_BITSELECT, _a, _b, _c, expected[5]);
    }

    /// forge-config: default.fuzz.runs = 500
    function testFuzz_evaluate_tests_succeeds(uint256 _seed) public view {
        _checkTests(Opcodes.I8X16_ALL_TRUE, Opcodes.I8X16_BITMASK, 8, _vector(_seed, 8));
        _checkTests(Opcodes.I16X8_ALL_TRUE, Opcodes.I16X8_BITMASK, 16, _vector(_seed, 16));
        _checkTests(Opcodes.I32X4_ALL_TRUE, Opcodes.I32X4_BITMASK, 32, _vector(_seed, 32));
        _checkTests(Opcodes.I64X2_ALL_TRUE, Opcodes.I64X2_BITMASK, 64, _vector(_seed, 64));
        _check(Opcodes.V128_ANY_TRUE, uint128(_seed), 0, uint128(_seed) > 0 ? 1 : 0);
    }

    /// forge-config: default.fuzz.runs = 500
    function testFuzz_evaluate_i8x16Relations_succeeds(uint256 _seed) public view {
        (uint128 a, uint128 b) = (_vector(_seed, 8), _near(_seed, 8));
        uint128[10] memory expected;
        for (uint256 shift = 0; shift < 128; shift += 8) {
            int8 i = int8(uint8(a >> shift));
            int8 j = int8(uint8(b >> shift));
            _relate(expected, uint128(0xff << shift), i < j, uint8(i) < uint8(j), i == j);
        }
        _checkRelations(Opcodes.I8X16_EQ, a, b, expected);
    }

    /// forge-config: default.fuzz.runs = 500
    function testFuzz_evaluate_i16x8Relations_succeeds(uint256 _seed) public view {
        (uint128 a, uint128 b) = (_vector(_seed, 16), _near(_seed, 16));
        uint128[10] memory expected;
        for (uint256 shift = 0; shift < 128; shift += 16) {
            int16 i = int16(uint16(a >> shift));
            int16 j = int16(uint16(b >> shift));
            _relate(expected, uint128(0xffff << shift), i < j, uint16(i) < uint16(j), i == j);
        }
        _checkRelations(Opcodes.I16X8_EQ, a, b, expected);
    }

    function testFuzz_evaluate_i32x4Relations_succeeds(uint256 _seed) public view {
        (uint128 a, uint128 b) = (_vector(_seed, 32), _near(_seed, 32));
        uint128[10] memory expected;
        for (uint256 shift = 0; shift < 128; shift += 32) {
            int32 i = int32(uint32(a >> shift));
            int32 j = int32(uint32(b >> shift));
            _relate(expected, uint128(0xffffffff << shift), i < j, uint32(i) < uint32(j), i == j);
        }
        _checkRelations(Opcodes.I32X4_EQ, a, b, expected);
    }

    function testFuzz_evaluate_i64x2Relations_succeeds(uint256 _seed) public view {
        (uint128 a, uint128 b) = (_vector(_seed, 64), _near(_seed, 64));
        uint128[10] memory expected;
        for (uint256 shift = 0; shift < 128; shift += 64) {
            int64 i = int64(uint64(a >> shift));
            int64 j = int64(uint64(b >> shift));
            _relate(expected, LOW << uint128(shift), i < j, uint64(i) < uint64(j), i == j);
        }
        _check(Opcodes.I64X2_EQ, a, b, expected[0]);
        _check(Opcodes.I64X2_NE, a, b, expected[1]);
        _check(Opcodes.I64X2_LT_S, a, b, expected[2]);
        _check(Opcodes.I64X2_GT_S, a, b, expected[4]);
        _check(Opcodes.I64X2_LE_S, a, b, expected[6]);
        _check(Opcodes.I64X2_GE_S, a, b, expected[8]);
    }

    /// @dev Another vector, some lanes of which are those of the first.
    function _near(uint256 _seed, uint256 _width) internal pure returns (uint128 vector_) {
        uint128 same = _vector(_seed, _width);
        uint128 other = _vector(~_seed, _width);
        uint256 ones = (1 << _width) - 1;
        for (uint256 shift = 0; shift < 128; shift += _width) {
            uint128 lane = uint128(ones << shift);
            vector_ |= lane & ((_seed >> (128 + shift)) & 3 == 0 ? same : other);
        }
    }

    /// @dev Sets a lane in the results that hold: eq, ne, lt_s, lt_u, gt_s, gt_u, le_s, le_u, ge_s, ge_u.
    function _relate(
        uint128[10] memory _expected,
        uint128 _lane,
        bool _less,
        bool _lessUnsigned,
        bool _equal
    ) internal pure {
        if (_equal) _expected[0] |= _lane;
        if (!_equal) _expected[1] |= _lane;
        if (_less) _expected[2] |= _lane;
        if (_lessUnsigned) _expected[3] |= _lane;
        if (!_less && !_equal) _expected[4] |= _lane;
        if (!_lessUnsigned && !_equal) _expected[5] |= _lane;
        if (_less || _equal) _expected[6] |= _lane;
        if (_lessUnsigned || _equal) _expected[7] |= _lane;
        if (!_less) _expected[8] |= _lane;
        if (!_lessUnsigned) _expected[9] |= _lane;
    }

    /// @dev The opcodes of the ten comparisons follow each other.
    function _checkRelations(uint16 _first, uint128 _a, uint128 _b, uint128[10] memory _expected)
        internal
        view
    {
        for (uint16 index = 0; index < 10; ++index) {
            _check(_first + index, _a, _b, _expected[index]);
        }
    }

    function _checkTests(uint16 _allTrue, uint16 _bitmask, uint256 _width, uint128 _vectorBits)
        internal
        view
    {
        uint128 signs;
        bool all = true;
        for (uint256 index = 0; index < 128 / _width; ++index) {
            uint256 lane = (_vectorBits >> (_width * index)) % 2 ** _width;
            if (lane == 0) all = false;
            if (lane >= 2 ** (_width - 1)) signs += uint128(2 ** index);
        }
        _check(_allTrue, _vectorBits, 0, all ? 1 : 0);
        _check(_bitmask, _vectorBits, 0, signs);
    }
}
