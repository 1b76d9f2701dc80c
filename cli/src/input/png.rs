//! Pictures as tensors.
//!
//! A picture is made grey or RGB as the model's channel axis says (grey = 0.299 R + 0.587 G + 0.114 B; what is
//! transparent is black), scaled to the model's size by averaging areas, and laid out as NCHW or NHWC. A pixel is then
//! value / 255 x scale.

use std::io::Cursor;

use anyhow::{Context, Result, bail};
use enshrine_primitives::tensor::{DType, Dim, TensorType};
use png::{ColorType, Decoder, Transformations};

use crate::tensor::{Number, Tensor, write};

/// Most bytes that decoding may take.
const MAX_DECODED_BYTES: usize = 1 << 28;

/// Most elements of the tensor.
const MAX_ELEMENTS: u64 = 1 << 28;

/// Axes of a tensor that holds a picture; `None` for channels when there is no such axis.
struct Layout {
    channel_axis: Option<usize>,
    height_axis: usize,
    channels: usize,
}

/// A decoded picture: `channels` values from 0 to 255 for each pixel.
struct Picture {
    width: usize,
    height: usize,
    channels: usize,
    values: Vec<f64>,
}

/// Reads a picture for an input.
///
/// # Errors
/// If it is no PNG file, or the input is no picture.
pub(super) fn read(ty: &TensorType, bytes: &[u8], scale: Option<f64>) -> Result<Tensor> {
    let layout = layout(ty)?;
    let picture = decode(bytes, layout.channels)?;
    let height = size(ty.dims[layout.height_axis], picture.height);
    let width = size(ty.dims[layout.height_axis + 1], picture.width);
    let elements = height as u64 * width as u64 * layout.channels as u64;
    if elements > MAX_ELEMENTS || elements == 0 {
        bail!("the model wants a picture of {width} x {height} pixels, which is out of reach");
    }
    let picture = picture.resized(width, height);
    let float = matches!(ty.dtype, DType::F16 | DType::BF16 | DType::F32 | DType::F64);
    let scale = scale.unwrap_or(if float { 1.0 } else { 255.0 });
    let mut data = Vec::new();
    for value in picture.in_layout(&layout) {
        let value = value / 255.0 * scale;
        let number = Number::Float(if float { value } else { value.round() });
        data.extend(write(ty.dtype, number).0);
    }
    let mut shape: Vec<_> = ty.dims.iter().map(|dim| small(size(*dim, 1))).collect();
    shape[layout.height_axis] = small(height);
    shape[layout.height_axis + 1] = small(width);
    Ok(Tensor {
        dtype: ty.dtype,
        shape,
        data,
    })
}

fn small(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

fn size(dim: Dim, dynamic: usize) -> usize {
    match dim {
        Dim::Static(size) => size as usize,
        Dim::Dynamic => dynamic,
    }
}

fn layout(ty: &TensorType) -> Result<Layout> {
    let channels = |axis: usize| match ty.dims[axis] {
        Dim::Static(1) => Some(1),
        Dim::Static(3) => Some(3),
        _ => None,
    };
    let one = |axis: usize| size(ty.dims[axis], 1) == 1;
    let first = ty.dims.len().saturating_sub(3);
    let found = match ty.dims.len() {
        2 => Some((None, 0, 1)),
        3 | 4 if first == 0 || one(0) => match (channels(first), channels(first + 2)) {
            (Some(channels), _) => Some((Some(first), first + 1, channels)),
            (None, Some(channels)) => Some((Some(first + 2), first, channels)),
            (None, None) => None,
        },
        _ => None,
    };
    let (channel_axis, height_axis, channels) = found.context(
        "this input is no picture: expected one of [1,C,H,W], [1,H,W,C], [C,H,W], [H,W,C] or [H,W] with 1 or 3 channels",
    )?;
    Ok(Layout {
        channel_axis,
        height_axis,
        channels,
    })
}

fn decode(bytes: &[u8], channels: usize) -> Result<Picture> {
    let limits = png::Limits {
        bytes: MAX_DECODED_BYTES,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().context("this is no PNG file")?;
    let length = reader
        .output_buffer_size()
        .filter(|length| *length <= MAX_DECODED_BYTES);
    let mut buffer = vec![0; length.context("the picture is too large")?];
    let info = reader
        .next_frame(&mut buffer)
        .context("the PNG file is damaged")?;
    let samples = info.color_type.samples();
    let pixels = buffer[..info.buffer_size()].chunks_exact(samples);
    let values = pixels
        .flat_map(|pixel| pixel_values(info.color_type, pixel, channels))
        .collect();
    let (width, height) = (info.width as usize, info.height as usize);
    Ok(Picture {
        width,
        height,
        channels,
        values,
    })
}

fn pixel_values(color: ColorType, pixel: &[u8], channels: usize) -> Vec<f64> {
    let at = |index: usize| f64::from(pixel.get(index).copied().unwrap_or_default());
    let (rgb, alpha) = match color {
        ColorType::Rgb => ([at(0), at(1), at(2)], 255.0),
        ColorType::Rgba => ([at(0), at(1), at(2)], at(3)),
        ColorType::GrayscaleAlpha => ([at(0); 3], at(1)),
        ColorType::Grayscale | ColorType::Indexed => ([at(0); 3], 255.0),
    };
    let rgb = rgb.map(|value| value * alpha / 255.0);
    match channels {
        // An exact copy for what is grey already: the weights do not sum to one in floats.
        1 if rgb[0] == rgb[1] && rgb[1] == rgb[2] => vec![rgb[0]],
        1 => vec![0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]],
        _ => rgb.to_vec(),
    }
}

impl Picture {
    fn at(&self, row: usize, column: usize, channel: usize) -> f64 {
        self.values[(row * self.width + column) * self.channels + channel]
    }

    fn resized(self, width: usize, height: usize) -> Self {
        if (width, height) == (self.width, self.height) {
            return self;
        }
        let rows = spans(self.height, height);
        let columns = spans(self.width, width);
        let mut values = Vec::with_capacity(width * height * self.channels);
        for row in &rows {
            for column in &columns {
                for channel in 0..self.channels {
                    let sum: f64 = row
                        .iter()
                        .flat_map(|(y, y_part)| {
                            column
                                .iter()
                                .map(move |(x, x_part)| (*y, *x, y_part * x_part))
                        })
                        .map(|(y, x, part)| self.at(y, x, channel) * part)
                        .sum();
                    values.push(sum);
                }
            }
        }
        Self {
            width,
            height,
            channels: self.channels,
            values,
        }
    }

    /// Values in the order of the tensor.
    fn in_layout(&self, layout: &Layout) -> Vec<f64> {
        let planar = layout
            .channel_axis
            .is_some_and(|axis| axis < layout.height_axis);
        if !planar {
            return self.values.clone();
        }
        let planes = (0..self.channels)
            .map(|channel| self.values.iter().skip(channel).step_by(self.channels));
        planes.flatten().copied().collect()
    }
}

/// For each of `to` cells: the ones of `from` cells that it covers, and its share of each.
#[allow(
    clippy::cast_precision_loss,
    reason = "sizes of pictures are far below 2^52"
)]
fn spans(from: usize, to: usize) -> Vec<Vec<(usize, f64)>> {
    let cell = |index: usize| {
        // In units of 1/to of a source cell, where everything is whole.
        let (start, end) = (index * from, (index + 1) * from);
        let covered = start / to..end.div_ceil(to);
        covered
            .map(|source| {
                let overlap = end.min((source + 1) * to) - start.max(source * to);
                (source, overlap as f64 / from as f64)
            })
            .collect()
    };
    (0..to).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(color: ColorType, width: u32, height: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        encoder
            .write_header()
            .unwrap()
            .write_image_data(data)
            .unwrap();
        bytes
    }

    fn ty(dtype: DType, sizes: &[u32]) -> TensorType {
        let dims: Vec<_> = sizes.iter().map(|size| Dim::Static(*size)).collect();
        TensorType::new("x", dtype, dims)
    }

    #[test]
    fn channels_are_laid_out() {
        let picture = file(ColorType::Rgb, 2, 1, &[1, 2, 3, 4, 5, 6]);
        let planar = read(&ty(DType::U8, &[1, 3, 1, 2]), &picture, None).unwrap();
        assert_eq!(planar.data, [1, 4, 2, 5, 3, 6]);
        let picture = file(
            ColorType::Rgb,
            2,
            2,
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        );
        let packed = read(&ty(DType::U8, &[1, 2, 2, 3]), &picture, None).unwrap();
        assert_eq!(packed.data, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    }

    #[test]
    fn sizes_are_averaged() {
        let picture = file(
            ColorType::Grayscale,
            4,
            2,
            &[0, 100, 10, 20, 100, 200, 30, 40],
        );
        let small = read(&ty(DType::U8, &[1, 2]), &picture, None).unwrap();
        assert_eq!(small.data, [100, 25]);
        let large = read(&ty(DType::U8, &[4, 8]), &picture, None).unwrap();
        assert_eq!(large.data[..8], [0, 0, 100, 100, 10, 10, 20, 20]);
        let thirds: f64 = spans(7, 3).iter().flatten().map(|(_, share)| share).sum();
        assert!((thirds - 3.0).abs() < 1e-12);
    }

    #[test]
    fn scale_is_the_brightest_pixel() {
        let picture = file(ColorType::Grayscale, 1, 1, &[255]);
        let one = read(&ty(DType::F32, &[1, 1, 1, 1]), &picture, None).unwrap();
        assert_eq!(one.data, 1f32.to_le_bytes());
        let sixteen = read(&ty(DType::F32, &[1, 1]), &picture, Some(16.0)).unwrap();
        assert_eq!(sixteen.data, 16f32.to_le_bytes());
    }

    #[test]
    fn transparent_is_black() {
        let picture = file(ColorType::Rgba, 1, 1, &[200, 200, 200, 0]);
        assert_eq!(
            read(&ty(DType::U8, &[1, 1]), &picture, None).unwrap().data,
            [0]
        );
    }

    #[test]
    fn damaged_files_are_refused() {
        let picture = file(ColorType::Grayscale, 2, 2, &[1; 4]);
        for length in 0..picture.len() - 12 {
            assert!(
                read(&ty(DType::U8, &[2, 2]), &picture[..length], None).is_err(),
                "{length}"
            );
        }
        assert!(read(&ty(DType::F32, &[1, 30]), b"", None).is_err());
        assert!(read(&ty(DType::F32, &[2, 3, 8, 8]), &picture, None).is_err());
    }
}
