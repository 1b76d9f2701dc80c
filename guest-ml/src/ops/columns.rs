//! Images put together from blocks, <https://onnx.ai/onnx/operators/onnx__Col2Im.html>.

use super::{Bound, Build, Fact, Kernel, Node, floats, required, sizes, tensor_of, volume};
use tract_onnx::tract_hir::internal::*;

pub(super) static OPERATORS: &[(&str, Build)] = &[("Col2Im", build)];

fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let numbers = |name| -> TractResult<Vec<usize>> {
        let numbers = node.ints(name).iter();
        numbers
            .map(|number| Ok(usize::try_from(*number)?))
            .collect()
    };
    Ok(Box::new(Col2Im {
        pads: numbers("pads")?,
        strides: numbers("strides")?,
        dilations: numbers("dilations")?,
        known: None,
    }))
}

/// `Col2Im`.
#[derive(Clone, Debug)]
struct Col2Im {
    pads: Vec<usize>,
    strides: Vec<usize>,
    dilations: Vec<usize>,
    /// Sizes of the image and of a block, if they are known before a run.
    known: Option<[Vec<usize>; 2]>,
}

/// An axis of the image.
struct Axis {
    size: usize,
    block: usize,
    /// Blocks along it.
    count: usize,
    stride: usize,
    dilation: usize,
    before: usize,
}

impl Col2Im {
    fn known(&self, inputs: &[Option<&Tensor>]) -> TractResult<[Vec<usize>; 2]> {
        match &self.known {
            Some(known) => Ok(known.clone()),
            None => Ok([sizes(required(inputs, 1)?)?, sizes(required(inputs, 2)?)?]),
        }
    }

    fn axes(&self, [image, block]: &[Vec<usize>; 2]) -> TractResult<Vec<Axis>> {
        ensure!(
            image.len() == block.len() && !image.is_empty() && !block.contains(&0),
            "puts blocks of {block:?} together to images of {image:?}"
        );
        let axis = |place: usize| {
            let get =
                |numbers: &[usize], place, default| numbers.get(place).copied().unwrap_or(default);
            let (stride, dilation) = (get(&self.strides, place, 1), get(&self.dilations, place, 1));
            let [before, after] =
                [place, place + image.len()].map(|place| get(&self.pads, place, 0));
            let reach = (block[place] - 1)
                .checked_mul(dilation)
                .context("has too large blocks")?;
            let room = (image[place] + before + after).checked_sub(reach + 1);
            let room = room.context("has blocks that are larger than the image")?;
            Ok(Axis {
                size: image[place],
                block: block[place],
                count: room / stride.max(1) + 1,
                stride,
                dilation,
                before,
            })
        };
        (0..image.len()).map(axis).collect()
    }

    fn shape(&self, input: &[usize], axes: &[Axis]) -> TractResult<TVec<usize>> {
        let product = |of: fn(&Axis) -> usize| {
            let mut sizes = axes.iter().map(of);
            sizes.try_fold(1, usize::checked_mul)
        };
        let (block, count) = (product(|axis| axis.block), product(|axis| axis.count));
        let (Some(block), Some(count)) = (block, count) else {
            bail!("has too many blocks");
        };
        let fits = input.len() == 3 && input[1].is_multiple_of(block) && input[2] == count;
        ensure!(
            fits,
            "has columns of shape {input:?}, expected {count} of a multiple of {block}"
        );
        let mut shape: TVec<usize> = tvec![input[0], input[1] / block];
        shape.extend(axes.iter().map(|axis| axis.size));
        volume(DatumType::F32, &shape)?;
        Ok(shape)
    }
}

/// Where each element of all blocks lies in the image, or nowhere.
fn places(axes: &[Axis]) -> Vec<Option<usize>> {
    let elements: usize = axes.iter().map(|axis| axis.block).product();
    let blocks: usize = axes.iter().map(|axis| axis.count).product();
    let place = |(element, block): (usize, usize)| {
        let (mut element, mut block, mut inner, mut at) = (element, block, 1, 0);
        for axis in axes.iter().rev() {
            let offset = element % axis.block * axis.dilation + block % axis.count * axis.stride;
            let place = offset
                .checked_sub(axis.before)
                .filter(|place| *place < axis.size)?;
            at += place * inner;
            inner *= axis.size;
            (element, block) = (element / axis.block, block / axis.count);
        }
        Some(at)
    };
    let all = (0..elements).flat_map(|element| (0..blocks).map(move |block| (element, block)));
    all.map(place).collect()
}

impl Kernel for Col2Im {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        let float = [DatumType::F16, DatumType::F32].contains(&input.datum);
        ensure!(
            float,
            "puts {:?} together, expected float16 or float32",
            input.datum
        );
        let Some(known) = &self.known else {
            return Ok(None);
        };
        let shape = self.shape(&input.shape, &self.axes(known)?)?;
        Ok(Some(tvec![Fact::new(input.datum, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let axes = self.axes(&self.known(inputs)?)?;
        let shape = self.shape(input.shape(), &axes)?;
        let mut result = vec![0.0; shape.iter().product()];
        let columns = floats(input)?;
        let image: usize = shape[2..].iter().product();
        if image > 0 && !columns.is_empty() {
            let places = places(&axes);
            let images = result.chunks_exact_mut(image);
            for (image, columns) in images.zip(columns.chunks_exact(places.len())) {
                for (place, element) in places.iter().zip(columns) {
                    if let Some(place) = place {
                        image[*place] += element;
                    }
                }
            }
        }
        Ok(tvec![tensor_of(input.datum_type(), &shape, &result)?])
    }

    fn binds(&self) -> &'static [usize] {
        &[1, 2]
    }

    fn bind(&self, known: &[Option<&Tensor>]) -> TractResult<Bound> {
        if self.known.is_some() {
            return Ok(None);
        }
        let bound = Self {
            known: Some(self.known(known)?),
            ..self.clone()
        };
        Ok(Some((Box::new(bound), tvec![1, 2])))
    }
}
