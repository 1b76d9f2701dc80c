//! A small writer of ONNX files: graphs that suites and benches make up as they run.
//!
//! It knows what such graphs need and checks nothing: what the guest makes of a wrong one is up to a test.

use enshrine_primitives::tensor::{DType, Dim};

use proto::{Axis, Message, Parts};

pub mod proto;

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
    opset: i64,
    parts: Parts,
    values: u32,
}

impl Graph {
    /// An empty graph over an operator set of `ai.onnx`.
    pub fn new(opset: i64) -> Self {
        Self {
            opset,
            parts: Parts::default(),
            values: 0,
        }
    }

    /// An input of the graph.
    pub fn input(&mut self, dtype: DType, dims: &[Dim]) -> Value {
        let value = self.fresh();
        self.parts.inputs.push(value_info(value, dtype, dims));
        value
    }

    /// Declares an output of the graph.
    pub fn output(&mut self, value: Value, dtype: DType, dims: &[Dim]) {
        self.parts.outputs.push(value_info(value, dtype, dims));
    }

    /// A stored tensor, by its little-endian bytes.
    pub fn tensor(&mut self, dtype: DType, shape: &[i64], bytes: &[u8]) -> Value {
        let value = self.fresh();
        let tensor = proto::tensor(&value.name(), dtype.to_wire().into(), shape, bytes);
        self.parts.initializers.push(tensor);
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
        let [inputs, names] = [inputs, &outputs]
            .map(|values| -> Vec<String> { values.iter().map(|value| value.name()).collect() });
        let [inputs, names] =
            [&inputs, &names].map(|names| names.iter().map(String::as_str).collect::<Vec<_>>());
        let attributes: Vec<Message> = attributes.iter().map(Attribute::encode).collect();
        let node = proto::node_with(operator, &inputs, &names, &attributes);
        self.parts.nodes.push(node);
        outputs
    }

    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        proto::model(self.opset, &self.parts.message())
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
        match self {
            Self::Float(name, value) => proto::float(name, *value),
            Self::Int(name, value) => proto::int(name, *value),
            Self::Text(name, value) => proto::text(name, value),
            Self::Scalar(name, dtype, bytes) => {
                let scalar = proto::tensor("", dtype.to_wire().into(), &[1], bytes);
                proto::tensor_attribute(name, &scalar)
            }
            Self::Ints(name, values) => proto::ints(name, values),
        }
    }
}

fn value_info(value: Value, dtype: DType, dims: &[Dim]) -> Message {
    let name = value.name();
    let axes: Vec<String> = (0..dims.len())
        .map(|axis| format!("{name}_{axis}"))
        .collect();
    let axes = dims.iter().zip(&axes).map(|(dim, axis)| match dim {
        Dim::Static(size) => Axis::Size((*size).into()),
        Dim::Dynamic => Axis::Named(axis),
    });
    proto::value(&name, dtype.to_wire().into(), &axes.collect::<Vec<_>>())
}
