//! Memory in pages that states share, with a tree that is rehashed where it changed.

use std::sync::{Arc, OnceLock};

use enshrine_primitives::{CHUNK_SIZE, NodeHash, PAGE_SIZE, hash_pair, page_root};
use enshrine_runtime::tree::{Leaf, MEMORY_DEPTH, PAGE_LEVELS, zero};

use super::{
    Path,
    page_tree::{PAGE_LEAVES, PageBytes, PageTree, leaves_of, path_above},
};

/// 64 KiB pages of WASM hold this many of ours.
const PAGES_PER_WASM_PAGE: usize = (1 << 16) / PAGE_SIZE;

/// Above that many pages written between two hashes, nodes of pages are not worth their memory.
const MOST_PAGES_WITH_TREE: usize = 1 << 10;

#[derive(Clone, Debug)]
struct Page {
    bytes: PageBytes,
    /// Root of the page, once hashed.
    root: OnceLock<NodeHash>,
    /// Leaves that were written since `tree` was made.
    stale: u128,
    /// Nodes of a page that is written and hashed again and again: entry 1 is the root, entries `2i` and `2i + 1` are
    /// below entry `i`, the leaves themselves are left out.
    tree: Option<Box<[NodeHash; PAGE_LEAVES]>>,
}

impl Page {
    fn new(bytes: PageBytes) -> Self {
        Self {
            bytes,
            root: OnceLock::new(),
            stale: 0,
            tree: None,
        }
    }

    /// Notes a write to `offset..offset + size`.
    #[inline]
    fn touch(&mut self, offset: usize, size: usize) {
        let (first, last) = (offset / CHUNK_SIZE, (offset + size - 1) / CHUNK_SIZE);
        self.stale |= 1 << first | 1 << last;
        self.root = OnceLock::new();
    }

    fn root(&self) -> NodeHash {
        *self.root.get_or_init(|| page_root(&self.bytes))
    }

    /// Hashes what was written since the last time, and keeps the page's nodes for the next.
    fn refresh(&mut self) {
        let fresh = self.tree.is_none();
        let tree = self
            .tree
            .get_or_insert_with(|| Box::new([zero(0); PAGE_LEAVES]));
        refresh(
            tree,
            &self.bytes,
            if fresh { u128::MAX } else { self.stale },
        );
        self.stale = 0;
        self.root = OnceLock::from(tree[1]);
    }
}

/// Hashes the nodes above the leaves whose bits are set.
fn refresh(tree: &mut [NodeHash; PAGE_LEAVES], bytes: &PageBytes, stale: u128) {
    let (leaves, _) = bytes.as_chunks::<CHUNK_SIZE>();
    let mut nodes = fold_pairs(stale, PAGE_LEAVES);
    let mut count = PAGE_LEAVES / 2;
    while count > 0 {
        for index in bits(nodes) {
            let (left, right) = if count == PAGE_LEAVES / 2 {
                let pair = (leaves[2 * index], leaves[2 * index + 1]);
                (NodeHash::new(pair.0), NodeHash::new(pair.1))
            } else {
                (tree[2 * (count + index)], tree[2 * (count + index) + 1])
            };
            tree[count + index] = hash_pair(&left, &right);
        }
        nodes = fold_pairs(nodes, count);
        count /= 2;
    }
}

/// Bit `i` of the result: bit `2i` or `2i + 1` of `set`, which has `count` bits.
fn fold_pairs(set: u128, count: usize) -> u128 {
    bits(set)
        .take(count)
        .fold(0, |folded, bit| folded | 1 << (bit / 2))
}

fn bits(mut set: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(bit)
    })
}

/// A machine's memory. Copies share pages until one of them writes.
#[derive(Clone, Debug, Default)]
pub struct PagedMemory {
    pages: Vec<Arc<Page>>,
    /// Nodes above the pages, once hashed; stale above those in `written`.
    tree: Option<Arc<PageTree>>,
    /// Pages whose roots in `tree` may be stale, each once.
    written: Vec<usize>,
    /// Whether a page is in `written`.
    is_written: Vec<bool>,
}

impl PagedMemory {
    /// Memory of `bytes`, whose length is a multiple of 64 KiB. Pages that are equal to those of `like` are shared with
    /// it, and so are their hashes.
    pub fn new(bytes: &[u8], like: Option<&Self>) -> Self {
        let (contents, _) = bytes.as_chunks::<PAGE_SIZE>();
        let mut this = Self::default();
        // Memory never shrinks, so a longer one is that of a later state, whose nodes are of no use.
        if let Some(like) = like.filter(|like| like.pages.len() <= contents.len()) {
            this.tree.clone_from(&like.tree);
            this.written.clone_from(&like.written);
            this.is_written.clone_from(&like.is_written);
        }
        this.is_written.resize(contents.len(), false);
        this.extend_tree(contents.len());
        let empty = zero_page();
        for (index, content) in contents.iter().enumerate() {
            let known = like.and_then(|like| like.pages.get(index));
            let page = match known {
                Some(page) if page.bytes == *content => Arc::clone(page),
                _ => {
                    this.note(index);
                    if is_zero(content) {
                        Arc::clone(&empty)
                    } else {
                        Arc::new(Page::new(*content))
                    }
                }
            };
            this.pages.push(page);
        }
        this
    }

    /// Notes that a page's root may be another than in the tree.
    #[inline]
    fn note(&mut self, page: usize) {
        if !self.is_written[page] {
            self.is_written[page] = true;
            self.written.push(page);
        }
    }

    fn extend_tree(&mut self, pages: usize) {
        if let Some(tree) = &mut self.tree {
            Arc::make_mut(tree).extend(pages);
        }
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.pages.len() * PAGE_SIZE
    }

    /// Whether the program has no memory, or one of no pages.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// `size` bytes at `address`, at most 16, as a little-endian number.
    ///
    /// # Panics
    /// Beyond the end.
    #[inline]
    pub fn load(&self, address: u64, size: u32) -> u128 {
        let (page, offset) = place(address);
        let size = size as usize;
        let mut bytes = [0; 16];
        let inside = size.min(PAGE_SIZE - offset);
        bytes[..inside].copy_from_slice(&self.pages[page].bytes[offset..offset + inside]);
        if inside < size {
            bytes[inside..size].copy_from_slice(&self.pages[page + 1].bytes[..size - inside]);
        }
        u128::from_le_bytes(bytes)
    }

    /// Writes the low `size` bytes of `bits`, at most 16.
    ///
    /// # Panics
    /// Beyond the end.
    #[inline]
    pub fn store(&mut self, address: u64, size: u32, bits: u128) {
        let (page, offset) = place(address);
        let (bytes, size) = (bits.to_le_bytes(), size as usize);
        let inside = size.min(PAGE_SIZE - offset);
        self.write(page, offset, &bytes[..inside]);
        if inside < size {
            self.write(page + 1, 0, &bytes[inside..size]);
        }
    }

    #[inline]
    fn write(&mut self, page: usize, offset: usize, bytes: &[u8]) {
        self.note(page);
        let target = Arc::make_mut(&mut self.pages[page]);
        target.bytes[offset..offset + bytes.len()].copy_from_slice(bytes);
        target.touch(offset, bytes.len());
    }

    /// 32 bytes at `address`.
    ///
    /// # Panics
    /// Beyond the end.
    pub fn load_root(&self, address: u64) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.load(address, 16).to_le_bytes());
        bytes[16..].copy_from_slice(&self.load(address + 16, 16).to_le_bytes());
        bytes
    }

    /// Replaces a page.
    ///
    /// # Panics
    /// Beyond the end.
    pub fn set_page(&mut self, page: u32, bytes: &[u8; PAGE_SIZE]) {
        self.note(page as usize);
        self.pages[page as usize] = Arc::new(Page::new(*bytes));
    }

    /// Grows to `pages` 64 KiB pages. The new ones are zero, so the root stays.
    pub fn grow(&mut self, pages: u32) {
        let count = pages as usize * PAGES_PER_WASM_PAGE;
        self.pages.resize(count, zero_page());
        self.is_written.resize(count, false);
        self.extend_tree(count);
    }

    /// The root. Hashes what was written since the last time.
    pub fn root(&mut self) -> NodeHash {
        self.tree().root()
    }

    /// Every page's bytes.
    pub fn pages(&self) -> impl ExactSizeIterator<Item = &[u8; PAGE_SIZE]> {
        self.pages.iter().map(|page| &page.bytes)
    }

    /// The bytes of a page.
    ///
    /// # Panics
    /// Beyond the end.
    pub fn page(&self, page: u32) -> &[u8; PAGE_SIZE] {
        &self.pages[page as usize].bytes
    }

    fn tree(&mut self) -> &PageTree {
        match &self.tree {
            Some(_) => self.rehash(),
            None => {
                self.clear_written();
                let roots = self.pages.iter().map(|page| page.root());
                self.tree = Some(Arc::new(PageTree::new(roots.collect(), MEMORY_DEPTH)));
            }
        }
        self.tree.as_deref().expect("both arms leave a tree")
    }

    fn rehash(&mut self) {
        if self.written.is_empty() {
            return;
        }
        let few = self.written.len() <= MOST_PAGES_WITH_TREE;
        let mut changed = Vec::with_capacity(self.written.len());
        for index in &self.written {
            let page = &mut self.pages[*index];
            if let Some(page) = Arc::get_mut(page).filter(|page| few && page.stale != 0) {
                page.refresh();
            }
            changed.push((*index, page.root()));
        }
        self.clear_written();
        if let Some(tree) = &mut self.tree {
            Arc::make_mut(tree).update(changed);
        }
    }

    fn clear_written(&mut self) {
        for index in self.written.drain(..) {
            self.is_written[index] = false;
        }
    }

    /// A leaf and its path.
    pub(crate) fn leaf(&mut self, index: u32) -> (Leaf, Path) {
        let (page, leaf) = (index >> PAGE_LEVELS, index & ((1 << PAGE_LEVELS) - 1));
        let leaves = leaves_of(&self.pages[page as usize].bytes);
        let bytes = *leaves[leaf as usize].as_bytes();
        let mut path = path_above(leaves, 0, PAGE_LEVELS, leaf);
        path.siblings.extend(self.tree().path(page).siblings);
        (bytes, path)
    }

    /// A page's root and its path.
    pub(crate) fn page_node(&mut self, page: u32) -> (NodeHash, Path) {
        let tree = self.tree();
        (tree.page(page), tree.path(page))
    }
}

fn zero_page() -> Arc<Page> {
    let page = Page::new([0; PAGE_SIZE]);
    page.root.get_or_init(|| zero(PAGE_LEVELS));
    Arc::new(page)
}

fn is_zero(bytes: &PageBytes) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// Page and offset of an address.
#[inline]
#[allow(
    clippy::cast_possible_truncation,
    reason = "an address lies within the memory, which is in this process"
)]
fn place(address: u64) -> (usize, usize) {
    (
        (address / PAGE_SIZE as u64) as usize,
        (address % PAGE_SIZE as u64) as usize,
    )
}
