//! Tensors in memory: conversions that lose nothing, and JSON that can be read back.

use anyhow::{Context, Result, bail};
use enshrine_primitives::tensor::DType;
use half::{bf16, f16};
use serde::{
    Serialize,
    ser::{SerializeSeq, Serializer},
};
use serde_json::Value;

/// A tensor: elements in row-major order, little endian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tensor {
    pub(crate) dtype: DType,
    pub(crate) shape: Vec<u32>,
    pub(crate) data: Vec<u8>,
}

/// An element of any type, without loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Float(f64),
    Integer(i128),
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Float(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
        }
    }
}

impl Tensor {
    /// The same numbers in another type.
    ///
    /// # Errors
    /// If a number would change.
    pub(crate) fn cast(self, dtype: DType) -> Result<Self> {
        if self.dtype == dtype {
            return Ok(self);
        }
        let size = self.dtype.size_bytes() as usize;
        let mut data = Vec::new();
        for (index, bytes) in self.data.chunks_exact(size).enumerate() {
            let number = read(self.dtype, bytes);
            let (rounded, exact) = write(dtype, number);
            if !exact {
                bail!(
                    "element {index} is {number} of {}, which {dtype} cannot hold: convert the file to {dtype} first",
                    self.dtype
                );
            }
            data.extend(rounded);
        }
        Ok(Self {
            dtype,
            data,
            ..self
        })
    }

    /// A tensor from nested arrays of numbers.
    ///
    /// # Errors
    /// If the arrays are ragged or an element is no number of that type. A fraction is rounded to the nearest float.
    pub(crate) fn from_json(dtype: DType, value: &Value) -> Result<Self> {
        let mut tensor = Self {
            dtype,
            shape: shape_of(value),
            data: Vec::new(),
        };
        tensor.gather(value, 0)?;
        Ok(tensor)
    }

    fn gather(&mut self, value: &Value, depth: usize) -> Result<()> {
        let Some(expected) = self.shape.get(depth).copied() else {
            let element = self.data.len() / self.dtype.size_bytes() as usize;
            let bytes = json_element(self.dtype, value)
                .with_context(|| format!("element {element} is {}", short(value)))?;
            self.data.extend(bytes);
            return Ok(());
        };
        let got = value.as_array().map(Vec::as_slice);
        match got {
            Some(items) if items.len() == expected as usize => items
                .iter()
                .try_for_each(|item| self.gather(item, depth + 1)),
            Some(items) => bail!(
                "the arrays are ragged: expected {expected} items at depth {depth}, got {}",
                items.len()
            ),
            None => bail!(
                "the arrays are ragged: expected an array at depth {depth}, got {}",
                short(value)
            ),
        }
    }
}

/// A value as far as a message takes it.
fn short(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

/// Sizes along the first item of each array.
fn shape_of(value: &Value) -> Vec<u32> {
    let mut shape = Vec::new();
    let mut value = Some(value);
    while let Some(Value::Array(items)) = value {
        shape.push(u32::try_from(items.len()).unwrap_or(u32::MAX));
        value = items.first();
    }
    shape
}

fn json_element(dtype: DType, value: &Value) -> Result<Vec<u8>> {
    let number =
        json_number(value).context("expected a number, true, false, \"NaN\" or \"Infinity\"")?;
    let (bytes, exact) = write(dtype, number);
    if !exact && !is_float(dtype) {
        bail!("{dtype} cannot hold it");
    }
    Ok(bytes)
}

fn json_number(value: &Value) -> Option<Number> {
    Some(match value {
        Value::Bool(bit) => Number::Integer(i128::from(*bit)),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(integer), _) => Number::Integer(integer.into()),
            (_, Some(integer)) => Number::Integer(integer.into()),
            _ => Number::Float(number.as_f64()?),
        },
        Value::String(text) => Number::Float(match &**text {
            "NaN" => f64::NAN,
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            _ => return None,
        }),
        _ => return None,
    })
}

const fn is_float(dtype: DType) -> bool {
    matches!(dtype, DType::F16 | DType::BF16 | DType::F32 | DType::F64)
}

/// Zero where fewer bytes are given than the type has.
fn word<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut word = [0; N];
    word.iter_mut()
        .zip(bytes)
        .for_each(|(to, from)| *to = *from);
    word
}

/// Reads an element.
pub(crate) fn read(dtype: DType, bytes: &[u8]) -> Number {
    match dtype {
        DType::F16 => Number::Float(f16::from_le_bytes(word(bytes)).to_f64()),
        DType::BF16 => Number::Float(bf16::from_le_bytes(word(bytes)).to_f64()),
        DType::F32 => Number::Float(f32::from_le_bytes(word(bytes)).into()),
        DType::F64 => Number::Float(f64::from_le_bytes(word(bytes))),
        DType::I8 => Number::Integer(i8::from_le_bytes(word(bytes)).into()),
        DType::I16 => Number::Integer(i16::from_le_bytes(word(bytes)).into()),
        DType::I32 => Number::Integer(i32::from_le_bytes(word(bytes)).into()),
        DType::I64 => Number::Integer(i64::from_le_bytes(word(bytes)).into()),
        DType::Bool | DType::U8 | DType::U16 | DType::U32 | DType::U64 => {
            Number::Integer(u64::from_le_bytes(word(bytes)).into())
        }
    }
}

/// Writes an element in the nearest way, and whether that is exact.
pub(crate) fn write(dtype: DType, number: Number) -> (Vec<u8>, bool) {
    let bytes = if is_float(dtype) {
        float_bytes(dtype, number)
    } else {
        integer_bytes(dtype, number)
    };
    let exact = match (number, read(dtype, &bytes)) {
        (Number::Float(a), Number::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
        (Number::Integer(a), Number::Integer(b)) => a == b,
        (Number::Float(float), Number::Integer(integer))
        | (Number::Integer(integer), Number::Float(float)) => same(float, integer),
    };
    (bytes, exact)
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "the comparison after it is the check"
)]
fn same(float: f64, integer: i128) -> bool {
    float.fract() == 0.0 && float as i128 == integer
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the nearest float is what is wanted"
)]
fn float_bytes(dtype: DType, number: Number) -> Vec<u8> {
    let value = match number {
        Number::Float(value) => value,
        Number::Integer(value) => value as f64,
    };
    match dtype {
        DType::F16 => f16::from_f64(value).to_le_bytes().to_vec(),
        DType::BF16 => bf16::from_f64(value).to_le_bytes().to_vec(),
        DType::F32 => (value as f32).to_le_bytes().to_vec(),
        _ => value.to_le_bytes().to_vec(),
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "clamped to the type's range"
)]
fn integer_bytes(dtype: DType, number: Number) -> Vec<u8> {
    let value = match number {
        Number::Float(value) => value as i128,
        Number::Integer(value) => value,
    };
    let (least, most) = integer_range(dtype);
    let bytes = value.clamp(least, most).to_le_bytes();
    bytes[..dtype.size_bytes() as usize].to_vec()
}

fn integer_range(dtype: DType) -> (i128, i128) {
    let bits = 8 * dtype.size_bytes();
    match dtype {
        DType::Bool => (0, 1),
        DType::I8 | DType::I16 | DType::I32 | DType::I64 => {
            (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
        }
        _ => (0, (1 << bits) - 1),
    }
}

/// Elements as JSON: floats in the fewest digits that give the same bits back, NaN and the infinities as strings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements<'a> {
    pub(crate) dtype: DType,
    pub(crate) data: &'a [u8],
}

impl Elements<'_> {
    fn chunks(&self) -> std::slice::ChunksExact<'_, u8> {
        self.data.chunks_exact(self.dtype.size_bytes() as usize)
    }

    /// The first elements as text.
    pub(crate) fn preview(&self, most: usize) -> String {
        let count = self.chunks().len();
        let shown: Vec<_> = self
            .chunks()
            .take(most)
            .map(|bytes| serde_json::to_string(&Element(self.dtype, bytes)).unwrap_or_default())
            .collect();
        let rest = if count > most {
            format!(", ... {} more", count - most)
        } else {
            String::new()
        };
        format!("[{}{rest}]", shown.join(", "))
    }
}

impl Serialize for Elements<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.chunks().len()))?;
        for bytes in self.chunks() {
            sequence.serialize_element(&Element(self.dtype, bytes))?;
        }
        sequence.end()
    }
}

struct Element<'a>(DType, &'a [u8]);

impl Serialize for Element<'_> {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "to the type that it was read from"
    )]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(dtype, bytes) = *self;
        match read(dtype, bytes) {
            Number::Float(value) if value.is_nan() => serializer.serialize_str("NaN"),
            Number::Float(f64::INFINITY) => serializer.serialize_str("Infinity"),
            Number::Float(f64::NEG_INFINITY) => serializer.serialize_str("-Infinity"),
            Number::Float(value) if dtype == DType::F64 => serializer.serialize_f64(value),
            Number::Float(value) => serializer.serialize_f32(value as f32),
            Number::Integer(value) if dtype == DType::Bool => serializer.serialize_bool(value != 0),
            Number::Integer(value) => match i64::try_from(value) {
                Ok(value) => serializer.serialize_i64(value),
                Err(_) => serializer.serialize_u64(u64::try_from(value).unwrap_or(u64::MAX)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(dtype: DType, numbers: &[Number]) -> Tensor {
        let data = numbers
            .iter()
            .flat_map(|number| write(dtype, *number).0)
            .collect();
        Tensor {
            dtype,
            shape: vec![u32::try_from(numbers.len()).unwrap()],
            data,
        }
    }

    #[test]
    fn casts_that_lose_nothing_are_made() {
        let halves = [
            Number::Float(0.5),
            Number::Float(-2.0),
            Number::Float(f64::NAN),
        ];
        let doubles = tensor(DType::F64, &halves);
        assert_eq!(
            doubles.cast(DType::F32).unwrap().data,
            tensor(DType::F32, &halves).data
        );
        let bytes = tensor(DType::U8, &[Number::Integer(7), Number::Integer(255)]);
        let longs = bytes.clone().cast(DType::I64).unwrap();
        assert_eq!(longs.cast(DType::U8).unwrap(), bytes);
    }

    #[test]
    fn casts_that_lose_are_refused() {
        for (from, to, number) in [
            (DType::F64, DType::F32, Number::Float(0.1)),
            (DType::I64, DType::U8, Number::Integer(256)),
            (DType::I64, DType::U8, Number::Integer(-1)),
            (DType::F32, DType::I32, Number::Float(1.5)),
            (DType::F32, DType::I32, Number::Float(f64::INFINITY)),
            (DType::I64, DType::F32, Number::Integer((1 << 24) + 1)),
            (DType::U8, DType::Bool, Number::Integer(2)),
        ] {
            let error = tensor(from, &[number]).cast(to).unwrap_err().to_string();
            assert!(error.contains(to.name()), "{error}");
        }
    }

    #[test]
    fn every_type_survives_json() {
        for dtype in DType::ALL {
            let one = tensor(dtype, &[Number::Integer(1), Number::Integer(0)]);
            let json = serde_json::to_string(&Elements {
                dtype,
                data: &one.data,
            })
            .unwrap();
            let back = Tensor::from_json(dtype, &serde_json::from_str(&json).unwrap()).unwrap();
            assert_eq!(back, one, "{dtype}");
        }
        let floats: Vec<f32> = (0..2000u32)
            .map(|i| f32::from_bits(i.wrapping_mul(0x9e37_79b9)))
            .collect();
        let floats = floats.iter().filter(|value| !value.is_nan());
        let data: Vec<u8> = floats.flat_map(|value| value.to_le_bytes()).collect();
        let json = serde_json::to_string(&Elements {
            dtype: DType::F32,
            data: &data,
        })
        .unwrap();
        let back = Tensor::from_json(DType::F32, &serde_json::from_str(&json).unwrap()).unwrap();
        assert_eq!(back.data, data);
    }

    #[test]
    fn ragged_arrays_are_refused() {
        for text in [
            "[[1, 2], [3]]",
            "[[1, 2], 3]",
            "[1, [2]]",
            "[\"x\"]",
            "[null]",
        ] {
            assert!(Tensor::from_json(DType::F32, &serde_json::from_str(text).unwrap()).is_err());
        }
        assert!(Tensor::from_json(DType::U8, &serde_json::json!([1.5])).is_err());
    }
}
