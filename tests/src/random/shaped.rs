//! Modules made of what instrumentation treats in a special way.
//!
//! A generator of statements (no net effect on the operand stack) and expressions (one more operand), with every label
//! in scope as a target: branches carry results over operands that they drop, loops count to a small number, functions
//! call each other, and values of all types meet in locals, globals, memory, blocks, calls and selects.

use arbitrary::{Result, Unstructured};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ElementSection, Elements, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, Ieee32, Ieee64,
    Instruction as I, MemArg, MemorySection, MemoryType, Module, RefType, TableSection, TableType,
    TypeSection, ValType,
};

use super::{
    float32, float64, int32, int64,
    operators::{LANES, LOADS, Operator, STORES, all, float_vectors},
    pick,
};

const TYPES: [ValType; 5] = [
    ValType::I32,
    ValType::I64,
    ValType::F32,
    ValType::F64,
    ValType::V128,
];

/// Locals of each type beside parameters and loop counters.
const LOCALS_PER_TYPE: u32 = 2;

/// Loop counters of a function.
const COUNTERS: u32 = 6;

/// Statements that one function may have.
const STATEMENTS: u32 = 40;

/// Length of the passive data segment in bytes.
const DATA_BYTES: u32 = 100;

#[derive(Clone, Debug)]
struct Signature {
    params: Vec<ValType>,
    results: Vec<ValType>,
}

fn types(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<ValType>> {
    let count = u.int_in_range(0..=most)?;
    (0..count).map(|_| u.choose(&TYPES).copied()).collect()
}

/// A module with memory, a table, globals, and two to five functions that are all exported.
pub(super) fn module(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let count = u.int_in_range(2..=5)?;
    let signatures = (0..count)
        .map(|_| {
            Ok(Signature {
                params: types(u, 3)?,
                results: types(u, 3)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let mut blocks = TypeSection::new();
    for signature in &signatures {
        let Signature { params, results } = signature;
        blocks
            .ty()
            .function(params.iter().copied(), results.iter().copied());
    }
    let mut code = CodeSection::new();
    let operators = operators();
    let mut block_types = u32::try_from(signatures.len()).unwrap_or(0);
    for signature in &signatures {
        let mut body = Body::new(
            &signatures,
            signature,
            &operators,
            &mut blocks,
            &mut block_types,
        );
        body.generate(u)?;
        code.function(&body.function);
    }
    Ok(assemble(&signatures, &blocks, &code))
}

fn operators() -> Vec<Operator> {
    let mut operators = all();
    operators.extend(float_vectors());
    operators
}

fn assemble(signatures: &[Signature], types: &TypeSection, code: &CodeSection) -> Vec<u8> {
    let count = u32::try_from(signatures.len()).unwrap_or(0);
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    for index in 0..count {
        functions.function(index);
        exports.export(&format!("f{index}"), ExportKind::Func, index);
    }
    exports.export("memory", ExportKind::Memory, 0);
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: u64::from(count) + 1,
        maximum: None,
        shared: false,
    });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: Some(3),
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut elements = ElementSection::new();
    let functions_in_table: Vec<_> = (0..count).collect();
    elements.active(
        Some(0),
        &ConstExpr::i32_const(0),
        Elements::Functions(functions_in_table.into()),
    );
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(64), super::seeded(3, 200));
    data.passive(super::seeded(4, DATA_BYTES as usize));
    let mut module = Module::new();
    module
        .section(types)
        .section(&functions)
        .section(&tables)
        .section(&memories)
        .section(&globals())
        .section(&exports)
        .section(&elements)
        .section(&wasm_encoder::DataCountSection { count: 2 })
        .section(code)
        .section(&data);
    module.finish()
}

fn globals() -> GlobalSection {
    let mut globals = GlobalSection::new();
    let initial = [
        ConstExpr::i32_const(5),
        ConstExpr::i64_const(-7),
        ConstExpr::f32_const(Ieee32::new(0x7fa1_2345)),
        ConstExpr::f64_const(Ieee64::new(0x4008_0000_0000_0000)),
        ConstExpr::v128_const(0x7fc0_0001_3f80_0000_ff80_0000_0000_0001),
    ];
    for (val_type, value) in TYPES.into_iter().zip(&initial) {
        globals.global(
            GlobalType {
                val_type,
                mutable: true,
                shared: false,
            },
            value,
        );
    }
    globals
}

/// An enclosing label.
#[derive(Clone, Debug)]
struct Label {
    /// Types that a branch carries.
    carried: Vec<ValType>,
    /// Branches go back: only the loop itself does that.
    is_loop: bool,
}

struct Body<'m> {
    signatures: &'m [Signature],
    operators: &'m [Operator],
    types: &'m mut TypeSection,
    type_count: &'m mut u32,
    function: Function,
    locals: Vec<ValType>,
    first_counter: u32,
    counters: u32,
    labels: Vec<Label>,
    statements: u32,
    results: Vec<ValType>,
}

impl<'m> Body<'m> {
    fn new(
        signatures: &'m [Signature],
        signature: &Signature,
        operators: &'m [Operator],
        types: &'m mut TypeSection,
        type_count: &'m mut u32,
    ) -> Self {
        let mut locals = signature.params.clone();
        let declared = TYPES
            .iter()
            .map(|ty| (LOCALS_PER_TYPE, *ty))
            .chain([(COUNTERS, ValType::I32)]);
        let function = Function::new(declared.collect::<Vec<_>>());
        locals.extend(
            TYPES
                .iter()
                .flat_map(|ty| (0..LOCALS_PER_TYPE).map(|_| *ty)),
        );
        let first_counter = u32::try_from(locals.len()).unwrap_or(0);
        let labels = vec![Label {
            carried: signature.results.clone(),
            is_loop: false,
        }];
        Self {
            signatures,
            operators,
            types,
            type_count,
            function,
            locals,
            first_counter,
            counters: 0,
            labels,
            statements: STATEMENTS,
            results: signature.results.clone(),
        }
    }

    fn emit(&mut self, instruction: &I<'_>) {
        self.function.instruction(instruction);
    }

    fn generate(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let count = u.int_in_range(1..=6)?;
        for _ in 0..count {
            self.statement(u, 3)?;
        }
        for ty in self.results.clone() {
            self.expression(u, ty, 3)?;
        }
        self.emit(&I::End);
        Ok(())
    }

    fn statement(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        if self.statements == 0 || u.is_empty() {
            return Ok(());
        }
        self.statements -= 1;
        match u.int_in_range(0..=15)? {
            0..=3 => self.set_local(u, depth),
            4 => self.set_global(u, depth),
            5..=6 => self.store(u, depth),
            7..=8 if depth > 0 => self.count_loop(u, depth - 1),
            9..=10 if depth > 0 => self.block(u, depth - 1),
            11 if depth > 0 => self.if_else(u, depth - 1),
            12 => self.branch_if(u, depth),
            13 => self.bulk(u),
            14 => self.call_statement(u, depth),
            15 => self.table_switch(u, depth),
            _ => self.set_local(u, depth),
        }
    }

    fn local_of(&self, u: &mut Unstructured<'_>, ty: ValType) -> Result<u32> {
        let candidates: Vec<_> = (0..)
            .zip(&self.locals)
            .filter(|(_, local)| **local == ty)
            .map(|(i, _)| i)
            .collect();
        u.choose(&candidates).copied()
    }

    fn set_local(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        let ty = *u.choose(&TYPES)?;
        self.expression(u, ty, depth)?;
        let local = self.local_of(u, ty)?;
        if u.ratio(1, 4)? {
            self.emit(&I::LocalTee(local));
            self.emit(&I::Drop);
        } else {
            self.emit(&I::LocalSet(local));
        }
        Ok(())
    }

    fn set_global(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        let index = u.choose_index(TYPES.len())?;
        self.expression(u, TYPES[index], depth)?;
        self.emit(&I::GlobalSet(u32::try_from(index).unwrap_or(0)));
        Ok(())
    }

    /// An address that is mostly within the memory.
    fn address(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<MemArg> {
        if u.ratio(1, 3)? && depth > 0 {
            self.expression(u, ValType::I32, depth - 1)?;
            self.emit(&I::I32Const(0xfff));
            self.emit(&I::I32And);
        } else {
            let address = u.int_in_range(0..=300)?;
            self.emit(&I::I32Const(address));
        }
        let far = u.ratio(1, 100)?;
        let offset = if far {
            u.int_in_range(0..=u64::from(u32::MAX))?
        } else {
            u.int_in_range(0..=40)?
        };
        Ok(MemArg {
            offset,
            align: 0,
            memory_index: 0,
        })
    }

    fn store(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        if u.ratio(1, 5)? {
            return self.store_lane(u, depth);
        }
        let (ty, store) = *u.choose(&STORES)?;
        let memarg = self.address(u, depth)?;
        self.expression(u, ty, depth)?;
        self.emit(&store(memarg));
        Ok(())
    }

    fn store_lane(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        let memarg = self.address(u, depth)?;
        self.expression(u, ValType::V128, depth)?;
        let lane = u.int_in_range(0..=1)?;
        let store = match u.int_in_range(0..=3)? {
            0 => I::V128Store8Lane { memarg, lane },
            1 => I::V128Store16Lane { memarg, lane },
            2 => I::V128Store32Lane { memarg, lane },
            _ => I::V128Store64Lane { memarg, lane },
        };
        self.emit(&store);
        Ok(())
    }

    fn block_type(&mut self, params: &[ValType], results: &[ValType]) -> BlockType {
        match (params, results) {
            ([], []) => BlockType::Empty,
            ([], [one]) => BlockType::Result(*one),
            _ => {
                self.types
                    .ty()
                    .function(params.iter().copied(), results.iter().copied());
                *self.type_count += 1;
                BlockType::FunctionType(*self.type_count - 1)
            }
        }
    }

    /// A loop that runs a few times and carries values from round to round.
    fn count_loop(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        if self.counters == COUNTERS {
            return Ok(());
        }
        let counter = self.first_counter + self.counters;
        self.counters += 1;
        let rounds = u.int_in_range(1..=6)?;
        let carried = types(u, 2)?;
        self.emit(&I::I32Const(0));
        self.emit(&I::LocalSet(counter));
        self.expressions(u, &carried, depth)?;
        let ty = self.block_type(&carried, &carried);
        self.emit(&I::Loop(ty));
        self.labels.push(Label {
            carried: carried.clone(),
            is_loop: true,
        });
        self.drop_into_locals(u, &carried)?;
        let count = u.int_in_range(1..=4)?;
        for _ in 0..count {
            self.statement(u, depth)?;
        }
        if u.ratio(1, 2)? {
            // Operands that the jump back drops.
            self.expression(u, ValType::F32, depth)?;
            self.next_round(u, &carried, counter, rounds, depth)?;
            self.drop_into_locals(u, &carried)?;
            self.emit(&I::Drop);
            self.expressions(u, &carried, depth)?;
        } else {
            self.next_round(u, &carried, counter, rounds, depth)?;
        }
        self.labels.pop();
        self.emit(&I::End);
        self.drop_into_locals(u, &carried)
    }

    fn next_round(
        &mut self,
        u: &mut Unstructured<'_>,
        carried: &[ValType],
        counter: u32,
        rounds: i32,
        depth: u32,
    ) -> Result<()> {
        self.expressions(u, carried, depth)?;
        let instructions = [
            I::LocalGet(counter),
            I::I32Const(1),
            I::I32Add,
            I::LocalTee(counter),
            I::I32Const(rounds),
            I::I32LtU,
            I::BrIf(0),
        ];
        instructions
            .iter()
            .for_each(|instruction| self.emit(instruction));
        Ok(())
    }

    fn expressions(
        &mut self,
        u: &mut Unstructured<'_>,
        types: &[ValType],
        depth: u32,
    ) -> Result<()> {
        types
            .iter()
            .try_for_each(|ty| self.expression(u, *ty, depth))
    }

    fn drop_into_locals(&mut self, u: &mut Unstructured<'_>, types: &[ValType]) -> Result<()> {
        for ty in types.iter().rev() {
            let local = self.local_of(u, *ty)?;
            self.emit(&I::LocalSet(local));
        }
        Ok(())
    }

    /// A block with results, left early by some branches.
    fn block(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        let results = types(u, 3)?;
        self.block_with(u, &results, depth)?;
        self.drop_into_locals(u, &results)
    }

    fn block_with(
        &mut self,
        u: &mut Unstructured<'_>,
        results: &[ValType],
        depth: u32,
    ) -> Result<()> {
        let ty = self.block_type(&[], results);
        self.emit(&I::Block(ty));
        self.labels.push(Label {
            carried: results.to_vec(),
            is_loop: false,
        });
        let count = u.int_in_range(1..=3)?;
        for _ in 0..count {
            self.statement(u, depth)?;
        }
        self.expressions(u, results, depth)?;
        if u.ratio(1, 8)? {
            // What follows is dead, and may be typed in any way.
            self.emit(&I::Br(0));
            self.dead(u)?;
        }
        self.labels.pop();
        self.emit(&I::End);
        Ok(())
    }

    fn dead(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let dead = [
            I::F32Add,
            I::Drop,
            I::I32Add,
            I::Nop,
            I::I32Store8(MemArg {
                offset: 0,
                align: 0,
                memory_index: 0,
            }),
        ];
        let instruction = u.choose(&dead)?.clone();
        self.emit(&instruction);
        self.emit(&I::Unreachable);
        Ok(())
    }

    fn if_else(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        let (params, results) = (types(u, 2)?, types(u, 2)?);
        self.expressions(u, &params, depth)?;
        self.expression(u, ValType::I32, depth)?;
        let ty = self.block_type(&params, &results);
        self.emit(&I::If(ty));
        self.labels.push(Label {
            carried: results.clone(),
            is_loop: false,
        });
        self.drop_into_locals(u, &params)?;
        self.statement(u, depth)?;
        self.expressions(u, &results, depth)?;
        // Without results an `else` may be missing only if there are no parameters either.
        if !(params.is_empty() && results.is_empty() && u.ratio(1, 2)?) {
            self.emit(&I::Else);
            self.drop_into_locals(u, &params)?;
            self.statement(u, depth)?;
            self.expressions(u, &results, depth)?;
        }
        self.labels.pop();
        self.emit(&I::End);
        self.drop_into_locals(u, &results)
    }

    /// Labels that a branch can take without going back.
    fn forward_labels(&self) -> Vec<u32> {
        let depths = (0..).zip(self.labels.iter().rev());
        depths
            .filter(|(_, label)| !label.is_loop)
            .map(|(depth, _)| depth)
            .collect()
    }

    fn label(&self, depth: u32) -> &Label {
        &self.labels[self.labels.len() - 1 - depth as usize]
    }

    /// A conditional branch over operands that it drops if it is taken.
    fn branch_if(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        let target = *u.choose(&self.forward_labels())?;
        let below = types(u, 2)?;
        self.expressions(u, &below, depth.min(1))?;
        let carried = self.label(target).carried.clone();
        self.expressions(u, &carried, depth.min(1))?;
        self.expression(u, ValType::I32, depth.min(1))?;
        self.emit(&I::BrIf(target));
        self.drop_into_locals(u, &carried)?;
        self.drop_into_locals(u, &below)
    }

    /// A `br_table` among the labels that carry the same types.
    fn table_switch(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        let forward = self.forward_labels();
        let first = *u.choose(&forward)?;
        let carried = self.label(first).carried.clone();
        let same: Vec<_> = forward
            .into_iter()
            .filter(|depth| self.label(*depth).carried == carried)
            .collect();
        let count = u.int_in_range(0..=4)?;
        let targets = (0..count)
            .map(|_| Ok(*u.choose(&same)? + 1))
            .collect::<Result<Vec<_>>>()?;
        // An own block makes one of the targets the statement's end.
        let ty = self.block_type(&[], &carried);
        self.emit(&I::Block(ty));
        self.labels.push(Label {
            carried: carried.clone(),
            is_loop: false,
        });
        let below = types(u, 2)?;
        self.expressions(u, &below, depth.min(1))?;
        self.expressions(u, &carried, depth.min(1))?;
        self.expression(u, ValType::I32, depth.min(1))?;
        let default = if u.ratio(2, 3)? { 0 } else { first + 1 };
        self.emit(&I::BrTable(targets.into(), default));
        self.labels.pop();
        self.emit(&I::End);
        self.drop_into_locals(u, &carried)
    }

    fn bulk(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let mut small = |most: i32| u.int_in_range(0..=most);
        let (to, from, length) = (small(2000)?, small(90)?, small(200)?);
        let kind = small(9)?;
        let operands = [to, from, if kind < 3 { length % 20 } else { length }];
        if kind == 9 {
            let pages = small(2)?;
            self.emit(&I::I32Const(pages));
            self.emit(&I::MemoryGrow(0));
            self.emit(&I::Drop);
            return Ok(());
        }
        operands
            .iter()
            .for_each(|operand| self.emit(&I::I32Const(*operand)));
        self.emit(&match kind {
            0..=2 => I::MemoryInit {
                mem: 0,
                data_index: 1,
            },
            3..=5 => I::MemoryFill(0),
            _ => I::MemoryCopy {
                src_mem: 0,
                dst_mem: 0,
            },
        });
        if kind == 0 && u.ratio(1, 10)? {
            self.emit(&I::DataDrop(u.int_in_range(0..=1)?));
        }
        Ok(())
    }

    fn call_statement(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        let index = u.choose_index(self.signatures.len())?;
        let Signature { params, results } = self.signatures[index].clone();
        self.expressions(u, &params, depth.min(1))?;
        let function = u32::try_from(index).unwrap_or(0);
        if u.ratio(1, 3)? {
            // Now and then a wrong entry, or the null one behind the last.
            let entry = if u.ratio(1, 8)? {
                self.signatures.len()
            } else {
                index
            };
            self.emit(&I::I32Const(i32::try_from(entry).unwrap_or(0)));
            self.emit(&I::CallIndirect {
                type_index: function,
                table_index: 0,
            });
        } else {
            self.emit(&I::Call(function));
        }
        self.drop_into_locals(u, &results)
    }

    fn expression(&mut self, u: &mut Unstructured<'_>, ty: ValType, depth: u32) -> Result<()> {
        if depth == 0 || u.is_empty() {
            return self.leaf(u, ty);
        }
        match u.int_in_range(0..=11)? {
            0..=1 => self.leaf(u, ty),
            2 => self.load(u, ty, depth - 1),
            3 => self.select(u, ty, depth - 1),
            4 => self.lane(u, ty, depth - 1),
            5 if depth > 1 => self.block_with(u, &[ty], depth - 2),
            6 if ty == ValType::V128 => self.vector(u, depth - 1),
            _ => self.operator(u, ty, depth - 1),
        }
    }

    fn leaf(&mut self, u: &mut Unstructured<'_>, ty: ValType) -> Result<()> {
        let index = TYPES.iter().position(|other| *other == ty).unwrap_or(0);
        let instruction = match u.int_in_range(0..=5)? {
            0 => I::GlobalGet(u32::try_from(index).unwrap_or(0)),
            1..=3 => I::LocalGet(self.local_of(u, ty)?),
            _ => constant(u, ty),
        };
        self.emit(&instruction);
        Ok(())
    }

    fn load(&mut self, u: &mut Unstructured<'_>, ty: ValType, depth: u32) -> Result<()> {
        let loads: Vec<_> = LOADS.iter().filter(|(result, _)| *result == ty).collect();
        let (_, load) = *u.choose(&loads)?;
        let memarg = self.address(u, depth)?;
        self.emit(&load(memarg));
        Ok(())
    }

    fn select(&mut self, u: &mut Unstructured<'_>, ty: ValType, depth: u32) -> Result<()> {
        self.expressions(u, &[ty, ty, ValType::I32], depth)?;
        let typed = u.ratio(1, 2)?;
        self.emit(&if typed { I::TypedSelect(ty) } else { I::Select });
        Ok(())
    }

    fn lane(&mut self, u: &mut Unstructured<'_>, ty: ValType, depth: u32) -> Result<()> {
        let lanes: Vec<_> = LANES.iter().filter(|(result, ..)| *result == ty).collect();
        let (_, operands, count, instruction) = **u.choose(&lanes)?;
        self.expressions(u, operands, depth)?;
        let lane = u.int_in_range(0..=count - 1)?;
        self.emit(&instruction(lane));
        Ok(())
    }

    /// Shuffles, whole lanes or not, and lane loads.
    fn vector(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        if u.ratio(1, 2)? {
            let memarg = self.address(u, depth)?;
            self.expression(u, ValType::V128, depth)?;
            let lane = u.int_in_range(0..=1)?;
            self.emit(&match u.int_in_range(0..=3)? {
                0 => I::V128Load8Lane { memarg, lane },
                1 => I::V128Load16Lane { memarg, lane },
                2 => I::V128Load32Lane { memarg, lane },
                _ => I::V128Load64Lane { memarg, lane },
            });
            return Ok(());
        }
        self.expressions(u, &[ValType::V128, ValType::V128], depth)?;
        let width = pick(u, &[1, 2, 4, 8, 16]);
        let mut lanes = [0; 16];
        for lane in lanes.chunks_exact_mut(usize::from(width)) {
            let first = u.int_in_range(0..=32 / width - 1)? * width;
            (first..).zip(lane).for_each(|(byte, slot)| *slot = byte);
        }
        self.emit(&I::I8x16Shuffle(lanes));
        Ok(())
    }

    fn operator(&mut self, u: &mut Unstructured<'_>, ty: ValType, depth: u32) -> Result<()> {
        let operators: Vec<_> = self
            .operators
            .iter()
            .filter(|operator| operator.result == ty)
            .collect();
        let operator = (*u.choose(&operators)?).clone();
        if !traps(&operator.instruction) || u.ratio(1, 20)? {
            self.expressions(u, operator.operands, depth)?;
            self.emit(&operator.instruction);
            return Ok(());
        }
        self.leaf(u, ty)
    }
}

/// Operators that mostly trap on random operands, so that little would follow them.
fn traps(instruction: &I<'_>) -> bool {
    matches!(
        instruction,
        I::I32DivS
            | I::I32DivU
            | I::I32RemS
            | I::I32RemU
            | I::I64DivS
            | I::I64DivU
            | I::I64RemS
            | I::I64RemU
            | I::I32TruncF32S
            | I::I32TruncF32U
            | I::I32TruncF64S
            | I::I32TruncF64U
            | I::I64TruncF32S
            | I::I64TruncF32U
            | I::I64TruncF64S
            | I::I64TruncF64U
    )
}

fn constant(u: &mut Unstructured<'_>, ty: ValType) -> I<'static> {
    match ty {
        ValType::I32 => I::I32Const(int32(u).cast_signed()),
        ValType::I64 => I::I64Const(int64(u).cast_signed()),
        ValType::F32 => I::F32Const(Ieee32::new(float32(u))),
        ValType::F64 => I::F64Const(Ieee64::new(float64(u))),
        _ => I::V128Const(super::argument(&wasmparser::ValType::V128, u).cast_signed()),
    }
}
