//! Logarithms of sums of powers.
//!
//! <https://onnx.ai/onnx/operators/onnx__ReduceLogSumExp.html>. The importer's overflow where an element is larger than 88.

use super::floats::{Real, ensure_float, from_reals, reals};
use super::rearrange::{coordinates, index_of};
use super::{Fact, Kernel, Node, axis_of, optional, required, volume, whole_numbers};
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let summed = Summed::of(node);
    Ok(Box::new(LogSumExp { summed }))
}

/// Which axes are summed.
#[derive(Debug)]
pub(super) struct Summed {
    axes: Vec<i64>,
    /// Whether axes that are summed stay, with one element.
    keeps: bool,
    /// Whether no axes mean none, and not all.
    none_if_empty: bool,
}

impl Summed {
    pub(super) fn of(node: &Node<'_>) -> Self {
        Self {
            axes: node.ints("axes").to_vec(),
            keeps: node.flag("keepdims", true),
            none_if_empty: node.flag("noop_with_empty_axes", false),
        }
    }

    /// The input's shape with 1 for each axis that is summed, and that of the result.
    pub(super) fn shapes(
        &self,
        shape: &[usize],
        axes: Option<&Tensor>,
    ) -> TractResult<[TVec<usize>; 2]> {
        let axes = axes.map_or(Ok(self.axes.clone()), whole_numbers)?;
        let axes = axes.into_iter().map(|axis| axis_of(axis, shape.len()));
        let axes: Vec<usize> = axes.collect::<TractResult<_>>()?;
        let all = axes.is_empty() && !self.none_if_empty;
        let summed = |axis: &usize| all || axes.contains(axis);
        let sizes = shape.iter().copied().enumerate();
        let kept = sizes
            .clone()
            .map(|(axis, size)| if summed(&axis) { 1 } else { size });
        let rest = sizes.filter(|(axis, _)| self.keeps || !summed(axis));
        let rest = rest.map(|(axis, size)| if summed(&axis) { 1 } else { size });
        Ok([kept.collect(), rest.collect()])
    }

    /// The fact of the sums, if the axes are known.
    pub(super) fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        let axes = match optional(inputs, 1).map(|axes| axes.value.as_deref()) {
            Some(None) => return Ok(None),
            Some(axes) => axes,
            None => None,
        };
        let [_, shape] = self.shapes(&input.shape, axes)?;
        Ok(Some(tvec![Fact::new(input.datum, shape)]))
    }
}

/// Which sum, of the shape in which summed axes have one element, an element belongs to.
pub(super) fn place(at: &[usize], kept: &[usize]) -> usize {
    let at: TVec<usize> = at
        .iter()
        .zip(kept)
        .map(|(at, size)| (*at).min(size - 1))
        .collect();
    index_of(&at, kept)
}

/// `ReduceLogSumExp`.
#[derive(Debug)]
struct LogSumExp {
    summed: Summed,
}

impl LogSumExp {
    fn compute<T: Real>(&self, inputs: &[Option<&Tensor>]) -> TractResult<Tensor> {
        let input = required(inputs, 0)?;
        let [kept, result] = self.summed.shapes(input.shape(), optional(inputs, 1))?;
        let all: Vec<T> = reals(input)?;
        let count = volume(input.datum_type(), &kept)?;
        let place = |index: usize| place(&coordinates(index, input.shape()), &kept);
        let mut most = vec![T::NEG_INFINITY; count];
        for (index, value) in all.iter().enumerate() {
            let most = &mut most[place(index)];
            if *value > *most || value.is_no_number() {
                *most = *value;
            }
        }
        // Nothing but minus infinities, or nothing at all, has nothing to be measured from.
        let from = |most: T| {
            if most == T::NEG_INFINITY {
                T::ZERO
            } else {
                most
            }
        };
        let mut sums = vec![T::ZERO; count];
        for (index, value) in all.iter().enumerate() {
            let place = place(index);
            let power = if *value == most[place] {
                T::ONE
            } else {
                (*value - from(most[place])).exp()
            };
            let none = most[place] == T::NEG_INFINITY;
            sums[place] += if none { T::ZERO } else { power };
        }
        let logs = sums
            .into_iter()
            .zip(most)
            .map(|(sum, most)| sum.ln() + from(most));
        from_reals(input.datum_type(), &result, logs.collect())
    }
}

impl Kernel for LogSumExp {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        ensure_float(required(inputs, 0)?.datum)?;
        self.summed.facts(inputs)
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let result = match required(inputs, 0)?.datum_type() {
            DatumType::F64 => self.compute::<f64>(inputs)?,
            _ => self.compute::<f32>(inputs)?,
        };
        Ok(tvec![result])
    }
}
