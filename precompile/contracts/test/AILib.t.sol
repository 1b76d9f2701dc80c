// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {AILib, InferenceErrors} from "../src/AILib.sol";
import {vm} from "./Vm.sol";

/// @notice Calls the library from outside, so that reverts can be expected.
contract AILibCaller {
    function inference(bytes32 _model, bytes memory _input, uint256 _outputSize)
        external
        view
        returns (bytes memory)
    {
        return AILib.inference(_model, _input, _outputSize);
    }

    function inferenceWithModel(bytes memory _model, bytes memory _input)
        external
        view
        returns (bytes memory)
    {
        return AILib.inferenceWithModel(_model, _input);
    }

    /// @dev The answer and something allocated after it must not overlap.
    function inferenceThenAllocate(bytes32 _model, bytes memory _input)
        external
        view
        returns (bytes memory output_, bytes memory after_)
    {
        output_ = AILib.inference(_model, _input, type(uint256).max);
        after_ = hex"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    }
}

/// @notice Stands in for a precompile: answers with its whole call data.
contract EchoPrecompile {
    fallback(bytes calldata _data) external returns (bytes memory) {
        return bytes.concat(bytes32(_data.length), _data);
    }
}

/// @notice Stands in for a precompile that refuses.
contract RefusingPrecompile {
    fallback() external {
        revert InferenceErrors.InputMalformed(
            bytes32(uint256(7)), "input `image`: expected 256 bytes, got 3"
        );
    }
}

/// @notice Stands in for some other contract at the address: answers an ABI-encoded number.
contract OtherContract {
    fallback(bytes calldata) external returns (bytes memory) {
        return abi.encode(uint256(1));
    }
}

contract AILib_Inference_Test {
    AILibCaller internal caller = new AILibCaller();

    function testFuzz_inference_wireFormat_succeeds(
        bytes32 _model,
        bytes memory _input,
        uint256 _size
    ) external {
        vm.etch(address(0xa1), type(EchoPrecompile).runtimeCode);
        bytes memory output = caller.inference(_model, _input, _size);
        vm.assertEq(output, abi.encodePacked(_model, _size, _input));
    }

    function testFuzz_inference_outputIsOwnMemory_succeeds(bytes32 _model, bytes memory _input)
        external
    {
        vm.etch(address(0xa1), type(EchoPrecompile).runtimeCode);
        (bytes memory output, bytes memory next) = caller.inferenceThenAllocate(_model, _input);
        vm.assertEq(output, abi.encodePacked(_model, type(uint256).max, _input));
        vm.assertEq(next.length, 34);
    }

    function test_inference_typedError_reverts() external {
        vm.etch(address(0xa1), type(RefusingPrecompile).runtimeCode);
        vm.expectRevert(
            abi.encodeWithSelector(
                InferenceErrors.InputMalformed.selector,
                bytes32(uint256(7)),
                "input `image`: expected 256 bytes, got 3"
            )
        );
        caller.inference(bytes32(uint256(7)), hex"010203", 40);
    }

    function test_inference_noPrecompile_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(InferenceErrors.InferenceUnavailable.selector));
        caller.inference(bytes32(0), "", 40);
    }

    function test_inference_otherContract_reverts() external {
        vm.etch(address(0xa1), type(OtherContract).runtimeCode);
        vm.expectRevert(abi.encodeWithSelector(InferenceErrors.InferenceUnavailable.selector));
        caller.inference(bytes32(0), "", 40);
    }
}

contract AILib_InferenceWithModel_Test {
    AILibCaller internal caller = new AILibCaller();

    function testFuzz_inferenceWithModel_wireFormat_succeeds(
        bytes memory _model,
        bytes memory _input
    ) external {
        vm.etch(address(0xa0), type(EchoPrecompile).runtimeCode);
        bytes memory output = caller.inferenceWithModel(_model, _input);
        vm.assertEq(output, abi.encodePacked(_model.length, _input.length, _model, _input));
    }
}
