// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Opcodes} from "../src/generated/Opcodes.sol";

import {NodeHash} from "../src/state/Hashes.sol";
import {Record} from "../src/state/Record.sol";

import {Draft} from "./support/StepTest.sol";
import {MemoryTest} from "./support/MemoryTest.sol";

contract SimdMemoryTest is MemoryTest {
    uint128 internal constant VALUE = 0x0f1e2d3c4b5a69788796a5b4c3d2e1f0;

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_load_anyPlace_succeeds(uint8 _place) external view {
        uint256 place = 3 + uint256(_place) % 109;
        this.assertLoads(Opcodes.V128_LOAD, place, 16, number(pattern(), place, 16));
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_store_anyPlace_succeeds(uint8 _place, uint128 _value) external view {
        uint256 place = 3 + uint256(_place) % 109;
        this.assertStores(Opcodes.V128_STORE, place, 16, _value);
    }

    function test_loadZero_everyWidth_succeeds() external view {
        this.assertLoads(Opcodes.V128_LOAD32_ZERO, 30, 4, number(pattern(), 30, 4));
        this.assertLoads(Opcodes.V128_LOAD64_ZERO, 30, 8, number(pattern(), 30, 8));
    }

    function test_loadSplat_everyWidth_succeeds() external view {
        uint16[4] memory opcodes = [
            Opcodes.V128_LOAD8_SPLAT,
            Opcodes.V128_LOAD16_SPLAT,
            Opcodes.V128_LOAD32_SPLAT,
            Opcodes.V128_LOAD64_SPLAT
        ];
        for (uint256 i = 0; i < 4; ++i) {
            uint256 size = 1 << i;
            uint256 expected;
            for (uint256 lane = 0; lane < 16 / size; ++lane) {
                expected |= number(pattern(), 31, size) << (8 * size * lane);
            }
            this.assertLoads(opcodes[i], 31, size, expected);
        }
    }

    function test_loadWide_everyWidth_succeeds() external view {
        uint16[3] memory signed =
            [Opcodes.V128_LOAD8X8_S, Opcodes.V128_LOAD16X4_S, Opcodes.V128_LOAD32X2_S];
        uint16[3] memory unsigned =
            [Opcodes.V128_LOAD8X8_U, Opcodes.V128_LOAD16X4_U, Opcodes.V128_LOAD32X2_U];
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 place = 24; place < 28; ++place) {
                this.assertLoads(signed[i], place, 8, widened(place, 1 << i, true));
                this.assertLoads(unsigned[i], place, 8, widened(place, 1 << i, false));
            }
        }
    }

    function test_loadLane_everyLane_succeeds() external view {
        for (uint16 lane = 0; lane < 17; ++lane) {
            this.assertLoadsLane(Opcodes.V128_LOAD8_LANE, lane, 1);
            this.assertLoadsLane(Opcodes.V128_LOAD16_LANE, lane, 2);
            this.assertLoadsLane(Opcodes.V128_LOAD32_LANE, lane, 4);
            this.assertLoadsLane(Opcodes.V128_LOAD64_LANE, lane, 8);
        }
    }

    function test_storeLane_everyLane_succeeds() external view {
        for (uint16 lane = 0; lane < 17; ++lane) {
            this.assertStoresLane(Opcodes.V128_STORE8_LANE, lane, 1);
            this.assertStoresLane(Opcodes.V128_STORE16_LANE, lane, 2);
            this.assertStoresLane(Opcodes.V128_STORE32_LANE, lane, 4);
            this.assertStoresLane(Opcodes.V128_STORE64_LANE, lane, 8);
        }
    }

    function test_load_beyondTheEnd_succeeds() external view {
        Draft memory state = draft(word(Opcodes.V128_LOAD, 0));
        push(state, 65521);
        assertFails(state);
    }

    /// @dev Lanes extended to twice their width, by Solidity's own signed types.
    function widened(uint256 _place, uint256 _size, bool _signed)
        internal
        pure
        returns (uint256 wide_)
    {
        for (uint256 lane = 0; lane < 8 / _size; ++lane) {
            uint256 bits = number(pattern(), _place + lane * _size, _size);
            uint256 extended = bits;
            if (_signed && _size == 1) extended = uint16(int16(int8(uint8(bits))));
            if (_signed && _size == 2) extended = uint32(int32(int16(uint16(bits))));
            if (_signed && _size == 4) extended = uint64(int64(int32(uint32(bits))));
            wide_ |= extended << (16 * _size * lane);
        }
    }

    function assertLoadsLane(uint16 _opcode, uint16 _lane, uint256 _size) external view {
        Draft memory state = draft(word(_opcode, _lane, 0, 0, 0));
        if (_lane >= 16 / _size) return assertFailsAtOnce(state);
        bytes memory memory_ = pattern();
        setMemory(state, memory_);
        push(state, 29);
        push(state, VALUE);
        state.rest = readWitness(memory_, 29, _size);
        Record memory next = popped(state, 2);
        bytes memory lanes = littleEndian(VALUE, 16);
        for (uint256 i = 0; i < _size; ++i) {
            lanes[_lane * _size + i] = memory_[29 + i];
        }
        pushed(next, uint128(number(lanes, 0, 16)));
        assertLeadsTo(state, next);
    }

    function assertStoresLane(uint16 _opcode, uint16 _lane, uint256 _size) external view {
        Draft memory state = draft(word(_opcode, _lane, 0, 0, 0));
        if (_lane >= 16 / _size) return assertFailsAtOnce(state);
        bytes memory memory_ = pattern();
        setMemory(state, memory_);
        push(state, 29);
        push(state, VALUE);
        bytes memory data = littleEndian(VALUE >> (8 * _size * _lane), _size);
        state.rest = write(memory_, 29, data);
        Record memory next = popped(state, 2);
        next.memoryRoot = NodeHash.wrap(treeOf(memory_).root());
        assertLeadsTo(state, next);
    }
}
