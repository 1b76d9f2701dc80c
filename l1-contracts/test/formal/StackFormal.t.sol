// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {State} from "../../src/access/Replay.sol";
import {Chain} from "../../src/state/Chain.sol";
import {ChainHash} from "../../src/state/Hashes.sol";
import {Record} from "../../src/state/Record.sol";
import {vm} from "../Vm.sol";

/// @notice Proofs that the value stack of a record is a stack: for all records, values and witnesses.
/// @dev Keccak-256 is any function without collisions here.
contract StackFormal {
    /// @dev Bytes of a pop's witness: the value and the head below.
    uint256 internal constant WITNESS = 48;

    function check_pushPop_restoresRecord(Record calldata _record, uint128 _value) public view {
        vm.assume(_record.stackHeight < Chain.MAX_HEIGHT);
        bytes memory proof = abi.encodePacked(_value, _record.stack);
        try this.pushPop(_record, _value, proof) returns (
            uint128 value, Record memory record, uint256 offset
        ) {
            assert(value == _value && offset == WITNESS);
            _same(record, _record);
        } catch {
            assert(false);
        }
    }

    function check_pushPop_wrongWitnessReverts(
        Record calldata _record,
        uint128 _value,
        uint128 _other,
        ChainHash _below
    ) public view {
        vm.assume(_other != _value || _below != _record.stack);
        try this.pushPop(_record, _value, abi.encodePacked(_other, _below)) {
            assert(false);
        } catch {}
    }

    function check_popPush_restoresRecord(Record memory _record, uint128 _value, ChainHash _below)
        public
        view
    {
        vm.assume(_record.stackHeight > 0 && _record.stackHeight <= Chain.MAX_HEIGHT);
        _record.stack = Chain.valueLink(_value, _below);
        try this.popPush(_record, abi.encodePacked(_value, _below)) returns (
            uint128 value, Record memory record, uint256 offset
        ) {
            assert(value == _value && offset == WITNESS);
            _same(record, _record);
        } catch {
            assert(false);
        }
    }

    function check_pop_emptyReverts(Record memory _record, uint128 _value, ChainHash _below)
        public
        view
    {
        _record.stackHeight = 0;
        _record.stack = Chain.valueLink(_value, _below);
        try this.pop(_record, abi.encodePacked(_value, _below)) {
            assert(false);
        } catch {}
    }

    function check_push_fullReverts(Record calldata _record, uint128 _value) public view {
        vm.assume(_record.stackHeight >= Chain.MAX_HEIGHT);
        try this.pushPop(_record, _value, abi.encodePacked(_value, _record.stack)) {
            assert(false);
        } catch {}
    }

    function check_pop_shortWitnessReverts(Record calldata _record, uint128 _value, bytes31 _below)
        public
        view
    {
        try this.pushPop(_record, _value, abi.encodePacked(_value, _below)) {
            assert(false);
        } catch {}
    }

    /// @dev For the proofs: a pop, in a call that may fail.
    function pop(Record calldata _record, bytes calldata _proof)
        external
        pure
        returns (uint128 value_)
    {
        return _open(_record, _proof).pop();
    }

    /// @dev For the proofs: both operations, in a call that may fail.
    function pushPop(Record calldata _record, uint128 _value, bytes calldata _proof)
        external
        pure
        returns (uint128 value_, Record memory record_, uint256 offset_)
    {
        State memory state = _open(_record, _proof);
        state.push(_value);
        value_ = state.pop();
        return (value_, state.record, state.witness.offset());
    }

    /// @dev For the proofs: both operations the other way round.
    function popPush(Record calldata _record, bytes calldata _proof)
        external
        pure
        returns (uint128 value_, Record memory record_, uint256 offset_)
    {
        State memory state = _open(_record, _proof);
        value_ = state.pop();
        state.push(value_);
        return (value_, state.record, state.witness.offset());
    }

    /// @dev A state with any record, and the whole proof as its witness.
    function _open(Record calldata _record, bytes calldata _proof)
        internal
        pure
        returns (State memory state_)
    {
        state_.record = _record;
        state_.witness.open(_proof, 0);
    }

    /// @dev Without collisions, equal hashes are equal records.
    function _same(Record memory _left, Record memory _right) internal pure {
        assert(keccak256(abi.encode(_left)) == keccak256(abi.encode(_right)));
    }
}
