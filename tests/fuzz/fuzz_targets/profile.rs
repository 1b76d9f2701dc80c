//! Any bytes at all: a typed error, or builds that the engines take.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| enshrine_tests::random::fuzz_profile(bytes));
