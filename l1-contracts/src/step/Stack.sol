// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Replay, State} from "../access/Replay.sol";
import {Opcodes} from "../generated/Opcodes.sol";

import {Word} from "../state/Word.sol";

import {OneStepFamily} from "./OneStepFamily.sol";

/// @title Constants, locals, globals, `drop` and `select`
/// @custom:mirrors wasm-prover/src/step/stack.rs
contract Stack is OneStepFamily {
    /// @inheritdoc OneStepFamily
    function _step(State memory _state, Word _word) internal view override {
        uint16 opcode = _word.opcode();
        if (opcode == Opcodes.LOCAL_GET) {
            _state.push(_state.local(_index(_state, _word)));
        } else if (opcode == Opcodes.LOCAL_SET) {
            _localSet(_state, _word);
        } else if (opcode == Opcodes.LOCAL_TEE) {
            _state.push(_localSet(_state, _word));
        } else if (opcode == Opcodes.LOCAL_TAKE) {
            _state.push(_state.replaceLocal(_index(_state, _word), 0));
        } else if (opcode == Opcodes.GLOBAL_GET) {
            _state.push(_state.global_(_index(_state, _word)));
        } else if (opcode == Opcodes.GLOBAL_SET) {
            _globalSet(_state, _word);
        } else if (opcode == Opcodes.DROP) {
            _state.pop();
        } else if (opcode == Opcodes.SELECT) {
            _select(_state);
        } else if (
            opcode == Opcodes.I32_CONST || opcode == Opcodes.I64_CONST
                || opcode == Opcodes.F32_CONST || opcode == Opcodes.F64_CONST
                || opcode == Opcodes.V128_CONST
        ) {
            _state.push(_word.imm());
        } else {
            _state.fail();
        }
    }

    /// @dev Index of a local or global. The tree has no more than 2^16; a higher one fails.
    function _index(State memory _state, Word _word) internal pure returns (uint256 index_) {
        index_ = _word.b();
        if (index_ >> Replay.VALUE_DEPTH != 0) _state.fail();
    }

    function _localSet(State memory _state, Word _word) internal view returns (uint128 value_) {
        uint256 index = _index(_state, _word);
        value_ = _state.pop();
        _state.replaceLocal(index, value_);
    }

    function _globalSet(State memory _state, Word _word) internal view {
        uint256 index = _index(_state, _word);
        uint128 value = _state.pop();
        _state.setGlobal(index, value);
    }

    function _select(State memory _state) internal pure {
        uint32 condition = _state.popI32();
        uint128 second = _state.pop();
        uint128 first = _state.pop();
        _state.push(condition == 0 ? second : first);
    }
}
