// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Opcodes} from "../generated/Opcodes.sol";
import {I16, I32, I64, I8, Lane, LaneLib, U16, U32, U64, U8} from "../lib/Lanes.sol";
import {Word} from "../state/Word.sol";
import {ComputeFamily} from "./ComputeFamily.sol";

/// @title Integer arithmetic of vectors
/// @notice Half a vector is 64 bits: instructions on a high half shift it down and are those on the low half then. Sums of
/// neighbours are products with ones, added.
/// @custom:mirrors wasm-prover/src/step/simd_integer.rs
contract SimdInteger is ComputeFamily {
    /// @dev Beyond every result: the instruction traps.
    uint256 internal constant TRAP = type(uint256).max;

    /// @inheritdoc ComputeFamily
    function evaluate(Word _word, uint128 _first, uint128 _second, uint128)
        public
        pure
        override
        returns (bool ok_, uint128 result_)
    {
        uint256 result = _evaluate8(_word.opcode(), _first, _second);
        return result == TRAP ? (false, 0) : (true, uint128(result));
    }

    /// @dev Lanes of 8 bits; passes other opcodes on.
    function _evaluate8(uint256 _opcode, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I8X16_ABS) return I8.each(_a, _abs);
        if (_opcode == Opcodes.I8X16_NEG) return I8.each(_a, _neg);
        if (_opcode == Opcodes.I8X16_POPCNT) return LaneLib.byteOnes(_a);
        if (_opcode == Opcodes.I8X16_NARROW_I16X8_S) return I16.narrowed(I8, _a, _b);
        if (_opcode == Opcodes.I8X16_NARROW_I16X8_U) return I16.narrowed(U8, _a, _b);
        if (_opcode == Opcodes.I8X16_SHL) return U8.pairs(_a, _counts(U8, _b), _shl);
        if (_opcode == Opcodes.I8X16_SHR_S) return I8.pairs(_a, _counts(I8, _b), _shr);
        if (_opcode == Opcodes.I8X16_SHR_U) return U8.pairs(_a, _counts(U8, _b), _shr);
        if (_opcode == Opcodes.I8X16_ADD) return U8.pairs(_a, _b, _add);
        if (_opcode == Opcodes.I8X16_ADD_SAT_S) return I8.saturated(_a, _b, _add);
        if (_opcode == Opcodes.I8X16_ADD_SAT_U) return U8.saturated(_a, _b, _add);
        if (_opcode == Opcodes.I8X16_SUB) return U8.pairs(_a, _b, _sub);
        if (_opcode == Opcodes.I8X16_SUB_SAT_S) return I8.saturated(_a, _b, _sub);
        if (_opcode == Opcodes.I8X16_SUB_SAT_U) return U8.saturated(_a, _b, _sub);
        if (_opcode == Opcodes.I8X16_MIN_S) return I8.pairs(_a, _b, _min);
        if (_opcode == Opcodes.I8X16_MIN_U) return U8.pairs(_a, _b, _min);
        if (_opcode == Opcodes.I8X16_MAX_S) return I8.pairs(_a, _b, _max);
        if (_opcode == Opcodes.I8X16_MAX_U) return U8.pairs(_a, _b, _max);
        if (_opcode == Opcodes.I8X16_AVGR_U) return U8.pairs(_a, _b, _average);
        return _evaluate16(_opcode, _a, _b);
    }

    /// @dev Lanes of 16 bits; passes other opcodes on.
    function _evaluate16(uint256 _opcode, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I16X8_ABS) return I16.each(_a, _abs);
        if (_opcode == Opcodes.I16X8_NEG) return I16.each(_a, _neg);
        if (_opcode == Opcodes.I16X8_Q15MULR_SAT_S) return I16.saturated(_a, _b, _q15Product);
        if (_opcode == Opcodes.I16X8_NARROW_I32X4_S) return I32.narrowed(I16, _a, _b);
        if (_opcode == Opcodes.I16X8_NARROW_I32X4_U) return I32.narrowed(U16, _a, _b);
        if (_opcode == Opcodes.I16X8_SHL) return U16.pairs(_a, _counts(U16, _b), _shl);
        if (_opcode == Opcodes.I16X8_SHR_S) return I16.pairs(_a, _counts(I16, _b), _shr);
        if (_opcode == Opcodes.I16X8_SHR_U) return U16.pairs(_a, _counts(U16, _b), _shr);
        if (_opcode == Opcodes.I16X8_ADD) return U16.pairs(_a, _b, _add);
        if (_opcode == Opcodes.I16X8_ADD_SAT_S) return I16.saturated(_a, _b, _add);
        if (_opcode == Opcodes.I16X8_ADD_SAT_U) return U16.saturated(_a, _b, _add);
        if (_opcode == Opcodes.I16X8_SUB) return U16.pairs(_a, _b, _sub);
        if (_opcode == Opcodes.I16X8_SUB_SAT_S) return I16.saturated(_a, _b, _sub);
        if (_opcode == Opcodes.I16X8_SUB_SAT_U) return U16.saturated(_a, _b, _sub);
        if (_opcode == Opcodes.I16X8_MUL) return U16.pairs(_a, _b, _mul);
        if (_opcode == Opcodes.I16X8_MIN_S) return I16.pairs(_a, _b, _min);
        if (_opcode == Opcodes.I16X8_MIN_U) return U16.pairs(_a, _b, _min);
        if (_opcode == Opcodes.I16X8_MAX_S) return I16.pairs(_a, _b, _max);
        if (_opcode == Opcodes.I16X8_MAX_U) return U16.pairs(_a, _b, _max);
        if (_opcode == Opcodes.I16X8_AVGR_U) return U16.pairs(_a, _b, _average);
        return _evaluate32(_opcode, _a, _b);
    }

    /// @dev Lanes of 32 bits; passes other opcodes on.
    function _evaluate32(uint256 _opcode, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I32X4_ABS) return I32.each(_a, _abs);
        if (_opcode == Opcodes.I32X4_NEG) return I32.each(_a, _neg);
        if (_opcode == Opcodes.I32X4_SHL) return U32.pairs(_a, _counts(U32, _b), _shl);
        if (_opcode == Opcodes.I32X4_SHR_S) return I32.pairs(_a, _counts(I32, _b), _shr);
        if (_opcode == Opcodes.I32X4_SHR_U) return U32.pairs(_a, _counts(U32, _b), _shr);
        if (_opcode == Opcodes.I32X4_ADD) return U32.pairs(_a, _b, _add);
        if (_opcode == Opcodes.I32X4_SUB) return U32.pairs(_a, _b, _sub);
        if (_opcode == Opcodes.I32X4_MUL) return U32.pairs(_a, _b, _mul);
        if (_opcode == Opcodes.I32X4_MIN_S) return I32.pairs(_a, _b, _min);
        if (_opcode == Opcodes.I32X4_MIN_U) return U32.pairs(_a, _b, _min);
        if (_opcode == Opcodes.I32X4_MAX_S) return I32.pairs(_a, _b, _max);
        if (_opcode == Opcodes.I32X4_MAX_U) return U32.pairs(_a, _b, _max);
        if (_opcode == Opcodes.I32X4_DOT_I16X8_S) return I16.dot(_a, _b);
        return _evaluate64(_opcode, _a, _b);
    }

    /// @dev Lanes of 64 bits; passes other opcodes on.
    function _evaluate64(uint256 _opcode, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I64X2_ABS) return I64.each(_a, _abs);
        if (_opcode == Opcodes.I64X2_NEG) return I64.each(_a, _neg);
        if (_opcode == Opcodes.I64X2_SHL) return U64.pairs(_a, _counts(U64, _b), _shl);
        if (_opcode == Opcodes.I64X2_SHR_S) return I64.pairs(_a, _counts(I64, _b), _shr);
        if (_opcode == Opcodes.I64X2_SHR_U) return U64.pairs(_a, _counts(U64, _b), _shr);
        if (_opcode == Opcodes.I64X2_ADD) return U64.pairs(_a, _b, _add);
        if (_opcode == Opcodes.I64X2_SUB) return U64.pairs(_a, _b, _sub);
        if (_opcode == Opcodes.I64X2_MUL) return U64.pairs(_a, _b, _mul);
        return _extend(_opcode, _a, _b);
    }

    /// @dev Lanes extended to twice the width, and sums of neighbours; passes other opcodes on.
    function _extend(uint256 _opcode, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I16X8_EXTADD_PAIRWISE_I8X16_S) return I8.dot(_a, I8.splat(1));
        if (_opcode == Opcodes.I16X8_EXTADD_PAIRWISE_I8X16_U) return U8.dot(_a, U8.splat(1));
        if (_opcode == Opcodes.I32X4_EXTADD_PAIRWISE_I16X8_S) return I16.dot(_a, I16.splat(1));
        if (_opcode == Opcodes.I32X4_EXTADD_PAIRWISE_I16X8_U) return U16.dot(_a, U16.splat(1));
        if (_opcode == Opcodes.I16X8_EXTEND_LOW_I8X16_S) return I8.widened(_a);
        if (_opcode == Opcodes.I16X8_EXTEND_HIGH_I8X16_S) return I8.widened(_a >> 64);
        if (_opcode == Opcodes.I16X8_EXTEND_LOW_I8X16_U) return U8.widened(_a);
        if (_opcode == Opcodes.I16X8_EXTEND_HIGH_I8X16_U) return U8.widened(_a >> 64);
        if (_opcode == Opcodes.I32X4_EXTEND_LOW_I16X8_S) return I16.widened(_a);
        if (_opcode == Opcodes.I32X4_EXTEND_HIGH_I16X8_S) return I16.widened(_a >> 64);
        if (_opcode == Opcodes.I32X4_EXTEND_LOW_I16X8_U) return U16.widened(_a);
        if (_opcode == Opcodes.I32X4_EXTEND_HIGH_I16X8_U) return U16.widened(_a >> 64);
        if (_opcode == Opcodes.I64X2_EXTEND_LOW_I32X4_S) return I32.widened(_a);
        if (_opcode == Opcodes.I64X2_EXTEND_HIGH_I32X4_S) return I32.widened(_a >> 64);
        if (_opcode == Opcodes.I64X2_EXTEND_LOW_I32X4_U) return U32.widened(_a);
        if (_opcode == Opcodes.I64X2_EXTEND_HIGH_I32X4_U) return U32.widened(_a >> 64);
        return _extmul(_opcode, _a, _b);
    }

    /// @dev Products in twice the width. Other opcodes trap.
    function _extmul(uint256 _opcode, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I16X8_EXTMUL_LOW_I8X16_S) return _low(I8, I16, _a, _b);
        if (_opcode == Opcodes.I16X8_EXTMUL_HIGH_I8X16_S) return _high(I8, I16, _a, _b);
        if (_opcode == Opcodes.I16X8_EXTMUL_LOW_I8X16_U) return _low(U8, U16, _a, _b);
        if (_opcode == Opcodes.I16X8_EXTMUL_HIGH_I8X16_U) return _high(U8, U16, _a, _b);
        if (_opcode == Opcodes.I32X4_EXTMUL_LOW_I16X8_S) return _low(I16, I32, _a, _b);
        if (_opcode == Opcodes.I32X4_EXTMUL_HIGH_I16X8_S) return _high(I16, I32, _a, _b);
        if (_opcode == Opcodes.I32X4_EXTMUL_LOW_I16X8_U) return _low(U16, U32, _a, _b);
        if (_opcode == Opcodes.I32X4_EXTMUL_HIGH_I16X8_U) return _high(U16, U32, _a, _b);
        if (_opcode == Opcodes.I64X2_EXTMUL_LOW_I32X4_S) return _low(I32, I64, _a, _b);
        if (_opcode == Opcodes.I64X2_EXTMUL_HIGH_I32X4_S) return _high(I32, I64, _a, _b);
        if (_opcode == Opcodes.I64X2_EXTMUL_LOW_I32X4_U) return _low(U32, U64, _a, _b);
        if (_opcode == Opcodes.I64X2_EXTMUL_HIGH_I32X4_U) return _high(U32, U64, _a, _b);
        return TRAP;
    }

    /// @dev Products of the lanes in the low halves, in lanes of twice the width.
    function _low(Lane _lane, Lane _wide, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint128 vector_)
    {
        return _wide.pairs(_lane.widened(_a), _lane.widened(_b), _mul);
    }

    /// @dev Products of the lanes in the high halves, in lanes of twice the width.
    function _high(Lane _lane, Lane _wide, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint128 vector_)
    {
        return _low(_lane, _wide, _a >> 64, _b >> 64);
    }

    /// @dev The count of a shift, an i32 modulo the width, in each lane.
    function _counts(Lane _lane, uint128 _count) internal pure returns (uint128 vector_) {
        return _lane.splat(_count % _lane.width());
    }

    function _abs(int256 _a) internal pure returns (int256 result_) {
        return _a < 0 ? -_a : _a;
    }

    function _neg(int256 _a) internal pure returns (int256 result_) {
        return -_a;
    }

    function _add(int256 _a, int256 _b) internal pure returns (int256 result_) {
        return _a + _b;
    }

    function _sub(int256 _a, int256 _b) internal pure returns (int256 result_) {
        return _a - _b;
    }

    function _mul(int256 _a, int256 _b) internal pure returns (int256 result_) {
        return _a * _b;
    }

    function _shl(int256 _a, int256 _b) internal pure returns (int256 result_) {
        return _a << uint256(_b);
    }

    /// @dev Rounds down, so it brings in the sign of a signed lane, zeros into others.
    function _shr(int256 _a, int256 _b) internal pure returns (int256 result_) {
        return _a >> uint256(_b);
    }

    function _min(int256 _a, int256 _b) internal pure returns (int256 result_) {
        return _a < _b ? _a : _b;
    }

    function _max(int256 _a, int256 _b) internal pure returns (int256 result_) {
        return _a > _b ? _a : _b;
    }

    /// @dev Half the sum, a half rounded up.
    function _average(int256 _a, int256 _b) internal pure returns (int256 result_) {
        return (_a + _b + 1) >> 1;
    }

    /// @dev Product of fractions with 15 bits behind the point, rounded. Only -1 times -1 has no place.
    function _q15Product(int256 _a, int256 _b) internal pure returns (int256 result_) {
        return (_a * _b + (1 << 14)) >> 15;
    }
}
