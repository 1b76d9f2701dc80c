//! The table of instructions against WebAssembly as others have written it down: the names and encodings of the text
//! format (`wast`), the types and the list of operators of the validator (`wasmparser`), and the walk.
//!
//! For each instruction that WASM has, a module is written whose one function takes the table's operands, executes the
//! instruction and returns the table's results.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use enshrine_runtime::{
    isa::{Family, Instruction, TABLE, ValueType, Word, op},
    program::Program,
};
use wasmparser::{FunctionBody, Parser, Payload, Validator, WasmFeatures};

/// What `any` in a signature stands for.
const TYPES: [ValueType; 5] = [
    ValueType::I32,
    ValueType::I64,
    ValueType::F32,
    ValueType::F64,
    ValueType::V128,
];

/// Proposals that the profile takes instructions from, as `wasmparser` names them.
const PROPOSALS: [&str; 6] = [
    "mvp",
    "sign_extension",
    "saturating_float_to_int",
    "bulk_memory",
    "reference_types",
    "simd",
];

/// Operators that are lowered to other words, or to none.
const LOWERED: [&str; 11] = [
    "nop",
    "block",
    "loop",
    "if",
    "else",
    "end",
    "br",
    "br_if",
    "br_table",
    "data_drop",
    // A `select` that names its type.
    "typed_select",
];

/// Operators that the profile refuses: they change or look into tables, or make references.
const REFUSED: [&str; 12] = [
    "table_init",
    "table_copy",
    "table_fill",
    "table_get",
    "table_set",
    "table_grow",
    "table_size",
    "elem_drop",
    "ref_null",
    "ref_is_null",
    "ref_func",
    "typed_select_multi",
];

/// Instructions that WASM has, which keep its opcodes.
fn of_wasm() -> impl Iterator<Item = &'static Instruction> {
    TABLE.iter().filter(|line| line.opcode >> 8 != 0xe0)
}

/// The instruction with each type that it can have.
fn typed_of_wasm() -> impl Iterator<Item = (&'static Instruction, ValueType)> {
    of_wasm().flat_map(|line| {
        let generic = signature(line).concat().contains(&ValueType::Any);
        let types = if generic { &TYPES[..] } else { &TYPES[..1] };
        types.iter().map(move |ty| (line, *ty))
    })
}

/// Operands and results in WASM. Control instructions are written with functions that take and give nothing.
fn signature(line: &Instruction) -> [&'static [ValueType]; 2] {
    let Some(signature) = line.signature else {
        return [&[], &[]];
    };
    // The walk pushes the last operand, the length left of the segment, before the instruction.
    let hidden = usize::from(line.opcode == op::MEMORY_INIT);
    let visible = signature.operands.len() - hidden;
    [&signature.operands[..visible], signature.results]
}

fn type_name(ty: ValueType, any: ValueType) -> &'static str {
    match ty {
        ValueType::I32 => "i32",
        ValueType::I64 => "i64",
        ValueType::F32 => "f32",
        ValueType::F64 => "f64",
        ValueType::V128 => "v128",
        ValueType::Any => type_name(any, ValueType::I32),
    }
}

fn type_names(types: &[ValueType], any: ValueType) -> String {
    let names: Vec<_> = types.iter().map(|ty| type_name(*ty, any)).collect();
    names.join(" ")
}

/// What the text format has behind the mnemonic.
fn immediates(line: &Instruction) -> &'static str {
    match line.mnemonic {
        "call" => "$nothing",
        "call_indirect" => "$table (type $nothing)",
        "memory.init" => "$data",
        "v128.const" => "i32x4 1 2 3 4",
        "i8x16.shuffle" => "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31",
        "local.get" | "local.set" | "local.tee" => "$local",
        "global.get" | "global.set" => "$global",
        name if name.ends_with(".const") => "5",
        name if name.contains("_lane") && !name.contains("load") && !name.contains("store") => "1",
        name if name.ends_with("_lane") => "offset=7 align=1 1",
        _ if memory_access(line) => "offset=7 align=1",
        _ => "",
    }
}

fn memory_access(line: &Instruction) -> bool {
    matches!(line.family, Family::Memory | Family::SimdMemory)
        && !matches!(line.opcode, op::MEMORY_SIZE | op::MEMORY_GROW)
}

/// A module whose second function does nothing but the instruction.
fn module(line: &Instruction, any: ValueType) -> Vec<u8> {
    let [operands, results] = signature(line);
    let zero = match any {
        ValueType::V128 => "v128.const i64x2 0 0".to_owned(),
        scalar => format!("{}.const 0", type_name(scalar, scalar)),
    };
    let any_name = type_name(any, any);
    let gets: String = (0..operands.len())
        .map(|index| format!("local.get {index} "))
        .collect();
    let text = format!(
        "(module
            (type $nothing (func))
            (memory 1)
            (table $table 1 funcref)
            (global $global (mut {any_name}) ({zero}))
            (data $data \"12345678\")
            (func $nothing (type $nothing))
            (func (param {}) (result {}) (local $local {any_name}) {gets} {} {}))",
        type_names(operands, any),
        type_names(results, any),
        line.mnemonic,
        immediates(line),
    );
    let buffer = wast::parser::ParseBuffer::new(&text).unwrap();
    let parsed = wast::parser::parse::<wast::Wat<'_>>(&buffer);
    let mut module = parsed.unwrap_or_else(|error| panic!("{}: {error}\n{text}", line.mnemonic));
    module.encode().unwrap()
}

/// Bytes of each operator of the module's second function.
fn operators(wasm: &[u8]) -> Vec<&[u8]> {
    let bodies: Vec<FunctionBody<'_>> = Parser::new(0)
        .parse_all(wasm)
        .filter_map(|payload| match payload.unwrap() {
            Payload::CodeSectionEntry(body) => Some(body),
            _ => None,
        })
        .collect();
    let mut reader = bodies[1].get_operators_reader().unwrap();
    let mut operators = Vec::new();
    while !reader.eof() {
        let start = reader.original_position();
        reader.read().unwrap();
        operators.push(&wasm[start..reader.original_position()]);
    }
    operators
}

/// An opcode in WASM's binary format: a byte, or a prefix and a LEB128 number.
fn encoded(opcode: u16) -> Vec<u8> {
    let [page, code] = opcode.to_be_bytes();
    match (page, code) {
        (0, _) => vec![code],
        (_, 0..0x80) => vec![page, code],
        _ => vec![page, code & 0x7f | 0x80, code >> 7],
    }
}

/// Words of the module's second function.
fn words(wasm: &[u8]) -> Vec<Word> {
    let program = Program::lower(wasm).unwrap();
    let entry = program.entries[1].unwrap();
    program.words[entry as usize..].to_vec()
}

#[test]
fn opcodes_are_those_of_the_text_format() {
    for (line, any) in typed_of_wasm() {
        let wasm = module(line, any);
        let operators = operators(&wasm);
        let [operands, _] = signature(line);
        // The instruction, behind those that push its operands, and `end`.
        assert_eq!(operators.len(), operands.len() + 2, "{}", line.mnemonic);
        let opcode = encoded(line.opcode);
        let bytes = operators[operands.len()];
        assert!(
            bytes.starts_with(&opcode),
            "{}: {bytes:02x?}",
            line.mnemonic
        );
    }
}

#[test]
fn signatures_are_valid() {
    for (line, any) in typed_of_wasm() {
        let wasm = module(line, any);
        let mut validator = Validator::new_with_features(WasmFeatures::WASM2);
        if let Err(error) = validator.validate_all(&wasm) {
            panic!("{} of {any:?}: {error}", line.mnemonic);
        }
    }
}

#[test]
fn signatures_with_another_type_are_invalid() {
    for (line, any) in typed_of_wasm().filter(|(line, _)| line.signature.is_some()) {
        for (side, types) in signature(line).into_iter().enumerate() {
            for index in 0..types.len() {
                let wrong = with_other_type(line, side, index, any);
                let wasm = module(&wrong, any);
                let mut validator = Validator::new_with_features(WasmFeatures::WASM2);
                // The value that `drop` takes is the only one whose type nothing else settles.
                let accepted = line.opcode == op::DROP;
                let valid = validator.validate_all(&wasm).is_ok();
                assert_eq!(
                    valid, accepted,
                    "{} of {any:?}, {side}, {index}",
                    line.mnemonic
                );
            }
        }
    }
}

/// The instruction with another type in place of operand (side 0) or result `index`.
fn with_other_type(line: &Instruction, side: usize, index: usize, any: ValueType) -> Instruction {
    let mut signature = line.signature.unwrap();
    let types = if side == 0 {
        &mut signature.operands
    } else {
        &mut signature.results
    };
    let mut changed = types.to_vec();
    let old = match changed[index] {
        ValueType::Any => any,
        other => other,
    };
    changed[index] = *TYPES.iter().find(|ty| **ty != old).unwrap();
    // A few hundred short lists, for the length of the test.
    *types = changed.leak();
    Instruction {
        signature: Some(signature),
        ..*line
    }
}

#[test]
fn the_walk_lowers_each_instruction_to_itself() {
    for (line, any) in typed_of_wasm() {
        let words = words(&module(line, any));
        let [operands, _] = signature(line);
        // `enter`, parameters into locals, operands onto the stack, and the length left of a segment.
        let before = 1 + 2 * operands.len() + usize::from(line.opcode == op::MEMORY_INIT);
        // A `return` is a branch to the function's end, where the word of this name stands.
        let opcode = if line.opcode == op::RETURN {
            op::JUMP
        } else {
            line.opcode
        };
        assert_eq!(words[before].opcode, opcode, "{}", line.mnemonic);
        let last = words.last().unwrap();
        assert_eq!(last.opcode, op::RETURN, "{}", line.mnemonic);
    }
}

#[test]
fn every_operator_of_the_profile_is_in_the_table() {
    let mut expected = BTreeSet::new();
    macro_rules! collect {
        ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            $(if PROPOSALS.contains(&stringify!($proposal)) {
                expected.insert(stringify!($visit).trim_start_matches("visit_").to_owned());
            })*
        };
    }
    wasmparser::for_each_operator!(collect);
    for name in LOWERED.into_iter().chain(REFUSED) {
        assert!(
            expected.remove(name),
            "{name} is no operator of the profile"
        );
    }
    let table: BTreeSet<_> = of_wasm()
        .map(|line| line.mnemonic.replace('.', "_"))
        .collect();
    assert_eq!(table, expected);
}

#[test]
fn all_vector_instructions_are_there() {
    let vectors = TABLE.iter().filter(|line| line.opcode >> 8 == 0xfd).count();
    assert_eq!(vectors, 236);
    assert_eq!(TABLE.len(), 428);
}
