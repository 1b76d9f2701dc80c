//! Sums and products of all elements up to each.
//!
//! <https://onnx.ai/onnx/operators/onnx__CumSum.html>, <https://onnx.ai/onnx/operators/onnx__CumProd.html>

use super::{Fact, Kernel, Node, axis_of, elements, required, tensor, whole_numbers};
use tract_onnx::tract_hir::internal::*;

pub(super) fn product(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    build(node, false)
}

pub(super) fn sum(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    build(node, true)
}

fn build(node: &Node<'_>, sum: bool) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(Cumulative {
        sum,
        exclusive: node.flag("exclusive", false),
        reverse: node.flag("reverse", false),
    }))
}

/// `CumSum` and `CumProd`.
#[derive(Debug)]
struct Cumulative {
    sum: bool,
    /// Whether an element itself does not count.
    exclusive: bool,
    /// Whether elements count from the last on.
    reverse: bool,
}

impl Cumulative {
    fn of<T: Datum + Copy>(
        &self,
        input: &Tensor,
        axis: usize,
        neutral: T,
        combine: fn(T, T) -> T,
    ) -> TractResult<Tensor> {
        let shape = input.shape();
        let length = shape[axis];
        let stride: usize = shape[axis + 1..].iter().product();
        let given = elements::<T>(input)?;
        let mut result = given.to_vec();
        let size = length * stride;
        for start in (0..given.len()).step_by(size.max(1)) {
            for column in start..start + stride {
                let mut total = neutral;
                for step in 0..length {
                    let place = if self.reverse { length - 1 - step } else { step };
                    let index = column + place * stride;
                    let with = combine(total, given[index]);
                    result[index] = if self.exclusive { total } else { with };
                    total = with;
                }
            }
        }
        tensor(shape, &result)
    }

    fn number<T>(&self, input: &Tensor, axis: usize, neutral: [T; 2]) -> TractResult<Tensor>
    where
        T: Datum + Copy + std::ops::Add<Output = T> + std::ops::Mul<Output = T>,
    {
        let [zero, one] = neutral;
        if self.sum {
            self.of(input, axis, zero, |left, right| left + right)
        } else {
            self.of(input, axis, one, |left, right| left * right)
        }
    }
}

impl Kernel for Cumulative {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let (input, axis) = (required(inputs, 0)?, required(inputs, 1)?);
        let one = axis.shape.iter().product::<usize>() == 1;
        ensure!(one, "has an axis of shape {:?}, expected one number", axis.shape);
        Ok(Some(tvec![input.clone()]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let axis = whole_numbers(required(inputs, 1)?)?;
        let axis = axis.first().copied().context("lacks its axis")?;
        let axis = axis_of(axis, input.rank())?;
        let datum = input.datum_type();
        let wrap = |sum: bool, input: &Tensor| -> TractResult<Tensor> {
            // Wrapping arithmetic of 64 bits is that of fewer bits once cut.
            let wide = input.cast_to::<i64>()?;
            let combined = if sum {
                self.of(&wide, axis, 0_i64, i64::wrapping_add)?
            } else {
                self.of(&wide, axis, 1_i64, i64::wrapping_mul)?
            };
            cut(&combined, datum)
        };
        let result = match datum {
            DatumType::F16 => {
                let wide = input.cast_to::<f32>()?;
                self.number(&wide, axis, [0.0_f32, 1.0])?.cast_to_dt(datum)?.into_owned()
            }
            DatumType::F32 => self.number(input, axis, [0.0_f32, 1.0])?,
            DatumType::F64 => self.number(input, axis, [0.0_f64, 1.0])?,
            _ => wrap(self.sum, input)?,
        };
        Ok(tvec![result])
    }
}

/// Keeps the lowest bits of integers of 64.
fn cut(wide: &Tensor, datum: DatumType) -> TractResult<Tensor> {
    let size = datum.size_of();
    ensure!(datum.is_integer(), "is given {datum:?}, expected numbers");
    let mut result = Tensor::zero_dt(datum, wide.shape())?;
    let numbers = elements::<i64>(wide)?;
    for (bytes, number) in result.as_bytes_mut().chunks_exact_mut(size).zip(numbers) {
        bytes.copy_from_slice(&number.to_le_bytes()[..size]);
    }
    Ok(result)
}
