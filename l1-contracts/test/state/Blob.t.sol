// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Blob} from "../../src/state/Blob.sol";

import {BlobRoot, NodeHash} from "../../src/state/Hashes.sol";

import {vm} from "../Vm.sol";
import {blobRoot, chunks} from "../support/Blobs.sol";
import {Tree} from "../support/Tree.sol";

contract BlobRootTest {
    /// forge-config: default.fuzz.runs = 200
    function testDiff_root_bytes_succeeds(bytes calldata _data) external view {
        vm.assertEq(BlobRoot.unwrap(this.root(_data)), BlobRoot.unwrap(blobRoot(_data)));
    }

    function test_root_lengths_succeeds() external view {
        for (uint256 length = 0; length < 200; length += 1 + length / 40 * 3) {
            bytes memory data = new bytes(length);
            for (uint256 i = 0; i < length; ++i) {
                data[i] = bytes1(uint8(i * 7 + 1));
            }
            vm.assertEq(BlobRoot.unwrap(this.root(data)), BlobRoot.unwrap(blobRoot(data)));
        }
    }

    /// @dev Zeros behind the data are not part of it.
    function test_root_zerosBehind_succeeds() external view {
        vm.assertNotEq(BlobRoot.unwrap(this.root("")), BlobRoot.unwrap(this.root(hex"00")));
        vm.assertNotEq(BlobRoot.unwrap(this.root(hex"01")), BlobRoot.unwrap(this.root(hex"0100")));
        vm.assertNotEq(BlobRoot.unwrap(this.root("")), 0);
    }

    function testDiff_rootOf_tree_succeeds(bytes32 _tree, uint64 _length) external view {
        bytes memory number;
        for (uint256 i = 0; i < 32; ++i) {
            number = bytes.concat(number, i < 8 ? bytes1(uint8(_length >> (8 * i))) : bytes1(0));
        }
        bytes32 expected = sha256(bytes.concat(_tree, number));
        vm.assertEq(BlobRoot.unwrap(Blob.rootOf(NodeHash.wrap(_tree), _length)), expected);
    }

    function test_rootOf_treeOfTheBytes_succeeds() external view {
        bytes memory data = "a blob of more than one chunk, so that there is something to hash";
        bytes32 tree = Tree(chunks(data), 0, 27).root();
        bytes32 got = BlobRoot.unwrap(Blob.rootOf(NodeHash.wrap(tree), data.length));
        vm.assertEq(got, BlobRoot.unwrap(this.root(data)));
    }

    function root(bytes calldata _data) external view returns (BlobRoot root_) {
        return Blob.root(_data);
    }
}
