//! What a step costs on L1 at most, by instruction, against the committed table `l1-contracts/snapshots/gas.txt`.
//!
//! The proofs are made by hand and have every sibling of every path, which no run's proof has. Operands are the costliest of
//! the edge values. With `ENSHRINE_UPDATE` set, the table is written anew instead; read the difference before committing it.

use std::{fmt::Write, path::PathBuf, sync::Mutex};

use enshrine_l1::{Gas, OneStepVerifier};
use enshrine_prover::{Terminal, verify_step};
use enshrine_runtime::{
    isa::{Family, Instruction, TABLE, Word, op},
    tree::TABLE_DEPTH,
};
use enshrine_tests::{
    for_each,
    operands::{Operands, computes, crossed, random, splats, words},
    synthetic::{self, Places},
};

/// Random operands of a word, beside the edge values.
const RANDOM_CASES: usize = 200;

/// Words with the costliest operands of which whole proofs are made.
const WORDS: usize = 8;

/// Bits of indices: the lowest, the highest, and mixed ones.
const BITS: [u32; 4] = [0, u32::MAX, 0x5555_5555, 0xaaaa_aaaa];

/// Most gas of a proof, calldata at the floor's price.
fn limit(line: &Line) -> u64 {
    let instruction = instruction(line.opcode);
    match (instruction.family, line.opcode) {
        (_, op::BLOB_PAGE) => 200_000,
        (Family::Integer | Family::Control | Family::Reserved, _) => 100_000,
        (Family::Stack, _) => 150_000,
        (Family::Memory | Family::SimdMemory, _) if line.straddling => 250_000,
        (Family::Memory | Family::SimdMemory, _) => 150_000,
        // A path through memory or data, or two, beside what a store has.
        (Family::Bulk, _) => 300_000,
        _ => 250_000,
    }
}

fn instruction(opcode: u16) -> &'static Instruction {
    let known = TABLE.iter().find(|line| line.opcode == opcode);
    known.expect("the table has it")
}

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    opcode: u16,
    /// Whether what lies in memory is in two leaves.
    straddling: bool,
    gas: Gas,
}

struct Bench {
    verifier: OneStepVerifier,
    lines: Mutex<Vec<Line>>,
}

impl Bench {
    /// The costliest proof of an instruction, and of one that reaches into two leaves.
    fn measure(&self, instruction: &Instruction) {
        let cases = self.cases(instruction);
        for straddling in [false, true] {
            let lines = BITS.iter().flat_map(|bits| {
                let places = Places {
                    bits: *bits,
                    straddling,
                };
                let cases = cases(places);
                cases
                    .into_iter()
                    .map(move |(word, operands)| (word, operands, places))
            });
            let gas = lines.map(|(word, operands, places)| self.gas(word, &operands, places));
            let gas = gas.max_by_key(|gas| (gas.total(), gas.execution));
            let line = Line {
                opcode: instruction.opcode,
                straddling,
                gas: gas.expect("there are cases"),
            };
            let mut lines = self.lines.lock().expect("no measurement panicked");
            let single = lines.iter().find(|known| known.opcode == line.opcode);
            // A line of its own only if it is another proof.
            if single.is_none_or(|single| single.gas.calldata_bytes != line.gas.calldata_bytes) {
                lines.push(line);
            }
        }
    }

    /// Gas of a proof, which must be one for the step machine too.
    fn gas(&self, word: Word, operands: &[u128], places: Places) -> Gas {
        let what = || format!("{word:?} of {operands:x?} at {places:x?}");
        let (before, proof) = synthetic::proof(word, operands, places);
        let expected = verify_step(before, &proof)
            .unwrap_or_else(|error| panic!("{}: the step machine says: {error}", what()));
        let fails = computes(instruction(word.opcode).family) || is_failure(word);
        assert!(
            fails || expected != Terminal::Failed.hash(),
            "{} fails",
            what()
        );
        let proved = self
            .verifier
            .prove_step(before, &proof)
            .unwrap_or_else(|error| panic!("{}: the bytecode says: {error}", what()));
        assert_eq!(proved.after, expected, "{}", what());
        proved.gas
    }

    /// Words and operands that are worth a proof, by where the step finds things.
    fn cases(&self, instruction: &Instruction) -> impl Fn(Places) -> Vec<(Word, Vec<u128>)> {
        let costly = computes(instruction.family).then(|| self.costly(instruction));
        let instruction = *instruction;
        move |places| match &costly {
            Some(costly) => costly.clone(),
            None => simple(&instruction, places),
        }
    }

    /// The costliest words and operands of an instruction that only computes: some that return, some that trap.
    fn costly(&self, instruction: &Instruction) -> Vec<(Word, Vec<u128>)> {
        let types = instruction.signature.expect("it is typed").operands;
        let cases = operands(instruction);
        let words = words(instruction);
        let both = [false, true].into_iter().flat_map(|traps| {
            let costs = words
                .iter()
                .filter_map(|word| self.costliest(*word, &cases, traps));
            let mut costs: Vec<_> = costs.collect();
            costs.sort_by_key(|(cost, ..)| std::cmp::Reverse(*cost));
            costs.into_iter().take(WORDS)
        });
        both.map(|(_, word, operands)| (word, operands[..types.len()].to_vec()))
            .collect()
    }

    /// Of operands for which a word traps, or of the others, the costliest.
    fn costliest(
        &self,
        word: Word,
        cases: &[Operands],
        traps: bool,
    ) -> Option<(u64, Word, Operands)> {
        let costs = cases.iter().filter_map(|operands| {
            let evaluated = self.verifier.evaluate(&word, *operands);
            let evaluated = evaluated.expect("a contract that computes answers");
            let cost = (evaluated.gas.execution, word, *operands);
            (evaluated.result.is_none() == traps).then_some(cost)
        });
        costs.max_by_key(|(cost, ..)| *cost)
    }
}

fn operands(instruction: &Instruction) -> Vec<Operands> {
    let types = instruction.signature.expect("it is typed").operands;
    let mut cases = crossed(types);
    cases.extend(random(types, instruction.opcode.into(), RANDOM_CASES));
    cases.extend(lane_widths(instruction.mnemonic).flat_map(splats));
    cases
}

/// Widths of the lanes that a vector instruction's name speaks of.
fn lane_widths(mnemonic: &str) -> impl Iterator<Item = u32> {
    let shapes = [("8x16", 8), ("16x8", 16), ("32x4", 32), ("64x2", 64)];
    let named = move |(shape, _): &(&str, u32)| mnemonic.contains(shape);
    shapes.into_iter().filter(named).map(|(_, width)| width)
}

/// Words that fail whatever the state is.
fn is_failure(word: Word) -> bool {
    word.opcode == op::UNREACHABLE || instruction(word.opcode).family == Family::Reserved
}

/// Words and operands of an instruction that reaches the state.
fn simple(instruction: &Instruction, places: Places) -> Vec<(Word, Vec<u128>)> {
    let opcode = instruction.opcode;
    let at = u128::from(places.address());
    let word = Word {
        b: 7,
        imm: u128::MAX,
        ..Word::new(opcode)
    };
    let local = Word {
        b: places.local(),
        ..word
    };
    let one = |word, operands: &[u128]| vec![(word, operands.to_vec())];
    match opcode {
        op::LOCAL_GET | op::LOCAL_TAKE | op::GLOBAL_GET => one(local, &[]),
        op::LOCAL_SET | op::LOCAL_TEE | op::GLOBAL_SET => one(local, &[u128::MAX]),
        op::CALL_INDIRECT => {
            let table = Word {
                c: 1 << TABLE_DEPTH,
                ..word
            };
            one(table, &[places.entry().into()])
        }
        op::MEMORY_FILL => one(word, &[at, 0xff, 4]),
        op::MEMORY_COPY => one(word, &[at, at, 4]),
        op::MEMORY_INIT => one(word, &[at, at, 4, u32::MAX.into()]),
        op::BLOB_PAGE => {
            let page = u128::from(places.page());
            one(word, &[1, page, page << 12])
        }
        op::OUTPUT => one(word, &[0, 0, at]),
        op::BLOB_LEN => vec![(word, vec![0]), (word, vec![1])],
        op::MEMORY_GROW => vec![(word, vec![0]), (word, vec![1])],
        _ => match instruction.family {
            Family::Memory | Family::SimdMemory => memory(instruction, word, at),
            _ => any(instruction, word),
        },
    }
}

/// Loads, stores and the size of the memory: the address is the lowest operand but for loads of lanes.
fn memory(instruction: &Instruction, word: Word, at: u128) -> Vec<(Word, Vec<u128>)> {
    let types = instruction.signature.expect("it is typed").operands;
    let values = [0, u128::MAX, u128::MAX / 3];
    let operands = |value| {
        types
            .iter()
            .enumerate()
            .map(move |(index, _)| [at, value][index])
    };
    values
        .map(|value| (word, operands(value).collect()))
        .to_vec()
}

/// Operands that are nothing, one and everything.
fn any(instruction: &Instruction, word: Word) -> Vec<(Word, Vec<u128>)> {
    let count = instruction
        .signature
        .map_or(0, |sides| sides.operands.len());
    let operands = |value| vec![value; count];
    [0, 1, u128::MAX]
        .map(|value| (word, operands(value)))
        .to_vec()
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../l1-contracts/snapshots/gas.txt")
}

fn table(lines: &[Line]) -> String {
    let mut text = String::from(
        "# Gas of the costliest proof of a step, by instruction: no sibling of a path is a tree of zeros, operands are the\n\
         # costliest edge values. Calldata is that of `proveStep`, at 40 gas a byte and 10 a zero byte. A second line is of\n\
         # what lies in two leaves. `ENSHRINE_UPDATE=1 cargo test --release --workspace --test l1_gas` writes this.\n",
    );
    let mut put = |columns: [&str; 6]| {
        let [opcode, name, family, execution, bytes, total] = columns;
        let _ = writeln!(
            text,
            "{opcode:<6} {name:<32} {family:<16} {execution:>10} {bytes:>8} {total:>8}"
        );
    };
    put([
        "opcode",
        "instruction",
        "family",
        "execution",
        "calldata",
        "total",
    ]);
    for line in lines {
        let instruction = instruction(line.opcode);
        let leaves = if line.straddling { ", two leaves" } else { "" };
        put([
            &format!("{:04x}", line.opcode),
            &format!("{}{leaves}", instruction.mnemonic),
            instruction.family.name(),
            &line.gas.execution.to_string(),
            &line.gas.calldata_bytes.to_string(),
            &line.gas.total().to_string(),
        ]);
    }
    text
}

#[test]
fn steps_cost_what_is_committed_and_no_more_than_they_may() {
    let bench = Bench {
        verifier: OneStepVerifier::deploy().expect("the committed contracts deploy"),
        lines: Mutex::default(),
    };
    for_each(TABLE, |instruction| bench.measure(instruction));
    let mut lines = bench.lines.into_inner().expect("no measurement panicked");
    lines.sort_unstable();
    let text = table(&lines);
    if std::env::var_os("ENSHRINE_UPDATE").is_some() {
        std::fs::create_dir_all(path().with_file_name("")).expect("the folder can be made");
        std::fs::write(path(), &text).expect("the folder is there");
    }
    check_limits(&lines);
    let committed = std::fs::read_to_string(path()).unwrap_or_default();
    for (got, expected) in text.lines().zip(committed.lines()) {
        assert_eq!(
            got, expected,
            "gas moved; write the table anew if that is meant"
        );
    }
    assert_eq!(text.len(), committed.len(), "the table has other lines");
}

/// The gas of whole games, in forge and in docs/economics.md, is counted with the costliest proof of the table.
#[test]
fn games_are_counted_with_the_costliest_proof() {
    let table = std::fs::read_to_string(path()).expect("the table is committed");
    let totals = table
        .lines()
        .filter_map(|line| line.split(' ').next_back()?.parse().ok());
    let most: u64 = totals.max().expect("the table has lines");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let game = std::fs::read_to_string(root.join("l1-contracts/test/dispute/GameGas.t.sol"));
    let game = game.expect("the games' test is committed");
    let counted = game
        .lines()
        .find_map(|line| {
            line.trim()
                .strip_prefix("uint256 internal constant VERIFIER_GAS = ")
        })
        .expect("it counts the verifier");
    let counted = counted.trim_end_matches(';').replace('_', "").parse();
    assert_eq!(counted, Ok(most), "VERIFIER_GAS");
    let page = std::fs::read_to_string(root.join("docs/economics.md"));
    let page = page.expect("the page is committed");
    let said = format!("{},{:03} of the verifier", most / 1_000, most % 1_000);
    assert!(page.contains(&said), "docs/economics.md: {said}");
}

fn check_limits(lines: &[Line]) {
    let above = lines.iter().filter(|line| line.gas.total() > limit(line));
    let above: Vec<_> = above.copied().collect();
    assert!(above.is_empty(), "above their limits:\n{}", table(&above));
}
