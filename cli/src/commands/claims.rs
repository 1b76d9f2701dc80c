//! `enshrine claims`

use std::{path::PathBuf, process::ExitCode};

use alloy_primitives::{Address, B256, U256};
use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand, ValueEnum};
use enshrine_disputes::{Contracts, Event, Question, RequestId};
use enshrine_l1::{Deployment, GameParameters};
use enshrine_precompile::Registration;
use enshrine_prover::Terminal;
use enshrine_runtime::{Fuel, limits};
use serde::Serialize;

use crate::{
    account::{AccountArgs, ChainArgs, deploy, send},
    app::App,
    find,
    input::InputArgs,
    output,
};

/// Seconds in which a question can be answered, if nothing else is said: a day.
const EXPIRY: u64 = 86_400;

/// Questions about models, and answers that nobody has to trust, on a live chain.
#[derive(Debug, Subcommand)]
pub(crate) enum ClaimsCommand {
    /// Put all contracts of a dispute on a chain
    Deploy(DeployArgs),
    /// Register a model
    Register(RegisterArgs),
    /// Ask what a model says of an input
    Ask(AskArgs),
    /// Show an answer, if one is final
    Show(ShowArgs),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Network {
    /// Days to challenge and to move
    Mainnet,
    /// Minutes to challenge and to move
    Devnet,
}

/// Puts all contracts of a dispute on a chain.
#[derive(Debug, Args)]
pub(crate) struct DeployArgs {
    #[command(flatten)]
    sender: SenderArgs,
    /// What games are played with; docs/economics.md has the arithmetic
    #[arg(long, value_enum, default_value_t = Network::Devnet)]
    parameters: Network,
}

/// Registers a model.
#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    #[command(flatten)]
    sender: SenderArgs,
    #[command(flatten)]
    contract: ContractArgs,
    /// A file, an address or a name in the store
    model: String,
    /// Where a manifest says where the model's bytes are: a URL
    #[arg(long, value_name = "URL", default_value = "")]
    manifest: String,
}

/// Asks what a model says of an input.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    #[command(flatten)]
    sender: SenderArgs,
    #[command(flatten)]
    contract: ContractArgs,
    /// A file, an address or a name in the store
    model: String,
    #[command(flatten)]
    input: InputArgs,
    /// Steps that inference may take
    #[arg(long, value_name = "STEPS", default_value_t = 1 << 36)]
    fuel: u64,
    /// Wei for the answer
    #[arg(long, value_name = "WEI", default_value_t = U256::ZERO)]
    fee: U256,
    /// Seconds in which an answer can be posted
    #[arg(long, value_name = "SECONDS", default_value_t = EXPIRY)]
    expiry: u64,
}

/// Shows an answer, if one is final.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    contract: ContractArgs,
    /// The request
    request: B256,
}

/// Who sends, and where.
#[derive(Debug, Args)]
struct SenderArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    account: AccountArgs,
    /// Folder of transactions that are under way: what is interrupted goes on
    #[arg(long, value_name = "FOLDER")]
    state: PathBuf,
}

#[derive(Debug, Args)]
struct ContractArgs {
    /// Address of the claims contract
    #[arg(long, value_name = "ADDRESS")]
    claims: Address,
}

#[derive(Debug, Serialize)]
struct Deployed {
    verifier: String,
    game: String,
    registry: String,
    claims: String,
    block: u64,
}

#[derive(Debug, Serialize)]
struct Asked {
    request: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    r#final: bool,
    result: Option<Ended>,
}

#[derive(Debug, Serialize)]
struct Ended {
    failed: bool,
    status: u32,
    output_root: String,
    fuel_left: u64,
}

pub(crate) fn claims(app: &App, command: &ClaimsCommand) -> Result<ExitCode> {
    match command {
        ClaimsCommand::Deploy(args) => deploy_all(app, args)?,
        ClaimsCommand::Register(args) => register(app, args)?,
        ClaimsCommand::Ask(args) => ask(app, args)?,
        ClaimsCommand::Show(args) => show(app, args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn deploy_all(app: &App, args: &DeployArgs) -> Result<()> {
    let chain = args.sender.chain.open()?;
    let block = chain.head()?.number;
    let mut wallet = args.sender.account.open(chain, &args.sender.state)?;
    let parameters = match args.parameters {
        Network::Mainnet => GameParameters::MAINNET,
        Network::Devnet => GameParameters::DEVNET,
    };
    let header = app.runtime()?.program()?.header();
    let working = app.working("deploying");
    let deployed = Deployment::deploy(&header, &parameters, |call| deploy(&mut wallet, &call));
    drop(working);
    let Deployment {
        verifier,
        game,
        registry,
        claims,
    } = deployed.context("cannot deploy the contracts")?;
    let report = Deployed {
        verifier: verifier.to_string(),
        game: game.to_string(),
        registry: registry.to_string(),
        claims: claims.to_string(),
        block,
    };
    if app.json() {
        return output::json(&report);
    }
    output::line(format_args!("verifier  {}", report.verifier))?;
    output::line(format_args!("game      {}", report.game))?;
    output::line(format_args!("registry  {}", report.registry))?;
    output::line(format_args!("claims    {}", report.claims))?;
    output::line(format_args!("block     {}", report.block))
}

fn register(app: &App, args: &RegisterArgs) -> Result<()> {
    let chain = args.sender.chain.open()?;
    let contracts = Contracts::at(chain.clone(), args.contract.claims)?;
    let model = find::model(app, &args.model)?;
    let entry = Registration::of(model.bytes()).context("the model is too large")?;
    let tree = entry.data_root.into_bytes().into();
    let call = contracts.register(entry.model, entry.length_bytes, tree, &args.manifest);
    let mut wallet = args.sender.account.open(chain, &args.sender.state)?;
    send(&mut wallet, &format!("register/{}", entry.model), &call)?;
    let model = entry.model.to_string();
    if app.json() {
        return output::json(&serde_json::json!({ "model": model }));
    }
    output::line(format_args!("model     {model}"))
}

fn ask(app: &App, args: &AskArgs) -> Result<()> {
    let chain = args.sender.chain.open()?;
    let contracts = Contracts::at(chain.clone(), args.contract.claims)?;
    let most = contracts.parameters().max_fuel;
    ensure!(
        args.fuel <= most,
        "these contracts take at most {most} steps of inference, for more could not be disputed in time: ask with less \
         --fuel"
    );
    let model = find::model(app, &args.model)?;
    let input = args.input.read(app, &model)?;
    let mut wallet = args
        .sender
        .account
        .open(chain.clone(), &args.sender.state)?;
    let salt = U256::from(chain.nonce(wallet.account())?).into();
    let question = Question {
        model: model.root(),
        fuel: Fuel {
            load: limits::LOAD_FUEL,
            infer: args.fuel,
        },
        expiry: chain.head()?.timestamp.saturating_add(args.expiry),
        consumer: None,
        salt,
    };
    let call = contracts.ask(&question, &input, args.fee);
    let receipt = send(&mut wallet, &format!("ask/{salt}"), &call)?;
    let block = receipt.block_number;
    let logs = contracts.logs(block, block)?;
    let mine = logs
        .iter()
        .filter(|log| log.transaction == receipt.transaction);
    let mut events = mine.filter_map(|log| contracts.event(log));
    let request = events.find_map(|event| match event {
        Event::Requested(request) => Some(request.id),
        _ => None,
    });
    let request = request.context("the contract asked nothing")?.to_string();
    if app.json() {
        return output::json(&Asked { request });
    }
    output::line(format_args!("request   {request}"))
}

fn show(app: &App, args: &ShowArgs) -> Result<()> {
    let contracts = Contracts::at(args.chain.open()?, args.contract.claims)?;
    let result = contracts.final_result(RequestId::new(args.request))?;
    let ended = result.map(|result| match result {
        Terminal::Failed => Ended {
            failed: true,
            status: 0,
            output_root: B256::ZERO.to_string(),
            fuel_left: 0,
        },
        Terminal::Finished {
            status,
            output_root,
            load_fuel_left: _,
            fuel_left,
        } => Ended {
            failed: false,
            status,
            output_root: output_root.to_string(),
            fuel_left,
        },
    });
    if app.json() {
        return output::json(&Shown {
            r#final: ended.is_some(),
            result: ended,
        });
    }
    match ended {
        None => output::line("no answer is final"),
        Some(ended) if ended.failed => output::line("the run fails"),
        Some(ended) => {
            output::line(format_args!("status    {}", ended.status))?;
            output::line(format_args!("output    {}", ended.output_root))?;
            output::line(format_args!(
                "fuel left {}",
                output::grouped(ended.fuel_left)
            ))
        }
    }
}
