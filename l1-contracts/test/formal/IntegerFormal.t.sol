// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Opcodes} from "../../src/generated/Opcodes.sol";
import {Word} from "../../src/state/Word.sol";
import {Integer} from "../../src/step/Integer.sol";

/// @notice Proofs that each integer instruction does what its plain specification says, for all operands of 128 bits.
/// @dev A quotient is proved to be the EVM's of the operands' numbers, with its sign, width and traps; what the EVM's division
/// gives is not in question here. `test/Integer.t.sol` tries the numbers.
contract IntegerFormal {
    Integer internal immutable FAMILY = new Integer();

    function check_i32_eqz(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_EQZ, _a, _b, uint32(_a) == 0 ? 1 : 0);
    }

    function check_i32_eq(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_EQ, _a, _b, uint32(_a) == uint32(_b) ? 1 : 0);
    }

    function check_i32_ne(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_NE, _a, _b, uint32(_a) != uint32(_b) ? 1 : 0);
    }

    function check_i32_lt_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_LT_S, _a, _b, _i32(_a) < _i32(_b) ? 1 : 0);
    }

    function check_i32_lt_u(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_LT_U, _a, _b, uint32(_a) < uint32(_b) ? 1 : 0);
    }

    function check_i32_gt_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_GT_S, _a, _b, _i32(_a) > _i32(_b) ? 1 : 0);
    }

    function check_i32_gt_u(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_GT_U, _a, _b, uint32(_a) > uint32(_b) ? 1 : 0);
    }

    function check_i32_le_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_LE_S, _a, _b, _i32(_a) <= _i32(_b) ? 1 : 0);
    }

    function check_i32_le_u(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_LE_U, _a, _b, uint32(_a) <= uint32(_b) ? 1 : 0);
    }

    function check_i32_ge_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_GE_S, _a, _b, _i32(_a) >= _i32(_b) ? 1 : 0);
    }

    function check_i32_ge_u(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_GE_U, _a, _b, uint32(_a) >= uint32(_b) ? 1 : 0);
    }

    function check_i32_add(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_ADD, _a, _b, (uint256(uint32(_a)) + uint32(_b)) % 2 ** 32);
    }

    function check_i32_sub(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_SUB, _a, _b, (2 ** 32 + uint256(uint32(_a)) - uint32(_b)) % 2 ** 32);
    }

    function check_i32_mul(uint128 _a, uint128 _b) public view {
        unchecked {
            _holds(Opcodes.I32_MUL, _a, _b, (uint256(uint32(_a)) * uint32(_b)) % 2 ** 32);
        }
    }

    function check_i32_div_s(uint128 _a, uint128 _b) public view {
        if (_i32(_b) == 0 || (_i32(_a) == type(int32).min && _i32(_b) == -1)) {
            _traps(Opcodes.I32_DIV_S, _a, _b);
        } else {
            _holds(Opcodes.I32_DIV_S, _a, _b, uint32(_i32(_a) / _i32(_b)));
        }
    }

    function check_i32_div_u(uint128 _a, uint128 _b) public view {
        if (uint32(_b) == 0) _traps(Opcodes.I32_DIV_U, _a, _b);
        else _holds(Opcodes.I32_DIV_U, _a, _b, uint32(_a) / uint32(_b));
    }

    function check_i32_rem_s(uint128 _a, uint128 _b) public view {
        if (_i32(_b) == 0) _traps(Opcodes.I32_REM_S, _a, _b);
        else _holds(Opcodes.I32_REM_S, _a, _b, uint32(_i32(_a) % _i32(_b)));
    }

    function check_i32_rem_u(uint128 _a, uint128 _b) public view {
        if (uint32(_b) == 0) _traps(Opcodes.I32_REM_U, _a, _b);
        else _holds(Opcodes.I32_REM_U, _a, _b, uint32(_a) % uint32(_b));
    }

    function check_i32_and(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_AND, _a, _b, uint32(_a) & uint32(_b));
    }

    function check_i32_or(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_OR, _a, _b, uint32(_a) | uint32(_b));
    }

    function check_i32_xor(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_XOR, _a, _b, uint32(_a) ^ uint32(_b));
    }

    function check_i32_shl(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_SHL, _a, _b, (uint256(uint32(_a)) << (_b % 32)) % 2 ** 32);
    }

    function check_i32_shr_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_SHR_S, _a, _b, uint256(int256(_i32(_a)) >> (_b % 32)) % 2 ** 32);
    }

    function check_i32_shr_u(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_SHR_U, _a, _b, uint256(uint32(_a)) >> (_b % 32));
    }

    function check_i32_rotl(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_ROTL, _a, _b, ((_twice32(_a) << (_b % 32)) >> 32) % 2 ** 32);
    }

    function check_i32_rotr(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_ROTR, _a, _b, (_twice32(_a) >> (_b % 32)) % 2 ** 32);
    }

    function check_i32_clz(uint128 _a, uint128 _b) public view {
        uint256 zeros = _result(Opcodes.I32_CLZ, _a, _b);
        // Below so many zeros there is a one, and nothing above.
        if (uint32(_a) == 0) assert(zeros == 32);
        else assert(zeros < 32 && uint256(uint32(_a)) >> (31 - zeros) == 1);
    }

    function check_i32_ctz(uint128 _a, uint128 _b) public view {
        uint256 zeros = _result(Opcodes.I32_CTZ, _a, _b);
        // Above so many zeros there is a one.
        if (uint32(_a) == 0) assert(zeros == 32);
        else assert(zeros < 32 && uint256(uint32(_a)) % (2 << zeros) == 1 << zeros);
    }

    function check_i32_popcnt(uint128 _a, uint128 _b) public view {
        uint256 ones = 0;
        unchecked {
            for (uint256 bit = 0; bit < 32; ++bit) {
                ones += (_a >> bit) & 1;
            }
        }
        _holds(Opcodes.I32_POPCNT, _a, _b, ones);
    }

    function check_i32_extend8_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_EXTEND8_S, _a, _b, uint32(int32(int8(uint8(_a)))));
    }

    function check_i32_extend16_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I32_EXTEND16_S, _a, _b, uint32(int32(int16(uint16(_a)))));
    }

    function check_i64_eqz(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_EQZ, _a, _b, uint64(_a) == 0 ? 1 : 0);
    }

    function check_i64_eq(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_EQ, _a, _b, uint64(_a) == uint64(_b) ? 1 : 0);
    }

    function check_i64_ne(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_NE, _a, _b, uint64(_a) != uint64(_b) ? 1 : 0);
    }

    function check_i64_lt_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_LT_S, _a, _b, _i64(_a) < _i64(_b) ? 1 : 0);
    }

    function check_i64_lt_u(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_LT_U, _a, _b, uint64(_a) < uint64(_b) ? 1 : 0);
    }

    function check_i64_gt_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_GT_S, _a, _b, _i64(_a) > _i64(_b) ? 1 : 0);
    }

    function check_i64_gt_u(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_GT_U, _a, _b, uint64(_a) > uint64(_b) ? 1 : 0);
    }

    function check_i64_le_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_LE_S, _a, _b, _i64(_a) <= _i64(_b) ? 1 : 0);
    }

    function check_i64_le_u(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_LE_U, _a, _b, uint64(_a) <= uint64(_b) ? 1 : 0);
    }

    function check_i64_ge_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_GE_S, _a, _b, _i64(_a) >= _i64(_b) ? 1 : 0);
    }

    function check_i64_ge_u(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_GE_U, _a, _b, uint64(_a) >= uint64(_b) ? 1 : 0);
    }

    function check_i64_add(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_ADD, _a, _b, (uint256(uint64(_a)) + uint64(_b)) % 2 ** 64);
    }

    function check_i64_sub(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_SUB, _a, _b, (2 ** 64 + uint256(uint64(_a)) - uint64(_b)) % 2 ** 64);
    }

    function check_i64_mul(uint128 _a, uint128 _b) public view {
        unchecked {
            _holds(Opcodes.I64_MUL, _a, _b, (uint256(uint64(_a)) * uint64(_b)) % 2 ** 64);
        }
    }

    function check_i64_div_s(uint128 _a, uint128 _b) public view {
        if (_i64(_b) == 0 || (_i64(_a) == type(int64).min && _i64(_b) == -1)) {
            _traps(Opcodes.I64_DIV_S, _a, _b);
        } else {
            _holds(Opcodes.I64_DIV_S, _a, _b, uint64(_i64(_a) / _i64(_b)));
        }
    }

    function check_i64_div_u(uint128 _a, uint128 _b) public view {
        if (uint64(_b) == 0) _traps(Opcodes.I64_DIV_U, _a, _b);
        else _holds(Opcodes.I64_DIV_U, _a, _b, uint64(_a) / uint64(_b));
    }

    function check_i64_rem_s(uint128 _a, uint128 _b) public view {
        if (_i64(_b) == 0) _traps(Opcodes.I64_REM_S, _a, _b);
        else _holds(Opcodes.I64_REM_S, _a, _b, uint64(_i64(_a) % _i64(_b)));
    }

    function check_i64_rem_u(uint128 _a, uint128 _b) public view {
        if (uint64(_b) == 0) _traps(Opcodes.I64_REM_U, _a, _b);
        else _holds(Opcodes.I64_REM_U, _a, _b, uint64(_a) % uint64(_b));
    }

    function check_i64_and(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_AND, _a, _b, uint64(_a) & uint64(_b));
    }

    function check_i64_or(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_OR, _a, _b, uint64(_a) | uint64(_b));
    }

    function check_i64_xor(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_XOR, _a, _b, uint64(_a) ^ uint64(_b));
    }

    function check_i64_shl(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_SHL, _a, _b, (uint256(uint64(_a)) << (_b % 64)) % 2 ** 64);
    }

    function check_i64_shr_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_SHR_S, _a, _b, uint256(int256(_i64(_a)) >> (_b % 64)) % 2 ** 64);
    }

    function check_i64_shr_u(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_SHR_U, _a, _b, uint256(uint64(_a)) >> (_b % 64));
    }

    function check_i64_rotl(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_ROTL, _a, _b, ((_twice64(_a) << (_b % 64)) >> 64) % 2 ** 64);
    }

    function check_i64_rotr(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_ROTR, _a, _b, (_twice64(_a) >> (_b % 64)) % 2 ** 64);
    }

    function check_i64_clz(uint128 _a, uint128 _b) public view {
        uint256 zeros = _result(Opcodes.I64_CLZ, _a, _b);
        // Below so many zeros there is a one, and nothing above.
        if (uint64(_a) == 0) assert(zeros == 64);
        else assert(zeros < 64 && uint256(uint64(_a)) >> (63 - zeros) == 1);
    }

    function check_i64_ctz(uint128 _a, uint128 _b) public view {
        uint256 zeros = _result(Opcodes.I64_CTZ, _a, _b);
        // Above so many zeros there is a one.
        if (uint64(_a) == 0) assert(zeros == 64);
        else assert(zeros < 64 && uint256(uint64(_a)) % (2 << zeros) == 1 << zeros);
    }

    function check_i64_popcnt(uint128 _a, uint128 _b) public view {
        uint256 ones = 0;
        unchecked {
            for (uint256 bit = 0; bit < 64; ++bit) {
                ones += (_a >> bit) & 1;
            }
        }
        _holds(Opcodes.I64_POPCNT, _a, _b, ones);
    }

    function check_i64_extend8_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_EXTEND8_S, _a, _b, uint64(int64(int8(uint8(_a)))));
    }

    function check_i64_extend16_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_EXTEND16_S, _a, _b, uint64(int64(int16(uint16(_a)))));
    }

    function check_i64_extend32_s(uint128 _a, uint128 _b) public view {
        _holds(Opcodes.I64_EXTEND32_S, _a, _b, uint64(int64(int32(uint32(_a)))));
    }

    /// @dev Any word has a result or traps: nothing reverts, and no value comes with a trap.
    function check_anyOpcode(uint256 _bits, uint128 _a, uint128 _b) public view {
        (bool ok, uint128 result) = FAMILY.evaluate(Word.wrap(_bits), _a, _b, 0);
        assert(ok || result == 0);
    }

    function _holds(uint16 _opcode, uint128 _a, uint128 _b, uint256 _expected) internal view {
        assert(_result(_opcode, _a, _b) == _expected);
    }

    function _result(uint16 _opcode, uint128 _a, uint128 _b)
        internal
        view
        returns (uint256 result_)
    {
        (bool ok, uint128 result) = FAMILY.evaluate(_word(_opcode), _a, _b, 0);
        assert(ok);
        return result;
    }

    function _traps(uint16 _opcode, uint128 _a, uint128 _b) internal view {
        (bool ok, uint128 result) = FAMILY.evaluate(_word(_opcode), _a, _b, 0);
        assert(!ok && result == 0);
    }

    function _word(uint16 _opcode) internal pure returns (Word word_) {
        return Word.wrap(uint256(_opcode) << 240);
    }

    function _i32(uint128 _bits) internal pure returns (int32 value_) {
        return int32(uint32(_bits));
    }

    function _i64(uint128 _bits) internal pure returns (int64 value_) {
        return int64(uint64(_bits));
    }

    /// @dev Two copies, end to end, out of which a rotation takes its bits.
    function _twice32(uint128 _bits) internal pure returns (uint256 bits_) {
        return (uint256(uint32(_bits)) << 32) | uint32(_bits);
    }

    function _twice64(uint128 _bits) internal pure returns (uint256 bits_) {
        return (uint256(uint64(_bits)) << 64) | uint64(_bits);
    }
}
