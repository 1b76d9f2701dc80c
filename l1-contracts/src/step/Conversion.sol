// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {FloatConversion} from "../float/FloatConversion.sol";
import {Opcodes} from "../generated/Opcodes.sol";

import {BINARY32, BINARY64, Format} from "../float/Format.sol";
import {Word} from "../state/Word.sol";

import {ComputeFamily} from "./ComputeFamily.sol";

/// @title Scalar conversions
/// @notice `wrap`, `extend_i32_u` and `reinterpret` keep the low bits of a value and clear the others.
/// @custom:mirrors wasm-prover/src/step/conversion.rs
contract Conversion is ComputeFamily {
    using FloatConversion for Format;

    /// @inheritdoc ComputeFamily
    function evaluate(Word _word, uint128 _first, uint128, uint128)
        public
        pure
        override
        returns (bool ok_, uint128 result_)
    {
        uint16 opcode = _word.opcode();
        uint256 low = uint32(_first);
        uint256 bits;
        (ok_, bits) = _keepOrExtend(opcode, low, uint64(_first));
        if (!ok_) (ok_, bits) = _convert(opcode, low, uint64(_first));
        if (!ok_) (ok_, bits) = _saturate(opcode, low, uint64(_first));
        if (!ok_) (ok_, bits) = _truncate(opcode, low, uint64(_first));
        return (ok_, uint128(bits));
    }

    /// @dev Here and below, `_low` is the low half of `_a`, and an opcode that is not the function's is not `ok_`.
    function _keepOrExtend(uint16 _opcode, uint256 _low, uint256 _a)
        private
        pure
        returns (bool ok_, uint256 result_)
    {
        if (
            _opcode == Opcodes.I32_WRAP_I64 || _opcode == Opcodes.I64_EXTEND_I32_U
                || _opcode == Opcodes.I32_REINTERPRET_F32 || _opcode == Opcodes.F32_REINTERPRET_I32
        ) {
            return (true, _low);
        }
        if (_opcode == Opcodes.I64_REINTERPRET_F64 || _opcode == Opcodes.F64_REINTERPRET_I64) {
            return (true, _a);
        }
        if (_opcode == Opcodes.I64_EXTEND_I32_S) {
            return (true, uint64(int64(int32(uint32(_low)))));
        }
        return (false, 0);
    }

    function _convert(uint16 _opcode, uint256 _low, uint256 _a)
        private
        pure
        returns (bool ok_, uint256 result_)
    {
        if (_opcode == Opcodes.F32_CONVERT_I32_S) result_ = BINARY32.fromI32(_low);
        else if (_opcode == Opcodes.F32_CONVERT_I32_U) result_ = BINARY32.fromU32(_low);
        else if (_opcode == Opcodes.F32_CONVERT_I64_S) result_ = BINARY32.fromI64(_a);
        else if (_opcode == Opcodes.F32_CONVERT_I64_U) result_ = BINARY32.fromU64(_a);
        else if (_opcode == Opcodes.F64_CONVERT_I32_S) result_ = BINARY64.fromI32(_low);
        else if (_opcode == Opcodes.F64_CONVERT_I32_U) result_ = BINARY64.fromU32(_low);
        else if (_opcode == Opcodes.F64_CONVERT_I64_S) result_ = BINARY64.fromI64(_a);
        else if (_opcode == Opcodes.F64_CONVERT_I64_U) result_ = BINARY64.fromU64(_a);
        else if (_opcode == Opcodes.F32_DEMOTE_F64) result_ = BINARY64.demote(_a);
        else if (_opcode == Opcodes.F64_PROMOTE_F32) result_ = BINARY32.promote(_low);
        else return (false, 0);
        return (true, result_);
    }

    function _saturate(uint16 _opcode, uint256 _low, uint256 _a)
        private
        pure
        returns (bool ok_, uint256 result_)
    {
        if (_opcode == Opcodes.I32_TRUNC_SAT_F32_S) result_ = BINARY32.saturateI32(_low);
        else if (_opcode == Opcodes.I32_TRUNC_SAT_F32_U) result_ = BINARY32.saturateU32(_low);
        else if (_opcode == Opcodes.I32_TRUNC_SAT_F64_S) result_ = BINARY64.saturateI32(_a);
        else if (_opcode == Opcodes.I32_TRUNC_SAT_F64_U) result_ = BINARY64.saturateU32(_a);
        else if (_opcode == Opcodes.I64_TRUNC_SAT_F32_S) result_ = BINARY32.saturateI64(_low);
        else if (_opcode == Opcodes.I64_TRUNC_SAT_F32_U) result_ = BINARY32.saturateU64(_low);
        else if (_opcode == Opcodes.I64_TRUNC_SAT_F64_S) result_ = BINARY64.saturateI64(_a);
        else if (_opcode == Opcodes.I64_TRUNC_SAT_F64_U) result_ = BINARY64.saturateU64(_a);
        else return (false, 0);
        return (true, result_);
    }

    /// @dev These trap on NaN and on what the integer cannot hold.
    function _truncate(uint16 _opcode, uint256 _low, uint256 _a)
        private
        pure
        returns (bool ok_, uint256 result_)
    {
        if (_opcode == Opcodes.I32_TRUNC_F32_S) return BINARY32.toI32(_low);
        if (_opcode == Opcodes.I32_TRUNC_F32_U) return BINARY32.toU32(_low);
        if (_opcode == Opcodes.I32_TRUNC_F64_S) return BINARY64.toI32(_a);
        if (_opcode == Opcodes.I32_TRUNC_F64_U) return BINARY64.toU32(_a);
        if (_opcode == Opcodes.I64_TRUNC_F32_S) return BINARY32.toI64(_low);
        if (_opcode == Opcodes.I64_TRUNC_F32_U) return BINARY32.toU64(_low);
        if (_opcode == Opcodes.I64_TRUNC_F64_S) return BINARY64.toI64(_a);
        if (_opcode == Opcodes.I64_TRUNC_F64_U) return BINARY64.toU64(_a);
        return (false, 0);
    }
}
