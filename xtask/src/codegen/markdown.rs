//! The table as a page of the documentation.

use anyhow::{Context, Result, ensure};

use super::table::{Instruction, Table};

/// The page's prose. A line `<!-- family NAME -->` stands for the section's purpose and table.
const TEMPLATE: &str = include_str!("isa.md");

/// `docs/isa.md`: how to read an instruction, and all of them.
///
/// # Errors
/// When the prose does not place each family once.
pub(super) fn page(table: &Table<'_>) -> Result<String> {
    fill(TEMPLATE, table)
}

fn fill(template: &str, table: &Table<'_>) -> Result<String> {
    let mut placed = vec![0; table.families.len()];
    let mut page = String::new();
    for line in template.lines() {
        match placeholder(line) {
            Some(name) => {
                let family = table
                    .families
                    .iter()
                    .position(|family| family.name == name)
                    .with_context(|| format!("the page has unknown family {name}"))?;
                placed[family] += 1;
                page += &section(family, table);
            }
            None => page += &line.replace("{count}", &table.instructions.len().to_string()),
        }
        page.push('\n');
    }
    for (family, times) in table.families.iter().zip(placed) {
        let name = family.name;
        ensure!(times == 1, "the page places family {name} {times} times");
    }
    Ok(page)
}

fn placeholder(line: &str) -> Option<&str> {
    line.strip_prefix("<!-- family ")?.strip_suffix(" -->")
}

fn section(family: usize, table: &Table<'_>) -> String {
    let purpose = table.families[family].purpose;
    let number = family + 1;
    let rows: Vec<_> = table.of_family(family).map(row).collect();
    format!(
        "Family {number}. {purpose}\n\n\
         | opcode | mnemonic | fields | operands → results | note |\n|---|---|---|---|---|\n{}",
        rows.join("\n")
    )
}

fn row(instruction: &Instruction<'_>) -> String {
    let code = |text: String| format!("`{text}`");
    let fields: Vec<_> = instruction
        .fields
        .iter()
        .map(|field| format!("`{field}`"))
        .collect();
    let signature = instruction.signature.as_ref();
    let cells = [
        format!("`{:04x}`", instruction.opcode),
        code(instruction.mnemonic.to_owned()),
        fields.join(", "),
        signature.map_or_else(String::new, |signature| code(signature.to_string())),
        instruction.note.to_owned(),
    ];
    let cells = cells.map(|cell| format!(" {cell} ").replace("  ", " "));
    format!("|{}|", cells.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "family one  First.\nfamily two  Second.\n\
        0001  a.b  two  a c  i32 ->\n0020  b  one  -  - ; Does `b`.\n";

    #[test]
    fn families_stand_where_the_prose_has_them() {
        let table = Table::parse(TEXT).unwrap();
        let page = fill(
            "{count} in all\n<!-- family two -->\nand\n<!-- family one -->",
            &table,
        );
        let head =
            "| opcode | mnemonic | fields | operands → results | note |\n|---|---|---|---|---|\n";
        let expected = format!(
            "2 in all\nFamily 2. Second.\n\n{head}| `0001` | `a.b` | `a`, `c` | `i32 ->` | |\nand\n\
             Family 1. First.\n\n{head}| `0020` | `b` | | | Does `b`. |\n"
        );
        assert_eq!(page.unwrap(), expected);
    }

    #[test]
    fn prose_that_misses_a_family_or_repeats_one_is_refused() {
        let table = Table::parse(TEXT).unwrap();
        let error = |template: &str| fill(template, &table).unwrap_err().to_string();
        let missing = error("<!-- family one -->");
        assert_eq!(missing, "the page places family two 0 times");
        let unknown = error("<!-- family three -->");
        assert_eq!(unknown, "the page has unknown family three");
        let twice = error("<!-- family one -->\n<!-- family two -->\n<!-- family one -->");
        assert_eq!(twice, "the page places family one 2 times");
    }
}
