// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Float32} from "./Float32.sol";
import {InferenceErrors} from "./InferenceErrors.sol";
import {Tensor} from "./Tensor.sol";

/// @title Machine learning inside a transaction
/// @notice Runs ONNX models through the chain's inference precompiles and gives their outputs in the same transaction.
/// Import `Tensor`, `Float32` and `InferenceErrors` from this file too.
/// @dev Whatever the precompile reverts with (see `InferenceErrors`) is passed on as it is, so `try`/`catch` around
/// an external function that calls this library sees the typed error. The gas given to a call bounds the run.
/// @custom:mirrors precompile/src/wire.rs
library AILib {
    /// @notice Precompile that takes the model in the call data.
    address internal constant INFERENCE_WITH_MODEL = address(0xa0);

    /// @notice Precompile that takes the model by its address.
    address internal constant INFERENCE = address(0xa1);

    /// @notice Runs a registered model.
    /// @param _modelAddress Address of the model: the SSZ `hash_tree_root` of its bytes.
    /// @param _input The model's inputs in the tensor encoding.
    /// @param _outputSize Most bytes of output to take; a longer output reverts with `OutputTooLarge`.
    /// @return output_ The model's outputs in the tensor encoding.
    function inference(bytes32 _modelAddress, bytes memory _input, uint256 _outputSize)
        internal
        view
        returns (bytes memory output_)
    {
        output_ = _call(INFERENCE, bytes.concat(_modelAddress, bytes32(_outputSize), _input));
    }

    /// @notice Runs a model that the caller brings along. Nothing is registered and nothing kept, so its loading is
    /// charged in full with every call.
    /// @param _model The ONNX file.
    /// @param _input The model's inputs in the tensor encoding.
    /// @return output_ The model's outputs in the tensor encoding.
    function inferenceWithModel(bytes memory _model, bytes memory _input)
        internal
        view
        returns (bytes memory output_)
    {
        output_ = _call(
            INFERENCE_WITH_MODEL,
            bytes.concat(bytes32(_model.length), bytes32(_input.length), _model, _input)
        );
    }

    /// @dev Calls a precompile and takes its answer, `length (32) || output`, for what it is: bytes in memory.
    function _call(address _precompile, bytes memory _data)
        private
        view
        returns (bytes memory output_)
    {
        bool success;
        uint256 size;
        assembly ("memory-safe") {
            // All gas but a 64th, which the EVM keeps back.
            success := staticcall(gas(), _precompile, add(_data, 0x20), mload(_data), 0, 0)
            // The answer, or the error, goes to free memory.
            size := returndatasize()
            output_ := mload(0x40)
            returndatacopy(output_, 0, size)
            // An error is passed on unchanged.
            if iszero(success) { revert(output_, size) }
            // Reserve the answer, rounded up to whole words.
            mstore(0x40, add(output_, and(add(size, 0x1f), not(0x1f))))
        }
        // INVARIANT: an account without code answers nothing, and the precompile's length word is exact.
        if (size < 32 || output_.length != size - 32) {
            revert InferenceErrors.InferenceUnavailable();
        }
    }
}
