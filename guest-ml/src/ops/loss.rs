//! Losses of classifiers.
//!
//! <https://onnx.ai/onnx/operators/onnx__NegativeLogLikelihoodLoss.html>,
//! <https://onnx.ai/onnx/operators/onnx__SoftmaxCrossEntropyLoss.html>

use super::floats::{Real, ensure_float, from_reals, reals};
use super::{Fact, Kernel, Node, optional, required, whole_numbers};
use tract_onnx::tract_hir::internal::*;

const SCORES: usize = 0;
const TARGETS: usize = 1;
const WEIGHTS: usize = 2;

pub(super) fn negative_log_likelihood(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    build(node, false)
}

pub(super) fn softmax_cross_entropy(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    build(node, true)
}

fn build(node: &Node<'_>, softmax: bool) -> TractResult<Box<dyn Kernel>> {
    let reduction = match node.string("reduction")?.unwrap_or("mean") {
        "none" => Reduction::None,
        "sum" => Reduction::Sum,
        "mean" => Reduction::Mean,
        other => bail!("attribute 'reduction' is '{other}', expected none, sum or mean"),
    };
    Ok(Box::new(Loss {
        softmax,
        reduction,
        ignored: node.int("ignore_index"),
    }))
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Reduction {
    None,
    Sum,
    Mean,
}

/// `NegativeLogLikelihoodLoss`, and `SoftmaxCrossEntropyLoss`, which takes logarithms of softmax first.
#[derive(Debug)]
struct Loss {
    softmax: bool,
    reduction: Reduction,
    /// A target that counts for nothing.
    ignored: Option<i64>,
}

impl Loss {
    /// The loss of each target, and its weight.
    fn losses<T: Real>(
        &self,
        scores: &[T],
        [classes, places]: [usize; 2],
        targets: &[i64],
        weights: Option<&[T]>,
    ) -> TractResult<Vec<[T; 2]>> {
        let loss = |(index, target): (usize, &i64)| {
            if Some(*target) == self.ignored {
                return Ok([T::ZERO; 2]);
            }
            let class = usize::try_from(*target)
                .ok()
                .filter(|class| *class < classes);
            let class = class.with_context(|| {
                format!("has the target {target}, expected a class from 0 to {classes}, exclusive")
            })?;
            let weight = weights.map_or(T::ONE, |weights| weights[class]);
            let (row, place) = (index / places, index % places);
            let score = scores[(row * classes + class) * places + place];
            Ok([-score * weight, weight])
        };
        targets.iter().enumerate().map(loss).collect()
    }

    fn compute<T: Real>(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let given = required(inputs, SCORES)?;
        let (datum, shape) = (given.datum_type(), given.shape());
        let targets = required(inputs, TARGETS)?;
        let classes = shape[1];
        let places: usize = shape[2..].iter().product();
        let mut scores: Vec<T> = reals(given)?;
        if self.softmax {
            log_softmax(&mut scores, [classes, places]);
        }
        let weights = optional(inputs, WEIGHTS).map(reals::<T>).transpose()?;
        let numbers = whole_numbers(targets)?;
        let losses = self.losses(
            &scores,
            [classes, places.max(1)],
            &numbers,
            weights.as_deref(),
        )?;
        let sum = |part: usize| -> T { losses.iter().map(|loss| loss[part]).sum() };
        let loss = match self.reduction {
            Reduction::None => {
                let losses = losses.iter().map(|[loss, _]| *loss).collect();
                from_reals(datum, targets.shape(), losses)?
            }
            Reduction::Sum => from_reals(datum, &[], vec![sum(0)])?,
            Reduction::Mean => from_reals(datum, &[], vec![sum(0) / sum(1)])?,
        };
        if !self.softmax {
            return Ok(tvec![loss]);
        }
        Ok(tvec![loss, from_reals(datum, shape, scores)?])
    }
}

/// Logarithms of the softmax along the second axis.
fn log_softmax<T: Real>(scores: &mut [T], [classes, places]: [usize; 2]) {
    if classes == 0 || places == 0 {
        return;
    }
    for row in scores.chunks_exact_mut(classes * places) {
        for place in 0..places {
            let of = |class: usize| class * places + place;
            let larger = |most: T, score: T| if score > most { score } else { most };
            let most =
                (0..classes).fold(T::NEG_INFINITY, |most, class| larger(most, row[of(class)]));
            let sum: T = (0..classes)
                .map(|class| (row[of(class)] - most).exp())
                .sum();
            let log = sum.ln();
            for class in 0..classes {
                row[of(class)] = row[of(class)] - most - log;
            }
        }
    }
}

impl Kernel for Loss {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let scores = required(inputs, SCORES)?;
        let targets = required(inputs, TARGETS)?;
        ensure_float(scores.datum)?;
        let whole = matches!(targets.datum, DatumType::I32 | DatumType::I64);
        ensure!(
            whole,
            "has targets of {:?}, expected integers",
            targets.datum
        );
        let [batch, classes, places @ ..] = &scores.shape[..] else {
            bail!(
                "has scores of shape {:?}, expected 2 axes or more",
                scores.shape
            );
        };
        let expected: TVec<usize> = std::iter::once(*batch)
            .chain(places.iter().copied())
            .collect();
        ensure!(
            targets.shape == expected,
            "has targets of shape {:?} for scores of shape {:?}",
            targets.shape,
            scores.shape
        );
        if let Some(weights) = optional(inputs, WEIGHTS) {
            let fits = weights.shape[..] == [*classes];
            ensure!(
                fits,
                "has weights of shape {:?}, expected [{classes}]",
                weights.shape
            );
        }
        let shape = match self.reduction {
            Reduction::None => expected,
            _ => tvec![],
        };
        let loss = Fact::new(scores.datum, shape);
        Ok(Some(if self.softmax {
            tvec![loss, scores.clone()]
        } else {
            tvec![loss]
        }))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        match required(inputs, SCORES)?.datum_type() {
            DatumType::F64 => self.compute::<f64>(inputs),
            _ => self.compute::<f32>(inputs),
        }
    }
}
