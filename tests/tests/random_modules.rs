//! Random modules in the naive machine, in every engine and build, and without instrumentation.

use enshrine_tests::random::{Source, Tally, check, fuzz_profile, module, seeded};

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

#[test]
fn broken_modules_are_refused_or_run() {
    for seed in 0..2000 {
        let bytes = seeded(seed, CASE_BYTES);
        let Ok((mut wasm, _)) = module(Source::Shaped, &bytes) else {
            continue;
        };
        let noise = seeded(!seed, 64);
        let position = |bytes: &[u8]| u16::from_le_bytes([bytes[0], bytes[1]]).into();
        match seed % 3 {
            0 => wasm.truncate(position(&noise) % wasm.len()),
            1 => flip(&mut wasm, position(&noise), noise[2]),
            _ => noise
                .chunks_exact(3)
                .take(4)
                .for_each(|at| flip(&mut wasm, position(at), at[2])),
        }
        fuzz_profile(&wasm);
    }
}

fn flip(wasm: &mut [u8], position: usize, mask: u8) {
    let position = 8 + position % (wasm.len() - 8);
    wasm[position] ^= mask | 1;
}
