//! Every held-out row through the precompile, beside what ONNX Runtime answered.
//!
//! Each model's `heldout.npz` has the rows and ONNX Runtime's outputs. `models/scripts/test_scripts.py` runs ONNX
//! Runtime again and compares, so the chain from the EVM to ONNX Runtime is whole.

use std::fs::File;

use alloy_primitives::U256;
use enshrine_precompile::INFERENCE;
use enshrine_primitives::blob_root;
use npyz::{NpyFile, npz::file_name_from_array_name};
use zip::ZipArchive;

use crate::support::*;

/// Largest difference of a float32 logit.
const LOGIT_TOLERANCE: f32 = 1e-4;

/// Largest difference of a probability.
const PROBABILITY_TOLERANCE: f32 = 1e-5;

/// Share of an int8 logit's quantisation step that rounding may add: logits are whole steps.
const STEP_ROUNDING: f32 = 1e-3;

/// A model with the rows that were kept away from its training.
struct HeldOut {
    name: &'static str,
    arrays: ZipArchive<File>,
}

impl HeldOut {
    fn open(name: &'static str) -> Self {
        let file = File::open(models_folder().join(name).join("heldout.npz")).unwrap();
        Self {
            name,
            arrays: ZipArchive::new(file).unwrap(),
        }
    }

    fn array<T: npyz::Deserialize>(&mut self, array: &str) -> Vec<T> {
        let file = self.arrays.by_name(&file_name_from_array_name(array));
        NpyFile::new(file.unwrap()).unwrap().into_vec().unwrap()
    }

    /// An array by rows, of which the label says how many there are.
    fn rows(&mut self, array: &str) -> Vec<Vec<f32>> {
        let rows = self.array::<i64>("label").len();
        let values = self.array::<f32>(array);
        assert_eq!(values.len() % rows, 0, "{}: {array}", self.name);
        let row_length = values.len() / rows;
        values.chunks(row_length).map(<[f32]>::to_vec).collect()
    }

    /// The precompile's answers to `inputs`, which go to the EVMs by turns.
    fn answers(&self, inputs: &[Vec<u8>], output_bytes: usize) -> Vec<Vec<u8>> {
        let model = model_bytes(self.name);
        let root = blob_root(&model).unwrap();
        let mut chains = Way::ALL.map(|way| Chain::with_model(way, &model));
        let ask = |(index, input): (usize, &Vec<u8>)| {
            let data = registered_call(root, U256::from(output_bytes), input);
            let (_, got) = succeeded(&chains[index % 2].call(INFERENCE, data, PLENTY));
            let output = got[32..].to_vec();
            assert_eq!(got[..], answer(&output));
            assert_eq!(output.len(), output_bytes, "{} {index}", self.name);
            output
        };
        inputs.iter().enumerate().map(ask).collect()
    }

    /// Rows and right answers of ONNX Runtime, as the model's manifest states them.
    fn stated(&self) -> (usize, usize) {
        let text = std::fs::read(models_folder().join(self.name).join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let number = |field| manifest["heldout"][field].as_u64().unwrap() as usize;
        (number("count"), number("correct"))
    }

    /// Compares classes row by row with ONNX Runtime's, and the accuracy with the labels.
    fn compare_classes(&mut self, got: &[usize], expected: &[usize]) {
        let labels = self.array::<i64>("label");
        let right = |classes: &[usize]| {
            let pairs = classes.iter().zip(&labels);
            pairs
                .filter(|(class, label)| **class as i64 == **label)
                .count()
        };
        let (ours, theirs) = (right(got), right(expected));
        let figures = format!("{}: {ours} right, ONNX Runtime {theirs}", self.name);
        assert_eq!(got, expected, "{figures}");
        assert_eq!((got.len(), ours), self.stated(), "{figures}");
        assert_eq!(ours, theirs, "{figures}");
    }
}

fn encoded(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn decoded(bytes: &[u8]) -> Vec<f32> {
    let (values, rest) = bytes.as_chunks();
    assert!(rest.is_empty());
    values
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}

/// Index of the largest value, the first one of equals, as ONNX Runtime's ArgMax has it.
fn class(values: &[f32]) -> usize {
    let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    values.iter().position(|value| *value == largest).unwrap()
}

fn classes(rows: &[Vec<f32>]) -> Vec<usize> {
    rows.iter().map(|row| class(row)).collect()
}

/// The rows differ by `tolerance` at most. A NaN differs from everything.
fn compare_values(name: &str, got: &[Vec<f32>], expected: &[Vec<f32>], tolerance: f32) {
    assert_eq!(got.len(), expected.len(), "{name}");
    let mut largest = (0.0, 0);
    for (index, (got, expected)) in got.iter().zip(expected).enumerate() {
        assert_eq!(got.len(), expected.len(), "{name} {index}");
        for (got, expected) in got.iter().zip(expected) {
            let difference = (got - expected).abs();
            assert!(!difference.is_nan(), "{name} {index}: {got}, {expected}");
            if difference > largest.0 {
                largest = (difference, index);
            }
        }
    }
    let (difference, index) = largest;
    assert!(
        difference <= tolerance,
        "{name}: the largest difference is {difference:e}, in row {index}; allowed is {tolerance:e}"
    );
}

#[test]
fn float32_digits_equal_onnx_runtime_s() {
    let mut set = HeldOut::open("digits-cnn");
    let inputs: Vec<_> = set.rows("image").iter().map(|row| encoded(row)).collect();
    let got: Vec<_> = set
        .answers(&inputs, 40)
        .iter()
        .map(|a| decoded(a))
        .collect();
    let expected = set.rows("logits");
    assert_eq!(got.len(), 360);
    compare_values(set.name, &got, &expected, LOGIT_TOLERANCE);
    set.compare_classes(&classes(&got), &classes(&expected));
}

#[test]
fn int8_digits_equal_onnx_runtime_s() {
    let mut set = HeldOut::open("digits-cnn-int8");
    let inputs: Vec<_> = set.rows("image").iter().map(|row| encoded(row)).collect();
    let got: Vec<_> = set
        .answers(&inputs, 40)
        .iter()
        .map(|a| decoded(a))
        .collect();
    let expected = set.rows("logits");
    assert_eq!(got.len(), 360);
    let step = set.array::<f32>("logits_step")[0];
    for logit in got.iter().flatten() {
        let steps = logit / step;
        assert!(
            (steps - steps.round()).abs() <= STEP_ROUNDING,
            "{logit} is not a whole number of steps of {step}"
        );
    }
    let tolerance = step * (1.0 + STEP_ROUNDING);
    compare_values(set.name, &got, &expected, tolerance);
    set.compare_classes(&classes(&got), &classes(&expected));
}

#[test]
fn a_batch_of_digits_equals_onnx_runtime_s() {
    let mut set = HeldOut::open("digits-cnn-batch");
    let rows = set.rows("image");
    let size = (rows.len() as u32).to_le_bytes();
    let input = [&size[..], &encoded(&rows.concat())].concat();
    let output_bytes = 4 + rows.len() * 40;
    let output = set.answers(&[input], output_bytes).concat();
    let (got_size, logits) = output.split_at(4);
    assert_eq!(got_size, size);
    let got: Vec<_> = logits.chunks(40).map(decoded).collect();
    let expected = set.rows("logits");
    assert_eq!(got.len(), 32);
    compare_values(set.name, &got, &expected, LOGIT_TOLERANCE);
    set.compare_classes(&classes(&got), &classes(&expected));
}

#[test]
fn tumours_equal_onnx_runtime_s() {
    let mut set = HeldOut::open("tumour-mlp");
    let rows = set.rows("features");
    let inputs: Vec<_> = rows.iter().map(|row| encoded(row)).collect();
    let answers = set.answers(&inputs, 16);
    assert_eq!(answers.len(), 114);
    // The outputs in the graph's order: the class as int64, then both probabilities.
    let (got_classes, got): (Vec<_>, Vec<_>) = answers
        .iter()
        .map(|answer| {
            let (class, probabilities) = answer.split_first_chunk().unwrap();
            (i64::from_le_bytes(*class) as usize, decoded(probabilities))
        })
        .unzip();
    let predicted = set.array::<i64>("predicted");
    let expected_classes: Vec<_> = predicted.iter().map(|class| *class as usize).collect();
    let expected = set.rows("probabilities");
    compare_values(set.name, &got, &expected, PROBABILITY_TOLERANCE);
    set.compare_classes(&got_classes, &expected_classes);
}
