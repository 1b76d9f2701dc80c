//! Operands: edge values of every lane width, each with each, and random ones.

use arbitrary::Unstructured;
use enshrine_runtime::isa::ValueType;
use enshrine_tests::random::seeded;

/// Random operands of one instruction, beside the edge values.
const RANDOM_CASES: usize = 1000;

/// Bytes from which one random case is made.
const RANDOM_BYTES: usize = 512;

/// Operands of an instruction, those that it does not take being 0.
pub(crate) type Operands = [u128; 3];

/// Bits of a type.
pub(crate) fn width(ty: ValueType) -> u32 {
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

/// Edge values, each with each.
pub(crate) fn crossed(types: &[ValueType]) -> Vec<Operands> {
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

/// Edge values and any, lane by lane.
pub(crate) fn random(types: &[ValueType], seed: u64) -> Vec<Operands> {
    let bytes = seeded(seed, RANDOM_CASES * RANDOM_BYTES);
    let case = |bytes| random_case(types, &mut Unstructured::new(bytes));
    bytes.chunks(RANDOM_BYTES).map(case).collect()
}

fn random_case(types: &[ValueType], source: &mut Unstructured<'_>) -> Operands {
    let mut operands = [0; 3];
    for (operand, ty) in operands.iter_mut().zip(types) {
        *operand = match width(*ty) {
            32 => random_lane(32, WORDS, source).into(),
            64 => random_lane(64, LONGS, source).into(),
            _ => random_vector(source),
        };
    }
    operands
}

fn random_vector(source: &mut Unstructured<'_>) -> u128 {
    let (width, edges) = pick(&LANES, source);
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
    let any: u64 = source.arbitrary().expect("zeros where bytes end");
    any >> (64 - width)
}

fn pick<T: Copy>(values: &[T], source: &mut Unstructured<'_>) -> T {
    *source.choose(values).expect("there are some")
}
