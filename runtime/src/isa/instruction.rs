//! What is known of an instruction by its opcode.

use super::table::{Family, TABLE};

/// Type of a value on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ValueType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// Vector of 128 bits.
    V128,
    /// Any of the others: the instruction moves the value and does not look at it.
    Any,
}

/// What an instruction pops and pushes, from bottom to top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Types of the values popped.
    pub operands: &'static [ValueType],
    /// Types of the values pushed.
    pub results: &'static [ValueType],
}

/// A line of the table of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Code in a word.
    pub opcode: u16,
    /// Name, as in WASM's text format where WASM has the instruction.
    pub mnemonic: &'static str,
    /// Family.
    pub family: Family,
    /// What it pops and pushes; nothing where the value stack does not tell: calls, returns and instructions that fail.
    pub signature: Option<Signature>,
}

impl Instruction {
    pub(super) const fn new(
        opcode: u16,
        mnemonic: &'static str,
        family: Family,
        operands: &'static [ValueType],
        results: &'static [ValueType],
    ) -> Self {
        Self {
            opcode,
            mnemonic,
            family,
            signature: Some(Signature { operands, results }),
        }
    }

    pub(super) const fn untyped(opcode: u16, mnemonic: &'static str, family: Family) -> Self {
        Self {
            opcode,
            mnemonic,
            family,
            signature: None,
        }
    }
}

/// Family of an opcode; none if no instruction has it. One look into a table of 3 KiB.
///
/// ```
/// use enshrine_runtime::isa::{Family, family, op};
///
/// assert_eq!(family(op::I32_ADD), Some(Family::Integer));
/// assert_eq!(family(0xe0ff), None);
/// ```
#[inline]
pub const fn family(opcode: u16) -> Option<Family> {
    shape(opcode).family
}

/// Number of values that an instruction pops by its signature; 0 if it has none, or no instruction has the opcode.
///
/// In the families that only compute (integer, float, conversion, and the vector ones but `simd_memory`), every step
/// pops and pushes just so. A bulk instruction pops its operands with its last step.
#[inline]
pub const fn operand_count(opcode: u16) -> u8 {
    shape(opcode).operands
}

/// Number of values that an instruction pushes by its signature; 0 if it has none, or no instruction has the opcode.
#[inline]
pub const fn result_count(opcode: u16) -> u8 {
    shape(opcode).results
}

/// Name of an opcode's instruction; none if no instruction has it.
///
/// ```
/// use enshrine_runtime::isa::{mnemonic, op};
///
/// assert_eq!(mnemonic(op::LOCAL_GET), Some("local.get"));
/// ```
pub const fn mnemonic(opcode: u16) -> Option<&'static str> {
    // Not for the hot path, so a search will do.
    let (mut low, mut high) = (0, TABLE.len());
    while low < high {
        let middle = low.midpoint(high);
        let instruction = &TABLE[middle];
        if instruction.opcode == opcode {
            return Some(instruction.mnemonic);
        }
        if instruction.opcode < opcode {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    None
}

/// What an interpreter asks at each word, small enough to stay in the fastest cache.
#[derive(Clone, Copy)]
struct Shape {
    family: Option<Family>,
    operands: u8,
    results: u8,
}

/// Opcodes of a page, which have their upper byte in common.
const PAGE: usize = 256;

/// All opcodes of the four pages that have any.
static SHAPES: [Shape; 4 * PAGE] = shapes();

const UNKNOWN: Shape = Shape {
    family: None,
    operands: 0,
    results: 0,
};

#[inline]
const fn shape(opcode: u16) -> Shape {
    match slot(opcode) {
        Some(slot) => SHAPES[slot],
        None => UNKNOWN,
    }
}

/// Place of an opcode in [`SHAPES`].
#[inline]
const fn slot(opcode: u16) -> Option<usize> {
    let page = match opcode >> 8 {
        0x00 => 0,
        0xe0 => 1,
        0xfc => 2,
        0xfd => 3,
        _ => return None,
    };
    Some(page * PAGE + (opcode as usize) % PAGE)
}

const fn shapes() -> [Shape; 4 * PAGE] {
    let mut shapes = [UNKNOWN; 4 * PAGE];
    let mut index = 0;
    while index < TABLE.len() {
        let instruction = &TABLE[index];
        let slot = slot(instruction.opcode).expect("the table has four pages");
        shapes[slot] = shape_of(instruction);
        index += 1;
    }
    shapes
}

const fn shape_of(instruction: &Instruction) -> Shape {
    let (operands, results) = match instruction.signature {
        Some(signature) => (count(signature.operands), count(signature.results)),
        None => (0, 0),
    };
    Shape {
        family: Some(instruction.family),
        operands,
        results,
    }
}

const fn count(types: &[ValueType]) -> u8 {
    assert!(types.len() <= 4, "no instruction has more operands");
    #[allow(clippy::cast_possible_truncation, reason = "asserted above")]
    let count = types.len() as u8;
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::op;

    #[test]
    fn every_opcode_is_looked_up_as_the_table_has_it() {
        for opcode in 0..=u16::MAX {
            let line = TABLE.iter().find(|line| line.opcode == opcode);
            assert_eq!(family(opcode), line.map(|line| line.family), "{opcode:04x}");
            assert_eq!(
                mnemonic(opcode),
                line.map(|line| line.mnemonic),
                "{opcode:04x}"
            );
            let signature = line.and_then(|line| line.signature);
            let sides =
                signature.map_or((0, 0), |sides| (sides.operands.len(), sides.results.len()));
            let counts = (operand_count(opcode).into(), result_count(opcode).into());
            assert_eq!(counts, sides, "{opcode:04x}");
        }
    }

    #[test]
    fn opcodes_ascend() {
        assert!(TABLE.is_sorted_by(|a, b| a.opcode < b.opcode));
    }

    #[test]
    fn families_have_numbers_from_one() {
        for (index, family) in Family::ALL.into_iter().enumerate() {
            assert_eq!(family as usize, index + 1, "{}", family.name());
        }
    }

    #[test]
    fn lookups_are_those_of_the_constants() {
        assert_eq!(family(op::V128_BITSELECT), Some(Family::SimdLogic));
        assert_eq!(operand_count(op::V128_BITSELECT), 3);
        assert_eq!(result_count(op::V128_BITSELECT), 1);
        assert_eq!(operand_count(op::I32_EQZ), 1);
        assert_eq!((operand_count(op::CALL), result_count(op::CALL)), (0, 0));
        assert_eq!(family(op::CALL), Some(Family::Control));
        assert_eq!(mnemonic(op::JUMP_TABLE), Some("jump_table"));
        for opcode in [0x0001, 0x0100, 0x1020, 0xe100, 0xfb45, 0xfe45, 0xffff] {
            assert_eq!((family(opcode), mnemonic(opcode)), (None, None));
        }
    }
}
