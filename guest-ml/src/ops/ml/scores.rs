//! What becomes of a classifier's scores.

use crate::ops::Node;
use crate::ops::floats::Real;
use tract_onnx::tract_hir::internal::*;

/// Attribute `post_transform`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Transform {
    None,
    Logistic,
    Softmax,
    SoftmaxZero,
    Probit,
}

impl Transform {
    pub(super) fn of(node: &Node<'_>) -> TractResult<Self> {
        Ok(match node.string("post_transform")?.unwrap_or("NONE") {
            "NONE" => Self::None,
            "LOGISTIC" => Self::Logistic,
            "SOFTMAX" => Self::Softmax,
            "SOFTMAX_ZERO" => Self::SoftmaxZero,
            "PROBIT" => Self::Probit,
            other => bail!("attribute 'post_transform' is '{other}', which is unknown"),
        })
    }

    pub(super) fn apply<T: Real>(self, scores: &mut [T]) {
        match self {
            Self::None => {}
            Self::Logistic => scores
                .iter_mut()
                .for_each(|score| *score = logistic(*score)),
            Self::Probit => scores.iter_mut().for_each(|score| *score = probit(*score)),
            Self::Softmax => softmax(scores, |_| true),
            Self::SoftmaxZero => softmax(scores, |score| score != T::ZERO),
        }
    }
}

pub(super) fn logistic<T: Real>(score: T) -> T {
    // On the side where the power is small.
    let small = (if score > T::ZERO { -score } else { score }).exp();
    let low = small / (T::ONE + small);
    if score > T::ZERO { T::ONE - low } else { low }
}

fn softmax<T: Real>(scores: &mut [T], counts: impl Fn(T) -> bool) {
    let larger = |most: T, score: &T| if *score > most { *score } else { most };
    let most = scores.iter().fold(T::NEG_INFINITY, larger);
    for score in &mut *scores {
        *score = if counts(*score) {
            (*score - most).exp()
        } else {
            T::ZERO
        };
    }
    let sum: T = scores.iter().copied().sum();
    if sum != T::ZERO {
        scores.iter_mut().for_each(|score| *score = *score / sum);
    }
}

/// The inverse of the normal distribution, as ONNX Runtime approximates it.
fn probit<T: Real>(score: T) -> T {
    let x = 2.0 * score.to_f64() - 1.0;
    let log = ((1.0 - x) * (1.0 + x)).ln();
    let first = 2.0 / (std::f64::consts::PI * 0.147) + 0.5 * log;
    let second = log / 0.147;
    let size = (-first + (first * first - second).sqrt()).sqrt();
    T::of_f64(std::f64::consts::SQRT_2 * if x < 0.0 { -size } else { size })
}

/// Place of the largest; the first of several.
pub(super) fn largest<T: Real>(scores: &[T]) -> usize {
    let mut best = 0;
    for (index, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = index;
        }
    }
    best
}
