//! Tensors as NumPy saves them: versions 1 to 3 of the format, little endian, C order.

use anyhow::{Context, Result, bail};
use enshrine_primitives::tensor::DType;

use crate::tensor::Tensor;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Reads a .npy file.
///
/// # Errors
/// If it is none, or of a type, byte order or element order that is not read.
pub(super) fn read(bytes: &[u8]) -> Result<Tensor> {
    let rest = bytes
        .strip_prefix(MAGIC)
        .context("this is no .npy file: save it with numpy.save")?;
    let (header, data) = split(rest).context("the .npy file is cut short in its header")?;
    let header = std::str::from_utf8(header).context("the .npy file's header is no text")?;
    let dtype = element_type(value(header, "descr")?)?;
    if !value(header, "fortran_order")?.starts_with("False") {
        bail!("the array is in Fortran order: save numpy.ascontiguousarray(array)");
    }
    let shape = shape(value(header, "shape")?)?;
    let expected = shape
        .iter()
        .try_fold(u64::from(dtype.size_bytes()), |size, axis| {
            size.checked_mul((*axis).into())
        })
        .context("the array is larger than a tensor can be")?;
    if data.len() as u64 != expected {
        bail!(
            "expected {expected} bytes of data after the header, got {}: the file is damaged",
            data.len()
        );
    }
    Ok(Tensor {
        dtype,
        shape,
        data: data.to_vec(),
    })
}

/// Header and data, after the magic.
fn split(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let ([major, _minor], rest) = rest.split_first_chunk()?;
    let (length, rest) = if *major == 1 {
        let (length, rest) = rest.split_first_chunk()?;
        (u16::from_le_bytes(*length).into(), rest)
    } else {
        let (length, rest) = rest.split_first_chunk()?;
        (usize::try_from(u32::from_le_bytes(*length)).ok()?, rest)
    };
    rest.split_at_checked(length)
}

/// What follows a key of the header, which is a Python dictionary.
fn value<'a>(header: &'a str, key: &str) -> Result<&'a str> {
    let missing = || format!("the .npy file's header has no `{key}`");
    let start = header.find(&format!("'{key}'")).with_context(missing)?;
    let rest = &header[start + key.len() + 2..];
    Ok(rest
        .trim_start()
        .strip_prefix(':')
        .with_context(missing)?
        .trim_start())
}

fn element_type(text: &str) -> Result<DType> {
    let name = text
        .strip_prefix('\'')
        .and_then(|rest| rest.split('\'').next());
    let name = name.context("the array is structured: save one plain array in each file")?;
    if name.starts_with('>') {
        bail!("the array is big endian ({name}): save array.astype(array.dtype.newbyteorder('<'))");
    }
    Ok(match name.trim_start_matches(['<', '|', '=']) {
        "f2" => DType::F16,
        "f4" => DType::F32,
        "f8" => DType::F64,
        "b1" => DType::Bool,
        "i1" => DType::I8,
        "i2" => DType::I16,
        "i4" => DType::I32,
        "i8" => DType::I64,
        "u1" => DType::U8,
        "u2" => DType::U16,
        "u4" => DType::U32,
        "u8" => DType::U64,
        other => bail!("arrays of `{other}` are not read: convert it to the model's type"),
    })
}

fn shape(text: &str) -> Result<Vec<u32>> {
    let inner = text
        .strip_prefix('(')
        .and_then(|rest| rest.split(')').next());
    let inner = inner.context("the .npy file's shape is no tuple")?;
    let sizes = inner
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty());
    sizes
        .map(|size| {
            size.parse()
                .with_context(|| format!("the .npy file has an axis of size `{size}`"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(major: u8, header: &str, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        let padding: &[u8] = if major == 1 { &[] } else { &[0, 0] };
        [
            MAGIC,
            &[major, 0],
            &length,
            padding,
            header.as_bytes(),
            data,
        ]
        .concat()
    }

    #[test]
    fn versions_are_read() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n";
        for major in [1, 2, 3] {
            let tensor = read(&file(major, header, &[0; 8])).unwrap();
            assert_eq!((tensor.dtype, &tensor.shape[..]), (DType::F32, &[1, 2][..]));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for (header, data) in [
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
                8,
            ),
            (
                "{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }",
                8,
            ),
            (
                "{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }",
                8,
            ),
            (
                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }",
                8,
            ),
            (
                "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }",
                8,
            ),
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
                8,
            ),
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967295, 4294967295), }",
                8,
            ),
            ("{'descr'", 0),
            ("", 0),
        ] {
            assert!(read(&file(1, header, &vec![0; data])).is_err(), "{header}");
        }
        let whole = file(
            1,
            "{'descr': '<f4', 'fortran_order': False, 'shape': (), }",
            &[0; 4],
        );
        assert!(read(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err(), "{length}");
        }
    }
}
