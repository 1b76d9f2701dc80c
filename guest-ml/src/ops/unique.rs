//! Elements, or parts of a tensor, without repetitions.
//!
//! <https://onnx.ai/onnx/operators/onnx__Unique.html>

use super::rearrange::gathered;
use super::{Fact, Kernel, Node, axis_of, elements, required, tensor};
use std::cmp::Ordering;
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(Unique {
        axis: node.int("axis"),
        sorted: node.flag("sorted", true),
    }))
}

/// `Unique`.
#[derive(Debug)]
struct Unique {
    /// Along which parts are compared; all elements are if there is none.
    axis: Option<i64>,
    sorted: bool,
}

impl Unique {
    /// The parts, each a list of places of elements, and how the result is shaped around their count.
    fn parts(&self, shape: &[usize]) -> TractResult<(Vec<Vec<usize>>, usize)> {
        let Some(axis) = self.axis else {
            let count = shape.iter().product();
            return Ok(((0..count).map(|place| vec![place]).collect(), 0));
        };
        let axis = axis_of(axis, shape.len())?;
        let inner: usize = shape[axis + 1..].iter().product();
        let outer: usize = shape[..axis].iter().product();
        let part = |at: usize| {
            let rows = (0..outer).map(|row| (row * shape[axis] + at) * inner);
            rows.flat_map(|start| start..start + inner).collect()
        };
        Ok(((0..shape[axis]).map(part).collect(), axis))
    }

    fn compute<T: Datum + Copy>(
        &self,
        input: &Tensor,
        order: fn(&T, &T) -> Ordering,
    ) -> TractResult<TVec<Tensor>> {
        let all = elements::<T>(input)?;
        let (parts, axis) = self.parts(input.shape())?;
        let compare = |left: &usize, right: &usize| {
            let pairs = parts[*left].iter().zip(&parts[*right]);
            let orders = pairs.map(|(left, right)| order(&all[*left], &all[*right]));
            orders.fold(Ordering::Equal, Ordering::then)
        };
        let mut sorted: Vec<usize> = (0..parts.len()).collect();
        sorted.sort_by(compare);
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for index in sorted {
            match groups.last_mut() {
                Some(group) if compare(&group[0], &index).is_eq() => group.push(index),
                _ => groups.push(vec![index]),
            }
        }
        if !self.sorted {
            groups.sort_by_key(|group| group[0]);
        }
        outputs(input, &parts, axis, self.axis.is_some(), &groups)
    }
}

/// The result, first places, inverse places and counts of groups of equal parts.
fn outputs(
    input: &Tensor,
    parts: &[Vec<usize>],
    axis: usize,
    keeps_axes: bool,
    groups: &[Vec<usize>],
) -> TractResult<TVec<Tensor>> {
    let mut shape: TVec<usize> = if keeps_axes {
        input.shape().into()
    } else {
        tvec![0]
    };
    shape[axis] = groups.len();
    let inner: usize = shape[axis + 1..].iter().product();
    let outer: usize = shape[..axis].iter().product();
    let places = (0..outer).flat_map(|row| {
        let of_group = move |group: &Vec<usize>| {
            let part = &parts[group[0]];
            part[row * inner..(row + 1) * inner].to_vec()
        };
        groups.iter().flat_map(of_group)
    });
    let unique = gathered(input, &shape, places)?;
    let mut inverse = vec![0_i64; parts.len()];
    for (number, group) in (0_i64..).zip(groups) {
        group.iter().for_each(|index| inverse[*index] = number);
    }
    let numbers = |numbers: Vec<usize>| -> TractResult<Tensor> {
        let numbers = numbers.into_iter().map(i64::try_from);
        let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
        tensor(&[numbers.len()], &numbers)
    };
    Ok(tvec![
        unique,
        numbers(groups.iter().map(|group| group[0]).collect())?,
        tensor(&[inverse.len()], &inverse)?,
        numbers(groups.iter().map(Vec::len).collect())?,
    ])
}

impl Kernel for Unique {
    fn facts(&self, _: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        Ok(None)
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        match input.datum_type() {
            DatumType::F32 => self.compute::<f32>(input, f32::total_cmp),
            DatumType::F64 => self.compute::<f64>(input, f64::total_cmp),
            DatumType::F16 => self.compute::<f16>(input, f16::total_cmp),
            DatumType::U8 => self.compute::<u8>(input, u8::cmp),
            DatumType::U16 => self.compute::<u16>(input, u16::cmp),
            DatumType::U32 => self.compute::<u32>(input, u32::cmp),
            DatumType::U64 => self.compute::<u64>(input, u64::cmp),
            DatumType::I8 => self.compute::<i8>(input, i8::cmp),
            DatumType::I16 => self.compute::<i16>(input, i16::cmp),
            DatumType::I32 => self.compute::<i32>(input, i32::cmp),
            DatumType::I64 => self.compute::<i64>(input, i64::cmp),
            DatumType::Bool => self.compute::<bool>(input, bool::cmp),
            other => bail!("compares {other:?}, which has no order"),
        }
    }
}
