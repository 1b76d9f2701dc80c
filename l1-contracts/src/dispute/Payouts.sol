// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title Money that waits to be fetched
/// @notice Nobody is ever paid while something else is decided, so a recipient that reverts stands in nobody's way.
abstract contract Payouts {
    /// @notice The transaction brings another amount than it must.
    /// @param expected Wei that it must bring.
    /// @param got Wei that it brings.
    error Payouts_Value(uint256 expected, uint256 got);

    /// @notice There is nothing to fetch.
    /// @param account Whose.
    error Payouts_Nothing(address account);

    /// @notice The recipient does not take the money. It can be fetched to another one.
    /// @param recipient Where it was sent.
    error Payouts_Refused(address recipient);

    /// @notice Money waits to be fetched.
    /// @param account Whose.
    /// @param amount Wei.
    event Credited(address indexed account, uint256 amount);

    /// @notice Money was fetched.
    /// @param account Whose it was.
    /// @param recipient Where it went.
    /// @param amount Wei.
    event Withdrawn(address indexed account, address indexed recipient, uint256 amount);

    /// @notice Money will stay in the contract for ever.
    /// @param amount Wei.
    event Burnt(uint256 amount);

    /// @notice Wei that wait for an account.
    mapping(address account => uint256 amount) public credit;

    /// @notice Fetches all that waits for the sender.
    /// @param _recipient Where it goes.
    function withdraw(address payable _recipient) external {
        uint256 amount = credit[msg.sender];
        // INVARIANT: nobody is called who has nothing to fetch.
        if (amount == 0) revert Payouts_Nothing(msg.sender);
        // INVARIANT: money is gone from the books before the recipient's code runs.
        credit[msg.sender] = 0;
        emit Withdrawn(msg.sender, _recipient, amount);
        (bool sent,) = _recipient.call{value: amount}("");
        // INVARIANT: what is not sent stays credited.
        if (!sent) revert Payouts_Refused(_recipient);
    }

    function _credit(address _account, uint256 _amount) internal {
        if (_amount == 0) return;
        credit[_account] += _amount;
        emit Credited(_account, _amount);
    }

    function _burn(uint256 _amount) internal {
        if (_amount != 0) emit Burnt(_amount);
    }

    function _checkValue(uint256 _expected) internal view {
        // INVARIANT: what comes in is what the books say.
        if (msg.value != _expected) revert Payouts_Value(_expected, msg.value);
    }
}
