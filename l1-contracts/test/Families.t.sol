// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Opcodes} from "../src/generated/Opcodes.sol";

import {Family} from "../src/generated/Opcodes.sol";
import {Record} from "../src/state/Record.sol";
import {Word} from "../src/state/Word.sol";

import {IOneStepFamily} from "../src/step/IOneStepFamily.sol";

import {vm} from "./Vm.sol";
import {Draft, StepTest} from "./support/StepTest.sol";

/// @notice What holds for every family.
contract FamiliesTest is StepTest {
    function test_step_opcodeOfAnotherFamily_reverts() external {
        for (uint8 number = 1; number < 15; ++number) {
            Family family = Family(number);
            uint16 opcode = 0xe0ff;
            Draft memory state = draft(word(opcode, 0));
            bytes memory made = proof(state);
            Word word_ = Word.wrap(word(opcode, 0));
            IOneStepFamily contract_ = entry.familyContract(family);
            vm.expectRevert(
                abi.encodeWithSelector(IOneStepFamily.OneStep_Failed.selector, made.length)
            );
            contract_.step(word_, made, made.length);
        }
    }

    function test_step_offsetBehindTheProof_reverts() external {
        for (uint8 number = 1; number < 15; ++number) {
            IOneStepFamily contract_ = entry.familyContract(Family(number));
            vm.expectRevert();
            contract_.step(Word.wrap(0), "", 1);
        }
    }

    function test_step_integer_succeeds() external view {
        Draft memory state = draft(word(Opcodes.I32_SUB, 0));
        push(state, (1 << 32) | 5);
        push(state, 7);
        Record memory next = popped(state, 2);
        pushed(next, type(uint32).max - 1);
        assertLeadsTo(state, next);
    }

    function test_step_trap_succeeds() external view {
        Draft memory state = draft(word(Opcodes.I64_DIV_U, 0));
        push(state, 5);
        push(state, 0);
        assertFails(state);
    }

    function test_step_threeOperands_succeeds() external view {
        Draft memory state = draft(word(Opcodes.V128_BITSELECT, 0));
        push(state, 0xff00ff);
        push(state, 0x123456);
        push(state, 0xffff00);
        Record memory next = popped(state, 3);
        pushed(next, 0xff0056);
        assertLeadsTo(state, next);
    }

    function test_step_fullStack_succeeds() external view {
        // A result takes the place of its operands, so that only a stack beyond its limit overflows.
        Draft memory state = draft(word(Opcodes.I32_EQZ, 0));
        push(state, 0);
        state.record.stackHeight = 1 << 18;
        Record memory next = popped(state, 1);
        pushed(next, 1);
        assertLeadsTo(state, next);
    }

    function test_step_missingOperand_succeeds() external view {
        Draft memory state = draft(word(Opcodes.I32_ADD, 0));
        push(state, 1);
        assertFails(state);
    }
}
