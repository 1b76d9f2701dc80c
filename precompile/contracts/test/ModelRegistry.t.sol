// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {GovernedModelRegistry} from "../src/GovernedModelRegistry.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {OpenModelRegistry} from "../src/OpenModelRegistry.sol";
import {vm} from "./Vm.sol";

contract ModelRegistry_Register_Test {
    bytes32 internal constant MODEL = bytes32(uint256(1));

    OpenModelRegistry internal registry = new OpenModelRegistry();

    function setUp() external {
        vm.roll(100);
    }

    /// @dev A model of `_length` bytes with the data root `_root`.
    function _address(bytes32 _root, uint8 _length) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(_root, _length, new bytes(31)));
    }

    function testFuzz_register_oneWordEntry_succeeds(bytes32 _root, uint8 _length, uint64 _block)
        external
    {
        vm.assume(_length > 0 && _block > 100);
        bytes32 model = _address(_root, _length);
        vm.expectEmit();
        emit ModelRegistry.ModelRegistered(model, _length, _block, address(this));
        registry.register(model, _length, _block, _root);

        // The precompile reads this word at this slot.
        bytes32 word = vm.load(address(registry), keccak256(abi.encode(model, uint256(0))));
        vm.assertEq(uint256(word), (1 << 128) | (uint256(_block) << 64) | _length);
        ModelRegistry.Entry memory entry = registry.entryOf(model);
        vm.assertEq(entry.length, _length);
        vm.assertEq(entry.activationBlock, _block);
        vm.assertTrue(entry.registered);
    }

    function test_register_longLength_succeeds() external {
        // 0x0102030405 is too long for a model, 0x01020304 is not; both ends of the word are seen.
        bytes32 root = bytes32(uint256(5));
        bytes32 model = sha256(abi.encodePacked(root, hex"04030201", new bytes(28)));
        registry.register(model, 0x01020304, 200, root);
        vm.assertTrue(registry.entryOf(model).registered);
    }

    function test_register_again_reverts() external {
        bytes32 model = _address(bytes32(0), 1);
        registry.register(model, 1, 101, bytes32(0));
        vm.expectRevert(
            abi.encodeWithSelector(ModelRegistry.Registry_AlreadyRegistered.selector, model)
        );
        registry.register(model, 1, 102, bytes32(0));
    }

    function test_register_wrongLength_reverts() external {
        bytes32 model = _address(bytes32(0), 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ModelRegistry.Registry_WrongAddress.selector, _address(bytes32(0), 2), model
            )
        );
        registry.register(model, 2, 101, bytes32(0));
    }

    function test_register_lengthOutOfRange_reverts() external {
        uint64 most = registry.MAX_LENGTH();
        vm.expectRevert(
            abi.encodeWithSelector(ModelRegistry.Registry_WrongLength.selector, most, uint64(0))
        );
        registry.register(MODEL, 0, 101, bytes32(0));
        vm.expectRevert(
            abi.encodeWithSelector(ModelRegistry.Registry_WrongLength.selector, most, most + 1)
        );
        registry.register(MODEL, most + 1, 101, bytes32(0));
    }

    function test_register_activationTooEarly_reverts() external {
        bytes32 model = _address(bytes32(0), 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ModelRegistry.Registry_ActivationTooEarly.selector, 101, uint64(100)
            )
        );
        registry.register(model, 1, 100, bytes32(0));
    }
}

contract ModelRegistry_IsActive_Test {
    OpenModelRegistry internal registry = new OpenModelRegistry();

    function test_isActive_fromItsBlockOn_succeeds() external {
        vm.roll(5);
        bytes32 model = sha256(abi.encodePacked(bytes32(0), uint8(1), new bytes(31)));
        vm.assertFalse(registry.isActive(model));
        registry.register(model, 1, 7, bytes32(0));
        vm.assertFalse(registry.isActive(model));
        vm.roll(6);
        vm.assertFalse(registry.isActive(model));
        vm.roll(7);
        vm.assertTrue(registry.isActive(model));
    }
}

contract GovernedModelRegistry_Register_Test {
    address internal constant STRANGER = address(0xbad);
    GovernedModelRegistry internal registry = new GovernedModelRegistry(address(this));
    bytes32 internal model = sha256(abi.encodePacked(bytes32(0), uint8(1), new bytes(31)));

    function test_register_governor_succeeds() external {
        registry.register(model, 1, uint64(block.number + 1), bytes32(0));
        vm.assertTrue(registry.entryOf(model).registered);
    }

    function test_register_stranger_reverts() external {
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(ModelRegistry.Registry_NotAuthorized.selector, STRANGER)
        );
        registry.register(model, 1, uint64(block.number + 1), bytes32(0));
    }

    function test_setGovernor_storageSlotOne_succeeds() external {
        vm.expectEmit();
        emit GovernedModelRegistry.GovernorChanged(address(this), STRANGER);
        registry.setGovernor(STRANGER);
        bytes32 word = vm.load(address(registry), bytes32(uint256(1)));
        vm.assertEq(word, bytes32(uint256(uint160(STRANGER))));
        vm.assertEq(registry.governor(), STRANGER);
    }

    function test_setGovernor_stranger_reverts() external {
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(ModelRegistry.Registry_NotAuthorized.selector, STRANGER)
        );
        registry.setGovernor(STRANGER);
    }
}
