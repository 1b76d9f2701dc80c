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
            let place := and(_index, 0x20)
            mstore(place, _node)
            let hashed := 1
            for {} gt(_bitmap, 1) {} {
                let sibling := mload(_zeros)
                if iszero(and(_bitmap, 1)) {
                    // A given sibling.
                    let given := calldataload(_position)
                    redundant_ := or(redundant_, eq(given, sibling))
                    sibling := given
                    _position := add(_position, 0x20)
                }
                mstore(xor(place, 0x20), sibling)
                // The parent goes where it stands among its own siblings.
                _index := shr(1, _index)
                place := and(_index, 0x20)
                hashed := and(hashed, staticcall(gas(), 0x02, 0x00, 0x40, place, 0x20))
                _bitmap := shr(1, _bitmap)
                _zeros := add(_zeros, 0x20)
            }
            // SHA-256 fails only when gas runs out. Then nothing is proved, and nothing may be.
            if iszero(hashed) { revert(0x00, 0x00) }
            root_ := mload(place)
        }
    }
}
