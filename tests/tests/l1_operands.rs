//! Instructions that only compute, in the contracts' bytecode against the step machine: edge values, each with each, and
//! `ENSHRINE_L1_OPERANDS` sets of random ones in all.

use enshrine_l1::OneStepVerifier;
use enshrine_prover::evaluate;
use enshrine_runtime::isa::{Family, Instruction, TABLE, Word, op};
use enshrine_tests::{
    for_each, number,
    operands::{
        Operands, computes, computing, crossed, lane_count, lane_word, random, soil, words,
    },
};

/// Random sets of operands, if nothing else is asked for.
const OPERANDS: usize = 1_000_000;

#[test]
fn the_bytecode_computes_what_the_step_machine_computes() {
    let verifier = OneStepVerifier::deploy().expect("the committed contracts deploy");
    let words: Vec<_> = computing()
        .flat_map(|instruction| {
            words(instruction)
                .into_iter()
                .map(move |word| (instruction, word))
        })
        .collect();
    let each = number("ENSHRINE_L1_OPERANDS", OPERANDS).div_ceil(words.len());
    for_each(&words, |(instruction, word)| {
        for operands in cases(instruction, word, each) {
            check(&verifier, instruction.mnemonic, word, operands);
        }
    });
}

/// All edge values and so many random ones; every other one with bits that no instruction may read.
fn cases(instruction: &Instruction, word: &Word, count: usize) -> Vec<Operands> {
    let types = instruction.signature.expect("it is typed").operands;
    let mut cases = crossed(types);
    let seed = u64::from(word.opcode) << 16 | u64::from(word.a);
    cases.extend(random(types, seed, count));
    for operands in cases.iter_mut().step_by(2) {
        *operands = soil(*operands, types);
    }
    cases
}

fn check(verifier: &OneStepVerifier, name: &str, word: &Word, operands: Operands) {
    let expected = evaluate(word, operands);
    let got = verifier
        .evaluate(word, operands)
        .unwrap_or_else(|error| panic!("{name} {word:?} of {operands:x?}: {error}"))
        .result;
    assert!(
        got == expected,
        "{name} {word:?} of {operands:x?}: the bytecode has {got:x?}, the step machine {expected:x?}"
    );
}

#[test]
fn contracts_compute_nothing_but_their_family_s_instructions() {
    let verifier = OneStepVerifier::deploy().expect("the committed contracts deploy");
    let of = |opcode: u16| TABLE.iter().find(|line| line.opcode == opcode);
    let pages = [0x00, 0x01, 0xe0, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];
    let opcodes: Vec<u16> = pages
        .iter()
        .flat_map(|page| (0..=0xff).map(move |low| page << 8 | low))
        .collect();
    let families = Family::ALL.into_iter().filter(|family| computes(*family));
    for_each(&families.collect::<Vec<_>>(), |family| {
        for opcode in opcodes.iter().copied() {
            if of(opcode).is_some_and(|line| line.family == *family) {
                continue;
            }
            let got = verifier.evaluate_in(*family, &Word::new(opcode), [1; 3]);
            let got = got.expect("a contract that computes answers").result;
            assert_eq!(got, None, "{opcode:#06x} in {}", family.name());
        }
    });
}

#[test]
fn lanes_that_no_vector_has_trap() {
    let verifier = OneStepVerifier::deploy().expect("the committed contracts deploy");
    let lanes = TABLE.iter().filter(|line| line.family == Family::SimdLane);
    for instruction in lanes {
        let Some(count) = lane_count(instruction) else {
            continue;
        };
        for lane in [count, count + 1, 16, 255, 256, u16::MAX] {
            let word = lane_word(instruction.opcode, lane);
            check(&verifier, instruction.mnemonic, &word, [1; 3]);
        }
    }
    for lane in 0..16 {
        for byte in [32_u128, 128, 255] {
            let word = Word::with_imm(op::I8X16_SHUFFLE, byte << (8 * lane));
            check(&verifier, "i8x16.shuffle", &word, [u128::MAX; 3]);
        }
    }
}

#[test]
fn fields_that_an_instruction_does_not_read_change_nothing() {
    let verifier = OneStepVerifier::deploy().expect("the committed contracts deploy");
    for instruction in computing() {
        let word = Word {
            b: u32::MAX,
            c: u64::MAX,
            ..words(instruction)[0]
        };
        let reads_imm = instruction.opcode == op::I8X16_SHUFFLE;
        let imm = if reads_imm { word.imm } else { u128::MAX };
        check(
            &verifier,
            instruction.mnemonic,
            &Word { imm, ..word },
            [3; 3],
        );
    }
}
