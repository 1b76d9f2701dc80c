// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {FloatArithmetic} from "../float/FloatArithmetic.sol";
import {FloatConversion} from "../float/FloatConversion.sol";
import {FloatOrder} from "../float/FloatOrder.sol";
import {Opcodes} from "../generated/Opcodes.sol";

import {BINARY32, BINARY64, Format} from "../float/Format.sol";
import {Word} from "../state/Word.sol";

import {ComputeFamily} from "./ComputeFamily.sol";

/// @title Scalar floats, as bits
/// @custom:mirrors wasm-prover/src/step/float.rs
contract Float is ComputeFamily {
    using FloatArithmetic for Format;
    using FloatConversion for Format;
    using FloatOrder for Format;

    /// @inheritdoc ComputeFamily
    function evaluate(Word _word, uint128 _first, uint128 _second, uint128)
        public
        pure
        override
        returns (bool ok_, uint128 result_)
    {
        uint16 opcode = _word.opcode();
        uint256 bits;
        (ok_, bits) = _compare32(opcode, uint32(_first), uint32(_second));
        if (!ok_) (ok_, bits) = _unary32(opcode, uint32(_first));
        if (!ok_) (ok_, bits) = _binary32(opcode, uint32(_first), uint32(_second));
        if (!ok_) (ok_, bits) = _compare64(opcode, uint64(_first), uint64(_second));
        if (!ok_) (ok_, bits) = _unary64(opcode, uint64(_first));
        if (!ok_) (ok_, bits) = _binary64(opcode, uint64(_first), uint64(_second));
        return (ok_, uint128(bits));
    }

    /// @dev Here and below, an opcode that is not the function's is not `ok_`.
    function _compare32(uint16 _opcode, uint256 _a, uint256 _b)
        private
        pure
        returns (bool ok_, uint256 result_)
    {
        bool holds;
        if (_opcode == Opcodes.F32_EQ) holds = BINARY32.eq(_a, _b);
        else if (_opcode == Opcodes.F32_NE) holds = BINARY32.ne(_a, _b);
        else if (_opcode == Opcodes.F32_LT) holds = BINARY32.lt(_a, _b);
        else if (_opcode == Opcodes.F32_GT) holds = BINARY32.gt(_a, _b);
        else if (_opcode == Opcodes.F32_LE) holds = BINARY32.le(_a, _b);
        else if (_opcode == Opcodes.F32_GE) holds = BINARY32.ge(_a, _b);
        else return (false, 0);
        return (true, holds ? 1 : 0);
    }

    function _unary32(uint16 _opcode, uint256 _a) private pure returns (bool ok_, uint256 result_) {
        if (_opcode == Opcodes.F32_ABS) result_ = BINARY32.abs(_a);
        else if (_opcode == Opcodes.F32_NEG) result_ = BINARY32.neg(_a);
        else if (_opcode == Opcodes.F32_CEIL) result_ = BINARY32.ceil(_a);
        else if (_opcode == Opcodes.F32_FLOOR) result_ = BINARY32.floor(_a);
        else if (_opcode == Opcodes.F32_TRUNC) result_ = BINARY32.trunc(_a);
        else if (_opcode == Opcodes.F32_NEAREST) result_ = BINARY32.nearest(_a);
        else if (_opcode == Opcodes.F32_SQRT) result_ = BINARY32.sqrt(_a);
        else return (false, 0);
        return (true, result_);
    }

    function _binary32(uint16 _opcode, uint256 _a, uint256 _b)
        private
        pure
        returns (bool ok_, uint256 result_)
    {
        if (_opcode == Opcodes.F32_ADD) result_ = BINARY32.add(_a, _b);
        else if (_opcode == Opcodes.F32_SUB) result_ = BINARY32.sub(_a, _b);
        else if (_opcode == Opcodes.F32_MUL) result_ = BINARY32.mul(_a, _b);
        else if (_opcode == Opcodes.F32_DIV) result_ = BINARY32.div(_a, _b);
        else if (_opcode == Opcodes.F32_MIN) result_ = BINARY32.min(_a, _b);
        else if (_opcode == Opcodes.F32_MAX) result_ = BINARY32.max(_a, _b);
        else if (_opcode == Opcodes.F32_COPYSIGN) result_ = BINARY32.copysign(_a, _b);
        else return (false, 0);
        return (true, result_);
    }

    function _compare64(uint16 _opcode, uint256 _a, uint256 _b)
        private
        pure
        returns (bool ok_, uint256 result_)
    {
        bool holds;
        if (_opcode == Opcodes.F64_EQ) holds = BINARY64.eq(_a, _b);
        else if (_opcode == Opcodes.F64_NE) holds = BINARY64.ne(_a, _b);
        else if (_opcode == Opcodes.F64_LT) holds = BINARY64.lt(_a, _b);
        else if (_opcode == Opcodes.F64_GT) holds = BINARY64.gt(_a, _b);
        else if (_opcode == Opcodes.F64_LE) holds = BINARY64.le(_a, _b);
        else if (_opcode == Opcodes.F64_GE) holds = BINARY64.ge(_a, _b);
        else return (false, 0);
        return (true, holds ? 1 : 0);
    }

    function _unary64(uint16 _opcode, uint256 _a) private pure returns (bool ok_, uint256 result_) {
        if (_opcode == Opcodes.F64_ABS) result_ = BINARY64.abs(_a);
        else if (_opcode == Opcodes.F64_NEG) result_ = BINARY64.neg(_a);
        else if (_opcode == Opcodes.F64_CEIL) result_ = BINARY64.ceil(_a);
        else if (_opcode == Opcodes.F64_FLOOR) result_ = BINARY64.floor(_a);
        else if (_opcode == Opcodes.F64_TRUNC) result_ = BINARY64.trunc(_a);
        else if (_opcode == Opcodes.F64_NEAREST) result_ = BINARY64.nearest(_a);
        else if (_opcode == Opcodes.F64_SQRT) result_ = BINARY64.sqrt(_a);
        else return (false, 0);
        return (true, result_);
    }

    function _binary64(uint16 _opcode, uint256 _a, uint256 _b)
        private
        pure
        returns (bool ok_, uint256 result_)
    {
        if (_opcode == Opcodes.F64_ADD) result_ = BINARY64.add(_a, _b);
        else if (_opcode == Opcodes.F64_SUB) result_ = BINARY64.sub(_a, _b);
        else if (_opcode == Opcodes.F64_MUL) result_ = BINARY64.mul(_a, _b);
        else if (_opcode == Opcodes.F64_DIV) result_ = BINARY64.div(_a, _b);
        else if (_opcode == Opcodes.F64_MIN) result_ = BINARY64.min(_a, _b);
        else if (_opcode == Opcodes.F64_MAX) result_ = BINARY64.max(_a, _b);
        else if (_opcode == Opcodes.F64_COPYSIGN) result_ = BINARY64.copysign(_a, _b);
        else return (false, 0);
        return (true, result_);
    }
}
