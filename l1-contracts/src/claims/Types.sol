// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Terminal} from "../state/Terminal.sol";

import {BlobRoot, StateHash} from "../state/Hashes.sol";

/// @notice Names a request: hash of the question, of who asks, and of a number of his.
type RequestId is bytes32;

/// @notice How a run ends.
struct Result {
    // Whether it fails: a trap, no fuel left, no stack left. Then all other fields are zero.
    bool failed;
    // 0 if it answers, or the guest's reason to decline.
    uint32 status;
    // Root of the output; zero if there is none.
    BlobRoot outputRoot;
    // Fuel that `load` left of its own.
    uint64 loadFuelLeft;
    // Fuel that `infer` left.
    uint64 fuelLeft;
}

using ResultLib for Result global;

/// @title Results as states
library ResultLib {
    /// @notice A result that fails has something else in it.
    error Result_FailedWithFields();

    /// @dev The terminal state of a run that ends so.
    function stateHash(Result memory _result) internal pure returns (StateHash hash_) {
        if (!_result.failed) {
            return Terminal.finished(
                _result.status, _result.outputRoot, _result.loadFuelLeft, _result.fuelLeft
            );
        }
        // INVARIANT: a state is said in one way, so one result is not claimed as two.
        if (
            _result.status != 0 || BlobRoot.unwrap(_result.outputRoot) != 0
                || _result.loadFuelLeft != 0 || _result.fuelLeft != 0
        ) revert Result_FailedWithFields();
        return Terminal.failed();
    }
}
