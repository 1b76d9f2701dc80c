// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {FloatConversion} from "../float/FloatConversion.sol";
import {Opcodes} from "../generated/Opcodes.sol";

import {BINARY32, BINARY64, Format} from "../float/Format.sol";
import {Word} from "../state/Word.sol";

import {ComputeFamily} from "./ComputeFamily.sol";

/// @title Conversions of vectors, lane by lane
/// @notice Two lanes of 32 bits are the low half of a vector: `low` reads no more, and `zero` leaves the rest clear.
/// @custom:mirrors wasm-prover/src/step/simd_conversion.rs
contract SimdConversion is ComputeFamily {
    /// @inheritdoc ComputeFamily
    function evaluate(Word _word, uint128 _first, uint128, uint128)
        public
        pure
        override
        returns (bool ok_, uint128 result_)
    {
        uint16 opcode = _word.opcode();
        ok_ = true;
        if (opcode == Opcodes.F32X4_DEMOTE_F64X2_ZERO) {
            result_ = _each(BINARY64, FloatConversion.demote, _first, 64, 32);
        } else if (opcode == Opcodes.F64X2_PROMOTE_LOW_F32X4) {
            result_ = _each(BINARY32, FloatConversion.promote, _first, 32, 64);
        } else if (opcode == Opcodes.I32X4_TRUNC_SAT_F32X4_S) {
            result_ = _each(BINARY32, FloatConversion.saturateI32, _first, 32, 32);
        } else if (opcode == Opcodes.I32X4_TRUNC_SAT_F32X4_U) {
            result_ = _each(BINARY32, FloatConversion.saturateU32, _first, 32, 32);
        } else if (opcode == Opcodes.F32X4_CONVERT_I32X4_S) {
            result_ = _each(BINARY32, FloatConversion.fromI32, _first, 32, 32);
        } else if (opcode == Opcodes.F32X4_CONVERT_I32X4_U) {
            result_ = _each(BINARY32, FloatConversion.fromU32, _first, 32, 32);
        } else if (opcode == Opcodes.I32X4_TRUNC_SAT_F64X2_S_ZERO) {
            result_ = _each(BINARY64, FloatConversion.saturateI32, _first, 64, 32);
        } else if (opcode == Opcodes.I32X4_TRUNC_SAT_F64X2_U_ZERO) {
            result_ = _each(BINARY64, FloatConversion.saturateU32, _first, 64, 32);
        } else if (opcode == Opcodes.F64X2_CONVERT_LOW_I32X4_S) {
            result_ = _each(BINARY64, FloatConversion.fromI32, _first, 32, 64);
        } else if (opcode == Opcodes.F64X2_CONVERT_LOW_I32X4_U) {
            result_ = _each(BINARY64, FloatConversion.fromU32, _first, 32, 64);
        } else {
            ok_ = false;
        }
    }

    /// @dev The operation on each lane of `_from` bits that is read; its result is a lane of `_to` bits. The wider ones fill
    /// a vector.
    function _each(
        Format _format,
        function(Format, uint256) pure returns (uint256) _operation,
        uint128 _a,
        uint256 _from,
        uint256 _to
    ) private pure returns (uint128 result_) {
        uint256 ones = (1 << _from) - 1;
        uint256 count = 128 / (_from > _to ? _from : _to);
        for (uint256 lane = 0; lane < count; ++lane) {
            uint256 bits = _operation(_format, (_a >> (lane * _from)) & ones);
            result_ |= uint128(bits << (lane * _to));
        }
    }
}
