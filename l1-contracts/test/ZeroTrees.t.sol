// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ZeroTrees} from "../src/state/ZeroTrees.sol";

import {NodeHash} from "../src/state/Hashes.sol";

import {vm} from "./Vm.sol";

contract ZeroTreesTest {
    function test_root_everyLevel_succeeds() external pure {
        bytes memory zeros = ZeroTrees.load();
        bytes32 expected;
        for (uint256 level = 0; level <= ZeroTrees.MAX_LEVEL; ++level) {
            vm.assertEq(NodeHash.unwrap(ZeroTrees.root(zeros, level)), expected);
            expected = sha256(bytes.concat(expected, expected));
        }
        vm.assertEq(zeros.length, 32 * (ZeroTrees.MAX_LEVEL + 1));
    }
}
