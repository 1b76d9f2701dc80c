//! `enshrine demo --dispute`: a question, an answer, a lie, and what becomes of it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, B256, U256, hex};
use alloy_sol_types::{SolCall, SolEvent, SolValue, sol};
use anyhow::{Context, Result, ensure};
use enshrine_disputes::{
    Challenger, ClaimStatus, Contracts, DisputeError, Event, Key, Proposer, RequestId, Runs, Terms,
    Tick, Wallet, WalletConfig,
    faults::{Fault, Liar},
};
use enshrine_l1::{Call, Chain, Deployment, DevChain, GameParameters, Log};
use enshrine_precompile::Registration;
use enshrine_runtime::{Model, engine::EngineKind};
use serde::Serialize;

use crate::{
    account::{deploy, send, wallet},
    app::App,
    output,
};

const BOUNTY: &str = include_str!("../../../l1-contracts/artifacts/DigitBounty.json");

/// Fuel of both phases: several times what the digits model takes.
const LOAD_FUEL: u64 = 1 << 30;
const INFER_FUEL: u64 = 1 << 30;

/// Step from which the liar's states are wrong: in the middle of inference.
const LIE: u64 = 20_000_000;

/// The digit that wins the bounty.
const WANTED: u64 = 7;

/// Games that end while one watches. On a live chain a minute has to do for the first answer.
const PARAMETERS: GameParameters = GameParameters {
    window: 60,
    clock: 120,
    grace: 60,
    ..GameParameters::DEVNET
};

/// Rounds after which something is wrong.
const MOST_ROUNDS: usize = 2_000;

/// Time between two looks at a chain that makes blocks by itself.
const POLL: Duration = Duration::from_millis(300);

/// Seconds by which the clock of a chain in this process is set forward in a round in which nobody moves.
const ROUND_SECONDS: u64 = 30;

sol! {
    function enter(bytes picture) payable returns (bytes32 requestId);
    event Seen(bytes32 indexed requestId, uint256 digit);
    event Won(bytes32 indexed requestId, address indexed entrant);
}

/// What is shown.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    contracts: Addresses,
    rounds: Vec<Round>,
    verdict: &'static str,
    payouts: Vec<Payout>,
    burnt_ether: String,
    seen: Vec<u64>,
    seconds_computing: f64,
}

#[derive(Debug, Default, Serialize)]
struct Addresses {
    verifier: String,
    game: String,
    registry: String,
    claims: String,
    bounty: String,
}

#[derive(Debug, Serialize)]
struct Round {
    mover: &'static str,
    kind: &'static str,
    from_step: u64,
    steps: u64,
    gas: u64,
}

#[derive(Debug, Serialize)]
struct Payout {
    to: &'static str,
    ether: String,
}

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Person {
    Deployer,
    Entrant,
    Proposer,
    Liar,
    Challenger,
}

impl Person {
    const ALL: [Self; 5] = [
        Self::Deployer,
        Self::Entrant,
        Self::Proposer,
        Self::Liar,
        Self::Challenger,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Deployer => "deployer",
            Self::Entrant => "entrant",
            Self::Proposer => "proposer",
            Self::Liar => "liar",
            Self::Challenger => "challenger",
        }
    }
}

/// Where it happens.
#[derive(Debug)]
pub(crate) enum Place {
    /// On a chain in this process.
    Here,
    /// On a chain that makes blocks by itself, with the money of an account.
    There {
        /// The chain.
        chain: Arc<dyn Chain>,
        /// Key of the account.
        funds: Key,
    },
}

/// Everybody and everything.
struct Court<'a> {
    app: &'a App,
    chain: Arc<dyn Chain>,
    /// The chain, if its clock can be set forward.
    dev: Option<DevChain>,
    keys: Vec<Key>,
    contracts: Contracts,
    bounty: Address,
    folder: tempfile::TempDir,
    /// First block whose logs were not shown.
    unseen: u64,
    report: Report,
}

/// Shows disputes about the digits model, with two pictures.
///
/// # Errors
/// If the chain does not play along.
pub(crate) fn dispute(
    app: &App,
    place: Place,
    model: &Model,
    pictures: [&[u8]; 2],
) -> Result<Report> {
    let mut court = Court::new(app, place, model)?;
    court
        .say("An entrant sends a picture to DigitBounty, which asks what the model sees in it.")?;
    let first = court.enter(pictures[0])?;
    court.answer(first)?;
    court.say("\nAnother picture. This time a liar answers first.")?;
    let second = court.enter(pictures[1])?;
    court.lie(second)?;
    court.say("\nThe question is still open. The honest proposer answers it.")?;
    court.answer(second)?;
    court.say(&format!(
        "\ncomputing, of all sides together  {:.1} s",
        court.report.seconds_computing
    ))?;
    Ok(court.report)
}

impl<'a> Court<'a> {
    /// Deploys everything.
    fn new(app: &'a App, place: Place, model: &Model) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a folder")?;
        let keys = Person::ALL.map(|_| Key::random()).to_vec();
        let (chain, dev): (Arc<dyn Chain>, _) = match place {
            Place::Here => {
                let dev = DevChain::new(keys.iter().map(|key| (key.address(), ether(10))));
                (Arc::new(dev.clone()), Some(dev))
            }
            Place::There { chain, funds } => {
                fund(&chain, funds, &keys, folder.path())?;
                (chain, None)
            }
        };
        let runtime = app.warm(EngineKind::Wasmtime)?;
        let header = runtime.program()?.header();
        let mut deployer = open(&chain, &keys, Person::Deployer, folder.path())?;
        let deployment =
            Deployment::deploy(&header, &PARAMETERS, |call| deploy(&mut deployer, &call))?;
        let contracts = Contracts::at(Arc::clone(&chain), deployment.claims)?;
        let entry = Registration::of(model.bytes()).context("the model is too large")?;
        let tree = entry.data_root.into_bytes().into();
        let call = contracts.register(entry.model, entry.length_bytes, tree, "");
        send(&mut deployer, "register", &call)?;
        let bounty = deploy(&mut deployer, &bounty_call(&deployment, model)?)?;
        let mut court = Self {
            app,
            unseen: chain.head()?.number + 1,
            chain,
            dev,
            keys,
            contracts,
            bounty,
            folder,
            report: Report::default(),
        };
        court.introduce(&deployment)?;
        Ok(court)
    }

    fn introduce(&mut self, deployment: &Deployment) -> Result<()> {
        self.report.contracts = Addresses {
            verifier: deployment.verifier.to_string(),
            game: deployment.game.to_string(),
            registry: deployment.registry.to_string(),
            claims: deployment.claims.to_string(),
            bounty: self.bounty.to_string(),
        };
        self.say(&format!(
            "Deployed: the step verifier with the contracts of 14 families of instructions, the game, a registry of models,\n\
             the claims, and DigitBounty, which pays {} for the first picture of a {WANTED}.\n\
             A claim is bonded with {}, a challenge with {}.\n",
            in_ether(ether(1)),
            in_ether(PARAMETERS.claim_bond),
            in_ether(PARAMETERS.challenge_bond),
        ))
    }

    fn say(&self, text: &str) -> Result<()> {
        if self.app.json() {
            return Ok(());
        }
        output::line(text)
    }

    fn folder(&self, person: Person) -> PathBuf {
        self.folder.path().join(person.name())
    }

    fn wallet(&self, person: Person) -> Result<Wallet> {
        open(&self.chain, &self.keys, person, self.folder.path())
    }

    fn runs(&self, person: Person) -> Result<Runs> {
        Ok(Runs::new(
            self.app.runtime()?.clone(),
            self.app.store()?.clone(),
            EngineKind::Wasmtime,
            self.folder(person).join("traces"),
        ))
    }

    /// Sends a picture to the bounty; the request that it makes.
    fn enter(&mut self, picture: &[u8]) -> Result<RequestId> {
        let call = enterCall {
            picture: picture.to_vec().into(),
        };
        let fee = ether(1) / U256::from(50);
        let call = Call::new(self.bounty, call.abi_encode()).with_value(fee);
        let block = self.chain.head()?.number;
        let mut entrant = self.wallet(Person::Entrant)?;
        let receipt = send(&mut entrant, &format!("enter/{block}"), &call)?;
        let logs = self
            .contracts
            .logs(receipt.block_number, receipt.block_number)?;
        let mut events = logs.iter().filter_map(|log| self.contracts.event(log));
        let request = events.find_map(|event| match event {
            Event::Requested(request) => Some(request.id),
            _ => None,
        });
        request.context("the contract asked nothing")
    }

    /// The honest proposer answers, nobody challenges, and the bounty is told.
    fn answer(&mut self, request: RequestId) -> Result<()> {
        let (state, terms) = (self.folder(Person::Proposer), TERMS);
        let mut proposer = Proposer::open(
            self.contracts.clone(),
            0,
            self.wallet(Person::Proposer)?,
            Box::new(self.runs(Person::Proposer)?),
            (&state, terms),
        )?;
        self.rounds("the answer does not become final", |court| {
            court.timed(|| proposer.tick())?;
            court.show()?;
            Ok(court.contracts.is_final(request)?)
        })
    }

    /// A liar answers, a challenger disputes it, and the claim falls.
    fn lie(&mut self, request: RequestId) -> Result<()> {
        let (state, terms) = (self.folder(Person::Liar), TERMS);
        let lies = Liar::new(self.runs(Person::Liar)?, Fault::WrongOutput, LIE);
        let mut liar = Proposer::open(
            self.contracts.clone(),
            self.chain.head()?.number,
            self.wallet(Person::Liar)?,
            Box::new(lies),
            (&state, terms),
        )?;
        let mut challenger = Challenger::open(
            self.contracts.clone(),
            0,
            self.wallet(Person::Challenger)?,
            Box::new(self.runs(Person::Challenger)?),
            &self.folder(Person::Challenger),
        )?;
        self.rounds("nobody wins", |court| {
            court.timed(|| liar.tick())?;
            court.show()?;
            court.timed(|| challenger.tick())?;
            court.show()?;
            court.has_fallen(request)
        })?;
        self.report.verdict = "the claim has fallen";
        // The challenger fetches his money.
        self.timed(|| challenger.tick())?;
        self.show()
    }

    /// Goes on until something is so.
    fn rounds(
        &mut self,
        otherwise: &'static str,
        mut round: impl FnMut(&mut Self) -> Result<bool>,
    ) -> Result<()> {
        for _ in 0..MOST_ROUNDS {
            if round(self)? {
                return Ok(());
            }
            match &self.dev {
                Some(dev) => dev.pass(ROUND_SECONDS),
                None => sleep(POLL),
            }
        }
        anyhow::bail!(
            "{otherwise}: does the chain make blocks by itself? anvil does with --block-time 1"
        )
    }

    /// Lets a player look and move, and adds to the time that takes.
    fn timed(&mut self, tick: impl FnOnce() -> Result<Tick, DisputeError>) -> Result<()> {
        let start = Instant::now();
        let tick = tick();
        self.report.seconds_computing += start.elapsed().as_secs_f64();
        // An error of one thing among many is tried again in the next round.
        tick.map(drop).map_err(Into::into)
    }

    fn has_fallen(&self, request: RequestId) -> Result<bool> {
        let logs = self.contracts.logs(0, self.chain.head()?.number)?;
        let mut events = logs.iter().filter_map(|log| self.contracts.event(log));
        let liar = self.keys[Person::Liar as usize].address();
        let claim = events.find_map(|event| match event {
            Event::Answered(answer) if answer.request == request && answer.proposer == liar => {
                Some(answer.claim)
            }
            _ => None,
        });
        let Some(claim) = claim else { return Ok(false) };
        Ok(self.contracts.claim_state(claim)?.status == ClaimStatus::Fallen)
    }

    /// Shows what the contracts have said since the last time.
    fn show(&mut self) -> Result<()> {
        let head = self.chain.head()?.number;
        if head < self.unseen {
            return Ok(());
        }
        let deployment = *self.contracts.deployment();
        let contracts = [deployment.game, deployment.claims, self.bounty];
        let logs = self.chain.logs(&contracts, self.unseen, head)?;
        self.unseen = head + 1;
        for log in logs {
            self.show_log(&log)?;
        }
        Ok(())
    }

    fn show_log(&mut self, log: &Log) -> Result<()> {
        if log.address == self.bounty {
            return self.show_bounty(log);
        }
        match self.contracts.event(log) {
            Some(Event::Answered(answer)) => self.say(&format!(
                "  the {} answers: {}",
                self.name(answer.proposer),
                ending(&answer.result)
            )),
            Some(Event::Opened(game)) => {
                self.say(&format!(
                    "  the {} challenges it",
                    self.name(game.challenger)
                ))?;
                self.say("    mover         move     of steps from           on       gas")
            }
            Some(Event::Moved(_, _, cut)) => {
                let (from, steps) = cut.range();
                self.round(log, "dissect", from, steps)
            }
            Some(Event::Proved(_, step)) => self.round(log, "prove", step, 1),
            Some(Event::Fell(_)) => self.say("  verdict: the claim has fallen"),
            Some(Event::Finalised(_)) => {
                self.say("  nobody has said otherwise in time: the answer is final")
            }
            Some(Event::Credited(account, amount)) => self.payout(account, amount),
            Some(Event::Burnt(amount)) => {
                self.report.burnt_ether = in_ether(amount);
                self.say(&format!("  burnt                 {:>12}", in_ether(amount)))
            }
            _ => Ok(()),
        }
    }

    fn round(&mut self, log: &Log, kind: &'static str, from: u64, steps: u64) -> Result<()> {
        let receipt = self.chain.receipt(log.transaction)?;
        let gas = receipt.map_or(0, |receipt| receipt.gas_used);
        let mover = if self.report.rounds.len().is_multiple_of(2) {
            Person::Challenger
        } else {
            Person::Liar
        };
        let (steps_text, from_text) = (output::grouped(steps), output::grouped(from));
        let gas_text = output::grouped(gas);
        self.say(&format!(
            "    {:<11}  {kind:<8} {steps_text:>13}  {from_text:>13}  {gas_text:>9}",
            mover.name()
        ))?;
        self.report.rounds.push(Round {
            mover: mover.name(),
            kind,
            from_step: from,
            steps,
            gas,
        });
        Ok(())
    }

    fn payout(&mut self, account: Address, amount: U256) -> Result<()> {
        let to = self.name(account);
        let ether = in_ether(amount);
        self.say(&format!("  to the {to:<14} {ether:>12}"))?;
        self.report.payouts.push(Payout { to, ether });
        Ok(())
    }

    fn show_bounty(&mut self, log: &Log) -> Result<()> {
        let Some(topic) = log.topics.first() else {
            return Ok(());
        };
        if *topic == Seen::SIGNATURE_HASH {
            let digit = U256::from_be_slice(&log.data).saturating_to();
            self.report.seen.push(digit);
            return self.say(&format!("  DigitBounty is told: {digit}"));
        }
        if *topic == Won::SIGNATURE_HASH {
            return self.say("  the entrant has won the bounty");
        }
        Ok(())
    }

    fn name(&self, account: Address) -> &'static str {
        let known = Person::ALL
            .into_iter()
            .zip(&self.keys)
            .find(|(_, key)| key.address() == account);
        known.map_or("contract", |(person, _)| person.name())
    }
}

/// Everything is answered.
const TERMS: Terms = Terms {
    min_fee: U256::ZERO,
    max_fuel: u64::MAX,
};

fn open(chain: &Arc<dyn Chain>, keys: &[Key], person: Person, folder: &Path) -> Result<Wallet> {
    let config = WalletConfig {
        confirmations: 1,
        ..WalletConfig::default()
    };
    let key = keys[person as usize].clone();
    wallet(key, Arc::clone(chain), &folder.join(person.name()), config)
}

/// Gives everybody enough for bonds and gas.
fn fund(chain: &Arc<dyn Chain>, funds: Key, keys: &[Key], folder: &Path) -> Result<()> {
    let each = ether(3);
    let needed = each * U256::from(keys.len() + 1);
    let found = chain.balance(funds.address())?;
    ensure!(
        found >= needed,
        "expected an account with {} or more, got {} at {}",
        in_ether(needed),
        in_ether(found),
        funds.address()
    );
    let config = WalletConfig::default();
    let mut wallet = wallet(funds, Arc::clone(chain), &folder.join("funds"), config)?;
    for key in keys {
        let call = Call::new(key.address(), Vec::new()).with_value(each);
        send(&mut wallet, &format!("fund/{}", key.address()), &call)?;
    }
    Ok(())
}

/// The deployment of the bounty, with its prize.
fn bounty_call(deployment: &Deployment, model: &Model) -> Result<Call> {
    let artifact: serde_json::Value =
        serde_json::from_str(BOUNTY).context("the bundled artifact is damaged")?;
    let code = artifact["bytecode"]
        .as_str()
        .context("an artifact without code")?;
    let model = B256::new(model.root().into_bytes());
    let fuel = (LOAD_FUEL, INFER_FUEL);
    let arguments = (deployment.claims, model, fuel, U256::from(WANTED)).abi_encode_params();
    let code = [hex::decode(code)?, arguments].concat();
    Ok(Call::deploy(code).with_value(ether(1)))
}

fn ending(result: &enshrine_prover::Terminal) -> String {
    match result {
        enshrine_prover::Terminal::Failed => "the run fails".to_owned(),
        enshrine_prover::Terminal::Finished { output_root, .. } => {
            format!("the output's root is {output_root}")
        }
    }
}

fn ether(count: u64) -> U256 {
    U256::from(count) * U256::from(1_000_000_000_000_000_000_u64)
}

/// Wei as ether with six digits behind the point.
fn in_ether(wei: U256) -> String {
    let micro: u64 = (wei / U256::from(1_000_000_000_000_u64)).saturating_to();
    format!("{}.{:06} ETH", micro / 1_000_000, micro % 1_000_000)
}
