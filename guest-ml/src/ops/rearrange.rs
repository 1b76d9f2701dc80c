//! Operators that put elements in other places.

use super::{Fact, Kernel, Node, axis_of, optional, required, volume, whole_numbers};
use tract_onnx::tract_hir::internal::*;

/// A tensor whose elements are taken from others by their place.
///
/// # Errors
/// If there is no such place, or if there are more or fewer places than the shape has.
pub(super) fn gathered(
    input: &Tensor,
    shape: &[usize],
    places: impl IntoIterator<Item = usize>,
) -> TractResult<Tensor> {
    let datum = input.datum_type();
    let size = datum.size_of();
    let count = volume(datum, shape)?;
    let mut output = Tensor::zero_dt(datum, shape)?;
    let from = input.as_bytes();
    let mut places = places.into_iter();
    for element in output.as_bytes_mut().chunks_exact_mut(size) {
        let place = places.next().context("has fewer elements than it needs")?;
        let bytes = from.get(place * size..(place + 1) * size);
        element.copy_from_slice(bytes.context("takes an element that is not there")?);
    }
    ensure!(
        places.next().is_none(),
        "has more elements than the {count} that it needs"
    );
    Ok(output)
}

/// The place on each axis of an element.
pub(super) fn coordinates(mut index: usize, shape: &[usize]) -> TVec<usize> {
    let mut all: TVec<usize> = shape
        .iter()
        .rev()
        .map(|size| {
            let at = index % size.max(&1);
            index /= size.max(&1);
            at
        })
        .collect();
    all.reverse();
    all
}

/// The element at a place on each axis.
pub(super) fn index_of(coordinates: &[usize], shape: &[usize]) -> usize {
    let places = coordinates.iter().zip(shape);
    places.fold(0, |index, (at, size)| index * size + at)
}

pub(super) fn reverse_sequence(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let [batch, time] = [("batch_axis", 1), ("time_axis", 0)].map(|(name, default)| {
        let axis = node.int(name).unwrap_or(default);
        let known = usize::try_from(axis).ok().filter(|axis| *axis < 2);
        known.with_context(|| format!("attribute '{name}' is {axis}, expected 0 or 1"))
    });
    let (batch, time) = (batch?, time?);
    ensure!(batch != time, "has one axis for batch and time");
    Ok(Box::new(ReverseSequence { batch, time }))
}

/// `ReverseSequence`: <https://onnx.ai/onnx/operators/onnx__ReverseSequence.html>.
#[derive(Debug)]
struct ReverseSequence {
    batch: usize,
    time: usize,
}

impl Kernel for ReverseSequence {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let (input, lengths) = (required(inputs, 0)?, required(inputs, 1)?);
        let batch = input
            .shape
            .get(self.batch)
            .filter(|_| input.shape.len() > 1);
        let batch = batch.with_context(|| format!("is given shape {:?}", input.shape))?;
        ensure!(
            lengths.shape[..] == [*batch],
            "has lengths of shape {:?}, expected [{batch}]",
            lengths.shape
        );
        Ok(Some(tvec![input.clone()]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let (input, lengths) = (required(inputs, 0)?, whole_numbers(required(inputs, 1)?)?);
        let shape = input.shape();
        let steps = shape[self.time];
        let length = |length: &i64| {
            let known = usize::try_from(*length)
                .ok()
                .filter(|length| *length <= steps);
            known.with_context(|| format!("has length {length}, expected 0 to {steps}"))
        };
        let lengths: Vec<usize> = lengths.iter().map(length).collect::<TractResult<_>>()?;
        let places = (0..input.len()).map(|index| {
            let mut at = coordinates(index, shape);
            let length = lengths[at[self.batch]];
            if at[self.time] < length {
                at[self.time] = length - 1 - at[self.time];
            }
            index_of(&at, shape)
        });
        Ok(tvec![gathered(input, shape, places)?])
    }
}

pub(super) fn tensor_scatter(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let circular = match node.string("mode")?.unwrap_or("linear") {
        "linear" => false,
        "circular" => true,
        other => bail!("attribute 'mode' is '{other}', expected linear or circular"),
    };
    let axis = node.int("axis").unwrap_or(-2);
    Ok(Box::new(TensorScatter { axis, circular }))
}

/// `TensorScatter`: <https://onnx.ai/onnx/operators/onnx__TensorScatter.html>.
#[derive(Debug)]
struct TensorScatter {
    axis: i64,
    /// Whether places after the last are the first again.
    circular: bool,
}

impl TensorScatter {
    fn axis(&self, cache: &[usize], update: &[usize]) -> TractResult<usize> {
        let axis = axis_of(self.axis, cache.len())?;
        ensure!(axis > 0, "attribute 'axis' is the batch's");
        let mut expected = cache.to_vec();
        expected[axis] = update.get(axis).copied().unwrap_or_default();
        ensure!(
            update == expected && expected[axis] <= cache[axis],
            "has an update of shape {update:?} for a cache of shape {cache:?}"
        );
        Ok(axis)
    }
}

impl Kernel for TensorScatter {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let (cache, update) = (required(inputs, 0)?, required(inputs, 1)?);
        ensure!(
            cache.datum == update.datum,
            "updates {:?} with {:?}",
            cache.datum,
            update.datum
        );
        self.axis(&cache.shape, &update.shape)?;
        if let Some(places) = optional(inputs, 2) {
            let fits = places.shape[..] == cache.shape[..1];
            ensure!(fits, "has write indices of shape {:?}", places.shape);
        }
        Ok(Some(tvec![cache.clone()]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let (cache, update) = (required(inputs, 0)?, required(inputs, 1)?);
        let axis = self.axis(cache.shape(), update.shape())?;
        let starts = optional(inputs, 2).map(whole_numbers).transpose()?;
        let (length, new) = (cache.shape()[axis], update.shape()[axis]);
        let size = cache.datum_type().size_of();
        let inner: usize = cache.shape()[axis + 1..].iter().product::<usize>() * size;
        let outer: usize = cache.shape()[1..axis].iter().product();
        let mut result = cache.clone().into_tensor();
        if inner == 0 || length == 0 {
            return Ok(tvec![result]);
        }
        let rows = update.as_bytes().chunks_exact(inner).enumerate();
        let bytes = result.as_bytes_mut();
        for (row, from) in rows {
            let (before, step) = (row / new, row % new);
            let start = starts.as_ref().map_or(Some(0), |starts| {
                usize::try_from(*starts.get(before / outer.max(1))?).ok()
            });
            let start = start.context("has a negative write index")?;
            let place = start
                .checked_add(step)
                .context("has too large a write index")?;
            let place = if self.circular { place % length } else { place };
            ensure!(
                place < length,
                "writes at {place} into a cache of length {length}"
            );
            let at = (before * length + place) * inner;
            bytes[at..at + inner].copy_from_slice(from);
        }
        Ok(tvec![result])
    }
}

pub(super) fn space_to_depth(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let size = node.int("blocksize").unwrap_or(0);
    let size = usize::try_from(size).ok().filter(|size| *size > 0);
    let blocks_first = match node.string("mode")?.unwrap_or("DCR") {
        "DCR" => true,
        "CRD" => false,
        other => bail!("attribute 'mode' is '{other}', expected DCR or CRD"),
    };
    Ok(Box::new(SpaceToDepth {
        size: size.context("attribute 'blocksize' is not positive")?,
        blocks_first,
    }))
}

/// `SpaceToDepth`: <https://onnx.ai/onnx/operators/onnx__SpaceToDepth.html>.
#[derive(Debug)]
struct SpaceToDepth {
    size: usize,
    /// Whether places in a block come before channels.
    blocks_first: bool,
}

impl SpaceToDepth {
    fn shape(&self, input: &[usize]) -> TractResult<[usize; 4]> {
        let [batch, channels, height, width] = input[..] else {
            bail!("is given shape {input:?}, expected 4 axes");
        };
        let size = self.size;
        ensure!(
            height % size == 0 && width % size == 0,
            "cannot cut {height} by {width} into blocks of {size}"
        );
        let blocks = size
            .checked_mul(size)
            .and_then(|block| block.checked_mul(channels));
        let channels = blocks.context("attribute 'blocksize' is too large")?;
        Ok([batch, channels, height / size, width / size])
    }
}

impl Kernel for SpaceToDepth {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        let shape = self.shape(&input.shape)?;
        volume(input.datum, &shape)?;
        Ok(Some(tvec![Fact::new(input.datum, &shape[..])]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let shape = self.shape(input.shape())?;
        let (size, channels) = (self.size, input.shape()[1]);
        let places = (0..input.len()).map(|index| {
            let at = coordinates(index, &shape);
            let (channel, block) = if self.blocks_first {
                (at[1] % channels, at[1] / channels)
            } else {
                (at[1] / (size * size), at[1] % (size * size))
            };
            let (row, column) = (at[2] * size + block / size, at[3] * size + block % size);
            index_of(&[at[0], channel, row, column], input.shape())
        });
        Ok(tvec![gathered(input, &shape, places)?])
    }
}
