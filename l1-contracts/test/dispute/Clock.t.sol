// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ClockLib} from "../../src/dispute/Clock.sol";

import {Clocks, Duration, Timestamp} from "../../src/dispute/Clock.sol";

import {vm} from "../Vm.sol";

abstract contract ClockTest {
    uint32 internal constant CLOCK = 1000;
    uint32 internal constant GRACE = 100;
    uint256 internal constant NOON = 1_700_000_000;

    constructor() {
        vm.warp(NOON);
    }

    function begun() internal view returns (Clocks memory clocks_) {
        return ClockLib.begin(Duration.wrap(CLOCK), Duration.wrap(GRACE));
    }

    function assertLeft(Clocks memory _clocks, uint256 _defender, uint256 _challenger)
        internal
        pure
    {
        vm.assertEq(Duration.unwrap(_clocks.defender), _defender);
        vm.assertEq(Duration.unwrap(_clocks.challenger), _challenger);
    }
}

contract ClockPlusTest is ClockTest {
    function test_plus_span_succeeds() external view {
        Timestamp later = ClockLib.plus(ClockLib.present(), Duration.wrap(5));
        vm.assertEq(Timestamp.unwrap(later), NOON + 5);
    }
}

contract ClockPassedTest is ClockTest {
    function test_passed_lastSecond_succeeds() external {
        Timestamp time = ClockLib.present();
        vm.assertFalse(ClockLib.passed(time));
        vm.warp(NOON + 1);
        vm.assertTrue(ClockLib.passed(time));
        vm.warp(NOON - 1);
        vm.assertFalse(ClockLib.passed(time));
    }
}

contract ClockDeadlineTest is ClockTest {
    function test_deadline_defenderHasAGracePeriod_succeeds() external view {
        Clocks memory clocks = begun();
        vm.assertEq(Timestamp.unwrap(clocks.deadline(true)), NOON + GRACE + CLOCK);
    }

    function test_deadline_each_succeeds() external view {
        Clocks memory clocks = Clocks(ClockLib.present(), Duration.wrap(3), Duration.wrap(7));
        vm.assertEq(Timestamp.unwrap(clocks.deadline(true)), NOON + 3);
        vm.assertEq(Timestamp.unwrap(clocks.deadline(false)), NOON + 7);
    }
}

contract ClockPressTest is ClockTest {
    function test_press_inTheGracePeriod_succeeds() external {
        Clocks memory clocks = begun();
        vm.warp(NOON + 30);
        clocks.press(true);
        assertLeft(clocks, CLOCK, CLOCK);
        // What is left of the period is nobody's.
        vm.assertEq(Timestamp.unwrap(clocks.deadline(false)), NOON + 30 + CLOCK);
    }

    function test_press_atItsEnd_succeeds() external {
        Clocks memory clocks = begun();
        vm.warp(NOON + GRACE);
        clocks.press(true);
        assertLeft(clocks, CLOCK, CLOCK);
        clocks = begun();
        vm.warp(NOON + GRACE + GRACE + 1);
        clocks.press(true);
        assertLeft(clocks, CLOCK - 1, CLOCK);
    }

    function test_press_lastSecond_succeeds() external {
        Clocks memory clocks = begun();
        vm.warp(NOON + GRACE + CLOCK);
        clocks.press(true);
        assertLeft(clocks, 0, CLOCK);
        vm.warp(NOON + GRACE + 2 * CLOCK);
        clocks.press(false);
        assertLeft(clocks, 0, 0);
        vm.assertEq(Timestamp.unwrap(clocks.deadline(true)), NOON + GRACE + 2 * CLOCK);
    }

    /// @dev Both together never have more than two clocks and a grace period.
    function testFuzz_press_bounded_succeeds(uint32[16] calldata _waits) external {
        Clocks memory clocks = begun();
        bool defender = true;
        for (uint256 i = 0; i < _waits.length; ++i) {
            uint256 left = Timestamp.unwrap(clocks.deadline(defender)) - block.timestamp;
            vm.warp(block.timestamp + _waits[i] % (left + 1));
            uint256 other = Duration.unwrap(defender ? clocks.challenger : clocks.defender);
            clocks.press(defender);
            defender = !defender;
            vm.assertEq(Timestamp.unwrap(clocks.since), block.timestamp);
            vm.assertEq(Duration.unwrap(defender ? clocks.defender : clocks.challenger), other);
            uint256 sum = Duration.unwrap(clocks.defender) + Duration.unwrap(clocks.challenger);
            vm.assertTrue(block.timestamp + sum <= NOON + GRACE + 2 * CLOCK);
        }
    }
}
