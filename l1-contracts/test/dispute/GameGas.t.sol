// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Claim, GameId, Rejection} from "../../src/dispute/Types.sol";

import {MachineGame} from "../../src/dispute/MachineGame.sol";

import {vm} from "../Vm.sol";
import {GameTest} from "../support/GameTest.sol";
import {Move, Player} from "../support/Player.sol";
import {ToyVerifier} from "../support/Toy.sol";

/// @notice Gas of a whole game about 2^40 steps, that of the largest proof included. Each call is a transaction of its own here.
/// The figures are compared exactly: when they move, the test says to what.
/// @dev A byte of calldata is counted as 40 gas on top of execution, which is more than it ever costs. What the dearer side pays
/// hardly depends on the degree up to 64, while the moves become fewer: 15, 11, 9, 8 and 7.
/// forge-config: default.isolate = true
contract GameGasTest is GameTest {
    /// @notice A figure of a snapshot is another one.
    /// @param got All figures as they are: moves in turn, then the sums of challenger and defender.
    error Gas_Moved(uint256[] got);

    /// @dev Gas that the verifier takes at most.
    uint256 internal constant VERIFIER_GAS = 286_000;

    /// @dev Bytes of the largest proof.
    uint256 internal constant PROOF_BYTES = 5000;

    /// @dev What a side's moves may take.
    uint256 internal constant MOST = 2_500_000;

    /// @dev What 40 gas a byte is more than the 16 that are billed.
    uint256 internal constant MORE_GAS = 24;

    /// @dev What a zero byte is billed less than another.
    uint256 internal constant ZERO_GAS = 12;

    /// @dev Number of the context in which coverage runs.
    uint8 internal constant COVERAGE = 2;

    uint256[] internal _figures;
    uint256[2] internal _sums;

    function test_play_gasWithDegree8_succeeds() external {
        assertFigures(8, [uint256(1_313_156), 594_220]);
    }

    function test_play_gasWithDegree16_succeeds() external {
        assertFigures(16, [uint256(1_244_900), 547_144]);
    }

    function test_play_gasWithDegree32_succeeds() external {
        assertFigures(32, [uint256(1_300_470), 607_272]);
    }

    function test_play_gasWithDegree64_succeeds() external {
        assertFigures(64, [uint256(914_743), 1_268_736]);
    }

    function test_play_gasWithDegree128_succeeds() external {
        assertFigures(128, [uint256(1_877_768), 950_703]);
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
        bill(0, 260 + 32 * move.ends.length, 0);
        for (uint256 side = 1;; side ^= 1) {
            Player memory mover = side == 1 ? defender : challenger;
            Move memory last = _moves[gameId];
            if (last.length <= degree()) return proveAndBill(side, gameId, mover);
            answer(gameId, mover);
            bill(side, 356 + 32 * (_moves[gameId].ends.length + last.height()), 0);
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
        uint256 execution = VERIFIER_GAS + ZERO_GAS * proof.length;
        bill(_side, 356 + 32 * rejected.path.length + proof.length, execution);
    }

    /// @param _more Gas that the last call did not take, but a real one would.
    function bill(uint256 _side, uint256 _bytes, uint256 _more) internal {
        uint256 gas = vm.lastCallGas().gasTotalUsed + MORE_GAS * _bytes + _more;
        _figures.push(gas);
        _sums[_side] += gas;
    }

    function dissections(uint256 _degree) internal pure returns (uint256 count_) {
        for (uint256 length = LENGTH; length > 1; length = (length + _degree - 1) / _degree) {
            ++count_;
        }
    }
}
