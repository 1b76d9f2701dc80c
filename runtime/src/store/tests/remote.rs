//! Servers.

use std::sync::Mutex;

use super::{
    servers::{Bucket, Request, Response, serve, serve_bucket},
    *,
};

/// A server of the files of a folder, below `/models`.
fn serve_folder(folder: &TempDir) -> String {
    let folder = folder.path().to_owned();
    let handler = move |request: Request| match &request.method[..] {
        "GET" | "HEAD" => {
            let name = request
                .path
                .strip_prefix("/models/")
                .expect("below /models");
            fs::read(folder.join(name))
                .map_or_else(|_| Response::new(404, "none"), |b| Response::new(200, b))
        }
        _ => Response::new(405, "read only"),
    };
    format!("{}/models", serve(handler))
}

#[test]
fn a_plain_http_server_is_read_and_verified() {
    let folder = TempDir::new().unwrap();
    let written = open(&folder);
    let store = ModelStore::open(&serve_folder(&folder)).unwrap();
    for len in [0, 5000, LONG] {
        let bytes = model(1, len);
        let root = written.put(&bytes[..], digits()).unwrap();
        assert!(store.get(root).unwrap().as_deref() == Some(&bytes[..]));
        assert_eq!(
            store.manifest(root).unwrap(),
            written.manifest(root).unwrap()
        );
        assert_eq!(store.verify(root).unwrap(), len as u64);
        let path = folder.path().join(format!("{root}.onnx"));
        fs::write(&path, [&bytes[..], &[1]].concat()).unwrap();
        let error = store.get(root).unwrap_err();
        assert!(
            matches!(error, StoreError::Corrupted { expected, .. } if expected == root),
            "{error:?}"
        );
        fs::remove_file(&path).unwrap();
        assert_eq!(store.get(root).unwrap(), None);
    }
}

#[test]
fn a_plain_http_server_is_neither_written_nor_listed() {
    let folder = TempDir::new().unwrap();
    let store = ModelStore::open(&serve_folder(&folder)).unwrap();
    let error = store.put(&b"x"[..], digits()).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    let error = store.list().unwrap_err();
    assert!(matches!(error, StoreError::NotListable { .. }), "{error:?}");
    assert_eq!(files(folder.path()), [""; 0]);
}

#[test]
fn a_download_that_breaks_off_is_unavailable_and_no_corruption() {
    let cut = |_| Response::new(200, "half").with("Content-Length", "8");
    let store = ModelStore::open(&serve(cut)).unwrap();
    let error = store.get(blob_root(b"half").unwrap()).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
}

#[test]
fn a_server_that_fails_or_is_not_there_is_unavailable() {
    let failing = serve(|_| Response::new(500, "sorry"));
    let no_tls = failing.replace("http:", "https:");
    for location in [&failing, &no_tls, "http://127.0.0.1:1"] {
        let store = ModelStore::open(location).unwrap();
        let error = store.get(blob_root(b"").unwrap()).unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
        assert!(error.to_string().contains(store.location()), "{error}");
    }
}

#[test]
fn a_huge_announcement_is_refused_before_any_memory_is_taken() {
    let huge = |_| Response::new(200, "").with("Content-Length", (MAX_MODEL_BYTES + 1).to_string());
    let store = ModelStore::open(&serve(huge)).unwrap();
    let error = store.get(blob_root(b"").unwrap()).unwrap_err();
    assert!(
        matches!(error, StoreError::ModelTooLarge { .. }),
        "{error:?}"
    );
}

fn open_bucket(address: &str, secret: &str) -> ModelStore {
    let options = [
        ("aws_endpoint", address),
        ("aws_access_key_id", secret),
        ("aws_secret_access_key", "secret"),
        ("aws_region", "eu-central-1"),
        ("aws_allow_http", "true"),
        ("no_such_option", "skipped"),
    ];
    let options = options.map(|(key, value)| (key.to_owned(), value.to_owned()));
    ModelStore::open_with_options("s3://bucket/some/models", options).unwrap()
}

fn keys(bucket: &Mutex<Bucket>) -> Vec<String> {
    bucket.lock().unwrap().objects.keys().cloned().collect()
}

#[test]
fn a_bucket_keeps_models_below_its_prefix() {
    let (address, bucket) = serve_bucket();
    let store = open_bucket(&address, "key");
    exercise(&store);
    let keys = keys(&bucket);
    assert_eq!(keys.len(), 8, "{keys:?}");
    assert!(
        keys.iter().all(|key| key.starts_with("some/models/0x")),
        "{keys:?}"
    );
    assert_eq!(open_bucket(&address, "key").list().unwrap().len(), 4);
}

#[test]
fn corrupted_objects_of_a_bucket_are_not_served() {
    let (address, bucket) = serve_bucket();
    let store = open_bucket(&address, "key");
    let root = store.put(&model(1, 5000)[..], digits()).unwrap();
    let key = format!("some/models/{root}.onnx");
    bucket.lock().unwrap().objects.get_mut(&key).unwrap()[77] ^= 1;
    let error = store.get(root).unwrap_err();
    assert!(matches!(error, StoreError::Corrupted { .. }), "{error:?}");
}

#[test]
fn an_upload_that_a_bucket_refuses_is_aborted() {
    let (address, bucket) = serve_bucket();
    bucket.lock().unwrap().refuse_parts = true;
    let store = open_bucket(&address, "key");
    let error = store.put(&model(1, LONG)[..], digits()).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    let error = store.put(Failing(LONG), digits()).unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Unavailable { .. } | StoreError::Source(_)
        ),
        "{error:?}"
    );
    assert_eq!(keys(&bucket), [""; 0]);
    assert!(
        bucket.lock().unwrap().uploads.is_empty(),
        "no part is left behind"
    );
}

#[test]
fn wrong_credentials_are_unavailable() {
    let (address, _) = serve_bucket();
    let error = open_bucket(&address, "stranger")
        .get(blob_root(b"").unwrap())
        .unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
}
