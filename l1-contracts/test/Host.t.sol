// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Replay} from "../src/access/Replay.sol";
import {Opcodes} from "../src/generated/Opcodes.sol";

import {BlobRoot, NodeHash} from "../src/state/Hashes.sol";
import {Record} from "../src/state/Record.sol";

import {Draft} from "./support/StepTest.sol";
import {MemoryTest} from "./support/MemoryTest.sol";
import {Tree} from "./support/Tree.sol";

contract HostTest is MemoryTest {
    uint64 internal constant LENGTH = 0x0102030405060708;

    function test_blobLen_bothBlobs_succeeds() external view {
        for (uint128 blob = 0; blob < 2; ++blob) {
            Draft memory state = draft(word(Opcodes.BLOB_LEN, 0));
            Tree memory pages = setBlob(state, blob);
            push(state, (1 << 32) | blob);
            state.rest = abi.encodePacked(pages.root(), LENGTH);
            Record memory next = popped(state, 1);
            pushed(next, LENGTH);
            assertLeadsTo(state, next);
        }
    }

    function test_blobLen_noSuchBlob_succeeds() external view {
        Draft memory state = draft(word(Opcodes.BLOB_LEN, 0));
        push(state, 2);
        assertFails(state);
    }

    function test_blobLen_otherLength_reverts() external {
        Draft memory state = draft(word(Opcodes.BLOB_LEN, 0));
        Tree memory pages = setBlob(state, 0);
        push(state, 0);
        state.rest = abi.encodePacked(pages.root(), LENGTH + 1);
        bytes32 mixed = bytes32(abi.encodePacked(hex"0907060504030201", bytes24(0)));
        bytes32 got = sha256(bytes.concat(pages.root(), mixed));
        assertReverts(
            state, abi.encodeWithSelector(Replay.Replay_Blob.selector, state.record.modelRoot, got)
        );
    }

    function test_blobPage_bothBlobs_succeeds() external view {
        for (uint128 blob = 0; blob < 2; ++blob) {
            assertCopies(blob, 1, 0);
            assertCopies(blob, 2, 15);
        }
    }

    function test_blobPage_behindTheTree_succeeds() external view {
        Draft memory state = page(0, 1 << 20, 4096);
        Tree memory memory_ = setPages(state);
        state.rest = bytes.concat(memory_.leaves[1], memory_.path(1));
        Record memory next = popped(state, 3);
        memory_.leaves[1] = NodeHash.unwrap(emptyTree(7));
        next.memoryRoot = NodeHash.wrap(memory_.root());
        assertLeadsTo(state, next);
    }

    function test_blobPage_noSuchBlob_succeeds() external view {
        assertFails(page(2, 0, 0));
    }

    function test_blobPage_unaligned_succeeds() external view {
        assertFails(page(0, 0, 32));
    }

    function test_blobPage_beyondTheMemory_succeeds() external view {
        assertFails(page(0, 0, 65536));
    }

    function test_output_anyPlace_succeeds() external view {
        for (uint128 place = 30; place < 34; ++place) {
            Draft memory state = draft(word(Opcodes.OUTPUT, 0));
            bytes memory memory_ = pattern();
            setMemory(state, memory_);
            push(state, 65530);
            push(state, 6);
            push(state, place);
            state.rest = readWitness(memory_, place, 32);
            Record memory next = popped(state, 3);
            bytes32 root;
            assembly ("memory-safe") {
                root := mload(add(add(memory_, 0x20), place))
            }
            next.outputRoot = BlobRoot.wrap(root);
            assertLeadsTo(state, next);
        }
    }

    function test_output_beyondTheMemory_succeeds() external view {
        assertFails(output(65530, 7, 0));
        assertFails(output(0, 0, 65505));
    }

    function assertCopies(uint128 _blob, uint256 _page, uint256 _target) internal view {
        Draft memory state = page(_blob, uint32(_page), uint32(4096 * _target));
        Tree memory pages = setBlob(state, _blob);
        Tree memory memory_ = setPages(state);
        state.rest = bytes.concat(
            abi.encodePacked(LENGTH, pages.leaves[_page]),
            pages.path(_page),
            memory_.leaves[_target],
            memory_.path(_target)
        );
        Record memory next = popped(state, 3);
        memory_.leaves[_target] = pages.leaves[_page];
        next.memoryRoot = NodeHash.wrap(memory_.root());
        assertLeadsTo(state, next);
    }

    function page(uint128 _blob, uint32 _page, uint32 _target)
        internal
        pure
        returns (Draft memory state_)
    {
        state_ = draft(word(Opcodes.BLOB_PAGE, 0));
        push(state_, _blob);
        push(state_, _page);
        push(state_, _target);
    }

    function output(uint32 _bytes, uint32 _length, uint32 _root)
        internal
        pure
        returns (Draft memory state_)
    {
        state_ = draft(word(Opcodes.OUTPUT, 0));
        push(state_, _bytes);
        push(state_, _length);
        push(state_, _root);
    }

    /// @dev Gives the state a blob of four pages of which only the roots are known.
    function setBlob(Draft memory _state, uint128 _blob)
        internal
        pure
        returns (Tree memory pages_)
    {
        pages_ = Tree(roots(4, "blob"), 7, 27);
        // The length is mixed in little endian.
        bytes32 mixed = bytes32(abi.encodePacked(hex"0807060504030201", bytes24(0)));
        BlobRoot root = BlobRoot.wrap(sha256(bytes.concat(pages_.root(), mixed)));
        if (_blob == 0) _state.record.modelRoot = root;
        else _state.record.inputRoot = root;
    }

    function setPages(Draft memory _state) internal pure returns (Tree memory memory_) {
        memory_ = Tree(roots(16, "memory"), 7, 27);
        _state.record.memoryRoot = NodeHash.wrap(memory_.root());
    }

    function roots(uint256 _count, string memory _seed)
        internal
        pure
        returns (bytes32[] memory roots_)
    {
        roots_ = new bytes32[](_count);
        for (uint256 i = 0; i < _count; ++i) {
            roots_[i] = keccak256(abi.encode(_seed, i));
        }
    }
}
