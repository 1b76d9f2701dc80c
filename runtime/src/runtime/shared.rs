//! What the runs of a runtime share: compiled code, prepared images, interfaces, in memory and on disk.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use enshrine_primitives::{BlobRoot, tensor::Interface};

use super::{RuntimeConfig, tooling_error};
use crate::{
    Model,
    cache::{CacheKey, DiskCache, EntryKind},
    compile::{Compiled, compile, trace},
    engine::{Code, EngineKind, WasmiEngine, WasmtimeEngine},
    error::RuntimeError,
    image::{Image, ImageWriter},
    meter::NanMode,
    module::GuestModule,
    program::{ProgramHash, initial_memory},
    trace::TraceMap,
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ImageKey {
    pub(super) engine: EngineKind,
    pub(super) nan: NanMode,
    pub(super) model: BlobRoot,
    pub(super) shapes: Vec<u32>,
}

/// A value for each key that is made once, by whoever comes first.
pub(super) type Slots<K, V> = Mutex<HashMap<K, Arc<Mutex<Option<V>>>>>;

pub(super) fn slot<K: Hash + Eq + Clone, V>(slots: &Slots<K, V>, key: &K) -> Arc<Mutex<Option<V>>> {
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

/// A traced build, and how to read what it spills.
#[derive(Clone, Debug)]
pub(super) struct TracedCode {
    pub(super) code: Code,
    pub(super) map: Arc<TraceMap>,
}

#[derive(Debug)]
pub(super) struct Shared {
    config: RuntimeConfig,
    pub(super) disk: DiskCache,
    wasmtime: WasmtimeEngine,
    wasmi: WasmiEngine,
    pub(super) memory: Vec<(u32, Vec<u8>)>,
    /// State that an image does not hold would be lost: a guest that drops data segments is loaded for each run.
    pub(super) keeps_images: bool,
    pub(super) has_interface: bool,
    program: OnceLock<ProgramHash>,
    code: Slots<(EngineKind, NanMode), Code>,
    traced: Slots<(EngineKind, NanMode), TracedCode>,
    pub(super) images: Slots<ImageKey, Arc<Image>>,
    recent: Mutex<Vec<ImageKey>>,
    interfaces: Mutex<HashMap<BlobRoot, Arc<Interface>>>,
}

/// Sources that decide what a build looks like: a change of any of them makes cached code void.
const BUILD_SOURCES: [&str; 12] = [
    include_str!("../walk.rs"),
    include_str!("../meter.rs"),
    include_str!("../meter/emitter.rs"),
    include_str!("../meter/module.rs"),
    include_str!("../meter/stale.rs"),
    include_str!("../meter/tight.rs"),
    include_str!("../meter/traced.rs"),
    include_str!("../trace/map.rs"),
    include_str!("../nan.rs"),
    include_str!("../module.rs"),
    include_str!("../isa.rs"),
    include_str!("../limits.rs"),
];

impl Shared {
    /// Checks the guest and sets up the engines.
    pub(super) fn new(config: RuntimeConfig) -> Result<Self, RuntimeError> {
        let guest = config.guest.clone();
        let module = GuestModule::parse(guest.wasm())?;
        module.entry("load")?;
        module.entry("infer")?;
        Ok(Self {
            disk: DiskCache::new(config.cache_dir.clone(), config.disk_image_bytes),
            config,
            wasmtime: WasmtimeEngine::new()?,
            wasmi: WasmiEngine::new(),
            memory: initial_memory(&module),
            keeps_images: module.memory.is_some() && module.passive_segments() == 0,
            has_interface: module.entry("interface").is_ok(),
            program: OnceLock::new(),
            code: Mutex::default(),
            traced: Mutex::default(),
            images: Mutex::default(),
            recent: Mutex::default(),
            interfaces: Mutex::default(),
        })
    }

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

    pub(super) fn program_hash(&self) -> Result<ProgramHash, RuntimeError> {
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

    pub(super) fn code(&self, engine: EngineKind, nan: NanMode) -> Result<Code, RuntimeError> {
        let slot = slot(&self.code, &(engine, nan));
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = &*slot {
            return Ok(code.clone());
        }
        let wasm = || Ok(self.compiled()?.build(nan).to_vec());
        let code = self.engine_code(engine, &[nan.name().as_bytes()], wasm)?;
        *slot = Some(code.clone());
        Ok(code)
    }

    /// The traced build, which most nodes never ask for. The walk is done again in each process, for the map.
    pub(super) fn traced(
        &self,
        engine: EngineKind,
        nan: NanMode,
    ) -> Result<TracedCode, RuntimeError> {
        let slot = slot(&self.traced, &(engine, nan));
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(traced) = &*slot {
            return Ok(traced.clone());
        }
        let traced = trace(self.config.guest.wasm(), nan)?;
        let parts = [b"traced", nan.name().as_bytes()];
        let code = self.engine_code(engine, &parts, || Ok(traced.wasm))?;
        let map = traced.map;
        let traced = TracedCode { code, map };
        *slot = Some(traced.clone());
        Ok(traced)
    }

    /// Code of the build that `parts` name and `wasm` makes, from the cache if it is there.
    fn engine_code(
        &self,
        engine: EngineKind,
        parts: &[&[u8]],
        wasm: impl FnOnce() -> Result<Vec<u8>, RuntimeError>,
    ) -> Result<Code, RuntimeError> {
        match engine {
            EngineKind::Wasmtime => self.wasmtime_code(parts, wasm),
            EngineKind::Wasmi => self.wasmi_code(parts, wasm),
        }
    }

    fn wasmtime_code(
        &self,
        parts: &[&[u8]],
        wasm: impl FnOnce() -> Result<Vec<u8>, RuntimeError>,
    ) -> Result<Code, RuntimeError> {
        let version = self.wasmtime.compatibility().to_le_bytes();
        let key = self.key(&[&[b"wasmtime", &version[..]], parts].concat());
        let mut code = Vec::new();
        if self.disk.read(EntryKind::Code, key, &mut code)
            && let Ok(module) = self.wasmtime.load(&code)
        {
            return Ok(Code::Wasmtime(module));
        }
        let code = self.wasmtime.compile(&wasm()?)?;
        self.disk
            .write(EntryKind::Code, key, |out| out.write_all(&code));
        Ok(Code::Wasmtime(self.wasmtime.load(&code)?))
    }

    fn wasmi_code(
        &self,
        parts: &[&[u8]],
        wasm: impl FnOnce() -> Result<Vec<u8>, RuntimeError>,
    ) -> Result<Code, RuntimeError> {
        let key = self.key(&[&[&b"wasmi"[..]], parts].concat());
        let mut cached = Vec::new();
        if self.disk.read(EntryKind::Code, key, &mut cached) {
            return Ok(Code::Wasmi(self.wasmi.load(&cached)?));
        }
        let wasm = wasm()?;
        self.disk
            .write(EntryKind::Code, key, |out| out.write_all(&wasm));
        Ok(Code::Wasmi(self.wasmi.load(&wasm)?))
    }

    pub(super) fn known_interface(&self, model: &Model) -> Option<Arc<Interface>> {
        let mut known = self
            .interfaces
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(interface) = known.get(&model.root()) {
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
        insert_bounded(&mut known, model.root(), Arc::clone(&interface));
        Some(interface)
    }

    fn interface_key(&self, model: &Model) -> CacheKey {
        self.key(&[b"interface", model.root().as_bytes()])
    }

    pub(super) fn remember_interface(
        &self,
        model: &Model,
        bytes: &[u8],
    ) -> Result<(), RuntimeError> {
        let interface = Interface::decode(bytes).map_err(tooling_error("interface"))?;
        let key = self.interface_key(model);
        self.disk
            .write(EntryKind::Interface, key, |out| out.write_all(bytes));
        let mut known = self
            .interfaces
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        insert_bounded(&mut known, model.root(), Arc::new(interface));
        Ok(())
    }

    pub(super) fn image_key(&self, key: &ImageKey) -> CacheKey {
        let shapes: Vec<u8> = key
            .shapes
            .iter()
            .flat_map(|size| size.to_le_bytes())
            .collect();
        let (engine, nan) = (key.engine.name().as_bytes(), key.nan.name().as_bytes());
        self.key(&[b"image", engine, nan, key.model.as_bytes(), &shapes])
    }

    pub(super) fn read_image(&self, key: &ImageKey) -> Option<Arc<Image>> {
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
    pub(super) fn forget_empty(&self, key: &ImageKey) {
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        if images
            .get(key)
            .is_some_and(|slot| slot.try_lock().is_ok_and(|slot| slot.is_none()))
        {
            images.remove(key);
        }
    }

    /// Notes the use of an image and drops the least recently used ones beyond the limit.
    pub(super) fn touch(&self, key: &ImageKey) {
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
