//! Resizing along axes, each by itself.
//!
//! <https://onnx.ai/onnx/operators/onnx__Resize.html>. Where the specification and ONNX Runtime take another length for the
//! result, which a scale may leave fractional, it is refused.

mod weights;

use super::floats::{from_reals, reals};
use super::rearrange::{coordinates, gathered, index_of};
use super::{Fact, Kernel, Node, axis_of, optional, required, volume};
use tract_onnx::tract_hir::internal::*;
use weights::{Coordinates, Mode, Nearest, Row, Weights};

/// The operator set in which a resize had two inputs.
const TWO_INPUTS: i64 = 10;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let old = node.version() <= TWO_INPUTS;
    let coordinates = match node.string("coordinate_transformation_mode")? {
        None if old => Coordinates::Asymmetric,
        None | Some("half_pixel") => Coordinates::HalfPixel,
        Some("half_pixel_symmetric") => Coordinates::HalfPixelSymmetric,
        Some("pytorch_half_pixel") => Coordinates::PytorchHalfPixel,
        Some("tf_half_pixel_for_nn") => Coordinates::TensorflowHalfPixel,
        Some("align_corners") => Coordinates::AlignCorners,
        Some("asymmetric") => Coordinates::Asymmetric,
        Some("tf_crop_and_resize") => Coordinates::Crop,
        Some(other) => bail!("attribute 'coordinate_transformation_mode' is '{other}'"),
    };
    let nearest = match node.string("nearest_mode")?.unwrap_or("round_prefer_floor") {
        "round_prefer_floor" => Nearest::RoundPreferFloor,
        "round_prefer_ceil" => Nearest::RoundPreferCeil,
        "floor" => Nearest::Floor,
        "ceil" => Nearest::Ceil,
        other => bail!("attribute 'nearest_mode' is '{other}', which is unknown"),
    };
    let antialias = node.flag("antialias", false);
    let mode = match node.string("mode")?.unwrap_or("nearest") {
        "nearest" if antialias => bail!("takes the nearest element, which cannot be antialiased"),
        "nearest" => Mode::Nearest(nearest),
        "linear" | "bilinear" => Mode::Linear { antialias },
        "cubic" => Mode::Cubic {
            antialias,
            coefficient: f64::from(node.float("cubic_coeff_a").unwrap_or(-0.75)),
        },
        other => bail!("attribute 'mode' is '{other}', which is unknown"),
    };
    let policy = match node
        .string("keep_aspect_ratio_policy")?
        .unwrap_or("stretch")
    {
        "stretch" => Policy::Stretch,
        "not_larger" => Policy::NotLarger,
        "not_smaller" => Policy::NotSmaller,
        other => bail!("attribute 'keep_aspect_ratio_policy' is '{other}', which is unknown"),
    };
    Ok(Box::new(Resize {
        places: if old {
            [None, Some(1), None]
        } else {
            [Some(1), Some(2), Some(3)]
        },
        weights: Weights {
            mode,
            coordinates,
            exclude_outside: node.flag("exclude_outside", false),
        },
        axes: node.has("axes").then(|| node.ints("axes").to_vec()),
        policy,
        extrapolation: f64::from(node.float("extrapolation_value").unwrap_or(0.0)),
    }))
}

/// `Resize`.
#[derive(Debug)]
struct Resize {
    /// Of the inputs with the region, the scales and the sizes.
    places: [Option<usize>; 3],
    weights: Weights,
    axes: Option<Vec<i64>>,
    policy: Policy,
    /// What is outside the region.
    extrapolation: f64,
}

/// Which of the scales of several axes is taken for all.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Policy {
    Stretch,
    NotLarger,
    NotSmaller,
}

/// How an axis is resized.
#[derive(Clone, Debug)]
struct Axis {
    axis: usize,
    /// Elements before and after.
    from: usize,
    to: usize,
    scale: f64,
    region: [f64; 2],
}

impl Resize {
    /// How each axis is resized: nothing as long as an input that says it is not known.
    fn axes<'a>(
        &self,
        shape: &[usize],
        value: impl Fn(usize) -> Option<Option<&'a Tensor>>,
    ) -> TractResult<Option<Vec<Axis>>> {
        let given = |place: Option<usize>| -> TractResult<Option<Vec<f64>>> {
            let Some(tensor) = place.and_then(&value) else {
                return Ok(Some(vec![]));
            };
            tensor.map(reals::<f64>).transpose()
        };
        let [region, scales, sizes] = self.places.map(given);
        let (Some(region), Some(scales), Some(sizes)) = (region?, scales?, sizes?) else {
            return Ok(None);
        };
        let rank = shape.len();
        let places: TVec<usize> = match &self.axes {
            Some(axes) => axes
                .iter()
                .map(|axis| axis_of(*axis, rank))
                .collect::<TractResult<_>>()?,
            None => (0..rank).collect(),
        };
        let behind = self.axes.iter().flatten().any(|axis| *axis < 0);
        ensure!(
            !behind || self.policy == Policy::Stretch,
            "attribute 'axes' counts from the end, which runtimes do not agree on"
        );
        let count = places.len();
        let distinct = (0..count).all(|index| !places[..index].contains(&places[index]));
        ensure!(distinct, "attribute 'axes' names an axis twice");
        ensure!(
            scales.is_empty() != sizes.is_empty(),
            "expected either scales or sizes"
        );
        for (what, numbers) in [("scales", &scales), ("sizes", &sizes)] {
            let got = numbers.len();
            ensure!(
                got == 0 || got == count,
                "has {what} of {got} axes, expected {count}"
            );
        }
        let crops = self.weights.coordinates == Coordinates::Crop;
        ensure!(
            !crops || region.len() == 2 * count,
            "has a region of {} numbers, expected {}",
            region.len(),
            2 * count
        );
        let mut axes: Vec<Axis> = Vec::with_capacity(count);
        for (index, axis) in places.iter().copied().enumerate() {
            let from = shape[axis];
            let (scale, to) = if sizes.is_empty() {
                let scale = scales[index];
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_precision_loss,
                    reason = "as ONNX Runtime"
                )]
                let to = (scale as f32 * from as f32).floor();
                (scale, f64::from(to))
            } else {
                (sizes[index] / float(from), sizes[index])
            };
            let region = if crops {
                [region[index], region[count + index]]
            } else {
                [0.0, 1.0]
            };
            axes.push(Axis {
                axis,
                from,
                to: size(to)?,
                scale,
                region,
            });
        }
        if !sizes.is_empty() && self.policy != Policy::Stretch {
            self.keep_ratio(&mut axes)?;
        }
        for axis in &axes {
            self.check(axis)?;
        }
        Ok(Some(axes))
    }

    fn keep_ratio(&self, axes: &mut [Axis]) -> TractResult<()> {
        let scales = axes.iter().map(|axis| axis.scale);
        let scale = match self.policy {
            Policy::NotLarger => scales.fold(f64::INFINITY, f64::min),
            _ => scales.fold(0.0, f64::max),
        };
        for axis in axes {
            axis.scale = scale;
            axis.to = size((scale * float(axis.from) + 0.5).floor())?;
        }
        Ok(())
    }

    fn check(&self, axis: &Axis) -> TractResult<()> {
        let Axis {
            from, to, scale, ..
        } = axis;
        let possible = *scale > 0.0 && scale.is_finite();
        ensure!(possible || *to == 0, "{scale} is no factor to resize by");
        ensure!(
            *from > 0 || *to == 0,
            "resizes an axis without elements to {to}"
        );
        let by_length = matches!(
            self.weights.coordinates,
            Coordinates::AlignCorners | Coordinates::Crop
        );
        let whole = (scale * float(*from) - float(*to)).abs() < 1e-4;
        ensure!(
            !by_length || whole || scale == &1.0,
            "resizes {from} elements by {scale}, which runtimes do not agree on: make the product whole, or give sizes"
        );
        Ok(())
    }

    fn shape(&self, shape: &[usize], axes: &[Axis]) -> TVec<usize> {
        let mut shape: TVec<usize> = shape.into();
        for axis in axes {
            shape[axis.axis] = axis.to;
        }
        shape
    }

    fn rows(&self, axis: &Axis) -> Vec<Row> {
        let Axis {
            from,
            to,
            scale,
            region,
            ..
        } = axis;
        (0..*to)
            .map(|index| self.weights.row(index, *from, *to, *scale, *region))
            .collect()
    }

    /// The nearest elements, of any type.
    fn nearest(&self, input: &Tensor, axes: &[Axis]) -> TractResult<Tensor> {
        let shape = self.shape(input.shape(), axes);
        let rows: Vec<(usize, Vec<Row>)> = axes
            .iter()
            .map(|axis| (axis.axis, self.rows(axis)))
            .collect();
        let outside = |at: &[usize]| rows.iter().any(|(axis, rows)| rows[at[*axis]].outside);
        let places = (0..shape.iter().product::<usize>()).map(|index| {
            let mut at = coordinates(index, &shape);
            for (axis, rows) in &rows {
                at[*axis] = rows[at[*axis]].first();
            }
            index_of(&at, input.shape())
        });
        let result = gathered(input, &shape, places)?;
        if !rows
            .iter()
            .any(|(_, rows)| rows.iter().any(|row| row.outside))
        {
            return Ok(result);
        }
        let mut numbers = reals::<f64>(&result)?;
        for (index, number) in numbers.iter_mut().enumerate() {
            if outside(&coordinates(index, &shape)) {
                *number = self.extrapolation;
            }
        }
        from_reals(input.datum_type(), &shape, numbers)
    }

    fn interpolated(&self, input: &Tensor, axes: &[Axis]) -> TractResult<Tensor> {
        let mut numbers: Vec<f32> = Vec::new();
        let mut wide: Vec<f64> = Vec::new();
        let is_wide = input.datum_type() == DatumType::F64;
        if is_wide {
            wide = reals(input)?;
        } else {
            numbers = reals(input)?;
        }
        let mut shape: TVec<usize> = input.shape().into();
        for axis in axes {
            let rows = self.rows(axis);
            let inner: usize = shape[axis.axis + 1..].iter().product();
            let sizes = [axis.from, inner];
            if is_wide {
                wide = weights::apply(&wide, &rows, sizes, self.extrapolation);
            } else {
                #[allow(clippy::cast_possible_truncation, reason = "it was a single float")]
                let outside = self.extrapolation as f32;
                numbers = weights::apply(&numbers, &rows, sizes, outside);
            }
            shape[axis.axis] = axis.to;
        }
        if is_wide {
            from_reals(input.datum_type(), &shape, wide)
        } else {
            from_reals(input.datum_type(), &shape, numbers)
        }
    }
}

fn float(size: usize) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "sizes are of 32 bits")]
    let float = size as f64;
    float
}

fn size(number: f64) -> TractResult<usize> {
    let possible = (0.0..=f64::from(i32::MAX)).contains(&number) && number.fract() == 0.0;
    ensure!(possible, "resizes to {number} elements");
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number in the range"
    )]
    let size = number as usize;
    Ok(size)
}

impl Kernel for Resize {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        let interpolates = !matches!(self.weights.mode, Mode::Nearest(_));
        ensure!(
            !interpolates || input.datum.is_float(),
            "interpolates {:?}, expected floats",
            input.datum
        );
        let value = |place: usize| Some(optional(inputs, place)?.value.as_deref());
        let Some(axes) = self.axes(&input.shape, value)? else {
            return Ok(None);
        };
        let shape = self.shape(&input.shape, &axes);
        volume(input.datum, &shape)?;
        Ok(Some(tvec![Fact::new(input.datum, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let value = |place: usize| Some(Some(optional(inputs, place)?));
        let axes = self.axes(input.shape(), value)?;
        let mut axes = axes.context("lacks scales and sizes")?;
        volume(input.datum_type(), &self.shape(input.shape(), &axes))?;
        axes.retain(|axis| axis.from != axis.to || axis.scale != 1.0 || axis.region != [0.0, 1.0]);
        let result = match self.weights.mode {
            Mode::Nearest(_) => self.nearest(input, &axes)?,
            _ => {
                ensure!(
                    input.datum_type().is_float(),
                    "interpolates other than floats"
                );
                self.interpolated(input, &axes)?
            }
        };
        Ok(tvec![result])
    }
}
