//! Runs that show the machine on the way.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Runtime, shared::TracedCode};
use crate::{
    Fuel, Model,
    engine::{Blobs, Boot, Called, EngineKind, Host, Instance, Watch},
    error::RuntimeError,
    meter::NanMode,
    trace::{Checkpoint, Origin, Phase},
};

/// Words of the bootstrap that belong to each phase: its call and its end.
const PHASE_STEPS: u64 = 2;

/// Stops this close behind a checkpoint are reached from it on foot.
const NEAR: u64 = 1 << 12;

/// A state of a traced run.
#[derive(Debug)]
pub struct Stop<'a> {
    /// Steps since the run began.
    pub step: u64,
    /// What is running.
    pub phase: Phase,
    /// Fuel of the other phase: what `infer` will get while `load` runs, what `load` left while `infer` runs.
    pub fuel_aside: u64,
    /// The machine.
    pub checkpoint: Checkpoint<'a>,
}

/// How a traced run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TracedEnd {
    /// `load` returned this status, or `infer` did.
    Finished {
        /// 0, or the guest's reason to decline.
        status: i32,
        /// Steps of both phases.
        steps: u64,
    },
    /// The run failed.
    Failed {
        /// No fewer than the machine's steps, and more by a segment at most. A hint where to look, no result.
        steps: u64,
    },
    /// The speculative build saw a NaN, or would have shown one: what was visited before counts, the rest takes the
    /// exact build.
    NanSeen,
}

type Visitor = Box<dyn FnMut(Stop<'_>) + Send>;

/// What the watcher of a run keeps.
struct Progress {
    fuel: Fuel,
    /// Where the run is to be seen, in ascending steps; those passed are gone.
    stops: std::iter::Peekable<std::vec::IntoIter<u64>>,
    /// Steps of `load`, once it has ended.
    load_steps: u64,
    visitor: Visitor,
}

impl Progress {
    fn visit(&mut self, phase: Phase, checkpoint: Checkpoint<'_>) -> Option<u64> {
        let (step, fuel_aside) = match phase {
            Phase::Load => (self.fuel.load - checkpoint.fuel_left, self.fuel.infer),
            Phase::Infer => (
                self.load_steps + self.fuel.infer - checkpoint.fuel_left,
                self.fuel.load - self.load_steps,
            ),
        };
        (self.visitor)(Stop {
            step,
            phase,
            fuel_aside,
            checkpoint,
        });
        while self.stops.next_if(|stop| *stop <= step + NEAR).is_some() {}
        self.next_stop(phase)
    }

    /// The next stop of a phase, as fuel left.
    fn next_stop(&mut self, phase: Phase) -> Option<u64> {
        let stop = *self.stops.peek()?;
        match phase {
            Phase::Load => self.fuel.load.checked_sub(stop),
            Phase::Infer => self
                .fuel
                .infer
                .checked_sub(stop.saturating_sub(self.load_steps)),
        }
    }
}

impl Runtime {
    /// Compiles, or reads from the cache, what [`Self::trace`] needs.
    ///
    /// # Errors
    /// [`RuntimeError`] if the engine cannot.
    pub fn warm_trace(&self, engine: EngineKind, nan: NanMode) -> Result<(), RuntimeError> {
        self.shared.traced_code(engine, nan).map(drop)
    }

    /// Runs `model` on `input` from the first step in a traced build, and hands the machine to `visitor` near each of
    /// `stops`, which are steps in ascending order: at the first function entry or loop head whose segment reaches
    /// beyond the stop. That may lie some steps behind the stop, or far behind it, if the guest does without either for
    /// so long. Stops close behind a visited state are passed over.
    ///
    /// # Errors
    /// [`RuntimeError`] if this host cannot run it.
    pub fn trace(
        &self,
        model: &Model,
        input: &[u8],
        fuel: Fuel,
        (engine, nan): (EngineKind, NanMode),
        stops: Vec<u64>,
        visitor: impl FnMut(Stop<'_>) + Send + 'static,
    ) -> Result<TracedEnd, RuntimeError> {
        let TracedCode { code, map } = self.shared.traced_code(engine, nan)?;
        let blobs = Blobs::new(Arc::clone(model.bytes()), input);
        let mut instance = code.start(Host::new(blobs), Boot::Fresh(&self.shared.memory))?;
        let progress = Arc::new(Mutex::new(Progress {
            fuel: fuel.limited(),
            stops: stops.into_iter().peekable(),
            load_steps: 0,
            visitor: Box::new(visitor),
        }));
        let watched = Arc::clone(&progress);
        let watcher = move |origin, checkpoint: Checkpoint<'_>| match origin {
            Origin::Phase(phase) => lock(&watched).visit(phase, checkpoint),
            Origin::Export => None,
        };
        *instance.watch() = Some(Watch::new(map, Box::new(watcher)));
        run(&mut *instance, &progress)
    }
}

fn lock(progress: &Mutex<Progress>) -> std::sync::MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(instance: &mut dyn Instance, progress: &Mutex<Progress>) -> Result<TracedEnd, RuntimeError> {
    let fuel = lock(progress).fuel;
    let (status, left) = match phase(instance, progress, Phase::Load, fuel.load)? {
        Some(returned) => returned,
        None => return Ok(ended(instance, fuel.load, 0)),
    };
    let load_steps = fuel.load - left;
    if status != 0 {
        return Ok(finished(status, load_steps));
    }
    lock(progress).load_steps = load_steps;
    match phase(instance, progress, Phase::Infer, fuel.infer)? {
        Some((status, left)) => Ok(finished(status, load_steps + fuel.infer - left)),
        None => Ok(ended(instance, fuel.infer, load_steps)),
    }
}

const fn finished(status: i32, steps: u64) -> TracedEnd {
    TracedEnd::Finished { status, steps }
}

/// Why a phase with this fuel did not return, `before` steps after the run began.
fn ended(instance: &mut dyn Instance, fuel: u64, before: u64) -> TracedEnd {
    let watch = instance.watch().as_ref();
    if watch.is_some_and(|watch| watch.nan_seen) {
        return TracedEnd::NanSeen;
    }
    let left = u64::try_from(instance.fuel_left()).unwrap_or(0);
    TracedEnd::Failed {
        steps: before + fuel.saturating_sub(left),
    }
}

/// Runs a phase: the status that it returned and the fuel that it left.
fn phase(
    instance: &mut dyn Instance,
    progress: &Mutex<Progress>,
    phase: Phase,
    fuel: u64,
) -> Result<Option<(i32, u64)>, RuntimeError> {
    let Some(budget) = fuel.checked_sub(PHASE_STEPS) else {
        return Ok(None);
    };
    let stop = lock(progress).next_stop(phase);
    let watch = instance.watch().as_mut().expect("set by the caller");
    watch.begin(Origin::Phase(phase), stop);
    let export = match phase {
        Phase::Load => "load",
        Phase::Infer => "infer",
    };
    let budget = i64::try_from(budget).expect("fuel is limited far below 2^63");
    let called = instance.call(export, &[], budget)?;
    Ok(match (called, u64::try_from(instance.fuel_left())) {
        (Called::Returned(results), Ok(left)) => Some((super::job::status(&results), left)),
        (Called::NanSeen, _) => {
            let watch = instance.watch().as_mut().expect("set by the caller");
            watch.nan_seen = true;
            None
        }
        _ => None,
    })
}
