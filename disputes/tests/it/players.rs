//! Players who do not lie, or not only, but play otherwise than they should.

use alloy_primitives::B256;
use enshrine_disputes::{
    ClaimStatus,
    faults::{Fault, Liar},
};
use enshrine_prover::{StateHash, game::Dissection};

use crate::court::{Court, DEVNET_LONGEST, DIGITS, FUEL, Person, SEVEN};

const LIE: u64 = 20_000_000;

#[test]
fn a_silent_liar_loses_by_the_clock() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
    court.proposer(Person::Liar, lies).tick().unwrap();
    let mut honest = court.challenger(Person::Honest, court.runs(Person::Honest));
    let (before, start) = (court.balance(Person::Honest), court.now());
    let fallen = (0..60).any(|_| {
        honest.tick().unwrap();
        court.chain.pass(20);
        court.status(request, Person::Liar) == ClaimStatus::Fallen
    });
    assert!(fallen);
    assert!(court.now() - start <= DEVNET_LONGEST);
    court.settle(&mut honest);
    court.assert_paid_nothing(Person::Honest, before);
}

#[test]
fn a_mover_of_the_last_second_loses_in_time() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
    let mut liar = court.proposer(Person::Liar, lies);
    liar.tick().unwrap();
    let mut honest = court.challenger(Person::Honest, court.runs(Person::Honest));
    let (before, start) = (court.balance(Person::Honest), court.now());
    let fallen = (0..200).any(|_| {
        honest.tick().unwrap();
        // Two blocks before his time is over.
        if court
            .time_left(request, Person::Liar)
            .is_some_and(|left| left <= 30)
        {
            let _ = liar.tick();
        }
        court.chain.pass(0);
        court.status(request, Person::Liar) == ClaimStatus::Fallen
    });
    assert!(fallen);
    assert!(court.now() - start <= DEVNET_LONGEST);
    court.settle(&mut honest);
    court.assert_paid_nothing(Person::Honest, before);
}

#[test]
fn twenty_challengers_of_a_right_claim_lose_together() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let mut honest = court.proposer(Person::Honest, court.runs(Person::Honest));
    let (before, start) = (court.balance(Person::Honest), court.now());
    honest.tick().unwrap();
    let claim = court.claim_of(request, Person::Honest);
    for sybil in 0..20_u8 {
        let ends = (0..64).map(|end| StateHash::new([sybil, end].repeat(16).try_into().unwrap()));
        let range = (0, claim.length);
        let first = Dissection::new(range, claim.start, ends.collect(), 64).unwrap();
        let call = court.contracts.challenge(&claim, &first);
        court.send(Person::Sybil(sybil), "challenge", &call);
    }
    let stands = (0..100).any(|_| {
        let tick = honest.tick().unwrap();
        assert!(tick.errors.is_empty(), "{:?}", tick.errors);
        court.chain.pass(20);
        court.status(request, Person::Honest) == ClaimStatus::Released
    });
    assert!(stands);
    assert_eq!(court.games(request), 20);
    assert!(court.now() - start <= DEVNET_LONGEST + 100 + 20 * 12 * 3);
    court.settle(&mut honest);
    court.assert_paid_nothing(Person::Honest, before);
}

#[test]
fn a_copied_challenge_takes_nothing_from_the_copied() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
    let mut liar = court.proposer(Person::Liar, lies);
    liar.tick().unwrap();
    let mut honest = court.challenger(Person::Honest, court.runs(Person::Honest));
    let before = court.balance(Person::Honest);
    honest.tick().unwrap();
    // The copy is mined first: the block with the challenge is taken back, and the copy goes before it.
    let copied = court.last_dissection();
    let taken = court.chain.take_back(1);
    let claim = court.claim_of(request, Person::Liar);
    court.send(
        Person::Sybil(0),
        "copy",
        &court.contracts.challenge(&claim, &copied),
    );
    for raw in taken {
        enshrine_l1::Chain::send_raw(&court.chain, &raw).unwrap();
    }
    let fallen = (0..80).any(|_| {
        let _ = liar.tick();
        honest.tick().unwrap();
        court.chain.pass(10);
        court.status(request, Person::Liar) == ClaimStatus::Fallen
    });
    assert!(fallen);
    assert_eq!(court.games(request), 2);
    court.settle(&mut honest);
    court.assert_paid_nothing(Person::Honest, before);
}

#[test]
fn two_liars_do_not_keep_an_honest_challenger_from_winning() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
    let mut liar = court.proposer(Person::Liar, lies);
    let others = Liar::new(court.runs(Person::Sybil(1)), Fault::WrongFuel, LIE / 2);
    let mut other = court.challenger(Person::Sybil(1), others);
    let mut honest = court.challenger(Person::Honest, court.runs(Person::Honest));
    let before = court.balance(Person::Honest);
    let fallen = (0..80).any(|_| {
        let _ = liar.tick();
        let _ = other.tick();
        honest.tick().unwrap();
        court.chain.pass(10);
        court.status(request, Person::Liar) == ClaimStatus::Fallen
    });
    assert!(fallen);
    court.settle(&mut honest);
    court.assert_paid_nothing(Person::Honest, before);
}

#[test]
fn playing_oneself_costs_and_delays_nobody() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let lies = Liar::new(court.runs(Person::Liar), Fault::WrongOutput, LIE);
    let mut liar = court.proposer(Person::Liar, lies);
    let mut accomplice = court.challenger(Person::Sybil(2), court.runs(Person::Sybil(2)));
    let mut honest = court.proposer(Person::Honest, court.runs(Person::Honest));
    let spent_before = court.balance(Person::Liar) + court.balance(Person::Sybil(2));
    let before = court.balance(Person::Honest);
    let released = (0..120).any(|_| {
        let _ = liar.tick();
        let _ = accomplice.tick();
        honest.tick().unwrap();
        court.chain.pass(10);
        court.status(request, Person::Honest) == ClaimStatus::Released
    });
    assert!(released);
    let fallen = (0..120).any(|_| {
        let _ = (liar.tick(), accomplice.tick());
        court.chain.pass(10);
        court.status(request, Person::Liar) == ClaimStatus::Fallen
    });
    assert!(fallen);
    assert!(court.contracts.is_final(request).unwrap());
    for _ in 0..3 {
        let _ = (liar.tick(), accomplice.tick(), honest.tick());
    }
    court.assert_paid_nothing(Person::Honest, before);
    let spent_after = court.balance(Person::Liar) + court.balance(Person::Sybil(2));
    let bond = court.contracts.parameters().claim_bond;
    assert!(
        spent_before - spent_after
            > bond * alloy_primitives::U256::from(9) / alloy_primitives::U256::from(10)
    );
}

#[test]
fn what_is_no_dissection_is_refused() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let mut honest = court.proposer(Person::Honest, court.runs(Person::Honest));
    honest.tick().unwrap();
    let claim = court.claim_of(request, Person::Honest);
    let other = StateHash::new([9; 32]);
    let with = |ends: Vec<StateHash>, degree| {
        let cut = Dissection::new((0, claim.length), claim.start, ends, degree).unwrap();
        court.refused(Person::Liar, &court.contracts.challenge(&claim, &cut))
    };
    assert!(with(vec![other; 64], 64).is_none(), "a lie is a move");
    assert!(with(vec![other; 63], 63).is_some(), "too few segments");
    assert!(with(vec![other; 65], 65).is_some(), "too many segments");
    assert!(with(vec![claim.end; 64], 64).is_some(), "the same end");
    let unknown = enshrine_disputes::Claim {
        salt: B256::with_last_byte(1),
        ..claim
    };
    let cut = Dissection::new((0, claim.length), claim.start, vec![other; 64], 64).unwrap();
    let call = court.contracts.challenge(&unknown, &cut);
    assert!(
        court.refused(Person::Liar, &call).is_some(),
        "no such claim"
    );
}

#[test]
fn who_has_lost_a_claim_has_no_games_about_it_any_more() {
    let court = Court::new();
    let request = court.ask(court.add_model(DIGITS), SEVEN, FUEL);
    let mut late = court.proposer(Person::Honest, court.runs(Person::Honest));
    late.tick().unwrap();
    let claim = court.claim_of(request, Person::Honest);
    for sybil in 0..2_u8 {
        let ends = vec![StateHash::new([sybil; 32]); 64];
        let first = Dissection::new((0, claim.length), claim.start, ends, 64).unwrap();
        let call = court.contracts.challenge(&claim, &first);
        court.send(Person::Sybil(sybil), "challenge", &call);
    }
    court.chain.pass(DEVNET_LONGEST);
    assert_eq!(late.tick().unwrap().games, 2);
    let game = court.game_about(&claim, Person::Sybil(0));
    let call = court.contracts.time_out(game);
    court.send(Person::Sybil(0), "late", &call);
    assert_eq!(court.status(request, Person::Honest), ClaimStatus::Fallen);
    // The other game waits to be collected, by the other.
    assert_eq!(late.tick().unwrap().games, 0);
}
