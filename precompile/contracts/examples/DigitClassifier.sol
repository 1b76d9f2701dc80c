// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {AILib, InferenceErrors, Tensor} from "../src/AILib.sol";

/// @title Reads handwritten digits
/// @notice Takes an 8x8 picture of a digit and remembers which digit a neural network saw in it.
contract DigitClassifier is InferenceErrors {
    /// @notice A pixel is brighter than the data set's pixels get.
    /// @param expected Brightest pixel.
    /// @param got The pixel.
    error Classifier_PixelTooBright(uint8 expected, uint8 got);

    /// @notice A picture was classified.
    /// @param caller Who sent it.
    /// @param digit The digit that the model saw.
    /// @param score The model's score for it (a logit), in units of 1e-18.
    event Classified(address indexed caller, uint8 digit, int256 score);

    /// @notice What became of an account's pictures.
    /// @param count How many it sent.
    /// @param digit The digit in the latest one.
    struct Record {
        uint64 count;
        uint8 digit;
    }

    /// @notice Brightest pixel.
    uint8 public constant WHITE = 16;

    /// @notice Address of the digits model: input float32[1,1,8,8] from 0 to 1, output float32[1,10].
    bytes32 public immutable MODEL;

    /// @notice What became of an account's pictures.
    mapping(address caller => Record record) public records;

    /// @param _model Address of the digits model.
    constructor(bytes32 _model) {
        MODEL = _model;
    }

    /// @notice Reads the digit in a picture, and remembers it.
    /// @param _pixels The picture, row by row, from 0 (black) to 16 (white).
    /// @return digit_ The digit.
    function classify(uint8[64] calldata _pixels) external returns (uint8 digit_) {
        bytes memory logits = _run(_pixels);
        uint256 best = Tensor.argmaxFloat32(logits);
        digit_ = uint8(best);

        Record storage record = records[msg.sender];
        record.count += 1;
        record.digit = digit_;
        emit Classified(msg.sender, digit_, Tensor.float32At(logits, best));
    }

    /// @notice The model's scores for all ten digits.
    /// @param _pixels The picture, row by row, from 0 (black) to 16 (white).
    /// @return scores_ The logits, in units of 1e-18.
    function scores(uint8[64] calldata _pixels) external view returns (int256[] memory scores_) {
        scores_ = Tensor.decodeFloat32(_run(_pixels));
    }

    /// @dev Brings the pixels to the range from 0 to 1 and runs the model.
    function _run(uint8[64] calldata _pixels) private view returns (bytes memory logits_) {
        int256[] memory image = new int256[](_pixels.length);
        for (uint256 i = 0; i < _pixels.length; ++i) {
            if (_pixels[i] > WHITE) revert Classifier_PixelTooBright(WHITE, _pixels[i]);
            image[i] = int256(uint256(_pixels[i])) * 1e18 / int256(uint256(WHITE));
        }
        logits_ = AILib.inference(MODEL, Tensor.encodeFloat32(image), 40);
    }
}
