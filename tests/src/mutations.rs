//! Varied proofs, and what can be done to them.

use std::{collections::BTreeMap, fmt, sync::Arc};

use arbitrary::Unstructured;
use enshrine_prover::{EXIT, Machine, Proof, RECORD_BYTES, StateHash, Subject};
use enshrine_runtime::{Fuel, module::GuestModule, program::Program};

use crate::random::{Source, argument, module, seeded};

/// Proofs that are collected.
const PROOFS: usize = 1_000;

/// Proofs of one opcode, so that they are varied.
const PROOFS_PER_OPCODE: usize = 5;

/// Steps of a call that are looked at.
const STEPS: usize = 3_000;

/// Random modules that are looked at, at most.
const MODULES: u64 = 2_000;

/// A step and its proof.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What the step executes, 0 if nothing.
    pub opcode: u16,
    /// Hash of the state before.
    pub before: StateHash,
    /// Hash of the state after.
    pub after: StateHash,
    /// The proof.
    pub proof: Proof,
}

#[derive(Default)]
struct Samples {
    by_opcode: BTreeMap<u16, usize>,
    all: Vec<Sample>,
}

impl Samples {
    /// Steps through every function of a module, and keeps proofs of what there are few of.
    fn collect(&mut self, wasm: &[u8], u: &mut Unstructured<'_>) {
        let Ok(program) = Program::lower(wasm) else {
            return;
        };
        let module = GuestModule::parse(wasm).expect("what was lowered is a module");
        let program = Arc::new(program);
        let blobs = [seeded(1, 10_000), seeded(2, 4096)].map(Arc::from);
        let [model, input] = blobs;
        let subject = Subject::new(Arc::clone(&program), model, input);
        let subject = Arc::new(subject.expect("the blobs are small"));
        let mut machine = Machine::new(subject, Fuel::from(0));
        for (index, ty) in module.functions.iter().enumerate() {
            let Some(entry) = program.entries[index] else {
                continue;
            };
            let params = module.types[*ty as usize].params();
            let args: Vec<_> = params.iter().map(|ty| argument(ty, u)).collect();
            machine.enter(entry, &args, STEPS as u64 - 100);
            self.walk(&mut machine);
        }
    }

    fn walk(&mut self, machine: &mut Machine) {
        for _ in 0..STEPS {
            if machine.registers().pc == EXIT {
                return;
            }
            let opcode = machine.next_word().map_or(0, |word| word.opcode);
            let known = self.by_opcode.entry(opcode).or_default();
            if *known >= PROOFS_PER_OPCODE || machine.terminal().is_some() {
                machine.step();
                continue;
            }
            *known += 1;
            let before = machine.hash();
            let proof = Proof::of_step(machine);
            self.all.push(Sample {
                opcode,
                before,
                after: machine.hash(),
                proof,
            });
        }
    }
}

/// What random modules do not do.
const EVERYTHING: &str = r#"(module
  (import "enshrine" "blob_len" (func $blob_len (param i32) (result i64)))
  (import "enshrine" "blob_page" (func $blob_page (param i32 i32 i32)))
  (import "enshrine" "output" (func $output (param i32 i32 i32)))
  (memory 2 4)
  (data $passive "passive data of a program, long enough for several leaves of thirty-two bytes each")
  (table 3 funcref)
  (elem (i32.const 1) $leaf)
  (type $leaf (func (param i32) (result i32)))
  (func $leaf (type $leaf) (i32.mul (local.get 0) (i32.const 3)))
  (func (export "host")
    (drop (call $blob_len (i32.const 0)))
    (call $blob_page (i32.const 0) (i32.const 2) (i32.const 4096))
    (call $blob_page (i32.const 1) (i32.const 7) (i32.const 0))
    (call $blob_page (i32.const 0) (i32.const 0xfffff) (i32.const 8192))
    (call $output (i32.const 5) (i32.const 100) (i32.const 70)))
  (func (export "bulk")
    (memory.init $passive (i32.const 29) (i32.const 3) (i32.const 70))
    (memory.copy (i32.const 31) (i32.const 30) (i32.const 40))
    (memory.copy (i32.const 30) (i32.const 31) (i32.const 40))
    (memory.fill (i32.const 4090) (i32.const 77) (i32.const 11))
    (data.drop $passive))
  (func (export "indirect") (result i32)
    (call_indirect (type $leaf) (i32.const 5) (i32.const 1)))
  (func (export "null") (result i32)
    (call_indirect (type $leaf) (i32.const 5) (i32.const 2)))
  (func (export "outside") (result i32)
    (call_indirect (type $leaf) (i32.const 5) (i32.const 300000)))
  (func (export "growth") (result i32)
    (drop (memory.grow (i32.const 1)))
    (i64.store (i32.const 131068) (i64.const -1))
    (memory.grow (i32.const 9)))
  (func (export "straddle") (param v128) (result v128)
    (v128.store (i32.const 4088) (local.get 0))
    (v128.load (i32.const 4090)))
)"#;

/// Proofs of steps of a module that does everything that random ones do not, and of random ones; the same ones each time.
///
/// # Panics
/// If random modules are not as varied as they were.
pub fn samples() -> Vec<Sample> {
    let mut samples = Samples::default();
    let wasm = everything().expect("the text is a module");
    samples.collect(&wasm, &mut Unstructured::new(&seeded(0, 4096)));
    for seed in 0..MODULES {
        if samples.all.len() >= PROOFS {
            return samples.all;
        }
        let source = if seed % 2 == 0 {
            Source::Shaped
        } else {
            Source::Smith
        };
        let bytes = seeded(seed, 8192);
        if let Ok((wasm, mut arguments)) = module(source, &bytes) {
            samples.collect(&wasm, &mut arguments);
        }
    }
    panic!("only {} proofs are varied", samples.all.len());
}

fn everything() -> Result<Vec<u8>, wast::Error> {
    let buffer = wast::parser::ParseBuffer::new(EVERYTHING)?;
    wast::parser::parse::<wast::Wat<'_>>(&buffer)?.encode()
}

/// Something that is done to the bytes of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A bit is flipped.
    Flip {
        /// Index of the bit.
        bit: usize,
    },
    /// The end is cut off.
    Cut {
        /// Bytes left.
        length: usize,
    },
    /// Zeros follow.
    Zeros {
        /// How many.
        count: usize,
    },
    /// The proof's own bytes follow once more.
    Again {
        /// Index of the first.
        from: usize,
    },
    /// Two stretches that follow each other are swapped.
    Swap {
        /// Index of the first stretch.
        at: usize,
        /// Bytes of each.
        size: usize,
    },
    /// A stretch is left out.
    Without {
        /// Its index.
        at: usize,
        /// Its bytes.
        size: usize,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flip { bit } => write!(f, "flip of bit {bit}"),
            Self::Cut { length } => write!(f, "cut to {length}"),
            Self::Zeros { count } => write!(f, "{count} more zeros"),
            Self::Again { from } => write!(f, "the bytes from {from} on once more"),
            Self::Swap { at, size } => write!(f, "swap of {size} bytes at {at}"),
            Self::Without { at, size } => write!(f, "{size} bytes left out at {at}"),
        }
    }
}

impl Change {
    /// The changed proof; nothing if it is the same.
    pub fn apply(&self, proof: &Proof) -> Option<Proof> {
        let bytes = proof.as_bytes();
        let changed = match *self {
            Self::Flip { bit } => {
                let mut changed = bytes.to_vec();
                changed[bit / 8] ^= 1 << (bit % 8);
                changed
            }
            Self::Cut { length } => bytes[..length].to_vec(),
            Self::Zeros { count } => [bytes, &vec![0; count]].concat(),
            Self::Again { from } => [bytes, &bytes[from..]].concat(),
            Self::Swap { at, size } => {
                let (first, second) = bytes[at..at + 2 * size].split_at(size);
                [&bytes[..at], second, first, &bytes[at + 2 * size..]].concat()
            }
            Self::Without { at, size } => [&bytes[..at], &bytes[at + size..]].concat(),
        };
        (changed != bytes).then(|| Proof::new(changed))
    }
}

/// Every bit, every length, bytes behind the end, and stretches of sizes that fields have, swapped or left out.
pub fn changes(proof: &Proof) -> impl Iterator<Item = Change> {
    let length = proof.as_bytes().len();
    let flips = (0..8 * length).map(|bit| Change::Flip { bit });
    let cuts = (0..length).map(|length| Change::Cut { length });
    let zeros = [1, 4, 32].map(|count| Change::Zeros { count });
    let witness = (1 + RECORD_BYTES).min(length);
    let again = [length.saturating_sub(1), witness].map(|from| Change::Again { from });
    flips
        .chain(cuts)
        .chain(zeros)
        .chain(again)
        .chain(reordered(length))
}

fn reordered(length: usize) -> impl Iterator<Item = Change> {
    let sizes = [4, 8, 16, 32, 36, 48, 52, 64];
    sizes.into_iter().flat_map(move |size| {
        let places = (1..length.saturating_sub(2 * size)).step_by(4);
        places.flat_map(move |at| [Change::Swap { at, size }, Change::Without { at, size }])
    })
}
