//! A small writer of ONNX files: graphs that suites and benches make up as they run.
//!
//! It knows what such graphs need and checks nothing: what the guest makes of a wrong one is up to a test.

use enshrine_primitives::tensor::{DType, Dim};

/// Version of the file format that is written.
const IR_VERSION: u64 = 8;

/// A value of a graph: an input, a stored tensor or an output of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Value(u32);

/// An attribute of a node: its name and what it holds.
#[derive(Clone, Debug)]
pub enum Attribute<'a> {
    /// A whole number.
    Int(&'a str, i64),
    /// Whole numbers.
    Ints(&'a str, &'a [i64]),
    /// A float.
    Float(&'a str, f32),
    /// A string.
    Text(&'a str, &'a str),
    /// A tensor of one element.
    Scalar(&'a str, DType, &'a [u8]),
}

/// A graph in the making.
///
/// ```
/// use enshrine_primitives::tensor::{DType, Dim};
/// use enshrine_tests::onnx::Graph;
///
/// let mut graph = Graph::new(17);
/// let x = graph.input(DType::F32, &[Dim::Static(4)]);
/// let two = graph.f32s(&[1], &[2.0]);
/// let y = graph.node("Mul", &[x, two], &[]);
/// graph.output(y, DType::F32, &[Dim::Static(4)]);
/// let file = graph.encode();
/// assert_eq!(file[..2], [0x08, 8], "the version of the format comes first");
/// ```
#[derive(Clone, Debug)]
pub struct Graph {
    opset: u64,
    /// Fields of the graph message, encoded.
    fields: Message,
    values: u32,
}

impl Graph {
    /// An empty graph over an operator set of `ai.onnx`.
    pub fn new(opset: u64) -> Self {
        let mut fields = Message::default();
        fields.bytes(2, b"graph");
        Self {
            opset,
            fields,
            values: 0,
        }
    }

    /// An input of the graph.
    pub fn input(&mut self, dtype: DType, dims: &[Dim]) -> Value {
        let value = self.fresh();
        self.fields.message(11, &value_info(value, dtype, dims));
        value
    }

    /// Declares an output of the graph.
    pub fn output(&mut self, value: Value, dtype: DType, dims: &[Dim]) {
        self.fields.message(12, &value_info(value, dtype, dims));
    }

    /// A stored tensor, by its little-endian bytes.
    pub fn tensor(&mut self, dtype: DType, shape: &[i64], bytes: &[u8]) -> Value {
        let value = self.fresh();
        let mut tensor = tensor(dtype, shape, bytes);
        tensor.bytes(8, value.name().as_bytes());
        self.fields.message(5, &tensor);
        value
    }

    /// A stored tensor of floats.
    pub fn f32s(&mut self, shape: &[i64], data: &[f32]) -> Value {
        let bytes: Vec<u8> = data.iter().flat_map(|item| item.to_le_bytes()).collect();
        self.tensor(DType::F32, shape, &bytes)
    }

    /// A stored list of whole numbers: a shape, axes, indices.
    pub fn i64s(&mut self, data: &[i64]) -> Value {
        let bytes: Vec<u8> = data.iter().flat_map(|item| item.to_le_bytes()).collect();
        self.tensor(DType::I64, &[data.len() as i64], &bytes)
    }

    /// A node's only output.
    pub fn node(
        &mut self,
        operator: &str,
        inputs: &[Value],
        attributes: &[Attribute<'_>],
    ) -> Value {
        let [output] = self.node_outputs(operator, inputs, attributes);
        output
    }

    /// All outputs of a node.
    pub fn node_outputs<const OUTPUTS: usize>(
        &mut self,
        operator: &str,
        inputs: &[Value],
        attributes: &[Attribute<'_>],
    ) -> [Value; OUTPUTS] {
        let outputs = [(); OUTPUTS].map(|()| self.fresh());
        let mut node = Message::default();
        for input in inputs {
            node.bytes(1, input.name().as_bytes());
        }
        for output in outputs {
            node.bytes(2, output.name().as_bytes());
        }
        node.bytes(4, operator.as_bytes());
        for attribute in attributes {
            node.message(5, &attribute.encode());
        }
        self.fields.message(1, &node);
        outputs
    }

    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        let mut opset = Message::default();
        opset.bytes(1, b"");
        opset.number(2, self.opset);
        let mut model = Message::default();
        model.number(1, IR_VERSION);
        model.message(7, &self.fields);
        model.message(8, &opset);
        model.0
    }

    const fn fresh(&mut self) -> Value {
        let value = Value(self.values);
        self.values += 1;
        value
    }
}

impl Value {
    fn name(self) -> String {
        format!("v{}", self.0)
    }
}

impl Attribute<'_> {
    fn encode(&self) -> Message {
        let mut out = Message::default();
        let (name, kind) = match self {
            Self::Float(name, value) => {
                out.float(2, *value);
                (name, 1)
            }
            Self::Int(name, value) => {
                out.number(3, value.cast_unsigned());
                (name, 2)
            }
            Self::Text(name, value) => {
                out.bytes(4, value.as_bytes());
                (name, 3)
            }
            Self::Scalar(name, dtype, bytes) => {
                out.message(5, &tensor(*dtype, &[1], bytes));
                (name, 4)
            }
            Self::Ints(name, values) => {
                for value in *values {
                    out.number(8, value.cast_unsigned());
                }
                (name, 7)
            }
        };
        out.bytes(1, name.as_bytes());
        out.number(20, kind);
        out
    }
}

fn tensor(dtype: DType, shape: &[i64], bytes: &[u8]) -> Message {
    let mut tensor = Message::default();
    for size in shape {
        tensor.number(1, size.cast_unsigned());
    }
    tensor.number(2, dtype.to_wire().into());
    tensor.bytes(9, bytes);
    tensor
}

fn value_info(value: Value, dtype: DType, dims: &[Dim]) -> Message {
    let mut shape = Message::default();
    for (axis, dim) in dims.iter().enumerate() {
        let mut encoded = Message::default();
        match dim {
            Dim::Static(size) => encoded.number(1, (*size).into()),
            Dim::Dynamic => encoded.bytes(2, format!("{}_{axis}", value.name()).as_bytes()),
        }
        shape.message(1, &encoded);
    }
    let mut tensor = Message::default();
    tensor.number(1, dtype.to_wire().into());
    tensor.message(2, &shape);
    let mut ty = Message::default();
    ty.message(1, &tensor);
    let mut info = Message::default();
    info.bytes(1, value.name().as_bytes());
    info.message(2, &ty);
    info
}

/// An encoded protobuf message.
#[derive(Clone, Debug, Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }

    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn float(&mut self, field: u64, value: f32) {
        self.varint(field << 3 | 5);
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
    }

    fn message(&mut self, field: u64, message: &Self) {
        self.bytes(field, &message.0);
    }
}
