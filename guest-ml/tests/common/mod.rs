//! A host in memory and small ONNX models.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use enshrine_guest_ml::host::{Blob, Host, Page};
use enshrine_guest_ml::{Refusal, Session};
use enshrine_primitives::{BlobRoot, PAGE_SIZE};
use prost::Message;
use std::cell::RefCell;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension::Value as DimValue};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
};

/// Blobs in memory, with a log of which pages were read.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) model: Vec<u8>,
    pub(crate) input: Vec<u8>,
    pub(crate) reads: RefCell<Vec<(Blob, Option<u32>)>>,
}

impl Memory {
    pub(crate) fn new(model: &ModelProto, input: impl Into<Vec<u8>>) -> Self {
        Self {
            model: model.encode_to_vec(),
            input: input.into(),
            ..Self::default()
        }
    }

    pub(crate) fn reads_of(&self, blob: Blob) -> Vec<Option<u32>> {
        let reads = self.reads.borrow();
        reads
            .iter()
            .filter(|read| read.0 == blob)
            .map(|read| read.1)
            .collect()
    }

    fn blob(&self, blob: Blob) -> &[u8] {
        match blob {
            Blob::Model => &self.model,
            Blob::Input => &self.input,
        }
    }
}

impl Host for Memory {
    fn blob_len(&self, blob: Blob) -> u64 {
        self.reads.borrow_mut().push((blob, None));
        self.blob(blob).len() as u64
    }

    fn blob_page(&self, blob: Blob, page: u32, destination: &mut Page) {
        self.reads.borrow_mut().push((blob, Some(page)));
        let bytes = self
            .blob(blob)
            .chunks(PAGE_SIZE)
            .nth(page as usize)
            .unwrap_or_default();
        destination.0.fill(0);
        destination.0[..bytes.len()].copy_from_slice(bytes);
    }

    fn output(&mut self, _bytes: &[u8], _root: &BlobRoot) {}
}

/// Loads and runs.
pub(crate) fn run(model: &ModelProto, input: impl Into<Vec<u8>>) -> Result<Vec<u8>, Refusal> {
    let host = Memory::new(model, input);
    Session::load(&host)?.infer(&host)
}

/// Loads only; the refusal's message.
pub(crate) fn load_error(model: &ModelProto, input: impl Into<Vec<u8>>) -> Refusal {
    Session::load(&Memory::new(model, input)).expect_err("a refusal")
}

pub(crate) fn model(graph: GraphProto) -> ModelProto {
    let opset = OperatorSetIdProto {
        domain: String::new(),
        version: 17,
    };
    ModelProto {
        ir_version: 8,
        opset_import: vec![opset],
        graph: Some(graph),
        ..Default::default()
    }
}

/// A graph of float inputs and outputs.
pub(crate) fn graph(
    nodes: Vec<NodeProto>,
    inputs: &[(&str, &[&str])],
    outputs: &[&str],
) -> GraphProto {
    GraphProto {
        node: nodes,
        input: inputs
            .iter()
            .map(|(name, dims)| value(name, 1, dims))
            .collect(),
        output: outputs
            .iter()
            .map(|name| ValueInfoProto {
                name: name.to_string(),
                ..Default::default()
            })
            .collect(),
        ..Default::default()
    }
}

pub(crate) fn node(operator: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    NodeProto {
        op_type: operator.into(),
        name: format!("the {operator}"),
        input: inputs.iter().map(ToString::to_string).collect(),
        output: outputs.iter().map(ToString::to_string).collect(),
        ..Default::default()
    }
}

/// Axes: a number is a size, anything else a name, `?` neither.
pub(crate) fn value(name: &str, dtype: i32, dims: &[&str]) -> ValueInfoProto {
    let dim = |dim: &&str| Dimension {
        value: match dim.parse() {
            Ok(size) => Some(DimValue::DimValue(size)),
            Err(_) if *dim == "?" => None,
            Err(_) => Some(DimValue::DimParam(dim.to_string())),
        },
        ..Default::default()
    };
    let shape = Some(TensorShapeProto {
        dim: dims.iter().map(dim).collect(),
    });
    let tensor = type_proto::Tensor {
        elem_type: dtype,
        shape,
    };
    let ty = TypeProto {
        value: Some(type_proto::Value::TensorType(tensor)),
        ..Default::default()
    };
    ValueInfoProto {
        name: name.into(),
        r#type: Some(ty),
        ..Default::default()
    }
}

pub(crate) fn floats(name: &str, dims: &[i64], data: &[f32]) -> TensorProto {
    let raw_data = data.iter().flat_map(|value| value.to_le_bytes()).collect();
    TensorProto {
        name: name.into(),
        dims: dims.to_vec(),
        data_type: 1,
        raw_data,
        ..Default::default()
    }
}

pub(crate) fn integers(name: &str, dims: &[i64], data: &[i64]) -> TensorProto {
    let (dims, int64_data) = (dims.to_vec(), data.to_vec());
    TensorProto {
        name: name.into(),
        dims,
        data_type: 7,
        int64_data,
        ..Default::default()
    }
}

pub(crate) fn int(name: &str, value: i64) -> AttributeProto {
    let kind = AttributeType::Int as i32;
    AttributeProto {
        name: name.into(),
        r#type: kind,
        i: value,
        ..Default::default()
    }
}

pub(crate) fn string(name: &str, value: &str) -> AttributeProto {
    let kind = AttributeType::String as i32;
    AttributeProto {
        name: name.into(),
        r#type: kind,
        s: value.into(),
        ..Default::default()
    }
}

pub(crate) fn nested(name: &str, graph: GraphProto) -> AttributeProto {
    let kind = AttributeType::Graph as i32;
    AttributeProto {
        name: name.into(),
        r#type: kind,
        g: Some(graph),
        ..Default::default()
    }
}

pub(crate) fn with(mut node: NodeProto, attributes: &[AttributeProto]) -> NodeProto {
    node.attribute.extend_from_slice(attributes);
    node
}

pub(crate) fn bytes_of(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn list(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        r#type: kind as i32,
        ..AttributeProto::default()
    }
}

pub(crate) fn whole(name: &str, numbers: &[i64]) -> AttributeProto {
    AttributeProto {
        ints: numbers.to_vec(),
        ..list(name, AttributeType::Ints)
    }
}

pub(crate) fn reals(name: &str, numbers: &[f32]) -> AttributeProto {
    AttributeProto {
        floats: numbers.to_vec(),
        ..list(name, AttributeType::Floats)
    }
}

pub(crate) fn words(name: &str, all: &[&str]) -> AttributeProto {
    AttributeProto {
        strings: all.iter().map(|word| word.as_bytes().to_vec()).collect(),
        ..list(name, AttributeType::Strings)
    }
}
