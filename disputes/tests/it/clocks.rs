//! What a player does first while clocks run, and what is none of his business.

use std::sync::{Arc, Mutex};

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use enshrine_disputes::{
    Challenger, Claim, ClaimStatus, DisputeError, Ending, Job, Oracle, RequestId, Role, Runs,
    Service, WalletConfig,
    faults::{Fault, Liar},
};
use enshrine_l1::{Call, Chain, DevChain, abi::MachineGame};
use enshrine_primitives::BlobRoot;
use enshrine_prover::{
    StateHash,
    game::{Dissection, Witness},
};

use crate::court::{Court, DIGITS, ETHER, FUEL, Person, SEVEN};

const LIE: u64 = 20_000_000;

/// Seconds that a run takes: five are more than a clock.
const RUN: u64 = 80;

/// Models that run for long; the other player moves meanwhile.
#[derive(Debug)]
struct Slow<P> {
    runs: Runs,
    chain: DevChain,
    other: Arc<Mutex<P>>,
}

impl<P> Slow<P> {
    fn new(court: &Court, other: &Arc<Mutex<P>>) -> Self {
        Self {
            runs: court.runs(Person::Honest),
            chain: court.chain.clone(),
            other: Arc::clone(other),
        }
    }
}

impl<P: Service + std::fmt::Debug + Send> Oracle for Slow<P> {
    fn ending(&mut self, job: &Job) -> Result<Ending, DisputeError> {
        self.chain.pass(RUN);
        let _ = self.other.lock().unwrap().tick();
        self.runs.ending(job)
    }

    fn witness(&mut self, job: &Job) -> Result<Box<dyn Witness + '_>, DisputeError> {
        self.runs.witness(job)
    }
}

fn fee() -> U256 {
    ETHER / U256::from(10)
}

fn ask(court: &Court, model: BlobRoot, salt: u8, fee: U256) -> RequestId {
    court.ask_for(&court.question(model, salt), SEVEN, fee)
}

/// Lets two play until a claim is where it should be in the end.
fn played_to(
    court: &Court,
    (liar, honest): (&Arc<Mutex<impl Service>>, &mut impl Service),
    done: impl Fn() -> bool,
) -> bool {
    (0..100).any(|_| {
        let _ = liar.lock().unwrap().tick();
        honest.tick().unwrap();
        court.chain.pass(10);
        done()
    })
}

#[test]
fn a_challenger_plays_between_two_runs() {
    let court = Court::new();
    let model = court.add_model(DIGITS);
    let disputed = ask(&court, model, 0, fee());
    let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
    let liar = court.proposer_for(Person::Liar, lies, fee());
    let liar = Arc::new(Mutex::new(liar));
    liar.lock().unwrap().tick().unwrap();
    let mut honest = court.challenger(Person::Honest, Slow::new(&court, &liar));
    honest.tick().unwrap();
    assert_eq!(court.games(disputed), 1);
    for salt in 1..6 {
        ask(&court, model, salt, fee() / U256::from(2));
    }
    // He does not answer what is answered.
    let mut other = court.proposer(Person::Sybil(0), court.runs(Person::Sybil(0)));
    other.tick().unwrap();
    honest.tick().unwrap();
    let fallen = || court.status(disputed, Person::Liar) == ClaimStatus::Fallen;
    assert!(played_to(&court, (&liar, &mut honest), fallen));
}

#[test]
fn a_proposer_plays_between_two_runs() {
    let court = Court::new();
    let model = court.add_model(DIGITS);
    let disputed = ask(&court, model, 0, fee());
    let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
    let liar = Arc::new(Mutex::new(court.challenger(Person::Liar, lies)));
    let mut honest = court.proposer(Person::Honest, Slow::new(&court, &liar));
    honest.tick().unwrap();
    liar.lock().unwrap().tick().unwrap();
    assert_eq!(court.games(disputed), 1);
    for salt in 1..6 {
        ask(&court, model, salt, fee());
    }
    honest.tick().unwrap();
    let released = || court.status(disputed, Person::Honest) == ClaimStatus::Released;
    assert!(played_to(&court, (&liar, &mut honest), released));
}

#[test]
fn a_move_comes_before_what_can_wait() {
    let court = Court::new();
    let model = court.add_model(DIGITS);
    for salt in 0..4 {
        ask(&court, model, salt, fee());
    }
    let lies = |person| Liar::new(court.runs(person), Fault::WrongOutput, LIE);
    let mut silent = court.proposer(Person::Liar, lies(Person::Liar));
    silent.tick().unwrap();
    let mut honest = court.challenger(Person::Honest, court.runs(Person::Honest));
    honest.tick().unwrap();
    court.chain.pass(200);
    let disputed = ask(&court, model, 4, fee());
    // What the other liar has answered he does not answer again.
    let mut liar = court.proposer(Person::Sybil(0), lies(Person::Sybil(0)));
    liar.tick().unwrap();
    honest.tick().unwrap();
    liar.tick().unwrap();
    let mover = || court.mover(disputed, Person::Sybil(0));
    assert_eq!(mover(), Some(Role::Challenger));
    drop(honest);
    // Until the time of the silent one is over, and the wallet has forgotten all.
    for _ in 0..14 {
        court.chain.pass(0);
    }
    let little = WalletConfig {
        max_kept: 4,
        ..WalletConfig::default()
    };
    let (wallet, folder) = court.wallet(Person::Honest, little);
    let runs = Box::new(court.runs(Person::Honest));
    let contracts = court.contracts.clone();
    let mut honest = Challenger::open(contracts, 0, wallet, runs, &folder).unwrap();
    honest.tick().unwrap();
    assert_eq!(mover(), Some(Role::Defender), "he has moved");
    assert_eq!(honest.wallet().kept(), 3, "and the last place is free");
}

#[test]
fn claims_that_others_post_in_ones_name_are_left_alone() {
    let court = Court::new();
    let claim = Claim {
        host: Person::Sybil(0).address(),
        defender: Person::Honest.address(),
        salt: B256::ZERO,
        start: StateHash::new([1; 32]),
        end: StateHash::new([2; 32]),
        length: 1 << 20,
    };
    let post = MachineGame::postCall {
        _defender: claim.defender,
        _salt: claim.salt,
        _start: B256::from(*claim.start.as_bytes()),
        _end: B256::from(*claim.end.as_bytes()),
        _length: claim.length,
    };
    let contracts = &court.contracts;
    let (game, bond) = (
        contracts.deployment().game,
        contracts.parameters().claim_bond,
    );
    let post = Call::new(game, post.abi_encode()).with_value(bond);
    court.send(Person::Sybil(0), "post", &post);
    let ends = vec![StateHash::new([9; 32]); 64];
    let first = Dissection::new((0, claim.length), claim.start, ends, 64).unwrap();
    for sybil in [1, 2] {
        let call = contracts.challenge(&claim, &first);
        court.send(Person::Sybil(sybil), "challenge", &call);
    }
    let mut honest = court.proposer(Person::Honest, court.runs(Person::Honest));
    honest.tick().unwrap();
    court.chain.pass(400);
    let game = court.game_about(&claim, Person::Sybil(1));
    court.send(Person::Sybil(1), "late", &contracts.time_out(game));
    // The claim has fallen, and the other game waits to be collected.
    let tick = honest.tick().unwrap();
    assert_eq!(tick.games, 0);
    let sent = court.chain.nonce(Person::Honest.address()).unwrap();
    assert_eq!(sent, 0);
}

#[test]
fn a_move_that_reverted_is_made_again_at_once() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let mut honest = court.proposer(Person::Honest, court.runs(Person::Honest));
    honest.tick().unwrap();
    let claim = court.claim_of(request, Person::Honest);
    let ends = vec![StateHash::new([9; 32]); 64];
    let first = Dissection::new((0, claim.length), claim.start, ends, 64).unwrap();
    let call = court.contracts.challenge(&claim, &first);
    court.send(Person::Sybil(0), "challenge", &call);
    honest.tick().unwrap();
    let mover = || court.mover(request, Person::Honest);
    assert_eq!(mover(), Some(Role::Challenger));
    // After a re-org the move comes before what it answers.
    let taken = court.chain.take_back(2);
    for raw in taken.iter().rev() {
        court.chain.send_raw(raw).unwrap();
    }
    assert_eq!(mover(), Some(Role::Defender), "it has reverted");
    honest.tick().unwrap();
    assert_eq!(mover(), Some(Role::Challenger), "it is made again");
}
