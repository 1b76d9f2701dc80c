//! Counts of sequences of whole numbers.
//!
//! <https://onnx.ai/onnx/operators/onnx__TfIdfVectorizer.html>

use super::{Fact, Kernel, Node, required, tensor, whole_numbers};
use std::collections::BTreeMap;
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    ensure!(
        !node.has("pool_strings"),
        "counts strings: map words to numbers outside the model"
    );
    let count = |name: &str| {
        let value = node.int(name).unwrap_or(-1);
        usize::try_from(value).with_context(|| format!("attribute '{name}' is {value}"))
    };
    let lengths = count("min_gram_length")?..=count("max_gram_length")?;
    ensure!(
        *lengths.start() > 0 && lengths.start() <= lengths.end(),
        "counts sequences of {} to {} numbers",
        lengths.start(),
        lengths.end()
    );
    let places = node.ints("ngram_indexes").iter();
    let places: Vec<usize> = places
        .map(|place| usize::try_from(*place).context("attribute 'ngram_indexes' is negative"))
        .collect::<TractResult<_>>()?;
    let weights = node.floats("weights").to_vec();
    ensure!(
        weights.is_empty() || weights.len() == places.len(),
        "has {} weights for {} sequences",
        weights.len(),
        places.len()
    );
    let width = places.iter().max().map_or(0, |most| most + 1);
    let mut weight_of = vec![1.0; width];
    for (place, weight) in places.iter().zip(weights) {
        weight_of[*place] = weight;
    }
    let (counts, weighted) = match node.string("mode")? {
        Some("TF") => (true, false),
        Some("IDF") => (false, true),
        Some("TFIDF") => (true, true),
        _ => bail!("attribute 'mode' is none of TF, IDF and TFIDF"),
    };
    Ok(Box::new(NGrams {
        known: known(node, &lengths, &places)?,
        lengths,
        skips: count("max_skip_count")?,
        weights: weight_of,
        counts,
        weighted,
    }))
}

/// The columns of the sequences of a pool that are of the right length.
fn known(
    node: &Node<'_>,
    lengths: &std::ops::RangeInclusive<usize>,
    places: &[usize],
) -> TractResult<BTreeMap<Vec<i64>, usize>> {
    let pool = node.ints("pool_int64s");
    let starts = node.ints("ngram_counts").iter().map(|start| {
        let start = usize::try_from(*start).ok();
        start.filter(|start| *start <= pool.len())
    });
    let starts: Option<Vec<usize>> = starts.collect();
    let starts = starts.context("attribute 'ngram_counts' is not within the pool")?;
    let ends = starts.iter().skip(1).copied().chain([pool.len()]);
    let mut known = BTreeMap::new();
    let mut places = places.iter();
    for (length, (start, end)) in (1..).zip(starts.iter().zip(ends)) {
        let part = pool.get(*start..end);
        let part = part.context("attribute 'ngram_counts' is not in order")?;
        for sequence in part.chunks_exact(length) {
            let place = places
                .next()
                .context("has more sequences than 'ngram_indexes'")?;
            if lengths.contains(&length) {
                known.insert(sequence.to_vec(), *place);
            }
        }
    }
    Ok(known)
}

/// `TfIdfVectorizer`.
#[derive(Debug)]
struct NGrams {
    known: BTreeMap<Vec<i64>, usize>,
    lengths: std::ops::RangeInclusive<usize>,
    /// How many numbers may be left out between two of a sequence.
    skips: usize,
    /// Of each column.
    weights: Vec<f32>,
    /// Whether it matters how often a sequence comes.
    counts: bool,
    weighted: bool,
}

impl NGrams {
    /// How often each column's sequences are in a row.
    fn count(&self, row: &[i64]) -> Vec<u32> {
        let mut found = vec![0; self.weights.len()];
        for step in 1..=(self.skips + 1).min(row.len()) {
            // Single numbers have nothing between them to skip.
            let least = if step > 1 { 2 } else { 1 };
            let lengths = (*self.lengths.start()).max(least)..=*self.lengths.end();
            for length in lengths {
                let span = (length - 1).saturating_mul(step);
                for start in 0..row.len().saturating_sub(span) {
                    let sequence = (0..length).map(|index| row[start + index * step]);
                    let sequence: Vec<i64> = sequence.collect();
                    if let Some(place) = self.known.get(&sequence) {
                        found[*place] += 1;
                    }
                }
            }
        }
        found
    }

    fn shape(&self, input: &[usize]) -> TractResult<TVec<usize>> {
        match input {
            [] | [_] => Ok(tvec![self.weights.len()]),
            [rows, _] if *rows > 0 => Ok(tvec![*rows, self.weights.len()]),
            shape => bail!("is given shape {shape:?}, expected a row or several"),
        }
    }
}

impl Kernel for NGrams {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        let whole = matches!(input.datum, DatumType::I32 | DatumType::I64);
        ensure!(whole, "counts {:?}, expected int32 or int64", input.datum);
        let shape = self.shape(&input.shape)?;
        super::volume(DatumType::F32, &shape)?;
        Ok(Some(tvec![Fact::new(DatumType::F32, shape)]))
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are floats to ONNX")]
    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let shape = self.shape(input.shape())?;
        let numbers = whole_numbers(input)?;
        let width = input.shape().last().copied().unwrap_or(1);
        let rows: Vec<&[i64]> = match width {
            0 => vec![&[]; shape.iter().rev().skip(1).product()],
            width => numbers.chunks_exact(width).collect(),
        };
        let mut result = Vec::new();
        for row in rows {
            let counted = self.count(row).into_iter().zip(&self.weights);
            result.extend(counted.map(|(count, weight)| {
                let count = if self.counts { count } else { count.min(1) };
                let weight = if self.weighted { *weight } else { 1.0 };
                count as f32 * weight
            }));
        }
        Ok(tvec![tensor(&shape, &result)?])
    }
}
