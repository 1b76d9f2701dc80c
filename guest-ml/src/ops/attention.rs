//! Attention as one operator.
//!
//! <https://onnx.ai/onnx/operators/onnx__Attention.html>. Steps are those of the function that ONNX defines it by, each rounded
//! to the inputs' element type.

use super::floats::{Real, Steps, ensure_float, from_reals, reals, softmax};
use super::{Fact, Kernel, Node, optional, required, volume, whole_numbers};
use enshrine_guest_kernels::add_product;
use tract_onnx::tract_core::broadcast::multi_broadcast;
use tract_onnx::tract_hir::internal::*;

/// Places of the inputs.
const QUERY: usize = 0;
const KEY: usize = 1;
const VALUE: usize = 2;
const MASK: usize = 3;
const PAST_KEY: usize = 4;
const PAST_VALUE: usize = 5;
const LENGTHS: usize = 6;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let heads = |name| match node.int(name) {
        None => Ok(None),
        Some(count) => usize::try_from(count)
            .map(Some)
            .with_context(|| format!("attribute '{name}' is {count}, expected a count")),
    };
    let window = |name| match node.int(name).unwrap_or(-1) {
        -1 => Ok(None),
        size => u32::try_from(size)
            .map(|size| Some(i64::from(size)))
            .with_context(|| format!("attribute '{name}' is {size}, expected -1 or a count")),
    };
    let exposed = match node.int("qk_matmul_output_mode").unwrap_or(0) {
        0 => Stage::Product,
        1 => Stage::Capped,
        2 => Stage::Biased,
        3 => Stage::Probabilities,
        mode => bail!("attribute 'qk_matmul_output_mode' is {mode}, expected 0 to 3"),
    };
    let precision = match node.int("softmax_precision").unwrap_or(0) {
        0 => None,
        1 => Some(DatumType::F32),
        10 => Some(DatumType::F16),
        11 => Some(DatumType::F64),
        other => bail!("attribute 'softmax_precision' is {other}, expected 1, 10 or 11"),
    };
    Ok(Box::new(Attention {
        scale: node.float("scale"),
        causal: node.flag("is_causal", false),
        heads: [heads("q_num_heads")?, heads("kv_num_heads")?],
        softcap: node.float("softcap").unwrap_or(0.0),
        window: [window("left_window_size")?, window("right_window_size")?],
        exposed,
        precision,
    }))
}

/// What the fourth output shows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Product,
    Capped,
    Biased,
    Probabilities,
}

/// `Attention`.
#[derive(Debug)]
struct Attention {
    scale: Option<f32>,
    causal: bool,
    /// Of the query, and of key and value, where these have three axes.
    heads: [Option<usize>; 2],
    softcap: f32,
    /// How far a query sees to the left and to the right.
    window: [Option<i64>; 2],
    exposed: Stage,
    precision: Option<DatumType>,
}

/// Sizes of a call.
#[derive(Clone, Debug)]
struct Sizes {
    batch: usize,
    /// Heads of the query, and of key and value.
    heads: [usize; 2],
    queries: usize,
    past: usize,
    /// Keys of the past and of now.
    keys: usize,
    /// Elements of a head of query and key, and of value.
    depth: [usize; 2],
    /// Whether heads are side by side in the last of three axes.
    packed: bool,
}

/// Batch, heads, length and elements of a head.
fn split(fact: &Fact, heads: Option<usize>, what: &str) -> TractResult<[usize; 4]> {
    match (&fact.shape[..], heads) {
        ([batch, heads, length, depth], stated) => {
            ensure!(
                stated.is_none_or(|stated| stated == *heads),
                "{what} has {heads} heads, but the node says another number"
            );
            Ok([*batch, *heads, *length, *depth])
        }
        ([batch, length, hidden], Some(heads)) => {
            ensure!(
                hidden % heads == 0,
                "{what} has {hidden} elements, which are not {heads} heads"
            );
            Ok([*batch, heads, *length, hidden / heads])
        }
        ([_, _, _], None) => {
            bail!("{what} has three axes, but the node does not say how many heads there are")
        }
        (shape, _) => bail!("{what} has shape {shape:?}, expected 3 or 4 axes"),
    }
}

impl Attention {
    fn sizes(&self, inputs: &[Option<&Fact>]) -> TractResult<Sizes> {
        let [query, key, value] = [QUERY, KEY, VALUE].map(|place| required(inputs, place));
        let (query, key, value) = (query?, key?, value?);
        for fact in [query, key, value] {
            ensure_float(fact.datum)?;
        }
        ensure!(
            query.datum == key.datum,
            "query and key have different element types"
        );
        let rank = query.shape.len();
        ensure!(
            key.shape.len() == rank && value.shape.len() == rank,
            "query, key and value have different numbers of axes"
        );
        let [batch, query_heads, queries, depth] = split(query, self.heads[0], "the query")?;
        let [key_batch, heads, new, key_depth] = split(key, self.heads[1], "the key")?;
        let [value_batch, value_heads, values, value_depth] =
            split(value, self.heads[1], "the value")?;
        ensure!(
            [key_batch, value_batch] == [batch; 2]
                && value_heads == heads
                && values == new
                && key_depth == depth,
            "query, key and value have shapes {:?}, {:?} and {:?}, which do not fit",
            query.shape,
            key.shape,
            value.shape
        );
        ensure!(
            heads > 0 && query_heads % heads == 0,
            "{query_heads} heads of the query cannot share {heads} of the key"
        );
        let past = match (optional(inputs, PAST_KEY), optional(inputs, PAST_VALUE)) {
            (None, None) => 0,
            (Some(key), Some(value)) => {
                let past = key.shape.get(2).copied().unwrap_or_default();
                let fits = key.shape[..] == [batch, heads, past, depth]
                    && value.shape[..] == [batch, heads, past, value_depth];
                ensure!(
                    fits,
                    "the past has shapes {:?} and {:?}, which do not fit",
                    key.shape,
                    value.shape
                );
                past
            }
            _ => bail!("has a past key or a past value without the other"),
        };
        let sizes = Sizes {
            batch,
            heads: [query_heads, heads],
            queries,
            past,
            keys: past + new,
            depth: [depth, value_depth],
            packed: rank == 3,
        };
        self.check(&sizes, inputs)?;
        Ok(sizes)
    }

    fn check(&self, sizes: &Sizes, inputs: &[Option<&Fact>]) -> TractResult<()> {
        if let Some(mask) = optional(inputs, MASK) {
            let known = matches!(
                mask.datum,
                DatumType::Bool | DatumType::F16 | DatumType::F32 | DatumType::F64
            );
            ensure!(
                known,
                "has a mask of {:?}, expected bool or floats",
                mask.datum
            );
            let mut widened = mask.shape.clone();
            if let Some(last) = widened.last_mut() {
                ensure!(
                    *last <= sizes.keys,
                    "has a mask for {last} keys, but there are {}",
                    sizes.keys
                );
                *last = sizes.keys;
            }
            let all = sizes.scores();
            let stretched: Option<TVec<usize>> = multi_broadcast(&[&widened[..], &all[..]]).ok();
            ensure!(
                stretched.as_deref() == Some(&all[..]),
                "has a mask of shape {:?} for scores of shape {all:?}",
                mask.shape
            );
        }
        if let Some(lengths) = optional(inputs, LENGTHS) {
            ensure!(
                lengths.shape[..] == [sizes.batch],
                "has lengths of shape {:?}, expected [{}]",
                lengths.shape,
                sizes.batch
            );
            ensure!(
                optional(inputs, PAST_KEY).is_none(),
                "has both a past and lengths"
            );
        }
        Ok(())
    }

    fn compute<T: Real>(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let facts: Vec<Option<Fact>> = inputs.iter().map(|input| input.map(Fact::of)).collect();
        let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
        let sizes = self.sizes(&facts)?;
        let datum = required(inputs, QUERY)?.datum_type();
        let value_datum = required(inputs, VALUE)?.datum_type();
        let steps = Steps::of(datum);
        let call = Call::<T> {
            attention: self,
            keys: present(inputs, [KEY, PAST_KEY], &sizes, sizes.depth[0])?,
            values: present(inputs, [VALUE, PAST_VALUE], &sizes, sizes.depth[1])?,
            queries: heads_first(
                reals(required(inputs, QUERY)?)?,
                sizes.packed,
                [sizes.batch, sizes.queries, sizes.heads[0], sizes.depth[0]],
            ),
            bias: self.bias(inputs, &sizes)?,
            scale: self.root_of_scale(sizes.depth[0], steps),
            steps,
            sizes: sizes.clone(),
        };
        let (result, exposed) = call.run()?;
        let [depth, value_depth] = sizes.depth;
        let kept = |length| [sizes.batch, sizes.heads[1], sizes.keys, length];
        let result = from_reals(value_datum, &sizes.result(), result)?;
        Ok(tvec![
            result,
            from_reals(datum, &kept(depth), call.keys)?,
            from_reals(value_datum, &kept(value_depth), call.values)?,
            from_reals(datum, &sizes.scores(), exposed)?,
        ])
    }

    /// Query and key are each multiplied by the root, so that products of half floats do not overflow.
    fn root_of_scale<T: Real>(&self, depth: usize, steps: Steps) -> T {
        #[expect(clippy::cast_precision_loss, reason = "heads are small")]
        let scale = self
            .scale
            .map_or_else(|| 1.0 / (depth as f64).sqrt(), f64::from);
        steps.one(T::of_f64(scale.sqrt()))
    }

    /// What is added to each score.
    fn bias<T: Real>(&self, inputs: &[Option<&Tensor>], sizes: &Sizes) -> TractResult<Vec<T>> {
        let lengths = optional(inputs, LENGTHS).map(whole_numbers).transpose()?;
        let scores = sizes.scores();
        let mut bias = vec![T::ZERO; volume(DatumType::F32, &scores)?];
        if let Some(mask) = optional(inputs, MASK) {
            add_mask(&mut bias, mask, sizes)?;
        }
        if sizes.keys == 0 {
            return Ok(bias);
        }
        for (row, bias) in bias.chunks_exact_mut(sizes.keys).enumerate() {
            let query = row % sizes.queries;
            let batch = row / (sizes.queries * sizes.heads[0]);
            let length = match &lengths {
                Some(lengths) => Some(*lengths.get(batch).context("lacks a length")?),
                None => None,
            };
            let seen = self.seen(query, length, sizes)?;
            for (key, bias) in (0..).zip(bias) {
                if !seen.contains(&key) {
                    *bias += T::NEG_INFINITY;
                }
            }
        }
        Ok(bias)
    }

    /// Which keys a query may look at, whatever the mask says.
    fn seen(
        &self,
        query: usize,
        length: Option<i64>,
        sizes: &Sizes,
    ) -> TractResult<std::ops::Range<i64>> {
        let signed = |size: usize| i64::try_from(size);
        let (query, queries, keys) = (signed(query)?, signed(sizes.queries)?, signed(sizes.keys)?);
        let limit = match length {
            Some(length) => {
                ensure!(
                    (0..=keys).contains(&length),
                    "has {length} keys in use, expected 0 to {keys}"
                );
                length
            }
            None => keys,
        };
        let before = match length {
            Some(length) => length - queries,
            None => signed(sizes.past)?,
        };
        let place = before + query;
        let mut end = limit;
        if self.causal {
            end = end.min(place + 1);
        }
        if let Some(right) = self.window[1] {
            end = end.min(place + right + 1);
        }
        let start = self.window[0].map_or(0, |left| (place - left).max(0));
        Ok(start..end)
    }
}

/// Adds a mask, stretched to the scores; keys that it does not know are not seen.
fn add_mask<T: Real>(bias: &mut [T], mask: &Tensor, sizes: &Sizes) -> TractResult<()> {
    let is_bool = mask.datum_type() == DatumType::Bool;
    let numbers: Vec<T> = reals(mask)?;
    let width = mask.shape().last().copied().unwrap_or(1);
    let before = &mask.shape()[..mask.rank().saturating_sub(1)];
    let scalar = mask.rank() == 0;
    let scores = sizes.scores();
    if sizes.keys == 0 {
        return Ok(());
    }
    for (row, bias) in bias.chunks_exact_mut(sizes.keys).enumerate() {
        let place = stretched(row, &scores[..3], before);
        for (key, bias) in bias.iter_mut().enumerate() {
            let element = match (scalar, key < width) {
                (true, _) => numbers.first(),
                (false, true) => numbers.get(place * width + key),
                (false, false) => None,
            };
            *bias = match element {
                None => T::NEG_INFINITY,
                Some(element) if !is_bool => *element,
                Some(element) if *element == T::ZERO => T::NEG_INFINITY,
                Some(_) => T::ZERO,
            };
        }
    }
    Ok(())
}

/// The place of what is stretched to an element of `all`; its axes are the last ones'.
fn stretched(mut index: usize, all: &[usize], own: &[usize]) -> usize {
    let (mut place, mut stride) = (0, 1);
    let own = own.iter().rev().map(Some).chain(std::iter::repeat(None));
    for (size, own) in all.iter().rev().zip(own) {
        let at = index % size.max(&1);
        index /= size.max(&1);
        if let Some(own) = own {
            place += if *own == 1 { 0 } else { at * stride };
            stride *= own;
        }
    }
    place
}

/// Elements with heads before places, from those with places before heads if they are packed.
fn heads_first<T: Copy>(
    elements: Vec<T>,
    packed: bool,
    [batch, length, heads, depth]: [usize; 4],
) -> Vec<T> {
    if !packed {
        return elements;
    }
    let mut result = Vec::with_capacity(elements.len());
    for batch in 0..batch {
        for head in 0..heads {
            for place in 0..length {
                let start = ((batch * length + place) * heads + head) * depth;
                result.extend_from_slice(&elements[start..start + depth]);
            }
        }
    }
    result
}

/// Keys or values of the past, and those of now after them, head by head.
fn present<T: Real>(
    inputs: &[Option<&Tensor>],
    [now, past]: [usize; 2],
    sizes: &Sizes,
    depth: usize,
) -> TractResult<Vec<T>> {
    let (heads, new) = (sizes.heads[1], sizes.keys - sizes.past);
    let now = reals(required(inputs, now)?)?;
    let now = heads_first(now, sizes.packed, [sizes.batch, new, heads, depth]);
    let Some(past) = optional(inputs, past) else {
        return Ok(now);
    };
    let past: Vec<T> = reals(past)?;
    let mut all = Vec::with_capacity(past.len() + now.len());
    for head in 0..sizes.batch * heads {
        for (part, length) in [(&past, sizes.past), (&now, new)] {
            let size = length * depth;
            all.extend_from_slice(&part[head * size..(head + 1) * size]);
        }
    }
    Ok(all)
}

impl Sizes {
    /// Shape of the scores.
    fn scores(&self) -> [usize; 4] {
        [self.batch, self.heads[0], self.queries, self.keys]
    }

    /// Shape of the result.
    fn result(&self) -> TVec<usize> {
        let [heads, _] = self.heads;
        let [_, depth] = self.depth;
        if self.packed {
            tvec![self.batch, self.queries, heads * depth]
        } else {
            tvec![self.batch, heads, self.queries, depth]
        }
    }
}

/// All that a call computes with, head by head.
struct Call<'a, T> {
    attention: &'a Attention,
    sizes: Sizes,
    queries: Vec<T>,
    keys: Vec<T>,
    values: Vec<T>,
    bias: Vec<T>,
    scale: T,
    steps: Steps,
}

impl<T: Real> Call<'_, T> {
    /// The result, and what the fourth output shows.
    fn run(&self) -> TractResult<(Vec<T>, Vec<T>)> {
        let Sizes {
            batch,
            heads: [heads, shared],
            queries,
            keys,
            depth: [_, depth],
            ..
        } = self.sizes;
        let mut result = vec![T::ZERO; volume(DatumType::F32, &[batch, heads, queries, depth])?];
        let mut exposed = Vec::with_capacity(batch * heads * queries * keys);
        for head in 0..batch * heads {
            let other = (head / heads) * shared + (head % heads) / (heads / shared);
            let mut scores = self.scores(head, other, &mut exposed);
            self.steps.all(&mut scores);
            let part = &mut result[head * queries * depth..(head + 1) * queries * depth];
            let values = &self.values[other * keys * depth..(other + 1) * keys * depth];
            add_product(&scores, values, part, [keys, depth]);
            self.steps.all(part);
        }
        if self.sizes.packed {
            // The other way round: places before heads.
            result = heads_first(result, true, [batch, heads, queries, depth]);
        }
        Ok((result, exposed))
    }

    /// The probabilities of a head of the query.
    fn scores(&self, head: usize, other: usize, exposed: &mut Vec<T>) -> Vec<T> {
        let Sizes {
            queries,
            keys,
            depth: [depth, _],
            ..
        } = self.sizes;
        let scaled = |all: &[T], index: usize, length: usize| -> Vec<T> {
            let part = &all[index * length * depth..(index + 1) * length * depth];
            let scaled = part.iter().map(|element| *element * self.scale);
            scaled.map(|element| self.steps.one(element)).collect()
        };
        let query = scaled(&self.queries, head, queries);
        let key = transposed(&scaled(&self.keys, other, keys), keys, depth);
        let mut scores = vec![T::ZERO; queries * keys];
        add_product(&query, &key, &mut scores, [depth, keys]);
        self.steps.all(&mut scores);
        let mut expose = |stage: Stage, scores: &[T]| {
            if self.attention.exposed == stage {
                exposed.extend_from_slice(scores);
            }
        };
        expose(Stage::Product, &scores);
        self.cap(&mut scores);
        expose(Stage::Capped, &scores);
        let bias = &self.bias[head * queries * keys..(head + 1) * queries * keys];
        for (score, bias) in scores.iter_mut().zip(bias) {
            *score = self.steps.one(*score + *bias);
        }
        expose(Stage::Biased, &scores);
        if keys > 0 {
            let rows = scores.chunks_exact_mut(keys).zip(bias.chunks_exact(keys));
            rows.for_each(|(row, bias)| self.normalise(row, bias));
        }
        expose(Stage::Probabilities, &scores);
        scores
    }

    fn cap(&self, scores: &mut [T]) {
        if self.attention.softcap <= 0.0 {
            return;
        }
        let cap = T::of_f64(f64::from(self.attention.softcap));
        for score in scores {
            let tanh = self.steps.one(self.steps.one(*score / cap).tanh());
            *score = self.steps.one(tanh * cap);
        }
    }

    /// Makes probabilities of a row; zeros where nothing may be seen.
    fn normalise(&self, row: &mut [T], bias: &[T]) {
        if bias.iter().all(|bias| *bias == T::NEG_INFINITY) {
            row.fill(T::ZERO);
            return;
        }
        match self.attention.precision {
            None => softmax(row, self.steps),
            Some(DatumType::F64) => {
                let mut wide: Vec<f64> = row.iter().map(|score| score.to_f64()).collect();
                softmax(&mut wide, Steps::of(DatumType::F64));
                for (score, wide) in row.iter_mut().zip(wide) {
                    *score = T::of_f64(wide);
                }
            }
            Some(datum) => {
                let steps = Steps::of(datum);
                steps.all(row);
                softmax(row, steps);
            }
        }
        self.steps.all(row);
    }
}

fn transposed<T: Real>(matrix: &[T], rows: usize, columns: usize) -> Vec<T> {
    let mut result = vec![T::ZERO; matrix.len()];
    for row in 0..rows {
        for column in 0..columns {
            result[column * rows + row] = matrix[row * columns + column];
        }
    }
    result
}

impl Kernel for Attention {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let sizes = self.sizes(inputs)?;
        let (datum, value_datum) = (
            required(inputs, QUERY)?.datum,
            required(inputs, VALUE)?.datum,
        );
        volume(datum, &sizes.scores())?;
        let kept = |depth: usize| {
            let shape: TVec<usize> = tvec![sizes.batch, sizes.heads[1], sizes.keys, depth];
            shape
        };
        Ok(Some(tvec![
            Fact::new(value_datum, sizes.result()),
            Fact::new(datum, kept(sizes.depth[0])),
            Fact::new(value_datum, kept(sizes.depth[1])),
            Fact::new(datum, &sizes.scores()[..]),
        ]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        match required(inputs, QUERY)?.datum_type() {
            DatumType::F64 => self.compute::<f64>(inputs),
            _ => self.compute::<f32>(inputs),
        }
    }
}
