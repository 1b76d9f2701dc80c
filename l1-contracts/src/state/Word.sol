// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @notice An instruction of the machine, a word of code:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 2 | opcode |
/// | 2 | 2 | `a`: lane |
/// | 4 | 4 | `b`: local, global, function type, place in the code, count, or stack slots |
/// | 8 | 8 | `c`: memory offset, offset in the passive data, or where a table lies |
/// | 16 | 16 | `imm`: constant, or lanes of a shuffle |
///
/// All big endian. Every 32 bytes are a word; one whose opcode no instruction has fails the run.
/// @custom:mirrors runtime/src/isa.rs
type Word is uint256;

using WordLib for Word global;

/// @title Fields of an instruction
/// @custom:mirrors runtime/src/isa.rs
library WordLib {
    /// @dev Which instruction it is.
    function opcode(Word _word) internal pure returns (uint16 opcode_) {
        return uint16(Word.unwrap(_word) >> 240);
    }

    /// @dev Lane.
    function a(Word _word) internal pure returns (uint16 a_) {
        return uint16(Word.unwrap(_word) >> 224);
    }

    /// @dev Local, global, function type, place in the code, count, or stack slots.
    function b(Word _word) internal pure returns (uint32 b_) {
        return uint32(Word.unwrap(_word) >> 192);
    }

    /// @dev Memory offset, offset in the passive data, or where a table lies.
    function c(Word _word) internal pure returns (uint64 c_) {
        return uint64(Word.unwrap(_word) >> 128);
    }

    /// @dev Constant, or lanes of a shuffle.
    function imm(Word _word) internal pure returns (uint128 imm_) {
        return uint128(Word.unwrap(_word));
    }
}
