//! The plain encoding of a model's inputs (outputs), and the interface that describes them.
//!
//! One blob holds all inputs; another holds all outputs. For each graph input (output) in order:
//!
//! | part | size in bytes | content |
//! |---|---|---|
//! | sizes | 4 for each dynamic axis | the axis's size, u32 little endian; nothing where the shape is static |
//! | data | element count x element size | elements, little endian, row major |
//!
//! Nothing follows. So ten f32 logits of a static shape are 40 bytes. A bool is one byte, 0 or 1. A scalar has rank 0
//! and one element.
//!
//! ```
//! use enshrine_primitives::tensor::{DType, Dim, Interface, TensorType};
//!
//! let input = TensorType::new("ids", DType::I64, [Dim::Static(1), Dim::Dynamic]);
//! let output = TensorType::new("score", DType::F32, [Dim::Static(1)]);
//! let interface = Interface { inputs: vec![input], outputs: vec![output] };
//!
//! let ids = [101_i64, 102].map(i64::to_le_bytes).concat();
//! let blob = interface.encode_inputs(&[(&[1, 2], &ids)])?;
//! assert_eq!(blob[..5], [2, 0, 0, 0, 101]);
//! assert_eq!(interface.shape_key(&blob)?, [2]);
//!
//! let tensors = interface.split_inputs(&blob)?;
//! assert_eq!(tensors[0].shape, [1, 2]);
//! assert_eq!(&blob[tensors[0].data.clone()], ids);
//! # Ok::<(), enshrine_primitives::tensor::TensorError>(())
//! ```

use alloc::{string::String, vec::Vec};
use core::fmt;

mod error;
mod layout;
mod wire;

#[cfg(test)]
mod tests;

pub use error::{InterfaceError, TensorError};
pub use layout::{Region, TensorSlice, encode, layout, split};

/// Type of an element.
///
/// The number on the wire is that of ONNX's `TensorProto.DataType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum DType {
    /// IEEE 754 binary32.
    F32 = 1,
    /// Unsigned, 8 bits.
    U8 = 2,
    /// Signed, 8 bits.
    I8 = 3,
    /// Unsigned, 16 bits.
    U16 = 4,
    /// Signed, 16 bits.
    I16 = 5,
    /// Signed, 32 bits.
    I32 = 6,
    /// Signed, 64 bits.
    I64 = 7,
    /// One byte, 0 or 1.
    Bool = 9,
    /// IEEE 754 binary16.
    F16 = 10,
    /// IEEE 754 binary64.
    F64 = 11,
    /// Unsigned, 32 bits.
    U32 = 12,
    /// Unsigned, 64 bits.
    U64 = 13,
    /// The upper half of a binary32.
    BF16 = 16,
}

impl DType {
    /// All types.
    pub const ALL: [Self; 13] = [
        Self::F32,
        Self::U8,
        Self::I8,
        Self::U16,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::Bool,
        Self::F16,
        Self::F64,
        Self::U32,
        Self::U64,
        Self::BF16,
    ];

    /// Size of an element in bytes: 1, 2, 4 or 8.
    pub const fn size_bytes(self) -> u32 {
        match self {
            Self::Bool | Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 | Self::F16 | Self::BF16 => 2,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// The name that ONNX gives it.
    ///
    /// ```
    /// assert_eq!(enshrine_primitives::tensor::DType::F32.name(), "float32");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::U8 => "uint8",
            Self::I8 => "int8",
            Self::U16 => "uint16",
            Self::I16 => "int16",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::Bool => "bool",
            Self::F16 => "float16",
            Self::F64 => "float64",
            Self::U32 => "uint32",
            Self::U64 => "uint64",
            Self::BF16 => "bfloat16",
        }
    }

    /// The number on the wire.
    pub const fn to_wire(self) -> u8 {
        self as u8
    }

    /// The type with this number on the wire; `None` if there is none.
    pub fn from_wire(wire: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|dtype| dtype.to_wire() == wire)
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Size of an axis, as the model declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dim {
    /// The same in every call. `u32::MAX` cannot be encoded.
    Static(u32),
    /// Part of the encoding of each tensor.
    Dynamic,
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Static(size) => size.fmt(f),
            Self::Dynamic => f.pad("?"),
        }
    }
}

/// Name, element type and shape of an input or output.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TensorType {
    /// Name in the graph.
    pub name: String,
    /// Type of the elements.
    pub dtype: DType,
    /// Axes, outermost first; none for a scalar.
    pub dims: Vec<Dim>,
}

impl TensorType {
    /// A tensor type.
    pub fn new(name: impl Into<String>, dtype: DType, dims: impl Into<Vec<Dim>>) -> Self {
        Self {
            name: name.into(),
            dtype,
            dims: dims.into(),
        }
    }

    /// Count of dynamic axes.
    pub fn dynamic_count(&self) -> usize {
        self.dims.iter().filter(|dim| **dim == Dim::Dynamic).count()
    }
}

/// `name: float32[1, ?, 384]`
impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}[", self.name, self.dtype)?;
        for (axis, dim) in self.dims.iter().enumerate() {
            f.write_str(if axis == 0 { "" } else { ", " })?;
            dim.fmt(f)?;
        }
        f.write_str("]")
    }
}

/// Inputs and outputs of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interface {
    /// Inputs in the graph's order, without initialisers.
    pub inputs: Vec<TensorType>,
    /// Outputs in the graph's order.
    pub outputs: Vec<TensorType>,
}

impl Interface {
    /// Sizes of all dynamic axes of the inputs, in order: what a prepared image is keyed by.
    ///
    /// # Errors
    /// [`TensorError`] if the blob is not exactly one value for each input.
    pub fn shape_key(&self, input: &[u8]) -> Result<Vec<u32>, TensorError> {
        let tensors = split(&self.inputs, input)?;
        let sizes = self.inputs.iter().zip(&tensors).flat_map(|(ty, tensor)| {
            let axes = ty.dims.iter().zip(&tensor.shape);
            axes.filter(|(dim, _)| **dim == Dim::Dynamic)
                .map(|(_, size)| *size)
        });
        Ok(sizes.collect())
    }

    /// Finds each input in a blob of inputs.
    ///
    /// # Errors
    /// As [`split`].
    pub fn split_inputs(&self, blob: &[u8]) -> Result<Vec<TensorSlice>, TensorError> {
        split(&self.inputs, blob)
    }

    /// Finds each output in a blob of outputs.
    ///
    /// # Errors
    /// As [`split`].
    pub fn split_outputs(&self, blob: &[u8]) -> Result<Vec<TensorSlice>, TensorError> {
        split(&self.outputs, blob)
    }

    /// Encodes a shape and data for each input.
    ///
    /// # Errors
    /// As [`encode`].
    pub fn encode_inputs(&self, tensors: &[(&[u32], &[u8])]) -> Result<Vec<u8>, TensorError> {
        encode(&self.inputs, tensors)
    }

    /// Encodes a shape and data for each output.
    ///
    /// # Errors
    /// As [`encode`].
    pub fn encode_outputs(&self, tensors: &[(&[u32], &[u8])]) -> Result<Vec<u8>, TensorError> {
        encode(&self.outputs, tensors)
    }
}
