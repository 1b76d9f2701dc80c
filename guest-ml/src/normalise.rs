//! Rewrites of a vetted model into what the importer reads correctly.

mod forms;
mod fused;
mod legacy;
mod parts;

pub(crate) use forms::maps_as_matrices;
pub(crate) use fused::is_fused;

use crate::vet::{Domain, OPSET_CEILING};
use parts::Names;
use std::collections::{BTreeMap, BTreeSet};
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as DimValue;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    ValueInfoProto,
};

/// Sizes of the axes that a model gives names to.
pub(crate) type AxisSizes = BTreeMap<String, u32>;

/// Rewrites the model in place; what it computes stays the same.
pub(crate) fn normalise(model: &mut ModelProto, sizes: &AxisSizes) {
    let onnx = |import: &&OperatorSetIdProto| Domain::named(&import.domain) == Some(Domain::Onnx);
    let opset = model.opset_import.iter().find(onnx);
    let opset = opset.map_or(OPSET_CEILING, |import| import.version);
    if let Some(graph) = &mut model.graph {
        let mut names = Names::of(graph);
        graph_in_place(graph, opset, sizes, &mut names);
    }
}

fn graph_in_place(graph: &mut GraphProto, opset: i64, sizes: &AxisSizes, names: &mut Names) {
    // Shapes between nodes follow from the inputs; those that an exporter noted may be of other sizes.
    graph.value_info.clear();
    legacy::modernise(graph, opset, names);
    fused::take_apart(graph, names);
    forms::rewrite(graph, names);
    unique_node_names(&mut graph.node);
    graph.initializer.iter_mut().for_each(unsigned_as_raw);
    for node in &mut graph.node {
        single_by_default(node);
        exact_by_default(node);
        let reduces = node.op_type.starts_with("Reduce");
        node.attribute.retain(|given| !says_nothing(given, reduces));
        for attribute in &mut node.attribute {
            attribute
                .t
                .iter_mut()
                .chain(&mut attribute.tensors)
                .for_each(unsigned_as_raw);
            for nested in attribute.g.iter_mut().chain(&mut attribute.graphs) {
                nested
                    .input
                    .iter_mut()
                    .for_each(|input| resolve_axes(input, sizes));
                graph_in_place(nested, opset, sizes, names);
            }
        }
    }
}

/// The importer fills with double floats where a node does not say with what; ONNX with single ones.
fn single_by_default(node: &mut NodeProto) {
    if node.op_type != "ConstantOfShape" || node.attribute.iter().any(|given| given.name == "value")
    {
        return;
    }
    let zero = TensorProto {
        dims: vec![1],
        data_type: DataType::Float as i32,
        raw_data: 0_f32.to_le_bytes().to_vec(),
        ..Default::default()
    };
    node.attribute.push(AttributeProto {
        name: "value".into(),
        r#type: AttributeType::Tensor as i32,
        t: Some(zero),
        ..Default::default()
    });
}

/// A list about a window, or of axes to reduce, without numbers, which stands for its default.
fn says_nothing(attribute: &AttributeProto, reduces: bool) -> bool {
    const LISTS: [&str; 5] = [
        "dilations",
        "output_padding",
        "output_shape",
        "pads",
        "strides",
    ];
    let name = attribute.name.as_str();
    attribute.ints.is_empty() && (LISTS.contains(&name) || reduces && name == "axes")
}

/// The importer rounds the default numbers of Selu.
fn exact_by_default(node: &mut NodeProto) {
    if node.op_type != "Selu" {
        return;
    }
    for (name, value) in [("alpha", 1.673_263_2), ("gamma", 1.050_701)] {
        if !node.attribute.iter().any(|given| given.name == name) {
            node.attribute.push(AttributeProto {
                name: name.into(),
                r#type: AttributeType::Float as i32,
                f: value,
                ..Default::default()
            });
        }
    }
}

/// The importer addresses nodes by name in some passes; ONNX lets names repeat or be empty.
fn unique_node_names(nodes: &mut [NodeProto]) {
    let mut taken = BTreeSet::new();
    for (index, node) in nodes.iter_mut().enumerate() {
        let name = if node.name.is_empty() {
            node.output.first()
        } else {
            Some(&node.name)
        };
        let name = name.cloned().unwrap_or_default();
        node.name = if taken.contains(&name) {
            format!("{name}#{index}")
        } else {
            name
        };
        taken.insert(node.name.clone());
    }
}

/// The importer reads unsigned numbers from the fields of signed ones.
fn unsigned_as_raw(tensor: &mut TensorProto) {
    let numbers = std::mem::take(&mut tensor.uint64_data);
    if numbers.is_empty() {
        return;
    }
    let size = if tensor.data_type == DataType::Uint32 as i32 {
        4
    } else {
        8
    };
    tensor.raw_data = numbers
        .iter()
        .flat_map(|number| number.to_le_bytes().into_iter().take(size))
        .collect();
}

/// Puts sizes in place of names, and leaves names without a size open.
fn resolve_axes(input: &mut ValueInfoProto, sizes: &AxisSizes) {
    let Some(Value::TensorType(ty)) = input.r#type.as_mut().and_then(|ty| ty.value.as_mut()) else {
        return;
    };
    for dim in ty.shape.iter_mut().flat_map(|shape| &mut shape.dim) {
        if let Some(DimValue::DimParam(name)) = &dim.value {
            dim.value = sizes
                .get(name)
                .map(|size| DimValue::DimValue(i64::from(*size)));
        }
    }
}
