//! Tensors as nested arrays.

use anyhow::{Context, Result, bail};
use enshrine_primitives::tensor::{Dim, TensorType};
use serde_json::Value;

use super::check;
use crate::tensor::Tensor;

/// Reads one tensor: nested arrays, or a flat one where the shape is static; of an object, the member of its name.
///
/// # Errors
/// If it is no JSON, or does not fit the type.
pub(super) fn read_one(ty: &TensorType, bytes: &[u8]) -> Result<Tensor> {
    let value = parse(bytes)?;
    let member = value.get(&ty.name);
    from_value(ty, member.unwrap_or(&value))
}

/// Reads a file without a name: the array of the only input, or an object from names to arrays.
///
/// # Errors
/// As [`read_one`].
pub(super) fn read_all(types: &[TensorType], bytes: &[u8]) -> Result<Vec<(usize, Tensor)>> {
    let value = parse(bytes)?;
    let Value::Object(members) = value else {
        let [ty] = types else {
            bail!(
                "the model has {} inputs: expected an object {{name: array, ...}}",
                types.len()
            );
        };
        let tensor =
            from_value(ty, &value).with_context(|| format!("the model's input is {ty}"))?;
        return Ok(vec![(0, tensor)]);
    };
    let mut tensors = Vec::new();
    for (name, value) in &members {
        let index = types
            .iter()
            .position(|ty| ty.name == *name)
            .with_context(|| {
                let names: Vec<_> = types.iter().map(|ty| &*ty.name).collect();
                format!(
                    "the model has no input '{name}'; it has {}",
                    names.join(", ")
                )
            })?;
        let ty = &types[index];
        tensors.push((
            index,
            from_value(ty, value).with_context(|| format!("the model's input is {ty}"))?,
        ));
    }
    Ok(tensors)
}

fn parse(bytes: &[u8]) -> Result<Value> {
    serde_json::from_slice(bytes).context("this is no JSON")
}

fn from_value(ty: &TensorType, value: &Value) -> Result<Tensor> {
    let tensor = unflatten(ty, Tensor::from_json(ty.dtype, value)?);
    check(ty, &tensor)?;
    Ok(tensor)
}

fn unflatten(ty: &TensorType, tensor: Tensor) -> Tensor {
    let sizes = ty.dims.iter().map(|dim| match dim {
        Dim::Static(size) => Some(*size),
        Dim::Dynamic => None,
    });
    let Some(shape) = sizes.collect::<Option<Vec<u32>>>() else {
        return tensor;
    };
    let count = shape
        .iter()
        .try_fold(1u32, |count, size| count.checked_mul(*size));
    match tensor.shape[..] {
        [length] if count == Some(length) => Tensor { shape, ..tensor },
        _ => tensor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use enshrine_primitives::tensor::DType;

    #[test]
    fn arrays_and_objects_are_read() {
        let types = [TensorType::new(
            "x",
            DType::F32,
            [Dim::Static(1), Dim::Static(2)],
        )];
        for text in ["[[1, 2]]", "[1, 2]", r#"{"x": [[1, 2]]}"#] {
            let tensors = read_all(&types, text.as_bytes()).unwrap();
            assert_eq!(tensors[0].1.shape, [1, 2], "{text}");
        }
        assert!(read_all(&types, br#"{"y": [[1, 2]]}"#).is_err());
        assert!(read_all(&types, b"[[1, 2]").is_err());
    }
}
