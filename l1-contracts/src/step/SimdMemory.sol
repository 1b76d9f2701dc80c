// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {State} from "../access/Replay.sol";
import {Opcodes} from "../generated/Opcodes.sol";

import {Word} from "../state/Word.sol";

import {MemoryFamily} from "./MemoryFamily.sol";
import {OneStepFamily} from "./OneStepFamily.sol";

/// @title Vector loads and stores
/// @custom:mirrors wasm-prover/src/step/simd_memory.rs
contract SimdMemory is MemoryFamily {
    /// @dev A one in each lane: a product with it repeats a lane.
    uint256 internal constant ONES_8 = type(uint128).max / 0xff;
    uint256 internal constant ONES_16 = type(uint128).max / 0xffff;
    uint256 internal constant ONES_32 = type(uint128).max / 0xffffffff;
    uint256 internal constant ONES_64 = type(uint128).max / 0xffffffffffffffff;

    /// @inheritdoc OneStepFamily
    function _step(State memory _state, Word _word) internal view override {
        uint16 opcode = _word.opcode();
        if (opcode == Opcodes.V128_LOAD) {
            _state.push(_load(_state, _word, 16));
        } else if (opcode == Opcodes.V128_LOAD32_ZERO) {
            _state.push(_load(_state, _word, 4));
        } else if (opcode == Opcodes.V128_LOAD64_ZERO) {
            _state.push(_load(_state, _word, 8));
        } else if (opcode == Opcodes.V128_STORE) {
            _store(_state, _word);
        } else {
            _stepPart(_state, opcode, _word);
        }
    }

    /// @dev Instructions that load part of a vector, or store a lane.
    function _stepPart(State memory _state, uint16 _opcode, Word _word) internal view {
        if (_opcode == Opcodes.V128_LOAD8_SPLAT) {
            _loadSplat(_state, _word, 1, ONES_8);
        } else if (_opcode == Opcodes.V128_LOAD16_SPLAT) {
            _loadSplat(_state, _word, 2, ONES_16);
        } else if (_opcode == Opcodes.V128_LOAD32_SPLAT) {
            _loadSplat(_state, _word, 4, ONES_32);
        } else if (_opcode == Opcodes.V128_LOAD64_SPLAT) {
            _loadSplat(_state, _word, 8, ONES_64);
        } else if (_opcode == Opcodes.V128_LOAD8X8_S) {
            _loadWide(_state, _word, 8, true);
        } else if (_opcode == Opcodes.V128_LOAD8X8_U) {
            _loadWide(_state, _word, 8, false);
        } else if (_opcode == Opcodes.V128_LOAD16X4_S) {
            _loadWide(_state, _word, 16, true);
        } else if (_opcode == Opcodes.V128_LOAD16X4_U) {
            _loadWide(_state, _word, 16, false);
        } else if (_opcode == Opcodes.V128_LOAD32X2_S) {
            _loadWide(_state, _word, 32, true);
        } else if (_opcode == Opcodes.V128_LOAD32X2_U) {
            _loadWide(_state, _word, 32, false);
        } else if (_opcode == Opcodes.V128_LOAD8_LANE) {
            _loadLane(_state, _word, 1);
        } else if (_opcode == Opcodes.V128_LOAD16_LANE) {
            _loadLane(_state, _word, 2);
        } else if (_opcode == Opcodes.V128_LOAD32_LANE) {
            _loadLane(_state, _word, 4);
        } else if (_opcode == Opcodes.V128_LOAD64_LANE) {
            _loadLane(_state, _word, 8);
        } else if (_opcode == Opcodes.V128_STORE8_LANE) {
            _storeLane(_state, _word, 1);
        } else if (_opcode == Opcodes.V128_STORE16_LANE) {
            _storeLane(_state, _word, 2);
        } else if (_opcode == Opcodes.V128_STORE32_LANE) {
            _storeLane(_state, _word, 4);
        } else if (_opcode == Opcodes.V128_STORE64_LANE) {
            _storeLane(_state, _word, 8);
        } else {
            _state.fail();
        }
    }

    function _load(State memory _state, Word _word, uint256 _size)
        internal
        view
        returns (uint128 bits_)
    {
        uint256 place = _popAddress(_state, _word, _size);
        return _state.load(place, _size);
    }

    function _loadSplat(State memory _state, Word _word, uint256 _size, uint256 _ones)
        internal
        view
    {
        _state.push(uint128(_load(_state, _word, _size) * _ones));
    }

    /// @dev Loads lanes of `_width` bits in 64 bits and extends each to twice its width.
    function _loadWide(State memory _state, Word _word, uint256 _width, bool _signed)
        internal
        view
    {
        uint256 bits = _load(_state, _word, 8);
        uint256 ones = (1 << _width) - 1;
        uint256 wide;
        for (uint256 shift = 0; shift < 64; shift += _width) {
            uint256 lane = (bits >> shift) & ones;
            if (_signed && lane >> (_width - 1) == 1) lane |= ones << _width;
            wide |= lane << (2 * shift);
        }
        _state.push(uint128(wide));
    }

    function _store(State memory _state, Word _word) internal view {
        uint128 bits = _state.pop();
        uint256 place = _popAddress(_state, _word, 16);
        _state.store(place, 16, bits);
    }

    /// @dev Bits below the word's lane of `_size` bytes. A lane that a vector does not have fails.
    function _laneShift(State memory _state, Word _word, uint256 _size)
        internal
        pure
        returns (uint256 shift_)
    {
        uint256 lane = _word.a();
        if (lane >= 16 / _size) _state.fail();
        return 8 * _size * lane;
    }

    function _loadLane(State memory _state, Word _word, uint256 _size) internal view {
        uint256 shift = _laneShift(_state, _word, _size);
        uint256 vector = _state.pop();
        uint256 bits = _load(_state, _word, _size);
        uint256 mask = ((1 << (8 * _size)) - 1) << shift;
        _state.push(uint128((vector & ~mask) | (bits << shift)));
    }

    function _storeLane(State memory _state, Word _word, uint256 _size) internal view {
        uint256 shift = _laneShift(_state, _word, _size);
        uint128 vector = _state.pop();
        uint256 place = _popAddress(_state, _word, _size);
        _state.store(place, _size, vector >> shift);
    }
}
