// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {DigitClassifier} from "../examples/DigitClassifier.sol";
import {TumourTriage} from "../examples/TumourTriage.sol";
import {vm} from "./Vm.sol";

/// @notice Stands in for the precompile: logits whose largest, 2.5, is the fourth.
contract ThreePrecompile {
    fallback(bytes calldata _data) external returns (bytes memory) {
        assert(_data.length == 64 + 256 && uint256(bytes32(_data[32:64])) == 40);
        bytes memory logits = new bytes(40);
        for (uint256 i = 0; i < 4; ++i) {
            logits[12 + i] = bytes4(0x00002040)[i];
        }
        return bytes.concat(bytes32(logits.length), logits);
    }
}

/// @notice Stands in for the precompile: label 0, and the first measurement's own bits as both probabilities.
contract FirstFeaturePrecompile {
    fallback(bytes calldata _data) external returns (bytes memory) {
        assert(_data.length == 64 + 120 && uint256(bytes32(_data[32:64])) == 16);
        return bytes.concat(bytes32(uint256(16)), bytes8(0), _data[64:68], _data[64:68]);
    }
}

contract DigitClassifier_Classify_Test {
    DigitClassifier internal classifier = new DigitClassifier(bytes32(uint256(1)));

    function setUp() external {
        vm.etch(address(0xa1), type(ThreePrecompile).runtimeCode);
    }

    function test_classify_remembersTheDigit_succeeds() external {
        uint8[64] memory pixels;
        (pixels[0], pixels[63]) = (16, 1);
        vm.expectCall(
            address(0xa1),
            bytes.concat(
                bytes32(uint256(1)),
                bytes32(uint256(40)),
                hex"0000803f",
                new bytes(248),
                hex"0000803d"
            )
        );
        vm.expectEmit();
        emit DigitClassifier.Classified(address(this), 3, 2.5e18);
        vm.assertEq(classifier.classify(pixels), 3);
        (uint64 count, uint8 digit) = classifier.records(address(this));
        vm.assertEq(count, 1);
        vm.assertEq(digit, 3);
    }

    function test_classify_tooBright_reverts() external {
        uint8[64] memory pixels;
        pixels[9] = 17;
        vm.expectRevert(
            abi.encodeWithSelector(
                DigitClassifier.Classifier_PixelTooBright.selector, uint8(16), uint8(17)
            )
        );
        classifier.classify(pixels);
    }

    function test_scores_allTen_succeeds() external view {
        uint8[64] memory pixels;
        int256[] memory scores = classifier.scores(pixels);
        vm.assertEq(scores.length, 10);
        vm.assertEq(scores[3], 2.5e18);
        vm.assertEq(scores[4], int256(0));
    }
}

contract TumourTriage_Triage_Test {
    TumourTriage internal triage = new TumourTriage(bytes32(uint256(1)), 0.5e18);

    function setUp() external {
        vm.etch(address(0xa1), type(FirstFeaturePrecompile).runtimeCode);
    }

    function test_triage_atTheThreshold_succeeds() external {
        int256[30] memory measurements;
        measurements[0] = 0.5e18;
        vm.expectEmit();
        emit TumourTriage.Referred(0, 0.5e18);
        (uint256 id, bool referred) = triage.triage(measurements);
        vm.assertEq(id, 0);
        vm.assertTrue(referred);
        vm.assertTrue(triage.caseOf(0).referred);
    }

    function test_triage_belowTheThreshold_succeeds() external {
        int256[30] memory measurements;
        measurements[0] = 0.25e18;
        vm.expectEmit();
        emit TumourTriage.Deferred(0, 0.25e18);
        (, bool referred) = triage.triage(measurements);
        vm.assertFalse(referred);
        vm.assertEq(triage.caseOf(0).malignant, int256(0.25e18));
    }
}
