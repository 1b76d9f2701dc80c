//! Instruction words of the machine.
//!
//! A word is 32 bytes, big endian, opcode first:
//!
//! | offset | size | field | holds |
//! |---|---|---|---|
//! | 0 | 2 | `opcode` | the WASM opcode (`0xFCxx` and `0xFDxx` for prefixed ones), or a code from `0xe000` on |
//! | 2 | 2 | `a` | lane index |
//! | 4 | 4 | `b` | local, global, function type, jump target, entry count or frame slots |
//! | 8 | 8 | `c` | memory offset |
//! | 16 | 16 | `imm` | constant or shuffle mask; lane 0 of a vector in the lowest byte |
//!
//! Instructions that WASM and the machine share keep their WASM opcode, so the table of the WebAssembly specification is
//! the table of this machine too. Structured control disappears; the codes from `0xe000` on replace it. `isa.txt` lists all
//! of them; [`op`] and [`TABLE`] are made from it.

mod display;
mod instruction;
pub mod op;
mod table;

pub use instruction::{
    Instruction, Signature, ValueType, family, mnemonic, operand_count, result_count,
};
pub use table::{Family, TABLE};

/// Size of an encoded word in bytes.
pub const WORD_SIZE: usize = 32;

/// An i32 or f32 in a machine value: the low 32 bits.
#[inline]
pub const fn low_u32(value: u128) -> u32 {
    (value & 0xffff_ffff) as u32
}

/// An i64 or f64 in a machine value: the low 64 bits.
#[inline]
pub const fn low_u64(value: u128) -> u64 {
    (value & 0xffff_ffff_ffff_ffff) as u64
}

/// One instruction word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Word {
    /// Operation.
    pub opcode: u16,
    /// Lane or table index.
    pub a: u16,
    /// Index, target or count.
    pub b: u32,
    /// Memory offset or size.
    pub c: u64,
    /// Constant or mask.
    pub imm: u128,
}

impl Word {
    /// A word without operands.
    pub const fn new(opcode: u16) -> Self {
        Self {
            opcode,
            a: 0,
            b: 0,
            c: 0,
            imm: 0,
        }
    }

    /// A word with an index, target or count.
    pub const fn with_b(opcode: u16, b: u32) -> Self {
        Self {
            opcode,
            a: 0,
            b,
            c: 0,
            imm: 0,
        }
    }

    /// A word with a constant.
    pub const fn with_imm(opcode: u16, imm: u128) -> Self {
        Self {
            opcode,
            a: 0,
            b: 0,
            c: 0,
            imm,
        }
    }

    /// The encoded word.
    ///
    /// ```
    /// use enshrine_runtime::isa::{Word, op};
    ///
    /// let bytes = Word::with_b(op::LOCAL_GET, 7).encode();
    /// assert_eq!(bytes[..8], [0x00, 0x20, 0, 0, 0, 0, 0, 7]);
    /// assert_eq!(Word::decode(&bytes), Word::with_b(op::LOCAL_GET, 7));
    /// ```
    pub fn encode(&self) -> [u8; WORD_SIZE] {
        let Self {
            opcode,
            a,
            b,
            c,
            imm,
        } = *self;
        let mut bytes = [0; WORD_SIZE];
        bytes[0..2].copy_from_slice(&opcode.to_be_bytes());
        bytes[2..4].copy_from_slice(&a.to_be_bytes());
        bytes[4..8].copy_from_slice(&b.to_be_bytes());
        bytes[8..16].copy_from_slice(&c.to_be_bytes());
        bytes[16..32].copy_from_slice(&imm.to_be_bytes());
        bytes
    }

    /// The word that `bytes` encode. Every 32 bytes are a word; unknown opcodes fail when they are stepped.
    pub fn decode(bytes: &[u8; WORD_SIZE]) -> Self {
        Self {
            opcode: u16::from_be_bytes([bytes[0], bytes[1]]),
            a: u16::from_be_bytes([bytes[2], bytes[3]]),
            b: u32::from_be_bytes(bytes[4..8].try_into().expect("4 bytes")),
            c: u64::from_be_bytes(bytes[8..16].try_into().expect("8 bytes")),
            imm: u128::from_be_bytes(bytes[16..32].try_into().expect("16 bytes")),
        }
    }
}

/// Code of the machine for the WASM instruction that starts with `bytes`: the opcode byte, or the prefix and the
/// prefixed code, which the profile keeps below 256.
pub(crate) fn wasm_opcode(bytes: &[u8]) -> u16 {
    match bytes {
        [prefix @ (0xfc | 0xfd), rest @ ..] => {
            u16::from(*prefix) << 8 | u16::try_from(leb(rest) & 0xff).unwrap_or(0)
        }
        [code, ..] => u16::from(*code),
        [] => op::UNREACHABLE,
    }
}

fn leb(bytes: &[u8]) -> u32 {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= u32::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}
