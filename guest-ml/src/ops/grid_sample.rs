//! Elements at places between others.
//!
//! <https://onnx.ai/onnx/operators/onnx__GridSample.html>

use super::floats::{Real, ensure_float, from_reals, reals};
use super::{Fact, Kernel, Node, required, volume};
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let mode = match node.string("mode")?.unwrap_or("linear") {
        "nearest" => Mode::Nearest,
        "linear" | "bilinear" => Mode::Linear,
        "cubic" | "bicubic" => Mode::Cubic,
        other => bail!("attribute 'mode' is '{other}', which is unknown"),
    };
    let padding = match node.string("padding_mode")?.unwrap_or("zeros") {
        "zeros" => Padding::Zeros,
        "border" => Padding::Border,
        "reflection" => Padding::Reflection,
        other => bail!("attribute 'padding_mode' is '{other}', which is unknown"),
    };
    Ok(Box::new(GridSample {
        mode,
        padding,
        align_corners: node.flag("align_corners", false),
    }))
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Nearest,
    Linear,
    Cubic,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Padding {
    Zeros,
    Border,
    Reflection,
}

/// `GridSample`.
#[derive(Debug)]
struct GridSample {
    mode: Mode,
    padding: Padding,
    align_corners: bool,
}

/// Places along an axis, with their weights; beyond the ends there may be none.
type Taps<T> = Vec<(Option<usize>, T)>;

impl GridSample {
    /// Where -1 to 1 is among so many elements.
    fn denormalised<T: Real>(&self, at: T, count: usize) -> T {
        let count = T::of_f64(count as f64);
        let half = T::of_f64(0.5);
        if self.align_corners {
            (at + T::ONE) * half * (count - T::ONE)
        } else {
            ((at + T::ONE) * count - T::ONE) * half
        }
    }

    /// A place beyond the borders as one within them.
    fn reflected(&self, at: f64, count: usize) -> f64 {
        let (least, most) = if self.align_corners {
            (0.0, count as f64 - 1.0)
        } else {
            (-0.5, count as f64 - 0.5)
        };
        let range = most - least;
        if range <= 0.0 {
            return 0.0;
        }
        let beyond = if at < least { least - at } else { at - least };
        let turns = (beyond / range).floor();
        let rest = beyond - turns * range;
        if turns % 2.0 == 0.0 {
            least + rest
        } else {
            most - rest
        }
    }

    fn place(&self, at: f64, count: usize) -> Option<usize> {
        let last = count as f64 - 1.0;
        if !at.is_finite() {
            return None;
        }
        let at = match self.padding {
            Padding::Zeros if !(0.0..=last).contains(&at) => return None,
            Padding::Zeros | Padding::Border => at,
            Padding::Reflection => self.reflected(at, count),
        };
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped"
        )]
        let place = at.clamp(0.0, last) as usize;
        Some(place)
    }

    fn taps<T: Real>(&self, at: T, count: usize) -> Taps<T> {
        let at = self.denormalised(at, count).to_f64();
        let within = |at: f64| match self.padding {
            Padding::Border => at.clamp(0.0, count as f64 - 1.0),
            Padding::Reflection => self.reflected(at, count),
            Padding::Zeros => at,
        };
        match self.mode {
            Mode::Nearest => {
                vec![(self.place(within(at.round_ties_even()), count), T::ONE)]
            }
            Mode::Linear => {
                let at = within(at);
                let (start, ratio) = (at.floor(), at - at.floor());
                let weights = [1.0 - ratio, ratio];
                self.at(start, &weights, count)
            }
            Mode::Cubic => {
                let (start, ratio) = (at.floor(), at - at.floor());
                let distances = [ratio + 1.0, ratio, 1.0 - ratio, 2.0 - ratio];
                self.at(start - 1.0, &distances.map(cubic), count)
            }
        }
    }

    fn at<T: Real>(&self, start: f64, weights: &[f64], count: usize) -> Taps<T> {
        let places = (0..weights.len()).map(|index| self.place(start + index as f64, count));
        places
            .zip(weights.iter().map(|weight| T::of_f64(*weight)))
            .collect()
    }

    fn compute<T: Real>(&self, inputs: &[Option<&Tensor>]) -> TractResult<Tensor> {
        let [input, grid] = [required(inputs, 0)?, required(inputs, 1)?];
        let shape = result(input.shape(), grid.shape())?;
        let (elements, places): (Vec<T>, Vec<T>) = (reals(input)?, reals(grid)?);
        let [batch, channels, sizes @ ..] = input.shape() else {
            bail!("has an input of shape {:?}", input.shape());
        };
        let (volume, points): (usize, usize) =
            (sizes.iter().product(), shape[2..].iter().product());
        let rank = sizes.len();
        let mut all = vec![T::ZERO; batch * channels * points];
        for row in 0..batch * points {
            let place = &places[row * rank..(row + 1) * rank];
            // The last axis comes first in the grid.
            let taps = sizes.iter().zip(place.iter().rev());
            let taps: Vec<Taps<T>> = taps.map(|(size, at)| self.taps(*at, *size)).collect();
            let weighted = combined(&taps, sizes);
            let (batch, point) = (row / points, row % points);
            for channel in 0..*channels {
                let image = (batch * channels + channel) * volume;
                let image = &elements[image..image + volume];
                let parts = weighted
                    .iter()
                    .map(|(place, weight)| image[*place] * *weight);
                all[(batch * channels + channel) * points + point] = parts.sum();
            }
        }
        from_reals(input.datum_type(), &shape, all)
    }
}

/// Elements of all axes together, with the products of their weights.
fn combined<T: Real>(taps: &[Taps<T>], sizes: &[usize]) -> Vec<(usize, T)> {
    let mut all = vec![(0, T::ONE)];
    for (taps, size) in taps.iter().zip(sizes) {
        let before = std::mem::take(&mut all);
        for (place, weight) in before {
            for (tap, more) in taps {
                if let Some(tap) = tap {
                    all.push((place * size + tap, weight * *more));
                }
            }
        }
    }
    all
}

fn cubic(distance: f64) -> f64 {
    const A: f64 = -0.75;
    let x = distance;
    if x <= 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else {
        ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A
    }
}

fn result(input: &[usize], grid: &[usize]) -> TractResult<TVec<usize>> {
    let mismatch = || format!("is given shapes {input:?} and {grid:?}, which do not fit");
    let [batch, channels, sizes @ ..] = input else {
        bail!(mismatch());
    };
    let [grids, points @ .., axes] = grid else {
        bail!(mismatch());
    };
    let fits = grids == batch && points.len() == sizes.len() && *axes == sizes.len();
    ensure!(fits && !sizes.is_empty(), mismatch());
    ensure!(!sizes.contains(&0), "samples an axis without elements");
    Ok([&[*batch, *channels], points].concat().into())
}

impl Kernel for GridSample {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let (input, grid) = (required(inputs, 0)?, required(inputs, 1)?);
        ensure_float(input.datum)?;
        let shape = result(&input.shape, &grid.shape)?;
        volume(input.datum, &shape)?;
        Ok(Some(tvec![Fact::new(input.datum, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let sampled = match required(inputs, 0)?.datum_type() {
            DatumType::F64 => self.compute::<f64>(inputs)?,
            _ => self.compute::<f32>(inputs)?,
        };
        Ok(tvec![sampled])
    }
}
