// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Replay, State} from "../access/Replay.sol";

import {StateHash} from "../state/Hashes.sol";
import {Word} from "../state/Word.sol";

import {IOneStepFamily} from "./IOneStepFamily.sol";

/// @title What all families have in common
/// @custom:mirrors wasm-prover/src/step.rs
abstract contract OneStepFamily is IOneStepFamily {
    /// @inheritdoc IOneStepFamily
    function step(Word _word, bytes calldata _proof, uint256 _offset)
        external
        view
        override
        returns (StateHash after_, uint256 offset_)
    {
        State memory state = Replay.open(_proof, _offset);
        _step(state, _word);
        return (state.close(), state.witness.offset());
    }

    /// @dev Does what the word says. An opcode that is not the family's fails.
    function _step(State memory _state, Word _word) internal view virtual;
}
