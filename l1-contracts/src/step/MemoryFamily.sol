// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Replay, State} from "../access/Replay.sol";

import {Word} from "../state/Word.sol";

import {OneStepFamily} from "./OneStepFamily.sol";

/// @title Families that reach memory
/// @notice Addresses of their instructions.
/// @custom:mirrors wasm-prover/src/step.rs
abstract contract MemoryFamily is OneStepFamily {
    /// @dev What a tree of memory holds. A record can name more pages; no lowered program has so many.
    uint256 internal constant MAX_MEMORY = 32 << Replay.MEMORY_DEPTH;

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
