// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Calldata} from "../lib/Calldata.sol";
import {Sha256} from "../lib/Sha256.sol";
import {Chain} from "../state/Chain.sol";
import {MerklePath} from "../state/MerklePath.sol";
import {Terminal} from "../state/Terminal.sol";
import {ZeroTrees} from "../state/ZeroTrees.sol";

import {BlobRoot, ChainHash, NodeHash, StateHash} from "../state/Hashes.sol";
import {Record} from "../state/Record.sol";
import {Witness} from "./Witness.sol";

import {IOneStepFamily} from "../step/IOneStepFamily.sol";

/// @notice A state of which only the record is known.
struct State {
    Record record;
    Witness witness;
    // The run has finished, and with what status.
    bool finished;
    uint32 status;
}

using Replay for State global;

/// @title Steps on nothing but a record and a witness
/// @notice Every byte of the witness is held against the record's hashes.
/// @custom:mirrors wasm-prover/src/replay.rs
library Replay {
    /// @notice A value or a frame is not the one on top.
    /// @param expected Head in the state.
    /// @param got Head of what the proof gives.
    error Replay_Chain(ChainHash expected, ChainHash got);

    /// @notice A length or a page is not the blob's.
    /// @param expected Root in the state.
    /// @param got Root of what the proof gives.
    error Replay_Blob(BlobRoot expected, BlobRoot got);

    /// @dev Where the record begins in a proof.
    uint256 internal constant RECORD = 1;

    /// @dev Depth of the tree of code words.
    uint256 internal constant CODE_DEPTH = 24;

    /// @dev Depth of the tree of table entries.
    uint256 internal constant TABLE_DEPTH = 16;

    /// @dev Depth of the trees of locals and of globals.
    uint256 internal constant VALUE_DEPTH = 16;

    /// @dev Depth of the trees of memory, of passive data, and of a blob below its length.
    uint256 internal constant MEMORY_DEPTH = 27;

    /// @dev Level of a page of 4 KiB.
    uint256 internal constant PAGE_LEVELS = 7;

    /// @dev Pages that a blob's tree has. Behind them a blob is zero.
    uint256 internal constant BLOB_PAGES = 1 << (MEMORY_DEPTH - PAGE_LEVELS);

    /// @dev Begins a step: fuel is charged, and `pc` is behind the word.
    /// @param _proof The proof.
    /// @param _offset Where in the proof the witness of the instruction begins.
    function open(bytes calldata _proof, uint256 _offset)
        internal
        pure
        returns (State memory state_)
    {
        state_.witness.open(_proof, _offset);
        Record memory record = state_.record;
        record.decode(Calldata.start(_proof) + RECORD);
        --record.fuelLeft;
        ++record.pc;
    }

    /// @dev Hash of the state after the step.
    function close(State memory _state) internal pure returns (StateHash hash_) {
        Record memory record = _state.record;
        if (!_state.finished) return record.hash();
        return
            Terminal.finished(_state.status, record.outputRoot, record.fuelAside, record.fuelLeft);
    }

    /// @dev Ends the run.
    function finish(State memory _state, uint32 _status) internal pure {
        _state.finished = true;
        _state.status = _status;
    }

    /// @dev Ends the step: it fails the run.
    function fail(State memory _state) internal pure {
        revert IOneStepFamily.OneStep_Failed(_state.witness.offset());
    }

    /// @dev Pops a value. Fails the run if there is none.
    function pop(State memory _state) internal pure returns (uint128 value_) {
        Record memory record = _state.record;
        if (record.stackHeight == 0) fail(_state);
        unchecked {
            --record.stackHeight;
        }
        value_ = uint128(_state.witness.take(16));
        ChainHash below = ChainHash.wrap(bytes32(_state.witness.take(32)));
        ChainHash got = Chain.valueLink(value_, below);
        // INVARIANT: the value is the one on top.
        if (got != record.stack) revert Replay_Chain(record.stack, got);
        record.stack = below;
    }

    /// @dev Pops an i32: the low 32 bits.
    function popI32(State memory _state) internal pure returns (uint32 value_) {
        return uint32(pop(_state));
    }

    /// @dev Pushes a value. Fails the run if the stack is full.
    function push(State memory _state, uint128 _value) internal pure {
        Record memory record = _state.record;
        if (record.stackHeight >= Chain.MAX_HEIGHT) fail(_state);
        unchecked {
            ++record.stackHeight;
        }
        record.stack = Chain.valueLink(_value, record.stack);
    }

    /// @dev Pushes a frame whose locals are zero. Fails the run if there are too many.
    /// @param _returnPc Where it returns to.
    function pushFrame(State memory _state, uint32 _returnPc) internal pure {
        Record memory record = _state.record;
        if (record.framesHeight >= Chain.MAX_HEIGHT) fail(_state);
        unchecked {
            ++record.framesHeight;
        }
        record.frames = Chain.frameLink(record.returnPc, record.localsRoot, record.frames);
        record.returnPc = _returnPc;
        record.localsRoot = _zeroTree(_state, VALUE_DEPTH);
    }

    /// @dev Pops the running frame. Fails the run if it is the last.
    /// @return returnPc_ Where it returns to.
    function popFrame(State memory _state) internal pure returns (uint32 returnPc_) {
        Record memory record = _state.record;
        if (record.framesHeight == 0) fail(_state);
        unchecked {
            --record.framesHeight;
        }
        returnPc_ = record.returnPc;
        record.returnPc = uint32(_state.witness.take(4));
        record.localsRoot = NodeHash.wrap(bytes32(_state.witness.take(32)));
        ChainHash below = ChainHash.wrap(bytes32(_state.witness.take(32)));
        ChainHash got = Chain.frameLink(record.returnPc, record.localsRoot, below);
        // INVARIANT: the frame is the one on top.
        if (got != record.frames) revert Replay_Chain(record.frames, got);
        record.frames = below;
    }

    /// @dev A local of the running frame; `_index` is below 2^16.
    function local(State memory _state, uint256 _index) internal view returns (uint128 value_) {
        (value_,) = _valueAt(_state, _state.record.localsRoot, _index);
    }

    /// @dev Sets a local of the running frame, `_index` below 2^16; what it was.
    function replaceLocal(State memory _state, uint256 _index, uint128 _new)
        internal
        view
        returns (uint128 old_)
    {
        MerklePath memory path;
        (old_, path) = _valueAt(_state, _state.record.localsRoot, _index);
        _state.record.localsRoot = path.rootOf(_state.witness.zeros, _valueNode(_new));
    }

    /// @dev A global; `_index` is below 2^16.
    function global_(State memory _state, uint256 _index) internal view returns (uint128 value_) {
        (value_,) = _valueAt(_state, _state.record.globalsRoot, _index);
    }

    /// @dev Sets a global; `_index` is below 2^16.
    function setGlobal(State memory _state, uint256 _index, uint128 _new) internal view {
        (, MerklePath memory path) = _valueAt(_state, _state.record.globalsRoot, _index);
        _state.record.globalsRoot = path.rootOf(_state.witness.zeros, _valueNode(_new));
    }

    /// @dev A leaf of the tables' tree, `_index` below 2^16.
    function tableLeaf(State memory _state, uint256 _index) internal view returns (bytes32 leaf_) {
        return _state.witness.leaf(_state.record.tablesRoot, TABLE_DEPTH, _index);
    }

    /// @dev `_size` bytes of memory, at most 16, as a little-endian number. They lie within the memory.
    function load(State memory _state, uint256 _address, uint256 _size)
        internal
        view
        returns (uint128 bits_)
    {
        return _read(_state, _state.record.memoryRoot, _address, _size);
    }

    /// @dev Writes the low `_size` bytes of `_bits`, at most 16. They lie within the memory.
    function store(State memory _state, uint256 _address, uint256 _size, uint128 _bits)
        internal
        view
    {
        uint256 bytes_ = _reverse(_bits) << 128;
        uint256 mask = ~(type(uint256).max >> (8 * _size));
        uint256 shift = 8 * (_address % 32);
        _storeLeaf(_state, _address / 32, bytes_ >> shift, mask >> shift);
        if (_address % 32 + _size > 32) {
            shift = 256 - shift;
            _storeLeaf(_state, _address / 32 + 1, bytes_ << shift, mask << shift);
        }
    }

    /// @dev 32 bytes of memory. They lie within the memory.
    function loadRoot(State memory _state, uint256 _address) internal view returns (bytes32 root_) {
        NodeHash root = _state.record.memoryRoot;
        uint256 shift = 8 * (_address % 32);
        root_ = _state.witness.leaf(root, MEMORY_DEPTH, _address / 32) << shift;
        if (shift != 0) {
            root_ |= _state.witness.leaf(root, MEMORY_DEPTH, _address / 32 + 1) >> (256 - shift);
        }
    }

    /// @dev `_size` bytes of the passive data, at most 16, as a little-endian number. They lie below 2^32.
    function data(State memory _state, uint256 _offset, uint256 _size)
        internal
        view
        returns (uint128 bits_)
    {
        return _read(_state, _state.record.dataRoot, _offset, _size);
    }

    /// @dev Length of blob 0 or 1 in bytes.
    function blobLen(State memory _state, uint256 _blob) internal view returns (uint64 length_) {
        NodeHash tree = NodeHash.wrap(bytes32(_state.witness.take(32)));
        length_ = uint64(_state.witness.take(8));
        _checkBlob(_state, _blob, tree, length_);
    }

    /// @dev Copies page `_page` of blob 0 or 1 to memory page `_target`, which lies within the memory. There are zeros behind
    /// the blob's end.
    function copyBlobPage(State memory _state, uint256 _blob, uint256 _page, uint256 _target)
        internal
        view
    {
        NodeHash source = _blobPage(_state, _blob, _page);
        NodeHash before = NodeHash.wrap(bytes32(_state.witness.take(32)));
        MerklePath memory path = _state.witness.path(PAGE_LEVELS, MEMORY_DEPTH, _target);
        Record memory record = _state.record;
        path.check(_state.witness.zeros, before, record.memoryRoot);
        record.memoryRoot = path.rootOf(_state.witness.zeros, source);
    }

    function _blobPage(State memory _state, uint256 _blob, uint256 _page)
        private
        view
        returns (NodeHash node_)
    {
        if (_page >= BLOB_PAGES) return _zeroTree(_state, PAGE_LEVELS);
        uint64 length = uint64(_state.witness.take(8));
        node_ = NodeHash.wrap(bytes32(_state.witness.take(32)));
        MerklePath memory path = _state.witness.path(PAGE_LEVELS, MEMORY_DEPTH, _page);
        NodeHash tree = path.rootOf(_state.witness.zeros, node_);
        _checkBlob(_state, _blob, tree, length);
    }

    /// @dev Holds a blob's tree and length against its root in the record. SSZ mixes the length in, little endian.
    function _checkBlob(State memory _state, uint256 _blob, NodeHash _tree, uint64 _length)
        private
        view
    {
        NodeHash mixed = NodeHash.wrap(bytes32(_reverse(_length) << 128));
        BlobRoot got = BlobRoot.wrap(NodeHash.unwrap(Sha256.hashPair(_tree, mixed)));
        BlobRoot expected = _blob == 0 ? _state.record.modelRoot : _state.record.inputRoot;
        // INVARIANT: tree and length are the blob's.
        if (got != expected) revert Replay_Blob(expected, got);
    }

    /// @dev Bytes of memory or data, which lie in one leaf or in two.
    function _read(State memory _state, NodeHash _root, uint256 _address, uint256 _size)
        private
        view
        returns (uint128 bits_)
    {
        uint256 shift = 8 * (_address % 32);
        uint256 bytes_ = uint256(_state.witness.leaf(_root, MEMORY_DEPTH, _address / 32)) << shift;
        if (_address % 32 + _size > 32) {
            bytes_ |= uint256(_state.witness.leaf(_root, MEMORY_DEPTH, _address / 32 + 1))
            >> (256 - shift);
        }
        uint256 unused = 8 * (32 - _size);
        return uint128(_reverse(uint128((bytes_ >> unused) << (unused - 128))));
    }

    /// @dev Puts bytes into a leaf of memory.
    /// @param _index The leaf.
    /// @param _bytes The bytes, where they go.
    /// @param _mask Which they are.
    function _storeLeaf(State memory _state, uint256 _index, uint256 _bytes, uint256 _mask)
        private
        view
    {
        uint256 before = _state.witness.take(32);
        MerklePath memory path = _state.witness.path(0, MEMORY_DEPTH, _index);
        Record memory record = _state.record;
        NodeHash node = NodeHash.wrap(bytes32(before));
        path.check(_state.witness.zeros, node, record.memoryRoot);
        node = NodeHash.wrap(bytes32((before & ~_mask) | (_bytes & _mask)));
        record.memoryRoot = path.rootOf(_state.witness.zeros, node);
    }

    /// @dev A value of a tree, and its path, to set it.
    function _valueAt(State memory _state, NodeHash _root, uint256 _index)
        private
        view
        returns (uint128 value_, MerklePath memory path_)
    {
        value_ = uint128(_state.witness.take(16));
        path_ = _state.witness.path(0, VALUE_DEPTH, _index);
        path_.check(_state.witness.zeros, _valueNode(value_), _root);
    }

    function _zeroTree(State memory _state, uint256 _level) private pure returns (NodeHash root_) {
        Witness memory witness = _state.witness;
        if (witness.zeros.length == 0) witness.zeros = ZeroTrees.load();
        return ZeroTrees.root(witness.zeros, _level);
    }

    function _valueNode(uint128 _bits) private pure returns (NodeHash node_) {
        return NodeHash.wrap(bytes32(uint256(_bits)));
    }

    /// @dev The 16 bytes of a number in reverse order.
    function _reverse(uint128 _number) private pure returns (uint256 reversed_) {
        uint256 n = _number;
        n = ((n & 0xff00ff00ff00ff00ff00ff00ff00ff00) >> 8)
            | ((n & 0x00ff00ff00ff00ff00ff00ff00ff00ff) << 8);
        n = ((n & 0xffff0000ffff0000ffff0000ffff0000) >> 16)
            | ((n & 0x0000ffff0000ffff0000ffff0000ffff) << 16);
        n = ((n & 0xffffffff00000000ffffffff00000000) >> 32)
            | ((n & 0x00000000ffffffff00000000ffffffff) << 32);
        return (n >> 64) | ((n << 64) & type(uint128).max);
    }
}
