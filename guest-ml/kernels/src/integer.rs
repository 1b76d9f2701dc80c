//! Products of matrices of 8-bit integers.
//!
//! Elements are widened to 16 bits less their zero point, and products are summed in pairs to 32 bits, for which WASM has
//! one instruction (`i32x4.dot_i16x8_s`). Sums wrap, so their order does not matter.

use super::lanes::Sums;

/// Columns that are computed at once, with [`ROWS`] rows: as many sums as processors have registers for.
const COLUMNS: usize = 4;

/// Rows that are computed at once.
const ROWS: usize = 2;

/// Elements of a vector of bytes.
pub(crate) const LANES: usize = 16;

/// A matrix in the order in which products read it.
#[derive(Clone, Debug)]
pub struct Weights {
    depth: usize,
    columns: usize,
    /// For each four columns, for each sixteen rows: the elements of each column.
    blocks: Vec<[[i8; LANES]; COLUMNS]>,
    /// What each column's elements stand for less than they are.
    zero_points: Vec<i32>,
}

impl Weights {
    /// Packs a matrix, row by row, of elements from `shift - 128` to `shift + 127`: 0 for signed bytes, 128 for unsigned ones.
    /// `zero_points` are what stands for zero, one or as many as columns.
    pub fn pack(
        matrix: &[i16],
        [depth, columns]: [usize; 2],
        shift: i16,
        zero_points: &[i16],
    ) -> Self {
        let shifted = zero_points.iter().map(|zero| i32::from(*zero - shift));
        Self {
            depth,
            columns,
            blocks: blocks(matrix, columns, depth, shift),
            zero_points: shifted.collect(),
        }
    }

    /// Overwrites `result` with rows of `left`, less their zero points, times this matrix. `zero_points` are those of the
    /// rows, one or as many as there are.
    ///
    /// # Panics
    /// If the slices do not have the sizes that the matrix asks for.
    pub fn multiply(&self, left: &[i16], zero_points: &[i16], result: &mut [i32]) {
        let length = self.depth.div_ceil(LANES);
        let mut rows: [Row; ROWS] = std::array::from_fn(|_| Row::new(length));
        let count = result.len() / self.columns.max(1);
        for first in (0..count).step_by(ROWS) {
            let last = count.min(first + ROWS);
            for (row, index) in rows.iter_mut().zip(first..last) {
                let zero = zero_points[index % zero_points.len()];
                row.take(&left[index * self.depth..(index + 1) * self.depth], zero);
            }
            let result = &mut result[first * self.columns..last * self.columns];
            self.multiply_rows(&rows, length, result);
        }
    }

    fn multiply_rows(&self, rows: &[Row; ROWS], length: usize, result: &mut [i32]) {
        let [one, two] = rows;
        // Without depth there are no blocks, and sums of nothing.
        let blocks = self.blocks.chunks(length.max(1));
        for (block, first) in blocks.zip((0..self.columns).step_by(COLUMNS)) {
            let mut sums = [[Sums::ZERO; COLUMNS]; ROWS];
            for ((one, two), block) in one.elements.iter().zip(&two.elements).zip(block) {
                for (column, weights) in block.iter().enumerate() {
                    sums[0][column].add_products(one, weights);
                    sums[1][column].add_products(two, weights);
                }
            }
            let places = (first..self.columns).take(COLUMNS).enumerate();
            for (column, place) in places {
                let zero = self.zero_points[place % self.zero_points.len()];
                for ((sums, row), result) in
                    sums.iter().zip(rows).zip(result.chunks_mut(self.columns))
                {
                    let correction = row.sum.wrapping_mul(zero);
                    result[place] = sums[column].total().wrapping_sub(correction);
                }
            }
        }
    }
}

/// A row of the left matrix, less its zero point, with zeros behind it.
struct Row {
    elements: Vec<[i16; LANES]>,
    sum: i32,
}

impl Row {
    fn new(length: usize) -> Self {
        Self {
            elements: vec![[0; LANES]; length],
            sum: 0,
        }
    }

    fn take(&mut self, row: &[i16], zero: i16) {
        self.sum = 0;
        for (target, source) in self.elements.iter_mut().zip(row.chunks(LANES)) {
            for (target, source) in target.iter_mut().zip(source) {
                *target = source - zero;
                self.sum = self.sum.wrapping_add(i32::from(*target));
            }
        }
    }
}

fn blocks(matrix: &[i16], columns: usize, depth: usize, shift: i16) -> Vec<[[i8; LANES]; COLUMNS]> {
    let length = depth.div_ceil(LANES);
    // Columns and rows behind the last are zeros, and what they are multiplied with is, or is not read.
    let mut blocks = vec![[[0; LANES]; COLUMNS]; columns.div_ceil(COLUMNS) * length];
    for (row, elements) in matrix.chunks(columns.max(1)).enumerate() {
        for (column, element) in elements.iter().enumerate() {
            let block = &mut blocks[column / COLUMNS * length + row / LANES];
            // INVARIANT: within 8 bits, for it was, and `shift` moves the unsigned range to the signed one.
            block[column % COLUMNS][row % LANES] = i8::try_from(element - shift).unwrap_or(0);
        }
    }
    blocks
}
