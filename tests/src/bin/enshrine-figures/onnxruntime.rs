//! What ONNX Runtime takes for the same models, on one thread.

use std::{collections::BTreeMap, ffi::OsString, path::Path, process::Command};

use serde_json::Value;

use crate::{ROUNDS, models::Case};

/// Names the Python that has ONNX Runtime; `cargo xtask bench` sets it.
const PYTHON: &str = "ENSHRINE_PYTHON";

/// Median milliseconds by model; without ONNX Runtime none, and the reason is printed.
pub(crate) fn measure(models: &Path, cases: &[Case]) -> BTreeMap<String, f64> {
    match run(models, cases) {
        Ok(times) => times,
        Err(reason) => {
            println!("ONNX Runtime: not measured, {}", reason.trim());
            BTreeMap::new()
        }
    }
}

fn run(models: &Path, cases: &[Case]) -> Result<BTreeMap<String, f64>, String> {
    let python = std::env::var_os(PYTHON).unwrap_or_else(|| OsString::from("python3"));
    let mut command = Command::new(python);
    command
        .arg(models.join("scripts/time_onnxruntime.py"))
        .arg("--rounds")
        .arg(ROUNDS.to_string());
    for case in cases {
        command.arg(case.name).arg(&case.model).arg(&case.input);
    }
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let times: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let times = times.as_object().into_iter().flatten();
    Ok(times
        .filter_map(|(name, time)| Some((name.clone(), time.as_f64()?)))
        .collect())
}
