//! Rests of divisions.
//!
//! <https://onnx.ai/onnx/operators/onnx__Mod.html>. The importer swaps the sides where the first is a single number.

use super::floats::{Real, from_reals};
use super::{Fact, Kernel, Node, elements, required, tensor, volume};
use tract_onnx::tract_core::broadcast::multi_broadcast;
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let truncated = node.flag("fmod", false);
    Ok(Box::new(Modulo { truncated }))
}

/// `Mod`.
#[derive(Debug)]
struct Modulo {
    /// Whether a rest has the sign of what is divided, and not of what it is divided by.
    truncated: bool,
}

fn stretched(left: &[usize], right: &[usize]) -> TractResult<TVec<usize>> {
    multi_broadcast(&[left, right])
        .with_context(|| format!("is given shapes {left:?} and {right:?}"))
}

/// A shape, and the elements of both sides in pairs.
type Pairs<T> = (TVec<usize>, Vec<(T, T)>);

/// The elements of both sides, stretched to one shape.
fn pairs<T: Datum + Copy>(inputs: &[Option<&Tensor>]) -> TractResult<Pairs<T>> {
    let [left, right] = [required(inputs, 0)?, required(inputs, 1)?];
    let shape = stretched(left.shape(), right.shape())?;
    let [left, right] = [left, right].map(|side| {
        let wide = side.cast_to::<T>()?.broadcast_to_shape(&shape)?;
        TractResult::Ok(elements::<T>(&wide)?.to_vec())
    });
    Ok((shape, left?.into_iter().zip(right?).collect()))
}

impl Modulo {
    fn whole(&self, left: i128, right: i128) -> TractResult<i128> {
        ensure!(right != 0, "divides by zero");
        let rest = left % right;
        let other = !self.truncated && rest != 0 && (rest < 0) != (right < 0);
        Ok(if other { rest + right } else { rest })
    }

    fn real<T: Real>(&self, left: T, right: T) -> T {
        let rest = left.rest(right);
        let other = !self.truncated && rest != T::ZERO && (rest < T::ZERO) != (right < T::ZERO);
        if other { rest + right } else { rest }
    }

    fn reals<T: Real>(&self, inputs: &[Option<&Tensor>], datum: DatumType) -> TractResult<Tensor> {
        let (shape, pairs) = pairs::<T>(inputs)?;
        let rests = pairs
            .into_iter()
            .map(|(left, right)| self.real(left, right));
        from_reals(datum, &shape, rests.collect())
    }

    fn integers<T>(&self, inputs: &[Option<&Tensor>], datum: DatumType) -> TractResult<Tensor>
    where
        T: Datum + Copy + Into<i128> + TryFrom<i128>,
    {
        let (shape, pairs) = pairs::<T>(inputs)?;
        let rest = |(left, right): (T, T)| {
            let rest = self.whole(left.into(), right.into())?;
            T::try_from(rest).ok().context("a rest is too large")
        };
        let rests: TractResult<Vec<T>> = pairs.into_iter().map(rest).collect();
        Ok(tensor(&shape, &rests?)?.cast_to_dt(datum)?.into_owned())
    }
}

impl Kernel for Modulo {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let [left, right] = [required(inputs, 0)?, required(inputs, 1)?];
        let shape = stretched(&left.shape, &right.shape)?;
        volume(left.datum, &shape)?;
        Ok(Some(tvec![Fact::new(left.datum, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let datum = required(inputs, 0)?.datum_type();
        let rests = match datum {
            DatumType::F64 => self.reals::<f64>(inputs, datum)?,
            DatumType::F16 | DatumType::F32 => self.reals::<f32>(inputs, datum)?,
            DatumType::U64 => self.integers::<u64>(inputs, datum)?,
            datum if datum.is_integer() => self.integers::<i64>(inputs, datum)?,
            other => bail!("divides {other:?}, expected numbers"),
        };
        Ok(tvec![rests])
    }
}
