//! Between floats and 8 or 16 bits.

/// Quantises: divides by the scale, rounds half to even, adds the zero point, and keeps within the range.
///
/// <https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html>. A NaN becomes the least of the range.
pub fn quantise(elements: &mut [f32], scale: f32, zero_point: f32, [least, most]: [f32; 2]) {
    for element in elements {
        let rounded = (*element / scale).round_ties_even() + zero_point;
        *element = rounded.max(least).min(most);
    }
}

/// Dequantises: subtracts the zero point and multiplies by the scale.
///
/// <https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html>
pub fn dequantise(elements: &mut [f32], scale: f32, zero_point: f32) {
    for element in elements {
        *element = (*element - zero_point) * scale;
    }
}
