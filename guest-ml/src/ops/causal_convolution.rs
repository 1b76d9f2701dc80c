//! Convolution of each channel over what came before.
//!
//! <https://onnx.ai/onnx/operators/onnx__CausalConvWithState.html>

use super::floats::{Steps, ensure_float, from_reals, reals};
use super::{Fact, Kernel, Node, optional, required};
use tract_onnx::tract_hir::internal::*;

const INPUT: usize = 0;
const WEIGHTS: usize = 1;
const BIAS: usize = 2;
const STATE: usize = 3;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let swish = match node.string("activation")?.unwrap_or("none") {
        "none" => false,
        "silu" | "swish" => true,
        other => bail!("attribute 'activation' is '{other}', expected silu, swish or none"),
    };
    Ok(Box::new(CausalConvolution { swish }))
}

/// `CausalConvWithState`.
#[derive(Debug)]
struct CausalConvolution {
    swish: bool,
}

/// Batch, channels, length, and the kernel's.
fn sizes(inputs: &[Option<&Fact>]) -> TractResult<[usize; 4]> {
    let (input, weights) = (required(inputs, INPUT)?, required(inputs, WEIGHTS)?);
    ensure_float(input.datum)?;
    let [batch, channels, length] = input.shape[..] else {
        bail!("has an input of shape {:?}, expected 3 axes", input.shape);
    };
    let size = weights.shape.last().copied().unwrap_or_default();
    let expect = |place: usize, what: &str, shape: &[usize]| -> TractResult<()> {
        let Some(fact) = optional(inputs, place) else {
            return Ok(());
        };
        let fits = fact.shape[..] == *shape && fact.datum == input.datum;
        ensure!(
            fits,
            "has {what} of shape {:?}, expected {shape:?}",
            fact.shape
        );
        Ok(())
    };
    ensure!(size > 0, "has weights of shape {:?}", weights.shape);
    expect(WEIGHTS, "weights", &[channels, 1, size])?;
    expect(BIAS, "a bias", &[channels])?;
    expect(STATE, "a state", &[batch, channels, size - 1])?;
    Ok([batch, channels, length, size])
}

impl Kernel for CausalConvolution {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let [batch, channels, _, size] = sizes(inputs)?;
        let input = required(inputs, INPUT)?;
        let state: TVec<usize> = tvec![batch, channels, size - 1];
        Ok(Some(tvec![input.clone(), Fact::new(input.datum, state)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let facts: Vec<Option<Fact>> = inputs.iter().map(|input| input.map(Fact::of)).collect();
        let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
        let [batch, channels, length, size] = sizes(&facts)?;
        let given = |place: usize| optional(inputs, place).map(reals::<f32>).transpose();
        let (input, weights) = (
            reals::<f32>(required(inputs, INPUT)?)?,
            reals::<f32>(required(inputs, WEIGHTS)?)?,
        );
        let (bias, past) = (given(BIAS)?, given(STATE)?);
        let datum = required(inputs, INPUT)?.datum_type();
        let steps = Steps::of(datum);
        let before = size - 1;
        let mut result = Vec::with_capacity(input.len());
        let mut state = Vec::with_capacity(batch * channels * before);
        for row in 0..batch * channels {
            let channel = row % channels;
            let mut whole = match &past {
                Some(past) => past[row * before..(row + 1) * before].to_vec(),
                None => vec![0.0; before],
            };
            whole.extend_from_slice(&input[row * length..(row + 1) * length]);
            let weights = &weights[channel * size..(channel + 1) * size];
            let bias = bias.as_ref().map_or(0.0, |bias| bias[channel]);
            result.extend(whole.windows(size).map(|window| {
                let products = window.iter().zip(weights).map(|(left, right)| left * right);
                let sum = steps.one(products.sum::<f32>() + bias);
                if self.swish {
                    sum / (1.0 + (-sum).exp())
                } else {
                    sum
                }
            }));
            state.extend_from_slice(&whole[whole.len() - before..]);
        }
        Ok(tvec![
            from_reals(datum, required(inputs, INPUT)?.shape(), result)?,
            from_reals(datum, &[batch, channels, before], state)?,
        ])
    }
}
