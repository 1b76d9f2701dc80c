//! Machine values as Rust types, and instructions as functions on these.
//!
//! A machine value has 128 bits. A scalar is read from the low ones, whatever stands above, and written with zeros above.
//! Lane 0 of a vector is lowest ([lanes](https://webassembly.github.io/spec/core/exec/numerics.html#vector-operations)).

#![allow(
    clippy::cast_possible_truncation,
    reason = "a scalar is the low bits of a value"
)]

/// A Rust type that a machine value holds.
pub(crate) trait Value: Copy {
    /// From the low bits of a machine value.
    fn read(bits: u128) -> Self;
    /// The machine value, with zeros above.
    fn write(self) -> u128;
}

macro_rules! scalars {
    ($($signed:ty, $unsigned:ty;)*) => {$(
        impl Value for $unsigned {
            #[inline]
            fn read(bits: u128) -> Self {
                bits as Self
            }
            #[inline]
            fn write(self) -> u128 {
                u128::from(self)
            }
        }
        impl Value for $signed {
            #[inline]
            fn read(bits: u128) -> Self {
                bits as Self
            }
            #[inline]
            fn write(self) -> u128 {
                u128::from(self.cast_unsigned())
            }
        }
    )*};
}

scalars! {
    i8, u8;
    i16, u16;
    i32, u32;
    i64, u64;
}

/// Vectors, and halves of vectors, which are the low 64 bits.
macro_rules! vectors {
    ($($lane:ty: $($count:literal)*;)*) => {$($(
        impl Value for [$lane; $count] {
            #[inline]
            fn read(bits: u128) -> Self {
                let mut lanes = [0; $count];
                for (lane, bytes) in lanes.iter_mut().zip(bits.to_le_bytes().as_chunks().0) {
                    *lane = <$lane>::from_le_bytes(*bytes);
                }
                lanes
            }
            #[inline]
            fn write(self) -> u128 {
                let mut bits = [0; 16];
                for (bytes, lane) in bits.as_chunks_mut().0.iter_mut().zip(self) {
                    *bytes = lane.to_le_bytes();
                }
                u128::from_le_bytes(bits)
            }
        }
    )*)*};
}

vectors! {
    i8: 16 8;
    u8: 16 8;
    i16: 8 4;
    u16: 8 4;
    i32: 4 2;
    u32: 4 2;
    i64: 2;
    u64: 2;
}

/// An integer that is a lane of a vector.
pub(crate) trait Lane: Copy {
    /// No bit set: a comparison that does not hold.
    const NONE: Self;
    /// All bits set: a comparison that holds.
    const ALL: Self;
}

macro_rules! lanes {
    ($($lane:ty)*) => {$(
        impl Lane for $lane {
            const NONE: Self = 0;
            const ALL: Self = !0;
        }
    )*};
}

lanes!(i8 u8 i16 u16 i32 u32 i64 u64);

/// An instruction of one operand.
#[inline]
pub(crate) fn unary<A: Value, R: Value>(operands: [u128; 3], result: impl Fn(A) -> R) -> u128 {
    let [a, ..] = operands;
    result(A::read(a)).write()
}

/// An instruction of two operands.
#[inline]
pub(crate) fn binary<A: Value, B: Value, R: Value>(
    operands: [u128; 3],
    result: impl Fn(A, B) -> R,
) -> u128 {
    let [a, b, _] = operands;
    result(A::read(a), B::read(b)).write()
}

/// An instruction of one operand that traps where there is no result.
#[inline]
pub(crate) fn partial_unary<A: Value, R: Value>(
    operands: [u128; 3],
    result: impl Fn(A) -> Option<R>,
) -> Option<u128> {
    let [a, ..] = operands;
    result(A::read(a)).map(R::write)
}

/// An instruction of two operands that traps where there is no result.
#[inline]
pub(crate) fn partial_binary<A: Value, R: Value>(
    operands: [u128; 3],
    result: impl Fn(A, A) -> Option<R>,
) -> Option<u128> {
    let [a, b, _] = operands;
    result(A::read(a), A::read(b)).map(R::write)
}

/// An i32 that is 1 where the operand passes a test, else 0.
#[inline]
pub(crate) fn test<A: Value>(operands: [u128; 3], holds: impl Fn(A) -> bool) -> u128 {
    unary(operands, |a| u32::from(holds(a)))
}

/// An i32 that is 1 where a relation of the operands holds, else 0.
#[inline]
pub(crate) fn compare<A: Value>(operands: [u128; 3], holds: impl Fn(A, A) -> bool) -> u128 {
    binary(operands, |a, b| u32::from(holds(a, b)))
}

/// Lane by lane of one vector.
#[inline]
pub(crate) fn each<T, const COUNT: usize>(operands: [u128; 3], result: impl Fn(T) -> T) -> u128
where
    [T; COUNT]: Value,
{
    unary(operands, |lanes: [T; COUNT]| lanes.map(&result))
}

/// Lane by lane of two vectors.
#[inline]
pub(crate) fn pairs<T: Copy, const COUNT: usize>(
    operands: [u128; 3],
    result: impl Fn(T, T) -> T,
) -> u128
where
    [T; COUNT]: Value,
{
    binary(operands, |mut lanes: [T; COUNT], others: [T; COUNT]| {
        for (lane, other) in lanes.iter_mut().zip(others) {
            *lane = result(*lane, other);
        }
        lanes
    })
}

/// Lane by lane of two vectors: all bits set where a relation holds, else none.
#[inline]
pub(crate) fn mask<T: Lane, const COUNT: usize>(
    operands: [u128; 3],
    holds: impl Fn(T, T) -> bool,
) -> u128
where
    [T; COUNT]: Value,
{
    pairs(
        operands,
        |a: T, b: T| if holds(a, b) { T::ALL } else { T::NONE },
    )
}

/// Cases of the families' tests: an opcode, its operands and the result.
#[cfg(test)]
pub(crate) mod cases {
    use enshrine_runtime::isa::Word;

    /// A family's entry.
    type Evaluate = fn(&Word, [u128; 3]) -> Option<u128>;

    /// The result of an instruction whose word has nothing but an opcode.
    pub(crate) fn run(evaluate: Evaluate, opcode: u16, operands: &[u128]) -> Option<u128> {
        let mut all = [0; 3];
        all[..operands.len()].copy_from_slice(operands);
        evaluate(&Word::new(opcode), all)
    }

    /// Holds each case against what the family gives.
    pub(crate) fn check(evaluate: Evaluate, cases: &[(u16, &[u128], u128)]) {
        for &(opcode, operands, expected) in cases {
            let result = run(evaluate, opcode, operands);
            assert_eq!(
                result,
                Some(expected),
                "{opcode:04x} {operands:x?}: {result:x?}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BITS: u128 = 0x0f0e_0d0c_0b0a_0908_8706_0504_0302_0180;

    #[test]
    fn scalars_are_the_low_bits() {
        assert_eq!(u8::read(BITS), 0x80);
        assert_eq!(i8::read(BITS), -128);
        assert_eq!(i16::read(BITS), 0x0180);
        assert_eq!(u32::read(BITS), 0x0302_0180);
        assert_eq!(i64::read(BITS), 0x8706_0504_0302_0180_u64.cast_signed());
    }

    #[test]
    fn nothing_is_written_above_a_scalar() {
        assert_eq!((-1_i8).write(), 0xff);
        assert_eq!((-1_i32).write(), 0xffff_ffff);
        assert_eq!(i64::MIN.write(), 1 << 63);
        assert_eq!(u64::MAX.write(), 0xffff_ffff_ffff_ffff);
    }

    #[test]
    fn lane_0_is_lowest() {
        let [first, .., last] = <[u8; 16]>::read(BITS);
        assert_eq!((first, last), (0x80, 0x0f));
        assert_eq!(<[u32; 4]>::read(BITS)[1], 0x8706_0504);
        assert_eq!(<[i64; 2]>::read(BITS)[1], 0x0f0e_0d0c_0b0a_0908);
        assert_eq!([1_u64, 2].write(), 2 << 64 | 1);
        assert_eq!([-1_i16, 0, 0, 0, 0, 0, 0, 2].write(), 2 << 112 | 0xffff);
    }

    #[test]
    fn halves_are_the_low_half() {
        assert_eq!(<[i16; 4]>::read(BITS), [0x0180, 0x0302, 0x0504, -0x78fa]);
        assert_eq!([-1_i32, -1].write(), 0xffff_ffff_ffff_ffff);
        assert_eq!([1_u8, 2, 3, 4, 5, 6, 7, 8].write(), 0x0807_0605_0403_0201);
    }

    #[test]
    fn every_vector_is_written_as_it_was_read() {
        assert_eq!(<[i8; 16]>::read(BITS).write(), BITS);
        assert_eq!(<[u16; 8]>::read(BITS).write(), BITS);
        assert_eq!(<[i32; 4]>::read(BITS).write(), BITS);
        assert_eq!(<[u64; 2]>::read(BITS).write(), BITS);
    }

    #[test]
    fn a_mask_fills_the_lanes_that_hold() {
        let operands = [[1_i32, -1, 0, 5].write(), [2_i32, 1, 0, 4].write(), 0];
        let expected = [-1_i32, -1, 0, 0].write();
        assert_eq!(mask::<i32, 4>(operands, |a, b| a < b), expected);
    }
}
