// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Opcodes} from "../generated/Opcodes.sol";
import {I16, I32, I64, I8, Lane, U16, U32, U64, U8} from "../lib/Lanes.sol";
import {Word} from "../state/Word.sol";
import {ComputeFamily} from "./ComputeFamily.sol";

/// @title Comparisons, tests and bits of vectors
/// @notice A comparison sets all bits of the lanes where it holds.
/// @custom:mirrors wasm-prover/src/step/simd_logic.rs
contract SimdLogic is ComputeFamily {
    /// @dev Beyond every result: the instruction traps.
    uint256 internal constant TRAP = type(uint256).max;

    /// @inheritdoc ComputeFamily
    function evaluate(Word _word, uint128 _first, uint128 _second, uint128 _third)
        public
        pure
        override
        returns (bool ok_, uint128 result_)
    {
        uint256 result = _bits(_word.opcode(), _first, _second, _third);
        return result == TRAP ? (false, 0) : (true, uint128(result));
    }

    /// @dev Bitwise; passes other opcodes on.
    function _bits(uint256 _opcode, uint128 _a, uint128 _b, uint128 _c)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.V128_NOT) return ~_a;
        if (_opcode == Opcodes.V128_AND) return _a & _b;
        if (_opcode == Opcodes.V128_ANDNOT) return _a & ~_b;
        if (_opcode == Opcodes.V128_OR) return _a | _b;
        if (_opcode == Opcodes.V128_XOR) return _a ^ _b;
        if (_opcode == Opcodes.V128_BITSELECT) return (_a & _c) | (_b & ~_c);
        return _test(_opcode, _a, _b);
    }

    /// @dev Tests and sign bits; passes other opcodes on.
    function _test(uint256 _opcode, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.V128_ANY_TRUE) return _a == 0 ? 0 : 1;
        if (_opcode == Opcodes.I8X16_ALL_TRUE) return _allTrue(U8, _a);
        if (_opcode == Opcodes.I8X16_BITMASK) return _bitmask(I8, _a);
        if (_opcode == Opcodes.I16X8_ALL_TRUE) return _allTrue(U16, _a);
        if (_opcode == Opcodes.I16X8_BITMASK) return _bitmask(I16, _a);
        if (_opcode == Opcodes.I32X4_ALL_TRUE) return _allTrue(U32, _a);
        if (_opcode == Opcodes.I32X4_BITMASK) return _bitmask(I32, _a);
        if (_opcode == Opcodes.I64X2_ALL_TRUE) return _allTrue(U64, _a);
        if (_opcode == Opcodes.I64X2_BITMASK) return _bitmask(I64, _a);
        return _relation8(_opcode, _a, _b);
    }

    /// @dev Comparisons of lanes of 8 bits; passes other opcodes on.
    function _relation8(uint256 _opcode, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I8X16_EQ) return U8.mask(_a, _b, _eq);
        if (_opcode == Opcodes.I8X16_NE) return U8.mask(_a, _b, _ne);
        if (_opcode == Opcodes.I8X16_LT_S) return I8.mask(_a, _b, _lt);
        if (_opcode == Opcodes.I8X16_LT_U) return U8.mask(_a, _b, _lt);
        if (_opcode == Opcodes.I8X16_GT_S) return I8.mask(_a, _b, _gt);
        if (_opcode == Opcodes.I8X16_GT_U) return U8.mask(_a, _b, _gt);
        if (_opcode == Opcodes.I8X16_LE_S) return I8.mask(_a, _b, _le);
        if (_opcode == Opcodes.I8X16_LE_U) return U8.mask(_a, _b, _le);
        if (_opcode == Opcodes.I8X16_GE_S) return I8.mask(_a, _b, _ge);
        if (_opcode == Opcodes.I8X16_GE_U) return U8.mask(_a, _b, _ge);
        return _relation16(_opcode, _a, _b);
    }

    /// @dev Comparisons of lanes of 16 bits; passes other opcodes on.
    function _relation16(uint256 _opcode, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I16X8_EQ) return U16.mask(_a, _b, _eq);
        if (_opcode == Opcodes.I16X8_NE) return U16.mask(_a, _b, _ne);
        if (_opcode == Opcodes.I16X8_LT_S) return I16.mask(_a, _b, _lt);
        if (_opcode == Opcodes.I16X8_LT_U) return U16.mask(_a, _b, _lt);
        if (_opcode == Opcodes.I16X8_GT_S) return I16.mask(_a, _b, _gt);
        if (_opcode == Opcodes.I16X8_GT_U) return U16.mask(_a, _b, _gt);
        if (_opcode == Opcodes.I16X8_LE_S) return I16.mask(_a, _b, _le);
        if (_opcode == Opcodes.I16X8_LE_U) return U16.mask(_a, _b, _le);
        if (_opcode == Opcodes.I16X8_GE_S) return I16.mask(_a, _b, _ge);
        if (_opcode == Opcodes.I16X8_GE_U) return U16.mask(_a, _b, _ge);
        return _relation32(_opcode, _a, _b);
    }

    /// @dev Comparisons of lanes of 32 bits; passes other opcodes on.
    function _relation32(uint256 _opcode, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I32X4_EQ) return U32.mask(_a, _b, _eq);
        if (_opcode == Opcodes.I32X4_NE) return U32.mask(_a, _b, _ne);
        if (_opcode == Opcodes.I32X4_LT_S) return I32.mask(_a, _b, _lt);
        if (_opcode == Opcodes.I32X4_LT_U) return U32.mask(_a, _b, _lt);
        if (_opcode == Opcodes.I32X4_GT_S) return I32.mask(_a, _b, _gt);
        if (_opcode == Opcodes.I32X4_GT_U) return U32.mask(_a, _b, _gt);
        if (_opcode == Opcodes.I32X4_LE_S) return I32.mask(_a, _b, _le);
        if (_opcode == Opcodes.I32X4_LE_U) return U32.mask(_a, _b, _le);
        if (_opcode == Opcodes.I32X4_GE_S) return I32.mask(_a, _b, _ge);
        if (_opcode == Opcodes.I32X4_GE_U) return U32.mask(_a, _b, _ge);
        return _relation64(_opcode, _a, _b);
    }

    /// @dev Comparisons of lanes of 64 bits, all signed. Other opcodes trap.
    function _relation64(uint256 _opcode, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I64X2_EQ) return I64.mask(_a, _b, _eq);
        if (_opcode == Opcodes.I64X2_NE) return I64.mask(_a, _b, _ne);
        if (_opcode == Opcodes.I64X2_LT_S) return I64.mask(_a, _b, _lt);
        if (_opcode == Opcodes.I64X2_GT_S) return I64.mask(_a, _b, _gt);
        if (_opcode == Opcodes.I64X2_LE_S) return I64.mask(_a, _b, _le);
        if (_opcode == Opcodes.I64X2_GE_S) return I64.mask(_a, _b, _ge);
        return TRAP;
    }

    /// @dev 1 if no lane is 0, else 0.
    function _allTrue(Lane _lane, uint128 _vector) internal pure returns (uint256 result_) {
        for (uint256 index = 0; index < _lane.count(); ++index) {
            if (_lane.read(_vector, index) == 0) return 0;
        }
        return 1;
    }

    /// @dev The sign of each lane, lane 0 lowest.
    function _bitmask(Lane _lane, uint128 _vector) internal pure returns (uint256 result_) {
        for (uint256 index = 0; index < _lane.count(); ++index) {
            if (_lane.read(_vector, index) < 0) result_ |= 1 << index;
        }
    }

    function _eq(int256 _a, int256 _b) internal pure returns (bool holds_) {
        return _a == _b;
    }

    function _ne(int256 _a, int256 _b) internal pure returns (bool holds_) {
        return _a != _b;
    }

    function _lt(int256 _a, int256 _b) internal pure returns (bool holds_) {
        return _a < _b;
    }

    function _gt(int256 _a, int256 _b) internal pure returns (bool holds_) {
        return _a > _b;
    }

    function _le(int256 _a, int256 _b) internal pure returns (bool holds_) {
        return _a <= _b;
    }

    function _ge(int256 _a, int256 _b) internal pure returns (bool holds_) {
        return _a >= _b;
    }
}
