//! Between floats and 8 or 16 bits.
//!
//! <https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html>, <https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html>.
//! The importer multiplies by the inverse of the scale, which rounds another way where elements lie between two steps,
//! knows neither blocks nor 16 bits, and makes tables between the two that are wrong for operators like softmax.

use super::node::datum_of;
use super::{Bound, Fact, Kernel, Node, axis_of, elements, optional, required, tensor};
use enshrine_guest_kernels::Scales;
use tract_onnx::tract_hir::internal::*;

pub(super) fn quantise(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(QuantizeLinear(Parameters::of(node)?)))
}

pub(super) fn dequantise(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(DequantizeLinear(Parameters::of(node)?)))
}

/// `QuantizeLinear`.
#[derive(Debug)]
struct QuantizeLinear(Parameters);

/// `DequantizeLinear`.
#[derive(Debug)]
struct DequantizeLinear(Parameters);

#[derive(Clone, Debug)]
struct Parameters {
    axis: i64,
    /// Elements along the axis that share a scale; zero if all do, or each has its own.
    block: usize,
    output: Option<DatumType>,
    /// Scales and zero points, if they are the same in all runs.
    known: Option<Arc<Numbers>>,
}

/// Scales and zero points of a node, as numbers.
#[derive(Debug)]
struct Numbers {
    scale: Fact,
    /// Type of the zero points, if there are any.
    zero: Option<DatumType>,
    scales: Vec<f32>,
    zeros: Vec<f32>,
}

impl Numbers {
    fn of(inputs: &[Option<&Tensor>]) -> TractResult<Self> {
        let scale = required(inputs, 1)?;
        let scales = numbers(scale)?;
        let zero = optional(inputs, 2);
        let zeros = zero.map_or(Ok(vec![0.0]), numbers)?;
        let (got, expected) = (zeros.len(), scales.len());
        ensure!(
            got == expected || got == 1,
            "has {got} zero points for {expected} scales"
        );
        Ok(Self {
            scale: Fact::of(scale),
            zero: zero.map(Tensor::datum_type),
            zeros: zeros.into_iter().cycle().take(expected).collect(),
            scales,
        })
    }
}

/// That there are numbers of this type to quantise to.
fn ensure_narrow(datum: DatumType) -> TractResult<()> {
    let narrow = matches!(
        datum.unquantized(),
        DatumType::U8 | DatumType::I8 | DatumType::U16 | DatumType::I16
    );
    ensure!(narrow, "quantises to {datum:?}, expected 8 or 16 bits");
    Ok(())
}

impl Parameters {
    fn of(node: &Node<'_>) -> TractResult<Self> {
        let block = node.int("block_size").unwrap_or(0);
        let output = node.int("output_dtype").filter(|number| *number != 0);
        Ok(Self {
            axis: node.int("axis").unwrap_or(1),
            block: usize::try_from(block).context("attribute 'block_size' is negative")?,
            output: output.map(datum_of).transpose()?,
            known: None,
        })
    }

    /// The same with scales and zero points that are known.
    fn bound(&self, inputs: &[Option<&Tensor>]) -> TractResult<Option<Self>> {
        if self.known.is_some() {
            return Ok(None);
        }
        let known = Some(Arc::new(Numbers::of(inputs)?));
        Ok(Some(Self {
            known,
            ..self.clone()
        }))
    }

    fn numbers(&self, inputs: &[Option<&Tensor>]) -> TractResult<Arc<Numbers>> {
        match &self.known {
            Some(known) => Ok(known.clone()),
            None => Ok(Arc::new(Numbers::of(inputs)?)),
        }
    }

    /// The scale's fact, and the type of the zero points.
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<(Fact, Option<DatumType>)> {
        if let Some(known) = &self.known {
            return Ok((known.scale.clone(), known.zero));
        }
        let zero = optional(inputs, 2).map(|zero| zero.datum);
        Ok((required(inputs, 1)?.clone(), zero))
    }

    /// How scales of this shape belong to elements.
    fn places(&self, shape: &[usize], scale: &[usize]) -> TractResult<Places> {
        let count: usize = scale.iter().product();
        if count == 1 && self.block == 0 {
            return Ok(Places {
                length: shape.iter().product(),
                along: 1,
                block: 1,
            });
        }
        let axis = axis_of(self.axis, shape.len())?;
        let along = shape[axis];
        let mismatch = || format!("has scales of shape {scale:?} for elements of shape {shape:?}");
        if self.block == 0 {
            ensure!(scale == [along], mismatch());
        } else {
            let mut expected = shape.to_vec();
            expected[axis] = along.div_ceil(self.block);
            ensure!(scale == expected, mismatch());
        }
        Ok(Places {
            length: shape[axis + 1..].iter().product(),
            along,
            block: self.block.max(1),
        })
    }

    /// Scales of the elements of a node's first input.
    fn scales(&self, input: &Tensor, numbers: &Numbers) -> TractResult<Scales> {
        let places = self.places(input.shape(), &numbers.scale.shape)?;
        let pairs = numbers.scales.iter().copied();
        let pairs = pairs.zip(numbers.zeros.iter().copied());
        if self.block == 0 {
            return Ok(Scales::new(pairs, places.length));
        }
        // One for each row of elements: blocks of them share one.
        let blocks: Vec<(f32, f32)> = pairs.collect();
        let rows = input.len() / places.length.max(1);
        let of_row = |row: usize| {
            let (before, at) = (row / places.along, row % places.along);
            let per_row = places.along.div_ceil(places.block);
            // Blocks have the axes of the elements, so each element of a row has one of its own.
            let first = (before * per_row + at / places.block) * places.length;
            blocks[first..first + places.length].iter().copied()
        };
        Ok(Scales::new((0..rows).flat_map(of_row), 1))
    }
}

/// How scales belong to elements.
struct Places {
    /// Elements after each other of one place on the axis.
    length: usize,
    /// Places on the axis.
    along: usize,
    /// Places on the axis that share a scale.
    block: usize,
}

fn numbers(tensor: &Tensor) -> TractResult<Vec<f32>> {
    Ok(elements::<f32>(&*tensor.cast_to::<f32>()?)?.to_vec())
}

impl QuantizeLinear {
    fn datum(&self, zero_point: Option<DatumType>) -> TractResult<DatumType> {
        let zero = zero_point.map(|datum| datum.unquantized());
        if let (Some(output), Some(zero)) = (self.0.output, zero) {
            ensure!(
                output == zero,
                "quantises to {output:?}, but its zero point is of {zero:?}"
            );
        }
        Ok(self.0.output.or(zero).unwrap_or(DatumType::U8))
    }
}

impl Kernel for QuantizeLinear {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let elements = required(inputs, 0)?;
        let (scale, zero) = self.0.facts(inputs)?;
        let datum = self.datum(zero)?;
        ensure_narrow(datum)?;
        self.0.places(&elements.shape, &scale.shape)?;
        Ok(Some(tvec![Fact::new(datum, elements.shape.clone())]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let numbers = self.0.numbers(inputs)?;
        let datum = self.datum(numbers.zero)?;
        let scales = self.0.scales(input, &numbers)?;
        let floats = input.cast_to::<f32>()?;
        let floats = elements::<f32>(&floats)?;
        let shape = input.shape();
        let quantised = match datum.unquantized() {
            DatumType::U8 => tensor(shape, &scales.quantise::<u8>(floats)),
            DatumType::I8 => tensor(shape, &scales.quantise::<i8>(floats)),
            DatumType::U16 => tensor(shape, &scales.quantise::<u16>(floats)),
            DatumType::I16 => tensor(shape, &scales.quantise::<i16>(floats)),
            other => bail!("quantises to {other:?}, expected 8 or 16 bits"),
        };
        Ok(tvec![quantised?])
    }

    fn binds(&self) -> &'static [usize] {
        &[1, 2]
    }

    fn bind(&self, known: &[Option<&Tensor>]) -> TractResult<Bound> {
        let bound = self.0.bound(known)?;
        Ok(bound.map(|bound| {
            let kernel: Box<dyn Kernel> = Box::new(Self(bound));
            (kernel, tvec![1, 2])
        }))
    }
}

impl Kernel for DequantizeLinear {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let elements = required(inputs, 0)?;
        let (scale, zero) = self.0.facts(inputs)?;
        ensure!(
            elements.datum.is_integer(),
            "dequantises {:?}, expected integers",
            elements.datum
        );
        if let Some(zero) = zero {
            let (got, expected) = (zero.unquantized(), elements.datum.unquantized());
            ensure!(
                got == expected,
                "has a zero point of {got:?} for {expected:?}"
            );
        }
        super::floats::ensure_float(scale.datum)?;
        self.0.places(&elements.shape, &scale.shape)?;
        let datum = self.0.output.unwrap_or(scale.datum);
        Ok(Some(tvec![Fact::new(datum, elements.shape.clone())]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let numbers = self.0.numbers(inputs)?;
        let scales = self.0.scales(input, &numbers)?;
        let floats = match input.datum_type() {
            DatumType::U8 => scales.dequantise(elements::<u8>(input)?),
            DatumType::I8 => scales.dequantise(elements::<i8>(input)?),
            DatumType::U16 => scales.dequantise(elements::<u16>(input)?),
            DatumType::I16 => scales.dequantise(elements::<i16>(input)?),
            _ => scales.dequantise_whole(&self::numbers(input)?),
        };
        let floats = tensor(input.shape(), &floats)?;
        let datum = self.0.output.unwrap_or(numbers.scale.datum);
        if datum == DatumType::F32 {
            return Ok(tvec![floats]);
        }
        Ok(tvec![floats.cast_to_dt(datum)?.into_owned()])
    }

    fn binds(&self) -> &'static [usize] {
        &[1, 2]
    }

    fn bind(&self, known: &[Option<&Tensor>]) -> TractResult<Bound> {
        let bound = self.0.bound(known)?;
        Ok(bound.map(|bound| {
            let kernel: Box<dyn Kernel> = Box::new(Self(bound));
            (kernel, tvec![1, 2])
        }))
    }
}
