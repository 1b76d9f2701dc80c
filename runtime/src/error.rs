//! Errors of running a program.

use enshrine_primitives::BlobRoot;

use crate::module::ModuleError;

/// This host cannot answer. Never a result of the run: another host, or this one later, may have one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The guest module is outside the profile.
    #[error("the guest module is no guest program: {0}")]
    Module(#[from] ModuleError),
    /// The bundled guest cannot be unpacked.
    #[error("the guest cannot be unpacked: {message}")]
    Guest {
        /// What is wrong with it.
        message: String,
    },
    /// An engine refuses a module that the profile allows: a bug of this crate or of the engine.
    #[error("{engine} cannot {action}: {message}")]
    Engine {
        /// Name of the engine.
        engine: &'static str,
        /// What it was asked to do.
        action: &'static str,
        /// Its words.
        message: String,
    },
    /// The host cannot give the memory that the profile allows.
    #[error(
        "out of memory: the guest asked for {requested} bytes, which this host cannot give: {message}"
    )]
    OutOfMemory {
        /// Bytes asked for.
        requested: usize,
        /// The host's words.
        message: String,
    },
    /// The engine's native stack ran out before the guest's stack slots did: a bug of this crate.
    #[error("the native stack of {engine} ran out before the guest's stack slots")]
    NativeStack {
        /// Name of the engine.
        engine: &'static str,
    },
    /// The guest reported an output whose root is another one.
    #[error("the guest's output root is wrong: expected {expected}, got {got}")]
    OutputRoot {
        /// Root of the bytes.
        expected: BlobRoot,
        /// Root that the guest computed.
        got: BlobRoot,
    },
    /// A blob is larger than a blob can be.
    #[error("{what} of {got} bytes is too large: at most {expected}")]
    TooLarge {
        /// `model` or `input`.
        what: &'static str,
        /// The limit.
        expected: u64,
        /// The size.
        got: u64,
    },
    /// The guest has no such export, or it answers in another form.
    #[error("the guest's tooling export `{export}` failed: {message}")]
    Tooling {
        /// Name of the export.
        export: &'static str,
        /// What went wrong.
        message: String,
    },
    /// Only traced builds have checkpoints.
    #[error("the build is not a traced one")]
    NotTraced,
    /// The operating system refuses something.
    #[error("cannot {action}: {source}")]
    Io {
        /// What was tried, and on what.
        action: String,
        /// Its words.
        source: std::io::Error,
    },
}

impl RuntimeError {
    pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }
}
