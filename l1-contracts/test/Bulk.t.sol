// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Opcodes} from "../src/generated/Opcodes.sol";

import {NodeHash} from "../src/state/Hashes.sol";
import {Record} from "../src/state/Record.sol";

import {Draft} from "./support/StepTest.sol";
import {MemoryTest} from "./support/MemoryTest.sol";

contract BulkTest is MemoryTest {
    function test_fill_fourBytes_succeeds() external view {
        (Draft memory state, bytes memory memory_) = fill(30, 0x1ab, 9);
        state.rest = write(memory_, 30, hex"abababab");
        assertGoesOn(state, memory_, [uint128(34), 0x1ab, 5]);
    }

    function test_fill_lastBytes_succeeds() external view {
        (Draft memory state, bytes memory memory_) = fill(30, 0xab, 3);
        state.rest = write(memory_, 30, hex"ababab");
        assertGoesOn(state, memory_, [uint128(33), 0xab, 0]);
    }

    function test_fill_nothing_succeeds() external view {
        (Draft memory state,) = fill(65536, 0xab, 0);
        assertLeadsTo(state, popped(state, 3));
    }

    function test_fill_beyondTheEnd_succeeds() external view {
        (Draft memory state,) = fill(65530, 0xab, 7);
        assertFails(state);
        (state,) = fill(65537, 0xab, 0);
        assertFails(state);
    }

    function test_copy_forwards_succeeds() external view {
        (Draft memory state, bytes memory memory_) = copyOf(13, 30, 9);
        bytes memory data = littleEndian(number(memory_, 30, 4), 4);
        state.rest = readWitness(memory_, 30, 4);
        state.rest = bytes.concat(state.rest, write(memory_, 13, data));
        assertGoesOn(state, memory_, [uint128(17), 34, 5]);
    }

    function test_copy_backwards_succeeds() external view {
        (Draft memory state, bytes memory memory_) = copyOf(58, 55, 9);
        bytes memory data = littleEndian(number(memory_, 60, 4), 4);
        state.rest = readWitness(memory_, 60, 4);
        state.rest = bytes.concat(state.rest, write(memory_, 63, data));
        assertGoesOn(state, memory_, [uint128(58), 55, 5]);
    }

    function test_copy_lastByte_succeeds() external view {
        (Draft memory state, bytes memory memory_) = copyOf(5, 5, 1);
        bytes memory data = littleEndian(number(memory_, 5, 1), 1);
        state.rest = readWitness(memory_, 5, 1);
        state.rest = bytes.concat(state.rest, write(memory_, 5, data));
        assertGoesOn(state, memory_, [uint128(6), 6, 0]);
    }

    function test_copy_nothing_succeeds() external view {
        (Draft memory state,) = copyOf(65536, 0, 0);
        assertLeadsTo(state, popped(state, 3));
    }

    function test_copy_beyondTheEnd_succeeds() external view {
        (Draft memory state,) = copyOf(0, 65530, 7);
        assertFails(state);
        (state,) = copyOf(65530, 0, 7);
        assertFails(state);
    }

    function test_init_fourBytes_succeeds() external view {
        (Draft memory state, bytes memory memory_) = init(30, 2, 6, 8);
        bytes memory data = pattern();
        state.record.dataRoot = NodeHash.wrap(treeOf(data).root());
        state.rest = readWitness(data, 62, 4);
        bytes memory moved = littleEndian(number(data, 62, 4), 4);
        state.rest = bytes.concat(state.rest, write(memory_, 30, moved));
        Record memory next = after_(state, memory_, 4);
        pushed(next, 34);
        pushed(next, 6);
        pushed(next, 2);
        pushed(next, 8);
        assertLeadsTo(state, next);
    }

    function test_init_nothing_succeeds() external view {
        (Draft memory state,) = init(30, 8, 0, 8);
        assertLeadsTo(state, popped(state, 4));
    }

    function test_init_beyondTheSegment_succeeds() external view {
        (Draft memory state,) = init(30, 3, 6, 8);
        assertFails(state);
    }

    function test_init_beyondTheMemory_succeeds() external view {
        (Draft memory state,) = init(65535, 0, 2, 8);
        assertFails(state);
    }

    function test_init_beyondAllData_succeeds() external view {
        Draft memory state = draft(word(Opcodes.MEMORY_INIT, 0, 0, type(uint64).max, 0));
        pushes(state, 0, 0, 1, 8);
        assertFails(state);
        state = draft(word(Opcodes.MEMORY_INIT, 0, 0, (1 << 32) - 1, 0));
        pushes(state, 0, 0, 1, 8);
        assertFails(state);
    }

    function fill(uint32 _target, uint32 _value, uint32 _length)
        internal
        pure
        returns (Draft memory state_, bytes memory memory_)
    {
        return three(Opcodes.MEMORY_FILL, _target, _value, _length);
    }

    function copyOf(uint32 _target, uint32 _source, uint32 _length)
        internal
        pure
        returns (Draft memory state_, bytes memory memory_)
    {
        return three(Opcodes.MEMORY_COPY, _target, _source, _length);
    }

    function three(uint16 _opcode, uint32 _first, uint32 _second, uint32 _third)
        internal
        pure
        returns (Draft memory state_, bytes memory memory_)
    {
        state_ = draft(word(_opcode, 0));
        memory_ = pattern();
        setMemory(state_, memory_);
        push(state_, _first);
        push(state_, _second);
        push(state_, _third);
    }

    /// @dev From a segment that begins at 60 in the passive data.
    function init(uint32 _target, uint32 _source, uint32 _length, uint32 _remaining)
        internal
        pure
        returns (Draft memory state_, bytes memory memory_)
    {
        state_ = draft(word(Opcodes.MEMORY_INIT, 0, 0, 60, 0));
        memory_ = pattern();
        setMemory(state_, memory_);
        pushes(state_, _target, _source, _length, _remaining);
    }

    function pushes(
        Draft memory _state,
        uint32 _target,
        uint32 _source,
        uint32 _length,
        uint32 _remaining
    ) internal pure {
        push(_state, _target);
        push(_state, _source);
        push(_state, _length);
        push(_state, _remaining);
    }

    /// @dev The state after a step that has more to do, but for what it pushes.
    function after_(Draft memory _state, bytes memory _memory, uint256 _pops)
        internal
        pure
        returns (Record memory next_)
    {
        next_ = popped(_state, _pops);
        next_.pc = PC;
        next_.memoryRoot = NodeHash.wrap(treeOf(_memory).root());
    }

    function assertGoesOn(Draft memory _state, bytes memory _memory, uint128[3] memory _operands)
        internal
        view
    {
        Record memory next = after_(_state, _memory, 3);
        for (uint256 i = 0; i < 3; ++i) {
            pushed(next, _operands[i]);
        }
        assertLeadsTo(_state, next);
    }
}
