//! Inputs from files, in the tensor encoding.

mod json;
mod npy;
mod npz;
mod png;

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use clap::Args;
use enshrine_primitives::tensor::{Dim, TensorType, encode, split};
use enshrine_runtime::Model;

use crate::{app::App, find, tensor::Tensor};

pub(crate) use npz::member;

/// Where a model's input comes from.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct InputArgs {
    /// A .npy, .json, .png or .bin file; NAME=FILE, once for each, if the model has several inputs
    #[arg(long = "input", value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// Value of a picture's brightest pixel [default: 1 for floats, 255 for integers]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) scale: Option<f64>,
}

impl InputArgs {
    /// Reads the files for a model.
    ///
    /// # Errors
    /// If a file cannot be read, or does not fit the model.
    pub(crate) fn read(&self, app: &App, model: &Model) -> Result<Vec<u8>> {
        // A blob that is encoded already needs no knowledge of the model; the guest checks it.
        if let [file] = &self.files[..]
            && extension(file) == "bin"
            && let Ok(bytes) = fs::read(file)
        {
            return Ok(bytes);
        }
        let types = find::input_types(app, model)?;
        self.encode(&types)
    }

    fn encode(&self, types: &[TensorType]) -> Result<Vec<u8>> {
        let mut tensors: Vec<Option<Tensor>> = vec![None; types.len()];
        for text in &self.files {
            for (index, tensor) in self.read_one(types, text).with_context(|| text.clone())? {
                tensors[index] = Some(tensor);
            }
        }
        let mut given = Vec::new();
        for (ty, tensor) in types.iter().zip(&tensors) {
            let tensor = tensor.as_ref().with_context(|| missing(types, ty))?;
            given.push((&tensor.shape[..], &tensor.data[..]));
        }
        Ok(encode(types, &given)?)
    }

    fn read_one(&self, types: &[TensorType], text: &str) -> Result<Vec<(usize, Tensor)>> {
        let (index, file) = address(types, text);
        if index.is_none() && extension(file) == "json" {
            return json::read_all(types, &read_file(file)?);
        }
        let index = match (index, types.len()) {
            (Some(index), _) => index,
            (None, 1) => 0,
            (None, 0) => bail!("the model takes no input: leave --input out"),
            (None, _) => bail!(
                "the model has several inputs: write NAME=FILE, {}",
                list(types)
            ),
        };
        let ty = &types[index];
        let tensor = read_tensor(ty, file, self.scale)
            .with_context(|| format!("the model's input is {ty}"))?;
        Ok(vec![(index, tensor)])
    }
}

fn read_tensor(ty: &TensorType, file: &str, scale: Option<f64>) -> Result<Tensor> {
    let bytes = read_file(file)?;
    let tensor = match &*extension(file) {
        "npy" => npy::read(&bytes)?.cast(ty.dtype)?,
        "json" => json::read_one(ty, &bytes)?,
        "png" => png::read(ty, &bytes, scale)?,
        "bin" => encoded(ty, &bytes)?,
        other => bail!("cannot read .{other} files: use .npy, .json, .png or .bin"),
    };
    check(ty, &tensor)?;
    Ok(tensor)
}

/// Whether a tensor fits its type: asked of each file, so that the message comes with the file's name.
fn check(ty: &TensorType, tensor: &Tensor) -> Result<()> {
    let fits = encode(std::slice::from_ref(ty), &[(&tensor.shape, &tensor.data)]);
    Ok(fits.map(drop)?)
}

fn encoded(ty: &TensorType, bytes: &[u8]) -> Result<Tensor> {
    let slices = split(std::slice::from_ref(ty), bytes)?;
    let slice = slices.first().context("the encoding is empty")?;
    let data = bytes[slice.data.clone()].to_vec();
    Ok(Tensor {
        dtype: ty.dtype,
        shape: slice.shape.clone(),
        data,
    })
}

/// Splits `NAME=FILE`, if NAME is an input; file names may hold an equals sign too.
fn address<'a>(types: &[TensorType], text: &'a str) -> (Option<usize>, &'a str) {
    let named = types.iter().enumerate().find_map(|(index, ty)| {
        let file = text.strip_prefix(&ty.name)?.strip_prefix('=')?;
        Some((Some(index), file))
    });
    named.unwrap_or((None, text))
}

fn missing(types: &[TensorType], ty: &TensorType) -> String {
    let flag = if types.len() == 1 {
        "--input FILE".to_owned()
    } else {
        format!("--input {}=FILE", ty.name)
    };
    format!("input {ty} is missing: give it with {flag}")
}

fn list(types: &[TensorType]) -> String {
    let names: Vec<_> = types.iter().map(ToString::to_string).collect();
    format!("with the names of {}", names.join("; "))
}

fn extension(file: &str) -> String {
    let extension = Path::new(file).extension().and_then(|text| text.to_str());
    extension.unwrap_or_default().to_ascii_lowercase()
}

fn read_file(file: &str) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {file}"))
}

/// Numbers that look random and are the same every time, with the sizes that were asked for.
///
/// # Errors
/// If a dynamic axis has no size, or a size contradicts the model.
pub(crate) fn arbitrary(types: &[TensorType], shapes: &[(String, Vec<u32>)]) -> Result<Vec<u8>> {
    if let Some((name, _)) = shapes
        .iter()
        .find(|(name, _)| types.iter().all(|ty| ty.name != *name))
    {
        bail!(
            "the model has no input '{name}' for --shape; it has {}",
            list(types)
        );
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut tensors = Vec::new();
    for ty in types {
        let shape = arbitrary_shape(ty, shapes)?;
        tensors.push((arbitrary_data(ty, &shape, &mut state)?, shape));
    }
    let given: Vec<_> = tensors
        .iter()
        .map(|(data, shape)| (&shape[..], &data[..]))
        .collect();
    Ok(encode(types, &given)?)
}

fn arbitrary_shape(ty: &TensorType, shapes: &[(String, Vec<u32>)]) -> Result<Vec<u32>> {
    if let Some((_, shape)) = shapes.iter().find(|(name, _)| *name == ty.name) {
        return Ok(shape.clone());
    }
    let sizes = ty.dims.iter().map(|dim| match dim {
        Dim::Static(size) => Some(*size),
        Dim::Dynamic => None,
    });
    sizes.collect::<Option<_>>().with_context(|| {
        let example: Vec<_> = ty
            .dims
            .iter()
            .map(|dim| dim.to_string().replace('?', "N"))
            .collect();
        format!(
            "input {ty} has dynamic axes: give --input, or sizes with --shape {}={}",
            ty.name,
            example.join(",")
        )
    })
}

/// Most elements of an input that is made up.
const MAX_ARBITRARY: u64 = 1 << 28;

fn arbitrary_data(ty: &TensorType, shape: &[u32], state: &mut u64) -> Result<Vec<u8>> {
    use crate::tensor::{Number, write};
    use enshrine_primitives::tensor::DType;

    let count = shape
        .iter()
        .try_fold(1u64, |count, size| count.checked_mul((*size).into()));
    let count = count.filter(|count| *count <= MAX_ARBITRARY);
    let count = count.with_context(|| {
        format!("input {ty} of shape {shape:?} is too large to make up: give --input")
    })?;
    let mut data = Vec::new();
    for _ in 0..count {
        // Xorshift: any generator will do, as long as it never changes.
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        let number = match ty.dtype {
            DType::F16 | DType::BF16 | DType::F32 | DType::F64 => {
                Number::Float(f64::from((*state >> 40) as u32) / f64::from(1 << 24))
            }
            DType::U8 | DType::I8 => Number::Integer(i128::from(*state >> 57)),
            // Small, because indices must be inside of something.
            _ => Number::Integer(i128::from(*state >> 63)),
        };
        data.extend(write(ty.dtype, number).0);
    }
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use enshrine_primitives::tensor::DType;

    #[test]
    fn made_up_inputs_are_the_same_every_time() {
        let types = [
            TensorType::new("x", DType::F32, [Dim::Static(2), Dim::Dynamic]),
            TensorType::new("ids", DType::I64, [Dim::Static(4)]),
        ];
        let shapes = [("x".to_owned(), vec![2, 3])];
        let blob = arbitrary(&types, &shapes).unwrap();
        assert_eq!(blob.len(), 4 + 24 + 32);
        assert_eq!(blob, arbitrary(&types, &shapes).unwrap());
        assert!(
            arbitrary(&types, &[])
                .unwrap_err()
                .to_string()
                .contains("--shape x=2,N")
        );
        assert!(arbitrary(&types, &[("y".to_owned(), vec![])]).is_err());
    }

    #[test]
    fn names_are_told_from_files() {
        let types = [
            TensorType::new("x", DType::F32, []),
            TensorType::new("x=y", DType::F32, []),
        ];
        assert_eq!(address(&types, "x=a.npy"), (Some(0), "a.npy"));
        assert_eq!(address(&types, "z=a.npy"), (None, "z=a.npy"));
    }
}
