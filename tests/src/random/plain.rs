//! A module as it is, without instrumentation, in wasmtime.

use enshrine_runtime::limits;
use wasmtime::{
    Engine, Instance, Module, Store, StoreLimits, StoreLimitsBuilder, V128, Val, ValType,
};

use enshrine_conformance::{differential::Finding, naive::Machine};

/// An instance of an uninstrumented module.
pub(super) struct Plain {
    store: Store<StoreLimits>,
    instance: Instance,
}

impl Plain {
    /// Nothing if the module imports something.
    pub(super) fn new(wasm: &[u8]) -> Option<Self> {
        let engine = Engine::default();
        let module = Module::new(&engine, wasm).ok()?;
        // The profile's limit, which the module itself may not declare.
        let most = (limits::MAX_MEMORY_PAGES as usize) << 16;
        let limits = StoreLimitsBuilder::new().memory_size(most).build();
        let mut store = Store::new(&engine, limits);
        store.limiter(|limits| limits);
        let instance = Instance::new(&mut store, &module, &[]).ok()?;
        Some(Self { store, instance })
    }

    /// Calls `export` and compares results, and memory where it is exported, with what `machine` has after the call.
    pub(super) fn compare(
        &mut self,
        export: &str,
        args: &[u128],
        expected: &[u128],
        machine: &Machine,
    ) -> Result<(), Finding> {
        let results = self.call(export, args).map_err(|error| {
            Finding::differs(
                "plain wasmtime",
                export,
                "outcome",
                expected,
                error.to_string(),
            )
        })?;
        if results != expected {
            return Err(Finding::differs(
                "plain wasmtime",
                export,
                "results",
                expected,
                results,
            ));
        }
        let mut exports = self.instance.exports(&mut self.store);
        let memory = exports.find_map(wasmtime::Export::into_memory);
        drop(exports);
        if let Some(memory) = memory
            && memory.data(&self.store) != machine.memory()
        {
            return Err(Finding::differs(
                "plain wasmtime",
                export,
                "memory",
                "the machine's",
                "other",
            ));
        }
        Ok(())
    }

    fn call(&mut self, export: &str, args: &[u128]) -> wasmtime::Result<Vec<u128>> {
        let function = self.instance.get_func(&mut self.store, export);
        let function = function.ok_or_else(|| wasmtime::Error::msg("no such function"))?;
        let ty = function.ty(&self.store);
        let args: Vec<_> = ty
            .params()
            .zip(args)
            .map(|(ty, bits)| value(&ty, *bits))
            .collect();
        let mut results = vec![Val::I32(0); ty.results().len()];
        function.call(&mut self.store, &args, &mut results)?;
        Ok(results.iter().map(bits).collect())
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "scalars are the low bits of a value"
)]
fn value(ty: &ValType, bits: u128) -> Val {
    match ty {
        ValType::I32 => Val::I32(bits as i32),
        ValType::I64 => Val::I64(bits as i64),
        ValType::F32 => Val::F32(bits as u32),
        ValType::F64 => Val::F64(bits as u64),
        _ => Val::V128(V128::from(bits)),
    }
}

fn bits(value: &Val) -> u128 {
    match value {
        Val::I32(value) => value.cast_unsigned().into(),
        Val::I64(value) => value.cast_unsigned().into(),
        Val::F32(bits) => (*bits).into(),
        Val::F64(bits) => (*bits).into(),
        Val::V128(value) => value.as_u128(),
        _ => 0,
    }
}
