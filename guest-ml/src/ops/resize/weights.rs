//! Which elements of an axis count how much for one of the result.

use super::float;
use crate::ops::floats::Real;

/// How elements are found and weighted.
#[derive(Debug)]
pub(super) struct Weights {
    pub(super) mode: Mode,
    pub(super) coordinates: Coordinates,
    /// Whether elements beyond the ends count for nothing, and not like the last ones.
    pub(super) exclude_outside: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    Nearest(Nearest),
    Linear { antialias: bool },
    Cubic { antialias: bool, coefficient: f64 },
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Nearest {
    RoundPreferFloor,
    RoundPreferCeil,
    Floor,
    Ceil,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Coordinates {
    HalfPixel,
    HalfPixelSymmetric,
    PytorchHalfPixel,
    TensorflowHalfPixel,
    AlignCorners,
    Asymmetric,
    Crop,
}

/// Places of elements, and their weights.
#[derive(Clone, Debug)]
pub(super) struct Row {
    elements: Vec<(usize, f64)>,
    /// Whether it is outside the region.
    pub(super) outside: bool,
}

impl Row {
    /// The first of its places.
    pub(super) fn first(&self) -> usize {
        self.elements.first().map_or(0, |(place, _)| *place)
    }
}

impl Weights {
    /// What counts for an element of the result. `from` is not zero.
    pub(super) fn row(
        &self,
        index: usize,
        from: usize,
        to: usize,
        scale: f64,
        region: [f64; 2],
    ) -> Row {
        let [index, length, result] = [index, from, to].map(single);
        let center = self.center(index, length, result, narrow(scale), region.map(narrow));
        let center = f64::from(center);
        let outside =
            self.coordinates == Coordinates::Crop && !(0.0..=float(from) - 1.0).contains(&center);
        let elements = match self.mode {
            Mode::Nearest(nearest) => {
                let place = match nearest {
                    Nearest::RoundPreferFloor => (center - 0.5).ceil(),
                    Nearest::RoundPreferCeil => (center + 0.5).floor(),
                    Nearest::Floor => center.floor(),
                    Nearest::Ceil => center.ceil(),
                };
                vec![(within(place, from), 1.0)]
            }
            _ => self.weighted(center, from, scale),
        };
        Row { elements, outside }
    }

    /// Where an element of the result is among the input's: in single floats, as ONNX Runtime computes it, for the nearest
    /// element depends on how it is rounded.
    fn center(&self, index: f32, from: f32, to: f32, scale: f32, [start, end]: [f32; 2]) -> f32 {
        let half_pixel = (index + 0.5) / scale - 0.5;
        match self.coordinates {
            Coordinates::HalfPixel => half_pixel,
            Coordinates::HalfPixelSymmetric => {
                let adjustment = to / (scale * from);
                from / 2.0 * (1.0 - adjustment) + half_pixel
            }
            Coordinates::PytorchHalfPixel if to > 1.0 => half_pixel,
            Coordinates::PytorchHalfPixel => 0.0,
            Coordinates::TensorflowHalfPixel => (index + 0.5) / scale,
            Coordinates::AlignCorners if to > 1.0 => index * (from - 1.0) / (to - 1.0),
            Coordinates::AlignCorners => 0.0,
            Coordinates::Asymmetric => index / scale,
            Coordinates::Crop if to > 1.0 => {
                start * (from - 1.0) + index * (end - start) * (from - 1.0) / (to - 1.0)
            }
            Coordinates::Crop => 0.5 * (start + end) * (from - 1.0),
        }
    }

    fn weighted(&self, center: f64, from: usize, scale: f64) -> Vec<(usize, f64)> {
        // A center on an element is the right one of its pair.
        let whole = center.fract() == 0.0;
        let ratio = if whole { 1.0 } else { center - center.floor() };
        let mut weights = self.around(ratio, scale);
        let count = weights.len();
        let half = float(count / 2);
        let before = match (count.is_multiple_of(2), whole, ratio <= 0.5) {
            (true, true, _) => -half,
            (true, false, _) => 1.0 - half,
            (false, true, _) | (false, false, true) => -half,
            (false, false, false) => 1.0 - half,
        };
        let start = center.floor() + before;
        let places = (0..count).map(|index| start + float(index));
        if self.exclude_outside {
            for (weight, place) in weights.iter_mut().zip(places.clone()) {
                if place < 0.0 || place >= float(from) {
                    *weight = 0.0;
                }
            }
            let sum: f64 = weights.iter().sum();
            if sum != 0.0 {
                weights.iter_mut().for_each(|weight| *weight /= sum);
            }
        }
        places
            .map(|place| within(place, from))
            .zip(weights)
            .collect()
    }

    /// Weights of the elements around a center, which is `ratio` behind an element.
    fn around(&self, ratio: f64, scale: f64) -> Vec<f64> {
        match self.mode {
            Mode::Nearest(_) => vec![1.0],
            Mode::Linear { antialias: false } => vec![1.0 - ratio, ratio],
            Mode::Linear { antialias: true } => spread(1.0, ratio, scale, |distance| {
                (1.0 - distance).clamp(0.0, 1.0)
            }),
            Mode::Cubic {
                antialias: false,
                coefficient,
            } => {
                let distances = [ratio + 1.0, ratio, 1.0 - ratio, 2.0 - ratio];
                distances
                    .map(|distance| cubic(distance, coefficient))
                    .to_vec()
            }
            Mode::Cubic {
                antialias: true,
                coefficient,
            } => spread(2.0, ratio, scale, |distance| cubic(distance, coefficient)),
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "rounded, as ONNX Runtime does"
)]
fn narrow(number: f64) -> f32 {
    number as f32
}

fn single(size: usize) -> f32 {
    narrow(float(size))
}

/// Weights over a window that grows as the result shrinks; their sum is one.
fn spread(radius: f64, ratio: f64, scale: f64, weight: impl Fn(f64) -> f64) -> Vec<f64> {
    let scale = scale.min(1.0);
    let start = (-radius / scale).floor() + 1.0;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at least two, and bounded"
    )]
    let count = (2.0 - 2.0 * start).clamp(2.0, 1e6) as usize;
    let weights = (0..count).map(|index| weight(((start + float(index) - ratio) * scale).abs()));
    let weights: Vec<f64> = weights.collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// Keys' cubic convolution, <https://ieeexplore.ieee.org/document/1163711>.
fn cubic(distance: f64, a: f64) -> f64 {
    let x = distance;
    if x <= 1.0 {
        ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a
    } else {
        0.0
    }
}

/// The place of an element; those beyond the ends are the last ones.
fn within(place: f64, count: usize) -> usize {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped"
    )]
    let place = place.clamp(0.0, float(count) - 1.0) as usize;
    place
}

/// Resizes the middle one of three axes: those before, this of `from` elements, and those after, of `inner` together.
pub(super) fn apply<T: Real>(
    elements: &[T],
    rows: &[Row],
    [from, inner]: [usize; 2],
    outside: T,
) -> Vec<T> {
    let size = from * inner;
    if size == 0 {
        return Vec::new();
    }
    let mut result = Vec::with_capacity(elements.len() / size * rows.len() * inner);
    let mut sums = vec![T::ZERO; inner];
    for block in elements.chunks_exact(size) {
        for row in rows {
            sums.fill(if row.outside { outside } else { T::ZERO });
            for (place, weight) in row.elements.iter().filter(|_| !row.outside) {
                let weight = T::of_f64(*weight);
                let part = &block[place * inner..(place + 1) * inner];
                for (sum, element) in sums.iter_mut().zip(part) {
                    *sum += weight * *element;
                }
            }
            result.extend_from_slice(&sums);
        }
    }
    result
}
