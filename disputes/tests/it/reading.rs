//! Players read all that the contracts say, whatever becomes of files and nodes. What is others' they cannot miss: see
//! `OVERLAP` in the follower.

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread::sleep,
    time::Duration,
};

use alloy_primitives::{Address, B256, Bytes, U256};
use enshrine_disputes::{
    Challenger, Contracts, DisputeError, Ending, Job, Oracle, Proposer, Role, Runs, Terms,
    WalletConfig,
    faults::{Fault, Liar},
};
use enshrine_l1::{Block, Call, Chain, ChainError, DevChain, Log, Receipt};
use enshrine_prover::game::Witness;

use crate::court::{Court, DIGITS, FUEL, Person, SEVEN};

const LIE: u64 = 20_000_000;

/// A chain behind several nodes: the one that is asked for logs may be late, and knows of none.
#[derive(Debug)]
struct Nodes {
    chain: DevChain,
    is_late: AtomicBool,
    /// Times that one was asked for logs.
    asked: AtomicUsize,
}

impl Nodes {
    fn new(court: &Court) -> Arc<Self> {
        Arc::new(Self {
            chain: court.chain.clone(),
            is_late: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
        })
    }

    fn contracts(self: &Arc<Self>, court: &Court) -> Contracts {
        let claims = court.contracts.deployment().claims;
        Contracts::at(self.clone(), claims).unwrap()
    }

    /// The honest challenger, who asks these nodes.
    fn challenger(self: &Arc<Self>, court: &Court) -> Challenger {
        let (wallet, folder) = court.wallet(Person::Honest, WalletConfig::default());
        let runs = Box::new(court.runs(Person::Honest));
        Challenger::open(self.contracts(court), 0, wallet, runs, &folder).unwrap()
    }

    /// The honest proposer, who asks these nodes.
    fn proposer(self: &Arc<Self>, court: &Court, runs: impl Oracle + 'static) -> Proposer {
        let (wallet, folder) = court.wallet(Person::Honest, WalletConfig::default());
        let terms = Terms {
            min_fee: U256::ZERO,
            max_fuel: u64::MAX,
        };
        let (contracts, state) = (self.contracts(court), (&*folder, terms));
        Proposer::open(contracts, 0, wallet, Box::new(runs), state).unwrap()
    }
}

impl Chain for Nodes {
    fn id(&self) -> Result<u64, ChainError> {
        self.chain.id()
    }
    fn head(&self) -> Result<Block, ChainError> {
        self.chain.head()
    }
    fn block(&self, number: u64) -> Result<Option<Block>, ChainError> {
        self.chain.block(number)
    }
    fn call(&self, to: Address, data: Bytes) -> Result<Bytes, ChainError> {
        self.chain.call(to, data)
    }
    fn logs(&self, contracts: &[Address], from: u64, to: u64) -> Result<Vec<Log>, ChainError> {
        self.asked.fetch_add(1, SeqCst);
        match self.is_late.load(SeqCst) {
            true => Ok(Vec::new()),
            false => self.chain.logs(contracts, from, to),
        }
    }
    fn nonce(&self, account: Address) -> Result<u64, ChainError> {
        self.chain.nonce(account)
    }
    fn balance(&self, account: Address) -> Result<U256, ChainError> {
        self.chain.balance(account)
    }
    fn estimate_gas(&self, from: Address, call: &Call) -> Result<u64, ChainError> {
        self.chain.estimate_gas(from, call)
    }
    fn tip(&self) -> Result<u128, ChainError> {
        self.chain.tip()
    }
    fn send_raw(&self, raw: &[u8]) -> Result<B256, ChainError> {
        self.chain.send_raw(raw)
    }
    fn receipt(&self, transaction: B256) -> Result<Option<Receipt>, ChainError> {
        self.chain.receipt(transaction)
    }
}

/// A log file that has lost something is read again from the chain, from the first block on.
fn heals(damage: fn(&Path)) {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    // Otherwise it would be in the blocks that are read once more each time.
    for _ in 0..20 {
        court.chain.pass(0);
    }
    let challenger = || court.challenger(Person::Honest, court.runs(Person::Honest));
    challenger().tick().unwrap();
    let (wallet, folder) = court.wallet(Person::Honest, WalletConfig::default());
    drop(wallet);
    damage(&folder.join("logs.jsonl"));
    challenger().tick().unwrap();
    let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
    court.proposer(Person::Liar, lies).tick().unwrap();
    challenger().tick().unwrap();
    assert_eq!(court.games(request), 1, "the request is known");
}

#[test]
fn a_log_file_that_is_gone_is_read_again() {
    heals(|path| fs::remove_file(path).unwrap());
}

#[test]
fn a_log_file_that_is_empty_is_read_again() {
    heals(|path| fs::write(path, "").unwrap());
}

#[test]
fn a_log_file_that_is_cut_short_is_read_again() {
    heals(|path| {
        let text = fs::read_to_string(path).unwrap();
        fs::write(path, &text[..text.len() / 2]).unwrap();
    });
}

#[test]
fn logs_of_a_node_that_was_late_are_read() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let nodes = Nodes::new(&court);
    let mut honest = nodes.challenger(&court);
    honest.tick().unwrap();
    let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
    court.proposer(Person::Liar, lies).tick().unwrap();
    nodes.is_late.store(true, SeqCst);
    honest.tick().unwrap();
    court.chain.pass(0);
    honest.tick().unwrap();
    nodes.is_late.store(false, SeqCst);
    honest.tick().unwrap();
    assert_eq!(court.games(request), 1);
}

#[test]
fn a_game_that_was_missed_long_ago_is_found() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let nodes = Nodes::new(&court);
    let mut honest = nodes.proposer(&court, court.runs(Person::Honest));
    honest.tick().unwrap();
    honest.tick().unwrap();
    nodes.is_late.store(true, SeqCst);
    court.object(request, Person::Honest, Person::Sybil(0));
    for _ in 0..20 {
        court.chain.pass(0);
        honest.tick().unwrap();
    }
    nodes.is_late.store(false, SeqCst);
    for _ in 0..3 {
        honest.tick().unwrap();
    }
    let mover = court.mover(request, Person::Honest);
    assert_eq!(mover, Some(Role::Challenger), "he has moved");
}

#[test]
fn a_challengers_game_that_was_missed_long_ago_is_found_even_after_the_window() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let nodes = Nodes::new(&court);
    let mut honest = nodes.challenger(&court);
    honest.tick().unwrap();
    let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
    let mut liar = court.proposer(Person::Liar, lies);
    liar.tick().unwrap();
    court.chain.pass(200);
    honest.tick().unwrap();
    assert_eq!(court.games(request), 1);
    nodes.is_late.store(true, SeqCst);
    liar.tick().unwrap();
    let mover = || court.mover(request, Person::Liar);
    assert_eq!(mover(), Some(Role::Challenger));
    // The window ends meanwhile, his clock does not.
    for _ in 0..20 {
        court.chain.pass(0);
        honest.tick().unwrap();
    }
    assert_eq!(mover(), Some(Role::Challenger), "he knows of no game");
    nodes.is_late.store(false, SeqCst);
    for _ in 0..3 {
        honest.tick().unwrap();
    }
    assert_eq!(mover(), Some(Role::Defender), "he has moved");
}

/// A proposer answers, and the node that he asks for logs is late for longer than the wallet remembers that, and than blocks are
/// read once more. Meanwhile he is challenged.
fn defends(is_killed: bool) {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let nodes = Nodes::new(&court);
    let open = || nodes.proposer(&court, court.runs(Person::Honest));
    let mut honest = open();
    honest.tick().unwrap();
    nodes.is_late.store(true, SeqCst);
    court.object(request, Person::Honest, Person::Sybil(0));
    for _ in 0..20 {
        honest.tick().unwrap();
        court.chain.pass(0);
    }
    assert_eq!(court.mover(request, Person::Honest), Some(Role::Defender));
    if is_killed {
        drop(honest);
        honest = open();
    }
    nodes.is_late.store(false, SeqCst);
    for _ in 0..6 {
        honest.tick().unwrap();
    }
    let mover = court.mover(request, Person::Honest);
    assert_eq!(mover, Some(Role::Challenger), "he has moved");
}

#[test]
fn an_answer_that_was_missed_long_ago_is_found() {
    defends(false);
}

#[test]
fn an_answer_that_was_missed_long_ago_is_found_by_one_who_was_killed() {
    defends(true);
}

/// Models that run for a while; how often logs had been asked for by then.
#[derive(Debug)]
struct Watched {
    runs: Runs,
    nodes: Arc<Nodes>,
    asked: Arc<Mutex<Vec<usize>>>,
}

impl Oracle for Watched {
    fn ending(&mut self, job: &Job) -> Result<Ending, DisputeError> {
        self.runs.ending(job)
    }

    fn witness(&mut self, job: &Job) -> Result<Box<dyn Witness + '_>, DisputeError> {
        let asked = self.nodes.asked.load(SeqCst);
        self.asked.lock().unwrap().push(asked);
        sleep(Duration::from_millis(200));
        self.runs.witness(job)
    }
}

#[test]
fn a_player_looks_again_between_the_moves_of_two_games() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let nodes = Nodes::new(&court);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let runs = Watched {
        runs: court.runs(Person::Honest),
        nodes: Arc::clone(&nodes),
        asked: Arc::clone(&asked),
    };
    let mut honest = nodes.proposer(&court, runs);
    honest.tick().unwrap();
    for sybil in 0..3 {
        court.object(request, Person::Honest, Person::Sybil(sybil));
    }
    let tick = honest.tick().unwrap();
    assert_eq!((tick.games, tick.moves), (3, 3));
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 3, "each game is moved in once");
    assert!(asked.is_sorted_by(|a, b| a < b), "{asked:?}");
}
