//! What all commands share: options, the runtime and the store.

use std::{cell::OnceCell, fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use enshrine_runtime::{Execution, Guest, Runtime, RuntimeConfig, store::ModelStore};
use etcetera::BaseStrategy;

use crate::progress::Working;

/// Folder of this program in the user's cache and data folders.
const FOLDER: &str = "enshrine";

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Globals {
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Folder for compiled code and prepared models [default: enshrine in the user's cache folder]
    #[arg(long, global = true, env = "ENSHRINE_CACHE_DIR", value_name = "FOLDER")]
    cache_dir: Option<PathBuf>,
    /// Keep nothing on disk: everything is compiled again
    #[arg(long, global = true, conflicts_with = "cache_dir")]
    no_cache: bool,
    /// The model store: a folder, memory:, s3://bucket/prefix or https://... [default: in the user's data folder]
    #[arg(long, global = true, env = "ENSHRINE_STORE", value_name = "URL")]
    store: Option<String>,
    /// Run another guest program: a WASM file. Its results are not those of the chain
    #[arg(long, global = true, env = "ENSHRINE_GUEST", value_name = "FILE")]
    guest: Option<PathBuf>,
}

/// The state of one invocation.
#[derive(Debug)]
pub(crate) struct App {
    globals: Globals,
    runtime: OnceCell<Runtime>,
    store: OnceCell<ModelStore>,
}

impl App {
    pub(crate) fn new(globals: Globals) -> Self {
        Self {
            globals,
            runtime: OnceCell::new(),
            store: OnceCell::new(),
        }
    }

    /// Whether to print JSON.
    pub(crate) const fn json(&self) -> bool {
        self.globals.json
    }

    /// Shows that something is being done, should it take long.
    pub(crate) fn working(&self, what: impl Into<String>) -> Working {
        if self.json() {
            return Working::silent();
        }
        Working::start(what.into())
    }

    /// The guest program: the bundled one, or the user's.
    pub(crate) fn guest(&self) -> Result<Guest> {
        let Some(path) = &self.globals.guest else {
            return Ok(Guest::bundled()?);
        };
        let wasm = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Guest::new(wasm))
    }

    /// The runtime, set up when it is first asked for.
    pub(crate) fn runtime(&self) -> Result<&Runtime> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime);
        }
        let mut config = RuntimeConfig::bundled(self.cache_dir()?)?;
        config.guest = self.guest()?;
        let runtime = Runtime::new(config).context("cannot set up the runtime")?;
        Ok(self.runtime.get_or_init(|| runtime))
    }

    /// The runtime with the code for an execution at hand, which takes seconds the first time.
    pub(crate) fn warm(&self, execution: impl Into<Execution>) -> Result<&Runtime> {
        let execution = execution.into();
        let runtime = self.runtime()?;
        let engine = execution.engine;
        let working = self.working(format!("preparing {engine} (kept for the next time)"));
        runtime.warm(execution)?;
        drop(working);
        if let Some(problem) = runtime.take_cache_problem() {
            eprintln!("warning: {problem}; results do not depend on the cache");
        }
        Ok(runtime)
    }

    /// The model store.
    pub(crate) fn store(&self) -> Result<&ModelStore> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let location = self.store_location()?;
        let opened = ModelStore::open(&location);
        let store = opened.with_context(|| {
            format!("cannot open the model store {location}: choose another with --store")
        })?;
        Ok(self.store.get_or_init(|| store))
    }

    fn store_location(&self) -> Result<String> {
        if let Some(location) = &self.globals.store {
            return Ok(location.clone());
        }
        let base = etcetera::choose_base_strategy()
            .context("there is no home folder: say where models are with --store FOLDER")?;
        let folder = base.data_dir().join(FOLDER).join("models");
        let location = folder
            .to_str()
            .context("the data folder's name is not UTF-8: use --store")?;
        Ok(location.to_owned())
    }

    fn cache_dir(&self) -> Result<Option<PathBuf>> {
        if self.globals.no_cache {
            return Ok(None);
        }
        if let Some(folder) = &self.globals.cache_dir {
            return Ok(Some(folder.clone()));
        }
        let base = etcetera::choose_base_strategy()
            .context("there is no home folder: give --cache-dir FOLDER, or --no-cache")?;
        Ok(Some(base.cache_dir().join(FOLDER)))
    }
}
