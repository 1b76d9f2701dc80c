//! The handle from which a node gets its precompiles.

use std::fmt;
use std::sync::Arc;

use alloy_evm::precompiles::PrecompilesMap;
use enshrine_runtime::store::ModelStore;
use enshrine_runtime::{Runtime, engine::EngineKind};

use crate::models::ModelCache;
use crate::{InferenceProvider, Observer};

/// Settings of a node. None of them changes a result.
#[derive(Clone, Copy, Debug)]
pub struct InferenceConfig {
    /// Engine that runs the models.
    pub engine: EngineKind,
    /// Bytes of models kept in memory, beside what the runtime keeps.
    pub model_cache_bytes: u64,
}

impl Default for InferenceConfig {
    /// Wasmtime, and a gigabyte of models.
    fn default() -> Self {
        Self {
            engine: EngineKind::Wasmtime,
            model_cache_bytes: 1 << 30,
        }
    }
}

/// The inference precompiles. A clone is cheap and shares everything but the observer.
#[derive(Clone)]
pub struct Inference {
    shared: Arc<Shared>,
    observer: Option<Arc<dyn Observer>>,
}

struct Shared {
    runtime: Runtime,
    store: ModelStore,
    config: InferenceConfig,
    models: ModelCache,
}

impl Inference {
    /// The precompiles over a runtime and a store of models.
    pub fn new(runtime: Runtime, store: ModelStore, config: InferenceConfig) -> Self {
        let models = ModelCache::new(config.model_cache_bytes);
        Self {
            shared: Arc::new(Shared {
                runtime,
                store,
                config,
                models,
            }),
            observer: None,
        }
    }

    /// The same precompiles, reporting to this observer.
    pub fn with_observer(&self, observer: Arc<dyn Observer>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            observer: Some(observer),
        }
    }

    /// Adds the precompiles to those of a plain revm.
    pub fn provider<P>(&self, base: P) -> InferenceProvider<P> {
        InferenceProvider::new(base, self.clone())
    }

    /// Adds the precompiles to those of an alloy-evm based node.
    pub fn install(&self, precompiles: &mut PrecompilesMap) {
        precompiles.extend_precompiles(crate::alloy::precompiles(self));
    }

    /// The runtime that runs the models.
    pub fn runtime(&self) -> &Runtime {
        &self.shared.runtime
    }

    /// The store that the models come from.
    pub fn store(&self) -> &ModelStore {
        &self.shared.store
    }

    /// The settings.
    pub fn config(&self) -> &InferenceConfig {
        &self.shared.config
    }

    pub(crate) fn models(&self) -> &ModelCache {
        &self.shared.models
    }

    pub(crate) fn observer(&self) -> Option<&dyn Observer> {
        self.observer.as_deref()
    }
}

impl fmt::Debug for Inference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inference")
            .field("config", self.config())
            .finish_non_exhaustive()
    }
}
