// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Sha256} from "../lib/Sha256.sol";
import {Chain} from "../state/Chain.sol";
import {BlobRoot, ChainHash, NodeHash} from "../state/Hashes.sol";
import {MerklePath, MerklePathLib} from "../state/MerklePath.sol";
import {Record} from "../state/Record.sol";
import {ZeroTrees, ZeroTreesLib} from "../state/ZeroTrees.sol";
import {IOneStepFamily} from "../step/IOneStepFamily.sol";

/// @notice A state of which only the record is known, and how much of the witness was used.
struct State {
    Record record;
    // Where the next access finds its witness in the calldata.
    uint256 position;
    // Where the proof begins in the calldata, and where it ends.
    uint256 start;
    uint256 end;
    ZeroTrees zeros;
}

using Replay for State global;

/// @title Steps on nothing but a record and a witness
/// @notice Every byte of the witness is held against the record's hashes, and each is used once.
/// @custom:mirrors wasm-prover/src/replay.rs
library Replay {
    using MerklePathLib for MerklePath;

    /// @notice The proof ends too early.
    /// @param expected Bytes of the proof at least.
    /// @param got Its bytes.
    error Replay_Short(uint256 expected, uint256 got);

    /// @notice A value or a frame is not the one on top.
    /// @param expected Head in the state.
    /// @param got Head of what the proof gives.
    error Replay_Chain(ChainHash expected, ChainHash got);

    /// @notice A length or a page is not the blob's.
    /// @param expected Root in the state.
    /// @param got Root of what the proof gives.
    error Replay_Blob(BlobRoot expected, BlobRoot got);

    /// @dev Depth of the tree of code words.
    uint256 internal constant CODE_DEPTH = 24;

    /// @dev Depth of the tree of table entries.
    uint256 internal constant TABLE_DEPTH = 24;

    /// @dev Depth of the trees of locals and of globals.
    uint256 internal constant VALUE_DEPTH = 16;

    /// @dev Depth of the trees of memory, of passive data, and of a blob below its length.
    uint256 internal constant MEMORY_DEPTH = 27;

    /// @dev Level of a page of 4 KiB.
    uint256 internal constant PAGE_LEVELS = 7;

    /// @dev Pages that a blob's tree has. Behind them a blob is zero.
    uint256 internal constant BLOB_PAGES = 1 << (MEMORY_DEPTH - PAGE_LEVELS);

    /// @dev Begins a step.
    /// @param _record The state.
    /// @param _proof The proof.
    /// @param _offset Where in the proof the witness begins.
    function open(Record memory _record, bytes calldata _proof, uint256 _offset)
        internal
        pure
        returns (State memory state_)
    {
        uint256 start;
        assembly ("memory-safe") {
            start := _proof.offset
        }
        // INVARIANT: the witness begins in the proof, and offsets do not wrap.
        if (_offset > _proof.length) revert Replay_Short(_offset, _proof.length);
        return State(_record, start + _offset, start, start + _proof.length, ZeroTreesLib.load());
    }

    /// @dev Bytes of the proof that were used.
    function offset(State memory _state) internal pure returns (uint256 offset_) {
        return _state.position - _state.start;
    }

    /// @dev Ends the step: it fails the run.
    function fail(State memory _state) internal pure {
        revert IOneStepFamily.OneStep_Failed(offset(_state));
    }

    /// @dev The word at `_pc`, which is below 2^24.
    function word(State memory _state, uint256 _pc) internal view returns (bytes32 word_) {
        return _leaf(_state, _state.record.codeRoot, CODE_DEPTH, _pc);
    }

    /// @dev Pops a value. Fails the run if there is none.
    function pop(State memory _state) internal pure returns (uint128 value_) {
        Record memory record = _state.record;
        if (record.stackHeight == 0) fail(_state);
        unchecked {
            --record.stackHeight;
        }
        value_ = uint128(_take(_state, 16));
        ChainHash below = ChainHash.wrap(bytes32(_take(_state, 32)));
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
        record.localsRoot = _state.zeros.root(VALUE_DEPTH);
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
        record.returnPc = uint32(_take(_state, 4));
        record.localsRoot = NodeHash.wrap(bytes32(_take(_state, 32)));
        ChainHash below = ChainHash.wrap(bytes32(_take(_state, 32)));
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
        _state.record.localsRoot = path.rootOf(_state.zeros, _valueNode(_new));
    }

    /// @dev A global; `_index` is below 2^16.
    function global_(State memory _state, uint256 _index) internal view returns (uint128 value_) {
        (value_,) = _valueAt(_state, _state.record.globalsRoot, _index);
    }

    /// @dev Sets a global; `_index` is below 2^16.
    function setGlobal(State memory _state, uint256 _index, uint128 _new) internal view {
        (, MerklePath memory path) = _valueAt(_state, _state.record.globalsRoot, _index);
        _state.record.globalsRoot = path.rootOf(_state.zeros, _valueNode(_new));
    }

    /// @dev A leaf of the tables' tree, `_index` below 2^24.
    function tableLeaf(State memory _state, uint256 _index) internal view returns (bytes32 leaf_) {
        return _leaf(_state, _state.record.tablesRoot, TABLE_DEPTH, _index);
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
        root_ = _leaf(_state, root, MEMORY_DEPTH, _address / 32) << shift;
        if (shift != 0) {
            root_ |= _leaf(_state, root, MEMORY_DEPTH, _address / 32 + 1) >> (256 - shift);
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
        NodeHash tree = NodeHash.wrap(bytes32(_take(_state, 32)));
        length_ = uint64(_take(_state, 8));
        _checkBlob(_state, _blob, tree, length_);
    }

    /// @dev Copies page `_page` of blob 0 or 1 to memory page `_target`, which lies within the memory. There are zeros behind
    /// the blob's end.
    function copyBlobPage(State memory _state, uint256 _blob, uint256 _page, uint256 _target)
        internal
        view
    {
        NodeHash source = _blobPage(_state, _blob, _page);
        NodeHash before = NodeHash.wrap(bytes32(_take(_state, 32)));
        MerklePath memory path = _path(_state, PAGE_LEVELS, MEMORY_DEPTH, _target);
        Record memory record = _state.record;
        path.check(_state.zeros, before, record.memoryRoot);
        record.memoryRoot = path.rootOf(_state.zeros, source);
    }

    function _blobPage(State memory _state, uint256 _blob, uint256 _page)
        private
        view
        returns (NodeHash node_)
    {
        if (_page >= BLOB_PAGES) return _state.zeros.root(PAGE_LEVELS);
        uint64 length = uint64(_take(_state, 8));
        node_ = NodeHash.wrap(bytes32(_take(_state, 32)));
        MerklePath memory path = _path(_state, PAGE_LEVELS, MEMORY_DEPTH, _page);
        NodeHash tree = path.rootOf(_state.zeros, node_);
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
        uint256 bytes_ = uint256(_leaf(_state, _root, MEMORY_DEPTH, _address / 32)) << shift;
        if (_address % 32 + _size > 32) {
            bytes_ |= uint256(_leaf(_state, _root, MEMORY_DEPTH, _address / 32 + 1))
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
        uint256 before = _take(_state, 32);
        MerklePath memory path = _path(_state, 0, MEMORY_DEPTH, _index);
        Record memory record = _state.record;
        NodeHash node = NodeHash.wrap(bytes32(before));
        path.check(_state.zeros, node, record.memoryRoot);
        node = NodeHash.wrap(bytes32((before & ~_mask) | (_bytes & _mask)));
        record.memoryRoot = path.rootOf(_state.zeros, node);
    }

    /// @dev A leaf of a tree that the step only reads.
    function _leaf(State memory _state, NodeHash _root, uint256 _depth, uint256 _index)
        private
        view
        returns (bytes32 leaf_)
    {
        leaf_ = bytes32(_take(_state, 32));
        MerklePath memory path = _path(_state, 0, _depth, _index);
        path.check(_state.zeros, NodeHash.wrap(leaf_), _root);
    }

    /// @dev A value of a tree, and its path, to set it.
    function _valueAt(State memory _state, NodeHash _root, uint256 _index)
        private
        view
        returns (uint128 value_, MerklePath memory path_)
    {
        value_ = uint128(_take(_state, 16));
        path_ = _path(_state, 0, VALUE_DEPTH, _index);
        path_.check(_state.zeros, _valueNode(value_), _root);
    }

    function _valueNode(uint128 _bits) private pure returns (NodeHash node_) {
        return NodeHash.wrap(bytes32(uint256(_bits)));
    }

    /// @dev The next path, from a node of `_level` to the root of a tree of `_depth` levels.
    function _path(State memory _state, uint256 _level, uint256 _depth, uint256 _index)
        private
        pure
        returns (MerklePath memory path_)
    {
        uint256 count = _depth - _level;
        uint256 bitmap = _take(_state, MerklePathLib.BITMAP_SIZE);
        uint256 given = MerklePathLib.given(bitmap, count);
        path_ = MerklePath(_skip(_state, 32 * given), bitmap, _level, count, _index);
        path_.checkCanonical(_state.zeros);
    }

    /// @dev The next `_size` bytes, at most 32, as a big-endian number.
    function _take(State memory _state, uint256 _size) private pure returns (uint256 number_) {
        uint256 position = _skip(_state, _size);
        assembly ("memory-safe") {
            // The bytes are at the top of the word that begins with them.
            number_ := shr(sub(256, shl(3, _size)), calldataload(position))
        }
    }

    /// @dev Where the next `_size` bytes are.
    function _skip(State memory _state, uint256 _size) private pure returns (uint256 position_) {
        position_ = _state.position;
        uint256 end = position_ + _size;
        // INVARIANT: nothing is read behind the proof's end.
        if (end > _state.end) revert Replay_Short(end - _state.start, _state.end - _state.start);
        _state.position = end;
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
