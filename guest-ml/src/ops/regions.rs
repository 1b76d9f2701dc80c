//! Parts of pictures, brought to one size.
//!
//! <https://onnx.ai/onnx/operators/onnx__RoiAlign.html>

use super::floats::{ensure_float, from_reals, reals};
use super::{Fact, Kernel, Node, required, volume, whole_numbers};
use tract_onnx::tract_hir::internal::*;

/// The operator set that moved coordinates by half a pixel.
const HALF_PIXEL: i64 = 16;

pub(super) fn roi_align(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let half_pixel = match node.string("coordinate_transformation_mode")? {
        None => node.version() >= HALF_PIXEL,
        Some("half_pixel") => true,
        Some("output_half_pixel") => false,
        Some(other) => bail!("attribute 'coordinate_transformation_mode' is '{other}'"),
    };
    let largest = match node.string("mode")?.unwrap_or("avg") {
        "avg" => false,
        "max" => true,
        other => bail!("attribute 'mode' is '{other}', expected avg or max"),
    };
    let size = |name: &str| -> TractResult<usize> {
        let size = usize::try_from(node.int(name).unwrap_or(1)).ok();
        size.filter(|size| *size > 0)
            .with_context(|| format!("attribute '{name}' is not positive"))
    };
    Ok(Box::new(RoiAlign {
        sizes: [size("output_height")?, size("output_width")?],
        samples: usize::try_from(node.int("sampling_ratio").unwrap_or(0))?,
        scale: node.float("spatial_scale").unwrap_or(1.0),
        half_pixel,
        largest,
    }))
}

/// `RoiAlign`.
#[derive(Debug)]
struct RoiAlign {
    sizes: [usize; 2],
    /// Along each axis of a bin; zero for as many as there are elements.
    samples: usize,
    scale: f32,
    half_pixel: bool,
    /// Whether bins hold their largest sample, and not the mean.
    largest: bool,
}

/// Places around a sample, with their weights.
type Taps = [(usize, f32); 4];

/// What is around a place of a picture; nothing beyond its border.
fn around(y: f32, x: f32, [height, width]: [usize; 2]) -> Taps {
    #[allow(clippy::cast_precision_loss, reason = "sizes are small")]
    let within = |at: f32, size: usize| (-1.0..=size as f32).contains(&at);
    if !within(y, height) || !within(x, width) {
        return [(0, 0.0); 4];
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "within the picture"
    )]
    let pair = |at: f32, size: usize| {
        let at = at.max(0.0);
        let low = at as usize;
        if low + 1 >= size {
            (size - 1, size - 1, 0.0)
        } else {
            (low, low + 1, at - low as f32)
        }
    };
    let (top, bottom, down) = pair(y, height);
    let (left, right, along) = pair(x, width);
    [
        (top * width + left, (1.0 - down) * (1.0 - along)),
        (top * width + right, (1.0 - down) * along),
        (bottom * width + left, down * (1.0 - along)),
        (bottom * width + right, down * along),
    ]
}

impl RoiAlign {
    /// Samples of each bin of a region.
    #[allow(clippy::cast_precision_loss, reason = "sizes are small")]
    fn bins(&self, region: &[f32], sizes: [usize; 2]) -> TractResult<Vec<Vec<Taps>>> {
        let offset = if self.half_pixel { 0.5 } else { 0.0 };
        let [left, top, right, bottom] = region else {
            bail!("has a region of {} numbers, expected 4", region.len());
        };
        let [left, top, right, bottom] =
            [left, top, right, bottom].map(|at| at * self.scale - offset);
        let extent = |start: f32, end: f32| {
            let extent = end - start;
            if self.half_pixel {
                extent
            } else {
                extent.max(1.0)
            }
        };
        let bin = [
            extent(top, bottom) / self.sizes[0] as f32,
            extent(left, right) / self.sizes[1] as f32,
        ];
        let samples = bin.map(|size| {
            if self.samples > 0 {
                self.samples as f32
            } else {
                size.ceil()
            }
        });
        let fits = samples.iter().all(|count| (0.0..=65536.0).contains(count));
        ensure!(fits, "has a region of an impossible size");
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "in the range above"
        )]
        let counts = samples.map(|count| count as usize);
        let mut bins = Vec::with_capacity(self.sizes[0] * self.sizes[1]);
        for row in 0..self.sizes[0] {
            for column in 0..self.sizes[1] {
                let mut taps = Vec::with_capacity(counts[0] * counts[1]);
                for down in 0..counts[0] {
                    let y = top + row as f32 * bin[0] + (down as f32 + 0.5) * bin[0] / samples[0];
                    for along in 0..counts[1] {
                        let x = left
                            + column as f32 * bin[1]
                            + (along as f32 + 0.5) * bin[1] / samples[1];
                        taps.push(around(y, x, sizes));
                    }
                }
                bins.push(taps);
            }
        }
        Ok(bins)
    }

    #[allow(clippy::cast_precision_loss, reason = "samples are few")]
    fn value(&self, image: &[f32], samples: &[Taps]) -> f32 {
        let products = |taps: &Taps| taps.map(|(place, weight)| image[place] * weight);
        if self.largest {
            let values = samples.iter().flat_map(products);
            return values.reduce(f32::max).unwrap_or(0.0);
        }
        let sum: f32 = samples
            .iter()
            .map(|taps| products(taps).iter().sum::<f32>())
            .sum();
        sum / samples.len().max(1) as f32
    }

    fn shape(&self, inputs: &[Option<&Fact>]) -> TractResult<[usize; 4]> {
        let [input, regions, batches] = [
            required(inputs, 0)?,
            required(inputs, 1)?,
            required(inputs, 2)?,
        ];
        ensure_float(input.datum)?;
        let [_, channels, height, width] = input.shape[..] else {
            bail!("is given shape {:?}, expected 4 axes", input.shape);
        };
        let count = batches.shape.first().copied().unwrap_or_default();
        let fits = regions.shape[..] == [count, 4] && batches.shape.len() == 1;
        ensure!(
            fits && height > 0 && width > 0,
            "has regions of shape {:?} and batch indices of shape {:?}",
            regions.shape,
            batches.shape
        );
        Ok([count, channels, self.sizes[0], self.sizes[1]])
    }
}

impl Kernel for RoiAlign {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let shape = self.shape(inputs)?;
        let datum = required(inputs, 0)?.datum;
        volume(datum, &shape)?;
        Ok(Some(tvec![Fact::new(datum, &shape[..])]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let facts: Vec<Option<Fact>> = inputs.iter().map(|input| input.map(Fact::of)).collect();
        let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
        let shape = self.shape(&facts)?;
        let input = required(inputs, 0)?;
        let (batch, channels) = (input.shape()[0], input.shape()[1]);
        let sizes = [input.shape()[2], input.shape()[3]];
        let image = sizes[0] * sizes[1];
        let all: Vec<f32> = reals(input)?;
        let regions: Vec<f32> = reals(required(inputs, 1)?)?;
        let mut results = Vec::new();
        let batches = whole_numbers(required(inputs, 2)?)?;
        for (region, index) in regions.chunks_exact(4).zip(batches) {
            let known = usize::try_from(index).ok().filter(|index| *index < batch);
            let index =
                known.with_context(|| format!("has a region of picture {index} of {batch}"))?;
            let bins = self.bins(region, sizes)?;
            for channel in 0..channels {
                let start = (index * channels + channel) * image;
                let image = &all[start..start + image];
                results.extend(bins.iter().map(|samples| self.value(image, samples)));
            }
        }
        Ok(tvec![from_reals(input.datum_type(), &shape, results)?])
    }
}
