//! Products of matrices of floats.

use std::ops::{AddAssign, Mul};

/// Columns whose sums are kept in registers.
const WIDE: usize = 32;

/// The same at the end of a row.
const NARROW: usize = 8;

/// A float that there are matrices of.
pub trait Element: Copy + Default + Mul<Output = Self> + AddAssign {
    // Of each type and not of any, so that it is compiled here, for speed.
    /// [`add_product`].
    fn add_product(left: &[Self], right: &[Self], result: &mut [Self], sizes: [usize; 2]);
}

macro_rules! element {
    ($($float:ty),*) => {$(
        impl Element for $float {
            fn add_product(left: &[Self], right: &[Self], result: &mut [Self], sizes: [usize; 2]) {
                add_rows(left, right, result, sizes);
            }
        }
    )*};
}

element!(f32, f64);

/// Adds `left` times `right` to `result`: matrices row by row, of `depth` and `columns` columns.
///
/// Each element is a sum in the order of the columns of `left`, and added at the end.
///
/// # Panics
/// If the slices do not have these sizes.
pub fn add_product<T: Element>(left: &[T], right: &[T], result: &mut [T], sizes: [usize; 2]) {
    T::add_product(left, right, result, sizes);
}

#[inline(always)]
fn add_rows<T: Element>(left: &[T], right: &[T], result: &mut [T], [depth, columns]: [usize; 2]) {
    if depth == 0 || columns == 0 {
        return;
    }
    let right = &right[..depth * columns];
    let rows = left.chunks_exact(depth);
    for (left, result) in rows.zip(result.chunks_exact_mut(columns)) {
        let (wide, rest) = result.as_chunks_mut::<WIDE>();
        let (narrow, rest) = rest.as_chunks_mut::<NARROW>();
        let (single, _) = rest.as_chunks_mut::<1>();
        let mut start = 0;
        add_blocks(left, right, wide, columns, &mut start);
        add_blocks(left, right, narrow, columns, &mut start);
        add_blocks(left, right, single, columns, &mut start);
    }
}

/// Adds the products of a row and some columns, from `start` on, and moves it behind them.
#[inline(always)]
fn add_blocks<T: Element, const SIZE: usize>(
    left: &[T],
    right: &[T],
    result: &mut [[T; SIZE]],
    columns: usize,
    start: &mut usize,
) {
    for result in result {
        let mut sums = [T::default(); SIZE];
        let mut rest = &right[*start..];
        for left in left {
            // The last row is cut short, but never within a block.
            let Some(row) = rest.first_chunk::<SIZE>() else {
                break;
            };
            for (sum, right) in sums.iter_mut().zip(row) {
                *sum += *left * *right;
            }
            rest = rest.get(columns..).unwrap_or_default();
        }
        for (result, sum) in result.iter_mut().zip(sums) {
            *result += sum;
        }
        *start += SIZE;
    }
}

#[cfg(test)]
mod tests {
    use super::add_product;

    #[test]
    fn products_are_those_of_school() {
        for [rows, depth, columns] in [[1, 1, 1], [2, 3, 41], [3, 5, 72], [2, 0, 9], [4, 2, 8]] {
            let number = |place: usize| f64::from(u8::try_from(place % 13).unwrap_or(0)) - 6.0;
            let left: Vec<f64> = (0..rows * depth).map(number).collect();
            let right: Vec<f64> = (0..depth * columns)
                .map(|place| number(place * 7))
                .collect();
            let mut result = vec![1.0; rows * columns];
            add_product(&left, &right, &mut result, [depth, columns]);
            for (place, got) in result.iter().enumerate() {
                let (row, column) = (place / columns, place % columns);
                let products =
                    (0..depth).map(|at| left[row * depth + at] * right[at * columns + column]);
                let expected = 1.0 + products.sum::<f64>();
                assert!(
                    (got - expected).abs() < 1e-12,
                    "{rows} {depth} {columns}, {place}"
                );
            }
        }
    }
}
