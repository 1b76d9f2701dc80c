//! Operators that the importer knows but computes wrongly, or that the machine cannot answer for.

use super::Problem;
use super::graph::at;
use std::collections::{BTreeMap, BTreeSet};
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto};

/// Longest chain of nodes between a softmax and the quantisation beside it that is looked at.
const MAX_CHAIN: usize = 16;

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
        "Einsum" => sum_of_all(node),
        "ConvTranspose" => padded_twice(node).or_else(|| shaped_twice(node)),
        "AveragePool" | "Conv" | "ConvInteger" | "MaxPool" | "QLinearConv" => padded_twice(node),
        _ => None,
    }
}

fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|given| given.name == name)
}

/// The importer takes an equation whose result has no axes for one that does not say which it has.
fn sum_of_all(node: &NodeProto) -> Option<Problem> {
    let equation = &attribute(node, "equation")?.s;
    let result = equation.rsplit(|byte| *byte == b'>').next()?;
    let scalar = equation.contains(&b'>') && result.iter().all(u8::is_ascii_whitespace);
    scalar.then(|| {
        let reason = "has an equation whose result has no axes, which is computed wrongly";
        let fix = "keep an axis in the equation, and sum over it with ReduceSum";
        at(node, reason, fix)
    })
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

/// The importer replaces whatever it takes for element-wise between a dequantisation and a quantisation with a table
/// of 256 entries, and takes softmax for element-wise.
pub(super) fn softmax_between_quantisation(graph: &GraphProto) -> Vec<Problem> {
    let links = Links::new(graph);
    let softmax = |node: &&NodeProto| matches!(node.op_type.as_str(), "Softmax" | "LogSoftmax");
    let between =
        |node: &&NodeProto| links.follows_dequantize(node) && links.reaches_quantize(node);
    let problem = |node: &NodeProto| {
        let fix = "leave the softmax in float: exclude the node when quantising (nodes_to_exclude)";
        at(
            node,
            "stands between DequantizeLinear and QuantizeLinear, where it is computed wrongly",
            fix,
        )
    };
    graph
        .node
        .iter()
        .filter(softmax)
        .filter(between)
        .map(problem)
        .collect()
}

/// Operators that the importer computes element by element, or moves out of the way of those.
const ELEMENT_WISE: [&str; 44] = [
    "Abs",
    "Add",
    "Cast",
    "Ceil",
    "Celu",
    "Clip",
    "Cos",
    "Div",
    "Dropout",
    "Elu",
    "Erf",
    "Exp",
    "Flatten",
    "Floor",
    "Gelu",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "LeakyRelu",
    "Log",
    "LogSoftmax",
    "Mish",
    "Mul",
    "Neg",
    "PRelu",
    "Pow",
    "Reciprocal",
    "Relu",
    "Reshape",
    "Round",
    "Selu",
    "Sigmoid",
    "Sign",
    "Sin",
    "Softmax",
    "Softplus",
    "Softsign",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Tanh",
    "ThresholdedRelu",
    "Transpose",
    "Unsqueeze",
];

/// Who computes and who reads each value.
struct Links<'a> {
    constant: BTreeSet<&'a str>,
    producer: BTreeMap<&'a str, &'a NodeProto>,
    readers: BTreeMap<&'a str, Vec<&'a NodeProto>>,
}

impl<'a> Links<'a> {
    fn new(graph: &'a GraphProto) -> Self {
        let stored = graph.initializer.iter().map(|tensor| tensor.name.as_str());
        let constants = graph.node.iter().filter(|node| node.op_type == "Constant");
        let outputs = constants.flat_map(|node| &node.output).map(String::as_str);
        let constant = stored.chain(outputs).chain([""]).collect();
        let mut links = Self {
            constant,
            producer: BTreeMap::new(),
            readers: BTreeMap::new(),
        };
        for node in &graph.node {
            for output in &node.output {
                links.producer.insert(output, node);
            }
            for input in &node.input {
                links.readers.entry(input).or_default().push(node);
            }
        }
        links
    }

    /// The input that is no constant, of a node that only changes elements one by one or their order.
    fn passes_through(&self, node: &'a NodeProto) -> Option<&'a str> {
        let mut varying = node
            .input
            .iter()
            .filter(|input| !self.constant.contains(input.as_str()));
        let (input, other) = (varying.next()?, varying.next());
        (other.is_none() && ELEMENT_WISE.contains(&node.op_type.as_str())).then_some(input)
    }

    fn follows_dequantize(&self, node: &'a NodeProto) -> bool {
        let mut node = node;
        for _ in 0..MAX_CHAIN {
            match self
                .passes_through(node)
                .and_then(|input| self.producer.get(input))
            {
                Some(before) if before.op_type == "DequantizeLinear" => return true,
                Some(before) => node = before,
                None => return false,
            }
        }
        false
    }

    fn reaches_quantize(&self, node: &'a NodeProto) -> bool {
        let mut node = node;
        for _ in 0..MAX_CHAIN {
            let readers = node
                .output
                .first()
                .and_then(|output| self.readers.get(output.as_str()));
            match readers.map(Vec::as_slice) {
                Some(several)
                    if several
                        .iter()
                        .any(|reader| reader.op_type == "QuantizeLinear") =>
                {
                    return true;
                }
                Some([next]) if self.passes_through(next).is_some() => node = next,
                _ => return false,
            }
        }
        false
    }
}
