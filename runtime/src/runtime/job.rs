//! One run: `load` or a prepared image, then `infer`, in the exact build if the speculative one gives up.

use std::sync::{Arc, PoisonError};

use enshrine_primitives::BlobRoot;

use super::{
    shared::{ImageKey, Shared, slot},
    tooling_error,
};
use crate::{
    Fuel, Model, NodeSteps, Outcome, Profile, Run,
    cache::EntryKind,
    engine::{Blobs, Boot, Called, EngineKind, Host, Instance},
    error::RuntimeError,
    image::{Image, ImageMemory},
    limits,
    meter::NanMode,
    model::root_of,
};

/// Words of the bootstrap that belong to each phase: its call and its end.
pub(super) const PHASE_STEPS: u64 = 2;

/// What `load` came to.
pub(super) enum Loaded {
    Ready(Ready),
    Done(Run),
}

/// A prepared model, ready to infer.
pub(super) struct Ready {
    pub(super) instance: Box<dyn Instance>,
    load_steps: u64,
    mode: NanMode,
    prepared: bool,
}

/// One run.
pub(super) struct Job<'r> {
    pub(super) shared: &'r Shared,
    pub(super) model: &'r Model,
    pub(super) blobs: Blobs,
    pub(super) input: &'r [u8],
    pub(super) fuel: Fuel,
    pub(super) engine: EngineKind,
    pub(super) keep: bool,
}

impl Job<'_> {
    pub(super) fn infer(&self, nan: NanMode) -> Result<Run, RuntimeError> {
        let ready = match self.load(nan)? {
            Loaded::Ready(ready) => ready,
            Loaded::Done(run) => return Ok(run),
        };
        let Some(budget) = self.fuel.infer.checked_sub(PHASE_STEPS) else {
            return Ok(failed_run(ready.mode, ready.prepared));
        };
        let prepared = ready.prepared;
        match self.infer_once(ready, budget)? {
            Some(run) => Ok(run),
            // The speculative run saw a NaN: nothing of it counts.
            None => match self.load(NanMode::Exact)? {
                Loaded::Ready(ready) => {
                    let run = self.infer_once(Ready { prepared, ..ready }, budget)?;
                    Ok(run.expect("the exact build does not watch for NaN"))
                }
                Loaded::Done(run) => Ok(run),
            },
        }
    }

    /// Runs `infer`; nothing if the speculative build saw a NaN.
    pub(super) fn infer_once(
        &self,
        mut ready: Ready,
        budget: u64,
    ) -> Result<Option<Run>, RuntimeError> {
        let budget = i64::try_from(budget).expect("fuel is limited far below 2^63");
        let called = ready.instance.call("infer", &[], budget)?;
        let status = match (called, u64::try_from(ready.instance.fuel_left())) {
            (Called::NanSeen, _) => return Ok(None),
            (Called::Returned(results), Ok(fuel_left)) => (status(&results), fuel_left),
            _ => return Ok(Some(failed_run(ready.mode, ready.prepared))),
        };
        let infer_steps = self.fuel.infer - status.1;
        finished(ready, status.0, infer_steps, status.1).map(Some)
    }

    /// Brings an instance to the state after `load`: from an image, or by running it.
    pub(super) fn load(&self, nan: NanMode) -> Result<Loaded, RuntimeError> {
        if !self.keep || !self.shared.keeps_images {
            let (loaded, run) = self.run_load(nan)?;
            return Ok(run.map_or(Loaded::Ready(loaded), Loaded::Done));
        }
        let Some(key) = self.image_key(nan) else {
            return self.load_first(nan);
        };
        let slot = slot(&self.shared.images, &key);
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let at_hand = slot.clone().or_else(|| self.shared.read_image(&key));
        if let Some(image) = at_hand {
            *slot = Some(Arc::clone(&image));
            drop(slot);
            self.shared.touch(&key);
            return self.ready(&image, true);
        }
        let (mut loaded, run) = self.run_load(nan)?;
        if let Some(run) = run {
            drop(slot);
            self.shared.forget_empty(&key);
            return Ok(Loaded::Done(run));
        }
        let image = Arc::new(snapshot(&mut loaded)?);
        drop(loaded);
        *slot = Some(Arc::clone(&image));
        drop(slot);
        self.keep(&key, &image);
        self.ready(&image, false)
    }

    fn ready(&self, image: &Arc<Image>, prepared: bool) -> Result<Loaded, RuntimeError> {
        if image.load_steps > self.fuel.load {
            return Ok(Loaded::Done(failed_run(image.mode, prepared)));
        }
        let instance = self.start(image.mode, Boot::Image(image))?;
        let (load_steps, mode) = (image.load_steps, image.mode);
        Ok(Loaded::Ready(Ready {
            instance,
            load_steps,
            mode,
            prepared,
        }))
    }

    /// The first load of a model: finds out its interface, and with it the key of the image.
    fn load_first(&self, nan: NanMode) -> Result<Loaded, RuntimeError> {
        let (mut loaded, run) = self.run_load(nan)?;
        if let Some(run) = run {
            return Ok(Loaded::Done(run));
        }
        let known = self.shared.known_interface(self.model).is_some();
        if known || !self.shared.has_interface {
            return Ok(Loaded::Ready(loaded));
        }
        let image = Arc::new(snapshot(&mut loaded)?);
        // The question changes the instance, so the inference starts from the image.
        self.ask(&mut *loaded.instance, "interface", &[])?;
        let bytes = self.output_bytes(&mut *loaded.instance, "interface")?;
        drop(loaded);
        self.shared.remember_interface(self.model, &bytes)?;
        if let Some(key) = self.image_key(nan) {
            let slot = slot(&self.shared.images, &key);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&image));
            self.keep(&key, &image);
        }
        self.ready(&image, false)
    }

    /// Key of the image that this job can start from, if the model's interface is known and fits the input.
    fn image_key(&self, nan: NanMode) -> Option<ImageKey> {
        let interface = self.shared.known_interface(self.model)?;
        let shapes = interface.shape_key(self.input).ok()?;
        let key = ImageKey {
            engine: self.engine,
            nan,
            model: self.model.root(),
            shapes,
        };
        Some(key)
    }

    fn keep(&self, key: &ImageKey, image: &Image) {
        let disk_key = self.shared.image_key(key);
        self.shared
            .disk
            .write(EntryKind::Image, disk_key, |out| image.write(out));
        self.shared.touch(key);
    }

    /// Runs `load`, in the exact build if the speculative one sees a NaN.
    fn run_load(&self, nan: NanMode) -> Result<(Ready, Option<Run>), RuntimeError> {
        let instance = self.start(nan, Boot::Fresh(&self.shared.memory))?;
        match self.load_once(instance, nan)? {
            Some(loaded) => Ok(loaded),
            None => self.run_load(NanMode::Exact),
        }
    }

    /// Runs `load`; nothing if the speculative build saw a NaN.
    pub(super) fn load_once(
        &self,
        mut instance: Box<dyn Instance>,
        nan: NanMode,
    ) -> Result<Option<(Ready, Option<Run>)>, RuntimeError> {
        let budget = self.fuel.load.saturating_sub(PHASE_STEPS);
        let called = instance.call("load", &[], budget.cast_signed())?;
        let left = u64::try_from(instance.fuel_left());
        let mut ready = Ready {
            instance,
            load_steps: 0,
            mode: nan,
            prepared: false,
        };
        let status = match (called, left) {
            (Called::NanSeen, _) => return Ok(None),
            (Called::Returned(results), Ok(left)) if self.fuel.load >= PHASE_STEPS => {
                ready.load_steps = self.fuel.load - left;
                status(&results)
            }
            _ => {
                let run = failed_run(nan, false);
                return Ok(Some((ready, Some(run))));
            }
        };
        if status == 0 {
            return Ok(Some((ready, None)));
        }
        let run = finished_ref(&mut ready, status, 0, self.fuel.infer)?;
        Ok(Some((ready, Some(run))))
    }

    pub(super) fn start(
        &self,
        nan: NanMode,
        boot: Boot<'_>,
    ) -> Result<Box<dyn Instance>, RuntimeError> {
        self.shared
            .code(self.engine, nan)?
            .start(Host::new(self.blobs.clone()), boot)
    }

    /// Calls a tooling export; its result.
    pub(super) fn ask(
        &self,
        instance: &mut dyn Instance,
        export: &'static str,
        args: &[u128],
    ) -> Result<i32, RuntimeError> {
        match instance.call(export, args, limits::MAX_FUEL.cast_signed())? {
            Called::Returned(results) => Ok(status(&results)),
            Called::Failed => Err(tooling_error(export)("the guest failed")),
            Called::NanSeen => Err(tooling_error(export)("the guest computed a NaN")),
        }
    }

    fn output_bytes(
        &self,
        instance: &mut dyn Instance,
        export: &'static str,
    ) -> Result<Vec<u8>, RuntimeError> {
        let output = instance.host().output.take();
        output
            .map(|(_, bytes)| bytes)
            .ok_or_else(|| tooling_error(export)("it gave no answer"))
    }

    pub(super) fn answer(
        &self,
        instance: &mut dyn Instance,
        export: &'static str,
    ) -> Result<String, RuntimeError> {
        let bytes = self.output_bytes(instance, export)?;
        String::from_utf8(bytes).map_err(tooling_error(export))
    }

    pub(super) fn declined(&self, export: &'static str, run: Run) -> RuntimeError {
        match run.outcome {
            Outcome::Finished { .. } => tooling_error(export)(String::from_utf8_lossy(&run.output)),
            Outcome::Failed => tooling_error(export)("the guest failed"),
        }
    }

    pub(super) fn profile(&self) -> Result<Profile, RuntimeError> {
        let mut ready = match self.load(NanMode::Exact)? {
            Loaded::Ready(ready) => ready,
            Loaded::Done(run) => return Err(self.declined("load", run)),
        };
        let instance = &mut *ready.instance;
        let count = self.ask(instance, "profile_start", &[])?;
        let count = u32::try_from(count).map_err(|_| {
            let message = instance
                .host()
                .output
                .take()
                .map(|(_, bytes)| bytes)
                .unwrap_or_default();
            tooling_error("profile_start")(String::from_utf8_lossy(&message).into_owned())
        })?;
        let mut steps = Vec::new();
        for node in 0..count {
            self.ask(instance, "profile_node", &[node.into()])?;
            let left = u64::try_from(instance.fuel_left()).unwrap_or(0);
            steps.push(NodeSteps {
                node,
                steps: limits::MAX_FUEL - left,
            });
        }
        self.ask(instance, "profile_nodes", &[])?;
        Ok(Profile {
            nodes_json: self.answer(instance, "profile_nodes")?,
            steps,
        })
    }
}

fn snapshot(ready: &mut Ready) -> Result<Image, RuntimeError> {
    let globals = ready.instance.globals();
    let memory = ImageMemory::new(ready.instance.memory());
    let memory = memory.map_err(RuntimeError::io("keep a prepared image in memory"))?;
    Ok(Image {
        memory,
        globals,
        load_steps: ready.load_steps,
        mode: ready.mode,
    })
}

fn status(results: &[u128]) -> i32 {
    let bits = results.first().copied().unwrap_or_default();
    u32::try_from(bits)
        .expect("entries return an i32")
        .cast_signed()
}

pub(super) fn failed_run(nan: NanMode, prepared: bool) -> Run {
    Run {
        outcome: Outcome::Failed,
        output: Vec::new(),
        nan,
        prepared,
        memory_bytes: 0,
    }
}

fn finished(
    mut ready: Ready,
    status: i32,
    infer_steps: u64,
    fuel_left: u64,
) -> Result<Run, RuntimeError> {
    finished_ref(&mut ready, status, infer_steps, fuel_left)
}

fn finished_ref(
    ready: &mut Ready,
    status: i32,
    infer_steps: u64,
    fuel_left: u64,
) -> Result<Run, RuntimeError> {
    let (output_root, output) = match ready.instance.host().output.take() {
        Some((got, bytes)) => {
            let expected = root_of("output", &bytes)?;
            if expected != got {
                return Err(RuntimeError::OutputRoot { expected, got });
            }
            (got, bytes)
        }
        // A guest that outputs nothing leaves the machine's output root at its initial zero.
        None => (BlobRoot::new([0; 32]), Vec::new()),
    };
    let load_steps = ready.load_steps;
    Ok(Run {
        outcome: Outcome::Finished {
            status,
            output_root,
            load_steps,
            infer_steps,
            fuel_left,
        },
        output,
        nan: ready.mode,
        prepared: ready.prepared,
        memory_bytes: ready.instance.memory().len() as u64,
    })
}
