//! Quantisation to 8 and 16 bits.
//!
//! <https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html>. The importer multiplies by the inverse of the scale, which
//! rounds another way where elements lie between two steps, and knows one scale for all elements only.

use super::node::datum_of;
use super::{Fact, Kernel, Node, axis_of, elements, optional, required};
use enshrine_guest_kernels::quantise;
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let block = node.int("block_size").unwrap_or(0);
    Ok(Box::new(QuantizeLinear {
        axis: node.int("axis").unwrap_or(1),
        block: usize::try_from(block).context("attribute 'block_size' is negative")?,
        output: output(node.int("output_dtype").unwrap_or(0))?,
    }))
}

/// `QuantizeLinear`.
#[derive(Debug)]
struct QuantizeLinear {
    axis: i64,
    /// Elements along the axis that share a scale; zero if all do, or each has its own.
    block: usize,
    output: Option<DatumType>,
}

fn output(number: i64) -> TractResult<Option<DatumType>> {
    (number != 0).then(|| datum_of(number)).transpose()
}

/// Least and largest number of a type.
fn range(datum: DatumType) -> TractResult<[f32; 2]> {
    Ok(match datum.unquantized() {
        DatumType::U8 => [0.0, 255.0],
        DatumType::I8 => [-128.0, 127.0],
        DatumType::U16 => [0.0, 65535.0],
        DatumType::I16 => [-32768.0, 32767.0],
        other => bail!("quantises to {other:?}, expected 8 or 16 bits"),
    })
}

impl QuantizeLinear {
    fn datum(&self, zero_point: Option<DatumType>) -> TractResult<DatumType> {
        let datum = zero_point.map(|datum| datum.unquantized());
        match (self.output, datum) {
            (Some(output), Some(zero)) => {
                ensure!(
                    output == zero,
                    "quantises to {output:?}, but its zero point is of {zero:?}"
                );
                Ok(output)
            }
            (output, zero) => Ok(output.or(zero).unwrap_or(DatumType::U8)),
        }
    }

    /// Elements in a row that share a scale, and how many rows share scales after each other: the scale of row `i` is
    /// number `i / repeated % scales` of them, but for blocks.
    fn rows(&self, shape: &[usize], scale: &[usize]) -> TractResult<Rows> {
        let count: usize = scale.iter().product();
        if count == 1 && self.block == 0 {
            return Ok(Rows {
                length: shape.iter().product(),
                block: 1,
                along: 1,
            });
        }
        let axis = axis_of(self.axis, shape.len())?;
        let along = shape[axis];
        let mismatch = || format!("has scales of shape {scale:?} for elements of shape {shape:?}");
        let block = match self.block {
            0 => {
                ensure!(scale == [along], mismatch());
                1
            }
            block => {
                let mut expected = shape.to_vec();
                expected[axis] = along.div_ceil(block);
                ensure!(scale == expected, mismatch());
                block
            }
        };
        Ok(Rows {
            length: shape[axis + 1..].iter().product(),
            block,
            along,
        })
    }
}

/// How scales belong to elements.
struct Rows {
    /// Elements after each other of one place on the axis.
    length: usize,
    /// Places on the axis that share a scale.
    block: usize,
    /// Places on the axis.
    along: usize,
}

impl Kernel for QuantizeLinear {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let elements = required(inputs, 0)?;
        let datum = self.datum(optional(inputs, 2).map(|zero| zero.datum))?;
        range(datum)?;
        self.rows(&elements.shape, &required(inputs, 1)?.shape)?;
        Ok(Some(tvec![Fact::new(datum, elements.shape.clone())]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let datum = self.datum(optional(inputs, 2).map(Tensor::datum_type))?;
        let scale = required(inputs, 1)?;
        let rows = self.rows(input.shape(), scale.shape())?;
        let scales = numbers(scale)?;
        let zeros = optional(inputs, 2).map_or(Ok(vec![0.0]), numbers)?;
        ensure!(
            zeros.len() == scales.len() || zeros.len() == 1,
            "has {} zero points for {} scales",
            zeros.len(),
            scales.len()
        );
        let mut floats = input.cast_to::<f32>()?.into_owned();
        if input.len() > 0 && !scales.is_empty() {
            let range = range(datum)?;
            let mut view = floats.try_as_plain_ram_mut()?;
            let floats = view.as_slice_mut::<f32>()?;
            for (row, floats) in floats.chunks_mut(rows.length.max(1)).enumerate() {
                let place = rows.scale_of(row, scales.len());
                quantise(floats, scales[place], zeros[place % zeros.len()], range);
            }
        }
        Ok(tvec![floats.cast_to_dt(datum)?.into_owned()])
    }
}

fn numbers(tensor: &Tensor) -> TractResult<Vec<f32>> {
    Ok(elements::<f32>(&*tensor.cast_to::<f32>()?)?.to_vec())
}

impl Rows {
    /// Number of the scale that a row of elements has.
    fn scale_of(&self, row: usize, count: usize) -> usize {
        if count == 1 {
            return 0;
        }
        let (before, place) = (row / self.along, row % self.along);
        let blocks = self.along.div_ceil(self.block);
        (before * blocks + place / self.block) % count
    }
}
