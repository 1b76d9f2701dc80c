//! Activations of recurrent layers.

use super::Cell;
use crate::ops::Node;
use crate::ops::floats::{Real, softplus};
use enshrine_guest_kernels::Curve;
use tract_onnx::tract_hir::internal::*;

/// A function, with its numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Activation {
    function: Function,
    alpha: f32,
    beta: f32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    Affine,
    Elu,
    HardSigmoid,
    LeakyRelu,
    Relu,
    ScaledTanh,
    Sigmoid,
    Softplus,
    Softsign,
    Tanh,
    ThresholdedRelu,
}

use Function::*;

/// Names, and what their numbers are if a node does not say; without a default they must be given.
const FUNCTIONS: [(&str, Function, [Number; 2]); 11] = [
    ("affine", Affine, [Number::Given, Number::Given]),
    ("elu", Elu, [Number::Default(1.0), Number::None]),
    (
        "hardsigmoid",
        HardSigmoid,
        [Number::Default(0.2), Number::Default(0.5)],
    ),
    (
        "leakyrelu",
        LeakyRelu,
        [Number::Default(0.01), Number::None],
    ),
    ("relu", Relu, [Number::None, Number::None]),
    ("scaledtanh", ScaledTanh, [Number::Given, Number::Given]),
    ("sigmoid", Sigmoid, [Number::None, Number::None]),
    ("softplus", Softplus, [Number::None, Number::None]),
    ("softsign", Softsign, [Number::None, Number::None]),
    ("tanh", Tanh, [Number::None, Number::None]),
    (
        "thresholdedrelu",
        ThresholdedRelu,
        [Number::Default(1.0), Number::None],
    ),
];

/// A number that a function takes.
#[derive(Clone, Copy, Debug)]
enum Number {
    None,
    Default(f32),
    Given,
}

/// The activations of each direction.
pub(super) fn of(
    node: &Node<'_>,
    cell: Cell,
    directions: usize,
) -> TractResult<Vec<Vec<Activation>>> {
    let each = cell.activations();
    let mut names = node.strings("activations")?;
    if names.is_empty() {
        names = each.repeat(directions);
    }
    let expected = each.len() * directions;
    ensure!(
        names.len() == expected,
        "attribute 'activations' has {} names, expected {expected}",
        names.len()
    );
    let mut alphas = node.floats("activation_alpha").iter().copied();
    let mut betas = node.floats("activation_beta").iter().copied();
    let mut all = Vec::new();
    for name in names {
        let lower = name.to_ascii_lowercase();
        let known = FUNCTIONS.iter().find(|(known, ..)| *known == lower);
        let (_, function, numbers) = known
            .with_context(|| format!("attribute 'activations' has '{name}', which is unknown"))?;
        let take = |number: Number, given: &mut dyn Iterator<Item = f32>| match number {
            Number::None => Ok(0.0),
            Number::Default(default) => Ok(given.next().unwrap_or(default)),
            Number::Given => given
                .next()
                .with_context(|| format!("lacks the alpha or beta of its activation '{name}'")),
        };
        all.push(Activation {
            function: *function,
            alpha: take(numbers[0], &mut alphas)?,
            beta: take(numbers[1], &mut betas)?,
        });
    }
    ensure!(
        alphas.next().is_none() && betas.next().is_none(),
        "has more numbers for its activations than they take"
    );
    Ok(all.chunks(each.len()).map(<[_]>::to_vec).collect())
}

impl Activation {
    /// Applies it to each value.
    pub(super) fn apply<T: Real>(&self, values: &mut [T]) {
        let [alpha, beta] = [self.alpha, self.beta].map(|number| T::of_f64(f64::from(number)));
        let positive = |value: T| value > T::ZERO;
        match self.function {
            Sigmoid => Curve::sigmoid(values),
            Tanh => Curve::tanh(values),
            Relu => each(
                values,
                |value| if positive(value) { value } else { T::ZERO },
            ),
            Affine => each(values, |value| alpha * value + beta),
            LeakyRelu => each(values, |value| {
                if positive(value) {
                    value
                } else {
                    alpha * value
                }
            }),
            ThresholdedRelu => each(values, |value| if value >= alpha { value } else { T::ZERO }),
            ScaledTanh => each(values, |value| alpha * Real::tanh(beta * value)),
            HardSigmoid => each(values, |value| clamp(alpha * value + beta, T::ZERO, T::ONE)),
            Elu => each(values, |value| {
                if positive(value) {
                    value
                } else {
                    alpha * value.exp_m1()
                }
            }),
            Softsign => each(values, |value| {
                let size = if positive(value) { value } else { -value };
                value / (T::ONE + size)
            }),
            Softplus => each(values, softplus),
        }
    }
}

fn each<T: Real>(values: &mut [T], function: impl Fn(T) -> T) {
    values
        .iter_mut()
        .for_each(|value| *value = function(*value));
}

pub(super) fn clamp<T: Real>(value: T, least: T, most: T) -> T {
    let value = if value < least { least } else { value };
    if value > most { most } else { value }
}
