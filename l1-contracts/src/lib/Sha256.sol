// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {NodeHash} from "../state/Hashes.sol";

/// @title SHA-256 over tree nodes
/// @custom:mirrors primitives/src/root.rs
library Sha256 {
    /// @dev Hash of two children, end to end.
    function hashPair(NodeHash _left, NodeHash _right) internal view returns (NodeHash node_) {
        assembly ("memory-safe") {
            // Both lie in the scratch space, and the result over the first.
            mstore(0x00, _left)
            mstore(0x20, _right)
            // INVARIANT: it fails only when gas runs out. Then nothing is proved, and nothing may be.
            if iszero(staticcall(gas(), 0x02, 0x00, 0x40, 0x00, 0x20)) {
                revert(0x00, 0x00)
            }
            node_ := mload(0x00)
        }
    }
}
