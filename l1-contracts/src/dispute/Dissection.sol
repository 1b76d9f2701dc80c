// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Keccak} from "../lib/Keccak.sol";

import {StateHash} from "../state/Hashes.sol";
import {DissectionHash, Rejection} from "./Types.sol";

/// @title A range of steps cut into segments
/// @notice A range of `length` steps has `parts` segments; segment `i` goes from step `start + length * i / parts` to step
/// `start + length * (i + 1) / parts`, both rounded down. The segments are leaves of a Merkle tree, each the hash of the states
/// at its ends, so that one path opens both. The tree is the lowest that has room; leaves behind the last are zero.
/// @custom:mirrors wasm-prover/src/game/dissection.rs
library Dissection {
    /// @notice A range has another number of segments.
    /// @param expected Segments of the range.
    /// @param got States in the move.
    error Dissection_Parts(uint256 expected, uint256 got);

    /// @notice The range has no such segment.
    /// @param expected Segments of the range.
    /// @param got Index in the move.
    error Dissection_Index(uint256 expected, uint256 got);

    /// @notice The path has another number of siblings.
    /// @param expected Height of the tree.
    /// @param got Siblings in the move.
    error Dissection_Path(uint256 expected, uint256 got);

    /// @dev Segments of a range: `_degree`, or one for each step if there are fewer.
    function parts(uint64 _length, uint256 _degree) internal pure returns (uint256 parts_) {
        return _length < _degree ? _length : _degree;
    }

    /// @dev First step of a segment; that of the segment behind the last is the range's end.
    function boundary(uint64 _start, uint64 _length, uint256 _parts, uint256 _index)
        internal
        pure
        returns (uint64 step_)
    {
        // At most the range's end, which has 64 bits.
        return uint64(_start + uint256(_length) * _index / _parts);
    }

    /// @dev Hash of a move.
    /// @param _start First step of the range.
    /// @param _length Its steps.
    /// @param _from State at its beginning.
    /// @param _ends State at the end of each segment.
    /// @param _degree Most segments of a range.
    function hash(
        uint64 _start,
        uint64 _length,
        StateHash _from,
        StateHash[] calldata _ends,
        uint256 _degree
    ) internal pure returns (DissectionHash hash_) {
        uint256 count = parts(_length, _degree);
        // INVARIANT: each segment has an end, so each leads to a shorter range.
        if (_ends.length != count) revert Dissection_Parts(count, _ends.length);
        bytes32[] memory nodes = new bytes32[](1 << height(count));
        for (uint256 index = 0; index < count; ++index) {
            nodes[index] = _segment(_from, _ends[index]);
            _from = _ends[index];
        }
        return _hash(_start, _length, _fold(nodes));
    }

    /// @dev Hash of the move that has the rejected segment.
    /// @param _rejected The segment.
    /// @param _degree Most segments of a range.
    function hash(Rejection calldata _rejected, uint256 _degree)
        internal
        pure
        returns (DissectionHash hash_)
    {
        uint256 count = parts(_rejected.length, _degree);
        // INVARIANT: what is opened is a segment of the range, not a zero behind the last.
        if (_rejected.index >= count) revert Dissection_Index(count, _rejected.index);
        uint256 levels = height(count);
        // INVARIANT: a segment is opened at the leaves, so no inner node can stand for one.
        if (_rejected.path.length != levels) {
            revert Dissection_Path(levels, _rejected.path.length);
        }
        bytes32 node = _segment(_rejected.from, _rejected.to);
        uint256 place = _rejected.index;
        for (uint256 level = 0; level < levels; ++level) {
            bytes32 sibling = _rejected.path[level];
            node = place & 1 == 0 ? Keccak.hashPair(node, sibling) : Keccak.hashPair(sibling, node);
            place >>= 1;
        }
        return _hash(_rejected.start, _rejected.length, node);
    }

    /// @dev Levels of the lowest tree with so many leaves.
    function height(uint256 _leaves) internal pure returns (uint256 height_) {
        while (1 << height_ < _leaves) ++height_;
    }

    /// @dev Root over nodes, as many as a power of two, which it overwrites.
    function _fold(bytes32[] memory _nodes) private pure returns (bytes32 root_) {
        for (uint256 count = _nodes.length / 2; count != 0; count /= 2) {
            for (uint256 index = 0; index < count; ++index) {
                _nodes[index] = Keccak.hashPair(_nodes[2 * index], _nodes[2 * index + 1]);
            }
        }
        return _nodes[0];
    }

    function _segment(StateHash _from, StateHash _to) private pure returns (bytes32 leaf_) {
        return Keccak.hashPair(StateHash.unwrap(_from), StateHash.unwrap(_to));
    }

    function _hash(uint64 _start, uint64 _length, bytes32 _root)
        private
        pure
        returns (DissectionHash hash_)
    {
        return DissectionHash.wrap(
            keccak256(abi.encodePacked("enshrine/dissection/1", _start, _length, _root))
        );
    }
}
