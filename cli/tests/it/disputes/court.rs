//! Contracts on anvil, honest players as processes, and liars on threads of the test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle, sleep},
    time::{Duration, Instant},
};

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use enshrine_disputes::{
    Challenger, ClaimId, ClaimStatus, Contracts, Event, GameId, GameStatus, Key, Proposer,
    Question, RequestId, Role, Runs, Service, Status, Terms, Wallet, WalletConfig,
    faults::{Fault, Liar},
    serve,
};
use enshrine_l1::{
    Call, Chain, Deployment, GameParameters, Log, Receipt, RpcChain,
    abi::{InferenceClaims, MachineGame},
};
use enshrine_precompile::Registration;
use enshrine_primitives::BlobRoot;
use enshrine_runtime::{
    Fuel, Runtime, RuntimeConfig,
    engine::EngineKind,
    store::{Manifest, ModelStore},
};
use serde_json::{Value, json};

use crate::{
    anvil::Anvil,
    support::{Place, model, sample},
};

/// Enough for both phases of the digits model.
const FUEL: Fuel = Fuel {
    load: 1 << 25,
    infer: 1 << 25,
};

/// A step of inference after which liars tell wrong states.
const LIE: u64 = 20_000_000;

/// Seconds in which claims can be challenged.
pub(crate) const WINDOW: u32 = 600;

/// Seconds that each player has for a game.
pub(crate) const CLOCK: u32 = 600;

/// Seconds that the defender has on top.
pub(crate) const GRACE: u32 = 60;

/// Blocks that a re-org of these tests takes back.
pub(crate) const DEPTH: u64 = 5;

const ETHER: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// Wei that a requester offers.
pub(crate) const FEE: U256 = U256::from_limbs([100_000_000_000_000_000, 0, 0, 0]);

/// Time in which whatever is waited for has happened, also on a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Time between two looks.
const GLANCE: Duration = Duration::from_millis(100);

/// Who is who.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Person {
    Requester = 1,
    Honest,
    Liar,
}

impl Person {
    fn digits(self) -> String {
        format!("{:064x}", self as u8)
    }

    pub(crate) fn address(self) -> Address {
        Key::from_hex(&self.digits()).unwrap().address()
    }
}

/// A chain with everything on it.
pub(crate) struct Court {
    pub(crate) anvil: Anvil,
    pub(crate) contracts: Contracts,
    pub(crate) place: Place,
    runtime: Runtime,
    store: ModelStore,
    model: BlobRoot,
}

impl Court {
    /// `degree` is the most segments of a move: the lower it is, the longer are games.
    pub(crate) fn new(degree: u64) -> Self {
        let (place, anvil) = (Place::new(), Anvil::start());
        give_money(&anvil);
        let config = RuntimeConfig::bundled(Some(cache())).unwrap();
        let runtime = Runtime::new(config).unwrap();
        let header = runtime.program().unwrap().header();
        let parameters = GameParameters {
            degree,
            window: WINDOW,
            clock: CLOCK,
            grace: GRACE,
            ..GameParameters::DEVNET
        };
        let mut deployer = wallet(&anvil, &place, Person::Requester);
        let mut deployed = 0;
        let deployment = Deployment::deploy(&header, &parameters, |call| {
            deployed += 1;
            send(&mut deployer, &format!("deploy/{deployed}"), &call)
                .contract
                .ok_or("no contract")
        });
        let contracts = Contracts::at(chain(&anvil), deployment.unwrap().claims).unwrap();
        let store = ModelStore::open(place.path("store").to_str().unwrap()).unwrap();
        let bytes = fs::read(model("digits-cnn")).unwrap();
        let model = store.put(&*bytes, Manifest::default()).unwrap();
        let entry = Registration::of(&bytes).unwrap();
        let tree = entry.data_root.into_bytes().into();
        let call = contracts.register(model, entry.length_bytes, tree, "");
        send(&mut deployer, "register", &call);
        drop(deployer);
        Self {
            anvil,
            contracts,
            place,
            runtime,
            store,
            model,
        }
    }

    /// Asks what the digit is, once for each of `count` requests. From then on a block is mined each second, and no re-org
    /// reaches back to here.
    pub(crate) fn ask(&self, count: u8) -> Vec<RequestId> {
        let mut requester = wallet(&self.anvil, &self.place, Person::Requester);
        let requests = (0..count).map(|salt| {
            let question = Question {
                model: self.model,
                fuel: FUEL,
                expiry: self.contracts.chain().head().unwrap().timestamp + 86_400,
                consumer: None,
                salt: B256::repeat_byte(salt),
            };
            let input = fs::read(sample("digit-7.bin")).unwrap();
            let call = self.contracts.ask(&question, &input, FEE);
            let block = send(&mut requester, &format!("ask/{salt}"), &call).block_number;
            let logs = self.contracts.logs(block, block).unwrap();
            match self.contracts.event(&logs[0]) {
                Some(Event::Requested(request)) => request.id,
                event => panic!("expected a request, got {event:?}"),
            }
        });
        let requests = requests.collect();
        self.anvil.mine(2 * DEPTH);
        self.anvil.mine_each_second();
        requests
    }

    /// Lets time pass that no re-org takes back, nor anything before.
    pub(crate) fn pass_for_good(&self, seconds: u32) {
        self.anvil.mine_no_more();
        self.anvil.mine(DEPTH);
        self.anvil.pass(seconds.into());
        self.anvil.mine(2 * DEPTH);
        self.anvil.mine_each_second();
    }

    /// Starts a proposer or a challenger. What it says is added to what earlier ones have said.
    pub(crate) fn start(&self, role: &str, options: &[&str]) -> Process {
        let claims = self.contracts.deployment().claims.to_string();
        let about = ["--claims", &claims, "--log-format", "json"];
        let arguments = [&[role][..], &about, options].concat();
        start(&self.anvil, &self.place, &arguments)
    }

    fn lies(&self, fault: Fault) -> Liar<Runs> {
        let runs = Runs::new(
            self.runtime.clone(),
            self.store.clone(),
            EngineKind::Wasmtime,
            self.place.path("liar").join("traces"),
        );
        Liar::new(runs, fault, LIE)
    }

    pub(crate) fn lying_proposer(&self, fault: Fault) -> Proposer {
        let terms = Terms {
            min_fee: U256::ZERO,
            max_fuel: u64::MAX,
        };
        let wallet = wallet(&self.anvil, &self.place, Person::Liar);
        let (contracts, folder) = (self.contracts.clone(), self.place.path("liar"));
        let lies = Box::new(self.lies(fault));
        Proposer::open(contracts, 0, wallet, lies, (&folder, terms)).unwrap()
    }

    pub(crate) fn lying_challenger(&self, fault: Fault) -> Challenger {
        let wallet = wallet(&self.anvil, &self.place, Person::Liar);
        let (contracts, folder) = (self.contracts.clone(), self.place.path("liar"));
        let lies = Box::new(self.lies(fault));
        Challenger::open(contracts, 0, wallet, lies, &folder).unwrap()
    }

    /// What the contracts have said, and in which transactions.
    fn events(&self) -> Vec<(B256, Event)> {
        let head = self.contracts.chain().head().unwrap().number;
        let logs = self.contracts.logs(0, head).unwrap();
        let event = |log: &Log| Some((log.transaction, self.contracts.event(log)?));
        logs.iter().filter_map(event).collect()
    }

    /// The claim that somebody stands for.
    pub(crate) fn claim(&self, request: RequestId, by: Person) -> Option<ClaimId> {
        let events = self.events().into_iter();
        let mut answers = events.filter_map(|(_, event)| match event {
            Event::Answered(answer) => Some(answer),
            _ => None,
        });
        answers
            .find(|answer| answer.request == request && answer.proposer == by.address())
            .map(|answer| answer.claim)
    }

    pub(crate) fn status(&self, request: RequestId, by: Person) -> ClaimStatus {
        let claim = self.claim(request, by);
        claim.map_or(ClaimStatus::None, |claim| {
            self.contracts.claim_state(claim).unwrap().status
        })
    }

    /// Games that are over about a claim that still stands.
    pub(crate) fn is_defended(&self, request: RequestId, by: Person) -> bool {
        let Some(claim) = self.claim(request, by) else {
            return false;
        };
        let state = self.contracts.claim_state(claim).unwrap();
        state.status == ClaimStatus::Open && state.open_games == 0 && self.games(claim) > 0
    }

    fn games(&self, claim: ClaimId) -> usize {
        let events = self.events();
        let opened =
            |event: &&(B256, Event)| matches!(&event.1, Event::Opened(game) if game.claim == claim);
        events.iter().filter(opened).count()
    }

    /// Moves of all games, the proofs among them.
    pub(crate) fn moves(&self) -> usize {
        self.moves_of_games().values().map(Vec::len).sum()
    }

    /// For each game, the transactions that moved, and what they said.
    fn moves_of_games(&self) -> BTreeMap<GameId, Vec<(B256, Option<B256>)>> {
        let mut games: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (transaction, event) in self.events() {
            let (game, said) = match event {
                Event::Moved(game, hash, _) => (game, Some(B256::from(*hash.as_bytes()))),
                Event::Proved(game, _) => (game, None),
                _ => continue,
            };
            games.entry(game).or_default().push((transaction, said));
        }
        games
    }

    /// Where the honest player keeps what he has signed.
    pub(crate) fn honest_outbox(&self) -> PathBuf {
        self.place.path("honest").join("outbox")
    }

    pub(crate) fn balance(&self, person: Person) -> U256 {
        self.contracts.chain().balance(person.address()).unwrap()
    }

    /// Whether nothing waits for somebody.
    pub(crate) fn has_fetched_all(&self, person: Person) -> bool {
        let deployment = self.contracts.deployment();
        let credit = |contract| self.contracts.credit(contract, person.address()).unwrap();
        credit(deployment.game) == U256::ZERO && credit(deployment.claims) == U256::ZERO
    }

    /// Waits for something, and says why it does not come.
    pub(crate) fn wait(
        &self,
        what: &str,
        honest: &mut Process,
        mut done: impl FnMut(&Self) -> bool,
    ) {
        let start = Instant::now();
        while !done(self) {
            let ended = honest.0.try_wait().unwrap();
            assert!(
                start.elapsed() < PATIENCE && ended.is_none(),
                "{what} does not come after {} moves; the process: {ended:?}\n{}",
                self.moves(),
                said(&self.place)
            );
            sleep(GLANCE);
        }
    }

    /// Waits until a claim of the liar's has fallen and the honest challenger has his money.
    pub(crate) fn wait_for_fall(&self, honest: &mut Process, request: RequestId) {
        let fallen = |court: &Self| court.status(request, Person::Liar) == ClaimStatus::Fallen;
        self.wait("the end of a game", honest, |court| {
            fallen(court) || court.is_to_prove(Role::Defender)
        });
        if !fallen(self) {
            // What the liar said of the last step has no proof, so he lets his time pass.
            self.anvil.pass(u64::from(CLOCK + GRACE));
        }
        self.wait("the fall of a claim", honest, fallen);
        self.wait("the money", honest, |court| {
            court.has_fetched_all(Person::Honest)
        });
    }

    /// Waits until an answer of the honest proposer's is final and he has his money. Time passes once the game is over.
    pub(crate) fn wait_for_final(&self, honest: &mut Process, request: RequestId) {
        self.wait("the end of a game", honest, |court| {
            court.is_defended(request, Person::Honest)
        });
        self.anvil.pass(u64::from(WINDOW));
        self.wait_for_money(honest, request);
    }

    /// Waits until an answer of the honest proposer's, whose time has passed, is final and he has his money.
    pub(crate) fn wait_for_money(&self, honest: &mut Process, request: RequestId) {
        self.wait("an answer that is final and paid for", honest, |court| {
            court.is_paid_for(request)
        });
    }

    /// Whether an answer of the honest proposer's is final, his bond is free and he has his money.
    pub(crate) fn is_paid_for(&self, request: RequestId) -> bool {
        self.status(request, Person::Honest) == ClaimStatus::Released
            && self.contracts.is_final(request).unwrap()
            && self.has_fetched_all(Person::Honest)
    }

    /// Whether it is this player's turn and only a proof is left.
    pub(crate) fn is_to_prove(&self, role: Role) -> bool {
        let events = self.events().into_iter().rev();
        let mut moves = events.filter_map(|(_, event)| match event {
            Event::Moved(game, _, said) => Some((game, said)),
            _ => None,
        });
        moves.next().is_some_and(|(game, said)| {
            let (_, length) = said.range();
            let state = self.contracts.game_state(game).unwrap();
            let turn = matches!(state, GameStatus::Played { mover, .. } if mover == role);
            turn && length <= self.contracts.parameters().degree
        })
    }

    /// All mined transactions of somebody: hash, recipient and call data.
    pub(crate) fn transactions(&self, of: Person) -> Vec<(B256, Address, Bytes)> {
        let head = self.contracts.chain().head().unwrap().number;
        let blocks = (0..=head).map(|number| {
            let params = json!([format!("{number:#x}"), true]);
            self.anvil.ask("eth_getBlockByNumber", &params)
        });
        let mut found = Vec::new();
        for block in blocks {
            for transaction in block["transactions"].as_array().unwrap() {
                if parsed::<Address>(&transaction["from"]) == of.address() {
                    found.push((
                        parsed(&transaction["hash"]),
                        parsed(&transaction["to"]),
                        parsed(&transaction["input"]),
                    ));
                }
            }
        }
        found
    }

    /// Checks that the honest player has done each thing once: each of his transactions did something, no two are the same,
    /// and each of those that move is the one transaction of one move. What a re-org puts behind blocks that it was not made for
    /// may fail, and then does nothing.
    pub(crate) fn assert_nothing_twice(&self, re_orgs: bool, context: &str) {
        let sent = self.transactions(Person::Honest);
        assert!(!sent.is_empty(), "{context}");
        let (mut calls, mut moving) = (BTreeSet::new(), BTreeSet::new());
        for (hash, to, data) in sent {
            let receipt = self.contracts.chain().receipt(hash).unwrap().unwrap();
            if re_orgs && !receipt.success {
                continue;
            }
            assert!(receipt.success, "{context}: {hash} reverted: {data}");
            let selector: [u8; 4] = data[..4].try_into().unwrap();
            match selector {
                // Money comes more than once.
                MachineGame::withdrawCall::SELECTOR => continue,
                MachineGame::challengeCall::SELECTOR
                | MachineGame::dissectCall::SELECTOR
                | MachineGame::proveCall::SELECTOR => drop(moving.insert(hash)),
                MachineGame::timeOutCall::SELECTOR
                | MachineGame::releaseCall::SELECTOR
                | InferenceClaims::answerCall::SELECTOR
                | InferenceClaims::finaliseCall::SELECTOR => {}
                _ => panic!("{context}: {hash} is for nothing: {data}"),
            }
            assert!(
                calls.insert((to, data)),
                "{context}: {hash} is one too many"
            );
        }
        for (game, moves) in self.moves_of_games() {
            let mine = moves
                .iter()
                .map(|(transaction, _)| moving.remove(transaction));
            let mine: Vec<_> = mine.collect();
            assert!(
                mine.windows(2).all(|pair| pair[0] != pair[1]),
                "{context}: players of {game} move in turn: {mine:?}"
            );
            let said: BTreeSet<_> = moves.iter().map(|(_, said)| said).collect();
            assert_eq!(said.len(), moves.len(), "{context}: {game}");
        }
        assert!(moving.is_empty(), "{context}: no moves: {moving:?}");
    }
}

/// An honest player. He is killed when this is dropped, and has no time to do anything about it.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A liar who plays until this is dropped.
pub(crate) struct Playing {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Playing {
    pub(crate) fn new(mut liar: impl Service + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stop);
        let thread = thread::spawn(move || serve(&mut liar, GLANCE, &seen).unwrap());
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(
            thread::panicking() || matches!(ended, Some(Ok(()))),
            "the liar has given up"
        );
    }
}

/// Money for everybody.
pub(crate) fn give_money(anvil: &Anvil) {
    for person in [Person::Requester, Person::Honest, Person::Liar] {
        let money = ETHER * U256::from(100);
        anvil.ask("anvil_setBalance", &json!([person.address(), money]));
    }
}

/// The command with an account.
pub(crate) fn command(place: &Place, person: Person) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enshrine"));
    command
        .env("ENSHRINE_KEY", person.digits())
        .env("ENSHRINE_STORE", place.path("store"))
        .env("ENSHRINE_CACHE_DIR", cache())
        .env_remove("RUST_LOG");
    command
}

/// Starts an honest player, who looks at the chain often.
pub(crate) fn start(anvil: &Anvil, place: &Place, arguments: &[&str]) -> Process {
    let mut log = File::options();
    let log = log.create(true).append(true).open(place.path("log"));
    let state = place.path("honest");
    let child = command(place, Person::Honest)
        .args(arguments)
        .args(["--rpc", &anvil.url, "--interval", "0.1", "--state"])
        .arg(state)
        .stdout(Stdio::null())
        .stderr(log.unwrap())
        .spawn();
    Process(child.unwrap())
}

/// All that honest players have said.
pub(crate) fn said(place: &Place) -> String {
    fs::read_to_string(place.path("log")).unwrap_or_default()
}

/// What is in an outbox, while somebody may write it.
pub(crate) fn entries(outbox: &Path) -> Vec<Value> {
    let Ok(files) = fs::read_dir(outbox) else {
        return Vec::new();
    };
    let paths = files.map(|file| file.unwrap().path());
    let entries = paths.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    let read = entries.filter_map(|path| fs::read(path).ok());
    read.map(|json| serde_json::from_slice(&json).unwrap())
        .collect()
}

fn chain(anvil: &Anvil) -> Arc<dyn Chain> {
    Arc::new(RpcChain::connect(&anvil.url).unwrap())
}

fn wallet(anvil: &Anvil, place: &Place, person: Person) -> Wallet {
    let name = format!("{person:?}").to_lowercase();
    let folder = place.path(&name).join("outbox");
    let key = Key::from_hex(&person.digits()).unwrap();
    Wallet::open(key, chain(anvil), &folder, WalletConfig::default()).unwrap()
}

/// Sends a call and waits until it is part of the chain.
fn send(wallet: &mut Wallet, key: &str, call: &Call) -> Receipt {
    let start = Instant::now();
    loop {
        match wallet.ensure(key, call).unwrap() {
            Status::Mined(receipt) => {
                assert!(receipt.success, "{key}");
                return receipt;
            }
            Status::Sent | Status::Pending => assert!(start.elapsed() < PATIENCE, "{key}"),
            status => panic!("{key}: {status:?}"),
        }
        sleep(Duration::from_millis(5));
    }
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
    value.as_str().unwrap().parse().unwrap()
}

/// The cache of all tests of the command.
fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-cache")
}
