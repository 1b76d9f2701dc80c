//! Places of extremes among floats.
//!
//! <https://onnx.ai/onnx/operators/onnx__ArgMax.html>, <https://onnx.ai/onnx/operators/onnx__ArgMin.html>. The importer's search
//! starts from the extremal finite number, so infinite elements never count as better than none.

use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::tract_num_traits::Float;

/// `ArgMax` or `ArgMin`.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The importer's, which is right for whole numbers.
    inner: Box<dyn Expansion>,
    axis: i64,
    keeps: bool,
    search: Search,
}

/// Which of the elements along an axis to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Search {
    largest: bool,
    /// Whether the last of several is meant, and not the first.
    last: bool,
}

impl Place {
    pub(super) fn of(node: &NodeProto, inner: Box<dyn Expansion>) -> Self {
        let number = |name, default| {
            let mut attributes = node.attribute.iter();
            let given = attributes.find(|given| given.name == name);
            given.map_or(default, |given| given.i)
        };
        Self {
            inner,
            axis: number("axis", 0),
            keeps: number("keepdims", 1) != 0,
            search: Search {
                largest: node.op_type == "ArgMax",
                last: number("select_last_index", 0) != 0,
            },
        }
    }
}

impl Expansion for Place {
    fn name(&self) -> StaticName {
        self.inner.name()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        self.inner.rules(s, inputs, outputs)
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let fact = model.outlet_fact(inputs[0])?;
        if !fact.datum_type.is_float() {
            return self.inner.wire(prefix, model, inputs);
        }
        let axis = crate::ops::axis_of(self.axis, fact.rank())?;
        let search = self.search;
        let found = model.wire_node(prefix, FindPlace { axis, search }, inputs)?;
        if self.keeps {
            return Ok(found);
        }
        model.wire_node(format!("{prefix}.axis"), AxisOp::Rm(axis), &found)
    }
}

/// Finds places along an axis, of which one is left.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FindPlace {
    axis: usize,
    search: Search,
}

impl FindPlace {
    fn find<T: Datum + Float>(&self, input: &Tensor) -> TractResult<Tensor> {
        let sizes = input.shape();
        let (count, after) = (sizes[self.axis], &sizes[self.axis + 1..]);
        let inner: usize = after.iter().product();
        let plain = input.try_as_plain_ram()?;
        let elements = plain.as_slice::<T>()?;
        let mut places = Vec::with_capacity(elements.len() / count.max(1));
        for block in elements.chunks_exact((count * inner).max(1)) {
            for offset in 0..inner {
                let along = block[offset..].iter().step_by(inner).copied();
                places.push(i64::try_from(self.search.place(along))?);
            }
        }
        let mut shape: TVec<usize> = sizes.into();
        shape[self.axis] = 1;
        Tensor::from_shape(&shape, &places)
    }
}

impl Search {
    /// What is no number is never better than one.
    fn place<T: Float>(self, elements: impl Iterator<Item = T>) -> usize {
        let mut best: Option<(usize, T)> = None;
        for (index, element) in elements.enumerate() {
            let better = match best {
                None => !element.is_nan(),
                Some((_, found)) if element == found => self.last,
                Some((_, found)) if self.largest => element > found,
                Some((_, found)) => element < found,
            };
            if better {
                best = Some((index, element));
            }
        }
        best.map_or(0, |(index, _)| index)
    }
}

impl Op for FindPlace {
    fn name(&self) -> StaticName {
        "FindPlace".into()
    }

    op_as_typed_op!();
}

impl EvalOp for FindPlace {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        let places = match input.datum_type() {
            DatumType::F16 => self.find::<f16>(&input)?,
            DatumType::F32 => self.find::<f32>(&input)?,
            DatumType::F64 => self.find::<f64>(&input)?,
            other => bail!("{other:?} is no type of floats"),
        };
        Ok(tvec!(places.into_tvalue()))
    }
}

impl TypedOp for FindPlace {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let mut shape = inputs[0].shape.clone();
        shape.set(self.axis, 1.to_dim());
        Ok(tvec!(i64::fact(shape)))
    }

    as_op!();
}
