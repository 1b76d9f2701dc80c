// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Opcodes} from "../generated/Opcodes.sol";
import {LaneLib} from "../lib/Lanes.sol";
import {Word} from "../state/Word.sol";
import {ComputeFamily} from "./ComputeFamily.sol";

/// @title Scalar integers
/// @notice Shifts and rotations take their count modulo the width. Division traps by zero, and where the quotient has no
/// place: that of the least integer by -1. Its remainder is 0.
/// @custom:mirrors wasm-prover/src/step/integer.rs
contract Integer is ComputeFamily {
    /// @dev Beyond every result: the instruction traps.
    uint256 internal constant TRAP = type(uint256).max;

    /// @inheritdoc ComputeFamily
    function evaluate(Word _word, uint128 _first, uint128 _second, uint128)
        public
        pure
        override
        returns (bool ok_, uint128 result_)
    {
        uint256 result = _relation32(_word.opcode(), uint64(_first), uint64(_second));
        return result == TRAP ? (false, 0) : (true, uint128(result));
    }

    /// @dev Comparisons of i32; passes other opcodes on.
    function _relation32(uint256 _opcode, uint64 _first, uint64 _second)
        internal
        pure
        returns (uint256 result_)
    {
        uint32 a = uint32(_first);
        uint32 b = uint32(_second);
        if (_opcode == Opcodes.I32_EQZ) return _flag(a == 0);
        if (_opcode == Opcodes.I32_EQ) return _flag(a == b);
        if (_opcode == Opcodes.I32_NE) return _flag(a != b);
        if (_opcode == Opcodes.I32_LT_S) return _flag(int32(a) < int32(b));
        if (_opcode == Opcodes.I32_LT_U) return _flag(a < b);
        if (_opcode == Opcodes.I32_GT_S) return _flag(int32(a) > int32(b));
        if (_opcode == Opcodes.I32_GT_U) return _flag(a > b);
        if (_opcode == Opcodes.I32_LE_S) return _flag(int32(a) <= int32(b));
        if (_opcode == Opcodes.I32_LE_U) return _flag(a <= b);
        if (_opcode == Opcodes.I32_GE_S) return _flag(int32(a) >= int32(b));
        if (_opcode == Opcodes.I32_GE_U) return _flag(a >= b);
        return _arithmetic32(_opcode, _first, _second);
    }

    /// @dev Arithmetic of i32; passes other opcodes on.
    function _arithmetic32(uint256 _opcode, uint64 _first, uint64 _second)
        internal
        pure
        returns (uint256 result_)
    {
        uint32 a = uint32(_first);
        uint32 b = uint32(_second);
        unchecked {
            if (_opcode == Opcodes.I32_ADD) return a + b;
            if (_opcode == Opcodes.I32_SUB) return a - b;
            if (_opcode == Opcodes.I32_MUL) return a * b;
            if (_opcode == Opcodes.I32_DIV_S) return _divS(int32(a), int32(b), 32);
            if (_opcode == Opcodes.I32_DIV_U) return b == 0 ? TRAP : a / b;
            if (_opcode == Opcodes.I32_REM_S) return b == 0 ? TRAP : uint32(int32(a) % int32(b));
            if (_opcode == Opcodes.I32_REM_U) return b == 0 ? TRAP : a % b;
            return _bits32(_opcode, _first, _second);
        }
    }

    /// @dev Bits of i32; passes other opcodes on.
    function _bits32(uint256 _opcode, uint64 _first, uint64 _second)
        internal
        pure
        returns (uint256 result_)
    {
        uint32 a = uint32(_first);
        uint32 b = uint32(_second);
        if (_opcode == Opcodes.I32_CLZ) return 32 - _length(a);
        if (_opcode == Opcodes.I32_CTZ) return a == 0 ? 32 : _trailingZeros(a);
        if (_opcode == Opcodes.I32_POPCNT) return _ones(a);
        if (_opcode == Opcodes.I32_AND) return a & b;
        if (_opcode == Opcodes.I32_OR) return a | b;
        if (_opcode == Opcodes.I32_XOR) return a ^ b;
        if (_opcode == Opcodes.I32_SHL) return a << (b % 32);
        if (_opcode == Opcodes.I32_SHR_S) return uint32(int32(a) >> (b % 32));
        if (_opcode == Opcodes.I32_SHR_U) return a >> (b % 32);
        if (_opcode == Opcodes.I32_ROTL) return (a << (b % 32)) | (a >> (32 - b % 32));
        if (_opcode == Opcodes.I32_ROTR) return (a >> (b % 32)) | (a << (32 - b % 32));
        if (_opcode == Opcodes.I32_EXTEND8_S) return uint32(int32(int8(uint8(a))));
        if (_opcode == Opcodes.I32_EXTEND16_S) return uint32(int32(int16(uint16(a))));
        return _relation64(_opcode, _first, _second);
    }

    /// @dev Comparisons of i64; passes other opcodes on.
    function _relation64(uint256 _opcode, uint64 _a, uint64 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I64_EQZ) return _flag(_a == 0);
        if (_opcode == Opcodes.I64_EQ) return _flag(_a == _b);
        if (_opcode == Opcodes.I64_NE) return _flag(_a != _b);
        if (_opcode == Opcodes.I64_LT_S) return _flag(int64(_a) < int64(_b));
        if (_opcode == Opcodes.I64_LT_U) return _flag(_a < _b);
        if (_opcode == Opcodes.I64_GT_S) return _flag(int64(_a) > int64(_b));
        if (_opcode == Opcodes.I64_GT_U) return _flag(_a > _b);
        if (_opcode == Opcodes.I64_LE_S) return _flag(int64(_a) <= int64(_b));
        if (_opcode == Opcodes.I64_LE_U) return _flag(_a <= _b);
        if (_opcode == Opcodes.I64_GE_S) return _flag(int64(_a) >= int64(_b));
        if (_opcode == Opcodes.I64_GE_U) return _flag(_a >= _b);
        return _arithmetic64(_opcode, _a, _b);
    }

    /// @dev Arithmetic of i64; passes other opcodes on.
    function _arithmetic64(uint256 _opcode, uint64 _a, uint64 _b)
        internal
        pure
        returns (uint256 result_)
    {
        unchecked {
            if (_opcode == Opcodes.I64_ADD) return _a + _b;
            if (_opcode == Opcodes.I64_SUB) return _a - _b;
            if (_opcode == Opcodes.I64_MUL) return _a * _b;
            if (_opcode == Opcodes.I64_DIV_S) return _divS(int64(_a), int64(_b), 64);
            if (_opcode == Opcodes.I64_DIV_U) return _b == 0 ? TRAP : _a / _b;
            if (_opcode == Opcodes.I64_REM_S) {
                return _b == 0 ? TRAP : uint64(int64(_a) % int64(_b));
            }
            if (_opcode == Opcodes.I64_REM_U) return _b == 0 ? TRAP : _a % _b;
            return _bits64(_opcode, _a, _b);
        }
    }

    /// @dev Bits of i64. Other opcodes trap.
    function _bits64(uint256 _opcode, uint64 _a, uint64 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I64_CLZ) return 64 - _length(_a);
        if (_opcode == Opcodes.I64_CTZ) return _a == 0 ? 64 : _trailingZeros(_a);
        if (_opcode == Opcodes.I64_POPCNT) return _ones(_a);
        if (_opcode == Opcodes.I64_AND) return _a & _b;
        if (_opcode == Opcodes.I64_OR) return _a | _b;
        if (_opcode == Opcodes.I64_XOR) return _a ^ _b;
        if (_opcode == Opcodes.I64_SHL) return _a << (_b % 64);
        if (_opcode == Opcodes.I64_SHR_S) return uint64(int64(_a) >> (_b % 64));
        if (_opcode == Opcodes.I64_SHR_U) return _a >> (_b % 64);
        if (_opcode == Opcodes.I64_ROTL) return (_a << (_b % 64)) | (_a >> (64 - _b % 64));
        if (_opcode == Opcodes.I64_ROTR) return (_a >> (_b % 64)) | (_a << (64 - _b % 64));
        if (_opcode == Opcodes.I64_EXTEND8_S) return uint64(int64(int8(uint8(_a))));
        if (_opcode == Opcodes.I64_EXTEND16_S) return uint64(int64(int16(uint16(_a))));
        if (_opcode == Opcodes.I64_EXTEND32_S) return uint64(int64(int32(uint32(_a))));
        return TRAP;
    }

    /// @dev The i32 that tells whether something holds.
    function _flag(bool _holds) internal pure returns (uint256 flag_) {
        return _holds ? 1 : 0;
    }

    /// @dev Quotient towards zero of signed integers of `_width` bits.
    function _divS(int256 _a, int256 _b, uint256 _width) internal pure returns (uint256 result_) {
        if (_b == 0) return TRAP;
        unchecked {
            int256 quotient = _a / _b;
            // The only quotient that is too great.
            if (quotient == int256(1 << (_width - 1))) return TRAP;
            return uint256(quotient) & ((1 << _width) - 1);
        }
    }

    /// @dev Bits up to the highest one that is set.
    function _length(uint256 _bits) internal pure returns (uint256 length_) {
        // Sets all bits below the highest one.
        for (uint256 shift = 1; shift < 64; shift <<= 1) {
            _bits |= _bits >> shift;
        }
        return _ones(_bits);
    }

    /// @dev Bits below the lowest one that is set, of which there is one.
    function _trailingZeros(uint256 _bits) internal pure returns (uint256 zeros_) {
        unchecked {
            return _ones((_bits - 1) & ~_bits);
        }
    }

    /// @dev Bits that are set, all of them among the low 64.
    function _ones(uint256 _bits) internal pure returns (uint256 ones_) {
        unchecked {
            // The product's byte 7 is the sum of all 8.
            return uint8((LaneLib.byteOnes(uint128(_bits)) * 0x0101010101010101) >> 56);
        }
    }
}
