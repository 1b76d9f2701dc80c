//! The calls, and what is recorded of each.

use std::path::Path;
use std::sync::{Arc, Mutex};

use alloy_primitives::{Address, Bytes, U256};
use enshrine_precompile::{ExecutedCall, INFERENCE, INFERENCE_WITH_MODEL, Inference};
use enshrine_runtime::store::ModelStore;
use enshrine_runtime::{BlobRoot, Outcome};
use revm::context::result::ExecutionResult;
use serde::{Deserialize, Serialize};

use crate::support::*;

/// What chain and observer see of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Recorded {
    call: String,
    result: String,
    /// What the call returned, in hexadecimal.
    output: String,
    /// Gas of the transaction.
    gas: u64,
    /// None if the call ended before a run.
    run: Option<RecordedRun>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RecordedRun {
    Finished {
        status: i32,
        output_root: String,
        load_steps: u64,
        infer_steps: u64,
        fuel_left: u64,
    },
    Failed,
}

impl From<Outcome> for RecordedRun {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Finished {
                status,
                output_root,
                load_steps,
                infer_steps,
                fuel_left,
            } => Self::Finished {
                status,
                output_root: output_root.to_string(),
                load_steps,
                infer_steps,
                fuel_left,
            },
            Outcome::Failed => Self::Failed,
        }
    }
}

/// Reads recorded calls.
pub(super) fn read(path: &Path) -> Vec<Recorded> {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Writes recorded calls.
pub(super) fn write(path: &Path, calls: &[Recorded]) {
    let text = serde_json::to_string_pretty(calls).unwrap();
    std::fs::write(path, text + "\n").unwrap();
}

struct Call {
    name: String,
    to: Address,
    data: Vec<u8>,
    gas: u64,
}

impl Call {
    fn new(name: impl Into<String>, to: Address, data: Vec<u8>, gas: u64) -> Self {
        Self {
            name: name.into(),
            to,
            data,
            gas,
        }
    }

    fn registered(name: &str, model: BlobRoot, input: &[u8]) -> Self {
        let data = registered_call(model, U256::from(1 << 20), input);
        Self::new(name, INFERENCE, data, PLENTY)
    }

    fn with_model(name: &str, model: &[u8], input: &[u8]) -> Self {
        let data = call_with_model(model, input);
        Self::new(name, INFERENCE_WITH_MODEL, data, PLENTY)
    }

    /// The same with so much gas.
    fn given(&self, name: &str, gas: u64) -> Self {
        Self::new(name, self.to, self.data.clone(), gas)
    }
}

/// A model in the store of the script.
struct Stored {
    bytes: Vec<u8>,
    root: BlobRoot,
}

impl Stored {
    fn new(store: &ModelStore, bytes: Vec<u8>) -> Self {
        let root = put(store, &bytes);
        Self { bytes, root }
    }
}

/// Models and calls.
pub(super) struct Script {
    store: ModelStore,
    digits: Stored,
    int8: Stored,
    batch: Stored,
    tumour: Stored,
    garbage: Stored,
}

impl Script {
    pub(super) fn new() -> Self {
        let (store, _) = new_store();
        let stored = |name| Stored::new(&store, model_bytes(name));
        Self {
            digits: stored("digits-cnn"),
            int8: stored("digits-cnn-int8"),
            batch: stored("digits-cnn-batch"),
            tumour: stored("tumour-mlp"),
            garbage: Stored::new(&store, b"this is no ONNX file".to_vec()),
            store,
        }
    }

    pub(super) fn store(&self) -> &ModelStore {
        &self.store
    }

    /// Makes all calls, on a chain of its own. They come back in one order, whichever of them was made first.
    pub(super) fn record(&self, inference: &Inference, way: Way, first: usize) -> Vec<Recorded> {
        let mut recorder = Recorder::new(self, inference, way);
        let digits = Call::registered("digits", self.digits.root, &sample("digit-7.bin"));
        // On a cold runtime this one runs `load` and cannot pay it; on a warm one it meets a prepared image.
        let starved = digits.given("gas for a part of load", 45_000);
        let mut all = vec![recorder.record(&starved), recorder.record(&digits)];
        let price = all[1].gas;
        let mut rest = self.calls();
        rest.push(digits.given("gas that is the price", price));
        rest.push(digits.given("gas that is one short", price - 1));
        rest.push(starved);
        let first = first % rest.len();
        let (later, sooner) = rest.split_at(first);
        let sooner: Vec<_> = sooner.iter().map(|call| recorder.record(call)).collect();
        all.extend(later.iter().map(|call| recorder.record(call)));
        all.extend(sooner);
        all
    }

    fn calls(&self) -> Vec<Call> {
        [self.answered(), self.nan(), self.refused()]
            .into_iter()
            .flatten()
            .collect()
    }

    fn answered(&self) -> Vec<Call> {
        let (image, row) = (sample("digit-7.bin"), sample("tumour.bin"));
        vec![
            Call::registered("int8", self.int8.root, &image),
            Call::registered("batch of 1", self.batch.root, &batch(1)),
            Call::registered("batch of 3", self.batch.root, &batch(3)),
            Call::registered("batch of 32", self.batch.root, &batch(32)),
            Call::registered("batch of 3 again", self.batch.root, &batch(3)),
            Call::registered("tumour", self.tumour.root, &row),
            Call::with_model("digits in call data", &self.digits.bytes, &image),
            Call::with_model("tumour in call data", &self.tumour.bytes, &row),
        ]
    }

    /// NaNs of both kinds and signs, and infinities.
    fn nan(&self) -> Vec<Call> {
        let image = |bits| replaced(sample("digit-7.bin"), 20, bits);
        let row = |bits| replaced(sample("tumour.bin"), 3, bits);
        vec![
            Call::registered("digits, NaN", self.digits.root, &image(0x7fc0_0000)),
            Call::registered("digits, payload", self.digits.root, &image(0xffc1_2345)),
            Call::registered("digits, signalling", self.digits.root, &image(0x7f80_0001)),
            Call::registered("digits, infinity", self.digits.root, &image(0x7f80_0000)),
            Call::registered("int8, NaN", self.int8.root, &image(0xffc0_0000)),
            Call::registered("tumour, NaN", self.tumour.root, &row(0xffa0_0001)),
            Call::registered("tumour, infinity", self.tumour.root, &row(0xff80_0000)),
        ]
    }

    fn refused(&self) -> Vec<Call> {
        let image = sample("digit-7.bin");
        let digits = |name, input: &[u8]| Call::registered(name, self.digits.root, input);
        let small = registered_call(self.digits.root, U256::from(39), &image);
        vec![
            digits("input a byte short", &image[1..]),
            digits("input a byte long", &[&image[..], &[0]].concat()),
            digits("no input", &[]),
            Call::registered("batch of 0", self.batch.root, &batch(0)),
            Call::registered(
                "batch a row short",
                self.batch.root,
                &batch(3)[..4 + 2 * 256],
            ),
            Call::registered("batch of 2^32 - 1", self.batch.root, &[0xff; 4]),
            Call::new("output too large", INFERENCE, small, PLENTY),
            Call::registered("no model", self.garbage.root, &image),
            Call::with_model("no model in call data", &self.garbage.bytes, &image),
            Call::registered("unknown model", BlobRoot::new([9; 32]), &image),
            Call::new("malformed call data", INFERENCE, vec![1; 63], PLENTY),
            digits("", &image).given("gas for less than is fixed", 41_000),
            Call::registered("", self.batch.root, &batch(32))
                .given("gas for a part of infer", 1_500_000),
        ]
    }
}

/// So many digits in one input.
fn batch(size: u32) -> Vec<u8> {
    let image = sample("digit-7.bin");
    let images = (0..size).flat_map(|index| replaced(image.clone(), index as usize, index));
    size.to_le_bytes().into_iter().chain(images).collect()
}

/// The input with one of its floats replaced.
fn replaced(mut input: Vec<u8>, index: usize, bits: u32) -> Vec<u8> {
    input[index * 4..][..4].copy_from_slice(&bits.to_le_bytes());
    input
}

/// A chain whose calls are recorded.
struct Recorder {
    chain: Chain,
    seen: Arc<Mutex<Vec<Outcome>>>,
}

impl Recorder {
    fn new(script: &Script, inference: &Inference, way: Way) -> Self {
        let seen = Arc::<Mutex<Vec<_>>>::default();
        let sink = Arc::clone(&seen);
        let observer = move |call: &ExecutedCall<'_>| sink.lock().unwrap().push(call.outcome);
        let models = [
            &script.digits,
            &script.int8,
            &script.batch,
            &script.tumour,
            &script.garbage,
        ];
        let inference = inference.with_observer(Arc::new(observer));
        let chain = Chain::new(way, inference, &models.map(|model| &model.bytes[..]));
        Self { chain, seen }
    }

    fn record(&mut self, call: &Call) -> Recorded {
        let result = self.chain.call(call.to, call.data.clone(), call.gas);
        let (how, output) = match &result {
            ExecutionResult::Success { output, .. } => {
                ("success".to_owned(), output.data().clone())
            }
            ExecutionResult::Revert { output, .. } => ("revert".to_owned(), output.clone()),
            ExecutionResult::Halt { reason, .. } => (format!("halt: {reason:?}"), Bytes::new()),
        };
        let mut seen = self.seen.lock().unwrap();
        let run = seen.pop().map(RecordedRun::from);
        assert!(seen.is_empty(), "one call, one run");
        Recorded {
            call: call.name.clone(),
            result: how,
            output: output.to_string(),
            gas: result.tx_gas_used(),
            run,
        }
    }
}
