//! Images cut or padded around their centre, <https://onnx.ai/onnx/operators/onnx__CenterCropPad.html>, and the grids of turned
//! ones, <https://onnx.ai/onnx/operators/onnx__AffineGrid.html>.

use super::{Bound, Build, Fact, Kernel, axis_of, floats, required, sizes, tensor_of, volume};
use tract_onnx::tract_hir::internal::*;

pub(super) static OPERATORS: &[(&str, Build)] = &[
    ("AffineGrid", |node| {
        let align = node.flag("align_corners", false);
        Ok(Box::new(AffineGrid { align, size: None }))
    }),
    ("CenterCropPad", |node| {
        let axes = node.has("axes").then(|| node.ints("axes").to_vec());
        Ok(Box::new(CenterCropPad { axes, shape: None }))
    }),
];

/// `CenterCropPad`.
#[derive(Clone, Debug)]
struct CenterCropPad {
    axes: Option<Vec<i64>>,
    /// Sizes of these axes, if they are known before a run.
    shape: Option<Vec<usize>>,
}

impl CenterCropPad {
    fn shape(&self, input: &[usize], wanted: &[usize]) -> TractResult<TVec<usize>> {
        let rank = input.len();
        let axes: Vec<usize> = match &self.axes {
            None => (0..rank).collect(),
            Some(axes) => axes
                .iter()
                .map(|axis| axis_of(*axis, rank))
                .collect::<TractResult<_>>()?,
        };
        ensure!(
            axes.len() == wanted.len(),
            "has {} sizes for {} axes",
            wanted.len(),
            axes.len()
        );
        let mut shape: TVec<usize> = input.into();
        for (axis, size) in axes.into_iter().zip(wanted) {
            shape[axis] = *size;
        }
        Ok(shape)
    }
}

/// Rows of an axis, cut or with zeros around them.
fn centred(input: &[u8], [from, to, inner]: [usize; 3]) -> Vec<u8> {
    let mut result = Vec::with_capacity(input.len() / from * to);
    for block in input.chunks_exact(from * inner) {
        let (cut, added) = (from.saturating_sub(to), to.saturating_sub(from));
        result.resize(result.len() + added / 2 * inner, 0);
        let first = cut / 2 * inner;
        result.extend_from_slice(&block[first..first + from.min(to) * inner]);
        result.resize(result.len() + (added - added / 2) * inner, 0);
    }
    result
}

impl Kernel for CenterCropPad {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        let Some(wanted) = &self.shape else {
            return Ok(None);
        };
        let shape = self.shape(&input.shape, wanted)?;
        volume(input.datum, &shape)?;
        Ok(Some(tvec![Fact::new(input.datum, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let wanted = self
            .shape
            .clone()
            .map_or_else(|| sizes(required(inputs, 1)?), Ok)?;
        let shape = self.shape(input.shape(), &wanted)?;
        volume(input.datum_type(), &shape)?;
        let mut result = Tensor::zero_dt(input.datum_type(), &shape)?;
        if result.len() > 0 && input.len() > 0 {
            let mut bytes = input.as_bytes().to_vec();
            let mut inner = input.datum_type().size_of();
            for (from, to) in input.shape().iter().zip(&shape).rev() {
                if from != to {
                    bytes = centred(&bytes, [*from, *to, inner]);
                }
                inner *= to;
            }
            let target = result.as_bytes_mut();
            ensure!(target.len() == bytes.len(), "lost elements while it cut");
            target.copy_from_slice(&bytes);
        }
        Ok(tvec![result])
    }

    fn binds(&self) -> &'static [usize] {
        &[1]
    }

    fn bind(&self, known: &[Option<&Tensor>]) -> TractResult<Bound> {
        if self.shape.is_some() {
            return Ok(None);
        }
        let shape = Some(sizes(required(known, 1)?)?);
        Ok(Some((
            Box::new(Self {
                shape,
                ..self.clone()
            }),
            tvec![1],
        )))
    }
}

/// `AffineGrid`.
#[derive(Clone, Debug)]
struct AffineGrid {
    /// Whether 1 is the centre of the last element, not its border.
    align: bool,
    /// The shape of the images, if it is known before a run.
    size: Option<Vec<usize>>,
}

impl AffineGrid {
    fn shape(&self, matrices: &[usize], size: &[usize]) -> TractResult<TVec<usize>> {
        let axes = size.len().saturating_sub(2);
        let fits = matrices.len() == 3 && matrices[1..] == [axes, axes + 1];
        let fits = fits && (axes == 2 || axes == 3) && matrices[0] == size[0];
        ensure!(
            fits,
            "turns images of shape {size:?} by matrices of shape {matrices:?}"
        );
        let mut shape: TVec<usize> = tvec![size[0]];
        shape.extend_from_slice(&size[2..]);
        shape.push(axes);
        volume(DatumType::F32, &shape)?;
        Ok(shape)
    }

    /// Where an element is, from -1 to 1.
    #[allow(clippy::cast_precision_loss, reason = "sizes of axes are far smaller")]
    fn place(&self, index: usize, size: usize) -> f64 {
        match (self.align, size) {
            (true, 0 | 1) => 0.0,
            (true, _) => -1.0 + 2.0 * index as f64 / (size as f64 - 1.0),
            (false, _) => -1.0 + (2.0 * index as f64 + 1.0) / size as f64,
        }
    }
}

impl Kernel for AffineGrid {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let matrices = required(inputs, 0)?;
        ensure!(
            matrices.datum.is_float(),
            "turns by {:?}, expected floats",
            matrices.datum
        );
        let Some(size) = &self.size else {
            return Ok(None);
        };
        Ok(Some(tvec![Fact::new(
            matrices.datum,
            self.shape(&matrices.shape, size)?
        )]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let matrices = required(inputs, 0)?;
        let size = self
            .size
            .clone()
            .map_or_else(|| sizes(required(inputs, 1)?), Ok)?;
        let shape = self.shape(matrices.shape(), &size)?;
        let (axes, sizes) = (size.len() - 2, &size[2..]);
        let places: usize = sizes.iter().product();
        let mut result = Vec::with_capacity(shape.iter().product());
        for matrix in floats(matrices)?.chunks_exact(axes * (axes + 1)) {
            for place in 0..places {
                let mut rest = place;
                // From the last axis on, as the matrix has them.
                let at: Vec<f64> = sizes
                    .iter()
                    .rev()
                    .map(|size| {
                        let index = rest % size;
                        rest /= size;
                        self.place(index, *size)
                    })
                    .chain([1.0])
                    .collect();
                result.extend(matrix.chunks_exact(axes + 1).map(|row| {
                    let terms = row
                        .iter()
                        .zip(&at)
                        .map(|(factor, at)| f64::from(*factor) * at);
                    #[allow(
                        clippy::cast_possible_truncation,
                        reason = "rounded to single precision"
                    )]
                    let sum = terms.sum::<f64>() as f32;
                    sum
                }));
            }
        }
        Ok(tvec![tensor_of(matrices.datum_type(), &shape, &result)?])
    }

    fn binds(&self) -> &'static [usize] {
        &[1]
    }

    fn bind(&self, known: &[Option<&Tensor>]) -> TractResult<Bound> {
        if self.size.is_some() {
            return Ok(None);
        }
        let size = Some(sizes(required(known, 1)?)?);
        Ok(Some((
            Box::new(Self {
                size,
                ..self.clone()
            }),
            tvec![1],
        )))
    }
}
