// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {OneStepEntry} from "../../src/OneStepEntry.sol";
import {Bulk} from "../../src/step/Bulk.sol";
import {Control} from "../../src/step/Control.sol";
import {Conversion} from "../../src/step/Conversion.sol";
import {Float} from "../../src/step/Float.sol";
import {Host} from "../../src/step/Host.sol";
import {Integer} from "../../src/step/Integer.sol";
import {Memory} from "../../src/step/Memory.sol";
import {SimdConversion} from "../../src/step/SimdConversion.sol";
import {SimdFloat} from "../../src/step/SimdFloat.sol";
import {SimdInteger} from "../../src/step/SimdInteger.sol";
import {SimdLane} from "../../src/step/SimdLane.sol";
import {SimdLogic} from "../../src/step/SimdLogic.sol";
import {SimdMemory} from "../../src/step/SimdMemory.sol";
import {Stack} from "../../src/step/Stack.sol";

import {IOneStepFamily} from "../../src/step/IOneStepFamily.sol";

/// @notice Deploys the families and the entry.
function deployVerifier() returns (OneStepEntry entry_) {
    IOneStepFamily[14] memory families = [
        IOneStepFamily(new Control()),
        new Stack(),
        new Integer(),
        new Float(),
        new Conversion(),
        new Memory(),
        new Bulk(),
        new SimdMemory(),
        new SimdLane(),
        new SimdLogic(),
        new SimdInteger(),
        new SimdFloat(),
        new SimdConversion(),
        new Host()
    ];
    return new OneStepEntry(families);
}
