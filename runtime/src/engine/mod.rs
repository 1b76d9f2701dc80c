//! Engines that run metered builds.
//!
//! Both engines run the same module bytes and may differ in speed only. An engine's own fuel, stack limit and NaN
//! options are never used to decide anything: running into one of them is an error of the host.

mod host;
mod session;
mod wasmi;
mod wasmtime;
mod watch;

use std::sync::Arc;

pub use self::host::Blobs;
pub use self::session::{Build, Invoked, Session};
pub(crate) use self::{
    host::Host,
    wasmi::{WasmiEngine, WasmiModule},
    wasmtime::{WasmtimeEngine, WasmtimeModule},
    watch::Watch,
};

use crate::{error::RuntimeError, image::Image, limits};

/// Name of an engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EngineKind {
    /// Compiles to native code.
    #[default]
    Wasmtime,
    /// Interprets.
    Wasmi,
}

impl EngineKind {
    /// Every engine.
    pub const ALL: [Self; 2] = [Self::Wasmtime, Self::Wasmi];

    /// `wasmtime` or `wasmi`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wasmtime => "wasmtime",
            Self::Wasmi => "wasmi",
        }
    }
}

impl std::fmt::Display for EngineKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Memory and globals that an instance starts with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Boot<'i> {
    /// The program's initial memory: offset and bytes of each part.
    Fresh(&'i [(u32, Vec<u8>)]),
    /// The state that `load` left.
    Image(&'i Arc<Image>),
}

/// How a call of an export ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Called {
    /// With results, as the bits of machine values.
    Returned(Vec<u128>),
    /// In failure: trap, exhausted fuel or stack, misuse of the ABI.
    Failed,
    /// The speculative build saw a NaN.
    NanSeen,
}

/// A module that is ready to be instantiated, many times and from many threads.
#[derive(Clone, Debug)]
pub(crate) enum Code {
    Wasmtime(WasmtimeModule),
    Wasmi(WasmiModule),
}

impl Code {
    /// A new instance.
    pub(crate) fn start(
        &self,
        host: Host,
        boot: Boot<'_>,
    ) -> Result<Box<dyn Instance>, RuntimeError> {
        Ok(match self {
            Self::Wasmtime(module) => Box::new(module.start(host, boot)?),
            Self::Wasmi(module) => Box::new(module.start(host, boot)?),
        })
    }
}

/// A running guest.
pub(crate) trait Instance {
    /// Calls an export with `fuel`. Failure leaves the instance in no particular state.
    fn call(&mut self, export: &str, args: &[u128], fuel: i64) -> Result<Called, RuntimeError>;

    /// The fuel counter. Negative: the run failed, although no check stood where fuel ran out.
    fn fuel_left(&mut self) -> i64;

    /// The host side.
    fn host(&mut self) -> &mut Host;

    /// Who is called at checkpoints of a traced build.
    fn watch(&mut self) -> &mut Option<Watch>;

    /// The guest's memory.
    fn memory(&self) -> &[u8];

    /// Bits of every mutable global of the guest, by number.
    fn globals(&mut self) -> Vec<(usize, u128)>;
}

/// Stack slots as the instrumentation's global holds them.
fn stack_slots() -> i32 {
    limits::MAX_STACK_SLOTS.cast_signed()
}

/// Native stack for running a guest. A slot is one WASM local or operand, 16 bytes at most; an engine may keep copies,
/// saved registers and call arguments beside it. The native-stack tests hold the worst frames they know against this.
const NATIVE_STACK_BYTES: usize = limits::MAX_STACK_SLOTS as usize * 256;
