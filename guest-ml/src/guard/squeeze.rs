//! Squeeze, of axes in any order.
//!
//! <https://onnx.ai/onnx/operators/onnx__Squeeze.html>. The importer takes axes out one after the other from the last, as if
//! they were in order.

use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::ops::array;

/// `Squeeze`; axes are an attribute, an input, or all of size one. The guard sees to their range.
#[derive(Clone, Debug)]
pub(super) struct Squeeze {
    axes: Option<Vec<i64>>,
}

impl Squeeze {
    pub(super) fn of(node: &NodeProto) -> Self {
        let axes = node.attribute.iter().find(|given| given.name == "axes");
        Self {
            axes: axes.map(|axes| axes.ints.clone()),
        }
    }

    /// The importer's operator for an input of this shape.
    fn ordered(&self, shape: &[TDim], given: Option<&Tensor>) -> TractResult<array::Squeeze> {
        let ones = shape.iter().enumerate().filter(|(_, size)| size.is_one());
        let axes = match (&self.axes, given) {
            (Some(axes), _) => axes.clone(),
            (None, Some(given)) => crate::ops::whole_numbers(given)?,
            (None, None) => ones.map(|(axis, _)| axis as i64).collect(),
        };
        let says_none = axes.is_empty() && (self.axes.is_some() || given.is_some());
        ensure!(
            !says_none,
            "names no axes, for which some runtimes take all and some none: leave the axes out, or the node"
        );
        let rank = i64::try_from(shape.len())?;
        let place = |axis: &i64| if *axis < 0 { axis + rank } else { *axis };
        let mut axes: Vec<isize> = axes
            .iter()
            .map(|axis| Ok(isize::try_from(place(axis))?))
            .collect::<TractResult<_>>()?;
        axes.sort_unstable();
        Ok(array::Squeeze::new(Some(axes)))
    }
}

impl Expansion for Squeeze {
    fn name(&self) -> StaticName {
        "Squeeze".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_output_arity(outputs, 1)?;
        let [input, rest @ ..] = inputs else {
            bail!("has no input");
        };
        s.equals(&outputs[0].datum_type, &input.datum_type)?;
        let Some(axes) = rest.first() else {
            return s.given(&input.shape, move |s, shape| {
                let squeezed = self.ordered(&shape, None)?.output_shape(&shape)?;
                s.equals(&outputs[0].shape, squeezed)
            });
        };
        s.given_2(&input.shape, &axes.value, move |s, shape, axes| {
            let squeezed = self.ordered(&shape, Some(&axes))?.output_shape(&shape)?;
            s.equals(&outputs[0].shape, squeezed)
        })
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let axes = match inputs.get(1) {
            Some(axes) => {
                let axes = model.outlet_fact(*axes)?.konst.clone();
                Some(axes.context("the axes must be a known constant")?)
            }
            None => None,
        };
        let shape = model.outlet_fact(inputs[0])?.shape.to_tvec();
        let squeeze = self.ordered(&shape, axes.as_deref())?;
        squeeze.wire(prefix, model, &inputs[..1])
    }
}
