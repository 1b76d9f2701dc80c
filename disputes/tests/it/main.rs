//! Players against each other, on a chain in this process.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod court;
mod games;
