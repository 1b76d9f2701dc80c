// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Terminal} from "../../src/state/Terminal.sol";

import {BlobRoot, NodeHash, StateHash} from "../../src/state/Hashes.sol";
import {Fuel, Program, ProgramLib} from "../../src/state/Program.sol";

import {vm} from "../Vm.sol";
import {Tree} from "../support/Tree.sol";

contract ProgramHashTest {
    function testDiff_hash_fields_succeeds(Program calldata _program) external pure {
        bytes memory roots = bytes.concat(
            NodeHash.unwrap(_program.codeRoot),
            NodeHash.unwrap(_program.tablesRoot),
            NodeHash.unwrap(_program.dataRoot),
            NodeHash.unwrap(_program.globalsRoot),
            NodeHash.unwrap(_program.memoryRoot)
        );
        bytes memory numbers = bytes.concat(
            bytes4(_program.memoryPages),
            bytes4(_program.maxMemoryPages),
            bytes4(_program.stackSlots),
            bytes8(_program.loadFuel)
        );
        vm.assertEq(_program.hash(), keccak256(bytes.concat("enshrine/program/2", roots, numbers)));
    }
}

contract ProgramFirstStateTest {
    function testDiff_firstState_fields_succeeds(
        Program calldata _program,
        BlobRoot _model,
        BlobRoot _input,
        Fuel memory _fuel
    ) external view {
        if (_program.loadFuel != type(uint64).max) {
            _fuel.load %= _program.loadFuel + 1;
        }
        _fuel.infer %= 2 ** 48 + 1;
        bytes32 noLocals = Tree(new bytes32[](1), 0, 16).root();
        bytes memory roots = bytes.concat(
            NodeHash.unwrap(_program.codeRoot),
            NodeHash.unwrap(_program.tablesRoot),
            NodeHash.unwrap(_program.dataRoot),
            BlobRoot.unwrap(_model),
            BlobRoot.unwrap(_input),
            noLocals
        );
        // Frames and stack are empty.
        roots = bytes.concat(roots, bytes32(0), bytes32(0));
        // There is no output.
        roots = bytes.concat(
            roots,
            NodeHash.unwrap(_program.globalsRoot),
            NodeHash.unwrap(_program.memoryRoot),
            bytes32(0)
        );
        bytes memory numbers = bytes.concat(
            bytes4(_program.maxMemoryPages),
            bytes4(_program.memoryPages),
            // `pc`, where to return to, and the heights of frames and stack.
            new bytes(16),
            bytes4(_program.stackSlots),
            bytes8(_fuel.load),
            bytes8(_fuel.infer)
        );
        StateHash got = this.firstState(_program, _model, _input, _fuel);
        vm.assertEq(
            StateHash.unwrap(got), keccak256(bytes.concat("enshrine/running/1", roots, numbers))
        );
    }

    function test_firstState_allFuel_succeeds() external view {
        this.firstState(small(), BlobRoot.wrap(0), BlobRoot.wrap(0), Fuel(1000, 2 ** 48));
    }

    function test_firstState_muchLoadFuel_reverts() external {
        assertRefused(Fuel(1001, 1));
    }

    function test_firstState_muchFuel_reverts() external {
        assertRefused(Fuel(1, 2 ** 48 + 1));
    }

    function firstState(
        Program calldata _program,
        BlobRoot _model,
        BlobRoot _input,
        Fuel calldata _fuel
    ) external pure returns (StateHash hash_) {
        return _program.firstState(_model, _input, _fuel);
    }

    function assertRefused(Fuel memory _fuel) internal {
        Program memory program = small();
        vm.expectRevert(
            abi.encodeWithSelector(ProgramLib.Program_Fuel.selector, Fuel(1000, 2 ** 48), _fuel)
        );
        this.firstState(program, BlobRoot.wrap(0), BlobRoot.wrap(0), _fuel);
    }

    function small() internal pure returns (Program memory program_) {
        program_.loadFuel = 1000;
    }
}

contract ProgramLengthTest {
    function testFuzz_length_sum_succeeds(uint48 _load, uint48 _infer) external pure {
        uint256 expected = uint256(_load) + _infer + 1;
        vm.assertEq(ProgramLib.length(Fuel(_load, _infer)), expected);
    }
}

contract TerminalTest {
    function test_failed_tag_succeeds() external pure {
        vm.assertEq(StateHash.unwrap(Terminal.failed()), keccak256("enshrine/failed/1"));
    }
}
