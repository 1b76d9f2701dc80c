// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title Errors of an inference call
/// @notice What the inference precompiles revert with, as typed errors, so that a contract can catch them by selector. A
/// contract that inherits this interface shows them in its own ABI.
/// @dev Every error but `InferenceFailed` leaves the caller the gas that was not spent.
/// @custom:mirrors precompile/src/errors.rs
interface InferenceErrors {
    /// @notice The registry does not know the model, or the model is not active yet.
    /// @param model Address of the model, the root of its bytes.
    error UnknownModel(bytes32 model);

    /// @notice The model's bytes are not a model that this chain runs.
    /// @param model Address of the model.
    /// @param reason What is wrong, where, and what to do about it.
    error ModelRefused(bytes32 model, string reason);

    /// @notice The input does not fit the model: wrong length, shape or type.
    /// @param model Address of the model.
    /// @param reason What is wrong and what the model expects.
    error InputMalformed(bytes32 model, string reason);

    /// @notice The output is longer than the caller allowed.
    /// @param expected Most bytes that the caller takes.
    /// @param got Bytes that the model put out.
    error OutputTooLarge(uint256 expected, uint256 got);

    /// @notice The run ended without a result: it trapped, or ran out of what its gas bought, or hit a limit. All gas
    /// that the call was given is spent.
    /// @param model Address of the model.
    error InferenceFailed(bytes32 model);

    /// @notice The call data has not the form that the precompile takes.
    /// @param expected Bytes that the call should have had (at least, for a call to 0xa1).
    /// @param got Bytes that it had.
    error MalformedCall(uint256 expected, uint256 got);

    /// @notice The call carried value; an inference is paid in gas alone.
    /// @param value Value in wei.
    error ValueNotAccepted(uint256 value);

    /// @notice This chain has no inference precompile, or one that answers otherwise. Raised by `AILib`, never by the
    /// precompile.
    error InferenceUnavailable();
}
