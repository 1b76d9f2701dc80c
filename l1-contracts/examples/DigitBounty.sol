// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Timestamp} from "../src/dispute/Clock.sol";
import {BlobRoot} from "../src/state/Hashes.sol";
import {Fuel} from "../src/state/Program.sol";
import {RequestId, Result} from "../src/claims/Types.sol";

import {IInferenceConsumer} from "../src/claims/IInferenceConsumer.sol";
import {InferenceClaims} from "../src/claims/InferenceClaims.sol";
import {Payouts} from "../src/dispute/Payouts.sol";

/// @title A prize for a picture in which a model sees a given digit
/// @notice Whoever sends the first such picture gets the prize, once the answer about it is final. Nobody decides: the model does.
/// No owner.
contract DigitBounty is IInferenceConsumer, Payouts {
    /// @notice What is known of an entry.
    /// @param entrant Who sent the picture; zero if there is no such entry.
    /// @param fee Wei that he gave for the answer, until they went back.
    struct Entry {
        address entrant;
        uint96 fee;
    }

    /// @notice The call is not the claims contract's.
    /// @param sender Whose it is.
    error Bounty_Sender(address sender);

    /// @notice There is no such entry.
    /// @param requestId The request.
    error Bounty_Unknown(RequestId requestId);

    /// @notice The answer is not ten logits.
    /// @param expected Bytes of ten logits.
    /// @param got Bytes of the output.
    error Bounty_Output(uint256 expected, uint256 got);

    /// @notice A picture was sent.
    /// @param requestId The request about it.
    /// @param entrant Who sent it.
    event Entered(RequestId indexed requestId, address indexed entrant);

    /// @notice What the model saw is final.
    /// @param requestId The request.
    /// @param digit The digit.
    event Seen(RequestId indexed requestId, uint256 digit);

    /// @notice The prize was won.
    /// @param requestId The request.
    /// @param entrant Who gets it.
    event Won(RequestId indexed requestId, address indexed entrant);

    /// @notice Time in which an entry can be answered.
    uint256 public constant PATIENCE = 1 days;

    /// @notice Gas for `onInference`. It takes less than half of that.
    uint32 public constant CONSUMER_GAS = 150_000;

    /// @notice Bytes of a picture: float32[1,1,8,8], from 0 to 1, little endian.
    uint256 public constant PICTURE_BYTES = 256;

    /// @notice Bytes of an answer: float32[1,10], little endian.
    uint256 public constant LOGITS_BYTES = 40;

    /// @notice Where questions are asked.
    InferenceClaims public immutable CLAIMS;
    /// @notice Address of the digits model. It is fixed, lest somebody ask about a model of his own.
    BlobRoot public immutable MODEL;
    /// @notice The digit that wins.
    uint256 public immutable DIGIT;

    /// @notice Fuel of a run, enough for any picture: how a run ends must not depend on who asks.
    Fuel public fuel;
    /// @notice Wei to win; zero once they were.
    uint256 public prize;
    /// @notice What is known of entries.
    mapping(RequestId requestId => Entry entry) public entries;

    uint256 internal _count;

    /// @notice Fixes the rules. What is sent along is the prize.
    /// @param _claims Where questions are asked.
    /// @param _model Address of the digits model.
    /// @param _fuel Fuel of a run.
    /// @param _digit The digit that wins.
    constructor(InferenceClaims _claims, BlobRoot _model, Fuel memory _fuel, uint256 _digit)
        payable {
        (CLAIMS, MODEL, DIGIT) = (_claims, _model, _digit);
        (fuel, prize) = (_fuel, msg.value);
    }

    /// @notice Takes fees back from the claims contract, and nothing from anybody else.
    receive() external payable {
        if (msg.sender != address(CLAIMS)) revert Bounty_Sender(msg.sender);
    }

    /// @notice Sends a picture. What is sent along is the fee of who answers.
    /// @param _picture The picture.
    /// @return requestId_ The request about it.
    function enter(bytes calldata _picture) external payable returns (RequestId requestId_) {
        if (_picture.length != PICTURE_BYTES) revert Bounty_Output(PICTURE_BYTES, _picture.length);
        InferenceClaims.Question memory question = InferenceClaims.Question({
            model: MODEL,
            fuel: fuel,
            expiry: Timestamp.wrap(uint40(block.timestamp + PATIENCE)),
            consumer: address(this),
            consumerGas: CONSUMER_GAS,
            // A picture can be sent twice.
            salt: bytes32(_count++)
        });
        requestId_ = CLAIMS.ask{value: msg.value}(question, _picture);
        // The claims contract takes no fee that would not fit.
        entries[requestId_] = Entry(msg.sender, uint96(msg.value));
        emit Entered(requestId_, msg.sender);
    }

    /// @inheritdoc IInferenceConsumer
    function onInference(RequestId _requestId, Result calldata _result, bytes calldata _output)
        external
    {
        // INVARIANT: only final answers count.
        if (msg.sender != address(CLAIMS)) revert Bounty_Sender(msg.sender);
        _decide(_requestId, _result, _output);
    }

    /// @notice Counts an answer that is final, but was not heard: the call ran out of gas. Anybody may.
    /// @param _requestId The request.
    /// @param _output The output.
    function settle(RequestId _requestId, bytes calldata _output) external {
        _decide(_requestId, CLAIMS.checkedResultOf(_requestId, _output), _output);
    }

    /// @notice Gives the fee of an entry back that nobody answered. Anybody may, once no answer can become final any more.
    /// @param _requestId The request.
    function refund(RequestId _requestId) external {
        Entry storage entry = _entry(_requestId);
        uint256 fee = entry.fee;
        entry.fee = 0;
        _credit(entry.entrant, fee);
        // Reverts while there may be an answer. Somebody else may have done it before.
        CLAIMS.reclaim(_requestId);
        if (CLAIMS.credit(address(this)) != 0) CLAIMS.withdraw(payable(this));
    }

    /// @dev Pays for the first entry that shows the digit.
    function _decide(RequestId _requestId, Result memory _result, bytes calldata _output) internal {
        address entrant = _entry(_requestId).entrant;
        // A run that fails, or a guest that declines, has seen nothing.
        if (_result.failed || _result.status != 0) return;
        uint256 digit = _argmax(_output);
        emit Seen(_requestId, digit);
        uint256 amount = prize;
        if (digit != DIGIT || amount == 0) return;
        prize = 0;
        emit Won(_requestId, entrant);
        // Pulled, not sent: a winner that refuses money would make the answer unheard.
        _credit(entrant, amount);
    }

    /// @dev Which logit is the largest; the first of equals.
    function _argmax(bytes calldata _logits) internal pure returns (uint256 index_) {
        if (_logits.length != LOGITS_BYTES) revert Bounty_Output(LOGITS_BYTES, _logits.length);
        int256 largest = type(int256).min;
        for (uint256 i = 0; i < LOGITS_BYTES / 4; ++i) {
            int256 key = _sortKey(uint32(bytes4(_logits[4 * i:4 * i + 4])));
            if (key > largest) (largest, index_) = (key, i);
        }
    }

    /// @dev A number that orders as the float does, as `Float32.sortKey` of the precompile's contracts. A NaN is below all numbers.
    /// @param _bytes The float's bits, lowest byte first.
    function _sortKey(uint32 _bytes) internal pure returns (int256 key_) {
        uint32 bits = ((_bytes & 0x00ff00ff) << 8) | ((_bytes >> 8) & 0x00ff00ff);
        bits = (bits << 16) | (bits >> 16);
        uint32 magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) return type(int256).min;
        key_ = int256(uint256(magnitude));
        if (bits != magnitude) key_ = -key_;
    }

    function _entry(RequestId _requestId) internal view returns (Entry storage entry_) {
        entry_ = entries[_requestId];
        if (entry_.entrant == address(0)) revert Bounty_Unknown(_requestId);
    }
}
