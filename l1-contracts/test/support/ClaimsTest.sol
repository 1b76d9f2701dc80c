// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Timestamp} from "../../src/dispute/Clock.sol";
import {Claim, ClaimId, GameId} from "../../src/dispute/Types.sol";
import {BlobRoot, NodeHash, StateHash} from "../../src/state/Hashes.sol";
import {Fuel, Program} from "../../src/state/Program.sol";
import {RequestId, Result} from "../../src/claims/Types.sol";

import {InferenceClaims} from "../../src/claims/InferenceClaims.sol";
import {ModelRegistry} from "../../src/claims/ModelRegistry.sol";

import {vm} from "../Vm.sol";
import {blobRoot, chunks} from "./Blobs.sol";
import {GameTest} from "./GameTest.sol";
import {Move, Player} from "./Player.sol";
import {Tree} from "./Tree.sol";

/// @notice Asks and answers about a model of a few bytes. Who says that an answer is wrong plays on the toy machine, of which
/// only the first state is the request's.
abstract contract ClaimsTest is GameTest {
    bytes internal constant MODEL = "a model";
    bytes internal constant INPUT = "an input that is longer than a chunk of the tree";
    bytes internal constant OUTPUT = "an output";
    uint256 internal constant FEE = 0.1 ether;
    uint64 internal constant MAX_FUEL = 2 ** 42;

    ModelRegistry internal registry = new ModelRegistry();
    InferenceClaims internal claims;
    // Kept, since a call to hash it would be the one that is expected to revert.
    BlobRoot internal outputRoot = blobRoot(OUTPUT);
    address internal asker = account("asker");
    address internal proposer = account("proposer");

    constructor() {
        claims = new InferenceClaims(game, registry, program(), MAX_FUEL);
        registry.register(blobRoot(MODEL), uint64(MODEL.length), treeOf(MODEL), "");
    }

    function program() internal pure returns (Program memory program_) {
        return Program(
            NodeHash.wrap("code"),
            NodeHash.wrap("tables"),
            NodeHash.wrap("data"),
            NodeHash.wrap("globals"),
            NodeHash.wrap("memory"),
            17,
            100,
            1000,
            5000
        );
    }

    function treeOf(bytes memory _data) internal pure returns (NodeHash tree_) {
        return NodeHash.wrap(Tree(chunks(_data), 0, 27).root());
    }

    function question() internal view returns (InferenceClaims.Question memory question_) {
        question_.model = blobRoot(MODEL);
        question_.fuel = Fuel(5000, 10 ** 9);
        question_.expiry = Timestamp.wrap(uint40(block.timestamp + 1 days));
    }

    function ask(InferenceClaims.Question memory _question)
        internal
        returns (RequestId requestId_)
    {
        vm.deal(asker, asker.balance + FEE);
        vm.prank(asker);
        return claims.ask{value: FEE}(_question, INPUT);
    }

    function result() internal view returns (Result memory result_) {
        return Result(false, 0, outputRoot, 44, 55);
    }

    function answer(RequestId _requestId, address _proposer, Result memory _result)
        internal
        returns (ClaimId claimId_)
    {
        vm.deal(_proposer, _proposer.balance + CLAIM_BOND);
        vm.prank(_proposer);
        return claims.answer{value: CLAIM_BOND}(_requestId, _result);
    }

    /// @dev The claim that an answer is.
    function claimOf(RequestId _requestId, address _proposer, Result memory _result)
        internal
        view
        returns (Claim memory claim_)
    {
        InferenceClaims.Request memory request = claims.requestState(_requestId);
        return Claim(
            address(claims),
            _proposer,
            RequestId.unwrap(_requestId),
            request.start,
            _result.stateHash(),
            request.length
        );
    }

    /// @dev Somebody says another end.
    function dispute(RequestId _requestId, address _proposer, Result memory _result, address _by)
        internal
        returns (GameId gameId_)
    {
        Claim memory claim = claimOf(_requestId, _proposer, _result);
        Player memory player = honest("whoever");
        Move memory move = player.cut(0, claim.length, DEGREE);
        move.from = claim.start;
        return challengeWith(_by, claim, move);
    }

    /// @dev An answer whose window is over.
    function answered(InferenceClaims.Question memory _question)
        internal
        returns (RequestId requestId_)
    {
        requestId_ = ask(_question);
        answer(requestId_, proposer, result());
        vm.warp(block.timestamp + WINDOW + 1);
    }
}
