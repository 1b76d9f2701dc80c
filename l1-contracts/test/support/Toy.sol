// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {StateHash} from "../../src/state/Hashes.sol";

import {IOneStepVerifier} from "../../src/IOneStepVerifier.sol";

/// @notice State of the toy machine after so many steps. It is known without taking them, so runs can be long.
function toyState(bytes32 _seed, uint64 _step) pure returns (StateHash state_) {
    return StateHash.wrap(keccak256(abi.encode(_seed, _step)));
}

/// @notice Proves steps of the toy machine. A proof says which state it is, and may be longer.
contract ToyVerifier is IOneStepVerifier {
    error Toy_Before(StateHash expected, StateHash got);

    function proveStep(StateHash _before, bytes calldata _proof)
        external
        pure
        returns (StateHash after_)
    {
        (bytes32 seed, uint64 step) = abi.decode(_proof, (bytes32, uint64));
        StateHash got = toyState(seed, step);
        if (got != _before) revert Toy_Before(_before, got);
        return toyState(seed, step + 1);
    }
}
