//! Proofs of single steps as files.

use std::{fs, path::Path};

use alloy_primitives::hex;
use anyhow::{Context, Result, bail};
use enshrine_prover::{Proof, StateHash, StepProof};
use serde::{Deserialize, Serialize};

/// Version of the file's keys.
const FORMAT: u32 = 1;

/// A proof with all that says what it is a proof of.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofFile {
    format: u32,
    /// Hash of the program
    pub(crate) program_hash: String,
    /// Address of the model
    pub(crate) model_address: String,
    /// Root of the input
    pub(crate) input_root: String,
    /// Fuel of `load`
    pub(crate) load_fuel: u64,
    /// Fuel of `infer`
    pub(crate) infer_fuel: u64,
    /// The step; 0 is the first
    pub(crate) step: u64,
    /// What is executed
    pub(crate) instruction: String,
    /// Hash of the state before
    pub(crate) before: String,
    /// Hash of the state after
    pub(crate) after: String,
    /// The proof's bytes
    proof: String,
}

/// What a proof is about, beside the step.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) program_hash: String,
    pub(crate) model_address: String,
    pub(crate) input_root: String,
    pub(crate) load_fuel: u64,
    pub(crate) infer_fuel: u64,
}

/// What a step executes, as a person reads it.
pub(crate) fn instruction(proof: &StepProof) -> String {
    match proof.word {
        Some(word) => word.to_string(),
        None => "none: the run has ended".to_owned(),
    }
}

impl ProofFile {
    pub(crate) fn new(about: About, proof: &StepProof) -> Self {
        let About {
            program_hash,
            model_address,
            input_root,
            load_fuel,
            infer_fuel,
        } = about;
        Self {
            format: FORMAT,
            program_hash,
            model_address,
            input_root,
            load_fuel,
            infer_fuel,
            step: proof.step,
            instruction: instruction(proof),
            before: proof.before.to_string(),
            after: proof.after.to_string(),
            proof: hex::encode_prefixed(proof.proof.as_bytes()),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or is no proof of this format.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let file: Self = serde_json::from_str(&text).with_context(|| {
            format!("{} is no proof that `enshrine prove` wrote", path.display())
        })?;
        if file.format != FORMAT {
            bail!(
                "{}: expected format {FORMAT}, got {}: use the version of enshrine that wrote it",
                path.display(),
                file.format
            );
        }
        Ok(file)
    }

    /// The proof's bytes.
    ///
    /// # Errors
    /// If they are not hexadecimal.
    pub(crate) fn proof(&self) -> Result<Proof> {
        let bytes = hex::decode(&self.proof).context("`proof`: expected hexadecimal digits")?;
        Ok(Proof::new(bytes))
    }

    /// The hashes before and after.
    ///
    /// # Errors
    /// If they are none.
    pub(crate) fn hashes(&self) -> Result<(StateHash, StateHash)> {
        let before = self.before.parse().context("`before`")?;
        Ok((before, self.after.parse().context("`after`")?))
    }
}
