// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {BlobRoot, NodeHash} from "../../src/state/Hashes.sol";

import {ModelRegistry} from "../../src/claims/ModelRegistry.sol";

import {Log, vm} from "../Vm.sol";
import {blobRoot, chunks} from "../support/Blobs.sol";
import {Tree} from "../support/Tree.sol";

abstract contract RegistryTest {
    bytes internal constant MODEL = "a model";

    ModelRegistry internal registry = new ModelRegistry();
    BlobRoot internal model = blobRoot(MODEL);
    NodeHash internal tree = NodeHash.wrap(Tree(chunks(MODEL), 0, 27).root());
}

contract ModelRegistryRegisterTest is RegistryTest {
    function test_register_model_succeeds() external {
        vm.assertEq(registry.lengthOf(model), 0);
        vm.expectEmit(address(registry));
        emit ModelRegistry.ModelRegistered(model, 7);
        vm.expectEmit(address(registry));
        emit ModelRegistry.ManifestAnnounced(model, address(this), "https://example.org/m");
        registry.register(model, 7, tree, "https://example.org/m");
        vm.assertEq(registry.lengthOf(model), 7);
    }

    function test_register_noManifest_succeeds() external {
        vm.recordLogs();
        registry.register(model, 7, tree, "");
        vm.assertEq(vm.getRecordedLogs().length, 1);
    }

    /// @dev The second says where it is, and nothing else.
    function test_register_twice_succeeds() external {
        registry.register(model, 7, tree, "");
        vm.recordLogs();
        registry.register(model, 7, tree, "ipfs://m");
        Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 1);
        vm.assertEq(logs[0].topics[0], ModelRegistry.ManifestAnnounced.selector);
        vm.assertEq(registry.lengthOf(model), 7);
    }

    function test_register_longest_succeeds() external {
        uint64 length = registry.MAX_LENGTH();
        vm.assertEq(length, 2 ** 32);
        BlobRoot root = BlobRoot.wrap(
            sha256(bytes.concat(NodeHash.unwrap(tree), hex"0000000001", new bytes(27)))
        );
        registry.register(root, length, tree, "");
        vm.assertEq(registry.lengthOf(root), length);
    }

    function test_register_length_reverts() external {
        uint64 most = registry.MAX_LENGTH();
        bytes4 selector = ModelRegistry.ModelRegistry_Length.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, most, 0));
        registry.register(model, 0, tree, "");
        vm.expectRevert(abi.encodeWithSelector(selector, most, most + 1));
        registry.register(model, most + 1, tree, "");
    }

    function testFuzz_register_otherLength_reverts(uint32 _length) external {
        vm.assume(_length != 7 && _length != 0);
        vm.expectPartialRevert(ModelRegistry.ModelRegistry_Address.selector);
        registry.register(model, _length, tree, "");
    }

    function test_register_otherModel_reverts() external {
        BlobRoot other = blobRoot("another model");
        vm.expectRevert(
            abi.encodeWithSelector(ModelRegistry.ModelRegistry_Address.selector, model, other)
        );
        registry.register(other, 7, tree, "");
    }
}

contract ModelRegistryAnnounceTest is RegistryTest {
    function test_announce_anybody_succeeds() external {
        registry.register(model, 7, tree, "");
        vm.expectEmit(address(registry));
        emit ModelRegistry.ManifestAnnounced(model, address(7), "ipfs://m");
        vm.prank(address(7));
        registry.announce(model, "ipfs://m");
    }

    function test_announce_unknown_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(ModelRegistry.ModelRegistry_Unknown.selector, model));
        registry.announce(model, "ipfs://m");
    }
}
