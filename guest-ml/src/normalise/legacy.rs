//! Forms of operators that were replaced long ago, in terms of newer ones.

use super::parts::{Names, new_node, whole_numbers};
use crate::vet::legacy::{STRETCHES, Stated, first_axis, nearest_mode};
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

/// The newest operator set with such forms.
pub(super) const NEWEST: i64 = 10;

/// Rewrites a vetted graph.
pub(super) fn modernise(graph: &mut GraphProto, opset: i64, names: &mut Names) {
    if opset > NEWEST {
        return;
    }
    let mut writer = Writer {
        opset,
        stated: Stated::of(graph),
        names,
        nodes: Vec::with_capacity(graph.node.len()),
        stored: Vec::new(),
    };
    for node in &graph.node {
        writer.node(node.clone());
    }
    let Writer { nodes, stored, .. } = writer;
    graph.node = nodes;
    graph.initializer.extend(stored);
}

/// Writes the nodes of a graph anew.
struct Writer<'a> {
    opset: i64,
    stated: Stated<'a>,
    names: &'a mut Names,
    nodes: Vec<NodeProto>,
    stored: Vec<TensorProto>,
}

impl Writer<'_> {
    fn node(&mut self, mut node: NodeProto) {
        match node.op_type.as_str() {
            "TopK" if node.input.len() == 1 => {
                let count = take(&mut node, "k").map_or(0, |given| given.i);
                let count = self.store(&node, &[count]);
                node.input.push(count);
                self.nodes.push(node);
            }
            "PRelu" if self.opset < STRETCHES && !self.stated.is_single(&node.input[1]) => {
                self.slopes_of_channels(node);
            }
            "Upsample" => self.repeat(node),
            "Resize" => {
                let factors = self.stated.factors(&node).unwrap_or_default();
                let mode = nearest_mode(&factors).unwrap_or("floor");
                node.attribute.push(AttributeProto {
                    name: "nearest_mode".into(),
                    r#type: AttributeType::String as i32,
                    s: mode.into(),
                    ..Default::default()
                });
                self.nodes.push(node);
            }
            _ => match first_axis(&node, self.opset) {
                Some(axis) => self.stretch_along(node, axis),
                None => self.nodes.push(node),
            },
        }
    }

    /// A slope for each channel: the second axis.
    fn slopes_of_channels(&mut self, mut node: NodeProto) {
        let (input, slopes) = (node.input[0].clone(), node.input[1].clone());
        node.input[0] = self.reshape(&node, &input, &[0, 0, -1]);
        node.input[1] = self.reshape(&node, &slopes, &[-1, 1]);
        self.in_shape_of(node, input);
    }

    /// The second input's axes stand for the first one's from this one on.
    fn stretch_along(&mut self, mut node: NodeProto, axis: i64) {
        let (left, right) = (node.input[0].clone(), node.input[1].clone());
        let rank = self.stated.rank(&right).unwrap_or_default();
        let before = usize::try_from(axis).unwrap_or_default();
        take(&mut node, "axis");
        take(&mut node, "broadcast");
        let kept = |axes, last| [vec![0; axes], vec![last]].concat();
        node.input[0] = self.reshape(&node, &left, &kept(before + rank, -1));
        node.input[1] = self.reshape(&node, &right, &kept(rank, 1));
        self.in_shape_of(node, left);
    }

    /// The node, with its result in the shape that this value has.
    fn in_shape_of(&mut self, mut node: NodeProto, like: String) {
        let result = node.output[0].clone();
        let shape = self.wire(&node, "Shape", vec![like]);
        node.output[0] = self.names.fresh(&result);
        let inputs = vec![node.output[0].clone(), shape];
        self.nodes.push(node);
        self.nodes.push(new_node("Reshape", inputs, result));
    }

    /// Each element as many times as the factor of its axis says: a new axis after each, tiled and merged.
    fn repeat(&mut self, node: NodeProto) {
        let factors = self.stated.factors(&node).unwrap_or_default();
        #[allow(
            clippy::cast_possible_truncation,
            reason = "vetted to be small whole numbers"
        )]
        let factors: Vec<i64> = factors.iter().map(|factor| *factor as i64).collect();
        let input = node.input[0].clone();
        let shape = self.wire(&node, "Shape", vec![input.clone()]);
        let by = self.store(&node, &factors);
        let shape = self.wire(&node, "Mul", vec![shape, by]);
        let split = self.wire(&node, "Unsqueeze", vec![input]);
        if let Some(unsqueeze) = self.nodes.last_mut() {
            unsqueeze.attribute.push(AttributeProto {
                name: "axes".into(),
                r#type: AttributeType::Ints as i32,
                ints: (0..).map(|axis| 2 * axis + 1).take(factors.len()).collect(),
                ..Default::default()
            });
        }
        let times: Vec<i64> = factors.iter().flat_map(|factor| [1, *factor]).collect();
        let times = self.store(&node, &times);
        let tiled = self.wire(&node, "Tile", vec![split, times]);
        let result = node.output[0].clone();
        self.nodes
            .push(new_node("Reshape", vec![tiled, shape], result));
    }

    fn reshape(&mut self, node: &NodeProto, value: &str, shape: &[i64]) -> String {
        let shape = self.store(node, shape);
        self.wire(node, "Reshape", vec![value.into(), shape])
    }

    /// A new node before this one; the name of its output.
    fn wire(&mut self, node: &NodeProto, operator: &str, inputs: Vec<String>) -> String {
        let output = self.names.fresh(&node.output[0]);
        let node = new_node(operator, inputs, output.clone());
        self.nodes.push(node);
        output
    }

    /// A new stored list of whole numbers; its name.
    fn store(&mut self, node: &NodeProto, numbers: &[i64]) -> String {
        let name = self.names.fresh(&node.output[0]);
        self.stored.push(whole_numbers(name.clone(), numbers));
        name
    }
}

/// Takes an attribute from a node.
fn take(node: &mut NodeProto, name: &str) -> Option<AttributeProto> {
    let place = node.attribute.iter().position(|given| given.name == name)?;
    Some(node.attribute.swap_remove(place))
}
