//! Oracles that lie, by name. Honest players are tested against them, and `enshrine demo --dispute` shows one.

use alloy_primitives::keccak256;
use enshrine_primitives::BlobRoot;
use enshrine_prover::{
    StateHash, StepProof, Terminal, TraceError,
    game::{Dissection, Witness},
};
use std::sync::Arc;

use crate::{
    error::DisputeError,
    oracle::{Ending, Job, Oracle},
};

/// What a liar says of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A byte of the output is another.
    WrongOutput,
    /// A step more was taken.
    WrongFuel,
    /// A run that finishes fails.
    ClaimedFailure,
    /// A run that fails finishes with an empty output.
    ClaimedSuccess,
    /// It is the run of another model.
    WrongModel(BlobRoot),
    /// It is the run on another input.
    WrongInput(Arc<[u8]>),
}

/// An oracle that lies.
#[derive(Debug)]
pub struct Liar<O> {
    truth: O,
    fault: Fault,
    /// First step after which states are told wrong, if the run itself is not another one.
    from: u64,
}

impl<O: Oracle> Liar<O> {
    /// Says of each run what `fault` says, and wrong states after step `from`.
    pub const fn new(truth: O, fault: Fault, from: u64) -> Self {
        Self { truth, fault, from }
    }

    /// The run that is told of.
    fn told(&self, job: &Job) -> Job {
        match &self.fault {
            Fault::WrongModel(model) => Job {
                model: *model,
                start: other(job.start),
                ..job.clone()
            },
            Fault::WrongInput(input) => Job {
                input: Arc::clone(input),
                start: other(job.start),
                ..job.clone()
            },
            _ => job.clone(),
        }
    }
}

impl<O: Oracle> Oracle for Liar<O> {
    fn ending(&mut self, job: &Job) -> Result<Ending, DisputeError> {
        let mut ending = self.truth.ending(&self.told(job))?;
        match (&self.fault, &mut ending.result) {
            (Fault::WrongOutput, Terminal::Finished { output_root, .. }) => {
                if let Some(byte) = ending.output.first_mut() {
                    *byte ^= 1;
                }
                let root = enshrine_primitives::blob_root(&ending.output);
                *output_root = root.unwrap_or(BlobRoot::new([1; 32]));
            }
            (Fault::WrongFuel, Terminal::Finished { fuel_left, .. }) => *fuel_left ^= 1,
            (Fault::ClaimedFailure, result) => *result = Terminal::Failed,
            (Fault::ClaimedSuccess, result) => {
                *result = Terminal::Finished {
                    status: 0,
                    output_root: BlobRoot::new([0; 32]),
                    load_fuel_left: 1,
                    fuel_left: 1,
                };
            }
            _ => {}
        }
        Ok(ending)
    }

    fn witness(&mut self, job: &Job) -> Result<Box<dyn Witness + '_>, DisputeError> {
        let told = self.told(job);
        if told.start != job.start {
            return self.truth.witness(&told);
        }
        let end = self.ending(job)?.result.hash();
        let true_end = self.truth.ending(job)?.result.hash();
        let truth = self.truth.witness(job)?;
        let from = self.from;
        Ok(Box::new(Teller {
            truth,
            from,
            true_end,
            end,
        }))
    }
}

/// Tells wrong states from a step on.
struct Teller<'a> {
    truth: Box<dyn Witness + 'a>,
    from: u64,
    true_end: StateHash,
    end: StateHash,
}

impl Teller<'_> {
    fn tell(&self, step: u64, truth: StateHash) -> StateHash {
        if step <= self.from {
            truth
        } else if truth == self.true_end {
            self.end
        } else {
            other(truth)
        }
    }
}

impl Witness for Teller<'_> {
    fn state_hash(&mut self, step: u64) -> Result<StateHash, TraceError> {
        let truth = self.truth.state_hash(step)?;
        Ok(self.tell(step, truth))
    }

    fn dissect(&mut self, from: u64, to: u64, parts: u64) -> Result<Vec<StateHash>, TraceError> {
        let truth = self.truth.dissect(from, to, parts)?;
        let cut = Dissection::new((from, to - from), self.end, truth.clone(), parts);
        let cut = cut.expect("as many states as parts");
        let told = truth.iter().enumerate();
        let told = told.map(|(index, truth)| self.tell(cut.segment(index).end, *truth));
        Ok(told.collect())
    }

    fn prove(&mut self, step: u64) -> Result<StepProof, TraceError> {
        self.truth.prove(step)
    }
}

/// A state that no run has.
fn other(state: StateHash) -> StateHash {
    let told = [&b"a lie"[..], state.as_bytes()].concat();
    StateHash::new(keccak256(told).0)
}
