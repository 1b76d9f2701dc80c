// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Family, Opcodes} from "../src/generated/Opcodes.sol";
import {Word} from "../src/state/Word.sol";
import {ComputeFamily} from "../src/step/ComputeFamily.sol";
import {vm} from "./Vm.sol";

/// @notice Runs instructions of a family whose words have nothing but an opcode.
abstract contract FloatFamilyCases {
    ComputeFamily internal immutable FAMILY;

    constructor(ComputeFamily _family) {
        FAMILY = _family;
    }

    function check(uint16 _opcode, uint128 _a, uint128 _expected) internal view {
        check(_opcode, _a, 0, _expected);
    }

    function check(uint16 _opcode, uint128 _a, uint128 _b, uint128 _expected) internal view {
        vm.assertEq(evaluate(_opcode, _a, _b), _expected);
    }

    function evaluate(uint16 _opcode, uint128 _a, uint128 _b) internal view returns (uint128) {
        (bool ok, uint128 result) = run(FAMILY, _opcode, _a, _b);
        vm.assertTrue(ok);
        return result;
    }

    function checkTraps(uint16 _opcode, uint128 _a) internal view {
        (bool ok, uint128 result) = run(FAMILY, _opcode, _a, 0);
        vm.assertFalse(ok);
        vm.assertEq(result, 0);
    }

    function run(ComputeFamily _family, uint16 _opcode, uint128 _a, uint128 _b)
        internal
        pure
        returns (bool ok_, uint128 result_)
    {
        // A third operand is there, and ignored.
        return _family.evaluate(Word.wrap(uint256(_opcode) << 240), _a, _b, type(uint128).max);
    }

    /// @dev The family has its opcodes, and no other ones.
    function checkOpcodes(Family _family) internal view {
        for (uint256 opcode = 0; opcode < 0x10000; ++opcode) {
            // Pages next to, and between, those that have instructions.
            if (opcode == 0x0200) opcode = 0xe000;
            if (opcode == 0xe100) opcode = 0xfb00;
            (bool ok, uint128 result) = run(FAMILY, uint16(opcode), 0, 0);
            vm.assertTrue(ok == (Opcodes.family(uint16(opcode)) == _family));
            vm.assertTrue(ok || result == 0);
        }
    }
}
