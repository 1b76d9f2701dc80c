//! Floats of any width, computed in single or double precision.

use super::elements;
use tract_onnx::tract_hir::internal::*;

/// What floats are computed in: single floats for those of 16 and 32 bits, double ones for those of 64.
pub(super) trait Real:
    Datum
    + enshrine_guest_kernels::Element
    + enshrine_guest_kernels::Curve
    + PartialOrd
    + std::ops::Add<Output = Self>
    + std::ops::Sub<Output = Self>
    + std::ops::Div<Output = Self>
    + std::ops::Neg<Output = Self>
    + std::iter::Sum
{
    const ZERO: Self;
    const ONE: Self;
    const NEG_INFINITY: Self;

    fn of_f64(value: f64) -> Self;
    fn to_f64(self) -> f64;
    fn exp(self) -> Self;
    fn exp_m1(self) -> Self;
    fn ln(self) -> Self;
    /// Of one more than it.
    fn ln_1p(self) -> Self;
    fn tanh(self) -> Self;
    /// Of a division, with the sign of what is divided.
    fn rest(self, divisor: Self) -> Self;
    fn is_no_number(self) -> bool;
    /// Rounds to what fits in 16 bits.
    fn to_half(self) -> Self;
}

macro_rules! real {
    ($float:ty, $half:expr) => {
        impl Real for $float {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const NEG_INFINITY: Self = Self::NEG_INFINITY;

            #[allow(
                clippy::cast_possible_truncation,
                clippy::allow_attributes_without_reason
            )]
            fn of_f64(value: f64) -> Self {
                value as Self
            }
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            fn exp(self) -> Self {
                self.exp()
            }
            fn exp_m1(self) -> Self {
                self.exp_m1()
            }
            fn ln(self) -> Self {
                self.ln()
            }
            fn ln_1p(self) -> Self {
                self.ln_1p()
            }
            fn tanh(self) -> Self {
                self.tanh()
            }
            fn rest(self, divisor: Self) -> Self {
                self % divisor
            }
            fn is_no_number(self) -> bool {
                self.is_nan()
            }
            fn to_half(self) -> Self {
                $half(self)
            }
        }
    };
}

real!(f32, |value| f16::from_f32(value).to_f32());
real!(f64, |value| f16::from_f64(value).to_f64());

/// The elements of a tensor, in the type that they are computed in.
///
/// # Errors
/// If they are no numbers.
pub(super) fn reals<T: Real>(tensor: &Tensor) -> TractResult<Vec<T>> {
    Ok(elements::<T>(&*tensor.cast_to::<T>()?)?.to_vec())
}

/// A tensor of an element type from what was computed.
///
/// # Errors
/// If there are more or fewer elements than the shape has.
pub(super) fn from_reals<T: Real>(
    datum: DatumType,
    shape: &[usize],
    reals: Vec<T>,
) -> TractResult<Tensor> {
    let tensor = super::tensor(shape, &reals)?;
    Ok(tensor.cast_to_dt(datum)?.into_owned())
}

/// That an element type is a float's.
///
/// # Errors
/// If it is not.
pub(super) fn ensure_float(datum: DatumType) -> TractResult<()> {
    let float = matches!(datum, DatumType::F16 | DatumType::F32 | DatumType::F64);
    ensure!(float, "computes {datum:?}, expected floats");
    Ok(())
}

/// Rounding between the steps of an operator whose steps ONNX defines: each has the element type of the inputs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps {
    half: bool,
}

impl Steps {
    pub(super) fn of(datum: DatumType) -> Self {
        let half = datum == DatumType::F16;
        Self { half }
    }

    pub(super) fn one<T: Real>(self, value: T) -> T {
        if self.half { value.to_half() } else { value }
    }

    pub(super) fn all<T: Real>(self, values: &mut [T]) {
        if self.half {
            values.iter_mut().for_each(|value| *value = value.to_half());
        }
    }
}

/// `ln(1 + exp(x))`, with the larger part apart, so that it does not overflow.
pub(super) fn softplus<T: Real>(x: T) -> T {
    let (most, size) = if x > T::ZERO { (x, x) } else { (T::ZERO, -x) };
    most + (-size).exp().ln_1p()
}

/// The largest of a row, which is no number if one of it is none.
pub(super) fn most<T: Real>(row: &[T]) -> T {
    row.iter().copied().fold(T::NEG_INFINITY, |most, value| {
        if value > most || value.is_no_number() {
            value
        } else {
            most
        }
    })
}

/// Softmax of a row in place, each step rounded. A row of nothing but minus infinities becomes zeros.
///
/// <https://onnx.ai/onnx/operators/onnx__Attention.html>
pub(super) fn softmax<T: Real>(row: &mut [T], steps: Steps) {
    let most = most(row);
    if most == T::NEG_INFINITY {
        row.fill(T::ZERO);
        return;
    }
    for value in &mut *row {
        *value = steps.one(steps.one(*value - most).exp());
    }
    let sum: T = row.iter().copied().sum();
    let sum = steps.one(sum);
    let sum = if sum == T::ZERO { T::ONE } else { sum };
    for value in row {
        *value = steps.one(*value / sum);
    }
}
