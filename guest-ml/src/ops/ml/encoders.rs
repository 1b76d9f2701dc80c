//! Numbers for other numbers, and columns for numbers.
//!
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_LabelEncoder.html>,
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_OneHotEncoder.html>,
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_ArrayFeatureExtractor.html>

use crate::ops::rearrange::gathered;
use crate::ops::{Fact, Kernel, Node, required, tensor, volume, whole_numbers};
use tract_onnx::tract_hir::internal::*;

const WORDS: &str = "encodes words: give it numbers, and map words outside the model";

pub(in crate::ops) fn one_hot_encoder(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    ensure!(!node.has("cats_strings"), WORDS);
    Ok(Box::new(OneHotEncoder {
        categories: node.ints("cats_int64s").to_vec(),
        zeros: node.flag("zeros", true),
    }))
}

/// `OneHotEncoder`.
#[derive(Debug)]
struct OneHotEncoder {
    categories: Vec<i64>,
    /// Whether what is no category becomes zeros, and is no error.
    zeros: bool,
}

impl Kernel for OneHotEncoder {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        let mut shape = input.shape.clone();
        shape.push(self.categories.len());
        volume(DatumType::F32, &shape)?;
        Ok(Some(tvec![Fact::new(DatumType::F32, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let width = self.categories.len();
        let mut shape: TVec<usize> = input.shape().into();
        shape.push(width);
        let mut all = vec![0.0_f32; volume(DatumType::F32, &shape)?];
        for (row, number) in whole_numbers(input)?.iter().enumerate() {
            let place = self
                .categories
                .iter()
                .position(|category| category == number);
            ensure!(
                place.is_some() || self.zeros,
                "is given {number}, which is no category"
            );
            if let Some(place) = place {
                all[row * width + place] = 1.0;
            }
        }
        Ok(tvec![tensor(&shape, &all)?])
    }
}

pub(in crate::ops) fn array_feature_extractor(_: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    Ok(Box::new(ArrayFeatureExtractor))
}

/// `ArrayFeatureExtractor`.
#[derive(Debug)]
struct ArrayFeatureExtractor;

impl ArrayFeatureExtractor {
    fn shape(input: &[usize], count: usize) -> TVec<usize> {
        match input {
            [] | [_] => tvec![1, count],
            [before @ .., _] => [before, &[count]].concat().into(),
        }
    }
}

impl Kernel for ArrayFeatureExtractor {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let (input, places) = (required(inputs, 0)?, required(inputs, 1)?);
        let count = places.shape.iter().product();
        let shape = Self::shape(&input.shape, count);
        volume(input.datum, &shape)?;
        Ok(Some(tvec![Fact::new(input.datum, shape)]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let width = input.shape().last().copied().unwrap_or(1);
        let place = |number: i64| {
            let place = usize::try_from(number).ok().filter(|place| *place < width);
            place.with_context(|| format!("takes place {number} of {width}"))
        };
        let places = whole_numbers(required(inputs, 1)?)?;
        let places: Vec<usize> = places.into_iter().map(place).collect::<TractResult<_>>()?;
        let shape = Self::shape(input.shape(), places.len());
        let rows = input.len() / width.max(1);
        let all = (0..rows).flat_map(|row| places.iter().map(move |place| row * width + place));
        Ok(tvec![gathered(input, &shape, all)?])
    }
}

/// What labels are, and what they become.
#[derive(Debug)]
enum Side {
    Ints(Vec<i64>),
    Floats(Vec<f32>),
    Doubles(Vec<f64>),
}

impl Side {
    fn of(node: &Node<'_>, what: &str) -> TractResult<Self> {
        ensure!(!node.has(&format!("{what}_strings")), WORDS);
        let tensor = node.tensor(&format!("{what}_tensor"))?;
        if let Some(tensor) = tensor {
            return Ok(match tensor.datum_type() {
                DatumType::F64 => Self::Doubles(crate::ops::floats::reals(&tensor)?),
                DatumType::F32 => Self::Floats(crate::ops::floats::reals(&tensor)?),
                datum if datum.is_integer() => Self::Ints(whole_numbers(&tensor)?),
                other => bail!("attribute '{what}_tensor' is of {other:?}, expected numbers"),
            });
        }
        if node.has(&format!("{what}_floats")) {
            return Ok(Self::Floats(
                node.floats(&format!("{what}_floats")).to_vec(),
            ));
        }
        Ok(Self::Ints(node.ints(&format!("{what}_int64s")).to_vec()))
    }

    fn len(&self) -> usize {
        match self {
            Self::Ints(all) => all.len(),
            Self::Floats(all) => all.len(),
            Self::Doubles(all) => all.len(),
        }
    }

    fn datum(&self) -> DatumType {
        match self {
            Self::Ints(_) => DatumType::I64,
            Self::Floats(_) => DatumType::F32,
            Self::Doubles(_) => DatumType::F64,
        }
    }

    /// All of them, and what stands for all that is not there, as a tensor.
    fn with_default(
        &self,
        default: Option<&Tensor>,
        node: [Option<f32>; 2],
    ) -> TractResult<Tensor> {
        let given = default.map(crate::ops::floats::reals::<f64>).transpose()?;
        let given = given.and_then(|given| given.first().copied());
        let [int, float] = node;
        Ok(match self {
            Self::Ints(all) => {
                let default = match default {
                    Some(tensor) => whole_numbers(tensor)?.first().copied().unwrap_or(-1),
                    #[allow(clippy::cast_possible_truncation, reason = "it was a whole number")]
                    None => int.map_or(-1, |int| int as i64),
                };
                let all: Vec<i64> = all.iter().copied().chain([default]).collect();
                tensor(&[all.len()], &all)?
            }
            Self::Floats(all) => {
                #[allow(clippy::cast_possible_truncation, reason = "it was a single float")]
                let default = given.map(|given| given as f32).or(float).unwrap_or(-0.0);
                let all: Vec<f32> = all.iter().copied().chain([default]).collect();
                tensor(&[all.len()], &all)?
            }
            Self::Doubles(all) => {
                let all: Vec<f64> = all.iter().copied().chain([given.unwrap_or(-0.0)]).collect();
                tensor(&[all.len()], &all)?
            }
        })
    }
}

pub(in crate::ops) fn label_encoder(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    ensure!(
        !node.has("classes_strings") && !node.has("default_string"),
        WORDS
    );
    let (keys, values) = (Side::of(node, "keys")?, Side::of(node, "values")?);
    let (got, expected) = (values.len(), keys.len());
    ensure!(got == expected, "has {got} values for {expected} keys");
    #[allow(
        clippy::cast_precision_loss,
        reason = "read back as it was, as far as it is small"
    )]
    let int = node.int("default_int64").map(|default| default as f32);
    ensure!(
        int.is_none_or(|int| int.abs() < 16_777_216.0),
        "attribute 'default_int64' is larger than the guest takes"
    );
    let default = node.tensor("default_tensor")?;
    let values = values.with_default(default.as_ref(), [int, node.float("default_float")])?;
    Ok(Box::new(LabelEncoder { keys, values }))
}

/// `LabelEncoder`.
#[derive(Debug)]
struct LabelEncoder {
    keys: Side,
    /// Of the keys, and after them of all else.
    values: Tensor,
}

impl LabelEncoder {
    fn places(&self, input: &Tensor) -> TractResult<Vec<usize>> {
        let count = self.keys.len();
        Ok(match &self.keys {
            Side::Ints(keys) => {
                let place = |number: &i64| keys.iter().position(|key| key == number);
                let numbers = whole_numbers(input)?;
                numbers
                    .iter()
                    .map(|number| place(number).unwrap_or(count))
                    .collect()
            }
            Side::Floats(keys) => {
                let same =
                    |key: &f32, number: &f32| key == number || (key.is_nan() && number.is_nan());
                let numbers = crate::ops::floats::reals::<f32>(input)?;
                let place = |number: &f32| keys.iter().position(|key| same(key, number));
                numbers
                    .iter()
                    .map(|number| place(number).unwrap_or(count))
                    .collect()
            }
            Side::Doubles(keys) => {
                let same =
                    |key: &f64, number: &f64| key == number || (key.is_nan() && number.is_nan());
                let numbers = crate::ops::floats::reals::<f64>(input)?;
                let place = |number: &f64| keys.iter().position(|key| same(key, number));
                numbers
                    .iter()
                    .map(|number| place(number).unwrap_or(count))
                    .collect()
            }
        })
    }
}

impl Kernel for LabelEncoder {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        let (got, expected) = (input.datum, self.keys.datum());
        ensure!(
            got == expected,
            "is given {got:?}, but has keys of {expected:?}"
        );
        let datum = self.values.datum_type();
        Ok(Some(tvec![Fact::new(datum, input.shape.clone())]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let places = self.places(input)?;
        Ok(tvec![gathered(&self.values, input.shape(), places)?])
    }
}
