//! Discrete Fourier transforms.
//!
//! <https://onnx.ai/onnx/operators/onnx__DFT.html>, <https://onnx.ai/onnx/operators/onnx__STFT.html>

use super::floats::{Real, ensure_float, from_reals, reals};
use super::{Fact, Kernel, Node, axis_of, optional, required, volume, whole_numbers};
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftDirection, FftNum, FftPlanner};
use tract_onnx::tract_hir::internal::*;

/// The operator set that made the axis an input.
const AXIS_INPUT: i64 = 20;

pub(super) fn dft(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let as_input = node.version() >= AXIS_INPUT;
    Ok(Box::new(Dft {
        axis: (!as_input).then(|| node.int("axis").unwrap_or(1)),
        inverse: node.flag("inverse", false),
        onesided: node.flag("onesided", false),
    }))
}

/// `DFT`.
#[derive(Debug)]
struct Dft {
    /// If it is no input.
    axis: Option<i64>,
    inverse: bool,
    onesided: bool,
}

/// Sizes of a call.
struct Sizes {
    axis: usize,
    length: usize,
    shape: TVec<usize>,
}

/// A single whole number that an input holds.
fn number(tensor: &Tensor) -> TractResult<i64> {
    let numbers = whole_numbers(tensor)?;
    ensure!(
        numbers.len() == 1,
        "expected one number, got {}",
        numbers.len()
    );
    Ok(numbers[0])
}

impl Dft {
    /// Nothing as long as an input that says it is not known.
    fn sizes<'a>(
        &self,
        shape: &[usize],
        value: impl Fn(usize) -> Option<Option<&'a Tensor>>,
    ) -> TractResult<Option<Sizes>> {
        let length = match value(1) {
            Some(None) => return Ok(None),
            Some(Some(length)) => Some(number(length)?),
            None => None,
        };
        let axis = match (self.axis, value(2)) {
            (Some(axis), _) => axis,
            (None, Some(None)) => return Ok(None),
            (None, Some(Some(axis))) => number(axis)?,
            (None, None) => -2,
        };
        let (rank, parts) = (shape.len(), shape.last().copied().unwrap_or_default());
        let axis = axis_of(axis, rank)?;
        ensure!(
            axis + 1 < rank,
            "transforms the axis of real and imaginary parts"
        );
        ensure!(
            (1..=2).contains(&parts),
            "is given shape {shape:?}, expected 1 or 2 elements on the last axis"
        );
        ensure!(
            !self.onesided || self.inverse || parts == 1,
            "is one-sided, but is given complex numbers"
        );
        let back = self.onesided && self.inverse;
        let default = if back {
            2 * shape[axis].saturating_sub(1)
        } else {
            shape[axis]
        };
        let length = length.map_or(Ok(default), usize::try_from)?;
        ensure!(
            length > 0 && length <= i32::MAX as usize,
            "transforms {length} elements"
        );
        let mut result: TVec<usize> = shape.into();
        result[axis] = if self.onesided && !self.inverse {
            length / 2 + 1
        } else {
            length
        };
        result[rank - 1] = if back { 1 } else { 2 };
        let shape = result;
        Ok(Some(Sizes {
            axis,
            length,
            shape,
        }))
    }

    fn compute<T: Real + FftNum>(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let value = |place: usize| Some(Some(optional(inputs, place)?));
        let sizes = self.sizes(input.shape(), value)?;
        let Sizes {
            axis,
            length,
            shape,
        } = sizes.context("lacks its axis")?;
        let parts = input.shape().last().copied().unwrap_or(1);
        let count = input.shape()[axis];
        let inner: usize = input.shape()[axis + 1..].iter().product::<usize>() / parts;
        let given: Vec<T> = reals(input)?;
        let transform = Transform::new(length, self.inverse);
        let (kept, width) = (shape[axis], shape[shape.len() - 1]);
        let mut all = vec![T::ZERO; volume(DatumType::F64, &shape)?];
        let rows = given.len() / (count * inner * parts).max(1);
        for row in 0..rows * inner {
            let (before, after) = (row / inner, row % inner);
            let at = |place: usize| ((before * count + place) * inner + after) * parts;
            let signal = (0..length).map(|place| match place < count {
                false => Complex::new(T::ZERO, T::ZERO),
                true if parts == 1 => Complex::new(given[at(place)], T::ZERO),
                true => Complex::new(given[at(place)], given[at(place) + 1]),
            });
            let mut signal: Vec<Complex<T>> = signal.collect();
            if self.inverse && self.onesided {
                mirror(&mut signal);
            }
            let result = transform.apply(signal);
            for (place, number) in result.into_iter().take(kept).enumerate() {
                let start = ((before * kept + place) * inner + after) * width;
                all[start] = number.re;
                if width == 2 {
                    all[start + 1] = number.im;
                }
            }
        }
        Ok(tvec![from_reals(input.datum_type(), &shape, all)?])
    }
}

impl Kernel for Dft {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        ensure_float(input.datum)?;
        let value = |place: usize| Some(optional(inputs, place)?.value.as_deref());
        let Some(sizes) = self.sizes(&input.shape, value)? else {
            return Ok(None);
        };
        volume(input.datum, &sizes.shape)?;
        Ok(Some(tvec![Fact::new(input.datum, sizes.shape)]))
    }

    /// Real signals in double precision, complex ones in that of their elements: as numpy.
    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let complex = input.shape().last() == Some(&2);
        if complex && input.datum_type() != DatumType::F64 {
            self.compute::<f32>(inputs)
        } else {
            self.compute::<f64>(inputs)
        }
    }
}

/// The second half of a spectrum from the first: that of a real signal.
fn mirror<T: Real + FftNum>(spectrum: &mut [Complex<T>]) {
    let length = spectrum.len();
    for place in length / 2 + 1..length {
        spectrum[place] = spectrum[length - place].conj();
    }
    spectrum[0].im = T::ZERO;
    if length.is_multiple_of(2) {
        spectrum[length / 2].im = T::ZERO;
    }
}

/// A transform of a length: halved from the front as long as that is even, as numpy does, with one sum for each pair of opposite
/// elements of what is left. Double precision of any length is left to a library.
struct Transform<T> {
    plan: Arc<dyn Fft<T>>,
    /// The roots of unity, in the order of their angles, where it is not left to the library.
    roots: Vec<Complex<T>>,
    inverse: bool,
}

/// Odd factors up to this one are summed directly.
const LARGEST_SUM: usize = 64;

impl<T: Real + FftNum> Transform<T> {
    #[allow(clippy::cast_precision_loss, reason = "lengths are of 31 bits")]
    fn new(length: usize, inverse: bool) -> Self {
        let direction = if inverse {
            FftDirection::Inverse
        } else {
            FftDirection::Forward
        };
        let plan = FftPlanner::new().plan_fft(length, direction);
        let sign = if inverse { 1.0 } else { -1.0 };
        let root = |index: usize| {
            let angle = sign * std::f64::consts::TAU * index as f64 / length as f64;
            Complex::new(T::of_f64(angle.cos()), T::of_f64(angle.sin()))
        };
        let odd = length >> length.trailing_zeros();
        let halved = size_of::<T>() == 4 && odd <= LARGEST_SUM;
        let roots = (0..if halved { length } else { 0 }).map(root).collect();
        Self {
            plan,
            roots,
            inverse,
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "lengths are of 31 bits")]
    fn apply(&self, mut signal: Vec<Complex<T>>) -> Vec<Complex<T>> {
        let length = signal.len();
        if self.roots.len() == length {
            signal = self.halve(signal);
        } else {
            self.plan.process(&mut signal);
        }
        if self.inverse {
            let factor = T::ONE / T::of_f64(length as f64);
            for number in &mut signal {
                *number = Complex::new(number.re * factor, number.im * factor);
            }
        }
        signal
    }

    fn halve(&self, signal: Vec<Complex<T>>) -> Vec<Complex<T>> {
        let count = signal.len();
        let step = self.roots.len() / count.max(1);
        if count % 2 == 1 {
            return self.sums(&signal, step);
        }
        let (front, back) = signal.split_at(count / 2);
        let pairs = || front.iter().zip(back);
        let even = pairs().map(|(front, back)| *front + *back).collect();
        let turned = pairs().enumerate().map(|(place, (front, back))| {
            let difference = *front - *back;
            if place == 0 {
                difference
            } else {
                difference * self.roots[place * step]
            }
        });
        let odd = turned.collect();
        let pairs = self.halve(even).into_iter().zip(self.halve(odd));
        pairs.flat_map(|(even, odd)| [even, odd]).collect()
    }

    /// Sums of an odd count of elements, of which those from both ends have opposite roots.
    fn sums(&self, signal: &[Complex<T>], step: usize) -> Vec<Complex<T>> {
        let count = signal.len();
        let first = signal[0];
        let opposite = (1..=count / 2).map(|place| {
            let (left, right) = (signal[place], signal[count - place]);
            (left + right, left - right)
        });
        let opposite: Vec<_> = opposite.collect();
        let mut result = vec![first; count];
        for (sum, _) in &opposite {
            result[0] = result[0] + *sum;
        }
        for frequency in 1..=count / 2 {
            let mut along = first;
            let mut across = Complex::new(T::ZERO, T::ZERO);
            for (place, (sum, difference)) in (1..).zip(&opposite) {
                let root = self.roots[frequency * place % count * step];
                along = Complex::new(along.re + root.re * sum.re, along.im + root.re * sum.im);
                across = Complex::new(
                    across.re - root.im * difference.im,
                    across.im + root.im * difference.re,
                );
            }
            result[frequency] = along + across;
            result[count - frequency] = along - across;
        }
        result
    }
}

pub(super) fn stft(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let onesided = node.flag("onesided", true);
    Ok(Box::new(Stft { onesided }))
}

/// `STFT`.
#[derive(Debug)]
struct Stft {
    onesided: bool,
}

/// Step, length and count of frames.
struct Frames {
    step: usize,
    length: usize,
    count: usize,
}

impl Stft {
    /// Nothing as long as an input that says it is not known.
    fn frames<'a>(
        &self,
        inputs: &[Option<&Fact>],
        value: impl Fn(usize) -> Option<Option<&'a Tensor>>,
    ) -> TractResult<Option<Frames>> {
        let signal = required(inputs, 0)?;
        ensure_float(signal.datum)?;
        let (count, parts) = match signal.shape[..] {
            [_, count] => (count, 1),
            [_, count, parts @ 1..=2] => (count, parts),
            _ => bail!("has a signal of shape {:?}", signal.shape),
        };
        ensure!(
            !self.onesided || parts == 1,
            "is one-sided, but is given complex numbers"
        );
        let window = optional(inputs, 2);
        if let Some(window) = window {
            ensure!(
                window.shape.len() == 1,
                "has a window of shape {:?}",
                window.shape
            );
        }
        let stated = match value(3) {
            Some(None) => return Ok(None),
            Some(Some(length)) => Some(usize::try_from(number(length)?)?),
            None => None,
        };
        let of_window = window.map(|window| window.shape[0]);
        let length = stated.or(of_window).unwrap_or(count);
        ensure!(
            of_window.is_none_or(|window| window == length),
            "has a window of {of_window:?} elements for frames of {length}"
        );
        let step = match value(1) {
            Some(Some(step)) => usize::try_from(number(step)?)?,
            Some(None) => return Ok(None),
            None => bail!("lacks its step"),
        };
        ensure!(
            step > 0 && length > 0 && length <= count,
            "takes frames of {length} elements every {step} of a signal of {count}"
        );
        let count = (count - length) / step + 1;
        Ok(Some(Frames {
            step,
            length,
            count,
        }))
    }

    fn shape(&self, batch: usize, frames: &Frames) -> TractResult<[usize; 4]> {
        let kept = if self.onesided {
            frames.length / 2 + 1
        } else {
            frames.length
        };
        let shape = [batch, frames.count, kept, 2];
        volume(DatumType::F64, &shape)?;
        Ok(shape)
    }
}

impl Kernel for Stft {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let value = |place: usize| Some(optional(inputs, place)?.value.as_deref());
        let Some(frames) = self.frames(inputs, value)? else {
            return Ok(None);
        };
        let signal = required(inputs, 0)?;
        let shape = self.shape(signal.shape[0], &frames)?;
        Ok(Some(tvec![Fact::new(signal.datum, &shape[..])]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let facts: Vec<Option<Fact>> = inputs.iter().map(|input| input.map(Fact::of)).collect();
        let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
        let value = |place: usize| Some(Some(optional(inputs, place)?));
        let frames = self.frames(&facts, value)?.context("lacks its step")?;
        let input = required(inputs, 0)?;
        let parts = if input.rank() == 3 {
            input.shape()[2]
        } else {
            1
        };
        let (batch, length) = (input.shape()[0], input.shape()[1]);
        let shape = self.shape(batch, &frames)?;
        let signal: Vec<f64> = reals(input)?;
        let window = optional(inputs, 2).map(reals::<f64>).transpose()?;
        let weight = |place: usize| window.as_ref().map_or(1.0, |window| window[place]);
        let transform: Transform<f64> = Transform::new(frames.length, false);
        let mut all = Vec::with_capacity(shape.iter().product());
        for frame in 0..batch * frames.count {
            let (row, index) = (frame / frames.count, frame % frames.count);
            let part = (0..frames.length).map(|place| {
                let at = (row * length + index * frames.step + place) * parts;
                let imaginary = if parts == 2 { signal[at + 1] } else { 0.0 };
                Complex::new(signal[at] * weight(place), imaginary * weight(place))
            });
            let result = transform.apply(part.collect());
            let kept = result.into_iter().take(shape[2]);
            all.extend(kept.flat_map(|number| [number.re, number.im]));
        }
        Ok(tvec![from_reals(input.datum_type(), &shape, all)?])
    }
}
