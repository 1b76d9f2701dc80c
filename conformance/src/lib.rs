#![doc = include_str!("../README.md")]

pub mod differential;
pub mod naive;
pub mod script;
mod seeded;
pub mod stepped;
pub mod traced;
mod values;

pub use seeded::seeded;
