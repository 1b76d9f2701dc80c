// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {State} from "../access/Replay.sol";
import {Opcodes} from "../generated/Opcodes.sol";

import {Word} from "../state/Word.sol";

import {OneStepFamily} from "./OneStepFamily.sol";

/// @title Families that only compute
/// @notice Their instructions pop their operands, push one result, and touch nothing else.
/// @custom:mirrors wasm-prover/src/step.rs
abstract contract ComputeFamily is OneStepFamily {
    /// @inheritdoc OneStepFamily
    function _step(State memory _state, Word _word) internal pure override {
        uint128[3] memory operands;
        for (uint256 count = Opcodes.operands(_word.opcode()); count > 0; --count) {
            operands[count - 1] = _state.pop();
        }
        (bool ok, uint128 result) = evaluate(_word, operands[0], operands[1], operands[2]);
        if (!ok) _state.fail();
        _state.push(result);
    }

    /// @notice Result of an instruction of the family.
    /// @param _word The word. Every opcode that is not the family's traps.
    /// @param _first The lowest operand on the stack. Scalars stand in the low bits of an operand; what is above is ignored.
    /// @param _second The next, if the instruction takes so many, else ignored.
    /// @param _third Likewise.
    /// @return ok_ False if the instruction traps.
    /// @return result_ What is pushed, with zeros above a scalar; 0 if the instruction traps.
    function evaluate(Word _word, uint128 _first, uint128 _second, uint128 _third)
        public
        pure
        virtual
        returns (bool ok_, uint128 result_);
}
