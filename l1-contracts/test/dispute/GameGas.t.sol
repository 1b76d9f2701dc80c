// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Claim, GameId, Rejection} from "../../src/dispute/Types.sol";

import {IOneStepVerifier} from "../../src/IOneStepVerifier.sol";
import {MachineGame} from "../../src/dispute/MachineGame.sol";

import {vm} from "../Vm.sol";
import {GameTest} from "../support/GameTest.sol";
import {Move, Player} from "../support/Player.sol";
import {ToyVerifier} from "../support/Toy.sol";

/// @notice Gas of a whole game about 2^40 steps, that of the largest proof included. Each call is a transaction of its own here.
/// The figures are compared exactly: when they move, the test says to what.
/// @dev Calldata is counted at the floor's price on top of execution, as in `snapshots/gas.txt`, which is more than it ever costs.
/// What the dearer side pays hardly depends on the degree up to 64, while the moves become fewer: 15, 11, 9, 8 and 7.
/// forge-config: default.isolate = true
contract GameGasTest is GameTest {
    /// @notice A figure of a snapshot is another one.
    /// @param got All figures as they are: moves in turn, then the sums of challenger and defender.
    error Gas_Moved(uint256[] got);

    /// @dev The most in `snapshots/gas.txt`: of the verifier, and of its calldata.
    uint256 internal constant VERIFIER_GAS = 286_108;

    /// @dev Bytes of that proof.
    uint256 internal constant PROOF_BYTES = 4993;

    /// @dev What a side's moves may take.
    uint256 internal constant MOST = 2_500_000;

    /// @dev Gas of any transaction.
    uint256 internal constant TRANSACTION_GAS = 21_000;

    /// @dev Number of the context in which coverage runs.
    uint8 internal constant COVERAGE = 2;

    uint256[] internal _figures;
    uint256[2] internal _sums;

    function test_play_gasWithDegree8_succeeds() external {
        assertFigures(8, [uint256(1_077_182), 563_170]);
    }

    function test_play_gasWithDegree16_succeeds() external {
        assertFigures(16, [uint256(1_017_728), 524_860]);
    }

    function test_play_gasWithDegree32_succeeds() external {
        assertFigures(32, [uint256(1_077_528), 589_236]);
    }

    function test_play_gasWithDegree64_succeeds() external {
        assertFigures(64, [uint256(898_471), 1_048_314]);
    }

    function test_play_gasWithDegree128_succeeds() external {
        assertFigures(128, [uint256(1_658_822), 936_645]);
    }

    /// @param _expected Sums of challenger and defender.
    function assertFigures(uint256 _degree, uint256[2] memory _expected) internal {
        // Coverage compiles without the optimizer.
        vm.skip(vm.isContext(COVERAGE));
        game = new MachineGame(parameters(new ToyVerifier(), _degree));
        playAndBill(dissections(_degree) % 2 == 1);
        _figures.push(_sums[0]);
        _figures.push(_sums[1]);
        if (_sums[0] != _expected[0] || _sums[1] != _expected[1]) revert Gas_Moved(_figures);
        vm.assertTrue(_sums[0] < MOST && _sums[1] < MOST);
    }

    /// @dev Who is right is who is left with the step, and proves it.
    function playAndBill(bool _defenderIsRight) internal {
        Player memory truth = honest("honest");
        Player memory lie = liar("liar", LENGTH / 3);
        (Player memory defender, Player memory challenger) =
            _defenderIsRight ? (truth, lie) : (lie, truth);
        Claim memory claim = post(defender, LENGTH);
        Move memory move = challenger.cut(0, LENGTH, degree());
        GameId gameId = challengeWith(challenger.account, claim, move);
        bill(0, abi.encodeCall(game.challenge, (claim, move.ends)));
        for (uint256 side = 1;; side ^= 1) {
            Player memory mover = side == 1 ? defender : challenger;
            Move memory last = _moves[gameId];
            if (last.length <= degree()) return proveAndBill(side, gameId, mover);
            answer(gameId, mover);
            Rejection memory rejected = rejection(last, mover.objection(last));
            bill(side, abi.encodeCall(game.dissect, (gameId, rejected, _moves[gameId].ends)));
        }
    }

    function proveAndBill(uint256 _side, GameId _gameId, Player memory _player) internal {
        Move memory last = _moves[_gameId];
        uint256 index = _player.objection(last);
        Rejection memory rejected = rejection(last, index);
        bytes memory proof = _player.proof(last.boundary(index));
        // Zeros, lest the floor of EIP-7623 stand in for an execution that the toy does not have.
        proof = bytes.concat(proof, new bytes(PROOF_BYTES - proof.length));
        vm.prank(_player.account);
        game.prove(_gameId, rejected, proof);
        uint256 execution = executed(abi.encodeCall(game.prove, (_gameId, rejected, proof)));
        // The verifier's gas has the calldata of a proof, and of a call of the verifier around it; here another call is around it.
        uint256 around = atFloor(abi.encodeCall(game.prove, (_gameId, rejected, "")));
        uint256 instead = atFloor(abi.encodeCall(IOneStepVerifier.proveStep, (rejected.from, "")));
        note(_side, TRANSACTION_GAS + execution + VERIFIER_GAS + around - instead);
    }

    /// @param _sent Data of the last call.
    function bill(uint256 _side, bytes memory _sent) internal {
        note(_side, TRANSACTION_GAS + executed(_sent) + atFloor(_sent));
    }

    function note(uint256 _side, uint256 _gas) internal {
        _figures.push(_gas);
        _sums[_side] += _gas;
    }

    /// @param _sent Data of the last call.
    /// @return gas_ What it took but for being sent.
    function executed(bytes memory _sent) internal view returns (uint256 gas_) {
        uint256 billed = vm.lastCallGas().gasTotalUsed - TRANSACTION_GAS;
        vm.assertTrue(billed > atFloor(_sent), "the bill is not the floor");
        return billed - priceOf(_sent, 16, 4);
    }

    function atFloor(bytes memory _data) internal pure returns (uint256 gas_) {
        return priceOf(_data, 40, 10);
    }

    function priceOf(bytes memory _data, uint256 _other, uint256 _zero)
        internal
        pure
        returns (uint256 gas_)
    {
        for (uint256 i = 0; i < _data.length; ++i) {
            gas_ += _data[i] == 0 ? _zero : _other;
        }
    }

    function dissections(uint256 _degree) internal pure returns (uint256 count_) {
        for (uint256 length = LENGTH; length > 1; length = (length + _degree - 1) / _degree) {
            ++count_;
        }
    }
}
