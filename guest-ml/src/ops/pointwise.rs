//! Functions of single elements that the importer computes from approximations, or in steps that overflow.
//!
//! <https://onnx.ai/onnx/operators/onnx__Sigmoid.html>, <https://onnx.ai/onnx/operators/onnx__Tanh.html>,
//! <https://onnx.ai/onnx/operators/onnx__Softplus.html>, <https://onnx.ai/onnx/operators/onnx__Mish.html>,
//! <https://onnx.ai/onnx/operators/onnx__Gelu.html>
//!
//! The importer's sigmoid stops at 5e-7, whose logarithm is far from what it should be, its tangent makes a number of what is
//! none, its Softplus is infinite from 89, and its Gelu by a tangent grows to the left. And it does not ask double floats whether they
//! are infinite or no numbers.

use super::floats::{Real, reals, softplus};
use super::{Node, elements};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI};
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::element_wise::{ElementWiseMiniOp, ElementWiseOp};
use tract_onnx::tract_core::ops::math::Erf;
use tract_onnx::tract_hir::internal::*;

/// The operators of ONNX.
pub(super) const OPERATORS: [&str; 7] = [
    "Gelu", "IsInf", "IsNaN", "Mish", "Sigmoid", "Softplus", "Tanh",
];

/// A node of one of them, as the importer knows operators: it may be moved and merged like its own.
pub(super) fn build(
    context: &ParsingContext,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let node = Node::new(node, &context.model.opset_import);
    let function = match (node.operator(), node.string("approximate")?) {
        ("Gelu", Some("tanh")) => Function::GeluByTanh,
        ("Gelu", _) => Function::Gelu,
        ("Mish", _) => Function::Mish,
        ("Sigmoid", _) => Function::Sigmoid,
        ("Softplus", _) => Function::Softplus,
        ("Tanh", _) => Function::Tanh,
        _ => return Ok((question(&node).into_hir(), vec![])),
    };
    let operator = ElementWiseOp(Box::new(function), None);
    Ok((operator.into_hir(), vec![]))
}

/// `IsNaN` or `IsInf`, which the importer lacks for double floats.
fn question(node: &Node<'_>) -> ElementWiseOp {
    let question = match node.operator() {
        "IsNaN" => Question::IsNoNumber,
        _ => Question::IsInfinite {
            below: node.flag("detect_negative", true),
            above: node.flag("detect_positive", true),
        },
    };
    ElementWiseOp(Box::new(question), None)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Gelu,
    GeluByTanh,
    Mish,
    Sigmoid,
    Softplus,
    Tanh,
}

impl Function {
    fn apply<T: Real>(self, tensor: &mut Tensor) -> TractResult<()> {
        if self == Self::Gelu {
            return gelu::<T>(tensor);
        }
        let mut plain = tensor.try_as_plain_ram_mut()?;
        let values = plain.as_slice_mut::<T>()?;
        match self {
            Self::Sigmoid => T::sigmoid(values),
            Self::Tanh => enshrine_guest_kernels::Curve::tanh(values),
            Self::Softplus => values
                .iter_mut()
                .for_each(|value| *value = softplus(*value)),
            Self::Mish => times_tanh(values, T::ZERO, softplus),
            Self::GeluByTanh => {
                let [cubic, scale] = [0.044_715, FRAC_2_PI.sqrt()].map(T::of_f64);
                let inner = |x: T| scale * (x + cubic * x * x * x);
                times_tanh(values, T::ONE, inner);
                let half = T::of_f64(0.5);
                values.iter_mut().for_each(|value| *value = half * *value);
            }
            Self::Gelu => {}
        }
        Ok(())
    }
}

/// Multiplies each value by a number and the tangent of what a function says of it.
fn times_tanh<T: Real>(values: &mut [T], plus: T, inner: impl Fn(T) -> T) {
    let mut tangents: Vec<T> = values.iter().map(|value| inner(*value)).collect();
    enshrine_guest_kernels::Curve::tanh(&mut tangents[..]);
    for (value, tangent) in values.iter_mut().zip(tangents) {
        *value = *value * (plus + tangent);
    }
}

/// `x / 2 * (1 + erf(x / sqrt(2)))`.
fn gelu<T: Real>(tensor: &mut Tensor) -> TractResult<()> {
    let scale = T::of_f64(FRAC_1_SQRT_2);
    let scaled: Vec<T> = elements::<T>(tensor)?
        .iter()
        .map(|value| scale * *value)
        .collect();
    let mut errors = super::tensor(tensor.shape(), &scaled)?;
    Erf {}.eval_in_place(&mut errors, None)?;
    let half = T::of_f64(0.5);
    let mut plain = tensor.try_as_plain_ram_mut()?;
    let values = plain.as_slice_mut::<T>()?;
    for (value, error) in values.iter_mut().zip(elements::<T>(&errors)?) {
        *value = half * *value * (T::ONE + *error);
    }
    Ok(())
}

impl ElementWiseMiniOp for Function {
    fn name(&self) -> String {
        format!("{self:?}")
    }

    fn eval_in_place(&self, tensor: &mut Tensor, _: Option<DatumType>) -> TractResult<()> {
        match tensor.datum_type() {
            DatumType::F16 => {
                let mut wide = tensor.cast_to::<f32>()?.into_owned();
                self.apply::<f32>(&mut wide)?;
                *tensor = wide.cast_to::<f16>()?.into_owned();
                Ok(())
            }
            DatumType::F32 => self.apply::<f32>(tensor),
            DatumType::F64 => self.apply::<f64>(tensor),
            other => bail!("computes {other:?}, expected floats"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    IsNoNumber,
    IsInfinite { below: bool, above: bool },
}

impl Question {
    fn answers<T: Real>(self, tensor: &Tensor) -> TractResult<Vec<bool>> {
        let answer = |value: &T| match self {
            Self::IsNoNumber => value.is_no_number(),
            Self::IsInfinite { below, above } => {
                below && *value == T::NEG_INFINITY || above && -*value == T::NEG_INFINITY
            }
        };
        Ok(reals::<T>(tensor)?.iter().map(answer).collect())
    }
}

impl ElementWiseMiniOp for Question {
    fn name(&self) -> String {
        let name = match self {
            Self::IsNoNumber => "IsNaN",
            Self::IsInfinite { .. } => "IsInf",
        };
        name.to_owned()
    }

    fn output_type(&self, _: DatumType) -> Option<DatumType> {
        Some(DatumType::Bool)
    }

    fn eval_out_of_place(&self, tensor: &Tensor, _: Option<DatumType>) -> TractResult<Tensor> {
        let answers = match tensor.datum_type() {
            DatumType::F64 => self.answers::<f64>(tensor)?,
            _ => self.answers::<f32>(tensor)?,
        };
        super::tensor(tensor.shape(), &answers)
    }
}
