// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Timestamp} from "../../src/dispute/Clock.sol";
import {Claim, ClaimId, ClaimStatus, GameId, GameStatus} from "../../src/dispute/Types.sol";
import {RequestId, Result} from "../../src/claims/Types.sol";

import {InferenceClaims} from "../../src/claims/InferenceClaims.sol";

import {vm} from "../Vm.sol";
import {ClaimsTest} from "../support/ClaimsTest.sol";
import {Burner, Recorder, Reverter} from "../support/Consumers.sol";
import {Player, PlayerLib} from "../support/Player.sol";

/// @notice A request, with what became of it.
struct Asked {
    RequestId id;
    uint256 fee;
    Recorder recorder;
    bool reclaimed;
    // Which answer is final, counted from one.
    uint256 winner;
}

/// @notice An answer to a request, with the games about it.
struct Answered {
    uint256 request;
    address proposer;
    Result result;
    bool right;
    GameId[] games;
}

/// @notice Anybody asks, answers, challenges, makes final and fetches, in whatever order. Somebody honest challenges each wrong answer
/// before its window is over, and moves in time for each right one. Whoever is wrong lets his time pass.
contract Market is ClaimsTest {
    uint256 internal constant ACTORS = 4;
    uint32 internal constant CONSUMER_GAS = 200_000;

    address[ACTORS] internal _actors;
    address[] internal _consumers;
    Asked[] internal _asked;
    Answered[] internal _answered;
    // Whether a thing happened that must not, or one did not that must.
    bool public broken;

    constructor() {
        for (uint256 i = 0; i < ACTORS; ++i) {
            _actors[i] = address(uint160(0xac700 + i));
        }
        _consumers = [address(0), address(new Reverter()), address(new Burner())];
    }

    function askOne(uint256 _seed) external {
        InferenceClaims.Question memory asked = question();
        asked.salt = bytes32(_asked.length);
        Recorder recorder;
        if (_seed % 4 == 3) recorder = new Recorder();
        asked.consumer = _seed % 4 == 3 ? address(recorder) : _consumers[_seed % 4];
        asked.consumerGas = CONSUMER_GAS;
        address requester = _actors[(_seed >> 8) % ACTORS];
        uint256 fee = (_seed >> 16) % 1 ether;
        vm.deal(requester, requester.balance + fee);
        vm.prank(requester);
        RequestId id = claims.ask{value: fee}(asked, INPUT);
        _asked.push(Asked(id, fee, recorder, false, 0));
    }

    /// @dev The first half of the actors are right.
    function answerOne(uint256 _seed, uint256 _which) external {
        if (_asked.length == 0) return;
        uint256 index = _which % _asked.length;
        InferenceClaims.Request memory request = claims.requestState(_asked[index].id);
        if (request.isFinal || block.timestamp > Timestamp.unwrap(request.expiry)) return;
        uint256 actor = _seed % ACTORS;
        Result memory given = result();
        bool right = actor < ACTORS / 2;
        if (!right) given.status = 1;
        Claim memory claim = claimOf(_asked[index].id, _actors[actor], given);
        if (statusOf(claim) != ClaimStatus.None) return;
        answer(_asked[index].id, _actors[actor], given);
        _answered.push(Answered(index, _actors[actor], given, right, new GameId[](0)));
    }

    function challengeOne(uint256 _seed, uint256 _which) external {
        if (_answered.length != 0) challengeOf(_which % _answered.length, _actors[_seed % ACTORS]);
    }

    function defendOne(uint256 _which) external {
        if (_answered.length != 0) defend(_which % _answered.length, type(uint256).max);
    }

    /// @dev Time passes. Whoever is honest is not late.
    function pass(uint32 _seconds) external {
        // Half of the times so little that requests can still be answered.
        uint256 to = block.timestamp + (_seconds >> 1) % (_seconds % 2 == 0 ? CLOCK : 2 * WINDOW);
        for (uint256 i = 0; i < _answered.length; ++i) {
            Answered storage given = _answered[i];
            defend(i, to);
            if (!given.right && deadlineOf(claimOf(given)) < to && given.games.length == 0) {
                challengeOf(i, account("honest"));
            }
        }
        vm.warp(to);
    }

    function timeOutAll(uint256 _which) external {
        if (_answered.length == 0) return;
        GameId[] storage games = _answered[_which % _answered.length].games;
        bool open = statusOf(claimOf(_answered[_which % _answered.length])) == ClaimStatus.Open;
        for (uint256 i = 0; open && i < games.length; ++i) {
            if (playing(games[i]) && block.timestamp > deadlineOf(games[i])) {
                game.timeOut(games[i]);
                open = statusOf(claimOf(_answered[_which % _answered.length])) == ClaimStatus.Open;
            }
        }
    }

    function releaseOne(uint256 _which) external {
        if (_answered.length == 0) return;
        Claim memory claim = claimOf(_answered[_which % _answered.length]);
        ClaimId claimId = game.idOf(claim);
        if (statusOf(claim) == ClaimStatus.Open && game.stands(claimId)) game.release(claimId);
    }

    /// @dev Made final if, and only if, the claim stands and there is no answer yet.
    function finaliseOne(uint256 _which) external {
        if (_answered.length == 0) return;
        uint256 index = _which % _answered.length;
        Answered memory given = _answered[index];
        Asked storage asked = _asked[given.request];
        bool may = asked.winner == 0 && game.stands(game.idOf(claimOf(given)));
        try claims.finalise(asked.id, given.proposer, given.result, OUTPUT) {
            if (!may) broken = true;
            asked.winner = index + 1;
        } catch {
            if (may) broken = true;
        }
    }

    function reclaimOne(uint256 _which) external {
        if (_asked.length == 0) return;
        Asked storage asked = _asked[_which % _asked.length];
        uint256 expiry = Timestamp.unwrap(claims.requestState(asked.id).expiry);
        bool may = asked.winner == 0 && block.timestamp > expiry + 2 * game.longest();
        try claims.reclaim(asked.id) {
            if (!may) broken = true;
            asked.reclaimed = true;
        } catch {
            if (may) broken = true;
        }
    }

    function withdrawOne(uint256 _seed) external {
        address actor = _actors[_seed % ACTORS];
        uint256 amount = claims.credit(actor);
        if (amount == 0) return;
        address payable recipient = payable(address(uint160(0xface00 + _asked.length)));
        uint256 before = recipient.balance;
        vm.prank(actor);
        claims.withdraw(recipient);
        if (recipient.balance != before + amount) broken = true;
    }

    function challengeOf(uint256 _index, address _by) internal {
        Answered storage given = _answered[_index];
        Claim memory claim = claimOf(given);
        bool open = statusOf(claim) == ClaimStatus.Open;
        if (!open || block.timestamp > deadlineOf(claim)) return;
        if (statusOf(game.gameOf(game.idOf(claim), _by)) != GameStatus.None) return;
        given.games.push(dispute(_asked[given.request].id, given.proposer, given.result, _by));
    }

    /// @dev Who is right answers each challenge, now or if its time would be over by then.
    function defend(uint256 _index, uint256 _by) internal {
        Answered storage given = _answered[_index];
        if (!given.right || statusOf(claimOf(given)) != ClaimStatus.Open) return;
        Player memory defender = PlayerLib.liar(given.proposer, TRUTH, 1);
        for (uint256 i = 0; i < given.games.length; ++i) {
            GameId gameId = given.games[i];
            uint256 deadline = deadlineOf(gameId);
            bool moves = defenderMoves(gameId) && block.timestamp <= deadline && deadline < _by;
            if (moves && !answer(gameId, defender)) broken = true;
        }
    }

    function claimOf(Answered memory _given) internal view returns (Claim memory claim_) {
        return claimOf(_asked[_given.request].id, _given.proposer, _given.result);
    }

    /// @dev What the contract should hold.
    function owed() external view returns (uint256 owed_) {
        for (uint256 i = 0; i < ACTORS; ++i) {
            owed_ += claims.credit(_actors[i]);
        }
        for (uint256 i = 0; i < _asked.length; ++i) {
            if (_asked[i].winner == 0 && !_asked[i].reclaimed) owed_ += _asked[i].fee;
        }
    }

    function balance() external view returns (uint256 balance_) {
        return address(claims).balance;
    }

    function checkFinal() external view {
        for (uint256 i = 0; i < _asked.length; ++i) {
            Asked memory asked = _asked[i];
            bool isFinal = asked.winner != 0;
            vm.assertTrue(claims.requestState(asked.id).isFinal == isFinal);
            if (address(asked.recorder) != address(0)) {
                vm.assertEq(asked.recorder.calls(), isFinal ? 1 : 0);
            }
            if (!isFinal) continue;
            Answered memory given = _answered[asked.winner - 1];
            vm.assertTrue(given.right);
            vm.assertTrue(statusOf(claimOf(given)) != ClaimStatus.Fallen);
            bytes32 got = keccak256(abi.encode(claims.resultOf(asked.id)));
            vm.assertEq(got, keccak256(abi.encode(given.result)));
        }
    }

    /// @dev What is right never falls, and what is wrong never stands.
    function checkClaims() external view {
        for (uint256 i = 0; i < _answered.length; ++i) {
            Claim memory claim = claimOf(_answered[i]);
            if (_answered[i].right) vm.assertTrue(statusOf(claim) != ClaimStatus.Fallen);
            else vm.assertFalse(game.stands(game.idOf(claim)));
        }
    }
}

/// forge-config: default.invariant.runs = 64
/// forge-config: default.invariant.depth = 150
contract ClaimsInvariantTest {
    Market internal market;

    function setUp() external {
        market = new Market();
    }

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(market);
    }

    /// @dev A fee is locked until somebody has earned it or it has gone back, and then credited once.
    function invariant_feesAreConserved() external view {
        vm.assertEq(market.balance(), market.owed());
    }

    /// @dev Only what stands becomes final, once, and stays as it is; a consumer is told of it once.
    function invariant_answersAreRight() external view {
        market.checkFinal();
        market.checkClaims();
        vm.assertFalse(market.broken());
    }
}
