// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ZeroTrees} from "../../src/state/ZeroTrees.sol";

import {NodeHash} from "../../src/state/Hashes.sol";

/// @notice A Merkle tree whose first leaves are given and whose other leaves are zero.
struct Tree {
    // As many as a power of two.
    bytes32[] leaves;
    // Level of the leaves: 0, or 7 for a tree of pages.
    uint256 level;
    // Levels from the bottom to the root.
    uint256 depth;
}

using TreeLib for Tree global;

/// @notice Roots and paths, computed from all leaves: a twin of the verifier's that knows the whole tree.
library TreeLib {
    function root(Tree memory _tree) internal pure returns (bytes32 root_) {
        return node(_tree, _tree.depth, 0);
    }

    /// @dev The path of a leaf as a proof holds it.
    function path(Tree memory _tree, uint256 _index) internal pure returns (bytes memory path_) {
        uint256 bitmap;
        for (uint256 level = _tree.level; level < _tree.depth; ++level) {
            bytes32 sibling = node(_tree, level, (_index >> (level - _tree.level)) ^ 1);
            if (sibling == zero(level)) bitmap |= 1 << (level - _tree.level);
            else path_ = bytes.concat(path_, sibling);
        }
        return bytes.concat(bytes4(uint32(bitmap)), path_);
    }

    /// @dev The node at a place of a level.
    function node(Tree memory _tree, uint256 _level, uint256 _index)
        internal
        pure
        returns (bytes32 node_)
    {
        uint256 first = _index << (_level - _tree.level);
        if (first >= _tree.leaves.length) return zero(_level);
        if (_level == _tree.level) return _tree.leaves[first];
        return sha256(
            bytes.concat(
                node(_tree, _level - 1, 2 * _index), node(_tree, _level - 1, 2 * _index + 1)
            )
        );
    }

    /// @dev The root of so many levels of zeros. `ZeroTrees.t.sol` holds the table against the hashes.
    function zero(uint256 _level) internal pure returns (bytes32 root_) {
        return NodeHash.unwrap(ZeroTrees.root(ZeroTrees.load(), _level));
    }
}
