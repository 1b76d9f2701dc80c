// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Calldata} from "../lib/Calldata.sol";
import {MerklePath, MerklePathLib} from "../state/MerklePath.sol";
import {ZeroTrees} from "../state/ZeroTrees.sol";

import {NodeHash} from "../state/Hashes.sol";

/// @notice What is left of a proof: a place in the calldata.
struct Witness {
    // Where the next access finds its bytes.
    uint256 position;
    // Where the proof begins, and where it ends.
    uint256 start;
    uint256 end;
    // Table of the trees of zeros; empty until a path needs it.
    bytes zeros;
}

using WitnessLib for Witness global;

/// @title Bytes of a proof, in the order of the accesses
/// @notice Every byte is used once, and nothing is read behind the end.
/// @custom:mirrors wasm-prover/src/replay.rs
library WitnessLib {
    /// @notice The proof ends too early.
    /// @param expected Bytes of the proof at least.
    /// @param got Its bytes.
    error Witness_Short(uint256 expected, uint256 got);

    /// @dev Goes to an offset of a proof.
    function open(Witness memory _witness, bytes calldata _proof, uint256 _offset) internal pure {
        // INVARIANT: the witness begins in the proof, so positions do not wrap.
        if (_offset > _proof.length) revert Witness_Short(_offset, _proof.length);
        uint256 start = Calldata.start(_proof);
        _witness.start = start;
        unchecked {
            _witness.position = start + _offset;
            _witness.end = start + _proof.length;
        }
    }

    /// @dev Bytes of the proof that were used.
    function offset(Witness memory _witness) internal pure returns (uint256 offset_) {
        return _witness.position - _witness.start;
    }

    /// @dev The next `_size` bytes, at most 32, as a big-endian number.
    function take(Witness memory _witness, uint256 _size) internal pure returns (uint256 number_) {
        return Calldata.number(_skip(_witness, _size), _size);
    }

    /// @dev The next path, from a node of `_level` to the root of a tree of `_depth` levels.
    function path(Witness memory _witness, uint256 _level, uint256 _depth, uint256 _index)
        internal
        pure
        returns (MerklePath memory path_)
    {
        if (_witness.zeros.length == 0) _witness.zeros = ZeroTrees.load();
        uint256 count;
        uint256 bitmap = take(_witness, MerklePathLib.BITMAP_SIZE);
        unchecked {
            count = _depth - _level;
            path_.position = _skip(_witness, 32 * MerklePathLib.given(bitmap, count));
        }
        path_.bitmap = bitmap;
        path_.level = _level;
        path_.count = count;
        path_.index = _index;
    }

    /// @dev A leaf of a tree that the step only reads.
    function leaf(Witness memory _witness, NodeHash _root, uint256 _depth, uint256 _index)
        internal
        view
        returns (bytes32 leaf_)
    {
        leaf_ = bytes32(take(_witness, 32));
        MerklePath memory path_ = path(_witness, 0, _depth, _index);
        path_.check(_witness.zeros, NodeHash.wrap(leaf_), _root);
    }

    /// @dev Where the next `_size` bytes are.
    function _skip(Witness memory _witness, uint256 _size)
        private
        pure
        returns (uint256 position_)
    {
        position_ = _witness.position;
        uint256 end;
        // Positions lie in the calldata, and no size is above 32 times 27.
        unchecked {
            end = position_ + _size;
        }
        // INVARIANT: nothing is read behind the proof's end.
        if (end > _witness.end) {
            revert Witness_Short(end - _witness.start, _witness.end - _witness.start);
        }
        _witness.position = end;
    }
}
