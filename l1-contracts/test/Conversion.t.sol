// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Family, Opcodes} from "../src/generated/Opcodes.sol";
import {Conversion} from "../src/step/Conversion.sol";
import {FloatFamilyCases} from "./FloatFamilyCases.sol";
import {vm} from "./Vm.sol";

contract Conversion_Evaluate_Test is FloatFamilyCases(new Conversion()) {
    function test_evaluate_opcodes_succeeds() external view {
        checkOpcodes(Family.Conversion);
    }

    function test_evaluate_integersBecomeFloats_succeeds() external view {
        check(Opcodes.F32_CONVERT_I32_S, type(uint32).max, 0xbf800000);
        check(Opcodes.F32_CONVERT_I32_S, 0x01000001, 0x4b800000);
        check(Opcodes.F32_CONVERT_I32_S, 0x01000003, 0x4b800002);
        check(Opcodes.F32_CONVERT_I32_U, type(uint32).max, 0x4f800000);
        check(Opcodes.F32_CONVERT_I64_S, type(uint64).max, 0xbf800000);
        // Twice rounded, by way of f64, this would be a tie that goes down.
        check(Opcodes.F32_CONVERT_I64_S, 0x7fffff4000000001, 0x5effffff);
        check(Opcodes.F32_CONVERT_I64_S, 0x0020000020000001, 0x5a000001);
        check(Opcodes.F32_CONVERT_I64_U, 0x8000008000000000, 0x5f000000);
        check(Opcodes.F32_CONVERT_I64_U, 0x8000008000000001, 0x5f000001);
        check(Opcodes.F32_CONVERT_I64_U, type(uint64).max, 0x5f800000);
        check(Opcodes.F64_CONVERT_I32_S, 0x80000000, 0xc1e0000000000000);
        check(Opcodes.F64_CONVERT_I32_U, type(uint32).max, 0x41efffffffe00000);
        check(Opcodes.F64_CONVERT_I64_S, type(uint64).max, 0xbff0000000000000);
        check(Opcodes.F64_CONVERT_I64_S, 0x0020000000000001, 0x4340000000000000);
        check(Opcodes.F64_CONVERT_I64_U, type(uint64).max, 0x43f0000000000000);
        check(Opcodes.F64_CONVERT_I64_U, 0x8000000000000401, 0x43e0000000000001);
    }

    function test_evaluate_otherConversions_succeeds() external view {
        check(Opcodes.I32_WRAP_I64, 0x180000001, 0x80000001);
        check(Opcodes.I64_EXTEND_I32_S, 0x80000000, 0xffffffff80000000);
        check(Opcodes.I64_EXTEND_I32_U, 0x180000000, 0x80000000);
        check(Opcodes.F32_DEMOTE_F64, 0x3ff0000010000001, 0x3f800001);
        check(Opcodes.F32_DEMOTE_F64, 0xfff0000000000001, 0x7fc00000);
        check(Opcodes.F64_PROMOTE_F32, 0x3f800001, 0x3ff0000020000000);
        check(Opcodes.F64_PROMOTE_F32, 0xff800001, 0x7ff8000000000000);
        check(Opcodes.I32_REINTERPRET_F32, 0xff800001, 0xff800001);
        check(Opcodes.I64_REINTERPRET_F64, 0xfff0000000000001, 0xfff0000000000001);
        check(Opcodes.F32_REINTERPRET_I32, 0x7f800001, 0x7f800001);
        check(Opcodes.F64_REINTERPRET_I64, 0x7ff0000000000001, 0x7ff0000000000001);
    }

    function test_evaluate_limitsOfI32_succeeds() external view {
        _checkRange(
            Opcodes.I32_TRUNC_F32_S,
            Opcodes.I32_TRUNC_SAT_F32_S,
            [uint128(0xcf000001), 0xcf000000, 0x4effffff, 0x4f000000],
            [uint128(0x80000000), 0x7fffff80],
            [uint128(0x80000000), 0x7fffffff]
        );
        _checkRange(
            Opcodes.I32_TRUNC_F32_U,
            Opcodes.I32_TRUNC_SAT_F32_U,
            [uint128(0xbf800000), 0xbf7fffff, 0x4f7fffff, 0x4f800000],
            [uint128(0), 0xffffff00],
            [uint128(0), type(uint32).max]
        );
        _checkRange(
            Opcodes.I32_TRUNC_F64_S,
            Opcodes.I32_TRUNC_SAT_F64_S,
            [
                uint128(0xc1e0000000200000),
                0xc1e00000001fffff,
                0x41dfffffffffffff,
                0x41e0000000000000
            ],
            [uint128(0x80000000), 0x7fffffff],
            [uint128(0x80000000), 0x7fffffff]
        );
        _checkRange(
            Opcodes.I32_TRUNC_F64_U,
            Opcodes.I32_TRUNC_SAT_F64_U,
            [
                uint128(0xbff0000000000000),
                0xbfefffffffffffff,
                0x41efffffffffffff,
                0x41f0000000000000
            ],
            [uint128(0), type(uint32).max],
            [uint128(0), type(uint32).max]
        );
    }

    function test_evaluate_limitsOfI64_succeeds() external view {
        _checkRange(
            Opcodes.I64_TRUNC_F32_S,
            Opcodes.I64_TRUNC_SAT_F32_S,
            [uint128(0xdf000001), 0xdf000000, 0x5effffff, 0x5f000000],
            [uint128(0x8000000000000000), 0x7fffff8000000000],
            [uint128(0x8000000000000000), 0x7fffffffffffffff]
        );
        _checkRange(
            Opcodes.I64_TRUNC_F32_U,
            Opcodes.I64_TRUNC_SAT_F32_U,
            [uint128(0xbf800000), 0xbf7fffff, 0x5f7fffff, 0x5f800000],
            [uint128(0), 0xffffff0000000000],
            [uint128(0), type(uint64).max]
        );
        _checkRange(
            Opcodes.I64_TRUNC_F64_S,
            Opcodes.I64_TRUNC_SAT_F64_S,
            [
                uint128(0xc3e0000000000001),
                0xc3e0000000000000,
                0x43dfffffffffffff,
                0x43e0000000000000
            ],
            [uint128(0x8000000000000000), 0x7ffffffffffffc00],
            [uint128(0x8000000000000000), 0x7fffffffffffffff]
        );
        _checkRange(
            Opcodes.I64_TRUNC_F64_U,
            Opcodes.I64_TRUNC_SAT_F64_U,
            [
                uint128(0xbff0000000000000),
                0xbfefffffffffffff,
                0x43efffffffffffff,
                0x43f0000000000000
            ],
            [uint128(0), 0xfffffffffffff800],
            [uint128(0), type(uint64).max]
        );
    }

    /// @dev No more than the low 64 bits of an operand are read, and nothing is written above a result.
    function testFuzz_evaluate_bitsAbove_succeeds(uint16 _opcode, uint128 _a) external view {
        uint16 count = Opcodes.F64_REINTERPRET_I64 - Opcodes.I32_WRAP_I64 + 1;
        uint16 opcode = Opcodes.I32_WRAP_I64 + _opcode % count;
        (bool ok, uint128 result) = run(FAMILY, opcode, _a, 0);
        (bool okLow, uint128 resultLow) = run(FAMILY, opcode, uint64(_a), 0);
        vm.assertTrue(ok == okLow);
        vm.assertEq(result, resultLow);
        vm.assertTrue(result <= type(uint64).max);
    }

    /// @dev Trapping and saturating conversion; last operand below the range and least one in it (in order of value), last
    /// one in it and first above it; results of those in the range, and of saturation.
    function _checkRange(
        uint16 _trapping,
        uint16 _saturating,
        uint128[4] memory _operands,
        uint128[2] memory _held,
        uint128[2] memory _limits
    ) internal view {
        checkTraps(_trapping, _operands[0]);
        check(_trapping, _operands[1], _held[0]);
        check(_trapping, _operands[2], _held[1]);
        checkTraps(_trapping, _operands[3]);
        check(_saturating, _operands[0], _limits[0]);
        check(_saturating, _operands[1], _held[0]);
        check(_saturating, _operands[2], _held[1]);
        check(_saturating, _operands[3], _limits[1]);
        // NaNs of both widths, quiet and signalling.
        checkTraps(_trapping, 0x7ff800007fc00000);
        checkTraps(_trapping, 0xfff00000ff800001);
        check(_saturating, 0x7ff800007fc00000, 0);
        check(_saturating, 0xfff00000ff800001, 0);
    }
}
