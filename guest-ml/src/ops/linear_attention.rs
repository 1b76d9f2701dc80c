//! Linear attention, token by token.
//!
//! <https://onnx.ai/onnx/operators/onnx__LinearAttention.html>

use super::floats::{ensure_float, from_reals, reals};
use super::{Fact, Kernel, Node, optional, required, volume};
use tract_onnx::tract_hir::internal::*;

const QUERY: usize = 0;
const KEY: usize = 1;
const VALUE: usize = 2;
const STATE: usize = 3;
const DECAY: usize = 4;
const RATE: usize = 5;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let heads = |name| {
        let count = node.int(name).unwrap_or(0);
        let heads = usize::try_from(count).ok().filter(|heads| *heads > 0);
        heads.with_context(|| format!("attribute '{name}' is {count}, expected a count"))
    };
    let (gated, delta) = match node.string("update_rule")?.unwrap_or("gated_delta") {
        "linear" => (false, false),
        "gated" => (true, false),
        "delta" => (false, true),
        "gated_delta" => (true, true),
        other => bail!("attribute 'update_rule' is '{other}', which is unknown"),
    };
    let heads = [heads("q_num_heads")?, heads("kv_num_heads")?];
    let shared = heads[0] % heads[1] == 0;
    ensure!(
        shared,
        "{} heads of the query cannot share {} of the key",
        heads[0],
        heads[1]
    );
    Ok(Box::new(LinearAttention {
        scale: node.float("scale").filter(|scale| *scale != 0.0),
        heads,
        gated,
        delta,
    }))
}

/// `LinearAttention`.
#[derive(Debug)]
struct LinearAttention {
    scale: Option<f32>,
    /// Of the query, and of key and value.
    heads: [usize; 2],
    gated: bool,
    delta: bool,
}

/// Sizes of a call.
#[derive(Debug)]
struct Sizes {
    batch: usize,
    tokens: usize,
    /// Elements of a head of query and key, and of value.
    depth: [usize; 2],
}

impl LinearAttention {
    fn sizes(&self, inputs: &[Option<&Fact>]) -> TractResult<Sizes> {
        let query = required(inputs, QUERY)?;
        ensure_float(query.datum)?;
        let [batch, tokens, hidden] = query.shape[..] else {
            bail!("has a query of shape {:?}, expected 3 axes", query.shape);
        };
        let [heads, shared] = self.heads;
        let value = required(inputs, VALUE)?;
        let width = value.shape.last().copied().unwrap_or_default();
        let sizes = Sizes {
            batch,
            tokens,
            depth: [hidden / heads, width / shared],
        };
        let [depth, value_depth] = sizes.depth;
        let expect = |place: usize, what: &str, widths: &[usize]| -> TractResult<()> {
            let Some(fact) = optional(inputs, place) else {
                return Ok(());
            };
            let fits = |width: &usize| fact.shape[..] == [batch, tokens, *width];
            let fits = fact.datum == query.datum && widths.iter().any(fits);
            ensure!(
                fits,
                "has {what} of shape {:?}, expected [{batch}, {tokens}, {}]",
                fact.shape,
                widths[0]
            );
            Ok(())
        };
        expect(QUERY, "a query", &[heads * depth])?;
        expect(KEY, "a key", &[shared * depth])?;
        expect(VALUE, "a value", &[shared * value_depth])?;
        expect(DECAY, "a decay", &[shared * depth, shared])?;
        expect(RATE, "a rate", &[shared, 1])?;
        ensure!(
            optional(inputs, DECAY).is_some() == self.gated,
            "has a decay, or lacks it, against its update rule"
        );
        ensure!(
            optional(inputs, RATE).is_some() == self.delta,
            "has a beta, or lacks it, against its update rule"
        );
        if let Some(state) = optional(inputs, STATE) {
            let expected = [batch, shared, depth, value_depth];
            let fits = state.shape[..] == expected;
            ensure!(
                fits,
                "has a state of shape {:?}, expected {expected:?}",
                state.shape
            );
        }
        Ok(sizes)
    }
}

/// What a head of the key reads of one token.
struct Token<'a> {
    key: &'a [f32],
    value: &'a [f32],
    /// One for all of the key's elements, or one for each.
    decay: &'a [f32],
    rate: Option<f32>,
}

/// Brings the state of a head, a row for each element of the key, to the next token.
fn update(state: &mut [f32], token: &Token<'_>) {
    let depth = token.value.len();
    if depth == 0 {
        return;
    }
    for (row, state) in state.chunks_exact_mut(depth).enumerate() {
        let decay = token.decay.get(row).or_else(|| token.decay.first());
        if let Some(decay) = decay {
            let factor = decay.exp();
            state.iter_mut().for_each(|element| *element *= factor);
        }
    }
    let mut value = token.value.to_vec();
    if let Some(rate) = token.rate {
        let mut known = vec![0.0; depth];
        read(state, token.key, &mut known);
        for (value, known) in value.iter_mut().zip(known) {
            *value = rate * (*value - known);
        }
    }
    for (state, key) in state.chunks_exact_mut(depth).zip(token.key) {
        for (element, value) in state.iter_mut().zip(&value) {
            *element += key * value;
        }
    }
}

/// Adds the state's rows, each times an element, to the result.
fn read(state: &[f32], elements: &[f32], result: &mut [f32]) {
    enshrine_guest_kernels::add_product(elements, state, result, [elements.len(), result.len()]);
}

impl Kernel for LinearAttention {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let sizes = self.sizes(inputs)?;
        let query = required(inputs, QUERY)?;
        let [depth, value_depth] = sizes.depth;
        let result = [sizes.batch, sizes.tokens, self.heads[0] * value_depth];
        let state = [sizes.batch, self.heads[1], depth, value_depth];
        volume(query.datum, &result)?;
        volume(query.datum, &state)?;
        let state_datum = optional(inputs, STATE).map_or(query.datum, |state| state.datum);
        Ok(Some(tvec![
            Fact::new(query.datum, &result[..]),
            Fact::new(state_datum, &state[..]),
        ]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let facts: Vec<Option<Fact>> = inputs.iter().map(|input| input.map(Fact::of)).collect();
        let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
        let sizes = self.sizes(&facts)?;
        let outputs = self.facts(&facts)?.context("shapes are known")?;
        let given = |place: usize| optional(inputs, place).map(reals::<f32>).transpose();
        let needed = |place: usize| reals::<f32>(required(inputs, place)?);
        let (query, key, value) = (needed(QUERY)?, needed(KEY)?, needed(VALUE)?);
        let (decay, rate) = (given(DECAY)?, given(RATE)?);
        let [heads, shared] = self.heads;
        let [depth, value_depth] = sizes.depth;
        let mut state = match given(STATE)? {
            Some(state) => state,
            None => vec![0.0; sizes.batch * shared * depth * value_depth],
        };
        #[expect(clippy::cast_precision_loss, reason = "heads are small")]
        let scale = self.scale.unwrap_or_else(|| 1.0 / (depth as f32).sqrt());
        let rows = sizes.batch * sizes.tokens;
        let mut result = vec![0.0; rows * heads * value_depth];
        let part = |all: &[f32], row: usize, head: usize| -> std::ops::Range<usize> {
            // As many elements for each head as the rows have.
            let size = all.len() / (rows * shared).max(1);
            let start = (row * shared + head) * size;
            start..start + size
        };
        for row in 0..rows {
            for head in 0..shared {
                let place = (row / sizes.tokens) * shared + head;
                let size = depth * value_depth;
                let state = &mut state[place * size..(place + 1) * size];
                let token = Token {
                    key: &key[part(&key, row, head)],
                    value: &value[part(&value, row, head)],
                    decay: decay
                        .as_ref()
                        .map_or(&[], |decay| &decay[part(decay, row, head)]),
                    rate: rate.as_ref().map(|rate| {
                        let count = rate.len() / rows;
                        rate[row * count + head.min(count - 1)]
                    }),
                };
                update(state, &token);
                for index in head * (heads / shared)..(head + 1) * (heads / shared) {
                    let start = (row * heads + index) * depth;
                    let query = &query[start..start + depth];
                    let start = (row * heads + index) * value_depth;
                    let result = &mut result[start..start + value_depth];
                    read(state, query, result);
                    result.iter_mut().for_each(|element| *element *= scale);
                }
            }
        }
        Ok(tvec![
            from_reals(outputs[0].datum, &outputs[0].shape, result)?,
            from_reals(outputs[1].datum, &outputs[1].shape, state)?,
        ])
    }
}
