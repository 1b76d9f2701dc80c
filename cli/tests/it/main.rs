//! The built command, as a user drives it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod check;
mod contracts;
mod models;
mod run;
mod support;
