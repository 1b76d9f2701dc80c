//! A graph, ready to be run node by node.

use crate::ops;
use std::collections::{BTreeMap, BTreeSet};
use tract_onnx::pb::{GraphProto, NodeProto};
use tract_onnx::tract_hir::internal::*;

/// A graph.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Names of the inputs that a run gives.
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    pub(super) constants: BTreeMap<String, Arc<Tensor>>,
    pub(super) nodes: Vec<Node>,
}

/// A node, with the graphs of its attributes.
#[derive(Debug)]
pub(super) struct Node {
    /// Without graphs.
    pub(super) proto: NodeProto,
    pub(super) graphs: BTreeMap<String, Graph>,
    /// Names that nothing reads after this node.
    pub(super) last_uses: Vec<String>,
}

impl Graph {
    /// Takes a vetted graph.
    ///
    /// # Errors
    /// If a stored tensor cannot be read.
    pub(super) fn new(proto: GraphProto) -> TractResult<Self> {
        let mut constants = BTreeMap::new();
        for stored in &proto.initializer {
            let tensor = ops::read(stored)?.into_arc_tensor();
            constants.insert(stored.name.clone(), tensor);
        }
        let inputs = proto.input.into_iter().map(|input| input.name);
        let inputs = inputs
            .filter(|name| !constants.contains_key(name))
            .collect();
        let nodes = proto.node.into_iter().map(Node::new);
        let mut graph = Self {
            inputs,
            outputs: proto.output.into_iter().map(|output| output.name).collect(),
            nodes: nodes.collect::<TractResult<_>>()?,
            constants,
        };
        graph.find_last_uses();
        Ok(graph)
    }

    /// Notes where each value is read for the last time, so that it need not be kept.
    pub(super) fn find_last_uses(&mut self) {
        let mut later: BTreeSet<String> = self.outputs.iter().cloned().collect();
        for node in self.nodes.iter_mut().rev() {
            let used: BTreeSet<String> = node
                .reads()
                .chain(node.named_outputs())
                .map(str::to_owned)
                .collect();
            node.last_uses = used.difference(&later).cloned().collect();
            later.extend(used);
        }
    }

    /// Names that its nodes read and that it does not define itself.
    fn free(&self) -> impl Iterator<Item = &str> {
        let mut own: BTreeSet<&str> = self.inputs.iter().map(String::as_str).collect();
        own.extend(self.constants.keys().map(String::as_str));
        own.extend(self.nodes.iter().flat_map(Node::named_outputs));
        let read = self.nodes.iter().flat_map(Node::reads);
        let read = read.chain(self.outputs.iter().map(String::as_str));
        let free: BTreeSet<&str> = read.filter(|name| !own.contains(name)).collect();
        free.into_iter()
    }
}

impl Node {
    fn new(mut proto: NodeProto) -> TractResult<Self> {
        let mut graphs = BTreeMap::new();
        for attribute in &mut proto.attribute {
            if let Some(graph) = attribute.g.take() {
                graphs.insert(attribute.name.clone(), Graph::new(graph)?);
            }
        }
        Ok(Self {
            proto,
            graphs,
            last_uses: vec![],
        })
    }

    /// Its name, or that of its first output.
    pub(super) fn name(&self) -> &str {
        match self.proto.name.as_str() {
            "" => self.named_outputs().next().unwrap_or_default(),
            name => name,
        }
    }

    /// A graph of an attribute.
    pub(super) fn graph(&self, name: &str) -> TractResult<&Graph> {
        let graph = self.graphs.get(name);
        graph.with_context(|| format!("lacks the attribute '{name}'"))
    }

    /// Names that it reads, also in its graphs.
    pub(super) fn reads(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        let inputs = self.proto.input.iter().map(String::as_str);
        let inputs = inputs.filter(|name| !name.is_empty());
        Box::new(inputs.chain(self.graphs.values().flat_map(Graph::free)))
    }

    /// Names of its outputs, without those that are left out.
    pub(super) fn named_outputs(&self) -> impl Iterator<Item = &str> {
        let outputs = self.proto.output.iter().map(String::as_str);
        outputs.filter(|name| !name.is_empty())
    }

    /// Whether it makes values that are no tensors, or runs graphs.
    pub(super) fn makes_values(&self) -> bool {
        let operator = self.proto.op_type.as_str();
        let makes = operator.contains("Sequence") || operator.starts_with("Optional");
        makes || !self.graphs.is_empty()
    }
}
