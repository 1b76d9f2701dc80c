//! Instruction words of the machine.
//!
//! A word is 32 bytes, big endian, opcode first:
//!
//! | offset | size | field | holds |
//! |---|---|---|---|
//! | 0 | 2 | `opcode` | the WASM opcode (`0xFCxx` and `0xFDxx` for prefixed ones), or a code of [`op`] |
//! | 2 | 2 | `a` | lane, or table index |
//! | 4 | 4 | `b` | local, global, function type, jump target, entry count or frame slots |
//! | 8 | 8 | `c` | memory offset |
//! | 16 | 16 | `imm` | constant or shuffle mask; lane 0 of a vector in the lowest byte |
//!
//! Instructions that WASM and the machine share keep their WASM opcode, so the table of the WebAssembly specification is
//! the table of this machine too. Structured control disappears; the codes of [`op`] replace it.

/// Opcodes that have no WASM counterpart, or differ from theirs.
pub mod op {
    /// `unreachable`: the run fails.
    pub const UNREACHABLE: u16 = 0x00;
    /// Pops the frame, gives back `b` slots and goes to the frame's return pc.
    pub const RETURN: u16 = 0x0f;
    /// Pushes a frame that returns to the next word and goes to `b`.
    pub const CALL: u16 = 0x10;
    /// Pops a table index and calls the entry of table `a`: checks bound, then null, then type `b`.
    pub const CALL_INDIRECT: u16 = 0x11;
    /// Drops the top operand.
    pub const DROP: u16 = 0x1a;
    /// `select`, typed or not.
    pub const SELECT: u16 = 0x1b;
    /// Pushes local `b`.
    pub const LOCAL_GET: u16 = 0x20;
    /// Pops into local `b`.
    pub const LOCAL_SET: u16 = 0x21;
    /// Copies the top operand to local `b`.
    pub const LOCAL_TEE: u16 = 0x22;
    /// Pushes global `b`.
    pub const GLOBAL_GET: u16 = 0x23;
    /// Pops into global `b`.
    pub const GLOBAL_SET: u16 = 0x24;
    /// Pushes the 32-bit constant `imm`.
    pub const I32_CONST: u16 = 0x41;
    /// Pushes the 64-bit constant `imm`.
    pub const I64_CONST: u16 = 0x42;
    /// `memory.init`, whose segment begins at byte `c` of the data blob; pops destination, source, length and the
    /// segment's remaining size.
    pub const MEMORY_INIT: u16 = 0xfc08;
    /// `memory.copy`: a step for each 32 bytes, then one to finish.
    pub const MEMORY_COPY: u16 = 0xfc0a;
    /// `memory.fill`: a step for each 32 bytes, then one to finish.
    pub const MEMORY_FILL: u16 = 0xfc0b;
    /// `v128.const`.
    pub const V128_CONST: u16 = 0xfd0c;
    /// `i8x16.shuffle`, mask in `imm`.
    pub const SHUFFLE: u16 = 0xfd0d;

    /// Goes to `b`.
    pub const JUMP: u16 = 0xe000;
    /// Pops an i32 and goes to `b` if it is zero.
    pub const JUMP_IF_ZERO: u16 = 0xe001;
    /// Pops an i32 and goes to `b` if it is not zero.
    pub const JUMP_IF_NONZERO: u16 = 0xe002;
    /// Pops an unsigned i32 and goes to the next word plus the smaller of it and `b` - 1; `b` jumps follow.
    pub const JUMP_TABLE: u16 = 0xe003;
    /// First word of a function: takes `b` stack slots or fails the run. `c` is the number of locals.
    pub const ENTER: u16 = 0xe010;
    /// Pops the status of `load`: 0 goes on under the caller's fuel, anything else finishes the run.
    pub const END_LOAD: u16 = 0xe020;
    /// Pops the status of `infer` and finishes the run.
    pub const END_INFER: u16 = 0xe021;
    /// Host call `blob_len`.
    pub const BLOB_LEN: u16 = 0xe030;
    /// Host call `blob_page`.
    pub const BLOB_PAGE: u16 = 0xe031;
    /// Host call `output`.
    pub const OUTPUT: u16 = 0xe032;
    /// Reserved for the host call `preimage`.
    pub const PREIMAGE: u16 = 0xe033;
    /// Reserved for the host call `precompile`.
    pub const PRECOMPILE: u16 = 0xe034;
}

/// Size of an encoded word in bytes.
pub const WORD_SIZE: usize = 32;

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
