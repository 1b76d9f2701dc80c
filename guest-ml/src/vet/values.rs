//! Checks of tensors and of types of graph inputs.

use super::Problem;
use crate::tensors::{dtype_of_onnx, onnx_dtype_name, size_bytes};
use enshrine_primitives::tensor::DType;
use tract_onnx::pb::tensor_proto::{DataLocation, DataType};
use tract_onnx::pb::tensor_shape_proto::dimension::Value as DimValue;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{TensorProto, ValueInfoProto};

/// Most axes that a tensor may have.
pub(crate) const MAX_RANK: usize = 16;

const SMALLER: &str = "use a smaller tensor";
const EXPORT_AGAIN: &str = "export the model again";

/// What is wrong with a tensor that is stored in the model.
pub(super) fn tensor(name: &str, tensor: &TensorProto) -> Result<(), Problem> {
    let problem = |reason: String, fix: &str| Err(Problem::of_value(name, reason, fix));
    if tensor.data_location == Some(DataLocation::External as i32)
        || !tensor.external_data.is_empty()
    {
        return problem(
            "keeps its data in another file".into(),
            "store one file: onnx.save_model(model, path, save_as_external_data=False)",
        );
    }
    if tensor.segment.is_some() {
        return problem("is a segment of a tensor".into(), EXPORT_AGAIN);
    }
    let dtype = element_type(name, tensor.data_type)?;
    let Some(shape) = stored_shape(&tensor.dims) else {
        return problem(
            format!("has the impossible shape {:?}", tensor.dims),
            SMALLER,
        );
    };
    let Some(expected) = size_bytes(dtype, &shape) else {
        return problem(format!("of shape {shape:?} is too large"), SMALLER);
    };
    let got = stored_bytes(tensor, dtype);
    if got != Some(expected) {
        let got = got.map_or_else(
            || "another type of data".into(),
            |got| format!("{got} bytes"),
        );
        let reason = format!("of shape {shape:?}: expected {expected} bytes of {dtype}, got {got}");
        return problem(reason, EXPORT_AGAIN);
    }
    Ok(())
}

fn stored_shape(dims: &[i64]) -> Option<Vec<u32>> {
    if dims.len() > MAX_RANK {
        return None;
    }
    dims.iter().map(|dim| u32::try_from(*dim).ok()).collect()
}

/// Size of a tensor's data once decoded; `None` if it is in a field that this element type does not use.
fn stored_bytes(tensor: &TensorProto, dtype: DType) -> Option<u64> {
    if !tensor.raw_data.is_empty() {
        return Some(tensor.raw_data.len() as u64);
    }
    let counts = [
        tensor.float_data.len(),
        tensor.int32_data.len(),
        tensor.int64_data.len(),
        tensor.double_data.len(),
        tensor.uint64_data.len(),
    ];
    let field = match dtype {
        DType::F32 => 0,
        DType::I64 => 2,
        DType::F64 => 3,
        DType::U32 | DType::U64 => 4,
        _ => 1,
    };
    let others = counts
        .iter()
        .enumerate()
        .any(|(other, count)| other != field && *count > 0);
    let count = counts[field] as u64;
    (!others).then_some(count * u64::from(dtype.size_bytes()))
}

/// The element type, or why there is none.
pub(super) fn element_type(name: &str, number: i32) -> Result<DType, Problem> {
    dtype_of_onnx(number).ok_or_else(|| {
        let reason = format!("has elements of type {}", onnx_dtype_name(number));
        let fix = match DataType::try_from(number) {
            Ok(DataType::String) => "map strings to numbers outside the model",
            Ok(DataType::Bfloat16) => "convert the model to float32 or float16",
            _ => "use float32, float64, float16, bool or integers of 8 to 64 bits",
        };
        Problem::of_value(name, reason, fix)
    })
}

/// What is wrong with the type of an input of the model.
pub(super) fn graph_input(input: &ValueInfoProto) -> Result<(), Problem> {
    let name = &input.name;
    let Some(Value::TensorType(ty)) = input.r#type.as_ref().and_then(|ty| ty.value.as_ref()) else {
        return Err(Problem::of_value(
            name,
            "is an input that is no plain tensor (a sequence, optional, map or sparse tensor, or without a type)",
            "give the model tensors only",
        ));
    };
    let dtype = element_type(name, ty.elem_type)?;
    let Some(shape) = &ty.shape else {
        return Err(Problem::of_value(
            name,
            "is an input without a declared shape",
            "declare its axes, with names for those that vary",
        ));
    };
    // The smallest shape that the declaration allows must fit.
    let least = shape.dim.iter().map(|dim| match dim.value {
        Some(DimValue::DimValue(size)) if size > 0 => size,
        _ => 1,
    });
    let fits = stored_shape(&least.collect::<Vec<_>>())
        .filter(|shape| shape.iter().all(|size| *size < u32::MAX))
        .and_then(|shape| size_bytes(dtype, &shape));
    match fits {
        Some(_) => Ok(()),
        None => Err(Problem::of_value(
            name,
            "is an input with an impossible or too large shape",
            SMALLER,
        )),
    }
}
