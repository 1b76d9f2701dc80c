// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {BlobRoot, StateHash} from "./Hashes.sol";

/// @title Ends of a run
/// @notice Stepping one changes nothing. A failed state has no fields: traps, exhausted fuel, exhausted stack and malformed
/// code are one hash.
/// @custom:mirrors wasm-prover/src/state/terminal.rs
library Terminal {
    /// @dev Encoded size of a finished state in bytes.
    uint256 internal constant FINISHED_SIZE = 52;

    /// @dev Tag of the hash of a finished state.
    bytes19 internal constant FINISHED_TAG = "enshrine/finished/1";

    /// @dev Tag of the hash of a failed state, which has nothing else.
    bytes17 internal constant FAILED_TAG = "enshrine/failed/1";

    /// @dev Hash of the failed state.
    function failed() internal pure returns (StateHash hash_) {
        return StateHash.wrap(keccak256(abi.encodePacked(FAILED_TAG)));
    }

    /// @dev Hash of a finished state.
    /// @param _status 0, or the guest's reason to decline.
    /// @param _outputRoot What `output` last set, zero if it was never called.
    /// @param _loadFuelLeft Fuel that `load` left of its own.
    /// @param _fuelLeft Fuel that `infer` left of the caller's; all of it if `load` declined.
    function finished(uint32 _status, BlobRoot _outputRoot, uint64 _loadFuelLeft, uint64 _fuelLeft)
        internal
        pure
        returns (StateHash hash_)
    {
        return StateHash.wrap(
            keccak256(
                abi.encodePacked(FINISHED_TAG, _status, _outputRoot, _loadFuelLeft, _fuelLeft)
            )
        );
    }

    /// @dev Hash of a finished state.
    /// @param _fields Its `FINISHED_SIZE` bytes behind the tag.
    function finishedEncoded(bytes calldata _fields) internal pure returns (StateHash hash_) {
        return StateHash.wrap(keccak256(bytes.concat(FINISHED_TAG, _fields)));
    }
}
