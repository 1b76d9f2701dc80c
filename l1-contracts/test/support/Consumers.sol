// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {RequestId, Result} from "../../src/claims/Types.sol";

import {IInferenceConsumer} from "../../src/claims/IInferenceConsumer.sol";
import {InferenceClaims} from "../../src/claims/InferenceClaims.sol";

/// @notice Remembers what it is told, and with how much gas.
contract Recorder is IInferenceConsumer {
    uint256 public calls;
    uint256 public gas;
    address public sender;
    RequestId public requestId;
    bytes public output;
    Result internal _result;

    function onInference(RequestId _requestId, Result calldata _told, bytes calldata _output)
        external
    {
        gas = gasleft();
        ++calls;
        (sender, requestId, output, _result) = (msg.sender, _requestId, _output, _told);
    }

    function result() external view returns (Result memory result_) {
        return _result;
    }
}

/// @notice Remembers with how much gas it is told.
contract GasMeter is IInferenceConsumer {
    uint256 public gas;

    function onInference(RequestId, Result calldata, bytes calldata) external {
        gas = gasleft();
    }
}

contract Reverter is IInferenceConsumer {
    function onInference(RequestId, Result calldata, bytes calldata) external pure {
        revert("no");
    }
}

/// @notice Uses up all of its gas.
contract Burner is IInferenceConsumer {
    function onInference(RequestId, Result calldata, bytes calldata) external pure {
        assembly ("memory-safe") {
            invalid()
        }
    }
}

/// @notice Returns or reverts with as much as it can pay for.
contract Bomber is IInferenceConsumer {
    bool internal immutable REVERTS;

    constructor(bool _reverts) {
        REVERTS = _reverts;
    }

    function onInference(RequestId, Result calldata, bytes calldata) external view {
        bool reverts = REVERTS;
        assembly ("memory-safe") {
            if reverts { revert(0, 500000) }
            return(0, 500000)
        }
    }
}

/// @notice Tries to be told, and paid, twice.
contract Reenterer is IInferenceConsumer {
    InferenceClaims internal immutable CLAIMS;
    address internal immutable PROPOSER;
    uint256 public calls;
    uint256 public refusals;

    constructor(InferenceClaims _claims, address _proposer) {
        CLAIMS = _claims;
        PROPOSER = _proposer;
    }

    function onInference(RequestId _requestId, Result calldata _result, bytes calldata _output)
        external
    {
        ++calls;
        try CLAIMS.finalise(_requestId, PROPOSER, _result, _output) {}
        catch {
            ++refusals;
        }
        try CLAIMS.reclaim(_requestId) {}
        catch {
            ++refusals;
        }
        try CLAIMS.withdraw(payable(address(this))) {}
        catch {
            ++refusals;
        }
        // What it is told is there already.
        CLAIMS.resultOf(_requestId);
    }
}
