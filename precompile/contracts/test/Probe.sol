// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @notice Makes calls of every kind and tells what came back, for tests from outside.
contract Probe {
    /// @notice The error that `callThenRevert` ends with.
    error Probe_Reverted(bool success);

    /// @dev Kinds of call.
    enum Kind {
        Call,
        StaticCall,
        DelegateCall,
        CallCode
    }

    receive() external payable {}

    /// @notice Calls, and tells what came back and the gas that it cost.
    function probe(Kind _kind, address _to, uint256 _gas, uint256 _value, bytes memory _data)
        public
        payable
        returns (bool success_, bytes memory answer_, uint256 gasUsed_)
    {
        uint256 size;
        assembly {
            let data := add(_data, 0x20)
            let length := mload(_data)
            gasUsed_ := gas()
            switch _kind
            case 0 { success_ := call(_gas, _to, _value, data, length, 0, 0) }
            case 1 { success_ := staticcall(_gas, _to, data, length, 0, 0) }
            case 2 { success_ := delegatecall(_gas, _to, data, length, 0, 0) }
            default { success_ := callcode(_gas, _to, _value, data, length, 0, 0) }
            gasUsed_ := sub(gasUsed_, gas())
            size := returndatasize()
        }
        answer_ = new bytes(size);
        assembly {
            returndatacopy(add(answer_, 0x20), 0, size)
        }
    }

    /// @notice Calls, then reverts the frame that called.
    function callThenRevert(address _to, uint256 _gas, bytes memory _data) external {
        (bool success,,) = probe(Kind.Call, _to, _gas, 0, _data);
        revert Probe_Reverted(success);
    }

    /// @notice Calls in a frame that reverts, and then goes on.
    function callInRevertedFrame(address _to, uint256 _gas, bytes memory _data)
        external
        returns (bytes memory reason_)
    {
        try this.callThenRevert(_to, _gas, _data) {}
        catch (bytes memory reason) {
            reason_ = reason;
        }
    }

    /// @notice Goes down `_depth` frames and calls from the last one.
    function callFromDepth(uint256 _depth, address _to, uint256 _gas, bytes memory _data)
        external
        returns (bool success_, bytes memory answer_)
    {
        if (_depth > 0) return this.callFromDepth(_depth - 1, _to, _gas, _data);
        (success_, answer_,) = probe(Kind.StaticCall, _to, _gas, 0, _data);
    }

    /// @notice Calls the same many times and tells whether all answers were the same.
    function callMany(uint256 _count, address _to, bytes memory _data)
        external
        returns (bool same_, bytes memory answer_)
    {
        same_ = true;
        bool success;
        for (uint256 i = 0; i < _count; ++i) {
            bytes memory answer;
            (success, answer,) = probe(Kind.StaticCall, _to, gasleft(), 0, _data);
            same_ = same_ && success && (i == 0 || keccak256(answer) == keccak256(answer_));
            answer_ = answer;
        }
    }

    function codeSizeOf(address _account) external view returns (uint256 size_) {
        size_ = _account.code.length;
    }
}
