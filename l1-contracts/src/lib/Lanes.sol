// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @notice What the lanes of a vector are: their width in bits, plus `SIGNED` if they have a sign. Lane 0 is lowest.
/// @custom:mirrors wasm-prover/src/step/value.rs
type Lane is uint256;

using LaneLib for Lane global;

/// @dev Added to the width of lanes that have a sign.
uint256 constant SIGNED = 0x100;

/// @dev Signed and unsigned lanes of 8, 16, 32 and 64 bits.
Lane constant I8 = Lane.wrap(SIGNED + 8);
Lane constant U8 = Lane.wrap(8);
Lane constant I16 = Lane.wrap(SIGNED + 16);
Lane constant U16 = Lane.wrap(16);
Lane constant I32 = Lane.wrap(SIGNED + 32);
Lane constant U32 = Lane.wrap(32);
Lane constant I64 = Lane.wrap(SIGNED + 64);
Lane constant U64 = Lane.wrap(64);

/// @title Vectors lane by lane
/// @notice Lanes are read as integers of 256 bits, where no sum or product of two lanes overflows. What is written is cut to
/// the lane, which is how its arithmetic wraps, or saturated before.
/// @custom:mirrors wasm-prover/src/step/value.rs
library LaneLib {
    /// @dev Bits of a lane.
    function width(Lane _lane) internal pure returns (uint256 width_) {
        return uint8(Lane.unwrap(_lane));
    }

    /// @dev Lanes of a vector.
    function count(Lane _lane) internal pure returns (uint256 count_) {
        return 128 / width(_lane);
    }

    /// @dev Lane `_index` of a vector, which has so many.
    function read(Lane _lane, uint128 _vector, uint256 _index)
        internal
        pure
        returns (int256 value_)
    {
        unchecked {
            uint256 above = 256 - width(_lane);
            uint256 top = (uint256(_vector) >> (width(_lane) * _index)) << above;
            return Lane.unwrap(_lane) > SIGNED ? int256(top) >> above : int256(top >> above);
        }
    }

    /// @dev A vector with the low bits of a value in lane `_index`, and zeros elsewhere.
    function write(Lane _lane, int256 _value, uint256 _index)
        internal
        pure
        returns (uint128 vector_)
    {
        unchecked {
            uint256 bits = uint256(_value) & ((1 << width(_lane)) - 1);
            return uint128(bits << (width(_lane) * _index));
        }
    }

    /// @dev A vector with the low bits of a value in each lane.
    function splat(Lane _lane, uint256 _value) internal pure returns (uint128 vector_) {
        unchecked {
            uint256 greatest = (1 << width(_lane)) - 1;
            // The quotient has a one in each lane.
            return uint128((_value & greatest) * (type(uint128).max / greatest));
        }
    }

    /// @dev The nearest value that a lane has.
    function saturate(Lane _lane, int256 _value) internal pure returns (int256 nearest_) {
        unchecked {
            int256 least =
                Lane.unwrap(_lane) > SIGNED ? -int256(1 << (width(_lane) - 1)) : int256(0);
            int256 greatest = least + int256(1 << width(_lane)) - 1;
            if (_value < least) return least;
            return _value > greatest ? greatest : _value;
        }
    }

    /// @dev Lane by lane of one vector.
    function each(
        Lane _lane,
        uint128 _vector,
        function(int256) internal pure returns (int256) _result
    ) internal pure returns (uint128 vector_) {
        unchecked {
            for (uint256 index = 0; index < count(_lane); ++index) {
                vector_ |= write(_lane, _result(read(_lane, _vector, index)), index);
            }
        }
    }

    /// @dev Lane by lane of two vectors.
    function pairs(
        Lane _lane,
        uint128 _a,
        uint128 _b,
        function(int256, int256) internal pure returns (int256) _result
    ) internal pure returns (uint128 vector_) {
        unchecked {
            for (uint256 index = 0; index < count(_lane); ++index) {
                int256 value = _result(read(_lane, _a, index), read(_lane, _b, index));
                vector_ |= write(_lane, value, index);
            }
        }
    }

    /// @dev Lane by lane of two vectors; a result that a lane does not have gives the nearest that it has.
    function saturated(
        Lane _lane,
        uint128 _a,
        uint128 _b,
        function(int256, int256) internal pure returns (int256) _result
    ) internal pure returns (uint128 vector_) {
        unchecked {
            for (uint256 index = 0; index < count(_lane); ++index) {
                int256 value = _result(read(_lane, _a, index), read(_lane, _b, index));
                vector_ |= write(_lane, saturate(_lane, value), index);
            }
        }
    }

    /// @dev Lane by lane of two vectors: all bits set where a relation holds, else none.
    function mask(
        Lane _lane,
        uint128 _a,
        uint128 _b,
        function(int256, int256) internal pure returns (bool) _holds
    ) internal pure returns (uint128 vector_) {
        unchecked {
            for (uint256 index = 0; index < count(_lane); ++index) {
                bool holds = _holds(read(_lane, _a, index), read(_lane, _b, index));
                if (holds) vector_ |= write(_lane, -1, index);
            }
        }
    }

    /// @dev The lanes in the low half of a vector, extended to twice the width.
    function widened(Lane _lane, uint128 _vector) internal pure returns (uint128 vector_) {
        unchecked {
            for (uint256 index = 0; index < count(_lane) / 2; ++index) {
                vector_ |= write(_double(_lane), read(_lane, _vector, index), index);
            }
        }
    }

    /// @dev The lanes of two vectors, the first one's low, each the nearest value that a lane of half the width has.
    /// @param _lane The lanes that are narrowed.
    /// @param _half What they become.
    function narrowed(Lane _lane, Lane _half, uint128 _low, uint128 _high)
        internal
        pure
        returns (uint128 vector_)
    {
        unchecked {
            uint256 half = count(_lane);
            for (uint256 index = 0; index < half; ++index) {
                int256 low = saturate(_half, read(_lane, _low, index));
                int256 high = saturate(_half, read(_lane, _high, index));
                vector_ |= write(_half, low, index) | write(_half, high, half + index);
            }
        }
    }

    /// @dev Products of the lanes of two vectors, those of neighbours added, in lanes of twice the width.
    function dot(Lane _lane, uint128 _a, uint128 _b) internal pure returns (uint128 vector_) {
        unchecked {
            for (uint256 index = 0; index < count(_lane); index += 2) {
                int256 even = read(_lane, _a, index) * read(_lane, _b, index);
                int256 odd = read(_lane, _a, index + 1) * read(_lane, _b, index + 1);
                vector_ |= write(_double(_lane), even + odd, index / 2);
            }
        }
    }

    /// @dev In each byte of 128 bits, how many of its bits are set.
    function byteOnes(uint128 _bits) internal pure returns (uint128 counts_) {
        unchecked {
            // Counts of 2 bits, then of 4, then of 8. None overflows its place.
            uint256 counts = _bits - ((_bits >> 1) & (type(uint128).max / 3));
            uint256 low = type(uint128).max / 5;
            counts = (counts & low) + ((counts >> 2) & low);
            return uint128((counts + (counts >> 4)) & (type(uint128).max / 17));
        }
    }

    /// @dev Lanes of twice the width, of which nothing but the width counts.
    function _double(Lane _lane) private pure returns (Lane double_) {
        unchecked {
            return Lane.wrap(2 * width(_lane));
        }
    }
}
