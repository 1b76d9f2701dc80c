//! Sums of whole numbers of 32 bits without a sign, and of 64.
//!
//! <https://onnx.ai/onnx/operators/onnx__ReduceSum.html>. The importer's are of 32 bits. What leaves the element type wraps.

use super::log_sum_exp::Summed;
use super::rearrange::coordinates;
use super::{Fact, Kernel, Node, optional, required, tensor, volume, whole_numbers};
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let form = match node.operator() {
        "ReduceL1" => Form::Sizes,
        "ReduceMean" => Form::Mean,
        "ReduceSum" => Form::Sum,
        "ReduceSumSquare" => Form::Squares,
        other => bail!("'{other}' is no sum of whole numbers"),
    };
    let summed = Summed::of(node);
    Ok(Box::new(IntegerSum { summed, form }))
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Sum,
    /// Towards zero.
    Mean,
    Sizes,
    Squares,
}

#[derive(Debug)]
struct IntegerSum {
    summed: Summed,
    form: Form,
}

impl IntegerSum {
    /// What is added up; a number without a sign is given by its bits.
    fn term(&self, number: i64, signed: bool) -> i64 {
        match self.form {
            Form::Sizes if signed => number.wrapping_abs(),
            Form::Sum | Form::Mean | Form::Sizes => number,
            Form::Squares => number.wrapping_mul(number),
        }
    }
}

impl Kernel for IntegerSum {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        self.summed.facts(inputs)
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let [kept, result] = self.summed.shapes(input.shape(), optional(inputs, 1))?;
        let mut sums = vec![0_i64; volume(input.datum_type(), &kept)?];
        let numbers = whole_numbers(input)?;
        let signed = input.datum_type().is_signed();
        for (index, number) in numbers.iter().enumerate() {
            let at = coordinates(index, input.shape());
            let sum = &mut sums[super::log_sum_exp::place(&at, &kept)];
            *sum = sum.wrapping_add(self.term(*number, signed));
        }
        if let Form::Mean = self.form {
            let count = numbers.len() / sums.len().max(1);
            ensure!(count > 0 || sums.is_empty(), "is the mean of nothing");
            for sum in &mut sums {
                *sum = match signed {
                    true => *sum / i64::try_from(count)?,
                    false => (sum.cast_unsigned() / count as u64).cast_signed(),
                };
            }
        }
        let sums = tensor(&result, &sums)?;
        Ok(tvec![sums.cast_to_dt(input.datum_type())?.into_owned()])
    }
}
