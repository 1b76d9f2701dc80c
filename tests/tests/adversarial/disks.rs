//! Stores and caches whose bytes are wrong, gone, or have no room.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use enshrine_primitives::blob_root;
use enshrine_runtime::{
    Execution, Guest, Model, Run, Runtime, RuntimeConfig,
    engine::EngineKind,
    store::{Manifest, ModelStore, StoreError},
};
use enshrine_tests::random::seeded;
use tempfile::TempDir;

use crate::bench::{EVERYWHERE, FUEL, RUNTIME, agree, code_folder, file};

const DIGITS: &str = "digits-cnn/model.onnx";

fn folder() -> TempDir {
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn open(folder: &Path) -> ModelStore {
    ModelStore::open(folder.to_str().unwrap()).unwrap()
}

fn put(store: &ModelStore, bytes: &[u8]) -> Result<enshrine_runtime::BlobRoot, StoreError> {
    store.put(bytes, Manifest::named("test"))
}

/// A runtime on a cache that has compiled code and nothing else.
fn cached(cache: &Path) -> Runtime {
    // The shared folder has all code now.
    let _ = &*RUNTIME;
    fs::create_dir_all(cache).unwrap();
    for entry in fs::read_dir(code_folder()).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "code")
        {
            // There already for the second runtime on this cache.
            let _ = symlink(&path, cache.join(path.file_name().unwrap()));
        }
    }
    Runtime::new(RuntimeConfig::bundled(Some(cache.into())).unwrap()).unwrap()
}

fn infer(runtime: &Runtime, model: &[u8]) -> Run {
    let model = Model::new(model).unwrap();
    let input = file("samples/digit-7.bin");
    runtime
        .infer(&model, &input, FUEL, EngineKind::Wasmtime)
        .unwrap()
}

/// Files of a cache that are no code.
fn entries(cache: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(cache)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| !path.is_symlink());
    paths.sort();
    paths
}

/// What may befall a file.
fn damages(bytes: &[u8], other: &[u8]) -> Vec<Vec<u8>> {
    let flip = |place: usize| {
        let mut bytes = bytes.to_vec();
        bytes[place] ^= 1;
        bytes
    };
    let last = bytes.len() - 1;
    let mut damages: Vec<_> = [0, 15, 16, 47, 48, last / 2, last]
        .map(|place| flip(place.min(last)))
        .into();
    damages.extend([1, 16, 48, last / 2, last].map(|length| bytes[..length.min(last)].to_vec()));
    damages.push(Vec::new());
    damages.push([bytes, &[0]].concat());
    damages.push([bytes, bytes].concat());
    damages.push(vec![0; bytes.len()]);
    damages.push(other.to_vec());
    damages
}

#[test]
fn damaged_models_are_never_served() {
    let folder = folder();
    let store = open(folder.path());
    let (model, other) = (file(DIGITS), file("tumour-mlp/model.onnx"));
    let root = put(&store, &model).unwrap();
    let kept = put(&store, &other).unwrap();
    let path = folder.path().join(format!("{root}.onnx"));
    for damage in damages(&model, &other) {
        fs::write(&path, &damage).unwrap();
        let error = store.get(root).map(drop).unwrap_err();
        let StoreError::Corrupted { expected, got, .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!((expected, got), (root, blob_root(&damage).unwrap()));
        assert!(matches!(
            store.verify(root),
            Err(StoreError::Corrupted { .. })
        ));
        assert_eq!(store.get(kept).unwrap().as_deref(), Some(&*other));
    }
    put(&store, &model).unwrap();
    assert_eq!(store.get(root).unwrap().as_deref(), Some(&*model));
}

#[test]
fn missing_models_are_missing_whatever_their_manifests_say() {
    let folder = folder();
    let store = open(folder.path());
    let model = file(DIGITS);
    let root = put(&store, &model).unwrap();
    fs::remove_file(folder.path().join(format!("{root}.onnx"))).unwrap();
    assert!(store.manifest(root).unwrap().is_some());
    assert_eq!(store.get(root).unwrap(), None);
    assert!(!store.contains(root).unwrap());
    assert!(matches!(
        store.verify(root),
        Err(StoreError::Missing { .. })
    ));
    assert_eq!(store.list().unwrap(), []);
    // A folder in the place of a file is no model either.
    fs::create_dir(folder.path().join(format!("{root}.onnx"))).unwrap();
    let got = store.get(root);
    assert!(
        matches!(got, Ok(None) | Err(StoreError::Unavailable { .. })),
        "{got:?}"
    );
    assert_eq!(store.list().unwrap(), []);
}

#[test]
fn damaged_manifests_touch_no_model() {
    let folder = folder();
    let store = open(folder.path());
    let model = file(DIGITS);
    let root = put(&store, &model).unwrap();
    let path = folder.path().join(format!("{root}.json"));
    let manifest = fs::read(&path).unwrap();
    let deep = "[".repeat(100_000);
    for damage in [
        &b""[..],
        b"{",
        b"null",
        b"\xff\xfe",
        deep.as_bytes(),
        &manifest[..manifest.len() / 2],
    ] {
        fs::write(&path, damage).unwrap();
        let error = store.manifest(root).unwrap_err();
        assert!(matches!(error, StoreError::Manifest { .. }), "{error:?}");
        assert_eq!(store.get(root).unwrap().as_deref(), Some(&*model));
        assert_eq!(store.verify(root).unwrap(), model.len() as u64);
    }
    put(&store, &model).unwrap();
    assert_eq!(store.manifest(root).unwrap().unwrap().name, "test");
}

#[test]
fn damaged_images_are_made_again() {
    let folder = folder();
    let model = file(DIGITS);
    let first = infer(&cached(folder.path()), &model);
    let sound: Vec<_> = entries(folder.path())
        .into_iter()
        .map(|path| (fs::read(&path).unwrap(), path))
        .collect();
    assert_eq!(sound.len(), 2, "an image and an interface");
    for (number, (bytes, path)) in sound.iter().enumerate() {
        for damage in damages(bytes, &sound[1 - number].0) {
            fs::write(path, &damage).unwrap();
            let runtime = cached(folder.path());
            let run = infer(&runtime, &model);
            assert_eq!((run.outcome, &run.output), (first.outcome, &first.output));
            assert_eq!(runtime.take_cache_problem(), None);
            if bytes != &fs::read(path).unwrap() {
                // Whole, if not what it was: another entry under this name, which a folder that is trusted has not.
                assert!(damage == sound[1 - number].0, "{}", path.display());
                fs::write(path, bytes).unwrap();
            }
        }
    }
    let run = infer(&cached(folder.path()), &model);
    assert!(run.prepared);
    assert_eq!(run.outcome, first.outcome);
}

#[test]
fn damaged_code_is_compiled_again() {
    let folder = folder();
    let text = r#"(module (memory 1)
        (func (export "load") (result i32) (i32.const 0))
        (func (export "infer") (result i32) (i32.const 7)))"#;
    let buffer = wast::parser::ParseBuffer::new(text).unwrap();
    let mut wat = wast::parser::parse::<wast::Wat<'_>>(&buffer).unwrap();
    let mut config = RuntimeConfig::bundled(Some(folder.path().into())).unwrap();
    config.guest = Guest::new(wat.encode().unwrap());
    let model = Model::new(&b"model"[..]).unwrap();
    let run = |way: Execution| {
        let runtime = Runtime::new(config.clone()).unwrap();
        runtime.infer(&model, b"", FUEL, way).unwrap().outcome
    };
    let first = run(EVERYWHERE[0]);
    let all_agree = || {
        EVERYWHERE
            .iter()
            .for_each(|way| assert_eq!(run(*way), first))
    };
    all_agree();
    let code = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension == "code")
    };
    let paths: Vec<_> = entries(folder.path()).into_iter().filter(code).collect();
    assert_eq!(paths.len(), 4);
    for path in paths {
        let sound = fs::read(&path).unwrap();
        for damage in damages(&sound, b"enshrine cache 1") {
            fs::write(&path, damage).unwrap();
            all_agree();
            assert!(fs::read(&path).unwrap() == sound, "{}", path.display());
        }
    }
}

#[test]
fn a_cache_that_is_no_folder_is_reported_and_no_more() {
    let folder = folder();
    let model = file(DIGITS);
    let cache = folder.path().join("cache");
    let runtime = cached(&cache);
    runtime.warm(EngineKind::Wasmtime).unwrap();
    fs::remove_dir_all(&cache).unwrap();
    fs::write(&cache, "").unwrap();
    let run = infer(&runtime, &model);
    let (expected, _) = agree(&model, &file("samples/digit-7.bin"), FUEL, &EVERYWHERE[..1]);
    assert_eq!(run.outcome, expected.outcome);
    let problem = runtime.take_cache_problem().unwrap();
    assert!(problem.contains(cache.to_str().unwrap()), "{problem}");
    assert_eq!(runtime.take_cache_problem(), None);
}

#[test]
fn entries_that_dead_processes_left_go() {
    let folder = folder();
    let (old, new) = ("ab.7-0.tmp", "ab.8-0.tmp");
    for name in [old, new] {
        fs::write(folder.path().join(name), "half").unwrap();
    }
    let file_of_old = fs::File::options()
        .write(true)
        .open(folder.path().join(old))
        .unwrap();
    let days = Duration::from_secs(2 * 24 * 3600);
    file_of_old.set_modified(SystemTime::now() - days).unwrap();
    infer(&cached(folder.path()), &file(DIGITS));
    assert!(!folder.path().join(old).exists());
    assert!(folder.path().join(new).exists(), "it may be in use");
}

/// Variable that turns a child test into the child of another.
const CHILD_FOLDER: &str = "ENSHRINE_ADVERSARIAL_FOLDER";

/// Bytes of a model that finds no room on any of the disks here.
const LONG: usize = 12 << 20;

/// A child of the tests below: fills a disk, and finds the store intact and the answers unchanged.
#[test]
fn child_on_a_full_disk() {
    let Some(folder) = env::var_os(CHILD_FOLDER).map(PathBuf::from) else {
        return;
    };
    let store = open(&folder.join("store"));
    let model = file(DIGITS);
    let root = put(&store, &model).unwrap();
    let listed = store.list().unwrap();
    let error = put(&store, &seeded(1, LONG)).unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert_eq!(store.list().unwrap(), listed);

    let cache = folder.join("cache");
    let runtime = cached(&cache);
    let model = store.get(root).unwrap().unwrap();
    let run = infer(&runtime, &model);
    let (expected, _) = agree(&model, &file("samples/digit-7.bin"), FUEL, &EVERYWHERE);
    assert_eq!(run.outcome, expected.outcome);
    let problem = runtime.take_cache_problem().unwrap();
    assert!(problem.contains(".image"), "{problem}");
    let again = infer(&runtime, &model);
    assert!(again.prepared, "the image is in memory");
    assert_eq!(again.outcome, expected.outcome);
    for path in entries(&cache) {
        let extension = path.extension().unwrap();
        assert_eq!(extension, "interface", "nothing half-written stays");
    }
    assert!(!infer(&cached(&cache), &model).prepared);
    assert_eq!(store.verify_all().unwrap().len(), 1);
    assert_eq!(store.verify(root).unwrap(), model.len() as u64);
}

/// Runs the child by a script that gets its command, in a folder that it then looks into without any limit.
fn on_a_full_disk(shell: &[&str], script: &str) {
    let folder = folder();
    // Compiled code, if there is none yet, needs more room than the child gets.
    let _ = &*RUNTIME;
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .arg(script)
        .arg(env::current_exe().unwrap())
        .args(["--exact", "disks::child_on_a_full_disk", "--nocapture"])
        .env(CHILD_FOLDER, folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("1 passed"), "{text}");
    let store = open(&folder.path().join("store"));
    assert!(
        store
            .verify_all()
            .unwrap()
            .iter()
            .all(|found| found.size_bytes.is_ok())
    );
    let runtime = cached(&folder.path().join("cache"));
    let run = infer(&runtime, &file(DIGITS));
    let (expected, _) = agree(
        &file(DIGITS),
        &file("samples/digit-7.bin"),
        FUEL,
        &EVERYWHERE[..1],
    );
    assert_eq!((run.outcome, run.prepared), (expected.outcome, false));
    assert_eq!(runtime.take_cache_problem(), None);
}

#[test]
fn files_that_the_system_cuts_short_change_nothing() {
    // No file may be as large as the image on disk, while the image in memory, which is a file too, still fits.
    let folder = folder();
    infer(&cached(folder.path()), &file(DIGITS));
    let image = entries(folder.path())
        .into_iter()
        .find(|path| path.extension().unwrap() == "image");
    let blocks = (fs::metadata(image.unwrap()).unwrap().len() - 1) / 512;
    // The system's limit of a file's size, in blocks of 512 bytes. Exceeding it is a signal unless that is ignored.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    on_a_full_disk(&["sh", "-c"], &script);
}

#[test]
fn a_file_system_without_room_changes_nothing() {
    // A file system of one megabyte, in memory, that only the child sees. The limit above needs no such rights.
    let namespace = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
    ];
    let mount = format!("mount -t tmpfs -o size=1m none \"${CHILD_FOLDER}\"");
    let can = Command::new(namespace[0])
        .args(&namespace[1..])
        .arg(&mount)
        .env(CHILD_FOLDER, folder().path())
        .stderr(Stdio::null())
        .status();
    if can.is_ok_and(|status| status.success()) {
        on_a_full_disk(&namespace, &format!("{mount} && exec \"$0\" \"$@\""));
    } else {
        eprintln!("this system lends no file system: only files that are cut short were tested");
    }
}
