//! Attributes that an operator does not have, that nothing follows, and that no operator can have.

use super::Problem;
use super::graph::at;
use super::reviewed::{Review, Rule};
use super::signature::{Attribute, Default, Kind, Signature};
use std::ops::RangeInclusive;
use tract_onnx::pb::{AttributeProto, NodeProto};

const FIX: &str = "export the model again";

/// Sizes beyond this one wrap where the importer counts with 32 bits.
const MOST: i64 = i32::MAX as i64;

const INT: i32 = Kind::Int as i32;

/// Attributes that this version of the operator does not have, or that the importer does not follow.
pub(super) fn unfollowed(node: &NodeProto, signature: &Signature, review: &Review) -> Vec<Problem> {
    let given = node.attribute.iter().filter_map(|given| {
        let known = signature
            .attributes
            .iter()
            .find(|known| known.name == given.name);
        match known {
            Some(known) => wrong_value(node, given, known, review.rule(&given.name)),
            None => {
                let (name, since) = (&given.name, signature.since);
                let reason = format!(
                    "has the attribute '{name}', which version {since} of the operator does not have"
                );
                Some(at(node, reason, FIX))
            }
        }
    });
    let missing = signature
        .attributes
        .iter()
        .filter(|known| !node.attribute.iter().any(|given| given.name == known.name));
    let missing = missing.filter_map(|known| wrong_default(node, known, review.rule(known.name)));
    given.chain(missing).collect()
}

fn wrong_value(
    node: &NodeProto,
    given: &AttributeProto,
    known: &Attribute,
    rule: Rule,
) -> Option<Problem> {
    let name = &given.name;
    if given.r#type != known.kind as i32 {
        let (got, expected) = (kind_name(given.r#type), kind_name(known.kind as i32));
        let reason = format!("attribute '{name}' is of kind {got}, expected {expected}");
        return Some(at(node, reason, FIX));
    }
    (!follows(given, known.default, rule)).then(|| {
        let reason = format!(
            "attribute '{name}' is {}, and only {} is supported",
            shown(given),
            choices(known.default, rule)
        );
        at(node, reason, REPLACE)
    })
}

const REPLACE: &str = "export the model without it, or replace the operator with simpler operators";

/// An attribute that is not given and whose default is not followed.
fn wrong_default(node: &NodeProto, known: &Attribute, rule: Rule) -> Option<Problem> {
    let followed = match (known.default, rule) {
        (Default::Int(default), Rule::Int(values)) => values.contains(&i64::from(default)),
        (Default::Text(default), Rule::Text(values)) => values.contains(&default),
        _ => true,
    };
    (!followed).then(|| {
        let reason = format!(
            "lacks the attribute '{}', and only {} is supported",
            known.name,
            choices(known.default, rule)
        );
        at(node, reason, REPLACE)
    })
}

/// Whether the importer follows an attribute of the right kind.
fn follows(given: &AttributeProto, default: Default, rule: Rule) -> bool {
    match rule {
        Rule::Any => true,
        Rule::Int(values) => values.contains(&given.i),
        Rule::Text(values) => values.iter().any(|value| value.as_bytes() == given.s),
        Rule::Default => match default {
            Default::Int(value) => given.i == i64::from(value),
            Default::Float(value) => given.f == value,
            Default::Text(value) => given.s == value.as_bytes(),
            Default::Required => false,
            // A list without elements says as little as one that is not given.
            Default::None => is_empty_list(given),
        },
    }
}

fn is_empty_list(given: &AttributeProto) -> bool {
    let list = [Kind::Floats, Kind::Ints, Kind::Strings];
    let counts = [given.floats.len(), given.ints.len(), given.strings.len()];
    list.iter()
        .zip(counts)
        .any(|(kind, count)| given.r#type == *kind as i32 && count == 0)
}

/// An attribute's value as a message shows it.
fn shown(given: &AttributeProto) -> String {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    match Kind::try_from(given.r#type) {
        Ok(Kind::Int) => given.i.to_string(),
        Ok(Kind::Float) => given.f.to_string(),
        Ok(Kind::String) => format!("'{}'", text(&given.s)),
        Ok(Kind::Strings) => format!("{:?}", given.strings.iter().map(text).collect::<Vec<_>>()),
        _ => "given".into(),
    }
}

/// Which values a message offers.
fn choices(default: Default, rule: Rule) -> String {
    match (rule, default) {
        (Rule::Int(values), _) => list(values),
        (Rule::Text(values), _) => list(values),
        (_, Default::Int(value)) => value.to_string(),
        (_, Default::Float(value)) => value.to_string(),
        (_, Default::Text(value)) => value.to_string(),
        _ => "a node without it".into(),
    }
}

fn list(values: &[impl ToString]) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    values.join(" or ")
}

/// A kind of attribute as a message names it.
fn kind_name(kind: i32) -> String {
    match Kind::try_from(kind) {
        Ok(kind) => kind.as_str_name().to_lowercase(),
        Err(_) => format!("number {kind}"),
    }
}

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
    let pools = node.op_type.ends_with("Pool");
    let without_window = node.attribute.iter().filter(|given| {
        let empty = given.name == "kernel_shape" && given.ints.is_empty();
        pools && empty
    });
    let without_window = without_window.map(|_| {
        let reason = "attribute 'kernel_shape' has no numbers, so its window has no size";
        at(node, reason, FIX)
    });
    let all = repeated.chain(sizes).chain(permuted);
    let blind = pools.then(|| blind_window(node)).flatten();
    let grown = overgrown(node);
    all.chain(without_window)
        .chain(blind)
        .chain(grown)
        .collect()
}

/// A transposed convolution whose result is grown by more than a step, of which nothing says how.
fn overgrown(node: &NodeProto) -> Option<Problem> {
    let numbers = |name| {
        let given = node.attribute.iter().find(|given| given.name == name);
        given.map_or(&[][..], |given| &given.ints)
    };
    let at_axis = |name, axis: usize| numbers(name).get(axis).copied().unwrap_or(1);
    let padding = numbers("output_padding").iter().enumerate();
    let mut steps = padding.map(|(axis, pad)| {
        (
            pad,
            at_axis("strides", axis).max(at_axis("dilations", axis)),
        )
    });
    let (pad, step) = steps.find(|(pad, step)| *pad >= step)?;
    let reason =
        format!("attribute 'output_padding' is {pad} on an axis, expected less than {step}");
    Some(at(
        node,
        reason,
        "give it less than the stride or the dilation",
    ))
}

/// A pool's window that sees nothing but padding, of which there is no largest element and no mean.
fn blind_window(node: &NodeProto) -> Option<Problem> {
    let numbers = |name| node.attribute.iter().find(|given| given.name == name);
    let (window, pads) = (numbers("kernel_shape")?, numbers("pads")?);
    let mut pairs = window.ints.iter().cycle().zip(&pads.ints);
    pairs.any(|(size, pad)| pad >= size).then(|| {
        let (pads, window) = (&pads.ints, &window.ints);
        let reason =
            format!("pads with {pads:?}, of which a window of {window:?} sees nothing else");
        at(node, reason, "pad with less than the window's size")
    })
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
        | "hidden_size" | "num_groups" | "num_outputs" | "q_num_heads" | "kv_num_heads" => 1..=MOST,
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
