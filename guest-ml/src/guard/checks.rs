//! Operators that pass a value on if it is right.

use tract_onnx::tract_hir::internal::*;

/// Passes numbers on if none is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RefuseZeros;

impl RefuseZeros {
    pub(super) fn check(&self, divisors: &Tensor) -> TractResult<()> {
        let divisors = divisors.cast_to::<f64>()?;
        let divisors = divisors.try_as_plain_ram()?;
        let zero = divisors.as_slice::<f64>()?.contains(&0.0);
        ensure!(!zero, "divides by zero");
        Ok(())
    }
}

impl Op for RefuseZeros {
    fn name(&self) -> StaticName {
        "RefuseZeros".into()
    }

    op_as_typed_op!();
}

impl EvalOp for RefuseZeros {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        self.check(&inputs[0])?;
        Ok(inputs)
    }
}

impl TypedOp for RefuseZeros {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].without_value()))
    }

    as_op!();
}

/// Passes whole numbers on if none is negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RefuseNegatives;

impl RefuseNegatives {
    pub(super) fn check(&self, exponents: &Tensor) -> TractResult<()> {
        let exponents = exponents.cast_to::<i64>()?;
        let exponents = exponents.try_as_plain_ram()?;
        let negative = exponents
            .as_slice::<i64>()?
            .iter()
            .any(|exponent| *exponent < 0);
        ensure!(
            !negative,
            "raises whole numbers to negative powers: cast them to floats"
        );
        Ok(())
    }
}

impl Op for RefuseNegatives {
    fn name(&self) -> StaticName {
        "RefuseNegatives".into()
    }

    op_as_typed_op!();
}

impl EvalOp for RefuseNegatives {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        self.check(&inputs[0])?;
        Ok(inputs)
    }
}

impl TypedOp for RefuseNegatives {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].without_value()))
    }

    as_op!();
}

/// Passes a tensor on if one of its axes has elements enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequireSize {
    /// The axis.
    pub(super) axis: usize,
    /// How many elements are enough.
    pub(super) least: i64,
}

impl Op for RequireSize {
    fn name(&self) -> StaticName {
        "RequireSize".into()
    }

    op_as_typed_op!();
}

impl EvalOp for RequireSize {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let size = inputs[0]
            .shape()
            .get(self.axis)
            .copied()
            .unwrap_or_default();
        let enough = i64::try_from(size).is_ok_and(|size| size >= self.least);
        ensure!(
            enough,
            "there are no {} elements on an axis of size {size}",
            self.least
        );
        Ok(inputs)
    }
}

impl TypedOp for RequireSize {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].without_value()))
    }

    as_op!();
}
