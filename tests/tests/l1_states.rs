//! States and words that no program reaches, in the contracts' bytecode against `verify_step`: records with edge values in each
//! field, and every opcode and odd fields of words.

use enshrine_l1::{L1Error, OneStepVerifier};
use enshrine_prover::{
    Proof, ProofError, RECORD_BYTES, Record, StateHash, WitnessError, verify_step,
};
use enshrine_runtime::isa::{TABLE, Word};
use enshrine_tests::{
    for_each,
    mutations::samples,
    synthetic::{self, Places},
};

/// Values around which something changes: heights, pages, code, numbers.
const EDGES: [u32; 18] = [
    0,
    1,
    2,
    3,
    4,
    15,
    16,
    127,
    128,
    0xffff,
    0x1_0000,
    0x1_0001,
    0x3_ffff,
    0x4_0000,
    0xff_ffff,
    0x100_0000,
    0x7fff_ffff,
    u32::MAX,
];

/// What the bytecode says; nothing if it refuses the proof.
fn bytecode(verifier: &OneStepVerifier, before: StateHash, proof: &Proof) -> Option<StateHash> {
    match verifier.prove_step(before, proof) {
        Ok(proved) => Some(proved.after),
        Err(L1Error::Rejected(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Holds both against each other, and once more without the bytes that the step does not use.
fn check(verifier: &OneStepVerifier, before: StateHash, proof: &Proof, what: &str) {
    let expected = verify_step(before, proof);
    let got = bytecode(verifier, before, proof);
    assert_eq!(
        got,
        expected.ok(),
        "{what}: the bytecode, then the step machine"
    );
    if let Err(ProofError::Witness(WitnessError::Long { got })) = expected {
        let bytes = proof.as_bytes();
        let used = Proof::new(bytes[..bytes.len() - got].to_vec());
        let what = format!("{what}, {got} bytes shorter");
        check(verifier, before, &used, &what);
    }
}

/// A proof with another record, and the hash of that.
fn with_record(proof: &Proof, change: impl Fn(&mut Record)) -> Option<(StateHash, Proof)> {
    let (kind, rest) = proof.as_bytes().split_first()?;
    let (fields, witness) = rest.split_first_chunk::<RECORD_BYTES>()?;
    let mut record = Record::decode(fields);
    change(&mut record);
    let bytes = [&[*kind][..], &record.encode(), witness].concat();
    Some((record.hash(), Proof::new(bytes)))
}

/// Sets a field of a record.
type Set = fn(&mut Record, u32);

const FIELDS: [(&str, Set); 9] = [
    ("pc", |record, value| record.registers.pc = value),
    ("return_pc", |record, value| record.return_pc = value),
    ("frames_height", |record, value| {
        record.frames_height = value
    }),
    ("stack_height", |record, value| record.stack_height = value),
    ("slots_left", |record, value| {
        record.registers.slots_left = value
    }),
    ("memory_pages", |record, value| {
        record.registers.memory_pages = value
    }),
    ("max_memory_pages", |record, value| {
        record.registers.max_memory_pages = value
    }),
    ("fuel_left", |record, value| {
        record.registers.fuel_left = value.into()
    }),
    ("fuel_aside", |record, value| {
        record.registers.fuel_aside = value.into()
    }),
];

#[test]
fn records_with_edge_values_lead_where_the_step_machine_leads() {
    let verifier = OneStepVerifier::deploy().expect("the committed contracts deploy");
    for_each(&samples(), |sample| {
        for (field, set) in FIELDS {
            for value in EDGES {
                let changed = with_record(&sample.proof, |record| set(record, value));
                let (before, proof) = changed.expect("the samples are of running states");
                let what = format!("opcode {:#06x} with {field} {value:#x}", sample.opcode);
                check(&verifier, before, &proof, &what);
            }
        }
    });
}

/// Words of an opcode with nothing in them, with everything, and with edge values; one of an opcode that no instruction has.
fn words(opcode: u16) -> Vec<Word> {
    let plain = Word::new(opcode);
    if TABLE.iter().all(|line| line.opcode != opcode) {
        return vec![plain];
    }
    let full = Word {
        a: u16::MAX,
        b: u32::MAX,
        c: u64::MAX,
        imm: u128::MAX,
        ..plain
    };
    let mut words = vec![plain, full];
    words.extend(EDGES.map(|b| Word { b, ..plain }));
    words.extend(EDGES.map(|c| Word {
        c: c.into(),
        ..plain
    }));
    words.extend([1, 2, 7, 8, 15, 16, 127, 128].map(|a| Word { a, ..plain }));
    let wide = [1 << 32, u64::MAX - 15, u64::MAX - 3, 1 << 63, (1 << 32) - 4];
    words.extend(wide.map(|c| Word { c, ..plain }));
    words
}

#[test]
fn words_that_no_compiler_makes_lead_where_the_step_machine_leads() {
    let verifier = OneStepVerifier::deploy().expect("the committed contracts deploy");
    let opcodes: Vec<_> = (0..=u16::MAX).collect();
    for_each(&opcodes, |opcode| {
        let words = words(*opcode);
        let operands: &[u128] = if words.len() == 1 {
            &[0]
        } else {
            &[0, 4, u128::MAX]
        };
        for word in words {
            for operand in operands.iter().copied() {
                let places = Places {
                    bits: 0,
                    straddling: false,
                };
                let (before, proof) = synthetic::proof(word, &[operand; 4], places);
                let what = format!("{word:?} of {operand:x}");
                check(&verifier, before, &proof, &what);
            }
        }
    });
}
