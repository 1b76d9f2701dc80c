//! Modules of `wasm-smith`, configured for the guest profile.

use arbitrary::Unstructured;
use wasm_smith::{Config, InstructionKind, InstructionKinds, Module};

/// A module whose imports are those of the guest ABI. The generator knows no table that nothing mutates and no export
/// that is not an import, so the profile still refuses some.
pub(super) fn module(u: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let disallow_traps = u.ratio(2, 3)?;
    let with_imports = u.ratio(1, 4)?;
    let config = Config {
        available_imports: with_imports.then(abi),
        max_imports: if with_imports { 3 } else { 0 },
        allow_start_export: false,
        allowed_instructions: InstructionKinds::new(&[
            InstructionKind::Numeric,
            InstructionKind::Vector,
            InstructionKind::Parametric,
            InstructionKind::Variable,
            InstructionKind::Memory,
            InstructionKind::Control,
        ]),
        disallow_traps,
        export_everything: true,
        bulk_memory_enabled: true,
        multi_value_enabled: true,
        simd_enabled: true,
        reference_types_enabled: false,
        exceptions_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        relaxed_simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        extended_const_enabled: false,
        min_funcs: 1,
        max_funcs: 8,
        max_instructions: 200,
        max_memories: 1,
        max_memory32_bytes: 20 << 16,
        max_tables: 2,
        max_table_elements: 50,
        ..Config::default()
    };
    Ok(Module::new(config, u)?.to_bytes())
}

/// A module that imports the guest ABI.
fn abi() -> Vec<u8> {
    use wasm_encoder::{EntityType, ImportSection, Module, TypeSection, ValType};
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I64]);
    types.ty().function([ValType::I32; 3], []);
    let mut imports = ImportSection::new();
    imports.import("enshrine", "blob_len", EntityType::Function(0));
    imports.import("enshrine", "blob_page", EntityType::Function(1));
    imports.import("enshrine", "output", EntityType::Function(1));
    let mut module = Module::new();
    module.section(&types).section(&imports);
    module.finish()
}
