// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {NodeHash} from "../../src/state/Hashes.sol";
import {Record} from "../../src/state/Record.sol";

import {Draft, StepTest} from "./StepTest.sol";
import {Tree} from "./Tree.sol";

/// @notice Tests of instructions that reach memory: its first 128 bytes are a byte array here, all else is zero.
abstract contract MemoryTest is StepTest {
    /// @dev Bytes that are all different, with signs set and clear.
    function pattern() internal pure returns (bytes memory bytes_) {
        bytes_ = new bytes(128);
        for (uint256 i = 0; i < 128; ++i) {
            bytes_[i] = bytes1(uint8(i * 0x53 + 0x7a));
        }
    }

    function treeOf(bytes memory _bytes) internal pure returns (Tree memory tree_) {
        bytes32[] memory leaves = new bytes32[](4);
        for (uint256 i = 0; i < 4; ++i) {
            uint256 place = 32 * (i + 1);
            bytes32 leaf;
            assembly ("memory-safe") {
                leaf := mload(add(_bytes, place))
            }
            leaves[i] = leaf;
        }
        return Tree(leaves, 0, 27);
    }

    function setMemory(Draft memory _state, bytes memory _bytes) internal pure {
        _state.record.memoryRoot = NodeHash.wrap(treeOf(_bytes).root());
    }

    /// @dev What a step needs that reads bytes of a tree: each leaf touched and its path.
    function readWitness(bytes memory _bytes, uint256 _place, uint256 _size)
        internal
        pure
        returns (bytes memory witness_)
    {
        Tree memory tree = treeOf(_bytes);
        for (uint256 leaf = _place / 32; leaf <= (_place + _size - 1) / 32; ++leaf) {
            witness_ = bytes.concat(witness_, tree.node(0, leaf), tree.path(leaf));
        }
    }

    /// @dev What a step needs that writes the bytes, which are then written: the second leaf's path leads to the root after the
    /// first was written.
    function write(bytes memory _bytes, uint256 _place, bytes memory _data)
        internal
        pure
        returns (bytes memory witness_)
    {
        uint256 done;
        for (uint256 leaf = _place / 32; leaf <= (_place + _data.length - 1) / 32; ++leaf) {
            Tree memory tree = treeOf(_bytes);
            witness_ = bytes.concat(witness_, tree.node(0, leaf), tree.path(leaf));
            for (; done < _data.length && (_place + done) / 32 == leaf; ++done) {
                _bytes[_place + done] = _data[done];
            }
        }
    }

    /// @dev Bytes as a little-endian number.
    function number(bytes memory _bytes, uint256 _place, uint256 _size)
        internal
        pure
        returns (uint256 number_)
    {
        for (uint256 i = 0; i < _size; ++i) {
            number_ |= uint256(uint8(_bytes[_place + i])) << (8 * i);
        }
    }

    /// @dev The low bytes of a number, lowest first.
    function littleEndian(uint256 _number, uint256 _size)
        internal
        pure
        returns (bytes memory bytes_)
    {
        bytes_ = new bytes(_size);
        for (uint256 i = 0; i < _size; ++i) {
            bytes_[i] = bytes1(uint8(_number >> (8 * i)));
        }
    }

    /// @dev A load from `_place`, part of which is the word's offset, pushes `_expected`.
    function assertLoads(uint16 _opcode, uint256 _place, uint256 _size, uint256 _expected)
        external
        view
    {
        Draft memory state = draft(word(_opcode, 0, 0, 3, 0));
        bytes memory memory_ = pattern();
        setMemory(state, memory_);
        push(state, (1 << 32) | uint128(_place - 3));
        state.rest = readWitness(memory_, _place, _size);
        Record memory next = popped(state, 1);
        pushed(next, uint128(_expected));
        assertLeadsTo(state, next);
    }

    /// @dev A store of a value to `_place` writes its low bytes.
    function assertStores(uint16 _opcode, uint256 _place, uint256 _size, uint128 _value)
        external
        view
    {
        Draft memory state = draft(word(_opcode, 0, 0, 3, 0));
        bytes memory memory_ = pattern();
        setMemory(state, memory_);
        push(state, (1 << 32) | uint128(_place - 3));
        push(state, _value);
        state.rest = write(memory_, _place, littleEndian(_value, _size));
        Record memory next = popped(state, 2);
        next.memoryRoot = NodeHash.wrap(treeOf(memory_).root());
        assertLeadsTo(state, next);
    }
}
