//! Outputs and figures of runs, as they are printed.

use anyhow::{Context, Result};
use enshrine_precompile::{GasPrice, Precompile};
use enshrine_primitives::tensor::{DType, Interface};
use enshrine_runtime::Outcome;
use serde::Serialize;

use crate::{output, tensor::Elements};

/// Bytes of the inference precompile's call data before the input.
const HEADER_BYTES: usize = 64;

/// Elements of an output that a person is shown.
const SHOWN: usize = 32;

/// An output tensor.
#[derive(Debug, Serialize)]
pub(crate) struct Output<'a> {
    pub(crate) name: String,
    #[serde(serialize_with = "dtype_name")]
    pub(crate) dtype: DType,
    pub(crate) shape: Vec<u32>,
    pub(crate) data: Elements<'a>,
}

fn dtype_name<S: serde::Serializer>(dtype: &DType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(dtype.name())
}

impl std::fmt::Display for Output<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            name,
            dtype,
            shape,
            data,
        } = self;
        write!(f, "{name}: {dtype}{shape:?} {}", data.preview(SHOWN))
    }
}

/// Takes a blob of outputs apart.
///
/// # Errors
/// If it is none.
pub(crate) fn outputs<'a>(interface: &Interface, blob: &'a [u8]) -> Result<Vec<Output<'a>>> {
    let slices = interface
        .split_outputs(blob)
        .context("the output is not what the model declares")?;
    let outputs = interface
        .outputs
        .iter()
        .zip(slices)
        .map(|(ty, slice)| Output {
            name: ty.name.clone(),
            dtype: ty.dtype,
            shape: slice.shape,
            data: Elements {
                dtype: ty.dtype,
                data: &blob[slice.data],
            },
        });
    Ok(outputs.collect())
}

/// Steps of `load` and `infer`; `None` after a failed run.
pub(crate) const fn steps(outcome: &Outcome) -> Option<(u64, u64)> {
    match outcome {
        Outcome::Finished {
            load_steps,
            infer_steps,
            ..
        } => Some((*load_steps, *infer_steps)),
        Outcome::Failed => None,
    }
}

/// Gas that a contract would pay for the call of a registered model.
pub(crate) const fn gas(input_bytes: usize, (load, infer): (u64, u64)) -> u64 {
    let data_bytes = HEADER_BYTES.saturating_add(input_bytes);
    GasPrice::of_call(Precompile::Registered, data_bytes, 0).total(load, infer)
}

/// `1,234 (load) + 567 (infer)`
pub(crate) fn steps_text((load, infer): (u64, u64)) -> String {
    format!(
        "{} (load) + {} (infer)",
        output::grouped(load),
        output::grouped(infer)
    )
}
