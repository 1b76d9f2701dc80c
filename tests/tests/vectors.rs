//! Every `.wat` file below `tests/vectors` in the naive machine and in every engine and build.
//!
//! Each exported function is called with values of all kinds, NaNs with and without payloads among them, each time in a
//! fresh instance, and the machines must agree. The first word of an export's name may say more:
//!
//! * `leak`: bits of an arithmetic NaN can be seen, so speculative runs must be abandoned for some of the values;
//! * `keep`: they cannot, so no speculative run may be;
//! * `look`: they cannot, but a checkpoint shows them, so that speculative runs of traced builds must be abandoned for
//!   some of the values, and no others may be;
//! * `deep`: the call must fail, for want of stack slots, and neither engine may run out of native stack.

use std::{path::Path, process::ExitCode};

use arbitrary::Unstructured;
use enshrine_conformance::{
    differential::{Answer, Function, Lockstep},
    naive::{Blobs, Failed},
};
use enshrine_tests::random::{argument, seeded};
use libtest_mimic::{Arguments, Trial};
use wasmparser::ValType;

/// More than any vector needs.
const FUEL: u64 = 1 << 34;

/// Functions of no more steps are also called with less fuel than they need.
const SHORT_STEPS: u64 = 1000;

/// Amounts of fuel that such a function is called with.
const FUELS: u64 = 40;

/// Random argument lists beside the chosen ones.
const RANDOM_LISTS: u64 = 10;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"));
    let mut trials = Vec::new();
    for suite in ["nan", "regressions", "stack", "traced"] {
        match files(&root.join(suite)) {
            Ok(files) => trials.extend(files.into_iter().map(|(name, text)| {
                Trial::test(format!("{suite}/{name}"), move || Ok(run(suite, &text)?))
            })),
            Err(error) => {
                eprintln!("{suite}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn files(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wat") {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.push((name, std::fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(files)
}

fn run(suite: &str, text: &str) -> Result<(), String> {
    let buffer = wast::parser::ParseBuffer::new(text).map_err(|error| error.to_string())?;
    let mut wat =
        wast::parser::parse::<wast::Wat<'_>>(&buffer).map_err(|error| error.to_string())?;
    let wasm = wat.encode().map_err(|error| error.to_string())?;
    let lockstep = Lockstep::new(&wasm, Blobs::default()).map_err(|error| error.to_string())?;
    for function in lockstep.functions() {
        run_function(&lockstep, &function)
            .map_err(|error| format!("`{}`: {error}", function.name))?;
        if suite == "traced" {
            run_short(&lockstep, &function)
                .map_err(|error| format!("`{}`: {error}", function.name))?;
        }
    }
    Ok(())
}

fn run_function(lockstep: &Lockstep, function: &Function) -> Result<(), String> {
    let kind = function.name.split(' ').next().unwrap_or_default();
    let (mut abandoned, mut looked) = (0, 0);
    for args in argument_lists(function) {
        let mut fresh = lockstep.fresh().map_err(|error| error.to_string())?;
        let answer = fresh
            .call(&function.name, &args, FUEL)
            .map_err(|error| format!("with {args:x?}: {error}"))?;
        abandoned += fresh.abandoned();
        looked += fresh.traced_abandoned();
        if ["keep", "look"].contains(&kind) && fresh.abandoned() > 0 {
            return Err(format!(
                "with {args:x?}: abandoned, though no NaN can be seen"
            ));
        }
        if kind == "deep" && answer != Answer::Failed(Failed::Trap) {
            return Err(format!(
                "with {args:x?}: expected too few slots, got {answer:?}"
            ));
        }
    }
    if kind == "look" && looked == 0 {
        return Err("no traced run was abandoned, though a checkpoint shows a NaN".to_owned());
    }
    if kind == "leak" && abandoned == 0 {
        return Err("no run was abandoned, though a NaN can be seen".to_owned());
    }
    Ok(())
}

/// Calls a short function with too little fuel, so that it ends on all sides of its checkpoints.
fn run_short(lockstep: &Lockstep, function: &Function) -> Result<(), String> {
    let args = argument_lists(function).swap_remove(0);
    let mut fresh = lockstep.fresh().map_err(|error| error.to_string())?;
    let answer = fresh.call(&function.name, &args, FUEL);
    let Ok(Answer::Returned { steps, .. }) = answer else {
        return Ok(());
    };
    if steps > SHORT_STEPS {
        return Ok(());
    }
    let count = FUELS.min(steps);
    for fuel in (0..count).map(|number| steps * number / count) {
        let mut fresh = lockstep.fresh().map_err(|error| error.to_string())?;
        let answer = fresh.call(&function.name, &args, fuel);
        let answer = answer.map_err(|error| format!("with fuel {fuel}: {error}"))?;
        if answer != Answer::Failed(Failed::OutOfFuel) {
            return Err(format!("with fuel {fuel}: {answer:?}"));
        }
    }
    Ok(())
}

/// Lists in which all floats are alike, from a plain number to NaNs, and random ones.
fn argument_lists(function: &Function) -> Vec<Vec<u128>> {
    let floats: [(u32, u64); 6] = [
        (0x3fc0_0000, 0x3ff8_0000_0000_0000),
        (0, 0),
        (0x7f80_0000, 0x7ff0_0000_0000_0000),
        (0x7fc0_0000, 0x7ff8_0000_0000_0000),
        (0xffa0_0001, 0xfff4_0000_0000_0001),
        (0x7fd1_2345, 0x7ffd_1234_5678_9abc),
    ];
    let mut lists = Vec::new();
    // Each with its number for the integers and with 0, so that both sides of a branch see every kind of float.
    let numbered = (0..).zip(floats);
    let choices =
        numbered.flat_map(|(number, floats)| [(number, number, floats), (number, 0, floats)]);
    for (number, integer, (single, double)) in choices {
        let value = |ty: &ValType| match ty {
            ValType::I32 | ValType::I64 => integer,
            ValType::F32 => single.into(),
            ValType::F64 => double.into(),
            _ if number % 2_u128 == 0 => u128::from(single) * 0x1_0000_0001_0000_0001_0000_0001,
            _ => u128::from(double) * 0x1_0000_0000_0000_0001,
        };
        lists.push(function.params.iter().map(value).collect());
    }
    if function.params.is_empty() {
        lists.truncate(1);
        return lists;
    }
    for seed in 0..RANDOM_LISTS {
        let bytes = seeded(seed, 512);
        let mut u = Unstructured::new(&bytes);
        lists.push(
            function
                .params
                .iter()
                .map(|ty| argument(ty, &mut u))
                .collect(),
        );
    }
    lists
}
