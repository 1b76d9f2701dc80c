// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {StateHash} from "../state/Hashes.sol";
import {Word} from "../state/Word.sol";

/// @title Instructions of one family
/// @notice Takes steps whose words have an instruction of the family. A step reads nothing but its arguments, so its
/// result is theirs alone.
/// @custom:mirrors wasm-prover/src/step.rs
interface IOneStepFamily {
    /// @notice The step fails the run: a trap, a limit, or code that is none. That is a result, not an error; it is a
    /// revert because a step can fail anywhere, and nothing but this is left of it.
    /// @param offset Bytes of the proof that were used.
    error OneStep_Failed(uint256 offset);

    /// @notice Takes one step of a running state that has fuel.
    /// @dev Reverts with `OneStep_Failed` if the step fails the run, and with another error if the proof is not what the step
    /// needs. Who calls has held the record in the proof against the state's hash, and the word against the record.
    /// @param _word The word.
    /// @param _proof The whole proof.
    /// @param _offset Where the witness of the instruction begins in the proof.
    /// @return after_ Hash of the state after the step.
    /// @return offset_ Where the witness ends.
    function step(Word _word, bytes calldata _proof, uint256 _offset)
        external
        view
        returns (StateHash after_, uint256 offset_);
}
