//! `enshrine proposer` and `enshrine challenger`

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use alloy_primitives::{Address, U256};
use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use enshrine_disputes::{Challenger, Contracts, Proposer, Runs, Service, Terms, serve};
use metrics_exporter_prometheus::PrometheusBuilder;
use tracing_subscriber::EnvFilter;

use super::Engine;
use crate::{
    account::{AccountArgs, ChainArgs},
    app::App,
};

/// How logs are written, on standard error.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    /// A line of text for each event.
    Text,
    /// A JSON object for each event.
    Json,
}

/// Looks after claims on a live chain.
#[derive(Debug, Args)]
pub(crate) struct ServiceArgs {
    #[command(flatten)]
    chain: ChainArgs,
    /// Address of the claims contract
    #[arg(long, value_name = "ADDRESS")]
    claims: Address,
    /// First block that can have requests: the one in which the contract was deployed
    #[arg(long, value_name = "BLOCK", default_value_t = 0)]
    from_block: u64,
    /// Folder of what must survive a restart
    #[arg(long, value_name = "FOLDER")]
    state: PathBuf,
    #[command(flatten)]
    account: AccountArgs,
    /// What runs models
    #[arg(long, value_enum, default_value_t = Engine::Wasmtime)]
    engine: Engine,
    /// Seconds between two looks at the chain
    #[arg(long, value_name = "SECONDS", default_value_t = 4.0)]
    interval: f64,
    /// Serve metrics for Prometheus here, at /metrics
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
    /// How logs are written; RUST_LOG chooses which
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

/// Answers requests, and defends the answers.
#[derive(Debug, Args)]
pub(crate) struct ProposerArgs {
    #[command(flatten)]
    service: ServiceArgs,
    /// Wei that an answer must bring, even if less pays for its gas
    #[arg(long, value_name = "WEI", default_value_t = U256::ZERO)]
    min_fee: U256,
    /// Answer also for fees that do not pay for the gas
    #[arg(long)]
    at_a_loss: bool,
    /// Most fuel of `infer` that is spent on a request
    #[arg(long, value_name = "STEPS", default_value_t = 1 << 40)]
    max_fuel: u64,
}

/// Checks all answers, and challenges those that are wrong.
#[derive(Debug, Args)]
pub(crate) struct ChallengerArgs {
    #[command(flatten)]
    service: ServiceArgs,
}

pub(crate) fn proposer(app: &App, args: &ProposerArgs) -> Result<ExitCode> {
    let ProposerArgs {
        service,
        min_fee,
        at_a_loss,
        max_fuel,
    } = args;
    let (contracts, runs) = service.open(app)?;
    let wallet = service
        .account
        .open(service.chain.open()?, &service.state)?;
    let terms = Terms {
        min_fee: *min_fee,
        max_fuel: *max_fuel,
    };
    let state = (&*service.state, terms);
    let mut proposer =
        Proposer::open(contracts, service.from_block, wallet, Box::new(runs), state)?;
    if !at_a_loss {
        proposer = proposer.covering_costs();
    }
    service.run(&mut proposer)
}

pub(crate) fn challenger(app: &App, args: &ChallengerArgs) -> Result<ExitCode> {
    let ChallengerArgs { service } = args;
    let (contracts, runs) = service.open(app)?;
    let wallet = service
        .account
        .open(service.chain.open()?, &service.state)?;
    let mut challenger = Challenger::open(
        contracts,
        service.from_block,
        wallet,
        Box::new(runs),
        &service.state,
    )?;
    service.run(&mut challenger)
}

impl ServiceArgs {
    /// What a player needs, once it is sure that the contracts are about the program that is run here.
    fn open(&self, app: &App) -> Result<(Contracts, Runs)> {
        ensure!(
            self.interval.is_finite() && self.interval >= 0.0,
            "--interval: expected a number of seconds, got {}",
            self.interval
        );
        self.log(app.json());
        if let Some(address) = self.metrics {
            let exporter = PrometheusBuilder::new().with_http_listener(address);
            exporter
                .install()
                .with_context(|| format!("cannot serve metrics at {address}"))?;
        }
        let contracts = Contracts::at(self.chain.open()?, self.claims)?;
        let runtime = app.warm(enshrine_runtime::engine::EngineKind::from(self.engine))?;
        contracts.check_program(&runtime.program_hash()?)?;
        let runs = Runs::new(
            runtime.clone(),
            app.store()?.clone(),
            self.engine.into(),
            self.state.join("traces"),
        );
        Ok((contracts, runs))
    }

    fn run<S: Service>(&self, service: &mut S) -> Result<ExitCode> {
        tracing::info!(service = S::NAME, claims = %self.claims, "begins");
        let interval = Duration::from_secs_f64(self.interval);
        // State is on disk at any time, so nothing has to be done at the end.
        let stop = Arc::new(AtomicBool::new(false));
        serve(service, interval, &stop)?;
        Ok(ExitCode::SUCCESS)
    }

    fn log(&self, json: bool) {
        let filter = EnvFilter::try_from_default_env()
            .unwrap_or_else(|_| EnvFilter::new("warn,enshrine=info,enshrine_disputes=info"));
        let logs = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr);
        // Somebody else listens already, if this fails; then logs go there.
        let _ = match self.log_format {
            LogFormat::Json => logs.json().try_init(),
            LogFormat::Text if json => logs.json().try_init(),
            LogFormat::Text => logs.try_init(),
        };
    }
}
