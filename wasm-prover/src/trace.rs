//! A whole run as a list of states: any hash, any proof.
//!
//! Steps are counted from the first state, through `load` and `infer`; a run that has ended stays as it is. A state far
//! from every known one is reached by a traced run in an engine, which stops a little before it, and then on foot.
//! States that were asked for are kept, and share what did not change between them; so a dissection costs one long run,
//! and the rounds within one of its parts are walks.

mod journal;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use enshrine_primitives::BlobTooLarge;
use enshrine_runtime::{
    Fuel, Model, Outcome, Runtime, RuntimeError, Stop, TracedEnd, engine::EngineKind, isa::Word,
    limits, meter::NanMode, program::ProgramHash,
};

use crate::{Machine, Proof, Record, StateHash, Subject, Terminal};
use journal::Journal;
pub use journal::JournalError;

/// Why a trace cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// This host cannot run the program.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The input is too large for a blob.
    #[error(transparent)]
    Input(#[from] BlobTooLarge),
    /// No run with this fuel has such a step.
    #[error("expected a step up to {expected}, the fuel of both phases and one, got {got}")]
    Step {
        /// [`Trace::length`].
        expected: u64,
        /// Step asked for.
        got: u64,
    },
    /// Steps that cannot be parted like that.
    #[error("cannot part steps {from} to {to} into {parts} parts")]
    Parts {
        /// First step.
        from: u64,
        /// Last step.
        to: u64,
        /// Parts asked for.
        parts: u64,
    },
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An engine and the step machine differ: a fault of this library.
    #[error("{engine} and the step machine differ: expected {expected}, got {got}")]
    Differs {
        /// Engine.
        engine: EngineKind,
        /// How the engine ended.
        expected: String,
        /// How the step machine ended.
        got: String,
    },
}

/// What to trace.
#[derive(Clone, Debug)]
pub struct TraceConfig {
    /// Runs the program.
    pub runtime: Runtime,
    /// Blob 0.
    pub model: Model,
    /// Blob 1.
    pub input: Arc<[u8]>,
    /// Fuel of both phases; more than the limits is the limit.
    pub fuel: Fuel,
    /// What brings a run close to a step. wasmi needs no compiler; wasmtime is faster.
    pub engine: EngineKind,
}

/// A proof of one step with what it proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepProof {
    /// The step: 0 leads from the first state to the second.
    pub step: u64,
    /// The word that is executed, unless the run has ended.
    pub word: Option<Word>,
    /// State before.
    pub before: StateHash,
    /// State after.
    pub after: StateHash,
    /// The proof.
    pub proof: Proof,
}

/// Steps that are walked rather than reached by an engine: half a second.
const MOST_WALKED: u64 = 1 << 25;

/// Steps that wasmi takes in the time of one of the step machine's, at least. Its runs are long, so more is walked beside it.
const INTERPRETED: u64 = 4;

/// How far before a wanted step an engine is asked for a state, in the order in which that is tried.
const LEADS: [u64; 3] = [1 << 16, 1 << 20, 1 << 24];

/// States that are kept; the farthest from what is asked for go first. Each costs the memory pages in which it differs.
const MOST_STATES: usize = 1 << 7;

/// One run, step by step.
#[derive(Debug)]
pub struct Trace {
    config: TraceConfig,
    subject: Arc<Subject>,
    /// Live states by step; the first is always there.
    states: BTreeMap<u64, Machine>,
    /// Hashes given out.
    hashes: BTreeMap<u64, StateHash>,
    /// How the run ends.
    end: Option<Terminal>,
    /// A step at which the run has ended, if one is known, and not long before.
    ended_by: Option<u64>,
    journal: Option<Journal>,
}

impl Trace {
    /// A trace that keeps nothing on disk.
    ///
    /// # Errors
    /// [`TraceError`] if the program cannot be lowered or the input is too large.
    pub fn new(mut config: TraceConfig) -> Result<Self, TraceError> {
        let Fuel { load, infer } = config.fuel;
        config.fuel = Fuel {
            load: load.min(limits::LOAD_FUEL),
            infer: infer.min(limits::MAX_FUEL),
        };
        let program = Arc::new(config.runtime.program()?);
        let model = Arc::clone(config.model.bytes());
        let subject = Arc::new(Subject::new(program, model, Arc::clone(&config.input))?);
        let first = Machine::new(Arc::clone(&subject), config.fuel);
        Ok(Self {
            config,
            subject,
            states: BTreeMap::from([(0, first)]),
            hashes: BTreeMap::new(),
            end: None,
            ended_by: None,
            journal: None,
        })
    }

    /// A trace whose answers are kept in `folder`, so that one who is killed goes on where he was: hashes that were
    /// given out are not computed again.
    ///
    /// # Errors
    /// As [`Self::new`], and [`TraceError::Journal`] if the folder holds another trace or cannot be written.
    pub fn in_folder(config: TraceConfig, folder: &Path) -> Result<Self, TraceError> {
        let mut trace = Self::new(config)?;
        let (journal, hashes) = Journal::open(folder, trace.first().hash())?;
        trace.hashes = hashes;
        trace.journal = Some(journal);
        Ok(trace)
    }

    /// Hash of the program.
    pub fn program_hash(&self) -> ProgramHash {
        self.subject.header().hash()
    }

    /// The first state.
    pub fn first(&self) -> Record {
        let inputs = self.subject.inputs(self.config.fuel);
        Record::initial(self.subject.header(), &inputs)
    }

    /// Number of the last state: the fuel of both phases, and the step that finds none left. Every run has ended there.
    pub fn length(&self) -> u64 {
        self.config.fuel.load + self.config.fuel.infer + 1
    }

    /// How the run ends, as an engine says at full speed.
    ///
    /// # Errors
    /// [`TraceError::Runtime`] if this host cannot run it.
    pub fn final_state(&mut self) -> Result<Terminal, TraceError> {
        if let Some(end) = self.end {
            return Ok(end);
        }
        let TraceConfig {
            runtime,
            model,
            input,
            fuel,
            engine,
        } = &self.config;
        let end = match runtime.infer(model, input, *fuel, *engine)?.outcome {
            Outcome::Failed => Terminal::Failed,
            Outcome::Finished {
                status,
                output_root,
                load_steps,
                infer_steps: _,
                fuel_left,
            } => Terminal::Finished {
                status: status.cast_unsigned(),
                output_root,
                load_fuel_left: fuel.load - load_steps,
                fuel_left,
            },
        };
        self.set_final_state(end);
        Ok(end)
    }

    /// Takes over how the run ends, for one who has just run it; it is held against what is traced later.
    pub fn set_final_state(&mut self, end: Terminal) {
        self.end = Some(end);
        self.ended_by = self.end_step(end);
    }

    /// Hash of the state after `step` steps.
    ///
    /// # Errors
    /// [`TraceError`] beyond [`Self::length`], or if this host cannot run it.
    pub fn state_hash(&mut self, step: u64) -> Result<StateHash, TraceError> {
        self.check(step)?;
        if let Some(hash) = self.hashes.get(&step) {
            return Ok(*hash);
        }
        if self.is_over(step)? {
            return Ok(self.final_state()?.hash());
        }
        let hash = self.kept_state(step)?.hash();
        if let Some(journal) = &mut self.journal {
            journal.add(step, hash)?;
        }
        self.hashes.insert(step, hash);
        Ok(hash)
    }

    /// Hashes at the ends of `parts` parts, as equal as they can be, of the steps from `from` to `to`: part `i` of `n` ends
    /// at `from + (to - from) * i / n`, rounded down, and the last at `to`.
    ///
    /// # Errors
    /// [`TraceError`] as [`Self::state_hash`], or if there are more parts than steps.
    pub fn dissect(
        &mut self,
        from: u64,
        to: u64,
        parts: u64,
    ) -> Result<Vec<StateHash>, TraceError> {
        self.check(to)?;
        let steps = part_ends(from, to, parts).ok_or(TraceError::Parts { from, to, parts })?;
        let mut hashes = Vec::with_capacity(steps.len());
        // No more at once than are kept.
        for steps in steps.chunks(MOST_STATES / 2) {
            let mut live = steps.to_vec();
            let end = self.final_state()?;
            live.retain(|step| !self.is_behind(*step, end));
            self.approach(&live)?;
            for step in steps {
                hashes.push(self.state_hash(*step)?);
            }
        }
        Ok(hashes)
    }

    /// Proves step `step`: that the state after it follows from the one before.
    ///
    /// # Errors
    /// [`TraceError`] beyond [`Self::length`], or if this host cannot run it.
    pub fn prove(&mut self, step: u64) -> Result<StepProof, TraceError> {
        self.check(step)?;
        let mut machine = self.state(step)?;
        let word = machine
            .terminal()
            .is_none()
            .then(|| machine.next_word().copied());
        let before = machine.hash();
        let proof = Proof::of_step(&mut machine);
        Ok(StepProof {
            step,
            word: word.flatten(),
            before,
            after: machine.hash(),
            proof,
        })
    }

    /// The live state after `step` steps.
    ///
    /// # Errors
    /// [`TraceError`] beyond [`Self::length`], or if this host cannot run it.
    pub fn state(&mut self, step: u64) -> Result<Machine, TraceError> {
        Ok(self.kept_state(step)?.clone())
    }

    /// The state after `step` steps, which is kept.
    fn kept_state(&mut self, step: u64) -> Result<&mut Machine, TraceError> {
        self.check(step)?;
        self.approach(&[step])?;
        let (at, machine) = self.nearest(step);
        if at != step {
            // A state that was only met on the way to this one has served.
            let met = at > 0 && !self.hashes.contains_key(&at);
            let mut machine = if met {
                self.states.remove(&at).expect("it is the nearest")
            } else {
                machine.clone()
            };
            machine.run(step - at);
            self.keep(step, machine);
        }
        Ok(self.states.get_mut(&step).expect("kept above"))
    }

    fn check(&self, got: u64) -> Result<(), TraceError> {
        let expected = self.length();
        if got > expected {
            return Err(TraceError::Step { expected, got });
        }
        Ok(())
    }

    /// Whether the run has ended by then, as far as that can be told without a long walk.
    fn is_over(&mut self, step: u64) -> Result<bool, TraceError> {
        let end = self.final_state()?;
        Ok(self.is_behind(step, end))
    }

    fn is_behind(&self, step: u64, end: Terminal) -> bool {
        step >= self.end_step(end).unwrap_or(self.length())
    }

    fn nearest(&self, step: u64) -> (u64, &Machine) {
        let nearest = self.states.range(..=step).next_back();
        let (at, machine) = nearest.expect("the first state is always there");
        (*at, machine)
    }

    fn keep(&mut self, step: u64, machine: Machine) {
        if self.states.len() >= MOST_STATES {
            let kept = self.states.keys().copied().filter(|step| *step > 0);
            let farthest = kept.max_by_key(|kept| kept.abs_diff(step));
            farthest.map(|step| self.states.remove(&step));
        }
        self.states.insert(step, machine);
    }

    /// Makes sure that a state near each of `steps`, which ascend, is known. Rarely a guest goes so long without a
    /// function entry or a loop that it is first seen behind the step; then it is asked for earlier, and in the end what is
    /// left is walked.
    fn approach(&mut self, steps: &[u64]) -> Result<(), TraceError> {
        for lead in LEADS {
            // Once more if the run turns out to end long before.
            for _ in 0..2 {
                let known = self.ended_by;
                let far = self.far(steps);
                if far.is_empty() {
                    return Ok(());
                }
                self.visit(far.iter().map(|step| step - lead).collect())?;
                if self.ended_by == known {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Those of `steps`, or the end where they lie behind it, that are far from every known state, unless walking to them takes less
    /// time than a run.
    fn far(&self, steps: &[u64]) -> Vec<u64> {
        let end = self.ended_by.unwrap_or(self.length());
        let mut far: Vec<_> = steps.iter().map(|step| (*step).min(end)).collect();
        far.dedup();
        far.retain(|step| step - self.nearest(*step).0 > MOST_WALKED);
        let walked = self.walk(&far).saturating_mul(INTERPRETED);
        let interprets = self.config.engine == EngineKind::Wasmi;
        // A run goes on to its end, if that is known.
        if interprets && self.ended_by.is_some_and(|end| walked <= end) {
            far.clear();
        }
        far
    }

    /// How many steps a walk to all of `steps`, which ascend, takes from known states.
    fn walk(&self, steps: &[u64]) -> u64 {
        let (mut at, mut walked) = (0, 0);
        for step in steps {
            walked += step - self.nearest(*step).0.max(at);
            at = *step;
        }
        walked
    }

    /// Visits states by a run in an engine and keeps them.
    fn visit(&mut self, stops: Vec<u64>) -> Result<(), TraceError> {
        let visited = Arc::new(Mutex::new(Vec::new()));
        let end = match self.run_traced(NanMode::Speculative, stops.clone(), &visited)? {
            TracedEnd::NanSeen => {
                lock(&visited).clear();
                self.run_traced(NanMode::Exact, stops, &visited)?
            }
            end => end,
        };
        self.check_end(end)?;
        match end {
            TracedEnd::Finished { steps, .. } => self.ended_by = Some(steps),
            TracedEnd::Failed { steps } => self.ended_by = Some(steps + 1),
            TracedEnd::NanSeen => {}
        }
        let visited = std::mem::take(&mut *lock(&visited));
        for (step, machine) in visited {
            self.keep(step, machine);
        }
        Ok(())
    }

    fn run_traced(
        &self,
        nan: NanMode,
        stops: Vec<u64>,
        visited: &Arc<Mutex<Vec<(u64, Machine)>>>,
    ) -> Result<TracedEnd, TraceError> {
        let TraceConfig {
            runtime,
            model,
            input,
            fuel,
            engine,
        } = &self.config;
        let first = stops.first().copied().unwrap_or_default();
        let (mut like, subject) = (self.nearest(first).1.clone(), Arc::clone(&self.subject));
        let visited = Arc::clone(visited);
        let visitor = move |stop: Stop<'_>| {
            let Stop {
                step,
                phase: _,
                fuel_aside,
                checkpoint,
            } = stop;
            let subject = Arc::clone(&subject);
            let machine = Machine::at_checkpoint(subject, &checkpoint, fuel_aside, Some(&like));
            like.clone_from(&machine);
            lock(&visited).push((step, machine));
        };
        Ok(runtime.trace(model, input, *fuel, (*engine, nan), stops, visitor)?)
    }

    /// A traced run must end as the run at full speed does, if that is known.
    fn check_end(&self, got: TracedEnd) -> Result<(), TraceError> {
        let Some(end) = self.end else { return Ok(()) };
        let same = match (end, got) {
            (Terminal::Failed, TracedEnd::Failed { .. }) => true,
            (Terminal::Finished { status, .. }, TracedEnd::Finished { status: got, steps }) => {
                status == got.cast_unsigned() && Some(steps) == self.end_step(end)
            }
            _ => false,
        };
        if same {
            return Ok(());
        }
        Err(TraceError::Differs {
            engine: self.config.engine,
            expected: format!("{end:?}"),
            got: format!("{got:?}"),
        })
    }

    /// Steps of a run that finishes.
    fn end_step(&self, end: Terminal) -> Option<u64> {
        let Fuel { load, infer } = self.config.fuel;
        match end {
            Terminal::Finished {
                load_fuel_left,
                fuel_left,
                ..
            } => Some((load - load_fuel_left) + (infer - fuel_left)),
            Terminal::Failed => None,
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where parts of a stretch of steps end.
fn part_ends(from: u64, to: u64, parts: u64) -> Option<Vec<u64>> {
    let steps = to.checked_sub(from)?;
    if parts == 0 || parts > steps {
        return None;
    }
    let end = |part: u64| {
        let offset = u128::from(steps) * u128::from(part) / u128::from(parts);
        from + u64::try_from(offset).expect("no more than the steps")
    };
    Some((1..=parts).map(end).collect())
}

#[cfg(test)]
mod tests {
    use super::part_ends;

    #[test]
    fn parts_cover_a_stretch() {
        assert_eq!(part_ends(10, 20, 4), Some(vec![12, 15, 17, 20]));
        assert_eq!(part_ends(0, 3, 3), Some(vec![1, 2, 3]));
        assert_eq!(part_ends(7, 8, 1), Some(vec![8]));
        let long = part_ends(0, u64::MAX, 3).unwrap_or_default();
        assert_eq!(long, [u64::MAX / 3, u64::MAX / 3 * 2, u64::MAX]);
    }

    #[test]
    fn no_part_is_empty() {
        assert_eq!(part_ends(5, 5, 1), None);
        assert_eq!(part_ends(5, 4, 1), None);
        assert_eq!(part_ends(5, 9, 5), None);
        assert_eq!(part_ends(5, 9, 0), None);
    }
}
