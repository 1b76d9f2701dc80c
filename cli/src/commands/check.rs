//! `enshrine check`

use std::{collections::BTreeMap, process::ExitCode, time::Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use enshrine_runtime::{Model, Profile, Run, Runtime, engine::EngineKind, limits};
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    find::{self, Description, Problem},
    input::{self, InputArgs},
    onnxruntime::{self, Comparison},
    output,
    record::RecordedResult,
    report,
};

/// Version of the report that `--json` prints: a new one if a key goes or changes its meaning.
const SCHEMA: u32 = 1;

/// Operators that are listed by their steps.
const TOP: usize = 10;

/// Examines a model.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// A path, an address, or a name in the store
    model: String,
    #[command(flatten)]
    input: InputArgs,
    /// Sizes for an input that is made up, as in x=1,3,224,224
    #[arg(long = "shape", value_name = "NAME=SIZES", value_parser = parse_shape)]
    shapes: Vec<(String, Vec<u32>)>,
    /// Fail if ONNX Runtime is not there to compare with; without this it is used where it is
    #[arg(long)]
    onnxruntime: bool,
    /// The Python that may have ONNX Runtime
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: String,
}

fn parse_shape(text: &str) -> Result<(String, Vec<u32>), String> {
    let (name, sizes) = text
        .rsplit_once('=')
        .ok_or("expected NAME=SIZES, as in x=1,3,224,224")?;
    let sizes = sizes.split(',').filter(|size| !size.is_empty());
    let sizes = sizes.map(|size| {
        size.trim()
            .parse()
            .map_err(|_| format!("`{size}` is no size"))
    });
    Ok((name.to_owned(), sizes.collect::<Result<_, _>>()?))
}

/// What `--json` prints; docs/models.md says what the keys mean.
#[derive(Debug, Serialize)]
struct Report {
    schema: u32,
    model_address: String,
    length: usize,
    ok: bool,
    problems: Vec<Problem>,
    ir_version: Option<i64>,
    opsets: BTreeMap<String, i64>,
    producer: String,
    inputs: Vec<String>,
    outputs: Vec<String>,
    initializer_bytes: u64,
    quantised_length: u64,
    nodes: u64,
    operators: BTreeMap<String, u64>,
    missing_operators: Vec<String>,
    run: Option<Measured>,
}

/// What a run of the model showed.
#[derive(Debug, Serialize)]
struct Measured {
    steps_load: u64,
    steps_infer: u64,
    gas: u64,
    output_root: String,
    memory_bytes: u64,
    engines: Vec<EngineTime>,
    engines_agree: bool,
    differences: Vec<String>,
    top_operators: Vec<OperatorSteps>,
    eager: Option<String>,
    onnxruntime: Option<Comparison>,
}

#[derive(Debug, Serialize)]
struct EngineTime {
    engine: &'static str,
    /// With `load`, unless its image was at hand.
    first_seconds: f64,
    /// From the prepared image.
    seconds: f64,
}

#[derive(Debug, Serialize)]
struct OperatorSteps {
    operator: String,
    count: u64,
    steps: u64,
}

/// How the guest runs a model.
#[derive(Debug, Deserialize)]
struct Plan {
    /// Why it runs node by node, if it does.
    eager: Option<String>,
    nodes: Vec<PlanNode>,
}

#[derive(Debug, Deserialize)]
struct PlanNode {
    operator: String,
}

pub(crate) fn check(app: &App, args: &CheckArgs) -> Result<ExitCode> {
    let model = find::model(app, &args.model)?;
    if args.onnxruntime && !onnxruntime::is_available(&args.python) {
        bail!(
            "{} has no onnxruntime: run `{} -m pip install onnxruntime`, or name another Python with --python",
            args.python,
            args.python
        );
    }
    let mut report = described(&model, find::describe(app, &model)?);
    if report.problems.is_empty() {
        match measure(app, args, &model)? {
            Ok(measured) => report.run = Some(measured),
            Err(problem) => report.problems.push(problem),
        }
    }
    let is_right = |run: &Measured| {
        let compared = run.onnxruntime.as_ref().filter(|_| args.onnxruntime);
        run.engines_agree && compared.is_none_or(|comparison| comparison.agrees)
    };
    report.ok = report.problems.is_empty() && report.run.as_ref().is_some_and(is_right);
    if app.json() {
        output::json(&report)?;
    } else {
        print(&report)?;
    }
    Ok(if report.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn described(model: &Model, description: Description) -> Report {
    let mut missing: Vec<_> = description
        .problems
        .iter()
        .filter(|problem| !problem.operator.is_empty())
        .map(|problem| problem.operator.clone())
        .collect();
    missing.sort_unstable();
    missing.dedup();
    // Four bytes become one.
    let saved = description.quantisable_bytes / 4 * 3;
    let length = model.bytes().len();
    Report {
        schema: SCHEMA,
        quantised_length: (length as u64).saturating_sub(saved),
        model_address: model.root().to_string(),
        length,
        ok: false,
        problems: description.problems,
        ir_version: description.ir_version,
        opsets: description.opsets,
        producer: description.producer,
        inputs: description.inputs.iter().map(ToString::to_string).collect(),
        outputs: description
            .outputs
            .iter()
            .map(ToString::to_string)
            .collect(),
        initializer_bytes: description.initializer_bytes,
        nodes: description.nodes,
        operators: description.operators,
        missing_operators: missing,
        run: None,
    }
}

/// Runs the model; the inner error is what the guest has against it.
fn measure(app: &App, args: &CheckArgs, model: &Model) -> Result<Result<Measured, Problem>> {
    let input = if args.input.files.is_empty() {
        match find::input_types(app, model) {
            Ok(types) => input::arbitrary(&types, &args.shapes)?,
            // Its problems are known to be none, so what is left is the run's to tell.
            Err(error) => return Ok(Err(problem(format!("{error:#}")))),
        }
    } else {
        args.input.read(app, model)?
    };
    let mut runs = Vec::new();
    let mut engines = Vec::new();
    for engine in EngineKind::ALL {
        let (run, time) = time(app, model, &input, engine)?;
        runs.push(run);
        engines.push(time);
    }
    let [first, second] = &runs[..] else {
        bail!("expected two engines, got {}", runs.len())
    };
    if let Some(reason) = find::declined(first) {
        return Ok(Err(problem(reason)));
    }
    let steps = report::steps(&first.outcome).context("the run gave no steps")?;
    let expected = RecordedResult::from(first);
    let differences = expected.differences(&RecordedResult::from(second));
    let working = app.working("counting the steps of each node");
    let profile = app.runtime()?.profile(model, &input)?;
    drop(working);
    let plan: Plan = serde_json::from_str(&profile.nodes_json)
        .context("the guest's plan is not what this command expects")?;
    Ok(Ok(Measured {
        steps_load: steps.0,
        steps_infer: steps.1,
        gas: report::gas(input.len(), steps),
        output_root: expected.output_root.clone().unwrap_or_default(),
        memory_bytes: runs.iter().map(|run| run.memory_bytes).max().unwrap_or(0),
        engines,
        engines_agree: differences.is_empty(),
        differences,
        top_operators: top_operators(&plan, &profile),
        eager: plan.eager,
        onnxruntime: compare(app, args, model, &input, &first.output)?,
    }))
}

fn problem(reason: String) -> Problem {
    Problem {
        node: String::new(),
        operator: String::new(),
        reason,
        fix: String::new(),
    }
}

fn time(app: &App, model: &Model, input: &[u8], engine: EngineKind) -> Result<(Run, EngineTime)> {
    let runtime = app.warm(engine)?;
    let _working = app.working(format!("running the model on {engine}"));
    let (_, first_seconds) = timed(runtime, model, input, engine)?;
    let (run, seconds) = timed(runtime, model, input, engine)?;
    Ok((
        run,
        EngineTime {
            engine: engine.name(),
            first_seconds,
            seconds,
        },
    ))
}

fn timed(runtime: &Runtime, model: &Model, input: &[u8], engine: EngineKind) -> Result<(Run, f64)> {
    let start = Instant::now();
    let run = runtime.infer(model, input, limits::MAX_FUEL, engine)?;
    Ok((run, start.elapsed().as_secs_f64()))
}

fn top_operators(plan: &Plan, profile: &Profile) -> Vec<OperatorSteps> {
    let mut sums: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (node, steps) in plan.nodes.iter().zip(&profile.steps) {
        let sum = sums.entry(&node.operator).or_default();
        *sum = (sum.0 + 1, sum.1.saturating_add(steps.steps));
    }
    let operators = sums
        .into_iter()
        .map(|(operator, (count, steps))| OperatorSteps {
            operator: operator.to_owned(),
            count,
            steps,
        });
    let mut operators: Vec<_> = operators.collect();
    operators.sort_by_key(|operator| std::cmp::Reverse(operator.steps));
    operators.truncate(TOP);
    operators
}

fn compare(
    app: &App,
    args: &CheckArgs,
    model: &Model,
    input: &[u8],
    output: &[u8],
) -> Result<Option<Comparison>> {
    let _working = app.working("running the model in ONNX Runtime");
    if !onnxruntime::is_available(&args.python) {
        return Ok(None);
    }
    let interface = app.runtime()?.interface(model, input)?;
    match onnxruntime::compare(&args.python, model, &interface, input, output) {
        Ok(comparison) => Ok(Some(comparison)),
        Err(error) if args.onnxruntime => Err(error),
        Err(error) => {
            eprintln!("warning: no comparison: {error:#}");
            Ok(None)
        }
    }
}

fn print(report: &Report) -> Result<()> {
    output::line(format_args!("address    {}", report.model_address))?;
    output::line(format_args!(
        "size       {} bytes",
        output::grouped(report.length as u64)
    ))?;
    let saved = (report.length as u64).saturating_sub(report.quantised_length);
    if saved > report.length as u64 / 10 {
        output::line(format_args!(
            "int8       about {} bytes, if its weights were quantised (docs/models.md)",
            output::grouped(report.quantised_length)
        ))?;
    }
    if !report.producer.is_empty() {
        output::line(format_args!("producer   {}", report.producer))?;
    }
    print_declared(report)?;
    if let Some(run) = &report.run {
        print_measured(run)?;
    }
    output::line("")?;
    match report.problems.len() {
        0 if report.ok => output::line("the model runs"),
        0 if report.run.as_ref().is_some_and(|run| run.engines_agree) => {
            output::line("THE ANSWER IS NOT ONNX RUNTIME'S")
        }
        0 => output::line("THE ENGINES DISAGREE: please report this model"),
        count => {
            output::line(format_args!("the model does not run: {count} problem(s)"))?;
            report.problems.iter().try_for_each(print_problem)
        }
    }
}

fn print_declared(report: &Report) -> Result<()> {
    // A file that is no ONNX file declares nothing.
    if report.opsets.is_empty() && report.operators.is_empty() {
        return Ok(());
    }
    let opsets = report.opsets.iter();
    let opsets = opsets.map(|(domain, version)| format!("{domain} {version}"));
    output::line(format_args!("opsets     {}", join(opsets)))?;
    for input in &report.inputs {
        output::line(format_args!("input      {input}"))?;
    }
    for tensor in &report.outputs {
        output::line(format_args!("output     {tensor}"))?;
    }
    let operators = report.operators.iter().map(|(operator, count)| {
        let missing = report.missing_operators.contains(operator);
        format!(
            "{operator} x{count}{}",
            if missing { " MISSING" } else { "" }
        )
    });
    output::line(format_args!("operators  {}", join(operators)))
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn print_problem(problem: &Problem) -> Result<()> {
    let Problem {
        node,
        operator,
        reason,
        fix,
    } = problem;
    let place = match (&**node, &**operator) {
        ("", "") => "model".to_owned(),
        ("", operator) => operator.to_owned(),
        (node, operator) => format!("node '{node}' ({operator})"),
    };
    output::line(format_args!("  {place}\n    {reason}"))?;
    if fix.is_empty() {
        Ok(())
    } else {
        output::line(format_args!("    fix: {fix}"))
    }
}

fn print_measured(run: &Measured) -> Result<()> {
    let steps = report::steps_text((run.steps_load, run.steps_infer));
    output::line(format_args!("steps      {steps}"))?;
    output::line(format_args!("gas        {}", output::grouped(run.gas)))?;
    output::line(format_args!(
        "memory     {} in the guest",
        output::bytes(run.memory_bytes)
    ))?;
    for time in &run.engines {
        let (first, warm) = (
            output::seconds(time.first_seconds),
            output::seconds(time.seconds),
        );
        output::line(format_args!(
            "{:<10} {warm} (first run {first})",
            time.engine
        ))?;
    }
    if let Some(reason) = &run.eager {
        output::line(format_args!("runs       node by node, since {reason}"))?;
    }
    let agree = if run.engines_agree {
        "agree, bit for bit"
    } else {
        "DISAGREE"
    };
    output::line(format_args!("engines    {agree}"))?;
    run.differences
        .iter()
        .try_for_each(|difference| output::line(format_args!("    {difference}")))?;
    output::line("steps by operator")?;
    for operator in &run.top_operators {
        let steps = output::grouped(operator.steps);
        output::line(format_args!(
            "  {steps:>16}  {} x{}",
            operator.operator, operator.count
        ))?;
    }
    let Some(comparison) = &run.onnxruntime else {
        return output::line(
            "ONNX Runtime is not there to compare with (python3 -m pip install onnxruntime)",
        );
    };
    let verdict = if comparison.agrees {
        "agrees"
    } else {
        "DIFFERS"
    };
    output::line(format_args!(
        "ONNX Runtime {} {verdict}",
        comparison.version
    ))?;
    for difference in &comparison.outputs {
        match &difference.detail {
            Some(detail) => output::line(format_args!("  {}: {detail}", difference.name))?,
            None => output::line(format_args!(
                "  {}: largest absolute {}, largest relative {}",
                difference.name, difference.max_abs, difference.max_rel
            ))?,
        }
    }
    Ok(())
}
