//! Models held in memory, so that a warm call reads no store and hashes no model.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use enshrine_primitives::BlobRoot;
use enshrine_runtime::Model;

/// The models used last, up to a number of bytes.
#[derive(Debug)]
pub(crate) struct ModelCache {
    capacity_bytes: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    // DETERMINISM: never iterated in an order that shows; which models are held has no effect but time.
    models: HashMap<BlobRoot, Held>,
    held_bytes: u64,
    clock: u64,
}

#[derive(Debug)]
struct Held {
    model: Model,
    used: u64,
}

impl ModelCache {
    pub(crate) fn new(capacity_bytes: u64) -> Self {
        Self {
            capacity_bytes,
            state: Mutex::default(),
        }
    }

    pub(crate) fn get(&self, root: BlobRoot) -> Option<Model> {
        let mut state = self.lock();
        state.clock += 1;
        let now = state.clock;
        let held = state.models.get_mut(&root)?;
        held.used = now;
        Some(held.model.clone())
    }

    /// Keeps a model, at the cost of those not used for longest. One larger than the whole cache is not kept.
    pub(crate) fn put(&self, model: &Model) {
        let size = size_bytes(model);
        if size > self.capacity_bytes {
            return;
        }
        let mut state = self.lock();
        if state.models.contains_key(&model.root()) {
            return;
        }
        while state.held_bytes > self.capacity_bytes - size {
            state.drop_oldest();
        }
        state.clock += 1;
        state.held_bytes += size;
        let held = Held {
            model: model.clone(),
            used: state.clock,
        };
        state.models.insert(model.root(), held);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A thread that panicked while it held the lock left a cache that is at worst a model short.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn drop_oldest(&mut self) {
        let oldest = self
            .models
            .iter()
            .min_by_key(|(_, held)| held.used)
            .map(|(root, _)| *root);
        match oldest.and_then(|root| self.models.remove(&root)) {
            Some(held) => self.held_bytes -= size_bytes(&held.model),
            None => self.held_bytes = 0,
        }
    }
}

fn size_bytes(model: &Model) -> u64 {
    model.bytes().len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(fill: u8, size: usize) -> Model {
        Model::new(vec![fill; size]).expect("short")
    }

    #[test]
    fn oldest_gives_way() {
        let cache = ModelCache::new(30);
        let models = [1, 2, 3].map(|fill| model(fill, 10));
        models.iter().for_each(|model| cache.put(model));
        assert!(cache.get(models[0].root()).is_some());

        let newcomer = model(4, 15);
        cache.put(&newcomer);
        let held = |model: &Model| cache.get(model.root()).is_some();
        assert!(held(&newcomer) && held(&models[0]));
        assert!(!held(&models[1]) && !held(&models[2]));
    }

    #[test]
    fn a_model_larger_than_the_cache_is_not_kept() {
        let cache = ModelCache::new(10);
        let (small, large) = (model(1, 10), model(2, 11));
        cache.put(&small);
        cache.put(&large);
        assert!(cache.get(small.root()).is_some());
        assert!(cache.get(large.root()).is_none());
    }

    #[test]
    fn a_model_put_twice_is_counted_once() {
        let cache = ModelCache::new(20);
        let (first, second) = (model(1, 10), model(2, 10));
        for _ in 0..3 {
            cache.put(&first);
        }
        cache.put(&second);
        assert!(cache.get(first.root()).is_some());
    }
}
