//! Proofs of one step.

use crate::{
    Machine,
    record::Recorder,
    replay::{Replay, WitnessError},
    state::{FINISHED_BYTES, RECORD_BYTES, Record, StateHash, Terminal},
    step::step,
};

/// First byte of a proof: what the state before the step is.
mod kind {
    pub(super) const FAILED: u8 = 0;
    pub(super) const FINISHED: u8 = 1;
    pub(super) const RUNNING: u8 = 2;
}

/// Why bytes prove nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The first byte is none of the three.
    #[error("expected a proof that begins with 0, 1 or 2, got {got:?}")]
    Kind {
        /// The byte, if there is one.
        got: Option<u8>,
    },
    /// The proof is too short for the state before the step.
    #[error("expected {expected} bytes of the state before the step, got {got}")]
    State {
        /// Size of such a state.
        expected: usize,
        /// Bytes there are.
        got: usize,
    },
    /// The proof is about another state.
    #[error("expected a proof from the state {expected}, got one from {got}")]
    Before {
        /// State that was asked about.
        expected: StateHash,
        /// State in the proof.
        got: StateHash,
    },
    /// The witness behind the state is not what the step needs.
    #[error(transparent)]
    Witness(#[from] WitnessError),
}

/// A canonical proof of one step, from a state to the next.
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 1 | 0 failed, 1 finished, 2 running |
/// | 1 | 0, 52 or 396 | the state: nothing, the fields of [`Terminal::Finished`], an encoded [`Record`] |
/// | 397 | the rest | of a running state: the witness, in the order of the step's accesses |
///
/// docs/proof-format.md says what the witness of each instruction is. There is no length to give, and none is free:
/// the step consumes every byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proof(Vec<u8>);

impl Proof {
    /// A proof with these bytes, to be verified.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes `machine` one step further and proves it.
    pub fn of_step(machine: &mut Machine) -> Self {
        let mut bytes = Vec::new();
        match machine.terminal() {
            Some(Terminal::Failed) => bytes.push(kind::FAILED),
            Some(finished) => {
                bytes.push(kind::FINISHED);
                bytes.extend(finished.encode().iter().flatten());
            }
            None => {
                bytes.push(kind::RUNNING);
                bytes.extend(machine.record().encode());
                record_step(machine, &mut bytes);
            }
        }
        Self(bytes)
    }
}

fn record_step(machine: &mut Machine, bytes: &mut Vec<u8>) {
    let mut recorder = Recorder {
        machine,
        witness: std::mem::take(bytes),
    };
    let Ok(terminal) = step(&mut recorder);
    *bytes = recorder.witness;
    if let Some(terminal) = terminal {
        machine.end(terminal);
    }
}

/// Holds `proof` against the state before the step; the state after it.
///
/// # Errors
/// [`ProofError`] if the proof is about another state, or any byte of it is not as the step needs it.
///
/// ```
/// use enshrine_prover::{Proof, Terminal, verify_step};
///
/// let failed = Terminal::Failed.hash();
/// let proof = Proof::new(vec![0]);
/// assert_eq!(verify_step(failed, &proof)?, failed);
/// # Ok::<(), enshrine_prover::ProofError>(())
/// ```
pub fn verify_step(before: StateHash, proof: &Proof) -> Result<StateHash, ProofError> {
    let Some((kind, rest)) = proof.0.split_first() else {
        return Err(ProofError::Kind { got: None });
    };
    match *kind {
        kind::FAILED => verify_terminal(before, Terminal::Failed, rest),
        kind::FINISHED => {
            let (fields, rest) = state_bytes::<FINISHED_BYTES>(rest)?;
            verify_terminal(before, Terminal::decode_finished(fields), rest)
        }
        kind::RUNNING => {
            let (fields, witness) = state_bytes::<RECORD_BYTES>(rest)?;
            verify_running(before, Record::decode(fields), witness)
        }
        other => Err(ProofError::Kind { got: Some(other) }),
    }
}

fn state_bytes<const N: usize>(bytes: &[u8]) -> Result<(&[u8; N], &[u8]), ProofError> {
    bytes.split_first_chunk().ok_or(ProofError::State {
        expected: N,
        got: bytes.len(),
    })
}

fn check_before(expected: StateHash, got: StateHash) -> Result<(), ProofError> {
    if got == expected {
        return Ok(());
    }
    Err(ProofError::Before { expected, got })
}

/// A terminal state is followed by itself.
fn verify_terminal(
    before: StateHash,
    terminal: Terminal,
    rest: &[u8],
) -> Result<StateHash, ProofError> {
    check_before(before, terminal.hash())?;
    match rest.len() {
        0 => Ok(before),
        got => Err(WitnessError::Long { got }.into()),
    }
}

fn verify_running(
    before: StateHash,
    record: Record,
    witness: &[u8],
) -> Result<StateHash, ProofError> {
    check_before(before, record.hash())?;
    let mut replay = Replay::new(record, witness);
    let terminal = step(&mut replay)?;
    let after = replay.finish()?;
    Ok(terminal.map_or_else(|| after.hash(), |terminal| terminal.hash()))
}
