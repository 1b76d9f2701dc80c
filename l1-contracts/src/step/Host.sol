// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Replay, State} from "../access/Replay.sol";
import {Opcodes} from "../generated/Opcodes.sol";

import {BlobRoot} from "../state/Hashes.sol";
import {Word} from "../state/Word.sol";

import {MemoryFamily} from "./MemoryFamily.sol";
import {OneStepFamily} from "./OneStepFamily.sol";

/// @title Host calls of the guest ABI
/// @custom:mirrors wasm-prover/src/step/host.rs
contract Host is MemoryFamily {
    /// @dev Blobs of a run: 0 is the model, 1 the input.
    uint256 internal constant BLOBS = 2;

    /// @dev Size of a page in bytes.
    uint256 internal constant PAGE_SIZE = 32 << Replay.PAGE_LEVELS;

    /// @inheritdoc OneStepFamily
    function _step(State memory _state, Word _word) internal view override {
        uint16 opcode = _word.opcode();
        if (opcode == Opcodes.BLOB_LEN) {
            _blobLen(_state);
        } else if (opcode == Opcodes.BLOB_PAGE) {
            _blobPage(_state);
        } else if (opcode == Opcodes.OUTPUT) {
            _output(_state);
        } else {
            _state.fail();
        }
    }

    function _blobLen(State memory _state) internal view {
        uint256 blob = _state.popI32();
        if (blob >= BLOBS) _state.fail();
        _state.push(_state.blobLen(blob));
    }

    function _blobPage(State memory _state) internal view {
        uint256 target = _state.popI32();
        uint256 page = _state.popI32();
        uint256 blob = _state.popI32();
        if (blob >= BLOBS || target % PAGE_SIZE != 0) _state.fail();
        _checkRange(_state, target, PAGE_SIZE);
        _state.copyBlobPage(blob, page, target / PAGE_SIZE);
    }

    function _output(State memory _state) internal view {
        uint256 root = _state.popI32();
        uint256 length = _state.popI32();
        uint256 place = _state.popI32();
        _checkRange(_state, place, length);
        _checkRange(_state, root, 32);
        _state.record.outputRoot = BlobRoot.wrap(_state.loadRoot(root));
    }
}
