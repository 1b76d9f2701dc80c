//! int64 that stays int64.
//!
//! <https://onnx.ai/onnx/operators/onnx__Cast.html>, <https://onnx.ai/onnx/operators/onnx__Shape.html>,
//! <https://onnx.ai/onnx/operators/onnx__Size.html>. To the importer all of it may be sizes of axes: what it casts to int64, and what is
//! computed of shapes, passes through 32 bits. All sizes are known when a model is prepared for an input.

use tract_onnx::pb::NodeProto;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::tract_core::ops::cast::cast;
use tract_onnx::tract_hir::internal::*;

/// An operator whose result is int64.
#[derive(Clone, Debug)]
pub(super) enum Whole {
    Cast,
    /// Of the axes from one to another, exclusive; each may be counted from the end.
    Shape {
        start: i64,
        end: Option<i64>,
    },
    Size,
}

impl Whole {
    /// A node's operator, if it is one of these.
    pub(super) fn of(node: &NodeProto) -> Option<Self> {
        let number = |name| {
            let mut attributes = node.attribute.iter();
            attributes
                .find(|given| given.name == name)
                .map(|given| given.i)
        };
        match node.op_type.as_str() {
            "Cast" => {
                let whole = number("to") == Some(DataType::Int64 as i64);
                whole.then_some(Self::Cast)
            }
            "Shape" => Some(Self::Shape {
                start: number("start").unwrap_or(0),
                end: number("end"),
            }),
            "Size" => Some(Self::Size),
            _ => None,
        }
    }

    /// What is said of a tensor of this shape, if that is all it needs: int64, or sizes if some are not known.
    fn of_shape(&self, shape: &[TDim]) -> TractResult<Option<Tensor>> {
        let sizes = match self {
            Self::Cast => return Ok(None),
            Self::Size => tensor0(shape.iter().product::<TDim>()),
            Self::Shape { start, end } => {
                let rank = i64::try_from(shape.len())?;
                let place = |axis: i64| {
                    let counted = if axis < 0 {
                        axis.saturating_add(rank)
                    } else {
                        axis
                    };
                    usize::try_from(counted.clamp(0, rank))
                };
                let (start, end) = (place(*start)?, place(end.unwrap_or(rank))?);
                tensor1(&shape[start..end.max(start)])
            }
        };
        let known = sizes.cast_to::<i64>().map(std::borrow::Cow::into_owned);
        Ok(Some(known.unwrap_or(sizes)))
    }
}

impl Expansion for Whole {
    fn name(&self) -> StaticName {
        let name = match self {
            Self::Cast => "Cast",
            Self::Shape { .. } => "Shape",
            Self::Size => "Size",
        };
        name.into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 1)?;
        check_output_arity(outputs, 1)?;
        s.equals(&outputs[0].datum_type, i64::datum_type())?;
        match self {
            Self::Cast => return s.equals(&outputs[0].shape, &inputs[0].shape),
            Self::Shape { .. } => s.equals(&outputs[0].rank, 1)?,
            Self::Size => s.equals(&outputs[0].rank, 0)?,
        }
        s.given(&inputs[0].shape, move |s, shape| {
            match self.of_shape(&shape)? {
                Some(value) if value.datum_type() == i64::datum_type() => {
                    s.equals(&outputs[0].value, value.into_arc_tensor())
                }
                _ => Ok(()),
            }
        })
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let whole = i64::datum_type();
        match self.of_shape(&model.outlet_fact(inputs[0])?.shape.to_tvec())? {
            Some(value) if value.datum_type() == whole => {
                Ok(tvec![model.add_const(prefix, value)?])
            }
            Some(sizes) => {
                let sizes = model.add_const(format!("{prefix}.sizes"), sizes)?;
                model.wire_node(prefix, cast(whole), &[sizes])
            }
            None => model.wire_node(prefix, cast(whole), inputs),
        }
    }
}
