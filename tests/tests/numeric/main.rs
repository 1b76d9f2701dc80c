//! Every instruction that only computes, as the step machine has it, against both engines.
//!
//! An instruction gets a module of its own: a loop that takes operands from memory and puts the result behind them. Its
//! exact build runs in wasmtime and in wasmi over edge values, each with each, and random ones. Operands for which the
//! step machine traps are tried one by one, and must fail in the engines too.

mod module;

use enshrine_prover::evaluate;
use enshrine_runtime::{
    compile::compile,
    engine::{Blobs, Build, EngineKind, Invoked},
    isa::{Family, Instruction, Signature, TABLE, Word, op},
    meter::NanMode,
};
use enshrine_tests::operands::{
    Operands, computes, crossed, lane_count, lane_word, random, soil, words,
};

use crate::module::{CASE_SIZE, module, results};

/// More than any loop needs.
const FUEL: u64 = 1 << 34;

/// Random operands of one word, beside the edge values.
const RANDOM_CASES: usize = 1000;

/// Operands for which an instruction traps that are tried in the engines, spread over all that there are.
const TRAPS: usize = 16;

#[test]
fn integers_are_those_of_the_engines() {
    check_family(Family::Integer);
}

#[test]
fn floats_are_those_of_the_engines() {
    check_family(Family::Float);
}

#[test]
fn conversions_are_those_of_the_engines() {
    check_family(Family::Conversion);
}

#[test]
fn vector_logic_is_that_of_the_engines() {
    check_family(Family::SimdLogic);
}

#[test]
fn vector_integers_are_those_of_the_engines() {
    check_family(Family::SimdInteger);
}

#[test]
fn vector_floats_are_those_of_the_engines() {
    check_family(Family::SimdFloat);
}

#[test]
fn vector_conversions_are_those_of_the_engines() {
    check_family(Family::SimdConversion);
}

#[test]
fn vector_lanes_are_those_of_the_engines() {
    check_family(Family::SimdLane);
}

#[test]
fn opcodes_of_no_pure_family_trap() {
    for opcode in 0..=u16::MAX {
        let known = TABLE.iter().find(|line| line.opcode == opcode);
        if !known.is_some_and(|line| computes(line.family)) {
            assert_eq!(evaluate(&Word::new(opcode), [1; 3]), None, "{opcode:04x}");
        }
    }
}

#[test]
fn lanes_that_no_vector_has_trap() {
    for instruction in family(Family::SimdLane) {
        let Some(count) = lane_count(instruction) else {
            continue;
        };
        for lane in [count, count + 1, 16, 255, 256, u16::MAX] {
            let word = lane_word(instruction.opcode, lane);
            assert_eq!(evaluate(&word, [0; 3]), None, "{word:?}");
        }
    }
    for lane in 0..16 {
        for byte in [32_u128, 128, 255] {
            let word = Word::with_imm(op::I8X16_SHUFFLE, byte << (8 * lane));
            assert_eq!(evaluate(&word, [0; 3]), None, "{word:?}");
        }
    }
}

fn family(family: Family) -> impl Iterator<Item = &'static Instruction> {
    TABLE.iter().filter(move |line| line.family == family)
}

fn check_family(of: Family) {
    assert!(family(of).next().is_some(), "{} is empty", of.name());
    for instruction in family(of) {
        for word in words(instruction) {
            Subject::new(instruction, word).check();
        }
    }
}

/// One word with its operands and the results that the step machine gives.
struct Subject {
    name: String,
    word: Word,
    signature: Signature,
    returning: Vec<(Operands, u128)>,
    trapping: Vec<Operands>,
}

impl Subject {
    fn new(instruction: &Instruction, word: Word) -> Self {
        let signature = instruction.signature.expect("pure instructions are typed");
        let mut subject = Self {
            name: format!("{} {word:?}", instruction.mnemonic),
            word,
            signature,
            returning: Vec::new(),
            trapping: Vec::new(),
        };
        let mut cases = crossed(signature.operands);
        let seed = u64::from(word.opcode);
        cases.extend(random(signature.operands, seed, RANDOM_CASES));
        for operands in cases {
            subject.add(operands);
        }
        subject
    }

    fn add(&mut self, operands: Operands) {
        let result = evaluate(&self.word, operands);
        let soiled = evaluate(&self.word, soil(operands, self.signature.operands));
        assert_eq!(result, soiled, "{} reads unused bits", self.name);
        match result {
            Some(result) => self.returning.push((operands, result)),
            None => self.trapping.push(operands),
        }
    }

    fn check(&self) {
        assert!(!self.returning.is_empty(), "{} only traps", self.name);
        let operands: Vec<_> = self.returning.iter().map(|case| case.0).collect();
        self.in_engines(&operands, Self::check_results);
        let traps = self.some_traps();
        self.in_engines(&traps, |subject, kind, build| {
            subject.check_traps(kind, build, &traps);
        });
    }

    /// Checks builds of a loop over cases.
    fn in_engines(&self, cases: &[Operands], check: impl Fn(&Self, EngineKind, &Build)) {
        if cases.is_empty() {
            return;
        }
        let wasm = module(&self.word, &self.signature, cases);
        let compiled = compile(&wasm).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        for kind in EngineKind::ALL {
            let build = Build::new(kind, &compiled, NanMode::Exact)
                .unwrap_or_else(|error| panic!("{}: {error}", self.name));
            check(self, kind, &build);
        }
    }

    fn check_results(&self, kind: EngineKind, build: &Build) {
        let memory = self
            .run(build, 0..self.returning.len())
            .unwrap_or_else(|| panic!("{} traps in {}", self.name, kind.name()));
        for ((operands, expected), got) in self.returning.iter().zip(results(&memory)) {
            let (name, kind) = (&self.name, kind.name());
            assert!(
                got == *expected,
                "{name} of {operands:x?}: {kind} has {got:x}, the step machine {expected:x}"
            );
        }
    }

    fn some_traps(&self) -> Vec<Operands> {
        let every = self.trapping.len().div_ceil(TRAPS).max(1);
        self.trapping.iter().step_by(every).copied().collect()
    }

    fn check_traps(&self, kind: EngineKind, build: &Build, traps: &[Operands]) {
        for (case, operands) in traps.iter().enumerate() {
            let ended = self.run(build, case..case + 1);
            let (name, kind) = (&self.name, kind.name());
            assert!(ended.is_none(), "{name} of {operands:x?} returns in {kind}");
        }
    }

    /// The memory after some cases, in a fresh instance; nothing if one trapped.
    fn run(&self, build: &Build, cases: std::ops::Range<usize>) -> Option<Vec<u8>> {
        let mut session = build
            .session(Blobs::default())
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let range = [cases.start, cases.end].map(|case| case as u128 * u128::from(CASE_SIZE));
        match session.invoke("run", &range, FUEL) {
            Ok(Invoked::Returned { .. }) => Some(session.memory().to_vec()),
            Ok(Invoked::Failed) => None,
            other => panic!("{}: {other:?}", self.name),
        }
    }
}
