//! Numbers that are random enough, and the same each time.

/// Bytes of a pseudo-random sequence, the same for the same seed.
pub fn seeded(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Some((z ^ (z >> 31)).to_le_bytes())
    };
    std::iter::from_fn(next).flatten().take(length).collect()
}
