//! Proposers and challengers as processes, on anvil: killed, and surprised by re-orgs.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, B256, U256};
use enshrine_disputes::{
    Answer, Challenger, ClaimStatus, Contracts, Event, Key, Proposer, Question, RequestId, Runs,
    Status, Terms, Wallet, WalletConfig,
    faults::{Fault, Liar},
};
use enshrine_l1::{Call, Chain, Deployment, GameParameters, Rpc, RpcChain};
use enshrine_precompile::Registration;
use enshrine_primitives::BlobRoot;
use enshrine_runtime::{
    Fuel, Runtime, RuntimeConfig,
    engine::EngineKind,
    store::{Manifest, ModelStore},
};
use serde_json::json;

use crate::{live_chain::Anvil, support::Place};

const DIGITS: &[u8] = include_bytes!("../../../models/digits-cnn/model.onnx");
const SEVEN: &[u8] = include_bytes!("../../../models/samples/digit-7.bin");

/// Enough for both phases of the digits model.
const FUEL: Fuel = Fuel {
    load: 1 << 25,
    infer: 1 << 25,
};

/// Step from which liars lie.
const LIE: u64 = 20_000_000;

/// Games that end within a test.
const PARAMETERS: GameParameters = GameParameters {
    window: 100,
    clock: 300,
    grace: 100,
    ..GameParameters::DEVNET
};

/// Time after which a test has failed.
const PATIENCE: Duration = Duration::from_secs(240);

const DEPLOYER: u8 = 1;
const HONEST: u8 = 2;
const LIAR: u8 = 3;

/// A chain with everything on it.
struct Court {
    place: Place,
    anvil: Anvil,
    chain: Arc<dyn Chain>,
    contracts: Contracts,
    request: RequestId,
}

impl Court {
    fn new() -> Self {
        let (place, anvil) = (Place::new(), Anvil::start());
        let chain: Arc<dyn Chain> = Arc::new(RpcChain::connect(&*anvil.url).unwrap());
        let rpc = Rpc::new(&*anvil.url).unwrap();
        for person in [DEPLOYER, HONEST, LIAR] {
            let money = json!([key(person).address(), "0x56bc75e2d63100000"]);
            rpc.call("anvil_setBalance", &money).unwrap();
        }
        let mut deployer = wallet(&chain, DEPLOYER, &place.path("deployer"));
        let header = runtime().program().unwrap().header();
        let deployed = Deployment::deploy(&header, &PARAMETERS, |call| {
            let nonce = chain.nonce(deployer.account())?;
            send(&mut deployer, &format!("deploy/{nonce}"), &call);
            Ok::<_, enshrine_l1::ChainError>(deployer.account().create(nonce))
        });
        let contracts = Contracts::at(Arc::clone(&chain), deployed.unwrap().claims).unwrap();
        let store = ModelStore::open(place.path("store").to_str().unwrap()).unwrap();
        let model = store.put(DIGITS, Manifest::default()).unwrap();
        let request = ask(&contracts, &*chain, &mut deployer, model);
        rpc.call("evm_setIntervalMining", &json!([1])).unwrap();
        Self {
            place,
            anvil,
            chain,
            contracts,
            request,
        }
    }

    /// Starts an honest player as a process.
    fn start(&self, role: &str) -> Process {
        let claims = self.contracts.deployment().claims.to_string();
        let state = self.place.path("honest");
        let child = Command::new(env!("CARGO_BIN_EXE_enshrine"))
            .args([role, "--rpc", &self.anvil.url, "--claims", &claims])
            .args(["--state", state.to_str().unwrap(), "--interval", "0.1"])
            .env("ENSHRINE_KEY", hex_key(HONEST))
            .env("ENSHRINE_STORE", self.place.path("store"))
            .env("ENSHRINE_CACHE_DIR", cache())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Process(child)
    }

    fn lies(&self) -> Liar<Runs> {
        let store = ModelStore::open(self.place.path("store").to_str().unwrap()).unwrap();
        let folder = self.place.path("liar/traces");
        let runs = Runs::new(runtime(), store, EngineKind::Wasmtime, folder);
        Liar::new(runs, Fault::WrongOutput, LIE)
    }

    fn lying_proposer(&self) -> Proposer {
        let terms = Terms {
            min_fee: U256::ZERO,
            max_fuel: u64::MAX,
        };
        let folder = self.place.path("liar");
        let wallet = wallet(&self.chain, LIAR, &folder);
        let lies = Box::new(self.lies());
        Proposer::open(self.contracts.clone(), 0, wallet, lies, (&folder, terms)).unwrap()
    }

    fn lying_challenger(&self) -> Challenger {
        let folder = self.place.path("liar");
        let wallet = wallet(&self.chain, LIAR, &folder);
        let lies = Box::new(self.lies());
        Challenger::open(self.contracts.clone(), 0, wallet, lies, (&folder, u64::MAX)).unwrap()
    }

    fn events(&self) -> Vec<(B256, Event)> {
        let head = self.chain.head().unwrap().number;
        let logs = self.contracts.logs(0, head).unwrap();
        let events = logs.iter().filter_map(|log| {
            let event = self.contracts.event(log)?;
            Some((log.transaction, event))
        });
        events.collect()
    }

    fn answer(&self, by: u8) -> Option<Answer> {
        let mut events = self.events().into_iter();
        events.find_map(|(_, event)| match event {
            Event::Answered(answer) if answer.proposer == key(by).address() => Some(answer),
            _ => None,
        })
    }

    fn status(&self, by: u8) -> ClaimStatus {
        let answer = self.answer(by);
        answer.map_or(ClaimStatus::None, |answer| {
            self.contracts.claim_state(answer.claim).unwrap().status
        })
    }

    /// Moves so far, the proof among them.
    fn moves(&self) -> usize {
        let is_move =
            |(_, event): &(B256, Event)| matches!(event, Event::Moved(..) | Event::Proved(..));
        self.events().iter().filter(|event| is_move(event)).count()
    }

    /// All transactions of the honest player did something: nothing was sent twice.
    fn assert_no_double_move(&self) {
        let rpc = Rpc::new(&*self.anvil.url).unwrap();
        let honest = key(HONEST).address();
        let mut sent = BTreeSet::new();
        for number in 0..=self.chain.head().unwrap().number {
            let block = rpc.call(
                "eth_getBlockByNumber",
                &json!([format!("{number:#x}"), true]),
            );
            for transaction in block.unwrap()["transactions"].as_array().unwrap() {
                let from: Address = transaction["from"].as_str().unwrap().parse().unwrap();
                if from == honest {
                    sent.insert(
                        transaction["hash"]
                            .as_str()
                            .unwrap()
                            .parse::<B256>()
                            .unwrap(),
                    );
                }
            }
        }
        assert!(!sent.is_empty());
        for hash in sent {
            let receipt = self.chain.receipt(hash).unwrap().unwrap();
            assert!(receipt.success, "transaction {hash} was in vain");
        }
    }

    fn pass(&self, seconds: u64) {
        let rpc = Rpc::new(&*self.anvil.url).unwrap();
        rpc.call("evm_increaseTime", &json!([seconds])).unwrap();
        rpc.call("evm_mine", &json!([])).unwrap();
    }
}

/// A process that ends with its test, without being asked.
struct Process(Child);

impl Drop for Process {
    /// SIGKILL.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Numbers from a seed, which a failure names.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

const SEED: u64 = 0x656e_7368_7269_6e65;

/// Kills and restarts an honest player again and again while a liar plays, then lets him go on to the end.
fn killed(
    role: &str,
    kills: usize,
    mut liar: impl FnMut(),
    over: impl Fn(&Court) -> bool,
    court: &Court,
) {
    let (mut random, start) = (Random(SEED), Instant::now());
    for _ in 0..kills {
        let process = court.start(role);
        let end = Instant::now() + Duration::from_millis(100 + random.below(1_500));
        while Instant::now() < end {
            liar();
            sleep(Duration::from_millis(20));
        }
        drop(process);
    }
    let _process = court.start(role);
    while !over(court) {
        assert!(
            start.elapsed() < PATIENCE,
            "no verdict; the seed is {SEED:#x}"
        );
        liar();
        sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_challenger_who_is_killed_goes_on() {
    let court = Court::new();
    let mut liar = court.lying_proposer();
    let over = |court: &Court| court.status(LIAR) == ClaimStatus::Fallen;
    killed("challenger", 25, || drop(liar.tick()), over, &court);
    assert_eq!(court.moves(), 7);
    court.assert_no_double_move();
}

#[test]
fn a_proposer_who_is_killed_goes_on() {
    let court = Court::new();
    let mut liar = court.lying_challenger();
    let over = |court: &Court| {
        // The liar cannot prove his lie. His clock runs out, and the window closes.
        if court.moves() == 6 && court.status(HONEST) == ClaimStatus::Open {
            court.pass(120);
        }
        court.status(HONEST) == ClaimStatus::Released
    };
    killed("proposer", 25, || drop(liar.tick()), over, &court);
    assert!(court.contracts.is_final(court.request).unwrap());
    court.assert_no_double_move();
}

#[test]
fn a_re_org_in_each_phase_changes_no_verdict() {
    let court = Court::new();
    let rpc = Rpc::new(&*court.anvil.url).unwrap();
    let mut liar = court.lying_proposer();
    let _process = court.start("challenger");
    let (start, mut phase) = (Instant::now(), 0);
    while phase < 4 || court.status(LIAR) != ClaimStatus::Fallen {
        assert!(start.elapsed() < PATIENCE, "no verdict in phase {phase}");
        let _ = liar.tick();
        let reached = match phase {
            0 => court.answer(LIAR).is_some(),
            1 => court.moves() >= 1,
            2 => court.moves() >= 4,
            3 => court.status(LIAR) == ClaimStatus::Fallen,
            _ => false,
        };
        if reached {
            rpc.call("anvil_reorg", &json!([5, []])).unwrap();
            phase += 1;
        }
        sleep(Duration::from_millis(100));
    }
    assert_eq!(court.moves(), 7);
    court.assert_no_double_move();
}

fn ask(contracts: &Contracts, chain: &dyn Chain, asker: &mut Wallet, model: BlobRoot) -> RequestId {
    let entry = Registration::of(DIGITS).unwrap();
    let tree = entry.data_root.into_bytes().into();
    let call = contracts.register(model, entry.length_bytes, tree, "");
    send(asker, "register", &call);
    let question = Question {
        model,
        fuel: FUEL,
        expiry: chain.head().unwrap().timestamp + 10_000,
        consumer: None,
        salt: B256::ZERO,
    };
    send(
        asker,
        "ask",
        &contracts.ask(&question, SEVEN, U256::from(1)),
    );
    let logs = contracts.logs(0, chain.head().unwrap().number).unwrap();
    let mut events = logs.iter().filter_map(|log| contracts.event(log));
    let request = events.find_map(|event| match event {
        Event::Requested(request) => Some(request.id),
        _ => None,
    });
    request.unwrap()
}

/// Sends a call, which is mined at once.
fn send(wallet: &mut Wallet, key: &str, call: &Call) {
    let start = Instant::now();
    while !matches!(wallet.ensure(key, call).unwrap(), Status::Mined(_)) {
        assert!(start.elapsed() < PATIENCE, "{key} is not mined");
        sleep(Duration::from_millis(20));
    }
}

fn wallet(chain: &Arc<dyn Chain>, person: u8, folder: &Path) -> Wallet {
    let folder = folder.join("outbox");
    std::fs::create_dir_all(&folder).unwrap();
    let chain = Arc::clone(chain);
    Wallet::open(key(person), chain, &folder, WalletConfig::default()).unwrap()
}

fn hex_key(person: u8) -> String {
    format!("{person:064x}")
}

fn key(person: u8) -> Key {
    Key::from_hex(&hex_key(person)).unwrap()
}

fn runtime() -> Runtime {
    Runtime::new(RuntimeConfig::bundled(Some(cache())).unwrap()).unwrap()
}

/// The cache of all tests of the command.
fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-cache")
}
