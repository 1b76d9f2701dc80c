// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Float32} from "./Float32.sol";

/// @title Tensors as bytes
/// @notice Writes and reads the *tensor encoding* that models take and give: for each tensor in turn the sizes of its
/// dynamic axes as uint32 (none where the shape is static), then its elements in row-major order; all little endian.
/// Join several parts with `bytes.concat`, and cut them apart with `slice`.
/// @dev Floats are given and read as wads, signed numbers in units of 1e-18; see `Float32` for the rounding.
library Tensor {
    /// @notice The bytes do not hold whole elements.
    /// @param expected Size of one element in bytes.
    /// @param got Length in bytes.
    error Tensor_PartialElement(uint256 expected, uint256 got);

    /// @notice A read goes beyond the bytes there are.
    /// @param expected Bytes needed.
    /// @param got Bytes there.
    error Tensor_OutOfBounds(uint256 expected, uint256 got);

    /// @notice A tensor without elements has no largest one.
    error Tensor_Empty();

    /// @notice Sizes of the dynamic axes, to stand before the elements.
    /// @param _sizes The sizes, in the order of the axes.
    /// @return data_ Encoded bytes.
    function encodeAxes(uint32[] memory _sizes) internal pure returns (bytes memory data_) {
        data_ = new bytes(_sizes.length * 4);
        for (uint256 i = 0; i < _sizes.length; ++i) {
            _write(data_, i, 4, _sizes[i]);
        }
    }

    /// @notice Encodes uint8 elements.
    /// @param _values The elements, row major.
    /// @return data_ Encoded bytes.
    function encodeUint8(uint8[] memory _values) internal pure returns (bytes memory data_) {
        data_ = new bytes(_values.length);
        for (uint256 i = 0; i < _values.length; ++i) {
            data_[i] = bytes1(_values[i]);
        }
    }

    /// @notice Encodes int8 elements, in two's complement.
    /// @param _values The elements, row major.
    /// @return data_ Encoded bytes.
    function encodeInt8(int8[] memory _values) internal pure returns (bytes memory data_) {
        data_ = new bytes(_values.length);
        for (uint256 i = 0; i < _values.length; ++i) {
            data_[i] = bytes1(uint8(_values[i]));
        }
    }

    /// @notice Encodes int32 elements, in two's complement.
    /// @param _values The elements, row major.
    /// @return data_ Encoded bytes.
    function encodeInt32(int32[] memory _values) internal pure returns (bytes memory data_) {
        data_ = new bytes(_values.length * 4);
        for (uint256 i = 0; i < _values.length; ++i) {
            _write(data_, i, 4, uint32(_values[i]));
        }
    }

    /// @notice Encodes int64 elements, in two's complement.
    /// @param _values The elements, row major.
    /// @return data_ Encoded bytes.
    function encodeInt64(int64[] memory _values) internal pure returns (bytes memory data_) {
        data_ = new bytes(_values.length * 8);
        for (uint256 i = 0; i < _values.length; ++i) {
            _write(data_, i, 8, uint64(_values[i]));
        }
    }

    /// @notice Encodes float32 elements from fixed point, each rounded to the nearest float.
    /// @param _wads The elements in units of 1e-18, row major.
    /// @return data_ Encoded bytes.
    function encodeFloat32(int256[] memory _wads) internal pure returns (bytes memory data_) {
        data_ = new bytes(_wads.length * 4);
        for (uint256 i = 0; i < _wads.length; ++i) {
            _write(data_, i, 4, Float32.fromWad(_wads[i]));
        }
    }

    /// @notice Reads uint8 elements.
    /// @param _data Encoded bytes.
    /// @return values_ The elements, row major.
    function decodeUint8(bytes memory _data) internal pure returns (uint8[] memory values_) {
        values_ = new uint8[](_data.length);
        for (uint256 i = 0; i < values_.length; ++i) {
            values_[i] = uint8(_data[i]);
        }
    }

    /// @notice Reads int8 elements.
    /// @param _data Encoded bytes.
    /// @return values_ The elements, row major.
    function decodeInt8(bytes memory _data) internal pure returns (int8[] memory values_) {
        values_ = new int8[](_data.length);
        for (uint256 i = 0; i < values_.length; ++i) {
            values_[i] = int8(uint8(_data[i]));
        }
    }

    /// @notice Reads int32 elements.
    /// @param _data Encoded bytes, a multiple of 4.
    /// @return values_ The elements, row major.
    function decodeInt32(bytes memory _data) internal pure returns (int32[] memory values_) {
        values_ = new int32[](_count(_data, 4));
        for (uint256 i = 0; i < values_.length; ++i) {
            values_[i] = int32(uint32(_read(_data, i, 4)));
        }
    }

    /// @notice Reads int64 elements.
    /// @param _data Encoded bytes, a multiple of 8.
    /// @return values_ The elements, row major.
    function decodeInt64(bytes memory _data) internal pure returns (int64[] memory values_) {
        values_ = new int64[](_count(_data, 8));
        for (uint256 i = 0; i < values_.length; ++i) {
            values_[i] = int64(_read(_data, i, 8));
        }
    }

    /// @notice Reads float32 elements into fixed point, each rounded to the nearest wad. Reverts at an infinity or NaN.
    /// @param _data Encoded bytes, a multiple of 4.
    /// @return wads_ The elements in units of 1e-18, row major.
    function decodeFloat32(bytes memory _data) internal pure returns (int256[] memory wads_) {
        wads_ = new int256[](_count(_data, 4));
        for (uint256 i = 0; i < wads_.length; ++i) {
            wads_[i] = Float32.toWad(uint32(_read(_data, i, 4)));
        }
    }

    /// @notice Reads the sizes of the dynamic axes that stand before a tensor's elements.
    /// @param _data Bytes that begin with the sizes.
    /// @param _axes How many axes are dynamic.
    /// @return sizes_ The sizes, in the order of the axes.
    function decodeAxes(bytes memory _data, uint256 _axes)
        internal
        pure
        returns (uint32[] memory sizes_)
    {
        if (_axes > _data.length / 4) revert Tensor_OutOfBounds(_axes, _data.length / 4);
        sizes_ = new uint32[](_axes);
        for (uint256 i = 0; i < _axes; ++i) {
            sizes_[i] = uint32(_read(_data, i, 4));
        }
    }

    /// @notice One float32 element in fixed point, without decoding the others.
    /// @param _data Encoded bytes, a multiple of 4.
    /// @param _index Which element.
    /// @return wad_ The element in units of 1e-18.
    function float32At(bytes memory _data, uint256 _index) internal pure returns (int256 wad_) {
        uint256 count = _count(_data, 4);
        if (_index >= count) revert Tensor_OutOfBounds(_index, count);
        wad_ = Float32.toWad(uint32(_read(_data, _index, 4)));
    }

    /// @notice Where the largest float32 element is; the first of equals. Reverts at a NaN.
    /// @param _data Encoded bytes, a multiple of 4, not empty.
    /// @return index_ Index of the largest element.
    function argmaxFloat32(bytes memory _data) internal pure returns (uint256 index_) {
        uint256 count = _count(_data, 4);
        if (count == 0) revert Tensor_Empty();
        int256 largest = Float32.sortKey(uint32(_read(_data, 0, 4)));
        for (uint256 i = 1; i < count; ++i) {
            int256 key = Float32.sortKey(uint32(_read(_data, i, 4)));
            if (key > largest) (largest, index_) = (key, i);
        }
    }

    /// @notice A copy of part of some bytes.
    /// @param _data The bytes.
    /// @param _offset Where the part begins.
    /// @param _length Length of the part in bytes.
    /// @return part_ The part.
    function slice(bytes memory _data, uint256 _offset, uint256 _length)
        internal
        pure
        returns (bytes memory part_)
    {
        if (_offset > _data.length || _length > _data.length - _offset) {
            revert Tensor_OutOfBounds(_length, _data.length);
        }
        part_ = new bytes(_length);
        for (uint256 i = 0; i < _length; ++i) {
            part_[i] = _data[_offset + i];
        }
    }

    /// @dev Number of elements of `_size` bytes.
    function _count(bytes memory _data, uint256 _size) private pure returns (uint256 count_) {
        if (_data.length % _size != 0) revert Tensor_PartialElement(_size, _data.length);
        count_ = _data.length / _size;
    }

    /// @dev Writes element number `_index`, little endian.
    function _write(bytes memory _data, uint256 _index, uint256 _size, uint64 _value) private pure {
        for (uint256 i = 0; i < _size; ++i) {
            _data[_index * _size + i] = bytes1(uint8(_value >> (8 * i)));
        }
    }

    /// @dev Reads element number `_index`, little endian.
    function _read(bytes memory _data, uint256 _index, uint256 _size)
        private
        pure
        returns (uint64 value_)
    {
        for (uint256 i = 0; i < _size; ++i) {
            value_ |= uint64(uint8(_data[_index * _size + i])) << uint64(8 * i);
        }
    }
}
