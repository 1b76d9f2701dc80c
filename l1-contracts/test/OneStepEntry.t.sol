// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {OneStepEntry} from "../src/OneStepEntry.sol";
import {WitnessLib} from "../src/access/Witness.sol";
import {Opcodes} from "../src/generated/Opcodes.sol";
import {Calldata} from "../src/lib/Calldata.sol";
import {MerklePathLib} from "../src/state/MerklePath.sol";
import {Terminal} from "../src/state/Terminal.sol";

import {Family} from "../src/generated/Opcodes.sol";
import {BlobRoot, StateHash} from "../src/state/Hashes.sol";
import {Record, RecordLib} from "../src/state/Record.sol";

import {IOneStepFamily} from "../src/step/IOneStepFamily.sol";

import {vm} from "./Vm.sol";
import {Draft, StepTest} from "./support/StepTest.sol";

contract OneStepEntryTest is StepTest {
    bytes32 internal constant FAILED =
        0x507c9d11ddf3023561daff15ec1e5d87ae15a612d664c9da2b1a23d3abe6d3df;

    function test_proveStep_failedState_succeeds() external view {
        StateHash failed = StateHash.wrap(FAILED);
        vm.assertEq(StateHash.unwrap(entry.proveStep(failed, hex"00")), FAILED);
    }

    function test_proveStep_finishedState_succeeds() external view {
        (StateHash finished, bytes memory made) = finishedState();
        StateHash got = entry.proveStep(finished, made);
        vm.assertEq(StateHash.unwrap(got), StateHash.unwrap(finished));
    }

    function test_proveStep_noFuel_succeeds() external view {
        Draft memory state = draft(word(Opcodes.JUMP, 0));
        state.record.fuelLeft = 0;
        // The step fails before it looks at the word.
        state.code = "";
        assertFails(state);
    }

    function test_proveStep_pcBeyondTheCode_succeeds() external view {
        Draft memory state = draft(word(Opcodes.JUMP, 0));
        state.record.pc = 1 << 24;
        state.code = "";
        assertFails(state);
    }

    function test_proveStep_unknownOpcode_succeeds() external view {
        assertFails(draft(word(0x0001, 0)));
        assertFails(draft(word(0x0101, 0)));
        assertFails(draft(word(0xfe00, 0)));
        assertFails(draft(word(0xe0ff, 0)));
        assertFails(draft(word(0xfc09, 0)));
    }

    function test_proveStep_noWord_succeeds() external view {
        assertFails(draft(0));
    }

    function test_proveStep_emptyProof_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(OneStepEntry.OneStepEntry_Kind.selector, 256));
        entry.proveStep(StateHash.wrap(FAILED), "");
    }

    function test_proveStep_unknownKind_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(OneStepEntry.OneStepEntry_Kind.selector, 3));
        entry.proveStep(StateHash.wrap(FAILED), hex"03");
    }

    function test_proveStep_longFailed_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(OneStepEntry.OneStepEntry_Long.selector, 1, 2));
        entry.proveStep(StateHash.wrap(FAILED), hex"0000");
    }

    function test_proveStep_otherFailed_reverts() external {
        vm.expectRevert(
            abi.encodeWithSelector(OneStepEntry.OneStepEntry_Before.selector, bytes32(0), FAILED)
        );
        entry.proveStep(StateHash.wrap(0), hex"00");
    }

    function test_proveStep_shortFinished_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(OneStepEntry.OneStepEntry_Short.selector, 53, 2));
        entry.proveStep(StateHash.wrap(0), hex"0100");
    }

    function test_proveStep_longFinished_reverts() external {
        (StateHash finished, bytes memory made) = finishedState();
        vm.expectRevert(abi.encodeWithSelector(OneStepEntry.OneStepEntry_Long.selector, 53, 54));
        entry.proveStep(finished, bytes.concat(made, hex"00"));
    }

    function test_proveStep_shortRecord_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(OneStepEntry.OneStepEntry_Short.selector, 397, 1));
        entry.proveStep(StateHash.wrap(0), hex"02");
    }

    function test_proveStep_longWitness_reverts() external {
        Draft memory state = draft(word(Opcodes.JUMP, 0));
        state.rest = hex"00";
        uint256 size = proof(state).length;
        assertReverts(
            state, abi.encodeWithSelector(OneStepEntry.OneStepEntry_Long.selector, size - 1, size)
        );
    }

    function test_proveStep_longWitnessOfAFailure_reverts() external {
        Draft memory state = draft(word(Opcodes.UNREACHABLE, 0));
        state.rest = hex"00";
        uint256 size = proof(state).length;
        assertReverts(
            state, abi.encodeWithSelector(OneStepEntry.OneStepEntry_Long.selector, size - 1, size)
        );
    }

    function test_proveStep_otherRecord_reverts() external {
        Draft memory state = draft(word(Opcodes.JUMP, 0));
        StateHash before = hash(state.record);
        ++state.record.fuelLeft;
        bytes memory made = proof(state);
        vm.expectRevert(
            abi.encodeWithSelector(
                OneStepEntry.OneStepEntry_Before.selector, before, hash(state.record)
            )
        );
        entry.proveStep(before, made);
    }

    function test_proveStep_otherWord_reverts() external {
        Draft memory state = draft(word(Opcodes.JUMP, 0));
        Draft memory other = draft(word(Opcodes.JUMP, 1));
        state.code = other.code;
        assertReverts(
            state,
            abi.encodeWithSelector(
                MerklePathLib.MerklePath_Root.selector, state.record.codeRoot, other.record.codeRoot
            )
        );
    }

    /// @dev Out of gas inside a family is no failure of the run: there is a result, or a revert.
    function test_proveStep_littleGas_succeeds() external view {
        Draft memory state = draft(word(Opcodes.CALL, 9));
        StateHash before = hash(state.record);
        bytes memory made = proof(state);
        StateHash expected = entry.proveStep(before, made);
        uint256 proved;
        for (uint256 gas_ = 5000; gas_ < 60000; gas_ += 250) {
            try entry.proveStep{gas: gas_}(before, made) returns (StateHash got) {
                vm.assertEq(StateHash.unwrap(got), StateHash.unwrap(expected));
                ++proved;
            } catch {}
        }
        vm.assertTrue(proved > 0 && proved < 220);
    }

    function testFuzz_proveStep_changedByte_reverts(uint16 _place, uint8 _change) external view {
        vm.assume(_change != 0);
        Draft memory state = draft(word(Opcodes.JUMP_IF_ZERO, 9));
        push(state, 7);
        StateHash before = hash(state.record);
        bytes memory made = proof(state);
        made[_place % made.length] ^= bytes1(_change);
        try entry.proveStep(before, made) {
            vm.assertTrue(false);
        } catch (bytes memory reason) {
            vm.assertTrue(reason.length >= 4);
        }
    }

    function testFuzz_proveStep_cutProof_reverts(uint16 _size) external view {
        Draft memory state = draft(word(Opcodes.JUMP_IF_ZERO, 9));
        push(state, 7);
        StateHash before = hash(state.record);
        bytes memory made = proof(state);
        uint256 size = _size % made.length;
        assembly ("memory-safe") {
            mstore(made, size)
        }
        try entry.proveStep(before, made) {
            vm.assertTrue(false);
        } catch (bytes memory reason) {
            vm.assertTrue(reason.length >= 4);
        }
    }

    function test_proveStep_oneByteShort_reverts() external {
        Draft memory state = draft(word(Opcodes.JUMP_IF_ZERO, 9));
        push(state, 7);
        StateHash before = hash(state.record);
        bytes memory made = proof(state);
        uint256 size = made.length;
        assembly ("memory-safe") {
            mstore(made, sub(size, 1))
        }
        vm.expectRevert(abi.encodeWithSelector(WitnessLib.Witness_Short.selector, size, size - 1));
        entry.proveStep(before, made);
    }

    function testFuzz_record_anyFields_succeeds(bytes32 _seed) external view {
        bytes memory encoded;
        for (uint256 i = 0; i < 13; ++i) {
            encoded = bytes.concat(encoded, keccak256(abi.encode(_seed, i)));
        }
        assembly ("memory-safe") {
            mstore(encoded, 396)
        }
        Record memory record = this.decode(encoded);
        vm.assertEq(keccak256(encode(record)), keccak256(encoded));
        StateHash expected = hash(record);
        vm.assertEq(StateHash.unwrap(record.hash()), StateHash.unwrap(expected));
        vm.assertEq(StateHash.unwrap(this.hashEncoded(encoded)), StateHash.unwrap(expected));
    }

    function test_constructor_noCode_reverts() external {
        IOneStepFamily[14] memory families;
        vm.expectRevert(
            abi.encodeWithSelector(OneStepEntry.OneStepEntry_NoCode.selector, Family.Control)
        );
        new OneStepEntry(families);
    }

    function test_familyContract_everyFamily_succeeds() external view {
        for (uint8 family = 0; family < 16; ++family) {
            address got = address(entry.familyContract(Family(family)));
            bool has = Family(family) != Family.None && Family(family) != Family.Reserved;
            vm.assertTrue((got != address(0)) == has);
        }
    }

    function decode(bytes calldata _encoded) external pure returns (Record memory record_) {
        record_.decode(Calldata.start(_encoded));
    }

    function hashEncoded(bytes calldata _encoded) external pure returns (StateHash hash_) {
        return RecordLib.hashEncoded(_encoded);
    }

    function finishedState() internal pure returns (StateHash hash_, bytes memory proof_) {
        bytes32 output = bytes32(uint256(0x1234));
        hash_ = Terminal.finished(3, BlobRoot.wrap(output), 44, 55);
        proof_ = abi.encodePacked(hex"01", uint32(3), output, uint64(44), uint64(55));
        bytes32 expected = keccak256(
            abi.encodePacked("enshrine/finished/1", uint32(3), output, uint64(44), uint64(55))
        );
        vm.assertEq(StateHash.unwrap(hash_), expected);
    }
}
