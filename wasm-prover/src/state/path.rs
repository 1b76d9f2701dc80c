//! Merkle paths as a proof holds them.
//!
//! | size | field |
//! |---|---|
//! | 4 | bit `i` (big endian): the sibling at height `i` above the node is a tree of zeros |
//! | 32 each | the other siblings, lowest first |
//!
//! Most siblings in the upper part of a tree are trees of zeros, whose roots everybody knows. The encoding is canonical:
//! bits beyond the path are clear, and a sibling that is given is no tree of zeros.

use enshrine_primitives::{NodeHash, hash_pair};
use enshrine_runtime::tree::zero;

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Bits are set beyond the path's siblings.
    #[error("expected no bit from {expected} on in the path's bitmap, got {got:#010x}")]
    Bitmap {
        /// Siblings of the path.
        expected: u32,
        /// The bitmap.
        got: u32,
    },
    /// A sibling is given although it is a tree of zeros.
    #[error("the sibling at height {height} is a tree of zeros: its bit must say so")]
    Zero {
        /// Height above the path's node.
        height: u32,
    },
    /// The proof ends within the path.
    #[error("the proof ends within a path")]
    Short,
    /// The path leads to another root than the state's.
    #[error("expected a path to the root {expected}, got one to {got}")]
    Root {
        /// Root in the state.
        expected: NodeHash,
        /// Where the path leads.
        got: NodeHash,
    },
}

/// Siblings of a node on the way to the root, lowest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// Level of the node.
    pub(crate) level: u32,
    pub(crate) siblings: Vec<NodeHash>,
}

impl Path {
    /// Appends the encoded path.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let zeros = (self.level..)
            .zip(&self.siblings)
            .map(|(level, sibling)| *sibling == zero(level));
        let bitmap = (0..).zip(zeros).fold(0, |bits: u32, (height, zero)| {
            bits | u32::from(zero) << height
        });
        out.extend(bitmap.to_be_bytes());
        for (height, sibling) in (0..).zip(&self.siblings) {
            if bitmap >> height & 1 == 0 {
                out.extend(sibling.as_bytes());
            }
        }
    }

    /// Reads a path from a node of `level` to the root of a tree of `depth` levels off the front of `bytes`.
    pub(crate) fn read(bytes: &mut &[u8], level: u32, depth: u32) -> Result<Self, PathError> {
        let count = depth - level;
        let bitmap = u32::from_be_bytes(take(bytes)?);
        if u64::from(bitmap) >> count != 0 {
            let expected = count;
            return Err(PathError::Bitmap {
                expected,
                got: bitmap,
            });
        }
        let sibling = |height: u32| {
            let of_zeros = zero(level + height);
            if bitmap >> height & 1 == 1 {
                return Ok(of_zeros);
            }
            let sibling = NodeHash::new(take(bytes)?);
            if sibling == of_zeros {
                return Err(PathError::Zero { height });
            }
            Ok(sibling)
        };
        let siblings = (0..count).map(sibling).collect::<Result<_, _>>()?;
        Ok(Self { level, siblings })
    }

    /// The root above `node` at `index` of its level.
    pub(crate) fn root(&self, index: u32, node: NodeHash) -> NodeHash {
        (0..)
            .zip(&self.siblings)
            .fold(node, |node, (height, sibling)| {
                if index >> height & 1 == 0 {
                    hash_pair(&node, sibling)
                } else {
                    hash_pair(sibling, &node)
                }
            })
    }

    /// Holds the path against the root in the state.
    pub(crate) fn check(
        &self,
        index: u32,
        node: NodeHash,
        expected: NodeHash,
    ) -> Result<(), PathError> {
        let got = self.root(index, node);
        if got == expected {
            return Ok(());
        }
        Err(PathError::Root { expected, got })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], PathError> {
    let (first, rest) = bytes.split_first_chunk().ok_or(PathError::Short)?;
    *bytes = rest;
    Ok(*first)
}
