// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Calldata} from "../src/lib/Calldata.sol";
import {MerkleFold} from "../src/lib/MerkleFold.sol";
import {Sha256} from "../src/lib/Sha256.sol";
import {Table} from "../src/lib/Table.sol";
import {MerklePath, MerklePathLib} from "../src/state/MerklePath.sol";
import {ZeroTrees} from "../src/state/ZeroTrees.sol";

import {NodeHash} from "../src/state/Hashes.sol";

import {vm} from "./Vm.sol";

/// @notice The loop in assembly beside a plain twin, on siblings that a caller gives.
contract MerkleFoldTest {
    function testFuzz_hashPair_anyChildren_succeeds(bytes32 _left, bytes32 _right) external view {
        NodeHash got = Sha256.hashPair(NodeHash.wrap(_left), NodeHash.wrap(_right));
        vm.assertEq(NodeHash.unwrap(got), sha256(bytes.concat(_left, _right)));
    }

    function testFuzz_fold_anyPath_succeeds(
        uint32 _bitmap,
        uint32 _index,
        uint256 _seed,
        uint8 _level
    ) external view {
        assertFolds(uint256(_bitmap) % (1 << (27 - _level % 28)), _index, _seed, _level % 28);
    }

    function assertFolds(uint256 _bitmap, uint256 _index, uint256 _seed, uint256 _level)
        internal
        view
    {
        bytes memory siblings = siblingsOf(_seed, 27 - _level);
        bytes32 node = keccak256(abi.encode(_seed));
        (bytes32 got, bool redundant) =
            this.fold(siblings, _bitmap, _level, 27 - _level, _index, node);
        vm.assertFalse(redundant);
        vm.assertEq(got, plain(siblings, _bitmap, _level, _index, node));
    }

    /// @dev The plain twin.
    function plain(
        bytes memory _siblings,
        uint256 _bitmap,
        uint256 _level,
        uint256 _index,
        bytes32 _node
    ) internal pure returns (bytes32 root_) {
        root_ = _node;
        uint256 used;
        for (uint256 level = _level; level < 27; ++level) {
            bytes32 sibling = NodeHash.unwrap(ZeroTrees.root(ZeroTrees.load(), level));
            if (_bitmap & 1 == 0) sibling = slice(_siblings, 32 * used++);
            root_ = _index & 1 == 0
                ? sha256(bytes.concat(root_, sibling))
                : sha256(bytes.concat(sibling, root_));
            _bitmap >>= 1;
            _index >>= 1;
        }
    }

    function testFuzz_fold_givenZero_succeeds(uint32 _bitmap, uint256 _seed, uint8 _zero)
        external
        view
    {
        uint256 bitmap = uint256(_bitmap) % (1 << 27);
        bytes memory siblings = siblingsOf(_seed, 27);
        // The sibling at one height is a tree of zeros, and given.
        uint256 height = _zero % 27;
        bitmap &= ~(1 << height);
        uint256 place = 32;
        for (uint256 i = 0; i < height; ++i) {
            if ((bitmap >> i) & 1 == 0) place += 32;
        }
        NodeHash zero = ZeroTrees.root(ZeroTrees.load(), height);
        assembly ("memory-safe") {
            mstore(add(siblings, place), zero)
        }
        (, bool redundant) = this.fold(siblings, bitmap, 0, 27, 0, bytes32(_seed));
        vm.assertTrue(redundant);
    }

    function testFuzz_given_anyBitmap_succeeds(uint32 _bitmap) external pure {
        uint256 expected = 32;
        for (uint256 i = 0; i < 32; ++i) {
            expected -= (_bitmap >> i) & 1;
        }
        vm.assertEq(MerklePathLib.given(_bitmap, 32), expected);
    }

    function test_given_bitBeyondThePath_reverts() external {
        vm.expectRevert(
            abi.encodeWithSelector(MerklePathLib.MerklePath_Bitmap.selector, 16, 1 << 16)
        );
        this.given(1 << 16, 16);
    }

    function test_rootOf_givenZero_reverts() external {
        bytes memory siblings = siblingsOf(1, 3);
        NodeHash zero = ZeroTrees.root(ZeroTrees.load(), 8);
        assembly ("memory-safe") {
            mstore(add(siblings, 0x40), zero)
        }
        vm.expectRevert(abi.encodeWithSelector(MerklePathLib.MerklePath_Redundant.selector));
        this.rootOf(siblings, 7, 3);
    }

    function given(uint256 _bitmap, uint256 _count) external pure returns (uint256 given_) {
        return MerklePathLib.given(_bitmap, _count);
    }

    function rootOf(bytes calldata _siblings, uint256 _level, uint256 _count)
        external
        view
        returns (NodeHash root_)
    {
        MerklePath memory path = MerklePath(Calldata.start(_siblings), 0, _level, _count, 0);
        return path.rootOf(ZeroTrees.load(), NodeHash.wrap(0));
    }

    function fold(
        bytes calldata _siblings,
        uint256 _bitmap,
        uint256 _level,
        uint256 _count,
        uint256 _index,
        bytes32 _node
    ) external view returns (bytes32 root_, bool redundant_) {
        uint256 zeros = Table.position(ZeroTrees.load(), _level);
        uint256 start = Calldata.start(_siblings);
        NodeHash root;
        (root, redundant_) =
            MerkleFold.fold(start, _bitmap, zeros, _count, _index, NodeHash.wrap(_node));
        return (NodeHash.unwrap(root), redundant_);
    }

    function siblingsOf(uint256 _seed, uint256 _count)
        internal
        pure
        returns (bytes memory siblings_)
    {
        for (uint256 i = 0; i < _count; ++i) {
            siblings_ = bytes.concat(siblings_, keccak256(abi.encode(_seed, i)));
        }
    }

    function slice(bytes memory _bytes, uint256 _start) internal pure returns (bytes32 slice_) {
        assembly ("memory-safe") {
            slice_ := mload(add(add(_bytes, 0x20), _start))
        }
    }
}
