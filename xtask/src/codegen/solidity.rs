//! The table as Solidity.

use super::table::{Family, Instruction, PAGES, Table};

/// Version of the compiler, the same as in `precompile/contracts/package.json`.
const SOLC: &str = "0.8.37";

/// Opcodes of a page.
const PAGE: u16 = 256;

/// Opcodes in a line of the lookup table: 64 hexadecimal digits, within 100 columns.
const LINE: u16 = 32;

/// `l1-contracts/src/generated/Opcodes.sol`: families, opcodes, and the lookup from one to the other.
pub(super) fn library(table: &Table<'_>) -> String {
    let families: Vec<_> = table.families.iter().map(member).collect();
    let constants: String = table.instructions.iter().map(constant).collect();
    format!(
        "// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity {SOLC};

/// @title Families of instructions
/// @notice The group of instructions that one contract executes; `None` is that of unknown opcodes.
/// @dev Generated from runtime/isa.txt by `cargo xtask codegen`.
/// @custom:mirrors runtime/src/isa/table.rs
enum Family {{
    // No instruction has the opcode. Its step fails the run.
    None,
{families}
}}

/// @title Opcodes of the machine
/// @notice The upper bytes of a word, by instruction, and the family of each.
/// @dev Generated from runtime/isa.txt by `cargo xtask codegen`.
/// @custom:mirrors runtime/src/isa/op.rs
library Opcodes {{
{constants}{lookup}    /// @notice Family of an opcode.
    /// @param _opcode Any 16 bits.
    /// @return family_ The family, or `None` if no instruction has the opcode.
    function family(uint16 _opcode) internal pure returns (Family family_) {{
        return Family(_shape(_opcode) & 0x0f);
    }}

    /// @notice Number of values that an instruction pops by its signature.
    /// @param _opcode Any 16 bits.
    /// @return count_ The number; 0 if the stack does not tell, or no instruction has the opcode.
    function operands(uint16 _opcode) internal pure returns (uint256 count_) {{
        return _shape(_opcode) >> 4;
    }}

    function _shape(uint16 _opcode) private pure returns (uint256 shape_) {{
        uint256 prefix = _opcode >> 8;
        uint256 index = _opcode & 0xff;
{dispatch}
        return 0;
    }}
}}
",
        families = families.join(",\n"),
        lookup = PAGES
            .iter()
            .map(|page| page_constant(table, *page))
            .collect::<String>(),
        dispatch = PAGES.map(dispatch).join("\n"),
    )
}

fn member(family: &Family<'_>) -> String {
    format!("    // {}\n    {}", family.purpose, family.variant())
}

fn constant(instruction: &Instruction<'_>) -> String {
    let signature = match &instruction.signature {
        Some(signature) => format!(": `{signature}`"),
        None => String::new(),
    };
    let (mnemonic, name, opcode) = (
        instruction.mnemonic,
        instruction.constant(),
        instruction.opcode,
    );
    format!(
        "    /// @dev `{mnemonic}`{signature}.\n    uint16 internal constant {name} = {opcode:#06x};\n\n"
    )
}

/// What is known of the opcodes of a page.
fn page_constant(table: &Table<'_>, page: u16) -> String {
    format!(
        "    /// @dev What is known of the opcodes {page:#04x}xx: a byte each, {LINE} a line. The lower half is the number of the
    /// family, the upper half how many operands the instruction pops.
    bytes private constant PAGE_{page:02X} = hex\"\"
{};

",
        lookup(table, page).join("\n")
    )
}

fn dispatch(page: u16) -> String {
    format!("        if (prefix == {page:#04x}) return uint8(PAGE_{page:02X}[index]);")
}

/// Lines of a page.
fn lookup(table: &Table<'_>, page: u16) -> Vec<String> {
    let lines = (0..PAGE / LINE).map(|line| page * PAGE + line * LINE);
    lines.map(|first| lookup_line(table, first)).collect()
}

fn lookup_line(table: &Table<'_>, first: u16) -> String {
    let digits: String = (first..=first + (LINE - 1))
        .map(|opcode| format!("{:02x}", shape(table, opcode)))
        .collect();
    format!("        hex\"{digits}\"")
}

/// Number of the opcode's family, its place among the families counted from 1, and above it how many operands the
/// instruction pops; 0 for no instruction.
fn shape(table: &Table<'_>, opcode: u16) -> usize {
    let found = table
        .instructions
        .binary_search_by_key(&opcode, |instruction| instruction.opcode);
    found.map_or(0, |index| {
        let instruction = &table.instructions[index];
        let signature = instruction.signature.as_ref();
        let operands = signature.map_or(0, |signature| signature.operands.len());
        operands << 4 | (instruction.family + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::root;

    const TEXT: &str = "family one  First.\nfamily two  Second.\n\
        0001  a  two  -  -\n0020  b  one  -  i32 v128 -> i32\nfdff  c  two  -  -\n";

    #[test]
    fn lookup_has_a_byte_for_each_opcode_of_the_pages() {
        let table = Table::parse(TEXT).unwrap();
        let digits = PAGES.map(|page| lookup(&table, page).join("")).join("");
        let digits: String = digits
            .split("hex")
            .flat_map(|part| part.split('"'))
            .map(str::trim)
            .collect();
        assert_eq!(digits.len(), 2 * 4 * 256);
        let expected = |place: usize| match place {
            0x001 | 0x3ff => "02",
            0x020 => "21",
            _ => "00",
        };
        for place in 0..4 * 256 {
            assert_eq!(
                &digits[2 * place..2 * place + 2],
                expected(place),
                "{place:03x}"
            );
        }
    }

    #[test]
    fn pragma_is_the_compiler_that_the_contracts_are_built_with() {
        let path = root().unwrap().join("precompile/contracts/package.json");
        let package: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(package["dependencies"]["solc"], SOLC);
    }
}
