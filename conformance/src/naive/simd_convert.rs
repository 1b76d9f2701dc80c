//! Vector instructions whose operands and results have lanes of different widths or kinds.

use super::{
    Failed, Machine, Step,
    float::Float,
    value::{Value, lanes, vector},
};

pub(super) fn widths(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfd65 => narrow(m, |a: i16| a.clamp(-0x80, 0x7f) as i8),
        0xfd66 => narrow(m, |a: i16| a.clamp(0, 0xff) as u8),
        0xfd7c => pairwise(m, |a: i8, b: i8| i16::from(a) + i16::from(b)),
        0xfd7d => pairwise(m, |a: u8, b: u8| u16::from(a) + u16::from(b)),
        0xfd7e => pairwise(m, |a: i16, b: i16| i32::from(a) + i32::from(b)),
        0xfd7f => pairwise(m, |a: u16, b: u16| u32::from(a) + u32::from(b)),
        0xfd85 => narrow(m, |a: i32| a.clamp(-0x8000, 0x7fff) as i16),
        0xfd86 => narrow(m, |a: i32| a.clamp(0, 0xffff) as u16),
        0xfd87..=0xfd8a => extend(
            m,
            opcode - 0xfd87,
            |a: i8| i16::from(a),
            |a: u8| u16::from(a),
        ),
        0xfd9c..=0xfd9f => extend_multiply(
            m,
            opcode - 0xfd9c,
            |a: i8, b: i8| i16::from(a) * i16::from(b),
            |a: u8, b: u8| u16::from(a) * u16::from(b),
        ),
        0xfda7..=0xfdaa => extend(
            m,
            opcode - 0xfda7,
            |a: i16| i32::from(a),
            |a: u16| u32::from(a),
        ),
        0xfdba => dot(m),
        0xfdbc..=0xfdbf => extend_multiply(
            m,
            opcode - 0xfdbc,
            |a: i16, b: i16| i32::from(a) * i32::from(b),
            |a: u16, b: u16| u32::from(a) * u32::from(b),
        ),
        0xfdc7..=0xfdca => extend(
            m,
            opcode - 0xfdc7,
            |a: i32| i64::from(a),
            |a: u32| u64::from(a),
        ),
        0xfddc..=0xfddf => extend_multiply(
            m,
            opcode - 0xfddc,
            |a: i32, b: i32| i64::from(a) * i64::from(b),
            |a: u32, b: u32| u64::from(a) * u64::from(b),
        ),
        _ => Err(Failed::Trap),
    }
}

/// Both operands' lanes at half their width, the first operand's in the lower half.
fn narrow<A: Value, R: Value>(m: &mut Machine, f: impl Fn(A) -> R) -> Step {
    m.binary(|a: u128, b: u128| vector(lanes(a).chain(lanes(b)).map(&f)))
}

fn pairs<A: Value>(bits: u128) -> impl Iterator<Item = (A, A)> {
    lanes(bits).step_by(2).zip(lanes(bits).skip(1).step_by(2))
}

fn pairwise<A: Value, R: Value>(m: &mut Machine, f: impl Fn(A, A) -> R) -> Step {
    m.unary(|a: u128| vector(pairs(a).map(|(even, odd)| f(even, odd))))
}

/// The lower or upper half of the lanes.
fn half<A: Value>(bits: u128, upper: bool) -> impl Iterator<Item = A> {
    let count = 64 / A::BITS;
    lanes(bits).skip(if upper { count } else { 0 }).take(count)
}

/// `number` counts low signed, high signed, low unsigned, high unsigned.
fn extend<S: Value, SR: Value, U: Value, UR: Value>(
    m: &mut Machine,
    number: u16,
    signed: impl Fn(S) -> SR,
    unsigned: impl Fn(U) -> UR,
) -> Step {
    let upper = number % 2 == 1;
    if number < 2 {
        m.unary(|a: u128| vector(half(a, upper).map(&signed)))
    } else {
        m.unary(|a: u128| vector(half(a, upper).map(&unsigned)))
    }
}

/// Numbered like [`extend`].
fn extend_multiply<S: Value, SR: Value, U: Value, UR: Value>(
    m: &mut Machine,
    number: u16,
    signed: impl Fn(S, S) -> SR,
    unsigned: impl Fn(U, U) -> UR,
) -> Step {
    let upper = number % 2 == 1;
    m.binary(|a: u128, b: u128| {
        if number < 2 {
            vector(
                half(a, upper)
                    .zip(half(b, upper))
                    .map(|(a, b)| signed(a, b)),
            )
        } else {
            vector(
                half(a, upper)
                    .zip(half(b, upper))
                    .map(|(a, b)| unsigned(a, b)),
            )
        }
    })
}

fn dot(m: &mut Machine) -> Step {
    let product = |a: i16, b: i16| i32::from(a) * i32::from(b);
    m.binary(|a: u128, b: u128| {
        vector(
            pairs(a)
                .zip(pairs(b))
                .map(|((even_a, odd_a), (even_b, odd_b))| {
                    product(even_a, even_b).wrapping_add(product(odd_a, odd_b))
                }),
        )
    })
}

pub(super) fn floats(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfd5e => m.unary(|a: u128| vector(lanes(a).map(|a: f64| (a as f32).canonical()))),
        0xfd5f => m.unary(|a: u128| vector(half(a, false).map(|a: f32| f64::from(a).canonical()))),
        0xfdf8 => m.lanewise(|a: f32| a as i32),
        0xfdf9 => m.lanewise(|a: f32| a as u32),
        0xfdfa => m.lanewise(|a: i32| a as f32),
        0xfdfb => m.lanewise(|a: u32| a as f32),
        0xfdfc => m.unary(|a: u128| vector(lanes(a).map(|a: f64| a as i32))),
        0xfdfd => m.unary(|a: u128| vector(lanes(a).map(|a: f64| a as u32))),
        0xfdfe => m.unary(|a: u128| vector(half(a, false).map(|a: i32| f64::from(a)))),
        0xfdff => m.unary(|a: u128| vector(half(a, false).map(|a: u32| f64::from(a)))),
        _ => Err(Failed::Trap),
    }
}
