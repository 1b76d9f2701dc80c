//! The committed module, in an interpreter: what `load` leaves may depend on the model and on the sizes of the input's
//! dynamic axes, and on nothing else, because hosts share it between inputs.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on has failed, and its own numbers are small"
)]

mod common;

use common::{Memory, bytes_of, floats, graph, model, node};
use enshrine_guest_ml::host::{Blob, Host, Page};
use enshrine_primitives::{PAGE_SIZE, blob_root};
use std::io::Read;
use tract_onnx::pb::ModelProto;
use wasmi::{Caller, Config, Engine, Instance, Linker, Module, Store};

const PACKED: &[u8] = include_bytes!("../../runtime/guest/guest-ml.wasm.zst");

/// A host whose output can be asked for.
struct State {
    blobs: Memory,
    output: Vec<u8>,
    root: [u8; 32],
}

struct Guest {
    store: Store<State>,
    instance: Instance,
}

impl Guest {
    fn new(engine: &Engine, module: &Module, proto: &ModelProto, input: Vec<u8>) -> Self {
        let state = State {
            blobs: Memory::new(proto, input),
            output: vec![],
            root: [0; 32],
        };
        let mut store = Store::new(engine, state);
        store.set_fuel(u64::MAX).unwrap();
        let mut linker = Linker::new(engine);
        linker.func_wrap("enshrine", "blob_len", blob_len).unwrap();
        linker
            .func_wrap("enshrine", "blob_page", blob_page)
            .unwrap();
        linker.func_wrap("enshrine", "output", output).unwrap();
        let instance = linker.instantiate_and_start(&mut store, module).unwrap();
        Self { store, instance }
    }

    fn call(&mut self, export: &str) -> i32 {
        let function = self
            .instance
            .get_typed_func::<(), i32>(&self.store, export)
            .unwrap();
        function.call(&mut self.store, ()).unwrap()
    }

    fn memory(&self) -> &[u8] {
        self.instance
            .get_memory(&self.store, "memory")
            .unwrap()
            .data(&self.store)
    }
}

fn blob(number: i32) -> Blob {
    if number == 0 {
        Blob::Model
    } else {
        Blob::Input
    }
}

fn blob_len(caller: Caller<'_, State>, number: i32) -> i64 {
    caller.data().blobs.blob_len(blob(number)) as i64
}

fn blob_page(mut caller: Caller<'_, State>, number: i32, page: i32, destination: i32) {
    let mut bytes = Page([0; PAGE_SIZE]);
    caller
        .data()
        .blobs
        .blob_page(blob(number), page as u32, &mut bytes);
    let destination = destination as u32 as usize;
    assert_eq!(destination % PAGE_SIZE, 0);
    let memory = caller.get_export("memory").unwrap().into_memory().unwrap();
    memory.write(&mut caller, destination, &bytes.0).unwrap();
}

fn output(mut caller: Caller<'_, State>, start: i32, len: i32, root: i32) {
    let memory = caller.get_export("memory").unwrap().into_memory().unwrap();
    let mut bytes = vec![0; len as u32 as usize];
    memory
        .read(&caller, start as u32 as usize, &mut bytes)
        .unwrap();
    let mut digest = [0; 32];
    memory
        .read(&caller, root as u32 as usize, &mut digest)
        .unwrap();
    (caller.data_mut().output, caller.data_mut().root) = (bytes, digest);
}

fn module() -> (Engine, Module) {
    let mut wasm = Vec::new();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(PACKED).unwrap();
    decoder.read_to_end(&mut wasm).unwrap();
    let mut config = Config::default();
    // Translated at once: a lazy translation is charged to whoever calls a function first.
    config
        .consume_fuel(true)
        .compilation_mode(wasmi::CompilationMode::Eager);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, &wasm).unwrap();
    (engine, module)
}

fn perceptron() -> ModelProto {
    let nodes = vec![
        node("MatMul", &["x", "w"], &["h"]),
        node("Add", &["h", "b"], &["s"]),
        node("Softmax", &["s"], &["y"]),
    ];
    let mut graph = graph(
        nodes,
        &[("x", &["rows", "4"]), ("b", &["rows", "1"])],
        &["y"],
    );
    graph.initializer = vec![floats("w", &[4, 3], &[0.25; 12])];
    model(graph)
}

fn input(values: [f32; 8], bias: [f32; 2]) -> Vec<u8> {
    let rows = 2_u32.to_le_bytes();
    [&rows[..], &bytes_of(&values), &rows, &bytes_of(&bias)].concat()
}

#[test]
fn load_leaves_the_same_memory_for_all_inputs_of_equal_sizes() {
    let proto = perceptron();
    let first = input([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [9.0, 10.0]);
    let mut longer = input([f32::NAN; 8], [-1.0, 0.0]);
    longer.extend([7; 5000]);
    // The interpreter takes fuel for translating functions on their first call, so each guest has a module of its own.
    let mut guests = [first, longer].map(|input| {
        let (engine, module) = module();
        Guest::new(&engine, &module, &proto, input)
    });
    for guest in &mut guests {
        assert_eq!(guest.call("load"), 0);
    }
    let [one, other] = &guests;
    assert!(
        one.memory() == other.memory(),
        "load left something of its input in memory"
    );
    assert_eq!(
        one.store.get_fuel().unwrap(),
        other.store.get_fuel().unwrap()
    );
}

#[test]
fn infer_outputs_bytes_with_their_root() {
    let (engine, module) = module();
    let mut guest = Guest::new(&engine, &module, &perceptron(), input([1.0; 8], [0.0; 2]));
    assert_eq!((guest.call("load"), guest.call("infer")), (0, 0));
    let State { output, root, .. } = guest.store.data();
    assert_eq!(blob_root(output).unwrap().as_bytes(), root);
    let sizes = [2_u32, 3].map(u32::to_le_bytes).concat();
    assert_eq!(output[..8], sizes);
    assert_eq!(output.len(), 8 + 6 * 4);
    let logits = output[8..]
        .chunks(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
    assert!(
        logits
            .into_iter()
            .all(|probability| (probability - 1.0 / 3.0).abs() < 1e-6)
    );
}

#[test]
fn refusals_are_output_as_messages() {
    let (engine, module) = module();
    let mut proto = perceptron();
    proto.graph.as_mut().unwrap().node[2].op_type = "Frobnicate".into();
    let mut guest = Guest::new(&engine, &module, &proto, input([1.0; 8], [0.0; 2]));
    assert_eq!(guest.call("load"), 1);
    let message = String::from_utf8(guest.store.data().output.clone()).unwrap();
    assert!(
        message.contains("'the Softmax' (Frobnicate): is not an operator"),
        "{message}"
    );
    assert_eq!(guest.call("describe"), 0);
    let report = String::from_utf8(guest.store.data().output.clone()).unwrap();
    assert!(report.contains("\"operator\":\"Frobnicate\""), "{report}");
}
