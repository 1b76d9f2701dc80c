// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {RequestId, Result} from "./Types.sol";

/// @title A contract that wants to be told
/// @notice It must check that the sender is the contract that it asked.
interface IInferenceConsumer {
    /// @notice An answer is final. A revert changes nothing about that.
    /// @param _requestId The request.
    /// @param _result How the run ended.
    /// @param _output The output, checked against the result's root; empty if there is none.
    function onInference(RequestId _requestId, Result calldata _result, bytes calldata _output)
        external;
}
