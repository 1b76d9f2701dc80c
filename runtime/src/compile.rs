//! One module in, everything out: the lowered program and the metered builds, from one walk. Traced builds, which most
//! hosts never need, come from a walk of their own.

use std::sync::Arc;

use crate::{
    meter::{Metering, NanMode},
    module::{GuestModule, ModuleError},
    program::{Lowering, Program},
    trace::{FunctionShape, TraceMap},
    walk::{Detail, walk_functions},
};

/// A guest module with all that is made from it.
#[derive(Debug)]
pub struct Compiled {
    /// Lowered code and initial state.
    pub program: Program,
    /// Metered build that gives up at the first NaN.
    pub speculative: Vec<u8>,
    /// Metered build that canonicalises NaNs.
    pub exact: Vec<u8>,
}

impl Compiled {
    /// The metered build for `mode`.
    pub fn build(&self, mode: NanMode) -> &[u8] {
        match mode {
            NanMode::Speculative => &self.speculative,
            NanMode::Exact => &self.exact,
        }
    }
}

/// Walks `wasm` once and makes the program and both metered builds.
///
/// # Errors
/// [`ModuleError`] if the module is outside the profile.
pub fn compile(wasm: &[u8]) -> Result<Compiled, ModuleError> {
    let mut module = GuestModule::parse(wasm)?;
    let mut lowering = Lowering::new(&module);
    let mut speculative = Metering::new(&module, NanMode::Speculative);
    let mut exact = Metering::new(&module, NanMode::Exact);
    walk_functions(&mut module, Detail::Metered, |module, function| {
        lowering.add(&function)?;
        speculative.add(module, &function);
        exact.add(module, &function);
        Ok(())
    })?;
    Ok(Compiled {
        program: lowering.finish(&module)?,
        speculative: speculative.finish(&module),
        exact: exact.finish(&module),
    })
}

/// A build that can be stopped at checkpoints.
#[derive(Debug)]
pub struct Traced {
    /// The module.
    pub wasm: Vec<u8>,
    /// What it spills where.
    pub map: Arc<TraceMap>,
    /// Initial memory: offset and bytes of each part.
    pub(crate) memory: Vec<(u32, Vec<u8>)>,
}

/// Makes the traced build of `wasm` for `mode`.
///
/// # Errors
/// [`ModuleError`] if the module is outside the profile.
pub fn trace(wasm: &[u8], mode: NanMode) -> Result<Traced, ModuleError> {
    let mut module = GuestModule::parse(wasm)?;
    let mut lowering = Lowering::new(&module);
    let mut metering = Metering::traced(&module, mode);
    let (mut functions, mut sites) = (Vec::new(), Vec::new());
    walk_functions(&mut module, Detail::Traced, |module, function| {
        functions.push(FunctionShape {
            entry: lowering.next_word(),
            slots: function.slots,
            locals: function.locals.clone(),
            scratch: function.scratch,
        });
        lowering.add(&function)?;
        metering.add_traced(module, &function, &mut sites);
        Ok(())
    })?;
    let program = lowering.finish(&module)?;
    let globals = program.globals;
    Ok(Traced {
        wasm: metering.finish(&module),
        map: Arc::new(TraceMap {
            functions,
            sites,
            globals,
            first_hidden: module.globals.len(),
        }),
        memory: program.memory,
    })
}
