//! The guest as it was built, without any instrumentation: what the metered builds are measured against.

use enshrine_runtime::engine::Blobs;
use wasmtime::{Caller, Config, Engine, Error, Extern, Linker, Module, Result, Store, TypedFunc};

/// Stack of the thread that runs the guest, and the part of it that is the guest's.
const STACK_BYTES: usize = 64 << 20;

/// A compiled guest.
#[derive(Debug)]
pub struct PlainBuild {
    engine: Engine,
    module: Module,
}

/// A running guest.
pub struct PlainSession {
    store: Store<Blobs>,
    instance: wasmtime::Instance,
}

impl std::fmt::Debug for PlainSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlainSession")
    }
}

impl PlainBuild {
    /// Compiles a guest under the options of the metered engine.
    ///
    /// # Errors
    /// The engine's.
    pub fn new(wasm: &[u8]) -> std::result::Result<Self, PlainError> {
        Self::compile(wasm).map_err(PlainError)
    }

    fn compile(wasm: &[u8]) -> Result<Self> {
        let mut config = Config::new();
        config
            .max_wasm_stack(STACK_BYTES / 2)
            .async_stack_size(STACK_BYTES / 2)
            .wasm_relaxed_simd(false)
            .wasm_backtrace_max_frames(None)
            .generate_address_map(false);
        let engine = Engine::new(&config)?;
        let module = Module::new(&engine, wasm)?;
        Ok(Self { engine, module })
    }

    /// A new instance that reads `blobs`. Outputs are dropped.
    ///
    /// # Errors
    /// The engine's.
    pub fn session(&self, blobs: Blobs) -> std::result::Result<PlainSession, PlainError> {
        self.start(blobs).map_err(PlainError)
    }

    fn start(&self, blobs: Blobs) -> Result<PlainSession> {
        let mut linker = Linker::new(&self.engine);
        linker.func_wrap(
            "enshrine",
            "blob_len",
            |caller: Caller<'_, Blobs>, blob: u32| {
                caller
                    .data()
                    .bytes(blob)
                    .map_or(0, |bytes| bytes.len() as u64)
            },
        )?;
        linker.func_wrap("enshrine", "blob_page", blob_page)?;
        linker.func_wrap("enshrine", "output", |_: u32, _: u32, _: u32| {})?;
        let mut store = Store::new(&self.engine, blobs);
        let instance = linker.instantiate(&mut store, &self.module)?;
        Ok(PlainSession { store, instance })
    }
}

fn blob_page(mut caller: Caller<'_, Blobs>, blob: u32, page: u32, dst: u32) -> Result<()> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return Err(Error::msg("no memory"));
    };
    let (memory, blobs) = memory.data_and_store_mut(&mut caller);
    let bytes = blobs
        .bytes(blob)
        .ok_or_else(|| Error::msg("no such blob"))?;
    let target = memory
        .get_mut(dst as usize..)
        .and_then(|rest| rest.get_mut(..4096));
    let target = target.ok_or_else(|| Error::msg("page outside memory"))?;
    let start = (page as usize * 4096).min(bytes.len());
    let source = &bytes[start..bytes.len().min(start + 4096)];
    target[..source.len()].copy_from_slice(source);
    target[source.len()..].fill(0);
    Ok(())
}

impl PlainSession {
    /// Calls an entry and returns its status.
    ///
    /// # Errors
    /// A trap.
    pub fn call(&mut self, export: &str) -> std::result::Result<i32, PlainError> {
        let store = &mut self.store;
        let entry: TypedFunc<(), i32> = self
            .instance
            .get_typed_func(&mut *store, export)
            .map_err(PlainError)?;
        std::thread::scope(|scope| {
            let run = || entry.call(&mut *store, ());
            let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
            let thread = builder
                .spawn_scoped(scope, run)
                .map_err(|e| PlainError(e.into()))?;
            thread
                .join()
                .map_err(|_| PlainError(Error::msg("panic")))?
                .map_err(PlainError)
        })
    }
}

/// An error of the engine.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
pub struct PlainError(Error);
