// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Dissection} from "../../src/dispute/Dissection.sol";

import {DissectionHash, Rejection} from "../../src/dispute/Types.sol";
import {StateHash} from "../../src/state/Hashes.sol";

import {vm} from "../Vm.sol";
import {Move, Player, PlayerLib} from "../support/Player.sol";

/// @notice The library behind calls, so that it has calldata and its reverts can be expected.
abstract contract DissectionHarness {
    function hashMove(
        uint64 _start,
        uint64 _length,
        StateHash _from,
        StateHash[] calldata _ends,
        uint256 _degree
    ) external pure returns (DissectionHash hash_) {
        return Dissection.hash(_start, _length, _from, _ends, _degree);
    }

    function hashRejection(Rejection calldata _rejected, uint256 _degree)
        external
        pure
        returns (DissectionHash hash_)
    {
        return Dissection.hash(_rejected, _degree);
    }

    /// @dev A move with states that nobody else has.
    function moveOf(uint64 _start, uint64 _length, uint256 _degree)
        internal
        pure
        returns (Move memory move_)
    {
        Player memory player = PlayerLib.honest(address(1), keccak256(abi.encode(_start, _length)));
        return player.cut(_start, _length, _degree);
    }

    function open(Move memory _move, uint256 _index)
        internal
        pure
        returns (Rejection memory rejection_)
    {
        return Rejection(
            _move.start,
            _move.length,
            _index,
            _move.beginning(_index),
            _move.ends[_index],
            _move.path(_index)
        );
    }
}

contract DissectionPartsTest {
    function test_parts_fewSteps_succeeds() external pure {
        vm.assertEq(Dissection.parts(1, 64), 1);
        vm.assertEq(Dissection.parts(63, 64), 63);
        vm.assertEq(Dissection.parts(64, 64), 64);
        vm.assertEq(Dissection.parts(65, 64), 64);
        vm.assertEq(Dissection.parts(type(uint64).max, 64), 64);
    }
}

contract DissectionBoundaryTest {
    /// @dev Segments cover the range, none is empty, and none is longer than another by more than a step.
    function testFuzz_boundary_segments_succeeds(uint64 _start, uint64 _length, uint256 _degree)
        external
        pure
    {
        _start = uint64(_start % 2 ** 63);
        _length = uint64(1 + _length % 2 ** 63);
        uint256 parts = Dissection.parts(_length, 2 + _degree % 255);
        uint64 last = _start;
        vm.assertEq(Dissection.boundary(_start, _length, parts, 0), _start);
        for (uint256 i = 1; i <= parts; ++i) {
            uint64 next = Dissection.boundary(_start, _length, parts, i);
            vm.assertTrue(next - last >= _length / parts && next > last);
            vm.assertTrue(next - last <= (_length + parts - 1) / parts);
            last = next;
        }
        vm.assertEq(last, _start + _length);
    }
}

contract DissectionHeightTest {
    function test_height_allCounts_succeeds() external pure {
        vm.assertEq(Dissection.height(1), 0);
        for (uint256 leaves = 2; leaves <= 256; ++leaves) {
            uint256 height = Dissection.height(leaves);
            vm.assertTrue(2 ** height >= leaves && 2 ** (height - 1) < leaves);
        }
    }
}

contract DissectionHashTest is DissectionHarness {
    /// forge-config: default.fuzz.runs = 200
    function testDiff_hash_move_succeeds(uint64 _start, uint64 _length, uint256 _degree)
        external
        view
    {
        _start = uint64(_start % 2 ** 63);
        // Short ranges as often as long ones.
        _length = uint64(1 + _length % (_length % 2 == 0 ? 2 ** 63 : 300));
        _degree = 2 + _degree % 255;
        Move memory move = moveOf(_start, _length, _degree);
        DissectionHash got = this.hashMove(_start, _length, move.from, move.ends, _degree);
        vm.assertEq(DissectionHash.unwrap(got), move.hash());
    }

    /// forge-config: default.fuzz.runs = 200
    function testDiff_hash_rejection_succeeds(
        uint64 _start,
        uint64 _length,
        uint256 _degree,
        uint256 _index
    ) external view {
        _start = uint64(_start % 2 ** 63);
        _length = uint64(1 + _length % (_length % 2 == 0 ? 2 ** 63 : 300));
        _degree = 2 + _degree % 255;
        Move memory move = moveOf(_start, _length, _degree);
        Rejection memory rejected = open(move, _index % move.ends.length);
        DissectionHash got = this.hashRejection(rejected, _degree);
        vm.assertEq(DissectionHash.unwrap(got), move.hash());
    }

    /// @dev Whatever is changed in an opened segment, it is of another move or of none.
    /// forge-config: default.fuzz.runs = 200
    function testFuzz_hash_changedRejection_succeeds(uint64 _length, uint256 _seed) external view {
        Move memory move = moveOf(7, uint64(1 + _length % 2 ** 40), 64);
        Rejection memory rejected = open(move, _seed % move.ends.length);
        uint256 field = (_seed >> 8) % 6;
        bytes32 noise = keccak256(abi.encode(_seed));
        if (field == 0) rejected.start ^= uint64(1) << uint64(_seed % 64);
        if (field == 1) rejected.length ^= uint64(1) << uint64(_seed % 64);
        if (field == 2) rejected.index ^= 1 << (_seed % 7);
        if (field == 3) rejected.from = StateHash.wrap(noise);
        if (field == 4) rejected.to = StateHash.wrap(noise);
        if (field == 5 && rejected.path.length == 0) return;
        if (field == 5) rejected.path[(_seed >> 16) % rejected.path.length] = noise;
        try this.hashRejection(rejected, 64) returns (DissectionHash got) {
            vm.assertNotEq(DissectionHash.unwrap(got), move.hash());
        } catch {}
    }

    function test_hash_fewEnds_reverts() external {
        Move memory move = moveOf(0, 63, 64);
        vm.expectRevert(abi.encodeWithSelector(Dissection.Dissection_Parts.selector, 64, 63));
        this.hashMove(0, 64, move.from, move.ends, 64);
    }

    function test_hash_manyEnds_reverts() external {
        Move memory move = moveOf(0, 64, 64);
        vm.expectRevert(abi.encodeWithSelector(Dissection.Dissection_Parts.selector, 63, 64));
        this.hashMove(0, 63, move.from, move.ends, 64);
    }

    function test_hash_noEnds_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(Dissection.Dissection_Parts.selector, 64, 0));
        this.hashMove(0, 100, StateHash.wrap(0), new StateHash[](0), 64);
    }

    /// @dev The leaves behind the last segment are zero, and no segment.
    function test_hash_indexBehindTheLast_reverts() external {
        Move memory move = moveOf(0, 5, 64);
        Rejection memory rejected = open(move, 4);
        rejected.index = 5;
        vm.expectRevert(abi.encodeWithSelector(Dissection.Dissection_Index.selector, 5, 5));
        this.hashRejection(rejected, 64);
    }

    function test_hash_emptyRange_reverts() external {
        Rejection memory rejected = open(moveOf(0, 1, 64), 0);
        rejected.length = 0;
        vm.expectRevert(abi.encodeWithSelector(Dissection.Dissection_Index.selector, 0, 0));
        this.hashRejection(rejected, 64);
    }

    function test_hash_longPath_reverts() external {
        Rejection memory rejected = open(moveOf(0, 1, 64), 0);
        rejected.path = new bytes32[](1);
        vm.expectRevert(abi.encodeWithSelector(Dissection.Dissection_Path.selector, 0, 1));
        this.hashRejection(rejected, 64);
    }

    /// @dev An inner node of the tree is the hash of two words, as a leaf is.
    function test_hash_shortPath_reverts() external {
        Move memory move = moveOf(0, 4, 64);
        bytes32[] memory path = new bytes32[](1);
        path[0] = move.node(1, 1);
        StateHash left = StateHash.wrap(move.node(0, 0));
        StateHash right = StateHash.wrap(move.node(0, 1));
        Rejection memory rejected = Rejection(0, 4, 0, left, right, path);
        vm.expectRevert(abi.encodeWithSelector(Dissection.Dissection_Path.selector, 2, 1));
        this.hashRejection(rejected, 64);
    }
}
