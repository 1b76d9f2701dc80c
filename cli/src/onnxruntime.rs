//! The same model in ONNX Runtime, where Python has it.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use enshrine_primitives::tensor::{Interface, TensorSlice, TensorType};
use enshrine_runtime::Model;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const SCRIPT: &str = include_str!("onnxruntime.py");

/// How far the outputs are from those of ONNX Runtime.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Comparison {
    /// Version of ONNX Runtime.
    pub(crate) version: String,
    /// Whether all outputs are the same: whole numbers exactly, floats within 0.001 of the number or 0.00001.
    pub(crate) agrees: bool,
    /// Outputs in the model's order.
    pub(crate) outputs: Vec<Difference>,
}

/// Largest differences of an output. Numbers, or a text for NaN and the infinities.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Difference {
    pub(crate) name: String,
    pub(crate) max_abs: Value,
    pub(crate) max_rel: Value,
    pub(crate) agrees: bool,
    pub(crate) detail: Option<String>,
}

/// Whether `python` can import ONNX Runtime.
pub(crate) fn is_available(python: &str) -> bool {
    let probe = Command::new(python)
        .args(["-c", "import numpy, onnxruntime"])
        .output();
    probe.is_ok_and(|output| output.status.success())
}

/// Runs a model in ONNX Runtime and compares.
///
/// # Errors
/// With Python's words if it does not run there.
pub(crate) fn compare(
    python: &str,
    model: &Model,
    interface: &Interface,
    input: &[u8],
    output: &[u8],
) -> Result<Comparison> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let path = folder.path();
    let write = |name: &str, bytes: &[u8]| {
        fs::write(path.join(name), bytes)
            .with_context(|| format!("cannot write to {}", path.display()))
    };
    write("model.onnx", model.bytes())?;
    let inputs = tensors(
        path,
        "input",
        &interface.inputs,
        &interface.split_inputs(input)?,
        input,
    )?;
    let outputs = tensors(
        path,
        "output",
        &interface.outputs,
        &interface.split_outputs(output)?,
        output,
    )?;
    write(
        "request.json",
        json!({ "inputs": inputs, "outputs": outputs })
            .to_string()
            .as_bytes(),
    )?;
    write("compare.py", SCRIPT.as_bytes())?;
    run(python, path)
}

fn tensors(
    folder: &Path,
    kind: &str,
    types: &[TensorType],
    slices: &[TensorSlice],
    blob: &[u8],
) -> Result<Vec<Value>> {
    let mut described = Vec::new();
    for (index, (ty, slice)) in types.iter().zip(slices).enumerate() {
        let file = format!("{kind}-{index}.bin");
        fs::write(folder.join(&file), &blob[slice.data.clone()])
            .with_context(|| format!("cannot write to {}", folder.display()))?;
        let (name, dtype, shape) = (&ty.name, ty.dtype.name(), &slice.shape);
        described.push(json!({ "name": name, "dtype": dtype, "shape": shape, "file": file }));
    }
    Ok(described)
}

fn run(python: &str, folder: &Path) -> Result<Comparison> {
    let output = Command::new(python)
        .arg(folder.join("compare.py"))
        .arg(folder)
        .output()
        .with_context(|| format!("cannot start {python}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!(
            "ONNX Runtime does not run it: {}",
            words.lines().last().unwrap_or("no message")
        );
    }
    serde_json::from_slice(&output.stdout).context("the answer of Python is not what was expected")
}
