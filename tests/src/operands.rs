//! Words of instructions that only compute, and their operands: edge values of every lane width, each with each, and random
//! ones.

use arbitrary::Unstructured;
use enshrine_runtime::isa::{Family, Instruction, TABLE, ValueType, Word, op};

use crate::random::seeded;

/// Bytes from which one random case is made.
const RANDOM_BYTES: usize = 1024;

/// Masks of a shuffle, each a word of its own.
const SHUFFLES: u64 = 16;

/// Instructions that only compute.
pub fn computing() -> impl Iterator<Item = &'static Instruction> {
    TABLE.iter().filter(|line| computes(line.family))
}

/// Whether the instructions of a family only compute.
pub fn computes(family: Family) -> bool {
    matches!(
        family,
        Family::Integer
            | Family::Float
            | Family::Conversion
            | Family::SimdLogic
            | Family::SimdInteger
            | Family::SimdFloat
            | Family::SimdConversion
            | Family::SimdLane
    )
}

/// Words of an instruction: one for each lane that it can name, or for some shuffles.
pub fn words(instruction: &Instruction) -> Vec<Word> {
    if instruction.opcode == op::I8X16_SHUFFLE {
        return (0..SHUFFLES).map(shuffle).collect();
    }
    match lane_count(instruction) {
        Some(count) => (0..count)
            .map(|lane| lane_word(instruction.opcode, lane))
            .collect(),
        None => vec![Word::new(instruction.opcode)],
    }
}

fn shuffle(seed: u64) -> Word {
    let mask = seeded(seed, 16)
        .into_iter()
        .fold(0, |mask, byte| mask << 8 | u128::from(byte % 32));
    Word::with_imm(op::I8X16_SHUFFLE, mask)
}

/// A word that names a lane.
pub fn lane_word(opcode: u16, lane: u16) -> Word {
    Word {
        a: lane,
        ..Word::new(opcode)
    }
}

/// Number of lanes of which an instruction names one.
pub fn lane_count(instruction: &Instruction) -> Option<u16> {
    let (shape, name) = instruction.mnemonic.split_once('.')?;
    if !name.contains("_lane") {
        return None;
    }
    let (_, count) = shape.split_once('x')?;
    count.parse().ok()
}

/// Operands of an instruction, those that it does not take being 0.
pub type Operands = [u128; 3];

/// Bits of a type.
pub fn width(ty: ValueType) -> u32 {
    match ty {
        ValueType::I32 | ValueType::F32 => 32,
        ValueType::I64 | ValueType::F64 => 64,
        ValueType::V128 | ValueType::Any => 128,
    }
}

const BYTES: &[u64] = &[0, 1, 2, 0x0f, 0x10, 0x55, 0x7f, 0x80, 0x81, 0xfe, 0xff];

const SHORTS: &[u64] = &[
    0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x4000, 0x7ffe, 0x7fff, 0x8000, 0x8001, 0xff7f, 0xff80,
    0xfffe, 0xffff,
];

#[rustfmt::skip]
const WORDS: &[u64] = &[
    0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x1_0000,
    0x0100_0001, 0x0100_0003, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_7fff, 0xffff_8000, 0xffff_fffe, 0xffff_ffff,
    // Floats: around the least normal, 0.5, 1, 1.5, 2.5, 2^23, 2^24, limits of integers, the greatest, infinity, NaNs.
    0x007f_ffff, 0x0080_0000, 0x0080_0001, 0x3eff_ffff, 0x3f00_0000, 0x3f7f_ffff, 0x3f80_0000, 0x3fc0_0000, 0x4020_0000,
    0x4aff_ffff, 0x4b00_0001, 0x4b80_0000, 0x4eff_ffff, 0x4f00_0000, 0x4f7f_ffff, 0x4f80_0000, 0x5eff_ffff, 0x5f00_0000,
    0x5f7f_ffff, 0x5f80_0000, 0x7f00_0000, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001, 0x7fbf_ffff, 0x7fc0_0000, 0x7fc1_2345,
    0x807f_ffff, 0x8080_0000, 0xbf00_0000, 0xbf7f_ffff, 0xbf80_0000, 0xbfc0_0000, 0xc020_0000, 0xcf00_0000, 0xcf00_0001,
    0xdf00_0000, 0xdf00_0001, 0xff7f_ffff, 0xff80_0000, 0xff80_0001, 0xffbf_ffff, 0xffc0_0000, 0xffc5_4321,
];

#[rustfmt::skip]
const LONGS: &[u64] = &[
    0, 1, 2, 3, 7, 31, 32, 33, 63, 64, 65, 0x7f, 0x80, 0xffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000,
    0x0020_0000_0000_0001, 0x0020_0000_2000_0001, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0x8000_0000_0000_0001,
    0x8000_0000_0000_0401, 0x8000_0080_0000_0001, 0xffff_ffff_7fff_ffff, 0xffff_ffff_8000_0000, 0xffff_ffff_ffff_ff80,
    0xffff_ffff_ffff_fffe, 0xffff_ffff_ffff_ffff,
    // Floats as above, and numbers between two f32 or beyond the least and greatest f32.
    0x000f_ffff_ffff_ffff, 0x0010_0000_0000_0000, 0x3690_0000_0000_0000, 0x3690_0000_0000_0001, 0x36a0_0000_0000_0000,
    0x380f_ffff_ffff_ffff, 0x3fdf_ffff_ffff_ffff, 0x3fe0_0000_0000_0000, 0x3fef_ffff_ffff_ffff, 0x3ff0_0000_0000_0000,
    0x3ff0_0000_1000_0000, 0x3ff0_0000_3000_0000, 0x3ff8_0000_0000_0000, 0x4004_0000_0000_0000, 0x41df_ffff_ffc0_0000,
    0x41df_ffff_ffff_ffff, 0x41e0_0000_0000_0000, 0x41ef_ffff_ffff_ffff, 0x41f0_0000_0000_0000, 0x432f_ffff_ffff_ffff,
    0x4330_0000_0000_0001, 0x43df_ffff_ffff_ffff, 0x43e0_0000_0000_0000, 0x43ef_ffff_ffff_ffff, 0x43f0_0000_0000_0000,
    0x47ef_ffff_efff_ffff, 0x47ef_ffff_f000_0000, 0x7fef_ffff_ffff_ffff, 0x7ff0_0000_0000_0000, 0x7ff0_0000_0000_0001,
    0x7ff8_0000_0000_0000, 0x7ff8_0000_0001_2345, 0xbfe0_0000_0000_0000, 0xbfef_ffff_ffff_ffff, 0xbff0_0000_0000_0000,
    0xbff8_0000_0000_0000, 0xc1e0_0000_0000_0000, 0xc1e0_0000_001f_ffff, 0xc1e0_0000_0020_0000, 0xc3e0_0000_0000_0000,
    0xc3e0_0000_0000_0001, 0xffef_ffff_ffff_ffff, 0xfff0_0000_0000_0000, 0xfff0_0000_0000_0001, 0xfff8_0000_0000_0000,
];

/// Lane widths in bits, and their edge values.
const LANES: [(u32, &[u64]); 4] = [(8, BYTES), (16, SHORTS), (32, WORDS), (64, LONGS)];

/// Edge values of a type, each at least once; those of vectors share vectors.
fn edges(ty: ValueType) -> Vec<u128> {
    match width(ty) {
        32 => WORDS.iter().map(|edge| (*edge).into()).collect(),
        64 => LONGS.iter().map(|edge| (*edge).into()).collect(),
        _ => LANES
            .iter()
            .flat_map(|(width, edges)| {
                edges
                    .chunks(128 / *width as usize)
                    .map(|lanes| pack(*width, lanes))
            })
            .collect(),
    }
}

fn pack(width: u32, lanes: &[u64]) -> u128 {
    lanes
        .iter()
        .rev()
        .fold(0, |vector, lane| vector << width | u128::from(*lane))
}

/// The operands with ones above their scalars, and in place of operands that there are not.
pub fn soil(mut operands: Operands, types: &[ValueType]) -> Operands {
    for (index, operand) in operands.iter_mut().enumerate() {
        let width = types.get(index).map_or(0, |ty| width(*ty));
        *operand |= u128::MAX.checked_shl(width).unwrap_or(0);
    }
    operands
}

/// Edge values of lanes of a width, each with each, the same in all lanes of a vector.
pub fn splats(lane_width: u32) -> Vec<Operands> {
    let lanes = LANES.iter().filter(|(width, _)| *width == lane_width);
    let pairs = lanes.flat_map(|(_, edges)| product(edges, edges));
    let repeat = |lane| pack(lane_width, &vec![lane; (128 / lane_width) as usize]);
    pairs
        .map(|(a, b)| [repeat(a), repeat(b), repeat(a ^ b)])
        .collect()
}

/// Edge values, each with each.
pub fn crossed(types: &[ValueType]) -> Vec<Operands> {
    match types {
        [ty] => edges(*ty).into_iter().map(|a| [a, 0, 0]).collect(),
        [ValueType::V128, ValueType::V128, ..] => crossed_lanes(),
        [first, second] => product(&edges(*first), &edges(*second))
            .into_iter()
            .map(|(a, b)| [a, b, 0])
            .collect(),
        _ => unreachable!("no pure instruction has other operands"),
    }
}

/// Edge values of lanes, each with each; a third operand takes turns with the bits of both.
fn crossed_lanes() -> Vec<Operands> {
    let mut cases = Vec::new();
    for (width, edges) in LANES {
        for (turn, pairs) in (0..128)
            .cycle()
            .zip(product(edges, edges).chunks(128 / width as usize))
        {
            let (a, b): (Vec<u64>, Vec<u64>) = pairs.iter().copied().unzip();
            let (a, b) = (pack(width, &a), pack(width, &b));
            cases.push([a, b, a.rotate_left(turn) ^ b]);
        }
    }
    cases
}

fn product<T: Copy>(a: &[T], b: &[T]) -> Vec<(T, T)> {
    a.iter()
        .flat_map(|a| b.iter().map(move |b| (*a, *b)))
        .collect()
}

/// Edge values, any, and lanes near the first operand's, lane by lane.
pub fn random(types: &[ValueType], seed: u64, count: usize) -> Vec<Operands> {
    let bytes = seeded(seed, count * RANDOM_BYTES);
    let case = |bytes| random_case(types, &mut Unstructured::new(bytes));
    bytes.chunks(RANDOM_BYTES).map(case).collect()
}

fn random_case(types: &[ValueType], source: &mut Unstructured<'_>) -> Operands {
    let near = pick(&[true, false, false, false], source);
    let (width, edges) = match types {
        [first, ..] if width(*first) == 32 => (32, WORDS),
        [first, ..] if width(*first) == 64 => (64, LONGS),
        _ => pick(&LANES, source),
    };
    let first = random_vector(width, edges, source);
    let mut operands = [0; 3];
    for (index, (operand, ty)) in operands.iter_mut().zip(types).enumerate() {
        let vector = match index {
            0 => first,
            _ if near => near_vector(width, first, source),
            _ => random_vector(width, edges, source),
        };
        *operand = vector & (u128::MAX >> (128 - self::width(*ty)));
    }
    operands
}

fn random_vector(width: u32, edges: &[u64], source: &mut Unstructured<'_>) -> u128 {
    let lanes: Vec<_> = (0..128 / width)
        .map(|_| random_lane(width, edges, source))
        .collect();
    pack(width, &lanes)
}

/// An edge value or any, in equal parts.
fn random_lane(width: u32, edges: &[u64], source: &mut Unstructured<'_>) -> u64 {
    if pick(&[true, false], source) {
        return pick(edges, source);
    }
    any(source) >> (64 - width)
}

/// Lanes whose upper bits, exponents of floats, are close to those of another vector: sums of such cancel and round.
fn near_vector(width: u32, of: u128, source: &mut Unstructured<'_>) -> u128 {
    let mantissa = match width {
        64 => 52,
        32 => 23,
        _ => width / 2,
    };
    let lanes: Vec<_> = (0..128 / width)
        .map(|lane| {
            let first = low(of >> (lane * width)) >> mantissa;
            let distance = any(source) % u64::from(2 * mantissa + 8);
            let upper = first
                .wrapping_add(distance)
                .wrapping_sub(u64::from(mantissa) + 4);
            let lower = any(source) & pick(&[0, 1, u64::MAX, u64::MAX << (mantissa / 2)], source);
            let bits = upper << mantissa | lower & ((1 << mantissa) - 1);
            (bits ^ (any(source) & 1) << (width - 1)) & (u64::MAX >> (64 - width))
        })
        .collect();
    pack(width, &lanes)
}

#[allow(clippy::cast_possible_truncation, reason = "the low half is meant")]
fn low(bits: u128) -> u64 {
    bits as u64
}

fn any(source: &mut Unstructured<'_>) -> u64 {
    source.arbitrary().expect("zeros where bytes end")
}

fn pick<T: Copy>(values: &[T], source: &mut Unstructured<'_>) -> T {
    *source.choose(values).expect("there are some")
}
