// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Float32} from "../src/Float32.sol";
import {Tensor} from "../src/Tensor.sol";
import {vm} from "./Vm.sol";

/// @notice Calls the library from outside, so that reverts can be expected.
contract TensorCaller {
    function decodeInt32(bytes memory _data) external pure returns (int32[] memory) {
        return Tensor.decodeInt32(_data);
    }

    function decodeInt64(bytes memory _data) external pure returns (int64[] memory) {
        return Tensor.decodeInt64(_data);
    }

    function decodeFloat32(bytes memory _data) external pure returns (int256[] memory) {
        return Tensor.decodeFloat32(_data);
    }

    function decodeAxes(bytes memory _data, uint256 _axes) external pure returns (uint32[] memory) {
        return Tensor.decodeAxes(_data, _axes);
    }

    function float32At(bytes memory _data, uint256 _index) external pure returns (int256) {
        return Tensor.float32At(_data, _index);
    }

    function argmaxFloat32(bytes memory _data) external pure returns (uint256) {
        return Tensor.argmaxFloat32(_data);
    }

    function slice(bytes memory _data, uint256 _offset, uint256 _length)
        external
        pure
        returns (bytes memory)
    {
        return Tensor.slice(_data, _offset, _length);
    }
}

contract Tensor_Encode_Test {
    function test_encode_littleEndian_succeeds() external pure {
        int32[] memory words = new int32[](2);
        (words[0], words[1]) = (1, -2);
        vm.assertEq(Tensor.encodeInt32(words), hex"01000000feffffff");
        int64[] memory longs = new int64[](2);
        (longs[0], longs[1]) = (0x0102030405060708, -1);
        vm.assertEq(Tensor.encodeInt64(longs), hex"0807060504030201ffffffffffffffff");
        int8[] memory small = new int8[](3);
        (small[0], small[1], small[2]) = (0, -128, 127);
        vm.assertEq(Tensor.encodeInt8(small), hex"00807f");
        int256[] memory wads = new int256[](2);
        (wads[0], wads[1]) = (1e18, -0.5e18);
        vm.assertEq(Tensor.encodeFloat32(wads), hex"0000803f000000bf");
        uint32[] memory sizes = new uint32[](2);
        (sizes[0], sizes[1]) = (1, 128);
        vm.assertEq(Tensor.encodeAxes(sizes), hex"0100000080000000");
    }

    function testFuzz_encode_uint8ComesBack_succeeds(uint8[] memory _values) external pure {
        uint8[] memory back = Tensor.decodeUint8(Tensor.encodeUint8(_values));
        vm.assertEq(abi.encode(back), abi.encode(_values));
    }

    function testFuzz_encode_int8ComesBack_succeeds(int8[] memory _values) external pure {
        int8[] memory back = Tensor.decodeInt8(Tensor.encodeInt8(_values));
        vm.assertEq(abi.encode(back), abi.encode(_values));
    }

    function testFuzz_encode_int32ComesBack_succeeds(int32[] memory _values) external pure {
        int32[] memory back = Tensor.decodeInt32(Tensor.encodeInt32(_values));
        vm.assertEq(abi.encode(back), abi.encode(_values));
    }

    function testFuzz_encode_int64ComesBack_succeeds(int64[] memory _values) external pure {
        int64[] memory back = Tensor.decodeInt64(Tensor.encodeInt64(_values));
        vm.assertEq(abi.encode(back), abi.encode(_values));
    }

    function testFuzz_encode_axesComeBack_succeeds(uint32[] memory _sizes) external pure {
        uint32[] memory back = Tensor.decodeAxes(Tensor.encodeAxes(_sizes), _sizes.length);
        vm.assertEq(abi.encode(back), abi.encode(_sizes));
    }

    function testFuzz_encode_float32_isFloatByFloat_succeeds(int128[] memory _values)
        external
        pure
    {
        int256[] memory wads = new int256[](_values.length);
        for (uint256 i = 0; i < wads.length; ++i) {
            wads[i] = _values[i];
        }
        bytes memory data = Tensor.encodeFloat32(wads);
        vm.assertEq(data.length, 4 * wads.length);
        int256[] memory back = Tensor.decodeFloat32(data);
        for (uint256 i = 0; i < wads.length; ++i) {
            int256 nearest = Float32.toWad(Float32.fromWad(wads[i]));
            vm.assertEq(back[i], nearest);
            vm.assertEq(Tensor.float32At(data, i), nearest);
        }
    }
}

contract Tensor_Decode_Test {
    TensorCaller internal caller = new TensorCaller();

    function test_decode_partialElement_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(Tensor.Tensor_PartialElement.selector, 4, 6));
        caller.decodeInt32(new bytes(6));
        vm.expectRevert(abi.encodeWithSelector(Tensor.Tensor_PartialElement.selector, 8, 12));
        caller.decodeInt64(new bytes(12));
        vm.expectRevert(abi.encodeWithSelector(Tensor.Tensor_PartialElement.selector, 4, 1));
        caller.decodeFloat32(new bytes(1));
    }

    function test_decode_infinity_reverts() external {
        vm.expectRevert(
            abi.encodeWithSelector(Float32.Float32_NotFinite.selector, uint32(0x7f800000))
        );
        caller.decodeFloat32(hex"0000803f0000807f");
    }

    function test_decodeAxes_tooFewBytes_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(Tensor.Tensor_OutOfBounds.selector, 2, 1));
        caller.decodeAxes(new bytes(7), 2);
        vm.expectRevert(
            abi.encodeWithSelector(Tensor.Tensor_OutOfBounds.selector, type(uint256).max, 1)
        );
        caller.decodeAxes(new bytes(7), type(uint256).max);
    }

    function test_float32At_beyondTheEnd_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(Tensor.Tensor_OutOfBounds.selector, 2, 2));
        caller.float32At(new bytes(8), 2);
    }
}

contract Tensor_ArgmaxFloat32_Test {
    TensorCaller internal caller = new TensorCaller();

    function test_argmaxFloat32_firstOfEquals_succeeds() external view {
        vm.assertEq(caller.argmaxFloat32(hex"0000803f000000400000004000000000"), 1);
        vm.assertEq(caller.argmaxFloat32(hex"0000008000000000"), 0);
        vm.assertEq(caller.argmaxFloat32(hex"000080ff000000c0000080bf"), 2);
    }

    function test_argmaxFloat32_empty_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(Tensor.Tensor_Empty.selector));
        caller.argmaxFloat32("");
    }

    function test_argmaxFloat32_notANumber_reverts() external {
        vm.expectRevert(
            abi.encodeWithSelector(Float32.Float32_NotFinite.selector, uint32(0x7fc00000))
        );
        caller.argmaxFloat32(hex"0000803f0000c07f");
    }
}

contract Tensor_Slice_Test {
    TensorCaller internal caller = new TensorCaller();

    function test_slice_part_succeeds() external view {
        vm.assertEq(caller.slice(hex"0001020304", 1, 3), hex"010203");
        vm.assertEq(caller.slice(hex"0001020304", 5, 0), hex"");
    }

    function test_slice_beyondTheEnd_reverts() external {
        uint256 most = type(uint256).max;
        vm.expectRevert(abi.encodeWithSelector(Tensor.Tensor_OutOfBounds.selector, 3, 5));
        caller.slice(hex"0001020304", 3, 3);
        vm.expectRevert(abi.encodeWithSelector(Tensor.Tensor_OutOfBounds.selector, most, 5));
        caller.slice(hex"0001020304", 3, most);
    }
}
