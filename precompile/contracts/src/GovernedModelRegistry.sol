// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ModelRegistry} from "./ModelRegistry.sol";

/// @title A registry that takes models from one governor
/// @notice The governor is an account or contract of the chain's choice: a multisignature, a vote, a fee market.
/// @dev As a predeploy its constructor does not run: genesis sets `governor`, slot 1.
contract GovernedModelRegistry is ModelRegistry {
    /// @notice The governor was changed.
    /// @param previous Governor until now.
    /// @param next Governor from now on.
    event GovernorChanged(address indexed previous, address indexed next);

    /// @notice Who may register models. Slot 1.
    address public governor;

    /// @param _governor Who may register models.
    constructor(address _governor) {
        governor = _governor;
        emit GovernorChanged(address(0), _governor);
    }

    /// @notice Hands the office over.
    /// @param _next Governor from now on; zero closes the registry for good.
    function setGovernor(address _next) external {
        if (msg.sender != governor) revert Registry_NotAuthorized(msg.sender);
        emit GovernorChanged(governor, _next);
        governor = _next;
    }

    /// @inheritdoc ModelRegistry
    function _authorize(address _account, bytes32) internal view override {
        if (_account != governor) revert Registry_NotAuthorized(_account);
    }
}
