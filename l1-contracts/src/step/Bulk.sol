// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {State} from "../access/Replay.sol";
import {Opcodes} from "../generated/Opcodes.sol";

import {Word} from "../state/Word.sol";

import {MemoryFamily} from "./MemoryFamily.sol";
import {OneStepFamily} from "./OneStepFamily.sol";

/// @title Bulk memory instructions
/// @notice Each step moves a few bytes and keeps the rest of the work on the value stack. It checks the whole of what is left
/// before it writes a byte, so the first step fails if any byte is out of bounds. The last one finds nothing left, drops the
/// operands and goes on to the next word; until then `pc` stays.
/// @custom:mirrors wasm-prover/src/step/bulk.rs
contract Bulk is MemoryFamily {
    /// @dev Bytes that a step moves at most.
    uint256 internal constant STEP_BYTES = 4;

    /// @inheritdoc OneStepFamily
    function _step(State memory _state, Word _word) internal view override {
        uint16 opcode = _word.opcode();
        if (opcode == Opcodes.MEMORY_FILL) {
            _fill(_state);
        } else if (opcode == Opcodes.MEMORY_COPY) {
            _copy(_state);
        } else if (opcode == Opcodes.MEMORY_INIT) {
            _init(_state, _word);
        } else {
            _state.fail();
        }
    }

    function _fill(State memory _state) internal view {
        uint256 length = _state.popI32();
        uint32 value = _state.popI32();
        uint256 target = _state.popI32();
        _checkRange(_state, target, length);
        uint256 size = _chunk(length);
        if (size == 0) return;
        // The byte four times.
        _state.store(target, size, uint128(uint256(uint8(value)) * 0x01010101));
        _again(_state);
        _state.push(uint32(target + size));
        _state.push(value);
        _state.push(uint128(length - size));
    }

    /// @dev Forwards if the target lies below the source, else from the end, as overlapping ranges need it.
    function _copy(State memory _state) internal view {
        uint256 length = _state.popI32();
        uint256 source = _state.popI32();
        uint256 target = _state.popI32();
        _checkRange(_state, source, length);
        _checkRange(_state, target, length);
        uint256 size = _chunk(length);
        if (size == 0) return;
        length -= size;
        // Bytes from where the chunk begins, and how far both ends move for the next.
        (uint256 skipped, uint256 advance) = target > source ? (length, uint256(0)) : (0, size);
        _move(_state, source + skipped, target + skipped, size);
        _again(_state);
        _state.push(uint32(target + advance));
        _state.push(uint32(source + advance));
        _state.push(uint128(length));
    }

    function _move(State memory _state, uint256 _source, uint256 _target, uint256 _size)
        internal
        view
    {
        uint128 bits = _state.load(_source, _size);
        _state.store(_target, _size, bits);
    }

    /// @dev Operands: target, offset in the segment, length, and the segment's remaining size from its hidden global.
    function _init(State memory _state, Word _word) internal view {
        uint32 remaining = _state.popI32();
        uint256 length = _state.popI32();
        uint256 source = _state.popI32();
        uint256 target = _state.popI32();
        _checkRange(_state, target, length);
        // Beyond the segment, or beyond all data.
        bool outside = source + length > remaining || (_word.c() + source + length) >> 32 != 0;
        if (outside) _state.fail();
        uint256 size = _chunk(length);
        if (size == 0) return;
        _state.store(target, size, _state.data(_word.c() + source, size));
        _again(_state);
        _state.push(uint32(target + size));
        _state.push(uint32(source + size));
        _state.push(uint128(length - size));
        _state.push(remaining);
    }

    function _chunk(uint256 _length) internal pure returns (uint256 size_) {
        return _length < STEP_BYTES ? _length : STEP_BYTES;
    }

    /// @dev Stays at this word. What is left of the work is pushed, lowest operand first; ends that move on wrap at 2^32, where
    /// a memory of 4 GiB ends.
    function _again(State memory _state) internal pure {
        --_state.record.pc;
    }
}
