// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {MerkleFold} from "../../src/lib/MerkleFold.sol";
import {Table} from "../../src/lib/Table.sol";
import {NodeHash} from "../../src/state/Hashes.sol";
import {MerklePath, MerklePathLib} from "../../src/state/MerklePath.sol";
import {ZeroTrees} from "../../src/state/ZeroTrees.sol";
import {vm} from "../Vm.sol";

/// @notice Proofs that folding a path is hashing up a tree, and that a path has one encoding: for all nodes and siblings, and
/// every shape of a path of few siblings.
/// @dev Shapes are counted through, since an index says where in memory a node goes. SHA-256 is any function here.
contract MerkleFormal {
    /// @dev Siblings of the longest path.
    uint256 internal constant COUNT = 3;

    /// @dev Level of the nodes; the trees of zeros beside them are not the lowest of the table.
    uint256 internal constant LEVEL = 7;

    function check_fold_isPlain(NodeHash _node, bytes32[COUNT] calldata _given) public view {
        for (uint256 count = 0; count <= COUNT; ++count) {
            for (uint256 shape = 0; shape < 4 ** count; ++shape) {
                _checkFold(_node, _given, count, shape);
            }
        }
    }

    /// @dev One shape: bitmap above, index below.
    function _checkFold(
        NodeHash _node,
        bytes32[COUNT] calldata _given,
        uint256 _count,
        uint256 _shape
    ) internal view {
        bytes memory zeros = ZeroTrees.load();
        (NodeHash root, bool redundant) =
            _fold(zeros, _given, _shape >> _count, _count, _shape % 2 ** _count, _node);
        assert(redundant == !_isCanonical(zeros, _given, _shape >> _count, _count));
        assert(!(root != _plain(zeros, _given, _count, _shape, _node)));
    }

    function _plain(
        bytes memory _zeros,
        bytes32[COUNT] calldata _given,
        uint256 _count,
        uint256 _shape,
        NodeHash _node
    ) internal pure returns (NodeHash root_) {
        bytes32[COUNT] memory siblings = _expand(_zeros, _given, _shape >> _count, _count);
        return _root(siblings, 0, _count, _shape % 2 ** _count, _node);
    }

    function check_given_countsClearBits(uint256 _count) public pure {
        vm.assume(_count <= COUNT);
        for (uint256 bitmap = 0; bitmap < 2 ** COUNT; ++bitmap) {
            if (bitmap >> _count != 0) continue;
            uint256 set = (bitmap & 1) + ((bitmap >> 1) & 1) + (bitmap >> 2);
            assert(MerklePathLib.given(bitmap, _count) == _count - set);
        }
    }

    function check_given_bitsBeyondPathRevert(uint32 _bitmap) public view {
        vm.assume(_bitmap >= 2 ** COUNT);
        try this.given(_bitmap, COUNT) {
            assert(false);
        } catch {}
    }

    /// @dev The canonical encoding of any siblings is accepted and leads to their root.
    function check_path_roundTrip(NodeHash _node, bytes32[COUNT] calldata _siblings) public view {
        bytes memory zeros = ZeroTrees.load();
        bytes memory proof;
        uint256 bitmap = 0;
        for (uint256 height = 0; height < COUNT; ++height) {
            if (_siblings[height] == _zero(zeros, height)) bitmap |= 1 << height;
            else proof = bytes.concat(proof, _siblings[height]);
        }
        for (uint256 index = 0; index < 2 ** COUNT; ++index) {
            try this.rootOf(proof, bitmap, index, _node) returns (NodeHash root) {
                assert(!(root != _root(_siblings, 0, COUNT, index, _node)));
            } catch {
                assert(false);
            }
        }
    }

    /// @dev Two encodings that are accepted are not of the same siblings. One sibling fewer, since each may be any of two.
    function check_path_encodingIsUnique(
        bytes32[COUNT] calldata _given,
        bytes32[COUNT] calldata _other
    ) public pure {
        bytes memory zeros = ZeroTrees.load();
        uint256 count = COUNT - 1;
        for (uint256 pair = 0; pair < 4 ** count; ++pair) {
            (uint256 bitmap, uint256 other) = (pair >> count, pair % 2 ** count);
            if (bitmap == other) continue;
            if (!_isCanonical(zeros, _given, bitmap, count)) continue;
            if (!_isCanonical(zeros, _other, other, count)) continue;
            bytes32[COUNT] memory left = _expand(zeros, _given, bitmap, count);
            bytes32[COUNT] memory right = _expand(zeros, _other, other, count);
            assert(keccak256(abi.encode(left)) != keccak256(abi.encode(right)));
        }
    }

    /// @dev For the proofs: a count of siblings, in a call that may fail.
    function given(uint256 _bitmap, uint256 _count) external pure returns (uint256 given_) {
        return MerklePathLib.given(_bitmap, _count);
    }

    /// @dev For the proofs: a path that is decoded and checked as a step does it.
    function rootOf(bytes calldata _proof, uint256 _bitmap, uint256 _index, NodeHash _node)
        external
        view
        returns (NodeHash root_)
    {
        bytes memory zeros = ZeroTrees.load();
        uint256 position;
        assembly ("memory-safe") {
            position := _proof.offset
        }
        assert(32 * MerklePathLib.given(_bitmap, COUNT) == _proof.length);
        MerklePath memory path = MerklePath(position, _bitmap, LEVEL, COUNT, _index);
        root_ = path.rootOf(zeros, _node);
        path.check(zeros, _node, root_);
    }

    function _fold(
        bytes memory _zeros,
        bytes32[COUNT] calldata _given,
        uint256 _bitmap,
        uint256 _count,
        uint256 _index,
        NodeHash _node
    ) internal view returns (NodeHash root_, bool redundant_) {
        uint256 zeros = Table.position(_zeros, LEVEL);
        return MerkleFold.fold(_position(_given), _bitmap, zeros, _count, _index, _node);
    }

    /// @dev No sibling that is given is a tree of zeros.
    function _isCanonical(
        bytes memory _zeros,
        bytes32[COUNT] calldata _given,
        uint256 _bitmap,
        uint256 _count
    ) internal pure returns (bool canonical_) {
        bytes32[COUNT] memory siblings = _expand(_zeros, _given, _bitmap, _count);
        canonical_ = true;
        for (uint256 height = 0; height < _count; ++height) {
            bool clear = (_bitmap >> height) & 1 == 0;
            if (clear && siblings[height] == _zero(_zeros, height)) canonical_ = false;
        }
    }

    /// @dev The plain twin: the root is that of the parent.
    function _root(
        bytes32[COUNT] memory _siblings,
        uint256 _height,
        uint256 _count,
        uint256 _index,
        NodeHash _node
    ) internal pure returns (NodeHash root_) {
        if (_height == _count) return _node;
        bytes32 node = NodeHash.unwrap(_node);
        bytes32 sibling = _siblings[_height];
        bytes32 parent = _index % 2 == 0
            ? sha256(bytes.concat(node, sibling))
            : sha256(bytes.concat(sibling, node));
        return _root(_siblings, _height + 1, _count, _index / 2, NodeHash.wrap(parent));
    }

    /// @dev All siblings of a path, lowest first.
    function _expand(
        bytes memory _zeros,
        bytes32[COUNT] calldata _given,
        uint256 _bitmap,
        uint256 _count
    ) internal pure returns (bytes32[COUNT] memory siblings_) {
        uint256 next = 0;
        for (uint256 height = 0; height < _count; ++height) {
            bool zero = (_bitmap >> height) & 1 == 1;
            siblings_[height] = zero ? _zero(_zeros, height) : _given[next++];
        }
    }

    function _zero(bytes memory _zeros, uint256 _height) internal pure returns (bytes32 root_) {
        return NodeHash.unwrap(ZeroTrees.root(_zeros, LEVEL + _height));
    }

    function _position(bytes32[COUNT] calldata _given) internal pure returns (uint256 position_) {
        assembly ("memory-safe") {
            position_ := _given
        }
    }
}
