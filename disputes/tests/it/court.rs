//! A chain with everything on it, and people.

use std::{convert::Infallible, path::Path, sync::Arc};

use alloy_primitives::{Address, B256, U256};
use enshrine_disputes::{
    Challenger, ClaimId, ClaimState, Contracts, Key, Oracle, Proposer, Question, RequestId, Runs,
    Status, Terms, Wallet, WalletConfig,
};
use enshrine_l1::{Call, Chain, Deployment, DevChain, GameParameters};
use enshrine_precompile::Registration;
use enshrine_primitives::BlobRoot;
use enshrine_runtime::{
    Fuel, Runtime, RuntimeConfig,
    engine::EngineKind,
    store::{Manifest, ModelStore},
};
use tempfile::TempDir;

pub(crate) const ETHER: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// Who is who.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Person {
    Deployer = 1,
    Requester = 2,
    Honest = 3,
    Liar = 4,
}

impl Person {
    pub(crate) fn key(self) -> Key {
        Key::from_hex(&format!("{:064x}", self as u8)).unwrap()
    }

    pub(crate) fn address(self) -> Address {
        self.key().address()
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
        let people = [
            Person::Deployer,
            Person::Requester,
            Person::Honest,
            Person::Liar,
        ];
        let chain = DevChain::new(people.map(|person| (person.address(), ETHER * U256::from(100))));
        let runtime = Runtime::new(RuntimeConfig::bundled(Some(cache())).unwrap()).unwrap();
        let header = runtime.program().unwrap().header();
        let shared: Arc<dyn Chain> = Arc::new(chain.clone());
        let folder = tempfile::tempdir().unwrap();
        let mut deployer = wallet(&shared, Person::Deployer, folder.path());
        let deployed = Deployment::deploy(&header, &GameParameters::DEVNET, |call| {
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
        let now = self.chain.head().unwrap().timestamp;
        let question = Question {
            model,
            fuel,
            expiry: now + 600,
            consumer: None,
            salt: B256::ZERO,
        };
        let call = self.contracts.ask(&question, input, ETHER / U256::from(10));
        let block = self.chain.head().unwrap().number + 1;
        self.send(Person::Requester, "ask", &call);
        let logs = self.contracts.logs(block, block).unwrap();
        let event = self.contracts.event(&logs[0]).unwrap();
        let enshrine_disputes::Event::Requested(request) = event else {
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
        let chain: Arc<dyn Chain> = Arc::new(self.chain.clone());
        let folder = self.folder.path().join(format!("{person:?}"));
        let terms = Terms {
            min_fee: U256::ZERO,
            max_fuel: u64::MAX,
        };
        let wallet = wallet(&chain, person, &folder);
        let contracts = self.contracts.clone();
        Proposer::open(contracts, 0, wallet, Box::new(oracle), (&folder, terms)).unwrap()
    }

    pub(crate) fn challenger(&self, person: Person, oracle: impl Oracle + 'static) -> Challenger {
        let chain: Arc<dyn Chain> = Arc::new(self.chain.clone());
        let folder = self.folder.path().join(format!("{person:?}"));
        let wallet = wallet(&chain, person, &folder);
        let contracts = self.contracts.clone();
        Challenger::open(contracts, 0, wallet, Box::new(oracle), &folder).unwrap()
    }

    pub(crate) fn now(&self) -> u64 {
        self.chain.head().unwrap().timestamp
    }

    pub(crate) fn balance(&self, person: Person) -> U256 {
        self.chain.balance(person.address()).unwrap()
    }

    /// All claims about a request.
    pub(crate) fn claims(&self, request: RequestId) -> Vec<(ClaimId, ClaimState)> {
        let head = self.chain.head().unwrap().number;
        let logs = self.contracts.logs(0, head).unwrap();
        let events = logs.iter().filter_map(|log| self.contracts.event(log));
        let claims = events.filter_map(|event| match event {
            enshrine_disputes::Event::Answered(answer) if answer.request == request => {
                Some(answer.claim)
            }
            _ => None,
        });
        claims
            .map(|claim| (claim, self.contracts.claim_state(claim).unwrap()))
            .collect()
    }
}

fn wallet(chain: &Arc<dyn Chain>, person: Person, folder: &Path) -> Wallet {
    let folder = folder.join(format!("{person:?}")).join("outbox");
    std::fs::create_dir_all(&folder).unwrap();
    Wallet::open(
        person.key(),
        Arc::clone(chain),
        &folder,
        WalletConfig::default(),
    )
    .unwrap()
}

/// Deploys a contract, which is part of the chain at once.
fn deploy(wallet: &mut Wallet, chain: &DevChain, call: &Call) -> Result<Address, Infallible> {
    let nonce = chain.nonce(wallet.account()).unwrap();
    let sent = wallet
        .ensure(&format!("deploy/{nonce}"), &Call::deploy(code))
        .unwrap();
    assert_eq!(sent, Status::Sent);
    Ok(wallet.account().create(nonce))
}

/// Compiled code, shared by all tests.
fn cache() -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}
