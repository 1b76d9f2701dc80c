//! The guest profile, module level: what a module may contain, read into tables that the walk uses.

use std::collections::HashSet;

use wasmparser::{
    BinaryReaderError, ConstExpr, Data, DataKind, Element, ElementItems, ElementKind, ExternalKind,
    FuncToValidate, FuncType, FunctionBody, GlobalType, Import, Operator, Parser, Payload, TypeRef,
    ValType, ValidPayload, Validator, ValidatorResources, WasmFeatures,
};

use crate::limits;

/// Import module of the guest ABI.
pub const ABI_MODULE: &str = "enshrine";

/// Exports that begin with this are the instrumentation's own.
pub const RESERVED_PREFIX: &str = "enshrine:";

/// A module that is not a guest program.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModuleError {
    /// The bytes are not valid WASM of the profile's features.
    #[error("invalid WASM at byte {offset}: {message}")]
    Invalid {
        /// Byte offset in the module.
        offset: usize,
        /// What the validator says.
        message: String,
    },
    /// Valid WASM, but outside the profile.
    #[error("{what} is outside the guest profile ({place})")]
    Unsupported {
        /// The construct, by its WASM name.
        what: String,
        /// Where it stands.
        place: String,
    },
    /// A named limit is exceeded.
    #[error("too many {what}: at most {expected}, got {got}")]
    Limit {
        /// What is counted.
        what: &'static str,
        /// The limit.
        expected: u64,
        /// The module's number.
        got: u64,
    },
    /// An export that the guest ABI needs is missing or has another type.
    #[error("export `{name}` is missing or is not a function of type () -> i32")]
    MissingExport {
        /// Name of the export.
        name: &'static str,
    },
    /// A data or element segment does not fit.
    #[error("{what} segment {index} lies outside its {target}")]
    SegmentOutOfBounds {
        /// `data` or `element`.
        what: &'static str,
        /// Index of the segment.
        index: usize,
        /// `memory` or `table`.
        target: &'static str,
    },
}

impl From<BinaryReaderError> for ModuleError {
    fn from(error: BinaryReaderError) -> Self {
        Self::Invalid {
            offset: error.offset(),
            message: error.message().to_owned(),
        }
    }
}

impl ModuleError {
    pub(crate) fn unsupported(what: impl Into<String>, place: impl Into<String>) -> Self {
        Self::Unsupported {
            what: what.into(),
            place: place.into(),
        }
    }
}

/// A function of the guest ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostCall {
    /// `blob_len(blob) -> i64`
    BlobLen,
    /// `blob_page(blob, page, dst)`
    BlobPage,
    /// `output(ptr, len, root_ptr)`
    Output,
}

impl HostCall {
    fn of(import: &Import<'_>, ty: &FuncType) -> Option<Self> {
        const I32: ValType = ValType::I32;
        if import.module != ABI_MODULE {
            return None;
        }
        match (import.name, ty.params(), ty.results()) {
            ("blob_len", [I32], [ValType::I64]) => Some(Self::BlobLen),
            ("blob_page", [I32, I32, I32], []) => Some(Self::BlobPage),
            ("output", [I32, I32, I32], []) => Some(Self::Output),
            _ => None,
        }
    }
}

/// A constant initial value, as the bits of a 128-bit machine value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Global {
    /// WASM type.
    pub ty: ValType,
    /// May be set.
    pub mutable: bool,
    /// Initial bits, upper bits zero.
    pub bits: u128,
}

/// A data segment.
#[derive(Clone, Copy, Debug)]
pub struct DataSegment<'a> {
    /// Where an active segment goes; `None` for a passive one.
    pub offset: Option<u32>,
    /// Content.
    pub bytes: &'a [u8],
}

impl DataSegment<'_> {
    /// Bytes that `memory.init` can reach when the program starts: an active segment is dropped by then.
    pub(crate) fn passive_len(&self) -> usize {
        if self.offset.is_none() {
            self.bytes.len()
        } else {
            0
        }
    }
}

/// An active element segment.
#[derive(Clone, Debug)]
pub struct ElementSegment {
    /// Table it fills.
    pub table: u32,
    /// First entry.
    pub offset: u32,
    /// Function indices; `None` is a null reference.
    pub items: Vec<Option<u32>>,
}

/// A table of function references that nothing changes.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Entries of the tables before it.
    pub first: u32,
    /// Entries.
    pub size: u32,
    /// Declared maximum.
    pub maximum: Option<u64>,
}

/// An exported item.
#[derive(Clone, Debug)]
pub struct Export<'a> {
    /// Name.
    pub name: &'a str,
    /// Kind.
    pub kind: ExternalKind,
    /// Index in its kind's index space.
    pub index: u32,
}

/// A module that keeps to the profile, with its functions not yet walked.
#[derive(Debug)]
pub struct GuestModule<'a> {
    /// Function types.
    pub types: Vec<FuncType>,
    /// Imports, in order: they are the first functions.
    pub imports: Vec<(HostCall, u32)>,
    /// Type index of every function, imports first.
    pub functions: Vec<u32>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Initial memory pages and declared maximum.
    pub memory: Option<(u32, Option<u32>)>,
    /// Globals.
    pub globals: Vec<Global>,
    /// Exports.
    pub exports: Vec<Export<'a>>,
    /// Active element segments.
    pub elements: Vec<ElementSegment>,
    /// Data segments.
    pub data: Vec<DataSegment<'a>>,
    /// The module has a data count section.
    pub data_count: bool,
    pub(crate) bodies: Vec<(FuncToValidate<ValidatorResources>, FunctionBody<'a>)>,
    pub(crate) bytes: &'a [u8],
}

/// WASM features of the profile. Reference types are there for typed `select` and element expressions only.
fn profile_features() -> WasmFeatures {
    WasmFeatures::MVP
        | WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::SIMD
}

fn check_limit(what: &'static str, expected: u64, got: u64) -> Result<(), ModuleError> {
    if got > expected {
        return Err(ModuleError::Limit {
            what,
            expected,
            got,
        });
    }
    Ok(())
}

impl<'a> GuestModule<'a> {
    /// Reads `bytes` and checks everything but the function bodies, which the walk checks.
    ///
    /// # Errors
    /// [`ModuleError`] says what is wrong and where.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ModuleError> {
        check_limit("bytes", limits::MAX_MODULE_BYTES as u64, bytes.len() as u64)?;
        let mut module = Self {
            types: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            tables: Vec::new(),
            memory: None,
            globals: Vec::new(),
            exports: Vec::new(),
            elements: Vec::new(),
            data: Vec::new(),
            data_count: false,
            bodies: Vec::new(),
            bytes,
        };
        let mut validator = Validator::new_with_features(profile_features());
        // The decoder too: other features read some encodings that this one must refuse, and so would the engines.
        let mut parser = Parser::new(0);
        parser.set_features(profile_features());
        for payload in parser.parse_all(bytes) {
            let payload = payload?;
            if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
                module.bodies.push((function, body));
                continue;
            }
            module.read(payload)?;
        }
        module.check_segments()?;
        module.check_exports()?;
        Ok(module)
    }

    fn read(&mut self, payload: Payload<'a>) -> Result<(), ModuleError> {
        match payload {
            Payload::TypeSection(reader) => {
                for ty in reader.into_iter_err_on_gc_types() {
                    self.add_type(ty?)?;
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    self.add_import(&import?)?;
                }
            }
            Payload::FunctionSection(reader) => {
                for ty in reader {
                    self.functions.push(ty?);
                }
                check_limit(
                    "functions",
                    limits::MAX_FUNCTIONS.into(),
                    self.functions.len() as u64,
                )?;
            }
            Payload::TableSection(reader) => {
                for table in reader {
                    self.add_table(&table?)?;
                }
            }
            Payload::MemorySection(reader) => {
                for memory in reader {
                    self.add_memory(&memory?)?;
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader {
                    let global = global?;
                    self.add_global(global.ty, &global.init_expr)?;
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export?;
                    self.exports.push(Export {
                        name: export.name,
                        kind: export.kind,
                        index: export.index,
                    });
                }
            }
            Payload::StartSection { .. } => {
                return Err(ModuleError::unsupported(
                    "a start function",
                    "start section",
                ));
            }
            Payload::ElementSection(reader) => {
                for element in reader {
                    self.add_element(element?)?;
                }
            }
            Payload::DataCountSection { .. } => self.data_count = true,
            Payload::DataSection(reader) => {
                for data in reader {
                    self.add_data(&data?)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add_type(&mut self, ty: FuncType) -> Result<(), ModuleError> {
        if ty.params().iter().chain(ty.results()).any(is_reference) {
            let place = format!("function type {}", self.types.len());
            return Err(ModuleError::unsupported(
                "a reference-typed parameter or result",
                place,
            ));
        }
        self.types.push(ty);
        Ok(())
    }

    fn add_import(&mut self, import: &Import<'_>) -> Result<(), ModuleError> {
        let name = format!("import `{}.{}`", import.module, import.name);
        let TypeRef::Func(index) = import.ty else {
            return Err(ModuleError::unsupported(
                name,
                "only functions may be imported",
            ));
        };
        let ty = &self.types[index as usize];
        let call = HostCall::of(import, ty).ok_or_else(|| {
            ModuleError::unsupported(name, format!("not in the guest ABI with type {ty:?}"))
        })?;
        self.imports.push((call, index));
        self.functions.push(index);
        Ok(())
    }

    fn add_table(&mut self, table: &wasmparser::Table<'_>) -> Result<(), ModuleError> {
        let place = format!("table {}", self.tables.len());
        if table.ty.element_type != wasmparser::RefType::FUNCREF {
            return Err(ModuleError::unsupported(
                "a table of anything but funcref",
                place,
            ));
        }
        let first = self.tables.last().map_or(0, |last| last.first + last.size);
        check_limit(
            "table entries",
            limits::MAX_TABLE_ENTRIES.into(),
            table.ty.initial.saturating_add(first.into()),
        )?;
        let size = u32::try_from(table.ty.initial).expect("checked against a 32-bit limit");
        self.tables.push(Table {
            first,
            size,
            maximum: table.ty.maximum,
        });
        Ok(())
    }

    fn add_memory(&mut self, memory: &wasmparser::MemoryType) -> Result<(), ModuleError> {
        let most = limits::MAX_MEMORY_PAGES;
        check_limit("memory pages", most.into(), memory.initial)?;
        let initial = u32::try_from(memory.initial).expect("checked against a 32-bit limit");
        let maximum = memory
            .maximum
            .map(|pages| u32::try_from(pages).unwrap_or(most).min(most));
        self.memory = Some((initial, maximum));
        Ok(())
    }

    fn add_global(&mut self, ty: GlobalType, init: &ConstExpr<'_>) -> Result<(), ModuleError> {
        let place = format!("global {}", self.globals.len());
        if is_reference(&ty.content_type) {
            return Err(ModuleError::unsupported("a reference-typed global", place));
        }
        let bits = const_bits(init, &place)?;
        self.globals.push(Global {
            ty: ty.content_type,
            mutable: ty.mutable,
            bits,
        });
        check_limit(
            "globals",
            limits::MAX_GLOBALS.into(),
            self.globals.len() as u64,
        )
    }

    fn add_element(&mut self, element: Element<'a>) -> Result<(), ModuleError> {
        let place = format!("element segment {}", self.elements.len());
        let items = match element.items {
            ElementItems::Functions(items) => items
                .into_iter()
                .map(|item| Ok(Some(item?)))
                .collect::<Result<_, ModuleError>>()?,
            ElementItems::Expressions(_, items) => items
                .into_iter()
                .map(|item| element_item(&item?, &place))
                .collect::<Result<Vec<_>, _>>()?,
        };
        if let ElementKind::Active {
            table_index,
            offset_expr,
        } = element.kind
        {
            let offset = const_u32(&offset_expr, &place)?;
            self.elements.push(ElementSegment {
                table: table_index.unwrap_or(0),
                offset,
                items,
            });
        }
        Ok(())
    }

    fn add_data(&mut self, data: &Data<'a>) -> Result<(), ModuleError> {
        let place = format!("data segment {}", self.data.len());
        let offset = match &data.kind {
            DataKind::Passive => None,
            DataKind::Active { offset_expr, .. } => Some(const_u32(offset_expr, &place)?),
        };
        self.data.push(DataSegment {
            offset,
            bytes: data.data,
        });
        check_limit(
            "data segments",
            limits::MAX_DATA_SEGMENTS.into(),
            self.data.len() as u64,
        )
    }

    fn check_segments(&self) -> Result<(), ModuleError> {
        let memory = self.memory.map_or(0, |(pages, _)| u64::from(pages) << 16);
        for (index, segment) in self.data.iter().enumerate() {
            let end = u64::from(segment.offset.unwrap_or(0)) + segment.bytes.len() as u64;
            if segment.offset.is_some() && end > memory {
                let (what, target) = ("data", "memory");
                return Err(ModuleError::SegmentOutOfBounds {
                    what,
                    index,
                    target,
                });
            }
        }
        for (index, segment) in self.elements.iter().enumerate() {
            let end = u64::from(segment.offset) + segment.items.len() as u64;
            if end > u64::from(self.tables[segment.table as usize].size) {
                let (what, target) = ("element", "table");
                return Err(ModuleError::SegmentOutOfBounds {
                    what,
                    index,
                    target,
                });
            }
            for function in segment.items.iter().flatten() {
                self.check_not_import(*function, &format!("element segment {index}"))?;
            }
        }
        Ok(())
    }

    fn check_exports(&self) -> Result<(), ModuleError> {
        let mut names = HashSet::new();
        for export in &self.exports {
            if export.name.starts_with(RESERVED_PREFIX) || !names.insert(export.name) {
                return Err(ModuleError::unsupported(
                    format!("the name `{}`", export.name),
                    format!("exports: names are unique and do not begin with `{RESERVED_PREFIX}`"),
                ));
            }
            if export.kind == ExternalKind::Func {
                self.check_not_import(export.index, &format!("export `{}`", export.name))?;
            }
        }
        Ok(())
    }

    // A host call is one word at its call site; it has no function that a table or an export could name.
    fn check_not_import(&self, function: u32, place: &str) -> Result<(), ModuleError> {
        if (function as usize) < self.imports.len() {
            return Err(ModuleError::unsupported(
                "a reference to an imported function",
                place,
            ));
        }
        Ok(())
    }

    /// The type of function `index`.
    pub(crate) fn function_type(&self, index: u32) -> &FuncType {
        &self.types[self.functions[index as usize] as usize]
    }

    /// Data segments whose dropping would be visible.
    pub(crate) fn passive_segments(&self) -> usize {
        self.data
            .iter()
            .filter(|segment| segment.offset.is_none())
            .count()
    }

    /// The first type that equals type `index`: types are compared by structure.
    pub(crate) fn canonical_type(&self, index: u32) -> u32 {
        let ty = &self.types[index as usize];
        let first = self.types.iter().position(|other| other == ty);
        first.map_or(index, |first| u32::try_from(first).unwrap_or(index))
    }

    /// The function that is exported as `name` with type `() -> i32`.
    pub(crate) fn entry(&self, name: &'static str) -> Result<u32, ModuleError> {
        self.exports
            .iter()
            .find(|export| export.name == name && export.kind == ExternalKind::Func)
            .map(|export| export.index)
            .filter(|index| {
                let ty = self.function_type(*index);
                ty.params().is_empty() && ty.results() == [ValType::I32]
            })
            .ok_or(ModuleError::MissingExport { name })
    }
}

fn const_bits(init: &ConstExpr<'_>, place: &str) -> Result<u128, ModuleError> {
    match init.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(u128::from(value.cast_unsigned())),
        Operator::I64Const { value } => Ok(u128::from(value.cast_unsigned())),
        Operator::F32Const { value } => Ok(u128::from(value.bits())),
        Operator::F64Const { value } => Ok(u128::from(value.bits())),
        Operator::V128Const { value } => Ok(u128::from_le_bytes(*value.bytes())),
        other => Err(ModuleError::unsupported(
            format!("initialiser {other:?}"),
            place,
        )),
    }
}

fn const_u32(init: &ConstExpr<'_>, place: &str) -> Result<u32, ModuleError> {
    match init.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value.cast_unsigned()),
        other => Err(ModuleError::unsupported(format!("offset {other:?}"), place)),
    }
}

fn element_item(item: &ConstExpr<'_>, place: &str) -> Result<Option<u32>, ModuleError> {
    match item.get_operators_reader().read()? {
        Operator::RefFunc { function_index } => Ok(Some(function_index)),
        Operator::RefNull { .. } => Ok(None),
        other => Err(ModuleError::unsupported(
            format!("element {other:?}"),
            place,
        )),
    }
}

pub(crate) fn is_reference(ty: &ValType) -> bool {
    matches!(ty, ValType::Ref(_))
}
