// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Clocks, Duration} from "../../src/dispute/Clock.sol";
import {Claim, ClaimId, ClaimStatus, Game, GameId, GameStatus} from "../../src/dispute/Types.sol";

import {IMachineGame, MachineGame} from "../../src/dispute/MachineGame.sol";
import {Payouts} from "../../src/dispute/Payouts.sol";

import {Log, vm} from "../Vm.sol";
import {GameTest} from "../support/GameTest.sol";
import {Player, PlayerLib} from "../support/Player.sol";
import {ToyVerifier} from "../support/Toy.sol";

/// @notice An account that refuses money, and has what is its own sent elsewhere.
contract Stubborn {
    receive() external payable {
        revert("no");
    }
}

/// @notice A claim, or a game, with who is behind it.
struct Claimed {
    Claim claim;
    Player defender;
    bool honest;
}

struct Played {
    GameId id;
    uint256 claim;
    Player challenger;
    bool honest;
}

/// @notice Honest and dishonest players over many claims, in whatever order. The honest ones move in time, if late, and challenge
/// nothing that is true.
contract Arena is GameTest {
    uint64 internal constant STEPS = 1000;
    uint256 internal constant ACTORS = 6;

    address[ACTORS] internal _actors;
    Claimed[] internal _claimed;
    Played[] internal _played;
    uint256 public burnt;
    // Whether somebody honest was to move and could not.
    bool public stuck;
    // Whether somebody could not fetch what is his.
    bool public blocked;

    /// @dev Notes what an action burns, at one price of gas or another: the highest make costs larger than bonds.
    modifier counted(uint256 _seed) {
        vm.fee(10 ** (_seed % 14));
        vm.txGasPrice(10 ** (_seed % 14));
        vm.recordLogs();
        _;
        Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == Payouts.Burnt.selector) {
                burnt += abi.decode(logs[i].data, (uint256));
            }
        }
    }

    constructor() {
        game = new MachineGame(parameters(new ToyVerifier(), 5));
        for (uint256 i = 0; i < ACTORS - 1; ++i) {
            _actors[i] = address(uint160(0xac700 + i));
        }
        _actors[ACTORS - 1] = address(new Stubborn());
    }

    function postOne(uint256 _seed) external counted(_seed) {
        Player memory defender = playerOf(_seed);
        Claim memory claim = claimOf(defender, STEPS);
        claim.salt = bytes32(_claimed.length);
        vm.deal(address(this), CLAIM_BOND);
        game.post{value: CLAIM_BOND}(
            claim.defender, claim.salt, claim.start, claim.end, claim.length
        );
        _claimed.push(Claimed(claim, defender, isHonest(_seed)));
    }

    function challengeOne(uint256 _seed, uint256 _which) external counted(_seed) {
        if (_claimed.length == 0) return;
        uint256 index = _which % _claimed.length;
        Claimed memory claimed = _claimed[index];
        Player memory player = playerOf(_seed);
        GameId gameId = game.gameOf(game.idOf(claimed.claim), player.account);
        bool open = statusOf(claimed.claim) == ClaimStatus.Open;
        if (!open || block.timestamp > deadlineOf(claimed.claim)) return;
        // Who agrees has nothing to say.
        if (keccak256(abi.encode(player.state(STEPS))) == keccak256(abi.encode(claimed.claim.end)))
        {
            return;
        }
        if (statusOf(gameId) != GameStatus.None) return;
        challenge(player, claimed.claim);
        _played.push(Played(gameId, index, player, isHonest(_seed)));
    }

    function moveOne(uint256 _seed, uint256 _which) external counted(_seed) {
        if (_played.length != 0) moveIn(_which % _played.length);
    }

    function moveAll(uint256 _seed) external counted(_seed) {
        for (uint256 i = 0; i < _played.length; ++i) {
            moveIn(i);
        }
    }

    /// @dev Time passes. Whoever is honest moves before his time is over.
    function pass(uint256 _seed, uint32 _seconds) external counted(_seed) {
        uint256 to = block.timestamp + _seconds % (2 * CLOCK);
        for (uint256 i = 0; i < _played.length; ++i) {
            if (canMove(i) && honestMoves(i) && deadlineOf(_played[i].id) < to) moveIn(i);
        }
        vm.warp(to);
    }

    function timeOutOne(uint256 _seed, uint256 _which) external counted(_seed) {
        if (_played.length == 0) return;
        uint256 index = _which % _played.length;
        GameId gameId = _played[index].id;
        if (inPlay(index) && block.timestamp > deadlineOf(gameId)) game.timeOut(gameId);
    }

    function collectOne(uint256 _seed, uint256 _which) external counted(_seed) {
        if (_played.length == 0) return;
        uint256 index = _which % _played.length;
        bool fallen = statusOf(_claimed[_played[index].claim].claim) == ClaimStatus.Fallen;
        if (playing(_played[index].id) && fallen) game.collect(_played[index].id);
    }

    function releaseOne(uint256 _seed, uint256 _which) external counted(_seed) {
        if (_claimed.length == 0) return;
        Claim memory claim = _claimed[_which % _claimed.length].claim;
        ClaimId claimId = game.idOf(claim);
        if (statusOf(claim) == ClaimStatus.Open && game.stands(claimId)) game.release(claimId);
    }

    function withdrawOne(uint256 _seed) external counted(_seed) {
        address actor = _actors[_seed % ACTORS];
        uint256 amount = game.credit(actor);
        if (amount == 0) return;
        address payable recipient = payable(address(uint160(0xface00 + _claimed.length)));
        uint256 before = recipient.balance;
        vm.prank(actor);
        game.withdraw(recipient);
        if (recipient.balance != before + amount) blocked = true;
    }

    function moveIn(uint256 _index) internal {
        if (!canMove(_index)) return;
        Played memory played = _played[_index];
        bool isHonest_ = honestMoves(_index);
        Player memory mover =
            defenderMoves(played.id) ? _claimed[played.claim].defender : played.challenger;
        if (!answer(played.id, mover) && isHonest_) stuck = true;
    }

    function inPlay(uint256 _index) internal view returns (bool inPlay_) {
        Played memory played = _played[_index];
        return playing(played.id) && statusOf(_claimed[played.claim].claim) == ClaimStatus.Open;
    }

    function canMove(uint256 _index) internal view returns (bool canMove_) {
        return inPlay(_index) && block.timestamp <= deadlineOf(_played[_index].id);
    }

    function honestMoves(uint256 _index) internal view returns (bool moves_) {
        Played memory played = _played[_index];
        return defenderMoves(played.id) ? _claimed[played.claim].honest : played.honest;
    }

    function isHonest(uint256 _seed) internal pure returns (bool honest_) {
        return _seed % ACTORS < 2;
    }

    function playerOf(uint256 _seed) internal view returns (Player memory player_) {
        address actor = _actors[_seed % ACTORS];
        if (isHonest(_seed)) return PlayerLib.honest(actor, TRUTH);
        return PlayerLib.liar(actor, TRUTH, uint64(1 + (_seed >> 8) % STEPS));
    }

    /// @dev What the contract should hold, but for what rounding leaves.
    function owed() external view returns (uint256 owed_) {
        owed_ = burnt;
        for (uint256 i = 0; i < ACTORS; ++i) {
            owed_ += game.credit(_actors[i]);
        }
        for (uint256 i = 0; i < _claimed.length; ++i) {
            if (statusOf(_claimed[i].claim) == ClaimStatus.Open) owed_ += CLAIM_BOND;
        }
        for (uint256 i = 0; i < _played.length; ++i) {
            if (playing(_played[i].id)) owed_ += CHALLENGE_BOND + shareOf(i);
        }
    }

    /// @dev What a challenger will get of a fallen claim's bond.
    function shareOf(uint256 _index) internal view returns (uint256 share_) {
        Played memory played = _played[_index];
        if (statusOf(_claimed[played.claim].claim) != ClaimStatus.Fallen) return 0;
        uint256 all;
        for (uint256 i = 0; i < _played.length; ++i) {
            bool lost = statusOf(_played[i].id) == GameStatus.DefenderWon;
            if (_played[i].claim == played.claim && !lost) all += costsOf(_played[i].id);
        }
        uint256 own = costsOf(played.id);
        return all <= CLAIM_BOND ? own : own * CLAIM_BOND / all;
    }

    function costsOf(GameId _gameId) internal view returns (uint256 costs_) {
        (Game memory state,) = game.gameState(_gameId);
        return state.challengerCosts;
    }

    function balance() external view returns (uint256 balance_) {
        return address(game).balance;
    }

    function games() external view returns (uint256 games_) {
        return _played.length;
    }

    function checkOpenGames() external view {
        for (uint256 i = 0; i < _claimed.length; ++i) {
            (ClaimStatus status,, uint32 got) = game.claimState(game.idOf(_claimed[i].claim));
            if (status == ClaimStatus.Fallen) continue;
            uint256 count;
            for (uint256 j = 0; j < _played.length; ++j) {
                if (_played[j].claim == i && playing(_played[j].id)) ++count;
            }
            vm.assertEq(got, count);
        }
    }

    function checkFallen() external view {
        for (uint256 i = 0; i < _played.length; ++i) {
            Claim memory claim = _claimed[_played[i].claim].claim;
            if (statusOf(_played[i].id) != GameStatus.ChallengerWon) continue;
            assertStatus(claim, ClaimStatus.Fallen);
            vm.assertFalse(game.stands(game.idOf(claim)));
        }
    }

    function checkHonest() external view {
        vm.assertFalse(stuck);
        for (uint256 i = 0; i < _claimed.length; ++i) {
            if (!_claimed[i].honest) continue;
            vm.assertTrue(statusOf(_claimed[i].claim) != ClaimStatus.Fallen);
        }
        for (uint256 i = 0; i < _played.length; ++i) {
            if (!_played[i].honest) continue;
            vm.assertTrue(statusOf(_played[i].id) != GameStatus.DefenderWon);
        }
    }

    function checkClocks() external view {
        for (uint256 i = 0; i < _played.length; ++i) {
            (Game memory state,) = game.gameState(_played[i].id);
            Clocks memory clocks = state.clocks;
            vm.assertTrue(Duration.unwrap(clocks.defender) <= CLOCK);
            vm.assertTrue(Duration.unwrap(clocks.challenger) <= CLOCK);
            uint256 last = deadlineOf(_claimed[_played[i].claim].claim) - WINDOW + game.longest();
            if (playing(_played[i].id)) vm.assertTrue(deadlineOf(_played[i].id) <= last);
        }
    }
}

/// forge-config: default.invariant.depth = 150
contract GameInvariantTest {
    Arena internal arena;

    function setUp() external {
        arena = new Arena();
    }

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(arena);
    }

    /// @dev Not one of the contracts: the price that an action sets is what its sender is given back for unused gas.
    function targetSenders() external pure returns (address[] memory senders_) {
        senders_ = new address[](1);
        senders_[0] = address(0x5e4de4);
    }

    /// @dev What came in is locked, credited or burnt. Shares are rounded down, so less than a wei a game is none of these.
    function invariant_etherIsConserved() external view {
        uint256 owed = arena.owed();
        vm.assertTrue(arena.balance() >= owed);
        vm.assertTrue(arena.balance() <= owed + arena.games());
    }

    /// @dev Open games are counted, what fell does not stand, who is honest has a move and never loses, clocks are bounded, and
    /// nobody is kept from his money.
    function invariant_gamesAreFair() external view {
        arena.checkOpenGames();
        arena.checkFallen();
        arena.checkHonest();
        arena.checkClocks();
        vm.assertFalse(arena.blocked());
    }
}
