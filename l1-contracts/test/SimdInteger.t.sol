// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Family, Opcodes} from "../src/generated/Opcodes.sol";
import {SimdInteger} from "../src/step/SimdInteger.sol";
import {EvaluateTest} from "./EvaluateTest.sol";

contract SimdIntegerTest is EvaluateTest {
    constructor() EvaluateTest(new SimdInteger()) {}

    function test_evaluate_otherOpcodesTrap_succeeds() public view {
        _checkOpcodes(Family.SimdInteger);
    }

    function test_evaluate_leastIntegerIsItsOwnNegation_succeeds() public view {
        _check(Opcodes.I8X16_ABS, _fours(0x80ff007f), 0, _fours(0x8001007f));
        _check(Opcodes.I8X16_NEG, _fours(0x80ff007f), 0, _fours(0x80010081));
        _check(Opcodes.I16X8_ABS, _twos(0x8000ffff00000005), 0, _twos(0x8000000100000005));
        _check(Opcodes.I16X8_NEG, _twos(0x8000ffff00000005), 0, _twos(0x800000010000fffb));
        _check(Opcodes.I32X4_ABS, _twos(0x80000000ffffffff), 0, _twos(0x8000000000000001));
        _check(Opcodes.I32X4_NEG, _twos(0x80000000ffffffff), 0, _twos(0x8000000000000001));
        _check(Opcodes.I64X2_ABS, _pair(1 << 63, ~uint64(6)), 0, _pair(1 << 63, 7));
        _check(Opcodes.I64X2_NEG, _pair(1 << 63, 7), 0, _pair(1 << 63, ~uint64(6)));
    }

    function test_evaluate_saturatingSumsStopAtLimits_succeeds() public view {
        _check(Opcodes.I8X16_ADD_SAT_S, _fours(0x7f8064ff), _fours(0x01ff1b01), _fours(0x7f807f00));
        _check(Opcodes.I8X16_SUB_SAT_S, _fours(0x7f8064ff), _fours(0x01ff1b01), _fours(0x7e8149fe));
        _check(Opcodes.I8X16_SUB_SAT_S, _fours(0x00fe7f00), _fours(0x807fff01), _fours(0x7f807fff));
        _check(Opcodes.I8X16_ADD_SAT_U, _fours(0xfffe0009), _fours(0x01010109), _fours(0xffff0112));
        _check(Opcodes.I8X16_SUB_SAT_U, _fours(0xfffe0009), _fours(0x01010109), _fours(0xfefd0000));
        uint128 a = _twos(0x7fff80000000ffff);
        uint128 b = _twos(0x0001ffff80000001);
        _check(Opcodes.I16X8_ADD_SAT_S, a, b, _twos(0x7fff800080000000));
        _check(Opcodes.I16X8_SUB_SAT_S, a, b, _twos(0x7ffe80017ffffffe));
        a = _twos(0xfffffffe00000009);
        b = _twos(0x0001000100010009);
        _check(Opcodes.I16X8_ADD_SAT_U, a, b, _twos(0xffffffff00010012));
        _check(Opcodes.I16X8_SUB_SAT_U, a, b, _twos(0xfffefffd00000000));
    }

    function test_evaluate_averagesRoundUp_succeeds() public view {
        _check(Opcodes.I8X16_AVGR_U, _fours(0xffff0002), _fours(0xfffe0104), _fours(0xffff0103));
        _check(
            Opcodes.I16X8_AVGR_U,
            _twos(0xffffffff00000002),
            _twos(0xfffffffe00010004),
            _twos(0xffffffff00010003)
        );
    }

    function test_evaluate_shiftCountsWrap_succeeds() public view {
        uint128 lanes = _fours(0x81017f80);
        _check(Opcodes.I8X16_SHL, lanes, 8, lanes);
        _check(Opcodes.I8X16_SHL, lanes, type(uint32).max, _fours(0x80808000));
        _check(Opcodes.I8X16_SHR_S, lanes, 9, _fours(0xc0003fc0));
        _check(Opcodes.I8X16_SHR_S, lanes, 7, _fours(0xff0000ff));
        _check(Opcodes.I8X16_SHR_U, lanes, 1 << 32, lanes);
        _check(Opcodes.I8X16_SHR_U, lanes, 9, _fours(0x40003f40));
        lanes = _twos(0x800100017fff8000);
        _check(Opcodes.I16X8_SHL, lanes, 17, _twos(0x00020002fffe0000));
        _check(Opcodes.I16X8_SHR_S, lanes, 15, _twos(0xffff00000000ffff));
        _check(Opcodes.I16X8_SHR_U, lanes, 31, _twos(0x0001000000000001));
        lanes = _twos(0x800000017fffffff);
        _check(Opcodes.I32X4_SHL, lanes, 33, _twos(0x00000002fffffffe));
        _check(Opcodes.I32X4_SHR_S, lanes, 31, _twos(0xffffffff00000000));
        _check(Opcodes.I32X4_SHR_U, lanes, type(uint32).max, _twos(0x0000000100000000));
        lanes = _pair((1 << 63) + 1, 3);
        _check(Opcodes.I64X2_SHL, lanes, 65, _pair(2, 6));
        _check(Opcodes.I64X2_SHR_S, lanes, 63, _pair(type(uint64).max, 0));
        _check(Opcodes.I64X2_SHR_U, lanes, type(uint32).max, _pair(1, 0));
    }

    function test_evaluate_narrowingSaturates_succeeds() public view {
        uint128 a = 0x7fff0080007f0000ffffff80ff7f8000;
        uint128 b = 0x000500040003fffe010000ff00020001;
        _check(Opcodes.I8X16_NARROW_I16X8_S, a, b, 0x050403fe7f7f02017f7f7f00ff808080);
        _check(Opcodes.I8X16_NARROW_I16X8_U, a, b, 0x05040300ffff0201ff807f0000000000);
        a = 0xffffffffffff8000ffff7fff80000000;
        b = 0x7fffffff000100000000800000007fff;
        _check(Opcodes.I16X8_NARROW_I32X4_S, a, b, 0x7fff7fff7fff7fffffff800080008000);
        _check(Opcodes.I16X8_NARROW_I32X4_U, a, b, 0xffffffff80007fff0000000000000000);
    }

    function test_evaluate_neighboursAreAdded_succeeds() public view {
        uint128 a = _twos(0x7f7fffff01ff8080);
        _check(Opcodes.I16X8_EXTADD_PAIRWISE_I8X16_S, a, 0, _twos(0x00fefffe0000ff00));
        _check(Opcodes.I16X8_EXTADD_PAIRWISE_I8X16_U, a, 0, _twos(0x00fe01fe01000100));
        a = 0x7fff7fffffffffff0001ffff80008000;
        _check(Opcodes.I32X4_EXTADD_PAIRWISE_I16X8_S, a, 0, 0x0000fffefffffffe00000000ffff0000);
        _check(Opcodes.I32X4_EXTADD_PAIRWISE_I16X8_U, a, 0, 0x0000fffe0001fffe0001000000010000);
    }

    function test_evaluate_halvesAreExtended_succeeds() public view {
        uint128 a = 0x810e0d0c0b0a09ff7f06050403020180;
        _check(Opcodes.I16X8_EXTEND_LOW_I8X16_S, a, 0, 0x007f000600050004000300020001ff80);
        _check(Opcodes.I16X8_EXTEND_HIGH_I8X16_S, a, 0, 0xff81000e000d000c000b000a0009ffff);
        _check(Opcodes.I16X8_EXTEND_LOW_I8X16_U, a, 0, 0x007f0006000500040003000200010080);
        _check(Opcodes.I16X8_EXTEND_HIGH_I8X16_U, a, 0, 0x0081000e000d000c000b000a000900ff);
        a = 0x800100060005ffff7fff000200018000;
        _check(Opcodes.I32X4_EXTEND_LOW_I16X8_S, a, 0, 0x00007fff0000000200000001ffff8000);
        _check(Opcodes.I32X4_EXTEND_HIGH_I16X8_S, a, 0, 0xffff80010000000600000005ffffffff);
        _check(Opcodes.I32X4_EXTEND_LOW_I16X8_U, a, 0, 0x00007fff000000020000000100008000);
        _check(Opcodes.I32X4_EXTEND_HIGH_I16X8_U, a, 0, 0x0000800100000006000000050000ffff);
        a = 0x00000003ffffffff0000000180000000;
        _check(Opcodes.I64X2_EXTEND_LOW_I32X4_S, a, 0, 0x0000000000000001ffffffff80000000);
        _check(Opcodes.I64X2_EXTEND_HIGH_I32X4_S, a, 0, 0x0000000000000003ffffffffffffffff);
        _check(Opcodes.I64X2_EXTEND_LOW_I32X4_U, a, 0, 0x00000000000000010000000080000000);
        _check(Opcodes.I64X2_EXTEND_HIGH_I32X4_U, a, 0, 0x000000000000000300000000ffffffff);
    }

    function test_evaluate_productsOfHalves_succeeds() public view {
        uint128 a = 0x80000000000000ff03000000000000ff;
        uint128 b = 0x7f0000000000000205000000000000ff;
        _check(Opcodes.I16X8_EXTMUL_LOW_I8X16_S, a, b, (15 << 112) | 1);
        _check(Opcodes.I16X8_EXTMUL_HIGH_I8X16_S, a, b, (0xc080 << 112) | 0xfffe);
        _check(Opcodes.I16X8_EXTMUL_LOW_I8X16_U, a, b, (15 << 112) | 0xfe01);
        _check(Opcodes.I16X8_EXTMUL_HIGH_I8X16_U, a, b, (0x3f80 << 112) | 0x1fe);
        a = 0x800000000000ffff000300000000ffff;
        b = 0x7fff000000000002000500000000ffff;
        _check(Opcodes.I32X4_EXTMUL_LOW_I16X8_S, a, b, (15 << 96) | 1);
        _check(Opcodes.I32X4_EXTMUL_HIGH_I16X8_S, a, b, (0xc0008000 << 96) | 0xfffffffe);
        _check(Opcodes.I32X4_EXTMUL_LOW_I16X8_U, a, b, (15 << 96) | 0xfffe0001);
        _check(Opcodes.I32X4_EXTMUL_HIGH_I16X8_U, a, b, (0x3fff8000 << 96) | 0x1fffe);
        a = 0x00000003ffffffffffffffff80000000;
        b = 0xfffffffb00000002ffffffff80000000;
        _check(Opcodes.I64X2_EXTMUL_LOW_I32X4_S, a, b, _pair(1 << 62, 1));
        _check(Opcodes.I64X2_EXTMUL_HIGH_I32X4_S, a, b, _pair(~uint64(1), ~uint64(14)));
        _check(Opcodes.I64X2_EXTMUL_LOW_I32X4_U, a, b, _pair(1 << 62, 0xfffffffe00000001));
        _check(Opcodes.I64X2_EXTMUL_HIGH_I32X4_U, a, b, _pair(0x1fffffffe, 0x2fffffff1));
    }

    function test_evaluate_q15ProductsRoundAndSaturate_succeeds() public view {
        uint128 a = 0x4000ffffffff000100017fff80008000;
        uint128 b = 0x0002400140003fff40007fff7fff8000;
        _check(Opcodes.I16X8_Q15MULR_SAT_S, a, b, 0x0001ffff0000000000017ffe80017fff);
    }

    function test_evaluate_dotProductsWrapInOneCorner_succeeds() public view {
        uint128 a = 0x7fffffff000200018000800080008000;
        uint128 b = 0x7fff0005000400037fff7fff80008000;
        _check(Opcodes.I32X4_DOT_I16X8_S, a, b, 0x3ffefffc0000000b8001000080000000);
    }

    /// forge-config: default.fuzz.runs = 200
    function testFuzz_evaluate_i8x16_succeeds(uint256 _seed) public view {
        uint16[14] memory opcodes = [
            Opcodes.I8X16_ABS,
            Opcodes.I8X16_NEG,
            Opcodes.I8X16_POPCNT,
            Opcodes.I8X16_ADD,
            Opcodes.I8X16_ADD_SAT_S,
            Opcodes.I8X16_ADD_SAT_U,
            Opcodes.I8X16_SUB,
            Opcodes.I8X16_SUB_SAT_S,
            Opcodes.I8X16_SUB_SAT_U,
            Opcodes.I8X16_MIN_S,
            Opcodes.I8X16_MIN_U,
            Opcodes.I8X16_MAX_S,
            Opcodes.I8X16_MAX_U,
            Opcodes.I8X16_AVGR_U
        ];
        uint128 a = _vector(_seed, 8);
        uint128 b = _vector(~_seed, 8);
        for (uint256 index = 0; index < 14; ++index) {
            uint128 expected;
            for (uint256 shift = 0; shift < 128; shift += 8) {
                int8 i = int8(uint8(a >> shift));
                int8 j = int8(uint8(b >> shift));
                expected |= uint128(uint8(_plain8(opcodes[index], i, j))) << uint128(shift);
            }
            _check(opcodes[index], a, b, expected);
        }
    }

    /// forge-config: default.fuzz.runs = 200
    function testFuzz_evaluate_i16x8_succeeds(uint256 _seed) public view {
        uint16[15] memory opcodes = [
            Opcodes.I16X8_ABS,
            Opcodes.I16X8_NEG,
            Opcodes.I16X8_Q15MULR_SAT_S,
            Opcodes.I16X8_ADD,
            Opcodes.I16X8_ADD_SAT_S,
            Opcodes.I16X8_ADD_SAT_U,
            Opcodes.I16X8_SUB,
            Opcodes.I16X8_SUB_SAT_S,
            Opcodes.I16X8_SUB_SAT_U,
            Opcodes.I16X8_MUL,
            Opcodes.I16X8_MIN_S,
            Opcodes.I16X8_MIN_U,
            Opcodes.I16X8_MAX_S,
            Opcodes.I16X8_MAX_U,
            Opcodes.I16X8_AVGR_U
        ];
        uint128 a = _vector(_seed, 16);
        uint128 b = _vector(~_seed, 16);
        for (uint256 index = 0; index < 15; ++index) {
            uint128 expected;
            for (uint256 shift = 0; shift < 128; shift += 16) {
                int16 i = int16(uint16(a >> shift));
                int16 j = int16(uint16(b >> shift));
                expected |= uint128(uint16(_plain16(opcodes[index], i, j))) << uint128(shift);
            }
            _check(opcodes[index], a, b, expected);
        }
    }

    /// forge-config: default.fuzz.runs = 500
    function testFuzz_evaluate_i32x4_succeeds(uint256 _seed) public view {
        uint16[9] memory opcodes = [
            Opcodes.I32X4_ABS,
            Opcodes.I32X4_NEG,
            Opcodes.I32X4_ADD,
            Opcodes.I32X4_SUB,
            Opcodes.I32X4_MUL,
            Opcodes.I32X4_MIN_S,
            Opcodes.I32X4_MIN_U,
            Opcodes.I32X4_MAX_S,
            Opcodes.I32X4_MAX_U
        ];
        uint128 a = _vector(_seed, 32);
        uint128 b = _vector(~_seed, 32);
        for (uint256 index = 0; index < 9; ++index) {
            uint128 expected;
            for (uint256 shift = 0; shift < 128; shift += 32) {
                int32 i = int32(uint32(a >> shift));
                int32 j = int32(uint32(b >> shift));
                expected |= uint128(uint32(_plain32(opcodes[index], i, j))) << uint128(shift);
            }
            _check(opcodes[index], a, b, expected);
        }
    }

    /// forge-config: default.fuzz.runs = 500
    function testFuzz_evaluate_i64x2_succeeds(uint256 _seed) public view {
        uint16[5] memory opcodes = [
            Opcodes.I64X2_ABS,
            Opcodes.I64X2_NEG,
            Opcodes.I64X2_ADD,
            Opcodes.I64X2_SUB,
            Opcodes.I64X2_MUL
        ];
        uint128 a = _vector(_seed, 64);
        uint128 b = _vector(~_seed, 64);
        for (uint256 index = 0; index < 5; ++index) {
            uint128 expected;
            for (uint256 shift = 0; shift < 128; shift += 64) {
                int64 i = int64(uint64(a >> shift));
                int64 j = int64(uint64(b >> shift));
                expected |= uint128(uint64(_plain64(opcodes[index], i, j))) << uint128(shift);
            }
            _check(opcodes[index], a, b, expected);
        }
    }

    function testFuzz_evaluate_shifts_succeeds(uint256 _seed, uint32 _count) public view {
        _checkShifts(Opcodes.I8X16_SHL, 8, _vector(_seed, 8), _count);
        _checkShifts(Opcodes.I16X8_SHL, 16, _vector(_seed, 16), _count);
        _checkShifts(Opcodes.I32X4_SHL, 32, _vector(_seed, 32), _count);
        _checkShifts(Opcodes.I64X2_SHL, 64, _vector(_seed, 64), _count);
    }

    function testFuzz_evaluate_narrow_succeeds(uint256 _seed) public view {
        uint128 a = _vector(_seed, 16);
        uint128 b = _vector(~_seed, 16);
        (uint128 signed, uint128 unsigned) = (0, 0);
        for (uint256 index = 0; index < 16; ++index) {
            int16 lane = int16(uint16((index < 8 ? a : b) >> (16 * (index % 8))));
            uint8 low = uint8(uint16(lane));
            bool negative = lane < 0;
            // A lane fits if it is what its low half extends to.
            uint8 s = lane == int8(low) ? low : negative ? 0x80 : 0x7f;
            uint8 u = uint16(lane) == low ? low : negative ? 0 : 0xff;
            signed |= uint128(uint256(s) << (8 * index));
            unsigned |= uint128(uint256(u) << (8 * index));
        }
        _check(Opcodes.I8X16_NARROW_I16X8_S, a, b, signed);
        _check(Opcodes.I8X16_NARROW_I16X8_U, a, b, unsigned);
    }

    function testFuzz_evaluate_narrowWide_succeeds(uint256 _seed) public view {
        uint128 a = _vector(_seed, 32);
        uint128 b = _vector(~_seed, 32);
        (uint128 signed, uint128 unsigned) = (0, 0);
        for (uint256 index = 0; index < 8; ++index) {
            int32 lane = int32(uint32((index < 4 ? a : b) >> (32 * (index % 4))));
            uint16 low = uint16(uint32(lane));
            bool negative = lane < 0;
            uint16 s = lane == int16(low) ? low : negative ? 0x8000 : 0x7fff;
            uint16 u = uint32(lane) == low ? low : negative ? 0 : 0xffff;
            signed |= uint128(uint256(s) << (16 * index));
            unsigned |= uint128(uint256(u) << (16 * index));
        }
        _check(Opcodes.I16X8_NARROW_I32X4_S, a, b, signed);
        _check(Opcodes.I16X8_NARROW_I32X4_U, a, b, unsigned);
    }

    function testFuzz_evaluate_i16x8Widens_succeeds(uint256 _seed) public view {
        uint128 a = _vector(_seed, 8);
        uint128 b = _vector(~_seed, 8);
        uint128[4] memory extended;
        uint128[4] memory product;
        for (uint256 index = 0; index < 16; ++index) {
            int16 i = int8(uint8(a >> (8 * index)));
            int16 j = int8(uint8(b >> (8 * index)));
            uint16 u = uint8(a >> (8 * index));
            uint16 v = uint8(b >> (8 * index));
            // Low and high half, first signed, then unsigned.
            uint256 half = index / 8;
            uint256 shift = 16 * (index % 8);
            extended[half] |= uint128(uint256(uint16(i)) << shift);
            extended[2 + half] |= uint128(uint256(u) << shift);
            product[half] |= uint128(uint256(uint16(i * j)) << shift);
            product[2 + half] |= uint128(uint256(u * v) << shift);
        }
        _check(Opcodes.I16X8_EXTEND_LOW_I8X16_S, a, b, extended[0]);
        _check(Opcodes.I16X8_EXTEND_HIGH_I8X16_S, a, b, extended[1]);
        _check(Opcodes.I16X8_EXTEND_LOW_I8X16_U, a, b, extended[2]);
        _check(Opcodes.I16X8_EXTEND_HIGH_I8X16_U, a, b, extended[3]);
        _check(Opcodes.I16X8_EXTMUL_LOW_I8X16_S, a, b, product[0]);
        _check(Opcodes.I16X8_EXTMUL_HIGH_I8X16_S, a, b, product[1]);
        _check(Opcodes.I16X8_EXTMUL_LOW_I8X16_U, a, b, product[2]);
        _check(Opcodes.I16X8_EXTMUL_HIGH_I8X16_U, a, b, product[3]);
    }

    function testFuzz_evaluate_i32x4Widens_succeeds(uint256 _seed) public view {
        uint128 a = _vector(_seed, 16);
        uint128 b = _vector(~_seed, 16);
        uint128[4] memory extended;
        uint128[4] memory product;
        for (uint256 index = 0; index < 8; ++index) {
            int32 i = int16(uint16(a >> (16 * index)));
            int32 j = int16(uint16(b >> (16 * index)));
            uint32 u = uint16(a >> (16 * index));
            uint32 v = uint16(b >> (16 * index));
            // Low and high half, first signed, then unsigned.
            uint256 half = index / 4;
            uint256 shift = 32 * (index % 4);
            extended[half] |= uint128(uint256(uint32(i)) << shift);
            extended[2 + half] |= uint128(uint256(u) << shift);
            product[half] |= uint128(uint256(uint32(i * j)) << shift);
            product[2 + half] |= uint128(uint256(u * v) << shift);
        }
        _check(Opcodes.I32X4_EXTEND_LOW_I16X8_S, a, b, extended[0]);
        _check(Opcodes.I32X4_EXTEND_HIGH_I16X8_S, a, b, extended[1]);
        _check(Opcodes.I32X4_EXTEND_LOW_I16X8_U, a, b, extended[2]);
        _check(Opcodes.I32X4_EXTEND_HIGH_I16X8_U, a, b, extended[3]);
        _check(Opcodes.I32X4_EXTMUL_LOW_I16X8_S, a, b, product[0]);
        _check(Opcodes.I32X4_EXTMUL_HIGH_I16X8_S, a, b, product[1]);
        _check(Opcodes.I32X4_EXTMUL_LOW_I16X8_U, a, b, product[2]);
        _check(Opcodes.I32X4_EXTMUL_HIGH_I16X8_U, a, b, product[3]);
    }

    function testFuzz_evaluate_i64x2Widens_succeeds(uint256 _seed) public view {
        uint128 a = _vector(_seed, 32);
        uint128 b = _vector(~_seed, 32);
        uint128[4] memory extended;
        uint128[4] memory product;
        for (uint256 index = 0; index < 4; ++index) {
            int64 i = int32(uint32(a >> (32 * index)));
            int64 j = int32(uint32(b >> (32 * index)));
            uint64 u = uint32(a >> (32 * index));
            uint64 v = uint32(b >> (32 * index));
            // Low and high half, first signed, then unsigned.
            uint256 half = index / 2;
            uint256 shift = 64 * (index % 2);
            extended[half] |= uint128(uint256(uint64(i)) << shift);
            extended[2 + half] |= uint128(uint256(u) << shift);
            product[half] |= uint128(uint256(uint64(i * j)) << shift);
            product[2 + half] |= uint128(uint256(u * v) << shift);
        }
        _check(Opcodes.I64X2_EXTEND_LOW_I32X4_S, a, b, extended[0]);
        _check(Opcodes.I64X2_EXTEND_HIGH_I32X4_S, a, b, extended[1]);
        _check(Opcodes.I64X2_EXTEND_LOW_I32X4_U, a, b, extended[2]);
        _check(Opcodes.I64X2_EXTEND_HIGH_I32X4_U, a, b, extended[3]);
        _check(Opcodes.I64X2_EXTMUL_LOW_I32X4_S, a, b, product[0]);
        _check(Opcodes.I64X2_EXTMUL_HIGH_I32X4_S, a, b, product[1]);
        _check(Opcodes.I64X2_EXTMUL_LOW_I32X4_U, a, b, product[2]);
        _check(Opcodes.I64X2_EXTMUL_HIGH_I32X4_U, a, b, product[3]);
    }

    function testFuzz_evaluate_i16x8Neighbours_succeeds(uint256 _seed) public view {
        uint128 a = _vector(_seed, 8);
        (uint128 signed, uint128 unsigned) = (0, 0);
        for (uint256 shift = 0; shift < 128; shift += 16) {
            int16 i = int8(uint8(a >> shift));
            int16 j = int8(uint8(a >> (shift + 8)));
            uint16 u = uint8(a >> shift);
            uint16 v = uint8(a >> (shift + 8));
            signed |= uint128(uint256(uint16(i + j)) << shift);
            unsigned |= uint128(uint256(u + v) << shift);
        }
        _check(Opcodes.I16X8_EXTADD_PAIRWISE_I8X16_S, a, a, signed);
        _check(Opcodes.I16X8_EXTADD_PAIRWISE_I8X16_U, a, a, unsigned);
    }

    function testFuzz_evaluate_i32x4Neighbours_succeeds(uint256 _seed) public view {
        uint128 a = _vector(_seed, 16);
        (uint128 signed, uint128 unsigned) = (0, 0);
        for (uint256 shift = 0; shift < 128; shift += 32) {
            int32 i = int16(uint16(a >> shift));
            int32 j = int16(uint16(a >> (shift + 16)));
            uint32 u = uint16(a >> shift);
            uint32 v = uint16(a >> (shift + 16));
            signed |= uint128(uint256(uint32(i + j)) << shift);
            unsigned |= uint128(uint256(u + v) << shift);
        }
        _check(Opcodes.I32X4_EXTADD_PAIRWISE_I16X8_S, a, a, signed);
        _check(Opcodes.I32X4_EXTADD_PAIRWISE_I16X8_U, a, a, unsigned);
    }

    function testFuzz_evaluate_dot_succeeds(uint256 _seed) public view {
        uint128 a = _vector(_seed, 16);
        uint128 b = _vector(~_seed, 16);
        uint128 expected;
        for (uint256 shift = 0; shift < 128; shift += 32) {
            int32 low = int32(int16(uint16(a >> shift))) * int16(uint16(b >> shift));
            uint256 next = shift + 16;
            int32 high = int32(int16(uint16(a >> next))) * int16(uint16(b >> next));
            unchecked {
                expected |= uint128(uint256(uint32(low + high)) << shift);
            }
        }
        _check(Opcodes.I32X4_DOT_I16X8_S, a, b, expected);
    }

    /// @dev The opcodes of the three shifts follow each other: shl, shr_s, shr_u.
    function _checkShifts(uint16 _shl, uint256 _width, uint128 _a, uint32 _count) internal view {
        uint128[3] memory expected;
        int256 factor = int256(2 ** (_count % _width));
        for (uint256 shift = 0; shift < 128; shift += _width) {
            int256 lane = int256((_a >> shift) % 2 ** _width);
            expected[0] |= _place(lane * factor, _width, shift);
            expected[2] |= _place(lane / factor, _width, shift);
            if (lane >= int256(2 ** (_width - 1))) lane -= int256(2 ** _width);
            // Rounds down, not towards zero.
            int256 rest = ((lane % factor) + factor) % factor;
            expected[1] |= _place((lane - rest) / factor, _width, shift);
        }
        for (uint16 index = 0; index < 3; ++index) {
            // Nothing above the low 32 bits of a count matters.
            _check(_shl + index, _a, (_a << 32) | _count, expected[index]);
        }
    }

    function _place(int256 _value, uint256 _width, uint256 _shift)
        internal
        pure
        returns (uint128 lane_)
    {
        return uint128((uint256(_value) % 2 ** _width) << _shift);
    }

    /// @dev What a lane of 8 bits becomes.
    function _plain8(uint16 _opcode, int8 _i, int8 _j) internal pure returns (int8 lane_) {
        (uint8 u, uint8 v) = (uint8(_i), uint8(_j));
        if (_opcode == Opcodes.I8X16_ADD_SAT_S) return _clamp8(int16(_i) + _j);
        if (_opcode == Opcodes.I8X16_SUB_SAT_S) return _clamp8(int16(_i) - _j);
        if (_opcode == Opcodes.I8X16_MIN_S) return _i < _j ? _i : _j;
        if (_opcode == Opcodes.I8X16_MIN_U) return u < v ? _i : _j;
        if (_opcode == Opcodes.I8X16_MAX_S) return _i > _j ? _i : _j;
        if (_opcode == Opcodes.I8X16_MAX_U) return u > v ? _i : _j;
        if (_opcode == Opcodes.I8X16_ADD_SAT_U) return u > type(uint8).max - v ? -1 : int8(u + v);
        if (_opcode == Opcodes.I8X16_SUB_SAT_U) return u < v ? int8(0) : int8(u - v);
        if (_opcode == Opcodes.I8X16_AVGR_U) return int8(uint8((uint256(u) + v + 1) / 2));
        if (_opcode == Opcodes.I8X16_ABS) return _i == type(int8).min ? _i : _i < 0 ? -_i : _i;
        if (_opcode == Opcodes.I8X16_POPCNT) return _ones(u);
        unchecked {
            if (_opcode == Opcodes.I8X16_NEG) return -_i;
            if (_opcode == Opcodes.I8X16_ADD) return _i + _j;
            return _i - _j;
        }
    }

    /// @dev What a lane of 16 bits becomes.
    function _plain16(uint16 _opcode, int16 _i, int16 _j) internal pure returns (int16 lane_) {
        (uint16 u, uint16 v) = (uint16(_i), uint16(_j));
        if (_opcode == Opcodes.I16X8_ADD_SAT_S) return _clamp16(int32(_i) + _j);
        if (_opcode == Opcodes.I16X8_SUB_SAT_S) return _clamp16(int32(_i) - _j);
        if (_opcode == Opcodes.I16X8_Q15MULR_SAT_S) {
            return _clamp16((int32(_i) * _j + 0x4000) >> 15);
        }
        if (_opcode == Opcodes.I16X8_MIN_S) return _i < _j ? _i : _j;
        if (_opcode == Opcodes.I16X8_MIN_U) return u < v ? _i : _j;
        if (_opcode == Opcodes.I16X8_MAX_S) return _i > _j ? _i : _j;
        if (_opcode == Opcodes.I16X8_MAX_U) return u > v ? _i : _j;
        if (_opcode == Opcodes.I16X8_ADD_SAT_U) {
            return u > type(uint16).max - v ? -1 : int16(u + v);
        }
        if (_opcode == Opcodes.I16X8_SUB_SAT_U) return u < v ? int16(0) : int16(u - v);
        if (_opcode == Opcodes.I16X8_AVGR_U) return int16(uint16((uint256(u) + v + 1) / 2));
        if (_opcode == Opcodes.I16X8_ABS) return _i == type(int16).min ? _i : _i < 0 ? -_i : _i;
        unchecked {
            if (_opcode == Opcodes.I16X8_NEG) return -_i;
            if (_opcode == Opcodes.I16X8_ADD) return _i + _j;
            if (_opcode == Opcodes.I16X8_SUB) return _i - _j;
            return _i * _j;
        }
    }

    /// @dev What a lane of 32 bits becomes.
    function _plain32(uint16 _opcode, int32 _i, int32 _j) internal pure returns (int32 lane_) {
        (uint32 u, uint32 v) = (uint32(_i), uint32(_j));
        if (_opcode == Opcodes.I32X4_MIN_S) return _i < _j ? _i : _j;
        if (_opcode == Opcodes.I32X4_MIN_U) return u < v ? _i : _j;
        if (_opcode == Opcodes.I32X4_MAX_S) return _i > _j ? _i : _j;
        if (_opcode == Opcodes.I32X4_MAX_U) return u > v ? _i : _j;
        if (_opcode == Opcodes.I32X4_ABS) return _i == type(int32).min ? _i : _i < 0 ? -_i : _i;
        unchecked {
            if (_opcode == Opcodes.I32X4_NEG) return -_i;
            if (_opcode == Opcodes.I32X4_ADD) return _i + _j;
            if (_opcode == Opcodes.I32X4_SUB) return _i - _j;
            return _i * _j;
        }
    }

    /// @dev What a lane of 64 bits becomes.
    function _plain64(uint16 _opcode, int64 _i, int64 _j) internal pure returns (int64 lane_) {
        if (_opcode == Opcodes.I64X2_ABS) return _i == type(int64).min ? _i : _i < 0 ? -_i : _i;
        unchecked {
            if (_opcode == Opcodes.I64X2_NEG) return -_i;
            if (_opcode == Opcodes.I64X2_ADD) return _i + _j;
            if (_opcode == Opcodes.I64X2_SUB) return _i - _j;
            return _i * _j;
        }
    }

    function _clamp8(int16 _value) internal pure returns (int8 nearest_) {
        if (_value > type(int8).max) return type(int8).max;
        if (_value < type(int8).min) return type(int8).min;
        return int8(_value);
    }

    function _clamp16(int32 _value) internal pure returns (int16 nearest_) {
        if (_value > type(int16).max) return type(int16).max;
        if (_value < type(int16).min) return type(int16).min;
        return int16(_value);
    }

    function _ones(uint8 _bits) internal pure returns (int8 count_) {
        for (uint8 bits = _bits; bits != 0; bits /= 2) {
            if (bits % 2 == 1) ++count_;
        }
    }

    /// @dev 32 bits, four times.
    function _fours(uint32 _bits) internal pure returns (uint128 vector_) {
        return uint128(bytes16(abi.encodePacked(_bits, _bits, _bits, _bits)));
    }

    /// @dev 64 bits, twice.
    function _twos(uint64 _bits) internal pure returns (uint128 vector_) {
        return _pair(_bits, _bits);
    }

    /// @dev Two lanes of 64 bits, the lower one first.
    function _pair(uint64 _low, uint64 _high) internal pure returns (uint128 vector_) {
        return uint128(bytes16(abi.encodePacked(_high, _low)));
    }
}
