//! A chain with everything on it, and people.

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use alloy_primitives::{Address, B256, Bytes, U256};
use enshrine_disputes::{
    Challenger, Claim, ClaimId, ClaimStatus, Contracts, Event, Game, GameId, GameStatus, Key,
    Oracle, Proposer, Question, RequestId, Role, Runs, Service, Status, Terms, Wallet,
    WalletConfig,
};
use enshrine_l1::{Call, Chain, ChainError, Deployment, DevChain, GameParameters};
use enshrine_precompile::Registration;
use enshrine_primitives::BlobRoot;
use enshrine_prover::{StateHash, Terminal, Trace, TraceConfig, game::Dissection};
use enshrine_runtime::{
    Fuel, Model, Runtime, RuntimeConfig,
    engine::EngineKind,
    isa::{self, Family},
    store::{Manifest, ModelStore},
};
use tempfile::TempDir;

pub(crate) const DIGITS: &[u8] = include_bytes!("../../../models/digits-cnn/model.onnx");
pub(crate) const TUMOUR: &[u8] = include_bytes!("../../../models/tumour-mlp/model.onnx");
pub(crate) const SEVEN: &[u8] = include_bytes!("../../../models/samples/digit-7.bin");

/// Blocks after which a player has fetched all: money that comes while he fetches waits until that is confirmed, in twelve blocks.
const SETTLED: u64 = 24;

/// Enough for both phases of the digits model.
pub(crate) const FUEL: Fuel = Fuel {
    load: 1 << 25,
    infer: 1 << 25,
};

/// A window, a grace period and two clocks.
pub(crate) const DEVNET_LONGEST: u64 = 300 + 60 + 2 * 300;

pub(crate) const ETHER: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// Who is who.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Person {
    Deployer,
    Requester,
    Honest,
    Liar,
    Sybil(u8),
    /// Has 2.006 ether.
    Poor,
}

impl Person {
    pub(crate) fn key(self) -> Key {
        let number = match self {
            Self::Deployer => 1,
            Self::Requester => 2,
            Self::Honest => 3,
            Self::Liar => 4,
            Self::Sybil(number) => 5 + number,
            Self::Poor => 100,
        };
        Key::from_hex(&format!("{number:064x}")).unwrap()
    }

    pub(crate) fn address(self) -> Address {
        self.key().address()
    }

    fn all() -> impl Iterator<Item = Self> {
        let main = [Self::Deployer, Self::Requester, Self::Honest, Self::Liar];
        main.into_iter().chain((0..20).map(Self::Sybil))
    }
}

/// Everything that a dispute needs.
pub(crate) struct Court {
    pub(crate) chain: DevChain,
    pub(crate) contracts: Contracts,
    pub(crate) runtime: Runtime,
    pub(crate) store: ModelStore,
    folder: TempDir,
}

impl Court {
    pub(crate) fn new() -> Self {
        Self::with_degree(GameParameters::DEVNET.degree)
    }

    /// A court whose moves have so many segments at most.
    pub(crate) fn with_degree(degree: u64) -> Self {
        let rich = Person::all().map(|person| (person.address(), ETHER * U256::from(100)));
        let poor = ETHER * U256::from(2_006) / U256::from(1_000);
        let chain = DevChain::new(rich.chain([(Person::Poor.address(), poor)]));
        let parameters = GameParameters {
            degree,
            ..GameParameters::DEVNET
        };
        let runtime = runtime();
        let header = runtime.program().unwrap().header();
        let shared: Arc<dyn Chain> = Arc::new(chain.clone());
        let folder = tempfile::tempdir().unwrap();
        let mut deployer = wallet(&shared, Person::Deployer, folder.path());
        let deployed = Deployment::deploy(&header, &parameters, |call| {
            deploy(&mut deployer, &chain, &call)
        });
        let deployment = deployed.unwrap();
        drop(deployer);
        let contracts = Contracts::at(shared, deployment.claims).unwrap();
        let store = ModelStore::open("memory:").unwrap();
        Self {
            chain,
            contracts,
            runtime,
            store,
            folder,
        }
    }

    /// Puts a model into the store and the registry.
    pub(crate) fn add_model(&self, bytes: &[u8]) -> BlobRoot {
        let root = self.store.put(bytes, Manifest::default()).unwrap();
        let entry = Registration::of(bytes).unwrap();
        let tree = entry.data_root.into_bytes().into();
        let call = self.contracts.register(root, entry.length_bytes, tree, "");
        self.send(Person::Deployer, &format!("register/{root}"), &call);
        root
    }

    /// Asks, and says under which name.
    pub(crate) fn ask(&self, model: BlobRoot, input: &[u8], fuel: Fuel) -> RequestId {
        let question = Question {
            fuel,
            ..self.question(model, 0)
        };
        self.ask_for(&question, input, ETHER / U256::from(10))
    }

    /// A question that nobody is told the answer of.
    pub(crate) fn question(&self, model: BlobRoot, salt: u8) -> Question {
        Question {
            model,
            fuel: FUEL,
            expiry: self.now() + 600,
            consumer: None,
            salt: B256::with_last_byte(salt),
        }
    }

    /// Asks for a fee, and says under which name.
    pub(crate) fn ask_for(&self, question: &Question, input: &[u8], fee: U256) -> RequestId {
        let call = self.contracts.ask(question, input, fee);
        let block = self.chain.head().unwrap().number + 1;
        self.send(Person::Requester, &format!("ask/{}", question.salt), &call);
        let logs = self.contracts.logs(block, block).unwrap();
        let event = self.contracts.event(&logs[0]).unwrap();
        let Event::Requested(request) = event else {
            panic!("expected a request, got {event:?}");
        };
        request.id
    }

    pub(crate) fn send(&self, person: Person, key: &str, call: &Call) {
        let chain: Arc<dyn Chain> = Arc::new(self.chain.clone());
        let mut wallet = wallet(&chain, person, self.folder.path());
        let sent = wallet.ensure(key, call).unwrap();
        assert!(matches!(sent, Status::Sent), "{key}: {sent:?}");
    }

    pub(crate) fn runs(&self, person: Person) -> Runs {
        let folder = self
            .folder
            .path()
            .join(format!("{person:?}"))
            .join("traces");
        Runs::new(
            self.runtime.clone(),
            self.store.clone(),
            EngineKind::Wasmtime,
            folder,
        )
    }

    pub(crate) fn proposer(&self, person: Person, oracle: impl Oracle + 'static) -> Proposer {
        self.proposer_for(person, oracle, U256::ZERO)
    }

    /// A proposer who answers for no less than a fee.
    pub(crate) fn proposer_for(
        &self,
        person: Person,
        oracle: impl Oracle + 'static,
        min_fee: U256,
    ) -> Proposer {
        let terms = Terms {
            min_fee,
            max_fuel: u64::MAX,
        };
        let (wallet, folder) = self.wallet(person, WalletConfig::default());
        let contracts = self.contracts.clone();
        Proposer::open(contracts, 0, wallet, Box::new(oracle), (&folder, terms)).unwrap()
    }

    pub(crate) fn challenger(&self, person: Person, oracle: impl Oracle + 'static) -> Challenger {
        let (wallet, folder) = self.wallet(person, WalletConfig::default());
        let contracts = self.contracts.clone();
        Challenger::open(contracts, 0, wallet, Box::new(oracle), &folder).unwrap()
    }

    /// The wallet of a player, and the folder of his state.
    pub(crate) fn wallet(&self, person: Person, config: WalletConfig) -> (Wallet, PathBuf) {
        let chain: Arc<dyn Chain> = Arc::new(self.chain.clone());
        let folder = self.folder.path().join(format!("{person:?}"));
        (wallet_with(&chain, person, &folder, config), folder)
    }

    pub(crate) fn now(&self) -> u64 {
        self.chain.head().unwrap().timestamp
    }

    pub(crate) fn balance(&self, person: Person) -> U256 {
        self.chain.balance(person.address()).unwrap()
    }

    fn events(&self) -> Vec<Event> {
        let head = self.chain.head().unwrap().number;
        let logs = self.contracts.logs(0, head).unwrap();
        logs.iter()
            .filter_map(|log| self.contracts.event(log))
            .collect()
    }

    /// The claim that somebody stands for.
    fn posted(&self, request: RequestId, by: Person) -> Option<(ClaimId, Claim)> {
        let events = self.events();
        let mut answers = events.iter().filter_map(|event| match event {
            Event::Answered(answer) => Some(answer),
            _ => None,
        });
        let mine =
            answers.find(|answer| answer.request == request && answer.proposer == by.address())?;
        events.iter().find_map(|event| match event {
            Event::Posted(id, claim) if *id == mine.claim => Some((*id, *claim)),
            _ => None,
        })
    }

    /// The game of somebody about a claim of any host.
    pub(crate) fn game_about(&self, claim: &Claim, challenger: Person) -> GameId {
        let events = self.events();
        let posted = events.iter().find_map(|event| match event {
            Event::Posted(id, posted) if posted == claim => Some(*id),
            _ => None,
        });
        let game = self
            .contracts
            .game_of(posted.unwrap(), challenger.address());
        game.unwrap()
    }

    pub(crate) fn claim_of(&self, request: RequestId, by: Person) -> Claim {
        self.posted(request, by).unwrap().1
    }

    /// Somebody challenges a right answer, with states that are none.
    pub(crate) fn object(&self, request: RequestId, defender: Person, by: Person) {
        let claim = self.claim_of(request, defender);
        let ends = vec![StateHash::new([9; 32]); 64];
        let first = Dissection::new((0, claim.length), claim.start, ends, 64).unwrap();
        self.send(by, "challenge", &self.contracts.challenge(&claim, &first));
    }

    pub(crate) fn status(&self, request: RequestId, by: Person) -> ClaimStatus {
        let posted = self.posted(request, by);
        posted.map_or(ClaimStatus::None, |(id, _)| {
            self.contracts.claim_state(id).unwrap().status
        })
    }

    fn played(&self, request: RequestId) -> Vec<Game> {
        let events = self.events();
        let about = |claim: &ClaimId| {
            events.iter().any(|event| {
                matches!(event, Event::Answered(answer)
                    if answer.request == request && answer.claim == *claim)
            })
        };
        let games = events.iter().filter_map(|event| match event {
            Event::Opened(game) if about(&game.claim) => Some(*game),
            _ => None,
        });
        games.collect()
    }

    /// Games about a request.
    pub(crate) fn games(&self, request: RequestId) -> usize {
        self.played(request).len()
    }

    /// Who is to move in the only game about a claim; none if it is over.
    pub(crate) fn mover(&self, request: RequestId, defender: Person) -> Option<Role> {
        let (claim, _) = self.posted(request, defender)?;
        let games = self.played(request);
        let game = games.iter().find(|game| game.claim == claim)?;
        match self.contracts.game_state(game.id).unwrap() {
            GameStatus::Played { mover, .. } => Some(mover),
            _ => None,
        }
    }

    /// The steps that were proved in games about a request, and who has won by that.
    pub(crate) fn proved(&self, request: RequestId) -> Vec<(u64, Role)> {
        let games = self.played(request);
        let proved = self.events().into_iter().filter_map(|event| match event {
            Event::Proved(id, step) if games.iter().any(|game| game.id == id) => Some((id, step)),
            _ => None,
        });
        let winner = |(id, step)| match self.contracts.game_state(id).unwrap() {
            GameStatus::Won(role) => (step, role),
            other => panic!("a step is proved, and the game is {other:?}"),
        };
        proved.map(winner).collect()
    }

    /// Seconds that a defender has for the move that is his.
    pub(crate) fn time_left(&self, request: RequestId, defender: Person) -> Option<u64> {
        let (claim, _) = self.posted(request, defender)?;
        let games = self.played(request);
        let game = games.iter().find(|game| game.claim == claim)?;
        match self.contracts.game_state(game.id).unwrap() {
            GameStatus::Played {
                mover: Role::Defender,
                deadline,
                ..
            } => Some(deadline.saturating_sub(self.now())),
            _ => None,
        }
    }

    pub(crate) fn last_dissection(&self) -> Dissection {
        let events = self.events();
        let mut moves = events.into_iter().rev().filter_map(|event| match event {
            Event::Moved(_, _, dissection) => Some(dissection),
            _ => None,
        });
        moves.next().unwrap()
    }

    /// Why a call would revert.
    pub(crate) fn refused(&self, person: Person, call: &Call) -> Option<Bytes> {
        match self.chain.estimate_gas(person.address(), call) {
            Ok(_) => None,
            Err(ChainError::Reverted { data }) => Some(data),
            Err(error) => panic!("{error}"),
        }
    }

    /// Lets the honest player fetch what he has won: some blocks after he last fetched something.
    pub(crate) fn settle(&self, player: &mut impl Service) {
        for _ in 0..SETTLED {
            player.tick().unwrap();
            self.chain.pass(0);
        }
    }

    pub(crate) fn assert_paid_nothing(&self, person: Person, before: U256) {
        let game = self.contracts.deployment().game;
        assert_eq!(
            self.contracts.credit(game, person.address()).unwrap(),
            U256::ZERO,
            "all is fetched"
        );
        let after = self.balance(person);
        assert!(
            after >= before,
            "{person:?} has paid {}",
            before.saturating_sub(after)
        );
    }

    fn trace(&self) -> Trace {
        let config = TraceConfig {
            runtime: self.runtime.clone(),
            model: Model::new(DIGITS).unwrap(),
            input: SEVEN.into(),
            fuel: FUEL,
            engine: EngineKind::Wasmtime,
        };
        Trace::new(config).unwrap()
    }

    /// Steps of the run of the digits model.
    pub(crate) fn end_step(&self) -> u64 {
        let Terminal::Finished {
            load_fuel_left,
            fuel_left,
            ..
        } = self.trace().final_state().unwrap()
        else {
            panic!("the run fails");
        };
        FUEL.load - load_fuel_left + FUEL.infer - fuel_left
    }

    /// A step of a family: in inference, which is the last part of the run, or else in loading.
    pub(crate) fn step_of(&self, family: Family) -> u64 {
        let mut trace = self.trace();
        for from in [self.end_step() - 3_000_000, 0] {
            let mut machine = trace.state(from).unwrap();
            for step in from..from + 3_000_000 {
                let word = machine.next_word();
                if word.is_some_and(|word| isa::family(word.opcode) == Some(family)) {
                    return step;
                }
                machine.step();
            }
        }
        panic!("no step of {family:?}");
    }
}

/// The guest, which is lowered once.
fn runtime() -> Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME
        .get_or_init(|| Runtime::new(RuntimeConfig::bundled(Some(cache())).unwrap()).unwrap());
    runtime.clone()
}

fn wallet(chain: &Arc<dyn Chain>, person: Person, folder: &Path) -> Wallet {
    wallet_with(chain, person, folder, WalletConfig::default())
}

fn wallet_with(
    chain: &Arc<dyn Chain>,
    person: Person,
    folder: &Path,
    config: WalletConfig,
) -> Wallet {
    let folder = folder.join(format!("{person:?}")).join("outbox");
    std::fs::create_dir_all(&folder).unwrap();
    Wallet::open(person.key(), Arc::clone(chain), &folder, config).unwrap()
}

/// Deploys a contract, which is part of the chain at once.
fn deploy(wallet: &mut Wallet, chain: &DevChain, call: &Call) -> Result<Address, Infallible> {
    let nonce = chain.nonce(wallet.account()).unwrap();
    let sent = wallet.ensure(&format!("deploy/{nonce}"), call).unwrap();
    assert_eq!(sent, Status::Sent);
    Ok(wallet.account().create(nonce))
}

/// Compiled code, shared by all tests.
fn cache() -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}
