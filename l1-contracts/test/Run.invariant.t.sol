// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Opcodes} from "../src/generated/Opcodes.sol";
import {Chain} from "../src/state/Chain.sol";

import {ChainHash} from "../src/state/Hashes.sol";
import {Record} from "../src/state/Record.sol";

import {vm} from "./Vm.sol";
import {Draft, StepTest} from "./support/StepTest.sol";

/// @notice A run whose next word anybody chooses: each step is proved, and the state that the verifier leads to is the one that
/// a plain array of values has.
contract Run is StepTest {
    Record internal record;
    uint128[] public values;
    uint256 public steps;
    // What the next step pops, top first.
    uint128[] internal operands;

    constructor() {
        record = draft(0).record;
        record.fuelLeft = type(uint64).max;
    }

    function pushConstant(uint128 _value) external {
        uint256 word_ = word(Opcodes.V128_CONST, 0, 0, 0, _value);
        values.push(_value);
        take(word_, 0);
    }

    function add() external {
        if (values.length < 2) return fail(Opcodes.I64_ADD);
        uint128 second = pop();
        uint128 first = pop();
        unchecked {
            values.push(uint64(first) + uint64(second));
        }
        take(word(Opcodes.I64_ADD, 0), 2);
    }

    function select() external {
        if (values.length < 3) return fail(Opcodes.SELECT);
        uint32 condition = uint32(pop());
        uint128 second = pop();
        uint128 first = pop();
        values.push(condition == 0 ? second : first);
        take(word(Opcodes.SELECT, 0), 3);
    }

    function drop() external {
        if (values.length < 1) return fail(Opcodes.DROP);
        pop();
        take(word(Opcodes.DROP, 0), 1);
    }

    function fuel() external view returns (uint256 fuel_) {
        return uint256(record.fuelLeft) + record.fuelAside;
    }

    function stackHead() external view returns (ChainHash head_) {
        for (uint256 i = 0; i < values.length; ++i) {
            head_ = Chain.valueLink(values[i], head_);
        }
    }

    function height() external view returns (uint256 height_) {
        return values.length;
    }

    function recordedStack() external view returns (ChainHash head_, uint256 height_) {
        return (record.stack, record.stackHeight);
    }

    /// @dev A step that has too few operands leads to the failed state; the run goes on as if it had not been.
    function fail(uint16 _opcode) internal view {
        Draft memory state = draft(word(_opcode, 0));
        state.record.stackHeight = 0;
        assertFails(state);
    }

    function pop() internal returns (uint128 value_) {
        value_ = values[values.length - 1];
        values.pop();
        operands.push(value_);
    }

    /// @dev Proves a step that pops what was popped and leaves the array's values.
    function take(uint256 _word, uint256 _count) internal {
        Draft memory state = draft(_word);
        state.record.fuelLeft = record.fuelLeft;
        state.record.fuelAside = record.fuelAside;
        uint256 kept = values.length - (_word >> 240 == Opcodes.DROP ? 0 : 1);
        for (uint256 i = 0; i < kept; ++i) {
            pushBelow(state, values[i]);
        }
        for (uint256 i = _count; i > 0; --i) {
            push(state, operands[i - 1]);
        }
        delete operands;
        Record memory next = popped(state, _count);
        if (values.length > kept) pushed(next, values[kept]);
        assertLeadsTo(state, next);
        record = next;
        ++steps;
    }

    /// @dev A value that the step does not pop.
    function pushBelow(Draft memory _state, uint128 _value) internal pure {
        _state.record.stack = Chain.valueLink(_value, _state.record.stack);
        ++_state.record.stackHeight;
    }
}

contract RunInvariantTest {
    Run internal run;

    function setUp() external {
        run = new Run();
    }

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(run);
    }

    /// @dev No state of a run comes twice: fuel falls by one with each step.
    function invariant_fuelFallsByOne() external view {
        vm.assertEq(run.fuel() + run.steps(), uint256(type(uint64).max) + 77);
    }

    /// @dev The chain is that of the values, whatever came before.
    function invariant_stackIsItsValues() external view {
        (ChainHash head, uint256 height) = run.recordedStack();
        vm.assertEq(ChainHash.unwrap(head), ChainHash.unwrap(run.stackHead()));
        vm.assertEq(height, run.height());
    }
}
