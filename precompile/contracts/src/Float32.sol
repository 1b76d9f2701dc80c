// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title IEEE 754 binary32 against 18-decimal fixed point
/// @notice Converts between the bits of a float32 and a *wad*, a signed integer in units of 1e-18. Both ways round
/// to nearest, ties to even, once, from the exact value. There is no floating-point arithmetic here: a contract
/// computes in fixed point.
/// @custom:mirrors precompile/tests/it/float32.rs
library Float32 {
    /// @notice The value is an infinity or no number, so no fixed-point number stands for it.
    /// @param bits The float's bits.
    error Float32_NotFinite(uint32 bits);

    /// @notice The number is beyond the largest finite float32.
    /// @param wad The number, in units of 1e-18.
    error Float32_OutOfRange(int256 wad);

    /// @dev Units of one: 18 decimals.
    uint256 internal constant ONE = 1e18;

    /// @dev Bits of positive infinity; anything above, sign aside, is a NaN.
    uint32 internal constant INFINITY = 0x7f800000;

    /// @dev All bits but the sign.
    uint32 internal constant MAGNITUDE = 0x7fffffff;

    /// @notice The float32 nearest to `_wad / 1e18`; ties go to the even mantissa. Zero is positive zero.
    /// @param _wad Number in units of 1e-18.
    /// @return bits_ Bits of the float.
    function fromWad(int256 _wad) internal pure returns (uint32 bits_) {
        uint256 magnitude = _magnitude(_wad);
        if (magnitude == 0) return 0;

        // The quotient by 1e18 shall have 27 or 28 bits: 24 for the mantissa, and some to round by. `sticky` says that
        // something was cut off below the quotient.
        int256 shift = 86 - int256(_log2(magnitude));
        uint256 numerator;
        bool sticky;
        if (shift >= 0) {
            numerator = magnitude << uint256(shift);
        } else {
            uint256 cut = uint256(-shift);
            numerator = magnitude >> cut;
            sticky = magnitude != numerator << cut;
        }
        uint256 quotient = numerator / ONE;
        sticky = sticky || numerator % ONE != 0;

        uint256 spare = _log2(quotient) - 23;
        uint256 mantissa = _roundToEven(quotient, spare, sticky);
        int256 exponent = 150 + int256(spare) - shift;
        if (mantissa == 1 << 24) {
            mantissa = 1 << 23;
            exponent += 1;
        }
        // INVARIANT: the least wad, 1e-18, is far above the least normal float, so only the upper end can be left.
        if (exponent >= 255) revert Float32_OutOfRange(_wad);

        bits_ = uint32((uint256(exponent) << 23) | (mantissa & 0x7fffff));
        if (_wad < 0) bits_ |= ~MAGNITUDE;
    }

    /// @notice The wad nearest to the float's value; ties go to the even wad. Both zeros give 0, and so does anything
    /// up to half of 1e-18.
    /// @param _bits Bits of the float.
    /// @return wad_ Number in units of 1e-18.
    function toWad(uint32 _bits) internal pure returns (int256 wad_) {
        uint256 exponent = (_bits >> 23) & 0xff;
        uint256 mantissa = _bits & 0x7fffff;
        if (exponent == 255) revert Float32_NotFinite(_bits);
        // A subnormal has the exponent of the least normal number and no implicit bit.
        if (exponent == 0) exponent = 1;
        else mantissa |= 1 << 23;

        uint256 scaled = mantissa * ONE;
        uint256 magnitude = exponent >= 150
            ? scaled << (exponent - 150)
            : _roundToEven(scaled, 150 - exponent, false);
        // Below 2^188, so it fits and negates.
        wad_ = int256(magnitude);
        if (_bits > MAGNITUDE) wad_ = -wad_;
    }

    /// @notice A number that orders as the float does: greater float, greater key; both zeros are equal.
    /// @param _bits Bits of the float; no NaN.
    /// @return key_ Sort key.
    function sortKey(uint32 _bits) internal pure returns (int256 key_) {
        if (_bits & MAGNITUDE > INFINITY) revert Float32_NotFinite(_bits);
        key_ = int256(uint256(_bits & MAGNITUDE));
        if (_bits > MAGNITUDE) key_ = -key_;
    }

    /// @dev Absolute value; right for the least integer too.
    function _magnitude(int256 _value) private pure returns (uint256 magnitude_) {
        unchecked {
            magnitude_ = _value < 0 ? uint256(-_value) : uint256(_value);
        }
    }

    /// @dev `_value / 2**_bits` (and a little more when `_sticky`), rounded to nearest, ties to even. `_bits` is at least 1.
    function _roundToEven(uint256 _value, uint256 _bits, bool _sticky)
        private
        pure
        returns (uint256 rounded_)
    {
        uint256 half = 2 ** (_bits - 1);
        uint256 rest = _value & ((half << 1) - 1);
        rounded_ = _value >> _bits;
        if (rest > half || (rest == half && (_sticky || rounded_ & 1 == 1))) rounded_ += 1;
    }

    /// @dev Index of the highest bit set; 0 for 0.
    function _log2(uint256 _value) private pure returns (uint256 log_) {
        for (uint256 step = 128; step > 0; step >>= 1) {
            if (_value >> step != 0) {
                _value >>= step;
                log_ += step;
            }
        }
    }
}
