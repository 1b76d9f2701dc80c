//! Players do not promise what they cannot pay for.

use std::sync::Arc;

use alloy_primitives::{Address, Bytes, U256};
use enshrine_disputes::{
    ClaimStatus, DisputeError, Ending, Job, Oracle, Question, RequestId, Runs, Wallet,
    WalletConfig,
    faults::{Fault, Liar},
};
use enshrine_l1::{Call, DevChain};
use enshrine_primitives::BlobRoot;
use enshrine_prover::game::Witness;

use crate::court::{Court, DIGITS, ETHER, Person, SEVEN};

const LIE: u64 = 20_000_000;

/// Wei of a thousandth of an ether.
const MILLI: U256 = U256::from_limbs([1_000_000_000_000_000, 0, 0, 0]);

fn ask_each(court: &Court, salts: std::ops::Range<u8>) -> Vec<RequestId> {
    let model = court.add_model(DIGITS);
    let ask = |salt| court.ask_for(&court.question(model, salt), SEVEN, ETHER / U256::from(10));
    salts.map(ask).collect()
}

#[test]
fn a_proposer_keeps_what_his_games_need() {
    let court = Court::new();
    let requests = ask_each(&court, 0..2);
    let mut poor = court.proposer(Person::Poor, court.runs(Person::Poor));
    let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
    let mut liar = court.challenger(Person::Liar, lies);
    let tick = poor.tick().unwrap();
    assert_eq!(tick.withheld, 1);
    let answered =
        |request: &&RequestId| court.status(**request, Person::Poor) != ClaimStatus::None;
    let answered: Vec<_> = requests.iter().filter(answered).copied().collect();
    assert_eq!(answered.len(), 1, "he has two ether and bonds of one");
    let released = (0..80).any(|_| {
        let _ = liar.tick();
        poor.tick().unwrap();
        court.chain.pass(10);
        court.status(answered[0], Person::Poor) == ClaimStatus::Released
    });
    assert!(released);
    assert_eq!(court.games(answered[0]), 1);
}

#[test]
fn a_challenger_keeps_what_his_games_need() {
    let court = Court::new();
    let requests = ask_each(&court, 0..4);
    let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
    court.proposer(Person::Liar, lies).tick().unwrap();
    let mut poor = court.challenger(Person::Poor, court.runs(Person::Poor));
    let tick = poor.tick().unwrap();
    assert_eq!(tick.withheld, 1);
    let games: usize = requests.iter().map(|request| court.games(*request)).sum();
    assert_eq!(games, 3, "he has two ether and bonds of a half");
}

/// Whether somebody who covers his costs answers a question for a fee.
fn is_answered(court: &Court, question: &Question, fee: U256) -> bool {
    let request = court.ask_for(question, SEVEN, fee);
    let proposer = court.proposer(Person::Honest, court.runs(Person::Honest));
    proposer.covering_costs().tick().unwrap();
    court.status(request, Person::Honest) != ClaimStatus::None
}

fn told(court: &Court, model: BlobRoot, salt: u8) -> Question {
    let consumer = Some((Address::repeat_byte(0x77), 5_000_000));
    Question {
        consumer,
        ..court.question(model, salt)
    }
}

#[test]
fn a_fee_pays_for_what_an_answer_costs() {
    let court = Court::new();
    let model = court.add_model(DIGITS);
    // At 1.1 gwei 264,000 gas cost 0.29 milliether, and the consumer's 5,000,000 another 5.6.
    assert!(!is_answered(
        &court,
        &court.question(model, 0),
        MILLI / U256::from(4)
    ));
    assert!(is_answered(&court, &court.question(model, 1), MILLI));
    assert!(!is_answered(
        &court,
        &told(&court, model, 2),
        MILLI * U256::from(5)
    ));
    assert!(is_answered(
        &court,
        &told(&court, model, 3),
        MILLI * U256::from(6)
    ));
}

#[test]
fn who_is_asked_to_answer_at_a_loss_does() {
    let court = Court::new();
    let model = court.add_model(DIGITS);
    let request = court.ask_for(&told(&court, model, 0), SEVEN, U256::ZERO);
    let mut proposer = court.proposer(Person::Honest, court.runs(Person::Honest));
    proposer.tick().unwrap();
    assert_eq!(court.status(request, Person::Honest), ClaimStatus::Open);
}

#[test]
fn an_answer_is_repeated_at_last_only_if_it_is_disputed() {
    for disputed in [false, true] {
        let court = Court::new();
        let request = ask_each(&court, 0..1)[0];
        let mut first = court.proposer(Person::Sybil(0), court.runs(Person::Sybil(0)));
        first.tick().unwrap();
        drop(first);
        if disputed {
            court.object(request, Person::Sybil(0), Person::Sybil(1));
        }
        // Of 600 seconds until the question expires.
        court.chain.pass(500);
        let mut honest = court.proposer(Person::Honest, court.runs(Person::Honest));
        honest.tick().unwrap();
        let status = court.status(request, Person::Honest);
        assert_eq!(status == ClaimStatus::Open, disputed, "{status:?}");
    }
}

/// Models that run while somebody spends the poor one's money.
#[derive(Debug)]
struct Spending {
    runs: Runs,
    chain: DevChain,
    spent_by_ending: U256,
    spent_by_witness: U256,
}

impl Spending {
    fn spend(&self, wei: U256) {
        let folder = tempfile::tempdir().unwrap();
        let (key, chain) = (Person::Poor.key(), Arc::new(self.chain.clone()));
        let mut wallet = Wallet::open(key, chain, folder.path(), WalletConfig::default()).unwrap();
        let gift = Call::new(Person::Requester.address(), Bytes::new()).with_value(wei);
        wallet.ensure("spend", &gift).unwrap();
    }
}

impl Oracle for Spending {
    fn ending(&mut self, job: &Job) -> Result<Ending, DisputeError> {
        self.spend(self.spent_by_ending);
        self.runs.ending(job)
    }

    fn witness(&mut self, job: &Job) -> Result<Box<dyn Witness + '_>, DisputeError> {
        self.spend(self.spent_by_witness);
        self.runs.witness(job)
    }
}

fn spending(court: &Court, by_ending: u64, by_witness: u64) -> Spending {
    Spending {
        runs: court.runs(Person::Poor),
        chain: court.chain.clone(),
        spent_by_ending: MILLI * U256::from(by_ending),
        spent_by_witness: MILLI * U256::from(by_witness),
    }
}

#[test]
fn no_answer_is_given_if_the_money_goes_while_the_model_runs() {
    for (spent, is_answered) in [(900, true), (1_003, false)] {
        let court = Court::new();
        let request = ask_each(&court, 0..1)[0];
        let mut poor = court.proposer(Person::Poor, spending(&court, spent, 0));
        let tick = poor.tick().unwrap();
        // Three milliether are left on top of the bond: enough to answer, and not to play.
        let status = court.status(request, Person::Poor);
        assert_eq!(status == ClaimStatus::Open, is_answered, "{spent}");
        assert_eq!(tick.withheld, usize::from(!is_answered));
    }
}

#[test]
fn no_challenge_is_made_if_the_money_goes_while_the_model_runs() {
    for (spent, games) in [(1_400, 1), (1_503, 0)] {
        let court = Court::new();
        let request = ask_each(&court, 0..1)[0];
        let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
        court.proposer(Person::Liar, lies).tick().unwrap();
        let mut poor = court.challenger(Person::Poor, spending(&court, 0, spent));
        let tick = poor.tick().unwrap();
        assert_eq!(court.games(request), games, "{spent}");
        assert_eq!(tick.withheld, 1 - games);
    }
}
