//! `enshrine wast`

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use anyhow::{Context, Result};
use clap::Args;
use enshrine_conformance::{
    differential::entrants,
    script::{self, Report},
};
use serde::Serialize;

use crate::{app::App, output};

/// Runs WebAssembly test scripts.
#[derive(Debug, Args)]
pub(crate) struct WastArgs {
    /// Scripts in the WebAssembly project's format
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Row {
    file: String,
    agree: bool,
    modules: usize,
    calls: u64,
    proofs: u64,
    refused_modules: usize,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<String>,
}

pub(crate) fn wast(app: &App, args: &WastArgs) -> Result<ExitCode> {
    let mut rows = Vec::new();
    if !app.json() {
        let engines: Vec<_> = entrants().map(|entrant| entrant.to_string()).collect();
        output::line(format_args!(
            "naive machine, step machine with proofs, {}",
            engines.join(", ")
        ))?;
        output::line("modules    calls   proofs  refused      time  script")?;
    }
    for path in &args.files {
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.display().to_string();
        let working = app.working(format!("running {name}"));
        let start = Instant::now();
        let outcome = script::run(&name, &text);
        let seconds = start.elapsed().as_secs_f64();
        drop(working);
        let row = row(name, outcome, seconds);
        if !app.json() {
            print(&row)?;
        }
        rows.push(row);
    }
    if app.json() {
        output::json(&rows)?;
    }
    let agree = rows.iter().all(|row| row.agree);
    Ok(if agree {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn row(file: String, outcome: Result<Report, String>, seconds: f64) -> Row {
    let (report, difference) = match outcome {
        Ok(report) => (report, None),
        Err(difference) => (Report::default(), Some(difference)),
    };
    Row {
        file,
        agree: difference.is_none(),
        modules: report.modules,
        calls: report.calls,
        proofs: report.proofs,
        refused_modules: report.skipped.values().map(|lines| lines.len()).sum(),
        seconds,
        difference,
    }
}

fn print(row: &Row) -> Result<()> {
    let Row {
        file,
        modules,
        calls,
        proofs,
        refused_modules,
        ..
    } = row;
    if let Some(difference) = &row.difference {
        return output::line(difference);
    }
    let time = output::seconds(row.seconds);
    output::line(format_args!(
        "{modules:>7} {calls:>8} {proofs:>8} {refused_modules:>8} {time:>9}  {file}"
    ))
}
