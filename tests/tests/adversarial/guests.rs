//! Guests that misuse the ABI, never end, or eat all there is.

use enshrine_runtime::{Execution, Fuel, Guest, Model, Outcome, Run, Runtime, RuntimeConfig};

use crate::bench::EVERYWHERE;

const FUEL: Fuel = Fuel {
    load: 1 << 20,
    infer: 1 << 20,
};

/// A runtime of a guest whose `load` and `infer` have these bodies.
fn runtime(load: &str, infer: &str) -> Runtime {
    let text = format!(
        r#"(module
            (import "enshrine" "blob_len" (func $blob_len (param i32) (result i64)))
            (import "enshrine" "blob_page" (func $blob_page (param i32 i32 i32)))
            (import "enshrine" "output" (func $output (param i32 i32 i32)))
            (memory 2 100)
            (table 2 funcref)
            (elem (i32.const 0) $nothing)
            (type $other (func (result f32)))
            (func $nothing)
            (func $deep (param i32) (result i32) (call $deep (local.get 0)))
            (func (export "load") (result i32) {load})
            (func (export "infer") (result i32) {infer}))"#
    );
    let buffer = wast::parser::ParseBuffer::new(&text).unwrap();
    let mut wat = wast::parser::parse::<wast::Wat<'_>>(&buffer).unwrap();
    let config = RuntimeConfig {
        guest: Guest::new(wat.encode().unwrap()),
        cache_dir: None,
        image_cache_bytes: 0,
        disk_image_bytes: 0,
    };
    Runtime::new(config).unwrap()
}

/// The one run of all engines and builds.
fn run(runtime: &Runtime, fuel: Fuel) -> Run {
    let model = Model::new(&b"model"[..]).unwrap();
    let runs = EVERYWHERE.map(|way: Execution| {
        let run = runtime.infer(&model, b"input", fuel, way);
        run.unwrap()
    });
    for run in &runs {
        assert_eq!(run.outcome, runs[0].outcome);
        assert_eq!(run.output, runs[0].output);
    }

    runs[0].clone()
}

/// The body fails in `infer`, and in `load`.
fn fails(body: &str) {
    let good = "(i32.const 0)";
    for (load, infer) in [(good, body), (body, good)] {
        let run = run(&runtime(load, infer), FUEL);
        assert_eq!(run.outcome, Outcome::Failed, "{body}");
        assert!(run.output.is_empty());
    }
}

#[test]
fn loops_without_end_fail() {
    fails("(loop br 0) (i32.const 0)");
    fails("(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) br 0) (i32.const 0)");
    fails("(loop (br_if 0 (i32.const 1))) (i32.const 0)");
    fails("(loop (br_table 0 0 0 (i32.const 7))) (i32.const 0)");
    fails("(loop (call $nothing) (br 0)) (i32.const 0)");
    fails("(loop (drop (memory.grow (i32.const 1))) (br 0)) (i32.const 0)");
    fails("(loop (drop (f32.div (f32.const 0) (f32.const 0))) (br 0)) (i32.const 0)");
}

#[test]
fn calls_without_end_fail() {
    fails("(call $deep (i32.const 0))");
}

#[test]
fn blobs_that_there_are_not_fail() {
    for blob in [2, 3, i32::MAX, i32::MIN, -1] {
        fails(&format!(
            "(drop (call $blob_len (i32.const {blob}))) (i32.const 0)"
        ));
        fails(&format!(
            "(call $blob_page (i32.const {blob}) (i32.const 0) (i32.const 0)) (i32.const 0)"
        ));
    }
}

#[test]
fn pages_put_outside_memory_fail() {
    for place in [
        1,
        4095,
        4097,
        126_977,
        131_072,
        i32::MAX,
        i32::MIN,
        -1,
        -4096,
    ] {
        fails(&format!(
            "(call $blob_page (i32.const 0) (i32.const 0) (i32.const {place})) (i32.const 0)"
        ));
    }
}

#[test]
fn outputs_outside_memory_fail() {
    for (place, length, root) in [
        (0, 131_073, 0),
        (131_072, 1, 0),
        (131_073, 0, 0),
        (1, -1, 0),
        (-1, 1, 0),
        (-1, -1, -1),
        (i32::MIN, i32::MIN, 0),
        (0, 0, 131_041),
        (0, 0, 131_072),
        (0, 0, -1),
        (0, 0, -32),
        (0, 0, i32::MIN),
    ] {
        fails(&format!(
            "(call $output (i32.const {place}) (i32.const {length}) (i32.const {root})) (i32.const 0)"
        ));
    }
}

#[test]
fn wild_addresses_fail() {
    for body in [
        "(i32.load (i32.const -1))",
        "(i32.load offset=4294967295 (i32.const 2147483647))",
        "(i32.store offset=4294967295 (i32.const 131072) (i32.const 1)) (i32.const 0)",
        "(i32.trunc_f32_s (f32.load offset=131069 (i32.const 0)))",
        "(i32x4.extract_lane 0 (v128.load offset=131057 (i32.const 0)))",
        "(memory.copy (i32.const 0) (i32.const 1) (i32.const 131072)) (i32.const 0)",
        "(memory.copy (i32.const -1) (i32.const -1) (i32.const -1)) (i32.const 0)",
        "(memory.fill (i32.const 131072) (i32.const 0) (i32.const 1)) (i32.const 0)",
        "(call_indirect (type $other) (i32.const 0)) drop (i32.const 0)",
        "(call_indirect (i32.const 1)) (i32.const 0)",
        "(call_indirect (i32.const -1)) (i32.const 0)",
        "(i32.div_s (i32.const -2147483648) (i32.const -1))",
        "(i32.rem_u (i32.const 1) (i32.const 0))",
        "(i32.trunc_f32_s (f32.const nan))",
        "unreachable",
    ] {
        fails(body);
    }
}

#[test]
fn pages_past_the_end_are_zeros() {
    for page in [1, i32::MAX, i32::MIN, -1] {
        let body = format!(
            "(i32.store (i32.const 4096) (i32.const 7))
             (call $blob_page (i32.const 1) (i32.const {page}) (i32.const 4096))
             (i32.load (i32.const 4096))"
        );
        let run = run(&runtime("(i32.const 0)", &body), FUEL);
        let Outcome::Finished { status, .. } = run.outcome else {
            panic!("page {page}")
        };
        assert_eq!(status, 0, "page {page}");
    }
}

#[test]
fn refused_growth_is_an_answer() {
    let grow = "(i32.add (memory.grow (i32.const -1)) (memory.grow (i32.const 99)))";
    let run = run(&runtime("(i32.const 0)", grow), FUEL);
    assert!(
        matches!(run.outcome, Outcome::Finished { status: -2, .. }),
        "{run:?}"
    );
}

#[test]
fn statuses_of_any_number_are_answers() {
    for wanted in [3, 255, i32::MAX, i32::MIN, -1] {
        let body = format!("(i32.const {wanted})");
        for (load, infer) in [("(i32.const 0)", &*body), (&*body, "unreachable")] {
            let run = run(&runtime(load, infer), FUEL);
            let Outcome::Finished { status, .. } = run.outcome else {
                panic!("{wanted}")
            };
            assert_eq!(status, wanted);
        }
    }
}

#[test]
fn the_least_fuel_is_exact() {
    let runtime = runtime("(i32.const 0)", "(i32.const 0)");
    let Outcome::Finished {
        load_steps,
        infer_steps,
        fuel_left,
        ..
    } = run(&runtime, FUEL).outcome
    else {
        panic!("it ends by itself")
    };
    assert_eq!(infer_steps + fuel_left, FUEL.infer);
    for (load, infer) in [(0, FUEL.infer), (FUEL.load, 0), (0, 0), (1, 1)] {
        assert_eq!(run(&runtime, Fuel { load, infer }).outcome, Outcome::Failed);
    }
    for (load, infer, enough) in [
        (load_steps, infer_steps, true),
        (load_steps - 1, infer_steps, false),
        (load_steps, infer_steps - 1, false),
        (u64::MAX, u64::MAX, true),
    ] {
        let finished = run(&runtime, Fuel { load, infer }).outcome != Outcome::Failed;
        assert_eq!(finished, enough, "{load} {infer}");
    }
}
