//! Nodes by WASM SIMD.

use core::arch::wasm32::{
    i32x4_add, i32x4_shl, u32x4, u32x4_extract_lane, u32x4_shr, u32x4_splat, v128, v128_bitselect,
    v128_or, v128_xor,
};

use super::{
    LANES, NodeHash,
    lanes::{Word, hash_message},
    to_node,
};

pub(crate) fn hash_node(block: &[u8; 64]) -> NodeHash {
    let (words, _) = block.as_chunks::<4>();
    to_node(hash_message(core::array::from_fn(|index| {
        u32::from_be_bytes(words[index])
    })))
}

pub(crate) fn hash_nodes(blocks: &[[u8; 64]; LANES]) -> [NodeHash; LANES] {
    let words = blocks.each_ref().map(|block| block.as_chunks::<4>().0);
    let lanes = |index: usize| words.map(|words| u32::from_be_bytes(words[index]));
    let message = core::array::from_fn(|index| {
        let [a, b, c, d] = lanes(index);
        u32x4(a, b, c, d)
    });
    let state = hash_message::<v128>(message);
    [
        to_node(state.map(|word| u32x4_extract_lane::<0>(word))),
        to_node(state.map(|word| u32x4_extract_lane::<1>(word))),
        to_node(state.map(|word| u32x4_extract_lane::<2>(word))),
        to_node(state.map(|word| u32x4_extract_lane::<3>(word))),
    ]
}

impl Word for v128 {
    #[inline(always)]
    fn splat(word: u32) -> Self {
        u32x4_splat(word)
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        i32x4_add(self, other)
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        v128_xor(self, other)
    }

    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        v128_bitselect(yes, no, self)
    }

    #[inline(always)]
    fn rotate<const LEFT: u32, const RIGHT: u32>(self) -> Self {
        const { assert!(LEFT + RIGHT == 32) };
        v128_or(i32x4_shl(self, LEFT), u32x4_shr(self, RIGHT))
    }

    #[inline(always)]
    fn shift_right<const BITS: u32>(self) -> Self {
        u32x4_shr(self, BITS)
    }
}
