//! Writes ONNX files, valid or not: a protobuf writer and the few messages that the tests need.

/// A protobuf message in the making. Fields stand in the order in which they are added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// An integer field.
    pub(crate) fn int(mut self, field: u64, value: i64) -> Self {
        self.varint(field << 3);
        self.varint(value.cast_unsigned());
        self
    }

    /// Bytes, a text or a packed list.
    pub(crate) fn bytes(mut self, field: u64, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    /// A nested message.
    pub(crate) fn message(self, field: u64, message: &Self) -> Self {
        self.bytes(field, &message.0)
    }

    fn each<T>(self, items: impl IntoIterator<Item = T>, add: impl Fn(Self, T) -> Self) -> Self {
        items.into_iter().fold(self, add)
    }
}

/// Element types by number.
pub(crate) const FLOAT: i64 = 1;
pub(crate) const INT64: i64 = 7;
pub(crate) const BOOL: i64 = 9;

/// An axis of a declared shape.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Axis {
    Size(i64),
    Named(&'static str),
}

/// `ModelProto` of one graph.
pub(crate) fn model(graph: &Message) -> Vec<u8> {
    let opset = Message::default().bytes(1, "").int(2, 17);
    let model = Message::default().int(1, 8).message(8, &opset);
    model.message(7, graph).into_bytes()
}

/// `GraphProto` of parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Message>,
    pub(crate) initializers: Vec<Message>,
    pub(crate) inputs: Vec<Message>,
    pub(crate) outputs: Vec<Message>,
}

impl Graph {
    pub(crate) fn message(&self) -> Message {
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

    pub(crate) fn model(&self) -> Vec<u8> {
        model(&self.message())
    }
}

/// `ValueInfoProto`
pub(crate) fn value(name: &str, dtype: i64, axes: &[Axis]) -> Message {
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
pub(crate) fn untyped(name: &str) -> Message {
    Message::default().bytes(1, name)
}

/// `NodeProto`, named after its operator.
pub(crate) fn node(operator: &str, inputs: &[&str], outputs: &[&str]) -> Message {
    Message::default()
        .each(inputs, |node, name| node.bytes(1, name))
        .each(outputs, |node, name| node.bytes(2, name))
        .bytes(3, format!("the {operator}"))
        .bytes(4, operator)
}

/// `NodeProto` with attributes.
pub(crate) fn node_with(
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
pub(crate) fn int(name: &str, value: i64) -> Message {
    attribute(name, 2).int(3, value)
}

/// `AttributeProto` of a list of integers.
pub(crate) fn ints(name: &str, values: &[i64]) -> Message {
    attribute(name, 7).each(values, |attribute, value| attribute.int(8, *value))
}

/// `AttributeProto` of a text.
pub(crate) fn text(name: &str, value: &str) -> Message {
    attribute(name, 3).bytes(4, value)
}

/// `AttributeProto` of a tensor.
pub(crate) fn tensor_attribute(name: &str, tensor: &Message) -> Message {
    attribute(name, 4).message(5, tensor)
}

/// `AttributeProto` of a graph.
pub(crate) fn graph_attribute(name: &str, graph: &Message) -> Message {
    attribute(name, 5).message(6, graph)
}

/// `TensorProto` with raw data.
pub(crate) fn tensor(name: &str, dtype: i64, dims: &[i64], data: &[u8]) -> Message {
    let tensor = Message::default().each(dims, |tensor, dim| tensor.int(1, *dim));
    tensor.int(2, dtype).bytes(8, name).bytes(9, data)
}

/// `TensorProto` of floats given by their bits.
pub(crate) fn floats(name: &str, dims: &[i64], bits: &[u32]) -> Message {
    let data: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
    tensor(name, FLOAT, dims, &data)
}

/// `TensorProto` of 64-bit integers.
pub(crate) fn integers(name: &str, values: &[i64]) -> Message {
    let data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    tensor(name, INT64, &[values.len() as i64], &data)
}

/// Bits of one in every place.
pub(crate) fn ones(count: usize) -> Vec<u32> {
    vec![1_f32.to_bits(); count]
}

/// A multilayer perceptron of 4 inputs and 3 outputs.
pub(crate) fn perceptron() -> Vec<u8> {
    Graph {
        nodes: vec![
            node("MatMul", &["x", "w"], &["a"]),
            node("Add", &["a", "b"], &["c"]),
            node("Relu", &["c"], &["y"]),
        ],
        initializers: vec![floats("w", &[4, 3], &ones(12)), floats("b", &[3], &ones(3))],
        inputs: vec![value("x", FLOAT, &[Axis::Size(1), Axis::Size(4)])],
        outputs: vec![untyped("y")],
    }
    .model()
}

/// A convolution over a named batch, with shape arithmetic, branches and every kind of attribute.
pub(crate) fn branches() -> Vec<u8> {
    let branch = |operator: &str| {
        Graph {
            nodes: vec![node(operator, &["f"], &["r"])],
            outputs: vec![untyped("r")],
            ..Graph::default()
        }
        .message()
    };
    let scale = tensor_attribute("value", &floats("", &[1], &[0x3f00_0000]));
    Graph {
        nodes: vec![
            node_with(
                "Conv",
                &["x", "k"],
                &["h"],
                &[
                    ints("pads", &[1, 1, 1, 1]),
                    int("group", 1),
                    text("auto_pad", "NOTSET"),
                ],
            ),
            node_with("Constant", &[], &["s"], &[scale]),
            node("Mul", &["h", "s"], &["m"]),
            node("Reshape", &["m", "flat"], &["f"]),
            node_with(
                "If",
                &["which"],
                &["y"],
                &[
                    graph_attribute("then_branch", &branch("Relu")),
                    graph_attribute("else_branch", &branch("Neg")),
                ],
            ),
        ],
        initializers: vec![
            floats("k", &[2, 1, 3, 3], &ones(18)),
            integers("flat", &[0, -1]),
        ],
        inputs: vec![
            value(
                "x",
                FLOAT,
                &[
                    Axis::Named("n"),
                    Axis::Size(1),
                    Axis::Size(4),
                    Axis::Size(4),
                ],
            ),
            value("which", BOOL, &[]),
        ],
        outputs: vec![untyped("y")],
    }
    .model()
}

/// An input of [`branches`]: one picture, and the first branch.
pub(crate) fn branches_input() -> Vec<u8> {
    [&1_u32.to_le_bytes()[..], &[0; 64], &[1]].concat()
}
