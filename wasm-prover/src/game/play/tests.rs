use super::*;
use crate::state::keccak;

const DEGREE: u64 = 64;

/// A run whose states are numbers, as far as its teller is honest.
struct Teller {
    /// First step whose state is told wrong.
    lie: u64,
    /// Whether the lies of two tellers differ.
    name: u8,
}

impl Teller {
    fn state(&self, step: u64) -> StateHash {
        let name = if step < self.lie { 0 } else { self.name };
        StateHash::new(keccak(&[&[name], &step.to_be_bytes()]))
    }
}

impl Witness for Teller {
    fn state_hash(&mut self, step: u64) -> Result<StateHash, TraceError> {
        Ok(self.state(step))
    }

    fn dissect(&mut self, from: u64, to: u64, parts: u64) -> Result<Vec<StateHash>, TraceError> {
        let end = |part| {
            let offset = u128::from(to - from) * u128::from(part) / u128::from(parts);
            from + u64::try_from(offset).expect("within the range")
        };
        Ok((1..=parts).map(|part| self.state(end(part))).collect())
    }

    fn prove(&mut self, step: u64) -> Result<StepProof, TraceError> {
        Ok(StepProof {
            step,
            word: None,
            before: self.state(step),
            after: self.state(step + 1),
            proof: Proof::new(step.to_be_bytes().to_vec()),
        })
    }
}

const HONEST: Teller = Teller {
    lie: u64::MAX,
    name: 0,
};

/// Plays until somebody proves a step: whether the defender did, which step, and how many moves there were.
fn play(length: u64, mut defender: Teller, mut challenger: Teller) -> (bool, u64, usize) {
    let end = defender.state(length);
    let first = first_move(&mut challenger, (HONEST.state(0), end), length, DEGREE)
        .expect("a teller always answers");
    let mut last = first.expect("the players differ");
    for moves in 1.. {
        let defends = moves % 2 == 1;
        let mover = if defends {
            &mut defender
        } else {
            &mut challenger
        };
        let answer = answer(mover, &last, DEGREE).expect("a teller always answers");
        match answer.expect("there is something to reject") {
            Move::Prove { rejected, .. } => {
                let steps = last.segment(usize::try_from(rejected.index).expect("small"));
                return (defends, steps.start, moves);
            }
            Move::Dissect {
                rejected,
                dissection,
            } => {
                assert!(
                    dissection.range().1 < last.range().1,
                    "ranges become shorter"
                );
                assert_ne!(dissection.ends().last(), Some(&rejected.to));
                last = dissection;
            }
        }
    }
    unreachable!("ranges become shorter")
}

#[test]
fn a_game_ends_at_the_first_wrong_step() {
    for length in [1, 2, 64, 65, 4_097, 1 << 40] {
        for lie in [1, length / 3 + 1, length] {
            for honest_defends in [true, false] {
                let liar = Teller { lie, name: 1 };
                let (defender, challenger) = if honest_defends {
                    (HONEST, liar)
                } else {
                    (liar, HONEST)
                };
                let (_, step, moves) = play(length, defender, challenger);
                assert_eq!(step, lie - 1, "of {length} steps");
                assert!(moves <= 8, "{moves} moves for {length} steps");
            }
        }
    }
}

#[test]
fn two_liars_end_where_the_first_of_them_lies() {
    let (first, second) = (Teller { lie: 700, name: 1 }, Teller { lie: 900, name: 2 });
    let (_, step, _) = play(1 << 20, first, second);
    assert_eq!(step, 699);
}

#[test]
fn a_right_claim_is_not_challenged() {
    let end = HONEST.state(1_000);
    let first = first_move(&mut { HONEST }, (HONEST.state(0), end), 1_000, DEGREE)
        .expect("a teller always answers");
    assert_eq!(first, None);
}

#[test]
fn a_right_move_has_no_answer() {
    let cut =
        cut(&mut { HONEST }, HONEST.state(0), 0..1_000, DEGREE).expect("a teller always answers");
    let answer = answer(&mut { HONEST }, &cut, DEGREE).expect("a teller always answers");
    assert_eq!(answer, None);
}
