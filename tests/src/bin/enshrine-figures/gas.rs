//! Native time for a gas: models that are made to be slow, in both builds, prepared and for the first time.

use std::{fs, path::Path, time::Duration};

use enshrine_precompile::{GasPrice, Precompile};
use enshrine_runtime::{
    Execution, Model, Outcome, Run, Runtime, RuntimeConfig, engine::EngineKind, meter::NanMode,
};
use serde_json::{Value, json};

use crate::{
    Result,
    mixes::{self, Mix},
    timed,
};

/// Measured until a build has run for so long, but not for more rounds than these.
const ENOUGH: Duration = Duration::from_millis(700);
const MOST_ROUNDS: u32 = 10;

/// Clock ticks of a second in `/proc`.
const TICKS: u64 = 100;

/// Measures all mixes whose name contains `filter`, prints a table, and returns its rows.
pub(crate) fn measure(cache: &Path, filter: &str) -> Result<Value> {
    let runtime = Runtime::new(RuntimeConfig::bundled(Some(cache.to_owned()))?)?;
    runtime.warm(Execution::from(EngineKind::Wasmtime))?;
    runtime.warm(EXACT)?;
    println!("{HEADER}");
    let mut rows = Vec::new();
    for mix in mixes::mixes() {
        if mix.name.contains(filter) {
            let row = Row::measure(&runtime, mix)?;
            println!("{row}");
            rows.push(row);
            drop_images(cache)?;
        }
    }
    let slowest = |time: fn(&Row) -> f64| rows.iter().map(time).fold(0.0, f64::max);
    println!(
        "slowest: {:.1} ns per gas prepared, {:.1} ns per gas in a first call",
        slowest(Row::ns_per_gas),
        slowest(Row::first_ns_per_gas)
    );
    Ok(json!({
        "slowest_ns_per_gas": slowest(Row::ns_per_gas),
        "slowest_first_ns_per_gas": slowest(Row::first_ns_per_gas),
        "mixes": rows.iter().map(Row::json).collect::<Vec<_>>(),
    }))
}

const EXACT: Execution = Execution {
    engine: EngineKind::Wasmtime,
    nan: NanMode::Exact,
    keep: true,
};

const HEADER: &str = "mix                             M steps load, infer     MB   ns/step spec  exact    sum   ns/gas   first ns/gas";

/// What was measured of one mix. Times are processor time of the whole process.
struct Row {
    name: &'static str,
    load_steps: u64,
    infer_steps: u64,
    memory_bytes: u64,
    speculative: Duration,
    exact: Duration,
    /// First calls in both builds: preparing, keeping the image in memory and on disk, and inferring.
    first: Duration,
    /// The same on the clock, waiting for the disk included.
    first_wall: Duration,
}

impl Row {
    fn measure(runtime: &Runtime, mix: Mix) -> Result<Self> {
        let model = Model::new(mix.model)?;
        let input = mixes::input();
        let run = |execution: Execution| -> Result<(Run, Duration)> {
            let (run, time) = timed(|| runtime.infer(&model, &input, u64::MAX, execution))?;
            match run.outcome {
                Outcome::Finished { status: 0, .. } => Ok((run, time)),
                _ => Err(format!("{}: {}", mix.name, String::from_utf8_lossy(&run.output)).into()),
            }
        };
        let speculative = Execution::from(EngineKind::Wasmtime);
        let before = processor_time()?;
        let (first_run, speculative_wall) = run(speculative)?;
        let (_, exact_wall) = run(EXACT)?;
        let first = processor_time()?.saturating_sub(before);
        let Outcome::Finished {
            load_steps,
            infer_steps,
            ..
        } = first_run.outcome
        else {
            unreachable!("checked above");
        };
        let average = |execution| -> Result<Duration> {
            let before = processor_time()?;
            let (mut rounds, mut wall) = (0, Duration::ZERO);
            while rounds < MOST_ROUNDS && wall < ENOUGH {
                wall += run(execution)?.1;
                rounds += 1;
            }
            Ok(processor_time()?.saturating_sub(before) / rounds)
        };
        Ok(Self {
            name: mix.name,
            load_steps,
            infer_steps,
            memory_bytes: first_run.memory_bytes,
            speculative: average(speculative)?,
            exact: average(EXACT)?,
            first,
            first_wall: speculative_wall + exact_wall,
        })
    }

    /// The slowest way to run it: the speculative build gives up at its end, and the exact one follows.
    fn both(&self) -> Duration {
        self.speculative + self.exact
    }

    fn ns_per_gas(&self) -> f64 {
        nanoseconds(self.both(), gas(0, self.infer_steps))
    }

    fn first_ns_per_gas(&self) -> f64 {
        nanoseconds(self.first, gas(self.load_steps, self.infer_steps))
    }

    fn json(&self) -> Value {
        json!({
            "mix": self.name,
            "steps_load": self.load_steps,
            "steps_infer": self.infer_steps,
            "memory_bytes": self.memory_bytes,
            "speculative_ns_per_step": nanoseconds(self.speculative, self.infer_steps),
            "exact_ns_per_step": nanoseconds(self.exact, self.infer_steps),
            "sum_ns_per_step": nanoseconds(self.both(), self.infer_steps),
            "ns_per_gas": self.ns_per_gas(),
            "first_calls_ms": self.first.as_secs_f64() * 1e3,
            "first_calls_wall_ms": self.first_wall.as_secs_f64() * 1e3,
            "first_calls_ns_per_gas": self.first_ns_per_gas(),
        })
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:32}{:>8.1} {:>8.1} {:>8}   {:>12.2} {:>6.2} {:>6.2} {:>8.2} {:>14.2}",
            self.name,
            self.load_steps as f64 / 1e6,
            self.infer_steps as f64 / 1e6,
            self.memory_bytes >> 20,
            nanoseconds(self.speculative, self.infer_steps),
            nanoseconds(self.exact, self.infer_steps),
            nanoseconds(self.both(), self.infer_steps),
            self.ns_per_gas(),
            self.first_ns_per_gas(),
        )
    }
}

/// Gas of the steps alone.
fn gas(load_steps: u64, infer_steps: u64) -> u64 {
    let price = GasPrice::of_call(Precompile::Registered, 0, 0);
    price.total(load_steps, infer_steps) - price.fixed
}

fn nanoseconds(time: Duration, count: u64) -> f64 {
    time.as_nanos() as f64 / count as f64
}

/// Processor time that this process has taken so far, in steps of 10 ms. What else a machine does disturbs it less than
/// the time on the clock.
fn processor_time() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The second field is a name in parentheses; user and system time are the 14th and the 15th.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 1000 / TICKS))
}

/// Images of one mix are of no use for the next, and large.
fn drop_images(cache: &Path) -> Result<()> {
    for entry in fs::read_dir(cache)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "image")
        {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
