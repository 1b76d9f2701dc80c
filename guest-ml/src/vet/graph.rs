//! Walks graphs and their nested graphs.

use super::reviewed::{self, Review};
use super::signature::{Default, Domain, Signature, UNBOUNDED};
use super::{MAX_PROBLEMS, Opsets, Problem, attributes, families, legacy, values};
use std::collections::BTreeSet;
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

/// Deepest nesting of graphs in attributes (branches of `If`, bodies of `Scan`); the importer recurses into them.
pub(crate) const MAX_GRAPH_DEPTH: usize = 8;

/// Collects problems while it walks.
pub(super) struct Checker<'a> {
    opsets: &'a Opsets,
    supported: &'a dyn Fn(&str) -> bool,
    problems: Vec<Problem>,
    /// Names defined so far in each graph from the outermost to the current one.
    scopes: Vec<BTreeSet<String>>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(
        opsets: &'a Opsets,
        supported: &'a dyn Fn(&str) -> bool,
        problems: Vec<Problem>,
    ) -> Self {
        Self {
            opsets,
            supported,
            problems,
            scopes: Vec::new(),
        }
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Checks the model's own graph.
    pub(super) fn model_graph(&mut self, graph: &GraphProto) {
        let stored: BTreeSet<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
        for input in graph
            .input
            .iter()
            .filter(|input| !stored.contains(input.name.as_str()))
        {
            self.record(values::graph_input(input));
        }
        if graph.output.is_empty() {
            self.problems.push(Problem::of_model(
                "has no outputs",
                "export the model again",
            ));
        }
        self.graph(graph);
    }

    fn graph(&mut self, graph: &GraphProto) {
        self.scopes.push(BTreeSet::new());
        self.initializers(graph);
        let stored: BTreeSet<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
        for input in graph
            .input
            .iter()
            .filter(|input| !stored.contains(input.name.as_str()))
        {
            self.define(&input.name);
        }
        for node in &graph.node {
            if self.problems.len() >= MAX_PROBLEMS {
                break;
            }
            self.node(node);
        }
        let version = self.opsets.get(Domain::Onnx.name());
        self.problems
            .extend(legacy::unclear(graph, version.copied().unwrap_or_default()));
        // The importer looks outputs up in their own graph only.
        let scope = self.scopes.pop().unwrap_or_default();
        for output in graph
            .output
            .iter()
            .filter(|output| !scope.contains(&output.name))
        {
            let reason = "is an output that no node of its graph computes";
            self.problems.push(Problem::of_value(
                &output.name,
                reason,
                "export the model again",
            ));
        }
    }

    fn initializers(&mut self, graph: &GraphProto) {
        for tensor in &graph.initializer {
            self.record(values::tensor(&tensor.name, tensor));
            self.define(&tensor.name);
        }
        if let Some(sparse) = graph.sparse_initializer.first() {
            let name = sparse.values.as_ref().map_or("", |values| &values.name);
            let reason = "is a sparse initialiser";
            self.problems.push(Problem::of_value(
                name,
                reason,
                "store it as a dense tensor",
            ));
        }
    }

    fn node(&mut self, node: &NodeProto) {
        self.operator(node);
        self.problems.extend(families::known_wrong(node));
        for input in node.input.iter().filter(|name| !name.is_empty()) {
            if !self.scopes.iter().any(|scope| scope.contains(input)) {
                let reason = format!("reads '{input}', which nothing computes before it");
                let fix = "add the missing initialiser or input, and sort the nodes by data flow";
                self.problems.push(at(node, reason, fix));
            }
        }
        for attribute in &node.attribute {
            self.attribute(node, attribute);
        }
        for output in node.output.iter().filter(|name| !name.is_empty()) {
            self.define(output);
        }
    }

    fn operator(&mut self, node: &NodeProto) {
        match self.signature(node) {
            Ok((signature, review)) => {
                self.problems.extend(misfit(node, signature));
                self.problems.extend(attributes::impossible(node));
                self.problems
                    .extend(attributes::unfollowed(node, signature, review));
            }
            Err(problem) => self.problems.push(problem),
        }
    }

    /// What the node's operator is in the model's operator set, and what was reviewed of it.
    fn signature(
        &self,
        node: &NodeProto,
    ) -> Result<(&'static Signature, &'static Review), Problem> {
        let unknown = |reason: String| at(node, reason, families::advice(&node.op_type));
        let domain = Domain::named(&node.domain).ok_or_else(|| {
            unknown(format!(
                "is an operator of the unknown domain '{}'",
                node.domain
            ))
        })?;
        if node.op_type.is_empty() {
            return Err(at(node, "names no operator", "export the model again"));
        }
        let name = domain.name();
        let Some(version) = self.opsets.get(name) else {
            let fix = "add the operator set to opset_import";
            return Err(at(node, format!("the model does not import {name}"), fix));
        };
        // An operator set above the ceiling is one problem of the model, not one of each node that is new in it.
        let version = (*version).min(domain.versions().1);
        let in_force = domain
            .operator(&node.op_type)
            .and_then(|known| known.signature(version));
        let Some(signature) = in_force else {
            return Err(unknown(format!(
                "is not an operator of {name} in operator set {version}"
            )));
        };
        if signature.removed {
            return Err(unknown(format!(
                "was removed from {name} in operator set {}",
                signature.since
            )));
        }
        if let Some((reason, fix)) = reviewed::refused(&node.op_type) {
            return Err(at(node, reason, fix));
        }
        let operator = node.op_type.as_str();
        let runs = (self.supported)(operator) || reviewed::REWRITTEN.contains(&operator);
        let review = Review::of(domain, operator).filter(|_| runs);
        let review =
            review.ok_or_else(|| unknown("is an operator that is not supported".into()))?;
        within(node, name, signature, review)?;
        Ok((signature, review))
    }

    fn attribute(&mut self, node: &NodeProto, attribute: &AttributeProto) {
        if !attribute.ref_attr_name.is_empty() {
            let reason = format!(
                "attribute '{}' refers to a function's parameter",
                attribute.name
            );
            self.problems.push(at(node, reason, "inline functions"));
        }
        if !attribute.sparse_tensors.is_empty() || attribute.sparse_tensor.is_some() {
            let reason = format!("attribute '{}' is a sparse tensor", attribute.name);
            self.problems
                .push(at(node, reason, "store it as a dense tensor"));
        }
        for tensor in attribute.t.iter().chain(&attribute.tensors) {
            self.attribute_tensor(node, attribute, tensor);
        }
        for graph in attribute.g.iter().chain(&attribute.graphs) {
            if self.scopes.len() >= MAX_GRAPH_DEPTH {
                let reason = format!("nests graphs deeper than {MAX_GRAPH_DEPTH} levels");
                self.problems
                    .push(at(node, reason, "flatten conditions and loops"));
                return;
            }
            self.graph(graph);
        }
    }

    fn attribute_tensor(&mut self, node: &NodeProto, attribute: &AttributeProto, t: &TensorProto) {
        if let Err(problem) = values::tensor(&attribute.name, t) {
            let reason = format!("attribute '{}' {}", attribute.name, problem.reason);
            self.problems.push(at(node, reason, problem.fix));
        }
    }

    fn define(&mut self, name: &str) {
        let fresh = self
            .scopes
            .last_mut()
            .is_some_and(|scope| scope.insert(name.to_owned()));
        if name.is_empty() {
            let reason = "has an input or initialiser without a name";
            self.problems
                .push(Problem::of_model(reason, "export the model again"));
        } else if !fresh {
            let reason = "is defined twice";
            self.problems.push(Problem::of_value(
                name,
                reason,
                "give each value a name of its own",
            ));
        }
    }

    fn record(&mut self, result: Result<(), Problem>) {
        self.problems.extend(result.err());
    }
}

/// A problem of this node.
pub(super) fn at(node: &NodeProto, reason: impl Into<String>, fix: impl Into<String>) -> Problem {
    let name = if node.name.is_empty() {
        node.output
            .iter()
            .find(|name| !name.is_empty())
            .map_or("", String::as_str)
    } else {
        &node.name
    };
    let node = (name.to_owned(), node.op_type.clone());
    Problem {
        node: node.0,
        operator: node.1,
        reason: reason.into(),
        fix: fix.into(),
    }
}

/// Whether the version of the operator that is in force is one of those that were reviewed.
fn within(
    node: &NodeProto,
    domain: &str,
    signature: &Signature,
    review: &Review,
) -> Result<(), Problem> {
    let (oldest, newest) = review.versions;
    let since = signature.since;
    let fix = match since {
        _ if since < oldest => format!("export with operator set {oldest} of {domain} or later"),
        _ if since > newest => format!(
            "export with operator set {} of {domain} or earlier",
            since - 1
        ),
        _ => return Ok(()),
    };
    let reason =
        format!("is in version {since}, which is not supported: expected {oldest} to {newest}");
    Err(at(node, reason, fix))
}

/// Whether counts and required attributes are those of the operator.
fn misfit(node: &NodeProto, signature: &Signature) -> Vec<Problem> {
    const FIX: &str = "export the model again";
    let Signature {
        inputs,
        outputs,
        attributes,
        ..
    } = signature;
    let mut problems = Vec::new();
    let mut count = |what: &str, got: usize, (least, most): (u8, u8)| {
        let most = if most == UNBOUNDED {
            usize::MAX
        } else {
            usize::from(most)
        };
        if !(usize::from(least)..=most).contains(&got) {
            let reason = format!("has {got} {what}, expected {}", range(least, most));
            problems.push(at(node, reason, FIX));
        }
    };
    count("inputs", given(&node.input), *inputs);
    count(
        "outputs",
        given(&node.output).max(usize::from(outputs.0 == 0)),
        *outputs,
    );
    // A loop may leave out how often it turns at most.
    let optional = node.op_type == "Loop";
    if inputs.0 > 0 && !optional && node.input.first().is_some_and(String::is_empty) {
        problems.push(at(node, "lacks its first input", FIX));
    }
    for known in *attributes {
        let given = || node.attribute.iter().any(|given| given.name == known.name);
        if known.default == Default::Required && !given() {
            let reason = format!("lacks the attribute '{}'", known.name);
            problems.push(at(node, reason, FIX));
        }
    }
    problems
}

/// Count of names up to the last that is not empty.
fn given(names: &[String]) -> usize {
    names
        .iter()
        .rposition(|name| !name.is_empty())
        .map_or(0, |last| last + 1)
}

fn range(least: u8, most: usize) -> String {
    match most {
        usize::MAX => format!("at least {least}"),
        most if most == usize::from(least) => least.to_string(),
        most => format!("{least} to {most}"),
    }
}
