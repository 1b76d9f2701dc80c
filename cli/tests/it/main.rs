//! The built command, as a user drives it.

mod check;
mod contracts;
mod models;
mod run;
mod support;
