//! Many threads and processes, and those that die.

use std::process::{Command, Stdio};

use super::*;

#[test]
fn many_threads_put_and_get_the_same_models_at_once() {
    let folder = TempDir::new().unwrap();
    let (own, shared) = (open(&folder), open(&folder));
    let models = [model(1, 5000), model(1, LONG)];
    let roots = models.each_ref().map(|bytes| blob_root(bytes).unwrap());
    thread::scope(|scope| {
        for store in [&own, &shared].into_iter().cycle().take(8) {
            scope.spawn(|| {
                for bytes in &models {
                    store.put(&bytes[..], digits()).unwrap();
                }
            });
            scope.spawn(|| {
                for _ in 0..10 {
                    for (bytes, root) in models.iter().zip(roots) {
                        let found = store.get(root).unwrap();
                        assert!(found.is_none_or(|found| &found[..] == bytes));
                        store.manifest(root).unwrap();
                    }
                }
            });
        }
    });
    assert_eq!(files(folder.path()).len(), 4);
    assert_eq!(wrong_roots(&own), []);
}

/// Variable that turns a child test into the child of another.
pub(super) const CHILD_FOLDER: &str = "ENSHRINE_STORE_TEST_FOLDER";

/// A process that runs one child test on a folder.
pub(super) fn child(test: &str, folder: &FilePath) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("store::tests::{test}"), "--nocapture"]);
    command.env(CHILD_FOLDER, folder).stdout(Stdio::null());
    command
}

#[test]
fn two_processes_put_the_same_models_at_once() {
    let folder = TempDir::new().unwrap();
    let start = || {
        child("concurrent::child_puts_models", folder.path())
            .spawn()
            .unwrap()
    };
    for mut child in [start(), start()] {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(files(folder.path()).len(), 4);
    assert_eq!(wrong_roots(&open(&folder)), []);
}

#[test]
fn child_puts_models() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let store = ModelStore::open(folder.to_str().unwrap()).unwrap();
    for _ in 0..5 {
        for len in [5000, LONG] {
            store.put(&model(1, len)[..], digits()).unwrap();
        }
    }
}

#[test]
fn a_killed_upload_leaves_no_model() {
    let folder = TempDir::new().unwrap();
    let mut process = child("concurrent::child_uploads_for_ever", folder.path())
        .spawn()
        .unwrap();
    let staging = folder.path().join("staging");
    while fs::read_dir(&staging).map_or(0, Iterator::count) == 0 {
        assert!(
            process.try_wait().unwrap().is_none(),
            "the child ended early"
        );
        thread::sleep(Duration::from_millis(5));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let store = open(&folder);
    assert_eq!(store.list().unwrap(), []);
    exercise(&store);
}

#[test]
fn child_uploads_for_ever() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let store = ModelStore::open(folder.to_str().unwrap()).unwrap();
    let _ = store.put(Endless, digits());
}

/// Never ends, and takes its time.
struct Endless;

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        thread::sleep(Duration::from_millis(1));
        buffer.fill(0);
        Ok(buffer.len())
    }
}
