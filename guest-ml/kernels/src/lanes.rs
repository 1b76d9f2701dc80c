//! Sums of products, side by side.

use super::integer::LANES;

#[cfg(target_arch = "wasm32")]
mod simd {
    use super::LANES;
    use core::arch::wasm32::{
        i8x16, i16x8, i16x8_extend_high_i8x16, i16x8_extend_low_i8x16, i32x4, i32x4_add,
        i32x4_dot_i16x8, i32x4_extract_lane, v128,
    };

    /// Four sums.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Sums(v128);

    impl Sums {
        pub(crate) const ZERO: Self = Self(i32x4(0, 0, 0, 0));

        /// Adds sixteen products, four to each sum.
        #[inline(always)]
        pub(crate) fn add_products(&mut self, left: &[i16; LANES], right: &[i8; LANES]) {
            // The compiler makes loads of these.
            let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *left;
            let low = i16x8(a, b, c, d, e, f, g, h);
            let high = i16x8(i, j, k, l, m, n, o, p);
            let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *right;
            let right = i8x16(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
            let products = i32x4_dot_i16x8(low, i16x8_extend_low_i8x16(right));
            self.0 = i32x4_add(self.0, products);
            let products = i32x4_dot_i16x8(high, i16x8_extend_high_i8x16(right));
            self.0 = i32x4_add(self.0, products);
        }

        /// All of it.
        pub(crate) fn total(self) -> i32 {
            let low = i32x4_extract_lane::<0>(self.0).wrapping_add(i32x4_extract_lane::<1>(self.0));
            let high =
                i32x4_extract_lane::<2>(self.0).wrapping_add(i32x4_extract_lane::<3>(self.0));
            low.wrapping_add(high)
        }
    }
}

#[cfg(target_arch = "wasm32")]
pub(crate) use simd::Sums;

/// A sum, where there are no vectors to test with.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sums(i32);

#[cfg(not(target_arch = "wasm32"))]
impl Sums {
    pub(crate) const ZERO: Self = Self(0);

    /// Adds sixteen products.
    pub(crate) fn add_products(&mut self, left: &[i16; LANES], right: &[i8; LANES]) {
        for (left, right) in left.iter().zip(right) {
            let product = i32::from(*left) * i32::from(*right);
            self.0 = self.0.wrapping_add(product);
        }
    }

    /// All of it.
    pub(crate) fn total(self) -> i32 {
        self.0
    }
}
