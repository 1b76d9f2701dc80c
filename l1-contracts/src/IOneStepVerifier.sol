// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {StateHash} from "./state/Hashes.sol";

/// @title What a game asks about a single step
interface IOneStepVerifier {
    /// @notice Holds a proof against the state before a step. Reverts if it is none.
    /// @param _before Hash of the state before the step.
    /// @param _proof The proof.
    /// @return after_ Hash of the state after the step.
    function proveStep(StateHash _before, bytes calldata _proof)
        external
        view
        returns (StateHash after_);
}
