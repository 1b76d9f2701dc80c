//! What is done to each column by itself, or to each row.
//!
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_Scaler.html>, <https://onnx.ai/onnx/operators/onnx_aionnxml_Imputer.html>,
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_Binarizer.html>,
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_Normalizer.html>,
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_FeatureVectorizer.html>

use super::matrix;
use crate::ops::floats::{Real, from_reals, reals};
use crate::ops::{Fact, Kernel, Node, required, volume};
use tract_onnx::tract_hir::internal::*;

/// A change of numbers, column by column or row by row.
#[derive(Debug)]
enum Change {
    Scale { offsets: Vec<f32>, scales: Vec<f32> },
    Impute { values: Vec<f64>, replaced: f64 },
    Binarize { threshold: f32 },
    Normalize(Norm),
}

#[derive(Clone, Copy, Debug)]
enum Norm {
    Max,
    One,
    Two,
}

/// `Scaler`, `Imputer`, `Binarizer` or `Normalizer`.
#[derive(Debug)]
struct Columns(Change);

pub(in crate::ops) fn scaler(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let (offsets, scales) = (
        node.floats("offset").to_vec(),
        node.floats("scale").to_vec(),
    );
    ensure!(
        offsets.len() == scales.len() && !scales.is_empty(),
        "has {} offsets and {} scales",
        offsets.len(),
        scales.len()
    );
    Ok(Box::new(Columns(Change::Scale { offsets, scales })))
}

pub(in crate::ops) fn imputer(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let (values, replaced) = if node.has("imputed_value_int64s") {
        #[allow(clippy::cast_precision_loss, reason = "such numbers are small")]
        let values = node
            .ints("imputed_value_int64s")
            .iter()
            .map(|value| *value as f64);
        #[allow(clippy::cast_precision_loss, reason = "such numbers are small")]
        let replaced = node.int("replaced_value_int64").unwrap_or(0) as f64;
        (values.collect(), replaced)
    } else {
        let values = node
            .floats("imputed_value_floats")
            .iter()
            .map(|value| f64::from(*value));
        let replaced = node.float("replaced_value_float").unwrap_or(0.0);
        (values.collect::<Vec<f64>>(), f64::from(replaced))
    };
    ensure!(
        !values.is_empty(),
        "has nothing to put in place of what is missing"
    );
    Ok(Box::new(Columns(Change::Impute { values, replaced })))
}

pub(in crate::ops) fn binarizer(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let threshold = node.float("threshold").unwrap_or(0.0);
    Ok(Box::new(Columns(Change::Binarize { threshold })))
}

pub(in crate::ops) fn normalizer(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let norm = match node.string("norm")?.unwrap_or("MAX") {
        "MAX" => Norm::Max,
        "L1" => Norm::One,
        "L2" => Norm::Two,
        other => bail!("attribute 'norm' is '{other}', expected MAX, L1 or L2"),
    };
    Ok(Box::new(Columns(Change::Normalize(norm))))
}

impl Columns {
    /// How many columns it has numbers for.
    fn count(&self) -> usize {
        match &self.0 {
            Change::Scale { scales, .. } => scales.len(),
            Change::Impute { values, .. } => values.len(),
            Change::Binarize { .. } | Change::Normalize(_) => 1,
        }
    }

    /// The type of the result.
    fn datum(&self, input: DatumType) -> DatumType {
        match &self.0 {
            Change::Scale { .. } | Change::Normalize(_) => DatumType::F32,
            Change::Impute { .. } | Change::Binarize { .. } => input,
        }
    }

    fn row<T: Real>(&self, row: &mut [T]) {
        match &self.0 {
            Change::Scale { offsets, scales } => {
                let numbers = offsets.iter().zip(scales).cycle();
                for (element, (offset, scale)) in row.iter_mut().zip(numbers) {
                    let [offset, scale] =
                        [offset, scale].map(|number| T::of_f64(f64::from(*number)));
                    *element = (*element - offset) * scale;
                }
            }
            Change::Impute { values, replaced } => {
                for (element, value) in row.iter_mut().zip(values.iter().cycle()) {
                    let missing = if replaced.is_nan() {
                        element.is_no_number()
                    } else {
                        *element == T::of_f64(*replaced)
                    };
                    if missing {
                        *element = T::of_f64(*value);
                    }
                }
            }
            Change::Binarize { threshold } => {
                let threshold = T::of_f64(f64::from(*threshold));
                for element in row {
                    *element = if *element > threshold {
                        T::ONE
                    } else {
                        T::ZERO
                    };
                }
            }
            Change::Normalize(norm) => normalise(row, *norm),
        }
    }

    fn compute<T: Real>(&self, input: &Tensor) -> TractResult<Tensor> {
        let mut all: Vec<T> = reals(input)?;
        let columns = input.shape().last().copied().unwrap_or(1);
        if columns > 0 {
            all.chunks_mut(columns).for_each(|row| self.row(row));
        }
        from_reals(self.datum(input.datum_type()), input.shape(), all)
    }
}

fn normalise<T: Real>(row: &mut [T], norm: Norm) {
    let size = |value: T| if value < T::ZERO { -value } else { value };
    let length = match norm {
        // As ONNX Runtime: the largest, and not the largest size.
        Norm::Max => {
            row.iter().copied().fold(
                T::NEG_INFINITY,
                |most, value| {
                    if value > most { value } else { most }
                },
            )
        }
        Norm::One => row.iter().map(|value| size(*value)).sum(),
        Norm::Two => T::of_f64(
            row.iter()
                .map(|value| value.to_f64() * value.to_f64())
                .sum::<f64>()
                .sqrt(),
        ),
    };
    if length != T::ZERO {
        row.iter_mut().for_each(|value| *value = *value / length);
    }
}

impl Kernel for Columns {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        let columns = input.shape.last().copied().unwrap_or(1);
        let count = self.count();
        ensure!(
            count == 1 || count == columns,
            "has numbers for {count} columns, but is given {columns}"
        );
        let number = input.datum.is_float() || input.datum.is_integer();
        ensure!(number, "is given {:?}, expected numbers", input.datum);
        Ok(Some(tvec![Fact::new(
            self.datum(input.datum),
            input.shape.clone()
        )]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let single = matches!(input.datum_type(), DatumType::F16 | DatumType::F32);
        let result = if single {
            self.compute::<f32>(input)?
        } else {
            self.compute::<f64>(input)?
        };
        Ok(tvec![result])
    }
}

pub(in crate::ops) fn feature_vectorizer(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let widths = super::indices(node, "inputdimensions")?;
    Ok(Box::new(FeatureVectorizer { widths }))
}

/// `FeatureVectorizer`.
#[derive(Debug)]
struct FeatureVectorizer {
    widths: Vec<usize>,
}

impl FeatureVectorizer {
    fn shape(&self, inputs: &[Option<&Fact>]) -> TractResult<[usize; 2]> {
        let [rows, _] = matrix(inputs)?;
        ensure!(
            inputs.len() == self.widths.len(),
            "has {} inputs, but widths of {}",
            inputs.len(),
            self.widths.len()
        );
        for (place, width) in self.widths.iter().enumerate() {
            let got = matrix(&[Some(required(inputs, place)?)])?;
            ensure!(
                got == [rows, *width],
                "input {place} has {got:?} rows and columns, expected [{rows}, {width}]"
            );
        }
        Ok([rows, self.widths.iter().sum()])
    }
}

impl Kernel for FeatureVectorizer {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let shape = self.shape(inputs)?;
        volume(DatumType::F32, &shape)?;
        Ok(Some(tvec![Fact::new(DatumType::F32, &shape[..])]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let facts: Vec<Option<Fact>> = inputs.iter().map(|input| input.map(Fact::of)).collect();
        let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
        let shape = self.shape(&facts)?;
        let parts = inputs.iter().flatten().map(|input| reals::<f32>(input));
        let parts: Vec<Vec<f32>> = parts.collect::<TractResult<_>>()?;
        let row = |row: usize| {
            let parts = parts.iter().zip(&self.widths);
            parts
                .flat_map(move |(part, width)| part[row * width..(row + 1) * width].iter().copied())
        };
        let all = (0..shape[0]).flat_map(row).collect();
        Ok(tvec![from_reals(DatumType::F32, &shape, all)?])
    }
}
