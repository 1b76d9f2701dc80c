//! One module in the naive machine and in every metered build and engine, call by call.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
};

use enshrine_runtime::{
    RuntimeError,
    compile::{compile, trace},
    engine::{self, Build, EngineKind, Invoked, Session},
    meter::NanMode,
    module::{GuestModule, ModuleError},
    program::Program,
};
use wasmparser::{ExternalKind, ValType};

use crate::{
    naive::{Blobs, Failed, Machine},
    stepped::{Hashes, Observer, Stepped},
    traced::{self, Beside, Checks, Plan},
};

/// Steps of each call that the step machine proves, if nothing else is asked for.
const PROVED_STEPS: u64 = 1_000;

/// Engine and build of a contestant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entrant {
    /// Engine.
    pub kind: EngineKind,
    /// How NaNs are settled.
    pub mode: NanMode,
    /// Metered, or traced: then the machine is looked at on the way.
    pub traced: bool,
}

impl std::fmt::Display for Entrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let form = if self.traced { "traced" } else { "metered" };
        write!(f, "{} {} {form}", self.kind, self.mode.name())
    }
}

/// Engines and builds that are compared with the naive machine.
pub fn entrants() -> impl Iterator<Item = Entrant> {
    [false, true].into_iter().flat_map(|traced| {
        EngineKind::ALL.into_iter().flat_map(move |kind| {
            [NanMode::Speculative, NanMode::Exact].map(|mode| Entrant { kind, mode, traced })
        })
    })
}

/// Least fuel that a failed run must have left for its memory to be comparable: builds charge whole segments, so they
/// notice exhausted fuel some stores earlier or later than the machine.
const COMPARABLE_FUEL: u64 = 1 << 14;

/// Something that is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum Finding {
    /// The module is outside the profile.
    #[error(transparent)]
    Module(#[from] ModuleError),
    /// An engine or the host gave up.
    #[error("{who}: {error}")]
    Host {
        /// Engine and build.
        who: String,
        /// Its error.
        error: RuntimeError,
    },
    /// A contestant differs from the naive machine.
    #[error("{who} in `{export}`: {what}: expected {expected}, got {got}")]
    Differs {
        /// Engine and build.
        who: String,
        /// Function called.
        export: String,
        /// What differs.
        what: &'static str,
        /// The naive machine's.
        expected: String,
        /// The contestant's.
        got: String,
    },
    /// Who is shown the steps found something.
    #[error("a step in `{export}`: {reason}")]
    Observed {
        /// Function called.
        export: String,
        /// What was found.
        reason: String,
    },
    /// There is no such exported function.
    #[error("no exported function `{0}`")]
    NoExport(String),
}

impl Finding {
    /// A difference, with values in hexadecimal.
    pub fn differs(
        who: impl Into<String>,
        export: &str,
        what: &'static str,
        expected: impl std::fmt::Debug,
        got: impl std::fmt::Debug,
    ) -> Self {
        let export = export.to_owned();
        let (expected, got) = (format!("{expected:x?}"), format!("{got:x?}"));
        Self::Differs {
            who: who.into(),
            export,
            what,
            expected,
            got,
        }
    }
}

/// How a call ended, in every contestant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With results.
    Returned {
        /// Bits of the results.
        results: Vec<u128>,
        /// Steps.
        steps: u64,
    },
    /// In failure.
    Failed(Failed),
}

/// An exported function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Name of the export.
    pub name: String,
    /// Parameter types.
    pub params: Vec<ValType>,
    /// Result types.
    pub results: Vec<ValType>,
    entry: u32,
}

impl Function {
    /// Scalars leave a function untested for NaN, so a NaN that a speculative build returns may have any bits.
    fn returns_nan(&self, results: &[u128]) -> bool {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "scalars are the low bits of a value"
        )]
        let nan = |(ty, bits): (&ValType, &u128)| match ty {
            ValType::F32 => f32::from_bits(*bits as u32).is_nan(),
            ValType::F64 => f64::from_bits(*bits as u64).is_nan(),
            _ => false,
        };
        self.results.iter().zip(results).any(nan)
    }
}

#[derive(Clone, Debug)]
struct Call {
    export: String,
    args: Vec<u128>,
    fuel: u64,
}

#[derive(Debug)]
struct Contestant {
    entrant: Entrant,
    session: Session,
}

impl Contestant {
    fn new(entrant: Entrant, subject: &Subject) -> Result<Self, Finding> {
        let blobs = &subject.blobs;
        let blobs = engine::Blobs::new(blobs.model.clone(), blobs.input.clone());
        let session = subject.builds[&entrant]
            .session(blobs)
            .map_err(host(entrant))?;
        Ok(Self { entrant, session })
    }

    /// Calls a function, and compares it on the way if the machine is there.
    fn invoke(
        &mut self,
        function: &Function,
        call: &Call,
        beside: Option<Beside>,
    ) -> Result<Invoked, Finding> {
        let invoked = match beside {
            Some(beside) => self.trace(call, beside)?,
            None => self
                .session
                .invoke(&call.export, &call.args, call.fuel)
                .map_err(host(self.entrant))?,
        };
        Ok(match invoked {
            Invoked::Returned { results, .. }
                if self.entrant.mode == NanMode::Speculative && function.returns_nan(&results) =>
            {
                Invoked::NanSeen
            }
            other => other,
        })
    }

    fn trace(&mut self, call: &Call, mut beside: Beside) -> Result<Invoked, Finding> {
        let stop = beside.next_stop();
        let (found, watcher) = traced::watcher(beside);
        let invoked = self
            .session
            .trace(&call.export, &call.args, call.fuel, stop, watcher)
            .map_err(host(self.entrant))?;
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(invoked, Invoked::Returned { .. }) {
            found.finish();
        }
        match &found.mismatch {
            Some(mismatch) => Err(Finding::Differs {
                who: self.entrant.to_string(),
                export: call.export.clone(),
                what: mismatch.what,
                expected: mismatch.expected.clone(),
                got: mismatch.got.clone(),
            }),
            None => Ok(invoked),
        }
    }

    fn differs(
        &self,
        export: &str,
        what: &'static str,
        expected: impl std::fmt::Debug,
        got: impl std::fmt::Debug,
    ) -> Finding {
        Finding::differs(self.entrant.to_string(), export, what, expected, got)
    }
}

fn host(entrant: Entrant) -> impl FnOnce(RuntimeError) -> Finding {
    move |error| Finding::Host {
        who: entrant.to_string(),
        error,
    }
}

/// What all instances of a module share.
#[derive(Debug)]
struct Subject {
    program: Arc<Program>,
    checks: Arc<Checks>,
    builds: HashMap<Entrant, Build>,
    functions: HashMap<String, Function>,
    globals: HashMap<String, u32>,
    blobs: Blobs,
    setup: Setup,
}

/// Who runs a module beside the naive machine and the step machine, and who looks on.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Engines and builds.
    pub entrants: Vec<Entrant>,
    /// Who is shown the steps that are proved.
    pub observer: Option<Arc<dyn Observer>>,
    /// Steps of each call that the step machine proves.
    pub proved_steps: u64,
}

impl Default for Setup {
    /// All engines and builds.
    fn default() -> Self {
        Self {
            entrants: entrants().collect(),
            observer: None,
            proved_steps: PROVED_STEPS,
        }
    }
}

impl Subject {
    fn new(wasm: &[u8], blobs: Blobs, setup: &Setup) -> Result<Self, Finding> {
        let compiled = compile(wasm)?;
        let module = GuestModule::parse(wasm)?;
        let functions = functions(&module, &compiled.program);
        let exports = module
            .exports
            .iter()
            .filter(|export| export.kind == ExternalKind::Global);
        let globals = exports
            .map(|export| (export.name.to_owned(), export.index))
            .collect();
        let mut builds = HashMap::new();
        let mut checks = Checks::new();
        for entrant in setup.entrants.iter().copied() {
            let Entrant { kind, mode, traced } = entrant;
            let build = if traced {
                let traced = trace(wasm, mode)?;
                checks = traced::checks(&traced.map);
                Build::traced(kind, &traced)
            } else {
                Build::new(kind, &compiled, mode)
            };
            builds.insert(entrant, build.map_err(host(entrant))?);
        }
        Ok(Self {
            checks: Arc::new(checks),
            program: Arc::new(compiled.program),
            builds,
            functions,
            globals,
            blobs,
            setup: setup.clone(),
        })
    }
}

/// A module in all machines at once.
#[derive(Debug)]
pub struct Lockstep {
    subject: Arc<Subject>,
    machine: Machine,
    contestants: Vec<Contestant>,
    /// The step machine, until a call has run out of fuel: within a bulk instruction it leaves another memory then.
    stepped: Option<Stepped>,
    /// Calls that wrote to memory or globals.
    history: Vec<Call>,
    abandoned: u64,
    calls: u64,
    proofs: u64,
    traced_abandoned: u64,
}

impl Lockstep {
    /// Compiles and instantiates `wasm` everywhere.
    ///
    /// # Errors
    /// [`Finding::Module`] if it is outside the profile, [`Finding::Host`] if an engine does not take it.
    pub fn new(wasm: &[u8], blobs: Blobs) -> Result<Self, Finding> {
        Self::with_setup(wasm, blobs, &Setup::default())
    }

    /// Compiles and instantiates `wasm` in the naive machine, in the step machine and wherever `setup` says.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_setup(wasm: &[u8], blobs: Blobs, setup: &Setup) -> Result<Self, Finding> {
        Self::start(Arc::new(Subject::new(wasm, blobs, setup)?))
    }

    /// The same module in its initial state.
    ///
    /// # Errors
    /// [`Finding::Host`] if an engine cannot.
    pub fn fresh(&self) -> Result<Self, Finding> {
        Self::start(Arc::clone(&self.subject))
    }

    fn start(subject: Arc<Subject>) -> Result<Self, Finding> {
        let machine = Machine::new(Arc::clone(&subject.program), subject.blobs.clone());
        let Setup {
            entrants,
            observer,
            proved_steps,
        } = subject.setup.clone();
        let contestants = entrants
            .into_iter()
            .map(|entrant| Contestant::new(entrant, &subject))
            .collect::<Result<_, _>>()?;
        let program = Arc::clone(&subject.program);
        let stepped = Stepped::new(program, &subject.blobs, proved_steps, observer)?;
        Ok(Self {
            subject,
            machine,
            contestants,
            stepped: Some(stepped),
            history: Vec::new(),
            abandoned: 0,
            calls: 0,
            proofs: 0,
            traced_abandoned: 0,
        })
    }

    /// Exported functions by name.
    pub fn functions(&self) -> Vec<Function> {
        let mut functions: Vec<_> = self.subject.functions.values().cloned().collect();
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        functions
    }

    /// Bits of an exported global.
    pub fn global(&self, export: &str) -> Option<u128> {
        self.machine.global(*self.subject.globals.get(export)?)
    }

    /// The naive machine.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Speculative runs of metered builds so far that were abandoned for a NaN.
    pub fn abandoned(&self) -> u64 {
        self.abandoned
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// Steps proved so far.
    pub fn proofs(&self) -> u64 {
        self.proofs
    }

    /// Speculative runs of traced builds so far that were abandoned for a NaN.
    pub fn traced_abandoned(&self) -> u64 {
        self.traced_abandoned
    }

    /// Calls `export` everywhere and compares outcome, results, steps, memory and globals.
    ///
    /// # Errors
    /// The first [`Finding`].
    pub fn call(&mut self, export: &str, args: &[u128], fuel: u64) -> Result<Answer, Finding> {
        let function = self.subject.functions.get(export).cloned();
        let function = function.ok_or_else(|| Finding::NoExport(export.to_owned()))?;
        let call = Call {
            export: export.to_owned(),
            args: args.to_vec(),
            fuel,
        };
        let mut before = self.machine.clone();
        let answer = match self.machine.invoke(function.entry, args, fuel) {
            Ok(returned) => Answer::Returned {
                results: returned.results,
                steps: returned.steps,
            },
            Err(failed) => Answer::Failed(failed),
        };
        let wrote = self.machine.writes() != before.writes();
        self.calls += 1;
        let hashes = self.step(&function, &call, &answer)?.map(Arc::new);
        before.begin(function.entry, args, fuel);
        for index in 0..self.contestants.len() {
            let traced = self.contestants[index].entrant.traced;
            let beside = traced.then(|| self.beside(&before, &call, hashes.clone()));
            self.compare(index, &function, &call, &answer, (wrote, beside))?;
        }
        if wrote {
            self.history.push(call);
        }
        Ok(answer)
    }

    /// The call in the step machine; the hashes of the states that it proved.
    fn step(
        &mut self,
        function: &Function,
        call: &Call,
        answer: &Answer,
    ) -> Result<Option<Hashes>, Finding> {
        let Some(mut stepped) = self.stepped.take() else {
            return Ok(None);
        };
        let Call { export, args, fuel } = call;
        let hashes = stepped.call(export, function.entry, (args, *fuel), answer)?;
        self.proofs += hashes.count();
        if *answer != Answer::Failed(Failed::OutOfFuel) {
            stepped.same_state(export, &self.machine)?;
            self.stepped = Some(stepped);
        }
        Ok(Some(hashes))
    }

    /// The machine before the call, and where to look at it.
    fn beside(&self, before: &Machine, call: &Call, hashes: Option<Arc<Hashes>>) -> Beside {
        let steps = call.fuel - self.machine.fuel_left();
        let plan = Plan::new(steps, call.fuel, steps);
        let (program, checks) = (&self.subject.program, &self.subject.checks);
        let mut beside = Beside::new(
            Arc::clone(program),
            before.clone(),
            plan,
            Arc::clone(checks),
        );
        beside.hashes = hashes;
        beside
    }

    fn compare(
        &mut self,
        index: usize,
        function: &Function,
        call: &Call,
        answer: &Answer,
        (wrote, beside): (bool, Option<Beside>),
    ) -> Result<(), Finding> {
        let Entrant { mode, traced, .. } = self.contestants[index].entrant;
        let mut got = self.contestants[index].invoke(function, call, beside)?;
        if got == Invoked::NanSeen && mode == NanMode::Speculative {
            *(if traced {
                &mut self.traced_abandoned
            } else {
                &mut self.abandoned
            }) += 1;
            // Up to the NaN the run was the machine's, so if that wrote nothing the instance is as before.
            if !wrote {
                return Ok(());
            }
            got = self.replay(index, function, call)?;
        }
        let contestant = &mut self.contestants[index];
        same_answer(contestant, call, answer, &got)?;
        let comparable = *answer != Answer::Failed(Failed::OutOfFuel)
            && (matches!(answer, Answer::Returned { .. })
                || self.machine.fuel_left() >= COMPARABLE_FUEL);
        if wrote && comparable {
            same_state(contestant, &call.export, &self.machine)?;
        }
        Ok(())
    }

    /// Starts the contestant again in the exact build, up to and with `call`.
    fn replay(
        &mut self,
        index: usize,
        function: &Function,
        call: &Call,
    ) -> Result<Invoked, Finding> {
        let exact = Entrant {
            mode: NanMode::Exact,
            ..self.contestants[index].entrant
        };
        let mut contestant = Contestant::new(exact, &self.subject)?;
        for earlier in &self.history {
            contestant.invoke(&self.subject.functions[&earlier.export], earlier, None)?;
        }
        let invoked = contestant.invoke(function, call, None)?;
        self.contestants[index] = contestant;
        Ok(invoked)
    }

    /// Compares memory and globals once more, whatever was called.
    ///
    /// # Errors
    /// The first [`Finding`].
    pub fn compare_state(&mut self) -> Result<(), Finding> {
        for contestant in &mut self.contestants {
            same_state(contestant, "(end)", &self.machine)?;
        }
        Ok(())
    }
}

fn functions(module: &GuestModule<'_>, program: &Program) -> HashMap<String, Function> {
    let functions = module
        .exports
        .iter()
        .filter(|export| export.kind == ExternalKind::Func);
    let functions = functions.filter_map(|export| {
        let ty = &module.types[module.functions[export.index as usize] as usize];
        let entry = program.entries[export.index as usize]?;
        let (params, results) = (ty.params().to_vec(), ty.results().to_vec());
        Some(Function {
            name: export.name.to_owned(),
            params,
            results,
            entry,
        })
    });
    functions
        .map(|function| (function.name.clone(), function))
        .collect()
}

fn same_answer(
    contestant: &Contestant,
    call: &Call,
    answer: &Answer,
    got: &Invoked,
) -> Result<(), Finding> {
    let export = &call.export;
    match (answer, got) {
        (Answer::Failed(_), Invoked::Failed) => Ok(()),
        (Answer::Returned { results, .. }, Invoked::Returned { results: got, .. })
            if results != got =>
        {
            Err(contestant.differs(export, "results", results, got))
        }
        (Answer::Returned { steps, .. }, Invoked::Returned { fuel_left, .. }) => {
            let got = call.fuel - fuel_left;
            if *steps != got {
                return Err(contestant.differs(export, "steps (hexadecimal)", steps, got));
            }
            Ok(())
        }
        _ => Err(contestant.differs(export, "outcome", answer, got)),
    }
}

fn same_state(contestant: &mut Contestant, export: &str, machine: &Machine) -> Result<(), Finding> {
    let got = contestant.session.memory();
    let expected = machine.memory();
    if expected.len() != got.len() {
        return Err(contestant.differs(export, "memory size", expected.len(), got.len()));
    }
    if expected != got {
        let at = expected
            .iter()
            .zip(got)
            .position(|(a, b)| a != b)
            .unwrap_or(0);
        let end = expected.len().min(at + 16);
        return Err(contestant.differs(
            export,
            "memory (offset and bytes)",
            (at, &expected[at..end]),
            (at, &got[at..end]),
        ));
    }
    for (number, got) in contestant.session.globals() {
        let expected = u32::try_from(number)
            .ok()
            .and_then(|number| machine.global(number));
        if expected != Some(got) {
            return Err(contestant.differs(export, "global", (number, expected), (number, got)));
        }
    }
    Ok(())
}
