//! One runtime for all tests, and what a run in it may end in.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use enshrine_primitives::{abi::MAX_MESSAGE_BYTES, blob_root};
use enshrine_runtime::{
    Execution, Fuel, Model, Outcome, Run, Runtime, RuntimeConfig, Status, engine::EngineKind,
    meter::NanMode,
};

/// Enough for each model here that answers; a model that takes more fails, and does so soon.
pub(crate) const FUEL: Fuel = Fuel {
    load: 1 << 28,
    infer: 1 << 26,
};

/// Every engine and build, the usual one first.
pub(crate) const EVERYWHERE: [Execution; 4] = [
    Execution {
        engine: EngineKind::Wasmtime,
        nan: NanMode::Speculative,
        keep: true,
    },
    Execution {
        engine: EngineKind::Wasmtime,
        nan: NanMode::Exact,
        keep: true,
    },
    Execution {
        engine: EngineKind::Wasmi,
        nan: NanMode::Speculative,
        keep: true,
    },
    Execution {
        engine: EngineKind::Wasmi,
        nan: NanMode::Exact,
        keep: true,
    },
];

/// Folder of compiled code that other tests share.
pub(crate) fn code_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("enshrine-cache")
}

/// Takes compiled code from the shared folder and writes nothing: thousands of models are seen once each.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let name = format!("adversarial-{}", std::process::id());
    let link = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(code_folder()).unwrap();
    symlink(code_folder(), &link).unwrap();
    let config = RuntimeConfig {
        image_cache_bytes: 0,
        ..RuntimeConfig::bundled(Some(link.clone())).unwrap()
    };
    let runtime = Runtime::new(config).unwrap();
    for way in EVERYWHERE {
        runtime.warm(way).unwrap();
    }
    // A link to nothing is no folder and cannot become one.
    fs::remove_file(&link).unwrap();
    symlink("nowhere/at/all", &link).unwrap();
    runtime
});

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Answered(Vec<u8>),
    Refused(String),
    Malformed(String),
    Failed,
}

impl Ended {
    /// The end of a run, if it is one that the runtime promises.
    pub(crate) fn of(run: &Run, fuel: Fuel) -> Self {
        let Outcome::Finished {
            status,
            output_root,
            infer_steps,
            fuel_left,
            ..
        } = run.outcome
        else {
            assert!(run.output.is_empty());
            return Self::Failed;
        };
        assert_eq!(infer_steps + fuel_left, fuel.infer);
        assert_eq!(output_root, blob_root(&run.output).unwrap());
        let message = || {
            let text = String::from_utf8(run.output.clone()).unwrap();
            assert!(!text.is_empty() && text.len() <= MAX_MESSAGE_BYTES);
            text
        };
        match Status::from_wire(status).unwrap() {
            Status::Ok => Self::Answered(run.output.clone()),
            Status::ModelRefused => Self::Refused(message()),
            Status::InputMalformed => Self::Malformed(message()),
        }
    }
}

/// Runs a model in several ways, which must give the same; the first one's run.
pub(crate) fn agree(model: &[u8], input: &[u8], fuel: Fuel, ways: &[Execution]) -> (Run, Ended) {
    agree_in(&RUNTIME, model, input, fuel, ways)
}

/// As [`agree`], in another runtime.
pub(crate) fn agree_in(
    runtime: &Runtime,
    model: &[u8],
    input: &[u8],
    fuel: Fuel,
    ways: &[Execution],
) -> (Run, Ended) {
    let model = Model::new(model).unwrap();
    let mut runs = ways
        .iter()
        .map(|way| runtime.infer(&model, input, fuel, *way).unwrap());
    let first = runs.next().unwrap();
    for (other, way) in runs.zip(&ways[1..]) {
        assert_eq!(first.outcome, other.outcome, "{way:?}");
        assert_eq!(first.output, other.output, "{way:?}");
    }
    let ended = Ended::of(&first, fuel);
    (first, ended)
}

/// The end of a model in every engine and build.
pub(crate) fn end(model: &[u8], input: &[u8]) -> Ended {
    agree(model, input, FUEL, &EVERYWHERE).1
}

/// A committed model or sample.
pub(crate) fn file(path: &str) -> Vec<u8> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    fs::read(models.join(path)).unwrap()
}

/// Numbers in the tensor encoding.
pub(crate) fn encode(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}
