//! Checkpoints of traced builds against the naive machine, which is stepped to the same place.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use enshrine_runtime::{
    isa::op,
    program::Program,
    trace::{Checkpoint, TraceMap},
};

use crate::{
    naive::{EXIT, Failed, Machine},
    seeded::seeded,
    stepped::Hashes,
};

/// A call of no more steps is compared at every checkpoint there is.
const EVERY_STEPS: u64 = 1500;

/// Checkpoints compared of a longer call.
const STOPS: usize = 4;

/// Checkpoints of a run whose state is hashed: that many at first, then one in as many.
const HASHED: u64 = 16;

/// Word of the bootstrap that calls `infer`.
const CALL_INFER: u32 = 2;

/// What a checkpoint shows that the machine does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What differs.
    pub what: &'static str,
    /// The machine's.
    pub expected: String,
    /// The checkpoint's.
    pub got: String,
}

impl Mismatch {
    fn failed(step: Result<(), Failed>) -> Result<(), Self> {
        step.map_err(|failed| Self {
            what: "the machine has failed before the checkpoint",
            expected: format!("{failed:?}"),
            got: String::new(),
        })
    }

    fn check<T: std::fmt::Debug + PartialEq>(
        what: &'static str,
        expected: T,
        got: T,
    ) -> Result<(), Self> {
        if expected == got {
            return Ok(());
        }
        let (expected, got) = (format!("{expected:x?}"), format!("{got:x?}"));
        Err(Self {
            what,
            expected,
            got,
        })
    }
}

/// Which checkpoints of a run are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// All: where the machine enters a function or begins a loop, none may be missing.
    Every,
    /// Each the first that leaves less fuel than one of these, from the last on.
    Stops(Vec<u64>),
}

impl Plan {
    /// A plan for a run that begins with `fuel` and takes `steps`; random, but the same for the same `seed`.
    pub fn new(seed: u64, fuel: u64, steps: u64) -> Self {
        if steps <= EVERY_STEPS {
            return Self::Every;
        }
        Self::random(seed, STOPS, fuel - steps..fuel)
    }

    /// `count` random stops within `fuel`.
    pub fn random(seed: u64, count: usize, fuel: std::ops::Range<u64>) -> Self {
        let bytes = seeded(seed, 8 * count);
        let numbers = bytes
            .chunks_exact(8)
            .map(|bytes| u64::from_le_bytes(bytes.try_into().expect("8 bytes")));
        let length = (fuel.end - fuel.start).max(1);
        let mut stops: Vec<_> = numbers.map(|number| fuel.start + number % length).collect();
        stops.sort_unstable();
        Self::Stops(stops)
    }

    /// The next stop.
    pub fn next_stop(&mut self) -> Option<u64> {
        match self {
            Self::Every => Some(u64::MAX),
            Self::Stops(stops) => stops.pop(),
        }
    }
}

/// The naive machine beside a traced run.
#[derive(Debug)]
pub struct Beside {
    program: Arc<Program>,
    machine: Machine,
    plan: Plan,
    checks: Arc<Checks>,
    /// Where the next checkpoint is wanted, if that is known.
    stop: Option<u64>,
    /// What the step machine's states hash to.
    pub hashes: Option<Arc<Hashes>>,
    /// Writes of the machine when memory was last compared.
    writes: u64,
    /// Checkpoints that were compared.
    pub compared: u64,
    /// The first difference.
    pub mismatch: Option<Mismatch>,
}

/// Steps of the segment behind each place where there are checkpoints, by word.
pub type Checks = HashMap<u32, u64>;

/// The places where there are checkpoints. Two loops can begin at one word; then the inner one's segment counts.
pub fn checks(map: &TraceMap) -> Checks {
    let mut checks = Checks::new();
    for (pc, steps) in map.checks() {
        let known = checks.entry(pc).or_default();
        *known = u64::from(steps).max(*known);
    }
    checks
}

impl Beside {
    /// The machine where the run begins.
    pub fn new(program: Arc<Program>, machine: Machine, plan: Plan, checks: Arc<Checks>) -> Self {
        Self {
            program,
            writes: machine.writes(),
            machine,
            plan,
            checks,
            stop: None,
            hashes: None,
            compared: 0,
            mismatch: None,
        }
    }

    /// Where the next checkpoint is wanted.
    pub fn next_stop(&mut self) -> Option<u64> {
        self.stop = self.plan.next_stop();
        self.stop
    }

    /// Steps to the end of a run that returned: no checkpoint may be due any more.
    pub fn finish(&mut self) {
        let mut due = self.compared == 0 && self.is_due();
        while self.mismatch.is_none() && self.machine.pc() != EXIT {
            let step = Mismatch::check("a checkpoint passed by", false, due)
                .and_then(|()| Mismatch::failed(self.machine.step()));
            self.mismatch = step.err();
            due = self.is_due();
        }
    }

    /// Steps the machine through the end of `load`. The other phase has a plan of its own.
    pub fn end_load(&mut self, plan: Plan) {
        self.plan = plan;
        while self.mismatch.is_none() && self.machine.pc() != CALL_INFER {
            self.mismatch = Mismatch::failed(self.machine.step()).err();
        }
    }

    /// Compares the machine with a checkpoint below whose frames there are `below` that the machine does not have.
    /// The next stop.
    pub fn look(&mut self, checkpoint: &Checkpoint<'_>, below: usize) -> Option<u64> {
        if self.mismatch.is_some() {
            return None;
        }
        let compared = self
            .step_to(checkpoint)
            .and_then(|()| self.compare(checkpoint, below));
        self.compared += 1;
        self.mismatch = compared.err();
        self.next_stop()
    }

    fn step_to(&mut self, checkpoint: &Checkpoint<'_>) -> Result<(), Mismatch> {
        let mut here = self.machine.fuel_left() == checkpoint.fuel_left;
        // The place left behind was reported.
        let mut passed = self.compared == 0 && !here && self.is_due();
        while !here {
            Mismatch::check("a checkpoint passed by", false, passed)?;
            Mismatch::failed(self.machine.step())?;
            here = self.machine.fuel_left() <= checkpoint.fuel_left;
            passed = !here && self.is_due();
        }
        Mismatch::check("fuel left", self.machine.fuel_left(), checkpoint.fuel_left)?;
        let due = self.stop.is_none() || self.is_due();
        Mismatch::check("a checkpoint is due", true, due)
    }

    /// The segment that begins here leaves less fuel than was asked for.
    fn is_due(&self) -> bool {
        let steps = self.checks.get(&self.machine.pc());
        let due = steps.zip(self.stop);
        due.is_some_and(|(steps, stop)| self.machine.fuel_left() < stop.saturating_add(*steps))
    }

    fn compare(&mut self, checkpoint: &Checkpoint<'_>, below: usize) -> Result<(), Mismatch> {
        let Checkpoint {
            pc,
            fuel_left: _, // that is where the machine is
            slots_left,
            frames: _,
            stack,
            globals,
            memory,
            output_root,
        } = checkpoint;
        Mismatch::check("pc", self.machine.pc(), *pc)?;
        Mismatch::check("slots left", self.machine.slots_left(), *slots_left)?;
        self.compare_frames(checkpoint, below)?;
        Mismatch::check("stack", self.machine.stack(), stack)?;
        Mismatch::check("globals", self.machine.globals(), globals)?;
        let size = self.machine.memory().len();
        Mismatch::check("memory size", size, memory.len())?;
        self.compare_memory(memory)?;
        let root = self.machine.output().map_or([0; 32], |output| output.root);
        Mismatch::check("output root", &root, output_root.as_bytes())?;
        let hashed = self.compared < HASHED || self.compared.is_multiple_of(HASHED);
        let hashes = self.hashes.as_ref().filter(|_| hashed);
        let hashes = hashes.and_then(|hashes| hashes.at(checkpoint));
        hashes.map_or(Ok(()), |(expected, got)| {
            Mismatch::check("state hash", expected, got)
        })
    }

    /// Memory that nobody wrote since it was compared, or since the run began, is left alone: most checkpoints are such.
    fn compare_memory(&mut self, memory: &[u8]) -> Result<(), Mismatch> {
        if self.machine.writes() == self.writes {
            return Ok(());
        }
        self.writes = self.machine.writes();
        Mismatch::check("memory", true, self.machine.memory() == memory)
    }

    fn compare_frames(&self, checkpoint: &Checkpoint<'_>, below: usize) -> Result<(), Mismatch> {
        let got = checkpoint.frames.get(below..).unwrap_or_default();
        let frames = self.machine.frames();
        Mismatch::check("frames", frames.len(), got.len())?;
        for ((return_pc, locals), got) in frames.zip(got) {
            Mismatch::check("return pc", return_pc, got.return_pc)?;
            let enter = self.program.words[checkpoint.pc as usize];
            if locals.is_empty() && enter.opcode == op::ENTER {
                let zeros = got.locals.iter().all(|local| *local == 0);
                Mismatch::check("locals before `enter` are zero", true, zeros)?;
            } else {
                Mismatch::check("locals", locals, &got.locals)?;
            }
        }
        let last = got.last().map_or(0, |frame| frame.locals.len() as u64);
        let word = self.program.words[checkpoint.pc as usize];
        let locals = if word.opcode == op::ENTER {
            word.c
        } else {
            last
        };
        Mismatch::check("number of locals", locals, last)
    }
}

/// A watcher that compares, and the way to what it found.
pub fn watcher(
    beside: Beside,
) -> (
    Arc<Mutex<Beside>>,
    impl FnMut(Checkpoint<'_>) -> Option<u64> + Send + 'static,
) {
    let shared = Arc::new(Mutex::new(beside));
    let own = Arc::clone(&shared);
    let look = move |checkpoint: Checkpoint<'_>| {
        let mut beside = own.lock().unwrap_or_else(PoisonError::into_inner);
        beside.look(&checkpoint, 0)
    };
    (shared, look)
}
