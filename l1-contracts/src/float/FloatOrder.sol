// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Format} from "./Format.sol";

/// @title Comparisons of IEEE 754, and the lesser or greater of two floats
/// @notice A NaN is not equal to anything, and neither less nor greater. Zeros of both signs are equal.
/// @custom:mirrors wasm-prover/src/step/ieee.rs
library FloatOrder {
    /// @dev `_a == _b`.
    function eq(Format _format, uint256 _a, uint256 _b) internal pure returns (bool holds_) {
        return _areNumbers(_format, _a, _b) && _key(_format, _a) == _key(_format, _b);
    }

    /// @dev `_a != _b`.
    function ne(Format _format, uint256 _a, uint256 _b) internal pure returns (bool holds_) {
        return !eq(_format, _a, _b);
    }

    /// @dev `_a < _b`.
    function lt(Format _format, uint256 _a, uint256 _b) internal pure returns (bool holds_) {
        return _areNumbers(_format, _a, _b) && _key(_format, _a) < _key(_format, _b);
    }

    /// @dev `_a > _b`.
    function gt(Format _format, uint256 _a, uint256 _b) internal pure returns (bool holds_) {
        return lt(_format, _b, _a);
    }

    /// @dev `_a <= _b`.
    function le(Format _format, uint256 _a, uint256 _b) internal pure returns (bool holds_) {
        return _areNumbers(_format, _a, _b) && _key(_format, _a) <= _key(_format, _b);
    }

    /// @dev `_a >= _b`.
    function ge(Format _format, uint256 _a, uint256 _b) internal pure returns (bool holds_) {
        return le(_format, _b, _a);
    }

    /// @dev The smaller; NaN if one is NaN; -0 is smaller than +0.
    function min(Format _format, uint256 _a, uint256 _b) internal pure returns (uint256 bits_) {
        if (!_areNumbers(_format, _a, _b)) return _format.nan();
        if (lt(_format, _a, _b)) return _a;
        if (lt(_format, _b, _a)) return _b;
        // Equal, so the bits are the same or both are zeros: a negative one wins.
        return _a | _b;
    }

    /// @dev The greater; NaN if one is NaN; +0 is greater than -0.
    function max(Format _format, uint256 _a, uint256 _b) internal pure returns (uint256 bits_) {
        if (!_areNumbers(_format, _a, _b)) return _format.nan();
        if (lt(_format, _b, _a)) return _a;
        if (lt(_format, _a, _b)) return _b;
        // Equal, so the bits are the same or both are zeros: a positive one wins.
        return _a & _b;
    }

    /// @dev `_b` if it is less, else `_a`, bit for bit.
    function pmin(Format _format, uint256 _a, uint256 _b) internal pure returns (uint256 bits_) {
        return lt(_format, _b, _a) ? _b : _a;
    }

    /// @dev `_b` if it is greater, else `_a`, bit for bit.
    function pmax(Format _format, uint256 _a, uint256 _b) internal pure returns (uint256 bits_) {
        return lt(_format, _a, _b) ? _b : _a;
    }

    function _areNumbers(Format _format, uint256 _a, uint256 _b)
        private
        pure
        returns (bool areNumbers_)
    {
        return !_format.isNan(_a) && !_format.isNan(_b);
    }

    /// @dev Orders as the numbers do; the same for both zeros.
    function _key(Format _format, uint256 _a) private pure returns (int256 key_) {
        key_ = int256(_format.abs(_a));
        if (_format.sign(_a) != 0) key_ = -key_;
    }
}
