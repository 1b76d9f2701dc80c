//! Recorded inference calls: what `call --record` writes and `replay` reads.

use std::{fs, path::Path};

use alloy_primitives::hex;
use anyhow::{Context, Result, bail};
use enshrine_precompile::{ExecutedCall, Precompile};
use enshrine_primitives::BlobRoot;
use enshrine_runtime::{Fuel, Model, Outcome, Run};
use serde::{Deserialize, Serialize};

/// Version of the file format.
const VERSION: u32 = 1;

/// A file of recorded calls.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Recording {
    version: u32,
    /// Hash of the program that ran the models.
    pub(crate) program_hash: String,
    /// Where the models came from.
    pub(crate) models: Vec<RecordedModel>,
    /// The calls, in the order in which they ran.
    pub(crate) calls: Vec<RecordedCall>,
}

/// A model of the recording.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RecordedModel {
    /// Its address.
    pub(crate) address: String,
    /// Path or name that it had.
    pub(crate) source: String,
}

/// A call and its result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RecordedCall {
    pub(crate) block: String,
    pub(crate) precompile: String,
    pub(crate) caller: String,
    pub(crate) model_address: String,
    /// The model, where it came in the call data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    pub(crate) input: String,
    pub(crate) input_root: String,
    /// Gas that the call was given, and what it cost.
    pub(crate) gas: u64,
    pub(crate) gas_used: u64,
    /// Fuel that `load` and `infer` were given.
    pub(crate) load_fuel: u64,
    pub(crate) fuel: u64,
    #[serde(flatten)]
    pub(crate) result: RecordedResult,
}

/// How a run ended, with everything that must be the same everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordedResult {
    /// `finished` or `failed`.
    pub(crate) outcome: String,
    pub(crate) status: Option<i32>,
    pub(crate) output_root: Option<String>,
    pub(crate) steps_load: Option<u64>,
    pub(crate) steps_infer: Option<u64>,
    pub(crate) fuel_left: Option<u64>,
    pub(crate) output_size: usize,
    pub(crate) output: String,
}

impl RecordedResult {
    fn new(outcome: &Outcome, output: &[u8]) -> Self {
        let failed = Self {
            outcome: "failed".to_owned(),
            status: None,
            output_root: None,
            steps_load: None,
            steps_infer: None,
            fuel_left: None,
            output_size: output.len(),
            output: hex::encode_prefixed(output),
        };
        match *outcome {
            Outcome::Failed => failed,
            Outcome::Finished {
                status,
                output_root,
                load_steps,
                infer_steps,
                fuel_left,
            } => Self {
                outcome: "finished".to_owned(),
                status: Some(status),
                output_root: Some(output_root.to_string()),
                steps_load: Some(load_steps),
                steps_infer: Some(infer_steps),
                fuel_left: Some(fuel_left),
                ..failed
            },
        }
    }

    /// Names of the fields that differ, with both values.
    pub(crate) fn differences(&self, got: &Self) -> Vec<String> {
        let Self {
            outcome,
            status,
            output_root,
            steps_load,
            steps_infer,
            fuel_left,
            output_size,
            output,
        } = self;
        let mut found = Vec::new();
        let mut compare = |name: &str, expected: String, got: String| {
            if expected != got {
                found.push(format!("{name}: expected {expected}, got {got}"));
            }
        };
        compare("outcome", outcome.clone(), got.outcome.clone());
        compare("status", format!("{status:?}"), format!("{:?}", got.status));
        compare(
            "output_root",
            format!("{output_root:?}"),
            format!("{:?}", got.output_root),
        );
        compare(
            "steps_load",
            format!("{steps_load:?}"),
            format!("{:?}", got.steps_load),
        );
        compare(
            "steps_infer",
            format!("{steps_infer:?}"),
            format!("{:?}", got.steps_infer),
        );
        compare(
            "fuel_left",
            format!("{fuel_left:?}"),
            format!("{:?}", got.fuel_left),
        );
        compare(
            "output_size",
            output_size.to_string(),
            got.output_size.to_string(),
        );
        compare("output", shortened(output), shortened(&got.output));
        if found.is_empty() && output != &got.output {
            found.push("output: the bytes differ".to_owned());
        }
        found
    }
}

impl From<&Run> for RecordedResult {
    fn from(run: &Run) -> Self {
        Self::new(&run.outcome, &run.output)
    }
}

/// As much of a long text as a line takes.
fn shortened(text: &str) -> String {
    match text.get(..80) {
        Some(start) if text.len() > 80 => format!("{start}..."),
        _ => text.to_owned(),
    }
}

impl RecordedCall {
    pub(crate) fn new(call: &ExecutedCall<'_>) -> Self {
        Self {
            block: call.block_number.to_string(),
            precompile: call.precompile.address().to_string(),
            caller: call.caller.to_string(),
            model_address: call.model.to_string(),
            model: (call.precompile == Precompile::WithModel)
                .then(|| hex::encode_prefixed(call.model_bytes)),
            input: hex::encode_prefixed(call.input),
            input_root: call.input_root.to_string(),
            gas: call.gas_limit,
            gas_used: call.gas_used,
            load_fuel: call.load_fuel,
            fuel: call.fuel,
            result: RecordedResult::new(&call.outcome, call.output),
        }
    }

    /// The model's address.
    pub(crate) fn address(&self) -> Result<BlobRoot> {
        self.model_address
            .parse()
            .with_context(|| format!("`{}` is no model address", self.model_address))
    }

    /// The model that came in the call data.
    pub(crate) fn own_model(&self) -> Result<Option<Model>> {
        let Some(text) = &self.model else {
            return Ok(None);
        };
        let bytes = hex::decode(text).context("the recorded model is no hexadecimal text")?;
        Ok(Some(Model::new(bytes)?))
    }

    /// The fuel of both phases.
    pub(crate) const fn fuel(&self) -> Fuel {
        Fuel {
            load: self.load_fuel,
            infer: self.fuel,
        }
    }

    /// The input's bytes.
    pub(crate) fn input_bytes(&self) -> Result<Vec<u8>> {
        hex::decode(&self.input).context("the recorded input is no hexadecimal text")
    }
}

impl Recording {
    pub(crate) const fn new(
        program_hash: String,
        models: Vec<RecordedModel>,
        calls: Vec<RecordedCall>,
    ) -> Self {
        Self {
            version: VERSION,
            program_hash,
            models,
            calls,
        }
    }

    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let recording: Self = serde_json::from_slice(&bytes).with_context(|| {
            format!(
                "{} is no recording: make one with `enshrine call --record FILE`",
                path.display()
            )
        })?;
        if recording.version != VERSION {
            bail!(
                "expected a recording of version {VERSION}, got {}",
                recording.version
            );
        }
        Ok(recording)
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self).context("cannot write JSON")?;
        fs::write(path, json + "\n").with_context(|| format!("cannot write {}", path.display()))
    }
}
