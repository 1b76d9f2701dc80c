//! Infinite extremes.

use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::tract_num_traits::Float;

/// The importer's search for the largest element starts from the lowest finite number, so what it finds among no
/// elements, or among those at minus infinity, is that number. This tells them apart. Inputs are the extremes and what
/// they were taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RestoreInfinity {
    /// Of the infinity: -1 where the extremes are the largest elements, 1 where they are the smallest.
    pub(super) sign: i8,
}

impl RestoreInfinity {
    fn restore<T: Datum + Float>(
        &self,
        extremes: &Tensor,
        elements: &Tensor,
    ) -> TractResult<Tensor> {
        let (start, infinity) = match self.sign {
            ..0 => (T::min_value(), T::neg_infinity()),
            0.. => (T::max_value(), T::infinity()),
        };
        let mut restored = extremes.clone();
        let mut plain = restored.try_as_plain_ram_mut()?;
        let found = plain.as_slice_mut::<T>()?;
        if !found.contains(&start) {
            return Ok(restored);
        }
        let elements = elements.try_as_plain_ram()?;
        let elements = elements.as_slice::<T>()?;
        if !elements.contains(&start) {
            found
                .iter_mut()
                .filter(|found| **found == start)
                .for_each(|found| *found = infinity);
        } else if elements.contains(&infinity) {
            bail!(
                "takes extremes of both infinite and extremal finite numbers, which is not supported"
            );
        }
        Ok(restored)
    }
}

impl Op for RestoreInfinity {
    fn name(&self) -> StaticName {
        "RestoreInfinity".into()
    }

    op_as_typed_op!();
}

impl EvalOp for RestoreInfinity {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let (extremes, elements) = args_2!(inputs);
        let restored = match extremes.datum_type() {
            DatumType::F16 => self.restore::<f16>(&extremes, &elements)?,
            DatumType::F32 => self.restore::<f32>(&extremes, &elements)?,
            DatumType::F64 => self.restore::<f64>(&extremes, &elements)?,
            other => bail!("{other:?} has no infinity"),
        };
        Ok(tvec!(restored.into_tvalue()))
    }
}

impl TypedOp for RestoreInfinity {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].without_value()))
    }

    as_op!();
}
