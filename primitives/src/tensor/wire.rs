//! The encoding of an interface.

use super::{DType, Dim, Interface, InterfaceError, TensorType};
use alloc::{string::String, vec::Vec};

/// Version of the encoding: its first byte.
const VERSION: u8 = 1;

/// Size on the wire of a dynamic axis.
const DYNAMIC: u32 = u32::MAX;

impl Interface {
    /// Encodes the interface. Numbers are little endian.
    ///
    /// | part | size in bytes | content |
    /// |---|---|---|
    /// | version | 1 | 1 |
    /// | inputs | 2 | count |
    /// | outputs | 2 | count |
    /// | for each input, then each output: | | |
    /// | dtype | 1 | number of ONNX's `TensorProto.DataType` |
    /// | rank | 1 | count of axes |
    /// | axes | 4 each | size; `0xffffffff` for a dynamic one |
    /// | name length | 2 | bytes of the name |
    /// | name | as said | UTF-8 |
    ///
    /// # Errors
    /// [`InterfaceError::Range`] for what has no room: 65,536 tensors, 256 axes, a static size of `u32::MAX`, a name
    /// of 65,536 bytes.
    ///
    /// ```
    /// use enshrine_primitives::tensor::{DType, Dim, Interface, TensorType};
    ///
    /// let input = TensorType::new("x", DType::F32, [Dim::Static(2), Dim::Dynamic]);
    /// let interface = Interface { inputs: vec![input], outputs: vec![] };
    /// let bytes = interface.encode()?;
    /// assert_eq!(bytes, b"\x01\x01\0\0\0\x01\x02\x02\0\0\0\xff\xff\xff\xff\x01\0x");
    /// assert_eq!(Interface::decode(&bytes)?, interface);
    /// # Ok::<(), enshrine_primitives::tensor::InterfaceError>(())
    /// ```
    pub fn encode(&self) -> Result<Vec<u8>, InterfaceError> {
        let Self { inputs, outputs } = self;
        let mut bytes = Vec::from([VERSION]);
        bytes.extend(narrow::<u16>("inputs", inputs.len())?.to_le_bytes());
        bytes.extend(narrow::<u16>("outputs", outputs.len())?.to_le_bytes());
        for ty in inputs.iter().chain(outputs) {
            encode_type(ty, &mut bytes)?;
        }
        Ok(bytes)
    }

    /// Decodes an interface. The bytes must end with it.
    ///
    /// # Errors
    /// [`InterfaceError`] for anything that [`encode`](Self::encode) does not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, InterfaceError> {
        let mut cursor = Cursor { bytes, offset: 0 };
        let [got] = cursor.array("version")?;
        if got != VERSION {
            return Err(InterfaceError::Version {
                expected: VERSION,
                got,
            });
        }
        let input_count = u16::from_le_bytes(cursor.array("input count")?);
        let output_count = u16::from_le_bytes(cursor.array("output count")?);
        let inputs = decode_types(&mut cursor, input_count)?;
        let outputs = decode_types(&mut cursor, output_count)?;
        let (expected, got) = (cursor.offset, bytes.len());
        if expected != got {
            return Err(InterfaceError::TrailingBytes { expected, got });
        }
        Ok(Self { inputs, outputs })
    }
}

fn encode_type(ty: &TensorType, bytes: &mut Vec<u8>) -> Result<(), InterfaceError> {
    let TensorType { name, dtype, dims } = ty;
    bytes.push(dtype.to_wire());
    bytes.push(narrow::<u8>("axes", dims.len())?);
    for dim in dims {
        bytes.extend(dim_to_wire(*dim)?.to_le_bytes());
    }
    bytes.extend(narrow::<u16>("bytes of a name", name.len())?.to_le_bytes());
    bytes.extend(name.as_bytes());
    Ok(())
}

fn dim_to_wire(dim: Dim) -> Result<u32, InterfaceError> {
    match dim {
        Dim::Static(DYNAMIC) => Err(InterfaceError::Range {
            what: "a static axis",
            expected: u64::from(DYNAMIC) - 1,
            got: DYNAMIC.into(),
        }),
        Dim::Static(size) => Ok(size),
        Dim::Dynamic => Ok(DYNAMIC),
    }
}

/// A length as a narrower number.
fn narrow<T: TryFrom<usize> + Bounded>(
    what: &'static str,
    value: usize,
) -> Result<T, InterfaceError> {
    let range = |_| InterfaceError::Range {
        what,
        expected: T::LARGEST,
        got: value as u64,
    };
    T::try_from(value).map_err(range)
}

trait Bounded {
    const LARGEST: u64;
}

impl Bounded for u8 {
    const LARGEST: u64 = u8::MAX as u64;
}

impl Bounded for u16 {
    const LARGEST: u64 = u16::MAX as u64;
}

fn decode_types(cursor: &mut Cursor<'_>, count: u16) -> Result<Vec<TensorType>, InterfaceError> {
    // No capacity in advance: the count is not to be trusted.
    (0..count).map(|_| decode_type(cursor)).collect()
}

fn decode_type(cursor: &mut Cursor<'_>) -> Result<TensorType, InterfaceError> {
    let offset = cursor.offset;
    let [number] = cursor.array("element type")?;
    let dtype = DType::from_wire(number).ok_or(InterfaceError::DType {
        offset,
        got: number,
    })?;
    let [rank] = cursor.array("axis count")?;
    let axes = (0..rank).map(|_| Ok(dim_from_wire(u32::from_le_bytes(cursor.array("axes")?))));
    let dims = axes.collect::<Result<_, _>>()?;
    let length = u16::from_le_bytes(cursor.array("name length")?);
    let offset = cursor.offset;
    let name = cursor.take("name", length.into())?.to_vec();
    let name = String::from_utf8(name).map_err(|_| InterfaceError::Name { offset })?;
    Ok(TensorType { name, dtype, dims })
}

fn dim_from_wire(size: u32) -> Dim {
    if size == DYNAMIC {
        Dim::Dynamic
    } else {
        Dim::Static(size)
    }
}

/// Reads from the front of bytes.
struct Cursor<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, part: &'static str, expected: usize) -> Result<&'a [u8], InterfaceError> {
        let (offset, rest) = (self.offset, &self.bytes[self.offset..]);
        let truncated = InterfaceError::Truncated {
            part,
            offset,
            expected,
            got: rest.len(),
        };
        let taken = rest.get(..expected).ok_or(truncated)?;
        self.offset += expected;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], InterfaceError> {
        let taken = self.take(part, N)?;
        Ok(taken.try_into().expect("as many bytes as asked for"))
    }
}
