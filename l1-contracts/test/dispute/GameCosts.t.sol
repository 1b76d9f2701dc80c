// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Claim, ClaimStatus, GameId, GameStatus} from "../../src/dispute/Types.sol";

import {vm} from "../Vm.sol";
import {GameTest} from "../support/GameTest.sol";
import {Player} from "../support/Player.sol";

/// @notice Each call is a transaction of its own here, so gas is what a player would be billed: sending, cold storage and all.
/// forge-config: default.isolate = true
contract GameCostsTest is GameTest {
    uint8 internal constant GASPRICE = 0x3a;
    uint8 internal constant CHAINID = 0x46;
    uint8 internal constant BASEFEE = 0x48;
    uint8 internal constant PUSH1 = 0x60;
    uint8 internal constant PUSH32 = 0x7f;

    // Gas that an account has paid for.
    mapping(address account => uint256 gas) internal _spent;

    /// @dev Forge sends such transactions at no price. So the game is made to read the chain's number instead, of which a unit of
    /// gas then costs as many wei.
    function setUp() external {
        bytes memory code = address(game).code;
        for (uint256 i = 0; i < code.length; ++i) {
            uint8 opcode = uint8(code[i]);
            if (opcode == GASPRICE || opcode == BASEFEE) code[i] = bytes1(CHAINID);
            else if (opcode >= PUSH1 && opcode <= PUSH32) i += opcode - PUSH1 + 1;
        }
        vm.etch(address(game), code);
    }

    function test_prove_coversTheChallenger_succeeds() external {
        (Player memory honest_, Player memory liar_) = (honest("honest"), liar("liar", 12345));
        Claim memory claim = post(liar_, LENGTH);
        GameId gameId = billedChallenge(honest_, claim);
        billedPlay(gameId, liar_, honest_);
        if (playing(gameId)) billedTimeOut(gameId, honest_.account);
        assertStatus(gameId, GameStatus.ChallengerWon);
        assertCovered(honest_.account, CHALLENGE_BOND);
    }

    function test_prove_coversTheDefender_succeeds() external {
        (Player memory honest_, Player memory liar_) = (honest("honest"), liar("liar", 12345));
        Claim memory claim = post(honest_, LENGTH);
        GameId gameId = challenge(liar_, claim);
        billedPlay(gameId, honest_, liar_);
        if (playing(gameId)) billedTimeOut(gameId, honest_.account);
        assertStatus(gameId, GameStatus.DefenderWon);
        assertCovered(honest_.account, 0);
    }

    /// @dev With an odd number of moves the other player is left with the step.
    function test_prove_coversWhoHasAMoveLess_succeeds() external {
        (Player memory honest_, Player memory liar_) = (honest("honest"), liar("liar", 12345));
        Claim memory claim = post(liar_, LENGTH / 64);
        GameId gameId = billedChallenge(honest_, claim);
        billedPlay(gameId, liar_, honest_);
        if (playing(gameId)) billedTimeOut(gameId, honest_.account);
        assertStatus(gameId, GameStatus.ChallengerWon);
        assertCovered(honest_.account, CHALLENGE_BOND);
    }

    function test_timeOut_coversTheChallenger_succeeds() external {
        Player memory honest_ = honest("honest");
        Claim memory claim = post(liar("liar", 12345), LENGTH);
        GameId gameId = billedChallenge(honest_, claim);
        billedTimeOut(gameId, honest_.account);
        assertCovered(honest_.account, CHALLENGE_BOND);
    }

    function test_timeOut_coversTheDefender_succeeds() external {
        (Player memory honest_, Player memory liar_) = (honest("honest"), liar("liar", 12345));
        Claim memory claim = post(honest_, LENGTH);
        GameId gameId = challenge(liar_, claim);
        answer(gameId, honest_);
        bill(honest_.account);
        billedTimeOut(gameId, honest_.account);
        assertCovered(honest_.account, 0);
    }

    function test_collect_coversEachOfTwenty_succeeds() external {
        Player memory liar_ = liar("liar", 12345);
        Claim memory claim = post(liar_, LENGTH);
        GameId[] memory games = new GameId[](20);
        for (uint256 i = 0; i < games.length; ++i) {
            games[i] = billedChallenge(honest(number(i)), claim);
        }
        // Half of them get an answer, and answer again.
        for (uint256 i = 0; i < 10; ++i) {
            answer(games[i], liar_);
            answer(games[i], honest(number(i)));
            bill(account(number(i)));
        }
        billedTimeOut(games[19], account(number(19)));
        for (uint256 i = 0; i < 19; ++i) {
            vm.prank(account(number(i)));
            game.collect(games[i]);
            bill(account(number(i)));
        }
        for (uint256 i = 0; i < games.length; ++i) {
            assertCovered(account(number(i)), CHALLENGE_BOND);
        }
        assertStatus(claim, ClaimStatus.Fallen);
    }

    function test_prove_coversADefenderOfTwentySybils_succeeds() external {
        Player memory honest_ = honest("honest");
        Claim memory claim = post(honest_, LENGTH);
        GameId[] memory games = new GameId[](20);
        for (uint256 i = 0; i < games.length; ++i) {
            games[i] = challenge(liar(number(i), uint64(1) << uint64(2 * i)), claim);
        }
        for (uint256 i = 0; i < games.length; ++i) {
            billedPlay(games[i], honest_, liar(number(i), uint64(1) << uint64(2 * i)));
        }
        for (uint256 i = 0; i < games.length; ++i) {
            if (playing(games[i])) billedTimeOut(games[i], honest_.account);
        }
        assertCovered(honest_.account, 0);
    }

    function number(uint256 _index) internal pure returns (string memory name_) {
        return string(abi.encode("player", _index));
    }

    /// @dev Bills an account for the last call.
    function bill(address _account) internal {
        _spent[_account] += vm.lastCallGas().gasTotalUsed;
    }

    function billedChallenge(Player memory _player, Claim memory _claim)
        internal
        returns (GameId gameId_)
    {
        gameId_ = challenge(_player, _claim);
        bill(_player.account);
    }

    function billedTimeOut(GameId _gameId, address _account) internal {
        vm.warp(deadlineOf(_gameId) + 1);
        vm.prank(_account);
        game.timeOut(_gameId);
        bill(_account);
    }

    function billedPlay(GameId _gameId, Player memory _defender, Player memory _challenger)
        internal
    {
        while (playing(_gameId)) {
            Player memory mover = defenderMoves(_gameId) ? _defender : _challenger;
            if (!answer(_gameId, mover)) return;
            bill(mover.account);
        }
    }

    /// @dev What an account gets beyond its bond is no less than what it pays, fetching included, and not much more.
    function assertCovered(address _account, uint256 _bond) internal {
        uint256 got = game.credit(_account) - _bond;
        vm.prank(_account);
        game.withdraw(payable(_account));
        bill(_account);
        uint256 paid = _spent[_account] * block.chainid;
        vm.assertTrue(got >= paid, "costs are covered");
        vm.assertTrue(4 * got <= 5 * paid, "and little more");
    }
}
