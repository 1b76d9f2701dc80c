//! What the commands about single steps have in common.

use std::{path::PathBuf, sync::Arc};

use anyhow::Result;
use clap::Args;
use enshrine_prover::{Trace, TraceConfig};
use enshrine_runtime::{Fuel, limits};

use crate::{app::App, commands::Engine, find, input::InputArgs, proof::About};

/// A run, to be looked at step by step.
#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// A path, an address, or a name in the store
    model: String,
    #[command(flatten)]
    input: InputArgs,
    /// What brings the run close to a step; the proof is the same. Wasmi needs no compiling, wasmtime is faster
    #[arg(long, value_enum, default_value_t = Engine::Wasmi)]
    engine: Engine,
    /// Most steps that the inference may take: part of what is proved
    #[arg(long, value_name = "STEPS", default_value_t = limits::MAX_FUEL)]
    fuel: u64,
    /// Most steps that loading the model may take: part of what is proved
    #[arg(long, value_name = "STEPS", default_value_t = limits::LOAD_FUEL)]
    load_fuel: u64,
    /// Folder in which hashes that were computed are kept, to go on later
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl TraceArgs {
    /// The trace, and what its proofs are about.
    ///
    /// # Errors
    /// If the model or the input cannot be found, or the program not be lowered.
    pub(crate) fn open(&self, app: &App) -> Result<(Trace, About)> {
        let model = find::model(app, &self.model)?;
        let input = self.input.read(app, &model)?;
        let fuel = Fuel {
            load: self.load_fuel,
            infer: self.fuel,
        };
        let config = TraceConfig {
            runtime: app.runtime()?.clone(),
            model,
            input: Arc::from(input),
            fuel,
            engine: self.engine.into(),
        };
        let _working = app.working("lowering the program");
        let trace = match &self.folder {
            Some(folder) => Trace::in_folder(config, folder)?,
            None => Trace::new(config)?,
        };
        let first = trace.first();
        let about = About {
            program_hash: trace.program_hash().to_string(),
            model_address: first.model_root.to_string(),
            input_root: first.input_root.to_string(),
            load_fuel: first.registers.fuel_left,
            infer_fuel: first.registers.fuel_aside,
        };
        Ok((trace, about))
    }
}
