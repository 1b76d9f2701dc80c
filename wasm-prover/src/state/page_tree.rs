//! The upper part of a large tree: nodes from the level of 4 KiB pages to the root.

use enshrine_primitives::{CHUNK_SIZE, NodeHash, PAGE_SIZE, hash_pair, page_root};
use enshrine_runtime::tree::{PAGE_LEVELS, zero};

use super::Path;

/// Leaves of a page.
pub(crate) const PAGE_LEAVES: usize = PAGE_SIZE / CHUNK_SIZE;

/// Bytes of a page.
pub(crate) type PageBytes = [u8; PAGE_SIZE];

/// Nodes above pages. Behind the last page there are zeros.
#[derive(Clone, Debug)]
pub(crate) struct PageTree {
    /// Entry 0 are the pages' roots; each further one is half as long.
    levels: Vec<Vec<NodeHash>>,
    /// What stands at each level behind the last node.
    zeros: Vec<NodeHash>,
}

impl PageTree {
    /// The tree of `depth` levels over pages with these roots.
    pub(crate) fn new(pages: Vec<NodeHash>, depth: u32) -> Self {
        let mut levels = vec![pages];
        for level in PAGE_LEVELS..depth {
            let below = levels.last().expect("there is the level of pages");
            levels.push(parents(below, level));
        }
        let zeros = (PAGE_LEVELS..=depth).map(zero).collect();
        Self { levels, zeros }
    }

    /// The tree of bytes in pages.
    pub(crate) fn of_bytes(bytes: &[u8], depth: u32) -> Self {
        let pages =
            (0..bytes.len().div_ceil(PAGE_SIZE)).map(|page| page_root(&page_of(bytes, page)));
        Self::new(pages.collect(), depth)
    }

    /// Adds zero pages up to `count`.
    pub(crate) fn extend(&mut self, count: usize) {
        let mut count = count;
        for (level, nodes) in (PAGE_LEVELS..).zip(&mut self.levels) {
            if nodes.len() < count {
                nodes.resize(count, zero(level));
            }
            count = count.div_ceil(2);
        }
    }

    /// Puts new roots of pages in and rehashes what lies above them, each node once.
    pub(crate) fn update(&mut self, mut changed: Vec<(usize, NodeHash)>) {
        changed.sort_unstable_by_key(|(index, _)| *index);
        let last = self.levels.len() - 1;
        for height in 0..=last {
            for (index, node) in &changed {
                self.levels[height][*index] = *node;
            }
            if height == last {
                break;
            }
            let mut parents: Vec<usize> = changed.iter().map(|(index, _)| index / 2).collect();
            parents.dedup();
            changed = parents
                .into_iter()
                .map(|index| (index, self.parent(height, index)))
                .collect();
        }
    }

    fn parent(&self, height: usize, index: usize) -> NodeHash {
        hash_pair(
            &self.node(height, 2 * index),
            &self.node(height, 2 * index + 1),
        )
    }

    fn node(&self, height: usize, index: usize) -> NodeHash {
        let node = self.levels[height].get(index).copied();
        node.unwrap_or_else(|| self.zeros[height])
    }

    /// The root of a page.
    pub(crate) fn page(&self, index: u32) -> NodeHash {
        self.node(0, index as usize)
    }

    pub(crate) fn root(&self) -> NodeHash {
        self.node(self.levels.len() - 1, 0)
    }

    /// Siblings from a page to the root.
    pub(crate) fn path(&self, page: u32) -> Path {
        let above = 0..self.levels.len() - 1;
        Path {
            level: PAGE_LEVELS,
            siblings: above
                .map(|height| self.node(height, (page >> height ^ 1) as usize))
                .collect(),
        }
    }
}

/// Page `page` of bytes, zeros behind their end.
pub(crate) fn page_of(bytes: &[u8], page: usize) -> PageBytes {
    let mut target = [0; PAGE_SIZE];
    let rest = bytes
        .get(page.saturating_mul(PAGE_SIZE)..)
        .unwrap_or_default();
    let size = rest.len().min(PAGE_SIZE);
    target[..size].copy_from_slice(&rest[..size]);
    target
}

/// The leaves of a page.
pub(crate) fn leaves_of(page: &PageBytes) -> Vec<NodeHash> {
    let (leaves, _) = page.as_chunks::<CHUNK_SIZE>();
    leaves.iter().copied().map(NodeHash::new).collect()
}

/// Siblings from node `index` of `nodes`, which are the first of their level, up to level `depth`.
pub(crate) fn path_above(mut nodes: Vec<NodeHash>, level: u32, depth: u32, index: u32) -> Path {
    let mut siblings = Vec::new();
    for at in level..depth {
        let sibling = (index >> (at - level) ^ 1) as usize;
        siblings.push(nodes.get(sibling).copied().unwrap_or_else(|| zero(at)));
        nodes = parents(&nodes, at);
    }
    Path { level, siblings }
}

/// The nodes above those of a level.
pub(crate) fn parents(nodes: &[NodeHash], level: u32) -> Vec<NodeHash> {
    nodes
        .chunks(2)
        .map(|pair| match pair {
            [left, right] if *left == zero(level) && *right == zero(level) => zero(level + 1),
            [left, right] => hash_pair(left, right),
            [left] if *left == zero(level) => zero(level + 1),
            [left] => hash_pair(left, &zero(level)),
            _ => unreachable!("chunks have one or two nodes"),
        })
        .collect()
}
