// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Replay, State} from "../access/Replay.sol";
import {Opcodes} from "../generated/Opcodes.sol";
import {Record} from "../state/Record.sol";
import {Word} from "../state/Word.sol";
import {IOneStepFamily, Outcome} from "./IOneStepFamily.sol";

/// @title Families that only compute
/// @notice Their instructions pop their operands, push one result, and touch nothing else.
/// @custom:mirrors wasm-prover/src/step.rs
abstract contract ComputeFamily is IOneStepFamily {
    /// @inheritdoc IOneStepFamily
    function step(Record calldata _record, Word _word, bytes calldata _proof, uint256 _offset)
        external
        pure
        override
        returns (Outcome outcome_, uint32 status_, Record memory record_, uint256 offset_)
    {
        State memory state = Replay.open(_record, _proof, _offset);
        uint128[3] memory operands;
        for (uint256 count = Opcodes.operands(_word.opcode()); count > 0; --count) {
            operands[count - 1] = state.pop();
        }
        (bool ok, uint128 result) = evaluate(_word, operands[0], operands[1], operands[2]);
        if (!ok) state.fail();
        state.push(result);
        return (Outcome.Running, status_, state.record, state.offset());
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
