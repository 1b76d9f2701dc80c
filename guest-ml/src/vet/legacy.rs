//! Forms of operators that were replaced long ago: what is known of them before the model is prepared.
//!
//! `normalise` rewrites them into newer ones with what is found here, so both see the same.

use super::Problem;
use super::families::RESIZE;
use super::graph::at;
use std::collections::BTreeMap;
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

/// The operator set that brought NumPy's rules for stretching shapes to one.
pub(crate) const STRETCHES: i64 = 7;

/// The operator set that brought extremes of whole numbers.
const SIGNED_EXTREMES: i64 = 12;

/// Operators whose second input, before [`STRETCHES`], is stretched along the axes from the one that `axis` names.
const STRETCHED: [&str; 12] = [
    "Add", "And", "Div", "Equal", "Greater", "Less", "Mul", "Or", "Pow", "Sub", "Xor", "PRelu",
];

/// The first axis of the first input that the second one's axes stand for, if it is not the last ones'.
pub(crate) fn first_axis(node: &NodeProto, opset: i64) -> Option<i64> {
    let stretched = opset < STRETCHES && STRETCHED.contains(&node.op_type.as_str());
    let number = |name| attribute(node, name).map(|given| given.i);
    let axis = number("axis").filter(|_| number("broadcast") == Some(1));
    axis.filter(|_| stretched)
}

/// Counts of axes and small tensors that a graph states.
#[derive(Debug)]
pub(crate) struct Stated<'a> {
    ranks: BTreeMap<&'a str, usize>,
    tensors: BTreeMap<&'a str, &'a TensorProto>,
}

impl<'a> Stated<'a> {
    pub(crate) fn of(graph: &'a GraphProto) -> Self {
        let stored = graph
            .initializer
            .iter()
            .map(|tensor| (tensor.name.as_str(), tensor));
        let constants = graph.node.iter().filter(|node| node.op_type == "Constant");
        let constants = constants.filter_map(|node| {
            let value = attribute(node, "value")?.t.as_ref()?;
            Some((node.output.first()?.as_str(), value))
        });
        let tensors: BTreeMap<_, _> = stored.chain(constants).collect();
        let of_tensors = tensors
            .iter()
            .map(|(name, tensor)| (*name, tensor.dims.len()));
        let of_inputs = graph.input.iter().filter_map(|input| {
            let tract_onnx::pb::type_proto::Value::TensorType(ty) =
                input.r#type.as_ref()?.value.as_ref()?;
            Some((input.name.as_str(), ty.shape.as_ref()?.dim.len()))
        });
        let ranks = of_inputs.chain(of_tensors).collect();
        Self { ranks, tensors }
    }

    /// How many axes a value has.
    pub(crate) fn rank(&self, name: &str) -> Option<usize> {
        self.ranks.get(name).copied()
    }

    /// Whether a value is known to have one element.
    pub(crate) fn is_single(&self, name: &str) -> bool {
        let tensor = self.tensors.get(name);
        tensor.is_some_and(|tensor| tensor.dims.iter().all(|size| *size == 1))
    }

    /// The factors by which a node resizes each axis.
    pub(crate) fn factors(&self, node: &NodeProto) -> Option<Vec<f32>> {
        if let Some(scales) = attribute(node, "scales") {
            return Some(scales.floats.clone());
        }
        let tensor = self.tensors.get(node.input.get(1)?.as_str())?;
        let numbers = tensor.raw_data.chunks_exact(4).map(|bytes| {
            let bytes = [bytes[0], bytes[1], bytes[2], bytes[3]];
            f32::from_le_bytes(bytes)
        });
        Some(numbers.chain(tensor.float_data.iter().copied()).collect())
    }
}

/// How the nearest element is found where the operator set does not say: as ONNX Runtime does.
pub(crate) fn nearest_mode(factors: &[f32]) -> Option<&'static str> {
    match factors {
        _ if factors.iter().all(|factor| *factor >= 1.0) => Some("floor"),
        _ if factors.iter().all(|factor| *factor <= 1.0) => Some("ceil"),
        _ => None,
    }
}

/// Nodes in old forms of which too little is known to rewrite them.
pub(super) fn unclear(graph: &GraphProto, opset: i64) -> Vec<Problem> {
    if opset >= SIGNED_EXTREMES {
        return Vec::new();
    }
    let stated = Stated::of(graph);
    let problem = |node| unclear_node(node, &stated, opset);
    graph.node.iter().filter_map(problem).collect()
}

fn unclear_node(node: &NodeProto, stated: &Stated<'_>, opset: i64) -> Option<Problem> {
    if let Some(axis) = first_axis(node, opset) {
        let second = node.input.get(1).and_then(|name| stated.rank(name));
        return (axis < 0 || second.is_none()).then(|| {
            let reason = "stretches a tensor of unknown rank along attribute 'axis'";
            at(node, reason, "export with operator set 7 or later")
        });
    }
    let shape = attribute(node, "output_shape");
    if node.op_type == "ConvTranspose" && shape.is_some_and(|shape| !shape.ints.is_empty()) {
        let reason = "has attribute 'output_shape', which is rewritten into newer operators";
        return Some(at(node, reason, "export with operator set 12 or later"));
    }
    if opset > 10 {
        return None;
    }
    let factors = || stated.factors(node);
    let whole = |factor: &f32| *factor >= 1.0 && factor.fract() == 0.0 && *factor < 65536.0;
    let reason = match node.op_type.as_str() {
        "Upsample" if !factors().is_some_and(|factors| factors.iter().all(whole)) => {
            "resizes by factors that are no stored whole numbers"
        }
        "Resize" if is_nearest(node) && factors().as_deref().and_then(nearest_mode).is_none() => {
            "resizes up and down, or by factors that are not stored"
        }
        _ => return None,
    };
    Some(at(node, reason, RESIZE))
}

fn is_nearest(node: &NodeProto) -> bool {
    attribute(node, "mode").is_none_or(|mode| mode.s == b"nearest")
}

fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|given| given.name == name)
}
