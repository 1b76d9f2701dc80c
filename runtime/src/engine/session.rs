//! Calls of single exports, for tests of builds and engines.

use super::{Blobs, Boot, Called, Code, EngineKind, Host, Instance, WasmiEngine, WasmtimeEngine};
use crate::{compile::Compiled, error::RuntimeError, limits, meter::NanMode};

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

/// A metered build, ready to be instantiated many times in one engine.
#[derive(Debug)]
pub struct Build {
    code: Code,
    memory: Vec<(u32, Vec<u8>)>,
}

impl Build {
    /// Compiles a build of `compiled`.
    ///
    /// # Errors
    /// [`RuntimeError`] if the engine cannot.
    pub fn new(kind: EngineKind, compiled: &Compiled, mode: NanMode) -> Result<Self, RuntimeError> {
        let wasm = compiled.build(mode);
        let code = match kind {
            EngineKind::Wasmtime => {
                let engine = WasmtimeEngine::new()?;
                Code::Wasmtime(engine.load(&engine.compile(wasm)?)?)
            }
            EngineKind::Wasmi => Code::Wasmi(WasmiEngine::new().load(wasm)?),
        };
        Ok(Self {
            code,
            memory: compiled.program.memory.clone(),
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
        Ok(Session { instance })
    }
}

/// One instance of a module in one engine.
pub struct Session {
    instance: Box<dyn Instance>,
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

    /// The guest's memory.
    pub fn memory(&self) -> &[u8] {
        self.instance.memory()
    }

    /// Bits of every mutable global, by number.
    pub fn globals(&mut self) -> Vec<(usize, u128)> {
        self.instance.globals()
    }
}
