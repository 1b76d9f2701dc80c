//! No room left.

use std::process::{Command, Stdio};

use super::{
    concurrent::{CHILD_FOLDER, child},
    *,
};

/// Puts models until one is refused, and checks that the store is intact.
fn fill(folder: &FilePath) {
    let store = ModelStore::open(folder.to_str().unwrap()).unwrap();
    let small = store.put(&model(0, 5000)[..], digits()).unwrap();
    let before = files(folder);
    for len in [LONG, 3 << 20] {
        let error = store.put(&model(1, len)[..], digits()).unwrap_err();
        assert!(
            matches!(error, StoreError::Full { .. }),
            "{len} bytes: {error:?}"
        );
        assert_eq!(files(folder), before, "after {len} bytes");
    }
    assert_eq!(store.verify_all().unwrap().len(), 1);
    assert_eq!(store.verify(small).unwrap(), 5000);
    store.put(&model(2, 5000)[..], digits()).unwrap();
}

#[test]
fn a_file_above_the_system_limit_leaves_the_store_intact() {
    let folder = TempDir::new().unwrap();
    // Blocks of 512 bytes or 1 KiB, depending on the shell. Exceeding it is a signal unless that is ignored.
    shell(
        "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\"",
        &["sh", "-c"],
        folder.path(),
    );
}

#[test]
fn a_full_file_system_leaves_the_store_intact() {
    let folder = TempDir::new().unwrap();
    let namespace = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
    ];
    let can = Command::new(namespace[0])
        .args(&namespace[1..])
        .arg("mount -t tmpfs -o size=2m none \"$0\"")
        .arg(folder.path())
        .stderr(Stdio::null())
        .status();
    if !can.is_ok_and(|status| status.success()) {
        eprintln!(
            "skipped: this system gives no file system of two megabytes; the size limit is tested nevertheless"
        );
        return;
    }
    let script =
        "mount -t tmpfs -o size=2m none \"$ENSHRINE_STORE_TEST_FOLDER\" && exec \"$0\" \"$@\"";
    shell(script, &namespace, folder.path());
}

/// Runs the child by a script that gets its command.
fn shell(script: &str, shell: &[&str], folder: &FilePath) {
    let child = child("full::child_fills_a_store", folder);
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .arg(script)
        .arg(child.get_program())
        .args(child.get_args())
        .env(CHILD_FOLDER, folder)
        .output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(text.contains("1 passed"), "{text}");
}

#[test]
fn child_fills_a_store() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        fill(FilePath::new(&folder));
    }
}
