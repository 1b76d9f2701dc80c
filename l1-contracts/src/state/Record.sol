// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {BlobRoot, ChainHash, NodeHash, StateHash} from "./Hashes.sol";

/// @notice Everything that the hash of a running state is the hash of, in the order in which it is hashed.
/// @custom:mirrors wasm-prover/src/state/record.rs
struct Record {
    // Root of the code words.
    NodeHash codeRoot;
    // Root of all tables' entries.
    NodeHash tablesRoot;
    // Root of the passive data.
    NodeHash dataRoot;
    // Root of blob 0, the model.
    BlobRoot modelRoot;
    // Root of blob 1, the input.
    BlobRoot inputRoot;
    // Root of the running frame's locals.
    NodeHash localsRoot;
    // Head of the frames below the running one.
    ChainHash frames;
    // Head of the value stack.
    ChainHash stack;
    // Root of the globals, hidden ones included.
    NodeHash globalsRoot;
    // Root of the memory.
    NodeHash memoryRoot;
    // What `output` last set, zero before.
    BlobRoot outputRoot;
    // Size in pages of 64 KiB that `memory.grow` cannot pass.
    uint32 maxMemoryPages;
    // Size of the memory in pages of 64 KiB.
    uint32 memoryPages;
    // Index of the next word.
    uint32 pc;
    // Where the running frame returns to.
    uint32 returnPc;
    // Frames below the running one.
    uint32 framesHeight;
    // Values on the stack.
    uint32 stackHeight;
    // Stack slots that calls may still take.
    uint32 slotsLeft;
    // Fuel of the running phase.
    uint64 fuelLeft;
    // Fuel of the other phase: what `infer` will get, then what `load` left.
    uint64 fuelAside;
}

using RecordLib for Record global;

/// @title Running states as they are proved and hashed
/// @custom:mirrors wasm-prover/src/state/record.rs
library RecordLib {
    /// @dev Encoded size of a record in bytes.
    uint256 internal constant SIZE = 396;

    /// @dev Tag of the hash.
    bytes18 internal constant TAG = "enshrine/running/1";

    /// @dev The hash of an encoded record.
    /// @param _record The `SIZE` bytes.
    function hashEncoded(bytes calldata _record) internal pure returns (StateHash hash_) {
        return StateHash.wrap(keccak256(bytes.concat(TAG, _record)));
    }

    /// @dev The record with this encoding. Every byte string of the size is one.
    /// @param _record The `SIZE` bytes.
    function decode(bytes calldata _record) internal pure returns (Record memory record_) {
        record_.codeRoot = NodeHash.wrap(bytes32(_record[0:32]));
        record_.tablesRoot = NodeHash.wrap(bytes32(_record[32:64]));
        record_.dataRoot = NodeHash.wrap(bytes32(_record[64:96]));
        record_.modelRoot = BlobRoot.wrap(bytes32(_record[96:128]));
        record_.inputRoot = BlobRoot.wrap(bytes32(_record[128:160]));
        record_.localsRoot = NodeHash.wrap(bytes32(_record[160:192]));
        record_.frames = ChainHash.wrap(bytes32(_record[192:224]));
        record_.stack = ChainHash.wrap(bytes32(_record[224:256]));
        record_.globalsRoot = NodeHash.wrap(bytes32(_record[256:288]));
        record_.memoryRoot = NodeHash.wrap(bytes32(_record[288:320]));
        record_.outputRoot = BlobRoot.wrap(bytes32(_record[320:352]));

        // The first word of numbers holds seven of 32 bits from its top.
        uint256 numbers = uint256(bytes32(_record[352:384]));
        record_.maxMemoryPages = uint32(numbers >> 224);
        record_.memoryPages = uint32(numbers >> 192);
        record_.pc = uint32(numbers >> 160);
        record_.returnPc = uint32(numbers >> 128);
        record_.framesHeight = uint32(numbers >> 96);
        record_.stackHeight = uint32(numbers >> 64);
        record_.slotsLeft = uint32(numbers >> 32);
        record_.fuelLeft = uint64(bytes8(_record[380:388]));
        record_.fuelAside = uint64(bytes8(_record[388:396]));
    }

    /// @dev The state's hash: Keccak-256 of the tag and the encoded record.
    function hash(Record memory _record) internal pure returns (StateHash hash_) {
        return StateHash.wrap(keccak256(bytes.concat(TAG, _roots(_record), _numbers(_record))));
    }

    function _roots(Record memory _record) private pure returns (bytes memory roots_) {
        return bytes.concat(
            abi.encode(
                _record.codeRoot,
                _record.tablesRoot,
                _record.dataRoot,
                _record.modelRoot,
                _record.inputRoot,
                _record.localsRoot
            ),
            abi.encode(
                _record.frames,
                _record.stack,
                _record.globalsRoot,
                _record.memoryRoot,
                _record.outputRoot
            )
        );
    }

    function _numbers(Record memory _record) private pure returns (bytes memory numbers_) {
        return abi.encodePacked(
            _record.maxMemoryPages,
            _record.memoryPages,
            _record.pc,
            _record.returnPc,
            _record.framesHeight,
            _record.stackHeight,
            _record.slotsLeft,
            _record.fuelLeft,
            _record.fuelAside
        );
    }
}
