//! Writes ONNX files, valid or not: a protobuf writer and the few messages that suites and benches need.

/// A protobuf message in the making. Fields stand in the order in which they are added.
#[derive(Clone, Debug, Default)]
pub struct Message(Vec<u8>);

impl Message {
    /// The message, encoded.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }

    /// An integer field.
    pub fn int(mut self, field: u64, value: i64) -> Self {
        self.varint(field << 3);
        self.varint(value.cast_unsigned());
        self
    }

    /// A float field.
    pub fn float(mut self, field: u64, value: f32) -> Self {
        self.varint(field << 3 | 5);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Bytes, a text or a packed list.
    pub fn bytes(mut self, field: u64, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    /// A nested message.
    pub fn message(self, field: u64, message: &Self) -> Self {
        self.bytes(field, &message.0)
    }

    fn each<T>(self, items: impl IntoIterator<Item = T>, add: impl Fn(Self, T) -> Self) -> Self {
        items.into_iter().fold(self, add)
    }
}

/// Version of the file format that is written.
const IR_VERSION: i64 = 8;

/// Element type float32.
pub const FLOAT: i64 = 1;
/// Element type int64.
pub const INT64: i64 = 7;
/// Element type bool.
pub const BOOL: i64 = 9;

/// An axis of a declared shape.
#[derive(Clone, Copy, Debug)]
pub enum Axis<'a> {
    /// A number, which need not make sense.
    Size(i64),
    /// A name: the size is the input's.
    Named(&'a str),
}

/// `ModelProto` of one graph, over an operator set of `ai.onnx`.
pub fn model(opset: i64, graph: &Message) -> Vec<u8> {
    let opset = Message::default().bytes(1, "").int(2, opset);
    let model = Message::default().int(1, IR_VERSION).message(8, &opset);
    model.message(7, graph).into_bytes()
}

/// `GraphProto` of parts.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// `NodeProto`
    pub nodes: Vec<Message>,
    /// `TensorProto`
    pub initializers: Vec<Message>,
    /// `ValueInfoProto`
    pub inputs: Vec<Message>,
    /// `ValueInfoProto`
    pub outputs: Vec<Message>,
}

impl Parts {
    /// The graph.
    pub fn message(&self) -> Message {
        let Self {
            nodes,
            initializers,
            inputs,
            outputs,
        } = self;
        Message::default()
            .each(nodes, |graph, node| graph.message(1, node))
            .bytes(2, "g")
            .each(initializers, |graph, tensor| graph.message(5, tensor))
            .each(inputs, |graph, input| graph.message(11, input))
            .each(outputs, |graph, output| graph.message(12, output))
    }

    /// The file, of operator set 17.
    pub fn model(&self) -> Vec<u8> {
        model(17, &self.message())
    }
}

/// `ValueInfoProto`
pub fn value(name: &str, dtype: i64, axes: &[Axis<'_>]) -> Message {
    let shape = Message::default().each(axes, |shape, axis| {
        let dim = match axis {
            Axis::Size(size) => Message::default().int(1, *size),
            Axis::Named(name) => Message::default().bytes(2, name),
        };
        shape.message(1, &dim)
    });
    let tensor = Message::default().int(1, dtype).message(2, &shape);
    let ty = Message::default().message(1, &tensor);
    Message::default().bytes(1, name).message(2, &ty)
}

/// `ValueInfoProto` without a type, as outputs may be.
pub fn untyped(name: &str) -> Message {
    Message::default().bytes(1, name)
}

/// `NodeProto`, named after its operator: `the Relu`.
pub fn node(operator: &str, inputs: &[&str], outputs: &[&str]) -> Message {
    Message::default()
        .each(inputs, |node, name| node.bytes(1, name))
        .each(outputs, |node, name| node.bytes(2, name))
        .bytes(3, format!("the {operator}"))
        .bytes(4, operator)
}

/// `NodeProto` with attributes.
pub fn node_with(
    operator: &str,
    inputs: &[&str],
    outputs: &[&str],
    attributes: &[Message],
) -> Message {
    node(operator, inputs, outputs).each(attributes, |node, attribute| node.message(5, attribute))
}

fn attribute(name: &str, kind: i64) -> Message {
    Message::default().bytes(1, name).int(20, kind)
}

/// `AttributeProto` of an integer.
pub fn int(name: &str, value: i64) -> Message {
    attribute(name, 2).int(3, value)
}

/// `AttributeProto` of a list of integers.
pub fn ints(name: &str, values: &[i64]) -> Message {
    attribute(name, 7).each(values, |attribute, value| attribute.int(8, *value))
}

/// `AttributeProto` of a float.
pub fn float(name: &str, value: f32) -> Message {
    attribute(name, 1).float(2, value)
}

/// `AttributeProto` of a text.
pub fn text(name: &str, value: &str) -> Message {
    attribute(name, 3).bytes(4, value)
}

/// `AttributeProto` of a tensor.
pub fn tensor_attribute(name: &str, tensor: &Message) -> Message {
    attribute(name, 4).message(5, tensor)
}

/// `AttributeProto` of a graph.
pub fn graph_attribute(name: &str, graph: &Message) -> Message {
    attribute(name, 5).message(6, graph)
}

/// `TensorProto` with raw data.
pub fn tensor(name: &str, dtype: i64, dims: &[i64], data: &[u8]) -> Message {
    let tensor = Message::default().each(dims, |tensor, dim| tensor.int(1, *dim));
    tensor.int(2, dtype).bytes(8, name).bytes(9, data)
}

/// `TensorProto` of floats given by their bits.
pub fn floats(name: &str, dims: &[i64], bits: &[u32]) -> Message {
    let data: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
    tensor(name, FLOAT, dims, &data)
}

/// `TensorProto` of 64-bit integers.
pub fn integers(name: &str, values: &[i64]) -> Message {
    let data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    tensor(name, INT64, &[values.len() as i64], &data)
}
