//! The value stack and the frame stack as chains of hashes: what is pushed hashes what lies below, so a push or a pop
//! touches one link, whatever the height. Heights are part of the record, so the empty chain is nothing special.

use enshrine_primitives::NodeHash;

use super::{ChainHash, keccak};

/// Head of a chain without links.
pub(crate) const EMPTY_CHAIN: ChainHash = ChainHash::new([0; 32]);

const VALUE_TAG: &[u8] = b"enshrine/value/1";
const FRAME_TAG: &[u8] = b"enshrine/frame/1";

/// Head of the value stack after a push: Keccak-256 of
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 16 | `enshrine/value/1` |
/// | 16 | 16 | the value, big endian |
/// | 32 | 32 | head of the stack below |
pub(crate) fn value_link(value: u128, below: &ChainHash) -> ChainHash {
    ChainHash::new(keccak(&[VALUE_TAG, &value.to_be_bytes(), below.as_bytes()]))
}

/// Head of the frame stack after a push: Keccak-256 of
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 16 | `enshrine/frame/1` |
/// | 16 | 4 | where the frame returns to, big endian |
/// | 20 | 32 | root of its locals |
/// | 52 | 32 | head of the stack below |
pub(crate) fn frame_link(return_pc: u32, locals: &NodeHash, below: &ChainHash) -> ChainHash {
    let return_pc = return_pc.to_be_bytes();
    ChainHash::new(keccak(&[
        FRAME_TAG,
        &return_pc,
        locals.as_bytes(),
        below.as_bytes(),
    ]))
}
