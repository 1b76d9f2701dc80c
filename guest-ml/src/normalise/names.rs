//! Names for values that a rewrite adds.

use std::collections::BTreeSet;
use tract_onnx::pb::GraphProto;

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
