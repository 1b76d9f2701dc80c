//! Calls of single exports, for tests of builds and engines.

use std::sync::Arc;

use super::{
    Blobs, Boot, Called, Code, EngineKind, Host, Instance, WasmiEngine, WasmtimeEngine, Watch,
};
use crate::{
    compile::{Compiled, Traced},
    error::RuntimeError,
    limits,
    meter::NanMode,
    trace::{Checkpoint, Origin, TraceMap},
};

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invoked {
    /// With results.
    Returned {
        /// Bits of the results as machine values.
        results: Vec<u128>,
        /// Fuel that is left.
        fuel_left: u64,
    },
    /// In failure.
    Failed,
    /// The speculative build saw a NaN: run the exact build from the start.
    NanSeen,
}

/// A build, ready to be instantiated many times in one engine.
#[derive(Debug)]
pub struct Build {
    code: Code,
    memory: Vec<(u32, Vec<u8>)>,
    /// There for a traced build.
    map: Option<Arc<TraceMap>>,
}

impl Build {
    /// Compiles a metered build of `compiled`.
    ///
    /// # Errors
    /// [`RuntimeError`] if the engine cannot.
    pub fn new(kind: EngineKind, compiled: &Compiled, mode: NanMode) -> Result<Self, RuntimeError> {
        Ok(Self {
            code: code(kind, compiled.build(mode))?,
            memory: compiled.program.memory.clone(),
            map: None,
        })
    }

    /// Compiles a traced build.
    ///
    /// # Errors
    /// [`RuntimeError`] if the engine cannot.
    pub fn traced(kind: EngineKind, traced: &Traced) -> Result<Self, RuntimeError> {
        Ok(Self {
            code: code(kind, &traced.wasm)?,
            memory: traced.memory.clone(),
            map: Some(Arc::clone(&traced.map)),
        })
    }

    /// A new instance that can read `blobs`.
    ///
    /// # Errors
    /// [`RuntimeError`] if the host cannot.
    pub fn session(&self, blobs: Blobs) -> Result<Session, RuntimeError> {
        let instance = self
            .code
            .start(Host::new(blobs), Boot::Fresh(&self.memory))?;
        let map = self.map.clone();
        Ok(Session { instance, map })
    }
}

fn code(kind: EngineKind, wasm: &[u8]) -> Result<Code, RuntimeError> {
    Ok(match kind {
        EngineKind::Wasmtime => {
            let engine = WasmtimeEngine::new()?;
            Code::Wasmtime(engine.load(&engine.compile(wasm)?)?)
        }
        EngineKind::Wasmi => Code::Wasmi(WasmiEngine::new().load(wasm)?),
    })
}

/// One instance of a module in one engine.
pub struct Session {
    instance: Box<dyn Instance>,
    map: Option<Arc<TraceMap>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

impl Session {
    /// Instantiates a build of `compiled`.
    ///
    /// # Errors
    /// [`RuntimeError`] if the engine or the host cannot.
    pub fn new(kind: EngineKind, compiled: &Compiled, mode: NanMode) -> Result<Self, RuntimeError> {
        Self::with_blobs(kind, compiled, mode, Blobs::default())
    }

    /// Instantiates a build of `compiled` that can read `blobs`.
    ///
    /// # Errors
    /// [`RuntimeError`] if the engine or the host cannot.
    pub fn with_blobs(
        kind: EngineKind,
        compiled: &Compiled,
        mode: NanMode,
        blobs: Blobs,
    ) -> Result<Self, RuntimeError> {
        Build::new(kind, compiled, mode)?.session(blobs)
    }

    /// Calls an exported function. The steps are those of the function itself: `fuel` less what is left.
    ///
    /// # Errors
    /// [`RuntimeError`] if the host cannot answer, or there is no such function.
    pub fn invoke(
        &mut self,
        export: &str,
        args: &[u128],
        fuel: u64,
    ) -> Result<Invoked, RuntimeError> {
        let fuel = i64::try_from(fuel.min(limits::MAX_FUEL)).expect("limited far below 2^63");
        let called = self.instance.call(export, args, fuel)?;
        Ok(match called {
            Called::Returned(results) => match u64::try_from(self.instance.fuel_left()) {
                Ok(fuel_left) => Invoked::Returned { results, fuel_left },
                Err(_) => Invoked::Failed,
            },
            Called::Failed => Invoked::Failed,
            Called::NanSeen => Invoked::NanSeen,
        })
    }

    /// Calls an exported function of a traced build and shows `watcher` the machine where it first takes a segment that
    /// leaves less fuel than `stop`; then less than the watcher says, and so on. Nobody is asked after `None`. The
    /// machine's outermost frame is the function's own.
    ///
    /// # Errors
    /// [`RuntimeError`] as for [`Self::invoke`], or if the build is not a traced one.
    ///
    /// # Panics
    /// If the watcher does.
    pub fn trace(
        &mut self,
        export: &str,
        args: &[u128],
        fuel: u64,
        stop: Option<u64>,
        mut watcher: impl FnMut(Checkpoint<'_>) -> Option<u64> + Send + 'static,
    ) -> Result<Invoked, RuntimeError> {
        let map = self.map.clone().ok_or(RuntimeError::NotTraced)?;
        let watcher = move |_, checkpoint: Checkpoint<'_>| watcher(checkpoint);
        let mut watch = Watch::new(map, Box::new(watcher));
        watch.begin(Origin::Export, stop);
        *self.instance.watch() = Some(watch);
        let invoked = self.invoke(export, args, fuel);
        *self.instance.watch() = None;
        invoked
    }

    /// The guest's memory.
    pub fn memory(&self) -> &[u8] {
        self.instance.memory()
    }

    /// Bits of every mutable global, by number.
    pub fn globals(&mut self) -> Vec<(usize, u128)> {
        self.instance.globals()
    }
}
