// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Format, FormatLib} from "./Format.sol";

/// @title Arithmetic of IEEE 754
/// @notice Rounds to nearest, ties to even. Every NaN that results is the canonical one.
/// @dev Nothing overflows; see `FormatLib`.
/// @custom:mirrors wasm-prover/src/step/ieee.rs
library FloatArithmetic {
    /// @dev Bits by which numerators and radicands are extended, so that of each result more bits than a significand has
    /// are known.
    uint256 private constant EXTENSION = 128;

    /// @dev Beyond this distance of exponents, the lesser number of a sum only tells which way it rounds.
    uint256 private constant FAR = 64;

    /// @dev Newton's steps from one correct bit of a square root to 96.
    uint256 private constant NEWTON_STEPS = 6;

    /// @dev `_a + _b`.
    function add(Format _format, uint256 _a, uint256 _b) internal pure returns (uint256 bits_) {
        if (_format.isNan(_a) || _format.isNan(_b)) return _format.nan();
        if (_format.isInfinite(_a)) {
            return _b == _format.neg(_a) ? _format.nan() : _a;
        }
        if (_format.isInfinite(_b)) return _b;
        return _format.abs(_a) < _format.abs(_b)
            ? _addFinite(_format, _b, _a)
            : _addFinite(_format, _a, _b);
    }

    /// @dev `_a - _b`.
    function sub(Format _format, uint256 _a, uint256 _b) internal pure returns (uint256 bits_) {
        return add(_format, _a, _format.neg(_b));
    }

    /// @dev `_a * _b`.
    function mul(Format _format, uint256 _a, uint256 _b) internal pure returns (uint256 bits_) {
        if (_format.isNan(_a) || _format.isNan(_b)) return _format.nan();
        uint256 sign = _format.sign(_a ^ _b);
        if (_format.isInfinite(_a) || _format.isInfinite(_b)) {
            bool hasZero = _format.abs(_a) == 0 || _format.abs(_b) == 0;
            return hasZero ? _format.nan() : _format.infinity() | sign;
        }

        (uint256 significandA, uint256 exponentA) = _format.unpack(_a);
        (uint256 significandB, uint256 exponentB) = _format.unpack(_b);
        unchecked {
            int256 exponent = int256(exponentA + exponentB) - int256(_format.exponentOfOne());
            return _format.round(sign, significandA * significandB, exponent);
        }
    }

    /// @dev `_a / _b`.
    function div(Format _format, uint256 _a, uint256 _b) internal pure returns (uint256 bits_) {
        if (_format.isNan(_a) || _format.isNan(_b)) return _format.nan();
        uint256 sign = _format.sign(_a ^ _b);
        if (_format.isInfinite(_a)) {
            return _format.isInfinite(_b) ? _format.nan() : _format.infinity() | sign;
        }
        if (_format.isInfinite(_b)) return sign;
        if (_format.abs(_b) == 0) {
            return _format.abs(_a) == 0 ? _format.nan() : _format.infinity() | sign;
        }
        return _divFinite(_format, _a, _b);
    }

    /// @dev The square root of `_a`.
    function sqrt(Format _format, uint256 _a) internal pure returns (uint256 bits_) {
        // Of the negative numbers only zero has a root, itself.
        if (_format.abs(_a) == 0) return _a;
        if (_format.isNan(_a) || _format.sign(_a) != 0) return _format.nan();
        if (_format.isInfinite(_a)) return _a;

        (uint256 significand, uint256 exponent) = _format.unpack(_a);
        unchecked {
            exponent += _format.exponentOfOne();
            // The exponent of the radicand must be even.
            uint256 extension = EXTENSION + (exponent & 1);
            uint256 radicand = significand << extension;
            uint256 root = _sqrtFloor(radicand);
            if (root * root != radicand) root |= 1;
            return _format.round(0, root, int256((exponent - extension) >> 1));
        }
    }

    /// @dev The sum of finite numbers, the second no greater than the first, their signs apart.
    function _addFinite(Format _format, uint256 _a, uint256 _b)
        private
        pure
        returns (uint256 bits_)
    {
        (uint256 significandA, uint256 exponentA) = _format.unpack(_a);
        (uint256 significandB, uint256 exponentB) = _format.unpack(_b);
        unchecked {
            uint256 distance = exponentA - exponentB;
            if (distance > FAR) {
                distance = FAR;
                if (significandB != 0) significandB = 1;
            }
            significandA <<= distance;
            exponentA -= distance;
            uint256 sign = _format.sign(_a);
            if (sign == _format.sign(_b)) {
                significandA += significandB;
            } else {
                significandA -= significandB;
                // What cancels out is a positive zero.
                if (significandA == 0) sign = 0;
            }
            return _format.round(sign, significandA, int256(exponentA));
        }
    }

    /// @dev The quotient of finite numbers, the second not zero.
    function _divFinite(Format _format, uint256 _a, uint256 _b)
        private
        pure
        returns (uint256 bits_)
    {
        (uint256 numerator, uint256 exponentA) = _format.unpack(_a);
        (uint256 denominator, uint256 exponentB) = _format.unpack(_b);
        unchecked {
            numerator <<= EXTENSION;
            uint256 quotient = numerator / denominator;
            if (quotient * denominator != numerator) quotient |= 1;
            uint256 exponent = exponentA + _format.exponentOfOne();
            return _format.round(
                _format.sign(_a ^ _b), quotient, int256(exponent) - int256(exponentB + EXTENSION)
            );
        }
    }

    /// @dev The square root, rounded down; less than 2^96 and more than 0.
    function _sqrtFloor(uint256 _value) private pure returns (uint256 root_) {
        unchecked {
            // Greater than the root, and at most twice as great. From there the steps come down, never below the floor, and
            // at last above it by less than one.
            root_ = 1 << ((FormatLib.log2(_value) >> 1) + 1);
            for (uint256 count = 0; count < NEWTON_STEPS; ++count) {
                root_ = (root_ + _value / root_) >> 1;
            }
            if (root_ * root_ > _value) --root_;
        }
    }
}
