//! Attributes that no operator can have.

use super::Problem;
use super::graph::at;
use std::ops::RangeInclusive;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, NodeProto};

const FIX: &str = "export the model again";

/// Sizes beyond this one wrap where the importer counts with 32 bits.
const MOST: i64 = i32::MAX as i64;

const INT: i32 = AttributeType::Int as i32;

/// What is wrong with a node's attributes, whatever its inputs are.
pub(super) fn impossible(node: &NodeProto) -> Vec<Problem> {
    let given = node.attribute.iter().enumerate();
    let repeated = given.filter(|(index, given)| {
        let before = &node.attribute[..*index];
        before.iter().any(|before| before.name == given.name)
    });
    let repeated = repeated.map(|(_, given)| {
        let reason = format!("gives the attribute '{}' twice", given.name);
        at(node, reason, FIX)
    });
    let sizes = node
        .attribute
        .iter()
        .filter_map(|given| impossible_size(node, given));
    let permuted = node
        .attribute
        .iter()
        .filter(|given| given.name == "perm" && !permutes(&given.ints));
    let permuted = permuted.map(|given| {
        let reason = format!(
            "attribute 'perm' is {:?}, which is no permutation",
            given.ints
        );
        at(node, reason, FIX)
    });
    repeated.chain(sizes).chain(permuted).collect()
}

fn impossible_size(node: &NodeProto, attribute: &AttributeProto) -> Option<Problem> {
    let possible = sizes(&node.op_type, &attribute.name);
    // A list leaves the single number at zero.
    let one = (attribute.i != 0 || attribute.r#type == INT).then_some(attribute.i);
    let mut numbers = attribute.ints.iter().copied().chain(one);
    let number = numbers.find(|number| !possible.contains(number))?;
    let reason = format!(
        "attribute '{}' has an impossible size, {number}",
        attribute.name
    );
    Some(at(node, reason, FIX))
}

/// What whole numbers an attribute may have.
fn sizes(operator: &str, attribute: &str) -> RangeInclusive<i64> {
    match attribute {
        "k" if operator == "TopK" => 0..=MOST,
        "kernel_shape" | "strides" | "dilations" | "group" | "blocksize" | "size"
        | "hidden_size" | "num_groups" | "num_outputs" => 1..=MOST,
        "pads" | "output_padding" | "batch_dims" => 0..=MOST,
        // Values, and bounds that are as far out as can be.
        "value_int" | "value_ints" | "starts" | "ends" => i64::MIN..=i64::MAX,
        name if name.contains("int64") => i64::MIN..=i64::MAX,
        _ => -MOST..=MOST,
    }
}

fn permutes(axes: &[i64]) -> bool {
    (0..).zip(axes).all(|(axis, _)| axes.contains(&axis))
}
