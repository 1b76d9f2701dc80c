//! Each fault against an honest player, as challenger of the claim and as its defender.

use enshrine_disputes::{
    ClaimStatus, RequestId, Role,
    faults::{Fault, Liar},
};
use enshrine_runtime::{Fuel, isa::Family};

use crate::court::{Court, DEVNET_LONGEST, DIGITS, FUEL, Person, SEVEN, TUMOUR};

/// Rounds of a game, each of a few seconds of the chain's time.
const MOST_ROUNDS: usize = 80;

/// Seconds of the chain's time in a round.
const ROUND: u64 = 10;

/// Six dissections of at most so many segments leave a single step of these runs, and the challenger proves.
const CHALLENGER_PROVES: u64 = 24;

/// Five dissections do, and the defender proves.
const DEFENDER_PROVES: u64 = 64;

fn asked(fuel: Fuel, degree: u64) -> (Court, RequestId) {
    let court = Court::with_degree(degree);
    let model = court.add_model(DIGITS);
    let request = court.ask(model, SEVEN, fuel);
    (court, request)
}

/// A liar answers; an honest challenger plays to the end and proves the step after which the liar is wrong. The claim falls by
/// that, in time, and the honest one has paid nothing.
fn falls(court: &Court, request: RequestId, fault: Fault, from: u64) {
    let lies = Liar::new(court.runs(Person::Liar), fault, from);
    let mut liar = court.proposer(Person::Liar, lies);
    let mut honest = court.challenger(Person::Honest, court.runs(Person::Honest));
    let (before, start) = (court.balance(Person::Honest), court.now());
    let fallen = (0..MOST_ROUNDS).any(|_| {
        // What a liar cannot prove is not taken.
        let _ = liar.tick();
        let tick = honest.tick().unwrap();
        assert!(tick.errors.is_empty(), "{:?}", tick.errors);
        court.chain.pass(ROUND);
        court.status(request, Person::Liar) == ClaimStatus::Fallen
    });
    assert!(
        fallen,
        "the claim stands at {:?}",
        court.status(request, Person::Liar)
    );
    assert_eq!(court.proved(request), [(from, Role::Challenger)]);
    assert!(court.now() - start <= DEVNET_LONGEST);
    court.settle(&mut honest);
    court.assert_paid_nothing(Person::Honest, before);
}

/// An honest proposer answers; a liar challenges him. The proposer proves the step after which the liar is wrong. The claim
/// stands, in time, and the answer is final.
fn stands(court: &Court, request: RequestId, fault: Fault, from: u64) {
    let lies = Liar::new(court.runs(Person::Liar), fault, from);
    let mut honest = court.proposer(Person::Honest, court.runs(Person::Honest));
    let mut liar = court.challenger(Person::Liar, lies);
    let (before, start) = (court.balance(Person::Honest), court.now());
    let stands = (0..MOST_ROUNDS).any(|_| {
        let tick = honest.tick().unwrap();
        assert!(tick.errors.is_empty(), "{:?}", tick.errors);
        let _ = liar.tick();
        court.chain.pass(ROUND);
        court.status(request, Person::Honest) == ClaimStatus::Released
    });
    assert!(
        stands,
        "the claim is {:?}",
        court.status(request, Person::Honest)
    );
    assert_eq!(court.proved(request), [(from, Role::Defender)]);
    assert!(court.games(request) == 1, "the liar has played");
    assert!(court.now() - start <= DEVNET_LONGEST + 10 * ROUND);
    assert!(court.contracts.is_final(request).unwrap());
    court.settle(&mut honest);
    court.assert_paid_nothing(Person::Honest, before);
}

/// Both ways round.
fn honest_wins(fault: &Fault, from: u64) {
    honest_wins_with(FUEL, fault, from);
}

fn honest_wins_with(fuel: Fuel, fault: &Fault, from: u64) {
    let (court, request) = asked(fuel, CHALLENGER_PROVES);
    falls(&court, request, fault.clone(), from);
    let (court, request) = asked(fuel, DEFENDER_PROVES);
    stands(&court, request, fault.clone(), from);
}

/// A wrong state after a step of a family of instructions, in inference.
fn wrong_state_in(family: Family) {
    let step = Court::new().step_of(family);
    honest_wins(&Fault::WrongOutput, step);
}

#[test]
fn a_wrong_byte_of_the_output_loses() {
    honest_wins(&Fault::WrongOutput, 20_000_000);
}

#[test]
fn a_wrong_count_of_steps_loses() {
    honest_wins(&Fault::WrongFuel, 20_000_000);
}

#[test]
fn a_failure_claimed_for_a_success_loses() {
    honest_wins(&Fault::ClaimedFailure, 20_000_000);
}

#[test]
fn a_success_claimed_for_a_failure_loses() {
    let little = Fuel {
        infer: 100_000,
        ..FUEL
    };
    honest_wins_with(little, &Fault::ClaimedSuccess, 10_000_000);
}

#[test]
fn a_wrong_state_of_an_integer_instruction_loses() {
    wrong_state_in(Family::Integer);
}

#[test]
fn a_wrong_state_of_a_float_instruction_loses() {
    wrong_state_in(Family::Float);
}

#[test]
fn a_wrong_state_of_a_simd_instruction_loses() {
    wrong_state_in(Family::SimdFloat);
}

#[test]
fn a_wrong_state_of_a_memory_instruction_loses() {
    wrong_state_in(Family::SimdMemory);
}

#[test]
fn a_wrong_state_of_a_control_instruction_loses() {
    wrong_state_in(Family::Control);
}

#[test]
fn a_wrong_state_of_a_host_call_loses() {
    wrong_state_in(Family::Host);
}

#[test]
fn a_wrong_end_loses() {
    let end = Court::new().end_step();
    honest_wins(&Fault::WrongOutput, end - 1);
}

#[test]
fn a_lie_behind_the_end_loses() {
    let end = Court::new().end_step();
    honest_wins(&Fault::WrongOutput, end + 1_000_000);
}

#[test]
fn a_lie_at_the_very_last_step_loses() {
    honest_wins(&Fault::WrongFuel, FUEL.load + FUEL.infer);
}

#[test]
fn a_lie_at_the_first_step_loses() {
    honest_wins(&Fault::WrongFuel, 0);
}

#[test]
fn the_run_of_another_model_loses() {
    let with_other = |degree| {
        let (court, request) = asked(FUEL, degree);
        let other = court.add_model(TUMOUR);
        (court, request, Fault::WrongModel(other))
    };
    let (court, request, fault) = with_other(CHALLENGER_PROVES);
    falls(&court, request, fault, 0);
    let (court, request, fault) = with_other(DEFENDER_PROVES);
    stands(&court, request, fault, 0);
}

#[test]
fn the_run_on_another_input_loses() {
    let mut other = SEVEN.to_vec();
    other[3] ^= 0x40;
    honest_wins(&Fault::WrongInput(other.into()), 0);
}
