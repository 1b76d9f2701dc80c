//! Ensembles of decision trees.
//!
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleClassifier.html>,
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html>,
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html>. The importer answers two-class ensembles with label 0.

mod nodes;

use super::scores::{Transform, largest};
use super::{floats, indices, labels, matrix};
use crate::ops::floats::{Real, from_reals, reals};
use crate::ops::{Fact, Kernel, Node, required, tensor, volume};
use nodes::Trees;
use tract_onnx::tract_hir::internal::*;

pub(in crate::ops) fn tree_ensemble_classifier(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let labels = labels(node)?;
    let trees = Trees::of(node, "class", labels.len())?;
    let transform = Transform::of(node)?;
    let base = base(node, labels.len())?;
    let all_positive = floats(node, "class_weights")?
        .iter()
        .all(|weight| *weight >= 0.0);
    if labels.len() == 2 {
        let classes = indices(node, "class_ids")?;
        refuse_second_class(&classes, &base)?;
        refuse_other_scores(transform, all_positive)?;
    }
    Ok(Box::new(Classifier {
        binary: labels.len() == 2,
        all_positive,
        base,
        labels,
        trees,
        transform,
    }))
}

/// Refuses ensembles of two classes that say something of the second one by its own index.
fn refuse_second_class(classes: &[usize], base: &[f64]) -> TractResult<()> {
    ensure!(
        classes.iter().all(|class| *class == 0),
        "has weights of class id 1 of two classes, for which runtimes give other labels: export one weight for each leaf, of class id 0"
    );
    ensure!(
        base.len() < 2,
        "has two 'base_values' of two classes, of which runtimes add different ones: export one"
    );
    Ok(())
}

/// Refuses what runtimes do differently to the scores of two classes.
fn refuse_other_scores(transform: Transform, all_positive: bool) -> TractResult<()> {
    ensure!(
        transform == Transform::None || !all_positive,
        "changes scores of two classes whose weights are all positive, which runtimes read in other ways: let 'post_transform' be NONE"
    );
    ensure!(
        matches!(transform, Transform::None | Transform::Logistic),
        "changes scores of two classes in a way that runtimes do not agree on: let 'post_transform' be NONE or LOGISTIC"
    );
    Ok(())
}

pub(in crate::ops) fn tree_ensemble_regressor(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let targets = usize::try_from(node.int("n_targets").unwrap_or(1))?;
    let aggregate = Aggregate::named(node.string("aggregate_function")?.unwrap_or("SUM"))?;
    Ok(Box::new(Regressor {
        trees: Trees::of(node, "target", targets)?,
        base: base(node, targets)?,
        targets,
        aggregate,
        transform: Transform::of(node)?,
    }))
}

pub(in crate::ops) fn tree_ensemble(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let targets = usize::try_from(node.int("n_targets").unwrap_or(1))?;
    let aggregate = match node.int("aggregate_function").unwrap_or(1) {
        0 => Aggregate::Average,
        1 => Aggregate::Sum,
        2 => Aggregate::Min,
        3 => Aggregate::Max,
        other => bail!("attribute 'aggregate_function' is {other}, expected 0 to 3"),
    };
    Ok(Box::new(Regressor {
        trees: Trees::of_roots(node, targets)?,
        base: vec![],
        targets,
        aggregate,
        transform: Transform::None,
    }))
}

fn base(node: &Node<'_>, count: usize) -> TractResult<Vec<f64>> {
    let base = floats(node, "base_values")?;
    let got = base.len();
    ensure!(
        got <= count,
        "attribute 'base_values' has {got} numbers, expected at most {count}"
    );
    Ok(base)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Aggregate {
    Sum,
    Average,
    Min,
    Max,
}

impl Aggregate {
    fn named(name: &str) -> TractResult<Self> {
        Ok(match name {
            "SUM" => Self::Sum,
            "AVERAGE" => Self::Average,
            "MIN" => Self::Min,
            "MAX" => Self::Max,
            other => bail!("attribute 'aggregate_function' is '{other}', which is unknown"),
        })
    }
}

/// `TreeEnsembleClassifier`.
#[derive(Debug)]
struct Classifier {
    trees: Trees,
    labels: Vec<i64>,
    base: Vec<f64>,
    /// Whether there are two classes; weights are then all of the first index, and speak for the second class.
    binary: bool,
    all_positive: bool,
    transform: Transform,
}

impl Classifier {
    /// The place of the label, and what the scores become.
    fn decide<T: Real>(&self, sums: &[Option<T>]) -> (usize, Vec<T>) {
        let base = |class: usize| {
            self.base
                .get(class)
                .map_or(T::ZERO, |base| T::of_f64(*base))
        };
        if self.binary {
            return self.decide_binary(sums[0].unwrap_or(T::ZERO) + base(0));
        }
        let scores = sums.iter().enumerate();
        let scores = scores.map(|(class, sum)| sum.unwrap_or(T::ZERO) + base(class));
        let mut scores: Vec<T> = scores.collect();
        let best = largest(&scores);
        self.transform.apply(&mut scores);
        (best, scores)
    }

    fn decide_binary<T: Real>(&self, score: T) -> (usize, Vec<T>) {
        if self.all_positive {
            let positive = score > T::of_f64(0.5);
            return (usize::from(positive), vec![T::ONE - score, score]);
        }
        let mut scores = vec![-score, score];
        self.transform.apply(&mut scores);
        (usize::from(score > T::ZERO), scores)
    }

    fn compute<T: Real>(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let [rows, columns] = matrix(&[Some(&Fact::of(input))])?;
        let all: Vec<T> = reals(input)?;
        let (mut chosen, mut scores) = (Vec::new(), Vec::new());
        for row in 0..rows {
            let features = &all[row * columns..(row + 1) * columns];
            let sums = self.trees.sums(features, self.labels.len());
            let (place, of_row) = self.decide(&sums);
            chosen.push(self.labels[place]);
            scores.extend(of_row);
        }
        Ok(tvec![
            tensor(&[rows], &chosen)?,
            from_reals(DatumType::F32, &[rows, self.labels.len()], scores)?,
        ])
    }
}

impl Kernel for Classifier {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let [rows, columns] = matrix(inputs)?;
        self.trees.check(columns, required(inputs, 0)?.datum)?;
        let shape: TVec<usize> = tvec![rows, self.labels.len()];
        volume(DatumType::F32, &shape)?;
        let label: TVec<usize> = tvec![rows];
        Ok(Some(tvec![
            Fact::new(DatumType::I64, label),
            Fact::new(DatumType::F32, shape),
        ]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        match required(inputs, 0)?.datum_type() {
            DatumType::F64 => self.compute::<f64>(inputs),
            _ => self.compute::<f32>(inputs),
        }
    }
}

/// `TreeEnsembleRegressor`, and `TreeEnsemble`, which has the type of its input.
#[derive(Debug)]
struct Regressor {
    trees: Trees,
    targets: usize,
    base: Vec<f64>,
    aggregate: Aggregate,
    transform: Transform,
}

impl Regressor {
    fn datum(&self, input: DatumType) -> DatumType {
        match (self.trees.typed, input) {
            (true, datum) if datum.is_float() => datum,
            _ => DatumType::F32,
        }
    }

    fn compute<T: Real>(&self, inputs: &[Option<&Tensor>]) -> TractResult<Tensor> {
        let input = required(inputs, 0)?;
        let [rows, columns] = matrix(&[Some(&Fact::of(input))])?;
        let all: Vec<T> = reals(input)?;
        let mut results = Vec::new();
        for row in 0..rows {
            let features = &all[row * columns..(row + 1) * columns];
            let mut values = match self.aggregate {
                Aggregate::Sum | Aggregate::Average => {
                    let sums = self.trees.sums(features, self.targets);
                    sums.into_iter().map(|sum| sum.unwrap_or(T::ZERO)).collect()
                }
                Aggregate::Min => self
                    .trees
                    .extremes(features, self.targets, |new, old| new < old),
                Aggregate::Max => self
                    .trees
                    .extremes(features, self.targets, |new, old| new > old),
            };
            for (target, value) in values.iter_mut().enumerate() {
                if self.aggregate == Aggregate::Average {
                    *value = *value / T::of_f64(self.trees.count() as f64);
                }
                let base = self
                    .base
                    .get(target)
                    .map_or(T::ZERO, |base| T::of_f64(*base));
                *value += base;
            }
            self.transform.apply(&mut values);
            results.extend(values);
        }
        from_reals(
            self.datum(input.datum_type()),
            &[rows, self.targets],
            results,
        )
    }
}

impl Kernel for Regressor {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let [rows, columns] = matrix(inputs)?;
        self.trees.check(columns, required(inputs, 0)?.datum)?;
        let shape: TVec<usize> = tvec![rows, self.targets];
        let datum = self.datum(required(inputs, 0)?.datum);
        volume(datum, &shape)?;
        Ok(Some(tvec![Fact::new(datum, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let result = match required(inputs, 0)?.datum_type() {
            DatumType::F64 => self.compute::<f64>(inputs)?,
            _ => self.compute::<f32>(inputs)?,
        };
        Ok(tvec![result])
    }
}
