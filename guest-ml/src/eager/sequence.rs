//! Operators of sequences and optionals.

use super::Value;
use crate::ops::{axis_of, whole_numbers};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// Runs a node of sequences or optionals; its one output.
pub(super) fn evaluate(node: &NodeProto, inputs: &[Option<Value>]) -> TractResult<Option<Value>> {
    let given = |place: usize| {
        let value = inputs.get(place).and_then(Option::as_ref);
        value.with_context(|| format!("lacks its input {place}"))
    };
    let optional = |place: usize| inputs.get(place).and_then(Option::as_ref);
    let attribute = |name: &str| node.attribute.iter().find(|given| given.name == name);
    Ok(Some(match node.op_type.as_str() {
        "SequenceConstruct" => Value::Sequence(inputs.iter().flatten().cloned().collect()),
        "SequenceEmpty" => Value::Sequence(vec![]),
        "SequenceLength" => Value::from(tensor0(given(0)?.sequence()?.len() as i64)),
        "SequenceAt" => {
            let values = given(0)?.sequence()?;
            values[position(given(1)?, values.len(), false)?].clone()
        }
        "SequenceInsert" => {
            let mut values = given(0)?.sequence()?.to_vec();
            let place = match optional(2) {
                Some(place) => position(place, values.len(), true)?,
                None => values.len(),
            };
            values.insert(place, given(1)?.clone());
            Value::Sequence(values)
        }
        "SequenceErase" => {
            let mut values = given(0)?.sequence()?.to_vec();
            let place = match optional(1) {
                Some(place) => position(place, values.len(), false)?,
                None => values
                    .len()
                    .checked_sub(1)
                    .context("erases from an empty sequence")?,
            };
            values.remove(place);
            Value::Sequence(values)
        }
        "SplitToSequence" => {
            let axis = attribute("axis").map_or(0, |axis| axis.i);
            let keeps = attribute("keepdims").is_none_or(|keeps| keeps.i != 0);
            split(given(0)?.tensor()?, axis, optional(1), keeps)?
        }
        "ConcatFromSequence" => {
            let axis = attribute("axis").map_or(0, |axis| axis.i);
            let stacks = attribute("new_axis").is_some_and(|stacks| stacks.i != 0);
            concatenate(given(0)?.sequence()?, axis, stacks)?
        }
        "Optional" => Value::Optional(optional(0).cloned().map(Box::new)),
        "OptionalHasElement" => {
            let has = match optional(0) {
                None | Some(Value::Optional(None)) => false,
                Some(_) => true,
            };
            Value::from(tensor0(has))
        }
        "OptionalGetElement" => match given(0)? {
            Value::Optional(Some(value)) => (**value).clone(),
            Value::Optional(None) => bail!("takes the element of an optional that has none"),
            value => value.clone(),
        },
        "Identity" => given(0)?.clone(),
        _ => return Ok(None),
    }))
}

/// A place in a sequence, counted from the end if it is negative.
fn position(value: &Value, length: usize, behind: bool) -> TractResult<usize> {
    let place: i64 = value.tensor()?.cast_to_scalar()?;
    let counted = if place < 0 {
        place.saturating_add_unsigned(length as u64)
    } else {
        place
    };
    let within = |place: &usize| *place < length || (behind && *place == length);
    let counted = usize::try_from(counted).ok().filter(within);
    counted.with_context(|| format!("place {place} is outside of a sequence of {length}"))
}

fn split(tensor: &Tensor, axis: i64, sizes: Option<&Value>, keeps: bool) -> TractResult<Value> {
    let axis = axis_of(axis, tensor.rank())?;
    let length = tensor.shape()[axis];
    let (sizes, keeps) = match sizes {
        // Without sizes each part is one element.
        None => (vec![1; length], keeps),
        Some(sizes) => (part_sizes(sizes.tensor()?, length)?, true),
    };
    let mut start = 0;
    let mut parts = vec![];
    for size in sizes {
        let mut part = if size == 0 {
            let mut shape = tensor.shape().to_vec();
            shape[axis] = 0;
            Tensor::zero_dt(tensor.datum_type(), &shape)?
        } else {
            tensor.slice(axis, start, start + size)?
        };
        if !keeps {
            part.remove_axis(axis)?;
        }
        parts.push(part.into());
        start += size;
    }
    Ok(Value::Sequence(parts))
}

fn part_sizes(sizes: &Tensor, length: usize) -> TractResult<Vec<usize>> {
    let listed = whole_numbers(sizes)?.into_iter().map(usize::try_from);
    let listed: Vec<usize> = listed.collect::<Result<_, _>>()?;
    if let (0, [size]) = (sizes.rank(), &listed[..]) {
        ensure!(*size > 0, "splits into parts of no elements");
        let whole = vec![*size; length / size];
        let rest = Some(length % size).filter(|rest| *rest > 0);
        return Ok(whole.into_iter().chain(rest).collect());
    }
    let sum = listed
        .iter()
        .try_fold(0_usize, |sum, size| sum.checked_add(*size));
    ensure!(
        sum == Some(length),
        "splits {length} elements into parts of {listed:?}"
    );
    Ok(listed)
}

fn concatenate(values: &[Value], axis: i64, stacks: bool) -> TractResult<Value> {
    let tensors: TractResult<Vec<&Arc<Tensor>>> = values.iter().map(Value::tensor).collect();
    let mut tensors: Vec<Tensor> = tensors?
        .into_iter()
        .map(|tensor| (**tensor).clone())
        .collect();
    let rank = tensors
        .first()
        .context("concatenates an empty sequence")?
        .rank();
    let axis = axis_of(axis, rank + usize::from(stacks))?;
    if stacks {
        tensors
            .iter_mut()
            .try_for_each(|tensor| tensor.insert_axis(axis))?;
    }
    Ok(Tensor::stack_tensors(axis, &tensors)?.into())
}
