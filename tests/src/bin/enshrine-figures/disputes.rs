//! Whole disputes: what both sides compute from a wrong answer to the verdict, and how fast right answers are checked.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use alloy_primitives::{B256, U256};
use enshrine_disputes::{
    Challenger, ClaimStatus, Contracts, Event, Key, Proposer, Question, Runs, Status, Terms,
    Wallet, WalletConfig,
    faults::{Fault, Liar},
};
use enshrine_l1::{Chain, Deployment, DevChain, GameParameters};
use enshrine_precompile::Registration;
use enshrine_primitives::BlobRoot;
use enshrine_runtime::{
    Fuel, Outcome, Runtime, RuntimeConfig,
    engine::EngineKind,
    meter::NanMode,
    store::{Manifest, ModelStore},
};
use serde_json::{Value, json};

use crate::{Result, models::Case, ms};

/// 2^40 steps in all, or nearly.
const FUEL: Fuel = Fuel {
    load: 1 << 36,
    infer: (1 << 40) - (1 << 36) - 1,
};

/// Claims that are checked to see how fast that is.
const CLAIMS: u8 = 20;

/// Rounds after which something is wrong.
const MOST_ROUNDS: usize = 60;

/// A chain with everything on it.
struct Court {
    chain: DevChain,
    contracts: Contracts,
    runtime: Runtime,
    store: ModelStore,
    model: BlobRoot,
    input: Vec<u8>,
    folder: PathBuf,
}

/// The figures of one case.
pub(crate) fn measure_files(cache: &str, model: &str, input: &str) -> Result<()> {
    let runtime = Runtime::new(RuntimeConfig::bundled(Some(PathBuf::from(cache)))?)?;
    let case = Case {
        name: "model",
        model: model.into(),
        input: input.into(),
    };
    println!(
        "{}",
        serde_json::to_string_pretty(&measure(&runtime, &case)?)?
    );
    Ok(())
}

/// The figures of `case`.
pub(crate) fn measure(runtime: &Runtime, case: &Case) -> Result<Value> {
    let mut row = json!({ "model": case.name });
    for engine in EngineKind::ALL {
        runtime.warm_trace(engine, NanMode::Speculative)?;
        let court = Court::new(runtime, case, engine.name())?;
        let run = runtime.infer(
            &enshrine_runtime::Model::new(fs::read(&case.model)?)?,
            &court.input,
            FUEL,
            engine,
        )?;
        let Outcome::Finished {
            load_steps,
            infer_steps,
            ..
        } = run.outcome
        else {
            return Err("the model's run fails".into());
        };
        let (time, gas) = court.dispute(engine, load_steps + infer_steps / 2)?;
        row[format!("dispute_{}_ms", engine.name())] = ms(time).into();
        row["gas"] = json!({ "challenger": gas.0, "defender": gas.1 });
        fs::remove_dir_all(&court.folder)?;
    }
    let court = Court::new(runtime, case, "checks")?;
    let time = court.check()?;
    row["claims_checked_per_minute"] = (f64::from(CLAIMS) * 60.0 / time.as_secs_f64()).into();
    fs::remove_dir_all(&court.folder)?;
    Ok(row)
}

impl Court {
    fn new(runtime: &Runtime, case: &Case, name: &str) -> Result<Self> {
        let folder = format!("enshrine-dispute-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let rich = U256::from(1_000_000_000_000_000_000_000_u128);
        let people = (1..=3).map(key).collect::<Result<Vec<_>>>()?;
        let chain = DevChain::new(people.iter().map(|key| (key.address(), rich)));
        let shared: Arc<dyn Chain> = Arc::new(chain.clone());
        let mut deployer = open(&shared, 1, &folder)?;
        let header = runtime.program()?.header();
        let deployed = Deployment::deploy(&header, &GameParameters::DEVNET, |call| {
            let nonce = chain.nonce(deployer.account())?;
            deployer.ensure(&format!("deploy/{nonce}"), &call)?;
            Ok::<_, Box<dyn std::error::Error>>(deployer.account().create(nonce))
        })?;
        let contracts = Contracts::at(shared, deployed.claims)?;
        let store = ModelStore::open("memory:")?;
        let bytes = fs::read(&case.model)?;
        let model = store.put(&*bytes, Manifest::default())?;
        let entry = Registration::of(&bytes).ok_or("the model is too large")?;
        let tree = entry.data_root.into_bytes().into();
        deployer.ensure(
            "register",
            &contracts.register(model, entry.length_bytes, tree, ""),
        )?;
        Ok(Self {
            chain,
            contracts,
            runtime: runtime.clone(),
            store,
            model,
            input: fs::read(&case.input)?,
            folder,
        })
    }

    fn wallet(&self, person: u8) -> Result<Wallet> {
        let chain: Arc<dyn Chain> = Arc::new(self.chain.clone());
        open(&chain, person, &self.folder)
    }

    fn runs(&self, person: u8, engine: EngineKind) -> Runs {
        let folder = self.folder.join(format!("{person}/traces"));
        Runs::new(self.runtime.clone(), self.store.clone(), engine, folder)
    }

    /// Asks; with a little less fuel each time, so that each is another run.
    fn ask(&self, salt: u8) -> Result<()> {
        let question = Question {
            model: self.model,
            fuel: Fuel {
                infer: FUEL.infer - u64::from(salt),
                ..FUEL
            },
            expiry: self.chain.head()?.timestamp + 1_000,
            consumer: None,
            salt: B256::with_last_byte(salt),
        };
        let call = self.contracts.ask(&question, &self.input, U256::ZERO);
        match self.wallet(1)?.ensure(&format!("ask/{salt}"), &call)? {
            Status::Sent => Ok(()),
            status => Err(format!("not asked: {status:?}").into()),
        }
    }

    fn proposer(&self, oracle: impl enshrine_disputes::Oracle + 'static) -> Result<Proposer> {
        let terms = Terms {
            min_fee: U256::ZERO,
            max_fuel: u64::MAX,
        };
        let folder = self.folder.join("2");
        let (contracts, wallet) = (self.contracts.clone(), self.wallet(2)?);
        Ok(Proposer::open(
            contracts,
            0,
            wallet,
            Box::new(oracle),
            (&folder, terms),
        )?)
    }

    fn challenger(&self, engine: EngineKind) -> Result<Challenger> {
        let (runs, folder) = (self.runs(3, engine), self.folder.join("3"));
        let (contracts, wallet) = (self.contracts.clone(), self.wallet(3)?);
        Ok(Challenger::open(
            contracts,
            0,
            wallet,
            Box::new(runs),
            &folder,
        )?)
    }

    /// Time that both sides compute from a wrong answer to the verdict, and gas of each.
    fn dispute(&self, engine: EngineKind, lie: u64) -> Result<(Duration, (u64, u64))> {
        self.ask(0)?;
        let lies = Liar::new(self.runs(2, engine), Fault::WrongOutput, lie);
        let mut liar = self.proposer(lies)?;
        liar.tick()?;
        let first = self.chain.head()?.number + 1;
        let mut challenger = self.challenger(engine)?;
        let start = Instant::now();
        for _ in 0..MOST_ROUNDS {
            challenger.tick()?;
            if let Some(status) = self.status()?
                && status == ClaimStatus::Fallen
            {
                return Ok((start.elapsed(), self.gas(first)?));
            }
            liar.tick()?;
            // Who has to prove what is not so lets his time pass.
            self.chain.pass(20);
        }
        Err("nobody wins".into())
    }

    fn status(&self) -> Result<Option<ClaimStatus>> {
        let logs = self.contracts.logs(0, self.chain.head()?.number)?;
        let mut events = logs.iter().filter_map(|log| self.contracts.event(log));
        let claim = events.find_map(|event| match event {
            Event::Answered(answer) => Some(answer.claim),
            _ => None,
        });
        let Some(claim) = claim else { return Ok(None) };
        Ok(Some(self.contracts.claim_state(claim)?.status))
    }

    /// Gas of the challenger's moves and of the defender's.
    fn gas(&self, first: u64) -> Result<(u64, u64)> {
        let mut gas = [0, 0];
        let logs = self.contracts.logs(first, self.chain.head()?.number)?;
        let mut moves = 0;
        for log in logs {
            let event = self.contracts.event(&log);
            if let Some(Event::Moved(..) | Event::Proved(..)) = event {
                let receipt = self.chain.receipt(log.transaction)?.ok_or("no receipt")?;
                gas[moves % 2] += receipt.gas_used;
                moves += 1;
            }
        }
        Ok((gas[0], gas[1]))
    }

    /// Time that a challenger takes for many right answers.
    fn check(&self) -> Result<Duration> {
        for salt in 0..CLAIMS {
            self.ask(salt)?;
        }
        let mut proposer = self.proposer(self.runs(2, EngineKind::Wasmtime))?;
        proposer.tick()?;
        let mut challenger = self.challenger(EngineKind::Wasmtime)?;
        let start = Instant::now();
        challenger.tick()?;
        let time = start.elapsed();
        if challenger.judged() != usize::from(CLAIMS) {
            return Err(format!("checked {} claims of {CLAIMS}", challenger.judged()).into());
        }
        Ok(time)
    }
}

fn key(number: u8) -> Result<Key> {
    Ok(Key::from_hex(&format!("{number:064x}"))?)
}

fn open(chain: &Arc<dyn Chain>, person: u8, folder: &Path) -> Result<Wallet> {
    let folder = folder.join(person.to_string()).join("outbox");
    fs::create_dir_all(&folder)?;
    let config = WalletConfig::default();
    Ok(Wallet::open(
        key(person)?,
        Arc::clone(chain),
        &folder,
        config,
    )?)
}
