// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {State} from "../access/Replay.sol";
import {Opcodes} from "../generated/Opcodes.sol";

import {Word} from "../state/Word.sol";

import {MemoryFamily} from "./MemoryFamily.sol";
import {OneStepFamily} from "./OneStepFamily.sol";

/// @title Scalar loads and stores, size and growth
/// @custom:mirrors wasm-prover/src/step/memory.rs
contract Memory is MemoryFamily {
    /// @inheritdoc OneStepFamily
    function _step(State memory _state, Word _word) internal view override {
        uint16 opcode = _word.opcode();
        if (opcode == Opcodes.I32_LOAD8_U || opcode == Opcodes.I64_LOAD8_U) {
            _load(_state, _word, 1);
        } else if (opcode == Opcodes.I32_LOAD16_U || opcode == Opcodes.I64_LOAD16_U) {
            _load(_state, _word, 2);
        } else if (
            opcode == Opcodes.I32_LOAD || opcode == Opcodes.F32_LOAD
                || opcode == Opcodes.I64_LOAD32_U
        ) {
            _load(_state, _word, 4);
        } else if (opcode == Opcodes.I64_LOAD || opcode == Opcodes.F64_LOAD) {
            _load(_state, _word, 8);
        } else if (opcode == Opcodes.I32_LOAD8_S) {
            _loadSigned(_state, _word, 1, 32);
        } else if (opcode == Opcodes.I32_LOAD16_S) {
            _loadSigned(_state, _word, 2, 32);
        } else if (opcode == Opcodes.I64_LOAD8_S) {
            _loadSigned(_state, _word, 1, 64);
        } else if (opcode == Opcodes.I64_LOAD16_S) {
            _loadSigned(_state, _word, 2, 64);
        } else if (opcode == Opcodes.I64_LOAD32_S) {
            _loadSigned(_state, _word, 4, 64);
        } else if (opcode == Opcodes.I32_STORE8 || opcode == Opcodes.I64_STORE8) {
            _store(_state, _word, 1);
        } else if (opcode == Opcodes.I32_STORE16 || opcode == Opcodes.I64_STORE16) {
            _store(_state, _word, 2);
        } else if (
            opcode == Opcodes.I32_STORE || opcode == Opcodes.F32_STORE
                || opcode == Opcodes.I64_STORE32
        ) {
            _store(_state, _word, 4);
        } else if (opcode == Opcodes.I64_STORE || opcode == Opcodes.F64_STORE) {
            _store(_state, _word, 8);
        } else if (opcode == Opcodes.MEMORY_SIZE) {
            _state.push(_state.record.memoryPages);
        } else if (opcode == Opcodes.MEMORY_GROW) {
            _grow(_state);
        } else {
            _state.fail();
        }
    }

    function _load(State memory _state, Word _word, uint256 _size) internal view {
        uint256 place = _popAddress(_state, _word, _size);
        _state.push(_state.load(place, _size));
    }

    /// @dev Loads `_size` bytes and extends their sign to `_width` bits.
    function _loadSigned(State memory _state, Word _word, uint256 _size, uint256 _width)
        internal
        view
    {
        uint256 place = _popAddress(_state, _word, _size);
        uint256 bits = _state.load(place, _size);
        uint256 sign = bits >> (8 * _size - 1);
        // All ones above the loaded bits, if the sign is set, up to the width.
        uint256 above = (1 << _width) - (1 << (8 * _size));
        _state.push(uint128(bits | (sign * above)));
    }

    function _store(State memory _state, Word _word, uint256 _size) internal view {
        uint128 bits = _state.pop();
        uint256 place = _popAddress(_state, _word, _size);
        _state.store(place, _size, bits);
    }

    /// @dev Whether memory grows depends on the program's maximum alone. The new pages are zero, as they were before they were
    /// there, so the root stays.
    function _grow(State memory _state) internal pure {
        uint32 old = _state.record.memoryPages;
        uint256 pages = uint256(old) + _state.popI32();
        if (pages <= _state.record.maxMemoryPages) {
            _state.record.memoryPages = uint32(pages);
            _state.push(old);
        } else {
            _state.push(type(uint32).max);
        }
    }
}
