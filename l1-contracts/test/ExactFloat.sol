// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {BINARY32, BINARY64, Format} from "../src/float/Format.sol";
import {vm} from "./Vm.sol";

/// @notice What floats stand for, in exact integer arithmetic, by another road than the library's: a result is right if what
/// is exact lies between the midpoints to its neighbours.
abstract contract ExactFloat {
    /// @dev The formats, to run a test for each.
    function formats() internal pure returns (Format[2] memory formats_) {
        return [BINARY32, BINARY64];
    }

    function isSingle(Format _format) internal pure returns (bool) {
        return Format.unwrap(_format) == Format.unwrap(BINARY32);
    }

    /// @dev The bits of an f64, or of an f32 with the same sign, first bits of fraction and last bits of exponent.
    function cut(Format _format, uint64 _bits) internal pure returns (uint256) {
        if (!isSingle(_format)) return _bits;
        return ((_bits >> 63) << 31) | ((_bits >> 29) & 0x7fffffff);
    }

    function signOf(Format _format) internal pure returns (uint256) {
        return isSingle(_format) ? 0x80000000 : 0x8000000000000000;
    }

    function infinityOf(Format _format) internal pure returns (uint256) {
        return isSingle(_format) ? 0x7f800000 : 0x7ff0000000000000;
    }

    function nanOf(Format _format) internal pure returns (uint256) {
        return isSingle(_format) ? 0x7fc00000 : 0x7ff8000000000000;
    }

    function oneOf(Format _format) internal pure returns (uint256) {
        return isSingle(_format) ? 0x3f800000 : 0x3ff0000000000000;
    }

    function isNanOf(Format _format, uint256 _bits) internal pure returns (bool) {
        return _bits % signOf(_format) > infinityOf(_format);
    }

    function isFiniteOf(Format _format, uint256 _bits) internal pure returns (bool) {
        return _bits % signOf(_format) < infinityOf(_format);
    }

    function isNegativeOf(Format _format, uint256 _bits) internal pure returns (bool) {
        return _bits >= signOf(_format);
    }

    /// @dev A float of a kind that makes trouble: any bits, subnormal, next to a limit, or few bits of fraction around one.
    function operand(Format _format, uint256 _seed) internal pure returns (uint256) {
        uint256 sign = signOf(_format);
        uint256 least = infinityOf(_format) & ~(infinityOf(_format) << 1);
        uint256 bits = uint256(keccak256(abi.encode(_seed)));
        uint256 kind = bits >> 253;
        uint256 size = (bits >> 200) % 64;
        if (kind < 2) return bits % (2 * sign);
        if (kind == 2) return (bits % least) | (bits & sign);
        if (kind == 3) {
            uint256 limit = [0, least, infinityOf(_format), nanOf(_format)][size % 4];
            return (limit + bits % 5 + sign - 2) % sign | (bits & sign);
        }
        // Exponents within 64 of that of one; of the fraction the higher bits, the lowest, or both, or all.
        uint256 exponent = (oneOf(_format) / least + size - 32) * least;
        uint256 fraction = bits % least;
        if (kind == 4) fraction &= 7;
        if (kind == 5) fraction -= fraction % (least / 8);
        if (kind == 6) fraction &= least / 4 + 3;
        return exponent | fraction | (bits & sign);
    }

    /// @dev A float whose exponent is close to that of a finite one, so that a sum of both rounds, or cancels.
    function neighbour(Format _format, uint256 _bits, uint256 _seed)
        internal
        pure
        returns (uint256)
    {
        uint256 least = infinityOf(_format) & ~(infinityOf(_format) << 1);
        uint256 other = operand(_format, _seed);
        uint256 field = (_bits % signOf(_format)) / least + _seed % 120;
        field = field < 60 ? 0 : field - 60;
        uint256 greatest = infinityOf(_format) / least - 1;
        if (field > greatest) field = greatest;
        return field * least | other % least | (other & signOf(_format));
    }

    /// @dev The number without its sign, as an integer times a power of two. Infinity is the power of two after all numbers.
    function parts(Format _format, uint256 _bits) internal pure returns (uint256, int256) {
        uint256 magnitude = _bits % signOf(_format);
        uint256 size = isSingle(_format) ? 2 ** 23 : 2 ** 52;
        int256 lowest = isSingle(_format) ? int256(-149) : int256(-1074);
        if (magnitude < size) return (magnitude, lowest);
        return (magnitude % size + size, int256(magnitude / size) - 1 + lowest);
    }

    /// @dev Negative, zero or positive as `_a * 2**_m` is less than, equal to or greater than `_b * 2**_n`.
    function compare(uint256 _a, int256 _m, uint256 _b, int256 _n) internal pure returns (int256) {
        if (_m < _n) return -compare(_b, _n, _a, _m);
        uint256 gap = uint256(_m - _n);
        if (_a == 0) return _b == 0 ? int256(0) : int256(-1);
        // Too great to be written down, and the other one is not.
        if (gap > 255 || _a > type(uint256).max >> gap) return 1;
        uint256 shifted = _a << gap;
        return shifted == _b ? int256(0) : shifted > _b ? int256(1) : int256(-1);
    }

    /// @dev The float, without its sign, is the nearest to the `_power`-th root of `_numerator * 2**_exponent / _denominator`,
    /// and the even one if two are as near.
    function assertNearest(
        Format _format,
        uint256 _bits,
        uint256 _numerator,
        int256 _exponent,
        uint256 _denominator,
        uint256 _power
    ) internal pure {
        uint256 magnitude = _bits % signOf(_format);
        vm.assertTrue(magnitude <= infinityOf(_format));
        (uint256 integer, int256 exponent) = parts(_format, magnitude);
        int256 allowed = magnitude % 2 == 0 ? int256(0) : int256(1);
        int256 power = int256(_power);
        if (magnitude != infinityOf(_format)) {
            uint256 above = (2 * integer + 1) ** _power * _denominator;
            int256 order = compare(above, power * (exponent - 1), _numerator, _exponent);
            vm.assertTrue(order >= allowed);
        }
        if (magnitude != 0) {
            // The next one below a power of two is half as far away, unless it is subnormal.
            (, int256 exponentBelow) = parts(_format, magnitude - 1);
            uint256 below = exponentBelow == exponent ? 4 * integer - 2 : 4 * integer - 1;
            below = below ** _power * _denominator;
            int256 order = compare(_numerator, _exponent, below, power * (exponent - 2));
            vm.assertTrue(order >= allowed);
        }
    }
}
