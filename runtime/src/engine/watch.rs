//! The host side of traced builds, the same for every engine.

use std::sync::Arc;

use crate::limits;
use crate::trace::{Checkpoint, Look, Origin, Raw, TraceMap};

/// The run is over at a checkpoint: fuel is exhausted, or a NaN would be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the run is over")]
pub(crate) struct RunOver;

impl wasmi::errors::HostError for RunOver {}

/// Looks at a checkpoint and says where the next one is wanted, as fuel left of the machine.
pub(crate) type Watcher = Box<dyn FnMut(Origin, Checkpoint<'_>) -> Option<u64> + Send>;

/// A watcher with what it needs to see the machine.
pub(crate) struct Watch {
    map: Arc<TraceMap>,
    origin: Origin,
    /// Where the next checkpoint is wanted.
    stop: Option<u64>,
    watcher: Watcher,
    /// A checkpoint would have shown a NaN whose bits the build has left open.
    pub(crate) nan_seen: bool,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Watch({:?}, {:?})", self.origin, self.stop)
    }
}

impl Watch {
    pub(crate) fn new(map: Arc<TraceMap>, watcher: Watcher) -> Self {
        Self {
            map,
            origin: Origin::Export,
            stop: None,
            watcher,
            nan_seen: false,
        }
    }

    /// Prepares for a call that `origin` makes.
    pub(crate) fn begin(&mut self, origin: Origin, stop: Option<u64>) {
        self.origin = origin;
        self.stop = stop;
        self.nan_seen = false;
    }

    /// The counter below which the build calls the host. Exhausted fuel does so in any case.
    pub(crate) fn stop(&self) -> i64 {
        let stop = self.stop.unwrap_or(0);
        let stop = stop.saturating_sub(self.origin.fuel_beside());
        // Above all fuel there is, and far from where sums in the build would wrap.
        let stop = stop.min(limits::MAX_FUEL + 1);
        i64::try_from(stop).expect("limited far below 2^63")
    }

    /// Shows the watcher a checkpoint, if it wants one.
    pub(crate) fn look(&mut self, raw: Raw<'_>) -> Result<(), RunOver> {
        if self.stop.is_none() {
            return Ok(());
        }
        match self.map.look(raw, self.origin) {
            Look::State(checkpoint) => self.stop = (self.watcher)(self.origin, checkpoint),
            Look::Exhausted => return Err(RunOver),
            Look::Nan => {
                self.nan_seen = true;
                return Err(RunOver);
            }
        }
        Ok(())
    }
}
