// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title Calldata by position
/// @notice Bounds are the caller's to check: behind the end there are zeros.
library Calldata {
    /// @dev Where a byte string begins.
    function start(bytes calldata _bytes) internal pure returns (uint256 position_) {
        assembly ("memory-safe") {
            position_ := _bytes.offset
        }
    }

    /// @dev The `_size` bytes from a position on, at most 32, as a big-endian number.
    function number(uint256 _position, uint256 _size) internal pure returns (uint256 number_) {
        assembly ("memory-safe") {
            // They are at the top of the word that begins with them.
            number_ := shr(sub(256, shl(3, _size)), calldataload(_position))
        }
    }

    /// @dev The 32 bytes from a position on.
    function word(uint256 _position) internal pure returns (bytes32 word_) {
        assembly ("memory-safe") {
            word_ := calldataload(_position)
        }
    }
}
