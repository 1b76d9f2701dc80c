// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ZeroTrees, ZeroTreesLib} from "../src/state/ZeroTrees.sol";

import {NodeHash} from "../src/state/Hashes.sol";

import {vm} from "./Vm.sol";

contract ZeroTreesTest {
    function test_root_everyLevel_succeeds() external pure {
        ZeroTrees memory zeros = ZeroTreesLib.load();
        bytes32 expected;
        for (uint256 level = 0; level <= ZeroTreesLib.MAX_LEVEL; ++level) {
            vm.assertEq(NodeHash.unwrap(zeros.root(level)), expected);
            expected = sha256(bytes.concat(expected, expected));
        }
        vm.assertEq(zeros.roots.length, 32 * (ZeroTreesLib.MAX_LEVEL + 1));
    }
}
