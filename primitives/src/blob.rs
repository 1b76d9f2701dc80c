//! Roots of blobs.

use crate::{BlobRoot, NodeHash, root::parse_hex, sha256};

/// Size of a page in bytes: a node 7 levels above the leaves.
pub const PAGE_SIZE: usize = 4096;

/// Size of a leaf in bytes.
pub const CHUNK_SIZE: usize = 32;

/// Leaves of a blob's tree, with those that only pad.
pub const BLOB_CAPACITY_CHUNKS: u64 = 1 << CAPACITY_LEVEL;

/// Most bytes of a blob: 4 GiB.
pub const MAX_BLOB_BYTES: u64 = BLOB_CAPACITY_CHUNKS * CHUNK_SIZE as u64;

const PAGE_LEVEL: usize = 7;
const CAPACITY_LEVEL: usize = 27;
const PAGE_LEVELS_ABOVE: usize = CAPACITY_LEVEL - PAGE_LEVEL;

/// A blob above [`MAX_BLOB_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a blob of at most {expected} bytes, got at least {got}")]
pub struct BlobTooLarge {
    /// [`MAX_BLOB_BYTES`].
    pub expected: u64,
    /// Bytes up to where hashing stopped.
    pub got: u64,
}

/// The root of a blob: SSZ `hash_tree_root` of `List[byte, 2**32]`.
///
/// SHA-256 over 32-byte chunks padded to [`BLOB_CAPACITY_CHUNKS`], then the length as 32 little-endian bytes mixed in.
///
/// # Errors
/// [`BlobTooLarge`] above [`MAX_BLOB_BYTES`].
///
/// ```
/// use enshrine_primitives::blob_root;
///
/// let root = blob_root(b"")?;
/// assert_eq!(root.to_string(), "0xfcada1ce97f6629a9b31bd46dc9824a4ee18e91bb76243e16387616176e1d899");
/// let root = blob_root(&[1, 2, 3])?;
/// assert_eq!(root.to_string(), "0x1ca47d64f52e5c6bc8a22a79cae1283faf343beb7404e08f1edad166c21d3959");
/// # Ok::<(), enshrine_primitives::BlobTooLarge>(())
/// ```
pub fn blob_root(bytes: &[u8]) -> Result<BlobRoot, BlobTooLarge> {
    let mut hasher = BlobHasher::new();
    hasher.update(bytes)?;
    Ok(hasher.finish())
}

/// Computes the root of a blob that arrives in parts, in 5 KB of memory.
///
/// ```
/// use enshrine_primitives::{BlobHasher, blob_root};
///
/// let mut hasher = BlobHasher::new();
/// hasher.update(&[7; 5000])?;
/// hasher.update(&[8; 5000])?;
/// let whole = [[7; 5000], [8; 5000]].concat();
/// assert_eq!(hasher.finish(), blob_root(&whole)?);
/// # Ok::<(), enshrine_primitives::BlobTooLarge>(())
/// ```
#[derive(Clone, Debug)]
pub struct BlobHasher {
    /// Whole pages so far.
    pages: u64,
    /// Bytes of the page that is not whole yet.
    tail: [u8; PAGE_SIZE],
    filled: usize,
    /// Where bit `i` of `pages` is set: root of the 2^i pages that follow those of the higher bits.
    subtrees: [NodeHash; PAGE_LEVELS_ABOVE + 1],
}

impl Default for BlobHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl BlobHasher {
    /// A hasher of the empty blob.
    pub const fn new() -> Self {
        let subtrees = [ZERO_NODES[0]; PAGE_LEVELS_ABOVE + 1];
        Self {
            pages: 0,
            tail: [0; PAGE_SIZE],
            filled: 0,
            subtrees,
        }
    }

    /// Bytes so far.
    pub const fn size_bytes(&self) -> u64 {
        self.pages * PAGE_SIZE as u64 + self.filled as u64
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// [`BlobTooLarge`] above [`MAX_BLOB_BYTES`]; the hasher is as before the call.
    pub fn update(&mut self, mut bytes: &[u8]) -> Result<(), BlobTooLarge> {
        let got = self.size_bytes().saturating_add(bytes.len() as u64);
        if got > MAX_BLOB_BYTES {
            return Err(BlobTooLarge {
                expected: MAX_BLOB_BYTES,
                got,
            });
        }
        while !bytes.is_empty() {
            bytes = match bytes.split_first_chunk::<PAGE_SIZE>() {
                Some((page, rest)) if self.filled == 0 => {
                    self.push_page(page_root(page));
                    rest
                }
                _ => self.fill_tail(bytes),
            };
        }
        Ok(())
    }

    /// The root of all bytes.
    pub fn finish(self) -> BlobRoot {
        let len = self.size_bytes();
        let Self {
            pages,
            tail,
            filled,
            subtrees,
        } = self;
        let mut node = (filled > 0).then(|| partial_page_root(&tail[..filled]));
        for (level, left) in subtrees[..PAGE_LEVELS_ABOVE].iter().enumerate() {
            let zero = &ZERO_NODES[PAGE_LEVEL + level];
            node = match (node, (pages >> level) & 1 == 1) {
                (Some(right), true) => Some(hash_pair(left, &right)),
                (None, true) => Some(hash_pair(left, zero)),
                (Some(node), false) => Some(hash_pair(&node, zero)),
                (None, false) => None,
            };
        }
        let full = pages >> PAGE_LEVELS_ABOVE == 1;
        let empty = if full {
            self.subtrees[PAGE_LEVELS_ABOVE]
        } else {
            ZERO_NODES[CAPACITY_LEVEL]
        };
        mix_in_length(&node.unwrap_or(empty), len)
    }

    /// Takes what still fits into the last page; returns the rest.
    fn fill_tail<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (part, rest) = bytes.split_at(bytes.len().min(PAGE_SIZE - self.filled));
        self.tail[self.filled..][..part.len()].copy_from_slice(part);
        self.filled += part.len();
        if self.filled == PAGE_SIZE {
            self.filled = 0;
            self.push_page(page_root(&self.tail));
        }
        rest
    }

    fn push_page(&mut self, mut node: NodeHash) {
        let mut level = 0;
        while (self.pages >> level) & 1 == 1 {
            node = hash_pair(&self.subtrees[level], &node);
            level += 1;
        }
        self.subtrees[level] = node;
        self.pages += 1;
    }
}

/// The root of a page's 128 chunks.
///
/// ```
/// use enshrine_primitives::{page_root, zero_node};
///
/// assert_eq!(Some(page_root(&[0; 4096])), zero_node(7));
/// ```
pub fn page_root(page: &[u8; PAGE_SIZE]) -> NodeHash {
    // Much of a machine's memory was never written: reading a page costs a hundredth of hashing it.
    if page.iter().all(|byte| *byte == 0) {
        return ZERO_NODES[PAGE_LEVEL];
    }
    partial_page_root(page)
}

/// Root of the tree of `level` levels whose leaves are all zero; `None` above a blob's 27.
///
/// ```
/// use enshrine_primitives::{NodeHash, zero_node};
///
/// assert_eq!(zero_node(0), Some(NodeHash::new([0; 32])));
/// assert_eq!(zero_node(28), None);
/// ```
pub fn zero_node(level: usize) -> Option<NodeHash> {
    ZERO_NODES.get(level).copied()
}

/// Root of a page of which only the first bytes are given; the rest is zero. Skips the empty part.
fn partial_page_root(bytes: &[u8]) -> NodeHash {
    let mut nodes = [0; PAGE_SIZE];
    nodes[..bytes.len()].copy_from_slice(bytes);
    let mut count = bytes.len().div_ceil(CHUNK_SIZE);
    for zero in &ZERO_NODES[..PAGE_LEVEL] {
        if count % 2 == 1 {
            nodes[count * CHUNK_SIZE..][..CHUNK_SIZE].copy_from_slice(zero.as_bytes());
        }
        count = count.div_ceil(2);
        hash_level(&mut nodes, count);
    }
    let (first, _) = nodes
        .split_first_chunk()
        .expect("a page is longer than a node");
    NodeHash::new(*first)
}

/// Replaces the first `count` pairs of nodes by their parents.
fn hash_level(nodes: &mut [u8; PAGE_SIZE], count: usize) {
    let groups = count / sha256::LANES;
    for group in 0..groups {
        let (blocks, _) = nodes.as_chunks::<64>();
        let (groups, _) = blocks.as_chunks::<{ sha256::LANES }>();
        let parents = sha256::hash_nodes(&groups[group]);
        for (index, parent) in (group * sha256::LANES..).zip(parents) {
            nodes[index * CHUNK_SIZE..][..CHUNK_SIZE].copy_from_slice(parent.as_bytes());
        }
    }
    for index in groups * sha256::LANES..count {
        let (blocks, _) = nodes.as_chunks::<64>();
        let parent = sha256::hash_node(&blocks[index]);
        nodes[index * CHUNK_SIZE..][..CHUNK_SIZE].copy_from_slice(parent.as_bytes());
    }
}

fn mix_in_length(node: &NodeHash, len: u64) -> BlobRoot {
    let mut length = [0; 32];
    length[..8].copy_from_slice(&len.to_le_bytes());
    BlobRoot::new(hash_pair(node, &NodeHash::new(length)).into_bytes())
}

/// The node above two others: SHA-256 of both.
///
/// ```
/// use enshrine_primitives::{hash_pair, zero_node};
///
/// let zero = zero_node(0).unwrap();
/// assert_eq!(Some(hash_pair(&zero, &zero)), zero_node(1));
/// ```
pub fn hash_pair(left: &NodeHash, right: &NodeHash) -> NodeHash {
    let mut block = [0; 64];
    block[..32].copy_from_slice(left.as_bytes());
    block[32..].copy_from_slice(right.as_bytes());
    sha256::hash_node(&block)
}

/// Entry `i` is the root of a tree of 2^i zero chunks.
#[rustfmt::skip]
const ZERO_NODES: [NodeHash; CAPACITY_LEVEL + 1] = [
    node("0000000000000000000000000000000000000000000000000000000000000000"),
    node("f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"),
    node("db56114e00fdd4c1f85c892bf35ac9a89289aaecb1ebd0a96cde606a748b5d71"),
    node("c78009fdf07fc56a11f122370658a353aaa542ed63e44c4bc15ff4cd105ab33c"),
    node("536d98837f2dd165a55d5eeae91485954472d56f246df256bf3cae19352a123c"),
    node("9efde052aa15429fae05bad4d0b1d7c64da64d03d7a1854a588c2cb8430c0d30"),
    node("d88ddfeed400a8755596b21942c1497e114c302e6118290f91e6772976041fa1"),
    node("87eb0ddba57e35f6d286673802a4af5975e22506c7cf4c64bb6be5ee11527f2c"),
    node("26846476fd5fc54a5d43385167c95144f2643f533cc85bb9d16b782f8d7db193"),
    node("506d86582d252405b840018792cad2bf1259f1ef5aa5f887e13cb2f0094f51e1"),
    node("ffff0ad7e659772f9534c195c815efc4014ef1e1daed4404c06385d11192e92b"),
    node("6cf04127db05441cd833107a52be852868890e4317e6a02ab47683aa75964220"),
    node("b7d05f875f140027ef5118a2247bbb84ce8f2f0f1123623085daf7960c329f5f"),
    node("df6af5f5bbdb6be9ef8aa618e4bf8073960867171e29676f8b284dea6a08a85e"),
    node("b58d900f5e182e3c50ef74969ea16c7726c549757cc23523c369587da7293784"),
    node("d49a7502ffcfb0340b1d7885688500ca308161a7f96b62df9d083b71fcc8f2bb"),
    node("8fe6b1689256c0d385f42f5bbe2027a22c1996e110ba97c171d3e5948de92beb"),
    node("8d0d63c39ebade8509e0ae3c9c3876fb5fa112be18f905ecacfecb92057603ab"),
    node("95eec8b2e541cad4e91de38385f2e046619f54496c2382cb6cacd5b98c26f5a4"),
    node("f893e908917775b62bff23294dbbe3a1cd8e6cc1c35b4801887b646a6f81f17f"),
    node("cddba7b592e3133393c16194fac7431abf2f5485ed711db282183c819e08ebaa"),
    node("8a8d7fe3af8caa085a7639a832001457dfb9128a8061142ad0335629ff23ff9c"),
    node("feb3c337d7a51a6fbf00b9e34c52e1c9195c969bd4e7a0bfd51d5c5bed9c1167"),
    node("e71f0aa83cc32edfbefa9f4d3e0174ca85182eec9f3a09f6a6c0df6377a510d7"),
    node("31206fa80a50bb6abe29085058f16212212a60eec8f049fecb92d8c8e0a84bc0"),
    node("21352bfecbeddde993839f614c3dac0a3ee37543f9b412b16199dc158e23b544"),
    node("619e312724bb6d7c3153ed9de791d764a366b389af13c58bf8a8d90481a46765"),
    node("7cdd2986268250628d0c10e385c58c6191e6fbe05191bcc04f133f2cea72c1c4"),
];

/// A node from hexadecimal digits, at compile time only.
const fn node(digits: &str) -> NodeHash {
    match parse_hex(digits) {
        Ok(bytes) => NodeHash::new(bytes),
        Err(_) => panic!("the table holds 64 digits a line"),
    }
}

#[cfg(test)]
mod tests;
