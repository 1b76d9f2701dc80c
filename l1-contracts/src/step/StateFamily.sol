// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Replay, State} from "../access/Replay.sol";

import {Record} from "../state/Record.sol";
import {Word} from "../state/Word.sol";

import {IOneStepFamily, Outcome} from "./IOneStepFamily.sol";

/// @title Families that reach the state
/// @notice What the instructions of these families have in common. None of them ends a run but by failing.
/// @custom:mirrors wasm-prover/src/step.rs
abstract contract StateFamily is IOneStepFamily {
    /// @dev What a tree of memory holds. A record can name more pages; no lowered program has so many.
    uint256 internal constant MAX_MEMORY = 32 << Replay.MEMORY_DEPTH;

    /// @inheritdoc IOneStepFamily
    function step(Record calldata _record, Word _word, bytes calldata _proof, uint256 _offset)
        external
        view
        override
        returns (Outcome outcome_, uint32 status_, Record memory record_, uint256 offset_)
    {
        State memory state = Replay.open(_record, _proof, _offset);
        _step(state, _word);
        return (Outcome.Running, status_, state.record, state.offset());
    }

    /// @dev Does what the word says. An opcode that is not the family's fails.
    function _step(State memory _state, Word _word) internal view virtual;

    /// @dev Fails the run unless `_size` bytes at `_address` lie within the memory.
    function _checkRange(State memory _state, uint256 _address, uint256 _size) internal pure {
        uint256 end = _address + _size;
        uint256 size = uint256(_state.record.memoryPages) << 16;
        if (end > size || end > MAX_MEMORY) _state.fail();
    }

    /// @dev Pops an address and adds the word's offset: `_size` bytes there lie within the memory, or the run fails. The sum
    /// has more than 32 bits.
    function _popAddress(State memory _state, Word _word, uint256 _size)
        internal
        pure
        returns (uint256 address_)
    {
        address_ = uint256(_state.popI32()) + _word.c();
        _checkRange(_state, address_, _size);
    }
}
