// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Opcodes} from "../generated/Opcodes.sol";
import {I16, I8, Lane, U16, U32, U64, U8} from "../lib/Lanes.sol";
import {Word} from "../state/Word.sol";
import {ComputeFamily} from "./ComputeFamily.sol";

/// @title Lanes of vectors: shuffle, swizzle, splat, extract and replace
/// @notice No valid program has a lane that the vector does not have; one that does traps there.
/// @custom:mirrors wasm-prover/src/step/simd_lane.rs
contract SimdLane is ComputeFamily {
    /// @dev Beyond every result: the instruction traps.
    uint256 internal constant TRAP = type(uint256).max;

    /// @inheritdoc ComputeFamily
    function evaluate(Word _word, uint128 _first, uint128 _second, uint128)
        public
        pure
        override
        returns (bool ok_, uint128 result_)
    {
        uint256 result = _whole(_word, _first, _second);
        return result == TRAP ? (false, 0) : (true, uint128(result));
    }

    /// @dev Shuffle, swizzle and splat; passes other opcodes on.
    function _whole(Word _word, uint128 _a, uint128 _b) internal pure returns (uint256 result_) {
        uint256 opcode = _word.opcode();
        if (opcode == Opcodes.I8X16_SHUFFLE) return _shuffle(_word.imm(), _a, _b);
        if (opcode == Opcodes.I8X16_SWIZZLE) return _select(_b, _a);
        if (opcode == Opcodes.I8X16_SPLAT) return U8.splat(_a);
        if (opcode == Opcodes.I16X8_SPLAT) return U16.splat(_a);
        if (opcode == Opcodes.I32X4_SPLAT) return U32.splat(_a);
        if (opcode == Opcodes.I64X2_SPLAT) return U64.splat(_a);
        if (opcode == Opcodes.F32X4_SPLAT) return U32.splat(_a);
        if (opcode == Opcodes.F64X2_SPLAT) return U64.splat(_a);
        return _single(opcode, _word.a(), _a, _b);
    }

    /// @dev Extract and replace. Other opcodes trap.
    function _single(uint256 _opcode, uint256 _index, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        if (_opcode == Opcodes.I8X16_EXTRACT_LANE_S) return _extractSigned(I8, _index, _a);
        if (_opcode == Opcodes.I8X16_EXTRACT_LANE_U) return _extract(U8, _index, _a);
        if (_opcode == Opcodes.I8X16_REPLACE_LANE) return _replace(U8, _index, _a, _b);
        if (_opcode == Opcodes.I16X8_EXTRACT_LANE_S) return _extractSigned(I16, _index, _a);
        if (_opcode == Opcodes.I16X8_EXTRACT_LANE_U) return _extract(U16, _index, _a);
        if (_opcode == Opcodes.I16X8_REPLACE_LANE) return _replace(U16, _index, _a, _b);
        if (_opcode == Opcodes.I32X4_EXTRACT_LANE) return _extract(U32, _index, _a);
        if (_opcode == Opcodes.I32X4_REPLACE_LANE) return _replace(U32, _index, _a, _b);
        if (_opcode == Opcodes.I64X2_EXTRACT_LANE) return _extract(U64, _index, _a);
        if (_opcode == Opcodes.I64X2_REPLACE_LANE) return _replace(U64, _index, _a, _b);
        if (_opcode == Opcodes.F32X4_EXTRACT_LANE) return _extract(U32, _index, _a);
        if (_opcode == Opcodes.F32X4_REPLACE_LANE) return _replace(U32, _index, _a, _b);
        if (_opcode == Opcodes.F64X2_EXTRACT_LANE) return _extract(U64, _index, _a);
        if (_opcode == Opcodes.F64X2_REPLACE_LANE) return _replace(U64, _index, _a, _b);
        return TRAP;
    }

    /// @dev The bytes of both vectors that the mask tells, 16 and above being of the second one.
    function _shuffle(uint128 _mask, uint128 _a, uint128 _b)
        internal
        pure
        returns (uint256 result_)
    {
        // No byte may be 32 or above.
        if (_mask & U8.splat(0xe0) != 0) return TRAP;
        return _select(_mask, (uint256(_b) << 128) | _a);
    }

    /// @dev The bytes that the indices tell, 0 for those beyond all bytes.
    function _select(uint128 _indices, uint256 _bytes) internal pure returns (uint256 result_) {
        for (uint256 shift = 0; shift < 128; shift += 8) {
            uint256 index = uint8(_indices >> shift);
            result_ |= uint256(uint8(_bytes >> (8 * index))) << shift;
        }
    }

    /// @dev A lane, with zeros above.
    function _extract(Lane _lane, uint256 _index, uint128 _vector)
        internal
        pure
        returns (uint256 result_)
    {
        if (_index >= _lane.count()) return TRAP;
        return uint256(_lane.read(_vector, _index));
    }

    /// @dev A lane as an i32.
    function _extractSigned(Lane _lane, uint256 _index, uint128 _vector)
        internal
        pure
        returns (uint256 result_)
    {
        if (_index >= _lane.count()) return TRAP;
        return uint32(int32(_lane.read(_vector, _index)));
    }

    /// @dev The vector with another lane.
    function _replace(Lane _lane, uint256 _index, uint128 _vector, uint128 _scalar)
        internal
        pure
        returns (uint256 result_)
    {
        if (_index >= _lane.count()) return TRAP;
        uint128 kept = _vector & ~_lane.write(-1, _index);
        return kept | _lane.write(int256(uint256(_scalar)), _index);
    }
}
