//! Random modules in the naive machine, in every engine and build, and without instrumentation.

use enshrine_tests::random::{Source, Tally, check, module, seeded};

/// Bytes from which one module and its arguments are made.
const CASE_BYTES: usize = 8192;

fn run(source: Source, seeds: std::ops::Range<u64>) -> Tally {
    let mut total = Tally::default();
    for seed in seeds {
        let bytes = seeded(seed, CASE_BYTES);
        let Ok((wasm, mut arguments)) = module(source, &bytes) else {
            continue;
        };
        match check(source, &wasm, &mut arguments) {
            Ok(tally) => total.add(&tally),
            Err(finding) => panic!("seed {seed}, {source:?}: {finding}"),
        }
    }
    total
}

#[test]
fn modules_of_wasm_smith_agree() {
    let Tally {
        accepted,
        returned,
        plain,
        ..
    } = run(Source::Smith, 0..300);
    assert!(
        accepted >= 200,
        "only {accepted} modules are within the profile"
    );
    assert!(
        returned >= 400 && plain >= 300,
        "{returned} calls returned, {plain} compared plain"
    );
}

#[test]
fn shaped_modules_agree() {
    let Tally {
        accepted,
        returned,
        abandoned,
        plain,
        ..
    } = run(Source::Shaped, 0..300);
    assert_eq!(accepted, 300);
    assert!(
        returned >= 1500 && plain >= 500,
        "{returned} calls returned, {plain} compared plain"
    );
    assert!(
        abandoned >= 50,
        "only {abandoned} runs were abandoned for a NaN"
    );
}
