// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {AILib, InferenceErrors, Tensor} from "../src/AILib.sol";

/// @title Sorts tumours by how likely they are malignant
/// @notice Shows a tabular model with two outputs: measurements in fixed point go in, a label and probabilities come out.
contract TumourTriage is InferenceErrors {
    /// @notice The threshold is no probability.
    /// @param expected Greatest probability, 1e18.
    /// @param got The threshold.
    error Triage_ThresholdOutOfRange(int256 expected, int256 got);

    /// @notice A case was referred to a physician first.
    /// @param id Number of the case.
    /// @param malignant Probability that it is malignant, in units of 1e-18.
    event Referred(uint256 indexed id, int256 malignant);

    /// @notice A case can wait.
    /// @param id Number of the case.
    /// @param malignant Probability that it is malignant, in units of 1e-18.
    event Deferred(uint256 indexed id, int256 malignant);

    /// @notice What the model said of a case.
    /// @param malignant Probability that it is malignant, in units of 1e-18.
    /// @param label Class that the model chose: 0 malignant, 1 benign.
    /// @param referred Whether the probability reached the threshold.
    struct Case {
        int256 malignant;
        int64 label;
        bool referred;
    }

    /// @dev Bytes of output: the label, int64[1], then float32[1,2].
    uint256 internal constant OUTPUT_SIZE = 16;

    /// @notice Address of the tumour model: input float32[1,30], outputs `label` int64[1] and `probabilities`
    /// float32[1,2].
    bytes32 public immutable MODEL;

    /// @notice Probability of malignancy from which a case is referred, in units of 1e-18.
    int256 public immutable THRESHOLD;

    /// @dev All cases, by number.
    Case[] internal _cases;

    /// @param _model Address of the tumour model.
    /// @param _threshold Probability of malignancy from which a case is referred, in units of 1e-18.
    constructor(bytes32 _model, int256 _threshold) {
        if (_threshold < 0 || _threshold > 1e18) {
            revert Triage_ThresholdOutOfRange(1e18, _threshold);
        }
        MODEL = _model;
        THRESHOLD = _threshold;
    }

    /// @notice Judges a case by the 30 measurements of its cell nuclei.
    /// @param _measurements The measurements, in units of 1e-18.
    /// @return id_ Number of the case.
    /// @return referred_ Whether it was referred.
    function triage(int256[30] calldata _measurements)
        external
        returns (uint256 id_, bool referred_)
    {
        int256[] memory features = new int256[](_measurements.length);
        for (uint256 i = 0; i < features.length; ++i) {
            features[i] = _measurements[i];
        }
        bytes memory output = AILib.inference(MODEL, Tensor.encodeFloat32(features), OUTPUT_SIZE);

        int64 label = Tensor.decodeInt64(Tensor.slice(output, 0, 8))[0];
        int256 malignant = Tensor.decodeFloat32(Tensor.slice(output, 8, 8))[0];
        id_ = _cases.length;
        referred_ = malignant >= THRESHOLD;
        _cases.push(Case(malignant, label, referred_));
        if (referred_) emit Referred(id_, malignant);
        else emit Deferred(id_, malignant);
    }

    /// @notice What the model said of a case.
    /// @param _id Number of the case.
    /// @return case_ The case.
    function caseOf(uint256 _id) external view returns (Case memory case_) {
        case_ = _cases[_id];
    }
}
