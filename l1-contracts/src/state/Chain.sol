// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Keccak} from "../lib/Keccak.sol";

import {ChainHash, NodeHash} from "./Hashes.sol";

/// @title The value stack and the frame stack as chains of hashes
/// @notice What is pushed hashes what lies below, so a push or a pop touches one link, whatever the height.
/// @custom:mirrors wasm-prover/src/state/chain.rs
library Chain {
    /// @dev Most values on the stack, and most frames below the running one: no lowered program reaches it.
    uint32 internal constant MAX_HEIGHT = 1 << 18;

    /// @dev Tag of a value.
    bytes16 internal constant VALUE_TAG = "enshrine/value/1";

    /// @dev Tag of a frame.
    bytes16 internal constant FRAME_TAG = "enshrine/frame/1";

    /// @dev Head of the value stack after a push.
    /// @param _value The value.
    /// @param _below Head before.
    function valueLink(uint128 _value, ChainHash _below) internal pure returns (ChainHash head_) {
        bytes32 tagged = bytes32(VALUE_TAG) | bytes32(uint256(_value));
        return ChainHash.wrap(Keccak.hashPair(tagged, ChainHash.unwrap(_below)));
    }

    /// @dev Head of the frame stack after a push.
    /// @param _returnPc Where the frame returns to.
    /// @param _locals Root of its locals.
    /// @param _below Head before.
    function frameLink(uint32 _returnPc, NodeHash _locals, ChainHash _below)
        internal
        pure
        returns (ChainHash head_)
    {
        return ChainHash.wrap(keccak256(abi.encodePacked(FRAME_TAG, _returnPc, _locals, _below)));
    }
}
