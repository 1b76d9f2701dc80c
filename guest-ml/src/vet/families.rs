//! Operators that the importer knows but computes wrongly, or that the machine cannot answer for.

use super::Problem;
use super::graph::at;
use std::cmp::Ordering;
use tract_onnx::pb::{AttributeProto, NodeProto};

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
        "QLinearAveragePool" => fused(node).or_else(|| pooled_otherwise(node)),
        "QGemm" | "QLinearGlobalAveragePool" | "QLinearSoftmax" => fused(node),
        "ZipMap" if attribute(node, "classlabels_strings").is_some() => Some(at(
            node,
            "has words for labels",
            "train with whole numbers for labels, as scikit-learn's LabelEncoder makes them",
        )),
        "Constant" if node.attribute.len() != 1 => Some(at(
            node,
            format!(
                "has {} attributes, expected one value",
                node.attribute.len()
            ),
            "export the model again",
        )),
        "MeanVarianceNormalization" => {
            let none = attribute(node, "axes").filter(|axes| axes.ints.is_empty())?;
            let reason = format!("attribute '{}' names no axes", none.name);
            Some(at(node, reason, "name them, or leave the attribute out"))
        }
        "GRU" | "LSTM" | "RNN" => {
            let clip = attribute(node, "clip").map(|given| given.f);
            // No number is not more than zero either.
            let clip =
                clip.filter(|clip| !matches!(clip.partial_cmp(&0.0), Some(Ordering::Greater)))?;
            let reason = format!("attribute 'clip' is {clip}, expected more than 0");
            Some(at(node, reason, "leave it out where nothing is clipped"))
        }
        "Scan" => scanned_otherwise(node),
        "Split" => split_otherwise(node),
        "AveragePool" | "LpPool" | "MaxPool" => pooled_otherwise(node),
        "Conv" | "ConvInteger" | "ConvTranspose" | "QLinearConv" => padded_twice(node),
        _ => None,
    }
}

/// What of ONNX Runtime's own operators is not taken apart.
fn fused(node: &NodeProto) -> Option<Problem> {
    let given = |name: &str| node.attribute.iter().find(|given| given.name == name);
    let reason = if given("channels_last").is_some_and(|last| last.i != 0) {
        "has its channels last"
    } else if given("alpha").is_some_and(|alpha| alpha.f != 1.0) {
        "multiplies by an alpha other than 1"
    } else if given("opset").is_some_and(|opset| opset.i < 13) {
        "takes all axes from its own on for one, as operator sets before 13 do"
    } else {
        return None;
    };
    let fix = "quantise with QuantFormat.QDQ, or leave the node in float (nodes_to_exclude)";
    Some(at(node, reason, fix))
}

fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|given| given.name == name)
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

/// Windows whose number or places runtimes do not agree on.
fn pooled_otherwise(node: &NodeProto) -> Option<Problem> {
    let reason = if rounded_up(node) {
        "has 'auto_pad' beside 'ceil_mode' or 'dilations', whose sizes runtimes do not agree on"
    } else if steps_over(node) {
        "has 'auto_pad' beside strides larger than its window, whose places runtimes do not agree on"
    } else {
        return padded_twice(node);
    };
    Some(at(node, reason, "give 'pads' in place of 'auto_pad'"))
}

/// Whether elements lie between windows that are to cover all of them: some runtimes then pad by less than nothing.
fn steps_over(node: &NodeProto) -> bool {
    let same = attribute(node, "auto_pad").is_some_and(|padding| padding.s.starts_with(b"SAME"));
    let list = |name| attribute(node, name).map_or(&[][..], |given| &given.ints);
    let mut steps = list("strides").iter().zip(list("kernel_shape"));
    same && steps.any(|(stride, size)| stride > size)
}

fn rounded_up(node: &NodeProto) -> bool {
    let automatic = attribute(node, "auto_pad").is_some_and(|padding| padding.s != b"NOTSET");
    let ceil = attribute(node, "ceil_mode").is_some_and(|mode| mode.i != 0);
    let dilated = attribute(node, "dilations");
    let dilated = dilated.is_some_and(|given| given.ints.iter().any(|size| *size != 1));
    automatic && (ceil || dilated)
}

/// Numbers of a scan's inputs and outputs that do not fit its lists.
fn scanned_otherwise(node: &NodeProto) -> Option<Problem> {
    let scanned = attribute(node, "num_scan_inputs").map_or(0, |given| given.i);
    let states = i64::try_from(node.input.len()).ok()?.checked_sub(scanned);
    let states = states.filter(|states| *states >= 0 && scanned > 0);
    let results = states.and_then(|states| {
        let outputs = i64::try_from(node.output.len()).ok()?;
        outputs.checked_sub(states).filter(|results| *results >= 0)
    });
    let Some(results) = results else {
        let reason = format!("attribute 'num_scan_inputs' is {scanned}, which does not fit");
        return Some(at(node, reason, "export the model again"));
    };
    let lists = [
        ("scan_input_axes", scanned),
        ("scan_input_directions", scanned),
        ("scan_output_axes", results),
        ("scan_output_directions", results),
    ];
    let wrong = lists.into_iter().find(|(name, expected)| {
        let got = attribute(node, name).map_or(0, |given| given.ints.len());
        got > 0 && i64::try_from(got).ok() != Some(*expected)
    });
    let (name, expected) = wrong?;
    let reason = format!("attribute '{name}' has another number of elements than {expected}");
    Some(at(node, reason, "export the model again"))
}

/// A number of parts that are not those that the node names.
fn split_otherwise(node: &NodeProto) -> Option<Problem> {
    let parts = attribute(node, "num_outputs")?.i;
    (i64::try_from(node.output.len()).ok() != Some(parts)).then(|| {
        let outputs = node.output.len();
        let reason = format!("attribute 'num_outputs' is {parts}, but it has {outputs} outputs");
        at(node, reason, "export the model again")
    })
}
