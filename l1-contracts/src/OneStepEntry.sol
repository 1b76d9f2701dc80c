// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Replay} from "./access/Replay.sol";
import {Witness} from "./access/Witness.sol";
import {Opcodes} from "./generated/Opcodes.sol";
import {Calldata} from "./lib/Calldata.sol";
import {RecordLib} from "./state/Record.sol";
import {Terminal} from "./state/Terminal.sol";

import {Family} from "./generated/Opcodes.sol";
import {NodeHash, StateHash} from "./state/Hashes.sol";
import {Word} from "./state/Word.sol";

import {IOneStepVerifier} from "./IOneStepVerifier.sol";
import {IOneStepFamily} from "./step/IOneStepFamily.sol";

/// @title One-step verifier
/// @notice Says to which state a step leads from a state, given a proof of the step. There is one answer for each state that a
/// run can reach: the step of a terminal state leads to itself, and all that goes wrong inside the machine leads to the
/// failed state. What reverts is a proof that is none.
/// @dev No owner, no storage. The families' contracts are fixed when this one is deployed.
/// @custom:mirrors wasm-prover/src/proof.rs
contract OneStepEntry is IOneStepVerifier {
    /// @notice The first byte of the proof is no kind of state.
    /// @param got The byte; 256 if there is none.
    error OneStepEntry_Kind(uint256 got);

    /// @notice The proof is too short for the state before the step.
    /// @param expected Bytes of the proof at least.
    /// @param got Its bytes.
    error OneStepEntry_Short(uint256 expected, uint256 got);

    /// @notice Bytes are left over.
    /// @param expected Bytes of the proof that the step uses.
    /// @param got Its bytes.
    error OneStepEntry_Long(uint256 expected, uint256 got);

    /// @notice The proof is about another state.
    /// @param expected State that was asked about.
    /// @param got State in the proof.
    error OneStepEntry_Before(StateHash expected, StateHash got);

    /// @notice What should be a family's contract has no code.
    /// @param family The family.
    error OneStepEntry_NoCode(Family family);

    /// @dev First byte of a proof: the run has failed.
    uint256 internal constant FAILED = 0;

    /// @dev First byte of a proof: the run has finished.
    uint256 internal constant FINISHED = 1;

    /// @dev First byte of a proof: the run goes on.
    uint256 internal constant RUNNING = 2;

    /// @dev Where the witness begins in a proof of a running state.
    uint256 internal constant WITNESS = Replay.RECORD + RecordLib.SIZE;

    /// @dev Size of the revert data of `OneStep_Failed`: selector and offset.
    uint256 internal constant FAILED_SIZE = 36;

    // The families' contracts.
    IOneStepFamily internal immutable CONTROL;
    IOneStepFamily internal immutable STACK;
    IOneStepFamily internal immutable INTEGER;
    IOneStepFamily internal immutable FLOAT;
    IOneStepFamily internal immutable CONVERSION;
    IOneStepFamily internal immutable MEMORY;
    IOneStepFamily internal immutable BULK;
    IOneStepFamily internal immutable SIMD_MEMORY;
    IOneStepFamily internal immutable SIMD_LANE;
    IOneStepFamily internal immutable SIMD_LOGIC;
    IOneStepFamily internal immutable SIMD_INTEGER;
    IOneStepFamily internal immutable SIMD_FLOAT;
    IOneStepFamily internal immutable SIMD_CONVERSION;
    IOneStepFamily internal immutable HOST;

    /// @notice Fixes the families' contracts.
    /// @param _families The contracts, in the order of `Family` from `Control` to `Host`.
    constructor(IOneStepFamily[14] memory _families) {
        CONTROL = _checked(_families, Family.Control);
        STACK = _checked(_families, Family.Stack);
        INTEGER = _checked(_families, Family.Integer);
        FLOAT = _checked(_families, Family.Float);
        CONVERSION = _checked(_families, Family.Conversion);
        MEMORY = _checked(_families, Family.Memory);
        BULK = _checked(_families, Family.Bulk);
        SIMD_MEMORY = _checked(_families, Family.SimdMemory);
        SIMD_LANE = _checked(_families, Family.SimdLane);
        SIMD_LOGIC = _checked(_families, Family.SimdLogic);
        SIMD_INTEGER = _checked(_families, Family.SimdInteger);
        SIMD_FLOAT = _checked(_families, Family.SimdFloat);
        SIMD_CONVERSION = _checked(_families, Family.SimdConversion);
        HOST = _checked(_families, Family.Host);
    }

    /// @inheritdoc IOneStepVerifier
    /// @dev A proof is a byte for the kind of that state, its fields, and for a running one the witness of the step. Every byte
    /// of it is used.
    function proveStep(StateHash _before, bytes calldata _proof)
        external
        view
        returns (StateHash after_)
    {
        uint256 kind = _proof.length == 0 ? 256 : uint8(_proof[0]);
        if (kind == RUNNING) return _proveRunning(_before, _proof);

        // The step of a terminal state leads to itself.
        after_ = _before;
        if (kind == FAILED) {
            _checkBefore(_before, Terminal.failed());
            _checkEnd(_proof, 1);
        } else if (kind == FINISHED) {
            _checkLength(_proof, 1 + Terminal.FINISHED_SIZE);
            bytes calldata fields = _proof[1:1 + Terminal.FINISHED_SIZE];
            _checkBefore(_before, Terminal.finishedEncoded(fields));
            _checkEnd(_proof, 1 + Terminal.FINISHED_SIZE);
        } else {
            // INVARIANT: a proof says of which kind its state is, in one way.
            revert OneStepEntry_Kind(kind);
        }
    }

    /// @notice The contract that takes the steps of a family.
    /// @param _family Any family.
    /// @return contract_ Its contract; zero for `None` and `Reserved`, whose steps fail.
    function familyContract(Family _family) public view returns (IOneStepFamily contract_) {
        if (_family == Family.Control) return CONTROL;
        if (_family == Family.Stack) return STACK;
        if (_family == Family.Integer) return INTEGER;
        if (_family == Family.Float) return FLOAT;
        if (_family == Family.Conversion) return CONVERSION;
        if (_family == Family.Memory) return MEMORY;
        if (_family == Family.Bulk) return BULK;
        if (_family == Family.SimdMemory) return SIMD_MEMORY;
        if (_family == Family.SimdLane) return SIMD_LANE;
        if (_family == Family.SimdLogic) return SIMD_LOGIC;
        if (_family == Family.SimdInteger) return SIMD_INTEGER;
        if (_family == Family.SimdFloat) return SIMD_FLOAT;
        if (_family == Family.SimdConversion) return SIMD_CONVERSION;
        if (_family == Family.Host) return HOST;
    }

    /// @dev Checks the record, fetches the word, and has its family take the step.
    function _proveRunning(StateHash _before, bytes calldata _proof)
        internal
        view
        returns (StateHash after_)
    {
        _checkLength(_proof, WITNESS);
        bytes calldata record = _proof[Replay.RECORD:WITNESS];
        _checkBefore(_before, RecordLib.hashEncoded(record));
        Witness memory witness;
        witness.open(_proof, WITNESS);

        after_ = Terminal.failed();
        uint256 end = WITNESS;
        if (_runs(record)) {
            Word word = _fetch(record, witness);
            end = witness.offset();
            IOneStepFamily family = familyContract(Opcodes.family(word.opcode()));
            if (address(family) != address(0)) {
                (after_, end) = _dispatch(family, word, _proof, end);
            }
        }
        _checkEnd(_proof, end);
    }

    /// @dev Whether there is fuel for the step, and code at `pc`.
    function _runs(bytes calldata _record) internal pure returns (bool runs_) {
        uint256 start = Calldata.start(_record);
        return Calldata.number(start + RecordLib.FUEL_LEFT, 8) != 0
            && Calldata.number(start + RecordLib.PC, 4) >> Replay.CODE_DEPTH == 0;
    }

    /// @dev The word at `pc`.
    function _fetch(bytes calldata _record, Witness memory _witness)
        internal
        view
        returns (Word word_)
    {
        uint256 start = Calldata.start(_record);
        NodeHash codeRoot = NodeHash.wrap(Calldata.word(start));
        uint256 pc = Calldata.number(start + RecordLib.PC, 4);
        return Word.wrap(uint256(_witness.leaf(codeRoot, Replay.CODE_DEPTH, pc)));
    }

    /// @dev Has a family take the step.
    /// @return after_ Hash of the state after the step.
    /// @return end_ Where in the proof the witness ends.
    function _dispatch(IOneStepFamily _family, Word _word, bytes calldata _proof, uint256 _offset)
        internal
        view
        returns (StateHash after_, uint256 end_)
    {
        try _family.step(_word, _proof, _offset) returns (StateHash hash, uint256 end) {
            return (hash, end);
        } catch (bytes memory reason) {
            // INVARIANT: only what a family says in so many words fails the run. When gas runs out, or the proof is none, the
            // call reverts, and nothing is proved.
            if (!_isFailure(reason)) _rethrow(reason);
            return (Terminal.failed(), _failureOffset(reason));
        }
    }

    function _rethrow(bytes memory _reason) internal pure {
        assembly ("memory-safe") {
            revert(add(_reason, 0x20), mload(_reason))
        }
    }

    /// @dev Whether a family's revert says that the step fails the run.
    function _isFailure(bytes memory _reason) internal pure returns (bool failed_) {
        return
            _reason.length == FAILED_SIZE
                && bytes4(_reason) == IOneStepFamily.OneStep_Failed.selector;
    }

    /// @dev How much of the proof a step that fails the run has used.
    function _failureOffset(bytes memory _reason) internal pure returns (uint256 offset_) {
        assembly ("memory-safe") {
            // Behind length and selector.
            offset_ := mload(add(_reason, 0x24))
        }
    }

    function _checked(IOneStepFamily[14] memory _families, Family _family)
        internal
        view
        returns (IOneStepFamily contract_)
    {
        contract_ = _families[uint256(_family) - uint256(Family.Control)];
        // INVARIANT: a call of an account without code would succeed.
        if (address(contract_).code.length == 0) revert OneStepEntry_NoCode(_family);
    }

    function _checkBefore(StateHash _expected, StateHash _got) internal pure {
        // INVARIANT: the proof is about the state that was asked about.
        if (_got != _expected) revert OneStepEntry_Before(_expected, _got);
    }

    function _checkLength(bytes calldata _proof, uint256 _least) internal pure {
        // INVARIANT: nothing is read behind the proof's end.
        if (_proof.length < _least) revert OneStepEntry_Short(_least, _proof.length);
    }

    function _checkEnd(bytes calldata _proof, uint256 _end) internal pure {
        // INVARIANT: every byte of a proof is used, so a proof has one form.
        if (_proof.length != _end) revert OneStepEntry_Long(_end, _proof.length);
    }
}
