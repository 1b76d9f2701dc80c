//! The table of instructions, read and checked.

use std::{collections::BTreeSet, fmt};

use anyhow::{Context, Result, bail, ensure};

/// Value types that signatures name; `any` is each of the others.
const VALUE_TYPES: [&str; 6] = ["i32", "i64", "f32", "f64", "v128", "any"];

/// Fields of a word beside its opcode.
const FIELDS: [&str; 4] = ["a", "b", "c", "imm"];

/// Pages of 256 opcodes: unprefixed WASM, the machine's own, and WASM's two prefixes.
pub(super) const PAGES: [u16; 4] = [0x00, 0xe0, 0xfc, 0xfd];

/// The whole table.
#[derive(Debug)]
pub(super) struct Table<'a> {
    /// In the order of their numbers, the first of which is 1.
    pub(super) families: Vec<Family<'a>>,
    /// By ascending opcode.
    pub(super) instructions: Vec<Instruction<'a>>,
}

/// A group of instructions that one handler, or one contract, executes.
#[derive(Debug)]
pub(super) struct Family<'a> {
    /// In lower case, words joined by underscores.
    pub(super) name: &'a str,
    /// What its instructions work on.
    pub(super) purpose: &'a str,
}

/// A line of the table.
#[derive(Debug)]
pub(super) struct Instruction<'a> {
    pub(super) opcode: u16,
    pub(super) mnemonic: &'a str,
    /// Index in the table's families.
    pub(super) family: usize,
    /// Fields of the word that are read.
    pub(super) fields: Vec<&'a str>,
    /// Nothing where the value stack does not tell.
    pub(super) signature: Option<Signature<'a>>,
    /// Empty where WASM's specification says all.
    pub(super) note: &'a str,
}

/// What an instruction pops and pushes, from bottom to top.
#[derive(Debug)]
pub(super) struct Signature<'a> {
    pub(super) operands: Vec<&'a str>,
    pub(super) results: Vec<&'a str>,
}

impl<'a> Table<'a> {
    /// Reads the table.
    ///
    /// # Errors
    /// When a line is malformed or contradicts another; the message has its number.
    pub(super) fn parse(text: &'a str) -> Result<Self> {
        let mut table = Table {
            families: Vec::new(),
            instructions: Vec::new(),
        };
        for (index, line) in text.lines().enumerate() {
            table
                .add(line)
                .with_context(|| format!("line {}: {line}", index + 1))?;
        }
        table.check_whole()?;
        Ok(table)
    }

    /// Instructions of family `index`.
    pub(super) fn of_family(&self, index: usize) -> impl Iterator<Item = &Instruction<'a>> {
        self.instructions
            .iter()
            .filter(move |instruction| instruction.family == index)
    }

    fn add(&mut self, line: &'a str) -> Result<()> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        ensure!(
            !line.contains('|'),
            "a bar would break the tables made of it"
        );
        match line.strip_prefix("family ") {
            Some(family) => self.families.push(parse_family(family)?),
            None => {
                let instruction = self.parse_instruction(line)?;
                self.instructions.push(instruction);
            }
        }
        Ok(())
    }

    fn parse_instruction(&self, line: &'a str) -> Result<Instruction<'a>> {
        let (columns, note) = line.split_once(" ; ").unwrap_or((line, ""));
        let columns: Vec<_> = columns
            .split("  ")
            .map(str::trim)
            .filter(|column| !column.is_empty())
            .collect();
        let [opcode, mnemonic, family, fields, signature] = columns[..] else {
            bail!("expected 5 columns, got {}", columns.len());
        };
        let opcode = parse_opcode(opcode)?;
        let last = self.instructions.last();
        ensure!(
            last.is_none_or(|last| last.opcode < opcode),
            "the opcode is not above the one before"
        );
        let family = self
            .families
            .iter()
            .position(|known| known.name == family)
            .with_context(|| format!("unknown family {family}"))?;
        Ok(Instruction {
            opcode,
            mnemonic,
            family,
            fields: parse_list(fields, &FIELDS)?,
            signature: parse_signature(signature)?,
            note: note.trim(),
        })
    }

    fn check_whole(&self) -> Result<()> {
        ensure!(
            self.families.len() < 256,
            "the number of a family is a byte, and 0 is none"
        );
        let names: BTreeSet<_> = self.families.iter().map(|family| family.name).collect();
        ensure!(names.len() == self.families.len(), "a family stands twice");
        for (index, family) in self.families.iter().enumerate() {
            let used = self.of_family(index).next().is_some();
            ensure!(used, "no instruction is of family {}", family.name);
        }
        let mut constants = BTreeSet::new();
        for instruction in &self.instructions {
            let constant = instruction.constant();
            ensure!(
                constants.insert(constant.clone()),
                "{constant} stands twice"
            );
        }
        Ok(())
    }
}

impl Family<'_> {
    /// The name of its variant: `SimdLogic` for `simd_logic`.
    pub(super) fn variant(&self) -> String {
        self.name.split('_').map(capitalised).collect()
    }
}

impl Instruction<'_> {
    /// The name of its constant: `I32_ADD` for `i32.add`.
    pub(super) fn constant(&self) -> String {
        self.mnemonic.replace('.', "_").to_uppercase()
    }
}

impl fmt::Display for Signature<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sides = [self.operands.as_slice(), &["->"], &self.results];
        f.write_str(&sides.concat().join(" "))
    }
}

/// The word with its first letter in upper case.
pub(super) fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn parse_family(line: &str) -> Result<Family<'_>> {
    let (name, purpose) = line
        .trim()
        .split_once(' ')
        .context("a family has a name and a purpose")?;
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    ensure!(
        name.split('_').all(is_word),
        "a family's name is lower-case words joined by underscores"
    );
    Ok(Family {
        name,
        purpose: purpose.trim(),
    })
}

fn parse_opcode(column: &str) -> Result<u16> {
    ensure!(column.len() == 4, "an opcode has four hexadecimal digits");
    let opcode =
        u16::from_str_radix(column, 16).with_context(|| format!("{column} is not hexadecimal"))?;
    ensure!(
        PAGES.contains(&(opcode >> 8)),
        "{column} lies outside the pages of opcodes"
    );
    Ok(opcode)
}

/// Words of a column, all of which must be `known`; `-` is none.
fn parse_list<'a>(column: &'a str, known: &[&str]) -> Result<Vec<&'a str>> {
    if column == "-" {
        return Ok(Vec::new());
    }
    let words: Vec<_> = column.split_whitespace().collect();
    match words.iter().find(|word| !known.contains(word)) {
        Some(unknown) => bail!("unknown word {unknown}"),
        None => Ok(words),
    }
}

fn parse_signature(column: &str) -> Result<Option<Signature<'_>>> {
    if column == "-" {
        return Ok(None);
    }
    let (operands, results) = column
        .split_once("->")
        .context("a signature is operands -> results, or -")?;
    Ok(Some(Signature {
        operands: parse_list(operands, &VALUE_TYPES)?,
        results: parse_list(results, &VALUE_TYPES)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAMILIES: &str = "family one  First.\nfamily two_words  Second.\n";

    fn parse_error(instructions: &str) -> String {
        let text = FAMILIES.to_owned() + instructions;
        format!("{:#}", Table::parse(&text).unwrap_err())
    }

    #[test]
    fn lines_are_read_column_by_column() {
        let lines =
            "# Note.\n\n0011  x.y  one  a b  i32 v128 -> any ; Does.\nfd00  z  two_words  -  -\n";
        let text = FAMILIES.to_owned() + lines;
        let table = Table::parse(&text).unwrap();
        let [first, second] = &table.instructions[..] else {
            panic!("two instructions");
        };
        assert_eq!((first.opcode, first.family), (0x11, 0));
        assert_eq!((first.constant().as_str(), first.note), ("X_Y", "Does."));
        assert_eq!(first.fields, ["a", "b"]);
        assert_eq!(
            first.signature.as_ref().unwrap().to_string(),
            "i32 v128 -> any"
        );
        assert_eq!((second.opcode, second.family, second.note), (0xfd00, 1, ""));
        assert!(second.signature.is_none() && second.fields.is_empty());
        assert_eq!(table.families[1].variant(), "TwoWords");
        assert_eq!(table.families[1].purpose, "Second.");
    }

    #[test]
    fn signatures_without_operands_or_results_keep_the_arrow() {
        for column in ["->", "-> i32", "f32 ->"] {
            let signature = parse_signature(column).unwrap().unwrap();
            assert_eq!(signature.to_string(), column);
        }
    }

    #[test]
    fn malformed_lines_are_refused_with_their_number() {
        let cases = [
            ("0011  x  one  -", "expected 5 columns, got 4"),
            ("011  x  one  -  -", "four hexadecimal digits"),
            ("00xy  x  one  -  -", "00xy is not hexadecimal"),
            ("0111  x  one  -  -", "0111 lies outside the pages"),
            ("0011  x  three  -  -", "unknown family three"),
            ("0011  x  one  d  -", "unknown word d"),
            ("0011  x  one  -  i8 ->", "unknown word i8"),
            ("0011  x  one  -  i32", "operands -> results"),
            ("0011  x  one  -  - ; a|b", "a bar would break"),
            ("family Upper  Case.", "lower-case words"),
            ("family lonely", "a name and a purpose"),
        ];
        for (line, expected) in cases {
            let message = parse_error(line);
            assert!(message.contains(expected), "{message}");
            assert!(message.contains("line 3"), "{message}");
        }
    }

    #[test]
    fn contradictions_are_refused() {
        let cases = [
            (
                "0011  x  one  -  -\n0011  y  one  -  -",
                "not above the one before",
            ),
            (
                "0011  x.y  one  -  -\n0012  x_y  two_words  -  -",
                "X_Y stands twice",
            ),
            (
                "0011  x  one  -  -",
                "no instruction is of family two_words",
            ),
            ("family one  Again.", "a family stands twice"),
        ];
        for (lines, expected) in cases {
            let message = parse_error(lines);
            assert!(message.contains(expected), "{message}");
        }
    }
}
