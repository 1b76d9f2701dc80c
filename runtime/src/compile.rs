//! One module in, everything out: the lowered program and the metered builds, from one walk.

use crate::{
    meter::{Metering, NanMode},
    module::{GuestModule, ModuleError},
    program::{Lowering, Program},
    walk::walk_functions,
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
    walk_functions(&mut module, |module, function| {
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
