// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Opcodes} from "../src/generated/Opcodes.sol";
import {MerklePathLib} from "../src/state/MerklePath.sol";
import {WitnessLib} from "../src/access/Witness.sol";

import {NodeHash} from "../src/state/Hashes.sol";
import {Record} from "../src/state/Record.sol";

import {Draft} from "./support/StepTest.sol";
import {MemoryTest} from "./support/MemoryTest.sol";

contract MemoryFamilyTest is MemoryTest {
    uint128 internal constant VALUE = 0x0f1e2d3c4b5a69788796a5b4c3d2e1f0;

    function test_load_everyWidth_succeeds() external view {
        for (uint256 place = 24; place < 34; ++place) {
            this.assertLoads(Opcodes.I32_LOAD8_U, place, 1, number(pattern(), place, 1));
            this.assertLoads(Opcodes.I64_LOAD16_U, place, 2, number(pattern(), place, 2));
        }
        this.assertLoads(Opcodes.I64_LOAD8_U, 5, 1, number(pattern(), 5, 1));
        this.assertLoads(Opcodes.I32_LOAD16_U, 31, 2, number(pattern(), 31, 2));
        this.assertLoads(Opcodes.I32_LOAD, 30, 4, number(pattern(), 30, 4));
        this.assertLoads(Opcodes.F32_LOAD, 64, 4, number(pattern(), 64, 4));
        this.assertLoads(Opcodes.I64_LOAD32_U, 63, 4, number(pattern(), 63, 4));
        this.assertLoads(Opcodes.I64_LOAD, 57, 8, number(pattern(), 57, 8));
        this.assertLoads(Opcodes.F64_LOAD, 40, 8, number(pattern(), 40, 8));
    }

    function test_loadSigned_everyWidth_succeeds() external view {
        for (uint256 place = 28; place < 36; ++place) {
            int256 low = int8(uint8(number(pattern(), place, 1)));
            int256 middle = int16(uint16(number(pattern(), place, 2)));
            int256 high = int32(uint32(number(pattern(), place, 4)));
            this.assertLoads(Opcodes.I32_LOAD8_S, place, 1, uint32(int32(low)));
            this.assertLoads(Opcodes.I32_LOAD16_S, place, 2, uint32(int32(middle)));
            this.assertLoads(Opcodes.I64_LOAD8_S, place, 1, uint64(int64(low)));
            this.assertLoads(Opcodes.I64_LOAD16_S, place, 2, uint64(int64(middle)));
            this.assertLoads(Opcodes.I64_LOAD32_S, place, 4, uint64(int64(high)));
        }
    }

    function test_store_everyWidth_succeeds() external view {
        this.assertStores(Opcodes.I32_STORE8, 31, 1, VALUE);
        this.assertStores(Opcodes.I64_STORE8, 32, 1, VALUE);
        this.assertStores(Opcodes.I32_STORE16, 31, 2, VALUE);
        this.assertStores(Opcodes.I64_STORE16, 30, 2, VALUE);
        this.assertStores(Opcodes.I32_STORE, 29, 4, VALUE);
        this.assertStores(Opcodes.F32_STORE, 28, 4, VALUE);
        this.assertStores(Opcodes.I64_STORE32, 31, 4, VALUE);
        this.assertStores(Opcodes.I64_STORE, 90, 8, VALUE);
        this.assertStores(Opcodes.F64_STORE, 3, 8, VALUE);
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_store_anyPlace_succeeds(uint8 _place, uint128 _value) external view {
        uint256 place = 3 + uint256(_place) % 118;
        this.assertStores(Opcodes.I64_STORE, place, 8, _value);
    }

    function test_load_atTheEnd_succeeds() external view {
        Draft memory state = draft(word(Opcodes.I64_LOAD, 0, 0, 0, 0));
        push(state, 65528);
        state.rest = emptyLeaf();
        Record memory next = popped(state, 1);
        pushed(next, 0);
        assertLeadsTo(state, next);
    }

    function test_load_beyondTheEnd_succeeds() external view {
        Draft memory state = draft(word(Opcodes.I64_LOAD, 0, 0, 0, 0));
        push(state, 65529);
        assertFails(state);
        state = draft(word(Opcodes.I32_LOAD8_U, 0, 0, type(uint64).max, 0));
        push(state, type(uint32).max);
        assertFails(state);
    }

    function test_load_beyondAllAddresses_succeeds() external view {
        Draft memory state = draft(word(Opcodes.I32_LOAD8_U, 0, 0, 1 << 32, 0));
        state.record.memoryPages = type(uint32).max;
        push(state, 0);
        assertFails(state);
    }

    function test_store_beyondTheEnd_succeeds() external view {
        Draft memory state = draft(word(Opcodes.I32_STORE, 0, 0, 1, 0));
        push(state, 65532);
        push(state, 1);
        assertFails(state);
    }

    function test_load_otherLeaf_reverts() external {
        Draft memory state = draft(word(Opcodes.I32_LOAD, 0, 0, 0, 0));
        push(state, 0);
        state.rest = bytes.concat(bytes32(uint256(1)), readEmptyPath());
        state.record.memoryRoot = NodeHash.wrap(0);
        bytes memory error_ = abi.encodeWithSelector(
            MerklePathLib.MerklePath_Root.selector, bytes32(0), onlyLeafRoot(bytes32(uint256(1)))
        );
        assertReverts(state, error_);
    }

    function test_load_shortProof_reverts() external {
        Draft memory state = draft(word(Opcodes.I32_LOAD, 0, 0, 0, 0));
        push(state, 0);
        uint256 size = proof(state).length;
        assertReverts(
            state, abi.encodeWithSelector(WitnessLib.Witness_Short.selector, size + 32, size)
        );
    }

    function test_memorySize_always_succeeds() external view {
        Draft memory state = draft(word(Opcodes.MEMORY_SIZE, 0));
        Record memory next = popped(state, 0);
        pushed(next, 1);
        assertLeadsTo(state, next);
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_memoryGrow_anyPages_succeeds(uint32 _pages) external view {
        assertGrows(_pages % 4);
        assertGrows(_pages);
    }

    function assertGrows(uint32 _pages) internal view {
        Draft memory state = draft(word(Opcodes.MEMORY_GROW, 0));
        push(state, _pages);
        Record memory next = popped(state, 1);
        bool grows = _pages <= 2;
        if (grows) next.memoryPages += _pages;
        pushed(next, grows ? 1 : type(uint32).max);
        assertLeadsTo(state, next);
    }

    function emptyLeaf() internal pure returns (bytes memory witness_) {
        return bytes.concat(bytes32(0), readEmptyPath());
    }

    function readEmptyPath() internal pure returns (bytes memory path_) {
        return hex"07ffffff";
    }

    function onlyLeafRoot(bytes32 _leaf) internal pure returns (bytes32 root_) {
        bytes memory memory_ = new bytes(128);
        assembly ("memory-safe") {
            mstore(add(memory_, 0x20), _leaf)
        }
        return treeOf(memory_).root();
    }
}
