// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @notice A binary interchange format of IEEE 754: how many bits fraction and exponent have, a byte each from the lowest.
/// From the top, a float's bits are the sign, the exponent and the fraction.
/// @custom:mirrors wasm-prover/src/step/ieee.rs
type Format is uint256;

using FormatLib for Format global;

/// @dev The f32 of WASM: 23 bits of fraction, 8 of exponent.
Format constant BINARY32 = Format.wrap(0x0817);

/// @dev The f64 of WASM: 52 bits of fraction, 11 of exponent.
Format constant BINARY64 = Format.wrap(0x0b34);

/// @title Bits of floats and the numbers they stand for
/// @notice A finite float is `significand * 2**exponent`, in units of the format's least subnormal number, so that the
/// exponent of a float is never negative. Results are computed exactly, or with a lowest bit that stands for all that was
/// cut off, and rounded once, by `round`.
/// @dev Floats are passed as their bits, in the low bits of a word with zeros above. Nothing overflows: significands stay
/// below 2^192, and exponents below 2^13.
/// @custom:mirrors wasm-prover/src/step/ieee.rs
library FormatLib {
    /// @dev Bits of the fraction: those of the significand below the highest, which is implicit.
    function fractionBits(Format _format) internal pure returns (uint256 bits_) {
        return Format.unwrap(_format) & 0xff;
    }

    /// @dev Bits of a float.
    function width(Format _format) internal pure returns (uint256 bits_) {
        unchecked {
            return (Format.unwrap(_format) >> 8) + _format.fractionBits() + 1;
        }
    }

    /// @dev The sign bit.
    function signBit(Format _format) internal pure returns (uint256 bit_) {
        unchecked {
            return 1 << (_format.width() - 1);
        }
    }

    /// @dev Positive infinity. Bits of a NaN are greater, its sign apart.
    function infinity(Format _format) internal pure returns (uint256 bits_) {
        unchecked {
            return _format.signBit() - (1 << _format.fractionBits());
        }
    }

    /// @dev The canonical NaN: positive, quiet, without payload.
    function nan(Format _format) internal pure returns (uint256 bits_) {
        unchecked {
            return _format.signBit() - (1 << (_format.fractionBits() - 1));
        }
    }

    /// @dev One is two to this, in units of the least subnormal number.
    function exponentOfOne(Format _format) internal pure returns (uint256 exponent_) {
        unchecked {
            uint256 bias = (1 << ((Format.unwrap(_format) >> 8) - 1)) - 1;
            return bias + _format.fractionBits() - 1;
        }
    }

    /// @dev The sign bit of a float, in its place.
    function sign(Format _format, uint256 _a) internal pure returns (uint256 sign_) {
        return _a & _format.signBit();
    }

    /// @dev The float without its sign.
    function abs(Format _format, uint256 _a) internal pure returns (uint256 bits_) {
        return _a & ~_format.signBit();
    }

    /// @dev The float with its sign changed.
    function neg(Format _format, uint256 _a) internal pure returns (uint256 bits_) {
        return _a ^ _format.signBit();
    }

    /// @dev `_a` with the sign of `_b`.
    function copysign(Format _format, uint256 _a, uint256 _b)
        internal
        pure
        returns (uint256 bits_)
    {
        return _format.abs(_a) | _format.sign(_b);
    }

    /// @dev Whether the float is no number.
    function isNan(Format _format, uint256 _a) internal pure returns (bool isNan_) {
        return _format.abs(_a) > _format.infinity();
    }

    /// @dev Whether the float is an infinity of either sign.
    function isInfinite(Format _format, uint256 _a) internal pure returns (bool isInfinite_) {
        return _format.abs(_a) == _format.infinity();
    }

    /// @dev The number without its sign. Infinity is the power of two that the greatest number would round up to.
    function unpack(Format _format, uint256 _a)
        internal
        pure
        returns (uint256 significand_, uint256 exponent_)
    {
        unchecked {
            uint256 fraction = _format.fractionBits();
            uint256 implicitBit = 1 << fraction;
            significand_ = _a & (implicitBit - 1);
            exponent_ = _format.abs(_a) >> fraction;
            // A subnormal number has the exponent of the least normal one, and no implicit bit.
            if (exponent_ != 0) {
                significand_ |= implicitBit;
                --exponent_;
            }
        }
    }

    /// @dev The float nearest to a number; ties go to the even one, and what is too great to infinity. If the lowest bit
    /// stands for more that was cut off, at least two bits must lie between it and the highest `fractionBits() + 1`.
    function round(Format _format, uint256 _sign, uint256 _significand, int256 _exponent)
        internal
        pure
        returns (uint256 bits_)
    {
        if (_significand == 0) return _sign;
        unchecked {
            uint256 fraction = _format.fractionBits();
            // How many bits are too many; at least those below the least subnormal number.
            int256 cut = int256(log2(_significand)) - int256(fraction);
            if (cut < -_exponent) cut = -_exponent;
            bits_ =
                cut > 0 ? roundToEven(_significand, uint256(cut)) : _significand << uint256(-cut);
            // The highest bit of a normal number, which is implicit, adds one to the exponent, as the encoding has it; so
            // does a carry out of rounding.
            bits_ += uint256(_exponent + cut) << fraction;
            uint256 greatest = _format.infinity();
            if (bits_ > greatest) bits_ = greatest;
            return bits_ | _sign;
        }
    }

    /// @dev `_value / 2**_cut` to nearest, ties to even. `_cut` is not 0.
    function roundToEven(uint256 _value, uint256 _cut) internal pure returns (uint256 rounded_) {
        // Less than half.
        if (_cut > 192) return 0;
        unchecked {
            // One less than half, and one more if the result would be odd.
            return (_value + (1 << (_cut - 1)) - 1 + ((_value >> _cut) & 1)) >> _cut;
        }
    }

    /// @dev Index of the highest bit set; 0 for 0.
    function log2(uint256 _value) internal pure returns (uint256 log_) {
        unchecked {
            for (uint256 step = 128; step > 0; step >>= 1) {
                if (_value >> step != 0) {
                    _value >>= step;
                    log_ += step;
                }
            }
        }
    }
}
