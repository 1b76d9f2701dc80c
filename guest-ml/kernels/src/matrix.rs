//! Products of matrices of floats.

use std::ops::{AddAssign, Mul};

/// Rows of the right side that are added at once, so that each sum is loaded and stored less often.
const DEPTH: usize = 4;

/// Adds `left` times `right` to `result`: matrices row by row, of `depth` and `columns` columns.
///
/// Each element is a sum in the order of the columns of `left`, in groups of four.
///
/// # Panics
/// If the slices do not have these sizes.
pub fn add_product<T>(left: &[T], right: &[T], result: &mut [T], [depth, columns]: [usize; 2])
where
    T: Copy + Mul<Output = T> + AddAssign + std::ops::Add<Output = T>,
{
    if depth == 0 || columns == 0 {
        return;
    }
    for (left, result) in left
        .chunks_exact(depth)
        .zip(result.chunks_exact_mut(columns))
    {
        let whole = depth - depth % DEPTH;
        for (left, right) in left[..whole]
            .chunks_exact(DEPTH)
            .zip(right.chunks_exact(DEPTH * columns))
        {
            add_four(left, right, result, columns);
        }
        for (left, right) in left[whole..]
            .iter()
            .zip(right[whole * columns..].chunks_exact(columns))
        {
            for (sum, right) in result.iter_mut().zip(right) {
                *sum += *left * *right;
            }
        }
    }
}

fn add_four<T>(left: &[T], right: &[T], result: &mut [T], columns: usize)
where
    T: Copy + Mul<Output = T> + AddAssign + std::ops::Add<Output = T>,
{
    let (first, rest) = right.split_at(columns);
    let (second, rest) = rest.split_at(columns);
    let (third, fourth) = rest.split_at(columns);
    let rows = first.iter().zip(second).zip(third).zip(fourth);
    for (sum, (((a, b), c), d)) in result.iter_mut().zip(rows) {
        *sum += (left[0] * *a + left[1] * *b) + (left[2] * *c + left[3] * *d);
    }
}
