//! Rotations of pairs of elements by their position.
//!
//! <https://onnx.ai/onnx/operators/onnx__RotaryEmbedding.html>. The importer reads other elements where a position is beyond
//! the caches.

use super::floats::{Real, Steps, ensure_float, from_reals, reals};
use super::{Fact, Kernel, Node, optional, required, whole_numbers};
use tract_onnx::tract_hir::internal::*;

const INPUT: usize = 0;
const COSINES: usize = 1;
const SINES: usize = 2;
const POSITIONS: usize = 3;

pub(super) fn build(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let count = |name: &str| {
        let count = node.int(name).unwrap_or(0);
        usize::try_from(count).with_context(|| format!("attribute '{name}' is {count}"))
    };
    Ok(Box::new(Rotary {
        heads: count("num_heads")?,
        rotated: count("rotary_embedding_dim")?,
        interleaved: node.flag("interleaved", false),
    }))
}

/// `RotaryEmbedding`.
#[derive(Debug)]
struct Rotary {
    heads: usize,
    /// Elements of a head that are rotated; zero for all.
    rotated: usize,
    /// Whether pairs are side by side, and not a half of the elements apart.
    interleaved: bool,
}

/// Sizes of a call.
struct Sizes {
    batch: usize,
    length: usize,
    heads: usize,
    depth: usize,
    /// Pairs of a head that are rotated.
    pairs: usize,
    /// Whether places come before heads.
    packed: bool,
}

impl Rotary {
    fn sizes(&self, inputs: &[Option<&Fact>]) -> TractResult<Sizes> {
        let input = required(inputs, INPUT)?;
        ensure_float(input.datum)?;
        let (batch, length, heads, depth, packed) = match input.shape[..] {
            [batch, heads, length, depth] => (batch, length, heads, depth, false),
            [batch, length, hidden] => {
                let heads = self.heads;
                let whole = heads > 0 && hidden % heads == 0;
                ensure!(whole, "has {hidden} elements, which are not {heads} heads");
                (batch, length, heads, hidden / heads, true)
            }
            _ => bail!(
                "has an input of shape {:?}, expected 3 or 4 axes",
                input.shape
            ),
        };
        let rotated = if self.rotated == 0 {
            depth
        } else {
            self.rotated
        };
        ensure!(
            rotated <= depth && rotated % 2 == 0,
            "rotates {rotated} elements of {depth}, expected an even number of them"
        );
        let positions = optional(inputs, POSITIONS);
        for (place, what) in [(COSINES, "cosines"), (SINES, "sines")] {
            let shape = &required(inputs, place)?.shape[..];
            let (fits, expected) = match positions {
                Some(_) => (
                    matches!(shape, [_, pairs] if *pairs == rotated / 2),
                    "[positions, pairs]",
                ),
                None => (
                    shape == [batch, length, rotated / 2],
                    "[batch, length, pairs]",
                ),
            };
            ensure!(fits, "has {what} of shape {shape:?}, expected {expected}");
        }
        if let Some(positions) = positions {
            let fits = positions.shape[..] == [batch, length];
            ensure!(fits, "has positions of shape {:?}", positions.shape);
        }
        Ok(Sizes {
            batch,
            length,
            heads,
            depth,
            pairs: rotated / 2,
            packed,
        })
    }

    fn compute<T: Real>(&self, inputs: &[Option<&Tensor>]) -> TractResult<Tensor> {
        let facts: Vec<Option<Fact>> = inputs.iter().map(|input| input.map(Fact::of)).collect();
        let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
        let sizes = self.sizes(&facts)?;
        let input = required(inputs, INPUT)?;
        let [cosines, sines] = [COSINES, SINES].map(|place| reals::<T>(required(inputs, place)?));
        let (cosines, sines) = (cosines?, sines?);
        let positions = optional(inputs, POSITIONS).map(whole_numbers).transpose()?;
        let (mut all, steps) = (reals::<T>(input)?, Steps::of(input.datum_type()));
        let known = cosines.len().min(sines.len()) / sizes.pairs.max(1);
        for row in 0..sizes.batch * sizes.length * sizes.heads {
            let place = sizes.place(row);
            let position = match &positions {
                Some(positions) => usize::try_from(positions[place]).ok(),
                None => Some(place),
            };
            let position = position.filter(|position| *position < known);
            let position = position.context("has a position beyond its caches")?;
            let start = position * sizes.pairs;
            let turn = |pair: usize| (cosines[start + pair], sines[start + pair]);
            let head = &mut all[row * sizes.depth..(row + 1) * sizes.depth];
            for pair in 0..sizes.pairs {
                let (first, second) = if self.interleaved {
                    (2 * pair, 2 * pair + 1)
                } else {
                    (pair, pair + sizes.pairs)
                };
                let (cosine, sine) = turn(pair);
                let (x, y) = (head[first], head[second]);
                let product = |left: T, right: T| steps.one(left * right);
                head[first] = steps.one(product(cosine, x) - product(sine, y));
                head[second] = steps.one(product(sine, x) + product(cosine, y));
            }
        }
        from_reals(input.datum_type(), input.shape(), all)
    }
}

impl Sizes {
    /// The place in the batch's sequences of a row: a head of it.
    fn place(&self, row: usize) -> usize {
        if self.packed {
            return row / self.heads;
        }
        let batch = row / (self.heads * self.length);
        batch * self.length + row % self.length
    }
}

impl Kernel for Rotary {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        self.sizes(inputs)?;
        Ok(Some(tvec![required(inputs, INPUT)?.clone()]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let rotated = match required(inputs, INPUT)?.datum_type() {
            DatumType::F64 => self.compute::<f64>(inputs)?,
            _ => self.compute::<f32>(inputs)?,
        };
        Ok(tvec![rotated])
    }
}
