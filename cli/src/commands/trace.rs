//! `enshrine trace`

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::Result;
use clap::Args;
use enshrine_prover::{Machine, Terminal};
use enshrine_runtime::{
    function_names,
    isa::{TABLE, ValueType, Word, low_u32, low_u64},
};
use serde::Serialize;

use crate::{app::App, output, tracing::TraceArgs};

/// Shows steps of a run.
#[derive(Debug, Args)]
pub(crate) struct TraceStepsArgs {
    #[command(flatten)]
    trace: TraceArgs,
    /// Which steps: the first, and the one behind the last
    #[arg(long, value_name = "A..B", value_parser = range)]
    steps: std::ops::Range<u64>,
}

/// A step as it is shown.
#[derive(Debug, Serialize)]
struct Step {
    step: u64,
    pc: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<String>,
    instruction: String,
    /// What it pops, lowest first
    operands: Vec<String>,
    /// What it pushes, lowest first
    results: Vec<String>,
}

fn range(text: &str) -> Result<std::ops::Range<u64>, String> {
    const EXPECTED: &str = "expected two step numbers, the smaller first, as in 100..120";
    let (from, to) = text.split_once("..").ok_or(EXPECTED)?;
    let number = |text: &str| text.replace('_', "").parse::<u64>().map_err(|_| EXPECTED);
    let (from, to) = (number(from)?, number(to)?);
    if from >= to {
        return Err(EXPECTED.to_owned());
    }
    Ok(from..to)
}

pub(crate) fn trace(app: &App, args: &TraceStepsArgs) -> Result<ExitCode> {
    let (mut trace, _) = args.trace.open(app)?;
    let names = function_names(app.guest()?.wasm());
    let working = app.working(format!(
        "going to step {}",
        output::grouped(args.steps.start)
    ));
    let mut machine = trace.state(args.steps.start)?;
    drop(working);
    let mut shown = Vec::new();
    let mut last = None;
    for number in args.steps.clone() {
        let Some(step) = take(&mut machine, number, &names) else {
            break;
        };
        if app.json() {
            shown.push(step);
        } else {
            print(&step, &mut last)?;
        }
    }
    if app.json() {
        output::json(&shown)?;
    } else if let Some(terminal) = machine.terminal() {
        output::line(ending(&terminal))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes a step and says what it did; nothing if the run has ended.
fn take(machine: &mut Machine, step: u64, names: &BTreeMap<u32, String>) -> Option<Step> {
    if machine.terminal().is_some() {
        return None;
    }
    let pc = machine.registers().pc;
    let program = machine.subject().program();
    let function = program
        .function_at(pc)
        .map(|index| match names.get(&index) {
            Some(name) => name.clone(),
            None => format!("function {index}"),
        });
    let word = machine.next_word().copied().unwrap_or_default();
    let (operands, results) = types(&word);
    let before = top(machine, operands);
    machine.step();
    let after = match machine.terminal() {
        None => top(machine, results),
        Some(_) => Vec::new(),
    };
    Some(Step {
        step,
        pc,
        function,
        instruction: word.to_string(),
        operands: before,
        results: after,
    })
}

/// Types of what a word pops and pushes. A call's arguments stay where they are.
fn types(word: &Word) -> (&'static [ValueType], &'static [ValueType]) {
    let line = TABLE.binary_search_by_key(&word.opcode, |instruction| instruction.opcode);
    let signature = line.ok().and_then(|line| TABLE[line].signature);
    signature.map_or((&[], &[]), |signature| {
        (signature.operands, signature.results)
    })
}

/// The topmost values, lowest first, as text.
fn top(machine: &Machine, types: &[ValueType]) -> Vec<String> {
    let stack = machine.stack();
    let values = &stack[stack.len().saturating_sub(types.len())..];
    values
        .iter()
        .zip(types)
        .map(|(bits, ty)| text(*bits, *ty))
        .collect()
}

fn text(bits: u128, ty: ValueType) -> String {
    let (single, long) = (low_u32(bits), low_u64(bits));
    match ty {
        ValueType::I32 => single.cast_signed().to_string(),
        ValueType::I64 => long.cast_signed().to_string(),
        ValueType::F32 if f32::from_bits(single).is_nan() => format!("NaN ({single:#010x})"),
        ValueType::F32 => format!("{:?}", f32::from_bits(single)),
        ValueType::F64 if f64::from_bits(long).is_nan() => format!("NaN ({long:#018x})"),
        ValueType::F64 => format!("{:?}", f64::from_bits(long)),
        ValueType::V128 => format!("{bits:#034x}"),
        ValueType::Any => format!("{bits:#x}"),
    }
}

fn print(step: &Step, last: &mut Option<Option<String>>) -> Result<()> {
    if last.as_ref() != Some(&step.function) {
        let name = step.function.as_deref().unwrap_or("bootstrap");
        output::line(format_args!("{name}:"))?;
        *last = Some(step.function.clone());
    }
    let Step {
        step,
        pc,
        instruction,
        operands,
        results,
        ..
    } = step;
    let values = match (operands.is_empty(), results.is_empty()) {
        (true, true) => String::new(),
        (false, true) => operands.join(" "),
        (_, false) => format!("{} -> {}", operands.join(" "), results.join(" ")),
    };
    let line = format!("{step:>12}  {pc:>8}  {instruction:<32} {values}");
    output::line(line.trim_end())
}

fn ending(terminal: &Terminal) -> String {
    match terminal {
        Terminal::Finished {
            status,
            output_root,
            ..
        } => format!("finished with status {status}, output root {output_root}"),
        Terminal::Failed => "failed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        assert_eq!(range("5..7"), Ok(5..7));
        assert_eq!(range("1_000..2_000"), Ok(1000..2000));
        for wrong in ["", "5", "7..5", "5..5", "a..b", "5..=7"] {
            assert!(range(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_are_shown_by_type() {
        assert_eq!(text(0xffff_ffff, ValueType::I32), "-1");
        assert_eq!(text(0x3fc0_0000, ValueType::F32), "1.5");
        assert_eq!(text(0x7fc0_0001, ValueType::F32), "NaN (0x7fc00001)");
        assert_eq!(
            text(1, ValueType::V128),
            "0x00000000000000000000000000000001"
        );
    }
}
