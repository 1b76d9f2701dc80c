// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Dissection} from "../../src/dispute/Dissection.sol";
import {Opcodes} from "../../src/generated/Opcodes.sol";
import {Terminal} from "../../src/state/Terminal.sol";

import {Duration, Timestamp} from "../../src/dispute/Clock.sol";
import {
    Claim,
    ClaimId,
    ClaimStatus,
    DissectionHash,
    Game,
    GameId,
    GameStatus,
    Parameters,
    Rejection
} from "../../src/dispute/Types.sol";
import {StateHash} from "../../src/state/Hashes.sol";
import {Record} from "../../src/state/Record.sol";

import {IOneStepVerifier} from "../../src/IOneStepVerifier.sol";
import {IMachineGame, MachineGame} from "../../src/dispute/MachineGame.sol";
import {Payouts} from "../../src/dispute/Payouts.sol";

import {vm} from "../Vm.sol";
import {GameTest} from "../support/GameTest.sol";
import {Move, Player} from "../support/Player.sol";
import {Draft, StepTest} from "../support/StepTest.sol";
import {ToyVerifier} from "../support/Toy.sol";

contract MachineGameConstructorTest is GameTest {
    function test_constructor_parameters_succeeds() external view {
        Parameters memory got = game.parameters();
        Parameters memory expected = parameters(got.verifier, DEGREE);
        vm.assertEq(keccak256(abi.encode(got)), keccak256(abi.encode(expected)));
        vm.assertTrue(address(got.verifier).code.length != 0);
    }

    function test_constructor_verifierWithoutCode_reverts() external {
        assertRefused(parameters(IOneStepVerifier(account("nobody")), DEGREE), 0);
    }

    function test_constructor_degree_reverts() external {
        IOneStepVerifier verifier = new ToyVerifier();
        assertRefused(parameters(verifier, 0), 1);
        assertRefused(parameters(verifier, 1), 1);
        assertRefused(parameters(verifier, 257), 1);
    }

    function test_constructor_degreeLimits_succeeds() external {
        IOneStepVerifier verifier = new ToyVerifier();
        vm.assertEq(new MachineGame(parameters(verifier, 2)).parameters().degree, 2);
        vm.assertEq(new MachineGame(parameters(verifier, 256)).parameters().degree, 256);
    }

    function test_constructor_noTime_reverts() external {
        Parameters memory wanted = parameters(new ToyVerifier(), DEGREE);
        wanted.window = Duration.wrap(0);
        assertRefused(wanted, 2);
        wanted.window = Duration.wrap(1);
        wanted.clock = Duration.wrap(0);
        assertRefused(wanted, 3);
    }

    function test_constructor_noBond_reverts() external {
        Parameters memory wanted = parameters(new ToyVerifier(), DEGREE);
        wanted.claimBond = 0;
        assertRefused(wanted, 5);
        wanted.claimBond = 1;
        wanted.challengeBond = 0;
        assertRefused(wanted, 6);
    }

    function assertRefused(Parameters memory _parameters, uint256 _index) internal {
        vm.expectRevert(abi.encodeWithSelector(IMachineGame.MachineGame_Parameter.selector, _index));
        new MachineGame(_parameters);
    }
}

contract MachineGameIdOfTest is GameTest {
    function testFuzz_idOf_fields_succeeds(Claim calldata _claim) external view {
        bytes memory fields = bytes.concat(
            "enshrine/claim/1",
            bytes20(_claim.host),
            bytes20(_claim.defender),
            _claim.salt,
            StateHash.unwrap(_claim.start),
            StateHash.unwrap(_claim.end),
            bytes8(_claim.length)
        );
        vm.assertEq(ClaimId.unwrap(game.idOf(_claim)), keccak256(fields));
    }

    function testFuzz_gameOf_fields_succeeds(ClaimId _claimId, address _challenger) external view {
        bytes memory fields =
            bytes.concat("enshrine/game/1", ClaimId.unwrap(_claimId), bytes20(_challenger));
        vm.assertEq(GameId.unwrap(game.gameOf(_claimId, _challenger)), keccak256(fields));
    }
}

contract MachineGameLongestTest is GameTest {
    function test_longest_sum_succeeds() external view {
        vm.assertEq(game.longest(), uint256(WINDOW) + GRACE + 2 * CLOCK);
    }

    function test_longest_largeParameters_succeeds() external {
        Parameters memory wanted = parameters(new ToyVerifier(), DEGREE);
        Duration most = Duration.wrap(type(uint32).max);
        (wanted.window, wanted.clock, wanted.grace) = (most, most, most);
        vm.assertEq(new MachineGame(wanted).longest(), 4 * uint256(type(uint32).max));
    }
}

contract MachineGamePostTest is GameTest {
    function test_post_claim_succeeds() external {
        Claim memory claim = claimOf(honest("honest"), LENGTH);
        vm.deal(address(this), CLAIM_BOND);
        vm.expectEmit(address(game));
        emit IMachineGame.ClaimPosted(
            game.idOf(claim), claim, Timestamp.wrap(uint40(block.timestamp + WINDOW))
        );
        game.post{value: CLAIM_BOND}(
            claim.defender, claim.salt, claim.start, claim.end, claim.length
        );
        assertStatus(claim, ClaimStatus.Open);
        vm.assertEq(deadlineOf(claim), block.timestamp + WINDOW);
        vm.assertEq(address(game).balance, CLAIM_BOND);
    }

    /// @dev Nobody else can post, or take the name of, a host's claim.
    function test_post_otherHost_succeeds() external {
        Claim memory claim = post(honest("honest"), LENGTH);
        vm.deal(account("other"), CLAIM_BOND);
        vm.prank(account("other"));
        ClaimId other = game.post{value: CLAIM_BOND}(
            claim.defender, claim.salt, claim.start, claim.end, claim.length
        );
        vm.assertNotEq(ClaimId.unwrap(other), ClaimId.unwrap(game.idOf(claim)));
    }

    function test_post_otherBond_reverts() external {
        vm.deal(address(this), 10 ether);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 value = i == 0 ? 0 : i == 1 ? CLAIM_BOND - 1 : CLAIM_BOND + 1;
            vm.expectRevert(
                abi.encodeWithSelector(Payouts.Payouts_Value.selector, CLAIM_BOND, value)
            );
            game.post{value: value}(account("a"), 0, StateHash.wrap(0), StateHash.wrap(0), 1);
        }
    }

    function test_post_noSteps_reverts() external {
        vm.deal(address(this), CLAIM_BOND);
        vm.expectRevert(abi.encodeWithSelector(IMachineGame.MachineGame_NoSteps.selector));
        game.post{value: CLAIM_BOND}(account("a"), 0, StateHash.wrap(0), StateHash.wrap(0), 0);
    }

    function test_post_twice_reverts() external {
        Claim memory claim = post(honest("honest"), LENGTH);
        assertExists(claim, ClaimStatus.Open);
        vm.warp(deadlineOf(claim) + 1);
        game.release(game.idOf(claim));
        assertExists(claim, ClaimStatus.Released);
    }

    /// @dev A claim that fell does not rise.
    function test_post_fallen_reverts() external {
        Claim memory claim = post(liar("liar", 1), LENGTH);
        runOut(challenge(honest("honest"), claim));
        assertExists(claim, ClaimStatus.Fallen);
    }

    function assertExists(Claim memory _claim, ClaimStatus _status) internal {
        ClaimId claimId = game.idOf(_claim);
        vm.deal(address(this), CLAIM_BOND);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMachineGame.MachineGame_ClaimStatus.selector, claimId, ClaimStatus.None, _status
            )
        );
        game.post{value: CLAIM_BOND}(
            _claim.defender, _claim.salt, _claim.start, _claim.end, _claim.length
        );
    }
}

contract MachineGameChallengeTest is GameTest {
    Player internal truth = honest("honest");
    Claim internal claim;

    function setUp() external {
        claim = post(liar("liar", 12345), LENGTH);
    }

    function test_challenge_firstMove_succeeds() external {
        Move memory move = truth.cut(0, LENGTH, DEGREE);
        GameId expected = game.gameOf(game.idOf(claim), truth.account);
        vm.deal(truth.account, CHALLENGE_BOND);
        vm.expectEmit(address(game));
        emit IMachineGame.GameOpened(expected, game.idOf(claim), truth.account);
        vm.expectEmit(address(game));
        emit IMachineGame.Dissected(
            expected, DissectionHash.wrap(move.hash()), 0, LENGTH, claim.start, move.ends
        );
        vm.prank(truth.account);
        game.challenge{value: CHALLENGE_BOND}(claim, move.ends);

        (Game memory state, Timestamp deadline) = game.gameState(expected);
        vm.assertEq(DissectionHash.unwrap(state.dissection), move.hash());
        vm.assertEq(ClaimId.unwrap(state.claimId), ClaimId.unwrap(game.idOf(claim)));
        vm.assertEq(state.challenger, truth.account);
        vm.assertEq(Timestamp.unwrap(deadline), block.timestamp + GRACE + CLOCK);
        assertStatus(expected, GameStatus.DefenderMoves);
        (,, uint32 openGames) = game.claimState(game.idOf(claim));
        vm.assertEq(openGames, 1);
    }

    function test_challenge_lastSecond_succeeds() external {
        vm.warp(deadlineOf(claim));
        challenge(truth, claim);
    }

    function test_challenge_windowOver_reverts() external {
        Timestamp deadline = Timestamp.wrap(uint40(deadlineOf(claim)));
        vm.warp(deadlineOf(claim) + 1);
        assertRefused(
            claim,
            truth.cut(0, LENGTH, DEGREE),
            abi.encodeWithSelector(IMachineGame.MachineGame_WindowOver.selector, deadline)
        );
    }

    function test_challenge_otherBond_reverts() external {
        Move memory move = truth.cut(0, LENGTH, DEGREE);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 value = CHALLENGE_BOND - 1 + 2 * i;
            vm.deal(truth.account, value);
            vm.prank(truth.account);
            vm.expectRevert(
                abi.encodeWithSelector(Payouts.Payouts_Value.selector, CHALLENGE_BOND, value)
            );
            game.challenge{value: value}(claim, move.ends);
        }
    }

    function test_challenge_unknownClaim_reverts() external {
        Claim memory other = claim;
        other.salt = "other";
        bytes memory reason = status(other, ClaimStatus.None);
        assertRefused(other, truth.cut(0, LENGTH, DEGREE), reason);
    }

    function test_challenge_fallenClaim_reverts() external {
        runOut(challenge(honest("first"), claim));
        bytes memory reason = status(claim, ClaimStatus.Fallen);
        assertRefused(claim, truth.cut(0, LENGTH, DEGREE), reason);
    }

    function test_challenge_twice_reverts() external {
        GameId gameId = challenge(truth, claim);
        bytes memory reason =
            abi.encodeWithSelector(IMachineGame.MachineGame_Exists.selector, gameId);
        assertRefused(claim, truth.cut(0, LENGTH, DEGREE), reason);
    }

    /// @dev Who has lost cannot try again.
    function test_challenge_afterALoss_reverts() external {
        GameId gameId = challenge(truth, claim);
        answer(gameId, liar("liar", 12345));
        runOut(gameId);
        bytes memory reason =
            abi.encodeWithSelector(IMachineGame.MachineGame_Exists.selector, gameId);
        assertRefused(claim, truth.cut(0, LENGTH, DEGREE), reason);
    }

    function test_challenge_sameEnd_reverts() external {
        Move memory move = truth.cut(0, LENGTH, DEGREE);
        move.ends[DEGREE - 1] = claim.end;
        bytes memory reason =
            abi.encodeWithSelector(IMachineGame.MachineGame_SameEnd.selector, claim.end);
        assertRefused(claim, move, reason);
    }

    function test_challenge_otherParts_reverts() external {
        bytes memory reason = abi.encodeWithSelector(Dissection.Dissection_Parts.selector, 64, 32);
        assertRefused(claim, truth.cut(0, LENGTH, 32), reason);
    }

    function assertRefused(Claim memory _claim, Move memory _move, bytes memory _reason) internal {
        vm.deal(truth.account, CHALLENGE_BOND);
        vm.prank(truth.account);
        vm.expectRevert(_reason);
        game.challenge{value: CHALLENGE_BOND}(_claim, _move.ends);
    }

    function status(Claim memory _claim, ClaimStatus _got)
        internal
        view
        returns (bytes memory reason_)
    {
        return abi.encodeWithSelector(
            IMachineGame.MachineGame_ClaimStatus.selector, game.idOf(_claim), ClaimStatus.Open, _got
        );
    }
}

contract MachineGameDissectTest is GameTest {
    Player internal defender = liar("liar", 12345);
    Player internal challenger = honest("honest");
    Claim internal claim;
    GameId internal gameId;

    function setUp() external {
        claim = post(defender, LENGTH);
        gameId = challenge(challenger, claim);
    }

    function test_dissect_answer_succeeds() external {
        (Rejection memory rejected, Move memory next) = prepare();
        vm.expectEmit(address(game));
        emit IMachineGame.Dissected(
            gameId, DissectionHash.wrap(next.hash()), 0, LENGTH / 64, next.from, next.ends
        );
        vm.warp(block.timestamp + GRACE + 10);
        vm.prank(defender.account);
        game.dissect(gameId, rejected, next.ends);

        (Game memory state, Timestamp deadline) = game.gameState(gameId);
        vm.assertEq(DissectionHash.unwrap(state.dissection), next.hash());
        vm.assertEq(Duration.unwrap(state.clocks.defender), CLOCK - 10);
        vm.assertEq(Timestamp.unwrap(deadline), block.timestamp + CLOCK);
        assertStatus(gameId, GameStatus.ChallengerMoves);
    }

    function test_dissect_challengersTurn_succeeds() external {
        answer(gameId, defender);
        answer(gameId, challenger);
        assertStatus(gameId, GameStatus.DefenderMoves);
    }

    function test_dissect_notToMove_reverts() external {
        (Rejection memory rejected, Move memory next) = prepare();
        bytes memory reason = abi.encodeWithSelector(
            IMachineGame.MachineGame_NotToMove.selector, GameStatus.DefenderMoves
        );
        assertRefused(challenger.account, rejected, next.ends, reason);
        assertRefused(account("anybody"), rejected, next.ends, reason);
        answer(gameId, defender);
        reason = abi.encodeWithSelector(
            IMachineGame.MachineGame_NotToMove.selector, GameStatus.ChallengerMoves
        );
        assertRefused(defender.account, rejected, next.ends, reason);
    }

    function test_dissect_lastSecond_succeeds() external {
        vm.warp(deadlineOf(gameId));
        vm.assertTrue(answer(gameId, defender));
        vm.warp(deadlineOf(gameId));
        vm.assertTrue(answer(gameId, challenger));
    }

    function test_dissect_tooLate_reverts() external {
        (Rejection memory rejected, Move memory next) = prepare();
        Timestamp deadline = Timestamp.wrap(uint40(deadlineOf(gameId)));
        vm.warp(deadlineOf(gameId) + 1);
        bytes memory reason =
            abi.encodeWithSelector(IMachineGame.MachineGame_TooLate.selector, deadline);
        assertRefused(defender.account, rejected, next.ends, reason);
    }

    function test_dissect_noGame_reverts() external {
        (Rejection memory rejected, Move memory next) = prepare();
        gameId = GameId.wrap(0);
        bytes memory reason =
            abi.encodeWithSelector(IMachineGame.MachineGame_NotPlayed.selector, GameStatus.None);
        assertRefused(defender.account, rejected, next.ends, reason);
    }

    function test_dissect_gameOver_reverts() external {
        (Rejection memory rejected, Move memory next) = prepare();
        runOut(gameId);
        bytes memory reason = abi.encodeWithSelector(
            IMachineGame.MachineGame_NotPlayed.selector, GameStatus.ChallengerWon
        );
        assertRefused(defender.account, rejected, next.ends, reason);
    }

    /// @dev A claim that fell is not played about in other games.
    function test_dissect_fallenClaim_reverts() external {
        GameId other = challenge(honest("other"), claim);
        (Rejection memory rejected, Move memory next) = prepare();
        runOut(other);
        bytes memory reason = abi.encodeWithSelector(
            IMachineGame.MachineGame_ClaimStatus.selector,
            game.idOf(claim),
            ClaimStatus.Open,
            ClaimStatus.Fallen
        );
        assertRefused(defender.account, rejected, next.ends, reason);
    }

    /// @dev A move that was sent twice, or that answers what another block had, is none.
    function test_dissect_otherMove_reverts() external {
        (Rejection memory rejected, Move memory next) = prepare();
        Move memory first = _moves[gameId];
        rejected.to = StateHash.wrap("other");
        try this.hashOf(rejected) returns (DissectionHash got) {
            bytes memory reason =
                abi.encodeWithSelector(IMachineGame.MachineGame_Answer.selector, first.hash(), got);
            assertRefused(defender.account, rejected, next.ends, reason);
        } catch {
            vm.assertTrue(false);
        }
    }

    function test_dissect_ownMove_reverts() external {
        (Rejection memory rejected,) = prepare();
        answer(gameId, defender);
        Move memory own = _moves[gameId];
        bytes memory reason = abi.encodeWithSelector(
            IMachineGame.MachineGame_Answer.selector, own.hash(), this.hashOf(rejected)
        );
        Move memory next = challenger.cut(0, LENGTH / 64, DEGREE);
        assertRefused(challenger.account, rejected, next.ends, reason);
    }

    function test_dissect_sameEnd_reverts() external {
        (Rejection memory rejected, Move memory next) = prepare();
        next.ends[63] = rejected.to;
        bytes memory reason =
            abi.encodeWithSelector(IMachineGame.MachineGame_SameEnd.selector, rejected.to);
        assertRefused(defender.account, rejected, next.ends, reason);
    }

    function test_dissect_otherParts_reverts() external {
        (Rejection memory rejected,) = prepare();
        Move memory next = defender.cut(0, LENGTH / 64, 63);
        bytes memory reason = abi.encodeWithSelector(Dissection.Dissection_Parts.selector, 64, 63);
        assertRefused(defender.account, rejected, next.ends, reason);
    }

    function test_dissect_indexBehindTheLast_reverts() external {
        (Rejection memory rejected, Move memory next) = prepare();
        rejected.index = 64;
        bytes memory reason = abi.encodeWithSelector(Dissection.Dissection_Index.selector, 64, 64);
        assertRefused(defender.account, rejected, next.ends, reason);
    }

    function test_dissect_singleStep_reverts() external {
        claim = post(defender, 64);
        defender.lieFrom = 10;
        claim = post(defender, 64);
        gameId = challenge(challenger, claim);
        Rejection memory rejected = rejection(_moves[gameId], 9);
        Move memory next = defender.cut(9, 1, DEGREE);
        bytes memory reason = abi.encodeWithSelector(IMachineGame.MachineGame_SingleStep.selector);
        assertRefused(defender.account, rejected, next.ends, reason);
    }

    function hashOf(Rejection calldata _rejected) external pure returns (DissectionHash hash_) {
        return Dissection.hash(_rejected, DEGREE);
    }

    /// @dev The defender's answer.
    function prepare() internal view returns (Rejection memory rejected_, Move memory next_) {
        return (rejection(_moves[gameId], 0), defender.cut(0, LENGTH / 64, DEGREE));
    }

    function assertRefused(
        address _account,
        Rejection memory _rejected,
        StateHash[] memory _ends,
        bytes memory _reason
    ) internal {
        vm.prank(_account);
        vm.expectRevert(_reason);
        game.dissect(gameId, _rejected, _ends);
    }
}

contract MachineGameProveTest is GameTest {
    Player internal defender = honest("honest");
    Player internal challenger = liar("liar", 10);
    Claim internal claim;
    GameId internal gameId;

    function setUp() external {
        claim = post(defender, 64);
        gameId = challenge(challenger, claim);
    }

    function test_prove_byTheDefender_succeeds() external {
        Rejection memory rejected = rejection(_moves[gameId], 9);
        vm.expectEmit(address(game));
        emit IMachineGame.StepProved(gameId, 9, defender.state(9), defender.state(10));
        vm.expectEmit(address(game));
        emit Payouts.Burnt(CHALLENGE_BOND);
        vm.expectEmit(address(game));
        emit IMachineGame.GameEnded(gameId, GameStatus.DefenderWon, 0);
        vm.prank(defender.account);
        game.prove(gameId, rejected, defender.proof(9));
        assertStatus(gameId, GameStatus.DefenderWon);
        assertStatus(claim, ClaimStatus.Open);
        (,, uint32 openGames) = game.claimState(game.idOf(claim));
        vm.assertEq(openGames, 0);
    }

    function test_prove_byTheChallenger_succeeds() external {
        // The challenger's turn comes with the second cut.
        defender = liar("liar", 100);
        challenger = honest("honest");
        claim = post(defender, 4096);
        gameId = challenge(challenger, claim);
        answer(gameId, defender);
        Rejection memory rejected = rejection(_moves[gameId], 35);
        vm.expectEmit(address(game));
        emit IMachineGame.StepProved(gameId, 99, challenger.state(99), challenger.state(100));
        vm.expectEmit(address(game));
        emit IMachineGame.ClaimFell(game.idOf(claim), gameId);
        vm.expectEmit(address(game));
        emit Payouts.Burnt(CLAIM_BOND);
        vm.expectEmit(address(game));
        emit Payouts.Credited(challenger.account, CHALLENGE_BOND);
        vm.expectEmit(address(game));
        emit IMachineGame.GameEnded(gameId, GameStatus.ChallengerWon, 0);
        vm.prank(challenger.account);
        game.prove(gameId, rejected, challenger.proof(99));
        assertStatus(gameId, GameStatus.ChallengerWon);
        assertStatus(claim, ClaimStatus.Fallen);
        vm.assertEq(game.credit(challenger.account), CHALLENGE_BOND);
        vm.assertEq(game.credit(defender.account), 0);
    }

    /// @dev A run of one step is not cut but proved at once.
    function test_prove_runOfOneStep_succeeds() external {
        challenger.lieFrom = 1;
        claim = post(defender, 1);
        gameId = challenge(challenger, claim);
        vm.assertTrue(answer(gameId, defender));
        assertStatus(gameId, GameStatus.DefenderWon);
    }

    function test_prove_stepHolds_reverts() external {
        Rejection memory rejected = rejection(_moves[gameId], 8);
        bytes memory reason =
            abi.encodeWithSelector(IMachineGame.MachineGame_StepHolds.selector, defender.state(9));
        assertRefused(defender.account, rejected, defender.proof(8), reason);
    }

    function test_prove_manySteps_reverts() external {
        claim = post(defender, 65);
        gameId = challenge(challenger, claim);
        Rejection memory rejected = rejection(_moves[gameId], 63);
        bytes memory reason = abi.encodeWithSelector(IMachineGame.MachineGame_ManySteps.selector, 2);
        assertRefused(defender.account, rejected, defender.proof(9), reason);
    }

    /// @dev What the verifier says of a proof that is none, the game says too.
    function test_prove_otherProof_reverts() external {
        Rejection memory rejected = rejection(_moves[gameId], 9);
        bytes memory reason = abi.encodeWithSelector(
            ToyVerifier.Toy_Before.selector, defender.state(9), defender.state(8)
        );
        assertRefused(defender.account, rejected, defender.proof(8), reason);
    }

    function test_prove_notToMove_reverts() external {
        Rejection memory rejected = rejection(_moves[gameId], 9);
        bytes memory reason = abi.encodeWithSelector(
            IMachineGame.MachineGame_NotToMove.selector, GameStatus.DefenderMoves
        );
        assertRefused(challenger.account, rejected, defender.proof(9), reason);
        assertRefused(account("anybody"), rejected, defender.proof(9), reason);
    }

    function test_prove_tooLate_reverts() external {
        Rejection memory rejected = rejection(_moves[gameId], 9);
        Timestamp deadline = Timestamp.wrap(uint40(deadlineOf(gameId)));
        vm.warp(deadlineOf(gameId) + 1);
        bytes memory reason =
            abi.encodeWithSelector(IMachineGame.MachineGame_TooLate.selector, deadline);
        assertRefused(defender.account, rejected, defender.proof(9), reason);
    }

    function test_prove_twice_reverts() external {
        Rejection memory rejected = rejection(_moves[gameId], 9);
        vm.assertTrue(answer(gameId, defender));
        bytes memory reason = abi.encodeWithSelector(
            IMachineGame.MachineGame_NotPlayed.selector, GameStatus.DefenderWon
        );
        assertRefused(defender.account, rejected, defender.proof(9), reason);
    }

    /// @dev A claim that fell is not played about, in time or not.
    function test_prove_fallenClaim_reverts() external {
        GameId first = gameId;
        vm.warp(block.timestamp + 1);
        gameId = challenge(liar("later", 10), claim);
        Rejection memory rejected = rejection(_moves[gameId], 9);
        runOut(first);
        vm.assertEq(block.timestamp, deadlineOf(gameId));
        bytes memory reason = abi.encodeWithSelector(
            IMachineGame.MachineGame_ClaimStatus.selector,
            game.idOf(claim),
            ClaimStatus.Open,
            ClaimStatus.Fallen
        );
        assertRefused(defender.account, rejected, defender.proof(9), reason);
    }

    function test_prove_otherStep_reverts() external {
        Move memory move = _moves[gameId];
        Rejection memory rejected = rejection(move, 9);
        rejected.index = 10;
        // The path leads elsewhere from there; which root it is does not matter.
        vm.prank(defender.account);
        vm.expectPartialRevert(IMachineGame.MachineGame_Answer.selector);
        game.prove(gameId, rejected, defender.proof(9));
    }

    function assertRefused(
        address _account,
        Rejection memory _rejected,
        bytes memory _proof,
        bytes memory _reason
    ) internal {
        vm.prank(_account);
        vm.expectRevert(_reason);
        game.prove(gameId, _rejected, _proof);
    }
}

contract MachineGameTimeOutTest is GameTest {
    Player internal defender = liar("liar", 12345);
    Player internal challenger = honest("honest");
    Claim internal claim;
    GameId internal gameId;

    function setUp() external {
        claim = post(defender, LENGTH);
        gameId = challenge(challenger, claim);
    }

    function test_timeOut_defender_succeeds() external {
        vm.warp(deadlineOf(gameId) + 1);
        vm.prank(account("anybody"));
        game.timeOut(gameId);
        assertStatus(gameId, GameStatus.ChallengerWon);
        assertStatus(claim, ClaimStatus.Fallen);
        vm.assertEq(game.credit(challenger.account), CHALLENGE_BOND);
    }

    /// @dev A game that fells the claim is over like any other; those that have nothing to decide any more are not.
    function test_timeOut_openGames_succeeds() external {
        challenge(honest("other"), claim);
        runOut(gameId);
        (ClaimStatus status,, uint32 openGames) = game.claimState(game.idOf(claim));
        vm.assertEq(uint256(status), uint256(ClaimStatus.Fallen));
        vm.assertEq(openGames, 1);
    }

    function test_timeOut_challenger_succeeds() external {
        answer(gameId, defender);
        vm.warp(deadlineOf(gameId) + 1);
        game.timeOut(gameId);
        assertStatus(gameId, GameStatus.DefenderWon);
        assertStatus(claim, ClaimStatus.Open);
        vm.assertEq(game.credit(challenger.account), 0);
    }

    function test_timeOut_lastSecond_reverts() external {
        Timestamp deadline = Timestamp.wrap(uint40(deadlineOf(gameId)));
        vm.warp(deadlineOf(gameId));
        vm.expectRevert(
            abi.encodeWithSelector(IMachineGame.MachineGame_TooEarly.selector, deadline)
        );
        game.timeOut(gameId);
    }

    function test_timeOut_noGame_reverts() external {
        vm.expectRevert(
            abi.encodeWithSelector(IMachineGame.MachineGame_NotPlayed.selector, GameStatus.None)
        );
        game.timeOut(GameId.wrap(0));
    }

    function test_timeOut_twice_reverts() external {
        runOut(gameId);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMachineGame.MachineGame_NotPlayed.selector, GameStatus.ChallengerWon
            )
        );
        game.timeOut(gameId);
    }

    function test_timeOut_fallenClaim_reverts() external {
        GameId other = challenge(honest("other"), claim);
        runOut(other);
        bytes memory reason = abi.encodeWithSelector(
            IMachineGame.MachineGame_ClaimStatus.selector,
            game.idOf(claim),
            ClaimStatus.Open,
            ClaimStatus.Fallen
        );
        vm.expectRevert(reason);
        game.timeOut(gameId);
    }
}

contract MachineGameCollectTest is GameTest {
    Claim internal claim;
    GameId internal first;
    GameId internal second;

    function setUp() external {
        claim = post(liar("liar", 12345), LENGTH);
        first = challenge(honest("first"), claim);
        second = challenge(honest("second"), claim);
    }

    function test_collect_fallenClaim_succeeds() external {
        runOut(first);
        vm.expectEmit(address(game));
        emit IMachineGame.GameEnded(second, GameStatus.Collected, 0);
        vm.prank(account("anybody"));
        game.collect(second);
        assertStatus(second, GameStatus.Collected);
        vm.assertEq(game.credit(account("second")), CHALLENGE_BOND);
    }

    function test_collect_openClaim_reverts() external {
        bytes memory reason = abi.encodeWithSelector(
            IMachineGame.MachineGame_ClaimStatus.selector,
            game.idOf(claim),
            ClaimStatus.Fallen,
            ClaimStatus.Open
        );
        vm.expectRevert(reason);
        game.collect(second);
    }

    function test_collect_noGame_reverts() external {
        vm.expectRevert(
            abi.encodeWithSelector(IMachineGame.MachineGame_NotPlayed.selector, GameStatus.None)
        );
        game.collect(GameId.wrap(0));
    }

    function test_collect_twice_reverts() external {
        runOut(first);
        game.collect(second);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMachineGame.MachineGame_NotPlayed.selector, GameStatus.Collected
            )
        );
        game.collect(second);
    }

    function test_collect_wonGame_reverts() external {
        runOut(first);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMachineGame.MachineGame_NotPlayed.selector, GameStatus.ChallengerWon
            )
        );
        game.collect(first);
    }

    /// @dev Who lost his game before the claim fell gets nothing.
    function test_collect_lostGame_reverts() external {
        answer(second, liar("liar", 12345));
        runOut(second);
        runOut(first);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMachineGame.MachineGame_NotPlayed.selector, GameStatus.DefenderWon
            )
        );
        game.collect(second);
    }

    /// @dev Costs of all are more than the claim's bond: each gets the same part of his own, and no more goes out than came in.
    function test_collect_dear_succeeds() external {
        vm.fee(1e18);
        vm.txGasPrice(1e18);
        address third = account("third");
        GameId lost = challenge(honest("third"), claim);
        answer(lost, liar("liar", 12345));
        GameId fourth = challenge(honest("fourth"), claim);
        vm.fee(0);
        vm.txGasPrice(0);
        vm.warp(deadlineOf(lost) + 1);
        game.timeOut(lost);
        vm.assertEq(game.credit(third), 0);
        vm.assertEq(game.credit(account("liar")), CHALLENGE_BOND);
        runOut(fourth);
        // What the one that lost had spent does not count: the fourth is alone.
        uint256 credit = game.credit(account("fourth"));
        vm.assertEq(credit, CHALLENGE_BOND + CLAIM_BOND);
    }

    function test_collect_shares_succeeds() external {
        vm.fee(1e18);
        vm.txGasPrice(1e18);
        GameId third = challenge(honest("third"), claim);
        GameId fourth = challenge(honest("fourth"), claim);
        vm.fee(0);
        vm.txGasPrice(0);
        runOut(third);
        game.collect(fourth);
        (Game memory a,) = game.gameState(third);
        (Game memory b,) = game.gameState(fourth);
        uint256 all = uint256(a.challengerCosts) + b.challengerCosts;
        vm.assertTrue(all > CLAIM_BOND);
        uint256 one = uint256(a.challengerCosts) * CLAIM_BOND / all;
        uint256 other = uint256(b.challengerCosts) * CLAIM_BOND / all;
        vm.assertEq(game.credit(account("third")), CHALLENGE_BOND + one);
        vm.assertEq(game.credit(account("fourth")), CHALLENGE_BOND + other);
        vm.assertTrue(one + other <= CLAIM_BOND && one + other >= CLAIM_BOND - 1);
    }
}

contract MachineGameReleaseTest is GameTest {
    Player internal defender = honest("honest");
    Claim internal claim;
    ClaimId internal claimId;

    function setUp() external {
        claim = post(defender, LENGTH);
        claimId = game.idOf(claim);
    }

    function test_release_windowOver_succeeds() external {
        vm.warp(deadlineOf(claim) + 1);
        vm.expectEmit(address(game));
        emit IMachineGame.ClaimReleased(claimId);
        vm.prank(account("anybody"));
        game.release(claimId);
        assertStatus(claim, ClaimStatus.Released);
        vm.assertEq(game.credit(defender.account), CLAIM_BOND);
    }

    function test_release_inTheWindow_reverts() external {
        vm.warp(deadlineOf(claim));
        assertNotStanding(0);
    }

    function test_release_openGame_reverts() external {
        vm.warp(deadlineOf(claim));
        GameId one = challenge(liar("liar", 5), claim);
        challenge(liar("other liar", 5), claim);
        vm.warp(deadlineOf(claim) + 1);
        assertNotStanding(2);
        play(one, defender, liar("liar", 5));
        assertNotStanding(1);
    }

    function test_release_unknown_reverts() external {
        claimId = ClaimId.wrap(0);
        assertStatusRefused(ClaimStatus.None);
    }

    function test_release_twice_reverts() external {
        vm.warp(deadlineOf(claim) + 1);
        game.release(claimId);
        assertStatusRefused(ClaimStatus.Released);
        vm.assertEq(game.credit(defender.account), CLAIM_BOND);
    }

    function test_release_fallen_reverts() external {
        runOut(challenge(liar("liar", 5), claim));
        vm.warp(deadlineOf(claim) + 1);
        assertStatusRefused(ClaimStatus.Fallen);
    }

    function assertNotStanding(uint256 _openGames) internal {
        uint256 deadline = deadlineOf(claim);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMachineGame.MachineGame_NotStanding.selector, deadline, _openGames
            )
        );
        game.release(claimId);
    }

    function assertStatusRefused(ClaimStatus _got) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                IMachineGame.MachineGame_ClaimStatus.selector, claimId, ClaimStatus.Open, _got
            )
        );
        game.release(claimId);
    }
}

contract MachineGameStandsTest is GameTest {
    Player internal defender = honest("honest");
    Claim internal claim;
    ClaimId internal claimId;

    function setUp() external {
        claim = post(defender, LENGTH);
        claimId = game.idOf(claim);
    }

    function test_stands_windowOver_succeeds() external {
        vm.assertFalse(game.stands(claimId));
        vm.warp(deadlineOf(claim));
        vm.assertFalse(game.stands(claimId));
        vm.warp(deadlineOf(claim) + 1);
        vm.assertTrue(game.stands(claimId));
        game.release(claimId);
        vm.assertTrue(game.stands(claimId));
    }

    function test_stands_openGame_succeeds() external {
        GameId gameId = challenge(liar("liar", 5), claim);
        vm.warp(deadlineOf(claim) + 1);
        vm.assertFalse(game.stands(claimId));
        vm.warp(deadlineOf(gameId));
        vm.assertFalse(game.stands(claimId));
    }

    function test_stands_wonGame_succeeds() external {
        play(challenge(liar("liar", 5), claim), defender, liar("liar", 5));
        vm.assertFalse(game.stands(claimId));
        vm.warp(deadlineOf(claim) + 1);
        vm.assertTrue(game.stands(claimId));
    }

    function test_stands_fallen_succeeds() external {
        runOut(challenge(liar("liar", 5), claim));
        vm.warp(deadlineOf(claim) + 100 * CLOCK);
        vm.assertFalse(game.stands(claimId));
    }

    function test_stands_unknown_succeeds() external view {
        vm.assertFalse(game.stands(ClaimId.wrap(0)));
    }
}

/// @notice The last step is proved to the verifier of the real machine.
contract MachineGameRealVerifierTest is GameTest, StepTest {
    Draft internal draft_;
    StateHash internal next;

    function setUp() external {
        game = new MachineGame(parameters(entry, DEGREE));
        draft_ = draft(word(Opcodes.V128_CONST, 0, 0, 0, 7));
        Record memory record = popped(draft_, 0);
        pushed(record, 7);
        next = hash(record);
    }

    function test_prove_byTheDefender_succeeds() external {
        (Claim memory claim, GameId gameId) = begin(next, StateHash.wrap("another end"));
        Rejection memory rejected = rejection(_moves[gameId], 0);
        bytes memory made = proof(draft_);
        vm.prank(claim.defender);
        game.prove(gameId, rejected, made);
        assertStatus(gameId, GameStatus.DefenderWon);
        assertStatus(claim, ClaimStatus.Open);
    }

    /// @dev The proof that there is shows that the challenger is right.
    function test_prove_byALiar_reverts() external {
        (Claim memory claim, GameId gameId) = begin(StateHash.wrap("another end"), next);
        Rejection memory rejected = rejection(_moves[gameId], 0);
        bytes memory made = proof(draft_);
        vm.prank(claim.defender);
        vm.expectRevert(abi.encodeWithSelector(IMachineGame.MachineGame_StepHolds.selector, next));
        game.prove(gameId, rejected, made);
        runOut(gameId);
        assertStatus(claim, ClaimStatus.Fallen);
    }

    /// @dev A run that has failed stays so, and the verifier says so.
    function test_prove_failedState_succeeds() external {
        Player memory necromancer = honest("necromancer");
        StateHash failed = Terminal.failed();
        Claim memory claim = postEnds(failed, failed, 3);
        Move memory move = necromancer.cut(0, 3, DEGREE);
        (move.from, move.ends[0]) = (failed, failed);
        GameId gameId = challengeWith(necromancer.account, claim, move);

        Rejection memory first = rejection(move, 0);
        vm.prank(claim.defender);
        vm.expectRevert(abi.encodeWithSelector(IMachineGame.MachineGame_StepHolds.selector, failed));
        game.prove(gameId, first, hex"00");

        Rejection memory second = rejection(move, 1);
        vm.prank(claim.defender);
        game.prove(gameId, second, hex"00");
        assertStatus(gameId, GameStatus.DefenderWon);
    }

    /// @dev A quarrel about the draft's step alone.
    function begin(StateHash _claimed, StateHash _challenged)
        internal
        returns (Claim memory claim_, GameId gameId_)
    {
        StateHash start = hash(draft_.record);
        claim_ = postEnds(start, _claimed, 1);
        StateHash[] memory ends = new StateHash[](1);
        ends[0] = _challenged;
        gameId_ = challengeWith(account("challenger"), claim_, Move(0, 1, start, ends));
    }

    function postEnds(StateHash _start, StateHash _end, uint64 _length)
        internal
        returns (Claim memory claim_)
    {
        claim_ = Claim(address(this), account("defender"), 0, _start, _end, _length);
        vm.deal(address(this), CLAIM_BOND);
        game.post{value: CLAIM_BOND}(claim_.defender, 0, _start, _end, _length);
    }
}
