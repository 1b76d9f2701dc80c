//! The report on a model that `describe` gives.

use crate::host::Host;
use crate::json::Json;
use crate::model::{importer, problems, read};
use crate::normalise::maps_as_matrices;
use crate::tensors::onnx_dtype_name;
use crate::vet::{Domain, OPSET_CEILING, OPSET_FLOOR, Problem};
use std::collections::{BTreeMap, BTreeSet};
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as DimValue;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{GraphProto, ModelProto, TensorProto, ValueInfoProto};

/// Describes the model blob as a JSON object. Anything that is no ONNX file is described by its problem.
///
/// | key | value |
/// |---|---|
/// | `ir_version` | number |
/// | `opsets` | object: domain, version |
/// | `opset_range` | oldest and newest version of `ai.onnx` that the guest takes |
/// | `producer` | name and version of the exporter |
/// | `inputs`, `outputs` | array of `{name, dtype, shape}`; an axis is a size, a name, or an empty name |
/// | `initializer_bytes` | size of all stored tensors |
/// | `quantisable_bytes` | size of those of them that are float weights of matrix products and convolutions |
/// | `nodes` | count, with those of nested graphs |
/// | `operators` | object: operator, count |
/// | `problems` | array of `{node, operator, reason, fix}`; empty if nothing is refused before preparing |
pub fn describe<H: Host + ?Sized>(host: &H) -> String {
    let mut json = Json::default();
    match read(host) {
        Ok(model) => report(&mut json, &model),
        Err(problem) => json.object(|json| {
            json.key("problems")
                .array([problem], |json, problem: Problem| problem.write(json));
        }),
    }
    json.finish()
}

fn report(json: &mut Json, model: &ModelProto) {
    let empty = GraphProto::default();
    let graph = model.graph.as_ref().unwrap_or(&empty);
    let mut census = Census::default();
    census.count(graph, 0);
    json.object(|json| {
        json.key("ir_version").number(model.ir_version);
        json.key("opsets").object(|json| {
            for import in &model.opset_import {
                let known = Domain::named(&import.domain).map(Domain::name);
                json.key(known.unwrap_or(&import.domain))
                    .number(import.version);
            }
        });
        json.key("opset_range")
            .array([OPSET_FLOOR, OPSET_CEILING], |json, version| {
                json.number(version)
            });
        let producer = format!("{} {}", model.producer_name, model.producer_version);
        json.key("producer").string(producer.trim());
        let stored: BTreeSet<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
        let inputs = graph
            .input
            .iter()
            .filter(|input| !stored.contains(input.name.as_str()));
        json.key("inputs").array(inputs, value_info);
        json.key("outputs").array(&outputs(graph), value_info);
        json.key("initializer_bytes")
            .number(census.initializer_bytes);
        json.key("quantisable_bytes")
            .number(census.quantisable_bytes);
        json.key("nodes")
            .number(census.operators.values().sum::<u64>());
        json.key("operators").object(|json| {
            for (operator, count) in &census.operators {
                json.key(operator).number(*count);
            }
        });
        let problems = problems(model, &importer());
        json.key("problems")
            .array(&problems, |json, problem| problem.write(json));
    });
}

/// The outputs as they leave the machine.
fn outputs(graph: &GraphProto) -> Vec<ValueInfoProto> {
    let maps = graph.node.iter().filter(|node| node.op_type == "ZipMap");
    let mut outer = GraphProto {
        node: maps.cloned().collect(),
        input: graph.input.clone(),
        output: graph.output.clone(),
        ..GraphProto::default()
    };
    maps_as_matrices(&mut outer);
    outer.output
}

fn value_info(json: &mut Json, info: &ValueInfoProto) {
    json.object(|json| {
        json.key("name").string(&info.name);
        let Some(Value::TensorType(ty)) = info.r#type.as_ref().and_then(|ty| ty.value.as_ref())
        else {
            return;
        };
        json.key("dtype").string(&onnx_dtype_name(ty.elem_type));
        if let Some(shape) = &ty.shape {
            json.key("shape")
                .array(&shape.dim, |json, dim| match &dim.value {
                    Some(DimValue::DimValue(size)) => json.number(*size),
                    Some(DimValue::DimParam(name)) => json.string(name),
                    None => json.string(""),
                });
        }
    });
}

/// The element type of single floats.
const FLOAT: i32 = DataType::Float as i32;

/// What a graph consists of.
#[derive(Default)]
struct Census {
    operators: BTreeMap<String, u64>,
    initializer_bytes: u64,
    quantisable_bytes: u64,
}

impl Census {
    fn count(&mut self, graph: &GraphProto, depth: usize) {
        self.initializer_bytes += graph.initializer.iter().map(stored_bytes).sum::<u64>();
        let stored = graph.initializer.iter();
        let stored: BTreeMap<&str, &TensorProto> = stored
            .map(|tensor| (tensor.name.as_str(), tensor))
            .collect();
        for node in &graph.node {
            let weights = node.input.get(1).and_then(|name| stored.get(name.as_str()));
            if matches!(node.op_type.as_str(), "MatMul" | "Gemm" | "Conv") {
                let floats = weights.filter(|weights| weights.data_type == FLOAT);
                self.quantisable_bytes += floats.map_or(0, |weights| stored_bytes(weights));
            }
            *self.operators.entry(node.op_type.clone()).or_default() += 1;
            for attribute in &node.attribute {
                self.initializer_bytes += attribute.t.as_ref().map_or(0, stored_bytes);
                // The decoder bounds the depth at 100 messages; this bound is for what a reader can use.
                for nested in attribute
                    .g
                    .iter()
                    .chain(&attribute.graphs)
                    .take_while(|_| depth < 32)
                {
                    self.count(nested, depth + 1);
                }
            }
        }
    }
}

fn stored_bytes(tensor: &TensorProto) -> u64 {
    let floats = tensor.float_data.len() + tensor.int32_data.len();
    let doubles = tensor.double_data.len() + tensor.int64_data.len() + tensor.uint64_data.len();
    (tensor.raw_data.len() + 4 * floats + 8 * doubles) as u64
}
