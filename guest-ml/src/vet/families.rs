//! Operators that the importer knows but computes wrongly, or that the machine cannot answer for.

use super::Problem;
use super::graph::at;
use tract_onnx::pb::NodeProto;

/// What to do about an operator that does not exist or is not supported.
pub(super) fn advice(operator: &str) -> &'static str {
    match operator {
        "Loop" => "unroll the loop when exporting, or use Scan",
        "Upsample" => "export with operator set 11 or later, which has Resize",
        "BatchNormalization" | "LayerNormalization" | "Attention" => {
            "export with an operator set in which the exporter writes it with simpler operators"
        }
        name if name.starts_with("Sequence") || name.starts_with("Optional") => {
            "use tensors in place of sequences and optionals"
        }
        name if name.starts_with("String")
            || name.starts_with("Tfidf")
            || name == "LabelEncoder" =>
        {
            "process text outside the model"
        }
        name if name.starts_with("TreeEnsemble") => TREES,
        _ => "replace it with simpler operators, or compute it outside the model",
    }
}

const TREES: &str = "train a linear model or a small network in its place, or convert the trees to matrices with hummingbird-ml";

/// Nodes that are refused by themselves.
pub(super) fn known_wrong(node: &NodeProto) -> Option<Problem> {
    match node.op_type.as_str() {
        "RNN" | "LSTM" | "GRU" => backwards(node),
        "TreeEnsemble" | "TreeEnsembleClassifier" | "TreeEnsembleRegressor" => Some(at(
            node,
            "tree ensembles are refused: their answers differ from other runtimes",
            TREES,
        )),
        "Bernoulli" | "Multinomial" | "RandomNormal" | "RandomNormalLike" | "RandomUniform"
        | "RandomUniformLike" => Some(at(
            node,
            "draws random numbers, and the machine has none",
            "make the random tensor an input of the model",
        )),
        "QGemm" | "QLinearAveragePool" | "QLinearGlobalAveragePool" | "QLinearSoftmax" => {
            fused(node)
        }
        _ => None,
    }
}

/// What of ONNX Runtime's own operators is not taken apart.
fn fused(node: &NodeProto) -> Option<Problem> {
    let given = |name: &str| node.attribute.iter().find(|given| given.name == name);
    let reason = if given("channels_last").is_some_and(|last| last.i != 0) {
        "has its channels last"
    } else if given("alpha").is_some_and(|alpha| alpha.f != 1.0) {
        "multiplies by an alpha other than 1"
    } else if given("opset").is_some_and(|opset| opset.i < 13) {
        "takes all axes from its own on for one, as operator sets before 13 do"
    } else {
        return None;
    };
    let fix = "quantise with QuantFormat.QDQ, or leave the node in float (nodes_to_exclude)";
    Some(at(node, reason, fix))
}

fn backwards(node: &NodeProto) -> Option<Problem> {
    let direction = node
        .attribute
        .iter()
        .find(|attribute| attribute.name == "direction")?;
    let direction = String::from_utf8_lossy(&direction.s);
    (direction != "forward").then(|| {
        let reason = format!("runs in direction '{direction}', which is computed wrongly");
        let fix = "split it into forward layers, and reverse sequences with Slice of step -1 around the backward one";
        at(node, reason, fix)
    })
}
