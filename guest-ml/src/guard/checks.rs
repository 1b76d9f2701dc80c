//! Operators that pass a value on if it is right.

use tract_onnx::tract_hir::internal::*;

/// Passes numbers on if none of them is one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refuse {
    /// Divisors.
    Zeros,
    /// Exponents of whole numbers.
    Negatives,
}

impl Refuse {
    fn check(self, numbers: &Tensor) -> TractResult<()> {
        let numbers = numbers.cast_to::<f64>()?;
        let plain = numbers.try_as_plain_ram()?;
        let mut numbers = plain.as_slice::<f64>()?.iter();
        match self {
            Self::Zeros => ensure!(!numbers.any(|number| *number == 0.0), "divides by zero"),
            Self::Negatives => ensure!(
                !numbers.any(|number| *number < 0.0),
                "raises whole numbers to negative powers: cast them to floats"
            ),
        }
        Ok(())
    }

    /// Checks what is stored at once, and the rest in each run.
    pub(super) fn wire(
        self,
        name: String,
        model: &mut TypedModel,
        numbers: OutletId,
    ) -> TractResult<OutletId> {
        if let Some(stored) = &model.outlet_fact(numbers)?.konst {
            self.check(stored)?;
            return Ok(numbers);
        }
        Ok(model.wire_node(name, self, &[numbers])?[0])
    }
}

impl Op for Refuse {
    fn name(&self) -> StaticName {
        format!("Refuse{self:?}").into()
    }

    op_as_typed_op!();
}

impl EvalOp for Refuse {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        self.check(&inputs[0])?;
        Ok(inputs)
    }
}

impl TypedOp for Refuse {
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
