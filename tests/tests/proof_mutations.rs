//! Proofs that were changed: every single bit, every length, every order. None may be accepted, none may panic.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use arbitrary::Unstructured;
use enshrine_prover::{EXIT, Machine, Proof, StateHash, Subject, verify_step};
use enshrine_runtime::{Fuel, module::GuestModule, program::Program};
use enshrine_tests::random::{Source, argument, module, seeded};

/// Proofs that are changed.
const PROOFS: usize = 1_000;

/// Proofs of one opcode, so that they are varied.
const PROOFS_PER_OPCODE: usize = 5;

/// Steps of a call that are looked at.
const STEPS: usize = 3_000;

#[derive(Clone)]
struct Sample {
    opcode: u16,
    before: StateHash,
    after: StateHash,
    proof: Proof,
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
        let module = GuestModule::parse(wasm).unwrap();
        let program = Arc::new(program);
        let blobs = [seeded(1, 10_000), seeded(2, 4096)].map(Arc::from);
        let [model, input] = blobs;
        let subject = Arc::new(Subject::new(Arc::clone(&program), model, input).unwrap());
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

fn samples() -> Vec<Sample> {
    let mut samples = Samples::default();
    let buffer = wast::parser::ParseBuffer::new(EVERYTHING).unwrap();
    let wasm = wast::parser::parse::<wast::Wat<'_>>(&buffer)
        .unwrap()
        .encode()
        .unwrap();
    samples.collect(&wasm, &mut Unstructured::new(&seeded(0, 4096)));
    for seed in 0.. {
        if samples.all.len() >= PROOFS {
            break;
        }
        assert!(seed < 2_000, "only {} proofs are varied", samples.all.len());
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
    samples.all
}

fn assert_rejected(sample: &Sample, changed: Vec<u8>, what: impl Fn() -> String) {
    if changed == sample.proof.as_bytes() {
        return;
    }
    let got = verify_step(sample.before, &Proof::new(changed));
    assert!(
        got.is_err(),
        "a proof of {:#06x} is accepted after {}: {got:?}",
        sample.opcode,
        what()
    );
}

fn change(sample: &Sample) {
    let bytes = sample.proof.as_bytes();
    assert_eq!(verify_step(sample.before, &sample.proof), Ok(sample.after));
    for bit in 0..8 * bytes.len() {
        let mut changed = bytes.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_rejected(sample, changed, || format!("flip of bit {bit}"));
    }
    for length in 0..bytes.len() {
        assert_rejected(sample, bytes[..length].to_vec(), || {
            format!("cut to {length}")
        });
    }
    for more in [
        &[0][..],
        &[0; 4],
        &[0; 32],
        &bytes[bytes.len() - 1..],
        &bytes[397..],
    ] {
        assert_rejected(sample, [bytes, more].concat(), || {
            format!("{} more bytes", more.len())
        });
    }
    reorder(sample, bytes);
}

/// Neighbouring stretches of a size that fields have, swapped, and one left out.
fn reorder(sample: &Sample, bytes: &[u8]) {
    for size in [4, 8, 16, 32, 36, 48, 52, 64] {
        for at in (1..bytes.len().saturating_sub(2 * size)).step_by(4) {
            let (first, second) = bytes[at..at + 2 * size].split_at(size);
            let swapped = [&bytes[..at], second, first, &bytes[at + 2 * size..]].concat();
            assert_rejected(sample, swapped, || format!("swap of {size} bytes at {at}"));
            let without = [&bytes[..at], &bytes[at + size..]].concat();
            assert_rejected(sample, without, || format!("{size} bytes left out at {at}"));
        }
    }
}

#[test]
fn no_changed_proof_is_accepted() {
    let samples = samples();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(sample) = samples.get(next.fetch_add(1, Ordering::Relaxed)) {
                    change(sample);
                }
            });
        }
    });
}

#[test]
fn a_proof_proves_nothing_about_another_state() {
    let samples = samples();
    for pair in samples.windows(2) {
        if pair[0].before != pair[1].before {
            let got = verify_step(pair[0].before, &pair[1].proof);
            assert!(got.is_err(), "{got:?}");
        }
    }
}

#[test]
fn proofs_of_terminal_states_have_one_form() {
    let failed = enshrine_prover::Terminal::Failed.hash();
    assert_eq!(verify_step(failed, &Proof::new(vec![0])), Ok(failed));
    for wrong in [&[][..], &[0, 0], &[1], &[2], &[3], &[255]] {
        assert!(verify_step(failed, &Proof::new(wrong.to_vec())).is_err());
    }
}
