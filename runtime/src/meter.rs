//! The metered builds: the same WASM with exact step counting, bounded stacks and settled NaNs.
//!
//! A metered module differs from its source in this:
//!
//! * Three globals are appended and exported: fuel left, stack slots left, and whether a NaN was seen.
//! * Each segment begins with a charge against fuel; function entries, loop heads and bulk memory instructions trap when
//!   it is exhausted. Between checks the counter may be negative; who reads it at the end of a run treats that as failure.
//! * Each function takes its stack slots at its entry, traps if there are too few, and gives them back where it returns.
//! * Float arithmetic is canonicalised (*exact*), or NaNs are noticed where their bits could be seen (*speculative*).
//! * Data segments are empty: the engine places the initial memory, or the image of a prepared model.

use std::collections::BTreeMap;

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType,
    ExportKind, ExportSection, Function as EncodedFunction, FunctionSection, GlobalSection,
    GlobalType, ImportSection, InstructionSink, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType as EncodedType,
};
use wasmparser::{BrTable, ExternalKind, FuncType, Operator, ValType};

use crate::{
    limits,
    module::{ABI_MODULE, GuestModule, HostCall},
    nan::{Float, Taint, Test, arithmetic, observations},
    walk::{Function, Op, Segment, Variable},
};

/// Export of the i64 global that holds the fuel left.
pub const FUEL_EXPORT: &str = "enshrine:fuel";
/// Export of the i32 global that holds the stack slots left.
pub const STACK_EXPORT: &str = "enshrine:stack";
/// Export of the i32 global that is 1 once the speculative build has seen a NaN.
pub const NAN_EXPORT: &str = "enshrine:nan";

/// How a build settles NaN bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NanMode {
    /// Watches where NaN bits could be seen and gives up the run at the first.
    Speculative,
    /// Canonicalises after each float instruction.
    Exact,
}

impl NanMode {
    /// `speculative` or `exact`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Speculative => "speculative",
            Self::Exact => "exact",
        }
    }
}

/// Writes one metered build from walked functions.
#[derive(Debug)]
pub(crate) struct Metering {
    mode: NanMode,
    code: CodeSection,
    layout: Layout,
    bodies: usize,
}

/// Indices of what the instrumentation adds.
#[derive(Debug)]
struct Layout {
    fuel: u32,
    stack: u32,
    nan: u32,
    max_memory_pages: u32,
    /// Type index of `() -> results` for each list of two or more results.
    blocks: BTreeMap<Vec<u8>, u32>,
    types: Vec<FuncType>,
}

impl Layout {
    fn new(module: &GuestModule<'_>) -> Self {
        let first = index(module.globals.len());
        Self {
            fuel: first,
            stack: first + 1,
            nan: first + 2,
            max_memory_pages: module
                .memory
                .and_then(|(_, maximum)| maximum)
                .unwrap_or(limits::MAX_MEMORY_PAGES),
            blocks: BTreeMap::new(),
            types: module.types.clone(),
        }
    }

    /// The type of a block that yields `results`.
    fn block_type(&mut self, results: &[ValType]) -> BlockType {
        match results {
            [] => BlockType::Empty,
            [one] => BlockType::Result(encoded(one)),
            many => {
                let key = many.iter().map(type_key).collect();
                let types = &mut self.types;
                BlockType::FunctionType(*self.blocks.entry(key).or_insert_with(|| {
                    types.push(FuncType::new([], many.iter().copied()));
                    index(types.len() - 1)
                }))
            }
        }
    }
}

impl Metering {
    pub(crate) fn new(module: &GuestModule<'_>, mode: NanMode) -> Self {
        Self {
            mode,
            code: CodeSection::new(),
            layout: Layout::new(module),
            bodies: 0,
        }
    }

    /// Adds the next function.
    pub(crate) fn add(&mut self, module: &GuestModule<'_>, function: &Function<'_>) {
        let results = module.function_type(function.index).results();
        let tests = match self.mode {
            NanMode::Speculative => observations(module, function),
            NanMode::Exact => Vec::new(),
        };
        let block = self.layout.block_type(results);
        let emitter = Emitter::new(function, &self.layout, self.mode);
        let (bytes, temps) = emitter.emit(block, &tests);
        let declared = function.locals[function.params..]
            .iter()
            .chain(&temps)
            .map(encoded);
        let mut body = EncodedFunction::new_with_locals_types(declared);
        body.raw(bytes);
        self.code.function(&body);
        self.bodies += 1;
    }

    /// The finished module.
    pub(crate) fn finish(self, module: &GuestModule<'_>) -> Vec<u8> {
        let mut out = Module::new();
        out.section(&types(&self.layout.types));
        out.section(&imports(module));
        out.section(&function_types(module));
        out.section(&tables(module));
        if let Some((minimum, maximum)) = module.memory {
            out.section(&memory(minimum, maximum));
        }
        out.section(&globals(module));
        out.section(&exports(module, &self.layout));
        out.section(&elements(module));
        let data = empty_data(module);
        if module.data_count {
            out.section(&wasm_encoder::DataCountSection {
                count: index(module.data.len()),
            });
        }
        out.section(&self.code);
        out.section(&data);
        out.finish()
    }
}

/// An index or count that the module limits keep far below 2^32.
fn index(value: usize) -> u32 {
    u32::try_from(value).expect("modules are limited")
}

fn encoded(ty: &ValType) -> EncodedType {
    match ty {
        ValType::I32 => EncodedType::I32,
        ValType::I64 => EncodedType::I64,
        ValType::F32 => EncodedType::F32,
        ValType::F64 => EncodedType::F64,
        ValType::V128 => EncodedType::V128,
        ValType::Ref(_) => unreachable!("the profile has no reference values"),
    }
}

fn type_key(ty: &ValType) -> u8 {
    match ty {
        ValType::I32 => 0,
        ValType::I64 => 1,
        ValType::F32 => 2,
        ValType::F64 => 3,
        ValType::V128 => 4,
        ValType::Ref(_) => unreachable!("the profile has no reference values"),
    }
}

fn types(types: &[FuncType]) -> TypeSection {
    let mut section = TypeSection::new();
    for ty in types {
        section.ty().function(
            ty.params().iter().map(encoded),
            ty.results().iter().map(encoded),
        );
    }
    section
}

fn imports(module: &GuestModule<'_>) -> ImportSection {
    let mut section = ImportSection::new();
    for (call, ty) in &module.imports {
        let name = match call {
            HostCall::BlobLen => "blob_len",
            HostCall::BlobPage => "blob_page",
            HostCall::Output => "output",
        };
        section.import(ABI_MODULE, name, EntityType::Function(*ty));
    }
    section
}

fn function_types(module: &GuestModule<'_>) -> FunctionSection {
    let mut section = FunctionSection::new();
    for ty in &module.functions[module.imports.len()..] {
        section.function(*ty);
    }
    section
}

fn tables(module: &GuestModule<'_>) -> TableSection {
    let mut section = TableSection::new();
    for table in &module.tables {
        section.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: table.size.into(),
            maximum: table.maximum,
            shared: false,
        });
    }
    section
}

fn memory(minimum: u32, maximum: Option<u32>) -> MemorySection {
    let mut section = MemorySection::new();
    section.memory(MemoryType {
        minimum: minimum.into(),
        maximum: Some(maximum.unwrap_or(limits::MAX_MEMORY_PAGES).into()),
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    section
}

fn globals(module: &GuestModule<'_>) -> GlobalSection {
    let mut section = GlobalSection::new();
    for global in &module.globals {
        let ty = GlobalType {
            val_type: encoded(&global.ty),
            mutable: global.mutable,
            shared: false,
        };
        section.global(ty, &initial(&global.ty, global.bits));
    }
    for (ty, bits) in [(ValType::I64, 0), (ValType::I32, 0), (ValType::I32, 0)] {
        let encoded = GlobalType {
            val_type: encoded(&ty),
            mutable: true,
            shared: false,
        };
        section.global(encoded, &initial(&ty, bits));
    }
    section
}

fn initial(ty: &ValType, bits: u128) -> ConstExpr {
    let bytes = bits.to_le_bytes();
    let low = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let long = u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes"));
    match ty {
        ValType::I32 => ConstExpr::i32_const(low.cast_signed()),
        ValType::I64 => ConstExpr::i64_const(long.cast_signed()),
        ValType::F32 => ConstExpr::f32_const(wasm_encoder::Ieee32::new(low)),
        ValType::F64 => ConstExpr::f64_const(wasm_encoder::Ieee64::new(long)),
        ValType::V128 => ConstExpr::v128_const(bits.cast_signed()),
        ValType::Ref(_) => unreachable!("the profile has no reference values"),
    }
}

fn exports(module: &GuestModule<'_>, layout: &Layout) -> ExportSection {
    let mut section = ExportSection::new();
    for export in &module.exports {
        let kind = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
            ExternalKind::Table => ExportKind::Table,
            ExternalKind::Memory => ExportKind::Memory,
            ExternalKind::Global => ExportKind::Global,
            ExternalKind::Tag => ExportKind::Tag,
        };
        section.export(export.name, kind, export.index);
    }
    section.export(FUEL_EXPORT, ExportKind::Global, layout.fuel);
    section.export(STACK_EXPORT, ExportKind::Global, layout.stack);
    section.export(NAN_EXPORT, ExportKind::Global, layout.nan);
    for number in mutable_globals(module) {
        section.export(&global_export(number), ExportKind::Global, index(number));
    }
    if module.memory.is_some() {
        section.export(MEMORY_EXPORT, ExportKind::Memory, 0);
    }
    section
}

fn mutable_globals(module: &GuestModule<'_>) -> impl Iterator<Item = usize> {
    (0..module.globals.len()).filter(|number| module.globals[*number].mutable)
}

/// Export of the guest's memory.
pub const MEMORY_EXPORT: &str = "enshrine:memory";

/// Export of the guest's mutable global `number`.
pub fn global_export(number: usize) -> String {
    format!("enshrine:global.{number}")
}

fn elements(module: &GuestModule<'_>) -> ElementSection {
    let mut section = ElementSection::new();
    for segment in &module.elements {
        let offset = ConstExpr::i32_const(segment.offset.cast_signed());
        let items: Vec<_> = segment
            .items
            .iter()
            .map(|item| match item {
                Some(function) => ConstExpr::ref_func(*function),
                None => ConstExpr::ref_null(wasm_encoder::HeapType::FUNC),
            })
            .collect();
        let functions: Option<Vec<u32>> = segment.items.iter().copied().collect();
        let elements = match functions {
            Some(functions) => Elements::Functions(functions.into()),
            None => Elements::Expressions(RefType::FUNCREF, items.into()),
        };
        section.active(Some(segment.table), &offset, elements);
    }
    section
}

/// Passive segments as they are; active ones are empty, since a dropped segment is.
fn empty_data(module: &GuestModule<'_>) -> DataSection {
    let mut section = DataSection::new();
    for segment in &module.data {
        let bytes = if segment.offset.is_none() {
            segment.bytes
        } else {
            &[]
        };
        section.passive(bytes.iter().copied());
    }
    section
}

/// Writes the body of one function.
struct Emitter<'f, 'a> {
    function: &'f Function<'a>,
    layout: &'f Layout,
    mode: NanMode,
    bytes: Vec<u8>,
    /// Index of the temporary for each type and number.
    temps: BTreeMap<(u8, u32), u32>,
    temp_types: Vec<ValType>,
    /// Open blocks, the function's own included.
    depth: u32,
}

impl<'f, 'a> Emitter<'f, 'a> {
    fn new(function: &'f Function<'a>, layout: &'f Layout, mode: NanMode) -> Self {
        Self {
            function,
            layout,
            mode,
            bytes: Vec::new(),
            temps: BTreeMap::new(),
            temp_types: Vec::new(),
            depth: 0,
        }
    }

    /// The body's bytes and the types of the temporaries behind the function's locals.
    fn emit(mut self, block: BlockType, tests: &[(usize, Vec<Test>)]) -> (Vec<u8>, Vec<ValType>) {
        self.take_slots();
        self.sink().block(block);
        self.depth = 1;
        let function = self.function;
        let mut segments = function.segments.iter().peekable();
        let mut tests = tests.iter().peekable();
        for (index, op) in function.ops.iter().enumerate() {
            while let Some(segment) = segments.next_if(|segment| segment.before_op == index) {
                self.charge(segment);
            }
            if let Some((_, tests)) = tests.next_if(|(at, _)| *at == index) {
                self.test(tests, op);
            }
            let previous = index
                .checked_sub(1)
                .map(|index| &function.ops[index].operator);
            if !matches!(previous, Some(Operator::LocalGet { .. })) {
                self.settle_condition(op);
            }
            self.op(op);
        }
        for segment in segments {
            self.charge(segment);
        }
        self.give_slots();
        self.sink().end();
        (self.bytes, self.temp_types)
    }

    fn sink(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.bytes)
    }

    fn temp(&mut self, ty: ValType, number: u32) -> u32 {
        let next = index(self.function.locals.len() + self.temp_types.len());
        let types = &mut self.temp_types;
        *self
            .temps
            .entry((type_key(&ty), number))
            .or_insert_with(|| {
                types.push(ty);
                next
            })
    }

    fn take_slots(&mut self) {
        let (stack, slots) = (self.layout.stack, self.function.slots.cast_signed());
        self.sink()
            .global_get(stack)
            .i32_const(slots)
            .i32_sub()
            .global_set(stack);
        self.sink().global_get(stack).i32_const(0).i32_lt_s();
        self.trap_if();
    }

    fn give_slots(&mut self) {
        let (stack, slots) = (self.layout.stack, self.function.slots.cast_signed());
        self.sink()
            .global_get(stack)
            .i32_const(slots)
            .i32_add()
            .global_set(stack);
    }

    fn trap_if(&mut self) {
        self.sink().if_(BlockType::Empty).unreachable().end();
    }

    fn charge(&mut self, segment: &Segment) {
        let fuel = self.layout.fuel;
        if segment.steps > 0 {
            self.sink()
                .global_get(fuel)
                .i64_const(segment.steps.into())
                .i64_sub()
                .global_set(fuel);
        }
        if segment.checked {
            self.check_fuel();
        }
    }

    fn check_fuel(&mut self) {
        let fuel = self.layout.fuel;
        self.sink().global_get(fuel).i64_const(0).i64_lt_s();
        self.trap_if();
    }

    /// Puts the condition of a `select` into a local. wasmi 2.0.0 fuses `select` with an `i32.eqz` of a local before it
    /// and then reads the condition from a register that holds something else.
    fn settle_condition(&mut self, op: &Op<'a>) {
        if op.live && matches!(op.operator, Operator::Select | Operator::TypedSelect { .. }) {
            let condition = self.temp(ValType::I32, 0);
            self.sink().local_set(condition).local_get(condition);
        }
    }

    fn op(&mut self, op: &Op<'a>) {
        match &op.operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => self.depth += 1,
            Operator::End => self.depth -= 1,
            Operator::Return => {
                let outermost = self.depth - 1;
                self.sink().br(outermost);
                return;
            }
            _ => {}
        }
        if let (Operator::BrTable { targets }, Variable::PerEntry(steps)) =
            (&op.operator, &op.variable)
        {
            return self.branch_table(op, targets, steps);
        }
        if op.live && matches!(op.operator, Operator::MemoryGrow { .. }) {
            return self.grow();
        }
        self.charge_variable(op);
        self.bytes.extend_from_slice(op.bytes);
        if self.mode == NanMode::Exact
            && let Some(float) = arithmetic(&op.operator).filter(|_| op.live)
        {
            self.canonicalise(float);
        }
    }

    /// Charges the steps that depend on the operands on top of the stack, and leaves these as they are.
    fn charge_variable(&mut self, op: &Op<'a>) {
        match &op.variable {
            Variable::No | Variable::PerEntry(_) => {}
            Variable::IfTaken(steps) => {
                let condition = self.temp(ValType::I32, 0);
                self.sink().local_tee(condition).if_(BlockType::Empty);
                self.charge_steps(*steps);
                self.sink().end().local_get(condition);
            }
            Variable::Bulk => self.charge_bulk(),
        }
    }

    fn charge_steps(&mut self, steps: u32) {
        let fuel = self.layout.fuel;
        self.sink()
            .global_get(fuel)
            .i64_const(steps.into())
            .i64_sub()
            .global_set(fuel);
    }

    /// A `br_table` that drops operands: to a block for each entry, which charges and branches on. The carried values
    /// wait in locals, for the charges' sake, and because wasmi 2.0.0 leaves them where they are when all targets lie
    /// equally deep, although there are operands between.
    fn branch_table(&mut self, op: &Op<'a>, targets: &BrTable<'a>, steps: &[u32]) {
        let types: Vec<_> = (0..op.pops).map_while(|depth| op.operand(depth)).collect();
        let spilled: Vec<_> = (0..)
            .zip(types)
            .map(|(depth, ty)| self.temp(ty, depth))
            .collect();
        for temp in &spilled {
            self.sink().local_set(*temp);
        }
        for _ in steps {
            self.sink().block(BlockType::Empty);
        }
        let (entry, carried) = spilled.split_first().expect("`br_table` pops an index");
        let last = index(steps.len() - 1);
        self.sink()
            .local_get(*entry)
            .br_table((0..last).collect::<Vec<_>>(), last);
        let depths = targets.targets().flatten().chain([targets.default()]);
        for ((number, steps), depth) in (0..).zip(steps).zip(depths) {
            self.sink().end();
            if *steps > 0 {
                self.charge_steps(*steps);
            }
            for temp in carried.iter().rev() {
                self.sink().local_get(*temp);
            }
            self.sink().br(depth + last - number);
        }
    }

    /// `memory.grow` that asks the engine only if pages are added: so there are no more of these than pages, and what
    /// the engine then refuses is the host's failure.
    fn grow(&mut self) {
        let (delta, most) = (self.temp(ValType::I32, 0), self.layout.max_memory_pages);
        self.sink()
            .local_tee(delta)
            .i64_extend_i32_u()
            .memory_size(0)
            .i64_extend_i32_u()
            .i64_add()
            .i64_const(most.into())
            .i64_gt_u()
            .if_(BlockType::Result(EncodedType::I32))
            .i32_const(-1)
            .else_()
            .local_get(delta)
            .if_(BlockType::Result(EncodedType::I32))
            .local_get(delta)
            .memory_grow(0)
            .else_()
            .memory_size(0)
            .end()
            .end();
    }

    /// A step for each [`limits::BULK_STEP_BYTES`] begun. The check stands here because one instruction can move
    /// gigabytes.
    fn charge_bulk(&mut self) {
        let length = self.temp(ValType::I32, 0);
        let fuel = self.layout.fuel;
        let step = i64::from(limits::BULK_STEP_BYTES);
        self.sink()
            .local_tee(length)
            .global_get(fuel)
            .local_get(length)
            .i64_extend_i32_u()
            .i64_const(step - 1)
            .i64_add()
            .i64_const(step.ilog2().into())
            .i64_shr_u()
            .i64_sub()
            .global_set(fuel);
        self.check_fuel();
    }

    fn canonicalise(&mut self, float: Float) {
        const F32_NAN: u32 = 0x7fc0_0000;
        const F64_NAN: u64 = 0x7ff8_0000_0000_0000;
        let ty = match float {
            Float::F32 => ValType::F32,
            Float::F64 => ValType::F64,
            Float::F32x4 | Float::F64x2 => ValType::V128,
        };
        let value = self.temp(ty, 0);
        let mut sink = self.sink();
        sink.local_tee(value);
        match float {
            Float::F32 => {
                sink.f32_const(wasm_encoder::Ieee32::new(F32_NAN));
                sink.local_get(value).local_get(value).f32_eq().select();
            }
            Float::F64 => {
                sink.f64_const(wasm_encoder::Ieee64::new(F64_NAN));
                sink.local_get(value).local_get(value).f64_eq().select();
            }
            Float::F32x4 => {
                sink.v128_const(
                    (u128::from(F32_NAN) * 0x1_0000_0001_0000_0001_0000_0001).cast_signed(),
                );
                sink.local_get(value)
                    .local_get(value)
                    .f32x4_eq()
                    .v128_bitselect();
            }
            Float::F64x2 => {
                sink.v128_const((u128::from(F64_NAN) * 0x1_0000_0000_0000_0001).cast_signed());
                sink.local_get(value)
                    .local_get(value)
                    .f64x2_eq()
                    .v128_bitselect();
            }
        }
    }

    /// Tests operands for NaN and leaves the stack as it is.
    fn test(&mut self, tests: &[Test], op: &Op<'a>) {
        let deepest = tests.iter().map(|test| test.depth).max().unwrap_or(0);
        let types: Vec<_> = (0..=deepest)
            .map(|depth| self.operand_type(depth, tests, op))
            .collect();
        let spilled: Vec<_> = (0..)
            .zip(&types)
            .map(|(depth, ty)| self.temp(*ty, depth))
            .collect();
        for (depth, temp) in (0..).zip(&spilled) {
            self.sink().local_set(*temp);
            for test in tests.iter().filter(|test| test.depth == depth) {
                self.abandon_if_nan(*temp, test);
            }
        }
        for temp in spilled.iter().rev() {
            self.sink().local_get(*temp);
        }
    }

    fn operand_type(&self, depth: u32, tests: &[Test], op: &Op<'a>) -> ValType {
        let tested = tests
            .iter()
            .find(|test| test.depth == depth)
            .map(|test| test.ty);
        tested
            .or(op.operand(depth))
            .expect("the types of all operands of live code are known")
    }

    fn abandon_if_nan(&mut self, value: u32, test: &Test) {
        for lanes in [Taint::F32, Taint::F64] {
            if !test.taint.has(lanes) {
                continue;
            }
            let mut sink = self.sink();
            sink.local_get(value).local_get(value);
            match (test.ty, lanes == Taint::F32) {
                (ValType::V128, true) => sink.f32x4_ne().v128_any_true(),
                (ValType::V128, false) => sink.f64x2_ne().v128_any_true(),
                (_, true) => sink.f32_ne(),
                (_, false) => sink.f64_ne(),
            };
            let nan = self.layout.nan;
            self.sink()
                .if_(BlockType::Empty)
                .i32_const(1)
                .global_set(nan)
                .unreachable()
                .end();
        }
    }
}
