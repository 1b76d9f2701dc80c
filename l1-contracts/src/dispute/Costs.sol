// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title What a move costs its player
/// @notice Gas as measured, with what cannot be measured from inside, at the price that the transaction pays, up to a
/// tip above the base fee: a tip may come back to who pays it, so it must not come out of a bond as well.
library Costs {
    /// @dev Gas of any transaction.
    uint256 internal constant TRANSACTION_GAS = 21_000;

    /// @dev Gas of a byte of calldata that is not zero.
    uint256 internal constant BYTE_GAS = 16;

    /// @dev Gas of a move before it is first measured and after it is last: the dispatch, and writing the costs.
    uint256 internal constant UNSEEN_GAS = 16_000;

    /// @dev Gas of what comes after a player's last move: the rest of ending a game, or collecting it, and fetching the money.
    uint256 internal constant LAST_GAS = 100_000;

    /// @dev Wei for a move.
    /// @param _gasBefore Gas that was left when the call began.
    /// @param _bytes Bytes of its calldata.
    /// @param _maxTip Wei for a unit of gas above the base fee at most.
    function ofMove(uint256 _gasBefore, uint256 _bytes, uint256 _maxTip)
        internal
        view
        returns (uint256 costs_)
    {
        uint256 used = _gasBefore - gasleft() + TRANSACTION_GAS + BYTE_GAS * _bytes + UNSEEN_GAS;
        uint256 most = block.basefee + _maxTip;
        return used * (tx.gasprice < most ? tx.gasprice : most);
    }

    /// @dev Wei for a move, and for what comes after the last one.
    function ofLast(uint256 _gasBefore, uint256 _bytes, uint256 _maxTip)
        internal
        view
        returns (uint256 costs_)
    {
        return ofMove(_gasBefore + LAST_GAS, _bytes, _maxTip);
    }

    /// @dev Costs with those of one more move, or as much as fits.
    function added(uint96 _costs, uint256 _more) internal pure returns (uint96 sum_) {
        uint256 sum = _costs + _more;
        return sum < type(uint96).max ? uint96(sum) : type(uint96).max;
    }
}
