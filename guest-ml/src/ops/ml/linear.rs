//! Linear models.
//!
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_LinearClassifier.html>,
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_LinearRegressor.html>

use super::scores::{Transform, largest};
use super::{labels, matrix};
use crate::ops::floats::{from_reals, reals};
use crate::ops::{Fact, Kernel, Node, required, tensor, volume};
use tract_onnx::tract_hir::internal::*;

/// A sum for each target.
#[derive(Debug)]
struct Sums {
    targets: usize,
    /// A row for each target.
    coefficients: Vec<f32>,
    intercepts: Vec<f32>,
}

impl Sums {
    fn of(node: &Node<'_>, targets: usize) -> TractResult<Self> {
        let coefficients = node.floats("coefficients").to_vec();
        let mut intercepts = node.floats("intercepts").to_vec();
        if intercepts.is_empty() {
            intercepts = vec![0.0; targets];
        }
        ensure!(
            targets > 0
                && intercepts.len() == targets
                && coefficients.len().is_multiple_of(targets),
            "has {} coefficients and {} intercepts for {targets} sums",
            coefficients.len(),
            intercepts.len()
        );
        Ok(Self {
            targets,
            coefficients,
            intercepts,
        })
    }

    fn check(&self, columns: usize) -> TractResult<()> {
        let expected = self.coefficients.len() / self.targets;
        ensure!(
            columns == expected,
            "is given {columns} features, expected {expected}"
        );
        Ok(())
    }

    /// Of each row.
    fn rows(&self, input: &Tensor) -> TractResult<Vec<Vec<f32>>> {
        let [rows, columns] = matrix(&[Some(&Fact::of(input))])?;
        let all: Vec<f32> = reals(input)?;
        let sums = |row: usize| {
            let features = &all[row * columns..(row + 1) * columns];
            let sum = |target: usize| {
                let weights = &self.coefficients[target * columns..(target + 1) * columns];
                let products = features
                    .iter()
                    .zip(weights)
                    .map(|(left, right)| left * right);
                products.sum::<f32>() + self.intercepts[target]
            };
            (0..self.targets).map(sum).collect()
        };
        Ok((0..rows).map(sums).collect())
    }
}

pub(in crate::ops) fn linear_regressor(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let targets = usize::try_from(node.int("targets").unwrap_or(1))?;
    Ok(Box::new(Regressor {
        sums: Sums::of(node, targets)?,
        transform: Transform::of(node)?,
    }))
}

/// `LinearRegressor`.
#[derive(Debug)]
struct Regressor {
    sums: Sums,
    transform: Transform,
}

impl Kernel for Regressor {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let [rows, columns] = matrix(inputs)?;
        self.sums.check(columns)?;
        let shape: TVec<usize> = tvec![rows, self.sums.targets];
        volume(DatumType::F32, &shape)?;
        Ok(Some(tvec![Fact::new(DatumType::F32, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let mut rows = self.sums.rows(required(inputs, 0)?)?;
        rows.iter_mut().for_each(|row| self.transform.apply(row));
        let shape = [rows.len(), self.sums.targets];
        Ok(tvec![from_reals(DatumType::F32, &shape, rows.concat())?])
    }
}

pub(in crate::ops) fn linear_classifier(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let labels = labels(node)?;
    let intercepts = node.floats("intercepts").len();
    let sums = Sums::of(
        node,
        if intercepts == 0 {
            labels.len()
        } else {
            intercepts
        },
    )?;
    let fits = sums.targets == labels.len() || (sums.targets == 1 && labels.len() == 2);
    ensure!(
        fits,
        "has {} sums for {} labels",
        sums.targets,
        labels.len()
    );
    let transform = Transform::of(node)?;
    ensure!(
        sums.targets > 1 || transform == Transform::Logistic,
        "has one sum for two labels, which runtimes read in other ways unless 'post_transform' is LOGISTIC: export a row of coefficients for each label"
    );
    Ok(Box::new(Classifier {
        labels,
        sums,
        transform,
    }))
}

/// `LinearClassifier`.
#[derive(Debug)]
struct Classifier {
    labels: Vec<i64>,
    sums: Sums,
    transform: Transform,
}

impl Kernel for Classifier {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let [rows, columns] = matrix(inputs)?;
        self.sums.check(columns)?;
        let (label, shape): (TVec<usize>, TVec<usize>) =
            (tvec![rows], tvec![rows, self.labels.len()]);
        volume(DatumType::F32, &shape)?;
        Ok(Some(tvec![
            Fact::new(DatumType::I64, label),
            Fact::new(DatumType::F32, shape),
        ]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let mut rows = self.sums.rows(required(inputs, 0)?)?;
        let mut chosen = Vec::with_capacity(rows.len());
        for row in &mut rows {
            if let [score] = row[..] {
                // The other class has the same with the other sign.
                *row = vec![-score, score];
            }
            chosen.push(self.labels[largest(row)]);
            self.transform.apply(row);
        }
        let shape = [rows.len(), self.labels.len()];
        Ok(tvec![
            tensor(&[rows.len()], &chosen)?,
            from_reals(DatumType::F32, &shape, rows.concat())?,
        ])
    }
}
