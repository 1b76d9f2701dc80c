//! Between floats and 8 or 16 bits.

/// Scales and zero points of elements: one of each for so many elements after each other, and then again from the first.
#[derive(Clone, Debug)]
pub struct Scales {
    scales: Vec<f32>,
    zero_points: Vec<f32>,
    length: usize,
}

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
    /// <https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html>. A NaN becomes the least of the range.
    pub fn quantise(&self, elements: &mut [f32], [least, most]: [f32; 2]) {
        self.each(elements, |element, scale, zero| {
            let rounded = (element / scale).round_ties_even() + zero;
            rounded.max(least).min(most)
        });
    }

    /// Dequantises: subtracts the zero point and multiplies by the scale.
    ///
    /// <https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html>
    pub fn dequantise(&self, elements: &mut [f32]) {
        self.each(elements, |element, scale, zero| (element - zero) * scale);
    }

    #[inline(always)]
    fn each(&self, elements: &mut [f32], compute: impl Fn(f32, f32, f32) -> f32) {
        let pairs = || self.scales.iter().zip(&self.zero_points);
        if self.scales.is_empty() || self.length == 0 {
            return;
        }
        for part in elements.chunks_mut(self.scales.len() * self.length) {
            if self.length == 1 {
                for (element, (scale, zero)) in part.iter_mut().zip(pairs()) {
                    *element = compute(*element, *scale, *zero);
                }
                continue;
            }
            for (row, (scale, zero)) in part.chunks_mut(self.length).zip(pairs()) {
                for element in row {
                    *element = compute(*element, *scale, *zero);
                }
            }
        }
    }
}
