//! Indices into axes.

use tract_onnx::tract_hir::internal::*;

/// Replaces indices that count from the end by those that count from the front. Its second input is the tensor that the
/// indices point into, if its shape bounds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ResolveIndices {
    /// What indices must be below.
    pub(super) bounds: Bounds,
}

/// What indices must be below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bounds {
    /// The size of one axis.
    Axis(usize),
    /// The size of one axis, where other axes of the indices are not longer than those they point into.
    Elements(usize),
    /// The sizes of the axes from this one on, for the elements of tuples.
    AxesFrom(usize),
    /// A number. Indices out of range become it.
    Depth(i64),
}

impl ResolveIndices {
    /// Wires it between the indices and the operator that reads them; constants are resolved at once.
    pub(super) fn wire(
        self,
        name: String,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<OutletId> {
        let indices = model.outlet_fact(inputs[0])?.konst.clone();
        let pointed = inputs.get(1).map(|input| model.outlet_fact(*input));
        let pointed = pointed.transpose()?.map(|fact| fact.shape.clone());
        let shape = pointed
            .as_ref()
            .map_or(Some(&[][..]), |shape| shape.as_concrete());
        match (indices, shape) {
            (Some(indices), Some(shape)) => {
                let resolved = self.resolve(&indices, shape)?;
                model.add_const(name, resolved)
            }
            (None, Some(shape)) => {
                if let Some(indices) = model.outlet_fact(inputs[0])?.shape.as_concrete() {
                    self.sizes(indices, shape)?;
                }
                Ok(model.wire_node(name, self, inputs)?[0])
            }
            _ => Ok(model.wire_node(name, self, inputs)?[0]),
        }
    }

    fn resolve(&self, indices: &Tensor, shape: &[usize]) -> TractResult<Tensor> {
        let mut resolved = indices.cast_to::<i64>()?.into_owned();
        let sizes = self.sizes(indices.shape(), shape)?;
        if sizes.is_empty() {
            return Ok(resolved);
        }
        let mut plain = resolved.try_as_plain_ram_mut()?;
        for tuple in plain.as_slice_mut::<i64>()?.chunks_mut(sizes.len()) {
            for (index, size) in tuple.iter_mut().zip(&sizes) {
                *index = self.resolve_one(*index, *size)?;
            }
        }
        Ok(resolved)
    }

    fn resolve_one(&self, index: i64, size: i64) -> TractResult<i64> {
        match index {
            0.. if index < size => Ok(index),
            ..0 if index >= -size => Ok(index + size),
            _ if matches!(self.bounds, Bounds::Depth(_)) => Ok(size),
            _ => bail!("index {index} is out of range for an axis of size {size}"),
        }
    }

    /// A size for each index of a tuple.
    fn sizes(&self, indices: &[usize], shape: &[usize]) -> TractResult<TVec<i64>> {
        let axes = match self.bounds {
            Bounds::Depth(depth) => return Ok(tvec!(depth)),
            Bounds::Axis(axis) => axis..axis + 1,
            Bounds::Elements(axis) => {
                let mut sizes = indices.iter().zip(shape).enumerate();
                let longer = sizes.any(|(other, (got, size))| other != axis && got > size);
                ensure!(
                    !longer,
                    "indices of shape {indices:?} point into shape {shape:?}"
                );
                axis..axis + 1
            }
            Bounds::AxesFrom(first) => {
                let count = indices.last().copied().unwrap_or_default();
                ensure!(
                    indices.get(..first) == shape.get(..first),
                    "indices of shape {indices:?} point into shape {shape:?}"
                );
                first..first.saturating_add(count)
            }
        };
        let sizes = shape
            .get(axes)
            .context("indices point into more axes than there are")?;
        sizes.iter().map(|size| Ok(i64::try_from(*size)?)).collect()
    }
}

impl Op for ResolveIndices {
    fn name(&self) -> StaticName {
        "ResolveIndices".into()
    }

    op_as_typed_op!();
}

impl EvalOp for ResolveIndices {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let shape = inputs.get(1).map_or(&[][..], |pointed| pointed.shape());
        Ok(tvec!(self.resolve(&inputs[0], shape)?.into_tvalue()))
    }
}

impl TypedOp for ResolveIndices {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(i64::fact(inputs[0].shape.clone())))
    }

    as_op!();
}
