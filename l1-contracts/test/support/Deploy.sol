// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {OneStepEntry} from "../../src/OneStepEntry.sol";
import {Bulk} from "../../src/step/Bulk.sol";
import {Control} from "../../src/step/Control.sol";
import {Host} from "../../src/step/Host.sol";
import {Memory} from "../../src/step/Memory.sol";
import {SimdMemory} from "../../src/step/SimdMemory.sol";
import {Stack} from "../../src/step/Stack.sol";

import {IOneStepFamily} from "../../src/step/IOneStepFamily.sol";

/// @notice Deploys the families and the entry.
function deployVerifier() returns (OneStepEntry entry_) {
    Control control = new Control();
    IOneStepFamily[14] memory families = [
        IOneStepFamily(control),
        new Stack(),
        control,
        control,
        control,
        new Memory(),
        new Bulk(),
        new SimdMemory(),
        control,
        control,
        control,
        control,
        control,
        new Host()
    ];
    return new OneStepEntry(families);
}
