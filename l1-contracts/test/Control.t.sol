// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Opcodes} from "../src/generated/Opcodes.sol";
import {Chain} from "../src/state/Chain.sol";
import {Terminal} from "../src/state/Terminal.sol";

import {ChainHash, NodeHash, StateHash} from "../src/state/Hashes.sol";
import {Record} from "../src/state/Record.sol";

import {vm} from "./Vm.sol";
import {Draft, StepTest} from "./support/StepTest.sol";
import {Tree} from "./support/Tree.sol";

contract ControlTest is StepTest {
    uint128 internal constant ABOVE = 1 << 32;

    function test_unreachable_always_succeeds() external view {
        assertFails(draft(word(Opcodes.UNREACHABLE, 0)));
    }

    function test_jump_always_succeeds() external view {
        Draft memory state = draft(word(Opcodes.JUMP, 9));
        Record memory next = popped(state, 0);
        next.pc = 9;
        assertLeadsTo(state, next);
    }

    function test_jumpIfZero_zeroBelowHighBits_succeeds() external view {
        Draft memory state = draft(word(Opcodes.JUMP_IF_ZERO, 9));
        push(state, ABOVE);
        Record memory next = popped(state, 1);
        next.pc = 9;
        assertLeadsTo(state, next);
    }

    function test_jumpIfZero_one_succeeds() external view {
        Draft memory state = draft(word(Opcodes.JUMP_IF_ZERO, 9));
        push(state, 1);
        assertLeadsTo(state, popped(state, 1));
    }

    function test_jumpIfNonzero_one_succeeds() external view {
        Draft memory state = draft(word(Opcodes.JUMP_IF_NONZERO, 9));
        push(state, 1);
        Record memory next = popped(state, 1);
        next.pc = 9;
        assertLeadsTo(state, next);
    }

    function test_jumpIfNonzero_zeroBelowHighBits_succeeds() external view {
        Draft memory state = draft(word(Opcodes.JUMP_IF_NONZERO, 9));
        push(state, ABOVE);
        assertLeadsTo(state, popped(state, 1));
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_jumpTable_anyEntry_succeeds(uint32 _entry, uint8 _count) external view {
        vm.assume(_count > 0);
        Draft memory state = draft(word(Opcodes.JUMP_TABLE, _count));
        push(state, ABOVE | _entry);
        Record memory next = popped(state, 1);
        next.pc += _entry < _count ? _entry : _count - 1;
        assertLeadsTo(state, next);
    }

    function test_jumpTable_withoutEntries_succeeds() external view {
        assertFailsAtOnce(draft(word(Opcodes.JUMP_TABLE, 0)));
    }

    function test_jumpTable_beyondAllWords_succeeds() external view {
        Draft memory state = draft(word(Opcodes.JUMP_TABLE, type(uint32).max));
        push(state, type(uint32).max - 1);
        assertFails(state);
    }

    function test_call_always_succeeds() external view {
        Draft memory state = draft(word(Opcodes.CALL, 9));
        assertLeadsTo(state, called(state, 0, 9));
    }

    function test_call_highestStack_succeeds() external view {
        Draft memory state = draft(word(Opcodes.CALL, 9));
        state.record.framesHeight = 1 << 18;
        assertFails(state);
        state.record.framesHeight = (1 << 18) - 1;
        assertLeadsTo(state, called(state, 0, 9));
    }

    function test_callIndirect_function_succeeds() external view {
        Draft memory state = indirect(3, entryLeaf(1, 4, 20));
        assertLeadsTo(state, called(state, 1, 20));
    }

    function test_callIndirect_null_succeeds() external view {
        assertFails(indirect(3, 0));
    }

    function test_callIndirect_otherType_succeeds() external view {
        assertFails(indirect(3, entryLeaf(1, 5, 20)));
    }

    function test_callIndirect_oddPresence_succeeds() external view {
        assertFails(indirect(3, entryLeaf(2, 4, 20)));
    }

    function test_callIndirect_beyondTheTable_succeeds() external view {
        Draft memory state = draft(tableWord(2, 3));
        push(state, 3);
        assertFails(state);
        state = draft(tableWord(2, 0));
        push(state, 0);
        assertFails(state);
    }

    function test_callIndirect_beyondAllEntries_succeeds() external view {
        Draft memory state = draft(tableWord(1 << 15, type(uint32).max));
        push(state, 1 << 15);
        assertFails(state);
        state = draft(tableWord(type(uint32).max, type(uint32).max));
        push(state, type(uint32).max - 1);
        assertFails(state);
    }

    function test_callIndirect_wrongLeaf_reverts() external {
        Draft memory state = indirect(1, entryLeaf(1, 4, 20));
        state.record.tablesRoot = NodeHash.wrap(0);
        StateHash before = hash(state.record);
        bytes memory made = proof(state);
        vm.expectRevert();
        entry.proveStep(before, made);
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_enter_anySlots_succeeds(uint8 _slots) external view {
        Draft memory state = draft(word(Opcodes.ENTER, _slots));
        if (_slots > state.record.slotsLeft) return assertFails(state);
        Record memory next = popped(state, 0);
        next.slotsLeft -= _slots;
        assertLeadsTo(state, next);
    }

    function test_return_fromACall_succeeds() external view {
        Draft memory state = inner(word(Opcodes.RETURN, 7));
        Record memory next = popped(state, 0);
        next.pc = 33;
        next.returnPc = 44;
        next.localsRoot = NodeHash.wrap(bytes32(uint256(55)));
        next.frames = ChainHash.wrap(bytes32(uint256(66)));
        next.framesHeight = 0;
        next.slotsLeft += 7;
        assertLeadsTo(state, next);
    }

    function test_return_fromTheOutermostFrame_succeeds() external view {
        assertFails(draft(word(Opcodes.RETURN, 0)));
    }

    function test_return_tooManySlots_succeeds() external view {
        assertFails(inner(word(Opcodes.RETURN, type(uint32).max)));
    }

    function test_return_otherFrame_reverts() external {
        Draft memory state = inner(word(Opcodes.RETURN, 0));
        state.rest[0] = 0x01;
        StateHash before = hash(state.record);
        bytes memory made = proof(state);
        vm.expectRevert();
        entry.proveStep(before, made);
    }

    function test_endLoad_zero_succeeds() external view {
        Draft memory state = draft(word(Opcodes.END_LOAD, 0));
        push(state, 0);
        Record memory next = popped(state, 1);
        next.fuelLeft = 77;
        next.fuelAside = FUEL - 1;
        assertLeadsTo(state, next);
    }

    function test_endLoad_status_succeeds() external view {
        Draft memory state = draft(word(Opcodes.END_LOAD, 0));
        push(state, 3);
        assertFinishes(state, 3, FUEL - 1, 77);
    }

    function test_endInfer_status_succeeds() external view {
        Draft memory state = draft(word(Opcodes.END_INFER, 0));
        push(state, ABOVE | 3);
        assertFinishes(state, 3, 77, FUEL - 1);
    }

    function test_control_emptyStack_succeeds() external view {
        assertFails(draft(word(Opcodes.END_INFER, 0)));
        assertFails(draft(word(Opcodes.JUMP_IF_ZERO, 0)));
    }

    function assertFinishes(Draft memory _state, uint32 _status, uint64 _load, uint64 _infer)
        internal
        view
    {
        StateHash got = entry.proveStep(hash(_state.record), proof(_state));
        StateHash expected = Terminal.finished(_status, _state.record.outputRoot, _load, _infer);
        vm.assertEq(StateHash.unwrap(got), StateHash.unwrap(expected));
    }

    function called(Draft memory _state, uint256 _pops, uint32 _target)
        internal
        pure
        returns (Record memory next_)
    {
        next_ = popped(_state, _pops);
        next_.frames = Chain.frameLink(next_.returnPc, next_.localsRoot, next_.frames);
        ++next_.framesHeight;
        next_.returnPc = next_.pc;
        next_.localsRoot = emptyTree(16);
        next_.pc = _target;
    }

    function entryLeaf(uint32 _present, uint32 _type, uint32 _target)
        internal
        pure
        returns (bytes32 leaf_)
    {
        return bytes32(abi.encodePacked(_present, _type, _target, bytes20(0)));
    }

    /// @dev A `call_indirect` of type 4 through a table of `_entries` entries from `_first` on.
    function tableWord(uint32 _first, uint32 _entries) internal pure returns (uint256 word_) {
        return word(Opcodes.CALL_INDIRECT, 0, 4, (uint64(_first) << 32) | _entries, 0);
    }

    /// @dev One through an entry of a table of 5 entries behind one of 3, at which `_leaf` is.
    function indirect(uint32 _index, bytes32 _leaf) internal pure returns (Draft memory state_) {
        state_ = draft(tableWord(3, 5));
        push(state_, ABOVE | _index);
        bytes32[] memory entries = new bytes32[](8);
        entries[1] = entryLeaf(1, 4, 99);
        entries[3 + _index] = _leaf;
        Tree memory tables = Tree(entries, 0, 16);
        state_.record.tablesRoot = NodeHash.wrap(tables.root());
        state_.rest = bytes.concat(_leaf, tables.path(3 + _index));
    }

    /// @dev A state inside a call that returns to 33, into a frame that returns to 44.
    function inner(uint256 _word) internal pure returns (Draft memory state_) {
        state_ = draft(_word);
        Record memory record = state_.record;
        NodeHash locals = NodeHash.wrap(bytes32(uint256(55)));
        ChainHash below = ChainHash.wrap(bytes32(uint256(66)));
        record.frames = Chain.frameLink(44, locals, below);
        record.framesHeight = 1;
        record.returnPc = 33;
        state_.rest = abi.encodePacked(uint32(44), locals, below);
    }
}
