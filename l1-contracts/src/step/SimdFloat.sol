// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {FloatArithmetic} from "../float/FloatArithmetic.sol";
import {FloatConversion} from "../float/FloatConversion.sol";
import {FloatOrder} from "../float/FloatOrder.sol";
import {Opcodes} from "../generated/Opcodes.sol";

import {BINARY32, BINARY64, Format, FormatLib} from "../float/Format.sol";
import {Word} from "../state/Word.sol";

import {ComputeFamily} from "./ComputeFamily.sol";

/// @title Floats of vectors, lane by lane, as bits
/// @custom:mirrors wasm-prover/src/step/simd_float.rs
contract SimdFloat is ComputeFamily {
    /// @inheritdoc ComputeFamily
    function evaluate(Word _word, uint128 _first, uint128 _second, uint128)
        public
        pure
        override
        returns (bool ok_, uint128 result_)
    {
        uint16 opcode = _word.opcode();
        (ok_, result_) = _compare32(opcode, _first, _second);
        if (!ok_) (ok_, result_) = _unary32(opcode, _first);
        if (!ok_) (ok_, result_) = _binary32(opcode, _first, _second);
        if (!ok_) (ok_, result_) = _compare64(opcode, _first, _second);
        if (!ok_) (ok_, result_) = _unary64(opcode, _first);
        if (!ok_) (ok_, result_) = _binary64(opcode, _first, _second);
    }

    /// @dev Here and below, an opcode that is not the function's is not `ok_`.
    function _compare32(uint16 _opcode, uint128 _a, uint128 _b)
        private
        pure
        returns (bool ok_, uint128 result_)
    {
        if (_opcode == Opcodes.F32X4_EQ) result_ = _mask(BINARY32, FloatOrder.eq, _a, _b);
        else if (_opcode == Opcodes.F32X4_NE) result_ = _mask(BINARY32, FloatOrder.ne, _a, _b);
        else if (_opcode == Opcodes.F32X4_LT) result_ = _mask(BINARY32, FloatOrder.lt, _a, _b);
        else if (_opcode == Opcodes.F32X4_GT) result_ = _mask(BINARY32, FloatOrder.gt, _a, _b);
        else if (_opcode == Opcodes.F32X4_LE) result_ = _mask(BINARY32, FloatOrder.le, _a, _b);
        else if (_opcode == Opcodes.F32X4_GE) result_ = _mask(BINARY32, FloatOrder.ge, _a, _b);
        else return (false, 0);
        return (true, result_);
    }

    function _unary32(uint16 _opcode, uint128 _a) private pure returns (bool ok_, uint128 result_) {
        if (_opcode == Opcodes.F32X4_CEIL) {
            result_ = _each(BINARY32, FloatConversion.ceil, _a);
        } else if (_opcode == Opcodes.F32X4_FLOOR) {
            result_ = _each(BINARY32, FloatConversion.floor, _a);
        } else if (_opcode == Opcodes.F32X4_TRUNC) {
            result_ = _each(BINARY32, FloatConversion.trunc, _a);
        } else if (_opcode == Opcodes.F32X4_NEAREST) {
            result_ = _each(BINARY32, FloatConversion.nearest, _a);
        } else if (_opcode == Opcodes.F32X4_ABS) {
            result_ = _each(BINARY32, FormatLib.abs, _a);
        } else if (_opcode == Opcodes.F32X4_NEG) {
            result_ = _each(BINARY32, FormatLib.neg, _a);
        } else if (_opcode == Opcodes.F32X4_SQRT) {
            result_ = _each(BINARY32, FloatArithmetic.sqrt, _a);
        } else {
            return (false, 0);
        }
        return (true, result_);
    }

    function _binary32(uint16 _opcode, uint128 _a, uint128 _b)
        private
        pure
        returns (bool ok_, uint128 result_)
    {
        if (_opcode == Opcodes.F32X4_ADD) {
            result_ = _pairs(BINARY32, FloatArithmetic.add, _a, _b);
        } else if (_opcode == Opcodes.F32X4_SUB) {
            result_ = _pairs(BINARY32, FloatArithmetic.sub, _a, _b);
        } else if (_opcode == Opcodes.F32X4_MUL) {
            result_ = _pairs(BINARY32, FloatArithmetic.mul, _a, _b);
        } else if (_opcode == Opcodes.F32X4_DIV) {
            result_ = _pairs(BINARY32, FloatArithmetic.div, _a, _b);
        } else if (_opcode == Opcodes.F32X4_MIN) {
            result_ = _pairs(BINARY32, FloatOrder.min, _a, _b);
        } else if (_opcode == Opcodes.F32X4_MAX) {
            result_ = _pairs(BINARY32, FloatOrder.max, _a, _b);
        } else if (_opcode == Opcodes.F32X4_PMIN) {
            result_ = _pairs(BINARY32, FloatOrder.pmin, _a, _b);
        } else if (_opcode == Opcodes.F32X4_PMAX) {
            result_ = _pairs(BINARY32, FloatOrder.pmax, _a, _b);
        } else {
            return (false, 0);
        }
        return (true, result_);
    }

    function _compare64(uint16 _opcode, uint128 _a, uint128 _b)
        private
        pure
        returns (bool ok_, uint128 result_)
    {
        if (_opcode == Opcodes.F64X2_EQ) result_ = _mask(BINARY64, FloatOrder.eq, _a, _b);
        else if (_opcode == Opcodes.F64X2_NE) result_ = _mask(BINARY64, FloatOrder.ne, _a, _b);
        else if (_opcode == Opcodes.F64X2_LT) result_ = _mask(BINARY64, FloatOrder.lt, _a, _b);
        else if (_opcode == Opcodes.F64X2_GT) result_ = _mask(BINARY64, FloatOrder.gt, _a, _b);
        else if (_opcode == Opcodes.F64X2_LE) result_ = _mask(BINARY64, FloatOrder.le, _a, _b);
        else if (_opcode == Opcodes.F64X2_GE) result_ = _mask(BINARY64, FloatOrder.ge, _a, _b);
        else return (false, 0);
        return (true, result_);
    }

    function _unary64(uint16 _opcode, uint128 _a) private pure returns (bool ok_, uint128 result_) {
        if (_opcode == Opcodes.F64X2_CEIL) {
            result_ = _each(BINARY64, FloatConversion.ceil, _a);
        } else if (_opcode == Opcodes.F64X2_FLOOR) {
            result_ = _each(BINARY64, FloatConversion.floor, _a);
        } else if (_opcode == Opcodes.F64X2_TRUNC) {
            result_ = _each(BINARY64, FloatConversion.trunc, _a);
        } else if (_opcode == Opcodes.F64X2_NEAREST) {
            result_ = _each(BINARY64, FloatConversion.nearest, _a);
        } else if (_opcode == Opcodes.F64X2_ABS) {
            result_ = _each(BINARY64, FormatLib.abs, _a);
        } else if (_opcode == Opcodes.F64X2_NEG) {
            result_ = _each(BINARY64, FormatLib.neg, _a);
        } else if (_opcode == Opcodes.F64X2_SQRT) {
            result_ = _each(BINARY64, FloatArithmetic.sqrt, _a);
        } else {
            return (false, 0);
        }
        return (true, result_);
    }

    function _binary64(uint16 _opcode, uint128 _a, uint128 _b)
        private
        pure
        returns (bool ok_, uint128 result_)
    {
        if (_opcode == Opcodes.F64X2_ADD) {
            result_ = _pairs(BINARY64, FloatArithmetic.add, _a, _b);
        } else if (_opcode == Opcodes.F64X2_SUB) {
            result_ = _pairs(BINARY64, FloatArithmetic.sub, _a, _b);
        } else if (_opcode == Opcodes.F64X2_MUL) {
            result_ = _pairs(BINARY64, FloatArithmetic.mul, _a, _b);
        } else if (_opcode == Opcodes.F64X2_DIV) {
            result_ = _pairs(BINARY64, FloatArithmetic.div, _a, _b);
        } else if (_opcode == Opcodes.F64X2_MIN) {
            result_ = _pairs(BINARY64, FloatOrder.min, _a, _b);
        } else if (_opcode == Opcodes.F64X2_MAX) {
            result_ = _pairs(BINARY64, FloatOrder.max, _a, _b);
        } else if (_opcode == Opcodes.F64X2_PMIN) {
            result_ = _pairs(BINARY64, FloatOrder.pmin, _a, _b);
        } else if (_opcode == Opcodes.F64X2_PMAX) {
            result_ = _pairs(BINARY64, FloatOrder.pmax, _a, _b);
        } else {
            return (false, 0);
        }
        return (true, result_);
    }

    /// @dev The operation on each lane.
    function _each(
        Format _format,
        function(Format, uint256) pure returns (uint256) _operation,
        uint128 _a
    ) private pure returns (uint128 result_) {
        uint256 width = _format.width();
        uint256 ones = (1 << width) - 1;
        for (uint256 shift = 0; shift < 128; shift += width) {
            result_ |= uint128(_operation(_format, (_a >> shift) & ones) << shift);
        }
    }

    /// @dev The operation on each pair of lanes.
    function _pairs(
        Format _format,
        function(Format, uint256, uint256) pure returns (uint256) _operation,
        uint128 _a,
        uint128 _b
    ) private pure returns (uint128 result_) {
        uint256 width = _format.width();
        uint256 ones = (1 << width) - 1;
        for (uint256 shift = 0; shift < 128; shift += width) {
            uint256 lane = _operation(_format, (_a >> shift) & ones, (_b >> shift) & ones);
            result_ |= uint128(lane << shift);
        }
    }

    /// @dev All ones in each lane whose pair is in the relation, else zeros.
    function _mask(
        Format _format,
        function(Format, uint256, uint256) pure returns (bool) _relation,
        uint128 _a,
        uint128 _b
    ) private pure returns (uint128 result_) {
        uint256 width = _format.width();
        uint256 ones = (1 << width) - 1;
        for (uint256 shift = 0; shift < 128; shift += width) {
            bool holds = _relation(_format, (_a >> shift) & ones, (_b >> shift) & ones);
            if (holds) result_ |= uint128(ones << shift);
        }
    }
}
