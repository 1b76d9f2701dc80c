//! Determinants of square matrices.
//!
//! <https://onnx.ai/onnx/operators/onnx__Det.html>

use super::floats::{ensure_float, from_reals, reals};
use super::{Fact, Kernel, Node, required};
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(_: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(Determinant))
}

/// `Det`.
#[derive(Debug)]
struct Determinant;

/// By elimination, with the largest element of a column as its pivot.
fn determinant(matrix: &mut [f64], size: usize) -> f64 {
    let mut product = 1.0;
    for column in 0..size {
        let rows = column..size;
        let larger = |left: &usize, right: &usize| {
            let of = |row: &usize| matrix[row * size + column].abs();
            of(left).total_cmp(&of(right))
        };
        let Some(pivot) = rows.max_by(larger) else {
            return product;
        };
        if pivot != column {
            for place in 0..size {
                matrix.swap(pivot * size + place, column * size + place);
            }
            product = -product;
        }
        let head = matrix[column * size + column];
        product *= head;
        if head == 0.0 {
            return product;
        }
        for row in column + 1..size {
            let factor = matrix[row * size + column] / head;
            for place in column..size {
                matrix[row * size + place] -= factor * matrix[column * size + place];
            }
        }
    }
    product
}

impl Kernel for Determinant {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        ensure_float(input.datum)?;
        match &input.shape[..] {
            [before @ .., rows, columns] if rows == columns => {
                Ok(Some(tvec![Fact::new(input.datum, before)]))
            }
            shape => bail!("is given shape {shape:?}, expected square matrices"),
        }
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let (before, size) = match input.shape() {
            [before @ .., _, size] => (before, *size),
            shape => bail!("is given shape {shape:?}, expected square matrices"),
        };
        let mut all: Vec<f64> = reals(input)?;
        let count: usize = before.iter().product();
        let results = match size {
            0 => vec![1.0; count],
            _ => {
                let matrices = all.chunks_exact_mut(size * size);
                matrices.map(|matrix| determinant(matrix, size)).collect()
            }
        };
        Ok(tvec![from_reals(input.datum_type(), before, results)?])
    }
}
