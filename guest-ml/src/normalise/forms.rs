//! Forms of operators that the importer refuses or reads wrongly, in terms of those that it reads right.

use super::parts::{Names, Parts, int};
use std::collections::BTreeSet;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::type_proto::Tensor as TensorTypeProto;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{GraphProto, NodeProto, TensorShapeProto, TypeProto};

/// Rewrites all of them.
pub(super) fn rewrite(graph: &mut GraphProto, names: &mut Names) {
    maps_as_matrices(graph);
    let scalars = graph.initializer.iter();
    let scalars = scalars.filter(|stored| stored.dims.is_empty());
    let scalars: BTreeSet<String> = scalars.map(|stored| stored.name.clone()).collect();
    for node in std::mem::take(&mut graph.node) {
        let mut parts = Parts {
            whole: &node,
            nodes: &mut graph.node,
            stored: &mut graph.initializer,
            names,
        };
        match node.op_type.as_str() {
            "ZipMap" => parts.as_matrix(),
            "Pad" if parts.pads_with_elements() => parts.without_constant(),
            "Pad" => parts.with_scalars(&[2], &scalars),
            "Einsum" => parts.sum_of_products(),
            "ConvTranspose" if parts.has_shape() => parts.cut_to_shape(),
            _ => graph.node.push(node),
        }
    }
}

/// Declares the maps that a graph has for outputs as matrices, with the rows of its first input.
pub(crate) fn maps_as_matrices(graph: &mut GraphProto) {
    for node in graph.node.iter().filter(|node| node.op_type == "ZipMap") {
        let labels = node.attribute.iter().map(|given| given.ints.len()).max();
        let columns = labels.and_then(|count| i64::try_from(count).ok());
        let rows = graph
            .input
            .first()
            .and_then(|input| match &input.r#type.as_ref()?.value {
                Some(Value::TensorType(ty)) => ty.shape.as_ref()?.dim.first().cloned(),
                _ => None,
            });
        let columns = Dimension {
            value: columns.map(dimension::Value::DimValue),
            ..Dimension::default()
        };
        let dim = vec![rows.unwrap_or_default(), columns];
        let ty = TensorTypeProto {
            elem_type: DataType::Float as i32,
            shape: Some(TensorShapeProto { dim }),
        };
        for output in graph
            .output
            .iter_mut()
            .filter(|output| node.output.contains(&output.name))
        {
            output.r#type = Some(TypeProto {
                value: Some(Value::TensorType(ty.clone())),
                ..TypeProto::default()
            });
        }
    }
}

impl Parts<'_> {
    /// ONNX's own functions give single numbers in lists of one, where the importer wants scalars.
    fn with_scalars(&mut self, places: &[usize], scalars: &BTreeSet<String>) {
        let mut node = self.whole.clone();
        for place in places {
            let input = self.input(*place);
            if !input.is_empty() && !scalars.contains(&input) {
                node.input[*place] = self.add("Squeeze", vec![input], vec![]);
            }
        }
        self.nodes.push(node);
    }

    /// Whether it pads with elements of its input, and not with a number.
    fn pads_with_elements(&self) -> bool {
        let mode = self.attribute("mode");
        mode.is_some_and(|mode| mode.s != b"constant")
    }

    /// The importer pads with the number, if there is one, whatever the mode is.
    fn without_constant(&mut self) {
        let mut node = self.whole.clone();
        if let Some(constant) = node.input.get_mut(2) {
            constant.clear();
        }
        self.nodes.push(node);
    }

    /// A map for each row, as the matrix that it is made of: its columns are the classes in order.
    fn as_matrix(&mut self) {
        let matrix = self.input(0);
        self.finish("Identity", vec![matrix]);
    }

    /// The importer takes an equation whose result has no axes for one that does not say which it has: it is computed with
    /// one axis, and summed.
    fn sum_of_products(&mut self) {
        let mut node = self.whole.clone();
        let equation = without_axes(self.whole);
        let Some(equation) = equation else {
            self.nodes.push(node);
            return;
        };
        let all = self.names.fresh(&equation);
        for given in &mut node.attribute {
            given.s = equation.clone().into();
        }
        node.output = vec![all.clone()];
        self.nodes.push(node);
        self.finish("ReduceSum", vec![all]);
        if let Some(sum) = self.nodes.last_mut() {
            sum.attribute.push(int("keepdims", 0));
        }
    }

    /// Whether the shape of its result is given in place of paddings.
    fn has_shape(&self) -> bool {
        self.attribute("output_shape")
            .is_some_and(|shape| !shape.ints.is_empty())
    }

    /// A transposed convolution without paddings, of which both ends are cut, or the last one grown, to the shape that is
    /// given. An odd element more is cut from the start; from the end with `auto_pad=SAME_UPPER`.
    fn cut_to_shape(&mut self) {
        let mut node = self.whole.clone();
        let shape = self.attribute("output_shape");
        let shape = shape.map_or_else(Vec::new, |given| given.ints.clone());
        let upper = self.attribute("auto_pad");
        let upper = upper.is_some_and(|padding| padding.s == b"SAME_UPPER");
        let shaped = ["auto_pad", "output_shape", "pads"];
        node.attribute
            .retain(|given| !shaped.contains(&given.name.as_str()));
        let all = self.names.fresh(&node.output[0]);
        node.output = vec![all.clone()];
        self.nodes.push(node);
        let axes: Vec<i64> = (2..).take(shape.len()).collect();
        let [shape, axes, zero, one, two] =
            [&shape[..], &axes, &[0], &[1], &[2]].map(|numbers| self.store(numbers));
        let whole = self.add("Shape", vec![all.clone()], vec![]);
        let sizes = self.add("Gather", vec![whole, axes.clone()], vec![]);
        let excess = self.add("Sub", vec![sizes, shape.clone()], vec![]);
        let cut = self.add("Max", vec![excess.clone(), zero.clone()], vec![]);
        let odd = if upper {
            cut
        } else {
            self.add("Add", vec![cut, one], vec![])
        };
        let start = self.add("Div", vec![odd, two], vec![]);
        let end = self.add("Add", vec![start.clone(), shape], vec![]);
        let inputs = vec![all, start, end, axes];
        let within = self.add("Slice", inputs, vec![]);
        let lack = self.add("Neg", vec![excess], vec![]);
        let lack = self.add("Max", vec![lack, zero.clone()], vec![]);
        let none = self.add("Mul", vec![lack.clone(), zero.clone()], vec![]);
        // No axis of batch and channels grows, and none at its start.
        let sides = [&zero, &zero, &none, &zero, &zero, &lack].map(String::clone);
        let pads = self.add("Concat", sides.to_vec(), vec![int("axis", 0)]);
        self.finish("Pad", vec![within, pads]);
    }
}

/// An equation with one of its axes in the result, if it has none there.
fn without_axes(node: &NodeProto) -> Option<String> {
    let mut attributes = node.attribute.iter();
    let equation = attributes.find(|given| given.name == "equation")?;
    let equation = std::str::from_utf8(&equation.s).ok()?;
    let (terms, result) = equation.split_once("->")?;
    let label = terms.chars().find(char::is_ascii_alphabetic)?;
    let scalar = result.trim().is_empty() && !terms.contains('.');
    scalar.then(|| format!("{terms}->{label}"))
}
