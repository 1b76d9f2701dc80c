//! Products of matrices of 8-bit integers.
//!
//! <https://onnx.ai/onnx/operators/onnx__MatMulInteger.html>

use super::{Bound, Fact, Kernel, Node, optional, required, tensor, volume};
use enshrine_guest_kernels::Weights;
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(_: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(MatMulInteger { weights: None }))
}

/// `MatMulInteger`.
#[derive(Debug)]
struct MatMulInteger {
    /// The second input, if it is known before a run.
    weights: Option<(Fact, Vec<Weights>)>,
}

/// Matrices of both sides, as numpy multiplies them.
struct Shapes {
    /// Axes before the last two, of each side and of the result.
    batches: [TVec<usize>; 3],
    rows: usize,
    depth: usize,
    columns: usize,
    /// The result's.
    shape: TVec<usize>,
}

impl Shapes {
    fn of(left: &[usize], right: &[usize]) -> TractResult<Self> {
        let mismatch = || format!("cannot multiply matrices of shapes {left:?} and {right:?}");
        let (rows, depth, before) = match left {
            [] => bail!(mismatch()),
            [depth] => (1, *depth, &[][..]),
            [before @ .., rows, depth] => (*rows, *depth, before),
        };
        let (height, columns, beside) = match right {
            [] => bail!(mismatch()),
            [height] => (*height, 1, &[][..]),
            [beside @ .., height, columns] => (*height, *columns, beside),
        };
        ensure!(depth == height, mismatch());
        let batch = tract_onnx::tract_core::broadcast::multi_broadcast(&[before, beside]);
        let batch: TVec<usize> = batch.with_context(mismatch)?;
        let mut shape = batch.clone();
        shape.extend((left.len() > 1).then_some(rows));
        shape.extend((right.len() > 1).then_some(columns));
        Ok(Self {
            batches: [before.into(), beside.into(), batch],
            rows,
            depth,
            columns,
            shape,
        })
    }

    /// Which matrix of a side belongs to one of the result.
    fn place(&self, side: usize, batch: usize) -> usize {
        let [own, all] = [&self.batches[side], &self.batches[2]];
        let (mut rest, mut place, mut stride) = (batch, 0, 1);
        let own = own.iter().rev().map(Some).chain(std::iter::repeat(None));
        for (size, own) in all.iter().rev().zip(own) {
            let index = rest % size;
            rest /= size;
            let Some(own) = own else { continue };
            place += if *own == 1 { 0 } else { index * stride };
            stride *= own;
        }
        place
    }
}

impl Kernel for MatMulInteger {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let left = required(inputs, 0)?;
        let right = match &self.weights {
            Some((fact, _)) => fact,
            None => required(inputs, 1)?,
        };
        for side in [left, right] {
            let is_narrow = matches!(side.datum.unquantized(), DatumType::U8 | DatumType::I8);
            ensure!(
                is_narrow,
                "multiplies {:?}, expected 8-bit integers",
                side.datum
            );
        }
        let shapes = Shapes::of(&left.shape, &right.shape)?;
        volume(DatumType::I32, &shapes.shape)?;
        Ok(Some(tvec![Fact::new(DatumType::I32, shapes.shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let left = required(inputs, 0)?;
        let packed;
        let (right, weights) = match &self.weights {
            Some((fact, weights)) => (fact, weights),
            None => {
                packed = pack(required(inputs, 1)?, optional(inputs, 3))?;
                (&packed.0, &packed.1)
            }
        };
        let shapes = Shapes::of(left.shape(), &right.shape)?;
        let count = volume(DatumType::I32, &shapes.shape)?;
        let mut result = vec![0; count];
        let (rows, columns, depth) = (shapes.rows, shapes.columns, shapes.depth);
        let zero_points = zero_points(optional(inputs, 2), rows)?;
        let left = widened(left)?;
        let size = rows * columns;
        if size > 0 {
            for (batch, result) in result.chunks_mut(size).enumerate() {
                let start = shapes.place(0, batch) * rows * depth;
                let left = &left[start..start + rows * depth];
                let weights = weights.get(shapes.place(1, batch));
                let weights = weights.context("has fewer weights than results")?;
                weights.multiply(left, &zero_points, result);
            }
        }
        Ok(tvec![tensor(&shapes.shape, &result)?])
    }

    fn bind(&self, known: &[Option<&Tensor>]) -> TractResult<Bound> {
        let weights = optional(known, 1);
        let (Some(weights), None) = (weights, &self.weights) else {
            return Ok(None);
        };
        let bound = Self {
            weights: Some(pack(weights, optional(known, 3))?),
        };
        Ok(Some((Box::new(bound), tvec![1, 3])))
    }

    fn binds(&self) -> &'static [usize] {
        &[1, 3]
    }
}

/// All matrices of a tensor, and its fact.
fn pack(tensor: &Tensor, zero_point: Option<&Tensor>) -> TractResult<(Fact, Vec<Weights>)> {
    let fact = Fact::of(tensor);
    let (depth, columns) = match &fact.shape[..] {
        [] => bail!("multiplies a scalar, expected a matrix"),
        [depth] => (*depth, 1),
        [.., depth, columns] => (*depth, *columns),
    };
    let zero_points = zero_points(zero_point, columns)?;
    let unsigned = fact.datum.unquantized() == DatumType::U8;
    let shift = if unsigned { 128 } else { 0 };
    let all = widened(tensor)?;
    let matrix = |matrix: &[i16]| Weights::pack(matrix, [depth, columns], shift, &zero_points);
    let size = depth * columns;
    let matrices = match size {
        0 => {
            let count = fact.shape[..fact.shape.len().saturating_sub(2)]
                .iter()
                .product();
            (0..count).map(|_| matrix(&[])).collect()
        }
        size => all.chunks(size).map(matrix).collect(),
    };
    Ok((fact, matrices))
}

/// The elements of 8 bits with 16.
fn widened(tensor: &Tensor) -> TractResult<Vec<i16>> {
    let wide = match tensor.datum_type().unquantized() {
        DatumType::U8 => {
            let narrow = tensor.as_bytes();
            narrow.iter().map(|element| i16::from(*element)).collect()
        }
        DatumType::I8 => {
            let narrow = tensor.as_bytes();
            let signed = narrow.iter().map(|element| element.cast_signed());
            signed.map(i16::from).collect()
        }
        other => bail!("is given {other:?}, expected 8-bit integers"),
    };
    Ok(wide)
}

/// One zero point, or as many as there are rows or columns.
fn zero_points(given: Option<&Tensor>, count: usize) -> TractResult<Vec<i16>> {
    let Some(given) = given else {
        return Ok(vec![0]);
    };
    let points = widened(given)?;
    let fits = points.len() == 1 || points.len() == count;
    ensure!(
        fits && !points.is_empty(),
        "has {} zero points, expected 1 or {count}",
        points.len()
    );
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::super::elements;
    use super::*;

    fn naive(left: &[i16], right: &[i16], [rows, depth, columns]: [usize; 3]) -> Vec<i32> {
        let product = |row: usize, column: usize| {
            let terms = (0..depth)
                .map(|k| i32::from(left[row * depth + k]) * i32::from(right[k * columns + column]));
            terms.sum()
        };
        let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        places.map(|(row, column)| product(row, column)).collect()
    }

    #[test]
    fn products_are_those_of_school() -> TractResult<()> {
        let mut seed = 7_u32;
        let mut random = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()[0]
        };
        for [rows, depth, columns] in [
            [1, 1, 1],
            [2, 8, 4],
            [3, 9, 5],
            [5, 31, 7],
            [4, 0, 3],
            [0, 2, 2],
        ] {
            let left: Vec<u8> = (0..rows * depth).map(|_| random()).collect();
            let right: Vec<u8> = (0..depth * columns).map(|_| random()).collect();
            let [zero_left, zero_right] = [random(), random()];
            let less = |all: &[u8], zero: u8| {
                let all = all.iter().map(|one| i16::from(*one) - i16::from(zero));
                all.collect::<Vec<_>>()
            };
            let expected = naive(
                &less(&left, zero_left),
                &less(&right, zero_right),
                [rows, depth, columns],
            );
            let left = tensor(&[rows, depth], &left)?;
            let right = tensor(&[depth, columns], &right)?;
            let zeros = [tensor(&[], &[zero_left])?, tensor(&[], &[zero_right])?];
            let inputs = [Some(&left), Some(&right), Some(&zeros[0]), Some(&zeros[1])];
            let plain = MatMulInteger { weights: None };
            let got = plain.eval(&inputs)?;
            assert_eq!(elements::<i32>(&got[0])?, expected);
            let bound = plain.bind(&[None, Some(&right), None, Some(&zeros[1])])?;
            let (bound, _) = bound.context("weights are bound")?;
            let got = bound.eval(&[Some(&left), None, Some(&zeros[0]), None])?;
            assert_eq!(elements::<i32>(&got[0])?, expected);
        }
        Ok(())
    }

    #[test]
    fn batches_are_stretched() -> TractResult<()> {
        let left = tensor(&[2, 1, 2, 3], &(0..12_u8).collect::<Vec<_>>())?;
        let right = tensor(&[2, 3, 1], &[1_i8, 2, 3, -1, -2, -3])?;
        let got = MatMulInteger { weights: None }.eval(&[Some(&left), Some(&right)])?;
        assert_eq!(got[0].shape(), [2, 2, 2, 1]);
        assert_eq!(
            elements::<i32>(&got[0])?,
            [8, 26, -8, -26, 44, 62, -44, -62]
        );
        Ok(())
    }
}
