// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Replay, State} from "../access/Replay.sol";
import {Opcodes} from "../generated/Opcodes.sol";

import {Record} from "../state/Record.sol";
import {Word} from "../state/Word.sol";

import {OneStepFamily} from "./OneStepFamily.sol";

/// @title Jumps, calls, and the ends of `load` and `infer`
/// @custom:mirrors wasm-prover/src/step/control.rs
contract Control is OneStepFamily {
    /// @inheritdoc OneStepFamily
    function _step(State memory _state, Word _word) internal view override {
        uint16 opcode = _word.opcode();
        // The costliest comes first.
        if (opcode == Opcodes.CALL_INDIRECT) {
            _callIndirect(_state, _word);
        } else if (opcode == Opcodes.JUMP) {
            _state.record.pc = _word.b();
        } else if (opcode == Opcodes.JUMP_IF_ZERO) {
            if (_state.popI32() == 0) _state.record.pc = _word.b();
        } else if (opcode == Opcodes.JUMP_IF_NONZERO) {
            if (_state.popI32() != 0) _state.record.pc = _word.b();
        } else if (opcode == Opcodes.JUMP_TABLE) {
            _jumpTable(_state, _word);
        } else if (opcode == Opcodes.CALL) {
            _call(_state, _word.b());
        } else if (opcode == Opcodes.ENTER) {
            _enter(_state, _word);
        } else if (opcode == Opcodes.RETURN) {
            _return(_state, _word);
        } else if (opcode == Opcodes.END_LOAD) {
            _endLoad(_state);
        } else if (opcode == Opcodes.END_INFER) {
            _state.finish(_state.popI32());
        } else {
            // `unreachable`.
            _state.fail();
        }
    }

    /// @dev The smaller of the operand and the last entry.
    function _jumpTable(State memory _state, Word _word) internal pure {
        uint256 count = _word.b();
        if (count == 0) _state.fail();
        uint256 entry = _state.popI32();
        uint256 target = _state.record.pc + (entry < count ? entry : count - 1);
        if (target > type(uint32).max) _state.fail();
        _state.record.pc = uint32(target);
    }

    function _call(State memory _state, uint32 _target) internal pure {
        _state.pushFrame(_state.record.pc);
        _state.record.pc = _target;
    }

    /// @dev Entries of all tables lie end to end; the word has the first of its table's, and how many these are.
    function _callIndirect(State memory _state, Word _word) internal view {
        uint256 index = _state.popI32();
        uint256 entries = uint32(_word.c());
        uint256 place = (_word.c() >> 32) + index;
        if (index >= entries || place >> Replay.TABLE_DEPTH != 0) _state.fail();
        uint256 leaf = uint256(_state.tableLeaf(place));
        // Present, type, first word: 32 bits each from the top.
        if (leaf >> 224 != 1 || uint32(leaf >> 192) != _word.b()) _state.fail();
        _call(_state, uint32(leaf >> 160));
    }

    function _enter(State memory _state, Word _word) internal pure {
        uint32 slots = _word.b();
        if (_state.record.slotsLeft < slots) _state.fail();
        unchecked {
            _state.record.slotsLeft -= slots;
        }
    }

    function _return(State memory _state, Word _word) internal pure {
        uint32 target = _state.popFrame();
        uint256 slots = uint256(_state.record.slotsLeft) + _word.b();
        if (slots > type(uint32).max) _state.fail();
        _state.record.slotsLeft = uint32(slots);
        _state.record.pc = target;
    }

    /// @dev The phases change places: `infer` runs under the caller's fuel, what `load` left is kept for the result.
    function _endLoad(State memory _state) internal pure {
        uint32 status = _state.popI32();
        Record memory record = _state.record;
        (record.fuelLeft, record.fuelAside) = (record.fuelAside, record.fuelLeft);
        if (status != 0) _state.finish(status);
    }
}
