//! IEEE 754 arithmetic on bits, by the host's hardware: the only module with float arithmetic.
//!
//! Floats are the `u32` or `u64` of their bits outside. Arithmetic rounds to nearest, ties to even, and yields the
//! canonical NaN, positive, quiet and without payload, for every NaN
//! ([numerics](https://webassembly.github.io/spec/core/exec/numerics.html#floating-point-operations)). What only moves
//! bits, as `abs` does, keeps the payload of a NaN.

#![allow(
    clippy::float_arithmetic,
    reason = "NaNs leave this module as bits, and canonical"
)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates from float to integer and rounds to nearest from integer to float, as WASM does"
)]

// DETERMINISM: x87 registers round twice and quieten NaNs that are only moved.
#[cfg(all(target_arch = "x86", not(target_feature = "sse2")))]
compile_error!("floats need a target whose arithmetic is that of IEEE 754");

macro_rules! format {
    ($(#[$doc:meta])* $name:ident: $float:ty, $bits:ty, sign $sign:literal, infinity $infinity:literal, nan $nan:literal) => {
        $(#[$doc])*
        pub(crate) mod $name {
            /// The sign bit.
            const SIGN: $bits = $sign;
            /// Bits of positive infinity; those of a NaN are greater, its sign apart.
            const INFINITY: $bits = $infinity;
            /// The canonical NaN.
            pub(crate) const NAN: $bits = $nan;

            const TWO_31: $float = 2_147_483_648.0;
            const TWO_32: $float = 4_294_967_296.0;
            const TWO_63: $float = 9_223_372_036_854_775_808.0;
            const TWO_64: $float = 18_446_744_073_709_551_616.0;

            #[inline]
            fn value(bits: $bits) -> $float {
                <$float>::from_bits(bits)
            }

            #[inline]
            fn is_nan(bits: $bits) -> bool {
                bits & !SIGN > INFINITY
            }

            /// Bits of a result, every NaN made the canonical one.
            // DETERMINISM: to the optimiser all NaN results are alike, and it may drop a choice between two of them. So
            // it is not to see that these bits are a float.
            #[inline]
            pub(super) fn canonical(result: $float) -> $bits {
                let bits = std::hint::black_box(result.to_bits());
                if is_nan(bits) { NAN } else { bits }
            }

            #[inline]
            pub(crate) fn add(a: $bits, b: $bits) -> $bits {
                canonical(value(a) + value(b))
            }

            #[inline]
            pub(crate) fn sub(a: $bits, b: $bits) -> $bits {
                canonical(value(a) - value(b))
            }

            #[inline]
            pub(crate) fn mul(a: $bits, b: $bits) -> $bits {
                canonical(value(a) * value(b))
            }

            #[inline]
            pub(crate) fn div(a: $bits, b: $bits) -> $bits {
                canonical(value(a) / value(b))
            }

            #[inline]
            pub(crate) fn sqrt(a: $bits) -> $bits {
                canonical(value(a).sqrt())
            }

            #[inline]
            pub(crate) fn ceil(a: $bits) -> $bits {
                canonical(value(a).ceil())
            }

            #[inline]
            pub(crate) fn floor(a: $bits) -> $bits {
                canonical(value(a).floor())
            }

            #[inline]
            pub(crate) fn trunc(a: $bits) -> $bits {
                canonical(value(a).trunc())
            }

            /// To an integer, ties to the even one.
            #[inline]
            pub(crate) fn nearest(a: $bits) -> $bits {
                canonical(value(a).round_ties_even())
            }

            /// The smaller; NaN if one is NaN; -0 is smaller than +0.
            #[inline]
            pub(crate) fn min(a: $bits, b: $bits) -> $bits {
                if is_nan(a) || is_nan(b) {
                    return NAN;
                }
                if value(a) < value(b) {
                    return a;
                }
                if value(b) < value(a) {
                    return b;
                }
                // Equal, so the bits are the same or both are zeros: a negative one wins.
                a | b
            }

            /// The greater; NaN if one is NaN; +0 is greater than -0.
            #[inline]
            pub(crate) fn max(a: $bits, b: $bits) -> $bits {
                if is_nan(a) || is_nan(b) {
                    return NAN;
                }
                if value(a) > value(b) {
                    return a;
                }
                if value(b) > value(a) {
                    return b;
                }
                // Equal, so the bits are the same or both are zeros: a positive one wins.
                a & b
            }

            /// `b` if it is less, else `a`, bit for bit.
            #[inline]
            pub(crate) fn pmin(a: $bits, b: $bits) -> $bits {
                if value(b) < value(a) { b } else { a }
            }

            /// `b` if it is greater, else `a`, bit for bit.
            #[inline]
            pub(crate) fn pmax(a: $bits, b: $bits) -> $bits {
                if value(a) < value(b) { b } else { a }
            }

            #[inline]
            pub(crate) fn abs(a: $bits) -> $bits {
                a & !SIGN
            }

            #[inline]
            pub(crate) fn neg(a: $bits) -> $bits {
                a ^ SIGN
            }

            /// `a` with the sign of `b`.
            #[inline]
            pub(crate) fn copysign(a: $bits, b: $bits) -> $bits {
                a & !SIGN | b & SIGN
            }

            #[inline]
            pub(crate) fn eq(a: $bits, b: $bits) -> bool {
                value(a) == value(b)
            }

            #[inline]
            pub(crate) fn ne(a: $bits, b: $bits) -> bool {
                value(a) != value(b)
            }

            #[inline]
            pub(crate) fn lt(a: $bits, b: $bits) -> bool {
                value(a) < value(b)
            }

            #[inline]
            pub(crate) fn gt(a: $bits, b: $bits) -> bool {
                value(a) > value(b)
            }

            #[inline]
            pub(crate) fn le(a: $bits, b: $bits) -> bool {
                value(a) <= value(b)
            }

            #[inline]
            pub(crate) fn ge(a: $bits, b: $bits) -> bool {
                value(a) >= value(b)
            }

            /// The integral part, if it is at least `low` and below `end`.
            #[inline]
            fn whole(a: $bits, low: $float, end: $float) -> Option<$float> {
                let whole = value(a).trunc();
                (low <= whole && whole < end).then_some(whole)
            }

            /// The integral part; none for NaN and what an i32 cannot hold.
            #[inline]
            pub(crate) fn to_i32(a: $bits) -> Option<i32> {
                whole(a, -TWO_31, TWO_31).map(|whole| whole as i32)
            }

            /// The integral part; none for NaN and what a u32 cannot hold.
            #[inline]
            pub(crate) fn to_u32(a: $bits) -> Option<u32> {
                whole(a, 0.0, TWO_32).map(|whole| whole as u32)
            }

            /// The integral part; none for NaN and what an i64 cannot hold.
            #[inline]
            pub(crate) fn to_i64(a: $bits) -> Option<i64> {
                whole(a, -TWO_63, TWO_63).map(|whole| whole as i64)
            }

            /// The integral part; none for NaN and what a u64 cannot hold.
            #[inline]
            pub(crate) fn to_u64(a: $bits) -> Option<u64> {
                whole(a, 0.0, TWO_64).map(|whole| whole as u64)
            }

            /// The integral part, or the nearest that there is; 0 for NaN.
            #[inline]
            pub(crate) fn saturate_i32(a: $bits) -> i32 {
                value(a) as i32
            }

            /// The integral part, or the nearest that there is; 0 for NaN.
            #[inline]
            pub(crate) fn saturate_u32(a: $bits) -> u32 {
                value(a) as u32
            }

            /// The integral part, or the nearest that there is; 0 for NaN.
            #[inline]
            pub(crate) fn saturate_i64(a: $bits) -> i64 {
                value(a) as i64
            }

            /// The integral part, or the nearest that there is; 0 for NaN.
            #[inline]
            pub(crate) fn saturate_u64(a: $bits) -> u64 {
                value(a) as u64
            }

            #[inline]
            pub(crate) fn from_i32(a: i32) -> $bits {
                (a as $float).to_bits()
            }

            #[inline]
            pub(crate) fn from_u32(a: u32) -> $bits {
                (a as $float).to_bits()
            }

            #[inline]
            pub(crate) fn from_i64(a: i64) -> $bits {
                (a as $float).to_bits()
            }

            #[inline]
            pub(crate) fn from_u64(a: u64) -> $bits {
                (a as $float).to_bits()
            }
        }
    };
}

format!(
    /// binary32, the f32 of WASM.
    single: f32, u32, sign 0x8000_0000, infinity 0x7f80_0000, nan 0x7fc0_0000
);
format!(
    /// binary64, the f64 of WASM.
    double: f64, u64,
    sign 0x8000_0000_0000_0000, infinity 0x7ff0_0000_0000_0000, nan 0x7ff8_0000_0000_0000
);

/// The same number as an f64; NaN becomes canonical.
#[inline]
pub(crate) fn promote(a: u32) -> u64 {
    double::canonical(f64::from(f32::from_bits(a)))
}

/// The nearest f32, ties to even; NaN becomes canonical.
#[inline]
pub(crate) fn demote(a: u64) -> u32 {
    single::canonical(f64::from_bits(a) as f32)
}

#[cfg(test)]
mod tests;
