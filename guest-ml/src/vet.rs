//! What the guest refuses before the importer sees it, and why.
//!
//! The importer panics on some malformed graphs, ignores domains and versions of operators, and computes a few
//! operators wrongly. So every graph is first checked here against ONNX's own rules, and **all** problems are collected.

mod attributes;
mod families;
mod graph;
pub(crate) mod legacy;
mod operators;
mod reviewed;
mod signature;
mod types;
mod values;

pub(crate) use signature::{Domain, OPSET_CEILING, OPSET_FLOOR};
pub(crate) use types::Types;

use crate::json::Json;
use graph::Checker;
use std::collections::BTreeMap;
use std::fmt;
use tract_onnx::pb::ModelProto;

/// Most problems that a report lists; a model with more is broken as a whole.
pub(crate) const MAX_PROBLEMS: usize = 256;

/// One reason why a model cannot run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Name of the node, or of the tensor where no node is at fault; empty for the model as a whole.
    pub(crate) node: String,
    /// The node's operator; empty where no node is at fault.
    pub(crate) operator: String,
    /// What is wrong.
    pub(crate) reason: String,
    /// What to do about it.
    pub(crate) fix: String,
}

impl Problem {
    /// A problem of the model as a whole.
    pub(crate) fn of_model(reason: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::of_value("", reason, fix)
    }

    /// A problem of an input, output or initialiser.
    pub(crate) fn of_value(name: &str, reason: impl Into<String>, fix: impl Into<String>) -> Self {
        let (node, operator) = (name.to_owned(), String::new());
        Self {
            node,
            operator,
            reason: reason.into(),
            fix: fix.into(),
        }
    }

    /// Writes the problem as a JSON object.
    pub(crate) fn write(&self, json: &mut Json) {
        let Self {
            node,
            operator,
            reason,
            fix,
        } = self;
        json.object(|json| {
            json.key("node").string(node);
            json.key("operator").string(operator);
            json.key("reason").string(reason);
            json.key("fix").string(fix);
        });
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.node.as_str(), self.operator.as_str()) {
            ("", _) => {}
            (node, "") => write!(f, "'{node}': ")?,
            (node, operator) => write!(f, "node '{node}' ({operator}): ")?,
        }
        write!(f, "{}; {}", self.reason, self.fix)
    }
}

/// Versions of the operator sets that a model imports.
pub(crate) type Opsets = BTreeMap<&'static str, i64>;

/// Finds all problems of a model. `supported` says whether the importer knows an operator.
pub(crate) fn vet(model: &ModelProto, supported: &dyn Fn(&str) -> bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let opsets = opsets(model, &mut problems);
    if let Some(function) = model.functions.first() {
        let name = function.name.as_deref().unwrap_or("without a name");
        problems.push(Problem::of_model(
            format!("defines its own function '{name}'"),
            "inline functions with onnx.inliner.inline_local_functions",
        ));
    }
    match &model.graph {
        Some(graph) => {
            let mut checker = Checker::new(&opsets, supported, problems);
            checker.model_graph(graph);
            problems = checker.into_problems();
        }
        None => problems.push(Problem::of_model("has no graph", "export the model again")),
    }
    problems.truncate(MAX_PROBLEMS);
    problems
}

fn opsets(model: &ModelProto, problems: &mut Vec<Problem>) -> Opsets {
    let mut opsets = Opsets::new();
    for import in &model.opset_import {
        // Exporters list domains that no node uses; a node of an unknown domain is reported where it stands.
        let Some(domain) = Domain::named(&import.domain) else {
            continue;
        };
        let (floor, ceiling) = domain.versions();
        if !(floor..=ceiling).contains(&import.version) {
            let (name, got) = (domain.name(), import.version);
            problems.push(Problem::of_model(
                format!("uses operator set {got} of {name}, expected {floor} to {ceiling}"),
                format!(
                    "export with opset {ceiling}, or use onnx.version_converter.convert_version"
                ),
            ));
        }
        opsets.insert(domain.name(), import.version);
    }
    opsets
}
