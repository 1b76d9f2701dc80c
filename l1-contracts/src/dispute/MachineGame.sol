// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ClockLib} from "./Clock.sol";
import {Dissection} from "./Dissection.sol";
import {Costs} from "./Costs.sol";

import {StateHash} from "../state/Hashes.sol";
import {Clocks, Duration, Timestamp} from "./Clock.sol";
import {
    Claim,
    ClaimId,
    ClaimState,
    ClaimStatus,
    DissectionHash,
    Game,
    GameId,
    GameStatus,
    Parameters,
    Rejection
} from "./Types.sol";

import {IOneStepVerifier} from "../IOneStepVerifier.sol";
import {IMachineGame} from "./IMachineGame.sol";
import {Payouts} from "./Payouts.sol";

/// @title The game about a claim
/// @notice A claim says in which state a machine is after so many steps. Whoever knows better cuts the run into segments and says
/// another end; from then on both in turn pick a segment of the other's whose beginning they agree with and whose end they
/// reject, and cut it again. Who is left with a single step proves to the verifier where it leads. One player is honest: then he
/// always has a move, and wins.
///
/// Games about one claim run side by side. The claim falls with the first that it loses. It stands when its window is over and it
/// has won them all, so at most one window and one game after it was posted, however many challengers there are.
/// @dev No owner, no proxy. Other parameters are another deployment.
/// @custom:mirrors wasm-prover/src/game/play.rs
contract MachineGame is IMachineGame, Payouts {
    /// @notice Most segments of a move that a deployment can have.
    uint256 public constant MAX_DEGREE = 256;

    /// @dev Bytes of the calldata of a move, but for hashes, path and proof.
    uint256 internal constant MOVE_BYTES = 356;

    IOneStepVerifier internal immutable VERIFIER;
    uint256 internal immutable DEGREE;
    Duration internal immutable WINDOW;
    Duration internal immutable CLOCK;
    Duration internal immutable GRACE;
    uint256 internal immutable CLAIM_BOND;
    uint256 internal immutable CHALLENGE_BOND;
    uint256 internal immutable MAX_TIP;

    mapping(ClaimId claimId => ClaimState claim) internal _claims;
    mapping(GameId gameId => Game game) internal _games;

    /// @notice Fixes the parameters.
    /// @param _parameters What the contract is to play with.
    constructor(Parameters memory _parameters) {
        // INVARIANT: a call of an account without code would succeed.
        if (address(_parameters.verifier).code.length == 0) revert MachineGame_Parameter(0);
        // INVARIANT: ranges become shorter, and a move's gas is bounded.
        if (_parameters.degree < 2 || _parameters.degree > MAX_DEGREE) {
            revert MachineGame_Parameter(1);
        }
        // INVARIANT: there is time to challenge and to move.
        if (Duration.unwrap(_parameters.window) == 0) revert MachineGame_Parameter(2);
        if (Duration.unwrap(_parameters.clock) == 0) revert MachineGame_Parameter(3);
        // INVARIANT: who loses pays.
        if (_parameters.claimBond == 0) revert MachineGame_Parameter(5);
        if (_parameters.challengeBond == 0) revert MachineGame_Parameter(6);

        VERIFIER = _parameters.verifier;
        DEGREE = _parameters.degree;
        WINDOW = _parameters.window;
        CLOCK = _parameters.clock;
        GRACE = _parameters.grace;
        CLAIM_BOND = _parameters.claimBond;
        CHALLENGE_BOND = _parameters.challengeBond;
        MAX_TIP = _parameters.maxTip;
    }

    /// @inheritdoc IMachineGame
    function post(
        address _defender,
        bytes32 _salt,
        StateHash _start,
        StateHash _end,
        uint64 _length
    ) external payable returns (ClaimId claimId_) {
        _checkValue(CLAIM_BOND);
        // INVARIANT: there is a first move.
        if (_length == 0) revert MachineGame_NoSteps();
        Claim memory claim = Claim(msg.sender, _defender, _salt, _start, _end, _length);
        claimId_ = idOf(claim);
        ClaimState storage state = _claims[claimId_];
        // INVARIANT: a name stands for one claim, and a claim that fell does not rise.
        _checkStatus(claimId_, ClaimStatus.None);

        Timestamp deadline = ClockLib.plus(ClockLib.present(), WINDOW);
        state.defender = _defender;
        state.deadline = deadline;
        state.status = ClaimStatus.Open;
        emit ClaimPosted(claimId_, claim, deadline);
    }

    /// @inheritdoc IMachineGame
    function challenge(Claim calldata _claim, StateHash[] calldata _ends)
        external
        payable
        returns (GameId gameId_)
    {
        uint256 gasBefore = gasleft();
        _checkValue(CHALLENGE_BOND);
        ClaimId claimId = idOf(_claim);
        ClaimState storage claim = _claims[claimId];
        _checkStatus(claimId, ClaimStatus.Open);
        // INVARIANT: no claim waits for longer than its window and the games that began in it.
        if (ClockLib.passed(claim.deadline)) revert MachineGame_WindowOver(claim.deadline);
        gameId_ = gameOf(claimId, msg.sender);
        Game storage game = _games[gameId_];
        // INVARIANT: a challenge that is sent twice is one.
        if (game.status != GameStatus.None) revert MachineGame_Exists(gameId_);

        ++claim.openGames;
        game.claimId = claimId;
        game.challenger = msg.sender;
        game.clocks = ClockLib.begin(CLOCK, GRACE);
        game.status = GameStatus.DefenderMoves;
        emit GameOpened(gameId_, claimId, msg.sender);
        _dissect(gameId_, 0, _claim.length, _claim.start, _claim.end, _ends);
        // If another game fells the claim, this was the challenger's last move; so what comes after it is in here.
        _addCosts(game, false, Costs.ofLast(gasBefore, MOVE_BYTES + 32 * _ends.length, MAX_TIP));
    }

    /// @inheritdoc IMachineGame
    function dissect(GameId _gameId, Rejection calldata _rejected, StateHash[] calldata _ends)
        external
    {
        uint256 gasBefore = gasleft();
        (bool defenderMoves, uint64 start, uint64 length) = _answer(_gameId, _rejected);
        // INVARIANT: what one step does is the verifier's to say.
        if (length == 1) revert MachineGame_SingleStep();

        Game storage game = _games[_gameId];
        Clocks memory clocks = game.clocks;
        clocks.press(defenderMoves);
        game.clocks = clocks;
        game.status = defenderMoves ? GameStatus.ChallengerMoves : GameStatus.DefenderMoves;
        _dissect(_gameId, start, length, _rejected.from, _rejected.to, _ends);
        uint256 bytes_ = MOVE_BYTES + 32 * (_rejected.path.length + _ends.length);
        _addCosts(game, defenderMoves, Costs.ofMove(gasBefore, bytes_, MAX_TIP));
    }

    /// @inheritdoc IMachineGame
    function prove(GameId _gameId, Rejection calldata _rejected, bytes calldata _proof) external {
        uint256 gasBefore = gasleft();
        (bool defenderMoves, uint64 step, uint64 length) = _answer(_gameId, _rejected);
        // INVARIANT: a proof is about one step.
        if (length != 1) revert MachineGame_ManySteps(length);
        StateHash end = VERIFIER.proveStep(_rejected.from, _proof);
        // INVARIANT: only who was told wrong wins.
        if (!(end != _rejected.to)) revert MachineGame_StepHolds(end);

        emit StepProved(_gameId, step, _rejected.from, end);
        uint256 bytes_ = MOVE_BYTES + 32 * _rejected.path.length + _proof.length;
        _finish(_gameId, defenderMoves, gasBefore, bytes_);
    }

    /// @inheritdoc IMachineGame
    function timeOut(GameId _gameId) external {
        uint256 gasBefore = gasleft();
        Game storage game = _games[_gameId];
        bool defenderMoves = _checkPlayed(game);
        Timestamp deadline = game.clocks.deadline(defenderMoves);
        // INVARIANT: a player has all of his time.
        if (!ClockLib.passed(deadline)) revert MachineGame_TooEarly(deadline);
        _finish(_gameId, !defenderMoves, gasBefore, 36);
    }

    /// @inheritdoc IMachineGame
    function collect(GameId _gameId) external {
        Game storage game = _games[_gameId];
        _checkInPlay(game);
        _checkStatus(game.claimId, ClaimStatus.Fallen);
        game.status = GameStatus.Collected;
        uint256 costs = _refund(game);
        emit GameEnded(_gameId, GameStatus.Collected, costs);
    }

    /// @inheritdoc IMachineGame
    function release(ClaimId _claimId) external {
        _checkStatus(_claimId, ClaimStatus.Open);
        ClaimState storage claim = _claims[_claimId];
        // INVARIANT: a claim does not stand before all that was to be said against it is said.
        if (!_stands(claim)) revert MachineGame_NotStanding(claim.deadline, claim.openGames);
        claim.status = ClaimStatus.Released;
        emit ClaimReleased(_claimId);
        _credit(claim.defender, CLAIM_BOND);
    }

    /// @inheritdoc IMachineGame
    function stands(ClaimId _claimId) external view returns (bool stands_) {
        ClaimState storage claim = _claims[_claimId];
        return claim.status == ClaimStatus.Released
            || (claim.status == ClaimStatus.Open && _stands(claim));
    }

    /// @inheritdoc IMachineGame
    function claimState(ClaimId _claimId)
        external
        view
        returns (ClaimStatus status_, Timestamp deadline_, uint32 openGames_)
    {
        ClaimState storage claim = _claims[_claimId];
        return (claim.status, claim.deadline, claim.openGames);
    }

    /// @inheritdoc IMachineGame
    function gameState(GameId _gameId)
        external
        view
        returns (Game memory game_, Timestamp deadline_)
    {
        game_ = _games[_gameId];
        deadline_ = game_.clocks.deadline(game_.status == GameStatus.DefenderMoves);
    }

    /// @inheritdoc IMachineGame
    function parameters() external view returns (Parameters memory parameters_) {
        return
            Parameters(VERIFIER, DEGREE, WINDOW, CLOCK, GRACE, CLAIM_BOND, CHALLENGE_BOND, MAX_TIP);
    }

    /// @inheritdoc IMachineGame
    function longest() external view returns (uint256 seconds_) {
        return uint256(Duration.unwrap(WINDOW)) + Duration.unwrap(GRACE) + 2
            * uint256(Duration.unwrap(CLOCK));
    }

    /// @inheritdoc IMachineGame
    function idOf(Claim memory _claim) public pure returns (ClaimId claimId_) {
        return ClaimId.wrap(
            keccak256(
                abi.encodePacked(
                    "enshrine/claim/1",
                    _claim.host,
                    _claim.defender,
                    _claim.salt,
                    _claim.start,
                    _claim.end,
                    _claim.length
                )
            )
        );
    }

    /// @inheritdoc IMachineGame
    function gameOf(ClaimId _claimId, address _challenger) public pure returns (GameId gameId_) {
        return GameId.wrap(keccak256(abi.encodePacked("enshrine/game/1", _claimId, _challenger)));
    }

    /// @dev Checks that the sender is to move and that the segment is one of the other's last move.
    /// @return defenderMoves_ Who moves.
    /// @return start_ First step of the segment.
    /// @return length_ Its steps.
    function _answer(GameId _gameId, Rejection calldata _rejected)
        internal
        view
        returns (bool defenderMoves_, uint64 start_, uint64 length_)
    {
        Game storage game = _games[_gameId];
        defenderMoves_ = _checkPlayed(game);
        address mover = defenderMoves_ ? _claims[game.claimId].defender : game.challenger;
        // INVARIANT: players move in turn.
        if (msg.sender != mover) revert MachineGame_NotToMove(game.status);
        Timestamp deadline = game.clocks.deadline(defenderMoves_);
        // INVARIANT: who is late has lost, whether or not it was said.
        if (ClockLib.passed(deadline)) revert MachineGame_TooLate(deadline);
        DissectionHash got = Dissection.hash(_rejected, DEGREE);
        // INVARIANT: a move answers the other's last one, by its hash, whatever was mined in between.
        if (game.dissection != got) revert MachineGame_Answer(game.dissection, got);

        uint256 parts = Dissection.parts(_rejected.length, DEGREE);
        start_ = Dissection.boundary(_rejected.start, _rejected.length, parts, _rejected.index);
        length_ = Dissection.boundary(_rejected.start, _rejected.length, parts, _rejected.index + 1)
            - start_;
    }

    /// @dev Records a move.
    function _dissect(
        GameId _gameId,
        uint64 _start,
        uint64 _length,
        StateHash _from,
        StateHash _rejected,
        StateHash[] calldata _ends
    ) internal {
        DissectionHash dissection = Dissection.hash(_start, _length, _from, _ends, DEGREE);
        StateHash end = _ends[_ends.length - 1];
        // INVARIANT: the other player has something to reject.
        if (!(end != _rejected)) revert MachineGame_SameEnd(end);
        _games[_gameId].dissection = dissection;
        emit Dissected(_gameId, dissection, _start, _length, _from, _ends);
    }

    /// @dev Ends a game that one player has won with this transaction.
    function _finish(GameId _gameId, bool _defenderWins, uint256 _gasBefore, uint256 _bytes)
        internal
    {
        Game storage game = _games[_gameId];
        ClaimState storage claim = _claims[game.claimId];
        --claim.openGames;
        uint256 costs;
        if (_defenderWins) {
            _addCosts(game, true, Costs.ofLast(_gasBefore, _bytes, MAX_TIP));
            game.status = GameStatus.DefenderWon;
            claim.costs -= game.challengerCosts;
            costs = _atMost(game.defenderCosts, CHALLENGE_BOND);
            _credit(claim.defender, costs);
            _burn(CHALLENGE_BOND - costs);
        } else {
            _addCosts(game, false, Costs.ofMove(_gasBefore, _bytes, MAX_TIP));
            game.status = GameStatus.ChallengerWon;
            claim.status = ClaimStatus.Fallen;
            emit ClaimFell(game.claimId, _gameId);
            _burn(CLAIM_BOND - _atMost(claim.costs, CLAIM_BOND));
            costs = _refund(game);
        }
        emit GameEnded(_gameId, game.status, costs);
    }

    /// @dev Gives a challenger of a claim that fell bond and costs. Where all costs are more than the claim's bond, each gets the
    /// same share of his own.
    /// @return costs_ What he gets for his moves.
    function _refund(Game storage _game) internal returns (uint256 costs_) {
        uint256 all = _claims[_game.claimId].costs;
        costs_ =
            all <= CLAIM_BOND ? _game.challengerCosts : _game.challengerCosts * CLAIM_BOND / all;
        _credit(_game.challenger, CHALLENGE_BOND + costs_);
    }

    /// @dev Notes what a move has cost its player.
    function _addCosts(Game storage _game, bool _defender, uint256 _costs) internal {
        if (_defender) {
            _game.defenderCosts = Costs.added(_game.defenderCosts, _costs);
            return;
        }
        uint96 before = _game.challengerCosts;
        uint96 sum = Costs.added(before, _costs);
        _game.challengerCosts = sum;
        // There are not enough challengers in the world to fill this.
        _claims[_game.claimId].costs += sum - before;
    }

    function _stands(ClaimState storage _claim) internal view returns (bool stands_) {
        return ClockLib.passed(_claim.deadline) && _claim.openGames == 0;
    }

    function _checkStatus(ClaimId _claimId, ClaimStatus _expected) internal view {
        ClaimStatus got = _claims[_claimId].status;
        // INVARIANT: a claim goes from one status to the next, never back.
        if (got != _expected) revert MachineGame_ClaimStatus(_claimId, _expected, got);
    }

    /// @dev Checks that a game goes on.
    /// @return defenderMoves_ Who moves.
    function _checkPlayed(Game storage _game) internal view returns (bool defenderMoves_) {
        defenderMoves_ = _checkInPlay(_game);
        // INVARIANT: a claim that fell is not played about.
        _checkStatus(_game.claimId, ClaimStatus.Open);
    }

    /// @dev Checks that nobody has won a game.
    /// @return defenderMoves_ Who moves.
    function _checkInPlay(Game storage _game) internal view returns (bool defenderMoves_) {
        GameStatus status = _game.status;
        // INVARIANT: a game that is over, or that nobody began, takes no move.
        if (status != GameStatus.DefenderMoves && status != GameStatus.ChallengerMoves) {
            revert MachineGame_NotPlayed(status);
        }
        return status == GameStatus.DefenderMoves;
    }

    function _atMost(uint256 _amount, uint256 _most) internal pure returns (uint256 less_) {
        return _amount < _most ? _amount : _most;
    }
}
