// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Blob} from "../../src/state/Blob.sol";
import {ProgramLib} from "../../src/state/Program.sol";
import {Terminal} from "../../src/state/Terminal.sol";

import {Timestamp} from "../../src/dispute/Clock.sol";
import {Claim, ClaimId, ClaimStatus, GameId} from "../../src/dispute/Types.sol";
import {BlobRoot, StateHash} from "../../src/state/Hashes.sol";
import {Fuel, Program} from "../../src/state/Program.sol";
import {RequestId, Result, ResultLib} from "../../src/claims/Types.sol";

import {InferenceClaims} from "../../src/claims/InferenceClaims.sol";
import {IMachineGame} from "../../src/dispute/MachineGame.sol";
import {Payouts} from "../../src/dispute/Payouts.sol";

import {vm} from "../Vm.sol";
import {blobRoot} from "../support/Blobs.sol";
import {ClaimsTest} from "../support/ClaimsTest.sol";
import {Bomber, Burner, GasMeter, Recorder, Reenterer, Reverter} from "../support/Consumers.sol";

contract InferenceClaimsConstructorTest is ClaimsTest {
    function test_constructor_fields_succeeds() external view {
        bytes32 got = keccak256(abi.encode(claims.program()));
        vm.assertEq(got, keccak256(abi.encode(program())));
        vm.assertEq(claims.programHash(), program().hash());
        vm.assertEq(address(claims.game()), address(game));
        vm.assertEq(address(claims.registry()), address(registry));
    }
}

contract InferenceClaimsAskTest is ClaimsTest {
    function test_ask_request_succeeds() external {
        InferenceClaims.Question memory asked = question();
        asked.consumer = account("consumer");
        asked.consumerGas = 77;
        StateHash start = program().firstState(asked.model, blobRoot(INPUT), asked.fuel);
        RequestId expected = claims.requestOf(asker, asked, start);
        vm.expectEmit(address(claims));
        emit InferenceClaims.Requested(expected, asker, asked, INPUT, FEE);
        RequestId requestId = ask(asked);

        InferenceClaims.Request memory request = claims.requestState(requestId);
        vm.assertEq(StateHash.unwrap(request.start), StateHash.unwrap(start));
        vm.assertEq(request.requester, asker);
        vm.assertEq(request.length, asked.fuel.load + asked.fuel.infer + 1);
        vm.assertEq(request.consumer, asked.consumer);
        vm.assertEq(request.consumerGas, 77);
        vm.assertEq(request.fee, FEE);
        vm.assertEq(Timestamp.unwrap(request.expiry), Timestamp.unwrap(asked.expiry));
        vm.assertFalse(request.isFinal);
        vm.assertEq(address(claims).balance, FEE);
    }

    function test_ask_lastSecond_succeeds() external {
        InferenceClaims.Question memory asked = question();
        vm.warp(Timestamp.unwrap(asked.expiry));
        ask(asked);
    }

    /// @dev Questions of others, or with another salt, input or model, are others.
    function test_ask_others_succeeds() external {
        InferenceClaims.Question memory asked = question();
        bytes32 first = RequestId.unwrap(ask(asked));
        vm.assertNotEq(RequestId.unwrap(claims.ask(asked, INPUT)), first);
        vm.prank(asker);
        vm.assertNotEq(RequestId.unwrap(claims.ask(asked, "another input")), first);
        asked.salt = "salt";
        vm.assertNotEq(RequestId.unwrap(ask(asked)), first);
    }

    function test_ask_twice_reverts() external {
        RequestId requestId = ask(question());
        assertRefused(
            question(),
            FEE,
            abi.encodeWithSelector(InferenceClaims.Claims_Exists.selector, requestId)
        );
    }

    /// @dev An answer or a fee that went back does not make room for the same request.
    function test_ask_again_reverts() external {
        InferenceClaims.Question memory asked = question();
        asked.expiry = Timestamp.wrap(uint40(block.timestamp + 300 days));
        RequestId requestId = answered(asked);
        claims.finalise(requestId, proposer, result(), OUTPUT);
        assertRefused(
            asked, FEE, abi.encodeWithSelector(InferenceClaims.Claims_Exists.selector, requestId)
        );
    }

    function test_ask_unknownModel_reverts() external {
        InferenceClaims.Question memory asked = question();
        asked.model = blobRoot("another model");
        assertRefused(
            asked,
            FEE,
            abi.encodeWithSelector(InferenceClaims.Claims_UnknownModel.selector, asked.model)
        );
    }

    function test_ask_expired_reverts() external {
        InferenceClaims.Question memory asked = question();
        vm.warp(Timestamp.unwrap(asked.expiry) + 1);
        assertRefused(
            asked,
            FEE,
            abi.encodeWithSelector(InferenceClaims.Claims_Expired.selector, asked.expiry)
        );
    }

    function test_ask_muchConsumerGas_reverts() external {
        InferenceClaims.Question memory asked = question();
        uint32 most = claims.MAX_CONSUMER_GAS();
        asked.consumerGas = most + 1;
        assertRefused(
            asked,
            FEE,
            abi.encodeWithSelector(InferenceClaims.Claims_TooMuchGas.selector, most, most + 1)
        );
        asked.consumerGas = most;
        ask(asked);
    }

    function test_ask_muchFee_reverts() external {
        uint256 fee = uint256(type(uint96).max) + 1;
        assertRefused(
            question(), fee, abi.encodeWithSelector(InferenceClaims.Claims_Fee.selector, fee)
        );
    }

    function test_ask_muchFuel_reverts() external {
        InferenceClaims.Question memory asked = question();
        asked.fuel = Fuel(5001, 1);
        bytes memory reason = abi.encodeWithSelector(
            ProgramLib.Program_Fuel.selector, Fuel(5000, 2 ** 48), asked.fuel
        );
        assertRefused(asked, FEE, reason);
        asked.fuel = Fuel(5000, MAX_FUEL + 1);
        reason = abi.encodeWithSelector(
            InferenceClaims.Claims_TooMuchFuel.selector, MAX_FUEL, MAX_FUEL + 1
        );
        assertRefused(asked, FEE, reason);
        asked.fuel.infer = claims.maxFuel();
        ask(asked);
    }

    function assertRefused(
        InferenceClaims.Question memory _question,
        uint256 _fee,
        bytes memory _reason
    ) internal {
        vm.deal(asker, _fee);
        vm.prank(asker);
        vm.expectRevert(_reason);
        claims.ask{value: _fee}(_question, INPUT);
    }
}

contract InferenceClaimsAnswerTest is ClaimsTest {
    RequestId internal requestId;

    function setUp() external {
        requestId = ask(question());
    }

    function test_answer_claim_succeeds() external {
        Claim memory claim = claimOf(requestId, proposer, result());
        vm.expectEmit(address(claims));
        emit InferenceClaims.Answered(requestId, game.idOf(claim), proposer, result());
        ClaimId claimId = answer(requestId, proposer, result());
        vm.assertEq(ClaimId.unwrap(claimId), ClaimId.unwrap(game.idOf(claim)));
        vm.assertEq(
            ClaimId.unwrap(claimId), ClaimId.unwrap(claims.claimOf(requestId, proposer, result()))
        );
        assertStatus(claim, ClaimStatus.Open);
        vm.assertEq(address(game).balance, CLAIM_BOND);
    }

    function test_answer_failed_succeeds() external {
        Result memory failed;
        failed.failed = true;
        answer(requestId, proposer, failed);
        StateHash end = claimOf(requestId, proposer, failed).end;
        vm.assertEq(StateHash.unwrap(end), StateHash.unwrap(Terminal.failed()));
    }

    function test_answer_lastSecond_succeeds() external {
        vm.warp(Timestamp.unwrap(claims.requestState(requestId).expiry));
        answer(requestId, proposer, result());
    }

    function test_answer_several_succeeds() external {
        answer(requestId, proposer, result());
        answer(requestId, account("another"), result());
        Result memory other = result();
        other.status = 3;
        answer(requestId, proposer, other);
    }

    function test_answer_twice_reverts() external {
        ClaimId claimId = answer(requestId, proposer, result());
        assertRefused(
            CLAIM_BOND,
            result(),
            abi.encodeWithSelector(
                IMachineGame.MachineGame_ClaimStatus.selector,
                claimId,
                ClaimStatus.None,
                ClaimStatus.Open
            )
        );
    }

    function test_answer_expired_reverts() external {
        Timestamp expiry = claims.requestState(requestId).expiry;
        vm.warp(Timestamp.unwrap(expiry) + 1);
        assertRefused(
            CLAIM_BOND,
            result(),
            abi.encodeWithSelector(InferenceClaims.Claims_Expired.selector, expiry)
        );
    }

    function test_answer_final_reverts() external {
        InferenceClaims.Question memory asked = question();
        asked.expiry = Timestamp.wrap(uint40(block.timestamp + 300 days));
        requestId = answered(asked);
        claims.finalise(requestId, proposer, result(), OUTPUT);
        assertRefused(
            CLAIM_BOND,
            result(),
            abi.encodeWithSelector(InferenceClaims.Claims_Final.selector, requestId)
        );
    }

    function test_answer_unknownRequest_reverts() external {
        requestId = RequestId.wrap("none");
        assertRefused(
            CLAIM_BOND,
            result(),
            abi.encodeWithSelector(InferenceClaims.Claims_UnknownRequest.selector, requestId)
        );
    }

    function test_answer_otherBond_reverts() external {
        assertRefused(
            CLAIM_BOND - 1,
            result(),
            abi.encodeWithSelector(Payouts.Payouts_Value.selector, CLAIM_BOND, CLAIM_BOND - 1)
        );
    }

    /// @dev There is one way to say that a run fails.
    function test_answer_failedWithFields_reverts() external {
        bytes memory reason = abi.encodeWithSelector(ResultLib.Result_FailedWithFields.selector);
        assertRefused(CLAIM_BOND, Result(true, 1, BlobRoot.wrap(0), 0, 0), reason);
        assertRefused(CLAIM_BOND, Result(true, 0, BlobRoot.wrap("root"), 0, 0), reason);
        assertRefused(CLAIM_BOND, Result(true, 0, BlobRoot.wrap(0), 1, 0), reason);
        assertRefused(CLAIM_BOND, Result(true, 0, BlobRoot.wrap(0), 0, 1), reason);
    }

    function assertRefused(uint256 _bond, Result memory _result, bytes memory _reason) internal {
        vm.deal(proposer, _bond);
        vm.prank(proposer);
        vm.expectRevert(_reason);
        claims.answer{value: _bond}(requestId, _result);
    }
}

contract InferenceClaimsFinaliseTest is ClaimsTest {
    function test_finalise_noConsumer_succeeds() external {
        RequestId requestId = answered(question());
        ClaimId claimId = claims.claimOf(requestId, proposer, result());
        vm.expectEmit(address(claims));
        emit InferenceClaims.Finalised(requestId, claimId, result());
        vm.prank(account("anybody"));
        claims.finalise(requestId, proposer, result(), "");
        vm.assertTrue(claims.requestState(requestId).isFinal);
        vm.assertEq(claims.credit(proposer), FEE);
        bytes32 got = keccak256(abi.encode(claims.resultOf(requestId)));
        vm.assertEq(got, keccak256(abi.encode(result())));
    }

    function test_finalise_releasedClaim_succeeds() external {
        RequestId requestId = answered(question());
        game.release(claims.claimOf(requestId, proposer, result()));
        claims.finalise(requestId, proposer, result(), OUTPUT);
        vm.assertTrue(claims.requestState(requestId).isFinal);
    }

    function test_finalise_failed_succeeds() external {
        RequestId requestId = ask(question());
        Result memory failed;
        failed.failed = true;
        answer(requestId, proposer, failed);
        vm.warp(block.timestamp + WINDOW + 1);
        claims.finalise(requestId, proposer, failed, "");
        vm.assertTrue(claims.resultOf(requestId).failed);
        claims.checkedResultOf(requestId, "");
    }

    function test_finalise_twice_reverts() external {
        RequestId requestId = answered(question());
        claims.finalise(requestId, proposer, result(), "");
        vm.expectRevert(abi.encodeWithSelector(InferenceClaims.Claims_Final.selector, requestId));
        claims.finalise(requestId, proposer, result(), "");
    }

    function test_finalise_unknownRequest_reverts() external {
        RequestId none = RequestId.wrap("none");
        Result memory told = result();
        vm.expectRevert(
            abi.encodeWithSelector(InferenceClaims.Claims_UnknownRequest.selector, none)
        );
        claims.finalise(none, proposer, told, "");
    }

    function test_finalise_inTheWindow_reverts() external {
        RequestId requestId = ask(question());
        answer(requestId, proposer, result());
        vm.warp(block.timestamp + WINDOW);
        assertNotStanding(requestId, proposer, result());
    }

    function test_finalise_otherAnswer_reverts() external {
        RequestId requestId = answered(question());
        assertNotStanding(requestId, account("nobody"), result());
        Result memory other = result();
        other.fuelLeft = 1;
        assertNotStanding(requestId, proposer, other);
    }

    function test_finalise_disputed_reverts() external {
        RequestId requestId = ask(question());
        answer(requestId, proposer, result());
        GameId gameId = dispute(requestId, proposer, result(), account("challenger"));
        vm.warp(block.timestamp + WINDOW + 1);
        assertNotStanding(requestId, proposer, result());
        game.timeOut(gameId);
        assertNotStanding(requestId, proposer, result());
    }

    function test_finalise_otherOutput_reverts() external {
        RequestId requestId = answered(question());
        vm.expectRevert(
            abi.encodeWithSelector(
                InferenceClaims.Claims_Output.selector, blobRoot(OUTPUT), blobRoot("lies")
            )
        );
        claims.finalise(requestId, proposer, result(), "lies");
    }

    /// @dev With a consumer the output has to be there.
    function test_finalise_noOutput_reverts() external {
        InferenceClaims.Question memory asked = question();
        asked.consumer = account("consumer");
        RequestId requestId = answered(asked);
        vm.expectRevert(
            abi.encodeWithSelector(
                InferenceClaims.Claims_Output.selector, blobRoot(OUTPUT), blobRoot("")
            )
        );
        claims.finalise(requestId, proposer, result(), "");
    }

    function assertNotStanding(RequestId _requestId, address _proposer, Result memory _result)
        internal
    {
        ClaimId claimId = claims.claimOf(_requestId, _proposer, _result);
        vm.expectRevert(
            abi.encodeWithSelector(InferenceClaims.Claims_NotStanding.selector, claimId)
        );
        claims.finalise(_requestId, _proposer, _result, "");
    }
}

/// @notice Who gets the fee.
contract InferenceClaimsFeeTest is ClaimsTest {
    address internal copier = account("copier");
    RequestId internal requestId;

    function setUp() external {
        requestId = ask(question());
    }

    /// @dev A copier holds the first claim up with a challenge until his own stands. It does not pay.
    function test_finalise_copiedAnswer_succeeds() external {
        answer(requestId, proposer, result());
        answer(requestId, copier, result());
        vm.warp(block.timestamp + WINDOW);
        dispute(requestId, proposer, result(), copier);
        vm.warp(block.timestamp + 1);
        claims.finalise(requestId, copier, result(), "");
        vm.assertEq(claims.credit(copier), 0);
        vm.assertEq(claims.credit(proposer), FEE);
    }

    /// @dev Who does not defend what he says is not paid for it.
    function test_finalise_firstClaimFell_succeeds() external {
        answer(requestId, proposer, result());
        answer(requestId, copier, result());
        GameId gameId = dispute(requestId, proposer, result(), account("challenger"));
        runOut(gameId);
        vm.warp(block.timestamp + WINDOW + 1);
        claims.finalise(requestId, copier, result(), "");
        vm.assertEq(claims.credit(copier), FEE);
        vm.assertEq(claims.credit(proposer), 0);
    }

    /// @dev Who has his bond back was first all the same.
    function test_finalise_firstClaimReleased_succeeds() external {
        answer(requestId, proposer, result());
        answer(requestId, copier, result());
        vm.warp(block.timestamp + WINDOW + 1);
        game.release(claims.claimOf(requestId, proposer, result()));
        claims.finalise(requestId, copier, result(), "");
        vm.assertEq(claims.credit(proposer), FEE);
        vm.assertEq(claims.credit(copier), 0);
    }

    /// @dev Who was first with another answer was not first with this one.
    function test_finalise_otherAnswerFirst_succeeds() external {
        Result memory wrong = result();
        wrong.status = 1;
        answer(requestId, copier, wrong);
        answer(requestId, proposer, result());
        GameId gameId = dispute(requestId, copier, wrong, account("challenger"));
        runOut(gameId);
        vm.warp(block.timestamp + WINDOW + 1);
        claims.finalise(requestId, proposer, result(), "");
        vm.assertEq(claims.credit(proposer), FEE);
        vm.assertEq(claims.credit(copier), 0);
    }

    function test_finalise_secondClaim_succeeds() external {
        answer(requestId, proposer, result());
        answer(requestId, copier, result());
        vm.warp(block.timestamp + WINDOW + 1);
        claims.finalise(requestId, proposer, result(), "");
        vm.expectRevert(abi.encodeWithSelector(InferenceClaims.Claims_Final.selector, requestId));
        claims.finalise(requestId, copier, result(), "");
        // Both bonds go back.
        game.release(claims.claimOf(requestId, proposer, result()));
        game.release(claims.claimOf(requestId, copier, result()));
        vm.assertEq(game.credit(copier), CLAIM_BOND);
    }

    function test_finalise_afterReclaim_succeeds() external {
        answer(requestId, proposer, result());
        vm.warp(block.timestamp + 1 days + 2 * game.longest() + 1);
        claims.reclaim(requestId);
        claims.finalise(requestId, proposer, result(), "");
        vm.assertEq(claims.credit(proposer), 0);
        vm.assertEq(claims.credit(asker), FEE);
        vm.assertTrue(claims.requestState(requestId).isFinal);
    }
}

/// @notice Whatever a consumer does, the answer is final and paid for.
contract InferenceClaimsConsumerTest is ClaimsTest {
    error Done();

    function test_finalise_told_succeeds() external {
        Recorder consumer = new Recorder();
        RequestId requestId = answeredFor(address(consumer), 300_000);
        claims.finalise(requestId, proposer, result(), OUTPUT);
        vm.assertEq(consumer.calls(), 1);
        vm.assertEq(consumer.sender(), address(claims));
        vm.assertEq(RequestId.unwrap(consumer.requestId()), RequestId.unwrap(requestId));
        vm.assertEq(consumer.output(), OUTPUT);
        bytes32 got = keccak256(abi.encode(consumer.result()));
        vm.assertEq(got, keccak256(abi.encode(result())));
    }

    function test_finalise_accountWithoutCode_succeeds() external {
        RequestId requestId = answeredFor(account("nobody"), 0);
        claims.finalise(requestId, proposer, result(), OUTPUT);
        vm.assertEq(claims.credit(proposer), FEE);
    }

    function test_finalise_reverter_succeeds() external {
        assertFailsAlone(address(new Reverter()));
    }

    function test_finalise_burner_succeeds() external {
        assertFailsAlone(address(new Burner()));
    }

    function test_finalise_returnedBomb_succeeds() external {
        Bomber consumer = new Bomber(false);
        RequestId requestId = answeredFor(address(consumer), 1_000_000);
        uint256 before = gasleft();
        claims.finalise(requestId, proposer, result(), OUTPUT);
        vm.assertTrue(before - gasleft() < 1_000_000);
        vm.assertEq(claims.credit(proposer), FEE);
    }

    function test_finalise_revertedBomb_succeeds() external {
        assertFailsAlone(address(new Bomber(true)));
    }

    function test_finalise_reenterer_succeeds() external {
        Reenterer consumer = new Reenterer(claims, proposer);
        RequestId requestId = answeredFor(address(consumer), 1_000_000);
        claims.finalise(requestId, proposer, result(), OUTPUT);
        vm.assertEq(consumer.calls(), 1);
        vm.assertEq(consumer.refusals(), 3);
        vm.assertEq(claims.credit(proposer), FEE);
        vm.assertEq(address(claims).balance, FEE);
    }

    /// @dev A consumer gets all that it was promised or the call reverts, however much the transaction has.
    /// forge-config: default.fuzz.runs = 300
    function testFuzz_finalise_anyGas_succeeds(uint256 _gas) external {
        Recorder consumer = new Recorder();
        RequestId requestId = answeredFor(address(consumer), 300_000);
        assertNotStarved(consumer, requestId, OUTPUT, 300_000 + _gas % 300_000);
    }

    /// @dev A large output takes gas to copy, of which the consumer's is none.
    function test_finalise_anyGasForALargeOutput_succeeds() external {
        GasMeter consumer = new GasMeter();
        bytes memory output = new bytes(100_000);
        Result memory large = Result(false, 0, this.root(output), 0, 0);
        InferenceClaims.Question memory asked = question();
        (asked.consumer, asked.consumerGas) = (address(consumer), 200_000);
        RequestId requestId = ask(asked);
        answer(requestId, proposer, large);
        vm.warp(block.timestamp + WINDOW + 1);
        finaliseWithLittle(requestId, large, output);
        vm.assertTrue(consumer.gas() > 199_000);
    }

    /// @dev The part that a call keeps back of the most that can be promised is more than the reserve.
    function test_finalise_anyGasForTheMostGas_succeeds() external {
        GasMeter consumer = new GasMeter();
        uint32 most = claims.MAX_CONSUMER_GAS();
        finaliseWithLittle(answeredFor(address(consumer), most), result(), OUTPUT);
        vm.assertTrue(consumer.gas() > most - 1000);
    }

    /// @dev With the least gas that is enough, or a little more.
    function finaliseWithLittle(RequestId _requestId, Result memory _result, bytes memory _output)
        internal
    {
        uint256 enough = 10_000_000;
        for (uint256 step = enough / 2; step > 500; step /= 2) {
            try this.tryFinalise(enough - step, _requestId, _result, _output) {}
            catch (bytes memory reason) {
                if (bytes4(reason) == Done.selector) enough -= step;
            }
        }
        this.finaliseWith(enough, _requestId, _result, _output);
    }

    /// @dev Reverts in any case.
    function tryFinalise(
        uint256 _gas,
        RequestId _requestId,
        Result calldata _result,
        bytes calldata _output
    ) external {
        finaliseWith(_gas, _requestId, _result, _output);
        revert Done();
    }

    function test_finalise_littleGas_reverts() external {
        RequestId requestId = answeredFor(address(new Recorder()), 300_000);
        (bool done, bytes memory reason) = address(this)
            .call(abi.encodeCall(this.finaliseWith, (350_000, requestId, result(), OUTPUT)));
        vm.assertFalse(done);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(InferenceClaims.Claims_ConsumerGas.selector));
        vm.assertFalse(claims.requestState(requestId).isFinal);
    }

    function root(bytes calldata _data) external view returns (BlobRoot root_) {
        return Blob.root(_data);
    }

    function finaliseWith(
        uint256 _gas,
        RequestId _requestId,
        Result calldata _result,
        bytes calldata _output
    ) public {
        claims.finalise{gas: _gas}(_requestId, proposer, _result, _output);
    }

    function assertNotStarved(
        Recorder _consumer,
        RequestId _requestId,
        bytes memory _output,
        uint256 _gas
    ) internal {
        try this.finaliseWith(_gas, _requestId, result(), _output) {
            vm.assertEq(_consumer.calls(), 1);
            // But for decoding, before it looks.
            vm.assertTrue(_consumer.gas() > 298_000);
        } catch {
            vm.assertEq(_consumer.calls(), 0);
            vm.assertFalse(claims.requestState(_requestId).isFinal);
        }
    }

    function answeredFor(address _consumer, uint32 _gas) internal returns (RequestId requestId_) {
        InferenceClaims.Question memory asked = question();
        (asked.consumer, asked.consumerGas) = (_consumer, _gas);
        return answered(asked);
    }

    function assertFailsAlone(address _consumer) internal {
        RequestId requestId = answeredFor(_consumer, 400_000);
        vm.expectEmit(address(claims));
        emit InferenceClaims.ConsumerFailed(requestId, _consumer);
        claims.finalise(requestId, proposer, result(), OUTPUT);
        vm.assertTrue(claims.requestState(requestId).isFinal);
        vm.assertEq(claims.credit(proposer), FEE);
    }
}

contract InferenceClaimsReclaimTest is ClaimsTest {
    RequestId internal requestId;
    uint256 internal until;

    function setUp() external {
        requestId = ask(question());
        until = block.timestamp + 1 days + 2 * game.longest();
    }

    function test_reclaim_noAnswer_succeeds() external {
        vm.warp(until + 1);
        vm.expectEmit(address(claims));
        emit InferenceClaims.Reclaimed(requestId);
        vm.prank(account("anybody"));
        claims.reclaim(requestId);
        vm.assertEq(claims.credit(asker), FEE);
        vm.prank(asker);
        claims.withdraw(payable(asker));
        vm.assertEq(asker.balance, FEE);
    }

    function test_reclaim_twice_succeeds() external {
        vm.warp(until + 1);
        claims.reclaim(requestId);
        claims.reclaim(requestId);
        vm.assertEq(claims.credit(asker), FEE);
    }

    function test_reclaim_early_reverts() external {
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(InferenceClaims.Claims_NotExpired.selector, until));
        claims.reclaim(requestId);
    }

    function test_reclaim_final_reverts() external {
        answer(requestId, proposer, result());
        vm.warp(until + 1);
        claims.finalise(requestId, proposer, result(), "");
        vm.expectRevert(abi.encodeWithSelector(InferenceClaims.Claims_Final.selector, requestId));
        claims.reclaim(requestId);
    }

    function test_reclaim_unknownRequest_reverts() external {
        RequestId none = RequestId.wrap("none");
        vm.expectRevert(
            abi.encodeWithSelector(InferenceClaims.Claims_UnknownRequest.selector, none)
        );
        claims.reclaim(none);
    }

    /// @dev An answer in the last second, challenged in its last second and defended in the last, is paid in time.
    function test_reclaim_slowestAnswer_succeeds() external {
        vm.warp(block.timestamp + 1 days);
        answer(requestId, proposer, result());
        vm.warp(block.timestamp + game.longest() + 1);
        vm.assertTrue(block.timestamp < until);
        claims.finalise(requestId, proposer, result(), "");
        vm.assertEq(claims.credit(proposer), FEE);
    }
}

contract InferenceClaimsResultOfTest is ClaimsTest {
    function test_resultOf_unknownRequest_reverts() external {
        RequestId none = RequestId.wrap("none");
        vm.expectRevert(
            abi.encodeWithSelector(InferenceClaims.Claims_UnknownRequest.selector, none)
        );
        claims.resultOf(none);
    }

    function test_resultOf_notFinal_reverts() external {
        RequestId requestId = answered(question());
        vm.expectRevert(abi.encodeWithSelector(InferenceClaims.Claims_NotFinal.selector, requestId));
        claims.resultOf(requestId);
    }

    function test_checkedResultOf_output_succeeds() external {
        RequestId requestId = answered(question());
        claims.finalise(requestId, proposer, result(), "");
        bytes32 got = keccak256(abi.encode(claims.checkedResultOf(requestId, OUTPUT)));
        vm.assertEq(got, keccak256(abi.encode(result())));
    }

    function test_checkedResultOf_otherOutput_reverts() external {
        RequestId requestId = answered(question());
        claims.finalise(requestId, proposer, result(), "");
        vm.expectRevert(
            abi.encodeWithSelector(
                InferenceClaims.Claims_Output.selector, blobRoot(OUTPUT), blobRoot("lies")
            )
        );
        claims.checkedResultOf(requestId, "lies");
        vm.expectRevert(
            abi.encodeWithSelector(
                InferenceClaims.Claims_Output.selector, blobRoot(OUTPUT), blobRoot("")
            )
        );
        claims.checkedResultOf(requestId, "");
    }

    /// @dev A run without an output is not one with an empty output.
    function test_checkedResultOf_noOutput_reverts() external {
        RequestId requestId = ask(question());
        Result memory declined = Result(false, 7, BlobRoot.wrap(0), 0, 0);
        answer(requestId, proposer, declined);
        vm.warp(block.timestamp + WINDOW + 1);
        claims.finalise(requestId, proposer, declined, "");
        vm.assertEq(claims.checkedResultOf(requestId, "").status, 7);
        vm.expectRevert(
            abi.encodeWithSelector(
                InferenceClaims.Claims_Output.selector, BlobRoot.wrap(0), blobRoot("x")
            )
        );
        claims.checkedResultOf(requestId, "x");
    }
}

contract InferenceClaimsRequestOfTest is ClaimsTest {
    function test_requestOf_fields_succeeds() external view {
        StateHash start = StateHash.wrap("start");
        bytes memory fields = abi.encode(
            "enshrine/request/1", block.chainid, address(claims), asker, question(), start
        );
        RequestId got = claims.requestOf(asker, question(), start);
        vm.assertEq(RequestId.unwrap(got), keccak256(fields));
    }
}
