//! Where the tensors of a blob are.

use super::{DType, Dim, TensorError, TensorType};
use crate::MAX_BLOB_BYTES;
use alloc::vec::Vec;
use core::ops::Range;

/// Size in bytes of the size of a dynamic axis.
const SIZE_BYTES: u64 = 4;

/// Shape of a tensor and where its data is in a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Sizes of all axes.
    pub shape: Vec<u32>,
    /// Offset of the data.
    pub offset_bytes: u64,
    /// Length of the data.
    pub size_bytes: u64,
}

/// Shape of a tensor and where its data is in a slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSlice {
    /// Sizes of all axes.
    pub shape: Vec<u32>,
    /// Indices of the data.
    pub data: Range<usize>,
}

/// Finds each tensor in a blob of which only the length and the sizes of dynamic axes are read.
///
/// `read` gets the offset of 4 bytes inside the blob and returns them. Bools are not looked at.
///
/// # Errors
/// [`TensorError`] if the blob is not exactly one value for each type.
///
/// ```
/// use enshrine_primitives::tensor::{DType, Dim, TensorType, layout};
///
/// let types = [TensorType::new("x", DType::U16, [Dim::Dynamic])];
/// let regions = layout(&types, 10, |offset| [3, 0, 0, offset as u8])?;
/// assert_eq!((regions[0].offset_bytes, regions[0].size_bytes), (4, 6));
/// # Ok::<(), enshrine_primitives::tensor::TensorError>(())
/// ```
pub fn layout(
    types: &[TensorType],
    blob_len: u64,
    mut read: impl FnMut(u64) -> [u8; 4],
) -> Result<Vec<Region>, TensorError> {
    let mut end = 0;
    let mut regions = Vec::with_capacity(types.len());
    for ty in types {
        let region = region(ty, end, blob_len, &mut read)?;
        end = region.offset_bytes + region.size_bytes;
        regions.push(region);
    }
    if end != blob_len {
        return Err(TensorError::TrailingBytes {
            expected: end,
            got: blob_len,
        });
    }
    Ok(regions)
}

/// Finds each tensor in a blob and checks its bools.
///
/// # Errors
/// [`TensorError`] if the blob is not exactly one value for each type.
pub fn split(types: &[TensorType], blob: &[u8]) -> Result<Vec<TensorSlice>, TensorError> {
    let regions = layout(types, blob.len() as u64, |offset| read_size(blob, offset))?;
    let slices = types.iter().zip(regions).map(|(ty, region)| {
        let start = in_memory(region.offset_bytes);
        let data = start..start + in_memory(region.size_bytes);
        check_bools(ty, &blob[data.clone()])?;
        Ok(TensorSlice {
            shape: region.shape,
            data,
        })
    });
    slices.collect()
}

/// Encodes a shape and data for each type.
///
/// # Errors
/// [`TensorError`] if there is not one tensor for each type, or one does not fit its type.
pub fn encode(types: &[TensorType], tensors: &[(&[u32], &[u8])]) -> Result<Vec<u8>, TensorError> {
    if types.len() != tensors.len() {
        return Err(TensorError::Count {
            expected: types.len(),
            got: tensors.len(),
        });
    }
    let mut blob = Vec::new();
    for (ty, (shape, data)) in types.iter().zip(tensors) {
        check_shape(ty, shape)?;
        check_length(ty, shape, data.len() as u64)?;
        check_bools(ty, data)?;
        let axes = ty.dims.iter().zip(*shape);
        for (_, size) in axes.filter(|(dim, _)| **dim == Dim::Dynamic) {
            blob.extend(size.to_le_bytes());
        }
        blob.extend(*data);
    }
    Ok(blob)
}

/// INVARIANT: `layout` asks only for 4 bytes inside the blob.
fn read_size(blob: &[u8], offset: u64) -> [u8; 4] {
    let (size, _) = blob[in_memory(offset)..]
        .split_first_chunk()
        .expect("inside the blob");
    *size
}

/// INVARIANT: an offset or a length inside a slice.
fn in_memory(value: u64) -> usize {
    usize::try_from(value).expect("inside a slice")
}

fn region(
    ty: &TensorType,
    start: u64,
    blob_len: u64,
    read: &mut impl FnMut(u64) -> [u8; 4],
) -> Result<Region, TensorError> {
    let mut offset = start;
    let sizes = ty.dynamic_count() as u64 * SIZE_BYTES;
    require(ty, "sizes", offset, sizes, blob_len)?;
    let mut size_of = |dim: &Dim| match dim {
        Dim::Static(size) => *size,
        Dim::Dynamic => {
            let size = u32::from_le_bytes(read(offset));
            offset += SIZE_BYTES;
            size
        }
    };
    let shape: Vec<u32> = ty.dims.iter().map(&mut size_of).collect();
    let size_bytes = data_bytes(ty, &shape)?;
    require(ty, "data", offset, size_bytes, blob_len)?;
    Ok(Region {
        shape,
        offset_bytes: offset,
        size_bytes,
    })
}

/// Checks that so many bytes are left. Never overflows: `offset` is inside the blob.
fn require(
    ty: &TensorType,
    part: &'static str,
    offset: u64,
    expected: u64,
    blob_len: u64,
) -> Result<(), TensorError> {
    let got = blob_len - offset;
    if got < expected {
        return Err(TensorError::Truncated {
            name: ty.name.clone(),
            part,
            offset,
            expected,
            got,
        });
    }
    Ok(())
}

/// Length of the data of a tensor of this shape.
fn data_bytes(ty: &TensorType, shape: &[u32]) -> Result<u64, TensorError> {
    let element = u64::from(ty.dtype.size_bytes());
    let product = |size_of: fn(u32) -> u32| {
        shape.iter().try_fold(element, |bytes, size| {
            bytes.checked_mul(size_of(*size).into())
        })
    };
    match product(|size| size.max(1)) {
        Some(bytes) if bytes <= MAX_BLOB_BYTES => Ok(if shape.contains(&0) { 0 } else { bytes }),
        _ => Err(TensorError::TooLarge {
            name: ty.name.clone(),
            expected: MAX_BLOB_BYTES,
            shape: shape.to_vec(),
        }),
    }
}

fn check_shape(ty: &TensorType, shape: &[u32]) -> Result<(), TensorError> {
    if ty.dims.len() != shape.len() {
        let (expected, got) = (ty.dims.len(), shape.len());
        return Err(TensorError::Rank {
            name: ty.name.clone(),
            expected,
            got,
        });
    }
    for (axis, (dim, got)) in ty.dims.iter().zip(shape).enumerate() {
        match dim {
            Dim::Static(expected) if expected != got => {
                let (name, expected, got) = (ty.name.clone(), *expected, *got);
                return Err(TensorError::Axis {
                    name,
                    axis,
                    expected,
                    got,
                });
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_length(ty: &TensorType, shape: &[u32], got: u64) -> Result<(), TensorError> {
    let expected = data_bytes(ty, shape)?;
    if got != expected {
        let (name, dtype, shape) = (ty.name.clone(), ty.dtype, shape.to_vec());
        return Err(TensorError::DataLength {
            name,
            dtype,
            shape,
            expected,
            got,
        });
    }
    Ok(())
}

fn check_bools(ty: &TensorType, data: &[u8]) -> Result<(), TensorError> {
    if ty.dtype != DType::Bool {
        return Ok(());
    }
    match data.iter().enumerate().find(|(_, byte)| **byte > 1) {
        Some((index, &got)) => Err(TensorError::Bool {
            name: ty.name.clone(),
            index,
            got,
        }),
        None => Ok(()),
    }
}
