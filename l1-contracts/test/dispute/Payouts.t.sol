// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Payouts} from "../../src/dispute/Payouts.sol";

import {vm} from "../Vm.sol";

contract Purse is Payouts {
    function put(address _account) external payable {
        _credit(_account, msg.value);
    }

    function burn() external payable {
        _burn(msg.value);
    }

    function take(uint256 _expected) external payable {
        _checkValue(_expected);
    }
}

/// @notice Takes no money, but can have it sent elsewhere.
contract Refuser {
    receive() external payable {
        revert("no");
    }

    function fetch(Purse _purse, address payable _recipient) external {
        _purse.withdraw(_recipient);
    }
}

/// @notice Fetches again while it is paid.
contract Greedy {
    Purse internal immutable PURSE;
    bytes public reason;

    constructor(Purse _purse) {
        PURSE = _purse;
    }

    receive() external payable {
        try PURSE.withdraw(payable(this)) {}
        catch (bytes memory why) {
            reason = why;
        }
    }

    function fetch() external {
        PURSE.withdraw(payable(this));
    }
}

abstract contract PayoutsTest {
    Purse internal purse = new Purse();
    address internal alice = address(0xa11ce);
    address internal bob = address(0xb0b);

    constructor() {
        vm.deal(address(this), 100 ether);
    }
}

contract PayoutsWithdrawTest is PayoutsTest {
    function test_withdraw_all_succeeds() external {
        purse.put{value: 1 ether}(alice);
        purse.put{value: 2 ether}(alice);
        purse.put{value: 5 ether}(bob);
        vm.expectEmit(address(purse));
        emit Payouts.Withdrawn(alice, alice, 3 ether);
        vm.prank(alice);
        purse.withdraw(payable(alice));
        vm.assertEq(alice.balance, 3 ether);
        vm.assertEq(purse.credit(alice), 0);
        vm.assertEq(purse.credit(bob), 5 ether);
    }

    function test_withdraw_nothing_reverts() external {
        purse.put{value: 1 ether}(alice);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(Payouts.Payouts_Nothing.selector, bob));
        purse.withdraw(payable(bob));
    }

    function test_withdraw_twice_reverts() external {
        purse.put{value: 1 ether}(alice);
        purse.put{value: 1 ether}(bob);
        vm.prank(alice);
        purse.withdraw(payable(alice));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Payouts.Payouts_Nothing.selector, alice));
        purse.withdraw(payable(alice));
    }

    /// @dev Who refuses stands in his own way alone, and can have it sent elsewhere.
    function test_withdraw_refused_reverts() external {
        Refuser refuser = new Refuser();
        purse.put{value: 1 ether}(address(refuser));
        vm.expectRevert(abi.encodeWithSelector(Payouts.Payouts_Refused.selector, address(refuser)));
        refuser.fetch(purse, payable(address(refuser)));
        vm.assertEq(purse.credit(address(refuser)), 1 ether);
        refuser.fetch(purse, payable(bob));
        vm.assertEq(bob.balance, 1 ether);
    }

    function test_withdraw_reentered_succeeds() external {
        Greedy greedy = new Greedy(purse);
        purse.put{value: 1 ether}(address(greedy));
        purse.put{value: 1 ether}(bob);
        greedy.fetch();
        vm.assertEq(address(greedy).balance, 1 ether);
        bytes memory nothing =
            abi.encodeWithSelector(Payouts.Payouts_Nothing.selector, address(greedy));
        vm.assertEq(greedy.reason(), nothing);
    }
}

contract PayoutsCreditTest is PayoutsTest {
    function test_credit_event_succeeds() external {
        vm.expectEmit(address(purse));
        emit Payouts.Credited(alice, 1 ether);
        purse.put{value: 1 ether}(alice);
        vm.assertEq(purse.credit(alice), 1 ether);
    }

    function test_credit_nothing_succeeds() external {
        vm.recordLogs();
        purse.put(alice);
        purse.burn();
        vm.assertEq(vm.getRecordedLogs().length, 0);
    }
}

contract PayoutsBurnTest is PayoutsTest {
    function test_burn_event_succeeds() external {
        vm.expectEmit(address(purse));
        emit Payouts.Burnt(1 ether);
        purse.burn{value: 1 ether}();
        vm.assertEq(address(purse).balance, 1 ether);
    }
}

contract PayoutsCheckValueTest is PayoutsTest {
    function test_checkValue_same_succeeds() external {
        purse.take{value: 7}(7);
    }

    function test_checkValue_less_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(Payouts.Payouts_Value.selector, 7, 6));
        purse.take{value: 6}(7);
    }

    function test_checkValue_more_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(Payouts.Payouts_Value.selector, 7, 8));
        purse.take{value: 8}(7);
    }
}
