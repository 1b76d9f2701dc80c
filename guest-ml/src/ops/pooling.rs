//! Poolings that the importer lacks.
//!
//! <https://onnx.ai/onnx/operators/onnx__LpPool.html>, <https://onnx.ai/onnx/operators/onnx__GlobalLpPool.html>,
//! <https://onnx.ai/onnx/operators/onnx__MaxUnpool.html>

use super::floats::{Real, ensure_float, from_reals, reals};
use super::rearrange::{coordinates, index_of};
use super::{Fact, Kernel, Node, optional, required, tensor, volume, whole_numbers};
use tract_onnx::tract_hir::internal::*;

/// A window over the axes after batch and channels.
#[derive(Clone, Debug)]
struct Window {
    sizes: Vec<usize>,
    strides: Vec<usize>,
    dilations: Vec<usize>,
    /// At the start of each axis, then at the end of each.
    pads: Vec<usize>,
    padding: Padding,
    /// Whether a window may reach over the end.
    ceil: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Padding {
    Given,
    None,
    SameLower,
    SameUpper,
}

impl Window {
    fn of(node: &Node<'_>) -> TractResult<Self> {
        let list = |name: &str, count: usize, default: usize| -> TractResult<Vec<usize>> {
            let given = node.ints(name);
            if given.is_empty() {
                return Ok(vec![default; count]);
            }
            let (got, expected) = (given.len(), count);
            ensure!(
                got == expected,
                "attribute '{name}' has {got} numbers, expected {expected}"
            );
            given
                .iter()
                .map(|number| Ok(usize::try_from(*number)?))
                .collect()
        };
        let axes = node.ints("kernel_shape").len();
        ensure!(axes > 0, "attribute 'kernel_shape' has no numbers");
        let padding = match node.string("auto_pad")?.unwrap_or("NOTSET") {
            "NOTSET" => Padding::Given,
            "VALID" => Padding::None,
            "SAME_LOWER" => Padding::SameLower,
            "SAME_UPPER" => Padding::SameUpper,
            other => bail!("attribute 'auto_pad' is '{other}', which is unknown"),
        };
        Ok(Self {
            sizes: list("kernel_shape", axes, 1)?,
            strides: list("strides", axes, 1)?,
            dilations: list("dilations", axes, 1)?,
            pads: list("pads", 2 * axes, 0)?,
            padding,
            ceil: node.flag("ceil_mode", false),
        })
    }

    fn reach(&self, axis: usize) -> usize {
        (self.sizes[axis] - 1) * self.dilations[axis] + 1
    }

    /// How many windows there are on an axis, and where the first begins.
    fn places(&self, axis: usize, size: usize) -> TractResult<(usize, usize)> {
        let (reach, stride) = (self.reach(axis), self.strides[axis]);
        if matches!(self.padding, Padding::SameLower | Padding::SameUpper) {
            let count = size.div_ceil(stride);
            let pads = (count.saturating_sub(1) * stride + reach).saturating_sub(size);
            let upper = self.padding == Padding::SameUpper;
            return Ok((count, if upper { pads / 2 } else { pads.div_ceil(2) }));
        }
        let axes = self.sizes.len();
        let (before, after) = match self.padding {
            Padding::Given => (self.pads[axis], self.pads[axes + axis]),
            _ => (0, 0),
        };
        let room = (size + before + after).checked_sub(reach);
        let room = room.with_context(|| format!("has a window of {reach} for {size} elements"))?;
        let mut count = if self.ceil {
            room.div_ceil(stride)
        } else {
            room / stride
        } + 1;
        if self.ceil && (count - 1) * stride >= size + before {
            // A window begins within the elements, or before them.
            count -= 1;
        }
        Ok((count, before))
    }

    fn shape(&self, input: &[usize]) -> TractResult<TVec<usize>> {
        let axes = self.sizes.len();
        ensure!(
            input.len() == axes + 2,
            "is given shape {input:?}, expected {} axes",
            axes + 2
        );
        let mut shape: TVec<usize> = input[..2].into();
        for (axis, size) in input[2..].iter().enumerate() {
            shape.push(self.places(axis, *size)?.0);
        }
        Ok(shape)
    }
}

pub(super) fn lp_pool(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(LpPool {
        window: Some(Window::of(node)?),
        power: f64::from(u32::try_from(node.int("p").unwrap_or(2))?),
    }))
}

pub(super) fn global_lp_pool(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(LpPool {
        window: None,
        power: f64::from(u32::try_from(node.int("p").unwrap_or(2))?),
    }))
}

/// `LpPool`, and `GlobalLpPool` without a window.
#[derive(Debug)]
struct LpPool {
    window: Option<Window>,
    power: f64,
}

impl LpPool {
    fn window(&self, shape: &[usize]) -> TractResult<Window> {
        ensure!(
            shape.len() > 2,
            "is given shape {shape:?}, expected 3 axes or more"
        );
        if let Some(window) = &self.window {
            return Ok(window.clone());
        }
        let sizes = shape[2..].to_vec();
        ensure!(!sizes.contains(&0), "takes no tensor without elements");
        let ones = vec![1; sizes.len()];
        Ok(Window {
            strides: ones.clone(),
            dilations: ones,
            pads: vec![0; 2 * sizes.len()],
            sizes,
            padding: Padding::None,
            ceil: false,
        })
    }

    fn compute<T: Real>(&self, input: &Tensor) -> TractResult<Tensor> {
        let window = self.window(input.shape())?;
        let shape = window.shape(input.shape())?;
        let all: Vec<T> = reals(input)?;
        let sizes = &input.shape()[2..];
        let (image, taps): (usize, usize) = (sizes.iter().product(), window.sizes.iter().product());
        let starts = sizes
            .iter()
            .enumerate()
            .map(|(axis, size)| Ok(window.places(axis, *size)?.1));
        let starts: Vec<usize> = starts.collect::<TractResult<_>>()?;
        let power = |value: T| {
            let size = value.to_f64().abs();
            if self.power == 2.0 {
                size * size
            } else {
                size.powf(self.power)
            }
        };
        let mut results = Vec::with_capacity(volume(input.datum_type(), &shape)?);
        for index in 0..shape.iter().product::<usize>() {
            let at = coordinates(index, &shape);
            let channel = (at[0] * shape[1] + at[1]) * image;
            let mut sum = 0.0;
            for tap in 0..taps {
                let tap = coordinates(tap, &window.sizes);
                let places = tap.iter().enumerate().map(|(axis, tap)| {
                    let place = at[2 + axis] * window.strides[axis] + tap * window.dilations[axis];
                    place
                        .checked_sub(starts[axis])
                        .filter(|place| *place < sizes[axis])
                });
                let places: Option<TVec<usize>> = places.collect();
                if let Some(places) = places {
                    sum += power(all[channel + index_of(&places, sizes)]);
                }
            }
            let root = if self.power == 2.0 {
                sum.sqrt()
            } else {
                sum.powf(1.0 / self.power)
            };
            results.push(T::of_f64(root));
        }
        from_reals(input.datum_type(), &shape, results)
    }
}

impl Kernel for LpPool {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        ensure_float(input.datum)?;
        ensure!(self.power > 0.0, "attribute 'p' is not positive");
        let shape = self.window(&input.shape)?.shape(&input.shape)?;
        volume(input.datum, &shape)?;
        Ok(Some(tvec![Fact::new(input.datum, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let pooled = match input.datum_type() {
            DatumType::F64 => self.compute::<f64>(input)?,
            _ => self.compute::<f32>(input)?,
        };
        Ok(tvec![pooled])
    }
}

pub(super) fn max_unpool(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let window = Window::of(node)?;
    Ok(Box::new(MaxUnpool { window }))
}

/// `MaxUnpool`.
#[derive(Debug)]
struct MaxUnpool {
    window: Window,
}

impl MaxUnpool {
    /// The shape that places are counted in.
    fn inferred(&self, input: &[usize]) -> TractResult<TVec<usize>> {
        let axes = self.window.sizes.len();
        ensure!(
            input.len() == axes + 2,
            "is given shape {input:?}, expected {} axes",
            axes + 2
        );
        let mut shape: TVec<usize> = input[..2].into();
        for (axis, size) in input[2..].iter().enumerate() {
            let pads = self.window.pads[axis] + self.window.pads[axes + axis];
            let grown =
                size.saturating_sub(1) * self.window.strides[axis] + self.window.sizes[axis];
            shape.push(grown.saturating_sub(pads));
        }
        Ok(shape)
    }

    fn shape(&self, input: &[usize], stated: Option<&Tensor>) -> TractResult<TVec<usize>> {
        let inferred = self.inferred(input)?;
        let Some(stated) = stated else {
            return Ok(inferred);
        };
        let stated = whole_numbers(stated)?.into_iter().map(usize::try_from);
        let stated: TVec<usize> = stated.collect::<Result<_, _>>()?;
        let fits = stated.len() == inferred.len()
            && stated
                .iter()
                .zip(&inferred)
                .all(|(stated, least)| stated >= least);
        ensure!(
            fits,
            "has an output shape of {stated:?}, expected {inferred:?} or more"
        );
        Ok(stated)
    }
}

impl Kernel for MaxUnpool {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let (input, places) = (required(inputs, 0)?, required(inputs, 1)?);
        ensure_float(input.datum)?;
        ensure!(
            input.shape == places.shape,
            "has places of shape {:?} for elements of shape {:?}",
            places.shape,
            input.shape
        );
        let stated = match optional(inputs, 2) {
            Some(stated) => match &stated.value {
                Some(value) => Some(&**value),
                None => return Ok(None),
            },
            None => None,
        };
        let shape = self.shape(&input.shape, stated)?;
        volume(input.datum, &shape)?;
        Ok(Some(tvec![Fact::new(input.datum, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let (inferred, shape) = (
            self.inferred(input.shape())?,
            self.shape(input.shape(), optional(inputs, 2))?,
        );
        let count: usize = inferred.iter().product();
        let elements: Vec<f64> = reals(input)?;
        let mut all = vec![0.0; volume(DatumType::F64, &shape)?];
        for (element, place) in elements
            .into_iter()
            .zip(whole_numbers(required(inputs, 1)?)?)
        {
            let known = usize::try_from(place).ok().filter(|place| *place < count);
            let place = known.with_context(|| format!("has place {place} of {count}"))?;
            all[index_of(&coordinates(place, &inferred), &shape)] = element;
        }
        Ok(tvec![
            tensor(&shape, &all)?
                .cast_to_dt(input.datum_type())?
                .into_owned()
        ])
    }
}
