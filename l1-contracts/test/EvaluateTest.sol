// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Family, Opcodes} from "../src/generated/Opcodes.sol";
import {Word} from "../src/state/Word.sol";
import {ComputeFamily} from "../src/step/ComputeFamily.sol";
import {vm} from "./Vm.sol";

/// @notice What the tests of integer families have in common.
abstract contract EvaluateTest {
    ComputeFamily internal immutable FAMILY;

    constructor(ComputeFamily _family) {
        FAMILY = _family;
    }

    /// @dev Holds an instruction whose word has nothing but an opcode.
    function _check(uint16 _opcode, uint128 _a, uint128 _b, uint128 _expected) internal view {
        _check(_opcode, _a, _b, 0, _expected);
    }

    function _check(uint16 _opcode, uint128 _a, uint128 _b, uint128 _c, uint128 _expected)
        internal
        view
    {
        _checkWord(uint256(_opcode) << 240, _a, _b, _c, _expected);
    }

    function _checkWord(uint256 _word, uint128 _a, uint128 _b, uint128 _c, uint128 _expected)
        internal
        view
    {
        (bool ok, uint128 result) = FAMILY.evaluate(Word.wrap(_word), _a, _b, _c);
        // A failure shows the opcode.
        uint256 opcode = (_word >> 240) << 240;
        vm.assertEq(
            bytes32(opcode | (ok ? 1 << 128 : 0) | result), bytes32(opcode | (1 << 128) | _expected)
        );
    }

    function _checkTrap(uint16 _opcode, uint128 _a, uint128 _b) internal view {
        _checkTrapWord(uint256(_opcode) << 240, _a, _b);
    }

    function _checkTrapWord(uint256 _word, uint128 _a, uint128 _b) internal view {
        (bool ok, uint128 result) = FAMILY.evaluate(Word.wrap(_word), _a, _b, 0);
        uint256 opcode = (_word >> 240) << 240;
        vm.assertEq(bytes32(opcode | (ok ? 1 << 128 : 0) | result), bytes32(opcode));
    }

    /// @dev Every opcode has a result if it is the family's, and else traps. No operand of 1 makes one of the family trap.
    function _checkOpcodes(Family _family) internal view {
        for (uint256 opcode = 0; opcode <= type(uint16).max; ++opcode) {
            // The pages without instructions are only looked into.
            uint256 page = opcode >> 8;
            bool used = page == 0x00 || page == 0xe0 || page == 0xfc || page == 0xfd;
            if (!used && opcode % 0x55 != 0) continue;

            (bool ok, uint128 result) = FAMILY.evaluate(Word.wrap(opcode << 240), 1, 1, 1);
            bool expected = Opcodes.family(uint16(opcode)) == _family;
            vm.assertEq((opcode << 1) | (ok ? 1 : 0), (opcode << 1) | (expected ? 1 : 0));
            if (!ok) vm.assertEq(uint256(result), 0);
        }
    }

    /// @dev A vector of lanes that are edges of their range or random, half of each.
    function _vector(uint256 _seed, uint256 _width) internal pure returns (uint128 vector_) {
        uint256 ones = (1 << _width) - 1;
        uint256 high = 1 << (_width - 1);
        uint256 half = 1 << (_width / 2);
        uint256[10] memory edges =
            [0, 1, 2, ones, ones - 1, high, high - 1, high + 1, half, ones - half + 1];
        for (uint256 shift = 0; shift < 128; shift += _width) {
            _seed = uint256(keccak256(abi.encode(_seed)));
            uint256 lane = _seed & 1 == 0 ? (_seed >> 128) & ones : edges[(_seed >> 1) % 10];
            vector_ |= uint128(lane << shift);
        }
    }
}
