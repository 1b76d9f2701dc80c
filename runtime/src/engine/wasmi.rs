//! wasmi: an interpreter, to compare with and to step from.

use std::sync::Arc;

use wasmi::{
    Caller, CompilationMode, Config, Engine, Extern, ExternType, F32, F64, Global, Linker, Memory,
    Module, ResourceLimiter, Store, TrapCode, V128, Val, ValType, errors::MemoryError,
};
use wasmi_core::LimiterError;

use super::{
    Boot, Called, Instance, NATIVE_STACK_BYTES,
    host::{GuestFault, Host},
    stack_slots,
    watch::{RunOver, Watch},
};
use crate::{
    error::RuntimeError,
    image::Image,
    limits,
    meter::{FUEL_EXPORT, MEMORY_EXPORT, NAN_EXPORT, STACK_EXPORT, global_export},
    module::ABI_MODULE,
};

mod trace;

use trace::Handles;

const NAME: &str = "wasmi";

/// Stack of the thread that runs a guest: a native frame for each page of memory, four times over.
const THREAD_STACK_BYTES: usize = limits::MAX_MEMORY_PAGES as usize * 1024;

fn failed<E: std::fmt::Display>(action: &'static str) -> impl FnOnce(E) -> RuntimeError {
    move |error| RuntimeError::Engine {
        engine: NAME,
        action,
        message: format!("{error}"),
    }
}

/// A configured interpreter.
#[derive(Clone, Debug)]
pub(crate) struct WasmiEngine {
    engine: Engine,
}

impl WasmiEngine {
    pub(crate) fn new() -> Self {
        let mut config = Config::default();
        config
            .set_max_recursion_depth(limits::MAX_STACK_SLOTS as usize)
            .set_max_stack_height(NATIVE_STACK_BYTES)
            .wasm_relaxed_simd(false)
            .wasm_multi_memory(true)
            .wasm_memory64(false)
            .wasm_tail_call(false)
            // Most functions of a guest never run for a given model.
            .compilation_mode(CompilationMode::LazyTranslation);
        Self {
            engine: Engine::new(&config),
        }
    }

    /// Validates a metered build.
    pub(crate) fn load(&self, wasm: &[u8]) -> Result<WasmiModule, RuntimeError> {
        let module = Module::new(&self.engine, wasm).map_err(failed("read the metered module"))?;
        let mut linker = Linker::new(&self.engine);
        linker
            .func_wrap(ABI_MODULE, "blob_len", blob_len)
            .map_err(failed("link the guest ABI"))?;
        linker
            .func_wrap(ABI_MODULE, "blob_page", blob_page)
            .map_err(failed("link the guest ABI"))?;
        linker
            .func_wrap(ABI_MODULE, "output", output)
            .map_err(failed("link the guest ABI"))?;
        let globals = numbered_exports(&module, global_export).collect();
        Ok(WasmiModule {
            module,
            linker: Arc::new(linker),
            globals: Arc::new(globals),
        })
    }
}

/// Numbers of the exported globals whose names `name` makes.
fn numbered_exports(module: &Module, name: fn(usize) -> String) -> impl Iterator<Item = usize> {
    let prefix = name(0);
    let globals = module
        .exports()
        .filter(|export| matches!(export.ty(), ExternType::Global(_)));
    globals.filter_map(move |export| {
        let prefix = prefix.trim_end_matches('0');
        export.name().strip_prefix(prefix)?.parse().ok()
    })
}

struct State {
    host: Host,
    memory: Option<Memory>,
    growth: Growth,
    watch: Option<Watch>,
}

/// Tells a refusal by the profile, which the guest sees as -1, from one by the host.
#[derive(Default)]
struct Growth {
    requested: usize,
    allowed: bool,
    failed: Option<RuntimeError>,
}

impl ResourceLimiter for Growth {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        self.requested = desired;
        self.allowed = maximum.is_none_or(|maximum| desired <= maximum);
        Ok(true)
    }

    // DETERMINISM: a host without memory must not show the guest a -1 that another host would not.
    fn memory_grow_failed(&mut self, error: &MemoryError) -> Result<(), LimiterError> {
        if self.allowed {
            let (requested, message) = (self.requested, error.to_string());
            self.failed = Some(RuntimeError::OutOfMemory { requested, message });
            return Err(LimiterError::ResourceLimiterDeniedAllocation);
        }
        Ok(())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        Ok(true)
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        usize::MAX
    }

    fn memories(&self) -> usize {
        // The guest's, and that of spilled frames.
        2
    }
}

fn blob_len(caller: Caller<'_, State>, blob: u32) -> Result<i64, wasmi::Error> {
    caller
        .data()
        .host
        .blob_len(blob)
        .map_err(wasmi::Error::host)
}

fn blob_page(
    mut caller: Caller<'_, State>,
    blob: u32,
    page: u32,
    dst: u32,
) -> Result<(), wasmi::Error> {
    let fault = || wasmi::Error::host(GuestFault("blob_page"));
    let memory = caller.data().memory.ok_or_else(fault)?;
    let (bytes, state) = memory.data_and_store_mut(&mut caller);
    state
        .host
        .blob_page(bytes, blob, page, dst)
        .map_err(wasmi::Error::host)
}

fn output(
    mut caller: Caller<'_, State>,
    ptr: u32,
    len: u32,
    root: u32,
) -> Result<(), wasmi::Error> {
    let fault = || wasmi::Error::host(GuestFault("output"));
    let memory = caller.data().memory.ok_or_else(fault)?;
    let (bytes, state) = memory.data_and_store_mut(&mut caller);
    state
        .host
        .output(bytes, ptr, len, root)
        .map_err(wasmi::Error::host)
}

/// A validated, linked module.
#[derive(Clone)]
pub(crate) struct WasmiModule {
    module: Module,
    linker: Arc<Linker<State>>,
    globals: Arc<Vec<usize>>,
}

impl std::fmt::Debug for WasmiModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WasmiModule")
    }
}

impl WasmiModule {
    pub(crate) fn start(&self, host: Host, boot: Boot<'_>) -> Result<WasmiInstance, RuntimeError> {
        let state = State {
            host,
            memory: None,
            growth: Growth::default(),
            watch: None,
        };
        let mut store = Store::new(self.module.engine(), state);
        store.limiter(|state| &mut state.growth);
        let started = self.linker.instantiate_and_start(&mut store, &self.module);
        let instance = started.map_err(|error| {
            let message = error.to_string();
            let oom = || RuntimeError::OutOfMemory {
                requested: 0,
                message,
            };
            store.data_mut().growth.failed.take().unwrap_or_else(oom)
        })?;
        let memory = instance.get_memory(&store, MEMORY_EXPORT);
        store.data_mut().memory = memory;
        let global = |name: &str| {
            instance
                .get_global(&store, name)
                .expect("metered builds export the instrumentation's globals")
        };
        let (fuel, stack, nan) = (
            global(FUEL_EXPORT),
            global(STACK_EXPORT),
            global(NAN_EXPORT),
        );
        let globals = self
            .globals
            .iter()
            .map(|n| (*n, global(&global_export(*n))))
            .collect();
        let handles = Handles::install(&mut store, &instance, &self.module)
            .map_err(failed("set up checkpoints"))?;
        let mut this = WasmiInstance {
            store,
            instance,
            memory,
            fuel,
            stack,
            nan,
            globals,
            handles,
        };
        this.boot(boot)?;
        Ok(this)
    }
}

/// A guest in wasmi.
pub(crate) struct WasmiInstance {
    store: Store<State>,
    instance: wasmi::Instance,
    memory: Option<Memory>,
    fuel: Global,
    stack: Global,
    nan: Global,
    globals: Vec<(usize, Global)>,
    /// There in a traced build.
    handles: Option<Arc<Handles>>,
}

impl WasmiInstance {
    fn boot(&mut self, boot: Boot<'_>) -> Result<(), RuntimeError> {
        match boot {
            Boot::Fresh(parts) => {
                let Some(memory) = self.memory else {
                    return Ok(());
                };
                let bytes = memory.data_mut(&mut self.store);
                for (offset, part) in parts {
                    let offset = *offset as usize;
                    bytes[offset..offset + part.len()].copy_from_slice(part);
                }
            }
            Boot::Image(image) => self.restore(image)?,
        }
        Ok(())
    }

    fn restore(&mut self, image: &Image) -> Result<(), RuntimeError> {
        let memory = self.memory.expect("an image was taken from a memory");
        let present = memory.data_size(&self.store);
        let pages = image.memory.len().saturating_sub(present) >> 16;
        memory
            .grow(&mut self.store, pages as u64)
            .map_err(|error| RuntimeError::OutOfMemory {
                requested: image.memory.len(),
                message: error.to_string(),
            })?;
        image.memory.copy_to(memory.data_mut(&mut self.store))?;
        for (number, bits) in &image.globals {
            let global = self
                .globals
                .iter()
                .find(|(n, _)| n == number)
                .map(|(_, global)| *global);
            let global = global.expect("an image has the globals of its module");
            let value = from_bits(&global.ty(&self.store).content(), *bits);
            global
                .set(&mut self.store, value)
                .map_err(failed("set a global"))?;
        }
        Ok(())
    }

    fn set_counters(&mut self, fuel: i64) -> Result<(), wasmi::Error> {
        self.fuel.set(&mut self.store, Val::I64(fuel))?;
        self.stack.set(&mut self.store, Val::I32(stack_slots()))?;
        self.nan.set(&mut self.store, Val::I32(0))?;
        match &self.handles {
            Some(handles) => handles.begin(&mut self.store),
            None => Ok(()),
        }
    }

    /// Runs on a thread of its own. wasmi 2.0.0 keeps a native frame for each `memory.grow` until the run ends; metered
    /// builds let no more through than there are pages.
    fn run(
        &mut self,
        function: wasmi::Func,
        args: &[Val],
        results: &mut [Val],
    ) -> Result<Result<(), wasmi::Error>, RuntimeError> {
        let store = &mut self.store;
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .stack_size(THREAD_STACK_BYTES)
                .spawn_scoped(scope, || function.call(store, args, results))
                .map_err(RuntimeError::io("start a thread for the guest"))?;
            Ok(thread.join().expect("host calls do not panic"))
        })
    }

    fn classify(&mut self, error: &wasmi::Error) -> Result<Called, RuntimeError> {
        let state = self.store.data_mut();
        if let Some(error) = state
            .growth
            .failed
            .take()
            .or_else(|| state.host.fatal.take())
        {
            return Err(error);
        }
        match error.as_trap_code() {
            Some(TrapCode::StackOverflow) => {
                return Err(RuntimeError::NativeStack { engine: NAME });
            }
            Some(TrapCode::OutOfSystemMemory | TrapCode::OutOfFuel) => {
                return Err(failed("run the guest")(error));
            }
            Some(_) => {}
            None if error.downcast_ref::<GuestFault>().is_some() => {}
            None if error.downcast_ref::<RunOver>().is_some() => {}
            None => return Err(failed("run the guest")(error)),
        }
        let watched = self.store.data().watch.as_ref();
        let nan_seen = watched.is_some_and(|watch| watch.nan_seen)
            || matches!(self.nan.get(&self.store), Val::I32(1));
        Ok(if nan_seen {
            Called::NanSeen
        } else {
            Called::Failed
        })
    }
}

impl Instance for WasmiInstance {
    fn call(&mut self, export: &str, args: &[u128], fuel: i64) -> Result<Called, RuntimeError> {
        let Some(Extern::Func(function)) = self.instance.get_export(&self.store, export) else {
            return Err(failed("find an export")(format!("no function `{export}`")));
        };
        self.set_counters(fuel)
            .map_err(failed("set the counters"))?;
        let ty = function.ty(&self.store);
        let args: Vec<_> = ty
            .params()
            .iter()
            .zip(args)
            .map(|(ty, bits)| from_bits(ty, *bits))
            .collect();
        let mut results = vec![Val::I32(0); ty.results().len()];
        match self.run(function, &args, &mut results)? {
            Ok(()) => Ok(Called::Returned(results.iter().map(to_bits).collect())),
            Err(error) => self.classify(&error),
        }
    }

    fn fuel_left(&mut self) -> i64 {
        match self.fuel.get(&self.store) {
            Val::I64(fuel) => fuel,
            _ => unreachable!("the fuel global is an i64"),
        }
    }

    fn host(&mut self) -> &mut Host {
        &mut self.store.data_mut().host
    }

    fn watch(&mut self) -> &mut Option<Watch> {
        &mut self.store.data_mut().watch
    }

    fn memory(&self) -> &[u8] {
        self.memory.map_or(&[], |memory| memory.data(&self.store))
    }

    fn globals(&mut self) -> Vec<(usize, u128)> {
        let store = &self.store;
        self.globals
            .iter()
            .map(|(number, global)| (*number, to_bits(&global.get(store))))
            .collect()
    }
}

fn from_bits(ty: &ValType, bits: u128) -> Val {
    let bytes = bits.to_le_bytes();
    let low = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let long = u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes"));
    match ty {
        ValType::I32 => Val::I32(low.cast_signed()),
        ValType::I64 => Val::I64(long.cast_signed()),
        ValType::F32 => Val::F32(F32::from_bits(low)),
        ValType::F64 => Val::F64(F64::from_bits(long)),
        ValType::V128 => Val::V128(V128::from(bits)),
        _ => unreachable!("the profile has no reference values"),
    }
}

fn to_bits(value: &Val) -> u128 {
    match value {
        Val::I32(value) => value.cast_unsigned().into(),
        Val::I64(value) => value.cast_unsigned().into(),
        Val::F32(value) => value.to_bits().into(),
        Val::F64(value) => value.to_bits().into(),
        Val::V128(value) => value.as_u128(),
        _ => unreachable!("the profile has no reference values"),
    }
}
