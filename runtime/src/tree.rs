//! Roots of the machine's trees: SHA-256 over 32-byte leaves, of fixed depth, zero leaves behind the last.
//!
//! | tree | depth | leaf |
//! |---|---|---|
//! | code | 24 | a word |
//! | tables | 24 | an entry: present (u32, 0 or 1), type (u32), first word (u32), zeros; entry `i` of table `t` is leaf `t * 2^17 + i` |
//! | globals, locals | 16 | a value as 32 big-endian bytes |
//! | memory, passive data, blobs | 27 | 32 bytes |
//!
//! Depths are fixed and indices are bounded by them, so a path has one length and needs no tags.

use enshrine_primitives::{NodeHash, PAGE_SIZE, hash_pair, page_root, zero_node};

/// Levels of the tree of code words: 2^24 words.
pub const CODE_DEPTH: u32 = 24;
/// Levels of the tree of all tables' entries: 2^16 entries.
pub const TABLE_DEPTH: u32 = 16;
/// Levels of a tree of values, locals or globals: 2^16 values.
pub const VALUE_DEPTH: u32 = 16;
/// Levels of the trees of memory, passive data and blobs: 2^27 leaves, 4 GiB.
pub const MEMORY_DEPTH: u32 = 27;
/// Levels below a 4 KiB page.
pub const PAGE_LEVELS: u32 = 7;

/// A leaf.
pub type Leaf = [u8; 32];

/// The node of a tree of `level` levels of zero leaves.
///
/// # Panics
/// Above [`MEMORY_DEPTH`], the deepest tree.
pub fn zero(level: u32) -> NodeHash {
    zero_node(level as usize).expect("no tree is deeper than a blob's")
}

/// Computes a root from nodes that arrive in order, keeping one node a level.
#[derive(Clone, Debug)]
pub struct TreeHasher {
    /// Level of the nodes that arrive.
    level: u32,
    depth: u32,
    count: u64,
    /// Where bit `i` of `count` is set: root of the 2^i nodes that follow those of the higher bits.
    subtrees: Vec<NodeHash>,
}

impl TreeHasher {
    /// A hasher of a tree of `depth` levels, of nodes of `level`, 0 for leaves.
    pub fn new(level: u32, depth: u32) -> Self {
        let subtrees = vec![zero(0); (depth - level) as usize + 1];
        Self {
            level,
            depth,
            count: 0,
            subtrees,
        }
    }

    /// Appends a node.
    ///
    /// # Panics
    /// If the tree is full.
    pub fn push(&mut self, mut node: NodeHash) {
        assert!(
            self.count < 1 << (self.depth - self.level),
            "no more nodes than the tree has"
        );
        let mut level = 0;
        while (self.count >> level) & 1 == 1 {
            node = hash_pair(&self.subtrees[level], &node);
            level += 1;
        }
        self.subtrees[level] = node;
        self.count += 1;
    }

    /// The root, with zero nodes behind the last.
    pub fn finish(self) -> NodeHash {
        let levels = (self.depth - self.level) as usize;
        if self.count >> levels == 1 {
            return self.subtrees[levels];
        }
        let mut node = zero(self.level);
        for (height, left) in (0..).zip(&self.subtrees[..levels]) {
            node = if (self.count >> height) & 1 == 1 {
                hash_pair(left, &node)
            } else if node == zero(self.level + height) {
                zero(self.level + height + 1)
            } else {
                hash_pair(&node, &zero(self.level + height))
            };
        }
        node
    }
}

/// Root of a tree of `depth` levels with these leaves first.
///
/// ```
/// use enshrine_runtime::tree::{leaves_root, zero};
///
/// assert_eq!(leaves_root([], 16), zero(16));
/// assert_eq!(leaves_root([[0; 32], [0; 32]], 16), zero(16));
/// ```
///
/// # Panics
/// If there are more leaves than the tree has.
pub fn leaves_root(leaves: impl IntoIterator<Item = Leaf>, depth: u32) -> NodeHash {
    let mut hasher = TreeHasher::new(0, depth);
    leaves
        .into_iter()
        .for_each(|leaf| hasher.push(NodeHash::new(leaf)));
    hasher.finish()
}

/// Root of values, each a leaf of 32 big-endian bytes.
///
/// # Panics
/// Above 2^16 values.
pub fn values_root(values: impl IntoIterator<Item = u128>) -> NodeHash {
    leaves_root(values.into_iter().map(value_leaf), VALUE_DEPTH)
}

/// A value as a leaf.
pub fn value_leaf(value: u128) -> Leaf {
    let mut leaf = [0; 32];
    leaf[16..].copy_from_slice(&value.to_be_bytes());
    leaf
}

/// Root of bytes in a tree of [`MEMORY_DEPTH`], zeros behind the last.
///
/// # Panics
/// Above 4 GiB.
pub fn bytes_root(bytes: &[u8]) -> NodeHash {
    let mut hasher = TreeHasher::new(PAGE_LEVELS, MEMORY_DEPTH);
    let (pages, rest) = bytes.as_chunks::<PAGE_SIZE>();
    pages.iter().for_each(|page| hasher.push(page_root(page)));
    if !rest.is_empty() {
        let mut last = [0; PAGE_SIZE];
        last[..rest.len()].copy_from_slice(rest);
        hasher.push(page_root(&last));
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, level by level.
    fn plain(mut nodes: Vec<NodeHash>, depth: u32) -> NodeHash {
        for level in 0..depth {
            if nodes.len() % 2 == 1 {
                nodes.push(zero(level));
            }
            nodes = nodes
                .chunks(2)
                .map(|pair| hash_pair(&pair[0], &pair[1]))
                .collect();
        }
        nodes.first().copied().unwrap_or(zero(depth))
    }

    #[test]
    fn roots_are_those_of_the_definition() {
        for count in (0..70).chain([255, 256]) {
            let leaves: Vec<Leaf> = (0..count)
                .map(|n| value_leaf(u128::from(n % 7u32)))
                .collect();
            let nodes = leaves.iter().copied().map(NodeHash::new).collect();
            assert_eq!(leaves_root(leaves, 8), plain(nodes, 8), "{count} leaves");
        }
    }

    #[test]
    fn bytes_are_hashed_page_by_page() {
        for size in [0, 1, 31, 32, 4095, 4096, 4097, 12288, 20000] {
            let bytes: Vec<u8> = (0..size).map(|n: u32| n.to_le_bytes()[1]).collect();
            let leaves = bytes.chunks(32).map(|chunk| {
                let mut leaf = [0; 32];
                leaf[..chunk.len()].copy_from_slice(chunk);
                leaf
            });
            assert_eq!(
                bytes_root(&bytes),
                leaves_root(leaves, MEMORY_DEPTH),
                "{size} bytes"
            );
        }
    }

    #[test]
    fn zero_nodes_are_hashes_of_zeros() {
        for level in 0..MEMORY_DEPTH {
            assert_eq!(hash_pair(&zero(level), &zero(level)), zero(level + 1));
        }
    }
}
