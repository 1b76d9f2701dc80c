//! Starts the command and reads what it says.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Once,
};

use serde_json::Value;
use tempfile::TempDir;

/// A folder of a test's own, with a store in it. The cache is shared by all tests.
pub(crate) struct Place(TempDir);

/// What the command did.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        // Tests run at once; without this each of the first would compile the program for itself.
        static WARM: Once = Once::new();
        let place = Self(tempfile::tempdir().unwrap());
        WARM.call_once(|| drop(place.ok(&["check", &model("digits-cnn")])));
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-cache");
        let output = Command::new(env!("CARGO_BIN_EXE_enshrine"))
            .args(arguments)
            .env("ENSHRINE_STORE", self.path("store"))
            .env("ENSHRINE_CACHE_DIR", cache)
            .output()
            .unwrap();
        let said = Said::from(output);
        assert!(
            !said.err.contains("panicked"),
            "{arguments:?}: {}",
            said.err
        );
        said
    }

    /// Standard output of a command that must succeed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}\n{}\n{}", said.out, said.err);
        said.out
    }

    /// JSON of a command that must end with a code.
    pub(crate) fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let said = self.run(&[&["--json"], arguments].concat());
        assert_eq!(said.code, code, "{arguments:?}\n{}\n{}", said.out, said.err);
        serde_json::from_str(&said.out).unwrap()
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Path of a committed model.
pub(crate) fn model(name: &str) -> String {
    text(&repository().join("models").join(name).join("model.onnx"))
}

/// Path of a committed sample.
pub(crate) fn sample(name: &str) -> String {
    text(&repository().join("models/samples").join(name))
}

/// Path of a committed artifact.
pub(crate) fn artifact(name: &str) -> String {
    text(
        &repository()
            .join("precompile/contracts/artifacts")
            .join(name),
    )
}

/// A protobuf field that holds bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len())
        .ok()
        .filter(|length| *length < 128);
    let mut out = vec![number << 3 | 2];
    match length {
        Some(length) => out.push(length),
        None => out.extend([
            bytes.len() as u8 & 0x7f | 0x80,
            u8::try_from(bytes.len() >> 7).unwrap(),
        ]),
    }
    out.extend(bytes);
    out
}

/// A protobuf field that holds a small number.
fn number(number: u8, value: u8) -> Vec<u8> {
    vec![number << 3, value]
}

fn value_info(name: &str) -> Vec<u8> {
    let shape = field(1, &number(1, 4));
    let tensor = [number(1, 1), field(2, &shape)].concat();
    [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat()
}

/// An ONNX file: a chain of nodes from `x` to `y`, both float32[4], given by name and operator.
pub(crate) fn chain_of(nodes: &[(&str, &str)]) -> Vec<u8> {
    let mut graph = Vec::new();
    for (index, (name, operator)) in nodes.iter().enumerate() {
        let from = if index == 0 {
            "x".to_owned()
        } else {
            format!("t{index}")
        };
        let to = if index + 1 == nodes.len() {
            "y".to_owned()
        } else {
            format!("t{}", index + 1)
        };
        let node = [
            field(1, from.as_bytes()),
            field(2, to.as_bytes()),
            field(3, name.as_bytes()),
            field(4, operator.as_bytes()),
        ];
        graph.extend(field(1, &node.concat()));
    }
    graph.extend(field(2, b"chain"));
    graph.extend(field(11, &value_info("x")));
    graph.extend(field(12, &value_info("y")));
    [number(1, 8), field(7, &graph), field(8, &number(2, 17))].concat()
}
