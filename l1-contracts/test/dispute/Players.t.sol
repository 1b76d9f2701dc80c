// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Claim, ClaimStatus, GameId, GameStatus, Rejection} from "../../src/dispute/Types.sol";
import {StateHash} from "../../src/state/Hashes.sol";

import {IMachineGame, MachineGame} from "../../src/dispute/MachineGame.sol";

import {vm} from "../Vm.sol";
import {GameTest} from "../support/GameTest.sol";
import {Move, Player} from "../support/Player.sol";
import {ToyVerifier} from "../support/Toy.sol";

/// @notice Whole games, by who plays them.
contract PlayersTest is GameTest {
    /// @dev Two gwei a unit of gas: a game costs some thousandths of an ether, and the bonds are an ether and two.
    function setUp() external {
        vm.fee(1 gwei);
        vm.txGasPrice(2 gwei);
    }

    /// forge-config: default.fuzz.runs = 100
    function testFuzz_play_liarDefends_succeeds(uint64 _from, uint64 _length, uint256 _degree)
        external
    {
        (Player memory truth, Player memory lie) = (honest("honest"), liar("liar", 0));
        uint64 length = chooseLength(_length, _degree);
        lie.lieFrom = 1 + _from % length;
        Claim memory claim = post(lie, length);
        play(challenge(truth, claim), lie, truth);
        assertStatus(claim, ClaimStatus.Fallen);
        vm.assertTrue(game.credit(truth.account) > CHALLENGE_BOND);
        vm.assertEq(game.credit(lie.account), 0);
        vm.assertFalse(game.stands(game.idOf(claim)));
    }

    /// forge-config: default.fuzz.runs = 100
    function testFuzz_play_liarChallenges_succeeds(uint64 _from, uint64 _length, uint256 _degree)
        external
    {
        (Player memory truth, Player memory lie) = (honest("honest"), liar("liar", 0));
        uint64 length = chooseLength(_length, _degree);
        lie.lieFrom = 1 + _from % length;
        Claim memory claim = post(truth, length);
        GameId gameId = challenge(lie, claim);
        play(gameId, truth, lie);
        assertStatus(gameId, GameStatus.DefenderWon);
        assertStands(claim);
        vm.assertTrue(game.credit(truth.account) > CLAIM_BOND);
        vm.assertTrue(game.credit(truth.account) < CLAIM_BOND + CHALLENGE_BOND);
        vm.assertEq(game.credit(lie.account), 0);
    }

    /// @dev A liar may begin his lie where he likes, and end it: each segment of his is made up by itself.
    /// forge-config: default.fuzz.runs = 100
    function testFuzz_play_noise_succeeds(uint256 _seed) external {
        Player memory truth = honest("honest");
        Claim memory claim = post(truth, LENGTH);
        Move memory move = truth.cut(0, LENGTH, DEGREE);
        address noise = account("noise");
        for (uint256 i = 0; i < 63; ++i) {
            if (_seed >> i & 1 == 0) {
                move.ends[i] = StateHash.wrap(keccak256(abi.encode(_seed, i)));
            }
        }
        move.ends[63] = StateHash.wrap(keccak256(abi.encode(_seed)));
        GameId gameId = challengeWith(noise, claim, move);
        while (playing(gameId)) {
            if (defenderMoves(gameId)) {
                vm.assertTrue(answer(gameId, truth), "the truth always has an answer");
            } else if (!answerNoise(gameId, noise, _seed)) {
                runOut(gameId);
            }
        }
        assertStatus(gameId, GameStatus.DefenderWon);
    }

    function test_play_silentDefender_succeeds() external {
        Player memory truth = honest("honest");
        uint256 begun = block.timestamp;
        Claim memory claim = post(liar("silent", 1), LENGTH);
        runOut(challenge(truth, claim));
        assertStatus(claim, ClaimStatus.Fallen);
        vm.assertEq(block.timestamp, begun + GRACE + CLOCK + 1);
        vm.assertTrue(game.credit(truth.account) > CHALLENGE_BOND);
    }

    function test_play_silentChallenger_succeeds() external {
        Player memory truth = honest("honest");
        Claim memory claim = post(truth, LENGTH);
        GameId gameId = challenge(liar("silent", 1), claim);
        answer(gameId, truth);
        runOut(gameId);
        assertStands(claim);
        vm.assertTrue(game.credit(truth.account) > CLAIM_BOND);
    }

    /// @dev Who is silent once he has no move, and before that moves in his last second, cannot hold a claim up for longer than
    /// a window, a grace period and two clocks.
    function test_play_lastSecondMover_succeeds() external {
        (Player memory truth, Player memory slow) = (honest("honest"), liar("slow", LENGTH - 5));
        Claim memory claim = post(truth, LENGTH);
        uint256 begun = block.timestamp;
        vm.warp(deadlineOf(claim));
        GameId gameId = challenge(slow, claim);
        while (playing(gameId)) {
            // The honest one takes all of his time, too.
            vm.warp(deadlineOf(gameId));
            if (!answer(gameId, defenderMoves(gameId) ? truth : slow)) runOut(gameId);
        }
        assertStatus(gameId, GameStatus.DefenderWon);
        vm.assertTrue(block.timestamp <= begun + game.longest() + 1);
        assertStands(claim);
    }

    function test_play_lastSecondDefender_succeeds() external {
        (Player memory truth, Player memory slow) = (honest("honest"), liar("slow", LENGTH - 5));
        uint256 begun = block.timestamp;
        Claim memory claim = post(slow, LENGTH);
        vm.warp(deadlineOf(claim));
        GameId gameId = challenge(truth, claim);
        while (playing(gameId)) {
            bool slows = defenderMoves(gameId);
            if (slows) vm.warp(deadlineOf(gameId));
            if (!answer(gameId, slows ? slow : truth)) runOut(gameId);
        }
        assertStatus(claim, ClaimStatus.Fallen);
        vm.assertTrue(block.timestamp <= begun + game.longest() + 1);
    }

    /// @dev What is cut into other parts is no move, whether or not it ends as it should.
    function test_play_wrongDissection_reverts() external {
        (Player memory truth, Player memory lie) = (honest("honest"), liar("liar", 12345));
        Claim memory claim = post(truth, LENGTH);
        GameId gameId = challenge(lie, claim);
        answer(gameId, truth);
        Move memory last = _moves[gameId];
        uint256 index = lie.objection(last);
        Rejection memory rejected = rejection(last, index);
        uint64 start = last.boundary(index);
        uint64 length = last.boundary(index + 1) - start;
        Move memory next = lie.cut(start, length, 65);
        vm.prank(lie.account);
        vm.expectRevert();
        game.dissect(gameId, rejected, next.ends);
        // Nor is one that ends where the other's ends.
        next = truth.cut(start, length, 64);
        vm.prank(lie.account);
        vm.expectRevert(
            abi.encodeWithSelector(IMachineGame.MachineGame_SameEnd.selector, rejected.to)
        );
        game.dissect(gameId, rejected, next.ends);
        runOut(gameId);
        assertStatus(gameId, GameStatus.DefenderWon);
    }

    /// @dev Who plays himself loses one bond but for gas, whichever of him wins.
    function test_play_selfPlay_succeeds() external {
        Player memory one = liar("one", 12345);
        Claim memory claim = post(one, LENGTH);
        Player memory same = honest("one");
        GameId gameId = challenge(same, claim);
        play(gameId, one, same);
        assertStatus(claim, ClaimStatus.Fallen);
        uint256 back = game.credit(one.account);
        vm.assertTrue(back >= CHALLENGE_BOND && back < CHALLENGE_BOND + CLAIM_BOND / 100);
    }

    /// @dev Who plays himself does not keep others from it.
    function test_play_selfPlayToStand_succeeds() external {
        (Player memory truth, Player memory one) = (honest("honest"), liar("one", 12345));
        Claim memory claim = post(one, LENGTH);
        GameId own = challenge(liar("other self", 1), claim);
        answer(own, one);
        runOut(own);
        assertStatus(own, GameStatus.DefenderWon);
        play(challenge(truth, claim), one, truth);
        assertStatus(claim, ClaimStatus.Fallen);
        vm.assertTrue(game.credit(truth.account) > CHALLENGE_BOND);
    }

    function test_play_twentySybilsAgainstTheTruth_succeeds() external {
        Player memory truth = honest("honest");
        Claim memory claim = post(truth, LENGTH);
        uint256 begun = block.timestamp;
        vm.warp(deadlineOf(claim));
        GameId[] memory games = new GameId[](20);
        for (uint256 i = 0; i < 20; ++i) {
            games[i] = challenge(sybil(i), claim);
        }
        for (uint256 round = 0; round < 10; ++round) {
            for (uint256 i = 0; i < 20; ++i) {
                if (playing(games[i])) {
                    bool defends = defenderMoves(games[i]);
                    bool moved = answer(games[i], defends ? truth : sybil(i));
                    vm.assertTrue(moved || !defends, "the truth always has an answer");
                }
            }
        }
        vm.warp(begun + game.longest() + 1);
        for (uint256 i = 0; i < 20; ++i) {
            if (playing(games[i])) game.timeOut(games[i]);
            assertStatus(games[i], GameStatus.DefenderWon);
            vm.assertEq(game.credit(sybil(i).account), 0);
        }
        assertStands(claim);
        vm.assertTrue(game.credit(truth.account) > CLAIM_BOND);
    }

    function test_play_twentyAgainstALiar_succeeds() external {
        Player memory lie = liar("liar", 12345);
        Claim memory claim = post(lie, LENGTH);
        GameId[] memory games = new GameId[](20);
        for (uint256 i = 0; i < 20; ++i) {
            games[i] = challenge(named(i), claim);
        }
        play(games[7], lie, named(7));
        assertStatus(claim, ClaimStatus.Fallen);
        for (uint256 i = 0; i < 20; ++i) {
            if (i != 7) game.collect(games[i]);
            vm.assertTrue(game.credit(named(i).account) > CHALLENGE_BOND);
        }
        assertEmpties(20);
    }

    /// @dev A challenge that somebody copied is still a challenge.
    function test_play_frontRunner_succeeds() external {
        (Player memory truth, Player memory lie) = (honest("honest"), liar("liar", 12345));
        Claim memory claim = post(lie, LENGTH);
        Player memory copier = honest("copier");
        GameId copied = challenge(copier, claim);
        GameId gameId = challenge(truth, claim);
        play(gameId, lie, truth);
        assertStatus(gameId, GameStatus.ChallengerWon);
        game.collect(copied);
        vm.assertTrue(game.credit(truth.account) > game.credit(copier.account));
    }

    /// @dev A copier whose game ends first takes nothing from who he copied.
    function test_play_frontRunnerIsFirst_succeeds() external {
        (Player memory truth, Player memory lie) = (honest("honest"), liar("liar", 12345));
        Claim memory claim = post(lie, LENGTH);
        GameId gameId = challenge(truth, claim);
        Player memory copier = honest("copier");
        play(challenge(copier, claim), lie, copier);
        game.collect(gameId);
        vm.assertTrue(game.credit(truth.account) > CHALLENGE_BOND);
    }

    /// @dev One of two liars wins, which proves nothing: who knows better still fells the claim.
    /// forge-config: default.fuzz.runs = 50
    function testFuzz_play_bothLie_succeeds(uint64 _one, uint64 _other) external {
        Player memory one = liar("one", uint64(1 + _one % LENGTH));
        Player memory other = liar("other", uint64(1 + _other % LENGTH));
        Claim memory claim = post(one, LENGTH);
        GameId gameId = challenge(other, claim);
        play(gameId, one, other);
        vm.assertFalse(playing(gameId));
        if (statusOf(claim) == ClaimStatus.Fallen) return;
        Player memory truth = honest("honest");
        play(challenge(truth, claim), one, truth);
        assertStatus(claim, ClaimStatus.Fallen);
    }

    /// @dev A player of noise opens a segment of the other's, whichever, and makes up its inside.
    function answerNoise(GameId _gameId, address _noise, uint256 _seed)
        internal
        returns (bool moved_)
    {
        Move memory last = _moves[_gameId];
        uint256 index = _seed % last.ends.length;
        uint64 start = last.boundary(index);
        uint64 length = last.boundary(index + 1) - start;
        if (length == 1) return false;
        uint256 parts = length < DEGREE ? length : DEGREE;
        Move memory next = Move(start, length, last.beginning(index), new StateHash[](parts));
        for (uint256 i = 0; i < parts; ++i) {
            next.ends[i] = StateHash.wrap(keccak256(abi.encode(_seed, start, i)));
        }
        Rejection memory rejected = rejection(last, index);
        vm.prank(_noise);
        game.dissect(_gameId, rejected, next.ends);
        remember(_gameId, next);
        return true;
    }

    /// @dev Lengths from one step on, and all degrees.
    function chooseLength(uint64 _length, uint256 _degree) internal returns (uint64 length_) {
        game = new MachineGame(parameters(new ToyVerifier(), 2 + _degree % 255));
        return uint64(1 + _length % 2 ** (1 + _degree % 40));
    }

    function named(uint256 _index) internal pure returns (Player memory player_) {
        return honest(string(abi.encode("player", _index)));
    }

    function sybil(uint256 _index) internal pure returns (Player memory player_) {
        return liar(string(abi.encode("sybil", _index)), uint64(1) << uint64(2 * _index));
    }

    /// @dev Once its window is over, the claim stands and its bond goes back.
    function assertStands(Claim memory _claim) internal {
        if (block.timestamp <= deadlineOf(_claim)) vm.warp(deadlineOf(_claim) + 1);
        vm.assertTrue(game.stands(game.idOf(_claim)));
        game.release(game.idOf(_claim));
        vm.assertTrue(game.credit(_claim.defender) >= CLAIM_BOND);
    }

    /// @dev All can fetch what they have; what is left was burnt.
    function assertEmpties(uint256 _players) internal {
        uint256 sum;
        for (uint256 i = 0; i < _players; ++i) {
            address player = named(i).account;
            sum += game.credit(player);
            vm.prank(player);
            game.withdraw(payable(player));
        }
        vm.assertEq(address(game).balance, _players * CHALLENGE_BOND + CLAIM_BOND - sum);
    }
}
