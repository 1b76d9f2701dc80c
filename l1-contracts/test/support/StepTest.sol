// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {OneStepEntry} from "../../src/OneStepEntry.sol";
import {Opcodes} from "../../src/generated/Opcodes.sol";
import {Chain} from "../../src/state/Chain.sol";
import {Terminal} from "../../src/state/Terminal.sol";

import {BlobRoot, ChainHash, NodeHash, StateHash} from "../../src/state/Hashes.sol";
import {Record} from "../../src/state/Record.sol";
import {Word} from "../../src/state/Word.sol";

import {vm} from "../Vm.sol";
import {Tree} from "./Tree.sol";
import {deployVerifier} from "./Deploy.sol";

/// @notice A state before a step, and its proof as far as it is made.
struct Draft {
    Record record;
    // Word and path.
    bytes code;
    // Values that the step pops, top first, each with the head below.
    bytes pops;
    // What the step needs behind these.
    bytes rest;
}

/// @notice Makes states in which one word is the only one, and holds the verifier against what its step should lead to.
abstract contract StepTest {
    uint32 internal constant PC = 5;
    uint64 internal constant FUEL = 1000;

    OneStepEntry internal entry;

    constructor() {
        entry = deployVerifier();
    }

    /// @dev A word with an opcode and its field `b`.
    function word(uint16 _opcode, uint32 _b) internal pure returns (uint256 word_) {
        return (uint256(_opcode) << 240) | (uint256(_b) << 192);
    }

    /// @dev A word with all fields.
    function word(uint16 _opcode, uint16 _a, uint32 _b, uint64 _c, uint128 _imm)
        internal
        pure
        returns (uint256 word_)
    {
        return word(_opcode, _b) | (uint256(_a) << 224) | (uint256(_c) << 128) | _imm;
    }

    /// @dev A state with the word at `PC`, a page of zeros as memory, and empty stacks.
    function draft(uint256 _word) internal pure returns (Draft memory draft_) {
        bytes32[] memory words = new bytes32[](8);
        words[PC] = bytes32(_word);
        Tree memory code = Tree(words, 0, 24);
        draft_.code = bytes.concat(words[PC], code.path(PC));
        Record memory record = draft_.record;
        record.codeRoot = NodeHash.wrap(code.root());
        record.tablesRoot = emptyTree(16);
        record.dataRoot = emptyTree(27);
        record.localsRoot = emptyTree(16);
        record.globalsRoot = emptyTree(16);
        record.memoryRoot = emptyTree(27);
        record.modelRoot = BlobRoot.wrap(bytes32(uint256(1)));
        record.inputRoot = BlobRoot.wrap(bytes32(uint256(2)));
        record.maxMemoryPages = 3;
        record.memoryPages = 1;
        record.pc = PC;
        record.slotsLeft = 100;
        record.fuelLeft = FUEL;
        record.fuelAside = 77;
    }

    /// @dev Pushes a value that the step will pop. The last one pushed is popped first.
    function push(Draft memory _draft, uint128 _value) internal pure {
        ChainHash below = _draft.record.stack;
        _draft.record.stack = Chain.valueLink(_value, below);
        ++_draft.record.stackHeight;
        _draft.pops = bytes.concat(abi.encodePacked(_value, below), _draft.pops);
    }

    /// @dev What the state is after the step, before the instruction does anything but pop `_count` values.
    function popped(Draft memory _draft, uint256 _count)
        internal
        pure
        returns (Record memory record_)
    {
        record_ = copy(_draft.record);
        --record_.fuelLeft;
        ++record_.pc;
        record_.stackHeight -= uint32(_count);
        if (_count == 0) return record_;
        bytes memory pops = _draft.pops;
        bytes32 below;
        uint256 last = 48 * _count;
        assembly ("memory-safe") {
            // The head below the last value popped ends there, and the length stands before.
            below := mload(add(pops, last))
        }
        record_.stack = ChainHash.wrap(below);
    }

    /// @dev Pushes a value of the state after the step.
    function pushed(Record memory _record, uint128 _value) internal pure {
        _record.stack = Chain.valueLink(_value, _record.stack);
        ++_record.stackHeight;
    }

    function copy(Record memory _record) internal pure returns (Record memory copy_) {
        return abi.decode(abi.encode(_record), (Record));
    }

    /// @dev The proof of the draft's step.
    function proof(Draft memory _draft) internal pure returns (bytes memory proof_) {
        return bytes.concat(hex"02", encode(_draft.record), _draft.code, _draft.pops, _draft.rest);
    }

    /// @dev The 396 bytes of a record, field by field.
    function encode(Record memory _record) internal pure returns (bytes memory encoded_) {
        bytes memory fields = abi.encode(_record);
        for (uint256 field = 0; field < 20; ++field) {
            uint256 size = field < 11 ? 32 : field < 18 ? 4 : 8;
            for (uint256 i = 32 - size; i < 32; ++i) {
                encoded_ = bytes.concat(encoded_, fields[32 * field + i]);
            }
        }
    }

    function hash(Record memory _record) internal pure returns (StateHash hash_) {
        return StateHash.wrap(keccak256(bytes.concat("enshrine/running/1", encode(_record))));
    }

    function assertLeadsTo(Draft memory _draft, Record memory _after) internal view {
        StateHash got = entry.proveStep(hash(_draft.record), proof(_draft));
        vm.assertEq(StateHash.unwrap(got), StateHash.unwrap(hash(_after)));
    }

    function assertFails(Draft memory _draft) internal view {
        StateHash got = entry.proveStep(hash(_draft.record), proof(_draft));
        vm.assertEq(StateHash.unwrap(got), StateHash.unwrap(Terminal.failed()));
    }

    /// @dev The step fails before it pops anything: the values are there, and the proof has none of them.
    function assertFailsAtOnce(Draft memory _draft) internal view {
        push(_draft, 1);
        push(_draft, 2);
        _draft.pops = "";
        assertFails(_draft);
    }

    function assertReverts(Draft memory _draft, bytes memory _error) internal {
        StateHash before = hash(_draft.record);
        bytes memory made = proof(_draft);
        vm.expectRevert(_error);
        entry.proveStep(before, made);
    }

    function emptyTree(uint256 _depth) internal pure returns (NodeHash root_) {
        Tree memory tree = Tree(new bytes32[](1), 0, _depth);
        return NodeHash.wrap(tree.root());
    }
}
