//! Support vector machines.
//!
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_SVMClassifier.html>,
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_SVMRegressor.html>. Probabilities of several classes follow from those of pairs
//! as in libsvm (Wu, Lin and Weng, 2004).

use super::scores::{Transform, largest, logistic};
use super::{indices, labels, matrix};
use crate::ops::floats::{from_reals, reals};
use crate::ops::{Fact, Kernel, Node, required, tensor, volume};
use tract_onnx::tract_hir::internal::*;

/// How alike two rows are.
#[derive(Debug)]
struct Similarity {
    form: Form,
    gamma: f32,
    coefficient: f32,
    degree: f32,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Linear,
    Polynomial,
    Radial,
    Sigmoid,
}

impl Similarity {
    fn of(node: &Node<'_>) -> TractResult<Self> {
        let form = match node.string("kernel_type")?.unwrap_or("LINEAR") {
            "LINEAR" => Form::Linear,
            "POLY" => Form::Polynomial,
            "RBF" => Form::Radial,
            "SIGMOID" => Form::Sigmoid,
            other => bail!("attribute 'kernel_type' is '{other}', which is unknown"),
        };
        let numbers = node.floats("kernel_params");
        let number = |place: usize| numbers.get(place).copied().unwrap_or(0.0);
        Ok(Self {
            form,
            gamma: number(0),
            coefficient: number(1),
            degree: number(2),
        })
    }

    fn between(&self, left: &[f32], right: &[f32]) -> f32 {
        let pairs = left.iter().zip(right);
        if let Form::Radial = self.form {
            let squares = pairs.map(|(left, right)| (left - right) * (left - right));
            return (-self.gamma * squares.sum::<f32>()).exp();
        }
        let product: f32 = pairs.map(|(left, right)| left * right).sum();
        match self.form {
            Form::Polynomial => (self.gamma * product + self.coefficient).powf(self.degree),
            Form::Sigmoid => (self.gamma * product + self.coefficient).tanh(),
            Form::Linear | Form::Radial => product,
        }
    }
}

/// Vectors that others are compared with.
#[derive(Debug)]
struct Machine {
    similarity: Similarity,
    vectors: Vec<f32>,
    count: usize,
    width: usize,
    coefficients: Vec<f32>,
    rho: Vec<f32>,
}

impl Machine {
    fn of(node: &Node<'_>, count: usize) -> TractResult<Self> {
        let vectors = node.floats("support_vectors").to_vec();
        ensure!(
            count > 0 && !vectors.is_empty() && vectors.len().is_multiple_of(count),
            "has {} numbers for {count} support vectors",
            vectors.len()
        );
        Ok(Self {
            similarity: Similarity::of(node)?,
            width: vectors.len() / count,
            vectors,
            count,
            coefficients: node.floats("coefficients").to_vec(),
            rho: node.floats("rho").to_vec(),
        })
    }

    fn similarities(&self, features: &[f32]) -> Vec<f32> {
        let vectors = self.vectors.chunks_exact(self.width);
        vectors
            .map(|vector| self.similarity.between(features, vector))
            .collect()
    }

    fn check(&self, columns: usize) -> TractResult<()> {
        let expected = self.width;
        ensure!(
            columns == expected,
            "is given {columns} features, expected {expected}"
        );
        Ok(())
    }
}

pub(in crate::ops) fn svm_regressor(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let supports = usize::try_from(node.int("n_supports").unwrap_or(0))?;
    let machine = if supports > 0 {
        Machine::of(node, supports)?
    } else {
        let coefficients = node.floats("coefficients");
        // Without support vectors the coefficients are multiplied by what is given, whatever kernel is named.
        Machine {
            similarity: Similarity {
                form: Form::Linear,
                ..Similarity::of(node)?
            },
            vectors: coefficients.to_vec(),
            count: 1,
            width: coefficients.len(),
            coefficients: vec![1.0],
            rho: node.floats("rho").to_vec(),
        }
    };
    ensure!(
        machine.coefficients.len() == machine.count && !machine.rho.is_empty(),
        "has {} coefficients for {} support vectors",
        machine.coefficients.len(),
        machine.count
    );
    Ok(Box::new(Regressor {
        machine,
        one_class: node.flag("one_class", false),
    }))
}

/// `SVMRegressor`.
#[derive(Debug)]
struct Regressor {
    machine: Machine,
    /// Whether only the sign counts.
    one_class: bool,
}

impl Kernel for Regressor {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let [rows, columns] = matrix(inputs)?;
        self.machine.check(columns)?;
        let shape: TVec<usize> = tvec![rows, 1];
        Ok(Some(tvec![Fact::new(DatumType::F32, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let all: Vec<f32> = reals(input)?;
        let rows = all.chunks_exact(self.machine.width.max(1)).map(|features| {
            let alike = self.machine.similarities(features);
            let products = alike
                .iter()
                .zip(&self.machine.coefficients)
                .map(|(a, b)| a * b);
            let sum = products.sum::<f32>() + self.machine.rho[0];
            match (self.one_class, sum > 0.0) {
                (false, _) => sum,
                (true, true) => 1.0,
                (true, false) => -1.0,
            }
        });
        let rows: Vec<f32> = rows.collect();
        Ok(tvec![from_reals(DatumType::F32, &[rows.len(), 1], rows)?])
    }
}

pub(in crate::ops) fn svm_classifier(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let labels = labels(node)?;
    let per_class = indices(node, "vectors_per_class")?;
    let classes = labels.len();
    ensure!(
        per_class.len() == classes,
        "has support vectors of {} classes for {classes} labels",
        per_class.len()
    );
    let machine = Machine::of(node, per_class.iter().sum())?;
    let pairs = classes * (classes - 1) / 2;
    let (got, expected) = (machine.coefficients.len(), machine.count * (classes - 1));
    ensure!(
        got == expected,
        "has {got} coefficients, expected {expected}"
    );
    let probabilities: Vec<(f32, f32)> = node
        .floats("prob_a")
        .iter()
        .copied()
        .zip(node.floats("prob_b").iter().copied())
        .collect();
    ensure!(
        machine.rho.len() == pairs && (probabilities.is_empty() || probabilities.len() == pairs),
        "has {} offsets and {} pairs of numbers for probabilities, expected {pairs}",
        machine.rho.len(),
        probabilities.len()
    );
    let transform = Transform::of(node)?;
    ensure!(
        classes > 2
            || !probabilities.is_empty()
            || matches!(transform, Transform::None | Transform::Logistic),
        "changes scores of two classes without probabilities in a way that runtimes do not agree on: let 'post_transform' be NONE, or train with probabilities"
    );
    Ok(Box::new(Classifier {
        machine,
        labels,
        per_class,
        probabilities,
        transform,
    }))
}

/// `SVMClassifier`.
#[derive(Debug)]
struct Classifier {
    machine: Machine,
    labels: Vec<i64>,
    /// How many support vectors each class has.
    per_class: Vec<usize>,
    /// For each pair of classes; none if scores stay what they are.
    probabilities: Vec<(f32, f32)>,
    transform: Transform,
}

impl Classifier {
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let classes = self.labels.len();
        (0..classes).flat_map(move |first| (first + 1..classes).map(move |second| (first, second)))
    }

    /// The decision of each pair of classes.
    fn decisions(&self, features: &[f32]) -> Vec<f32> {
        let alike = self.machine.similarities(features);
        let count = self.machine.count;
        let starts: Vec<usize> = self
            .per_class
            .iter()
            .scan(0, |start, size| {
                let this = *start;
                *start += size;
                Some(this)
            })
            .collect();
        let part = |row: usize, class: usize| -> f64 {
            let (start, size) = (starts[class], self.per_class[class]);
            let coefficients = &self.machine.coefficients[row * count + start..][..size];
            let products = coefficients.iter().zip(&alike[start..start + size]);
            products.map(|(left, right)| f64::from(left * right)).sum()
        };
        let pairs = self.pairs().zip(&self.machine.rho);
        let decisions = pairs.map(|((first, second), rho)| {
            part(second - 1, first) + part(first, second) + f64::from(*rho)
        });
        #[allow(clippy::cast_possible_truncation, reason = "scores are single floats")]
        let decisions = decisions.map(|decision| decision as f32);
        decisions.collect()
    }

    /// How many pairs each class wins.
    fn votes(&self, decisions: &[f32]) -> Vec<f32> {
        let mut votes = vec![0.0; self.labels.len()];
        for ((first, second), decision) in self.pairs().zip(decisions) {
            votes[if *decision > 0.0 { first } else { second }] += 1.0;
        }
        votes
    }

    /// Probabilities of the classes from those of pairs.
    fn coupled(&self, decisions: &[f32]) -> Vec<f32> {
        let classes = self.labels.len();
        let mut between = vec![0.0_f64; classes * classes];
        let pairs = self.pairs().zip(decisions).zip(&self.probabilities);
        for (((first, second), decision), (a, b)) in pairs {
            let probability = 1.0 - f64::from(logistic(decision * a + b));
            let probability = probability.clamp(1e-7, 1.0 - 1e-7);
            between[first * classes + second] = probability;
            between[second * classes + first] = 1.0 - probability;
        }
        couple(&between, classes)
    }

    /// The place of the label, and the scores.
    fn decide(&self, features: &[f32]) -> (usize, Vec<f32>) {
        let decisions = self.decisions(features);
        // Not the most probable class, which may be another: as libsvm.
        let best = largest(&self.votes(&decisions));
        if !self.probabilities.is_empty() {
            let mut scores = self.coupled(&decisions);
            self.transform.apply(&mut scores);
            return (best, scores);
        }
        let mut scores = match decisions[..] {
            // The first class is the one that a positive decision is for.
            [decision] => vec![decision, -decision],
            _ => decisions,
        };
        self.transform.apply(&mut scores);
        (best, scores)
    }

    fn width(&self) -> usize {
        let classes = self.labels.len();
        if self.probabilities.is_empty() && classes > 2 {
            classes * (classes - 1) / 2
        } else {
            classes
        }
    }
}

/// Finds the probabilities that fit those of pairs best, by libsvm's iteration.
fn couple(between: &[f64], classes: usize) -> Vec<f32> {
    let at = |row: usize, column: usize| between[row * classes + column];
    let mut matrix = vec![0.0; classes * classes];
    for row in 0..classes {
        for column in 0..classes {
            let value = if row == column {
                let others = (0..classes).filter(|other| *other != row);
                others.map(|other| at(other, row) * at(other, row)).sum()
            } else {
                -at(column, row) * at(row, column)
            };
            matrix[row * classes + column] = value;
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "classes are few")]
    let count = classes as f64;
    let mut found = vec![1.0 / count; classes];
    for _ in 0..classes.max(100) {
        let row = |row: usize, found: &[f64]| -> f64 {
            let products = matrix[row * classes..(row + 1) * classes].iter().zip(found);
            products.map(|(left, right)| left * right).sum()
        };
        let mut products: Vec<f64> = (0..classes).map(|index| row(index, &found)).collect();
        let mut total: f64 = found
            .iter()
            .zip(&products)
            .map(|(left, right)| left * right)
            .sum();
        let error = products
            .iter()
            .map(|product| (product - total).abs())
            .fold(0.0, f64::max);
        if error < 0.005 / count {
            break;
        }
        for index in 0..classes {
            let own = matrix[index * classes + index];
            let change = (total - products[index]) / own;
            found[index] += change;
            total = (total + change * (change * own + 2.0 * products[index]))
                / (1.0 + change)
                / (1.0 + change);
            for other in 0..classes {
                products[other] =
                    (products[other] + change * matrix[index * classes + other]) / (1.0 + change);
                found[other] /= 1.0 + change;
            }
        }
    }
    #[allow(clippy::cast_possible_truncation, reason = "scores are single floats")]
    let found = found.into_iter().map(|probability| probability as f32);
    found.collect()
}

impl Kernel for Classifier {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let [rows, columns] = matrix(inputs)?;
        self.machine.check(columns)?;
        let (label, shape): (TVec<usize>, TVec<usize>) = (tvec![rows], tvec![rows, self.width()]);
        volume(DatumType::F32, &shape)?;
        Ok(Some(tvec![
            Fact::new(DatumType::I64, label),
            Fact::new(DatumType::F32, shape),
        ]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let all: Vec<f32> = reals(required(inputs, 0)?)?;
        let rows = all.chunks_exact(self.machine.width);
        let decided: Vec<(usize, Vec<f32>)> = rows.map(|features| self.decide(features)).collect();
        let chosen: Vec<i64> = decided
            .iter()
            .map(|(place, _)| self.labels[*place])
            .collect();
        let scores: Vec<f32> = decided.into_iter().flat_map(|(_, scores)| scores).collect();
        Ok(tvec![
            tensor(&[chosen.len()], &chosen)?,
            from_reals(DatumType::F32, &[chosen.len(), self.width()], scores)?,
        ])
    }
}
