//! Products of all elements up to each.
//!
//! <https://onnx.ai/onnx/operators/onnx__CumProd.html>

use super::{Fact, Kernel, Node, axis_of, elements, required, tensor, whole_numbers};
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(Product {
        exclusive: node.flag("exclusive", false),
        reverse: node.flag("reverse", false),
    }))
}

/// `CumProd`.
#[derive(Debug)]
struct Product {
    /// Whether an element itself does not count.
    exclusive: bool,
    /// Whether elements count from the last on.
    reverse: bool,
}

impl Product {
    fn of<T: Datum + Copy>(
        &self,
        input: &Tensor,
        axis: usize,
        one: T,
        multiply: fn(T, T) -> T,
    ) -> TractResult<Tensor> {
        let shape = input.shape();
        let length = shape[axis];
        let stride: usize = shape[axis + 1..].iter().product();
        let mut result = elements::<T>(input)?.to_vec();
        let size = length * stride;
        for start in (0..result.len()).step_by(size.max(1)) {
            for column in start..start + stride {
                let mut total = one;
                for step in 0..length {
                    let place = if self.reverse {
                        length - 1 - step
                    } else {
                        step
                    };
                    let element = &mut result[column + place * stride];
                    let with = multiply(total, *element);
                    *element = if self.exclusive { total } else { with };
                    total = with;
                }
            }
        }
        tensor(shape, &result)
    }
}

impl Kernel for Product {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let (input, axis) = (required(inputs, 0)?, required(inputs, 1)?);
        let (one, datum) = (axis.shape.iter().product::<usize>() == 1, input.datum);
        ensure!(
            one,
            "has an axis of shape {:?}, expected one number",
            axis.shape
        );
        let number = datum.is_integer() || datum.is_float();
        ensure!(number, "multiplies {datum:?}, expected numbers");
        Ok(Some(tvec![input.clone()]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let axis = whole_numbers(required(inputs, 1)?)?;
        let axis = axis.first().copied().context("lacks its axis")?;
        let axis = axis_of(axis, input.rank())?;
        let result = match input.datum_type() {
            DatumType::F64 => self.of(input, axis, 1.0, |left: f64, right| left * right)?,
            datum if datum.is_float() => {
                let wide = input.cast_to::<f32>()?;
                let wide = self.of(&wide, axis, 1.0, |left: f32, right| left * right)?;
                wide.cast_to_dt(datum)?.into_owned()
            }
            datum => {
                // Wrapping products of 64 bits are those of fewer bits once cut.
                let wide = input.cast_to::<i64>()?;
                cut(&self.of(&wide, axis, 1, i64::wrapping_mul)?, datum)?
            }
        };
        Ok(tvec![result])
    }
}

/// Keeps the lowest bits of integers of 64.
fn cut(wide: &Tensor, datum: DatumType) -> TractResult<Tensor> {
    let size = datum.size_of();
    let mut result = Tensor::zero_dt(datum, wide.shape())?;
    let numbers = elements::<i64>(wide)?;
    for (bytes, number) in result.as_bytes_mut().chunks_exact_mut(size).zip(numbers) {
        bytes.copy_from_slice(&number.to_le_bytes()[..size]);
    }
    Ok(result)
}
