// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {RecordMemory} from "../lib/RecordMemory.sol";

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

    /// @dev Where `pc` is in an encoded record.
    uint256 internal constant PC = 360;

    /// @dev Where `fuelLeft` is in an encoded record.
    uint256 internal constant FUEL_LEFT = 380;

    /// @dev The hash of an encoded record.
    /// @param _record The `SIZE` bytes.
    function hashEncoded(bytes calldata _record) internal pure returns (StateHash hash_) {
        return StateHash.wrap(keccak256(bytes.concat(TAG, _record)));
    }

    /// @dev Fills a record from its encoding. Every byte string of the size is one.
    /// @param _position Where the `SIZE` bytes begin in the calldata.
    function decode(Record memory _record, uint256 _position) internal pure {
        RecordMemory.load(_record, _position);
    }

    /// @dev The state's hash: Keccak-256 of the tag and the encoded record.
    function hash(Record memory _record) internal pure returns (StateHash hash_) {
        return StateHash.wrap(RecordMemory.hash(_record, TAG));
    }
}
