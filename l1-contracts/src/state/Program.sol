// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ZeroTrees} from "./ZeroTrees.sol";

import {BlobRoot, NodeHash, StateHash} from "./Hashes.sol";
import {Record} from "./Record.sol";

/// @notice What the hash of a program is the hash of: the roots of the first state of its runs, and limits.
/// @custom:mirrors runtime/src/program.rs
struct Program {
    // Root of the code words.
    NodeHash codeRoot;
    // Root of all tables' entries.
    NodeHash tablesRoot;
    // Root of the passive data.
    NodeHash dataRoot;
    // Root of the first globals.
    NodeHash globalsRoot;
    // Root of the first memory.
    NodeHash memoryRoot;
    // Its size in pages of 64 KiB.
    uint32 memoryPages;
    // The size that it cannot pass.
    uint32 maxMemoryPages;
    // Stack slots of a run.
    uint32 stackSlots;
    // Most fuel of `load`.
    uint64 loadFuel;
}

/// @notice Fuel of a run: steps that it may take.
struct Fuel {
    // Of `load`, at most the program's.
    uint64 load;
    // Of `infer`, at most `ProgramLib.MAX_FUEL`.
    uint64 infer;
}

using ProgramLib for Program global;

/// @title Programs and the first states of their runs
/// @custom:mirrors runtime/src/program.rs
library ProgramLib {
    /// @notice More fuel than a run can have.
    /// @param expected The most of both phases.
    /// @param got What is asked for.
    error Program_Fuel(Fuel expected, Fuel got);

    /// @dev Tag of the hash.
    bytes18 internal constant TAG = "enshrine/program/2";

    /// @dev Most fuel of `infer`.
    uint64 internal constant MAX_FUEL = 2 ** 48;

    /// @dev Levels of the tree of locals.
    uint256 internal constant LOCALS_DEPTH = 16;

    /// @dev The program's hash.
    function hash(Program memory _program) internal pure returns (bytes32 hash_) {
        return keccak256(
            abi.encodePacked(
                TAG,
                _program.codeRoot,
                _program.tablesRoot,
                _program.dataRoot,
                _program.globalsRoot,
                _program.memoryRoot,
                _program.memoryPages,
                _program.maxMemoryPages,
                _program.stackSlots,
                _program.loadFuel
            )
        );
    }

    /// @dev The first state of a run.
    /// @param _model Root of blob 0.
    /// @param _input Root of blob 1.
    function firstState(
        Program memory _program,
        BlobRoot _model,
        BlobRoot _input,
        Fuel memory _fuel
    ) internal pure returns (StateHash hash_) {
        // INVARIANT: fuel is what the machine can have, so a run has the length that is claimed.
        if (_fuel.load > _program.loadFuel || _fuel.infer > MAX_FUEL) {
            revert Program_Fuel(Fuel(_program.loadFuel, MAX_FUEL), _fuel);
        }
        Record memory record;
        record.codeRoot = _program.codeRoot;
        record.tablesRoot = _program.tablesRoot;
        record.dataRoot = _program.dataRoot;
        record.modelRoot = _model;
        record.inputRoot = _input;
        record.localsRoot = ZeroTrees.root(ZeroTrees.load(), LOCALS_DEPTH);
        record.globalsRoot = _program.globalsRoot;
        record.memoryRoot = _program.memoryRoot;
        record.maxMemoryPages = _program.maxMemoryPages;
        record.memoryPages = _program.memoryPages;
        record.slotsLeft = _program.stackSlots;
        record.fuelLeft = _fuel.load;
        record.fuelAside = _fuel.infer;
        // Both chains are empty, `pc` and the rest are zero.
        return record.hash();
    }

    /// @dev Steps after which a run has ended, whatever happens in it: all fuel, and the step that finds none.
    function length(Fuel memory _fuel) internal pure returns (uint64 steps_) {
        return _fuel.load + _fuel.infer + 1;
    }
}
