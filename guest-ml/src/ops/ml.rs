//! Operators of `ai.onnx.ml`: what scikit-learn's models are exported to.
//!
//! <https://onnx.ai/onnx/operators/#ai-onnx-ml>. Where the specification says little, they answer as ONNX Runtime does.

mod columns;
mod encoders;
mod linear;
mod scores;
mod svm;
mod tree;

pub(super) use columns::{binarizer, feature_vectorizer, imputer, normalizer, scaler};
pub(super) use encoders::{array_feature_extractor, label_encoder, one_hot_encoder};
pub(super) use linear::{linear_classifier, linear_regressor};
pub(super) use svm::{svm_classifier, svm_regressor};
pub(super) use tree::{tree_ensemble, tree_ensemble_classifier, tree_ensemble_regressor};

use super::{Fact, Node, required};
use tract_onnx::tract_hir::internal::*;

/// Rows and columns of an input; a list is one row.
fn matrix(inputs: &[Option<&Fact>]) -> TractResult<[usize; 2]> {
    let input = required(inputs, 0)?;
    ensure!(
        input.datum.is_float() || input.datum.is_integer(),
        "is given {:?}, expected numbers",
        input.datum
    );
    match input.shape[..] {
        [columns] => Ok([1, columns]),
        [rows, columns] => Ok([rows, columns]),
        _ => bail!(
            "is given shape {:?}, expected rows and columns",
            input.shape
        ),
    }
}

/// The labels of classes, which must be whole numbers, and more than one.
fn labels(node: &Node<'_>) -> TractResult<Vec<i64>> {
    let words = ["classlabels_strings", "classlabels_strings_tensor"];
    ensure!(
        !words.iter().any(|name| node.has(name)),
        "has words for labels: train with whole numbers, as scikit-learn's LabelEncoder makes them"
    );
    let name = if node.has("classlabels_int64s") {
        "classlabels_int64s"
    } else {
        "classlabels_ints"
    };
    let labels = node.ints(name).to_vec();
    ensure!(
        labels.len() > 1,
        "has {} classes, for which runtimes give other scores: train with two or more",
        labels.len()
    );
    Ok(labels)
}

/// Numbers of an attribute, or of the tensor that stands for it in later versions.
fn floats(node: &Node<'_>, name: &str) -> TractResult<Vec<f64>> {
    match node.tensor(&format!("{name}_as_tensor"))? {
        Some(tensor) => super::floats::reals(&tensor),
        None => Ok(node
            .floats(name)
            .iter()
            .map(|number| f64::from(*number))
            .collect()),
    }
}

/// Indices of an attribute.
fn indices(node: &Node<'_>, name: &str) -> TractResult<Vec<usize>> {
    let index = |number: &i64| {
        let index = usize::try_from(*number).ok();
        index.with_context(|| format!("attribute '{name}' has the index {number}"))
    };
    node.ints(name).iter().map(index).collect()
}
