// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Family, Opcodes} from "../src/generated/Opcodes.sol";
import {ComputeFamily} from "../src/step/ComputeFamily.sol";
import {Conversion} from "../src/step/Conversion.sol";
import {SimdConversion} from "../src/step/SimdConversion.sol";
import {FloatFamilyCases} from "./FloatFamilyCases.sol";
import {vm} from "./Vm.sol";

contract SimdConversion_Evaluate_Test is FloatFamilyCases(new SimdConversion()) {
    /// @dev All ones where nothing is to be read.
    uint128 internal constant UNREAD = type(uint128).max << 64;

    ComputeFamily internal scalars = new Conversion();

    function test_evaluate_opcodes_succeeds() external view {
        checkOpcodes(Family.SimdConversion);
    }

    function test_evaluate_f32LanesSaturate_succeeds() external view {
        check(
            Opcodes.I32X4_TRUNC_SAT_F32X4_S,
            0xff800001cf0000004effffff4f000000,
            0x00000000800000007fffff807fffffff
        );
        check(
            Opcodes.I32X4_TRUNC_SAT_F32X4_U,
            0x7fc00000bf8000004f7fffff4f800000,
            0x0000000000000000ffffff00ffffffff
        );
        check(
            Opcodes.I32X4_TRUNC_SAT_F32X4_S,
            0xc02000003fffffffbf7fffffcf000001,
            0xfffffffe000000010000000080000000
        );
    }

    function test_evaluate_f64LanesSaturateIntoTheLowHalf_succeeds() external view {
        check(
            Opcodes.I32X4_TRUNC_SAT_F64X2_S_ZERO,
            0x41e000000000000041dfffffffffffff,
            0x7fffffff7fffffff
        );
        check(
            Opcodes.I32X4_TRUNC_SAT_F64X2_S_ZERO,
            0xc1e0000000200000c1e00000001fffff,
            0x8000000080000000
        );
        check(
            Opcodes.I32X4_TRUNC_SAT_F64X2_U_ZERO,
            0x41f000000000000041efffffffffffff,
            type(uint64).max
        );
        check(
            Opcodes.I32X4_TRUNC_SAT_F64X2_S_ZERO,
            0xbff0000000000000fff0000000000001,
            0xffffffff00000000
        );
        check(Opcodes.I32X4_TRUNC_SAT_F64X2_U_ZERO, 0xbff0000000000000fff0000000000001, 0);
    }

    function test_evaluate_integerLanesBecomeFloats_succeeds() external view {
        uint128 lanes = 0x010000030100000180000000ffffffff;
        check(Opcodes.F32X4_CONVERT_I32X4_S, lanes, 0x4b8000024b800000cf000000bf800000);
        check(Opcodes.F32X4_CONVERT_I32X4_U, lanes, 0x4b8000024b8000004f0000004f800000);
        lanes = UNREAD | 0x80000000ffffffff;
        check(Opcodes.F64X2_CONVERT_LOW_I32X4_S, lanes, 0xc1e0000000000000bff0000000000000);
        check(Opcodes.F64X2_CONVERT_LOW_I32X4_U, lanes, 0x41e000000000000041efffffffe00000);
    }

    function test_evaluate_lanesChangeWidth_succeeds() external view {
        uint128 promoted = 0x7ff80000000000003ff0000020000000;
        check(Opcodes.F64X2_PROMOTE_LOW_F32X4, UNREAD | 0xff8000013f800001, promoted);
        uint128 lanes = 0xfff0000000000001c7effffff0000000;
        check(Opcodes.F32X4_DEMOTE_F64X2_ZERO, lanes, 0x7fc00000ff800000);
    }

    /// @dev Each lane is what the scalar instruction gives.
    function testDiff_evaluate_lanesAreScalars_succeeds(uint128 _a, bool _close) external view {
        // Exponents close to those of integers of 32 bits.
        uint128 a = _a;
        if (_close) {
            a = (a & 0xc3ffffffc3ffffffc3ffffffc3ffffff) | 0x41000000410000004100000041000000;
        }
        _check(Opcodes.I32X4_TRUNC_SAT_F32X4_S, Opcodes.I32_TRUNC_SAT_F32_S, a, 32, 32);
        _check(Opcodes.I32X4_TRUNC_SAT_F32X4_U, Opcodes.I32_TRUNC_SAT_F32_U, a, 32, 32);
        _check(Opcodes.F32X4_CONVERT_I32X4_S, Opcodes.F32_CONVERT_I32_S, a, 32, 32);
        _check(Opcodes.F32X4_CONVERT_I32X4_U, Opcodes.F32_CONVERT_I32_U, a, 32, 32);
        _check(Opcodes.I32X4_TRUNC_SAT_F64X2_S_ZERO, Opcodes.I32_TRUNC_SAT_F64_S, a, 64, 32);
        _check(Opcodes.I32X4_TRUNC_SAT_F64X2_U_ZERO, Opcodes.I32_TRUNC_SAT_F64_U, a, 64, 32);
        _check(Opcodes.F64X2_CONVERT_LOW_I32X4_S, Opcodes.F64_CONVERT_I32_S, a, 32, 64);
        _check(Opcodes.F64X2_CONVERT_LOW_I32X4_U, Opcodes.F64_CONVERT_I32_U, a, 32, 64);
        _check(Opcodes.F64X2_PROMOTE_LOW_F32X4, Opcodes.F64_PROMOTE_F32, a, 32, 64);
        _check(Opcodes.F32X4_DEMOTE_F64X2_ZERO, Opcodes.F32_DEMOTE_F64, a, 64, 32);
    }

    function _check(uint16 _vector, uint16 _scalar, uint128 _a, uint256 _from, uint256 _to)
        internal
        view
    {
        uint256 count = _from == 32 && _to == 32 ? 4 : 2;
        uint256 expected;
        for (uint256 i = 0; i < count; ++i) {
            (bool ok, uint128 lane) = run(scalars, _scalar, _a >> (i * _from), 0);
            vm.assertTrue(ok);
            expected |= uint256(lane) << (i * _to);
        }
        check(_vector, _a, uint128(expected));
    }
}
