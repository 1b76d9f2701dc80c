// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Record} from "../state/Record.sol";
import {Word} from "../state/Word.sol";

/// @notice How a step that did not fail ends.
/// @custom:mirrors wasm-prover/src/access.rs
enum Outcome {
    // The run goes on.
    Running,
    // The run has finished.
    Finished
}

/// @title Instructions of one family
/// @notice Takes steps whose words have an instruction of the family. A step reads nothing but its arguments, so its
/// result is theirs alone.
/// @custom:mirrors wasm-prover/src/step.rs
interface IOneStepFamily {
    /// @notice The step fails the run: a trap, a limit, or code that is none. That is a result, not an error; it is a
    /// revert because a step can fail anywhere, and nothing but this is left of it.
    /// @param offset Bytes of the proof that were used.
    error OneStep_Failed(uint256 offset);

    /// @notice Takes one step.
    /// @dev Reverts with `OneStep_Failed` if the step fails the run, and with another error if the proof is not what the step
    /// needs.
    /// @param _record The state: fuel is charged, `pc` is behind the word.
    /// @param _word The word.
    /// @param _proof The whole proof.
    /// @param _offset Where the witness of the instruction begins in the proof.
    /// @return outcome_ How the step ends.
    /// @return status_ If the run has finished, with what status, else 0.
    /// @return record_ The state after the step.
    /// @return offset_ Where the witness ends.
    function step(Record calldata _record, Word _word, bytes calldata _proof, uint256 _offset)
        external
        view
        returns (Outcome outcome_, uint32 status_, Record memory record_, uint256 offset_);
}
