//! What programs inside the machine and hosts share.
//!
//! * [`BlobRoot`], [`blob_root`], [`BlobHasher`]: models, inputs and outputs are byte strings addressed by their SSZ
//!   `hash_tree_root`.
//! * [`Status`] and the names and numbers of the [guest ABI](abi).
//! * [`tensor`]: the plain encoding of a model's inputs and outputs, and the interface that describes them.
//!
//! The crate needs no standard library and has no unsafe code. Nothing here panics on any input.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod abi;
mod blob;
mod root;
mod sha256;
pub mod tensor;

pub use abi::Status;
pub use blob::{
    BLOB_CAPACITY_CHUNKS, BlobHasher, BlobTooLarge, CHUNK_SIZE, MAX_BLOB_BYTES, PAGE_SIZE,
    blob_root, page_root, zero_node,
};
pub use root::{BlobRoot, NodeHash, ParseRootError};
