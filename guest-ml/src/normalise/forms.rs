//! Forms of operators that the importer refuses or reads wrongly, in terms of those that it reads right.

use super::names::Names;
use std::collections::BTreeSet;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto};

/// Rewrites all of them.
pub(super) fn rewrite(graph: &mut GraphProto, names: &mut Names) {
    let scalars = graph
        .initializer
        .iter()
        .filter(|stored| stored.dims.is_empty());
    let scalars: BTreeSet<String> = scalars.map(|stored| stored.name.clone()).collect();
    for mut node in std::mem::take(&mut graph.node) {
        for place in single_numbers(&node.op_type) {
            let Some(input) = node.input.get_mut(*place) else {
                continue;
            };
            if !input.is_empty() && !scalars.contains(input.as_str()) {
                let scalar = names.fresh(input);
                graph
                    .node
                    .push(new_node("Squeeze", vec![input.clone()], scalar.clone()));
                *input = scalar;
            }
        }
        match without_axes(&node) {
            Some(equation) => graph.node.extend(sum_of_all(node, equation, names)),
            None => graph.node.push(node),
        }
    }
}

/// Inputs that may be a tensor of one element to ONNX's own functions, and must be scalars to the importer.
fn single_numbers(operator: &str) -> &'static [usize] {
    match operator {
        "Pad" => &[2],
        "Range" => &[0, 1, 2],
        _ => &[],
    }
}

/// An equation whose result has no axes, with one axis: the importer takes it for one that does not say which it has.
fn without_axes(node: &NodeProto) -> Option<String> {
    if node.op_type != "Einsum" {
        return None;
    }
    let equation = node
        .attribute
        .iter()
        .find(|given| given.name == "equation")?;
    let equation = std::str::from_utf8(&equation.s).ok()?;
    let (terms, result) = equation.split_once("->")?;
    let label = terms.chars().find(char::is_ascii_alphabetic)?;
    let scalar = result.trim().is_empty() && !terms.contains('.');
    scalar.then(|| format!("{terms}->{label}"))
}

/// The node with this equation, and the sum of its result.
fn sum_of_all(mut node: NodeProto, equation: String, names: &mut Names) -> [NodeProto; 2] {
    let result = node.output.first().cloned().unwrap_or_default();
    let parts = names.fresh(&result);
    for given in &mut node.attribute {
        given.s = equation.clone().into();
    }
    node.output = vec![parts.clone()];
    let mut sum = new_node("ReduceSum", vec![parts], result);
    sum.attribute.push(AttributeProto {
        name: "keepdims".into(),
        r#type: AttributeType::Int as i32,
        i: 0,
        ..AttributeProto::default()
    });
    [node, sum]
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
