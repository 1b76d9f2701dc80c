// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @notice Hash of a state of a run, running or terminal.
/// @custom:mirrors wasm-prover/src/state.rs
type StateHash is bytes32;

/// @notice Head of a chain of hashes, of values or of frames: everything that lies below.
/// @custom:mirrors wasm-prover/src/state.rs
type ChainHash is bytes32;

/// @notice Node of a Merkle tree, a leaf of 32 bytes among them.
/// @custom:mirrors primitives/src/root.rs
type NodeHash is bytes32;

/// @notice Root of a blob: SSZ `hash_tree_root` of a byte list.
/// @custom:mirrors primitives/src/root.rs
type BlobRoot is bytes32;

using {_otherState as !=} for StateHash global;
using {_otherChain as !=} for ChainHash global;
using {_otherNode as !=} for NodeHash global;
using {_otherBlob as !=} for BlobRoot global;

function _otherState(StateHash _left, StateHash _right) pure returns (bool other_) {
    return StateHash.unwrap(_left) != StateHash.unwrap(_right);
}

function _otherChain(ChainHash _left, ChainHash _right) pure returns (bool other_) {
    return ChainHash.unwrap(_left) != ChainHash.unwrap(_right);
}

function _otherNode(NodeHash _left, NodeHash _right) pure returns (bool other_) {
    return NodeHash.unwrap(_left) != NodeHash.unwrap(_right);
}

function _otherBlob(BlobRoot _left, BlobRoot _right) pure returns (bool other_) {
    return BlobRoot.unwrap(_left) != BlobRoot.unwrap(_right);
}
