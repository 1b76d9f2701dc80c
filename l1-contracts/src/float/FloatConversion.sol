// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {BINARY32, BINARY64, Format, FormatLib} from "./Format.sol";

/// @title Floats rounded to integers, and conversions from and to integers and the other format
/// @notice Integers are passed as their bits, signed ones as two's complement, in the low bits of a word with zeros above.
/// @dev Nothing overflows; see `FormatLib`.
/// @custom:mirrors wasm-prover/src/step/ieee.rs
library FloatConversion {
    /// @dev Which integer stands for a number between two.
    enum Direction {
        // The greater.
        Up,
        // The smaller.
        Down,
        // The one closer to zero.
        TowardZero,
        // The closer one, or the even one if both are as close.
        Nearest
    }

    /// @dev Shift that no number of 64 bits comes out of.
    uint256 private constant FAR = 128;

    /// @dev The least integer that is no smaller, as a float.
    function ceil(Format _format, uint256 _a) internal pure returns (uint256 bits_) {
        return _toIntegral(_format, _a, Direction.Up);
    }

    /// @dev The greatest integer that is no greater, as a float.
    function floor(Format _format, uint256 _a) internal pure returns (uint256 bits_) {
        return _toIntegral(_format, _a, Direction.Down);
    }

    /// @dev The integral part, as a float.
    function trunc(Format _format, uint256 _a) internal pure returns (uint256 bits_) {
        return _toIntegral(_format, _a, Direction.TowardZero);
    }

    /// @dev The closest integer, as a float; ties go to the even one.
    function nearest(Format _format, uint256 _a) internal pure returns (uint256 bits_) {
        return _toIntegral(_format, _a, Direction.Nearest);
    }

    /// @dev The integral part; not `ok_`, and 0, for NaN and what an i32 cannot hold.
    function toI32(Format _format, uint256 _a) internal pure returns (bool ok_, uint256 value_) {
        (ok_, value_) = _toI32(_format, _a);
        if (!ok_) value_ = 0;
    }

    /// @dev The integral part; not `ok_`, and 0, for NaN and what a u32 cannot hold.
    function toU32(Format _format, uint256 _a) internal pure returns (bool ok_, uint256 value_) {
        (ok_, value_) = _toU32(_format, _a);
        if (!ok_) value_ = 0;
    }

    /// @dev The integral part; not `ok_`, and 0, for NaN and what an i64 cannot hold.
    function toI64(Format _format, uint256 _a) internal pure returns (bool ok_, uint256 value_) {
        (ok_, value_) = _toI64(_format, _a);
        if (!ok_) value_ = 0;
    }

    /// @dev The integral part; not `ok_`, and 0, for NaN and what a u64 cannot hold.
    function toU64(Format _format, uint256 _a) internal pure returns (bool ok_, uint256 value_) {
        (ok_, value_) = _toU64(_format, _a);
        if (!ok_) value_ = 0;
    }

    /// @dev The integral part, or the nearest i32; 0 for NaN.
    function saturateI32(Format _format, uint256 _a) internal pure returns (uint256 value_) {
        (, value_) = _toI32(_format, _a);
    }

    /// @dev The integral part, or the nearest u32; 0 for NaN.
    function saturateU32(Format _format, uint256 _a) internal pure returns (uint256 value_) {
        (, value_) = _toU32(_format, _a);
    }

    /// @dev The integral part, or the nearest i64; 0 for NaN.
    function saturateI64(Format _format, uint256 _a) internal pure returns (uint256 value_) {
        (, value_) = _toI64(_format, _a);
    }

    /// @dev The integral part, or the nearest u64; 0 for NaN.
    function saturateU64(Format _format, uint256 _a) internal pure returns (uint256 value_) {
        (, value_) = _toU64(_format, _a);
    }

    /// @dev The float nearest to an i32.
    function fromI32(Format _format, uint256 _value) internal pure returns (uint256 bits_) {
        return _fromInteger(_format, int32(uint32(_value)));
    }

    /// @dev The float nearest to a u32.
    function fromU32(Format _format, uint256 _value) internal pure returns (uint256 bits_) {
        return _fromInteger(_format, int256(_value));
    }

    /// @dev The float nearest to an i64.
    function fromI64(Format _format, uint256 _value) internal pure returns (uint256 bits_) {
        return _fromInteger(_format, int64(uint64(_value)));
    }

    /// @dev The float nearest to a u64.
    function fromU64(Format _format, uint256 _value) internal pure returns (uint256 bits_) {
        return _fromInteger(_format, int256(_value));
    }

    /// @dev The same number as an f64; NaN becomes canonical. The format is that of an f32.
    function promote(Format _format, uint256 _a) internal pure returns (uint256 bits_) {
        return _convert(_format, BINARY64, _a);
    }

    /// @dev The nearest f32; NaN becomes canonical. The format is that of an f64.
    function demote(Format _format, uint256 _a) internal pure returns (uint256 bits_) {
        return _convert(_format, BINARY32, _a);
    }

    function _toIntegral(Format _format, uint256 _a, Direction _direction)
        private
        pure
        returns (uint256 bits_)
    {
        if (_format.isNan(_a)) return _format.nan();
        (uint256 significand, uint256 exponent) = _format.unpack(_a);
        uint256 one = _format.exponentOfOne();
        // An integer, or infinity.
        if (exponent >= one) return _a;

        uint256 sign = _format.sign(_a);
        uint256 whole;
        unchecked {
            uint256 cut = one - exponent;
            // All that is less than a half rounds alike, so the cut need not be longer.
            if (cut > _format.fractionBits() + 2) cut = _format.fractionBits() + 2;
            if (_direction == Direction.Nearest) {
                whole = FormatLib.roundToEven(significand, cut);
            } else if (_direction == (sign == 0 ? Direction.Up : Direction.Down)) {
                whole = (significand + (1 << cut) - 1) >> cut;
            } else {
                whole = significand >> cut;
            }
        }
        return _format.round(sign, whole, int256(one));
    }

    function _toI32(Format _format, uint256 _a) private pure returns (bool within_, uint256 bits_) {
        int256 value;
        (within_, value) = _toInteger(_format, _a, type(int32).min, type(int32).max);
        return (within_, uint32(int32(value)));
    }

    function _toU32(Format _format, uint256 _a) private pure returns (bool within_, uint256 bits_) {
        int256 value;
        (within_, value) = _toInteger(_format, _a, 0, int256(uint256(type(uint32).max)));
        return (within_, uint256(value));
    }

    function _toI64(Format _format, uint256 _a) private pure returns (bool within_, uint256 bits_) {
        int256 value;
        (within_, value) = _toInteger(_format, _a, type(int64).min, type(int64).max);
        return (within_, uint64(int64(value)));
    }

    function _toU64(Format _format, uint256 _a) private pure returns (bool within_, uint256 bits_) {
        int256 value;
        (within_, value) = _toInteger(_format, _a, 0, int256(uint256(type(uint64).max)));
        return (within_, uint256(value));
    }

    /// @dev The integral part if it is within the range, else the nearest that is; 0 for NaN, which is not within.
    function _toInteger(Format _format, uint256 _a, int256 _least, int256 _greatest)
        private
        pure
        returns (bool within_, int256 value_)
    {
        if (_format.isNan(_a)) return (false, 0);
        (uint256 significand, uint256 exponent) = _format.unpack(_a);
        uint256 one = _format.exponentOfOne();
        unchecked {
            if (exponent < one) {
                significand >>= one - exponent;
            } else {
                exponent -= one;
                significand <<= exponent < FAR ? exponent : FAR;
            }
            value_ = int256(significand);
            if (_format.sign(_a) != 0) value_ = -value_;
        }
        if (value_ < _least) return (false, _least);
        if (value_ > _greatest) return (false, _greatest);
        return (true, value_);
    }

    function _fromInteger(Format _format, int256 _value) private pure returns (uint256 bits_) {
        int256 one = int256(_format.exponentOfOne());
        return _value < 0
            ? _format.round(_format.signBit(), uint256(-_value), one)
            : _format.round(0, uint256(_value), one);
    }

    function _convert(Format _from, Format _to, uint256 _a) private pure returns (uint256 bits_) {
        if (_from.isNan(_a)) return _to.nan();
        uint256 sign = _from.sign(_a) == 0 ? 0 : _to.signBit();
        if (_from.isInfinite(_a)) return _to.infinity() | sign;

        (uint256 significand, uint256 exponent) = _from.unpack(_a);
        unchecked {
            exponent += _to.exponentOfOne();
            return _to.round(sign, significand, int256(exponent) - int256(_from.exponentOfOne()));
        }
    }
}
