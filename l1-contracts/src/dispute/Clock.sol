// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @notice A time span in seconds.
type Duration is uint32;

/// @notice Seconds since 1970, as `block.timestamp`.
type Timestamp is uint40;

/// @notice The two clocks of a game. Only the mover's runs.
struct Clocks {
    // When the mover's clock began to run, or will: a grace period lies ahead.
    Timestamp since;
    // What the defender has left.
    Duration defender;
    // What the challenger has left.
    Duration challenger;
}

using ClockLib for Clocks global;

/// @title Chess clocks
/// @custom:mirrors disputes/src/contracts.rs
library ClockLib {
    /// @dev The time of this block.
    function present() internal view returns (Timestamp now_) {
        // Enough for 34,000 years.
        return Timestamp.wrap(uint40(block.timestamp));
    }

    /// @dev A time later than another by a span.
    function plus(Timestamp _time, Duration _span) internal pure returns (Timestamp later_) {
        return Timestamp.wrap(Timestamp.unwrap(_time) + Duration.unwrap(_span));
    }

    /// @dev Whether a time has passed: this block is later.
    function passed(Timestamp _time) internal view returns (bool passed_) {
        return block.timestamp > Timestamp.unwrap(_time);
    }

    /// @dev Both clocks full and the defender's running, once the grace period is over.
    function begin(Duration _clock, Duration _grace) internal view returns (Clocks memory clocks_) {
        return Clocks(plus(present(), _grace), _clock, _clock);
    }

    /// @dev The last second in which the mover can move.
    function deadline(Clocks memory _clocks, bool _defenderMoves)
        internal
        pure
        returns (Timestamp deadline_)
    {
        return plus(_clocks.since, _defenderMoves ? _clocks.defender : _clocks.challenger);
    }

    /// @dev Stops the mover's clock, which has not run out, and starts the other's.
    function press(Clocks memory _clocks, bool _defenderMoved) internal view {
        uint256 left = Timestamp.unwrap(deadline(_clocks, _defenderMoved)) - block.timestamp;
        uint256 most = Duration.unwrap(_defenderMoved ? _clocks.defender : _clocks.challenger);
        // What is left of a grace period is lost.
        Duration rest = Duration.wrap(uint32(left < most ? left : most));
        if (_defenderMoved) _clocks.defender = rest;
        else _clocks.challenger = rest;
        _clocks.since = present();
    }
}
