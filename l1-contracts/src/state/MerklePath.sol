// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {MerkleFold} from "../lib/MerkleFold.sol";
import {Table} from "../lib/Table.sol";

import {NodeHash} from "./Hashes.sol";

/// @notice Siblings of a node on the way to its root, in a proof:
///
/// | size | field |
/// |---|---|
/// | 4 | bit `i` (big endian): the sibling at height `i` above the node is a tree of zeros |
/// | 32 each | the other siblings, lowest first |
///
/// @custom:mirrors wasm-prover/src/state/path.rs
struct MerklePath {
    // Where the given siblings begin in the calldata.
    uint256 position;
    // Which siblings are trees of zeros.
    uint256 bitmap;
    // Level of the node above the leaves.
    uint256 level;
    // Siblings, given or not.
    uint256 count;
    // Index of the node among those of its level.
    uint256 index;
}

using MerklePathLib for MerklePath global;

/// @title Paths through Merkle trees
/// @notice The encoding is canonical: bits beyond the path are clear, and a sibling that is given is no tree of zeros.
/// @custom:mirrors wasm-prover/src/state/path.rs
library MerklePathLib {
    /// @notice Bits of the bitmap are set beyond the path's siblings.
    /// @param expected Siblings of the path.
    /// @param got The bitmap.
    error MerklePath_Bitmap(uint256 expected, uint256 got);

    /// @notice A sibling is given although it is a tree of zeros.
    error MerklePath_Redundant();

    /// @notice The path leads to another root than the state's.
    /// @param expected Root in the state.
    /// @param got Where the path leads.
    error MerklePath_Root(NodeHash expected, NodeHash got);

    /// @dev Size of a bitmap in bytes.
    uint256 internal constant BITMAP_SIZE = 4;

    /// @dev How many of `_count` siblings are given.
    function given(uint256 _bitmap, uint256 _count) internal pure returns (uint256 given_) {
        // INVARIANT: a path has one encoding.
        if (_bitmap >> _count != 0) revert MerklePath_Bitmap(_count, _bitmap);
        given_ = _count;
        unchecked {
            // Each round clears the lowest bit.
            for (uint256 bits = _bitmap; bits != 0; bits &= bits - 1) {
                --given_;
            }
        }
    }

    /// @dev Holds the node against the root in the state.
    function check(MerklePath memory _path, bytes memory _zeros, NodeHash _node, NodeHash _root)
        internal
        view
    {
        NodeHash got = rootOf(_path, _zeros, _node);
        // INVARIANT: the node belongs to the state.
        if (got != _root) revert MerklePath_Root(_root, got);
    }

    /// @dev The root above a node in the path's place.
    function rootOf(MerklePath memory _path, bytes memory _zeros, NodeHash _node)
        internal
        view
        returns (NodeHash root_)
    {
        bool redundant;
        (root_, redundant) = MerkleFold.fold(
            _path.position,
            _path.bitmap,
            Table.position(_zeros, _path.level),
            _path.count,
            _path.index,
            _node
        );
        // INVARIANT: a path has one encoding.
        if (redundant) revert MerklePath_Redundant();
    }
}
