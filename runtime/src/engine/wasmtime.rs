//! wasmtime: near native speed.

use std::{collections::BTreeMap, sync::Arc};

use wasmtime::{
    Caller, Config, Engine, Extern, ExternType, Func, Global, InstancePre, Linker, Memory, Module,
    OptLevel, ResourceLimiter, Store, Trap, V128, Val, ValType,
};

use super::{
    Boot, Called, Instance, NATIVE_STACK_BYTES,
    host::{GuestFault, Host},
    stack_slots,
    watch::{RunOver, Watch},
};
use crate::{
    error::RuntimeError,
    image::Image,
    meter::{FUEL_EXPORT, MEMORY_EXPORT, NAN_EXPORT, STACK_EXPORT, global_export},
    module::ABI_MODULE,
    native,
};

mod trace;

use trace::Handles;

const NAME: &str = "wasmtime";

/// Stack of the thread that runs a guest: the guest's part, and room for the host calls.
const THREAD_STACK_BYTES: usize = NATIVE_STACK_BYTES + (4 << 20);

fn failed<E: std::fmt::Display>(action: &'static str) -> impl FnOnce(E) -> RuntimeError {
    move |error| RuntimeError::Engine {
        engine: NAME,
        action,
        message: format!("{error:#}"),
    }
}

/// A configured compiler.
#[derive(Clone)]
pub(crate) struct WasmtimeEngine {
    engine: Engine,
}

impl std::fmt::Debug for WasmtimeEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WasmtimeEngine")
    }
}

fn config() -> Config {
    let mut config = Config::new();
    config
        .cranelift_opt_level(OptLevel::Speed)
        .max_wasm_stack(NATIVE_STACK_BYTES)
        // Unused, but the engine wants it no smaller.
        .async_stack_size(NATIVE_STACK_BYTES)
        .wasm_relaxed_simd(false)
        .wasm_simd(true)
        // Traced builds say that checkpoints are rare, so that their code stands aside; others give no hints.
        .wasm_branch_hinting(true)
        .wasm_multi_memory(true)
        .wasm_memory64(false)
        .wasm_tail_call(false)
        // The initial memory is placed by this crate, as an image that many instances share.
        .memory_init_cow(false)
        // Nobody reads backtraces of a guest, and their tables are a quarter of the compiled code.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false);
    config
}

impl WasmtimeEngine {
    pub(crate) fn new() -> Result<Self, RuntimeError> {
        let engine = Engine::new(&config()).map_err(failed("be configured"))?;
        Ok(Self { engine })
    }

    /// Changes whenever compiled code of another engine version or configuration would not fit.
    pub(crate) fn compatibility(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.engine
            .precompile_compatibility_hash()
            .hash(&mut hasher);
        hasher.finish()
    }

    /// Compiles a metered build to bytes that [`Self::load`] takes.
    pub(crate) fn compile(&self, wasm: &[u8]) -> Result<Vec<u8>, RuntimeError> {
        self.engine
            .precompile_module(wasm)
            .map_err(failed("compile the metered module"))
    }

    /// The module in compiled `code` that [`Self::compile`] made.
    pub(crate) fn load(&self, code: &[u8]) -> Result<WasmtimeModule, RuntimeError> {
        let module = native::load_compiled(&self.engine, code);
        let module = module.map_err(failed("load compiled code"))?;
        let pre = self
            .linker()?
            .instantiate_pre(&module)
            .map_err(failed("link the guest"))?;
        let globals = numbered_exports(&module, global_export).collect();
        Ok(WasmtimeModule {
            pre,
            globals: Arc::new(globals),
        })
    }

    fn linker(&self) -> Result<Linker<State>, RuntimeError> {
        let mut linker = Linker::new(&self.engine);
        link(&mut linker).map_err(failed("link the guest ABI"))?;
        Ok(linker)
    }
}

fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.func_wrap(ABI_MODULE, "blob_len", blob_len)?;
    linker.func_wrap(ABI_MODULE, "blob_page", blob_page)?;
    linker.func_wrap(ABI_MODULE, "output", output)?;
    Ok(())
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
    ) -> wasmtime::Result<bool> {
        self.requested = desired;
        self.allowed = maximum.is_none_or(|maximum| desired <= maximum);
        Ok(true)
    }

    // DETERMINISM: a host without memory must not show the guest a -1 that another host would not.
    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        if self.allowed {
            let (requested, message) = (self.requested, format!("{error:#}"));
            self.failed = Some(RuntimeError::OutOfMemory { requested, message });
            return Err(error);
        }
        Ok(())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

fn blob_len(caller: Caller<'_, State>, blob: u32) -> wasmtime::Result<i64> {
    Ok(caller.data().host.blob_len(blob)?)
}

fn blob_page(
    mut caller: Caller<'_, State>,
    blob: u32,
    page: u32,
    dst: u32,
) -> wasmtime::Result<()> {
    let memory = caller.data().memory.ok_or(GuestFault("blob_page"))?;
    let (bytes, state) = memory.data_and_store_mut(&mut caller);
    Ok(state.host.blob_page(bytes, blob, page, dst)?)
}

fn output(mut caller: Caller<'_, State>, ptr: u32, len: u32, root: u32) -> wasmtime::Result<()> {
    let memory = caller.data().memory.ok_or(GuestFault("output"))?;
    let (bytes, state) = memory.data_and_store_mut(&mut caller);
    Ok(state.host.output(bytes, ptr, len, root)?)
}

/// Compiled, linked code.
#[derive(Clone)]
pub(crate) struct WasmtimeModule {
    pre: InstancePre<State>,
    globals: Arc<Vec<usize>>,
}

impl std::fmt::Debug for WasmtimeModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WasmtimeModule")
    }
}

impl WasmtimeModule {
    pub(crate) fn start(
        &self,
        host: Host,
        boot: Boot<'_>,
    ) -> Result<WasmtimeInstance, RuntimeError> {
        let state = State {
            host,
            memory: None,
            growth: Growth::default(),
            watch: None,
        };
        let mut store = Store::new(self.pre.module().engine(), state);
        store.limiter(|state| &mut state.growth);
        let started = self.pre.instantiate(&mut store);
        let instance = started.map_err(|error| match store.data_mut().growth.failed.take() {
            Some(error) => error,
            None => out_of_memory(0)(error),
        })?;
        let memory = instance.get_memory(&mut store, MEMORY_EXPORT);
        store.data_mut().memory = memory;
        let mut global = |name: &str| {
            instance
                .get_global(&mut store, name)
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
        let handles = Handles::install(&mut store, &instance, self.pre.module())
            .map_err(failed("set up checkpoints"))?;
        let mut this = WasmtimeInstance {
            store,
            instance,
            memory,
            fuel,
            stack,
            nan,
            globals,
            handles,
            functions: BTreeMap::new(),
            image: None,
        };
        this.boot(boot)?;
        Ok(this)
    }
}

fn out_of_memory<E: std::fmt::Display>(requested: usize) -> impl FnOnce(E) -> RuntimeError {
    move |error| RuntimeError::OutOfMemory {
        requested,
        message: format!("{error:#}"),
    }
}

/// A guest in wasmtime.
pub(crate) struct WasmtimeInstance {
    store: Store<State>,
    instance: wasmtime::Instance,
    memory: Option<Memory>,
    fuel: Global,
    stack: Global,
    nan: Global,
    globals: Vec<(usize, Global)>,
    /// There in a traced build.
    handles: Option<Arc<Handles>>,
    functions: BTreeMap<String, Func>,
    /// Keeps the image alive as long as its pages are mapped.
    image: Option<Arc<Image>>,
}

impl WasmtimeInstance {
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

    fn restore(&mut self, image: &Arc<Image>) -> Result<(), RuntimeError> {
        let memory = self.memory.expect("an image was taken from a memory");
        let present = memory.data_size(&self.store);
        let pages = (image.memory.len().saturating_sub(present)) >> 16;
        memory
            .grow(&mut self.store, pages as u64)
            .map_err(out_of_memory(image.memory.len()))?;
        image.memory.restore(memory.data_mut(&mut self.store))?;
        self.image = Some(Arc::clone(image));
        for (number, bits) in &image.globals {
            let global = self
                .globals
                .iter()
                .find(|(n, _)| n == number)
                .map(|(_, global)| *global);
            let global = global.expect("an image has the globals of its module");
            let value = from_bits(global.ty(&self.store).content(), *bits);
            global
                .set(&mut self.store, value)
                .map_err(failed("set a global"))?;
        }
        Ok(())
    }

    fn function(&mut self, export: &str) -> Result<Func, RuntimeError> {
        if let Some(function) = self.functions.get(export) {
            return Ok(*function);
        }
        let function = match self.instance.get_export(&mut self.store, export) {
            Some(Extern::Func(function)) => function,
            _ => return Err(failed("find an export")(format!("no function `{export}`"))),
        };
        self.functions.insert(export.to_owned(), function);
        Ok(function)
    }

    fn set_counters(&mut self, fuel: i64) -> wasmtime::Result<()> {
        self.fuel.set(&mut self.store, Val::I64(fuel))?;
        self.stack.set(&mut self.store, Val::I32(stack_slots()))?;
        self.nan.set(&mut self.store, Val::I32(0))?;
        match &self.handles {
            Some(handles) => handles.begin(&mut self.store),
            None => Ok(()),
        }
    }

    /// Runs on a thread whose stack is large enough for every guest that keeps to its stack slots.
    fn run(
        &mut self,
        function: Func,
        args: &[Val],
        results: &mut [Val],
    ) -> Result<wasmtime::Result<()>, RuntimeError> {
        let store = &mut self.store;
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .stack_size(THREAD_STACK_BYTES)
                .spawn_scoped(scope, || function.call(store, args, results))
                .map_err(RuntimeError::io("start a thread for the guest"))?;
            Ok(thread.join().expect("host calls do not panic"))
        })
    }

    /// What an error of the engine means.
    fn classify(&mut self, error: &wasmtime::Error) -> Result<Called, RuntimeError> {
        let state = self.store.data_mut();
        if let Some(error) = state
            .growth
            .failed
            .take()
            .or_else(|| state.host.fatal.take())
        {
            return Err(error);
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::StackOverflow) => return Err(RuntimeError::NativeStack { engine: NAME }),
            Some(_) => {}
            None if error.is::<GuestFault>() || error.is::<RunOver>() => {}
            None => return Err(failed("run the guest")(error)),
        }
        let watched = self.store.data().watch.as_ref();
        let nan_seen = watched.is_some_and(|watch| watch.nan_seen)
            || matches!(self.nan.get(&mut self.store), Val::I32(1));
        Ok(if nan_seen {
            Called::NanSeen
        } else {
            Called::Failed
        })
    }
}

impl Instance for WasmtimeInstance {
    fn call(&mut self, export: &str, args: &[u128], fuel: i64) -> Result<Called, RuntimeError> {
        let function = self.function(export)?;
        self.set_counters(fuel)
            .map_err(failed("set the counters"))?;
        let ty = function.ty(&self.store);
        let args: Vec<_> = ty
            .params()
            .zip(args)
            .map(|(ty, bits)| from_bits(&ty, *bits))
            .collect();
        let mut results = vec![Val::I32(0); ty.results().len()];
        match self.run(function, &args, &mut results)? {
            Ok(()) => Ok(Called::Returned(results.iter().map(to_bits).collect())),
            Err(error) => self.classify(&error),
        }
    }

    fn fuel_left(&mut self) -> i64 {
        match self.fuel.get(&mut self.store) {
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
        let store = &mut self.store;
        self.globals
            .iter()
            .map(|(number, global)| (*number, to_bits(&global.get(&mut *store))))
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
        ValType::F32 => Val::F32(low),
        ValType::F64 => Val::F64(long),
        ValType::V128 => Val::V128(V128::from(bits)),
        ValType::Ref(_) => unreachable!("the profile has no reference values"),
    }
}

fn to_bits(value: &Val) -> u128 {
    match value {
        Val::I32(value) => value.cast_unsigned().into(),
        Val::I64(value) => value.cast_unsigned().into(),
        Val::F32(bits) => (*bits).into(),
        Val::F64(bits) => (*bits).into(),
        Val::V128(value) => value.as_u128(),
        _ => unreachable!("the profile has no reference values"),
    }
}
