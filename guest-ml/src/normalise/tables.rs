//! Keeps the importer from making tables where there are none.
//!
//! Between a dequantisation and a quantisation the importer replaces what maps each axis to itself by a table of 256
//! entries. That is right for what looks at one element at a time, from and to the same type, and for nothing else.

use crate::ops::KEEP;
use std::collections::BTreeSet;
use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};

/// Operators that look at more than one element, and whose result has the axes of its input.
const BY_ROWS: [&str; 13] = [
    "CumProd",
    "CumSum",
    "GroupNormalization",
    "Hardmax",
    "InstanceNormalization",
    "LRN",
    "LayerNormalization",
    "LogSoftmax",
    "LpNormalization",
    "MeanVarianceNormalization",
    "RMSNormalization",
    "SimplifiedLayerNormalization",
    "Softmax",
];

/// Puts an operator that nothing sees through where a table would be wrong.
pub(super) fn separate(graph: &mut GraphProto) {
    let quantises = |node: &NodeProto| node.op_type == "QuantizeLinear";
    if !graph.node.iter().any(quantises) {
        return;
    }
    let mixed = types(graph).len() > 1;
    let kept = |node: &NodeProto| {
        let by_rows = BY_ROWS.contains(&node.op_type.as_str());
        match (by_rows, mixed && quantises(node)) {
            (true, _) => Some(Side::Behind),
            (false, true) => Some(Side::Before),
            (false, false) => None,
        }
    };
    for mut node in std::mem::take(&mut graph.node) {
        let side = kept(&node);
        let (name, place) = match side {
            Some(Side::Before) => ("before", node.input.first_mut()),
            Some(Side::Behind) => ("behind", node.output.first_mut()),
            None => ("", None),
        };
        let Some(value) = place else {
            graph.node.push(node);
            continue;
        };
        let fresh = format!("{} kept {name} {}", *value, node.name);
        let original = std::mem::replace(value, fresh.clone());
        match side {
            Some(Side::Before) => graph.node.extend([keep(&node.name, original, fresh), node]),
            _ => {
                let keep = keep(&node.name, fresh, original);
                graph.node.extend([node, keep]);
            }
        }
    }
}

enum Side {
    Before,
    Behind,
}

fn keep(name: &str, input: String, output: String) -> NodeProto {
    NodeProto {
        op_type: KEEP.into(),
        name: format!("{name} kept"),
        input: vec![input],
        output: vec![output],
        ..NodeProto::default()
    }
}

/// Element types between which values are quantised.
fn types(graph: &GraphProto) -> BTreeSet<Option<i32>> {
    let stored = |name: &str| graph.initializer.iter().find(|stored| stored.name == name);
    let quantised = graph
        .node
        .iter()
        .filter(|node| match node.op_type.as_str() {
            "QuantizeLinear" => true,
            // Weights are dequantised, too, and never quantised again.
            "DequantizeLinear" => node
                .input
                .first()
                .is_some_and(|name| stored(name).is_none()),
            _ => false,
        });
    let zero_point = |node: &NodeProto| {
        let name = node.input.get(2)?;
        stored(name).map(|zero: &TensorProto| zero.data_type)
    };
    quantised.map(zero_point).collect()
}
