//! Weights that turn a spectrum into one as ears hear it: <https://onnx.ai/onnx/operators/onnx__MelWeightMatrix.html>.
//!
//! The importer counts bins of frequencies another way than ONNX Runtime.

use super::{Bound, Build, Fact, Kernel, elements, required, sizes, tensor, volume};
use tract_onnx::tract_hir::internal::*;

pub(super) static OPERATORS: &[(&str, Build)] = &[("MelWeightMatrix", |_| {
    Ok(Box::new(MelWeightMatrix { known: None }))
})];

/// `MelWeightMatrix`.
#[derive(Debug)]
struct MelWeightMatrix {
    known: Option<Tensor>,
}

fn number(inputs: &[Option<&Tensor>], place: usize) -> TractResult<f32> {
    let input = required(inputs, place)?.cast_to::<f32>()?.into_owned();
    let number = elements::<f32>(&input)?.first().copied();
    number
        .filter(|number| number.is_finite())
        .context("has no frequency")
}

fn size(inputs: &[Option<&Tensor>], place: usize) -> TractResult<usize> {
    let size = sizes(required(inputs, place)?)?.first().copied();
    size.filter(|size| *size > 0).context("has no size")
}

/// The matrix, as ONNX Runtime computes it in single precision.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "conversions from floats saturate, and sizes of axes are small"
)]
fn matrix(inputs: &[Option<&Tensor>]) -> TractResult<Tensor> {
    let [bands, length, rate] = [size(inputs, 0)?, size(inputs, 1)?, size(inputs, 2)?];
    let bins = length / 2 + 1;
    let count = volume(DatumType::F32, &[bins, bands])?;
    let [lowest, highest] = [number(inputs, 3)?, number(inputs, 4)?];
    ensure!(
        lowest >= 0.0 && highest > lowest,
        "has bands from {lowest} to {highest} hertz, expected numbers from 0 that grow"
    );
    let mel = |hertz: f32| 2595.0 * (1.0 + hertz / 700.0).log10();
    let (low, high) = (mel(lowest), mel(highest));
    let step = (high - low) / (bands + 2) as f32;
    let bin = |band: usize| {
        let hertz = 700.0 * (10_f32.powf((band as f32 * step + low) / 2595.0) - 1.0);
        (((length + 1) as f32 * hertz) / rate as f32).floor() as usize
    };
    let mut result = vec![0.0; count];
    for band in 0..bands {
        let [first, centre, last] = [bin(band), bin(band + 1), bin(band + 2)];
        let fits = first <= centre && centre <= last && last <= bins;
        ensure!(fits, "has frequencies above half of its sample rate");
        let mut set = |bin: usize, weight: f32| {
            if let Some(element) = result.get_mut(bin * bands + band) {
                *element = weight;
            }
        };
        if centre == first {
            set(centre, 1.0);
        } else {
            for bin in first..=centre {
                set(bin, (bin - first) as f32 / (centre - first) as f32);
            }
        }
        for bin in centre..last {
            set(bin, (last - bin) as f32 / (last - centre) as f32);
        }
    }
    tensor(&[bins, bands], &result)
}

impl Kernel for MelWeightMatrix {
    fn facts(&self, _: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        Ok(self.known.as_ref().map(|known| tvec![Fact::of(known)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        Ok(tvec![
            self.known.clone().map_or_else(|| matrix(inputs), Ok)?
        ])
    }

    fn binds(&self) -> &'static [usize] {
        &[0, 1, 2, 3, 4]
    }

    fn bind(&self, known: &[Option<&Tensor>]) -> TractResult<Bound> {
        if self.known.is_some() {
            return Ok(None);
        }
        let known = Some(matrix(known)?);
        Ok(Some((Box::new(Self { known }), self.binds().into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_rise_and_fall() -> TractResult<()> {
        let whole = |number: i64| tensor(&[], &[number]);
        let [bands, length, rate] = [whole(3)?, whole(20)?, whole(8000)?];
        let [low, high] = [tensor(&[], &[0_f32])?, tensor(&[], &[4000_f32])?];
        let inputs = [&bands, &length, &rate, &low, &high].map(Some);
        let got = matrix(&inputs)?;
        assert_eq!(got.shape(), [11, 3]);
        // ONNX Runtime's.
        let expected = [
            1.0, 0.0, 0.0, 0.5, 0.5, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.6666667, 0.0,
            0.0, 0.3333333, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
            0.0,
        ];
        let mut pairs = elements::<f32>(&got)?.iter().zip(expected);
        assert!(pairs.all(|(got, expected)| (got - expected).abs() < 1e-6));
        Ok(())
    }
}
