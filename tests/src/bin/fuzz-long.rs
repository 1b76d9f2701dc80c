//! Compares random modules in all machines for a given time.
//!
//! `fuzz-long [--seconds N] [--seed N] [--threads N]`: ends at the first finding, with the module written to the current
//! folder, or after the time with a tally. `fuzz-long.<thread>.seed` there holds the seed of the case that is running, for
//! the case that takes the process down.

use std::{
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use enshrine_tests::random::{Source, Tally, check, module, seeded};

/// Bytes from which one module and its arguments are made.
const CASE_BYTES: usize = 8192;

fn main() -> ExitCode {
    let seconds = option("--seconds").unwrap_or(600);
    let first = option("--seed").unwrap_or(0);
    let threads = option("--threads").unwrap_or(1);
    let next = AtomicU64::new(first);
    let stop = AtomicBool::new(false);
    let tallies = Mutex::new([Tally::default(); 2]);
    let end = Instant::now() + Duration::from_secs(seconds);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (next, stop, tallies) = (&next, &stop, &tallies);
            scope.spawn(move || {
                while Instant::now() < end && !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    note(thread, seed);
                    if !case(seed, tallies) {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let modules = next.load(Ordering::Relaxed) - first;
    let [smith, shaped] = *tallies.lock().unwrap_or_else(PoisonError::into_inner);
    println!("{modules} modules from seed {first}\nwasm-smith: {smith:?}\nshaped: {shaped:?}");
    if stop.load(Ordering::Relaxed) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn option(name: &str) -> Option<u64> {
    let mut args = std::env::args().skip_while(|arg| arg != name);
    args.nth(1)?.parse().ok()
}

fn note(thread: u64, seed: u64) {
    let file = format!("fuzz-long.{thread}.seed");
    if let Err(error) = std::fs::write(&file, seed.to_string()) {
        eprintln!("{file}: {error}");
    }
}

/// Runs the case of one seed. Says whether all is well.
fn case(seed: u64, tallies: &Mutex<[Tally; 2]>) -> bool {
    let (index, source) = if seed.is_multiple_of(2) {
        (0, Source::Smith)
    } else {
        (1, Source::Shaped)
    };
    let bytes = seeded(seed, CASE_BYTES);
    let Ok((wasm, mut arguments)) = module(source, &bytes) else {
        return true;
    };
    match check(source, &wasm, &mut arguments) {
        Ok(tally) => {
            tallies.lock().unwrap_or_else(PoisonError::into_inner)[index].add(&tally);
            true
        }
        Err(finding) => {
            let file = format!("finding-{seed}.wasm");
            eprintln!("seed {seed}, {source:?}: {finding:#}");
            if let Err(error) = std::fs::write(&file, &wasm) {
                eprintln!("{file}: {error}");
            }
            false
        }
    }
}
