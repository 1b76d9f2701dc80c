//! Modules of `wasm-smith`: every machine, engine and build must agree.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| enshrine_tests::random::fuzz_smith(bytes));
