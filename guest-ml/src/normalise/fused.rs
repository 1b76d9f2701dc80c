//! Takes operators apart that stand for several.
//!
//! ONNX Runtime's static quantiser writes operators of its own between 8-bit values: the plain ones between a dequantisation
//! and a quantisation. They are specified in its `ContribOperators.md`.

use super::parts::{Names, Parts, int};
use tract_onnx::pb::{AttributeProto, GraphProto};

/// Operators of `com.microsoft` that dequantise one input, and what they compute then.
const OF_ONE: [(&str, &str); 5] = [
    ("QLinearAveragePool", "AveragePool"),
    ("QLinearGlobalAveragePool", "GlobalAveragePool"),
    ("QLinearLeakyRelu", "LeakyRelu"),
    ("QLinearSigmoid", "Sigmoid"),
    ("QLinearSoftmax", "Softmax"),
];

/// The same of two inputs.
const OF_TWO: [(&str, &str); 2] = [("QLinearAdd", "Add"), ("QLinearMul", "Mul")];

/// Attributes that say something to the fused operator only.
const OWN_ATTRIBUTES: [&str; 2] = ["channels_last", "opset"];

/// Single floats, as a number of an element type.
const FLOAT: i64 = 1;

/// Whether an operator of `com.microsoft` is taken apart.
pub(crate) fn is_fused(operator: &str) -> bool {
    let named = |(name, _): &(&str, &str)| *name == operator;
    let several = matches!(operator, "QGemm" | "QLinearConcat");
    several || OF_ONE.iter().any(named) || OF_TWO.iter().any(named)
}

/// Takes all of them apart.
pub(super) fn take_apart(graph: &mut GraphProto, names: &mut Names) {
    for node in std::mem::take(&mut graph.node) {
        let fused = node.domain == "com.microsoft" && is_fused(&node.op_type);
        if !fused && node.op_type != "QLinearMatMul" {
            graph.node.push(node);
            continue;
        }
        let mut parts = Parts {
            whole: &node,
            nodes: &mut graph.node,
            stored: &mut graph.initializer,
            names,
        };
        let find = |table: &[(&'static str, &'static str)]| {
            let found = table.iter().find(|(name, _)| *name == node.op_type);
            found.map(|(_, plain)| *plain)
        };
        match (find(&OF_ONE), find(&OF_TWO)) {
            (Some(plain), _) => parts.of_one(plain),
            (_, Some(plain)) => parts.of_two(plain),
            _ if node.op_type == "QLinearConcat" => parts.concat(),
            _ if node.op_type == "QGemm" => parts.gemm(),
            _ => parts.product(),
        }
    }
}

impl Parts<'_> {
    /// The value of the three inputs from a place on: elements, scale and zero point.
    fn dequantised(&mut self, place: usize) -> String {
        let inputs = (place..place + 3).map(|place| self.input(place)).collect();
        self.add("DequantizeLinear", inputs, vec![])
    }

    /// Makes the result of a value, with scale and zero point at a place.
    fn quantise(&mut self, value: String, place: usize) {
        let (scale, zero) = (self.single(self.input(place)), self.input(place + 1));
        self.finish("QuantizeLinear", vec![value, scale, zero]);
    }

    fn plain_attributes(&self) -> Vec<AttributeProto> {
        let given = self.whole.attribute.iter();
        given
            .filter(|given| !OWN_ATTRIBUTES.contains(&given.name.as_str()))
            .cloned()
            .collect()
    }

    fn of_one(&mut self, operator: &str) {
        let value = self.dequantised(0);
        let attributes = self.plain_attributes();
        let value = self.add(operator, vec![value], attributes);
        self.quantise(value, 3);
    }

    fn of_two(&mut self, operator: &str) {
        let values = vec![self.dequantised(0), self.dequantised(3)];
        let value = self.add(operator, values, vec![]);
        self.quantise(value, 6);
    }

    fn concat(&mut self) {
        let places = (2..self.whole.input.len()).step_by(3);
        let values = places.map(|place| self.dequantised(place)).collect();
        let attributes = self.plain_attributes();
        let value = self.add("Concat", values, attributes);
        self.quantise(value, 0);
    }

    /// The product of two quantised matrices, in integers.
    fn integers(&mut self, [left, right]: [String; 2]) -> String {
        let zeros = [self.input(2), self.input(5)];
        let inputs = [left, right].into_iter().chain(zeros).collect();
        self.add("MatMulInteger", inputs, vec![])
    }

    /// Sums of products as floats.
    fn scaled(&mut self, sums: String) -> String {
        let floats = self.single(sums);
        let scales = [1, 4].map(|place| self.single(self.input(place))).to_vec();
        let scale = self.add("Mul", scales, vec![]);
        self.add("Mul", vec![floats, scale], vec![])
    }

    /// A value as single floats.
    fn single(&mut self, value: String) -> String {
        self.add("Cast", vec![value], vec![int("to", FLOAT)])
    }

    fn product(&mut self) {
        let sums = self.integers([self.input(0), self.input(3)]);
        let value = self.scaled(sums);
        self.quantise(value, 6);
    }

    fn gemm(&mut self) {
        let flag =
            |parts: &Self, name: &str| parts.attribute(name).is_some_and(|given| given.i != 0);
        let mut sides = [self.input(0), self.input(3)];
        for (side, name) in sides.iter_mut().zip(["transA", "transB"]) {
            if flag(self, name) {
                *side = self.add("Transpose", vec![side.clone()], vec![]);
            }
        }
        let mut sums = self.integers(sides);
        if !self.input(6).is_empty() {
            sums = self.add("Add", vec![sums, self.input(6)], vec![]);
        }
        let value = self.scaled(sums);
        if self.input(7).is_empty() {
            return self.finish("Identity", vec![value]);
        }
        self.quantise(value, 7);
    }
}
