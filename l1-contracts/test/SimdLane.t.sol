// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Family, Opcodes} from "../src/generated/Opcodes.sol";
import {SimdLane} from "../src/step/SimdLane.sol";
import {EvaluateTest} from "./EvaluateTest.sol";

contract SimdLaneTest is EvaluateTest {
    uint128 internal constant BYTES = 0x8f8e8d8c8b8a89880706050403020100;
    uint128 internal constant OTHERS = 0x1f1e1d1c1b1a19181716151413121110;
    uint128 internal constant ALL = type(uint128).max;

    constructor() EvaluateTest(new SimdLane()) {}

    function test_evaluate_otherOpcodesTrap_succeeds() public view {
        _checkOpcodes(Family.SimdLane);
    }

    function test_evaluate_shuffleTakesBytesOfBoth_succeeds() public view {
        _checkShuffle(0x0f0e0d0c0b0a09080706050403020100, BYTES);
        _checkShuffle(OTHERS, OTHERS);
        _checkShuffle(0x001001110f1f0e1e000000000000000f, 0x001001118f1f8e1e000000000000008f);
    }

    function test_evaluate_shuffleBeyondBothTraps_succeeds() public view {
        _checkTrapWord(_shuffle(0x20), BYTES, OTHERS);
        _checkTrapWord(_shuffle(0x80), BYTES, OTHERS);
        _checkTrapWord(_shuffle(0x40 << 64), BYTES, OTHERS);
        _checkTrapWord(_shuffle(0xff << 120), BYTES, OTHERS);
    }

    function test_evaluate_swizzleBeyondVectorIsZero_succeeds() public view {
        uint128 indices = 0xff8020100f0e0d0c0b0a090800010203;
        _check(Opcodes.I8X16_SWIZZLE, BYTES, indices, 0x000000008f8e8d8c8b8a898800010203);
        _check(Opcodes.I8X16_SWIZZLE, ALL, 0x11 << 8, ALL ^ (0xff << 8));
    }

    function test_evaluate_splatRepeatsLowBits_succeeds() public view {
        uint128 scalar = 0xaaaa0123456789abcdef;
        _check(Opcodes.I8X16_SPLAT, scalar, 0, 0xefefefefefefefefefefefefefefefef);
        _check(Opcodes.I16X8_SPLAT, scalar, 0, 0xcdefcdefcdefcdefcdefcdefcdefcdef);
        _check(Opcodes.I32X4_SPLAT, scalar, 0, 0x89abcdef89abcdef89abcdef89abcdef);
        _check(Opcodes.F32X4_SPLAT, 0xff800001, 0, 0xff800001ff800001ff800001ff800001);
        _check(Opcodes.I64X2_SPLAT, scalar, 0, 0x0123456789abcdef0123456789abcdef);
        _check(Opcodes.F64X2_SPLAT, scalar, 0, 0x0123456789abcdef0123456789abcdef);
    }

    function test_evaluate_extractExtendsLane_succeeds() public view {
        _checkLane(Opcodes.I8X16_EXTRACT_LANE_S, 15, BYTES, 0, 0xffffff8f);
        _checkLane(Opcodes.I8X16_EXTRACT_LANE_S, 7, BYTES, 0, 7);
        _checkLane(Opcodes.I8X16_EXTRACT_LANE_U, 15, BYTES, 0, 0x8f);
        _checkLane(Opcodes.I16X8_EXTRACT_LANE_S, 7, BYTES, 0, 0xffff8f8e);
        _checkLane(Opcodes.I16X8_EXTRACT_LANE_S, 1, BYTES, 0, 0x0302);
        _checkLane(Opcodes.I16X8_EXTRACT_LANE_U, 7, BYTES, 0, 0x8f8e);
        _checkLane(Opcodes.I32X4_EXTRACT_LANE, 2, BYTES, 0, 0x8b8a8988);
        _checkLane(Opcodes.F32X4_EXTRACT_LANE, 3, BYTES, 0, 0x8f8e8d8c);
        _checkLane(Opcodes.I64X2_EXTRACT_LANE, 1, BYTES, 0, 0x8f8e8d8c8b8a8988);
        _checkLane(Opcodes.F64X2_EXTRACT_LANE, 0, BYTES, 0, 0x0706050403020100);
    }

    function test_evaluate_replaceTouchesOneLane_succeeds() public view {
        _checkLane(Opcodes.I8X16_REPLACE_LANE, 15, 0, ALL, 0xff << 120);
        _checkLane(Opcodes.I16X8_REPLACE_LANE, 1, 0, ALL, 0xffff << 16);
        _checkLane(Opcodes.I32X4_REPLACE_LANE, 3, 0, ALL, 0xffffffff << 96);
        _checkLane(Opcodes.F32X4_REPLACE_LANE, 0, 0, ALL, 0xffffffff);
        _checkLane(Opcodes.I64X2_REPLACE_LANE, 1, 0, ALL, 0xffffffffffffffff << 64);
        _checkLane(Opcodes.F64X2_REPLACE_LANE, 0, 0, ALL, 0xffffffffffffffff);
        _checkLane(Opcodes.I32X4_REPLACE_LANE, 1, BYTES, 5, 0x8f8e8d8c8b8a89880000000503020100);
    }

    function test_evaluate_lanesBeyondVectorTrap_succeeds() public view {
        _checkLanes(Opcodes.I8X16_EXTRACT_LANE_S, 16);
        _checkLanes(Opcodes.I8X16_EXTRACT_LANE_U, 16);
        _checkLanes(Opcodes.I8X16_REPLACE_LANE, 16);
        _checkLanes(Opcodes.I16X8_EXTRACT_LANE_S, 8);
        _checkLanes(Opcodes.I16X8_EXTRACT_LANE_U, 8);
        _checkLanes(Opcodes.I16X8_REPLACE_LANE, 8);
        _checkLanes(Opcodes.I32X4_EXTRACT_LANE, 4);
        _checkLanes(Opcodes.I32X4_REPLACE_LANE, 4);
        _checkLanes(Opcodes.F32X4_EXTRACT_LANE, 4);
        _checkLanes(Opcodes.F32X4_REPLACE_LANE, 4);
        _checkLanes(Opcodes.I64X2_EXTRACT_LANE, 2);
        _checkLanes(Opcodes.I64X2_REPLACE_LANE, 2);
        _checkLanes(Opcodes.F64X2_EXTRACT_LANE, 2);
        _checkLanes(Opcodes.F64X2_REPLACE_LANE, 2);
    }

    function testFuzz_evaluate_shuffle_succeeds(uint128 _a, uint128 _b, uint128 _mask) public view {
        uint128 mask = _mask & 0x1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f;
        // The bytes of a vector as they lie in memory, lane 0 first.
        bytes memory lanes = bytes.concat(_memory(_a), _memory(_b));
        bytes memory indices = bytes.concat(_memory(mask));
        bytes memory expected = new bytes(16);
        for (uint256 index = 0; index < 16; ++index) {
            expected[index] = lanes[uint8(indices[index])];
        }
        uint128 vector = uint128(_memory(uint128(bytes16(expected))));
        _checkWord(_shuffle(mask), _a, _b, 0, vector);
        if (mask != _mask) _checkTrapWord(_shuffle(_mask), _a, _b);
    }

    function testFuzz_evaluate_swizzle_succeeds(uint128 _a, uint128 _indices, uint128 _beyond)
        public
        view
    {
        // Most random indices are beyond the vector; here about half are.
        uint128 indices = _indices & (_beyond | 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f);
        bytes16 lanes = _memory(_a);
        bytes16 places = _memory(indices);
        bytes memory expected = new bytes(16);
        for (uint256 index = 0; index < 16; ++index) {
            uint256 place = uint8(places[index]);
            if (place < 16) expected[index] = lanes[place];
        }
        _check(Opcodes.I8X16_SWIZZLE, _a, indices, uint128(_memory(uint128(bytes16(expected)))));
    }

    function testFuzz_evaluate_splat_succeeds(uint128 _a) public view {
        (uint8 b, uint16 h, uint32 w, uint64 d) = (uint8(_a), uint16(_a), uint32(_a), uint64(_a));
        bytes memory four = abi.encodePacked(b, b, b, b);
        _check(Opcodes.I8X16_SPLAT, _a, 0, uint128(bytes16(bytes.concat(four, four, four, four))));
        four = abi.encodePacked(h, h, h, h);
        _check(Opcodes.I16X8_SPLAT, _a, 0, uint128(bytes16(bytes.concat(four, four))));
        uint128 words = uint128(bytes16(abi.encodePacked(w, w, w, w)));
        _check(Opcodes.I32X4_SPLAT, _a, 0, words);
        _check(Opcodes.F32X4_SPLAT, _a, 0, words);
        uint128 halves = uint128(bytes16(abi.encodePacked(d, d)));
        _check(Opcodes.I64X2_SPLAT, _a, 0, halves);
        _check(Opcodes.F64X2_SPLAT, _a, 0, halves);
    }

    function testFuzz_evaluate_extract_succeeds(uint128 _a, uint16 _lane) public view {
        uint16 lane = _lane % 16;
        uint8 b = uint8(_a >> (8 * lane));
        _checkLane(Opcodes.I8X16_EXTRACT_LANE_S, lane, _a, 0, uint32(int32(int8(b))));
        _checkLane(Opcodes.I8X16_EXTRACT_LANE_U, lane, _a, 0, b);
        lane = _lane % 8;
        uint16 h = uint16(_a >> (16 * lane));
        _checkLane(Opcodes.I16X8_EXTRACT_LANE_S, lane, _a, 0, uint32(int32(int16(h))));
        _checkLane(Opcodes.I16X8_EXTRACT_LANE_U, lane, _a, 0, h);
        lane = _lane % 4;
        uint32 w = uint32(_a >> (32 * lane));
        _checkLane(Opcodes.I32X4_EXTRACT_LANE, lane, _a, 0, w);
        _checkLane(Opcodes.F32X4_EXTRACT_LANE, lane, _a, 0, w);
        lane = _lane % 2;
        uint64 d = uint64(_a >> (64 * lane));
        _checkLane(Opcodes.I64X2_EXTRACT_LANE, lane, _a, 0, d);
        _checkLane(Opcodes.F64X2_EXTRACT_LANE, lane, _a, 0, d);
    }

    function testFuzz_evaluate_replace_succeeds(uint128 _a, uint128 _b, uint16 _lane) public view {
        _checkReplace(Opcodes.I8X16_REPLACE_LANE, 1, _a, _b, _lane);
        _checkReplace(Opcodes.I16X8_REPLACE_LANE, 2, _a, _b, _lane);
        _checkReplace(Opcodes.I32X4_REPLACE_LANE, 4, _a, _b, _lane);
        _checkReplace(Opcodes.F32X4_REPLACE_LANE, 4, _a, _b, _lane);
        _checkReplace(Opcodes.I64X2_REPLACE_LANE, 8, _a, _b, _lane);
        _checkReplace(Opcodes.F64X2_REPLACE_LANE, 8, _a, _b, _lane);
    }

    function _checkReplace(uint16 _opcode, uint256 _size, uint128 _a, uint128 _b, uint16 _lane)
        internal
        view
    {
        uint16 lane = _lane % uint16(16 / _size);
        bytes memory vector = bytes.concat(_memory(_a));
        bytes16 scalar = _memory(_b);
        for (uint256 index = 0; index < _size; ++index) {
            vector[lane * _size + index] = scalar[index];
        }
        _checkLane(_opcode, lane, _a, _b, uint128(_memory(uint128(bytes16(vector)))));
    }

    /// @dev The first and the last lane are there, those above are not.
    function _checkLanes(uint16 _opcode, uint16 _count) internal view {
        _checkLane(_opcode, 0, 0, 0, 0);
        _checkLane(_opcode, _count - 1, 0, 0, 0);
        _checkTrapWord(_word(_opcode, _count), 0, 0);
        _checkTrapWord(_word(_opcode, 0x100), 0, 0);
        _checkTrapWord(_word(_opcode, type(uint16).max), 0, 0);
    }

    function _checkLane(uint16 _opcode, uint16 _lane, uint128 _a, uint128 _b, uint128 _expected)
        internal
        view
    {
        _checkWord(_word(_opcode, _lane), _a, _b, 0, _expected);
    }

    function _checkShuffle(uint128 _mask, uint128 _expected) internal view {
        _checkWord(_shuffle(_mask), BYTES, OTHERS, 0, _expected);
    }

    function _word(uint16 _opcode, uint16 _lane) internal pure returns (uint256 word_) {
        return (uint256(_opcode) << 240) | (uint256(_lane) << 224);
    }

    function _shuffle(uint128 _mask) internal pure returns (uint256 word_) {
        return (uint256(Opcodes.I8X16_SHUFFLE) << 240) | _mask;
    }

    /// @dev A vector's bytes in memory, and back.
    function _memory(uint128 _bits) internal pure returns (bytes16 bytes_) {
        uint128 reversed;
        for (uint256 index = 0; index < 16; ++index) {
            reversed = (reversed << 8) | (_bits & 0xff);
            _bits >>= 8;
        }
        return bytes16(reversed);
    }
}
