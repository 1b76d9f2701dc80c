//! The game about a claim, as its players see it: what a move is, and which move is right.
//!
//! A claim says in which state a run is after its last step. Who knows better *dissects* the run: names the states between
//! segments of it, the last another than the claim's. From then on both in turn *reject* a segment of the other's last move, the
//! first whose end is wrong, and dissect it again; a single step is proved instead. `l1-contracts/src/dispute/MachineGame.sol`
//! is the referee.

mod dissection;
mod play;

pub use dissection::{Dissection, DissectionError, DissectionHash, Rejection};
pub use play::{Move, Witness, answer, first_move};
