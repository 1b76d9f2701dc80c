// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Calldata} from "../lib/Calldata.sol";
import {Sha256} from "../lib/Sha256.sol";
import {ZeroTrees} from "./ZeroTrees.sol";

import {BlobRoot, NodeHash} from "./Hashes.sol";

/// @title Roots of byte strings
/// @notice SSZ `hash_tree_root` of a `List[byte, 2^32]`.
/// @custom:mirrors primitives/src/blob.rs
library Blob {
    /// @dev Levels of the tree over chunks of 32 bytes.
    uint256 internal constant DEPTH = 27;

    /// @dev Bytes of a chunk.
    uint256 internal constant CHUNK = 32;

    /// @dev The root of some bytes. Gas grows with them: about 300 a chunk.
    function root(bytes calldata _data) internal view returns (BlobRoot root_) {
        bytes memory zeros = ZeroTrees.load();
        uint256 count = (_data.length + CHUNK - 1) / CHUNK;
        NodeHash[] memory nodes = new NodeHash[](count);
        for (uint256 index = 0; index < count; ++index) {
            nodes[index] = _chunk(_data, index);
        }
        for (uint256 level = 0; level < DEPTH; ++level) {
            count = _halve(nodes, count, ZeroTrees.root(zeros, level));
        }
        // Without a chunk there is no node either.
        NodeHash tree = count == 0 ? ZeroTrees.root(zeros, DEPTH) : nodes[0];
        return rootOf(tree, _data.length);
    }

    /// @dev The root of a blob by the root of its chunks and its length in bytes.
    function rootOf(NodeHash _tree, uint256 _length) internal view returns (BlobRoot root_) {
        return BlobRoot.wrap(
            NodeHash.unwrap(Sha256.hashPair(_tree, NodeHash.wrap(_littleEndian(_length))))
        );
    }

    /// @dev Puts the parents of the first `_count` nodes in their place.
    /// @param _zero What stands beside the last of an odd number.
    /// @return parents_ How many.
    function _halve(NodeHash[] memory _nodes, uint256 _count, NodeHash _zero)
        private
        view
        returns (uint256 parents_)
    {
        parents_ = (_count + 1) / 2;
        for (uint256 index = 0; index < parents_; ++index) {
            NodeHash right = 2 * index + 1 < _count ? _nodes[2 * index + 1] : _zero;
            _nodes[index] = Sha256.hashPair(_nodes[2 * index], right);
        }
    }

    /// @dev A chunk, with zeros behind the end of the data.
    function _chunk(bytes calldata _data, uint256 _index) private pure returns (NodeHash chunk_) {
        uint256 start = CHUNK * _index;
        if (_data.length - start >= CHUNK) {
            return NodeHash.wrap(Calldata.word(Calldata.start(_data) + start));
        }
        return NodeHash.wrap(bytes32(_data[start:]));
    }

    /// @dev A number of 64 bits as a chunk.
    function _littleEndian(uint256 _number) private pure returns (bytes32 chunk_) {
        uint256 word;
        for (uint256 index = 0; index < 8; ++index) {
            word |= (_number >> (8 * index) & 0xff) << (248 - 8 * index);
        }
        return bytes32(word);
    }
}
