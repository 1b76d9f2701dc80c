//! Functions that squash, written such that the compiler computes several at once.
//!
//! Single floats by the polynomials of Cephes (<https://netlib.org/cephes>, `expf` and `tanhf`), to some units in the last
//! place.

use std::f32::consts::LOG2_E;

/// Adding it to a small number leaves the nearest whole number in the last bits.
const ROUNDING: f32 = 12_582_912.0;

/// e to the power of a number from -87 to 87.
#[inline(always)]
fn exp(x: f32) -> f32 {
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    const TERMS: [f32; 6] = [
        1.987_569_2e-4,
        1.398_2e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
    ];
    let shifted = x * LOG2_E + ROUNDING;
    let whole = shifted - ROUNDING;
    let rest = x - whole * LN_2[0] - whole * LN_2[1];
    let sum = TERMS.iter().fold(0.0, |sum, term| sum * rest + term);
    let power = sum * rest * rest + rest + 1.0;
    let exponent = shifted.to_bits().wrapping_sub(ROUNDING.to_bits());
    power * f32::from_bits(exponent.wrapping_add(127) << 23)
}

#[inline(always)]
fn sigmoid_of(x: f32) -> f32 {
    // Not `clamp`: what is no number stays none.
    let bound = if x < -87.0 { -87.0 } else { x };
    let bound = if bound > 87.0 { 87.0 } else { bound };
    1.0 / (1.0 + exp(-bound))
}

#[inline(always)]
fn tanh_of(x: f32) -> f32 {
    const TERMS: [f32; 5] = [
        -5.704_988_7e-3,
        2.063_909e-2,
        -5.373_971e-2,
        1.333_144_2e-1,
        -3.333_328e-1,
    ];
    let size = x.abs();
    let bound = if size > 20.0 { 20.0 } else { size };
    let large = (1.0 - 2.0 / (exp(2.0 * bound) + 1.0)).copysign(x);
    let square = x * x;
    let sum = TERMS.iter().fold(0.0, |sum, term| sum * square + term);
    let small = sum * square * x + x;
    if size < 0.625 { small } else { large }
}

/// A float that there are curves of.
pub trait Curve: Copy {
    // Of each type and not of any, so that they are compiled here, for speed.
    /// Puts `1 / (1 + exp(-x))` in place of each element.
    fn sigmoid(elements: &mut [Self]);
    /// Puts the hyperbolic tangent in place of each element.
    fn tanh(elements: &mut [Self]);
}

impl Curve for f32 {
    fn sigmoid(elements: &mut [Self]) {
        for element in elements {
            *element = sigmoid_of(*element);
        }
    }
    fn tanh(elements: &mut [Self]) {
        for element in elements {
            *element = tanh_of(*element);
        }
    }
}

impl Curve for f64 {
    fn sigmoid(elements: &mut [Self]) {
        for element in elements {
            *element = 1.0 / (1.0 + (-*element).exp());
        }
    }
    fn tanh(elements: &mut [Self]) {
        for element in elements {
            *element = element.tanh();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Curve;

    #[test]
    fn single_floats_are_as_near_as_they_can_be() {
        let places = (-400_i16..=400).map(|place| f32::from(place) / 16.0);
        let odd = [1e-30, -1e-6, 1e4, -1e4, f32::INFINITY, f32::NEG_INFINITY];
        for x in places.chain(odd) {
            let (mut sigmoid, mut tanh) = ([x], [x]);
            Curve::sigmoid(&mut sigmoid[..]);
            Curve::tanh(&mut tanh[..]);
            let wide = f64::from(x);
            let pairs = [
                (sigmoid[0], 1.0 / (1.0 + (-wide).exp())),
                (tanh[0], wide.tanh()),
            ];
            for (got, expected) in pairs {
                let difference = (f64::from(got) - expected).abs();
                let allowed = expected.abs() * 4e-7 + 1e-37;
                assert!(difference <= allowed, "{x}: {got}, {expected}");
            }
        }
        let mut nothing = [f32::NAN; 2];
        Curve::sigmoid(&mut nothing[..1]);
        Curve::tanh(&mut nothing[1..]);
        assert!(nothing.iter().all(|element| element.is_nan()));
    }
}
