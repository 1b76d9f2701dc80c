// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title Words of a byte string in memory
library Table {
    /// @dev Where in memory a word is. The index is the caller's to check.
    function position(bytes memory _table, uint256 _index)
        internal
        pure
        returns (uint256 position_)
    {
        assembly ("memory-safe") {
            // Behind the length, 32 bytes each.
            position_ := add(add(_table, 0x20), shl(5, _index))
        }
    }

    /// @dev The word at an index. The index is the caller's to check.
    function word(bytes memory _table, uint256 _index) internal pure returns (bytes32 word_) {
        uint256 place = position(_table, _index);
        assembly ("memory-safe") {
            word_ := mload(place)
        }
    }
}
