//! Checkpoints in wasmtime.

use std::sync::Arc;

use enshrine_primitives::BlobRoot;
use wasmtime::{AsContextMut, Caller, Func, Global, Memory, Module, Ref, Store, Val};

use super::{State, numbered_exports, to_bits};
use crate::{
    engine::watch::{RunOver, Watch},
    meter::{
        CHECKPOINT_EXPORT, FRAMES_END_EXPORT, FRAMES_EXPORT, FUEL_EXPORT, STACK_EXPORT,
        STOP_EXPORT, data_export, global_export,
    },
    trace::Raw,
};

/// What a traced build exports.
pub(super) struct Handles {
    fuel: Global,
    slots: Global,
    stop: Global,
    frames_end: Global,
    frames: Memory,
    globals: Vec<(usize, Global)>,
    data: Vec<(usize, Global)>,
}

impl Handles {
    /// The handles of a traced build's instance, with the host's function in its place; nothing for other builds.
    pub(super) fn install(
        store: &mut Store<State>,
        instance: &wasmtime::Instance,
        module: &Module,
    ) -> wasmtime::Result<Option<Arc<Self>>> {
        let Some(table) = instance.get_table(&mut *store, CHECKPOINT_EXPORT) else {
            return Ok(None);
        };
        let frames = instance.get_memory(&mut *store, FRAMES_EXPORT);
        let mut global = |name: &str| {
            instance
                .get_global(&mut *store, name)
                .expect("traced builds export the instrumentation's globals")
        };
        let handles = Arc::new(Self {
            fuel: global(FUEL_EXPORT),
            slots: global(STACK_EXPORT),
            stop: global(STOP_EXPORT),
            frames_end: global(FRAMES_END_EXPORT),
            frames: frames.expect("traced builds export their frames"),
            globals: numbered_exports(module, global_export)
                .map(|number| (number, global(&global_export(number))))
                .collect(),
            data: numbered_exports(module, data_export)
                .map(|number| (number, global(&data_export(number))))
                .collect(),
        });
        let own = Arc::clone(&handles);
        let checkpoint = move |caller: Caller<'_, State>, site: u32, base: u32| {
            own.checkpoint(caller, site, base)
        };
        let function = Func::wrap(&mut *store, checkpoint);
        table.set(&mut *store, 0, Ref::Func(Some(function)))?;
        Ok(Some(handles))
    }

    /// Before a call: no frames yet, and the first stop.
    pub(super) fn begin(&self, store: &mut Store<State>) -> wasmtime::Result<()> {
        let stop = store.data().watch.as_ref().map_or(0, |watch| watch.stop());
        self.frames_end.set(&mut *store, Val::I32(0))?;
        self.stop.set(store, Val::I64(stop))
    }

    /// Shows the watcher the machine. Exhausted fuel ends the run, as it does in other builds.
    fn checkpoint(
        &self,
        mut caller: Caller<'_, State>,
        site: u32,
        base: u32,
    ) -> wasmtime::Result<()> {
        let fuel = self.fuel.get(&mut caller).unwrap_i64();
        if let Some(watch) = caller.data_mut().watch.take() {
            self.look(&mut caller, watch, (site, base, fuel))?;
        }
        if fuel < 0 {
            return Err(RunOver.into());
        }
        Ok(())
    }

    fn look(
        &self,
        caller: &mut Caller<'_, State>,
        mut watch: Watch,
        (site, base, fuel): (u32, u32, i64),
    ) -> wasmtime::Result<()> {
        let slots = self.slots.get(&mut *caller).unwrap_i32();
        let globals = values(&self.globals, &mut *caller);
        let data = values(&self.data, &mut *caller);
        let state = caller.data();
        let output = state.host.output.as_ref();
        let looked = watch.look(Raw {
            site,
            base,
            fuel,
            slots,
            globals,
            data,
            frames: self.frames.data(&*caller),
            memory: state.memory.map_or(&[], |memory| memory.data(&*caller)),
            output_root: output.map_or(BlobRoot::new([0; 32]), |(root, _)| *root),
        });
        self.stop.set(&mut *caller, Val::I64(watch.stop()))?;
        caller.data_mut().watch = Some(watch);
        Ok(looked?)
    }
}

fn values(globals: &[(usize, Global)], mut store: impl AsContextMut) -> Vec<(usize, u128)> {
    globals
        .iter()
        .map(|(number, global)| (*number, to_bits(&global.get(&mut store))))
        .collect()
}
