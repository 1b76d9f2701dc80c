//! Operators that the importer knows but computes wrongly, or that the machine cannot answer for.

use super::Problem;
use super::graph::at;
use tract_onnx::pb::{AttributeProto, NodeProto};

/// What to do about an operator that does not exist or is not supported.
pub(super) fn advice(operator: &str) -> &'static str {
    match operator {
        "Loop" => "unroll the loop when exporting, or use Scan",
        "Upsample" => RESIZE,
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
        _ => "replace it with simpler operators, or compute it outside the model",
    }
}

/// What to do about resizing by factors that older operator sets leave open.
pub(super) const RESIZE: &str = "export with operator set 11 or later, which has Resize";

/// Nodes that are refused by themselves.
pub(super) fn known_wrong(node: &NodeProto) -> Option<Problem> {
    match node.op_type.as_str() {
        "RNN" | "LSTM" | "GRU" => backwards(node),
        "QGemm" | "QLinearAveragePool" | "QLinearGlobalAveragePool" | "QLinearSoftmax" => {
            fused(node)
        }
        "ConvTranspose" => padded_twice(node).or_else(|| shaped_twice(node)),
        "AveragePool" | "Conv" | "ConvInteger" | "MaxPool" | "QLinearConv" => padded_twice(node),
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

fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|given| given.name == name)
}

/// The importer takes the paddings that are given over those that follow from `auto_pad`; others do not.
fn padded_twice(node: &NodeProto) -> Option<Problem> {
    let automatic = attribute(node, "auto_pad").is_some_and(|padding| padding.s != b"NOTSET");
    let given = attribute(node, "pads").is_some_and(|pads| !pads.ints.is_empty());
    (automatic && given).then(|| {
        let reason = "has both attributes 'auto_pad' and 'pads'";
        at(node, reason, "keep one of the two")
    })
}

/// With an output shape the importer takes the other attributes as they are; ONNX lets the paddings follow from it.
fn shaped_twice(node: &NodeProto) -> Option<Problem> {
    let numbers = |name| attribute(node, name).map_or(&[][..], |given| &given.ints);
    let automatic = attribute(node, "auto_pad").is_some_and(|padding| padding.s != b"NOTSET");
    let grown = numbers("output_padding").iter().any(|size| *size != 0);
    let padded = automatic || numbers("pads").iter().any(|size| *size != 0);
    let shaped = !numbers("output_shape").is_empty();
    let reason = match (shaped, automatic && grown) {
        (true, _) if padded || grown => "has attributes beside 'output_shape' that pad the output",
        (_, true) => "has both attributes 'auto_pad' and 'output_padding'",
        _ => return None,
    };
    Some(at(node, reason, "give 'pads' and 'output_padding' alone"))
}

fn backwards(node: &NodeProto) -> Option<Problem> {
    let direction = String::from_utf8_lossy(&attribute(node, "direction")?.s);
    (direction != "forward").then(|| {
        let reason = format!("runs in direction '{direction}', which is computed wrongly");
        let fix = "split it into forward layers, and reverse sequences with Slice of step -1 around the backward one";
        at(node, reason, fix)
    })
}
