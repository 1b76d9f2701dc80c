//! `enshrine program`

use std::{fmt::Write, process::ExitCode};

use anyhow::{Context, Result};
use enshrine_runtime::program::Program;
use serde::Serialize;

use crate::{app::App, output};

#[derive(Debug, Serialize)]
struct Report {
    program_hash: String,
    words: usize,
    wasm_bytes: usize,
    wasm_sha256: String,
}

pub(crate) fn program(app: &App) -> Result<ExitCode> {
    let guest = app.guest()?;
    let working = app.working("lowering the guest");
    let program = Program::lower(guest.wasm()).context("the guest is outside the profile")?;
    drop(working);
    let report = Report {
        program_hash: program.hash().to_string(),
        words: program.words.len(),
        wasm_bytes: guest.wasm().len(),
        wasm_sha256: hex(guest.digest()),
    };
    if app.json() {
        output::json(&report)?;
        return Ok(ExitCode::SUCCESS);
    }
    let [words, bytes] =
        [report.words, report.wasm_bytes].map(|count| output::grouped(count as u64));
    output::line(format_args!("program  {}", report.program_hash))?;
    output::line(format_args!("words    {words}"))?;
    output::line(format_args!(
        "wasm     {bytes} bytes, sha256 {}",
        report.wasm_sha256
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a text takes all");
    }
    text
}
