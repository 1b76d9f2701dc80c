//! Damaged ONNX files: each is refused or runs; none panics.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on has failed, and its own numbers are small"
)]

mod common;

use common::{Memory, bytes_of, floats, graph, int, integers, model, node, value, with};
use enshrine_guest_ml::{Session, describe};
use prost::Message;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tract_onnx::pb::ModelProto;

/// A generator that needs no crate: xorshift with a fixed seed, so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

fn convolution() -> ModelProto {
    let nodes = vec![
        node("Conv", &["x", "w"], &["c"]),
        node("Relu", &["c"], &["r"]),
        with(node("Flatten", &["r"], &["f"]), &[int("axis", 1)]),
        node("Reshape", &["f", "shape"], &["s"]),
        with(node("Softmax", &["s"], &["y"]), &[int("axis", 1)]),
    ];
    let mut graph = graph(nodes, &[("x", &["1", "1", "4", "4"])], &[]);
    graph.output = vec![value("y", 1, &["1", "4"])];
    graph.initializer = vec![
        floats("w", &[1, 1, 3, 3], &[0.5; 9]),
        integers("shape", &[2], &[1, -1]),
    ];
    model(graph)
}

fn recurrent() -> ModelProto {
    let layer = with(
        node("LSTM", &["x", "w", "r"], &["h"]),
        &[int("hidden_size", 2)],
    );
    let tail = with(node("Gather", &["h", "last"], &["y"]), &[int("axis", 0)]);
    let mut graph = graph(vec![layer, tail], &[("x", &["seq", "1", "3"])], &["y"]);
    let (w, r) = (
        floats("w", &[1, 8, 3], &[0.1; 24]),
        floats("r", &[1, 8, 2], &[0.1; 16]),
    );
    graph.initializer = vec![w, r, integers("last", &[1], &[-1])];
    model(graph)
}

/// What became of a file. Panics are counted by where they happen.
fn outcome(bytes: Vec<u8>) -> Result<bool, String> {
    let input = [&3_u32.to_le_bytes()[..], &bytes_of(&[0.5; 16])].concat();
    let host = Memory {
        model: bytes,
        input,
        ..Memory::default()
    };
    let run = || {
        let report = describe(&host);
        assert!(report.starts_with('{') && report.ends_with('}'), "{report}");
        Session::load(&host)
            .and_then(|mut session| session.infer(&host))
            .is_ok()
    };
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        panic
            .downcast_ref::<String>()
            .cloned()
            .or(panic.downcast_ref::<&str>().map(ToString::to_string))
            .unwrap_or_default()
    })
}

fn survive(name: &str, rounds: usize, mut damage: impl FnMut(&mut Random, &mut Vec<u8>)) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut panics = vec![];
    for file in [convolution(), recurrent()].map(|model| model.encode_to_vec()) {
        for _ in 0..rounds {
            let mut bytes = file.clone();
            damage(&mut random, &mut bytes);
            panics.extend(outcome(bytes).err());
        }
    }
    panics.sort();
    panics.dedup();
    assert!(panics.is_empty(), "{name}: {panics:#?}");
}

#[test]
fn truncated_files() {
    survive("truncated", 500, |random, bytes| {
        bytes.truncate(random.below(bytes.len()))
    });
}

#[test]
fn flipped_bits() {
    survive("flipped", 3000, |random, bytes| {
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
    });
}

#[test]
fn replaced_bytes() {
    survive("replaced", 2000, |random, bytes| {
        let at = random.below(bytes.len());
        bytes[at] = u8::try_from(random.below(256)).unwrap();
    });
}

#[test]
fn random_bytes() {
    survive("random", 500, |random, bytes| {
        *bytes = (0..random.below(400))
            .map(|_| u8::try_from(random.below(256)).unwrap())
            .collect();
    });
}
