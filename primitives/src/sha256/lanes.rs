//! SHA-256's compression function over any kind of word: one u32, or a vector of them.

use super::INITIAL_STATE;

/// 32-bit words under addition modulo 2^32 and bitwise operations, lane by lane.
pub(super) trait Word: Copy {
    fn splat(word: u32) -> Self;
    fn add(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    /// Bits of `yes` where `self` has ones, else of `no`.
    fn choose(self, yes: Self, no: Self) -> Self;
    fn rotate<const LEFT: u32, const RIGHT: u32>(self) -> Self;
    fn shift_right<const BITS: u32>(self) -> Self;
}

/// SHA-256's constants (FIPS 180-4, 4.2.2).
#[rustfmt::skip]
const ROUND_CONSTANTS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// The padding block's message schedule plus the round constants.
const PADDING_SCHEDULE: [u32; 64] = padding_schedule();

const fn padding_schedule() -> [u32; 64] {
    let mut schedule = [0_u32; 64];
    schedule[0] = 0x8000_0000;
    schedule[15] = 512;
    let mut round = 16;
    while round < 64 {
        let (early, late) = (schedule[round - 15], schedule[round - 2]);
        let early = early.rotate_right(7) ^ early.rotate_right(18) ^ (early >> 3);
        let late = late.rotate_right(17) ^ late.rotate_right(19) ^ (late >> 10);
        schedule[round] = schedule[round - 16]
            .wrapping_add(early)
            .wrapping_add(schedule[round - 7])
            .wrapping_add(late);
        round += 1;
    }
    let mut round = 0;
    while round < 64 {
        schedule[round] = schedule[round].wrapping_add(ROUND_CONSTANTS[round]);
        round += 1;
    }
    schedule
}

/// SHA-256 of the 64-byte messages that these words are.
#[inline(always)]
pub(super) fn hash_message<W: Word>(message: [W; 16]) -> [W; 8] {
    let state = compress_message(INITIAL_STATE.map(W::splat), message);
    compress_padding(state)
}

#[inline(always)]
fn compress_message<W: Word>(start: [W; 8], mut message: [W; 16]) -> [W; 8] {
    let mut state = start;
    for (group, constants) in ROUND_CONSTANTS.as_chunks::<16>().0.iter().enumerate() {
        if group > 0 {
            extend(&mut message);
        }
        for (word, constant) in message.iter().zip(constants) {
            state = round(state, word.add(W::splat(*constant)));
        }
    }
    sum(start, state)
}

#[inline(always)]
fn compress_padding<W: Word>(start: [W; 8]) -> [W; 8] {
    let mut state = start;
    for words in PADDING_SCHEDULE.as_chunks::<16>().0 {
        for word in words {
            state = round(state, W::splat(*word));
        }
    }
    sum(start, state)
}

/// The next 16 words of the message schedule, in place.
#[inline(always)]
fn extend<W: Word>(message: &mut [W; 16]) {
    for index in 0..16 {
        let (early, late) = (message[(index + 1) % 16], message[(index + 14) % 16]);
        let early = early
            .rotate::<25, 7>()
            .xor(early.rotate::<14, 18>())
            .xor(early.shift_right::<3>());
        let late = late
            .rotate::<15, 17>()
            .xor(late.rotate::<13, 19>())
            .xor(late.shift_right::<10>());
        let far = message[(index + 9) % 16];
        message[index] = message[index].add(early).add(far).add(late);
    }
}

#[inline(always)]
fn round<W: Word>([a, b, c, d, e, f, g, h]: [W; 8], word: W) -> [W; 8] {
    let sigma = e
        .rotate::<26, 6>()
        .xor(e.rotate::<21, 11>())
        .xor(e.rotate::<7, 25>());
    let first = h.add(sigma).add(e.choose(f, g)).add(word);
    let sigma = a
        .rotate::<30, 2>()
        .xor(a.rotate::<19, 13>())
        .xor(a.rotate::<10, 22>());
    // The majority of three bits: where the first two differ, the third decides.
    let majority = a.xor(b).choose(c, b);
    [
        first.add(sigma).add(majority),
        a,
        b,
        c,
        d.add(first),
        e,
        f,
        g,
    ]
}

#[inline(always)]
fn sum<W: Word>(mut left: [W; 8], right: [W; 8]) -> [W; 8] {
    for (left, right) in left.iter_mut().zip(right) {
        *left = left.add(right);
    }
    left
}

impl Word for u32 {
    #[inline(always)]
    fn splat(word: u32) -> Self {
        word
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self ^ other
    }

    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        no ^ (self & (yes ^ no))
    }

    #[inline(always)]
    fn rotate<const LEFT: u32, const RIGHT: u32>(self) -> Self {
        const { assert!(LEFT + RIGHT == 32) };
        self.rotate_right(RIGHT)
    }

    #[inline(always)]
    fn shift_right<const BITS: u32>(self) -> Self {
        self >> BITS
    }
}
