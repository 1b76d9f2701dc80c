//! A run that can be looked at: from scratch, in a traced build.

use super::job::{Job, PHASE_STEPS, failed_run};
use crate::{
    engine::{Boot, Host, Watch},
    error::RuntimeError,
    trace::{Checkpoint, Origin, Phase, TraceRequest, TracedRun},
};

impl Job<'_> {
    /// Runs `load` and `infer` and shows `watcher` the machine on the way.
    pub(super) fn trace(
        &self,
        request: TraceRequest,
        mut watcher: impl FnMut(Phase, Checkpoint<'_>) -> Option<u64> + Send + 'static,
    ) -> Result<TracedRun, RuntimeError> {
        let TraceRequest {
            engine: _,
            nan,
            load_stop,
            infer_stop,
        } = request;
        let failed = Ok(TracedRun::Ended(failed_run(nan, false)));
        if self.fuel.load < PHASE_STEPS {
            return failed;
        }
        let traced = self.shared.traced(self.engine, nan)?;
        let host = Host::new(self.blobs.clone());
        let mut instance = traced.code.start(host, Boot::Fresh(&self.shared.memory))?;
        let watcher = move |origin, checkpoint: Checkpoint<'_>| match origin {
            Origin::Phase(phase) => watcher(phase, checkpoint),
            Origin::Export => None,
        };
        let mut watch = Watch::new(traced.map, Box::new(watcher));
        watch.begin(Origin::Phase(Phase::Load), load_stop);
        *instance.watch() = Some(watch);
        let Some((mut ready, declined)) = self.load_once(instance, nan)? else {
            return Ok(TracedRun::NanSeen);
        };
        if let Some(run) = declined {
            return Ok(TracedRun::Ended(run));
        }
        let Some(budget) = self.fuel.infer.checked_sub(PHASE_STEPS) else {
            return failed;
        };
        if let Some(watch) = ready.instance.watch() {
            watch.begin(Origin::Phase(Phase::Infer), infer_stop);
        }
        let ended = self.infer_once(ready, budget)?;
        Ok(ended.map_or(TracedRun::NanSeen, TracedRun::Ended))
    }
}
