//! `enshrine demo`

use std::{process::ExitCode, sync::Arc, time::Instant};

use alloy_primitives::Address;
use anyhow::{Context, Result};
use clap::Args;
use enshrine_disputes::Key;
use enshrine_l1::RpcChain;
use enshrine_precompile::INFERENCE;
use enshrine_runtime::{Model, engine::EngineKind};
use revm::context::result::ExecutionResult;
use serde::Serialize;
use serde_json::Value;

use super::{
    demo_dispute::{Place, dispute},
    models::parse_manifest,
};
use crate::{
    app::App,
    artifact::{Artifact, call_data, returned},
    chain::Chain,
    input, output,
    tensor::{Number, read},
};

const MODEL: &[u8] = include_bytes!("../../../models/digits-cnn/model.onnx");
const MANIFEST: &str = include_str!("../../../models/digits-cnn/manifest.json");
const HELD_OUT: &[u8] = include_bytes!("../../../models/digits-cnn/heldout.npz");
const ARTIFACT: &str = include_str!("../../../precompile/contracts/artifacts/DigitClassifier.json");

/// Gas of a call.
const GAS: u64 = 30_000_000;

/// Rows and columns of a picture.
const SIDE: usize = 8;
const PIXELS: usize = SIDE * SIDE;

/// Brightest pixel of the data set.
const WHITE: f64 = 16.0;

/// Bytes of ten float32 scores.
const OUTPUT_BYTES: u8 = 40;

/// Shows everything at work.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// How many held-out pictures to classify
    #[arg(long, default_value_t = 8)]
    count: usize,
    /// Show a dispute instead: a liar's answer, a challenger, the game between them and its verdict
    #[arg(long)]
    dispute: bool,
    /// JSON-RPC of a chain to have the dispute on, paid for with the key in ENSHRINE_KEY [default: a chain in this process]
    #[arg(long, value_name = "URL", requires = "dispute")]
    rpc: Option<String>,
}

/// A picture that the model was not trained on.
struct Digit {
    pixels: [u8; PIXELS],
    label: u64,
}

impl Digit {
    /// The model's input: brightnesses from 0 to 1.
    fn encode(&self) -> Vec<u8> {
        let brightness = |pixel: &u8| f32::from(*pixel) / 16.0;
        let floats = self.pixels.iter().map(brightness);
        floats.flat_map(f32::to_le_bytes).collect()
    }
}

#[derive(Debug, Serialize)]
struct Report {
    model_address: String,
    contract: String,
    program_hash: String,
    store: String,
    digits: Vec<Answer>,
    failures: Vec<Failure>,
    correct: usize,
}

#[derive(Debug, Serialize)]
struct Answer {
    answer: u64,
    label: u64,
    gas: u64,
    steps_load: u64,
    steps_infer: u64,
    seconds: f64,
}

#[derive(Debug, Serialize)]
struct Failure {
    what: &'static str,
    error: String,
    gas: u64,
    gas_limit: u64,
}

/// The chain with everything in place.
struct Stage {
    artifact: Artifact,
    chain: Chain,
    model: Model,
    contract: Address,
}

pub(crate) fn demo(app: &App, args: &DemoArgs) -> Result<ExitCode> {
    let digits = digits()?;
    if args.dispute {
        return show_dispute(app, args.rpc.as_deref(), &digits);
    }
    let mut stage = set_up(app)?;
    let mut answers = Vec::new();
    for digit in digits.iter().take(args.count) {
        let answer = stage.classify(digit)?;
        if !app.json() {
            print_answer(digit, &answer)?;
        }
        answers.push(answer);
    }
    let failures = vec![stage.unregistered()?, stage.malformed()?];
    let report = Report {
        model_address: stage.model.root().to_string(),
        contract: stage.contract.to_string(),
        program_hash: app.runtime()?.program_hash()?.to_string(),
        store: app.store()?.location().to_owned(),
        correct: answers
            .iter()
            .filter(|answer| answer.answer == answer.label)
            .count(),
        digits: answers,
        failures,
    };
    if app.json() {
        output::json(&report)?;
    } else {
        print_end(&report)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A dispute about two pictures: first one that is no seven, then one that is.
fn show_dispute(app: &App, rpc: Option<&str>, digits: &[Digit]) -> Result<ExitCode> {
    let manifest = serde_json::from_str(MANIFEST).context("the bundled manifest is damaged")?;
    app.store()?.put(MODEL, parse_manifest(&manifest)?)?;
    let place = match rpc {
        None => Place::Here,
        Some(url) => Place::There {
            chain: Arc::new(RpcChain::connect(url)?),
            funds: Key::from_env("ENSHRINE_KEY")?,
        },
    };
    let find = |wanted: fn(u64) -> bool| {
        let digit = digits.iter().find(|digit| wanted(digit.label));
        digit
            .map(Digit::encode)
            .context("the held-out data are damaged")
    };
    let (other, seven) = (find(|label| label != 7)?, find(|label| label == 7)?);
    let report = dispute(app, place, &Model::new(MODEL)?, [&other, &seven])?;
    if app.json() {
        output::json(&report)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn set_up(app: &App) -> Result<Stage> {
    let say = |text: &str| {
        if app.json() {
            Ok(())
        } else {
            output::line(text)
        }
    };
    let manifest = serde_json::from_str(MANIFEST).context("the bundled manifest is damaged")?;
    let store = app.store()?;
    store.put(MODEL, parse_manifest(&manifest)?)?;
    let model = Model::new(MODEL)?;
    say(&format!(
        "The digits model is in the store {}:\n  {}",
        store.location(),
        model.root()
    ))?;
    say("Preparing the machine; the first time this takes some seconds, and it is kept.")?;
    let runtime = app.warm(EngineKind::Wasmtime)?;
    let mut chain = Chain::new(runtime, store);
    chain.register(&model)?;
    let artifact = Artifact::parse(ARTIFACT)?;
    let code = artifact.creation_code(&[], &[model.root().to_string()])?;
    let contract = chain.deploy(code)?;
    say(&format!(
        "The model is registered, and DigitClassifier deployed at {contract}.\n"
    ))?;
    Ok(Stage {
        artifact,
        chain,
        model,
        contract,
    })
}

fn digits() -> Result<Vec<Digit>> {
    let images = input::member(HELD_OUT, "image")?;
    let labels = input::member(HELD_OUT, "label")?;
    let size = images.dtype.size_bytes() as usize;
    let pictures = images.data.chunks_exact(PIXELS * size);
    let labels = labels
        .data
        .chunks_exact(labels.dtype.size_bytes() as usize)
        .map(|label| match read(labels.dtype, label) {
            Number::Integer(label) => u64::try_from(label).unwrap_or(u64::MAX),
            Number::Float(_) => u64::MAX,
        });
    let digits = pictures.zip(labels).map(|(picture, label)| {
        let mut pixels = [0; PIXELS];
        for (pixel, bytes) in pixels.iter_mut().zip(picture.chunks_exact(size)) {
            if let Number::Float(value) = read(images.dtype, bytes) {
                *pixel = level(value);
            }
        }
        Digit { pixels, label }
    });
    Ok(digits.collect())
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to 16"
)]
fn level(value: f64) -> u8 {
    (value * WHITE).round().clamp(0.0, WHITE) as u8
}

impl Stage {
    fn classify(&mut self, digit: &Digit) -> Result<Answer> {
        let data = self.classify_data(digit)?;
        let start = Instant::now();
        let result = self.chain.call(self.contract, data, GAS)?;
        let seconds = start.elapsed().as_secs_f64();
        let ExecutionResult::Success { output, .. } = &result else {
            anyhow::bail!("the demonstration fails: {}", self.error(&result));
        };
        let values = returned(self.artifact.function("classify")?, output.data())?;
        let answer = values
            .first()
            .and_then(|value| value.get("value"))
            .and_then(Value::as_u64);
        let inferences = self.chain.take_recorded();
        let inference = inferences.first().context("no inference was reported")?;
        Ok(Answer {
            answer: answer.context("the contract returned no digit")?,
            label: digit.label,
            gas: result.tx_gas_used(),
            steps_load: inference.result.steps_load.unwrap_or_default(),
            steps_infer: inference.result.steps_infer.unwrap_or_default(),
            seconds,
        })
    }

    fn classify_data(&self, digit: &Digit) -> Result<Vec<u8>> {
        let pixels: Vec<_> = digit.pixels.iter().map(ToString::to_string).collect();
        call_data(
            self.artifact.function("classify")?,
            &[format!("[{}]", pixels.join(","))],
        )
    }

    fn error(&self, result: &ExecutionResult) -> String {
        match result {
            ExecutionResult::Success { .. } => "success".to_owned(),
            ExecutionResult::Revert { output, .. } => self.artifact.revert(output).to_string(),
            ExecutionResult::Halt { reason, .. } => format!("{reason:?}"),
        }
    }

    /// A contract that asks for a model that nobody registered.
    fn unregistered(&mut self) -> Result<Failure> {
        let nobody = format!("0x{}", "11".repeat(32));
        let contract = self
            .chain
            .deploy(self.artifact.creation_code(&[], &[nobody])?)?;
        let data = self.classify_data(&Digit {
            pixels: [0; PIXELS],
            label: 0,
        })?;
        self.failure("a model that nobody registered", contract, data)
    }

    /// The precompile itself, with a picture that is cut short.
    fn malformed(&mut self) -> Result<Failure> {
        let mut data = self.model.root().as_bytes().to_vec();
        data.extend([0; 31]);
        data.push(OUTPUT_BYTES);
        data.extend([0; 100]);
        self.failure("a picture that is cut short", INFERENCE, data)
    }

    fn failure(&mut self, what: &'static str, to: Address, data: Vec<u8>) -> Result<Failure> {
        let result = self.chain.call(to, data, GAS)?;
        self.chain.take_recorded();
        let (error, gas) = (self.error(&result), result.tx_gas_used());
        Ok(Failure {
            what,
            error,
            gas,
            gas_limit: GAS,
        })
    }
}

fn print_answer(digit: &Digit, answer: &Answer) -> Result<()> {
    let verdict = if answer.answer == answer.label {
        "right"
    } else {
        "wrong"
    };
    let facts = [
        String::new(),
        format!("answer  {}", answer.answer),
        format!("label   {}  ({verdict})", answer.label),
        format!("gas     {}", output::grouped(answer.gas)),
        format!("steps   {}", output::grouped(answer.steps_infer)),
        format!("time    {}", output::seconds(answer.seconds)),
    ];
    for (index, row) in digit.pixels.chunks_exact(SIDE).enumerate() {
        let row: String = row.iter().map(|pixel| shade(*pixel)).collect();
        let fact = facts.get(index).map_or("", String::as_str);
        output::line(format!("  {row}    {fact}").trim_end())?;
    }
    output::line("")
}

/// A pixel, as wide as it is high.
const fn shade(pixel: u8) -> &'static str {
    match pixel {
        0..=1 => "  ",
        2..=5 => "░░",
        6..=9 => "▒▒",
        10..=13 => "▓▓",
        _ => "██",
    }
}

fn print_end(report: &Report) -> Result<()> {
    output::line(
        "Calls that cannot succeed revert with a typed error, and keep the gas they did not use:",
    )?;
    for Failure {
        what,
        error,
        gas,
        gas_limit,
    } in &report.failures
    {
        output::line(format_args!("  {what}:\n    {error}"))?;
        let (gas, gas_limit) = (output::grouped(*gas), output::grouped(*gas_limit));
        output::line(format_args!("    gas {gas} of {gas_limit}"))?;
    }
    output::line("")?;
    output::line(format_args!(
        "right     {} of {}",
        report.correct,
        report.digits.len()
    ))?;
    output::line(format_args!("model     {}", report.model_address))?;
    output::line(format_args!("contract  {}", report.contract))?;
    output::line(format_args!("program   {}", report.program_hash))
}
