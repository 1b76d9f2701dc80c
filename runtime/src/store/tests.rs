use std::{
    cell::RefCell,
    fs,
    io::{self, Read},
    path::Path as FilePath,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, SystemTime},
};

use enshrine_primitives::{
    blob_root,
    tensor::{DType, Dim, Interface, TensorType},
};
use tempfile::TempDir;

use super::*;

mod concurrent;
mod full;
mod remote;
mod servers;

/// Longer than a part, so that it is uploaded under another name first.
const LONG: usize = upload::PART_BYTES + 1_234_567;

fn model(seed: usize, len: usize) -> Vec<u8> {
    (0..len)
        .map(|i| ((i + seed).wrapping_mul(2_654_435_761) >> 7).to_le_bytes()[0])
        .collect()
}

fn open(folder: &TempDir) -> ModelStore {
    ModelStore::open(folder.path().to_str().unwrap()).unwrap()
}

fn digits() -> Manifest {
    let input = TensorType::new("image", DType::F32, [Dim::Dynamic, Dim::Static(64)]);
    let output = TensorType::new("logits", DType::F32, [Dim::Static(10)]);
    let interface = Interface {
        inputs: vec![input],
        outputs: vec![output],
    };
    let mut manifest = Manifest::named("digits").with_interface(&interface);
    manifest.licence = Some("Apache-2.0 OR MIT".to_owned());
    manifest.source = Some("models/digits.py".to_owned());
    manifest
}

/// Names of all files, sorted, those of subfolders with their folder.
fn files(folder: &FilePath) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            names.extend(
                files(&entry.path())
                    .iter()
                    .map(|inner| format!("{name}/{inner}")),
            );
        } else {
            names.push(name);
        }
    }
    names.sort();
    names
}

/// The models that do not verify.
fn wrong_roots(store: &ModelStore) -> Vec<BlobRoot> {
    let verified = store.verify_all().unwrap().into_iter();
    verified
        .filter(|found| found.size_bytes.is_err())
        .map(|found| found.root)
        .collect()
}

/// Puts, gets, lists and verifies; what any store that can be written does.
fn exercise(store: &ModelStore) {
    let models = [
        model(1, 0),
        model(2, 5000),
        model(3, upload::PART_BYTES),
        model(4, LONG),
    ];
    let mut roots = Vec::new();
    for bytes in &models {
        let root = store.put(&bytes[..], digits()).unwrap();
        assert_eq!(root, blob_root(bytes).unwrap());
        assert!(store.get(root).unwrap().as_deref() == Some(&bytes[..]));
        assert_eq!(store.verify(root).unwrap(), bytes.len() as u64);
        assert!(store.contains(root).unwrap());
        let manifest = store.manifest(root).unwrap().unwrap();
        let added = manifest.added.clone();
        assert!(added.is_some());
        assert_eq!(
            manifest,
            Manifest {
                length: bytes.len() as u64,
                added,
                ..digits()
            }
        );
        roots.push((root, bytes.len() as u64));
    }
    roots.sort();
    let listed: Vec<_> = store
        .list()
        .unwrap()
        .iter()
        .map(|m| (m.root, m.size_bytes))
        .collect();
    assert_eq!(listed, roots);
    let verified = store.verify_all().unwrap().into_iter();
    let verified: Vec<_> = verified
        .map(|found| (found.root, found.size_bytes.unwrap()))
        .collect();
    assert_eq!(verified, roots);
    let other = blob_root(b"never added").unwrap();
    assert_eq!(store.get(other).unwrap(), None);
    assert_eq!(store.manifest(other).unwrap(), None);
    assert!(!store.contains(other).unwrap());
    assert!(matches!(store.verify(other), Err(StoreError::Missing { root, .. }) if root == other));
}

#[test]
fn a_folder_keeps_models_under_their_roots() {
    let folder = TempDir::new().unwrap();
    exercise(&open(&folder));
    let stored = files(folder.path());
    assert_eq!(stored.len(), 8, "{stored:?}");
    for bytes in [model(2, 5000), model(4, LONG)] {
        let name = format!("{}.onnx", blob_root(&bytes).unwrap());
        assert!(fs::read(folder.path().join(name)).unwrap() == bytes);
    }
    let url = format!("file://{}", folder.path().display());
    assert_eq!(ModelStore::open(&url).unwrap().list().unwrap().len(), 4);
}

#[test]
fn memory_is_shared_by_clones_only() {
    let store = ModelStore::open("memory:").unwrap();
    exercise(&store.clone());
    assert_eq!(store.list().unwrap().len(), 4);
    assert_eq!(
        ModelStore::open("memory:").unwrap().list().unwrap().len(),
        0
    );
}

#[test]
fn what_is_no_location_is_refused_with_the_choices() {
    for location in ["ftp://host/x", "s3://", "http://", "gs://bucket/x", "://"] {
        let error = ModelStore::open(location).unwrap_err();
        assert!(
            matches!(error, StoreError::Location { .. }),
            "{location}: {error:?}"
        );
        assert!(error.to_string().contains("s3://bucket/prefix"), "{error}");
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = ModelStore::open(file.to_str().unwrap()).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
}

#[test]
fn wrong_bytes_are_named_and_never_served_and_putting_again_mends_them() {
    let flipped = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[4000] ^= 1;
        bytes
    };
    let truncated = |bytes: &[u8]| bytes[..bytes.len() - 1].to_vec();
    let extended = |bytes: &[u8]| [bytes, &[0]].concat();
    let empty = |_: &[u8]| Vec::new();
    type Damage = fn(&[u8]) -> Vec<u8>;
    let damages: [Damage; 4] = [flipped, truncated, extended, empty];
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    for (bytes, damage) in [model(1, 5000), model(1, LONG)]
        .iter()
        .flat_map(|b| damages.map(|d| (b, d)))
    {
        let root = store.put(&bytes[..], digits()).unwrap();
        let damaged = damage(bytes);
        fs::write(folder.path().join(format!("{root}.onnx")), &damaged).unwrap();
        for error in [
            store.get(root).map(drop).unwrap_err(),
            store.verify(root).map(drop).unwrap_err(),
        ] {
            let StoreError::Corrupted {
                expected,
                got,
                location,
            } = &error
            else {
                panic!("{error:?}")
            };
            assert_eq!((*expected, *got), (root, blob_root(&damaged).unwrap()));
            assert!(location.ends_with(&format!("{root}.onnx")), "{location}");
            assert!(error.to_string().contains("Add the model again"), "{error}");
        }
        assert_eq!(wrong_roots(&store), [root]);
        store.put(&bytes[..], digits()).unwrap();
        assert!(store.get(root).unwrap().as_deref() == Some(&bytes[..]));
    }
}

#[test]
fn a_model_needs_no_manifest_and_a_wrong_one_is_replaced() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let bytes = model(1, 100);
    let root = store.put(&bytes[..], digits()).unwrap();
    let path = folder.path().join(format!("{root}.json"));
    fs::remove_file(&path).unwrap();
    assert_eq!(store.manifest(root).unwrap(), None);
    assert!(store.get(root).unwrap().as_deref() == Some(&bytes[..]));
    fs::write(&path, "{").unwrap();
    let error = store.manifest(root).unwrap_err();
    assert!(matches!(error, StoreError::Manifest { .. }), "{error:?}");
    store.put(&bytes[..], digits()).unwrap();
    assert_eq!(store.manifest(root).unwrap().unwrap().name, "digits");
    let huge = fs::File::create(&path).unwrap();
    huge.set_len(MAX_MANIFEST_BYTES + 1).unwrap();
    let error = store.manifest(root).unwrap_err();
    assert!(
        matches!(error, StoreError::ManifestTooLarge { got, .. } if got == MAX_MANIFEST_BYTES + 1)
    );
}

#[test]
fn putting_twice_changes_no_byte_of_the_store() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let bytes = model(1, 100);
    let root = store.put(&bytes[..], digits()).unwrap();
    let path = folder.path().join(format!("{root}.json"));
    let manifest = fs::read_to_string(&path).unwrap().replace("20", "19");
    fs::write(&path, &manifest).unwrap();
    assert_eq!(store.put(&bytes[..], digits()).unwrap(), root);
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        manifest,
        "the time of the first put stays"
    );
    assert_eq!(files(folder.path()).len(), 2);
    let renamed = Manifest {
        name: "numbers".to_owned(),
        ..digits()
    };
    store.put(&bytes[..], renamed).unwrap();
    assert_eq!(store.manifest(root).unwrap().unwrap().name, "numbers");
}

#[test]
fn too_large_models_and_manifests_are_refused() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let text = "x".repeat(usize::try_from(MAX_MANIFEST_BYTES).unwrap());
    let error = store.put(&b"x"[..], Manifest::named(text)).unwrap_err();
    assert!(
        matches!(error, StoreError::ManifestTooLarge { .. }),
        "{error:?}"
    );
    assert_eq!(files(folder.path()), [""; 0]);
    let root = blob_root(b"x").unwrap();
    let sparse = fs::File::create(folder.path().join(format!("{root}.onnx"))).unwrap();
    sparse.set_len(MAX_MODEL_BYTES + 1).unwrap();
    for error in [
        store.get(root).map(drop).unwrap_err(),
        store.verify(root).map(drop).unwrap_err(),
    ] {
        assert!(
            matches!(error, StoreError::ModelTooLarge { got, .. } if got == MAX_MODEL_BYTES + 1)
        );
    }
}

#[test]
fn other_files_are_no_models() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let root = store.put(&b"x"[..], digits()).unwrap();
    let upper = root.to_string().to_uppercase().replace("0X", "0x");
    for name in [
        "readme.md",
        "model.onnx",
        ".onnx",
        "0x12.onnx",
        &format!("{upper}.onnx"),
    ] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    fs::create_dir(folder.path().join("folder.onnx")).unwrap();
    assert_eq!(
        store.list().unwrap(),
        [StoredModel {
            root,
            size_bytes: 1
        }]
    );
}

/// Fails after some bytes.
struct Failing(usize);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other("the cable is out"));
        }
        let count = buffer.len().min(self.0);
        buffer[..count].fill(7);
        self.0 -= count;
        Ok(count)
    }
}

#[test]
fn a_source_that_fails_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    for len in [0, 1000, upload::PART_BYTES, LONG] {
        let error = store.put(Failing(len), digits()).unwrap_err();
        assert!(matches!(error, StoreError::Source(_)), "{error:?}");
        assert_eq!(files(folder.path()), [""; 0], "after {len} bytes");
    }
}

#[test]
fn leftovers_of_dead_processes_go_and_uploads_under_way_stay() {
    let folder = TempDir::new().unwrap();
    let root = open(&folder).put(&b"x"[..], digits()).unwrap();
    let week = SystemTime::now() - Duration::from_secs(8 * 24 * 3600);
    fs::create_dir(folder.path().join("staging")).unwrap();
    for (name, time) in [
        ("staging/dead#1", week),
        ("staging/dead", week),
        ("staging/alive#1", SystemTime::now()),
        ("0x00.onnx#12", week),
        ("0x01.onnx#1", SystemTime::now()),
        ("not ours#x", week),
    ] {
        let file = fs::File::create(folder.path().join(name)).unwrap();
        file.set_modified(time).unwrap();
    }
    let model = fs::File::open(folder.path().join(format!("{root}.onnx"))).unwrap();
    model.set_modified(week).unwrap();
    drop(open(&folder));
    let (model, manifest) = (format!("{root}.onnx"), format!("{root}.json"));
    let mut expected = vec![
        "0x01.onnx#1",
        "not ours#x",
        "staging/alive#1",
        &model,
        &manifest,
    ];
    expected.sort_unstable();
    assert_eq!(files(folder.path()), expected);
}

#[test]
fn a_store_works_inside_other_asynchronous_runtimes() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let folder = TempDir::new().unwrap();
    runtime.block_on(async {
        let store = open(&folder);
        exercise(&store);
        tokio::spawn(async move { drop(store) }).await.unwrap();
    });
}

thread_local! {
    static GUARD: RefCell<Option<Guard>> = const { RefCell::new(None) };
}

/// Notes that its thread has ended.
struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn the_thread_ends_with_the_last_handle_and_survives_a_panic() {
    let store = ModelStore::open("memory:").unwrap();
    let ended = Arc::new(AtomicBool::new(false));
    let guard = Guard(Arc::clone(&ended));
    store
        .0
        .worker
        .run(async { GUARD.set(Some(guard)) })
        .unwrap();
    let panicked = store.0.worker.run(async {
        if true {
            panic!("of a backend")
        }
    });
    assert!(
        matches!(panicked, Err(StoreError::Thread { .. })),
        "{panicked:?}"
    );
    let other = store.clone();
    drop(store);
    assert!(!ended.load(Ordering::SeqCst));
    assert_eq!(other.list().unwrap(), []);
    drop(other);
    assert!(ended.load(Ordering::SeqCst));
}
