//! Errors of encodings.

use super::DType;
use alloc::{string::String, vec::Vec};

/// A blob or list of tensors that does not fit the types it is read or written by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TensorError {
    /// Another number of tensors than the model has.
    #[error("expected {expected} tensors, got {got}: give one for each, in the model's order")]
    Count {
        /// Tensors of the model.
        expected: usize,
        /// Tensors given.
        got: usize,
    },
    /// Another number of axes.
    #[error("tensor '{name}': expected {expected} axes, got {got}: reshape it")]
    Rank {
        /// The tensor.
        name: String,
        /// Axes of its type.
        expected: usize,
        /// Axes given.
        got: usize,
    },
    /// Another size of a static axis.
    #[error(
        "tensor '{name}': axis {axis} has the fixed size {expected}, got {got}: reshape or pad it"
    )]
    Axis {
        /// The tensor.
        name: String,
        /// Index of the axis.
        axis: usize,
        /// Its size.
        expected: u32,
        /// Size given.
        got: u32,
    },
    /// The blob ends inside a tensor.
    #[error(
        "tensor '{name}': expected {expected} bytes of {part} at offset {offset}, got {got}: \
         check the element type and the sizes before the data"
    )]
    Truncated {
        /// The tensor.
        name: String,
        /// What the bytes are: sizes or data.
        part: &'static str,
        /// Where they start.
        offset: u64,
        /// Bytes needed.
        expected: u64,
        /// Bytes left.
        got: u64,
    },
    /// Bytes after the last tensor.
    #[error(
        "expected the blob to end after {expected} bytes, got {got}: check the element types and the sizes"
    )]
    TrailingBytes {
        /// Bytes of all tensors.
        expected: u64,
        /// Bytes of the blob.
        got: u64,
    },
    /// Data of another length than shape and type ask for.
    #[error(
        "tensor '{name}': {dtype} data of shape {shape:?} has {expected} bytes, got {got}: check the element type"
    )]
    DataLength {
        /// The tensor.
        name: String,
        /// Type of its elements.
        dtype: DType,
        /// Its shape.
        shape: Vec<u32>,
        /// Bytes of such data.
        expected: u64,
        /// Bytes given.
        got: u64,
    },
    /// More elements than a blob holds. Empty axes count as one here: a kernel may multiply in any order.
    #[error(
        "tensor '{name}': expected a shape of at most {expected} bytes, got {shape:?}: use smaller axes"
    )]
    TooLarge {
        /// The tensor.
        name: String,
        /// [`MAX_BLOB_BYTES`](crate::MAX_BLOB_BYTES).
        expected: u64,
        /// Its shape.
        shape: Vec<u32>,
    },
    /// A bool that is neither 0 nor 1.
    #[error("tensor '{name}': expected bools of 0 or 1, got {got} at element {index}")]
    Bool {
        /// The tensor.
        name: String,
        /// Index of the element.
        index: usize,
        /// Its byte.
        got: u8,
    },
}

/// Bytes that are no [`Interface`](super::Interface), or an interface that has no encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InterfaceError {
    /// Another version.
    #[error("expected an interface of version {expected}, got {got}")]
    Version {
        /// The version of this code.
        expected: u8,
        /// Version found.
        got: u8,
    },
    /// The bytes end early.
    #[error("expected {expected} more bytes of {part} at offset {offset}, got {got}")]
    Truncated {
        /// What is missing.
        part: &'static str,
        /// Where it starts.
        offset: usize,
        /// Bytes needed.
        expected: usize,
        /// Bytes left.
        got: usize,
    },
    /// Bytes after the last tensor.
    #[error("expected the interface to end after {expected} bytes, got {got}")]
    TrailingBytes {
        /// Bytes of the interface.
        expected: usize,
        /// Bytes given.
        got: usize,
    },
    /// No such element type.
    #[error("expected an element type, got number {got} at offset {offset}")]
    DType {
        /// Where it is.
        offset: usize,
        /// The number.
        got: u8,
    },
    /// A name that is not UTF-8.
    #[error("expected a name in UTF-8 at offset {offset}")]
    Name {
        /// Where it starts.
        offset: usize,
    },
    /// A number that has no room in the encoding.
    #[error("expected at most {expected} for {what}, got {got}")]
    Range {
        /// What is too large.
        what: &'static str,
        /// The largest that has an encoding.
        expected: u64,
        /// The value.
        got: u64,
    },
}
