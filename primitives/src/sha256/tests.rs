use super::{
    hash_node,
    lanes::{Word, hash_message},
    to_node,
};
use proptest::prelude::*;

/// What WASM's vectors are, in plain words.
#[derive(Clone, Copy)]
struct Pair([u32; 2]);

impl Pair {
    fn zip(self, other: Self, operation: fn(u32, u32) -> u32) -> Self {
        Self([
            operation(self.0[0], other.0[0]),
            operation(self.0[1], other.0[1]),
        ])
    }
}

impl Word for Pair {
    fn splat(word: u32) -> Self {
        Self([word; 2])
    }

    fn add(self, other: Self) -> Self {
        self.zip(other, u32::wrapping_add)
    }

    fn xor(self, other: Self) -> Self {
        self.zip(other, |left, right| left ^ right)
    }

    fn choose(self, yes: Self, no: Self) -> Self {
        let [first, second] =
            [0, 1].map(|lane| (self.0[lane] & yes.0[lane]) | (!self.0[lane] & no.0[lane]));
        Self([first, second])
    }

    fn rotate<const LEFT: u32, const RIGHT: u32>(self) -> Self {
        Self(self.0.map(|word| word << LEFT | word >> RIGHT))
    }

    fn shift_right<const BITS: u32>(self) -> Self {
        Self(self.0.map(|word| word >> BITS))
    }
}

fn words(block: &[u8; 64]) -> [u32; 16] {
    let (words, _) = block.as_chunks::<4>();
    core::array::from_fn(|index| u32::from_be_bytes(words[index]))
}

proptest! {
    #[test]
    fn every_kind_of_word_hashes_as_the_native_function_does(
        first in prop::array::uniform32(any::<u16>()),
        second in prop::array::uniform32(any::<u16>()),
    ) {
        let block = |halves: [u16; 32]| {
            core::array::from_fn(|index| halves[index / 2].to_be_bytes()[index % 2])
        };
        let blocks = [block(first), block(second)];
        let lanes = blocks.each_ref().map(words);
        let pairs = hash_message(core::array::from_fn(|index| Pair(lanes.map(|words| words[index]))));
        for (lane, block) in blocks.iter().enumerate() {
            prop_assert_eq!(to_node(hash_message(words(block))), hash_node(block));
            prop_assert_eq!(to_node(pairs.map(|pair| pair.0[lane])), hash_node(block));
        }
    }
}
