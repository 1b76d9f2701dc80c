//! Each fault against an honest player.

use enshrine_disputes::{
    ClaimStatus, Oracle, RequestId,
    faults::{Fault, Liar},
};
use enshrine_runtime::Fuel;

use crate::court::{Court, Person};

const DIGITS: &[u8] = include_bytes!("../../../models/digits-cnn/model.onnx");
const SEVEN: &[u8] = include_bytes!("../../../models/samples/digit-7.bin");

/// Enough for both phases of the digits model.
const FUEL: Fuel = Fuel {
    load: 1 << 25,
    infer: 1 << 25,
};

fn asked() -> (Court, RequestId) {
    let court = Court::new();
    let model = court.add_model(DIGITS);
    let request = court.ask(model, SEVEN, FUEL);
    (court, request)
}

/// A liar answers; an honest challenger plays to the end. The claim falls.
fn liar_answers(fault: Fault, from: u64) {
    let (court, request) = asked();
    let mut liar = court.proposer(
        Person::Liar,
        Liar::new(court.runs(Person::Liar), fault, from),
    );
    let mut honest = court.challenger(Person::Honest, court.runs(Person::Honest));
    let before = court.balance(Person::Honest);
    let start = court.now();
    let mut status = ClaimStatus::None;
    for _ in 0..40 {
        liar.tick().unwrap();
        let tick = honest.tick().unwrap();
        assert!(tick.errors.is_empty(), "{:?}", tick.errors);
        court.chain.pass(20);
        let claims = court.claims(request);
        assert_eq!(claims.len(), 1, "the liar answers once");
        status = claims[0].1.status;
        if status == ClaimStatus::Fallen {
            break;
        }
    }
    assert_eq!(status, ClaimStatus::Fallen);
    honest.tick().unwrap();
    assert!(court.now() - start <= 300 + 60 + 2 * 300 + 100);
    let after = court.balance(Person::Honest);
    assert!(
        after >= before,
        "the honest player has paid {}",
        before - after
    );
}

#[test]
fn a_wrong_output_falls() {
    liar_answers(Fault::WrongOutput, 20_000_000);
}
