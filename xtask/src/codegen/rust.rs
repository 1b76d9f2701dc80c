//! The table as Rust.

use super::table::{Instruction, Table, capitalised};

/// `runtime/src/isa/op.rs`: a constant for each opcode.
pub(super) fn opcodes(table: &Table<'_>) -> String {
    let constants: String = table.instructions.iter().map(constant).collect();
    format!(
        "//! Opcodes of the machine, one constant each. Generated from `isa.txt` by `cargo xtask codegen`.\n\n{constants}"
    )
}

fn constant(instruction: &Instruction<'_>) -> String {
    let mut text = format!("`{}`", instruction.mnemonic);
    if let Some(signature) = &instruction.signature {
        text += &format!(": `{signature}`");
    }
    text += ".";
    if !instruction.note.is_empty() {
        text += &format!(" {}", instruction.note);
    }
    let (name, opcode) = (instruction.constant(), instruction.opcode);
    format!("/// {text}\npub const {name}: u16 = {opcode:#06x};\n")
}

/// `runtime/src/isa/table.rs`: families and the table of instructions.
pub(super) fn table(table: &Table<'_>) -> String {
    let each = |line: fn(usize, &Table<'_>) -> String| -> String {
        (0..table.families.len())
            .map(|index| line(index, table))
            .collect()
    };
    let rows: String = table
        .instructions
        .iter()
        .map(|row| self::row(row, table))
        .collect();
    format!(
        "//! Families and instructions of the machine. Generated from `isa.txt` by `cargo xtask codegen`.

use super::instruction::{{
    Instruction,
    ValueType::{{Any, F32, F64, I32, I64, V128}},
}};

/// Family of an instruction: the group that one handler, or one contract, executes. 0 is the number of no family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Family {{
{variants}}}

impl Family {{
    /// All families, by number.
    pub const ALL: [Self; {count}] = [
{all}    ];

    /// Its name in `isa.txt` and in the documentation.
    pub const fn name(self) -> &'static str {{
        match self {{
{names}        }}
    }}
}}

/// All instructions, by ascending opcode.
#[rustfmt::skip]
pub static TABLE: &[Instruction] = &[
{rows}];
",
        count = table.families.len(),
        variants = each(variant),
        all = each(|index, table| format!("        Self::{},\n", table.families[index].variant())),
        names = each(name),
    )
}

fn variant(index: usize, table: &Table<'_>) -> String {
    let family = &table.families[index];
    let (purpose, variant, number) = (family.purpose, family.variant(), index + 1);
    format!("    /// {purpose}\n    {variant} = {number},\n")
}

fn name(index: usize, table: &Table<'_>) -> String {
    let family = &table.families[index];
    format!(
        "            Self::{} => \"{}\",\n",
        family.variant(),
        family.name
    )
}

fn row(instruction: &Instruction<'_>, table: &Table<'_>) -> String {
    let family = table.families[instruction.family].variant();
    let start = format!(
        "{:#06x}, \"{}\", Family::{family}",
        instruction.opcode, instruction.mnemonic
    );
    match &instruction.signature {
        Some(signature) => {
            let [operands, results] =
                [&signature.operands, &signature.results].map(|types| value_types(types));
            format!("    Instruction::new({start}, &[{operands}], &[{results}]),\n")
        }
        None => format!("    Instruction::untyped({start}),\n"),
    }
}

/// Variants of `ValueType`: `I32, V128` for `i32` and `v128`.
fn value_types(types: &[&str]) -> String {
    let variants: Vec<_> = types.iter().map(|name| capitalised(name)).collect();
    variants.join(", ")
}
