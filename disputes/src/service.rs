//! Players that go on for ever.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use alloy_primitives::U256;
use enshrine_l1::Severity;

use crate::{challenger::Challenger, error::DisputeError, player::Tick, proposer::Proposer};

/// Longest pause after errors.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How often one looks at whether to stop.
const GLANCE: Duration = Duration::from_millis(100);

/// Who can be left alone with a chain.
pub trait Service {
    /// What it is called in logs and metrics.
    const NAME: &'static str;

    /// Looks at the chain and does what is to be done.
    ///
    /// # Errors
    /// [`DisputeError`] if the chain cannot be asked at all.
    fn tick(&mut self) -> Result<Tick, DisputeError>;

    /// Wei of its account.
    ///
    /// # Errors
    /// [`DisputeError`] if the chain cannot be asked.
    fn balance(&self) -> Result<U256, DisputeError>;
}

impl Service for Proposer {
    const NAME: &'static str = "proposer";

    fn tick(&mut self) -> Result<Tick, DisputeError> {
        Self::tick(self)
    }

    fn balance(&self) -> Result<U256, DisputeError> {
        Self::balance(self)
    }
}

impl Service for Challenger {
    const NAME: &'static str = "challenger";

    fn tick(&mut self) -> Result<Tick, DisputeError> {
        Self::tick(self)
    }

    fn balance(&self) -> Result<U256, DisputeError> {
        Self::balance(self)
    }
}

/// Ticks until `stop` is set, every `interval`, and more rarely while the chain cannot be asked. Metrics are those of the `metrics` crate.
///
/// # Errors
/// The first [`DisputeError`] that only a person can mend.
pub fn serve<S: Service>(
    service: &mut S,
    interval: Duration,
    stop: &AtomicBool,
) -> Result<(), DisputeError> {
    let mut pause = interval;
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let tick = service.tick();
        metrics::histogram!("enshrine_tick_seconds", "service" => S::NAME)
            .record(begun.elapsed().as_secs_f64());
        let severity = match &tick {
            Ok(tick) => {
                report::<S>(tick);
                tick.severity()
            }
            Err(error) => {
                tracing::warn!(%error, service = S::NAME, "the chain cannot be followed");
                count::<S>("enshrine_errors_total", 1);
                Some(error.severity())
            }
        };
        if severity == Some(Severity::Fatal) {
            return Err(fatal(tick));
        }
        if let Ok(balance) = service.balance() {
            metrics::gauge!("enshrine_balance_ether", "service" => S::NAME).set(ether(balance));
        }
        // What is wrong with one thing among many slows down nothing else.
        pause = if tick.is_err() {
            (2 * pause).min(LONGEST_PAUSE)
        } else {
            interval
        };
        rest(pause, stop);
    }
    Ok(())
}

fn fatal(tick: Result<Tick, DisputeError>) -> DisputeError {
    let errors = match tick {
        Ok(tick) => tick.errors,
        Err(error) => vec![error],
    };
    let mut errors = errors.into_iter();
    errors
        .find(|error| error.severity() == Severity::Fatal)
        .expect("one of them is fatal")
}

fn report<S: Service>(tick: &Tick) {
    let Tick {
        block,
        games,
        moves,
        withheld,
        errors,
    } = tick;
    let gauge =
        |name: &'static str, value: f64| metrics::gauge!(name, "service" => S::NAME).set(value);
    gauge("enshrine_block", whole(*block));
    gauge("enshrine_games", whole(*games as u64));
    gauge("enshrine_bonds_withheld", whole(*withheld as u64));
    count::<S>("enshrine_moves_total", *moves as u64);
    count::<S>("enshrine_errors_total", errors.len() as u64);
    if *moves > 0 {
        tracing::info!(service = S::NAME, block, games, moves, "a round");
    }
}

fn count<S: Service>(name: &'static str, more: u64) {
    metrics::counter!(name, "service" => S::NAME).increment(more);
}

/// A count for a metric, which is a float.
#[allow(clippy::cast_precision_loss, reason = "metrics are floats")]
const fn whole(count: u64) -> f64 {
    count as f64
}

/// Wei as ether, for people.
fn ether(wei: U256) -> f64 {
    const GWEI: u64 = 1_000_000_000;
    let gwei: u64 = (wei / U256::from(GWEI)).saturating_to();
    whole(gwei) / 1e9
}

fn rest(pause: Duration, stop: &AtomicBool) {
    let end = Instant::now() + pause;
    while Instant::now() < end && !stop.load(Ordering::Relaxed) {
        sleep(GLANCE.min(pause));
    }
}
