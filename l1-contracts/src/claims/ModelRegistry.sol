// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Blob} from "../state/Blob.sol";

import {BlobRoot, NodeHash} from "../state/Hashes.sol";

/// @title Models that questions can be asked about
/// @notice A model is known by its address, the root of its bytes. The registry checks that a length belongs to it. Where the bytes
/// are is nobody's to decide: anybody can announce a manifest, and who needs the model tries those of announcers that he
/// trusts; the address says whether he got it.
contract ModelRegistry {
    /// @notice A model has at least one byte and at most `MAX_LENGTH`.
    /// @param expected Most bytes of a model.
    /// @param got Length in the call.
    error ModelRegistry_Length(uint64 expected, uint64 got);

    /// @notice The root and the length do not give the address.
    /// @param expected Address that they give.
    /// @param got Address in the call.
    error ModelRegistry_Address(BlobRoot expected, BlobRoot got);

    /// @notice The model is not registered.
    /// @param model Its address.
    error ModelRegistry_Unknown(BlobRoot model);

    /// @notice A model was registered.
    /// @param model Its address.
    /// @param length Its length in bytes.
    event ModelRegistered(BlobRoot indexed model, uint64 length);

    /// @notice Somebody says where a model is.
    /// @param model Its address.
    /// @param announcer Who says so.
    /// @param manifest Pointer to a manifest, which names the places: a URL.
    event ManifestAnnounced(BlobRoot indexed model, address indexed announcer, string manifest);

    /// @notice Most bytes that a model has.
    uint64 public constant MAX_LENGTH = 2 ** 32;

    /// @notice Length of a model in bytes; 0 if it is not registered.
    mapping(BlobRoot model => uint64 length) public lengthOf;

    /// @notice Registers a model, unless it is, and says where it is.
    /// @param _model Its address.
    /// @param _length Its length in bytes.
    /// @param _tree Root of its bytes before the length is mixed in, which proves the length.
    /// @param _manifest Pointer to a manifest; empty to say nothing.
    function register(BlobRoot _model, uint64 _length, NodeHash _tree, string calldata _manifest)
        external
    {
        // INVARIANT: the length is one that a blob can have.
        if (_length == 0 || _length > MAX_LENGTH) {
            revert ModelRegistry_Length(MAX_LENGTH, _length);
        }
        BlobRoot root = Blob.rootOf(_tree, _length);
        // INVARIANT: the registered length is the model's, so an entry never changes.
        if (root != _model) revert ModelRegistry_Address(root, _model);
        if (lengthOf[_model] == 0) {
            lengthOf[_model] = _length;
            emit ModelRegistered(_model, _length);
        }
        if (bytes(_manifest).length != 0) {
            emit ManifestAnnounced(_model, msg.sender, _manifest);
        }
    }

    /// @notice Says where a registered model is.
    /// @param _model Its address.
    /// @param _manifest Pointer to a manifest, which names the places: a URL.
    function announce(BlobRoot _model, string calldata _manifest) external {
        // INVARIANT: only what is a model is announced; a registered one has a length.
        if (lengthOf[_model] == 0) revert ModelRegistry_Unknown(_model);
        emit ManifestAnnounced(_model, msg.sender, _manifest);
    }
}
