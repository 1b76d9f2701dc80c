// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {StateHash} from "../state/Hashes.sol";
import {Clocks, Duration, Timestamp} from "./Clock.sol";

import {IOneStepVerifier} from "../IOneStepVerifier.sol";

/// @notice Names a claim: hash of all that it says and of who says it.
/// @custom:mirrors disputes/src/contracts.rs
type ClaimId is bytes32;

/// @notice Names a game: hash of the claim's name and of the challenger. A challenger plays one game about a claim.
/// @custom:mirrors disputes/src/contracts.rs
type GameId is bytes32;

/// @notice Names a move: hash of the segments that it cuts a range of steps into, and of the range. No two moves of a game
/// have the same, since ranges become shorter.
/// @custom:mirrors wasm-prover/src/game/dissection.rs
type DissectionHash is bytes32;

using {_otherDissection as !=} for DissectionHash global;

function _otherDissection(DissectionHash _left, DissectionHash _right) pure returns (bool other_) {
    return DissectionHash.unwrap(_left) != DissectionHash.unwrap(_right);
}

/// @notice What is disputed: that the machine that starts in one state is in another after so many steps. The length of a run
/// is fixed by its fuel, and a run that ends earlier stays as it is, so a quarrel about length is one about a hash.
struct Claim {
    // Contract that the claim was posted through. What it stands for is that contract's matter.
    address host;
    // Who stands for it, and gets the bond back.
    address defender;
    // Tells claims of one host apart.
    bytes32 salt;
    // State before the first step. The host computes it.
    StateHash start;
    // State after the last step.
    StateHash end;
    // Steps, at least one.
    uint64 length;
}

/// @notice A segment of the other player's last move: its first state is agreed, its last one rejected.
struct Rejection {
    // First step of the range that the move cuts.
    uint64 start;
    // Steps of that range.
    uint64 length;
    // Which of its segments.
    uint256 index;
    // State at the segment's beginning.
    StateHash from;
    // State at its end, as the other player says.
    StateHash to;
    // The segment's siblings in the move's tree, lowest first.
    bytes32[] path;
}

/// @notice Where a claim stands.
enum ClaimStatus {
    // Nobody posted it.
    None,
    // It can be challenged, or is being challenged, or waits to be released.
    Open,
    // A game about it was lost.
    Fallen,
    // Its time is over, it won all games, and the bond went back.
    Released
}

/// @notice Where a game stands.
enum GameStatus {
    // There is none.
    None,
    // The defender moves.
    DefenderMoves,
    // The challenger moves.
    ChallengerMoves,
    // The defender has won.
    DefenderWon,
    // The challenger has won, and the claim has fallen by this game.
    ChallengerWon,
    // The claim fell by another game, and the challenger has got bond and costs.
    Collected
}

/// @notice What is fixed at deployment.
struct Parameters {
    // Proves a step.
    IOneStepVerifier verifier;
    // Most segments of a move, 2 to `MAX_DEGREE`.
    uint256 degree;
    // Time in which a claim can be challenged.
    Duration window;
    // What each player has for all moves of a game.
    Duration clock;
    // What the defender has on top for his first move.
    Duration grace;
    // Wei that stand for a claim.
    uint256 claimBond;
    // Wei that stand for a challenge.
    uint256 challengeBond;
    // Wei for a unit of gas that are refunded above the base fee at most.
    uint256 maxTip;
}

/// @notice A claim in storage.
struct ClaimState {
    address defender;
    Timestamp deadline;
    uint32 openGames;
    ClaimStatus status;
    // Costs of the challengers' moves, in wei, but for those of games that they lost.
    uint128 costs;
}

/// @notice A game in storage.
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
