// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {NodeHash} from "../state/Hashes.sol";

/// @title Loops over the siblings of a path
/// @notice Most of a step's gas is spent here. `test/MerkleFold.t.sol` holds both against plain twins.
/// @dev Siblings that are trees of zeros come from a table in memory, the others from the calldata, lowest first.
/// @custom:mirrors wasm-prover/src/state/path.rs
library MerkleFold {
    /// @dev Looks for a sibling in the calldata that is a tree of zeros.
    /// @param _position Where in the calldata the first sibling is.
    /// @param _bitmap Bit `i`: the sibling at height `i` above the node is a tree of zeros, and not in the calldata.
    /// @param _zeros Where in memory the root of a tree of zeros as high as the node is; those above follow.
    /// @param _count Siblings.
    /// @return left_ Siblings from the first such one on; 0 if there is none.
    function redundant(uint256 _position, uint256 _bitmap, uint256 _zeros, uint256 _count)
        internal
        pure
        returns (uint256 left_)
    {
        assembly ("memory-safe") {
            for {} _count {} {
                if iszero(and(_bitmap, 1)) {
                    // A given sibling; the first that is redundant ends the loop.
                    if eq(calldataload(_position), mload(_zeros)) {
                        left_ := _count
                        break
                    }
                    _position := add(_position, 0x20)
                }
                // One level up.
                _bitmap := shr(1, _bitmap)
                _zeros := add(_zeros, 0x20)
                _count := sub(_count, 1)
            }
        }
    }

    /// @dev Root above a node.
    /// @param _position Where in the calldata the first sibling is.
    /// @param _bitmap Bit `i`: the sibling at height `i` above the node is a tree of zeros, and not in the calldata.
    /// @param _zeros Where in memory the root of a tree of zeros as high as the node is; those above follow.
    /// @param _count Siblings.
    /// @param _index Index of the node among those of its level.
    /// @param _node The node.
    /// @return root_ The root.
    function fold(
        uint256 _position,
        uint256 _bitmap,
        uint256 _zeros,
        uint256 _count,
        uint256 _index,
        NodeHash _node
    ) internal view returns (NodeHash root_) {
        assembly ("memory-safe") {
            root_ := _node
            for {} _count {} {
                // An even node is the left child, an odd one the right. Both children fill the scratch space.
                let side := shl(5, and(_index, 1))
                mstore(side, root_)
                switch and(_bitmap, 1)
                case 0 {
                    // A given sibling.
                    mstore(xor(side, 0x20), calldataload(_position))
                    _position := add(_position, 0x20)
                }
                default { mstore(xor(side, 0x20), mload(_zeros)) }
                // Fails only when gas runs out. Then nothing is proved, and nothing may be.
                if iszero(staticcall(gas(), 0x02, 0x00, 0x40, 0x00, 0x20)) {
                    revert(0x00, 0x00)
                }
                root_ := mload(0x00)
                // One level up.
                _bitmap := shr(1, _bitmap)
                _index := shr(1, _index)
                _zeros := add(_zeros, 0x20)
                _count := sub(_count, 1)
            }
        }
    }
}
