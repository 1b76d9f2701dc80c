//! What the machine offers to the guest, as a trait, so that everything above it also runs natively in tests.

use enshrine_primitives::abi::{INPUT_BLOB, MODEL_BLOB};
use enshrine_primitives::{BlobRoot, PAGE_SIZE};
use prost::bytes::Buf;

/// Longest blob that the guest reads: its address space is 32 bits wide and must hold the result of reading too.
pub const MAX_READ_BYTES: u64 = (1 << 31) - 1;

/// Which committed byte string to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blob {
    /// The ONNX file.
    Model,
    /// The input tensors.
    Input,
}

impl Blob {
    /// The number that crosses the ABI.
    pub const fn number(self) -> u32 {
        match self {
            Self::Model => MODEL_BLOB,
            Self::Input => INPUT_BLOB,
        }
    }
}

/// A page of a blob, aligned as the machine asks for.
#[derive(Clone, Debug)]
#[repr(C, align(4096))]
pub struct Page(pub [u8; PAGE_SIZE]);

/// The guest's view of the machine.
pub trait Host {
    /// Length of the blob in bytes.
    fn blob_len(&self, blob: Blob) -> u64;
    /// Copies one page of the blob; beyond its end reads zero.
    fn blob_page(&self, blob: Blob, page: u32, destination: &mut Page);
    /// Sets the output and its root; the last call wins.
    fn output(&mut self, bytes: &[u8], root: &BlobRoot);
}

/// Reads a blob from front to back, holding one page of it.
///
/// As a [`Buf`] it lets the protobuf decoder build its messages without the whole file in memory.
#[derive(Debug)]
pub struct BlobReader<'a, H: ?Sized> {
    host: &'a H,
    blob: Blob,
    position: u64,
    end: u64,
    page: Box<Page>,
    /// Number of the page that `page` holds; pages are only fetched when a byte of them is asked for.
    held: Option<u32>,
}

impl<'a, H: Host + ?Sized> BlobReader<'a, H> {
    /// Starts at the front of a blob and ends where the blob does, or at `MAX_READ_BYTES`.
    pub fn new(host: &'a H, blob: Blob) -> Self {
        let end = host.blob_len(blob).min(MAX_READ_BYTES);
        let mut reader = Self::unbounded(host, blob);
        reader.end = end;
        reader.hold_page();
        reader
    }

    /// Starts at the front without asking for the length: reads zeros past the end of the blob.
    pub fn unbounded(host: &'a H, blob: Blob) -> Self {
        let page = Box::new(Page([0; PAGE_SIZE]));
        Self {
            host,
            blob,
            position: 0,
            end: MAX_READ_BYTES,
            page,
            held: None,
        }
    }

    /// Moves on without fetching pages; a step beyond the end stops there.
    pub fn skip(&mut self, size_bytes: u64) {
        self.position = self.position.saturating_add(size_bytes).min(self.end);
    }

    /// Fills `destination` with the next bytes, with zeros beyond the end.
    pub fn read(&mut self, destination: &mut [u8]) {
        let mut rest = destination;
        while !rest.is_empty() {
            self.hold_page();
            let chunk = self.chunk();
            if chunk.is_empty() {
                rest.fill(0);
                return;
            }
            let count = chunk.len().min(rest.len());
            let (now, later) = rest.split_at_mut(count);
            now.copy_from_slice(&chunk[..count]);
            self.skip(count as u64);
            rest = later;
        }
    }

    /// The next four bytes as a little-endian number.
    pub fn read_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.read(&mut bytes);
        let value = u32::from_le_bytes(bytes);
        std::hint::black_box(&mut bytes).fill(0);
        value
    }

    fn offset_in_page(&self) -> usize {
        usize::try_from(self.position % PAGE_SIZE as u64).unwrap_or(0)
    }

    fn hold_page(&mut self) {
        let page = u32::try_from(self.position / PAGE_SIZE as u64).unwrap_or(u32::MAX);
        if self.position < self.end && self.held != Some(page) {
            self.host.blob_page(self.blob, page, &mut self.page);
            self.held = Some(page);
        }
    }
}

impl<H: Host + ?Sized> Buf for BlobReader<'_, H> {
    fn remaining(&self) -> usize {
        usize::try_from(self.end - self.position).unwrap_or(usize::MAX)
    }

    fn chunk(&self) -> &[u8] {
        let start = self.offset_in_page();
        let end = PAGE_SIZE.min(start.saturating_add(self.remaining()));
        &self.page.0[start..end]
    }

    fn advance(&mut self, count: usize) {
        self.skip(count as u64);
        self.hold_page();
    }
}

impl<H: ?Sized> Drop for BlobReader<'_, H> {
    /// DETERMINISM: prepared memory images are shared between inputs, so no byte of an input may stay behind in
    /// freed memory. `black_box` keeps the compiler from leaving out writes that nothing reads.
    fn drop(&mut self) {
        self.page.0.fill(0);
        std::hint::black_box(&mut self.page);
    }
}
