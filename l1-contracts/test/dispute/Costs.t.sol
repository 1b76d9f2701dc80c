// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Costs} from "../../src/dispute/Costs.sol";

import {vm} from "../Vm.sol";

contract CostsOfMoveTest {
    function test_ofMove_price_succeeds() external {
        vm.fee(10 gwei);
        vm.txGasPrice(11 gwei);
        vm.assertEq(costs(0, 0, 2 gwei) / 1 gwei % 11, 0);
        vm.assertTrue(costs(0, 0, 2 gwei) >= 37_000 * 11 gwei);
        vm.assertTrue(costs(0, 0, 2 gwei) < 38_000 * 11 gwei);
    }

    function test_ofMove_tipAboveTheMost_succeeds() external {
        vm.fee(10 gwei);
        vm.txGasPrice(1000 gwei);
        vm.assertTrue(costs(0, 0, 2 gwei) >= 37_000 * 12 gwei);
        vm.assertTrue(costs(0, 0, 2 gwei) < 38_000 * 12 gwei);
        vm.assertTrue(costs(0, 0, 0) < 38_000 * 10 gwei);
    }

    function test_ofMove_noPrice_succeeds() external {
        vm.fee(0);
        vm.txGasPrice(0);
        vm.assertEq(costs(1e6, 1e6, 2 gwei), 0);
    }

    function test_ofMove_bytes_succeeds() external {
        vm.fee(1);
        vm.txGasPrice(1);
        uint256 more = costs(0, 1000, 0) - costs(0, 0, 0);
        vm.assertTrue(more >= 15_900 && more <= 16_100);
    }

    function test_ofMove_gas_succeeds() external {
        vm.fee(1);
        vm.txGasPrice(1);
        uint256 more = costs(50_000, 0, 0) - costs(0, 0, 0);
        vm.assertTrue(more >= 49_900 && more <= 50_100);
    }

    function costs(uint256 _gas, uint256 _bytes, uint256 _maxTip)
        internal
        view
        returns (uint256 costs_)
    {
        return Costs.ofMove(gasleft() + _gas, _bytes, _maxTip);
    }
}

contract CostsOfLastTest {
    function test_ofLast_more_succeeds() external {
        vm.fee(1);
        vm.txGasPrice(1);
        uint256 last = Costs.ofLast(gasleft(), 0, 0);
        uint256 move = Costs.ofMove(gasleft(), 0, 0);
        vm.assertTrue(last >= move + 98_000 && last <= move + 102_000);
    }
}

contract CostsAddedTest {
    function testFuzz_added_fits_succeeds(uint96 _costs, uint128 _more) external pure {
        uint256 sum = uint256(_costs) + _more;
        uint256 expected = sum > type(uint96).max ? type(uint96).max : sum;
        vm.assertEq(Costs.added(_costs, _more), expected);
    }

    function test_added_limits_succeeds() external pure {
        vm.assertEq(Costs.added(type(uint96).max - 1, 1), type(uint96).max);
        vm.assertEq(Costs.added(type(uint96).max, 1), type(uint96).max);
        vm.assertEq(Costs.added(type(uint96).max - 2, 1), type(uint96).max - 1);
    }
}
