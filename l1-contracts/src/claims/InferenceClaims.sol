// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ClockLib} from "../dispute/Clock.sol";
import {Blob} from "../state/Blob.sol";
import {ProgramLib} from "../state/Program.sol";

import {Duration, Timestamp} from "../dispute/Clock.sol";
import {Claim, ClaimId, ClaimStatus} from "../dispute/Types.sol";
import {BlobRoot, NodeHash, StateHash} from "../state/Hashes.sol";
import {Fuel, Program} from "../state/Program.sol";
import {RequestId, Result} from "./Types.sol";

import {MachineGame} from "../dispute/MachineGame.sol";
import {Payouts} from "../dispute/Payouts.sol";
import {IInferenceConsumer} from "./IInferenceConsumer.sol";
import {ModelRegistry} from "./ModelRegistry.sol";

/// @title Answers of models that nobody has to trust
/// @notice Anybody asks what a model says of an input. Anybody answers, with a bond, and anybody who knows better challenges the
/// answer. One that stands is final, and contracts can use it.
/// @dev The first state of a run is computed here, from the program, the model, the input and the fuel; it is never taken
/// from a party. No owner, no proxy.
contract InferenceClaims is Payouts {
    /// @notice A question, and what becomes of the answer.
    /// @param model Address of the model.
    /// @param fuel Steps that the run may take.
    /// @param expiry Last second in which an answer can be posted.
    /// @param consumer Contract that is told the answer; zero for none.
    /// @param consumerGas Gas that it gets for that.
    /// @param salt Tells requests of one sender apart.
    struct Question {
        BlobRoot model;
        Fuel fuel;
        Timestamp expiry;
        address consumer;
        uint32 consumerGas;
        bytes32 salt;
    }

    /// @dev A request in storage.
    struct Request {
        // First state of the run; zero if there is no such request.
        StateHash start;
        address requester;
        uint64 length;
        uint32 consumerGas;
        address consumer;
        uint96 fee;
        Timestamp expiry;
        // What the run has ended in, once that is final.
        bool isFinal;
        bool failed;
        uint32 status;
        uint64 loadFuelLeft;
        uint64 fuelLeft;
        BlobRoot outputRoot;
    }

    /// @notice The model is not registered.
    /// @param model Its address.
    error Claims_UnknownModel(BlobRoot model);

    /// @notice The request exists already.
    /// @param requestId The request.
    error Claims_Exists(RequestId requestId);

    /// @notice There is no such request.
    /// @param requestId The request.
    error Claims_UnknownRequest(RequestId requestId);

    /// @notice The time to answer is over, or a request begins with none.
    /// @param expiry Last second in which an answer can be posted.
    error Claims_Expired(Timestamp expiry);

    /// @notice An answer may still become final.
    /// @param until Last second in which that may be.
    error Claims_NotExpired(uint256 until);

    /// @notice The answer is final already.
    /// @param requestId The request.
    error Claims_Final(RequestId requestId);

    /// @notice No answer is final.
    /// @param requestId The request.
    error Claims_NotFinal(RequestId requestId);

    /// @notice The claim does not stand, or not yet.
    /// @param claimId The claim.
    error Claims_NotStanding(ClaimId claimId);

    /// @notice The output is another one.
    /// @param expected Root of the output.
    /// @param got Root of the bytes in the call.
    error Claims_Output(BlobRoot expected, BlobRoot got);

    /// @notice The transaction has too little gas for the consumer.
    /// @param expected Gas that the consumer was promised.
    /// @param got Gas that is left.
    error Claims_ConsumerGas(uint256 expected, uint256 got);

    /// @notice A consumer is promised more gas than it can be given.
    /// @param expected The most that can be promised.
    /// @param got Gas in the question.
    error Claims_TooMuchGas(uint256 expected, uint256 got);

    /// @notice A run that takes longer than there is time to dispute it.
    /// @param expected The most fuel of `infer`.
    /// @param got What is asked for.
    error Claims_TooMuchFuel(uint256 expected, uint256 got);

    /// @notice A fee is too large to be kept.
    /// @param got Wei.
    error Claims_Fee(uint256 got);

    /// @notice Somebody asked.
    /// @param requestId The request.
    /// @param requester Who asked.
    /// @param question The question.
    /// @param input The input.
    /// @param fee Wei for the answer.
    event Requested(
        RequestId indexed requestId,
        address indexed requester,
        Question question,
        bytes input,
        uint256 fee
    );

    /// @notice Somebody answered.
    /// @param requestId The request.
    /// @param claimId The claim that the answer is right.
    /// @param proposer Who answered.
    /// @param result The answer.
    event Answered(
        RequestId indexed requestId,
        ClaimId indexed claimId,
        address indexed proposer,
        Result result
    );

    /// @notice An answer is final.
    /// @param requestId The request.
    /// @param claimId The claim that stands.
    /// @param result The answer.
    event Finalised(RequestId indexed requestId, ClaimId indexed claimId, Result result);

    /// @notice A consumer was told and reverted.
    /// @param requestId The request.
    /// @param consumer The consumer.
    event ConsumerFailed(RequestId indexed requestId, address indexed consumer);

    /// @notice Nobody answered in time, and the fee went back.
    /// @param requestId The request.
    event Reclaimed(RequestId indexed requestId);

    /// @notice Most gas that a consumer can be promised: a transaction must be able to bring it, and to hash the output.
    uint32 public constant MAX_CONSUMER_GAS = 5_000_000;

    /// @dev Gas to go on with after a consumer has used all of its own.
    uint256 internal constant RESERVE_GAS = 30_000;

    MachineGame internal immutable GAME;
    ModelRegistry internal immutable REGISTRY;
    NodeHash internal immutable CODE_ROOT;
    NodeHash internal immutable TABLES_ROOT;
    NodeHash internal immutable DATA_ROOT;
    NodeHash internal immutable GLOBALS_ROOT;
    NodeHash internal immutable MEMORY_ROOT;
    uint32 internal immutable MEMORY_PAGES;
    uint32 internal immutable MAX_MEMORY_PAGES;
    uint32 internal immutable STACK_SLOTS;
    uint64 internal immutable LOAD_FUEL;
    uint64 internal immutable MAX_FUEL;

    mapping(RequestId requestId => Request request) internal _requests;
    // Who first gave an answer, by the state that it says the run ends in.
    mapping(RequestId requestId => mapping(StateHash end => address proposer)) internal _first;

    /// @notice Fixes the program, and the contracts that this one builds on.
    /// @param _game Where claims are disputed.
    /// @param _registry Which models there are.
    /// @param _program The guest.
    /// @param _maxFuel Most fuel of `infer` that a question can have.
    constructor(
        MachineGame _game,
        ModelRegistry _registry,
        Program memory _program,
        uint64 _maxFuel
    ) {
        GAME = _game;
        REGISTRY = _registry;
        CODE_ROOT = _program.codeRoot;
        TABLES_ROOT = _program.tablesRoot;
        DATA_ROOT = _program.dataRoot;
        GLOBALS_ROOT = _program.globalsRoot;
        MEMORY_ROOT = _program.memoryRoot;
        MEMORY_PAGES = _program.memoryPages;
        MAX_MEMORY_PAGES = _program.maxMemoryPages;
        STACK_SLOTS = _program.stackSlots;
        LOAD_FUEL = _program.loadFuel;
        MAX_FUEL = _maxFuel;
    }

    /// @notice Asks. What is sent along is the fee of who answers.
    /// @param _question The question.
    /// @param _input The input: the tensors of the model's interface.
    /// @return requestId_ The request.
    function ask(Question calldata _question, bytes calldata _input)
        external
        payable
        returns (RequestId requestId_)
    {
        // INVARIANT: the machine can be given the model.
        if (REGISTRY.lengthOf(_question.model) == 0) revert Claims_UnknownModel(_question.model);
        // INVARIANT: there is time to answer.
        if (ClockLib.passed(_question.expiry)) revert Claims_Expired(_question.expiry);
        // INVARIANT: an answer can be made final, so who gives it is paid.
        if (_question.consumerGas > MAX_CONSUMER_GAS) {
            revert Claims_TooMuchGas(MAX_CONSUMER_GAS, _question.consumerGas);
        }
        // INVARIANT: who checks the answer has the time to run the model.
        if (_question.fuel.infer > MAX_FUEL) {
            revert Claims_TooMuchFuel(MAX_FUEL, _question.fuel.infer);
        }
        if (msg.value > type(uint96).max) revert Claims_Fee(msg.value);
        StateHash start = program().firstState(_question.model, Blob.root(_input), _question.fuel);
        requestId_ = requestOf(msg.sender, _question, start);
        Request storage request = _requests[requestId_];
        // INVARIANT: a request that is sent twice is one.
        if (StateHash.unwrap(request.start) != 0) revert Claims_Exists(requestId_);

        request.start = start;
        request.requester = msg.sender;
        request.length = ProgramLib.length(_question.fuel);
        request.consumer = _question.consumer;
        request.consumerGas = _question.consumerGas;
        request.fee = uint96(msg.value);
        request.expiry = _question.expiry;
        emit Requested(requestId_, msg.sender, _question, _input, msg.value);
    }

    /// @notice Answers. Sends the bond of a claim along.
    /// @param _requestId The request.
    /// @param _result The answer.
    /// @return claimId_ The claim that it is right.
    function answer(RequestId _requestId, Result calldata _result)
        external
        payable
        returns (ClaimId claimId_)
    {
        Request storage request = _asked(_requestId);
        // INVARIANT: nobody stands for an answer that is not needed.
        if (request.isFinal) revert Claims_Final(_requestId);
        // INVARIANT: a fee that is not earned can be reclaimed one day.
        if (ClockLib.passed(request.expiry)) revert Claims_Expired(request.expiry);
        StateHash end = _result.stateHash();
        if (_first[_requestId][end] == address(0)) _first[_requestId][end] = msg.sender;
        claimId_ = GAME.post{value: msg.value}(
            msg.sender, RequestId.unwrap(_requestId), request.start, end, request.length
        );
        emit Answered(_requestId, claimId_, msg.sender, _result);
    }

    /// @notice Makes an answer final whose claim stands. Anybody may. The fee is that of who gave this answer first.
    /// @param _requestId The request.
    /// @param _proposer Who answered.
    /// @param _result The answer.
    /// @param _output The output, if a consumer is to be told; it may be empty otherwise.
    function finalise(
        RequestId _requestId,
        address _proposer,
        Result calldata _result,
        bytes calldata _output
    ) external {
        Request storage request = _asked(_requestId);
        // INVARIANT: there is one answer.
        if (request.isFinal) revert Claims_Final(_requestId);
        ClaimId claimId = claimOf(_requestId, _proposer, _result);
        // INVARIANT: an answer is final only if its claim cannot fall any more.
        if (!GAME.stands(claimId)) revert Claims_NotStanding(claimId);
        bool tells = request.consumer != address(0);
        if (tells || _output.length != 0) _checkOutput(_result, _output);

        request.isFinal = true;
        request.failed = _result.failed;
        request.status = _result.status;
        request.loadFuelLeft = _result.loadFuelLeft;
        request.fuelLeft = _result.fuelLeft;
        request.outputRoot = _result.outputRoot;
        emit Finalised(_requestId, claimId, _result);
        _credit(_earner(_requestId, _proposer, _result), request.fee);
        if (tells) _tell(_requestId, request, _result, _output);
    }

    /// @notice Gives the fee of a request back that nobody answered. Anybody may, once no answer can become final any more.
    /// @param _requestId The request.
    function reclaim(RequestId _requestId) external {
        Request storage request = _asked(_requestId);
        // INVARIANT: the fee of an answered request is its answerer's.
        if (request.isFinal) revert Claims_Final(_requestId);
        uint256 until = Timestamp.unwrap(request.expiry) + GAME.longest() + GAME.longest();
        // INVARIANT: who answered in time has had the time to be paid.
        if (block.timestamp <= until) revert Claims_NotExpired(until);
        uint256 fee = request.fee;
        request.fee = 0;
        emit Reclaimed(_requestId);
        _credit(request.requester, fee);
    }

    /// @notice The final answer.
    /// @param _requestId The request.
    /// @return result_ How the run ended.
    function resultOf(RequestId _requestId) public view returns (Result memory result_) {
        Request storage request = _asked(_requestId);
        // INVARIANT: nothing is read as a result that may still fall.
        if (!request.isFinal) revert Claims_NotFinal(_requestId);
        return Result(
            request.failed,
            request.status,
            request.outputRoot,
            request.loadFuelLeft,
            request.fuelLeft
        );
    }

    /// @notice The final answer, for one who has its bytes. Reverts if they are others.
    /// @param _requestId The request.
    /// @param _output The output.
    /// @return result_ How the run ended.
    function checkedResultOf(RequestId _requestId, bytes calldata _output)
        external
        view
        returns (Result memory result_)
    {
        result_ = resultOf(_requestId);
        _checkOutput(result_, _output);
    }

    /// @notice What is known of a request.
    /// @param _requestId The request.
    /// @return request_ All of it; zero if there is none.
    function requestState(RequestId _requestId) external view returns (Request memory request_) {
        return _requests[_requestId];
    }

    /// @notice The guest.
    /// @return program_ What its hash is the hash of.
    function program() public view returns (Program memory program_) {
        return Program(
            CODE_ROOT,
            TABLES_ROOT,
            DATA_ROOT,
            GLOBALS_ROOT,
            MEMORY_ROOT,
            MEMORY_PAGES,
            MAX_MEMORY_PAGES,
            STACK_SLOTS,
            LOAD_FUEL
        );
    }

    /// @notice The guest's hash.
    /// @return hash_ As `enshrine program` prints it.
    function programHash() external view returns (bytes32 hash_) {
        return program().hash();
    }

    /// @notice Where claims are disputed.
    /// @return game_ The contract.
    function game() external view returns (MachineGame game_) {
        return GAME;
    }

    /// @notice Most fuel of `infer` that a question can have.
    /// @return steps_ Steps.
    function maxFuel() external view returns (uint64 steps_) {
        return MAX_FUEL;
    }

    /// @notice Which models there are.
    /// @return registry_ The contract.
    function registry() external view returns (ModelRegistry registry_) {
        return REGISTRY;
    }

    /// @notice A request's name.
    /// @param _requester Who asks.
    /// @param _question The question.
    /// @param _start First state of the run.
    /// @return requestId_ Hash of all.
    function requestOf(address _requester, Question calldata _question, StateHash _start)
        public
        view
        returns (RequestId requestId_)
    {
        return RequestId.wrap(
            keccak256(
                abi.encode(
                    "enshrine/request/1",
                    block.chainid,
                    address(this),
                    _requester,
                    _question,
                    _start
                )
            )
        );
    }

    /// @notice A claim's name.
    /// @param _requestId The request.
    /// @param _proposer Who answers.
    /// @param _result The answer.
    /// @return claimId_ As the game has it.
    function claimOf(RequestId _requestId, address _proposer, Result calldata _result)
        public
        view
        returns (ClaimId claimId_)
    {
        Request storage request = _requests[_requestId];
        return GAME.idOf(
            Claim(
                address(this),
                _proposer,
                RequestId.unwrap(_requestId),
                request.start,
                _result.stateHash(),
                request.length
            )
        );
    }

    /// @dev Who gets the fee: the first to give the answer, unless his claim fell. Else a copy could be posted, and the first claim
    /// held up by a challenge until the copy stands.
    function _earner(RequestId _requestId, address _proposer, Result calldata _result)
        internal
        view
        returns (address earner_)
    {
        earner_ = _first[_requestId][_result.stateHash()];
        (ClaimStatus status,,) = GAME.claimState(claimOf(_requestId, earner_, _result));
        if (status == ClaimStatus.Fallen) earner_ = _proposer;
    }

    /// @dev Tells a consumer. Nothing that it does stands in the way of the answer.
    function _tell(
        RequestId _requestId,
        Request storage _request,
        Result calldata _result,
        bytes calldata _output
    ) internal {
        (address consumer, uint256 consumerGas) = (_request.consumer, _request.consumerGas);
        bytes memory data =
            abi.encodeCall(IInferenceConsumer.onInference, (_requestId, _result, _output));
        // INVARIANT: who finalises cannot starve a consumer. A call gets at most 63 of 64 parts of what is left, and what is
        // left is counted after the output is copied, which can cost more than the reserve.
        uint256 least = consumerGas + consumerGas / 63 + RESERVE_GAS;
        if (gasleft() < least) revert Claims_ConsumerGas(least, gasleft());
        bool told;
        assembly ("memory-safe") {
            // What it returns is not copied: that could use up the rest.
            told := call(consumerGas, consumer, 0, add(data, 0x20), mload(data), 0, 0)
        }
        if (!told) emit ConsumerFailed(_requestId, consumer);
    }

    function _checkOutput(Result memory _result, bytes calldata _output) internal view {
        // A run that says nothing has no root.
        if (BlobRoot.unwrap(_result.outputRoot) == 0 && _output.length == 0) return;
        BlobRoot got = Blob.root(_output);
        // INVARIANT: an output is the one that was claimed.
        if (got != _result.outputRoot) revert Claims_Output(_result.outputRoot, got);
    }

    function _asked(RequestId _requestId) internal view returns (Request storage request_) {
        request_ = _requests[_requestId];
        if (StateHash.unwrap(request_.start) == 0) revert Claims_UnknownRequest(_requestId);
    }
}
