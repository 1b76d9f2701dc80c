// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Replay} from "../src/access/Replay.sol";
import {Opcodes} from "../src/generated/Opcodes.sol";
import {Chain} from "../src/state/Chain.sol";

import {ChainHash, NodeHash} from "../src/state/Hashes.sol";
import {Record} from "../src/state/Record.sol";

import {Draft, StepTest} from "./support/StepTest.sol";
import {Tree} from "./support/Tree.sol";

contract StackTest is StepTest {
    uint128 internal constant VALUE = 0x0f1e2d3c4b5a69788796a5b4c3d2e1f0;

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_const_anyValue_succeeds(uint128 _value) external view {
        uint16[5] memory opcodes = [
            Opcodes.I32_CONST,
            Opcodes.I64_CONST,
            Opcodes.F32_CONST,
            Opcodes.F64_CONST,
            Opcodes.V128_CONST
        ];
        for (uint256 i = 0; i < 5; ++i) {
            Draft memory state = draft(word(opcodes[i], 0, 0, 0, _value));
            Record memory next = popped(state, 0);
            pushed(next, _value);
            assertLeadsTo(state, next);
        }
    }

    function test_const_highestStack_succeeds() external view {
        Draft memory state = draft(word(Opcodes.I32_CONST, 0));
        state.record.stackHeight = 1 << 18;
        assertFails(state);
        state.record.stackHeight = (1 << 18) - 1;
        Record memory next = popped(state, 0);
        pushed(next, 0);
        assertLeadsTo(state, next);
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_localGet_anyLocal_succeeds(uint8 _index) external view {
        Draft memory state = draft(word(Opcodes.LOCAL_GET, _index % 8));
        Tree memory locals = setLocals(state);
        witness(state, locals, _index % 8);
        Record memory next = popped(state, 0);
        pushed(next, uint128(uint256(locals.node(0, _index % 8))));
        assertLeadsTo(state, next);
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_localSet_anyLocal_succeeds(uint8 _index, uint128 _value) external view {
        assertSetsLocal(Opcodes.LOCAL_SET, _index % 8, _value);
        assertSetsLocal(Opcodes.LOCAL_TEE, _index % 8, _value);
    }

    function test_localTake_always_succeeds() external view {
        Draft memory state = draft(word(Opcodes.LOCAL_TAKE, 3));
        Tree memory locals = setLocals(state);
        witness(state, locals, 3);
        Record memory next = popped(state, 0);
        pushed(next, uint128(uint256(locals.leaves[3])));
        locals.leaves[3] = 0;
        next.localsRoot = NodeHash.wrap(locals.root());
        assertLeadsTo(state, next);
    }

    function test_globalGet_always_succeeds() external view {
        Draft memory state = draft(word(Opcodes.GLOBAL_GET, 3));
        Tree memory globals = setGlobals(state);
        witness(state, globals, 3);
        Record memory next = popped(state, 0);
        pushed(next, uint128(uint256(globals.leaves[3])));
        assertLeadsTo(state, next);
    }

    function test_globalSet_always_succeeds() external view {
        Draft memory state = draft(word(Opcodes.GLOBAL_SET, 3));
        Tree memory globals = setGlobals(state);
        push(state, VALUE);
        witness(state, globals, 3);
        Record memory next = popped(state, 1);
        globals.leaves[3] = bytes32(uint256(VALUE));
        next.globalsRoot = NodeHash.wrap(globals.root());
        assertLeadsTo(state, next);
    }

    function test_variables_indexBeyondTheTree_succeeds() external view {
        uint16[6] memory opcodes = [
            Opcodes.LOCAL_GET,
            Opcodes.LOCAL_SET,
            Opcodes.LOCAL_TEE,
            Opcodes.LOCAL_TAKE,
            Opcodes.GLOBAL_GET,
            Opcodes.GLOBAL_SET
        ];
        for (uint256 i = 0; i < 6; ++i) {
            assertFailsAtOnce(draft(word(opcodes[i], 1 << 16)));
        }
    }

    function test_drop_always_succeeds() external view {
        Draft memory state = draft(word(Opcodes.DROP, 0));
        push(state, 7);
        push(state, VALUE);
        dropBelow(state);
        assertLeadsTo(state, popped(state, 1));
    }

    function test_drop_emptyStack_succeeds() external view {
        assertFails(draft(word(Opcodes.DROP, 0)));
    }

    function test_drop_otherValue_reverts() external {
        Draft memory state = draft(word(Opcodes.DROP, 0));
        push(state, VALUE);
        state.pops[15] = 0xf1;
        ChainHash got = Chain.valueLink(VALUE + 1, ChainHash.wrap(0));
        bytes memory expected =
            abi.encodeWithSelector(Replay.Replay_Chain.selector, state.record.stack, got);
        assertReverts(state, expected);
    }

    function test_select_everyCondition_succeeds() external view {
        assertSelects(0, 2);
        assertSelects(1, 1);
        assertSelects(1 << 31, 1);
        assertSelects(1 << 32, 2);
    }

    function assertSelects(uint128 _condition, uint128 _expected) internal view {
        Draft memory state = draft(word(Opcodes.SELECT, 0));
        push(state, 1);
        push(state, 2);
        push(state, _condition);
        Record memory next = popped(state, 3);
        pushed(next, _expected);
        assertLeadsTo(state, next);
    }

    function assertSetsLocal(uint16 _opcode, uint32 _index, uint128 _value) internal view {
        Draft memory state = draft(word(_opcode, _index));
        Tree memory locals = setLocals(state);
        push(state, _value);
        witness(state, locals, _index);
        Record memory next = popped(state, 1);
        locals.leaves[_index] = bytes32(uint256(_value));
        next.localsRoot = NodeHash.wrap(locals.root());
        if (_opcode == Opcodes.LOCAL_TEE) pushed(next, _value);
        assertLeadsTo(state, next);
    }

    /// @dev The step pops one value of two: the proof has nothing of the lower one.
    function dropBelow(Draft memory _state) internal pure {
        bytes memory top = new bytes(48);
        for (uint256 i = 0; i < 48; ++i) {
            top[i] = _state.pops[i];
        }
        _state.pops = top;
    }

    function values() internal pure returns (Tree memory tree_) {
        bytes32[] memory leaves = new bytes32[](8);
        for (uint256 i = 0; i < 8; ++i) {
            leaves[i] = bytes32(uint256(VALUE >> (8 * i)));
        }
        return Tree(leaves, 0, 16);
    }

    function setLocals(Draft memory _state) internal pure returns (Tree memory locals_) {
        locals_ = values();
        _state.record.localsRoot = NodeHash.wrap(locals_.root());
    }

    function setGlobals(Draft memory _state) internal pure returns (Tree memory globals_) {
        globals_ = values();
        _state.record.globalsRoot = NodeHash.wrap(globals_.root());
    }

    function witness(Draft memory _state, Tree memory _tree, uint256 _index) internal pure {
        uint128 value = uint128(uint256(_tree.leaves[_index]));
        _state.rest = abi.encodePacked(value, _tree.path(_index));
    }
}
