//! What a rewrite puts in a node's place.

use std::collections::BTreeSet;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

/// All names of values in a model.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// Those of a graph, and of those that are nested in it.
    pub(super) fn of(graph: &GraphProto) -> Self {
        let mut names = Self::default();
        names.take(graph);
        names
    }

    fn take(&mut self, graph: &GraphProto) {
        let inputs = graph.input.iter().map(|input| &input.name);
        let stored = graph.initializer.iter().map(|tensor| &tensor.name);
        let computed = graph.node.iter().flat_map(|node| &node.output);
        self.0.extend(inputs.chain(stored).chain(computed).cloned());
        for attribute in graph.node.iter().flat_map(|node| &node.attribute) {
            for nested in attribute.g.iter().chain(&attribute.graphs) {
                self.take(nested);
            }
        }
    }

    /// A name that no value has.
    pub(super) fn fresh(&mut self, like: &str) -> String {
        let mut name = format!("{like}'");
        while !self.0.insert(name.clone()) {
            name.push('\'');
        }
        name
    }
}

/// The operators that a node becomes.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) whole: &'a NodeProto,
    pub(super) nodes: &'a mut Vec<NodeProto>,
    pub(super) stored: &'a mut Vec<TensorProto>,
    pub(super) names: &'a mut Names,
}

impl Parts<'_> {
    /// Name of an input; empty if it is left out.
    pub(super) fn input(&self, place: usize) -> String {
        self.whole.input.get(place).cloned().unwrap_or_default()
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&AttributeProto> {
        self.whole.attribute.iter().find(|given| given.name == name)
    }

    /// Adds a node; the name of its output.
    pub(super) fn add(
        &mut self,
        operator: &str,
        inputs: Vec<String>,
        attributes: Vec<AttributeProto>,
    ) -> String {
        let result = self.whole.output.first().map_or("", String::as_str);
        let name = self.names.fresh(result);
        let mut node = new_node(operator, inputs, name.clone());
        node.attribute = attributes;
        self.nodes.push(node);
        name
    }

    /// Adds the node that makes the result.
    pub(super) fn finish(&mut self, operator: &str, inputs: Vec<String>) {
        self.add(operator, inputs, vec![]);
        if let Some(last) = self.nodes.last_mut() {
            last.output.clone_from(&self.whole.output);
            last.name.clone_from(&self.whole.name);
        }
    }

    /// Stores a list of whole numbers; its name.
    pub(super) fn store(&mut self, numbers: &[i64]) -> String {
        let result = self.whole.output.first().map_or("", String::as_str);
        let name = self.names.fresh(result);
        self.stored.push(whole_numbers(name.clone(), numbers));
        name
    }
}

/// A stored list of whole numbers.
pub(super) fn whole_numbers(name: String, numbers: &[i64]) -> TensorProto {
    TensorProto {
        name,
        dims: vec![numbers.len() as i64],
        data_type: DataType::Int64 as i32,
        int64_data: numbers.to_vec(),
        ..Default::default()
    }
}

/// A node of one output.
pub(super) fn new_node(operator: &str, input: Vec<String>, output: String) -> NodeProto {
    NodeProto {
        op_type: operator.into(),
        input,
        output: vec![output],
        ..Default::default()
    }
}

/// An attribute of one whole number.
pub(super) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        r#type: AttributeType::Int as i32,
        i: value,
        ..AttributeProto::default()
    }
}
