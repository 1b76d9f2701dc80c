#![doc = include_str!("../README.md")]

pub mod differential;
pub mod naive;
pub mod script;
pub mod stepped;
mod values;
