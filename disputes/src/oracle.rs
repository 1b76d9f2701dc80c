//! Who knows how runs end, and what happens in them.

use std::{fmt::Debug, path::PathBuf, sync::Arc};

use enshrine_primitives::BlobRoot;
use enshrine_prover::{StateHash, Terminal, Trace, TraceConfig, game::Witness};
use enshrine_runtime::{Fuel, Model, Outcome, Runtime, engine::EngineKind, store::ModelStore};

use crate::{contracts::Request, error::DisputeError};

/// Traces that are kept. Each holds states of its run.
const MOST_TRACES: usize = 4;

/// Endings that are kept, with their outputs.
const MOST_ENDINGS: usize = 16;

/// What is run.
#[derive(Clone, Debug)]
pub struct Job {
    /// Address of the model.
    pub model: BlobRoot,
    /// The input.
    pub input: Arc<[u8]>,
    /// Fuel of both phases.
    pub fuel: Fuel,
    /// First state of the run.
    pub start: StateHash,
}

impl Job {
    /// What a request asks for, whose runs begin in `start`.
    pub fn new(request: &Request, start: StateHash) -> Self {
        Self {
            model: request.question.model,
            input: Arc::clone(&request.input),
            fuel: request.question.fuel,
            start,
        }
    }
}

/// How a run ends.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The last state.
    pub result: Terminal,
    /// The output, or the guest's message; empty if the run fails.
    pub output: Vec<u8>,
}

/// One who knows runs. An honest one runs them.
pub trait Oracle: Debug + Send {
    /// How a run ends.
    ///
    /// # Errors
    /// [`DisputeError`] if this host cannot say.
    fn ending(&mut self, job: &Job) -> Result<Ending, DisputeError>;

    /// One who says what happens in it.
    ///
    /// # Errors
    /// [`DisputeError`] if this host cannot say.
    fn witness(&mut self, job: &Job) -> Result<Box<dyn Witness + '_>, DisputeError>;
}

/// Runs models from a store.
#[derive(Debug)]
pub struct Runs {
    runtime: Runtime,
    store: ModelStore,
    engine: EngineKind,
    /// Where traces keep what they have said.
    folder: PathBuf,
    /// The last used is the first.
    traces: Vec<(StateHash, Trace)>,
    /// The last found is the first.
    endings: Vec<(StateHash, Ending)>,
}

impl Runs {
    /// Runs models of `store`. What was found out about a run is kept in `folder`.
    pub fn new(runtime: Runtime, store: ModelStore, engine: EngineKind, folder: PathBuf) -> Self {
        Self {
            runtime,
            store,
            engine,
            folder,
            traces: Vec::new(),
            endings: Vec::new(),
        }
    }

    fn model(&self, model: BlobRoot) -> Result<Model, DisputeError> {
        let found = self.store.model(model)?;
        found.ok_or(DisputeError::NoModel { model })
    }

    fn known_ending(&self, job: &Job) -> Option<&Ending> {
        let mut endings = self.endings.iter();
        let (_, ending) = endings.find(|(start, _)| *start == job.start)?;
        Some(ending)
    }

    fn open(&self, job: &Job) -> Result<Trace, DisputeError> {
        let config = TraceConfig {
            runtime: self.runtime.clone(),
            model: self.model(job.model)?,
            input: Arc::clone(&job.input),
            fuel: job.fuel,
            engine: self.engine,
        };
        let folder = self.folder.join(job.start.to_string());
        let mut trace = Trace::in_folder(config, &folder)?;
        if let Some(ending) = self.known_ending(job) {
            trace.set_final_state(ending.result);
        }
        Ok(trace)
    }
}

impl Oracle for Runs {
    fn ending(&mut self, job: &Job) -> Result<Ending, DisputeError> {
        if let Some(ending) = self.known_ending(job) {
            return Ok(ending.clone());
        }
        let model = self.model(job.model)?;
        let run = self
            .runtime
            .infer(&model, &job.input, job.fuel, self.engine)?;
        let Fuel { load, .. } = job.fuel;
        let result = match run.outcome {
            Outcome::Failed => Terminal::Failed,
            Outcome::Finished {
                status,
                output_root,
                load_steps,
                infer_steps: _,
                fuel_left,
            } => Terminal::Finished {
                status: status.cast_unsigned(),
                output_root,
                load_fuel_left: load - load_steps,
                fuel_left,
            },
        };
        let ending = Ending {
            result,
            output: run.output,
        };
        self.endings.truncate(MOST_ENDINGS - 1);
        self.endings.insert(0, (job.start, ending.clone()));
        Ok(ending)
    }

    fn witness(&mut self, job: &Job) -> Result<Box<dyn Witness + '_>, DisputeError> {
        let kept = self
            .traces
            .iter()
            .position(|(start, _)| *start == job.start);
        let trace = match kept {
            Some(place) => self.traces.remove(place),
            None => {
                self.traces.truncate(MOST_TRACES - 1);
                (job.start, self.open(job)?)
            }
        };
        self.traces.insert(0, trace);
        Ok(Box::new(&mut self.traces[0].1))
    }
}
