//! What a node says.

use tract_onnx::data_resolver::MmapDataResolver;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{AttributeProto, NodeProto, OperatorSetIdProto, TensorProto};
use tract_onnx::tensor::load_tensor;
use tract_onnx::tract_hir::internal::*;

/// A node, and the versions of operator sets that it is written for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'a> {
    proto: &'a NodeProto,
    opsets: &'a [OperatorSetIdProto],
}

impl<'a> Node<'a> {
    pub(crate) fn new(proto: &'a NodeProto, opsets: &'a [OperatorSetIdProto]) -> Self {
        Self { proto, opsets }
    }

    /// Name of the operator.
    pub(crate) fn operator(&self) -> &'a str {
        &self.proto.op_type
    }

    /// Name of the operator's set.
    pub(crate) fn domain(&self) -> &'a str {
        &self.proto.domain
    }

    /// Version of the operator's set.
    pub(crate) fn version(&self) -> i64 {
        let same = |name: &str| if name == "ai.onnx" { "" } else { name }.to_owned();
        let mine = |set: &&OperatorSetIdProto| same(&set.domain) == same(&self.proto.domain);
        self.opsets.iter().find(mine).map_or(1, |set| set.version)
    }

    /// Names of all inputs; empty where one is left out.
    pub(crate) fn names_of_inputs(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.proto.input.iter().map(String::as_str)
    }

    /// Names of all outputs; empty where one is left out.
    pub(crate) fn names_of_outputs(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.proto.output.iter().map(String::as_str)
    }

    fn attribute(&self, name: &str) -> Option<&'a AttributeProto> {
        self.proto.attribute.iter().find(|given| given.name == name)
    }

    /// A whole number.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.attribute(name).map(|attribute| attribute.i)
    }

    /// A whole number that says yes or no.
    pub(crate) fn flag(&self, name: &str, default: bool) -> bool {
        self.int(name).map_or(default, |value| value != 0)
    }

    /// A number.
    pub(crate) fn float(&self, name: &str) -> Option<f32> {
        self.attribute(name).map(|attribute| attribute.f)
    }

    /// A word.
    ///
    /// # Errors
    /// If it is no text.
    pub(crate) fn string(&self, name: &str) -> TractResult<Option<&'a str>> {
        let bytes = self.attribute(name).map(|attribute| &attribute.s[..]);
        bytes.map(text).transpose()
    }

    /// Whole numbers; none if there is no such attribute.
    pub(crate) fn ints(&self, name: &str) -> &'a [i64] {
        self.attribute(name)
            .map_or(&[], |attribute| &attribute.ints)
    }

    /// Numbers; none if there is no such attribute.
    pub(crate) fn floats(&self, name: &str) -> &'a [f32] {
        self.attribute(name)
            .map_or(&[], |attribute| &attribute.floats)
    }

    /// Words; none if there is no such attribute.
    ///
    /// # Errors
    /// If one is no text.
    pub(crate) fn strings(&self, name: &str) -> TractResult<Vec<&'a str>> {
        let all = self
            .attribute(name)
            .map_or(&[][..], |attribute| &attribute.strings);
        all.iter().map(|bytes| text(bytes)).collect()
    }

    /// A stored tensor.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn tensor(&self, name: &str) -> TractResult<Option<Tensor>> {
        let stored = self
            .attribute(name)
            .and_then(|attribute| attribute.t.as_ref());
        stored.map(read).transpose()
    }

    /// Whether there is an attribute of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// Whether an attribute is a graph, or several.
    pub(crate) fn is_graph(attribute: &AttributeProto) -> bool {
        let kinds = [AttributeType::Graph as i32, AttributeType::Graphs as i32];
        kinds.contains(&attribute.r#type) || attribute.g.is_some()
    }
}

/// The element type of a number in ONNX's `TensorProto`.
///
/// # Errors
/// If the guest does not have it.
pub(crate) fn datum_of(number: i64) -> TractResult<DatumType> {
    let kind = i32::try_from(number).ok();
    let kind = kind.and_then(|number| DataType::try_from(number).ok());
    Ok(match kind {
        Some(DataType::Float) => DatumType::F32,
        Some(DataType::Uint8) => DatumType::U8,
        Some(DataType::Int8) => DatumType::I8,
        Some(DataType::Uint16) => DatumType::U16,
        Some(DataType::Int16) => DatumType::I16,
        Some(DataType::Int32) => DatumType::I32,
        Some(DataType::Int64) => DatumType::I64,
        Some(DataType::Bool) => DatumType::Bool,
        Some(DataType::Float16) => DatumType::F16,
        Some(DataType::Double) => DatumType::F64,
        Some(DataType::Uint32) => DatumType::U32,
        Some(DataType::Uint64) => DatumType::U64,
        _ => bail!("uses element type {number}, which the guest does not have"),
    })
}

/// A tensor that a model stores.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn read(stored: &TensorProto) -> TractResult<Tensor> {
    load_tensor(&MmapDataResolver, stored, None)
}

fn text(bytes: &[u8]) -> TractResult<&str> {
    Ok(std::str::from_utf8(bytes)?)
}
