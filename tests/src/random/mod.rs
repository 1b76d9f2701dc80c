//! Random modules, and what must hold for each.
//!
//! Everything is a function of the bytes that [`arbitrary::Unstructured`] is given, so a seed, or a fuzzer's input, names
//! a case.

mod operators;
mod plain;
mod shaped;
mod smith;

use std::sync::Arc;

use arbitrary::Unstructured;
use wasmparser::ValType;

pub use enshrine_conformance::seeded;
use enshrine_conformance::{
    differential::{Answer, Finding, Lockstep},
    naive::{Blobs, Failed},
};
use plain::Plain;

/// Fuel of one call: random loops rarely end by themselves.
const FUEL: u64 = 200_000;

/// Calls made of one module.
const CALLS: usize = 12;

/// Where random modules come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `wasm-smith`: anything that is valid.
    Smith,
    /// Modules made of what the builds treat in a special way: floats, vectors, branches that unwind, loops, calls.
    Shaped,
}

/// What was seen of a module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The module is within the profile.
    pub accepted: u64,
    /// Calls compared.
    pub calls: u64,
    /// Calls that returned.
    pub returned: u64,
    /// Speculative runs abandoned for a NaN.
    pub abandoned: u64,
    /// Calls compared with the module as it was before instrumentation.
    pub plain: u64,
    /// Steps of the calls that returned.
    pub steps: u64,
}

impl Tally {
    /// Adds what was seen of another module.
    pub fn add(&mut self, other: &Self) {
        let Self {
            accepted,
            calls,
            returned,
            abandoned,
            plain,
            steps,
        } = other;
        self.accepted += accepted;
        self.calls += calls;
        self.returned += returned;
        self.abandoned += abandoned;
        self.plain += plain;
        self.steps += steps;
    }
}

/// The module that `bytes` stand for, and the bytes that are left for its arguments.
///
/// # Errors
/// [`arbitrary::Error`] if there are too few bytes.
pub fn module<'b>(
    source: Source,
    bytes: &'b [u8],
) -> arbitrary::Result<(Vec<u8>, Unstructured<'b>)> {
    let mut u = Unstructured::new(bytes);
    let wasm = match source {
        Source::Smith => smith::module(&mut u)?,
        Source::Shaped => shaped::module(&mut u)?,
    };
    Ok((wasm, u))
}

/// Compares a module's functions in all machines, and with the module as it is.
///
/// # Errors
/// A [`Finding`]. A module outside the profile is one only for [`Source::Shaped`].
pub fn check(
    source: Source,
    wasm: &[u8],
    arguments: &mut Unstructured<'_>,
) -> Result<Tally, Finding> {
    let mut lockstep = match Lockstep::new(wasm, blobs()) {
        Err(Finding::Module(_)) if source == Source::Smith => return Ok(Tally::default()),
        lockstep => lockstep?,
    };
    let mut tally = Tally {
        accepted: 1,
        ..Tally::default()
    };
    let functions = lockstep.functions();
    if functions.is_empty() {
        return Ok(tally);
    }
    let mut plain = Plain::new(wasm);
    for number in 0..CALLS {
        let function = &functions[number % functions.len()];
        let args: Vec<_> = function
            .params
            .iter()
            .map(|ty| argument(ty, arguments))
            .collect();
        let answer = lockstep.call(&function.name, &args, FUEL)?;
        tally.calls += 1;
        tally.abandoned = lockstep.abandoned();
        let Answer::Returned { results, steps } = answer else {
            if answer == Answer::Failed(Failed::Trap) {
                plain = None;
                continue;
            }
            // Exhausted fuel leaves no comparable state.
            return Ok(tally);
        };
        tally.returned += 1;
        tally.steps += steps;
        if number == 0 && lockstep.abandoned() == 0 {
            boundary(&lockstep, &function.name, &args, steps)?;
        }
        // Once a NaN was seen the module as it is may go its own way.
        if let Some(plain) = plain.as_mut().filter(|_| lockstep.abandoned() == 0) {
            plain.compare(&function.name, &args, &results, lockstep.machine())?;
            tally.plain += 1;
        }
    }
    Ok(tally)
}

/// With exactly the fuel that a call needs it returns, with one less it fails.
fn boundary(lockstep: &Lockstep, export: &str, args: &[u128], steps: u64) -> Result<(), Finding> {
    let mut enough = lockstep.fresh()?;
    let answer = enough.call(export, args, steps)?;
    if !matches!(answer, Answer::Returned { steps: got, .. } if got == steps) {
        return Err(Finding::differs(
            "naive",
            export,
            "outcome with just enough fuel",
            steps,
            answer,
        ));
    }
    let mut short = lockstep.fresh()?;
    let answer = short.call(export, args, steps - 1)?;
    if answer != Answer::Failed(Failed::OutOfFuel) {
        return Err(Finding::differs(
            "naive",
            export,
            "outcome with too little fuel",
            steps,
            answer,
        ));
    }
    Ok(())
}

/// Blobs for modules that read them: the first ends within a page.
fn blobs() -> Blobs {
    Blobs {
        model: Arc::from(seeded(1, 10_000)),
        input: Arc::from(seeded(2, 4096)),
    }
}

/// Bits of a value of type `ty`, special ones more often than not.
pub fn argument(ty: &ValType, u: &mut Unstructured<'_>) -> u128 {
    let any = |u: &mut Unstructured<'_>| u.arbitrary::<u128>().unwrap_or(0);
    match ty {
        ValType::I32 => u128::from(int32(u)),
        ValType::I64 => u128::from(int64(u)),
        ValType::F32 => u128::from(float32(u)),
        ValType::F64 => u128::from(float64(u)),
        _ => match u.int_in_range(0..=3).unwrap_or(0) {
            0 => any(u),
            1 => (0..2).fold(0, |bits, _| bits << 64 | u128::from(float64(u))),
            _ => (0..4).fold(0, |bits, _| bits << 32 | u128::from(float32(u))),
        },
    }
}

fn pick<T: Copy>(u: &mut Unstructured<'_>, values: &[T]) -> T {
    u.choose(values).copied().unwrap_or(values[0])
}

/// A 32-bit integer, mostly small or extreme.
pub(crate) fn int32(u: &mut Unstructured<'_>) -> u32 {
    let special = [
        0,
        1,
        2,
        3,
        7,
        31,
        32,
        255,
        65_535,
        65_536,
        i32::MAX as u32,
        1 << 31,
        u32::MAX,
    ];
    if u.ratio(3, 4).unwrap_or(true) {
        pick(u, &special)
    } else {
        u.arbitrary().unwrap_or(0)
    }
}

/// A 64-bit integer, mostly small or extreme.
pub(crate) fn int64(u: &mut Unstructured<'_>) -> u64 {
    let special = [
        0,
        1,
        2,
        63,
        64,
        1 << 31,
        1 << 32,
        i64::MAX as u64,
        1 << 63,
        u64::MAX,
    ];
    if u.ratio(3, 4).unwrap_or(true) {
        pick(u, &special)
    } else {
        u.arbitrary().unwrap_or(0)
    }
}

/// Bits of an f32: ordinary, zeros, infinities, subnormals, borders of integers, NaNs of every kind.
pub(crate) fn float32(u: &mut Unstructured<'_>) -> u32 {
    let floats = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        2.5,
        -3.5,
        1e30,
        -1e-30,
        2_147_483_648.0,
        4_294_967_296.0,
    ];
    let special = [1, 0x8000_0001, 0x7f7f_ffff, 0x7f80_0000, 0xff80_0000];
    let nans = [
        0x7fc0_0000,
        0xffc0_0000,
        0x7fa0_0000,
        0x7f80_0001,
        0xffc1_2345,
    ];
    match u.int_in_range(0..=9).unwrap_or(0) {
        0 => u.arbitrary().unwrap_or(0),
        1..=2 => pick(u, &special),
        3 => pick(u, &nans),
        _ => f32::to_bits(pick(u, &floats)),
    }
}

/// Bits of an f64, chosen as [`float32`] does.
pub(crate) fn float64(u: &mut Unstructured<'_>) -> u64 {
    let floats = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        2.5,
        -3.5,
        1e300,
        -1e-300,
        4_294_967_296.0,
        9.3e18,
    ];
    let special = [
        1,
        0x8000_0000_0000_0001,
        0x7ff0_0000_0000_0000,
        0xfff0_0000_0000_0000,
    ];
    let nans = [
        0x7ff8_0000_0000_0000,
        0xfff8_0000_0000_0000,
        0x7ff4_0000_0000_0000,
        0x7ff0_0000_0000_0001,
    ];
    match u.int_in_range(0..=9).unwrap_or(0) {
        0 => u.arbitrary().unwrap_or(0),
        1..=2 => pick(u, &special),
        3 => pick(u, &nans),
        _ => f64::to_bits(pick(u, &floats)),
    }
}

/// Checks the module of [`Source::Smith`] that `bytes` stand for.
///
/// # Panics
/// If the machines differ: this is for fuzzers.
pub fn fuzz_smith(bytes: &[u8]) {
    fuzz(Source::Smith, bytes);
}

/// Checks the module of [`Source::Shaped`] that `bytes` stand for.
///
/// # Panics
/// If the machines differ: this is for fuzzers.
pub fn fuzz_shaped(bytes: &[u8]) {
    fuzz(Source::Shaped, bytes);
}

/// Offers `bytes` as a guest: they are refused, or every engine takes every build of them.
///
/// # Panics
/// If an engine does not: this is for fuzzers.
pub fn fuzz_profile(bytes: &[u8]) {
    match Lockstep::new(bytes, blobs()) {
        Ok(_) | Err(Finding::Module(_)) => {}
        Err(finding) => panic!("{finding}"),
    }
}

fn fuzz(source: Source, bytes: &[u8]) {
    let Ok((wasm, mut arguments)) = module(source, bytes) else {
        return;
    };
    if let Err(finding) = check(source, &wasm, &mut arguments) {
        panic!("{finding}");
    }
}
