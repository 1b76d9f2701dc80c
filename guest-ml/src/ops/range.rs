//! Rows of numbers.
//!
//! <https://onnx.ai/onnx/operators/onnx__Range.html>

use super::floats::{Real, from_reals, reals};
use super::{Fact, Kernel, Node, required, tensor, volume, whole_numbers};
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(_: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(Range))
}

/// `Range`.
#[derive(Debug)]
struct Range;

/// The only number of each input.
fn numbers<T: Copy>(
    inputs: [&Tensor; 3],
    read: fn(&Tensor) -> TractResult<Vec<T>>,
) -> TractResult<[T; 3]> {
    let one = |input: &Tensor| {
        let numbers = read(input)?;
        ensure!(
            numbers.len() == 1,
            "is given {} numbers, expected one",
            numbers.len()
        );
        TractResult::Ok(numbers[0])
    };
    let [start, end, step] = inputs;
    Ok([one(start)?, one(end)?, one(step)?])
}

/// How many numbers there are.
fn count(inputs: [&Tensor; 3]) -> TractResult<usize> {
    let count = if inputs[0].datum_type().is_integer() {
        let [start, end, step] = numbers(inputs, whole_numbers)?.map(i128::from);
        ensure!(step != 0, "takes steps of zero");
        let span = if step > 0 { end - start } else { start - end };
        (span.max(0) + step.abs() - 1) / step.abs()
    } else {
        let [start, end, step] = numbers(inputs, reals::<f64>)?;
        ensure!(step != 0.0, "takes steps of zero");
        let count = ((end - start) / step).ceil().max(0.0);
        ensure!(
            count <= f64::from(i32::MAX),
            "{start} to {end} by {step} is no row of numbers that can be stored"
        );
        #[allow(clippy::cast_possible_truncation, reason = "in the bound above")]
        let count = count as i128;
        count
    };
    let count = usize::try_from(count).context("has more numbers than can be stored")?;
    volume(inputs[0].datum_type(), &[count])
}

fn row<T: Real>(inputs: [&Tensor; 3], count: usize) -> TractResult<Tensor> {
    let [start, _, step] = numbers(inputs, reals::<T>)?;
    #[allow(clippy::cast_precision_loss, reason = "as ONNX defines it")]
    let numbers = (0..count).map(|index| start + T::of_f64(index as f64) * step);
    from_reals(inputs[0].datum_type(), &[count], numbers.collect())
}

impl Kernel for Range {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let facts = [
            required(inputs, 0)?,
            required(inputs, 1)?,
            required(inputs, 2)?,
        ];
        let [Some(start), Some(end), Some(step)] = facts.map(|fact| fact.value.as_deref()) else {
            return Ok(None);
        };
        let shape: TVec<usize> = tvec![count([start, end, step])?];
        Ok(Some(tvec![Fact::new(facts[0].datum, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let inputs = [
            required(inputs, 0)?,
            required(inputs, 1)?,
            required(inputs, 2)?,
        ];
        let (datum, count) = (inputs[0].datum_type(), count(inputs)?);
        let numbers = match datum {
            DatumType::F64 => row::<f64>(inputs, count)?,
            datum if datum.is_float() => row::<f32>(inputs, count)?,
            _ => {
                let [start, _, step] = numbers(inputs, whole_numbers)?;
                let numbers =
                    (0..count as i64).map(|index| start.wrapping_add(index.wrapping_mul(step)));
                let numbers: Vec<i64> = numbers.collect();
                tensor(&[count], &numbers)?.cast_to_dt(datum)?.into_owned()
            }
        };
        Ok(tvec![numbers])
    }
}
