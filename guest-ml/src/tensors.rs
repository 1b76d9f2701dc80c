//! Between the plain tensor encoding and the tensors that tract computes with.

use crate::host::{Blob, BlobReader, Host, MAX_READ_BYTES};
use crate::refusal::Refusal;
use enshrine_primitives::tensor::{DType, Dim, TensorType, layout};
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::prelude::{DatumType, TValue, TVec, Tensor};

/// Sizes of all axes of a tensor.
pub(crate) type Shape = Vec<u32>;

/// The element type with this number in ONNX, if the guest can compute with it.
///
/// bfloat16 has an encoding but no arithmetic in tract.
pub(crate) fn dtype_of_onnx(number: i32) -> Option<DType> {
    let dtype = DType::from_wire(u8::try_from(number).ok()?)?;
    (dtype != DType::BF16).then_some(dtype)
}

/// The name of an element type number, for messages.
pub(crate) fn onnx_dtype_name(number: i32) -> String {
    if let Some(dtype) = u8::try_from(number).ok().and_then(DType::from_wire) {
        return dtype.name().to_owned();
    }
    match DataType::try_from(number) {
        Ok(known) => known.as_str_name().to_lowercase(),
        Err(_) => format!("number {number}"),
    }
}

/// tract's name of an element type; `None` for bfloat16.
pub(crate) fn datum_type(dtype: DType) -> Option<DatumType> {
    Some(match dtype {
        DType::F32 => DatumType::F32,
        DType::U8 => DatumType::U8,
        DType::I8 => DatumType::I8,
        DType::U16 => DatumType::U16,
        DType::I16 => DatumType::I16,
        DType::I32 => DatumType::I32,
        DType::I64 => DatumType::I64,
        DType::Bool => DatumType::Bool,
        DType::F16 => DatumType::F16,
        DType::F64 => DatumType::F64,
        DType::U32 => DatumType::U32,
        DType::U64 => DatumType::U64,
        DType::BF16 => return None,
    })
}

/// The encoding's name of what tract computed. tract's own integer type for shapes is ONNX's int64.
pub(crate) fn dtype_of_datum(datum: DatumType) -> Option<DType> {
    if datum == DatumType::TDim {
        return Some(DType::I64);
    }
    let same = |dtype: &DType| datum_type(*dtype) == Some(datum.unquantized());
    DType::ALL.into_iter().find(same)
}

/// Size of a tensor's data; `None` above what the guest can address.
///
/// Zero axes do not hide the others: kernels multiply sizes in any order.
pub(crate) fn size_bytes(dtype: DType, shape: &[u32]) -> Option<u64> {
    let element = u64::from(dtype.size_bytes());
    let grow = |bytes: u64, size: &u32| bytes.checked_mul(u64::from((*size).max(1)));
    let bytes = shape.iter().try_fold(element, grow)?;
    let empty = shape.contains(&0);
    (bytes <= MAX_READ_BYTES).then_some(if empty { 0 } else { bytes })
}

/// Reads the shapes of all inputs: of the blob, only the sizes of dynamic axes, and nothing where all are static.
///
/// # Errors
/// A refusal for shapes that the guest cannot address.
pub(crate) fn read_shapes<H: Host + ?Sized>(
    host: &H,
    types: &[TensorType],
) -> Result<Vec<Shape>, Refusal> {
    // DETERMINISM: the length of the input is never asked for, because it is no part of what prepared images are
    // keyed by. An input that ends early reads as zeros here and is refused by `infer`.
    let mut reader = BlobReader::unbounded(host, Blob::Input);
    let shape_of = |ty: &TensorType| {
        let axes = ty.dims.iter().map(|dim| match dim {
            Dim::Static(size) => *size,
            Dim::Dynamic => reader.read_u32(),
        });
        let shape: Shape = axes.collect();
        let bytes = size_bytes(ty.dtype, &shape).ok_or_else(|| too_large(ty, &shape))?;
        reader.skip(bytes);
        Ok(shape)
    };
    types.iter().map(shape_of).collect()
}

fn too_large(ty: &TensorType, shape: &[u32]) -> Refusal {
    let message = format!(
        "input {ty} of shape {shape:?} would take more than {MAX_READ_BYTES} bytes: use smaller axes"
    );
    let dynamic = ty.dynamic_count() > 0;
    if dynamic {
        Refusal::input(message)
    } else {
        Refusal::model(message)
    }
}

/// Reads all inputs. Their shapes must be those that the model was prepared for.
///
/// # Errors
/// A refusal for a blob of another length, other sizes than prepared, and bools other than 0 and 1.
pub(crate) fn decode_inputs<H: Host + ?Sized>(
    host: &H,
    types: &[TensorType],
    prepared: &[Shape],
) -> Result<TVec<TValue>, Refusal> {
    let mut sizes = BlobReader::new(host, Blob::Input);
    let mut position = 0;
    let read_at = |offset: u64| {
        sizes.skip(offset - position);
        position = offset + 4;
        sizes.read_u32().to_le_bytes()
    };
    let length = host.blob_len(Blob::Input);
    let regions = layout(types, length, read_at).map_err(|error| {
        let types: Vec<String> = types.iter().map(ToString::to_string).collect();
        Refusal::input(format!("of the inputs {}: {error}", types.join(", ")))
    })?;
    let mut reader = BlobReader::new(host, Blob::Input);
    let mut tensors = TVec::new();
    for ((ty, region), shape) in types.iter().zip(regions).zip(prepared) {
        if region.shape != *shape {
            let got = region.shape;
            return Err(Refusal::input(format!(
                "input {ty}: expected shape {shape:?}, got {got:?}"
            )));
        }
        reader.skip(4 * ty.dynamic_count() as u64);
        tensors.push(decode_input(&mut reader, ty, shape)?.into());
    }
    Ok(tensors)
}

fn decode_input<H: Host + ?Sized>(
    reader: &mut BlobReader<'_, H>,
    ty: &TensorType,
    shape: &[u32],
) -> Result<Tensor, Refusal> {
    let datum = datum_type(ty.dtype)
        .ok_or_else(|| Refusal::model(format!("input {ty}: this element type is not supported")))?;
    let axes: Vec<usize> = shape.iter().map(|size| *size as usize).collect();
    let mut tensor = Tensor::zero_dt(datum, &axes).map_err(Refusal::input)?;
    if ty.dtype != DType::Bool {
        reader.read(tensor.as_bytes_mut());
        return Ok(tensor);
    }
    // INVARIANT: a Rust bool is 0 or 1; any other byte must be refused before it becomes one.
    let mut bytes = vec![0; tensor.len()];
    reader.read(&mut bytes);
    if let Some((index, got)) = bytes.iter().enumerate().find(|(_, byte)| **byte > 1) {
        let name = &ty.name;
        return Err(Refusal::input(format!(
            "input {name}: expected bools of 0 or 1, got {got} at element {index}"
        )));
    }
    tensor.as_bytes_mut().copy_from_slice(&bytes);
    Ok(tensor)
}

/// Encodes all outputs.
///
/// # Errors
/// A refusal for an output whose type or shape is not the declared one.
pub(crate) fn encode_outputs(types: &[TensorType], outputs: &[TValue]) -> Result<Vec<u8>, Refusal> {
    let mut blob = Vec::new();
    for (ty, output) in types.iter().zip(outputs) {
        encode_output(ty, output, &mut blob)?;
    }
    Ok(blob)
}

fn encode_output(ty: &TensorType, output: &Tensor, blob: &mut Vec<u8>) -> Result<(), Refusal> {
    let mismatch = |got: String| Refusal::model(format!("output {ty}: the model computes {got}"));
    let got = output.datum_type();
    if dtype_of_datum(got) != Some(ty.dtype) {
        return Err(mismatch(format!("elements of type {got:?}")));
    }
    let fits = |(dim, size): (&Dim, &usize)| match dim {
        Dim::Static(expected) => *expected as usize == *size,
        Dim::Dynamic => true,
    };
    let shape = output.shape();
    if ty.dims.len() != shape.len() || !ty.dims.iter().zip(shape).all(fits) {
        return Err(mismatch(format!("shape {shape:?}")));
    }
    for (_, size) in ty
        .dims
        .iter()
        .zip(shape)
        .filter(|(dim, _)| **dim == Dim::Dynamic)
    {
        blob.extend(u32::try_from(*size).unwrap_or(u32::MAX).to_le_bytes());
    }
    if got == DatumType::TDim {
        let cast = output.cast_to::<i64>().map_err(Refusal::model)?;
        blob.extend_from_slice(cast.as_bytes());
    } else if output.is_plain_ram() {
        blob.extend_from_slice(output.as_bytes());
    } else {
        return Err(mismatch("a value in an internal format".to_owned()));
    }
    Ok(())
}
