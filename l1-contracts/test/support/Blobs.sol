// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {BlobRoot} from "../../src/state/Hashes.sol";

import {Tree} from "./Tree.sol";

/// @notice Bytes cut into words, with zeros behind the end.
function chunks(bytes memory _data) pure returns (bytes32[] memory chunks_) {
    chunks_ = new bytes32[]((_data.length + 31) / 32);
    for (uint256 i = 0; i < _data.length; ++i) {
        chunks_[i / 32] |= bytes32(_data[i]) >> (8 * (i % 32));
    }
}

/// @notice Root of some bytes, from the whole tree.
function blobRoot(bytes memory _data) pure returns (BlobRoot root_) {
    bytes32 number = bytes32(uint256(uint8(_data.length))) << 248;
    number |= bytes32(uint256(uint8(_data.length >> 8))) << 240;
    number |= bytes32(uint256(uint8(_data.length >> 16))) << 232;
    return BlobRoot.wrap(sha256(bytes.concat(Tree(chunks(_data), 0, 27).root(), number)));
}
