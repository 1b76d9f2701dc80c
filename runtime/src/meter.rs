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
//!
//! A *traced* build is a metered one that can also be stopped where fuel is checked, and that spills frames so that the
//! host then sees the machine's whole state: see [`crate::trace`].

mod emitter;
mod module;
mod stale;
mod tight;
mod traced;

use wasm_encoder::{BranchHint, BranchHints, CodeSection, Function as EncodedFunction};

use crate::{
    module::GuestModule,
    nan::{Taints, Tests, observations, traced_observations},
    trace::Site,
    walk::Function,
};
use emitter::{Body, Emitter};
use module::{Layout, encoded};
use traced::Tracer;

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

/// Export of the guest's memory.
pub const MEMORY_EXPORT: &str = "enshrine:memory";

/// Export of the guest's mutable global `number`.
pub fn global_export(number: usize) -> String {
    format!("enshrine:global.{number}")
}

/// Export of a traced build's i64 global: checkpoints are reported where less fuel is left.
pub const STOP_EXPORT: &str = "enshrine:stop";
/// Export of a traced build's memory of spilled frames.
pub const FRAMES_EXPORT: &str = "enshrine:frames";
/// Export of the i32 global that holds where the next function's frame goes.
pub const FRAMES_END_EXPORT: &str = "enshrine:frames.end";
/// Export of the table whose one entry, set by the host, is called at a checkpoint with its site and its frame's place.
pub const CHECKPOINT_EXPORT: &str = "enshrine:checkpoint";

/// Export of a traced build's i32 global that holds what is left of passive data segment `number`.
pub fn data_export(number: usize) -> String {
    format!("enshrine:data.{number}")
}

/// Writes one build from walked functions.
#[derive(Debug)]
pub(crate) struct Metering {
    mode: NanMode,
    code: CodeSection,
    layout: Layout,
    hints: BranchHints,
}

impl Metering {
    /// A metered build.
    pub(crate) fn new(module: &GuestModule<'_>, mode: NanMode) -> Self {
        Self {
            mode,
            code: CodeSection::new(),
            layout: Layout::new(module),
            hints: BranchHints::new(),
        }
    }

    /// A traced build.
    pub(crate) fn traced(module: &GuestModule<'_>, mode: NanMode) -> Self {
        Self {
            layout: Layout::traced(module),
            ..Self::new(module, mode)
        }
    }

    /// Adds the next function.
    pub(crate) fn add(&mut self, module: &GuestModule<'_>, function: &Function<'_>) {
        let tests = match self.mode {
            NanMode::Speculative => observations(module, function),
            NanMode::Exact => Tests::new(),
        };
        self.emit(module, function, &tests, None);
    }

    /// Adds the next function of a traced build, and to `sites` where it spills frames.
    pub(crate) fn add_traced(
        &mut self,
        module: &GuestModule<'_>,
        function: &Function<'_>,
        sites: &mut Vec<Site>,
    ) {
        match self.mode {
            NanMode::Speculative => {
                let (tests, taints) = traced_observations(module, function);
                self.emit(module, function, &tests, Some((Some(&taints), sites)));
            }
            NanMode::Exact => self.emit(module, function, &Tests::new(), Some((None, sites))),
        }
    }

    fn emit(
        &mut self,
        module: &GuestModule<'_>,
        function: &Function<'_>,
        tests: &Tests,
        traced: Option<(Option<&Taints>, &mut Vec<Site>)>,
    ) {
        let results = module.function_type(function.index).results();
        let block = self.layout.block_type(results);
        let tracer = traced.zip(self.layout.trace.as_ref());
        let tracer = tracer
            .map(|((taints, sites), layout)| Tracer::new(module, function, layout, taints, sites));
        let emitter = Emitter::new(function, &self.layout, self.mode, tracer);
        let Body { bytes, temps, rare } = emitter.emit(block, tests);
        let declared = function.locals[function.params..]
            .iter()
            .chain(&temps)
            .map(encoded);
        let mut body = EncodedFunction::new_with_locals_types(declared);
        self.hint(function.index, body.byte_len(), &rare);
        body.raw(bytes);
        self.code.function(&body);
    }

    /// Marks branches of a function as unlikely; its code begins `start` bytes into its body.
    fn hint(&mut self, function: u32, start: usize, rare: &[usize]) {
        if rare.is_empty() {
            return;
        }
        let hints = rare.iter().map(|offset| BranchHint {
            branch_func_offset: module::index(start + offset),
            branch_hint_value: 0,
        });
        self.hints.function_hints(function, hints);
    }

    /// The finished module.
    pub(crate) fn finish(mut self, module: &GuestModule<'_>) -> Vec<u8> {
        if let Some(layout) = &self.layout.trace {
            self.code.function(&traced::report(layout));
        }
        module::write(module, &self.layout, &self.hints, &self.code)
    }
}
