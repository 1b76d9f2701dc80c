#![doc = include_str!("../README.md")]
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
    blob_root, hash_pair, page_root, zero_node,
};
pub use root::{BlobRoot, NodeHash, ParseRootError};
