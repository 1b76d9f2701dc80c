//! Files that are no models any more: committed and crafted ones, changed at random.
//!
//! `ENSHRINE_ADVERSARIAL_FILES` sets how many are made of each kind.

use std::sync::LazyLock;

use enshrine_tests::random::seeded;

use crate::{
    bench::{EVERYWHERE, Ended, FUEL, agree, encode, file},
    onnx,
};

/// Files of each kind that a run makes.
const FILES: u64 = 500;

/// Every so many files one runs in every engine and build; the others on wasmtime only.
const EVERYWHERE_EVERY: u64 = 8;

/// Bytes at each end of a file in which half of all damage is done: what lies between are mostly weights.
const EDGE_BYTES: usize = 1500;

/// A model that answers, and its input.
struct Source {
    model: Vec<u8>,
    input: Vec<u8>,
}

static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let digit = file("samples/digit-7.bin");
    let source = |model, input| Source { model, input };
    vec![
        source(file("digits-cnn/model.onnx"), digit.clone()),
        source(file("digits-cnn-int8/model.onnx"), digit),
        source(file("tumour-mlp/model.onnx"), file("samples/tumour.bin")),
        source(onnx::perceptron(), encode(&[1.0; 4])),
        source(onnx::branches(), onnx::branches_input()),
    ]
});

/// Random choices.
struct Dice {
    bytes: std::vec::IntoIter<u8>,
}

impl Dice {
    fn new(kind: Kind, number: u64) -> Self {
        let bytes = seeded((kind as u64) << 32 | number, 4096);
        Self {
            bytes: bytes.into_iter(),
        }
    }

    /// A number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        let mut number = [0; 8];
        number.fill_with(|| self.bytes.next().unwrap());
        (u64::from_le_bytes(number) % limit as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }

    /// A place in a file.
    fn place(&mut self, length: usize) -> usize {
        let edge = EDGE_BYTES.min(length);
        match self.below(4) {
            0 => self.below(edge),
            1 => length - 1 - self.below(edge),
            _ => self.below(length),
        }
    }

    /// A part of a file, short as a rule.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.place(length);
        let longest = [4, 32, 256, length][self.below(4)];
        let end = start + 1 + self.below(longest);
        start..end.min(length)
    }
}

/// Ways to spoil a file.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Truncated,
    OneBit,
    ManyBits,
    Bytes,
    Spliced,
    Random,
}

impl Kind {
    fn spoil(self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let length = bytes.len();
        match self {
            Self::Truncated => bytes.truncate(dice.place(length)),
            Self::OneBit => bytes[dice.place(length)] ^= 1 << dice.below(8),
            Self::ManyBits => {
                for _ in 0..2 + dice.below(40) {
                    bytes[dice.place(length)] ^= 1 << dice.below(8);
                }
            }
            Self::Bytes => {
                for _ in 0..1 + dice.below(12) {
                    // The ends of a varint, and others.
                    let byte = dice.byte();
                    let choice = [0, 1, 0x7f, 0x80, 0xff, byte][dice.below(6)];
                    bytes[dice.place(length)] = choice;
                }
            }
            Self::Spliced => splice(bytes, dice),
            Self::Random => {
                let kept = if dice.below(2) == 0 {
                    0
                } else {
                    dice.below(length.min(200))
                };
                bytes.truncate(kept);
                let seed = dice.below(usize::MAX) as u64;
                bytes.extend(seeded(seed, dice.below(3000)));
            }
        }
    }
}

/// Puts a part of any source, or nothing, in the place of a part.
fn splice(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..1 + dice.below(3) {
        let from = &SOURCES[dice.below(SOURCES.len())].model;
        let part = match dice.below(3) {
            0 => Vec::new(),
            1 => bytes[dice.range(bytes.len())].to_vec(),
            _ => from[dice.range(from.len())].to_vec(),
        };
        let mut target = dice.range(bytes.len());
        if dice.below(2) == 0 {
            target.end = target.start;
        }
        bytes.splice(target, part);
        if bytes.is_empty() {
            return;
        }
    }
}

/// Counts of ends.
#[derive(Debug, Default)]
struct Tally {
    answered: u64,
    refused: u64,
    malformed: u64,
    failed: u64,
}

fn run(kind: Kind) -> Tally {
    let files = std::env::var("ENSHRINE_ADVERSARIAL_FILES");
    let files = files.map_or(FILES, |files| files.parse().unwrap());
    let mut tally = Tally::default();
    for number in 0..files {
        let mut dice = Dice::new(kind, number);
        let source = &SOURCES[dice.below(SOURCES.len())];
        let mut model = source.model.clone();
        kind.spoil(&mut model, &mut dice);
        let everywhere = number.is_multiple_of(EVERYWHERE_EVERY);
        let ways = if everywhere { 4 } else { 1 };
        let (_, ended) = agree(&model, &source.input, FUEL, &EVERYWHERE[..ways]);
        if ended == Ended::Failed {
            println!("{kind:?} {number} fails");
        }
        *match &ended {
            Ended::Answered(_) => &mut tally.answered,
            Ended::Refused(_) => &mut tally.refused,
            Ended::Malformed(_) => &mut tally.malformed,
            Ended::Failed => &mut tally.failed,
        } += 1;
    }
    println!("{kind:?}: {tally:?}");
    assert!(
        tally.failed * 50 <= files,
        "the guest refuses what it can tell"
    );
    tally
}

#[test]
fn sources_answer() {
    for Source { model, input } in &*SOURCES {
        let (_, ended) = agree(model, input, FUEL, &EVERYWHERE);
        assert!(matches!(ended, Ended::Answered(_)), "{ended:?}");
    }
}

#[test]
fn truncated_files() {
    let tally = run(Kind::Truncated);
    assert!(
        tally.refused > tally.answered + tally.malformed,
        "{tally:?}"
    );
}

#[test]
fn one_bit_flipped() {
    let tally = run(Kind::OneBit);
    assert!(tally.refused > 0 && tally.answered > 0, "{tally:?}");
}

#[test]
fn many_bits_flipped() {
    let tally = run(Kind::ManyBits);
    assert!(tally.refused > tally.answered, "{tally:?}");
}

#[test]
fn bytes_replaced() {
    let tally = run(Kind::Bytes);
    assert!(tally.refused > 0, "{tally:?}");
}

#[test]
fn parts_spliced() {
    let tally = run(Kind::Spliced);
    assert!(tally.refused > tally.answered, "{tally:?}");
}

#[test]
fn random_bytes() {
    let tally = run(Kind::Random);
    assert!(
        tally.refused > 9 * (tally.answered + tally.failed),
        "{tally:?}"
    );
}
