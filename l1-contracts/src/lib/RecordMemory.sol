// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Record} from "../state/Record.sol";

/// @title Bytes of a record to and from memory
/// @notice In memory each field of a record has a word of its own, the first eleven with all 32 bytes in use.
/// `test/OneStepEntry.t.sol` holds both functions against a twin that goes field by field.
library RecordMemory {
    /// @dev Fills a record from its 396 bytes in the calldata.
    function load(Record memory _record, uint256 _position) internal pure {
        assembly ("memory-safe") {
            // Eleven roots and heads as they are.
            calldatacopy(_record, _position, 352)
            // Seven numbers of 32 bits.
            let numbers := calldataload(add(_position, 352))
            let field := add(_record, 352)
            mstore(field, shr(224, numbers))
            mstore(add(field, 0x20), and(shr(192, numbers), 0xffffffff))
            mstore(add(field, 0x40), and(shr(160, numbers), 0xffffffff))
            mstore(add(field, 0x60), and(shr(128, numbers), 0xffffffff))
            mstore(add(field, 0x80), and(shr(96, numbers), 0xffffffff))
            mstore(add(field, 0xa0), and(shr(64, numbers), 0xffffffff))
            mstore(add(field, 0xc0), and(shr(32, numbers), 0xffffffff))
            // Two of 64 bits: the last 16 bytes.
            numbers := calldataload(add(_position, 364))
            mstore(add(field, 0xe0), and(shr(64, numbers), 0xffffffffffffffff))
            mstore(add(field, 0x100), and(numbers, 0xffffffffffffffff))
        }
    }

    /// @dev Keccak-256 of a tag of 18 bytes and the 396 bytes of a record.
    function hash(Record memory _record, bytes18 _tag) internal pure returns (bytes32 hash_) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, _tag)
            // Eleven roots and heads as they are.
            mcopy(add(buffer, 18), _record, 352)
            // Seven numbers of 32 bits, then two of 64, put together from the first on.
            let field := add(_record, 352)
            let numbers := shl(224, mload(field))
            numbers := or(numbers, shl(192, mload(add(field, 0x20))))
            numbers := or(numbers, shl(160, mload(add(field, 0x40))))
            numbers := or(numbers, shl(128, mload(add(field, 0x60))))
            numbers := or(numbers, shl(96, mload(add(field, 0x80))))
            numbers := or(numbers, shl(64, mload(add(field, 0xa0))))
            numbers := or(numbers, shl(32, mload(add(field, 0xc0))))
            mstore(add(buffer, 370), numbers)
            numbers := or(shl(64, mload(add(field, 0xe0))), mload(add(field, 0x100)))
            mstore(add(buffer, 398), shl(128, numbers))
            hash_ := keccak256(buffer, 414)
        }
    }
}
