//! Runs of models: what nodes and tools call.

use std::{
    collections::HashMap,
    hash::Hash,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use enshrine_primitives::{BlobRoot, MAX_BLOB_BYTES, blob_root, tensor::Interface};

use crate::{
    cache::{CacheKey, DiskCache, EntryKind},
    compile::{Compiled, compile},
    engine::{Blobs, Boot, Called, Code, EngineKind, Host, Instance, WasmiEngine, WasmtimeEngine},
    error::RuntimeError,
    guest::Guest,
    image::{Image, ImageMemory, ImageWriter},
    limits,
    meter::NanMode,
    module::GuestModule,
    program::{ProgramHash, initial_memory},
};

/// Words of the bootstrap that belong to each phase: its call and its end.
const PHASE_STEPS: u64 = 2;

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

/// A model: bytes and their root.
#[derive(Clone)]
pub struct Model {
    bytes: Arc<[u8]>,
    root: BlobRoot,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Model({}, {} bytes)", self.root, self.bytes.len())
    }
}

impl Model {
    /// A model from its bytes; computes the root.
    ///
    /// # Errors
    /// [`RuntimeError::TooLarge`] above 4 GiB.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Result<Self, RuntimeError> {
        let bytes = bytes.into();
        let root = root_of("model", &bytes)?;
        Ok(Self { bytes, root })
    }

    /// A model whose root somebody has just computed.
    pub(crate) const fn with_checked_root(bytes: Arc<[u8]>, root: BlobRoot) -> Self {
        Self { bytes, root }
    }

    /// The model's address.
    pub const fn root(&self) -> BlobRoot {
        self.root
    }

    /// The model's bytes.
    pub const fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }
}

fn root_of(what: &'static str, bytes: &[u8]) -> Result<BlobRoot, RuntimeError> {
    blob_root(bytes).map_err(|_| RuntimeError::TooLarge {
        what,
        expected: MAX_BLOB_BYTES,
        got: bytes.len() as u64,
    })
}

/// How to run: the result is the same in every way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Execution {
    /// Engine.
    pub engine: EngineKind,
    /// [`NanMode::Speculative`] turns to the exact build by itself where it must.
    pub nan: NanMode,
    /// Whether to keep the loaded model for further runs, and to look for one. Without, a run leaves nothing behind,
    /// in memory or on disk.
    pub keep: bool,
}

impl From<EngineKind> for Execution {
    fn from(engine: EngineKind) -> Self {
        Self {
            engine,
            nan: NanMode::Speculative,
            keep: true,
        }
    }
}

/// Fuel of a run, in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fuel {
    /// For `load`; more than [`limits::LOAD_FUEL`] is that. A run whose `load` takes more has failed, whether this
    /// host had to run it or not.
    pub load: u64,
    /// For `infer`; more than [`limits::MAX_FUEL`] is that.
    pub infer: u64,
}

impl From<u64> for Fuel {
    /// Fuel for `infer`, and for `load` all that the program allows.
    fn from(infer: u64) -> Self {
        Self {
            load: limits::LOAD_FUEL,
            infer,
        }
    }
}

impl Fuel {
    fn limited(self) -> Self {
        let Self { load, infer } = self;
        Self {
            load: load.min(limits::LOAD_FUEL),
            infer: infer.min(limits::MAX_FUEL),
        }
    }
}

/// Result of a run, the same on every host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `load` returned a status, or `infer` returned.
    Finished {
        /// 0, or the guest's reason to decline; see [`enshrine_primitives::Status`].
        status: i32,
        /// Root of the output, or of the message if the status is not 0.
        output_root: BlobRoot,
        /// Steps of `load`.
        load_steps: u64,
        /// Steps of `infer`; 0 if `load` declined.
        infer_steps: u64,
        /// Fuel that `infer` left of the caller's.
        fuel_left: u64,
    },
    /// Trap, exhausted fuel or stack, misuse of the ABI: all the fuel is gone.
    Failed,
}

/// A run with what this host knows about it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The result.
    pub outcome: Outcome,
    /// Output bytes, or the message of a status other than 0; empty after a failure.
    pub output: Vec<u8>,
    /// The build that gave the result of `infer`.
    pub nan: NanMode,
    /// `load` did not run: its image was at hand.
    pub prepared: bool,
    /// Size of the guest's memory when the run ended, in bytes. 0 if not known.
    pub memory_bytes: u64,
}

/// Steps of one node of a model's plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeSteps {
    /// Index in the plan.
    pub node: u32,
    /// Steps that it took.
    pub steps: u64,
}

/// Steps of a model by node.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The plan as the guest describes it, in JSON.
    pub nodes_json: String,
    /// Steps in the order of the plan.
    pub steps: Vec<NodeSteps>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ImageKey {
    engine: EngineKind,
    nan: NanMode,
    model: BlobRoot,
    shapes: Vec<u32>,
}

/// A value for each key that is made once, by whoever comes first.
type Slots<K, V> = Mutex<HashMap<K, Arc<Mutex<Option<V>>>>>;

fn slot<K: Hash + Eq + Clone, V>(slots: &Slots<K, V>, key: &K) -> Arc<Mutex<Option<V>>> {
    let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(slots.entry(key.clone()).or_default())
}

/// Interfaces kept in memory; a few hundred bytes each.
const INTERFACES_KEPT: usize = 4096;

/// Inserts, and starts afresh when there are too many: what is dropped is read from disk, or asked for, again.
fn insert_bounded(
    interfaces: &mut HashMap<BlobRoot, Arc<Interface>>,
    model: BlobRoot,
    interface: Arc<Interface>,
) {
    if interfaces.len() >= INTERFACES_KEPT {
        interfaces.clear();
    }
    interfaces.insert(model, interface);
}

/// Runs models. Cheap to clone; many threads may use it at once.
#[derive(Clone, Debug)]
pub struct Runtime {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: RuntimeConfig,
    disk: DiskCache,
    wasmtime: WasmtimeEngine,
    wasmi: WasmiEngine,
    memory: Vec<(u32, Vec<u8>)>,
    /// State that an image does not hold would be lost: a guest that drops data segments is loaded for each run.
    keeps_images: bool,
    has_interface: bool,
    program: OnceLock<ProgramHash>,
    code: Slots<(EngineKind, NanMode), Code>,
    images: Slots<ImageKey, Arc<Image>>,
    recent: Mutex<Vec<ImageKey>>,
    interfaces: Mutex<HashMap<BlobRoot, Arc<Interface>>>,
}

/// Sources that decide what a build looks like: a change of any of them makes cached code void.
const BUILD_SOURCES: [&str; 6] = [
    include_str!("walk.rs"),
    include_str!("meter.rs"),
    include_str!("nan.rs"),
    include_str!("module.rs"),
    include_str!("isa.rs"),
    include_str!("limits.rs"),
];

impl Runtime {
    /// Checks the guest and sets up the engines. Code is compiled, or read from the cache, when it is first needed.
    ///
    /// # Errors
    /// [`RuntimeError::Module`] if the guest is outside the profile or lacks `load` and `infer`.
    pub fn new(config: RuntimeConfig) -> Result<Self, RuntimeError> {
        let guest = config.guest.clone();
        let module = GuestModule::parse(guest.wasm())?;
        module.entry("load")?;
        module.entry("infer")?;
        let shared = Shared {
            disk: DiskCache::new(config.cache_dir.clone(), config.disk_image_bytes),
            config,
            wasmtime: WasmtimeEngine::new()?,
            wasmi: WasmiEngine::new(),
            memory: initial_memory(&module),
            keeps_images: module.memory.is_some() && module.passive_segments() == 0,
            has_interface: module.entry("interface").is_ok(),
            program: OnceLock::new(),
            code: Mutex::default(),
            images: Mutex::default(),
            recent: Mutex::default(),
            interfaces: Mutex::default(),
        };
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
    /// [`RuntimeError`] if this host cannot answer. Whatever the guest does is an [`Outcome`].
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

impl Shared {
    fn key(&self, parts: &[&[u8]]) -> CacheKey {
        let mut all: Vec<&[u8]> = BUILD_SOURCES
            .iter()
            .map(|source| source.as_bytes())
            .collect();
        all.push(self.config.guest.digest());
        all.extend(parts);
        CacheKey::new(&all)
    }

    /// Walks the guest. The results are large and needed once in the life of a cache folder, so nobody keeps them.
    fn compiled(&self) -> Result<Compiled, RuntimeError> {
        let compiled = compile(self.config.guest.wasm())?;
        if self.program.get().is_none() {
            self.remember_program(compiled.program.hash());
        }
        Ok(compiled)
    }

    fn remember_program(&self, hash: ProgramHash) {
        if self.program.set(hash).is_ok() {
            let key = self.key(&[b"program"]);
            self.disk.write(EntryKind::Program, key, |out| {
                out.write_all(hash.as_bytes())
            });
        }
    }

    fn program_hash(&self) -> Result<ProgramHash, RuntimeError> {
        if let Some(hash) = self.program.get() {
            return Ok(*hash);
        }
        let mut bytes = Vec::new();
        if self
            .disk
            .read(EntryKind::Program, self.key(&[b"program"]), &mut bytes)
            && let Ok(bytes) = <[u8; 32]>::try_from(bytes)
        {
            return Ok(*self.program.get_or_init(|| ProgramHash::new(bytes)));
        }
        self.compiled()?;
        Ok(*self.program.get().expect("set by the walk"))
    }

    fn code(&self, engine: EngineKind, nan: NanMode) -> Result<Code, RuntimeError> {
        let slot = slot(&self.code, &(engine, nan));
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = &*slot {
            return Ok(code.clone());
        }
        let code = match engine {
            EngineKind::Wasmtime => self.wasmtime_code(nan)?,
            EngineKind::Wasmi => self.wasmi_code(nan)?,
        };
        *slot = Some(code.clone());
        Ok(code)
    }

    fn wasmtime_code(&self, nan: NanMode) -> Result<Code, RuntimeError> {
        let version = self.wasmtime.compatibility().to_le_bytes();
        let key = self.key(&[b"wasmtime", &version, nan.name().as_bytes()]);
        let mut code = Vec::new();
        if self.disk.read(EntryKind::Code, key, &mut code)
            && let Ok(module) = self.wasmtime.load(&code)
        {
            return Ok(Code::Wasmtime(module));
        }
        let code = self.wasmtime.compile(self.compiled()?.build(nan))?;
        self.disk
            .write(EntryKind::Code, key, |out| out.write_all(&code));
        Ok(Code::Wasmtime(self.wasmtime.load(&code)?))
    }

    fn wasmi_code(&self, nan: NanMode) -> Result<Code, RuntimeError> {
        let key = self.key(&[b"wasmi", nan.name().as_bytes()]);
        let mut wasm = Vec::new();
        if self.disk.read(EntryKind::Code, key, &mut wasm) {
            return Ok(Code::Wasmi(self.wasmi.load(&wasm)?));
        }
        let compiled = self.compiled()?;
        let wasm = compiled.build(nan);
        self.disk
            .write(EntryKind::Code, key, |out| out.write_all(wasm));
        Ok(Code::Wasmi(self.wasmi.load(wasm)?))
    }

    fn known_interface(&self, model: &Model) -> Option<Arc<Interface>> {
        let mut known = self
            .interfaces
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(interface) = known.get(&model.root) {
            return Some(Arc::clone(interface));
        }
        let mut bytes = Vec::new();
        if !self
            .disk
            .read(EntryKind::Interface, self.interface_key(model), &mut bytes)
        {
            return None;
        }
        let interface = Arc::new(Interface::decode(&bytes).ok()?);
        insert_bounded(&mut known, model.root, Arc::clone(&interface));
        Some(interface)
    }

    fn interface_key(&self, model: &Model) -> CacheKey {
        self.key(&[b"interface", model.root.as_bytes()])
    }

    fn remember_interface(&self, model: &Model, bytes: &[u8]) -> Result<(), RuntimeError> {
        let interface = Interface::decode(bytes).map_err(tooling_error("interface"))?;
        let key = self.interface_key(model);
        self.disk
            .write(EntryKind::Interface, key, |out| out.write_all(bytes));
        let mut known = self
            .interfaces
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        insert_bounded(&mut known, model.root, Arc::new(interface));
        Ok(())
    }

    fn image_key(&self, key: &ImageKey) -> CacheKey {
        let shapes: Vec<u8> = key
            .shapes
            .iter()
            .flat_map(|size| size.to_le_bytes())
            .collect();
        let (engine, nan) = (key.engine.name().as_bytes(), key.nan.name().as_bytes());
        self.key(&[b"image", engine, nan, key.model.as_bytes(), &shapes])
    }

    fn read_image(&self, key: &ImageKey) -> Option<Arc<Image>> {
        let mut writer = ImageWriter::new().ok()?;
        if !self
            .disk
            .read(EntryKind::Image, self.image_key(key), &mut writer)
        {
            return None;
        }
        Image::read(writer).ok().map(Arc::new)
    }

    /// Drops the place of an image that could not be made, unless somebody else is making it.
    fn forget_empty(&self, key: &ImageKey) {
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        if images
            .get(key)
            .is_some_and(|slot| slot.try_lock().is_ok_and(|slot| slot.is_none()))
        {
            images.remove(key);
        }
    }

    /// Notes the use of an image and drops the least recently used ones beyond the limit.
    fn touch(&self, key: &ImageKey) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|other| other != key);
        recent.push(key.clone());
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        let mut total = 0;
        let mut dropped = Vec::new();
        for key in recent.iter().rev() {
            let size = images.get(key).and_then(|slot| {
                let slot = slot.try_lock().ok()?;
                slot.as_ref().map(|image| image.memory.len() as u64)
            });
            total += size.unwrap_or(0);
            if total > self.config.image_cache_bytes && Some(key) != recent.last() {
                dropped.push(key.clone());
            }
        }
        for key in dropped {
            images.remove(&key);
            recent.retain(|other| *other != key);
        }
    }
}

/// What `load` came to.
enum Loaded {
    Ready(Ready),
    Done(Run),
}

/// A prepared model, ready to infer.
struct Ready {
    instance: Box<dyn Instance>,
    load_steps: u64,
    mode: NanMode,
    prepared: bool,
}

/// One run.
struct Job<'r> {
    shared: &'r Shared,
    model: &'r Model,
    blobs: Blobs,
    input: &'r [u8],
    fuel: Fuel,
    engine: EngineKind,
    keep: bool,
}

impl Job<'_> {
    fn infer(&self, nan: NanMode) -> Result<Run, RuntimeError> {
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

    fn infer_once(&self, mut ready: Ready, budget: u64) -> Result<Option<Run>, RuntimeError> {
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
    fn load(&self, nan: NanMode) -> Result<Loaded, RuntimeError> {
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
            model: self.model.root,
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
        let mut instance = self.start(nan, Boot::Fresh(&self.shared.memory))?;
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
            (Called::NanSeen, _) => return self.run_load(NanMode::Exact),
            (Called::Returned(results), Ok(left)) if self.fuel.load >= PHASE_STEPS => {
                ready.load_steps = self.fuel.load - left;
                status(&results)
            }
            _ => {
                let run = failed_run(nan, false);
                return Ok((ready, Some(run)));
            }
        };
        if status == 0 {
            return Ok((ready, None));
        }
        let run = finished_ref(&mut ready, status, 0, self.fuel.infer)?;
        Ok((ready, Some(run)))
    }

    fn start(&self, nan: NanMode, boot: Boot<'_>) -> Result<Box<dyn Instance>, RuntimeError> {
        self.shared
            .code(self.engine, nan)?
            .start(Host::new(self.blobs.clone()), boot)
    }

    /// Calls a tooling export; its result.
    fn ask(
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

    fn answer(
        &self,
        instance: &mut dyn Instance,
        export: &'static str,
    ) -> Result<String, RuntimeError> {
        let bytes = self.output_bytes(instance, export)?;
        String::from_utf8(bytes).map_err(tooling_error(export))
    }

    fn declined(&self, export: &'static str, run: Run) -> RuntimeError {
        match run.outcome {
            Outcome::Finished { .. } => tooling_error(export)(String::from_utf8_lossy(&run.output)),
            Outcome::Failed => tooling_error(export)("the guest failed"),
        }
    }

    fn profile(&self) -> Result<Profile, RuntimeError> {
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

fn failed_run(nan: NanMode, prepared: bool) -> Run {
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
