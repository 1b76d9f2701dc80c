//! The same calls give the same results however a node runs them: engines, caches, threads, processes.
//!
//! What each call gives also stands in `tests/vectors/calls.json`, so that no step and no gas moves unseen from one
//! release to the next. When they are meant to move, as after a rebuild of the guest or a change of gas, `cargo xtask
//! vectors` writes the file anew: it sets [`WRITE_CALLS`] to the file's path, and the test that compares with the file
//! writes it. A child process hands its results to its parent in the same way.

mod calls;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Barrier, OnceLock};

use enshrine_precompile::{Inference, InferenceConfig};
use enshrine_runtime::engine::EngineKind;
use enshrine_runtime::{Runtime, RuntimeConfig};
use tempfile::TempDir;

use self::calls::{Recorded, Script};
use crate::support::{Way, runtime};

/// Variable with the path of a file that takes the results, instead of the committed ones being compared with them.
const WRITE_CALLS: &str = "ENSHRINE_WRITE_CALLS";

/// Variable with the cache folder of a child process.
const CACHE_DIR: &str = "ENSHRINE_TEST_CACHE_DIR";

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/calls.json");

const THREADS: usize = 8;

fn script() -> &'static Script {
    static SCRIPT: OnceLock<Script> = OnceLock::new();
    SCRIPT.get_or_init(Script::new)
}

fn inference(runtime: &Runtime, engine: EngineKind) -> Inference {
    let config = InferenceConfig {
        engine,
        ..Default::default()
    };
    Inference::new(runtime.clone(), script().store().clone(), config)
}

/// Results with wasmtime, in plain revm, one call after the other: what all others are compared with.
fn expected() -> &'static [Recorded] {
    static EXPECTED: OnceLock<Vec<Recorded>> = OnceLock::new();
    EXPECTED.get_or_init(|| record(runtime(), EngineKind::Wasmtime, Way::Revm))
}

fn record(runtime: &Runtime, engine: EngineKind, way: Way) -> Vec<Recorded> {
    script().record(&inference(runtime, engine), way, 0)
}

/// Compares call by call, so that a difference is shown by the call's name.
fn compare(how: &str, got: &[Recorded], expected: &[Recorded]) {
    for (got, expected) in got.iter().zip(expected) {
        assert_eq!(got, expected, "{how}");
    }
    assert_eq!(got.len(), expected.len(), "{how}");
}

fn compare_engines(how: &str, runtime: &Runtime) {
    for engine in EngineKind::ALL {
        for way in Way::ALL {
            let got = record(runtime, engine, way);
            compare(&format!("{how}, {engine:?}, {way:?}"), &got, expected());
        }
    }
}

/// Makes the calls in threads that start at once and take them in different orders.
fn compare_threads(how: &str, runtime: &Runtime, engine: EngineKind) {
    let inference = inference(runtime, engine);
    let start = Barrier::new(THREADS);
    let record = |index: usize| {
        start.wait();
        script().record(&inference, Way::ALL[index % 2], index)
    };
    let results = std::thread::scope(|scope| {
        let spawn = |index| scope.spawn(move || record(index));
        let threads = std::array::from_fn::<_, THREADS, _>(spawn);
        threads.map(|thread| thread.join().unwrap())
    });
    for (index, got) in results.iter().enumerate() {
        let how = format!("{how}, {engine:?}, thread {index}");
        compare(&how, got, expected());
    }
}

fn empty_folder() -> TempDir {
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// A runtime that has run nothing yet.
fn new_runtime(cache_dir: Option<&Path>) -> Runtime {
    let config = RuntimeConfig::bundled(cache_dir.map(Path::to_owned)).unwrap();
    Runtime::new(config).unwrap()
}

/// Makes the calls in another process. Its output is kept back: whoever counts tests would count the child's too.
fn start_child(cache_dir: &Path, results: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "identity::calls_end_as_committed"])
        .env(CACHE_DIR, cache_dir)
        .env(WRITE_CALLS, results)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn calls_end_as_committed() {
    let child = std::env::var_os(CACHE_DIR).map(|folder| new_runtime(Some(folder.as_ref())));
    let runtime = child.as_ref().unwrap_or_else(|| runtime());
    let [got, other] = EngineKind::ALL.map(|engine| record(runtime, engine, Way::Revm));
    compare("the other engine", &other, &got);
    if let Some(path) = std::env::var_os(WRITE_CALLS) {
        calls::write(path.as_ref(), &got);
        return;
    }
    let how = "output, steps or gas moved: if it should, run `cargo xtask vectors` and say so in CHANGELOG.md";
    compare(how, &got, &calls::read(COMMITTED.as_ref()));
}

#[test]
fn engines_agree_on_the_second_run_too() {
    expected();
    compare_engines("again", runtime());
}

#[test]
fn threads_agree_on_a_warm_runtime() {
    expected();
    compare_threads("warm", runtime(), EngineKind::Wasmtime);
}

#[test]
fn threads_agree_on_a_cold_runtime_without_a_cache_folder() {
    let cold = new_runtime(None);
    for engine in EngineKind::ALL {
        compare_threads("cold", &cold, engine);
    }
}

#[test]
fn processes_agree_on_a_cold_cache_folder_and_new_runtimes_on_the_warm_one() {
    let (cache, results) = (empty_folder(), empty_folder());
    let files = ["first", "second"].map(|name| results.path().join(name));
    let children = files.each_ref().map(|file| start_child(cache.path(), file));
    for (child, file) in children.into_iter().zip(&files) {
        let ended = child.wait_with_output().unwrap();
        let said = [ended.stdout, ended.stderr].concat();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&said));
        compare("child process", &calls::read(file), expected());
    }
    let warm = new_runtime(Some(cache.path()));
    compare_engines("warm cache", &warm);
    assert_eq!(warm.take_cache_problem(), None);

    damage_images(cache.path());
    compare_engines("damaged cache", &new_runtime(Some(cache.path())));

    let mut config = RuntimeConfig::bundled(Some(cache.path().to_owned())).unwrap();
    (config.image_cache_bytes, config.disk_image_bytes) = (0, 0);
    compare_engines("no room for images", &Runtime::new(config).unwrap());
}

/// Flips the last byte of every prepared image on disk.
fn damage_images(cache: &Path) {
    let mut damaged = 0;
    for entry in std::fs::read_dir(cache).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "image") {
            let mut bytes = std::fs::read(&path).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            std::fs::write(&path, bytes).unwrap();
            damaged += 1;
        }
    }
    assert!(damaged > 0);
}
