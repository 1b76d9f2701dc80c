// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {StateHash} from "../../src/state/Hashes.sol";

import {toyState} from "./Toy.sol";

/// @notice Who plays, and what he says the run is: the truth up to some step, another run from there on.
struct Player {
    address account;
    // Seed of the true run.
    bytes32 truth;
    // First state that he has otherwise.
    uint64 lieFrom;
    // Seed of the other run.
    bytes32 lie;
}

using PlayerLib for Player global;

/// @notice A move: a range cut into segments. Knows the whole tree, so it can be opened anywhere.
struct Move {
    uint64 start;
    uint64 length;
    StateHash from;
    StateHash[] ends;
}

using MoveLib for Move global;

library PlayerLib {
    /// @dev Who says nothing but the truth, since no run is that long.
    function honest(address _account, bytes32 _truth)
        internal
        pure
        returns (Player memory player_)
    {
        return Player(_account, _truth, type(uint64).max, 0);
    }

    function liar(address _account, bytes32 _truth, uint64 _from)
        internal
        pure
        returns (Player memory player_)
    {
        return Player(_account, _truth, _from, keccak256(abi.encode(_account, "lies")));
    }

    /// @dev What he says the state is after so many steps.
    function state(Player memory _player, uint64 _step) internal pure returns (StateHash state_) {
        return toyState(_step < _player.lieFrom ? _player.truth : _player.lie, _step);
    }

    function proof(Player memory _player, uint64 _step)
        internal
        pure
        returns (bytes memory proof_)
    {
        return abi.encode(_step < _player.lieFrom ? _player.truth : _player.lie, _step);
    }

    /// @dev The range as he cuts it.
    function cut(Player memory _player, uint64 _start, uint64 _length, uint256 _degree)
        internal
        pure
        returns (Move memory move_)
    {
        uint256 parts = _length < _degree ? _length : _degree;
        move_ = Move(_start, _length, state(_player, _start), new StateHash[](parts));
        for (uint256 i = 0; i < parts; ++i) {
            move_.ends[i] = state(_player, move_.boundary(i + 1));
        }
    }

    /// @dev The first segment of another's move whose end he has otherwise; `type(uint256).max` if there is none.
    function objection(Player memory _player, Move memory _move)
        internal
        pure
        returns (uint256 index_)
    {
        for (; index_ < _move.ends.length; ++index_) {
            StateHash mine = state(_player, _move.boundary(index_ + 1));
            if (StateHash.unwrap(mine) != StateHash.unwrap(_move.ends[index_])) return index_;
        }
        return type(uint256).max;
    }
}

library MoveLib {
    function boundary(Move memory _move, uint256 _index) internal pure returns (uint64 step_) {
        return _move.start + uint64(uint256(_move.length) * _index / _move.ends.length);
    }

    function beginning(Move memory _move, uint256 _index) internal pure returns (StateHash state_) {
        return _index == 0 ? _move.from : _move.ends[_index - 1];
    }

    function end(Move memory _move) internal pure returns (StateHash state_) {
        return _move.ends[_move.ends.length - 1];
    }

    /// @dev Siblings of a segment, lowest first: each computed from all leaves below it.
    function path(Move memory _move, uint256 _index)
        internal
        pure
        returns (bytes32[] memory path_)
    {
        path_ = new bytes32[](height(_move));
        for (uint256 level = 0; level < path_.length; ++level) {
            path_[level] = node(_move, level, (_index >> level) ^ 1);
        }
    }

    function height(Move memory _move) internal pure returns (uint256 height_) {
        while (2 ** height_ < _move.ends.length) ++height_;
    }

    function hash(Move memory _move) internal pure returns (bytes32 hash_) {
        bytes32 root = node(_move, height(_move), 0);
        return keccak256(
            bytes.concat("enshrine/dissection/1", bytes8(_move.start), bytes8(_move.length), root)
        );
    }

    function node(Move memory _move, uint256 _level, uint256 _index)
        internal
        pure
        returns (bytes32 node_)
    {
        if (_level != 0) {
            return keccak256(
                abi.encode(
                    node(_move, _level - 1, 2 * _index), node(_move, _level - 1, 2 * _index + 1)
                )
            );
        }
        if (_index >= _move.ends.length) return 0;
        return keccak256(abi.encode(beginning(_move, _index), _move.ends[_index]));
    }
}
