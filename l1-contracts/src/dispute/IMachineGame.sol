// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {StateHash} from "../state/Hashes.sol";
import {Timestamp} from "./Clock.sol";
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
} from "./Types.sol";

/// @title What can be done in the game about a claim, and what comes of it
/// @custom:mirrors wasm-prover/src/game/play.rs
interface IMachineGame {
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
    ) external payable returns (ClaimId claimId_);

    /// @notice Challenges a claim with a first move: another end of the run, and the states on the way to it. Sends the bond along.
    /// @param _claim The claim.
    /// @param _ends State at the end of each segment of the whole run.
    /// @return gameId_ The game's name.
    function challenge(Claim calldata _claim, StateHash[] calldata _ends)
        external
        payable
        returns (GameId gameId_);

    /// @notice Rejects a segment of the other player's last move and cuts it again.
    /// @param _gameId The game.
    /// @param _rejected The segment, of more than one step.
    /// @param _ends State at the end of each segment of it, the last another than the other player's.
    function dissect(GameId _gameId, Rejection calldata _rejected, StateHash[] calldata _ends)
        external;

    /// @notice Rejects a single step of the other player's last move and proves where it leads, which wins the game.
    /// @param _gameId The game.
    /// @param _rejected The step.
    /// @param _proof What the verifier is to be shown.
    function prove(GameId _gameId, Rejection calldata _rejected, bytes calldata _proof) external;

    /// @notice Ends a game whose mover has let the time pass. Anybody may.
    /// @param _gameId The game.
    function timeOut(GameId _gameId) external;

    /// @notice Ends a game about a claim that fell by another game: the challenger gets bond and costs. Anybody may.
    /// @param _gameId The game.
    function collect(GameId _gameId) external;

    /// @notice Gives the bond of a claim that stands back to its defender. Anybody may.
    /// @param _claimId The claim.
    function release(ClaimId _claimId) external;

    /// @notice Whether a claim cannot fall any more.
    /// @param _claimId The claim.
    /// @return stands_ Whether its window is over and it has won all games.
    function stands(ClaimId _claimId) external view returns (bool stands_);

    /// @notice What is known of a claim.
    /// @param _claimId The claim.
    /// @return status_ Where it stands.
    /// @return deadline_ Last second in which it can be challenged.
    /// @return openGames_ Games that are being played about it.
    function claimState(ClaimId _claimId)
        external
        view
        returns (ClaimStatus status_, Timestamp deadline_, uint32 openGames_);

    /// @notice What is known of a game.
    /// @param _gameId The game.
    /// @return game_ All of it.
    /// @return deadline_ Last second in which the mover can move, while the game is played.
    function gameState(GameId _gameId)
        external
        view
        returns (Game memory game_, Timestamp deadline_);

    /// @notice What the contract plays with.
    /// @return parameters_ The parameters.
    function parameters() external view returns (Parameters memory parameters_);

    /// @notice Seconds after which a claim that was posted stands or has fallen, if each game is ended when it can be.
    /// @return seconds_ A window, a grace period and two clocks.
    function longest() external view returns (uint256 seconds_);

    /// @notice A claim's name.
    /// @param _claim The claim.
    /// @return claimId_ Hash of all its fields.
    function idOf(Claim memory _claim) external pure returns (ClaimId claimId_);

    /// @notice A game's name.
    /// @param _claimId The claim.
    /// @param _challenger Who challenges.
    /// @return gameId_ Hash of both.
    function gameOf(ClaimId _claimId, address _challenger) external pure returns (GameId gameId_);
}
