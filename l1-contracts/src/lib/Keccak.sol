// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title Keccak-256 of short records
library Keccak {
    /// @dev Hash of two words.
    function hashPair(bytes32 _first, bytes32 _second) internal pure returns (bytes32 hash_) {
        assembly ("memory-safe") {
            // Both lie in the scratch space.
            mstore(0x00, _first)
            mstore(0x20, _second)
            hash_ := keccak256(0x00, 0x40)
        }
    }
}
