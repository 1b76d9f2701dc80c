//! Between floats and 8 or 16 bits.

/// Scales and zero points of elements: one of each for so many elements after each other, and then again from the first.
#[derive(Clone, Debug)]
pub struct Scales {
    scales: Vec<f32>,
    zero_points: Vec<f32>,
    length: usize,
}

/// An integer of 8 or 16 bits.
pub trait Narrow: Copy {
    /// The least and the largest.
    const RANGE: [f32; 2];
    /// Zero.
    const ZERO: Self;

    /// From a whole number in the range.
    fn cut(whole: i32) -> Self;
    /// As a float.
    fn widen(self) -> f32;

    // Of each type and not of any, so that they are compiled here, for speed.
    /// [`Scales::quantise`].
    fn quantise(scales: &Scales, elements: &[f32]) -> Vec<Self>;
    /// [`Scales::dequantise`].
    fn dequantise(scales: &Scales, elements: &[Self]) -> Vec<f32>;
}

macro_rules! narrow {
    ($($integer:ty),*) => {$(
        impl Narrow for $integer {
            const RANGE: [f32; 2] = [<$integer>::MIN as f32, <$integer>::MAX as f32];
            const ZERO: Self = 0;

            #[inline(always)]
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "in the range"
            )]
            fn cut(whole: i32) -> Self {
                whole as Self
            }
            #[inline(always)]
            fn widen(self) -> f32 {
                f32::from(self)
            }

            fn quantise(scales: &Scales, elements: &[f32]) -> Vec<Self> {
                quantised(scales, elements)
            }
            fn dequantise(scales: &Scales, elements: &[Self]) -> Vec<f32> {
                dequantised(scales, elements)
            }
        }
    )*};
}

narrow!(u8, i8, u16, i16);

impl Scales {
    /// Pairs of scale and zero point, each for `length` elements.
    pub fn new(pairs: impl Iterator<Item = (f32, f32)>, length: usize) -> Self {
        let (scales, zero_points) = pairs.unzip();
        Self {
            scales,
            zero_points,
            length,
        }
    }

    /// Quantises: divides by the scale, rounds half to even, adds the zero point, and keeps within the range.
    ///
    /// <https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html>. A NaN becomes zero.
    pub fn quantise<T: Narrow>(&self, elements: &[f32]) -> Vec<T> {
        T::quantise(self, elements)
    }

    /// Dequantises: subtracts the zero point and multiplies by the scale.
    ///
    /// <https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html>
    pub fn dequantise<T: Narrow>(&self, elements: &[T]) -> Vec<f32> {
        T::dequantise(self, elements)
    }

    /// The same of floats that are whole numbers.
    pub fn dequantise_whole(&self, elements: &[f32]) -> Vec<f32> {
        self.each(elements, 0.0, |element, scale, zero| {
            (element - zero) * scale
        })
    }

    #[inline(always)]
    fn each<A: Copy, B: Copy>(
        &self,
        elements: &[A],
        nothing: B,
        compute: impl Fn(A, f32, f32) -> B,
    ) -> Vec<B> {
        let mut results = vec![nothing; elements.len()];
        let size = self.scales.len() * self.length;
        if size == 0 {
            return results;
        }
        let parts = elements.chunks(size).zip(results.chunks_mut(size));
        for (elements, results) in parts {
            let pairs = self.scales.iter().zip(&self.zero_points);
            if self.length == 1 {
                let both = results.iter_mut().zip(elements);
                for ((result, element), (scale, zero)) in both.zip(pairs) {
                    *result = compute(*element, *scale, *zero);
                }
                continue;
            }
            let rows = elements
                .chunks(self.length)
                .zip(results.chunks_mut(self.length));
            for ((elements, results), (scale, zero)) in rows.zip(pairs) {
                for (result, element) in results.iter_mut().zip(elements) {
                    *result = compute(*element, *scale, *zero);
                }
            }
        }
        results
    }
}

#[inline(always)]
#[allow(
    clippy::cast_possible_truncation,
    reason = "whole numbers in the range"
)]
fn quantised<T: Narrow>(scales: &Scales, elements: &[f32]) -> Vec<T> {
    let [least, most] = T::RANGE;
    scales.each(elements, T::ZERO, |element, scale, zero| {
        let rounded = (element / scale).round_ties_even() + zero;
        // Not `clamp`, whose bounds would be checked for each element.
        let rounded = if rounded < least { least } else { rounded };
        let rounded = if rounded > most { most } else { rounded };
        T::cut(rounded as i32)
    })
}

#[inline(always)]
fn dequantised<T: Narrow>(scales: &Scales, elements: &[T]) -> Vec<f32> {
    scales.each(elements, 0.0, |element, scale, zero| {
        (element.widen() - zero) * scale
    })
}
