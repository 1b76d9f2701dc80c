// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Family, Opcodes} from "../src/generated/Opcodes.sol";
import {Integer} from "../src/step/Integer.sol";
import {EvaluateTest} from "./EvaluateTest.sol";

contract IntegerTest is EvaluateTest {
    uint128 internal constant ONES32 = 0xffffffff;
    uint128 internal constant LEAST32 = 0x80000000;
    uint128 internal constant ONES64 = 0xffffffffffffffff;
    uint128 internal constant LEAST64 = 0x8000000000000000;

    constructor() EvaluateTest(new Integer()) {}

    function test_evaluate_otherOpcodesTrap_succeeds() public view {
        _checkOpcodes(Family.Integer);
    }

    function test_evaluate_bitsAreCounted_succeeds() public view {
        _check(Opcodes.I32_EQZ, 0, 0, 1);
        _check(Opcodes.I32_EQZ, 1 << 32, 0, 1);
        _check(Opcodes.I32_EQZ, LEAST32, 0, 0);
        _check(Opcodes.I64_EQZ, 0, 0, 1);
        _check(Opcodes.I64_EQZ, 1 << 32, 0, 0);
        _check(Opcodes.I32_CLZ, 0, 0, 32);
        _check(Opcodes.I32_CLZ, 1, 0, 31);
        _check(Opcodes.I32_CTZ, 0, 0, 32);
        _check(Opcodes.I32_CTZ, LEAST32, 0, 31);
        _check(Opcodes.I32_POPCNT, type(uint128).max, 0, 32);
        _check(Opcodes.I64_CLZ, 0, 0, 64);
        _check(Opcodes.I64_CLZ, ONES32, 0, 32);
        _check(Opcodes.I64_CTZ, 0, 0, 64);
        _check(Opcodes.I64_CTZ, LEAST64, 0, 63);
        _check(Opcodes.I64_POPCNT, ONES64 - 1, 0, 63);
    }

    function test_evaluate_arithmeticWraps_succeeds() public view {
        _check(Opcodes.I32_ADD, ONES32, 1, 0);
        _check(Opcodes.I32_ADD, ONES64, 2, 1);
        _check(Opcodes.I32_SUB, 0, 1, ONES32);
        _check(Opcodes.I32_MUL, LEAST32 + 3, 2, 6);
        _check(Opcodes.I32_MUL, ONES32, ONES32, 1);
        _check(Opcodes.I64_ADD, ONES64, 1, 0);
        _check(Opcodes.I64_SUB, 0, 1, ONES64);
        _check(Opcodes.I64_MUL, LEAST64 + 3, 2, 6);
        _check(Opcodes.I64_MUL, ONES64, ONES64, 1);
    }

    function test_evaluate_divisionTruncates_succeeds() public view {
        _check(Opcodes.I32_DIV_S, ONES32 - 6, 2, ONES32 - 2);
        _check(Opcodes.I32_DIV_U, ONES32 - 6, 2, 0x7ffffffc);
        _check(Opcodes.I32_DIV_U, LEAST32, ONES32, 0);
        _check(Opcodes.I32_REM_S, ONES32 - 6, 2, ONES32);
        _check(Opcodes.I32_REM_S, 7, ONES32 - 1, 1);
        _check(Opcodes.I32_REM_S, LEAST32, ONES32, 0);
        _check(Opcodes.I32_REM_U, LEAST32, ONES32, LEAST32);
        _check(Opcodes.I64_DIV_S, ONES64 - 6, 2, ONES64 - 2);
        _check(Opcodes.I64_DIV_U, ONES64 - 6, 2, 0x7ffffffffffffffc);
        _check(Opcodes.I64_REM_S, ONES64 - 6, 2, ONES64);
        _check(Opcodes.I64_REM_S, LEAST64, ONES64, 0);
        _check(Opcodes.I64_REM_U, LEAST64, ONES64, LEAST64);
    }

    function test_evaluate_divisionWithoutResultTraps_succeeds() public view {
        uint16[4] memory divisions =
            [Opcodes.I32_DIV_S, Opcodes.I32_DIV_U, Opcodes.I32_REM_S, Opcodes.I32_REM_U];
        for (uint256 index = 0; index < 4; ++index) {
            _checkTrap(divisions[index], 1, 1 << 32);
        }
        divisions = [Opcodes.I64_DIV_S, Opcodes.I64_DIV_U, Opcodes.I64_REM_S, Opcodes.I64_REM_U];
        for (uint256 index = 0; index < 4; ++index) {
            _checkTrap(divisions[index], 0, 1 << 64);
        }
        _checkTrap(Opcodes.I32_DIV_S, LEAST32, ONES32);
        _checkTrap(Opcodes.I64_DIV_S, LEAST64, ONES64);
    }

    function test_evaluate_shiftCountsWrap_succeeds() public view {
        _check(Opcodes.I32_SHL, 3, 0, 3);
        _check(Opcodes.I32_SHL, 3, 32, 3);
        _check(Opcodes.I32_SHL, 3, 63, LEAST32);
        _check(Opcodes.I32_SHR_S, LEAST32, 31, ONES32);
        _check(Opcodes.I32_SHR_S, LEAST32, 32, LEAST32);
        _check(Opcodes.I32_SHR_U, LEAST32, 31, 1);
        _check(Opcodes.I32_ROTL, LEAST32 + 1, 1, 3);
        _check(Opcodes.I32_ROTL, LEAST32 + 1, 32, LEAST32 + 1);
        _check(Opcodes.I32_ROTR, 3, ONES32, 6);
        _check(Opcodes.I32_ROTR, 3, 0, 3);
        _check(Opcodes.I64_SHL, 3, 64, 3);
        _check(Opcodes.I64_SHL, 3, 63, LEAST64);
        _check(Opcodes.I64_SHR_S, LEAST64, ONES64, ONES64);
        _check(Opcodes.I64_SHR_U, LEAST64, (1 << 32) | 63, 1);
        _check(Opcodes.I64_ROTL, LEAST64 + 1, 1, 3);
        _check(Opcodes.I64_ROTL, LEAST64 + 1, 64, LEAST64 + 1);
        _check(Opcodes.I64_ROTR, 3, 1, LEAST64 + 1);
    }

    function test_evaluate_signExtensionReadsLowBits_succeeds() public view {
        _check(Opcodes.I32_EXTEND8_S, 0x17f, 0, 0x7f);
        _check(Opcodes.I32_EXTEND8_S, 0x80, 0, 0xffffff80);
        _check(Opcodes.I32_EXTEND16_S, 0x18000, 0, 0xffff8000);
        _check(Opcodes.I64_EXTEND8_S, 0x80, 0, 0xffffffffffffff80);
        _check(Opcodes.I64_EXTEND16_S, 0x17fff, 0, 0x7fff);
        _check(Opcodes.I64_EXTEND32_S, LEAST32, 0, 0xffffffff80000000);
    }

    /// @dev All pairs of edges, with other bits above.
    function test_evaluate_edges_succeeds() public view {
        uint64[16] memory edges = [
            0,
            1,
            2,
            7,
            31,
            32,
            0x7f,
            0x8080,
            0x7fffffff,
            0x80000000,
            0xffffffff,
            0x100000000,
            0x7fffffffffffffff,
            0x8000000000000000,
            0xffffffff80000000,
            0xffffffffffffffff
        ];
        for (uint256 pair = 0; pair < 256; ++pair) {
            uint128 above = uint128(pair << 64);
            _checkAll(above | edges[pair / 16], above | edges[pair % 16]);
        }
    }

    /// forge-config: default.fuzz.runs = 500
    function testFuzz_evaluate_anyOperands_succeeds(uint128 _a, uint128 _b) public view {
        _checkAll(_a, _b);
    }

    /// forge-config: default.fuzz.runs = 500
    function testFuzz_evaluate_smallOperands_succeeds(int128 _a, int8 _b, uint8 _cut) public view {
        _checkAll(uint128(_a >> (_cut % 128)), uint128(int128(_b)));
    }

    function _checkAll(uint128 _a, uint128 _b) internal view {
        _checkRelations32(_a, _b, int32(uint32(_a)), int32(uint32(_b)));
        _checkRelations64(_a, _b, int64(uint64(_a)), int64(uint64(_b)));
        _checkArithmetic32(_a, _b, uint32(_a), uint32(_b));
        _checkArithmetic64(_a, _b, uint64(_a), uint64(_b));
        _checkDivision32(_a, _b, int32(uint32(_a)), int32(uint32(_b)));
        _checkDivision64(_a, _b, int64(uint64(_a)), int64(uint64(_b)));
        _checkBits32(_a, _b, uint32(_a), uint32(_b) % 32);
        _checkBits64(_a, _b, uint64(_a), uint64(_b) % 64);
        _checkCounts(_a);
    }

    function _checkRelations32(uint128 _a, uint128 _b, int32 _i, int32 _j) internal view {
        (uint32 u, uint32 v) = (uint32(_i), uint32(_j));
        _check(Opcodes.I32_EQZ, _a, _b, _i == 0 ? 1 : 0);
        _check(Opcodes.I32_EQ, _a, _b, _i == _j ? 1 : 0);
        _check(Opcodes.I32_NE, _a, _b, _i == _j ? 0 : 1);
        _check(Opcodes.I32_LT_S, _a, _b, _i < _j ? 1 : 0);
        _check(Opcodes.I32_LT_U, _a, _b, u < v ? 1 : 0);
        _check(Opcodes.I32_GT_S, _a, _b, _j < _i ? 1 : 0);
        _check(Opcodes.I32_GT_U, _a, _b, v < u ? 1 : 0);
        _check(Opcodes.I32_LE_S, _a, _b, _j < _i ? 0 : 1);
        _check(Opcodes.I32_LE_U, _a, _b, v < u ? 0 : 1);
        _check(Opcodes.I32_GE_S, _a, _b, _i < _j ? 0 : 1);
        _check(Opcodes.I32_GE_U, _a, _b, u < v ? 0 : 1);
    }

    function _checkRelations64(uint128 _a, uint128 _b, int64 _i, int64 _j) internal view {
        (uint64 u, uint64 v) = (uint64(_i), uint64(_j));
        _check(Opcodes.I64_EQZ, _a, _b, _i == 0 ? 1 : 0);
        _check(Opcodes.I64_EQ, _a, _b, _i == _j ? 1 : 0);
        _check(Opcodes.I64_NE, _a, _b, _i == _j ? 0 : 1);
        _check(Opcodes.I64_LT_S, _a, _b, _i < _j ? 1 : 0);
        _check(Opcodes.I64_LT_U, _a, _b, u < v ? 1 : 0);
        _check(Opcodes.I64_GT_S, _a, _b, _j < _i ? 1 : 0);
        _check(Opcodes.I64_GT_U, _a, _b, v < u ? 1 : 0);
        _check(Opcodes.I64_LE_S, _a, _b, _j < _i ? 0 : 1);
        _check(Opcodes.I64_LE_U, _a, _b, v < u ? 0 : 1);
        _check(Opcodes.I64_GE_S, _a, _b, _i < _j ? 0 : 1);
        _check(Opcodes.I64_GE_U, _a, _b, u < v ? 0 : 1);
    }

    function _checkArithmetic32(uint128 _a, uint128 _b, uint256 _u, uint256 _v) internal view {
        uint256 modulus = 2 ** 32;
        _check(Opcodes.I32_ADD, _a, _b, uint128((_u + _v) % modulus));
        _check(Opcodes.I32_SUB, _a, _b, uint128((_u + modulus - _v) % modulus));
        _check(Opcodes.I32_MUL, _a, _b, uint128((_u * _v) % modulus));
        if (_v == 0) return;
        _check(Opcodes.I32_DIV_U, _a, _b, uint128(_u / _v));
        _check(Opcodes.I32_REM_U, _a, _b, uint128(_u % _v));
    }

    function _checkArithmetic64(uint128 _a, uint128 _b, uint256 _u, uint256 _v) internal view {
        uint256 modulus = 2 ** 64;
        _check(Opcodes.I64_ADD, _a, _b, uint128((_u + _v) % modulus));
        _check(Opcodes.I64_SUB, _a, _b, uint128((_u + modulus - _v) % modulus));
        _check(Opcodes.I64_MUL, _a, _b, uint128((_u * _v) % modulus));
        if (_v == 0) return;
        _check(Opcodes.I64_DIV_U, _a, _b, uint128(_u / _v));
        _check(Opcodes.I64_REM_U, _a, _b, uint128(_u % _v));
    }

    function _checkDivision32(uint128 _a, uint128 _b, int32 _i, int32 _j) internal view {
        bool overflow = _i == type(int32).min && _j == -1;
        if (_j == 0 || overflow) _checkTrap(Opcodes.I32_DIV_S, _a, _b);
        else _check(Opcodes.I32_DIV_S, _a, _b, uint32(_i / _j));
        if (_j == 0) {
            _checkTrap(Opcodes.I32_DIV_U, _a, _b);
            _checkTrap(Opcodes.I32_REM_S, _a, _b);
            _checkTrap(Opcodes.I32_REM_U, _a, _b);
        } else {
            // The quotient is cut off on purpose.
            // forge-lint: disable-next-line(divide-before-multiply)
            _check(Opcodes.I32_REM_S, _a, _b, overflow ? 0 : uint32(_i - (_i / _j) * _j));
        }
    }

    function _checkDivision64(uint128 _a, uint128 _b, int64 _i, int64 _j) internal view {
        bool overflow = _i == type(int64).min && _j == -1;
        if (_j == 0 || overflow) _checkTrap(Opcodes.I64_DIV_S, _a, _b);
        else _check(Opcodes.I64_DIV_S, _a, _b, uint64(_i / _j));
        if (_j == 0) {
            _checkTrap(Opcodes.I64_DIV_U, _a, _b);
            _checkTrap(Opcodes.I64_REM_S, _a, _b);
            _checkTrap(Opcodes.I64_REM_U, _a, _b);
        } else {
            // The quotient is cut off on purpose.
            // forge-lint: disable-next-line(divide-before-multiply)
            _check(Opcodes.I64_REM_S, _a, _b, overflow ? 0 : uint64(_i - (_i / _j) * _j));
        }
    }

    /// @dev A rotation takes bits out of two copies, end to end; a signed shift out of the extended operand.
    function _checkBits32(uint128 _a, uint128 _b, uint128 _u, uint128 _count) internal view {
        uint128 twice = (_u << 32) | _u;
        int128 wide = int32(uint32(_u));
        _check(Opcodes.I32_AND, _a, _b, _a & _b & ONES32);
        _check(Opcodes.I32_OR, _a, _b, (_a | _b) & ONES32);
        _check(Opcodes.I32_XOR, _a, _b, (_a ^ _b) & ONES32);
        _check(Opcodes.I32_SHL, _a, _b, (_u * uint128(2 ** uint256(_count))) % 2 ** 32);
        _check(Opcodes.I32_SHR_S, _a, _b, uint128(wide >> _count) & ONES32);
        _check(Opcodes.I32_SHR_U, _a, _b, _u / uint128(2 ** uint256(_count)));
        _check(Opcodes.I32_ROTL, _a, _b, (twice >> (32 - _count)) & ONES32);
        _check(Opcodes.I32_ROTR, _a, _b, (twice >> _count) & ONES32);
        _check(Opcodes.I32_EXTEND8_S, _a, _b, _u % 256 < 128 ? _u % 256 : ONES32 - 255 + _u % 256);
        int32 low = int16(uint16(_a));
        _check(Opcodes.I32_EXTEND16_S, _a, _b, uint32(low));
    }

    function _checkBits64(uint128 _a, uint128 _b, uint128 _u, uint128 _count) internal view {
        uint128 twice = (_u << 64) | _u;
        int128 wide = int64(uint64(_u));
        _check(Opcodes.I64_AND, _a, _b, _a & _b & ONES64);
        _check(Opcodes.I64_OR, _a, _b, (_a | _b) & ONES64);
        _check(Opcodes.I64_XOR, _a, _b, (_a ^ _b) & ONES64);
        _check(Opcodes.I64_SHL, _a, _b, (_u * uint128(2 ** uint256(_count))) % 2 ** 64);
        _check(Opcodes.I64_SHR_S, _a, _b, uint128(wide >> _count) & ONES64);
        _check(Opcodes.I64_SHR_U, _a, _b, _u / uint128(2 ** uint256(_count)));
        _check(Opcodes.I64_ROTL, _a, _b, (twice >> (64 - _count)) & ONES64);
        _check(Opcodes.I64_ROTR, _a, _b, (twice >> _count) & ONES64);
        _check(Opcodes.I64_EXTEND8_S, _a, _b, _u % 256 < 128 ? _u % 256 : ONES64 - 255 + _u % 256);
        int64 low = int16(uint16(_a));
        _check(Opcodes.I64_EXTEND16_S, _a, _b, uint64(low));
        low = int32(uint32(_a));
        _check(Opcodes.I64_EXTEND32_S, _a, _b, uint64(low));
    }

    function _checkCounts(uint128 _a) internal view {
        (uint256 leading, uint256 trailing, uint256 ones) = _plainCounts(_a, 32);
        _check(Opcodes.I32_CLZ, _a, 0, uint128(leading));
        _check(Opcodes.I32_CTZ, _a, 0, uint128(trailing));
        _check(Opcodes.I32_POPCNT, _a, 0, uint128(ones));
        (leading, trailing, ones) = _plainCounts(_a, 64);
        _check(Opcodes.I64_CLZ, _a, 0, uint128(leading));
        _check(Opcodes.I64_CTZ, _a, 0, uint128(trailing));
        _check(Opcodes.I64_POPCNT, _a, 0, uint128(ones));
    }

    /// @dev Leading zeros, trailing zeros and ones, bit by bit from the lowest.
    function _plainCounts(uint256 _bits, uint256 _width)
        internal
        pure
        returns (uint256 leading_, uint256 trailing_, uint256 ones_)
    {
        for (uint256 index = 0; index < _width; ++index) {
            if ((_bits >> index) & 1 == 1) {
                leading_ = 0;
                ++ones_;
            } else {
                ++leading_;
                if (ones_ == 0) ++trailing_;
            }
        }
    }
}
