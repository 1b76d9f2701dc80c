//! Parts of a tensor that a list of truths picks.
//!
//! <https://onnx.ai/onnx/operators/onnx__Compress.html>

use super::rearrange::gathered;
use super::{Fact, Kernel, Node, axis_of, elements, required};
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let axis = node.int("axis");
    Ok(Box::new(Compress { axis }))
}

/// `Compress`.
#[derive(Debug)]
struct Compress {
    /// Along which parts are picked; elements are if there is none.
    axis: Option<i64>,
}

impl Kernel for Compress {
    fn facts(&self, _: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        Ok(None)
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let (input, condition) = (required(inputs, 0)?, required(inputs, 1)?);
        ensure!(
            condition.rank() == 1,
            "has a condition of shape {:?}, expected one axis",
            condition.shape()
        );
        let mut shape: TVec<usize> = match self.axis {
            Some(_) => input.shape().into(),
            None => tvec![input.len()],
        };
        let axis = axis_of(self.axis.unwrap_or(0), shape.len())?;
        let (length, inner) = (shape[axis], shape[axis + 1..].iter().product::<usize>());
        let truths = elements::<bool>(condition)?;
        let picked = truths.iter().enumerate().filter(|(_, truth)| **truth);
        let picked: Vec<usize> = picked.map(|(place, _)| place).collect();
        if let Some(last) = picked.last().filter(|last| **last >= length) {
            bail!("picks place {last} of an axis of {length}");
        }
        let outer: usize = shape[..axis].iter().product();
        shape[axis] = picked.len();
        let rows = (0..outer).flat_map(|row| picked.iter().map(move |place| row * length + place));
        let places = rows.flat_map(|row| row * inner..(row + 1) * inner);
        Ok(tvec![gathered(input, &shape, places)?])
    }
}
