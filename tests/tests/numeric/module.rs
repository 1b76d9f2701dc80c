//! A module with one instruction in a loop over cases, which lie in memory from address 0.

use enshrine_runtime::isa::{Signature, TABLE, ValueType, Word, op};
use enshrine_tests::operands::{Operands, lane_count};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function,
    FunctionSection, Instruction as Wasm, MemArg, MemorySection, MemoryType, Module, TypeSection,
    ValType,
};

/// Bytes of a case in memory: three operands and the result.
pub(crate) const CASE_SIZE: u32 = 64;

/// Where the result is in a case.
const RESULT: u32 = 48;

/// A module whose `run` takes the addresses of a first case and of the end.
pub(crate) fn module(word: &Word, signature: &Signature, cases: &[Operands]) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32, ValType::I32], []);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let bytes: Vec<u8> = cases.iter().flat_map(case_bytes).collect();
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: bytes.len() as u64 / 0x1_0000 + 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("run", ExportKind::Func, 0);
    let mut code = CodeSection::new();
    code.function(&body(word, signature));
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(0), bytes);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&memories)
        .section(&exports)
        .section(&code)
        .section(&data);
    module.finish()
}

fn case_bytes(operands: &Operands) -> [u8; CASE_SIZE as usize] {
    let mut bytes = [0; CASE_SIZE as usize];
    for (place, operand) in bytes.chunks_mut(16).zip(operands) {
        place.copy_from_slice(&operand.to_le_bytes());
    }
    bytes
}

/// Results of the cases, from the memory after a run.
pub(crate) fn results(memory: &[u8]) -> impl Iterator<Item = u128> {
    memory.chunks(CASE_SIZE as usize).map(|case| {
        let (bytes, _) = case[RESULT as usize..].as_chunks();
        u128::from_le_bytes(bytes[0])
    })
}

fn body(word: &Word, signature: &Signature) -> Function {
    let mut body = Function::new([]);
    body.instruction(&Wasm::Loop(BlockType::Empty));
    body.instruction(&Wasm::LocalGet(0));
    for (offset, ty) in (0..).step_by(16).zip(signature.operands) {
        body.instruction(&Wasm::LocalGet(0));
        body.instruction(&load(*ty, offset));
    }
    body.raw(encoded(word));
    body.instruction(&store(signature.results[0]));
    body.instruction(&Wasm::LocalGet(0));
    body.instruction(&Wasm::I32Const(CASE_SIZE.cast_signed()));
    body.instruction(&Wasm::I32Add);
    body.instruction(&Wasm::LocalTee(0));
    body.instruction(&Wasm::LocalGet(1));
    body.instruction(&Wasm::I32LtU);
    body.instruction(&Wasm::BrIf(0));
    body.instruction(&Wasm::End);
    body.instruction(&Wasm::End);
    body
}

/// The instruction in WASM's binary format.
fn encoded(word: &Word) -> Vec<u8> {
    let [prefix, code] = word.opcode.to_be_bytes();
    let mut bytes = match (prefix, code) {
        (0, code) => vec![code],
        (prefix, code @ ..0x80) => vec![prefix, code],
        (prefix, code) => vec![prefix, code, 1],
    };
    let known = TABLE.iter().find(|line| line.opcode == word.opcode);
    if word.opcode == op::I8X16_SHUFFLE {
        bytes.extend(word.imm.to_le_bytes());
    } else if known.and_then(lane_count).is_some() {
        bytes.extend(u8::try_from(word.a));
    }
    bytes
}

fn at(offset: u64) -> MemArg {
    MemArg {
        offset,
        align: 0,
        memory_index: 0,
    }
}

fn load(ty: ValueType, offset: u64) -> Wasm<'static> {
    match ty {
        ValueType::I32 => Wasm::I32Load(at(offset)),
        ValueType::I64 => Wasm::I64Load(at(offset)),
        ValueType::F32 => Wasm::F32Load(at(offset)),
        ValueType::F64 => Wasm::F64Load(at(offset)),
        ValueType::V128 => Wasm::V128Load(at(offset)),
        ValueType::Any => unreachable!("pure instructions have typed operands"),
    }
}

fn store(ty: ValueType) -> Wasm<'static> {
    let place = at(RESULT.into());
    match ty {
        ValueType::I32 => Wasm::I32Store(place),
        ValueType::I64 => Wasm::I64Store(place),
        ValueType::F32 => Wasm::F32Store(place),
        ValueType::F64 => Wasm::F64Store(place),
        ValueType::V128 => Wasm::V128Store(place),
        ValueType::Any => unreachable!("pure instructions have typed results"),
    }
}
