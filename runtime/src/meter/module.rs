//! Everything of a build but the function bodies.

use std::collections::BTreeMap;

use wasm_encoder::{
    BlockType, BranchHints, CodeSection, ConstExpr, DataSection, ElementSection, Elements,
    EntityType, ExportKind, ExportSection, FunctionSection, GlobalSection, GlobalType,
    ImportSection, MemorySection, MemoryType, Module, RefType, TableSection, TableType,
    TypeSection, ValType as EncodedType,
};
use wasmparser::{ExternalKind, FuncType, ValType};

use super::{
    CHECKPOINT_EXPORT, FRAMES_END_EXPORT, FRAMES_EXPORT, FUEL_EXPORT, MEMORY_EXPORT, NAN_EXPORT,
    STACK_EXPORT, STOP_EXPORT, data_export, global_export,
};
use crate::{
    limits,
    module::{ABI_MODULE, GuestModule, HostCall},
};

/// Pages of the memory of spilled frames: a frame of `n` values takes no more than `16 * (n + 1)` bytes, and no fewer
/// stack slots than `n + FRAME_SLOTS`.
const FRAMES_PAGES: u32 = (limits::MAX_STACK_SLOTS * 16) >> 16;

/// Indices of what the instrumentation adds.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) fuel: u32,
    pub(super) stack: u32,
    pub(super) nan: u32,
    pub(super) max_memory_pages: u32,
    pub(super) trace: Option<TraceLayout>,
    /// Type index of `() -> results` for each list of two or more results.
    blocks: BTreeMap<Vec<u8>, u32>,
    types: Vec<FuncType>,
}

/// Indices of what a traced build adds.
#[derive(Debug)]
pub(super) struct TraceLayout {
    /// Global: checkpoints are reported where less fuel is left.
    pub(super) stop: u32,
    /// Global: where the next function's frame goes.
    pub(super) frames_end: u32,
    /// Memory of spilled frames.
    pub(super) frames: u32,
    /// Table that holds the host's function.
    pub(super) table: u32,
    /// Type of that function.
    pub(super) checkpoint: u32,
    /// Function behind the guest's that calls it.
    pub(super) report: u32,
    /// Global that holds what is left of a passive data segment, by segment.
    pub(super) data: BTreeMap<u32, u32>,
}

impl Layout {
    pub(super) fn new(module: &GuestModule<'_>) -> Self {
        let first = index(module.globals.len());
        Self {
            fuel: first,
            stack: first + 1,
            nan: first + 2,
            max_memory_pages: module
                .memory
                .and_then(|(_, maximum)| maximum)
                .unwrap_or(limits::MAX_MEMORY_PAGES),
            trace: None,
            blocks: BTreeMap::new(),
            types: module.types.clone(),
        }
    }

    /// The layout of a traced build.
    pub(super) fn traced(module: &GuestModule<'_>) -> Self {
        let mut this = Self::new(module);
        let first = this.nan + 1;
        let passive = module.data.iter().enumerate();
        let passive = passive.filter(|(_, segment)| segment.offset.is_none());
        this.trace = Some(TraceLayout {
            stop: first,
            frames_end: first + 1,
            frames: u32::from(module.memory.is_some()),
            table: index(module.tables.len()),
            checkpoint: index(this.types.len()),
            report: index(module.functions.len()),
            data: passive
                .zip(first + 2..)
                .map(|((number, _), global)| (index(number), global))
                .collect(),
        });
        let parameters = [ValType::I32, ValType::I32];
        this.types.push(FuncType::new(parameters, []));
        this
    }

    /// The type of a block that yields `results`.
    pub(super) fn block_type(&mut self, results: &[ValType]) -> BlockType {
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

/// The module, with `code` as its bodies.
pub(super) fn write(
    module: &GuestModule<'_>,
    layout: &Layout,
    hints: &BranchHints,
    code: &CodeSection,
) -> Vec<u8> {
    let mut out = Module::new();
    out.section(&types(&layout.types));
    out.section(&imports(module));
    out.section(&function_types(module, layout));
    out.section(&tables(module, layout));
    if module.memory.is_some() || layout.trace.is_some() {
        out.section(&memories(module, layout));
    }
    out.section(&globals(module, layout));
    out.section(&exports(module, layout));
    out.section(&elements(module));
    let data = empty_data(module);
    if module.data_count {
        out.section(&wasm_encoder::DataCountSection {
            count: index(module.data.len()),
        });
    }
    if !hints.is_empty() {
        out.section(hints);
    }
    out.section(code);
    out.section(&data);
    out.finish()
}

/// An index or count that the module limits keep far below 2^32.
pub(super) fn index(value: usize) -> u32 {
    u32::try_from(value).expect("modules are limited")
}

pub(super) fn encoded(ty: &ValType) -> EncodedType {
    match ty {
        ValType::I32 => EncodedType::I32,
        ValType::I64 => EncodedType::I64,
        ValType::F32 => EncodedType::F32,
        ValType::F64 => EncodedType::F64,
        ValType::V128 => EncodedType::V128,
        ValType::Ref(_) => unreachable!("the profile has no reference values"),
    }
}

pub(super) fn type_key(ty: &ValType) -> u8 {
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

fn function_types(module: &GuestModule<'_>, layout: &Layout) -> FunctionSection {
    let mut section = FunctionSection::new();
    for ty in &module.functions[module.imports.len()..] {
        section.function(*ty);
    }
    if let Some(trace) = &layout.trace {
        section.function(trace.checkpoint);
    }
    section
}

fn tables(module: &GuestModule<'_>, layout: &Layout) -> TableSection {
    let mut section = TableSection::new();
    let own = module.tables.iter();
    let own = own.map(|table| (u64::from(table.size), table.maximum));
    for (minimum, maximum) in own.chain(layout.trace.iter().map(|_| (1, Some(1)))) {
        section.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum,
            maximum,
            shared: false,
        });
    }
    section
}

fn memories(module: &GuestModule<'_>, layout: &Layout) -> MemorySection {
    let mut section = MemorySection::new();
    let most = limits::MAX_MEMORY_PAGES;
    let own = module.memory.iter();
    let own = own.map(|(minimum, maximum)| (*minimum, maximum.unwrap_or(most)));
    let frames = layout.trace.iter().map(|_| (FRAMES_PAGES, FRAMES_PAGES));
    for (minimum, maximum) in own.chain(frames) {
        section.memory(MemoryType {
            minimum: minimum.into(),
            maximum: Some(maximum.into()),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }
    section
}

fn globals(module: &GuestModule<'_>, layout: &Layout) -> GlobalSection {
    let mut section = GlobalSection::new();
    let own = module.globals.iter();
    let own = own.map(|global| (global.ty, global.mutable, global.bits));
    for (ty, mutable, bits) in own.chain(added_globals(module, layout)) {
        let encoded = GlobalType {
            val_type: encoded(&ty),
            mutable,
            shared: false,
        };
        section.global(encoded, &initial(&ty, bits));
    }
    section
}

fn added_globals(module: &GuestModule<'_>, layout: &Layout) -> Vec<(ValType, bool, u128)> {
    let zero = |ty| (ty, true, 0);
    let mut added = vec![zero(ValType::I64), zero(ValType::I32), zero(ValType::I32)];
    if let Some(trace) = &layout.trace {
        added.extend([zero(ValType::I64), zero(ValType::I32)]);
        added.extend(trace.data.keys().map(|segment| {
            let length = module.data[*segment as usize].passive_len();
            (ValType::I32, true, length as u128)
        }));
    }
    added
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
    if let Some(trace) = &layout.trace {
        export_trace(&mut section, trace);
    }
    section
}

fn export_trace(section: &mut ExportSection, trace: &TraceLayout) {
    section.export(STOP_EXPORT, ExportKind::Global, trace.stop);
    section.export(FRAMES_END_EXPORT, ExportKind::Global, trace.frames_end);
    section.export(FRAMES_EXPORT, ExportKind::Memory, trace.frames);
    section.export(CHECKPOINT_EXPORT, ExportKind::Table, trace.table);
    for (segment, global) in &trace.data {
        section.export(&data_export(*segment as usize), ExportKind::Global, *global);
    }
}

fn mutable_globals(module: &GuestModule<'_>) -> impl Iterator<Item = usize> {
    (0..module.globals.len()).filter(|number| module.globals[*number].mutable)
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
