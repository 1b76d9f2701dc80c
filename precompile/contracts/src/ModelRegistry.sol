// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title The chain's list of models
/// @notice Says which models exist, and from which block on. The inference precompile reads it from state, so whether
/// a model exists is the same on every node; a node that lacks a registered model's bytes cannot follow the chain.
/// An entry never changes and never goes away.
/// @dev A predeploy. Who may register is the chain's policy: inherit and say it in `_authorize`. The storage layout is
/// part of the protocol, because the precompile reads it by slot: `_entries` is slot 0, and an entry is one word.
/// @custom:mirrors precompile/src/registry.rs
abstract contract ModelRegistry {
    /// @notice What the registry knows of a model: one storage word.
    /// @param length Length of the model in bytes (lowest 64 bits).
    /// @param activationBlock First block in which the model can be called (next 64 bits).
    /// @param registered Whether there is such an entry (next 8 bits); nothing else says so.
    struct Entry {
        uint64 length;
        uint64 activationBlock;
        bool registered;
    }

    /// @notice The account may not register this model.
    /// @param account Who tried.
    error Registry_NotAuthorized(address account);

    /// @notice The model is registered already; entries do not change.
    /// @param model Address of the model.
    error Registry_AlreadyRegistered(bytes32 model);

    /// @notice The data root and length do not give the address.
    /// @param expected Address that they give.
    /// @param got Address in the call.
    error Registry_WrongAddress(bytes32 expected, bytes32 got);

    /// @notice A model has at least one byte and at most 2^32.
    /// @param expected Most bytes a model has.
    /// @param got Length in the call.
    error Registry_WrongLength(uint64 expected, uint64 got);

    /// @notice A model becomes active in a later block, so that nodes can fetch it first.
    /// @param expected First block that can be given.
    /// @param got Block in the call.
    error Registry_ActivationTooEarly(uint256 expected, uint64 got);

    /// @notice A model was registered.
    /// @param model Address of the model.
    /// @param length Length of the model in bytes.
    /// @param activationBlock First block in which the model can be called.
    /// @param registrar Who registered it.
    event ModelRegistered(
        bytes32 indexed model, uint64 length, uint64 activationBlock, address indexed registrar
    );

    /// @notice Most bytes that a model has: the capacity of the tree that addresses it.
    uint64 public constant MAX_LENGTH = 2 ** 32;

    /// @notice Blocks that must begin after the registration before the model is active.
    uint64 public constant NOTICE_BLOCKS = 1;

    /// @dev Entries by model address. Slot 0.
    mapping(bytes32 model => Entry entry) internal _entries;

    /// @notice Registers a model.
    /// @param _model Address of the model: the SSZ `hash_tree_root` of its bytes.
    /// @param _length Length of the model in bytes.
    /// @param _activationBlock First block in which the model can be called.
    /// @param _dataRoot Root of the model's bytes before the length is mixed in. It proves the length: the address is
    /// the SHA-256 of this root and the length.
    function register(bytes32 _model, uint64 _length, uint64 _activationBlock, bytes32 _dataRoot)
        external
    {
        _authorize(msg.sender, _model);

        // INVARIANT: an entry never changes.
        if (_entries[_model].registered) revert Registry_AlreadyRegistered(_model);
        // INVARIANT: the length is one that a blob can have.
        if (_length == 0 || _length > MAX_LENGTH) revert Registry_WrongLength(MAX_LENGTH, _length);
        // INVARIANT: a node has a block's time to fetch the bytes.
        uint256 earliest = block.number + NOTICE_BLOCKS;
        if (_activationBlock < earliest) {
            revert Registry_ActivationTooEarly(earliest, _activationBlock);
        }
        // INVARIANT: the registered length is the model's length.
        bytes32 address_ = sha256(bytes.concat(_dataRoot, _littleEndian(_length)));
        if (address_ != _model) revert Registry_WrongAddress(address_, _model);

        _entries[_model] = Entry(_length, _activationBlock, true);
        emit ModelRegistered(_model, _length, _activationBlock, msg.sender);
    }

    /// @notice What the registry knows of a model.
    /// @param _model Address of the model.
    /// @return entry_ Its entry; all zero when there is none.
    function entryOf(bytes32 _model) external view returns (Entry memory entry_) {
        entry_ = _entries[_model];
    }

    /// @notice Whether the model can be called in this block.
    /// @param _model Address of the model.
    /// @return active_ Whether it is registered and active.
    function isActive(bytes32 _model) external view returns (bool active_) {
        Entry memory entry = _entries[_model];
        active_ = entry.registered && block.number >= entry.activationBlock;
    }

    /// @dev The chain's policy: reverts with `Registry_NotAuthorized` unless the account may register the model.
    function _authorize(address _account, bytes32 _model) internal view virtual;

    /// @dev The number as a 32-byte little-endian word.
    function _littleEndian(uint64 _value) private pure returns (bytes32 word_) {
        uint256 word;
        for (uint256 i = 0; i < 8; ++i) {
            word |= uint256(uint8(_value >> (8 * i))) << (248 - 8 * i);
        }
        word_ = bytes32(word);
    }
}
