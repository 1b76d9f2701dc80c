// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @notice Calls the precompiles as contracts of Axonum's published library do: packed call data, no look at the size
/// of the answer, and the answer copied over a `bytes` of the wished size, length word and all.
contract PackedCaller {
    function inference(bytes32 _model, bytes memory _input, uint256 _outputSize)
        external
        view
        returns (bytes memory output_)
    {
        output_ = _call(address(0xa1), abi.encodePacked(_model, _outputSize, _input), _outputSize);
    }

    function onnxInference(bytes memory _model, bytes memory _input, uint256 _outputSize)
        external
        view
        returns (bytes memory output_)
    {
        bytes memory data = abi.encodePacked(_model.length, _input.length, _model, _input);
        output_ = _call(address(0xa0), data, _outputSize);
    }

    function _call(address _precompile, bytes memory _data, uint256 _outputSize)
        private
        view
        returns (bytes memory output_)
    {
        output_ = new bytes(_outputSize);
        uint256 answerSize = 32 + _outputSize;
        assembly ("memory-safe") {
            if iszero(
                staticcall(gas(), _precompile, add(_data, 0x20), mload(_data), output_, answerSize)
            ) { revert(0, 0) }
        }
    }
}
