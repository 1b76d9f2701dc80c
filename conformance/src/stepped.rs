//! The step machine beside the others: each step proved, each proof verified, the end compared with the naive machine.

use std::{collections::HashMap, sync::Arc};

use enshrine_prover::{
    EXIT, Machine, Proof, RECORD_BYTES, StateHash, Subject, Terminal, verify_step,
};
use enshrine_runtime::{
    Fuel,
    isa::{Family, Word, family, op, operand_count},
    program::Program,
    trace::{Checkpoint, Frame},
};

use crate::{
    differential::{Answer, Finding},
    naive::{self, Blobs, Failed},
};

const WHO: &str = "step machine";

/// Most bytes of a proof of this word, by docs/proof-format.md.
fn most_bytes(word: Word) -> usize {
    const HEAD: usize = 1 + RECORD_BYTES + 32 + path(24);
    const POP: usize = 48;
    const VALUE: usize = 16 + path(16);
    const LEAF: usize = 32 + path(27);
    const PAGE: usize = 32 + path(20);
    const fn path(siblings: usize) -> usize {
        4 + 32 * siblings
    }
    HEAD + match (word.opcode, family(word.opcode)) {
        (op::RETURN, _) => 68,
        (op::CALL_INDIRECT, _) => POP + 32 + path(16),
        (op::BLOB_LEN, _) => POP + 40,
        (op::BLOB_PAGE, _) => 3 * POP + 8 + 2 * PAGE,
        (op::OUTPUT | op::MEMORY_FILL, _) => 3 * POP + 2 * LEAF,
        (op::MEMORY_COPY, _) => 3 * POP + 4 * LEAF,
        (op::MEMORY_INIT, _) => 4 * POP + 4 * LEAF,
        (op::DROP | op::SELECT, _) => 3 * POP,
        (_, Some(Family::Stack)) => POP + VALUE,
        (_, Some(Family::Memory | Family::SimdMemory)) => 2 * POP + 2 * LEAF,
        (_, Some(Family::Control | Family::Reserved) | None) => POP,
        _ => 3 * POP,
    }
}

/// A step whose proof was made and verified.
#[derive(Clone, Copy, Debug)]
pub struct ProvedStep<'s> {
    /// The word; nothing if `pc` is outside the code.
    pub word: Option<Word>,
    /// What the word pops by its signature, lowest first; fewer if the stack has no more.
    pub operands: &'s [u128],
    /// What is on top of the stack behind the step, if the run goes on.
    pub top: Option<u128>,
    /// How the run ended, if the step ended it.
    pub terminal: Option<Terminal>,
    /// Hash of the state before.
    pub before: StateHash,
    /// The proof.
    pub proof: &'s Proof,
    /// Hash of the state after.
    pub after: StateHash,
}

/// Who is shown every step that is proved.
pub trait Observer: std::fmt::Debug + Send + Sync {
    /// Takes note of a step.
    ///
    /// # Errors
    /// Says what is wrong with it; the run is given up then.
    fn proved(&self, step: &ProvedStep<'_>) -> Result<(), String>;

    /// Whether a step behind those that are proved in any case is to be proved too, given its word and operands.
    fn wants(&self, _word: Option<Word>, _operands: &[u128]) -> bool {
        false
    }
}

/// A step machine that functions are called in.
#[derive(Clone, Debug)]
pub struct Stepped {
    machine: Machine,
    /// Steps of each call that are proved; of the rest, those that the observer wants.
    proved: u64,
    observer: Option<Arc<dyn Observer>>,
}

/// Hashes of the states of a call, by fuel left.
#[derive(Clone, Debug)]
pub struct Hashes {
    subject: Arc<Subject>,
    by_fuel: HashMap<u64, StateHash>,
}

impl Hashes {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.by_fuel.len() as u64
    }

    /// The step machine's hash where a checkpoint is, and the checkpoint's, if the step was proved.
    pub fn at(&self, checkpoint: &Checkpoint<'_>) -> Option<(StateHash, StateHash)> {
        let expected = *self.by_fuel.get(&checkpoint.fuel_left)?;
        // The step machine has the bootstrap's frame below.
        let bootstrap = Frame {
            return_pc: 0,
            locals: Vec::new(),
        };
        let frames = std::iter::once(bootstrap).chain(checkpoint.frames.iter().cloned());
        let checkpoint = Checkpoint {
            frames: frames.collect(),
            stack: checkpoint.stack.clone(),
            globals: checkpoint.globals.clone(),
            ..*checkpoint
        };
        let mut machine = Machine::at_checkpoint(Arc::clone(&self.subject), &checkpoint, 0, None);
        Some((expected, machine.hash()))
    }
}

impl Stepped {
    /// A machine in the program's initial state that proves the first `proved` steps of each call and what the observer wants of
    /// the rest, and shows them to it.
    ///
    /// # Errors
    /// [`Finding::Differs`] if a blob is too large.
    pub fn new(
        program: Arc<Program>,
        blobs: &Blobs,
        proved: u64,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Self, Finding> {
        let subject = Subject::new(program, blobs.model.clone(), blobs.input.clone())
            .map_err(|error| Finding::differs(WHO, "", "blobs", "fit", error))?;
        Ok(Self {
            machine: Machine::new(Arc::new(subject), Fuel::from(0)),
            proved,
            observer,
        })
    }

    /// Calls the function at word `entry`, and compares with what the naive machine answered. Hashes of the states whose steps were proved.
    ///
    /// # Errors
    /// [`Finding::Differs`] at the first proof or result that is not as it should be.
    pub fn call(
        &mut self,
        name: &str,
        entry: u32,
        (args, fuel): (&[u128], u64),
        answer: &Answer,
    ) -> Result<Hashes, Finding> {
        self.machine.enter(entry, args, fuel);
        let mut by_fuel = HashMap::new();
        let mut steps = 0;
        while !self.is_over() {
            if steps < self.proved || self.is_wanted() {
                let fuel_left = self.machine.registers().fuel_left;
                by_fuel.insert(fuel_left, self.prove(name)?);
            } else {
                self.machine.step();
            }
            steps += 1;
        }
        let got = match self.machine.terminal() {
            None => Answer::Returned {
                results: self.machine.stack().to_vec(),
                steps: fuel - self.machine.registers().fuel_left,
            },
            // The machine does not say why.
            Some(Terminal::Failed) => match answer {
                Answer::Failed(_) => answer.clone(),
                Answer::Returned { .. } => Answer::Failed(Failed::Trap),
            },
            Some(finished) => {
                return Err(Finding::differs(WHO, name, "outcome", answer, finished));
            }
        };
        if got != *answer {
            return Err(Finding::differs(WHO, name, "answer", answer, got));
        }
        let subject = Arc::clone(self.machine.subject());
        Ok(Hashes { subject, by_fuel })
    }

    fn is_over(&self) -> bool {
        self.machine.terminal().is_some() || self.machine.registers().pc == EXIT
    }

    fn is_wanted(&self) -> bool {
        self.observer.as_ref().is_some_and(|observer| {
            let word = self.machine.next_word().copied();
            observer.wants(word, &self.operands(word))
        })
    }

    /// One step: the proof made on live state must verify, and lead to the live state's hash. The hash before.
    fn prove(&mut self, name: &str) -> Result<StateHash, Finding> {
        let word = self.machine.next_word().copied();
        let operands = self.operands(word);
        let before = self.machine.hash();
        let proof = Proof::of_step(&mut self.machine);
        let after = self.machine.hash();
        let (most, size) = (most_bytes(word.unwrap_or_default()), proof.as_bytes().len());
        if size > most {
            return Err(Finding::differs(
                WHO,
                name,
                "size of a proof",
                most,
                (word, size),
            ));
        }
        match verify_step(before, &proof) {
            Ok(got) if got == after => {}
            got => {
                return Err(Finding::differs(
                    WHO,
                    name,
                    "a step's proof",
                    (word, after),
                    got,
                ));
            }
        }
        let terminal = self.machine.terminal();
        let top = self.machine.stack().last().copied();
        self.show(
            name,
            &ProvedStep {
                word,
                operands: &operands,
                top: top.filter(|_| terminal.is_none()),
                terminal,
                before,
                proof: &proof,
                after,
            },
        )?;
        Ok(before)
    }

    /// What the next step pops, as far as it is there.
    fn operands(&self, word: Option<Word>) -> Vec<u128> {
        let count = word.map_or(0, |word| operand_count(word.opcode).into());
        let stack = self.machine.stack();
        stack[stack.len().saturating_sub(count)..].to_vec()
    }

    fn show(&self, name: &str, step: &ProvedStep<'_>) -> Result<(), Finding> {
        let Some(observer) = &self.observer else {
            return Ok(());
        };
        observer.proved(step).map_err(|reason| Finding::Observed {
            export: name.to_owned(),
            reason,
        })
    }

    /// Compares memory and globals with the naive machine's.
    ///
    /// # Errors
    /// [`Finding::Differs`] if they do.
    pub fn same_state(&self, name: &str, naive: &naive::Machine) -> Result<(), Finding> {
        let (expected, _) = naive.memory().as_chunks::<4096>();
        let pages = self.machine.memory().pages();
        if expected.len() != pages.len() {
            let (expected, got) = (expected.len(), pages.len());
            return Err(Finding::differs(
                WHO,
                name,
                "pages of memory",
                expected,
                got,
            ));
        }
        let mut both = expected.iter().zip(pages);
        if let Some(page) = both.position(|(expected, got)| expected != got) {
            return Err(Finding::differs(WHO, name, "memory page", "equal", page));
        }
        let globals = (0..)
            .map_while(|index| naive.global(index))
            .collect::<Vec<_>>();
        if globals != self.machine.globals() {
            let got = self.machine.globals();
            return Err(Finding::differs(WHO, name, "globals", globals, got));
        }
        Ok(())
    }
}
