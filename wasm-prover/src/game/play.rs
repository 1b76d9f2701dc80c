//! Which move is right.

use std::ops::Range;

use crate::{Proof, StateHash, StepProof, Trace, TraceError};

use super::{Dissection, Rejection};

/// One who says what the states of a run are. An honest player asks a [`Trace`].
pub trait Witness {
    /// Hash of the state after `step` steps.
    ///
    /// # Errors
    /// [`TraceError`] if this host cannot say.
    fn state_hash(&mut self, step: u64) -> Result<StateHash, TraceError>;

    /// Hashes at the ends of `parts` parts of the steps from `from` to `to`, cut as [`Dissection`] cuts them.
    ///
    /// # Errors
    /// [`TraceError`] if this host cannot say.
    fn dissect(&mut self, from: u64, to: u64, parts: u64) -> Result<Vec<StateHash>, TraceError>;

    /// Proof of one step.
    ///
    /// # Errors
    /// [`TraceError`] if this host cannot say.
    fn prove(&mut self, step: u64) -> Result<StepProof, TraceError>;
}

impl<W: Witness + ?Sized> Witness for &mut W {
    fn state_hash(&mut self, step: u64) -> Result<StateHash, TraceError> {
        (**self).state_hash(step)
    }

    fn dissect(&mut self, from: u64, to: u64, parts: u64) -> Result<Vec<StateHash>, TraceError> {
        (**self).dissect(from, to, parts)
    }

    fn prove(&mut self, step: u64) -> Result<StepProof, TraceError> {
        (**self).prove(step)
    }
}

impl Witness for Trace {
    fn state_hash(&mut self, step: u64) -> Result<StateHash, TraceError> {
        Self::state_hash(self, step)
    }

    fn dissect(&mut self, from: u64, to: u64, parts: u64) -> Result<Vec<StateHash>, TraceError> {
        Self::dissect(self, from, to, parts)
    }

    fn prove(&mut self, step: u64) -> Result<StepProof, TraceError> {
        Self::prove(self, step)
    }
}

/// An answer to the other player's last move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Reject a segment and cut it again.
    Dissect {
        /// The segment.
        rejected: Rejection,
        /// The segment cut.
        dissection: Dissection,
    },
    /// Reject a step and prove where it leads.
    Prove {
        /// The step.
        rejected: Rejection,
        /// Proof for the referee.
        proof: Proof,
    },
}

/// The first move against a claim that a run of `length` steps leads from `start` to `end`; none if it does.
///
/// # Errors
/// [`TraceError`] if this host cannot say what the run's states are.
pub fn first_move(
    witness: &mut dyn Witness,
    (start, end): (StateHash, StateHash),
    length: u64,
    degree: u64,
) -> Result<Option<Dissection>, TraceError> {
    if witness.state_hash(length)? == end {
        return Ok(None);
    }
    cut(witness, start, 0..length, degree).map(Some)
}

/// The right answer to a move: against its first segment whose end is wrong. There is none if all are right.
///
/// # Errors
/// [`TraceError`] if this host cannot say what the run's states are.
pub fn answer(
    witness: &mut dyn Witness,
    theirs: &Dissection,
    degree: u64,
) -> Result<Option<Move>, TraceError> {
    let Some(index) = first_wrong(witness, theirs)? else {
        return Ok(None);
    };
    let rejected = theirs.reject(index).expect("one of its segments");
    let steps = theirs.segment(index);
    if steps.end - steps.start == 1 {
        let proof = witness.prove(steps.start)?.proof;
        return Ok(Some(Move::Prove { rejected, proof }));
    }
    let dissection = cut(witness, rejected.from, steps, degree)?;
    Ok(Some(Move::Dissect {
        rejected,
        dissection,
    }))
}

fn first_wrong(
    witness: &mut dyn Witness,
    theirs: &Dissection,
) -> Result<Option<usize>, TraceError> {
    let (start, length) = theirs.range();
    let parts = theirs.ends().len() as u64;
    let ours = witness.dissect(start, start + length, parts)?;
    Ok(ours
        .iter()
        .zip(theirs.ends())
        .position(|(our, their)| our != their))
}

fn cut(
    witness: &mut dyn Witness,
    from: StateHash,
    steps: Range<u64>,
    degree: u64,
) -> Result<Dissection, TraceError> {
    let Range { start, end } = steps;
    let length = end - start;
    let ends = witness.dissect(start, end, Dissection::parts(length, degree))?;
    let cut = Dissection::new((start, length), from, ends, degree);
    Ok(cut.expect("as many ends as parts were asked for"))
}

#[cfg(test)]
mod tests;
