// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {BlobRoot} from "../src/state/Hashes.sol";
import {Fuel} from "../src/state/Program.sol";
import {RequestId, Result} from "../src/claims/Types.sol";

import {DigitBounty} from "../examples/DigitBounty.sol";
import {InferenceClaims} from "../src/claims/InferenceClaims.sol";

import {vm} from "./Vm.sol";
import {blobRoot} from "./support/Blobs.sol";
import {ClaimsTest} from "./support/ClaimsTest.sol";

abstract contract DigitBountyTest is ClaimsTest {
    uint256 internal constant PRIZE = 5 ether;

    DigitBounty internal bounty;
    address internal alice = account("alice");
    // Logits whose largest, 2.5, is the fourth, and others are -1.
    bytes internal three = logitsOf(3, 0x00002040);
    bytes internal seven = logitsOf(7, 0x00002040);

    constructor() {
        vm.deal(address(this), PRIZE);
        bounty = new DigitBounty{value: PRIZE}(claims, blobRoot(MODEL), Fuel(5000, 10 ** 9), 3);
    }

    function logitsOf(uint256 _digit, bytes4 _logit) internal pure returns (bytes memory logits_) {
        for (uint256 i = 0; i < 10; ++i) {
            logits_ = bytes.concat(logits_, i == _digit ? _logit : bytes4(0x000080bf));
        }
    }

    function enter() internal returns (RequestId requestId_) {
        vm.deal(alice, FEE);
        vm.prank(alice);
        return bounty.enter{value: FEE}(new bytes(256));
    }

    /// @dev Enters, answers and waits.
    function entered(Result memory _result) internal returns (RequestId requestId_) {
        requestId_ = enter();
        answer(requestId_, proposer, _result);
        vm.warp(block.timestamp + WINDOW + 1);
    }

    function saying(bytes memory _output) internal pure returns (Result memory result_) {
        return Result(false, 0, blobRoot(_output), 1, 2);
    }
}

contract DigitBountyEnterTest is DigitBountyTest {
    function test_enter_asks_succeeds() external {
        RequestId requestId = enter();
        InferenceClaims.Request memory request = claims.requestState(requestId);
        vm.assertEq(request.requester, address(bounty));
        vm.assertEq(request.consumer, address(bounty));
        vm.assertEq(request.fee, FEE);
        (address entrant, uint96 fee) = bounty.entries(requestId);
        vm.assertEq(entrant, alice);
        vm.assertEq(fee, FEE);
    }

    function test_enter_twice_succeeds() external {
        vm.assertNotEq(RequestId.unwrap(enter()), RequestId.unwrap(enter()));
    }

    function test_enter_otherSize_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(DigitBounty.Bounty_Output.selector, 256, 255));
        bounty.enter(new bytes(255));
    }
}

contract DigitBountyOnInferenceTest is DigitBountyTest {
    function test_onInference_digit_succeeds() external {
        RequestId requestId = entered(saying(three));
        Result memory told = saying(three);
        vm.expectEmit(address(bounty));
        emit DigitBounty.Won(requestId, alice);
        claims.finalise(requestId, proposer, told, three);
        vm.assertEq(bounty.credit(alice), PRIZE);
        vm.prank(alice);
        bounty.withdraw(payable(alice));
        vm.assertEq(alice.balance, PRIZE);
        vm.assertEq(claims.credit(proposer), FEE);
    }

    function test_onInference_secondWinner_succeeds() external {
        RequestId first = entered(saying(three));
        RequestId second = entered(saying(three));
        claims.finalise(first, proposer, saying(three), three);
        claims.finalise(second, proposer, saying(three), three);
        vm.assertEq(bounty.credit(alice), PRIZE);
    }

    function test_onInference_otherDigit_succeeds() external {
        RequestId requestId = entered(saying(seven));
        claims.finalise(requestId, proposer, saying(seven), seven);
        vm.assertEq(bounty.credit(alice), 0);
        vm.assertEq(bounty.prize(), PRIZE);
    }

    function test_onInference_failed_succeeds() external {
        Result memory failed;
        failed.failed = true;
        RequestId requestId = entered(failed);
        claims.finalise(requestId, proposer, failed, "");
        vm.assertEq(bounty.prize(), PRIZE);
    }

    /// @dev A NaN is not the largest, nor is -2.5, nor is -0 larger than another zero before it.
    function test_onInference_order_succeeds() external {
        bytes[3] memory outputs = [
            logitsOf(3, 0x0000c07f),
            logitsOf(3, 0x000020c0),
            bytes.concat(new bytes(12), hex"00000080", new bytes(24))
        ];
        for (uint256 i = 0; i < 3; ++i) {
            RequestId requestId = entered(saying(outputs[i]));
            Result memory told = saying(outputs[i]);
            vm.expectEmit(address(bounty));
            emit DigitBounty.Seen(requestId, 0);
            claims.finalise(requestId, proposer, told, outputs[i]);
        }
        vm.assertEq(bounty.prize(), PRIZE);
    }

    /// @dev What is no answer of ten logits does not stand in the way of the answer.
    function test_onInference_otherOutput_succeeds() external {
        RequestId requestId = entered(saying("short"));
        Result memory told = saying("short");
        vm.expectEmit(address(claims));
        emit InferenceClaims.ConsumerFailed(requestId, address(bounty));
        claims.finalise(requestId, proposer, told, "short");
        vm.assertEq(bounty.prize(), PRIZE);
    }

    function test_onInference_otherSender_reverts() external {
        RequestId requestId = enter();
        Result memory told = saying(three);
        vm.expectRevert(abi.encodeWithSelector(DigitBounty.Bounty_Sender.selector, address(this)));
        bounty.onInference(requestId, told, three);
    }

    /// @dev Others can name the bounty as their consumer, which it does not heed.
    function test_onInference_otherRequest_succeeds() external {
        InferenceClaims.Question memory asked = question();
        (asked.consumer, asked.consumerGas) = (address(bounty), 150_000);
        RequestId requestId = ask(asked);
        answer(requestId, proposer, saying(three));
        vm.warp(block.timestamp + WINDOW + 1);
        Result memory told = saying(three);
        vm.expectEmit(address(claims));
        emit InferenceClaims.ConsumerFailed(requestId, address(bounty));
        claims.finalise(requestId, proposer, told, three);
        vm.assertEq(bounty.prize(), PRIZE);
    }
}

contract DigitBountySettleTest is DigitBountyTest {
    function test_settle_final_succeeds() external {
        RequestId requestId = entered(saying(three));
        claims.finalise(requestId, proposer, saying(three), three);
        bounty.settle(requestId, three);
        vm.assertEq(bounty.credit(alice), PRIZE);
    }

    function test_settle_notFinal_reverts() external {
        RequestId requestId = entered(saying(three));
        vm.expectRevert(abi.encodeWithSelector(InferenceClaims.Claims_NotFinal.selector, requestId));
        bounty.settle(requestId, three);
    }

    function test_settle_otherOutput_reverts() external {
        RequestId requestId = entered(saying(seven));
        claims.finalise(requestId, proposer, saying(seven), seven);
        bytes memory reason = abi.encodeWithSelector(
            InferenceClaims.Claims_Output.selector, blobRoot(seven), blobRoot(three)
        );
        vm.expectRevert(reason);
        bounty.settle(requestId, three);
    }
}

contract DigitBountyRefundTest is DigitBountyTest {
    function test_refund_noAnswer_succeeds() external {
        (RequestId one, RequestId other) = (enter(), enter());
        vm.warp(block.timestamp + 1 days + 2 * game.longest() + 1);
        // Somebody may have had the fee sent back already.
        claims.reclaim(other);
        bounty.refund(one);
        bounty.refund(other);
        bounty.refund(other);
        vm.assertEq(bounty.credit(alice), 2 * FEE);
        vm.assertEq(address(bounty).balance, PRIZE + 2 * FEE);
    }

    function test_refund_early_reverts() external {
        RequestId requestId = enter();
        vm.expectPartialRevert(InferenceClaims.Claims_NotExpired.selector);
        bounty.refund(requestId);
    }

    function test_refund_final_reverts() external {
        RequestId requestId = entered(saying(seven));
        claims.finalise(requestId, proposer, saying(seven), seven);
        vm.expectRevert(abi.encodeWithSelector(InferenceClaims.Claims_Final.selector, requestId));
        bounty.refund(requestId);
    }

    function test_refund_unknown_reverts() external {
        RequestId none = RequestId.wrap("none");
        vm.expectRevert(abi.encodeWithSelector(DigitBounty.Bounty_Unknown.selector, none));
        bounty.refund(none);
    }

    function test_receive_others_reverts() external {
        vm.deal(alice, 1 ether);
        vm.prank(alice);
        (bool sent, bytes memory reason) = address(bounty).call{value: 1 ether}("");
        vm.assertFalse(sent);
        vm.assertEq(reason, abi.encodeWithSelector(DigitBounty.Bounty_Sender.selector, alice));
    }
}
