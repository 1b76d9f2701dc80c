//! Runs of models: what nodes and tools call.

use std::{path::PathBuf, sync::Arc};

use enshrine_primitives::{MAX_BLOB_BYTES, tensor::Interface};

use crate::{
    Execution, Fuel, Model, Profile, Run,
    engine::{Blobs, Boot, EngineKind},
    error::RuntimeError,
    guest::Guest,
    limits,
    meter::NanMode,
    program::ProgramHash,
    trace::{Checkpoint, Phase, TraceRequest, TracedRun},
};
use job::{Job, Loaded};
use shared::Shared;

mod job;
mod shared;
mod traced;

/// How a [`Runtime`] is set up.
#[derive(Clone, Debug)]
pub struct RuntimeConfig {
    /// Program to run.
    pub guest: Guest,
    /// Folder for compiled code and prepared images; `None` keeps nothing on disk. It must be trusted like the program
    /// itself: compiled code in it is executed.
    pub cache_dir: Option<PathBuf>,
    /// Bytes of prepared images that are kept in memory, least recently used dropped first. The one in use is kept in
    /// any case.
    pub image_cache_bytes: u64,
    /// Bytes of prepared images that are kept on disk, oldest dropped first.
    pub disk_image_bytes: u64,
}

impl RuntimeConfig {
    /// The bundled guest, 4 GiB of images in memory, 16 GiB on disk.
    ///
    /// # Errors
    /// [`RuntimeError::Guest`] if the packed guest is damaged.
    pub fn bundled(cache_dir: Option<PathBuf>) -> Result<Self, RuntimeError> {
        Ok(Self {
            guest: Guest::bundled()?,
            cache_dir,
            image_cache_bytes: 4 << 30,
            disk_image_bytes: 16 << 30,
        })
    }
}

/// Runs models. Cheap to clone; many threads may use it at once.
#[derive(Clone, Debug)]
pub struct Runtime {
    shared: Arc<Shared>,
}

impl Runtime {
    /// Checks the guest and sets up the engines. Code is compiled, or read from the cache, when it is first needed.
    ///
    /// # Errors
    /// [`RuntimeError::Module`] if the guest is outside the profile or lacks `load` and `infer`.
    pub fn new(config: RuntimeConfig) -> Result<Self, RuntimeError> {
        let shared = Shared::new(config)?;
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Hash of the program that this runtime runs.
    ///
    /// # Errors
    /// [`RuntimeError::Module`] if a function of the guest is outside the profile.
    pub fn program_hash(&self) -> Result<ProgramHash, RuntimeError> {
        self.shared.program_hash()
    }

    /// Compiles, or reads from the cache, what a run in this way needs.
    ///
    /// # Errors
    /// [`RuntimeError`] if the engine cannot.
    pub fn warm(&self, execution: impl Into<Execution>) -> Result<(), RuntimeError> {
        let Execution { engine, nan, .. } = execution.into();
        self.shared.code(engine, nan).map(drop)
    }

    /// The last problem with the cache folder, if there was one since the last call. Results do not depend on it.
    pub fn take_cache_problem(&self) -> Option<String> {
        self.shared.disk.take_problem()
    }

    /// Runs `model` on `input`. A number as `fuel` is that of `infer`.
    ///
    /// # Errors
    /// [`RuntimeError`] if this host cannot answer. Whatever the guest does is an [`Outcome`](crate::Outcome).
    pub fn infer(
        &self,
        model: &Model,
        input: &[u8],
        fuel: impl Into<Fuel>,
        execution: impl Into<Execution>,
    ) -> Result<Run, RuntimeError> {
        let execution = execution.into();
        root_of_length("input", input.len())?;
        let job = Job {
            shared: &self.shared,
            model,
            blobs: Blobs::new(Arc::clone(model.bytes()), input),
            input,
            fuel: fuel.into().limited(),
            engine: execution.engine,
            keep: execution.keep,
        };
        job.infer(execution.nan)
    }

    /// Runs `model` on `input` from scratch, in a traced build, and shows `watcher` the machine: in each phase where it
    /// first takes a segment that leaves less fuel than the request's stop, then less than the watcher says, and so on.
    /// Nobody is asked after `None` until the next phase. The traced build is compiled, or read from the cache, when it
    /// is first asked for.
    ///
    /// # Errors
    /// [`RuntimeError`] if this host cannot answer.
    ///
    /// # Panics
    /// If the watcher does.
    pub fn trace(
        &self,
        model: &Model,
        input: &[u8],
        fuel: impl Into<Fuel>,
        request: TraceRequest,
        watcher: impl FnMut(Phase, Checkpoint<'_>) -> Option<u64> + Send + 'static,
    ) -> Result<TracedRun, RuntimeError> {
        root_of_length("input", input.len())?;
        let job = Job {
            shared: &self.shared,
            model,
            blobs: Blobs::new(Arc::clone(model.bytes()), input),
            input,
            fuel: fuel.into().limited(),
            engine: request.engine,
            keep: false,
        };
        job.trace(request, watcher)
    }

    /// Inputs and outputs of `model`, as the guest sees them. Needs a valid input if the model has dynamic axes.
    ///
    /// # Errors
    /// [`RuntimeError::Tooling`] with the guest's words if it declines the model or the input.
    pub fn interface(&self, model: &Model, input: &[u8]) -> Result<Arc<Interface>, RuntimeError> {
        let job = self.tooling(model, input);
        if let Some(interface) = self.shared.known_interface(model) {
            return Ok(interface);
        }
        match job.load(NanMode::Speculative)? {
            Loaded::Ready(_) => self.shared.known_interface(model).ok_or_else(|| {
                tooling_error("interface")("the guest does not describe its interface")
            }),
            Loaded::Done(run) => Err(job.declined("load", run)),
        }
    }

    /// The guest's report on `model`, in JSON: versions, inputs, outputs, operators and every problem.
    ///
    /// # Errors
    /// [`RuntimeError::Tooling`] if the guest cannot even say that.
    pub fn describe(&self, model: &Model) -> Result<String, RuntimeError> {
        let job = self.tooling(model, &[]);
        let mut instance = job.start(NanMode::Exact, Boot::Fresh(&self.shared.memory))?;
        job.ask(&mut *instance, "describe", &[])?;
        job.answer(&mut *instance, "describe")
    }

    /// Steps of each node of the model's plan on `input`.
    ///
    /// # Errors
    /// [`RuntimeError::Tooling`] with the guest's words if it declines the model or the input, or fails.
    pub fn profile(&self, model: &Model, input: &[u8]) -> Result<Profile, RuntimeError> {
        self.tooling(model, input).profile()
    }

    fn tooling<'r>(&'r self, model: &'r Model, input: &'r [u8]) -> Job<'r> {
        Job {
            shared: &self.shared,
            model,
            blobs: Blobs::new(Arc::clone(model.bytes()), input),
            input,
            fuel: Fuel::from(limits::MAX_FUEL),
            engine: EngineKind::Wasmtime,
            keep: true,
        }
    }
}

fn root_of_length(what: &'static str, length: usize) -> Result<(), RuntimeError> {
    let got = length as u64;
    if got > MAX_BLOB_BYTES {
        return Err(RuntimeError::TooLarge {
            what,
            expected: MAX_BLOB_BYTES,
            got,
        });
    }
    Ok(())
}

fn tooling_error<E: std::fmt::Display>(export: &'static str) -> impl FnOnce(E) -> RuntimeError {
    move |error| RuntimeError::Tooling {
        export,
        message: error.to_string(),
    }
}
