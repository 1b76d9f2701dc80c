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
    ClaimStatus,
    DissectionHash,
    GameId,
    GameStatus,
    Rejection
} from "./Types.sol";

import {IOneStepVerifier} from "../IOneStepVerifier.sol";
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
/// @custom:mirrors disputes/src/game.rs
contract MachineGame is Payouts {
    /// @notice What is fixed at deployment.
    /// @param verifier Proves a step.
    /// @param degree Most segments of a move, 2 to `MAX_DEGREE`.
    /// @param window Time in which a claim can be challenged.
    /// @param clock What each player has for all moves of a game.
    /// @param grace What the defender has on top for his first move.
    /// @param claimBond Wei that stand for a claim.
    /// @param challengeBond Wei that stand for a challenge.
    /// @param maxTip Wei for a unit of gas that are refunded above the base fee at most.
    struct Parameters {
        IOneStepVerifier verifier;
        uint256 degree;
        Duration window;
        Duration clock;
        Duration grace;
        uint256 claimBond;
        uint256 challengeBond;
        uint256 maxTip;
    }

    /// @dev A claim in storage.
    struct ClaimState {
        address defender;
        Timestamp deadline;
        uint32 openGames;
        ClaimStatus status;
        // Costs of the challengers' moves, in wei, but for those of games that they lost.
        uint128 costs;
    }

    /// @dev A game in storage.
    struct Game {
        // The last move.
        DissectionHash dissection;
        ClaimId claimId;
        address challenger;
        uint96 challengerCosts;
        Clocks clocks;
        GameStatus status;
        uint96 defenderCosts;
    }

    /// @notice A parameter is not one that a game can be played with.
    /// @param index Which field of `Parameters`.
    error MachineGame_Parameter(uint256 index);

    /// @notice A claim needs steps.
    error MachineGame_NoSteps();

    /// @notice The claim is not in the state that this needs.
    /// @param claimId The claim.
    /// @param expected State that it should be in.
    /// @param got State that it is in.
    error MachineGame_ClaimStatus(ClaimId claimId, ClaimStatus expected, ClaimStatus got);

    /// @notice The window is over.
    /// @param deadline Its last second.
    error MachineGame_WindowOver(Timestamp deadline);

    /// @notice The claim can still lose.
    /// @param deadline Last second of its window.
    /// @param openGames Games that are being played about it.
    error MachineGame_NotStanding(Timestamp deadline, uint32 openGames);

    /// @notice The sender plays that game already, or did.
    /// @param gameId The game.
    error MachineGame_Exists(GameId gameId);

    /// @notice The sender is not to move in this game.
    /// @param status State of the game.
    error MachineGame_NotToMove(GameStatus status);

    /// @notice The game is over, or does not exist.
    /// @param status State of the game.
    error MachineGame_NotPlayed(GameStatus status);

    /// @notice The mover has let the time pass.
    /// @param deadline Last second in which there was a move.
    error MachineGame_TooLate(Timestamp deadline);

    /// @notice The mover has time left.
    /// @param deadline Last second in which there is a move.
    error MachineGame_TooEarly(Timestamp deadline);

    /// @notice The segment is none of the other player's last move.
    /// @param expected Hash of that move.
    /// @param got Hash of the move that has the segment.
    error MachineGame_Answer(DissectionHash expected, DissectionHash got);

    /// @notice A move ends in the state that it shall reject.
    /// @param end The state.
    error MachineGame_SameEnd(StateHash end);

    /// @notice A single step is not cut again, but proved.
    error MachineGame_SingleStep();

    /// @notice More than a single step cannot be proved.
    /// @param steps Steps of the segment.
    error MachineGame_ManySteps(uint64 steps);

    /// @notice The step leads where the other player says.
    /// @param end State after it.
    error MachineGame_StepHolds(StateHash end);

    /// @notice A claim was posted.
    /// @param claimId Its name.
    /// @param claim What it says.
    /// @param deadline Last second in which it can be challenged.
    event ClaimPosted(ClaimId indexed claimId, Claim claim, Timestamp deadline);

    /// @notice A game began with the challenger's first move.
    /// @param gameId Its name.
    /// @param claimId The claim.
    /// @param challenger Who challenges.
    event GameOpened(GameId indexed gameId, ClaimId indexed claimId, address indexed challenger);

    /// @notice A player cut a range into segments.
    /// @param gameId The game.
    /// @param dissection Name of the move.
    /// @param start First step of the range.
    /// @param length Steps of the range.
    /// @param from State at its beginning.
    /// @param ends State at the end of each segment.
    event Dissected(
        GameId indexed gameId,
        DissectionHash indexed dissection,
        uint64 start,
        uint64 length,
        StateHash from,
        StateHash[] ends
    );

    /// @notice A player proved a step.
    /// @param gameId The game.
    /// @param step The step.
    /// @param from State before it.
    /// @param to State after it.
    event StepProved(GameId indexed gameId, uint64 step, StateHash from, StateHash to);

    /// @notice A game is over.
    /// @param gameId The game.
    /// @param status Who won, or that another game decided.
    /// @param costs Wei that the winner gets for his moves.
    event GameEnded(GameId indexed gameId, GameStatus status, uint256 costs);

    /// @notice A claim lost a game.
    /// @param claimId The claim.
    /// @param gameId The game.
    event ClaimFell(ClaimId indexed claimId, GameId indexed gameId);

    /// @notice A claim stands, and its bond went back.
    /// @param claimId The claim.
    event ClaimReleased(ClaimId indexed claimId);

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

    /// @notice Posts a claim. Sends its bond along.
    /// @dev The sender is the claim's host and answers for `_start`: that it is the state that the claim is about.
    /// @param _defender Who stands for it.
    /// @param _salt Tells claims of one host apart.
    /// @param _start State before the first step.
    /// @param _end State after the last.
    /// @param _length Steps.
    /// @return claimId_ The claim's name.
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

    /// @notice Challenges a claim with a first move: another end of the run, and the states on the way to it. Sends the bond along.
    /// @param _claim The claim.
    /// @param _ends State at the end of each segment of the whole run.
    /// @return gameId_ The game's name.
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
        _addCosts(game, false, Costs.ofMove(gasBefore, MOVE_BYTES + 32 * _ends.length, MAX_TIP));
    }

    /// @notice Rejects a segment of the other player's last move and cuts it again.
    /// @param _gameId The game.
    /// @param _rejected The segment, of more than one step.
    /// @param _ends State at the end of each segment of it, the last another than the other player's.
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

    /// @notice Rejects a single step of the other player's last move and proves where it leads, which wins the game.
    /// @param _gameId The game.
    /// @param _rejected The step.
    /// @param _proof What the verifier is to be shown.
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

    /// @notice Ends a game whose mover has let the time pass. Anybody may.
    /// @param _gameId The game.
    function timeOut(GameId _gameId) external {
        uint256 gasBefore = gasleft();
        Game storage game = _games[_gameId];
        bool defenderMoves = _checkPlayed(game);
        Timestamp deadline = game.clocks.deadline(defenderMoves);
        // INVARIANT: a player has all of his time.
        if (!ClockLib.passed(deadline)) revert MachineGame_TooEarly(deadline);
        _finish(_gameId, !defenderMoves, gasBefore, 36);
    }

    /// @notice Ends a game about a claim that fell by another game: the challenger gets bond and costs. Anybody may.
    /// @param _gameId The game.
    function collect(GameId _gameId) external {
        Game storage game = _games[_gameId];
        _checkInPlay(game);
        _checkStatus(game.claimId, ClaimStatus.Fallen);
        game.status = GameStatus.Collected;
        uint256 costs = _refund(game);
        emit GameEnded(_gameId, GameStatus.Collected, costs);
    }

    /// @notice Gives the bond of a claim that stands back to its defender. Anybody may.
    /// @param _claimId The claim.
    function release(ClaimId _claimId) external {
        _checkStatus(_claimId, ClaimStatus.Open);
        ClaimState storage claim = _claims[_claimId];
        // INVARIANT: a claim does not stand before all that was to be said against it is said.
        if (!_stands(claim)) revert MachineGame_NotStanding(claim.deadline, claim.openGames);
        claim.status = ClaimStatus.Released;
        emit ClaimReleased(_claimId);
        _credit(claim.defender, CLAIM_BOND);
    }

    /// @notice Whether a claim cannot fall any more.
    /// @param _claimId The claim.
    /// @return stands_ Whether its window is over and it has won all games.
    function stands(ClaimId _claimId) external view returns (bool stands_) {
        ClaimState storage claim = _claims[_claimId];
        return claim.status == ClaimStatus.Released
            || (claim.status == ClaimStatus.Open && _stands(claim));
    }

    /// @notice What is known of a claim.
    /// @param _claimId The claim.
    /// @return status_ Where it stands.
    /// @return deadline_ Last second in which it can be challenged.
    /// @return openGames_ Games that are being played about it.
    function claimState(ClaimId _claimId)
        external
        view
        returns (ClaimStatus status_, Timestamp deadline_, uint32 openGames_)
    {
        ClaimState storage claim = _claims[_claimId];
        return (claim.status, claim.deadline, claim.openGames);
    }

    /// @notice What is known of a game.
    /// @param _gameId The game.
    /// @return game_ All of it.
    /// @return deadline_ Last second in which the mover can move, while the game is played.
    function gameState(GameId _gameId)
        external
        view
        returns (Game memory game_, Timestamp deadline_)
    {
        game_ = _games[_gameId];
        deadline_ = game_.clocks.deadline(game_.status == GameStatus.DefenderMoves);
    }

    /// @notice What the contract plays with.
    /// @return parameters_ The parameters.
    function parameters() external view returns (Parameters memory parameters_) {
        return
            Parameters(VERIFIER, DEGREE, WINDOW, CLOCK, GRACE, CLAIM_BOND, CHALLENGE_BOND, MAX_TIP);
    }

    /// @notice Seconds after which a claim that was posted stands or has fallen, if each game is ended when it can be.
    /// @return seconds_ A window, a grace period and two clocks.
    function longest() external view returns (uint256 seconds_) {
        return uint256(Duration.unwrap(WINDOW)) + Duration.unwrap(GRACE) + 2
            * uint256(Duration.unwrap(CLOCK));
    }

    /// @notice A claim's name.
    /// @param _claim The claim.
    /// @return claimId_ Hash of all its fields.
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

    /// @notice A game's name.
    /// @param _claimId The claim.
    /// @param _challenger Who challenges.
    /// @return gameId_ Hash of both.
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
        _addCosts(game, _defenderWins, Costs.ofLast(_gasBefore, _bytes, MAX_TIP));
        uint256 costs;
        if (_defenderWins) {
            game.status = GameStatus.DefenderWon;
            claim.costs -= game.challengerCosts;
            costs = _atMost(game.defenderCosts, CHALLENGE_BOND);
            _credit(claim.defender, costs);
            _burn(CHALLENGE_BOND - costs);
        } else {
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
        if (status != GameStatus.DefenderMoves && status != GameStatus.ChallengerMoves) {
            revert MachineGame_NotPlayed(status);
        }
        return status == GameStatus.DefenderMoves;
    }

    function _atMost(uint256 _amount, uint256 _most) internal pure returns (uint256 less_) {
        return _amount < _most ? _amount : _most;
    }
}
