// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {NodeHash} from "../state/Hashes.sol";

/// @title The loop over the siblings of a path
/// @notice Most of a step's gas is spent here. `test/MerkleFold.t.sol` holds it against a plain twin.
/// @custom:mirrors wasm-prover/src/state/path.rs
library MerkleFold {
    /// @dev Root above a node. Siblings that are trees of zeros come from a table in memory, the others from the calldata,
    /// lowest first.
    /// @param _position Where in the calldata the first sibling is.
    /// @param _bitmap Bit `i`: the sibling at height `i` above the node is a tree of zeros, and not in the calldata.
    /// @param _zeros Where in memory the root of a tree of zeros as high as the node is; those above follow.
    /// @param _count Siblings.
    /// @param _index Index of the node among those of its level.
    /// @param _node The node.
    /// @return root_ The root.
    /// @return redundant_ Whether a sibling in the calldata is a tree of zeros.
    function fold(
        uint256 _position,
        uint256 _bitmap,
        uint256 _zeros,
        uint256 _count,
        uint256 _index,
        NodeHash _node
    ) internal view returns (NodeHash root_, bool redundant_) {
        assembly ("memory-safe") {
            // A bit behind the last sibling ends the loop.
            _bitmap := or(_bitmap, shl(_count, 1))
            // Bit 5 of the index says where the node stands in the scratch space: an even one is the left child.
            _index := shl(5, _index)
            mstore(and(_index, 0x20), _node)
            // From a given sibling to the tree of zeros of its height.
            _zeros := sub(_zeros, _position)
            let hashed := 1
            for {} 1 {} {
                // Four given siblings at once, as long as there are: most are given.
                for {} iszero(and(_bitmap, 15)) {} {
                    let sibling := calldataload(_position)
                    redundant_ := or(redundant_, eq(sibling, mload(add(_zeros, _position))))
                    mstore(and(not(_index), 0x20), sibling)
                    _position := add(_position, 0x20)
                    // The parent goes where it stands among its own siblings.
                    _index := shr(1, _index)
                    hashed := and(
                        hashed,
                        staticcall(gas(), 0x02, 0x00, 0x40, and(_index, 0x20), 0x20)
                    )
                    // Likewise.
                    sibling := calldataload(_position)
                    redundant_ := or(redundant_, eq(sibling, mload(add(_zeros, _position))))
                    mstore(and(not(_index), 0x20), sibling)
                    _position := add(_position, 0x20)
                    _index := shr(1, _index)
                    hashed := and(
                        hashed,
                        staticcall(gas(), 0x02, 0x00, 0x40, and(_index, 0x20), 0x20)
                    )
                    // Likewise.
                    sibling := calldataload(_position)
                    redundant_ := or(redundant_, eq(sibling, mload(add(_zeros, _position))))
                    mstore(and(not(_index), 0x20), sibling)
                    _position := add(_position, 0x20)
                    _index := shr(1, _index)
                    hashed := and(
                        hashed,
                        staticcall(gas(), 0x02, 0x00, 0x40, and(_index, 0x20), 0x20)
                    )
                    // Likewise.
                    sibling := calldataload(_position)
                    redundant_ := or(redundant_, eq(sibling, mload(add(_zeros, _position))))
                    mstore(and(not(_index), 0x20), sibling)
                    _position := add(_position, 0x20)
                    _index := shr(1, _index)
                    hashed := and(
                        hashed,
                        staticcall(gas(), 0x02, 0x00, 0x40, and(_index, 0x20), 0x20)
                    )
                    _bitmap := shr(4, _bitmap)
                }
                if eq(_bitmap, 1) { break }
                let zero := mload(add(_zeros, _position))
                let sibling := zero
                switch and(_bitmap, 1)
                case 0 {
                    // One given sibling.
                    sibling := calldataload(_position)
                    redundant_ := or(redundant_, eq(sibling, zero))
                    _position := add(_position, 0x20)
                }
                default {
                    // A tree of zeros.
                    _zeros := add(_zeros, 0x20)
                }
                mstore(and(not(_index), 0x20), sibling)
                _index := shr(1, _index)
                hashed := and(hashed, staticcall(gas(), 0x02, 0x00, 0x40, and(_index, 0x20), 0x20))
                _bitmap := shr(1, _bitmap)
            }
            // INVARIANT: SHA-256 fails only when gas runs out. Then nothing is proved, and nothing may be.
            if iszero(hashed) { revert(0x00, 0x00) }
            root_ := mload(and(_index, 0x20))
        }
    }
}
