//! Operators that run graphs.

use super::graph::Node;
use super::{Importer, Scope, Value};
use crate::ops::axis_of;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

impl Importer {
    /// Runs a node that has graphs; its outputs that have a name.
    pub(super) fn control(
        &self,
        node: &Node,
        inputs: &[Option<Value>],
        scope: &Scope<'_>,
    ) -> TractResult<Option<TVec<Value>>> {
        let outputs = match node.proto.op_type.as_str() {
            "If" => self.branch(node, inputs, scope)?,
            "Loop" => self.repeat(node, inputs, scope)?,
            "Scan" => self.scan(node, inputs, scope)?,
            "SequenceMap" => self.map(node, inputs, scope)?,
            _ => return Ok(None),
        };
        let named = node.proto.output.iter().map(|name| !name.is_empty());
        let outputs = outputs.into_iter().zip(named);
        let outputs = outputs.filter_map(|(output, named)| named.then_some(output));
        Ok(Some(outputs.collect()))
    }

    fn branch(
        &self,
        node: &Node,
        inputs: &[Option<Value>],
        scope: &Scope<'_>,
    ) -> TractResult<Vec<Value>> {
        let taken = if truth(given(inputs, 0)?)? {
            "then_branch"
        } else {
            "else_branch"
        };
        self.run(node.graph(taken)?, vec![], Some(scope))
    }

    /// <https://onnx.ai/onnx/operators/onnx__Loop.html>
    fn repeat(
        &self,
        node: &Node,
        inputs: &[Option<Value>],
        scope: &Scope<'_>,
    ) -> TractResult<Vec<Value>> {
        let body = node.graph("body")?;
        let most = inputs.first().and_then(Option::as_ref);
        let most = most.map(number).transpose()?;
        let condition = inputs.get(1).and_then(Option::as_ref);
        let mut goes_on = condition.map(truth).transpose()?.unwrap_or(true);
        let mut carried: Vec<Value> = (2..inputs.len())
            .map(|place| given(inputs, place).cloned())
            .collect::<TractResult<_>>()?;
        let count = carried.len();
        let scanned = body.outputs.len().checked_sub(1 + count);
        let scanned = scanned.context("its body has too few outputs")?;
        let mut rows: Vec<Vec<Arc<Tensor>>> = vec![vec![]; scanned];
        let mut turn = 0_i64;
        while goes_on && most.is_none_or(|most| turn < most) {
            let mut arguments = vec![Value::from(tensor0(turn)), Value::from(tensor0(goes_on))];
            arguments.append(&mut carried);
            let mut outputs = self.run(body, arguments, Some(scope))?.into_iter();
            goes_on = truth(&outputs.next().context("its body has no outputs")?)?;
            carried = outputs.by_ref().take(count).collect();
            for (rows, output) in rows.iter_mut().zip(outputs) {
                rows.push(output.tensor()?.clone());
            }
            turn += 1;
        }
        let stacked = rows.iter().map(|rows| stack(rows, 0, false));
        let stacked: Vec<Value> = stacked.collect::<TractResult<_>>()?;
        carried.extend(stacked);
        Ok(carried)
    }

    /// <https://onnx.ai/onnx/operators/onnx__Scan.html>
    fn scan(
        &self,
        node: &Node,
        inputs: &[Option<Value>],
        scope: &Scope<'_>,
    ) -> TractResult<Vec<Value>> {
        let body = node.graph("body")?;
        let scanned = attribute(&node.proto, "num_scan_inputs").map_or(0, |given| given.i);
        let scanned = usize::try_from(scanned)?;
        let count = inputs.len().checked_sub(scanned);
        let count = count.context("has fewer inputs than it scans")?;
        let mut carried: Vec<Value> = (0..count)
            .map(|place| given(inputs, place).cloned())
            .collect::<TractResult<_>>()?;
        let sources: Vec<Source> = (0..scanned)
            .map(|place| Source::new(&node.proto, given(inputs, count + place)?, place))
            .collect::<TractResult<_>>()?;
        let length = sources.first().map_or(0, |source| source.length);
        ensure!(
            sources.iter().all(|source| source.length == length),
            "scans inputs of different lengths"
        );
        let rest = body.outputs.len().checked_sub(count);
        let mut rows: Vec<Vec<Arc<Tensor>>> =
            vec![vec![]; rest.context("its body has too few outputs")?];
        for turn in 0..length {
            let mut arguments = std::mem::take(&mut carried);
            for source in &sources {
                arguments.push(source.row(turn)?);
            }
            let mut outputs = self.run(body, arguments, Some(scope))?.into_iter();
            carried = outputs.by_ref().take(count).collect();
            for (rows, output) in rows.iter_mut().zip(outputs) {
                rows.push(output.tensor()?.clone());
            }
        }
        for (place, rows) in rows.iter().enumerate() {
            let axis = listed(&node.proto, "scan_output_axes", place);
            let backwards = listed(&node.proto, "scan_output_directions", place) != 0;
            carried.push(stack(rows, axis, backwards)?);
        }
        Ok(carried)
    }

    /// <https://onnx.ai/onnx/operators/onnx__SequenceMap.html>
    fn map(
        &self,
        node: &Node,
        inputs: &[Option<Value>],
        scope: &Scope<'_>,
    ) -> TractResult<Vec<Value>> {
        let body = node.graph("body")?;
        let length = given(inputs, 0)?.sequence()?.len();
        let mut outputs: Vec<Vec<Value>> = vec![vec![]; body.outputs.len()];
        for turn in 0..length {
            let argument = |input: &Option<Value>| match input {
                Some(Value::Sequence(values)) => {
                    let value = values.get(turn).cloned();
                    value.context("maps sequences of different lengths")
                }
                Some(value) => Ok(value.clone()),
                None => bail!("leaves an input out"),
            };
            let arguments: TractResult<Vec<Value>> = inputs.iter().map(argument).collect();
            let results = self.run(body, arguments?, Some(scope))?;
            for (output, result) in outputs.iter_mut().zip(results) {
                output.push(result);
            }
        }
        Ok(outputs.into_iter().map(Value::Sequence).collect())
    }
}

/// An input that is scanned.
struct Source {
    tensor: Arc<Tensor>,
    axis: usize,
    backwards: bool,
    length: usize,
}

impl Source {
    fn new(node: &NodeProto, value: &Value, place: usize) -> TractResult<Self> {
        let tensor = value.tensor()?.clone();
        let axis = axis_of(listed(node, "scan_input_axes", place), tensor.rank())?;
        let length = tensor.shape()[axis];
        Ok(Self {
            axis,
            backwards: listed(node, "scan_input_directions", place) != 0,
            length,
            tensor,
        })
    }

    fn row(&self, turn: usize) -> TractResult<Value> {
        let turn = if self.backwards {
            self.length - 1 - turn
        } else {
            turn
        };
        let mut row = self.tensor.slice(self.axis, turn, turn + 1)?;
        row.remove_axis(self.axis)?;
        Ok(row.into())
    }
}

/// Lays tensors side by side along a new axis.
fn stack(rows: &[Arc<Tensor>], axis: i64, backwards: bool) -> TractResult<Value> {
    let first = rows.first();
    // Their type is known to those who declare it only.
    let first = first.context("collects rows, of which there are none")?;
    let axis = axis_of(axis, first.rank() + 1)?;
    let row = |row: &Arc<Tensor>| {
        let mut row = row.clone().into_tensor();
        row.insert_axis(axis)?;
        Ok(row)
    };
    let mut rows: Vec<Tensor> = rows.iter().map(row).collect::<TractResult<_>>()?;
    if backwards {
        rows.reverse();
    }
    Ok(Tensor::stack_tensors(axis, &rows)?.into())
}

fn given(inputs: &[Option<Value>], place: usize) -> TractResult<&Value> {
    let given = inputs.get(place).and_then(Option::as_ref);
    given.with_context(|| format!("lacks its input {place}"))
}

fn truth(value: &Value) -> TractResult<bool> {
    let tensor = value.tensor()?;
    ensure!(
        tensor.len() == 1,
        "its condition has {} elements, expected one",
        tensor.len()
    );
    tensor.cast_to_scalar::<bool>()
}

fn number(value: &Value) -> TractResult<i64> {
    let tensor = value.tensor()?;
    ensure!(
        tensor.len() == 1,
        "its count has {} elements, expected one",
        tensor.len()
    );
    tensor.cast_to_scalar::<i64>()
}

fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a tract_onnx::pb::AttributeProto> {
    node.attribute.iter().find(|given| given.name == name)
}

fn listed(node: &NodeProto, name: &str, place: usize) -> i64 {
    let list = attribute(node, name).map_or(&[][..], |given| &given.ints);
    list.get(place).copied().unwrap_or(0)
}
