//! Whether shapes in a graph depend on values.

use crate::ops;
use std::collections::BTreeSet;
use tract_onnx::pb::{GraphProto, NodeProto};

/// Why a graph can only be prepared when its inputs are there, if that is so.
pub(crate) fn depends_on_values(graph: &GraphProto) -> Option<String> {
    let stored = graph.initializer.iter();
    let mut known: BTreeSet<&str> = stored.map(|stored| stored.name.as_str()).collect();
    let is_known = |known: &BTreeSet<&str>, name: &str| name.is_empty() || known.contains(name);
    for node in &graph.node {
        let what = |what: String| {
            let name = [&node.name, node.output.first().unwrap_or(&node.name)];
            let name = name.into_iter().find(|name| !name.is_empty());
            let (name, operator) = (name.map_or("", |name| name), &node.op_type);
            Some(format!("node '{name}' ({operator}) {what}"))
        };
        let varying = node.input.iter().position(|name| !is_known(&known, name));
        if varying.is_some() && computes_shapes(&node.op_type) {
            return what("computes something whose shape depends on values".to_owned());
        }
        let parameter = (0..)
            .zip(&node.input)
            .find(|(place, name)| is_parameter(node, *place) && !is_known(&known, name));
        if let Some((_, name)) = parameter {
            return what(format!(
                "is steered by '{name}', which is computed from the input"
            ));
        }
        // What a branch or a body computes may differ from turn to turn.
        if node.attribute.iter().any(ops::Node::is_graph) {
            return what("runs a graph of its own".to_owned());
        }
        // Shapes are known before a run, whatever the values are.
        if varying.is_none() || matches!(node.op_type.as_str(), "Shape" | "Size") {
            known.extend(node.output.iter().map(String::as_str));
        }
    }
    None
}

/// Operators whose results have shapes that depend on the elements of their inputs, or that are no tensors.
fn computes_shapes(operator: &str) -> bool {
    const BY_ELEMENTS: [&str; 4] = ["Compress", "NonMaxSuppression", "NonZero", "Unique"];
    let of_sequences = operator.contains("Sequence") && operator != "ReverseSequence";
    BY_ELEMENTS.contains(&operator) || of_sequences || operator.starts_with("Optional")
}

/// Whether an input is a parameter that the importer wants to know before a run.
fn is_parameter(node: &NodeProto, place: usize) -> bool {
    match node.op_type.as_str() {
        "BlackmanWindow" | "ConstantOfShape" | "HammingWindow" | "HannWindow"
        | "MelWeightMatrix" | "Range" => true,
        "BatchNormalization" | "DFT" | "Expand" | "OneHot" | "Pad" | "Reshape" | "Resize"
        | "STFT" | "Slice" | "Split" | "Squeeze" | "Tile" | "TopK" | "Trilu" | "Unsqueeze"
        | "Upsample" | "CumSum" | "Clip" | "AffineGrid" | "CenterCropPad" | "Col2Im"
        | "Dropout" => place > 0,
        "MaxUnpool" => place == 2,
        "QLinearConv" | "ConvInteger" => place != 0,
        name if name.starts_with("Reduce") => place > 0,
        _ => false,
    }
}
