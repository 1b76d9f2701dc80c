//! Convolutions that look beside their windows: <https://onnx.ai/onnx/operators/onnx__DeformConv.html>.

use super::{Build, Fact, Kernel, Node, floats, optional, required, tensor_of, volume};
use enshrine_guest_kernels::add_product;
use tract_onnx::tract_hir::internal::*;

pub(super) static OPERATORS: &[(&str, Build)] = &[("DeformConv", build)];

fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let numbers = |name| -> TractResult<Vec<usize>> {
        let numbers = node.ints(name).iter();
        numbers
            .map(|number| Ok(usize::try_from(*number)?))
            .collect()
    };
    let pair = |name, default: usize| -> TractResult<[usize; 2]> {
        match numbers(name)?[..] {
            [] => Ok([default; 2]),
            [high, wide] => Ok([high, wide]),
            _ => bail!("is no convolution of two axes"),
        }
    };
    Ok(Box::new(DeformConv {
        pads: match numbers("pads")?[..] {
            [] => [0; 4],
            [top, left, bottom, right] => [top, left, bottom, right],
            _ => bail!("is no convolution of two axes"),
        },
        strides: pair("strides", 1)?,
        dilations: pair("dilations", 1)?,
        window: pair("kernel_shape", 0)?,
        groups: usize::try_from(node.int("group").unwrap_or(1))?,
        fields: usize::try_from(node.int("offset_group").unwrap_or(1))?,
    }))
}

/// `DeformConv`.
#[derive(Debug)]
struct DeformConv {
    pads: [usize; 4],
    strides: [usize; 2],
    dilations: [usize; 2],
    /// Zeros if the weights say it.
    window: [usize; 2],
    groups: usize,
    /// Groups of channels that look beside their windows the same way.
    fields: usize,
}

struct Sizes {
    batch: usize,
    channels: usize,
    from: [usize; 2],
    outputs: usize,
    to: [usize; 2],
    window: [usize; 2],
}

impl DeformConv {
    fn sizes(&self, inputs: &[Option<&Fact>]) -> TractResult<Sizes> {
        let facts = [0, 1, 2].map(|place| required(inputs, place));
        let [input, weights, offsets] = facts;
        let (input, weights, offsets) = (input?, weights?, offsets?);
        let float = [DatumType::F16, DatumType::F32].contains(&input.datum);
        ensure!(
            float,
            "computes {:?}, expected float16 or float32",
            input.datum
        );
        let ([batch, channels, height, width], [outputs, depth, high, wide]) =
            (&input.shape[..], &weights.shape[..])
        else {
            bail!(
                "has inputs of shape {:?} and weights of {:?}",
                input.shape,
                weights.shape
            );
        };
        let (from, window) = ([*height, *width], [*high, *wide]);
        let (groups, fields) = (self.groups.max(1), self.fields.max(1));
        let grouped =
            depth.checked_mul(groups) == Some(*channels) && outputs.is_multiple_of(groups);
        ensure!(
            grouped && channels.is_multiple_of(fields),
            "has groups that do not divide its channels"
        );
        ensure!(
            self.window == [0, 0] || self.window == window,
            "has weights for another window"
        );
        ensure!(
            !window.contains(&0) && !from.contains(&0),
            "has no elements"
        );
        let mut to = [0; 2];
        for axis in 0..2 {
            let reach = (window[axis] - 1).checked_mul(self.dilations[axis]);
            let room = from[axis] + self.pads[axis] + self.pads[axis + 2];
            let room = reach.and_then(|reach| room.checked_sub(reach + 1));
            let room = room.context("has a window that is larger than its input")?;
            to[axis] = room / self.strides[axis].max(1) + 1;
        }
        let taps = fields * window[0] * window[1];
        ensure!(
            offsets.shape[..] == [*batch, 2 * taps, to[0], to[1]],
            "has offsets of shape {:?}",
            offsets.shape
        );
        if let Some(bias) = optional(inputs, 3) {
            ensure!(
                bias.shape[..] == [*outputs],
                "has a bias of shape {:?}",
                bias.shape
            );
        }
        if let Some(mask) = optional(inputs, 4) {
            ensure!(
                mask.shape[..] == [*batch, taps, to[0], to[1]],
                "has a mask of shape {:?}",
                mask.shape
            );
        }
        volume(DatumType::F32, &[*batch, *outputs, to[0], to[1]])?;
        volume(
            DatumType::F32,
            &[to[0], to[1], *channels, window[0], window[1]],
        )?;
        Ok(Sizes {
            batch: *batch,
            channels: *channels,
            from,
            outputs: *outputs,
            to,
            window,
        })
    }

    /// What the window sees of an image at each place, channel by channel.
    fn seen(
        &self,
        image: &[f32],
        offsets: &[f32],
        mask: Option<&[f32]>,
        sizes: &Sizes,
    ) -> Vec<f32> {
        let places = sizes.to[0] * sizes.to[1];
        let taps = sizes.window[0] * sizes.window[1];
        let [height, width] = sizes.from;
        let each = sizes.channels / self.fields.max(1);
        let mut seen = vec![0.0; places * sizes.channels * taps];
        for (place, row) in seen.chunks_exact_mut(sizes.channels * taps).enumerate() {
            for tap in 0..self.fields.max(1) * taps {
                let (field, inner) = (tap / taps, tap % taps);
                let origin = [place / sizes.to[1], place % sizes.to[1]];
                let step = [inner / sizes.window[1], inner % sizes.window[1]];
                let at = [0, 1].map(|axis| {
                    let at = origin[axis] * self.strides[axis] + step[axis] * self.dilations[axis];
                    float(at) - float(self.pads[axis]) + offsets[(2 * tap + axis) * places + place]
                });
                let factor = mask.map_or(1.0, |mask| mask[tap * places + place]);
                let near = corners(at, sizes.from);
                for channel in field * each..(field + 1) * each {
                    let image = &image[channel * height * width..][..height * width];
                    let terms = near
                        .iter()
                        .flatten()
                        .map(|(place, weight)| image[*place] * weight);
                    row[channel * taps + inner] = terms.sum::<f32>() * factor;
                }
            }
        }
        seen
    }
}

#[allow(clippy::cast_precision_loss, reason = "sizes of axes are far smaller")]
const fn float(size: usize) -> f32 {
    size as f32
}

/// The neighbours of a place that are inside of the image, and how near they are.
fn corners([y, x]: [f32; 2], [height, width]: [usize; 2]) -> [Option<(usize, f32)>; 4] {
    let (top, left) = (y.floor(), x.floor());
    [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)].map(|(down, right)| {
        let (row, column) = (top + down, left + right);
        let inside = |at: f32, size: usize| at >= 0.0 && at < float(size);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "only used inside of the image"
        )]
        let place = row as usize * width + column as usize;
        let weight = (1.0 - (y - row).abs()) * (1.0 - (x - column).abs());
        (inside(row, height) && inside(column, width)).then_some((place, weight))
    })
}

impl Kernel for DeformConv {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let Sizes {
            batch,
            outputs,
            to: [height, width],
            ..
        } = self.sizes(inputs)?;
        let datum = required(inputs, 0)?.datum;
        Ok(Some(tvec![Fact::new(
            datum,
            &[batch, outputs, height, width][..]
        )]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let facts: Vec<Option<Fact>> = inputs.iter().map(|input| input.map(Fact::of)).collect();
        let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
        let sizes = self.sizes(&facts)?;
        let (images, weights) = (floats(required(inputs, 0)?)?, floats(required(inputs, 1)?)?);
        let offsets = floats(required(inputs, 2)?)?;
        let bias = optional(inputs, 3)
            .map(floats)
            .transpose()?
            .unwrap_or_default();
        let mask = optional(inputs, 4).map(floats).transpose()?;
        let groups = self.groups.max(1);
        let taps = sizes.window[0] * sizes.window[1];
        let places = sizes.to[0] * sizes.to[1];
        let depth = sizes.channels / groups * taps;
        let outputs = sizes.outputs / groups;
        let shape = [sizes.batch, sizes.outputs, sizes.to[0], sizes.to[1]];
        let mut result = vec![0.0; shape.iter().product()];
        let matrices = weights.chunks(outputs.max(1) * depth.max(1));
        let matrices: Vec<Vec<f32>> = matrices
            .map(|part| {
                let column = |row: usize| part.iter().skip(row).step_by(depth.max(1)).copied();
                (0..depth).flat_map(column).collect()
            })
            .collect();
        let fields = self.fields.max(1) * taps;
        for batch in 0..sizes.batch {
            let image = sizes.channels * sizes.from[0] * sizes.from[1];
            let mask = mask
                .as_ref()
                .map(|mask| &mask[batch * fields * places..][..fields * places]);
            let offsets = &offsets[2 * batch * fields * places..][..2 * fields * places];
            let seen = self.seen(&images[batch * image..][..image], offsets, mask, &sizes);
            for (group, matrix) in matrices.iter().enumerate() {
                let rows = seen.chunks_exact(depth * groups);
                let rows: Vec<f32> = rows
                    .flat_map(|row| &row[group * depth..][..depth])
                    .copied()
                    .collect();
                let mut sums = vec![0.0; places * outputs];
                add_product(&rows, matrix, &mut sums, [depth, outputs]);
                for output in 0..outputs {
                    let channel = group * outputs + output;
                    let start = (batch * sizes.outputs + channel) * places;
                    let bias = bias.get(channel).copied().unwrap_or(0.0);
                    for (result, sums) in result[start..][..places]
                        .iter_mut()
                        .zip(sums.chunks(outputs))
                    {
                        *result = sums[output] + bias;
                    }
                }
            }
        }
        Ok(tvec![tensor_of(
            required(inputs, 0)?.datum_type(),
            &shape,
            &result
        )?])
    }
}
