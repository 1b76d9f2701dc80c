// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {StateHash} from "../../src/state/Hashes.sol";
import {Duration, Timestamp} from "../../src/dispute/Clock.sol";
import {
    Claim,
    ClaimId,
    ClaimStatus,
    Game,
    GameId,
    GameStatus,
    Parameters,
    Rejection
} from "../../src/dispute/Types.sol";

import {IOneStepVerifier} from "../../src/IOneStepVerifier.sol";
import {IMachineGame, MachineGame} from "../../src/dispute/MachineGame.sol";

import {vm} from "../Vm.sol";
import {Move, Player, PlayerLib} from "./Player.sol";
import {ToyVerifier} from "./Toy.sol";

/// @notice Plays games about runs of the toy machine. This contract is the claims' host.
abstract contract GameTest {
    uint64 internal constant LENGTH = 2 ** 40;
    uint32 internal constant WINDOW = 7 days;
    uint32 internal constant CLOCK = 1 days;
    uint32 internal constant GRACE = 2 hours;
    uint256 internal constant CLAIM_BOND = 2 ether;
    uint256 internal constant CHALLENGE_BOND = 1 ether;
    uint256 internal constant MAX_TIP = 2 gwei;
    uint256 internal constant DEGREE = 64;
    bytes32 internal constant TRUTH = "truth";
    uint256 internal constant NONE = type(uint256).max;

    MachineGame internal game;
    // Name of the last move of a game is in the game; what was in it is here.
    mapping(GameId gameId => Move move) internal _moves;

    constructor() {
        vm.warp(1_700_000_000);
        game = new MachineGame(parameters(new ToyVerifier(), DEGREE));
    }

    function parameters(IOneStepVerifier _verifier, uint256 _degree)
        internal
        pure
        returns (Parameters memory parameters_)
    {
        return Parameters(
            _verifier,
            _degree,
            Duration.wrap(WINDOW),
            Duration.wrap(CLOCK),
            Duration.wrap(GRACE),
            CLAIM_BOND,
            CHALLENGE_BOND,
            MAX_TIP
        );
    }

    function degree() internal view returns (uint256 degree_) {
        return game.parameters().degree;
    }

    function account(string memory _name) internal pure returns (address account_) {
        return address(uint160(uint256(keccak256(bytes(_name)))));
    }

    function honest(string memory _name) internal pure returns (Player memory player_) {
        return PlayerLib.honest(account(_name), TRUTH);
    }

    function liar(string memory _name, uint64 _from) internal pure returns (Player memory player_) {
        return PlayerLib.liar(account(_name), TRUTH, _from);
    }

    /// @dev What a player claims of the whole run.
    function claimOf(Player memory _defender, uint64 _length)
        internal
        view
        returns (Claim memory claim_)
    {
        return Claim(
            address(this),
            _defender.account,
            "salt",
            _defender.state(0),
            _defender.state(_length),
            _length
        );
    }

    function post(Player memory _defender, uint64 _length) internal returns (Claim memory claim_) {
        claim_ = claimOf(_defender, _length);
        vm.deal(address(this), address(this).balance + CLAIM_BOND);
        ClaimId got = game.post{value: CLAIM_BOND}(
            claim_.defender, claim_.salt, claim_.start, claim_.end, claim_.length
        );
        vm.assertEq(ClaimId.unwrap(got), ClaimId.unwrap(game.idOf(claim_)));
    }

    function challenge(Player memory _player, Claim memory _claim)
        internal
        returns (GameId gameId_)
    {
        return challengeWith(_player.account, _claim, _player.cut(0, _claim.length, degree()));
    }

    function challengeWith(address _account, Claim memory _claim, Move memory _move)
        internal
        returns (GameId gameId_)
    {
        vm.deal(_account, _account.balance + CHALLENGE_BOND);
        vm.prank(_account);
        gameId_ = game.challenge{value: CHALLENGE_BOND}(_claim, _move.ends);
        remember(gameId_, _move);
    }

    function remember(GameId _gameId, Move memory _move) internal {
        Move storage stored = _moves[_gameId];
        (stored.start, stored.length, stored.from, stored.ends) =
        (_move.start, _move.length, _move.from, _move.ends);
    }

    /// @dev Opens a segment of a move.
    function rejection(Move memory _move, uint256 _index)
        internal
        pure
        returns (Rejection memory rejection_)
    {
        return Rejection(
            _move.start,
            _move.length,
            _index,
            _move.beginning(_index),
            _move.ends[_index],
            _move.path(_index)
        );
    }

    /// @dev The player's answer to the last move. Whether he has one: a liar whose lie is down to one step has none.
    function answer(GameId _gameId, Player memory _player) internal returns (bool moved_) {
        Move memory last = _moves[_gameId];
        uint256 index = _player.objection(last);
        if (index == NONE) return false;
        uint64 start = last.boundary(index);
        uint64 length = last.boundary(index + 1) - start;
        if (length == 1) return _prove(_gameId, _player, rejection(last, index), start);
        Move memory next = _player.cut(start, length, degree());
        Rejection memory rejected = rejection(last, index);
        vm.prank(_player.account);
        game.dissect(_gameId, rejected, next.ends);
        remember(_gameId, next);
        return true;
    }

    function _prove(GameId _gameId, Player memory _player, Rejection memory _rejected, uint64 _step)
        private
        returns (bool proved_)
    {
        bytes memory proof = _player.proof(_step);
        vm.prank(_player.account);
        try game.prove(_gameId, _rejected, proof) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev Both move at once until the game is over or one has no move, whose time then runs out.
    function play(GameId _gameId, Player memory _defender, Player memory _challenger) internal {
        for (bool moved = true; moved && playing(_gameId);) {
            moved = answer(_gameId, defenderMoves(_gameId) ? _defender : _challenger);
        }
        if (playing(_gameId)) runOut(_gameId);
    }

    /// @dev The mover lets the time pass.
    function runOut(GameId _gameId) internal {
        vm.warp(deadlineOf(_gameId) + 1);
        game.timeOut(_gameId);
    }

    function statusOf(GameId _gameId) internal view returns (GameStatus status_) {
        (Game memory state,) = game.gameState(_gameId);
        return state.status;
    }

    function statusOf(Claim memory _claim) internal view returns (ClaimStatus status_) {
        (status_,,) = game.claimState(game.idOf(_claim));
    }

    function deadlineOf(GameId _gameId) internal view returns (uint256 deadline_) {
        (, Timestamp deadline) = game.gameState(_gameId);
        return Timestamp.unwrap(deadline);
    }

    function deadlineOf(Claim memory _claim) internal view returns (uint256 deadline_) {
        (, Timestamp deadline,) = game.claimState(game.idOf(_claim));
        return Timestamp.unwrap(deadline);
    }

    function playing(GameId _gameId) internal view returns (bool playing_) {
        GameStatus status = statusOf(_gameId);
        return status == GameStatus.DefenderMoves || status == GameStatus.ChallengerMoves;
    }

    function defenderMoves(GameId _gameId) internal view returns (bool moves_) {
        return statusOf(_gameId) == GameStatus.DefenderMoves;
    }

    function assertStatus(GameId _gameId, GameStatus _expected) internal view {
        vm.assertEq(uint256(statusOf(_gameId)), uint256(_expected));
    }

    function assertStatus(Claim memory _claim, ClaimStatus _expected) internal view {
        vm.assertEq(uint256(statusOf(_claim)), uint256(_expected));
    }
}
